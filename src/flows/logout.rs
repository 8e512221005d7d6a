//! Sign-out. A GET shows a button; only a POST signs out, unless an application of the operator's own begins it.

use leptos::prelude::*;
use url::Url;

use crate::destination::{Destination, LOGIN_CHALLENGE, Page, is_possible};
use crate::error::Error;
use crate::hydra::{
    self, Application, CONSENT_CHALLENGE, Fault, LOGOUT_CHALLENGE, SignIns, SignOut,
};
use crate::hypermedia::{Fragment, Reply, frame};
use crate::kratos::{Channel, Outcome, Submission};
use crate::ui::{Draw, Panel, Screen, button_form, form_around, plain_form_around, set_apart};
use crate::visit::{Flash, Visit};

use super::with_query;

const ACTION: &str = "/fragments/logout";
/// The parameter that asks for a recovery after the sign-out.
pub(super) const RECOVER: &str = "recover";
/// The button that changes nothing.
const STAY: &str = "stay";

/// The page `/logout`, where Ory Hydra sends browsers too.
pub async fn open(visit: Visit) -> Result<Reply, Error> {
    let screen = match asked(&visit).await? {
        Asked::Before(Some(to)) => return Ok(Reply::go(Destination::Outside(to))),
        Asked::Before(None) if !visit.has_session_cookie() => {
            visit.set_flash(Flash::SignedOut);
            return Ok(Reply::go(Destination::Page(Page::Login)));
        }
        Asked::Before(None) | Asked::Nothing if recovers(&visit) => screen_before_recovery(&visit),
        Asked::Before(None) | Asked::Nothing => match Errand::of(|name| visit.parameter(name)) {
            Some(errand) => screen_of_other_account(&visit, errand),
            None => screen(&visit),
        },
        Asked::SignOut(hydra, challenge, sign_out) => {
            // A link can bring the challenge of another person.
            let is_expected = sign_out.goes_without_saying();
            if is_expected && is_of_this_session(&visit, &sign_out).await? {
                end_session(&visit).await?;
                let to = hydra.accept_sign_out(challenge).await?;
                return Ok(Reply::go(Destination::Outside(to)));
            }
            screen_of_application(&visit, challenge, sign_out.client.as_ref())
        }
    };
    Ok(Reply::show(screen, Destination::Page(Page::Logout)))
}

/// The buttons of the page. Kratos does not check where this comes from, the layer for foreign origins does.
#[server(prefix = "/fragments", endpoint = "logout", protocol = Fragment)]
pub async fn submit_logout(form: Submission) -> Result<Reply, Error> {
    let visit = Visit::current()?;
    let errand = visit.hydra().zip(form.get(LOGOUT_CHALLENGE));
    if form.get(STAY).is_some() {
        if let Some((hydra, challenge)) = errand {
            hydra.reject_sign_out(challenge).await.or_else(known)?;
        }
        return Ok(Reply::go(Destination::Page(Page::Welcome)));
    }
    let address = if recovers(&visit) {
        own_mail(&visit).await?
    } else {
        None
    };
    let subject = subject(&visit).await?;
    // First, so that no page claims a sign-out that did not happen: Hydra's way on counts once.
    end_session(&visit).await?;
    visit.forget_confirmations();
    visit.forget_address();
    if let Some(errand) = Errand::of(|name| form.get(name)) {
        return Ok(Reply::go(errand.after_sign_out(&visit, subject).await?));
    }
    if let Some((hydra, challenge)) = errand {
        match hydra.accept_sign_out(challenge).await {
            Ok(to) | Err(Fault::Used(Some(to))) => {
                return Ok(Reply::go(Destination::Outside(to)));
            }
            Err(fault) => known(fault)?,
        }
    }
    if let Some(subject) = &subject {
        end_sign_ins(&visit, SignIns::All(subject)).await;
    }
    visit.set_flash(Flash::SignedOut);
    if recovers(&visit) {
        if let Some(address) = address {
            visit.set_address(&address);
        }
        let to = with_query("/recovery".to_owned(), &visit.flow_parameters());
        return Ok(Reply::go(Destination::Own(to)));
    }
    Ok(Reply::go(Destination::Page(Page::Login)))
}

/// Whether the sign-out is the first step of a recovery.
fn recovers(visit: &Visit) -> bool {
    visit.parameter(RECOVER).is_some()
}

