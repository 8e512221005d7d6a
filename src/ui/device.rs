//! One row of the list of sessions: a device, as people know it, and how to sign out of it.

use leptos::prelude::*;
use woothee::parser::Parser;
use woothee::woothee::VALUE_UNKNOWN;

use crate::i18n::Texts;
use crate::kratos::{Level, MethodKind, Session, SessionId};

use super::confirm::confirm;
use super::html::{Draw, Html};
use super::layout::Frame;
use super::time::date_time;

/// No browser says more of itself; what is longer is somebody's joke.
const MAX_READ: usize = 512;
const MAX_SHOWN: usize = 120;

/// The session of the browser that asks.
pub fn this_device(frame: &Frame, session: &Session) -> impl IntoView + use<> {
    let texts = frame.texts;
    let account = session
        .identity
        .as_ref()
        .and_then(|identity| identity.account())
        .map(|account| {
            let account = view! { <bdi dir="ltr">{account.to_owned()}</bdi> };
            fact(texts.say("account"), [account.html()])
        });
    let methods: Vec<Html> = session
        .methods()
        .into_iter()
        .filter_map(method)
        .map(|key| texts.say(key).html())
        .collect();
    let how = (!methods.is_empty()).then(|| fact(texts.say("sessions-how"), methods));
    let two_step = (session.authenticator_assurance_level == Some(Level::Aal2)).then(|| {
        let done = texts.say("sessions-two-step-done");
        fact(texts.say("sessions-two-step"), [done.html()])
    });
    view! {
        <li>
            <h2>{name(texts, session)} " " <span class="badge">{texts.say("sessions-this")}</span></h2>
            {raw_name(texts, session)}
            <dl class="facts">
                {account} {place(texts, session)}
                {time(texts, "sessions-since", session.authenticated_at.as_deref())}
                {how} {two_step}
                {time(texts, "sessions-until", session.expires_at.as_deref())}
            </dl>
            <a class="btn" href=frame.at("/logout")>{texts.say("logout-submit")}</a>
        </li>
    }
}

/// A session that can be ended from here. `at`: which of them.
pub fn other_device(texts: Texts, at: usize, session: &Session) -> impl IntoView + use<> {
    let name = name(texts, session);
    let facts = format!("device-{at}");
    // Several devices may have one name: the facts tell them apart.
    let end = SessionId::parse(&session.id).map(|id| {
        let label = texts.say_with("sessions-end", &[("device", &name)]);
        let button = view! {
            <button
                class="btn danger"
                type="submit"
                name="session"
                value=id.to_string()
                aria-label=label
                aria-describedby=facts.clone()
            >
                {texts.say("logout-submit")}
            </button>
        };
        let ask =
            view! { {texts.say("logout-submit")} <span class="vh">" – " {name.clone()}</span> };
        confirm(ask, texts.say("sessions-end-what"), button)
    });
    view! {
        <li>
            <h2>{name.clone()}</h2>
            {raw_name(texts, session)}
            <dl class="facts" id=facts>
                {place(texts, session)}
                {time(texts, "sessions-since", session.authenticated_at.as_deref())}
            </dl>
            {end}
        </li>
    }
}

fn name(texts: Texts, session: &Session) -> String {
    session
        .device()
        .and_then(|device| device_name(texts, device.user_agent.as_deref()?))
        .unwrap_or_else(|| texts.say("sessions-unknown"))
}

/// What the device says of itself, where that says nothing to Genkan.
fn raw_name(texts: Texts, session: &Session) -> Option<impl IntoView + use<>> {
    let said = session.device()?.user_agent.as_deref()?;
    let text = beginning(said.trim(), MAX_SHOWN);
    (!text.is_empty() && device_name(texts, said).is_none())
        .then(|| view! { <p class="hint"><bdi dir="ltr">{text.to_owned()}</bdi></p> })
}

fn place(texts: Texts, session: &Session) -> impl IntoView + use<> {
    let device = session.device();
    let address = device.and_then(|device| device.address()).map(|address| {
        let address = view! { <bdi dir="ltr">{address.to_string()}</bdi> };
        fact(texts.say("sessions-address"), [address.html()])
    });
    let location = device.and_then(|device| device.location()).map(|location| {
        let location = view! { <bdi>{location.to_owned()}</bdi> };
        fact(texts.say("sessions-place"), [location.html()])
    });
    view! { {address} {location} }
}

fn time(texts: Texts, key: &str, at: Option<&str>) -> Option<Html> {
    let at = at?;
    let words = date_time(texts, at)?;
    let value = view! { <time datetime=at.to_owned()>{words}</time> };
    Some(fact(texts.say(key), [value.html()]))
}

fn fact(name: String, values: impl IntoIterator<Item = Html>) -> Html {
    let values: Vec<_> = values
        .into_iter()
        .map(|value| view! { <dd>{value}</dd> })
        .collect();
    view! { <div><dt>{name}</dt> {values}</div> }.html()
}

/// The key of the words for a way to sign in.
fn method(kind: MethodKind) -> Option<&'static str> {
    Some(match kind {
        MethodKind::Password => "sessions-method-password",
        MethodKind::Code => "sessions-method-code",
        MethodKind::CodeRecovery | MethodKind::LinkRecovery => "sessions-method-recovery",
        MethodKind::Oidc | MethodKind::Saml => "sessions-method-provider",
        MethodKind::Totp => "sessions-method-totp",
        MethodKind::LookupSecret => "sessions-method-lookup-secret",
        MethodKind::Webauthn => "sessions-method-webauthn",
        MethodKind::Passkey => "sessions-method-passkey",
        MethodKind::Unknown => return None,
    })
}

/// Browser and system. `None` for what is no browser, or none that is known.
fn device_name(texts: Texts, user_agent: &str) -> Option<String> {
    let found = Parser::new().parse(beginning(user_agent, MAX_READ))?;
    if found.browser_type != "browser" {
        return None;
    }
    let browser = known(found.name).and_then(|name| match name {
        "SamsungBrowser" => Some("Samsung Internet"),
        // The browser inside of some app, which people know by another name.
        "Webview" => None,
        name => Some(name),
    });
    let system = known(found.os).map(|name| match name {
        "Mac OSX" => "macOS",
        // The number stands still at 10.
        name if name.starts_with("Windows ") && !name.contains("Phone") => "Windows",
        name => name,
    });
    match (browser, system) {
        (Some(browser), Some(system)) => {
            let names = [("browser", browser), ("system", system)];
            Some(texts.say_with("sessions-device", &names))
        }
        (one, other) => one.or(other).map(str::to_owned),
    }
}

fn known(name: &str) -> Option<&str> {
    (name != VALUE_UNKNOWN && !name.is_empty()).then_some(name)
}

fn beginning(text: &str, characters: usize) -> &str {
    text.char_indices()
        .nth(characters)
        .map_or(text, |(end, _)| &text[..end])
}
