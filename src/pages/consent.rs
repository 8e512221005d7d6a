//! `/consent`: what an application may do in somebody's name, where Ory Hydra asks.

use leptos::prelude::*;
use serde_json::{Map, Value};
use strum::{EnumString, IntoStaticStr};
use url::Url;

use crate::destination::{Destination, Why};
use crate::error::Error;
use crate::hydra::{self, Application, CONSENT_CHALLENGE, Consent, Fault};
use crate::hypermedia::{Fragment, Reply, frame};
use crate::kratos::{Identity, Session, Submission};
use crate::ui::{Draw, Panel, Screen, plain_form_around, set_apart};
use crate::visit::Visit;

/// The page `/consent`.
pub async fn open(visit: Visit) -> Result<Reply, Error> {
    let hydra = visit.hydra().ok_or(Error::NotFound)?;
    let challenge = visit
        .parameter(CONSENT_CHALLENGE)
        .ok_or(Error::ApplicationLost)?;
    let here = here(challenge);
    let asked = match asked(&visit, hydra, challenge, &here).await? {
        Ok(asked) => asked,
        Err(to) => return Ok(Reply::go(to)),
    };
    if hydra.goes_without_saying(&asked.consent) {
        let claims = claims(&asked);
        let to = hydra.accept(challenge, &asked.consent, claims, true).await;
        return Ok(Reply::go(Destination::Outside(to?)));
    }
    let screen = screen(&visit, challenge, &asked);
    Ok(Reply::show(screen, Destination::Own(here)))
}

/// The buttons of the page.
#[server(prefix = "/fragments", endpoint = "consent", protocol = Fragment)]
pub async fn submit_consent(form: Submission) -> Result<Reply, Error> {
    let visit = Visit::current()?;
    let hydra = visit.hydra().ok_or(Error::NotFound)?;
    let challenge = form.get(CONSENT_CHALLENGE).ok_or(Error::BadRequest)?;
    let wish = form.get("consent_action").and_then(Wish::from_name);
    let wish = wish.ok_or(Error::BadRequest)?;
    let asked = match asked(&visit, hydra, challenge, &here(challenge)).await? {
        Ok(asked) => asked,
        Err(to) => return Ok(Reply::go(to)),
    };
    let consent = &asked.consent;
    let to = match wish {
        Wish::Accept => {
            let remember = form.get("remember").is_some();
            hydra
                .accept(challenge, consent, claims(&asked), remember)
                .await
        }
        Wish::Reject => hydra.reject(challenge, consent).await,
    };
    Ok(Reply::go(Destination::Outside(to?)))
}

/// What a button of the page asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
enum Wish {
    Accept,
    Reject,
}

impl Wish {
    fn name(self) -> &'static str {
        self.into()
    }

    fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

/// A question, and who is to answer it.
struct Asked {
    consent: Consent,
    identity: Identity,
}

/// What is asked of who is signed in, or the way to a sign-in and back.
///
/// # Errors
/// [`Error::ApplicationLost`] also where it is somebody else who is asked: only they can answer.
async fn asked(
    visit: &Visit,
    hydra: &hydra::Client,
    challenge: &str,
    here: &str,
) -> Result<Result<Asked, Destination>, Error> {
    let session: Box<Session> = match super::session(visit).await? {
        Ok(session) => session,
        Err(Destination::SignIn { why, .. }) => {
            return Ok(Err(sign_in(&visit.at(here), why)));
        }
        Err(to) => return Ok(Err(to)),
    };
    let consent = match hydra.consent(challenge).await {
        Ok(consent) => consent,
        Err(Fault::Used(Some(to))) => return Ok(Err(Destination::Outside(to))),
        Err(fault) => return Err(fault.into()),
    };
    let identity = session.identity.ok_or(Error::KratosBroken)?;
    if identity.id == consent.subject {
        Ok(Ok(Asked { consent, identity }))
    } else {
        visit.name_application(consent.client.name());
        Err(Error::ApplicationLost)
    }
}

fn sign_in(here: &str, why: Why) -> Destination {
    Destination::SignIn {
        return_to: here.to_owned(),
        why,
    }
}

/// This page, for somebody who comes back to it.
fn here(challenge: &str) -> String {
    format!("/consent?{}", query(challenge))
}

