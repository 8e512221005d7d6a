//! What people can change about their account: an overview, and one section a page.

use leptos::prelude::*;

use crate::destination::{FlowPage, Page, Section};
use crate::error::Error;
use crate::hypermedia::{Fragment, Reply};
use crate::kratos::{Flow, FlowKind, Group, MessageId, Next, Provider, Submission};
use crate::ui::{Draw, Html, Notice, Screen, Told};
use crate::visit::Visit;

use super::Draft;

/// The page `/settings`.
pub async fn open(visit: Visit) -> Result<Reply, Error> {
    super::open(&visit, FlowKind::Settings).await
}

/// The forms of the page.
#[server(prefix = "/fragments", endpoint = "settings", protocol = Fragment)]
pub async fn submit_settings(form: Submission) -> Result<Reply, Error> {
    super::submit(FlowKind::Settings, form).await
}

/// The address that this change of the profile gave Kratos, and that Kratos mailed, where no step asks for the code.
pub(super) fn mailed_unasked<'a>(
    flow: &'a Flow,
    form: &Submission,
    next: &[Next],
) -> Option<&'a str> {
    let is_profile = form.get("method") == Some(Group::Profile.name());
    let is_saved = flow.message(MessageId::SETTINGS_SAVED).is_some() && !flow.has_errors();
    if flow.kind != FlowKind::Settings || !is_profile || !is_saved {
        return None;
    }
    let mailed = flow
        .identity
        .as_ref()?
        .mailed_since(flow.issued_at.as_deref()?);
    mailed.filter(|_| super::names_no_other_step(next))
}

impl Section {
    fn group(self) -> Group {
        match self {
            Self::Profile => Group::Profile,
            Self::Password => Group::Password,
            Self::Totp => Group::Totp,
            Self::LookupSecret => Group::LookupSecret,
            Self::Passkey => Group::Passkey,
            Self::Webauthn => Group::Webauthn,
            Self::Oidc => Group::Oidc,
        }
    }

    /// The key of the heading.
    fn title(self) -> &'static str {
        match self {
            Self::Profile => "settings-profile",
            Self::Password => "settings-password",
            Self::Totp => "settings-totp",
            Self::LookupSecret => "settings-lookup",
            Self::Passkey => "settings-passkey",
            Self::Webauthn => "settings-webauthn",
            Self::Oidc => "settings-oidc",
        }
    }

    /// The key of what the section is for, where the heading does not say it.
    fn lead(self) -> Option<&'static str> {
        match self {
            Self::Profile | Self::Password => None,
            Self::Totp => Some("settings-totp-lead"),
            Self::LookupSecret => Some("settings-lookup-lead"),
            Self::Passkey => Some("settings-passkey-lead"),
            Self::Webauthn => Some("settings-webauthn-lead"),
            Self::Oidc => Some("settings-oidc-lead"),
        }
    }

    /// The key of the main button, where Kratos' own words say less.
    fn submit(self) -> Option<&'static str> {
        match self {
            Self::Profile => Some("save"),
            Self::Password => Some("settings-password-submit"),
            Self::Totp => Some("turn-on"),
            Self::LookupSecret | Self::Passkey | Self::Webauthn | Self::Oidc => None,
        }
    }

    /// The key of what is said after a change.
    fn saved(self) -> &'static str {
        match self {
            Self::Password => "settings-password-saved",
            Self::Profile
            | Self::Totp
            | Self::LookupSecret
            | Self::Passkey
            | Self::Webauthn
            | Self::Oidc => "settings-saved",
        }
    }

    /// How things stand, for the menu.
    fn state(self, draft: &Draft, kept: &[Provider]) -> Option<String> {
        let flow = draft.flow;
        let on = |is_on: bool| draft.say(if is_on { "state-on" } else { "state-off" });
        let count = |count: usize| match count {
            0 => draft.say("state-none"),
            count => draft
                .frame
                .texts
                .say_with("state-count", &[("count", &count.to_string())]),
        };
        match self {
            Self::Profile | Self::Password => None,
            Self::Totp => Some(on(flow.has("totp_unlink"))),
            Self::LookupSecret => Some(on(flow.has("lookup_secret_disable"))),
            Self::Passkey => Some(count(flow.buttons("passkey_remove").count())),
            Self::Webauthn => Some(count(flow.buttons("webauthn_remove").count())),
            Self::Oidc => Some(count(flow.buttons("unlink").count() + kept.len())),
        }
    }
}

pub(super) async fn screen(draft: &Draft<'_>) -> Result<Screen, Error> {
    let recovered = draft.flow.message(MessageId::RECOVERED).is_some();
    let kept = kept_connections(draft).await;
    let off = draft.visit.kratos().switched_off().await;
    let can_verify = !off.contains(&FlowKind::Verification);
    Ok(match draft.page().section {
        Some(of) => section(draft, of, &kept, can_verify),
        // Who has just recovered the account came for a new password.
        None if recovered && draft.flow.offers(&Group::Password) => {
            section(draft, Section::Password, &kept, can_verify)
        }
        None => overview(draft, &kept),
    })
}

/// The accounts elsewhere that somebody signs in with and that Kratos does not let them disconnect: it leaves the button
/// out, and says nothing. What can be neither connected nor disconnected is connected.
async fn kept_connections(draft: &Draft<'_>) -> Vec<Provider> {
    let flow = draft.flow;
    let open: Vec<Provider> = ["link", "unlink"]
        .into_iter()
        .flat_map(|button| flow.providers(button))
        .collect();
    let sign_in = draft.visit.kratos().sign_in(draft.visit.browser()).await;
    let all = sign_in.iter().flat_map(|flow| flow.providers("provider"));
    let is_kept = |provider: &Provider| open.iter().all(|open| open.id != provider.id);
    all.filter(is_kept).collect()
}

