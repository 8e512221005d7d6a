//! `/device`: the code that a device without a keyboard shows, where Ory Hydra asks for it (RFC
//! 8628).

use leptos::prelude::*;

use crate::destination::Destination;
use crate::error::Error;
use crate::hydra::{self, DEVICE_CHALLENGE, Fault};
use crate::hypermedia::{Fragment, Reply, frame};
use crate::kratos::Submission;
use crate::limit::Limit;
use crate::ui::{DeviceCode, Draw, Panel, Problem, Screen, Told, device_code, form_around};
use crate::visit::{Flash, Visit};

const ACTION: &str = "/fragments/device";
const USER_CODE: &str = "user_code";
/// No device shows a longer code.
const MAX_CODE: usize = 64;

/// The page `/device`. With `user_code` the device itself has led here, and the person compares the
/// code.
///
/// # Errors
/// [`Error::NotFound`] without Hydra, [`Error::ApplicationLost`] without a challenge.
pub async fn open(visit: Visit) -> Result<Reply, Error> {
    visit.hydra().ok_or(Error::NotFound)?;
    let challenge = visit.parameter(DEVICE_CHALLENGE);
    let challenge = challenge.ok_or(Error::ApplicationLost)?;
    let code = visit.parameter(USER_CODE).filter(|it| it.len() <= MAX_CODE);
    let flash = visit.take_flash();
    let screen = screen(&visit, challenge, code, flash);
    Ok(Reply::show(screen, here(challenge, code)))
}

/// The page `/device/done`, where Hydra leads to in the end.
///
/// # Errors
/// [`Error::NotFound`] without Hydra.
pub async fn done(visit: Visit) -> Result<Reply, Error> {
    visit.hydra().ok_or(Error::NotFound)?;
    let texts = frame(&visit).texts;
    let body = view! { <p>{texts.say("device-done-lead")}</p> };
    let screen = Panel::new(texts.say("device-done"), body.html()).into_screen(texts);
    Ok(Reply::show(
        screen,
        Destination::Own("/device/done".to_owned()),
    ))
}

/// The button of the page.
#[server(prefix = "/fragments", endpoint = "device", protocol = Fragment)]
pub async fn submit_device(form: Submission) -> Result<Reply, Error> {
    let visit = Visit::current()?;
    let hydra = visit.hydra().ok_or(Error::NotFound)?;
    let challenge = form.get(DEVICE_CHALLENGE).ok_or(Error::BadRequest)?;
    // A code is short enough to be guessed.
    visit.count_here(Limit::Attempts)?;
    let typed = form.get(USER_CODE).filter(|it| it.len() <= MAX_CODE);
    let wrong = match typed.map(plain).filter(|code| !code.is_empty()) {
        None => Flash::Missing,
        Some(code) => match accept(hydra, challenge, &code).await {
            Ok(to) => return Ok(Reply::go(Destination::Outside(to))),
            Err(Fault::Refused) => Flash::DeviceCodeWrong,
            Err(fault) => return Err(fault.into()),
        },
    };
    let screen = screen(&visit, challenge, typed, Some(wrong));
    Ok(Reply::show_saying(
        screen,
        here(challenge, typed),
        Some(wrong),
    ))
}

/// Hydra's codes have no blanks and no hyphens. Their case counts, and some operators have them in
/// capitals only.
async fn accept(hydra: &hydra::Client, challenge: &str, code: &str) -> Result<url::Url, Fault> {
    let capitals = code.to_ascii_uppercase();
    match hydra.accept_device(challenge, code).await {
        Err(Fault::Refused) if capitals != code => hydra.accept_device(challenge, &capitals).await,
        answer => answer,
    }
}

fn plain(typed: &str) -> String {
    let is_kept = |it: &char| !it.is_whitespace() && *it != '-';
    typed.chars().filter(is_kept).collect()
}

fn here(challenge: &str, code: Option<&str>) -> Destination {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair(DEVICE_CHALLENGE, challenge)
        .extend_pairs(code.map(|code| (USER_CODE, code)))
        .finish();
    Destination::Own(format!("/device?{query}"))
}

fn screen(visit: &Visit, challenge: &str, code: Option<&str>, flash: Option<Flash>) -> Screen {
    let frame = frame(visit);
    let texts = frame.texts;
    let error = flash
        .filter(|flash| matches!(flash, Flash::Missing | Flash::DeviceCodeWrong))
        .map(|flash| texts.say(flash.key()));
    let problem = error.clone().map(|text| Problem {
        told: Told::ours(text),
        field: Some(USER_CODE.to_owned()),
        message: None,
    });
    let lead = match (code, &error) {
        (Some(_), None) => "device-compare",
        (Some(_), Some(_)) | (None, _) => "device-lead",
    };
    let field = DeviceCode {
        name: USER_CODE,
        label: texts.say("device-code"),
        value: code.map(str::to_owned),
        error,
    };
    let content = view! {
        <input type="hidden" name=DEVICE_CHALLENGE value=challenge.to_owned()/>
        {device_code(texts, field)}
        <button class="btn primary" type="submit">{texts.say("continue")}</button>
    };
    Panel::new(texts.say("device"), form_around(&frame, ACTION, content))
        .problems(problem.into_iter().collect())
        .lead(view! { <p>{texts.say(lead)}</p> })
        .lead(view! { <p class="hint">{texts.say("device-warning")}</p> })
        .into_screen(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_copy_it() {
        for typed in ["ABCDEFGH", " ABCD-EFGH ", "ABCD EFGH", "AB CD-EF\u{3000}GH"] {
            assert_eq!(plain(typed), "ABCDEFGH", "{typed:?}");
        }
        assert_eq!(plain(" - "), "");
    }
}
