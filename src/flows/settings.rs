//! What people can change about their account: an overview, and one section a page.

use leptos::prelude::*;

use crate::destination::{FlowPage, Page, Section};
use crate::error::Error;
use crate::hypermedia::{Fragment, Reply};
use crate::kratos::{FlowKind, Group, MessageId, Submission};
use crate::ui::{Notice, Screen, Told};

use super::Draft;

/// The page `/settings`.
pub async fn open() -> Result<Reply, Error> {
    super::open(FlowKind::Settings).await
}

/// The forms of the page.
#[server(prefix = "/fragments", endpoint = "settings", protocol = Fragment)]
pub async fn submit_settings(form: Submission) -> Result<Reply, Error> {
    super::submit(FlowKind::Settings, form).await
}

impl Section {
    fn group(self) -> Group {
        match self {
            Self::Profile => Group::Profile,
            Self::Password => Group::Password,
        }
    }

    /// The key of the heading.
    fn title(self) -> &'static str {
        match self {
            Self::Profile => "settings-profile",
            Self::Password => "settings-password",
        }
    }

    /// The key of the main button.
    fn submit(self) -> &'static str {
        match self {
            Self::Profile => "save",
            Self::Password => "settings-password-submit",
        }
    }

    /// The key of what is said after a change.
    fn saved(self) -> &'static str {
        match self {
            Self::Profile => "settings-saved",
            Self::Password => "settings-password-saved",
        }
    }
}

pub(super) fn screen(draft: &Draft) -> Screen {
    let recovered = draft.flow.message(MessageId::RECOVERED).is_some();
    match draft.page().section {
        Some(of) => section(draft, of),
        // Who has just recovered the account came for a new password.
        None if recovered => section(draft, Section::Password),
        None => overview(draft),
    }
}

fn overview(draft: &Draft) -> Screen {
    let links = Section::ALL
        .into_iter()
        .filter(|section| draft.flow.offers(&section.group()))
        .map(|section| {
            // Each section begins a flow of its own: what Kratos says in one has nothing to do with the others.
            let page = Page::Settings(Some(section));
            view! { <li><a href=page.to_string()>{draft.say(section.title())}</a></li> }
        })
        .collect_view();
    let body = view! {
        <ul class="menu">{links}</ul>
        <nav class="links" aria-label=draft.say("links")>
            <a href="/welcome">{draft.say("home")}</a>
        </nav>
    };
    let panel = draft.panel(draft.say("settings"), Vec::new(), body.into_any());
    draft.tell(panel, &[]).into_screen(draft.frame.texts)
}

fn section(draft: &Draft, section: Section) -> Screen {
    let account = draft
        .flow
        .identity
        .as_ref()
        .filter(|_| section == Section::Password)
        .and_then(|identity| identity.account());
    let saved = draft.flow.message(MessageId::SETTINGS_SAVED);
    // Where the section was ours to choose, the form has to say which it is.
    let page = FlowPage {
        section: Some(section),
        ..draft.page()
    };
    let forms = draft
        .forms_of(page)
        .only(section.group())
        .primary(draft.say(section.submit()))
        .account(account);
    // The fields are filled; people look for the one they came for.
    let forms = if section == Section::Profile {
        forms.without_focus()
    } else {
        forms
    };
    let problems = forms.problems();
    let body = view! {
        {forms.draw()}
        <nav class="links" aria-label=draft.say("links")>
            <a href=Page::Settings(None).to_string()>{draft.say("settings")}</a>
        </nav>
    };
    let notice = saved.map(|message| Notice {
        told: Told::ours(draft.say(section.saved())),
        message: Some(message.id),
        focus: true,
    });
    let panel = draft
        .panel(draft.say(section.title()), problems, body.into_any())
        .notice(notice);
    draft
        .tell(panel, &[MessageId::SETTINGS_SAVED])
        .into_screen(draft.frame.texts)
}