/// The mail address that a recovery can be sent to, for its form to be filled in.
async fn own_mail(visit: &Visit) -> Result<Option<String>, Error> {
    let session = super::session(visit).await?;
    let identity = session.as_ref().and_then(|it| it.identity.as_ref());
    let account = identity.and_then(|it| it.account());
    let mail = account.filter(|account| Channel::of(account) == Channel::Mail);
    Ok(mail.map(str::to_owned))
}

/// The application to come back to with another account, by what it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand<'a> {
    Login(&'a str),
    Consent(&'a str),
}

impl<'a> Errand<'a> {
    /// Reads the challenge among parameters or fields.
    fn of(value: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let login = value(LOGIN_CHALLENGE).filter(|it| is_possible(it));
        let consent = || value(CONSENT_CHALLENGE).map(Self::Consent);
        login.map(Self::Login).or_else(consent)
    }

    /// The parameter, which is also the field of the form.
    fn parameter(self) -> (&'static str, &'a str) {
        match self {
            Self::Login(challenge) => (LOGIN_CHALLENGE, challenge),
            Self::Consent(challenge) => (CONSENT_CHALLENGE, challenge),
        }
    }

    /// The page that waits, as a path of ours.
    fn page(self) -> String {
        let page = match self {
            Self::Login(_) => "/login",
            Self::Consent(_) => "/consent",
        };
        let (name, challenge) = self.parameter();
        super::with_query(page.to_owned(), &[(name, challenge.to_owned())])
    }

    /// Ends Hydra's sign-in of this browser, and returns the place of the sign-in with another
    /// account.
    ///
    /// # Errors
    /// Where Hydra does not know the consent that is asked for.
    async fn after_sign_out(
        self,
        visit: &Visit,
        subject: Option<String>,
    ) -> Result<Destination, Error> {
        let Some(hydra) = visit.hydra() else {
            return Ok(Destination::Own(self.page()));
        };
        let (id, to) = match self {
            Self::Login(challenge) => {
                let login = hydra.login(challenge).await.ok();
                let id = login.and_then(|login| login.session_id);
                (id, Destination::Own(self.page()))
            }
            Self::Consent(challenge) => {
                let consent = hydra.consent(challenge).await?;
                let to = consent.beginning().cloned().ok_or(Error::KratosBroken)?;
                (consent.login_session_id, Destination::Outside(to))
            }
        };
        match (&id, &subject) {
            (Some(id), _) => end_sign_ins(visit, SignIns::Of(id)).await,
            (None, Some(subject)) => end_sign_ins(visit, SignIns::All(subject)).await,
            (None, None) => {}
        }
        Ok(to)
    }
}

/// The id of the identity that is signed in, if Hydra may keep a sign-in of it.
async fn subject(visit: &Visit) -> Result<Option<String>, Error> {
    if visit.hydra().is_none() || !visit.has_session_cookie() {
        return Ok(None);
    }
    let session = super::session(visit).await?;
    Ok(session.and_then(|session| Some(session.identity?.id)))
}

/// Ends sign-ins of Hydra. The sign-out from Kratos counts also where Hydra fails.
async fn end_sign_ins(visit: &Visit, which: SignIns<'_>) {
    if let Some(hydra) = visit.hydra()
        && let Err(fault) = hydra.end_sign_ins(which).await
    {
        tracing::warn!(%fault, "Hydra has not ended its sign-in");
    }
}

/// What Hydra asks for.
enum Asked<'a> {
    SignOut(&'a hydra::Client, &'a str, SignOut),
    /// Nothing new: this was answered before. Hydra's way on need not be an address of the web.
    Before(Option<Url>),
    /// Nothing that Hydra knows of: the sign-out is one like any other.
    Nothing,
}

/// The sign-out that Hydra asks for.
async fn asked(visit: &Visit) -> Result<Asked<'_>, Error> {
    let Some((hydra, challenge)) = visit.hydra().zip(visit.parameter(LOGOUT_CHALLENGE)) else {
        return Ok(Asked::Nothing);
    };
    match hydra.sign_out(challenge).await {
        Ok(sign_out) => Ok(Asked::SignOut(hydra, challenge, sign_out)),
        Err(Fault::Used(to)) => Ok(Asked::Before(to)),
        Err(fault) => known(fault).map(|()| Asked::Nothing),
    }
}

/// Lets pass that a challenge is over.
fn known(fault: Fault) -> Result<(), Error> {
    match fault {
        Fault::Unknown | Fault::Refused | Fault::Used(_) => Ok(()),
        Fault::Unreachable(_) | Fault::Broken(_) => Err(fault.into()),
    }
}