fn query(challenge: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair(CONSENT_CHALLENGE, challenge)
        .finish()
}

/// What the application is told of the person: what the scopes that it asks for stand for, by OpenID Connect's names
/// (<https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims>), as far as the traits have it.
fn claims(asked: &Asked) -> Map<String, Value> {
    let traits = &asked.identity.traits;
    let mut claims = Map::new();
    let mut tell = |claim: &str, paths: &[&str]| {
        let found = paths.iter().find_map(|path| traits.pointer(path)?.as_str());
        if let Some(value) = found {
            claims.insert(claim.to_owned(), value.into());
        }
    };
    for scope in asked.consent.scopes() {
        match scope.as_str() {
            "email" => tell("email", &["/email"]),
            "phone" => tell("phone_number", &["/phone"]),
            "profile" => {
                tell("preferred_username", &["/username"]);
                tell("nickname", &["/nickname"]);
                tell("website", &["/website"]);
                tell("name", &["/name"]);
                tell("given_name", &["/name/first", "/firstname", "/given_name"]);
                tell("family_name", &["/name/last", "/lastname", "/family_name"]);
            }
            _ => {}
        }
    }
    if let Some(email) = claims.get("email").and_then(Value::as_str) {
        let verified = asked.identity.has_verified(email);
        claims.insert("email_verified".to_owned(), verified.into());
    }
    claims
}

fn screen(visit: &Visit, challenge: &str, asked: &Asked) -> Screen {
    let frame = frame(visit);
    let texts = frame.texts;
    let Asked { consent, identity } = asked;
    let client = &consent.client;
    let title = texts.say_with("consent", &[("client", client.name())]);
    let scopes = consent
        .scopes()
        .iter()
        .map(|scope| {
            let words = texts.try_say(&format!("consent-scope-{}", scope.replace('_', "-")), None);
            match words {
                Some(words) => view! { <li>{words}</li> }.html(),
                None => view! { <li><code dir="ltr">{scope.clone()}</code></li> }.html(),
            }
        })
        .collect_view();
    let account = identity.account().map(|account| {
        let text = texts.say_with("consent-account", &[("account", account)]);
        let other = frame.at(&format!("/logout?{}", query(challenge)));
        view! {
            <p>{set_apart(&text, Some(account))} " " <a href=other>{texts.say("login-other-account")}</a></p>
        }
    });
    let host = client.host().map(|host| {
        let text = texts.say_with("consent-host", &[("host", &host)]);
        view! { <p class="hint">{set_apart(&text, Some(&host))}</p> }
    });
    let button = |wish: Wish, words: String| {
        view! { <button class="btn" type="submit" name="consent_action" value=wish.name()>{words}</button> }
    };
    // Enter presses the first button of a form that is not disabled. The method "dialog" sends
    // nothing outside of a dialog.
    let content = view! {
        <button type="submit" formmethod="dialog" hidden></button>
        <input type="hidden" name=CONSENT_CHALLENGE value=challenge.to_owned()/>
        <div class="field checkbox">
            <input class="input" type="checkbox" id="remember" name="remember" value="true"/>
            <label for="remember">{texts.say("consent-remember")}</label>
        </div>
        <div class="choices">
            {button(Wish::Accept, texts.say("consent-accept"))}
            {button(Wish::Reject, texts.say("consent-reject"))}
        </div>
    };
    let links = legal(client).map(|(key, url)| {
        view! { <a href=url.to_string() rel="noreferrer">{texts.say(key)}</a> " " }
    });
    let links: Vec<_> = links.collect();
    let links = (!links.is_empty()).then(|| {
        view! { <nav class="links" aria-label=texts.say("links")>{links}</nav> }
    });
    let body = view! {
        {account}
        <p>{texts.say("consent-lead")}</p>
        <ul>{scopes}</ul>
        {plain_form_around(&frame, "/fragments/consent", content)}
        {links}
    };
    Panel::new(title, body.html())
        .named(Some(client.name().to_owned()))
        .lead(host)
        .into_screen(texts)
}

/// What the application has to say for itself.
fn legal(client: &Application) -> impl Iterator<Item = (&'static str, Url)> {
    let links = [
        ("consent-policy", client.policy()),
        ("consent-terms", client.terms()),
    ];
    links.into_iter().filter_map(|(key, url)| Some((key, url?)))
}
