//! The panel: heading, what went wrong or right, and the forms. The one part of a page that htmx swaps.

use leptos::prelude::*;

use crate::i18n::Texts;
use crate::kratos::MessageId;

use super::html::{Draw, Html};
use super::layout::Screen;
use super::message::{Told, set_apart};

/// An error: what is wrong, and the field to mend it in.
#[derive(Debug, Clone)]
pub struct Problem {
    pub told: Told,
    /// The id of the field.
    pub field: Option<String>,
    /// Kratos' number, for browser tests, where the text does not stand beside the field as well.
    pub message: Option<MessageId>,
}

/// Something that went well, or that comes next.
#[derive(Debug, Clone)]
pub struct Notice {
    pub told: Told,
    pub message: Option<MessageId>,
    /// Whether to take the focus: where there is no next field to take it.
    pub focus: bool,
}

/// What a screen says, before it is drawn.
pub struct Panel {
    title: String,
    /// What stands apart in it.
    name: Option<String>,
    lead: Vec<Html>,
    problems: Vec<Problem>,
    notice: Option<Notice>,
    body: Html,
}

impl Panel {
    pub fn new(title: String, body: Html) -> Self {
        Self {
            title,
            name: None,
            lead: Vec::new(),
            problems: Vec::new(),
            notice: None,
            body,
        }
    }

    /// The name in the heading.
    pub fn named(mut self, name: Option<String>) -> Self {
        self.name = name;
        self
    }

    /// A paragraph below the heading.
    pub fn lead(mut self, lead: impl IntoView + 'static) -> Self {
        self.lead.push(lead.html());
        self
    }

    pub fn problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems.extend(problems);
        self
    }

    /// Says it above the heading, unless there is an error to say.
    pub fn notice(mut self, notice: Option<Notice>) -> Self {
        self.notice = notice.or(self.notice);
        self
    }

    pub fn into_screen(self, texts: Texts) -> Screen {
        let failed = !self.problems.is_empty();
        let above = if failed {
            summary(texts, self.problems).html()
        } else {
            self.notice.map(notice).html()
        };
        let panel = view! {
            <section id="panel" class="panel">
                {above}
                <h1 tabindex="-1">{set_apart(&self.title, self.name.as_deref())}</h1>
                {self.lead}
                {self.body}
            </section>
        };
        Screen {
            title: self.title,
            failed,
            panel: panel.html(),
        }
    }
}

/// All errors in one place, which takes the focus; each leads to its field.
fn summary(texts: Texts, problems: Vec<Problem>) -> impl IntoView {
    // What no field can mend is nothing that somebody typed.
    let heading = if problems.iter().any(|problem| problem.field.is_some()) {
        "error-summary"
    } else {
        "error-summary-other"
    };
    let items = problems
        .into_iter()
        .map(
            |Problem {
                 told,
                 field,
                 message,
             }| {
                let testid = message.map(|id| format!("ui/message/{id}"));
                let text = match field {
                    Some(field) => view! { <a href=format!("#{field}")>{told.text}</a> }.html(),
                    None => told.text.html(),
                };
                view! { <li lang=told.lang data-testid=testid>{text}</li> }
            },
        )
        .collect_view();
    view! {
        <div
            id="error-summary"
            class="summary"
            role="alert"
            tabindex="-1"
            autofocus
            aria-labelledby="error-summary-heading"
        >
            <h2 id="error-summary-heading">{texts.say(heading)}</h2>
            <ul>{items}</ul>
        </div>
    }
}

fn notice(notice: Notice) -> impl IntoView {
    let Notice {
        told,
        message,
        focus,
    } = notice;
    let testid = message.map(|id| format!("ui/message/{id}"));
    view! {
        <p
            id="notice"
            class="notice"
            role="status"
            tabindex=focus.then_some("-1")
            autofocus=focus
            lang=told.lang
            data-testid=testid
        >
            {told.text}
        </p>
    }
}
