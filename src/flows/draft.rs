//! What a screen is made from, and what the screens of all flows have in common: where things stand, and what is said above
//! and below the forms.

use leptos::prelude::*;

use crate::destination::{FlowPage, Page, Section};
use crate::hypermedia::flow_page;
use crate::kratos::{
    Channel, Flow, FlowKind, Group, Input, InputKind, Level, Message, MessageId, MessageKind,
};
use crate::ui::{self, Draw, FlowForms, Frame, Html, Notice, Panel, Problem, Screen, Told};
use crate::visit::{Flash, Visit};

use super::{INSTEAD_OF, carried, errand, with_query};

/// What the screen of a flow is made from.
pub(super) struct Draft<'a> {
    pub(super) visit: &'a Visit,
    pub(super) frame: &'a Frame<'a>,
    pub(super) flow: &'a Flow,
    pub(super) flash: Option<Flash>,
}

impl<'a> Draft<'a> {
    pub(super) fn say(&self, key: &str) -> String {
        self.frame.texts.say(key)
    }

    pub(super) fn page(&self) -> FlowPage {
        flow_page(self.visit, FlowPage::new(self.flow.kind, self.flow.id))
    }

    /// The forms of the flow, to be narrowed down and drawn.
    pub(super) fn forms(&self) -> FlowForms<'a> {
        self.forms_of(self.page())
    }

    /// The same, for a page that the address does not name in full.
    pub(super) fn forms_of(&self, page: FlowPage) -> FlowForms<'a> {
        let min = self.visit.config().password_min_length;
        let action = with_query(page.fragment(), &errand(self.visit, self.flow));
        let below_flash = self.flash.is_some_and(|flash| !flash.is_error());
        let forms = FlowForms::new(self.frame, self.flow, action, min).below_flash(below_flash);
        if self.says_more() {
            forms.without_focus()
        } else {
            forms
        }
    }

    /// What this version has no place for, drawn as it comes.
    pub(super) fn unknown(&self) -> Html {
        let groups = self.flow.unknown_groups().into_iter();
        groups
            .map(|group| self.forms().only(group.clone()).without_focus().draw())
            .collect_view()
            .html()
    }

    /// Whether something stands above the form that takes the focus, besides the form's own errors.
    fn says_more(&self) -> bool {
        let is_success = |message: &Message| message.kind == MessageKind::Success;
        self.flash.is_some_and(Flash::is_error) || self.flow.messages.iter().any(is_success)
    }

    /// The panel with all errors in it: Kratos' and the one that an earlier answer left.
    pub(super) fn panel(&self, title: String, problems: Vec<Problem>, body: Html) -> Panel {
        let mut all: Vec<Problem> = Vec::with_capacity(problems.len() + 1);
        let mut notice = None;
        if let Some(flash) = self.flash {
            let told = Told::ours(self.said(flash));
            if flash.is_error() {
                all.push(Problem {
                    told,
                    field: None,
                    message: None,
                });
            } else {
                notice = Some(Notice {
                    told,
                    message: None,
                    focus: false,
                });
            }
        }
        all.extend(problems);
        Panel::new(title, body).problems(all).notice(notice)
    }

    fn said(&self, flash: Flash) -> String {
        if let Flash::Wait(seconds) = flash {
            return ui::wait(self.frame.texts, seconds);
        }
        let seconds = self.visit.config().resend_cool_down.to_string();
        let values = [("seconds", &*seconds)];
        self.frame.texts.say_with(flash.key(), &values)
    }

    /// Says what Kratos says about the whole form, except for what the screen says in its own words.
    pub(super) fn tell(&self, mut panel: Panel, except: &[MessageId]) -> Panel {
        let texts = self.frame.texts;
        for message in &self.flow.messages {
            let told = || ui::tell(texts, message, None);
            match message.kind {
                _ if except.contains(&message.id) => {}
                MessageKind::Error => {}
                MessageKind::Success => {
                    panel = panel.notice(Some(Notice {
                        told: told(),
                        message: Some(message.id),
                        focus: true,
                    }));
                }
                MessageKind::Info | MessageKind::Unknown => {
                    let Told { text, lang } = told();
                    let testid = format!("ui/message/{}", message.id);
                    let address = message.context_text("duplicate_identifier");
                    let text = ui::set_apart(&text, address);
                    panel = panel.lead(view! { <p lang=lang data-testid=testid>{text}</p> });
                }
            }
        }
        panel
    }

    /// A path of ours as browsers have to know it.
    pub(super) fn at(&self, path: &str) -> String {
        self.frame.at(path)
    }

    /// The query that takes the wanted end of this flow along to another one.
    pub(super) fn carried(&self) -> String {
        with_query(String::new(), &carried(self.visit, self.flow))
    }

    /// The lead of a screen that waits for a code: where it was sent, as far as that is known.
    pub(super) fn sent_to(&self, panel: Panel, keys: SentTo, address: Option<&str>) -> Panel {
        let texts = self.frame.texts;
        let testid = format!("ui/message/{}", keys.message);
        let channel = address.map_or(Channel::Mail, Channel::of);
        let is_mail = channel == Channel::Mail;
        let text = match address {
            Some(address) => texts.say_with(keys.known, &[("address", address)]),
            None => texts.say(keys.unknown),
        };
        panel
            .lead(view! { <p id="sent" data-testid=testid>{ui::set_apart(&text, address)}</p> })
            .lead(is_mail.then(|| view! { <p class="hint">{texts.say("code-spam")}</p> }))
            .lead((channel != Channel::Phone).then(|| self.mail_catcher()))
    }

    /// A link was mailed; the form below sends another. `address` is where it was mailed to, as far as that is known.
    pub(super) fn link_sent(
        &self,
        title: &str,
        message: MessageId,
        address: Option<&str>,
    ) -> Screen {
        let links = view! {
            <nav class="links" aria-label=self.say("links")>
                <a href=self.at(&format!("/login{}", self.carried()))>{self.say("go-to-login")}</a>
            </nav>
        };
        // Kratos 26.2 offers a code as well, for which there is no field here.
        let links_only = self.flow.offers(&Group::Link);
        let forms = self.forms().resending();
        let forms = if links_only {
            forms.only(Group::Link)
        } else {
            forms
        };
        let forms = forms
            .primary(self.say("send-link-again"))
            .without_focus()
            .links(links);
        let problems = forms.problems();
        let is_sent = problems.is_empty();
        let title = if is_sent { "link-sent" } else { title };
        let panel = self.panel(self.say(title), problems, forms.draw());
        let panel = self.tell(panel, &[message]);
        // After a change of settings Kratos itself says nothing about it.
        let lead = (is_sent || self.flow.message(message).is_some()).then(|| {
            let testid = format!("ui/message/{message}");
            let key = format!("kratos-{message}");
            let text = match address {
                Some(address) => {
                    let values = [("address", address)];
                    self.frame.texts.say_with("verification-link-lead", &values)
                }
                None => self.say(&key),
            };
            view! {
                <p data-testid=testid>{ui::set_apart(&text, address)}</p>
                <p class="hint">{self.say("code-spam")}</p>
            }
        });
        panel
            .lead(lead)
            .lead(self.mail_catcher())
            .into_screen(self.frame.texts)
    }

    fn mail_catcher(&self) -> impl IntoView + use<> {
        self.visit.config().mail_catcher_url.as_ref().map(|url| {
            view! {
                <p class="hint">
                    <a href=url.to_string() rel="noreferrer">{self.say("mail-catcher")}</a>
                </p>
            }
        })
    }

    /// A link to the first step of this flow, to send the code to another address.
    pub(super) fn other_address(&self) -> impl IntoView + use<> {
        let is_phone_too = self.flow.has("recovery_address");
        let channel = self.flow.code_address().map_or(Channel::Mail, Channel::of);
        self.address_link(match channel {
            _ if is_phone_too => "code-other-contact",
            Channel::Mail => "code-other-address",
            Channel::Phone => "code-other-phone",
            Channel::Unknown => "code-other-contact",
        })
    }

    /// The same in other words.
    pub(super) fn address_link(&self, words: &str) -> impl IntoView + use<> {
        let kind = self.flow.kind.name();
        let mut pairs = carried(self.visit, self.flow);
        // The details are in no form by then.
        if self.flow.kind == FlowKind::Registration {
            pairs.push((INSTEAD_OF, self.flow.id.to_string()));
        }
        let query = with_query(String::new(), &pairs);
        view! {
            <nav class="links" aria-label=self.say("links")>
                <a href=self.at(&format!("/{kind}{query}"))>{self.say(words)}</a>
            </nav>
        }
    }

    /// The way to what cannot be forgotten, where the browser can have it.
    pub(super) fn passkey_offer(&self) -> impl IntoView + use<> {
        let page = Page::Settings(Some(Section::Passkey));
        view! {
            <p data-needs="webauthn" hidden>{self.say("settings-passkey-lead")}</p>
            <a class="btn" href=self.at(&page.to_string()) data-needs="webauthn" hidden>{self.say("passkey-create")}</a>
        }
    }

    /// Says so where there is nothing to press: no method fits what was asked for.
    pub(super) fn tell_if_empty(&self, panel: Panel) -> Panel {
        if self.is_dead_end() {
            panel.lead(view! { <p>{self.say("no-method")}</p> })
        } else {
            panel
        }
    }

    /// Whether there is nothing to press.
    pub(super) fn is_dead_end(&self) -> bool {
        let is_submit = |(_, input): (_, &Input)| input.kind == InputKind::Submit;
        !self.flow.inputs().any(is_submit) && self.flow.ceremonies().is_empty()
    }

    /// Whether a second factor is asked for.
    pub(super) fn is_second_factor(&self) -> bool {
        self.flow.level == Level::Aal2
    }
}

/// The texts for "a code was sent".
#[derive(Clone, Copy)]
pub(super) struct SentTo {
    pub(super) message: MessageId,
    /// With an address in it.
    pub(super) known: &'static str,
    pub(super) unknown: &'static str,
}