fn is_offered(flow: &Flow, section: Section, kept: &[Provider]) -> bool {
    flow.offers(&section.group()) || (section == Section::Oidc && !kept.is_empty())
}

/// All sections, each with its state.
fn menu(draft: &Draft, kept: &[Provider], here: Option<Section>) -> Html {
    // Each leads back to where somebody came from.
    let carried = super::carried(draft.visit, draft.flow);
    let links = Section::all()
        .filter(|section| is_offered(draft.flow, *section, kept))
        .map(|section| {
            // Each section begins a flow of its own: what Kratos says in one has nothing to do with the others.
            let page = Page::Settings(Some(section));
            let href = super::with_query(draft.at(&page.to_string()), &carried);
            let state = section
                .state(draft, kept)
                .map(|state| view! { <span class="state">{state}</span> });
            let is_here = here == Some(section);
            view! {
                <li>
                    <a href=href aria-current=is_here.then_some("page")>
                        {draft.say(section.title())} " " {state}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="menu">{links}</ul> }.html()
}

fn overview(draft: &Draft, kept: &[Provider]) -> Screen {
    let body = view! {
        {menu(draft, kept, None)}
        {draft.unknown()}
        <nav class="links" aria-label=draft.say("links")>
            <a href=draft.at("/sessions")>{draft.say("sessions")}</a>
            <a href=draft.at("/welcome")>{draft.say("home")}</a>
        </nav>
    };
    // What is wrong with a field is said here too, because no section was named that it could stand in.
    let problems = draft.forms().problems();
    let panel = draft.panel(draft.say("settings"), problems, body.html());
    draft.tell(panel, &[]).into_screen(draft.frame.texts)
}

fn section(draft: &Draft, section: Section, kept: &[Provider], can_verify: bool) -> Screen {
    let flow = draft.flow;
    let account = flow
        .identity
        .as_ref()
        .filter(|_| section == Section::Password)
        .and_then(|identity| identity.account());
    let saved = flow.message(MessageId::SETTINGS_SAVED);
    // Where the section was ours to choose, the form has to say which it is.
    let page = FlowPage {
        section: Some(section),
        ..draft.page()
    };
    let mut forms = draft
        .forms_of(page)
        .only(section.group())
        .account(account)
        .beside_profile(section != Section::Profile);
    if let Some(key) = section.submit() {
        forms = forms.primary(draft.say(key));
    }
    let problems = forms.problems();
    let profile_first = forms
        .lacking_in_profile()
        .map(|_| profile_first(draft, section));
    let forms = match section {
        // The fields are filled; people look for the one they came for.
        Section::Profile => forms.without_focus().draw(),
        Section::Password => forms.draw(),
        Section::Totp => {
            draft.visit.allow_inline_image();
            forms.without_focus().totp()
        }
        Section::LookupSecret => forms.lookup_secrets(),
        Section::Passkey | Section::Webauthn => forms.without_focus().keys(&section.group()),
        Section::Oidc => forms.connections(kept),
    };
    let menu = menu(draft, kept, Some(section));
    let nothing = (!is_offered(flow, section, kept)).then(|| {
        view! { <p>{draft.say("settings-not-offered")}</p> }
    });
    let unverified = flow
        .identity
        .as_ref()
        .filter(|_| section == Section::Profile && can_verify)
        .and_then(|identity| identity.unverified_mail())
        .map(|_| view! { <a href=draft.at("/verification")>{draft.say("verification")}</a> });
    let recovered = flow.message(MessageId::RECOVERED);
    let passkey = recovered
        .filter(|_| section == Section::Password && flow.offers(&Group::Passkey))
        .map(|_| draft.passkey_offer());
    let body = view! {
        {nothing}
        {forms}
        <nav class="links" aria-label=draft.say("links")>
            {unverified}
        </nav>
        {passkey}
        <nav class="no-print" aria-labelledby="sections">
            <h2 id="sections">
                <a href=draft.at(&format!("{}{}", Page::Settings(None), draft.carried()))>{draft.say("settings")}</a>
            </h2>
            {menu}
        </nav>
    };
    let notice = saved.map(|message| Notice {
        told: Told::ours(draft.say(section.saved())),
        message: Some(message.id),
        focus: true,
    });
    let mut panel = draft
        .panel(draft.say(section.title()), problems, body.html())
        .notice(notice)
        .lead(profile_first);
    if let Some(key) = section.lead() {
        panel = panel.lead(view! { <p class="no-print">{draft.say(key)}</p> });
    }
    draft
        .tell(panel, &[MessageId::SETTINGS_SAVED])
        .into_screen(draft.frame.texts)
}

/// The way to the profile, and back to this section once it is saved.
fn profile_first(draft: &Draft, section: Section) -> Html {
    let here = draft.visit.at(&Page::Settings(Some(section)).to_string());
    let back = super::with_query(here, &super::carried(draft.visit, draft.flow));
    let profile = draft.at(&Page::Settings(Some(Section::Profile)).to_string());
    let href = super::with_query(profile, &[("return_to", back)]);
    view! { <p><a class="btn" href=href>{draft.say("profile-first-go")}</a></p> }.html()
}