/// Whether Kratos confirms that the session of this browser is that of the person to be signed out. It confirms none that
/// still lacks its second factor.
async fn is_of_this_session(visit: &Visit, sign_out: &SignOut) -> Result<bool, Error> {
    let session = super::session(visit).await?;
    let identity = session.and_then(|session| session.identity);
    Ok(identity.is_some_and(|identity| identity.id == sign_out.subject))
}

fn screen(visit: &Visit) -> Screen {
    let frame = frame(visit);
    let texts = frame.texts;
    let body = view! {
        {button_form(&frame, ACTION, texts.say("logout-submit"))}
        <nav class="links" aria-label=texts.say("links")>
            <a href=frame.at("/welcome")>{texts.say("home")}</a>
        </nav>
    };
    Panel::new(texts.say("logout"), body.html())
        .lead(view! { <p>{texts.say("logout-lead")}</p> })
        .into_screen(texts)
}

/// The same where a recovery follows, which Kratos begins for a browser without a session.
fn screen_before_recovery(visit: &Visit) -> Screen {
    let frame = frame(visit);
    let texts = frame.texts;
    let mut query = visit.flow_parameters();
    query.push((RECOVER, "1".to_owned()));
    let action = with_query(ACTION.to_owned(), &query);
    let body = view! {
        {button_form(&frame, &action, texts.say("logout-recover"))}
        <nav class="links" aria-label=texts.say("links")>
            <a href=frame.at("/welcome")>{texts.say("logout-stay")}</a>
        </nav>
    };
    Panel::new(texts.say("recovery"), body.html())
        .lead(view! { <p>{texts.say("logout-recover-lead")}</p> })
        .into_screen(texts)
}

/// The same before a sign-in with another account, with a way back.
fn screen_of_other_account(visit: &Visit, errand: Errand<'_>) -> Screen {
    let frame = frame(visit);
    let texts = frame.texts;
    let (name, challenge) = errand.parameter();
    let content = view! {
        <input type="hidden" name=name value=challenge.to_owned()/>
        <button class="btn primary" type="submit">{texts.say("logout-submit")}</button>
    };
    let body = view! {
        {form_around(&frame, ACTION, content)}
        <nav class="links" aria-label=texts.say("links")>
            <a href=frame.at(&errand.page())>{texts.say("logout-stay")}</a>
        </nav>
    };
    Panel::new(texts.say("login-other-account"), body.html())
        .lead(view! { <p>{texts.say("logout-other-account-lead")}</p> })
        .into_screen(texts)
}

/// The same where the way on is another site. By no script: it would be the script that is sent there.
fn screen_of_application(visit: &Visit, challenge: &str, client: Option<&Application>) -> Screen {
    let frame = frame(visit);
    let texts = frame.texts;
    let content = view! {
        <input type="hidden" name=LOGOUT_CHALLENGE value=challenge.to_owned()/>
        <button class="btn primary" type="submit">{texts.say("logout-submit")}</button>
        <button class="btn" type="submit" name=STAY value="true">{texts.say("logout-stay")}</button>
    };
    let body = plain_form_around(&frame, ACTION, content);
    let name = client.map(Application::name);
    let lead = name.map(|name| {
        let text = texts.say_with("logout-application", &[("client", name)]);
        view! { <p>{set_apart(&text, Some(name))}</p> }
    });
    Panel::new(texts.say("logout"), body)
        .lead(lead)
        .lead(view! { <p>{texts.say("logout-lead")}</p> })
        .into_screen(texts)
}

/// Ends the session with Kratos, if there is one.
async fn end_session(visit: &Visit) -> Result<(), Error> {
    // The token belongs to the session; another tab may have ended that one in between.
    for _ in 0..2 {
        let answer = visit.kratos().logout_init(visit.browser()).await?;
        let outcome = visit.hear(answer);
        if outcome == Outcome::SignInNeeded {
            return Ok(());
        }
        let Outcome::LogoutToken(token) = outcome else {
            return Err(Error::KratosBroken);
        };
        let answer = visit.kratos().logout(&token, visit.browser()).await?;
        let outcome = visit.hear(answer);
        if matches!(outcome, Outcome::Done | Outcome::SignInNeeded) {
            return Ok(());
        }
        if outcome != Outcome::WrongLogoutToken {
            return Err(Error::KratosBroken);
        }
    }
    Err(Error::KratosBroken)
}
