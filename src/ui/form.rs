//! The forms of a flow, from its nodes. The only place that writes `hx-*`.

use leptos::prelude::*;

use crate::kratos::{
    Anchor, Attributes, Flow, FlowKind, Group, Image, Input, InputKind, MessageKind, Node, Text,
};

use super::field::{Field, Manner};
use super::layout::Frame;
use super::message::tell;
use super::panel::Problem;

/// A flow on its way to the page.
#[derive(Debug)]
pub struct FlowForms<'a> {
    frame: &'a Frame,
    flow: &'a Flow,
    /// The route that takes the forms.
    action: String,
    password_min_length: u16,
    only: Option<Group>,
    primary: Option<String>,
    account: Option<&'a str>,
    resend_to: Option<&'a str>,
    below_notice: bool,
    focus: bool,
}

/// What goes into one `<form>`.
struct Plan<'a> {
    hidden: Vec<&'a Input>,
    parts: Vec<Part<'a>>,
    /// Whether htmx may send it. Not where the answer is another site.
    by_htmx: bool,
}

enum Part<'a> {
    Field(Box<Field>),
    Button { node: &'a Node, input: &'a Input },
    Text { text: &'a Text, node: &'a Node },
    Image { image: &'a Image, node: &'a Node },
}

impl<'a> FlowForms<'a> {
    pub fn new(frame: &'a Frame, flow: &'a Flow, action: String, password_min_length: u16) -> Self {
        Self {
            frame,
            flow,
            action,
            password_min_length,
            only: None,
            primary: None,
            account: None,
            resend_to: None,
            below_notice: false,
            focus: true,
        }
    }

    /// Only what belongs to one group.
    pub fn only(mut self, group: Group) -> Self {
        self.only = Some(group);
        self
    }

    /// The words of the main button, where Kratos' own say less.
    pub fn primary(mut self, words: String) -> Self {
        self.primary = Some(words);
        self
    }

    /// Whose password this is, for password managers to pair it.
    pub fn account(mut self, account: Option<&'a str>) -> Self {
        self.account = account;
        self
    }

    /// Where to send another code, if Kratos offers no button for it.
    pub fn resend_to(mut self, address: Option<&'a str>) -> Self {
        self.resend_to = address;
        self
    }

    /// A notice stands above and is read together with the field that takes the focus.
    pub fn below_notice(mut self, below: bool) -> Self {
        self.below_notice = below;
        self
    }

    /// Leaves the focus where the browser puts it.
    pub fn without_focus(mut self) -> Self {
        self.focus = false;
        self
    }

    /// Everything that is wrong, in the order of the page: first the form as a whole, then its fields.
    pub fn problems(&self) -> Vec<Problem> {
        let texts = self.frame.texts;
        let mut fields: Vec<Field> = self.fields().collect();
        fields.sort_by_key(Field::is_password);
        let first = fields.first().map(|field| field.id.clone());
        let whole = self
            .flow
            .messages
            .iter()
            .filter(|message| message.kind == MessageKind::Error)
            .map(|message| Problem {
                told: tell(texts, message, None),
                field: first.clone(),
                message: Some(message.id),
            });
        let homeless = self
            .flow
            .nodes
            .iter()
            .filter(|node| {
                let drawn = node.input().is_some_and(|input| {
                    self.is_here(node) && Field::of(texts, self.flow, node, input).is_some()
                });
                !drawn && self.is_spoken_for(node)
            })
            .flat_map(|node| &node.messages)
            .filter(|message| message.kind == MessageKind::Error)
            .map(|message| Problem {
                told: tell(texts, message, None),
                field: first.clone(),
                message: Some(message.id),
            });
        let at_fields = fields.iter().flat_map(|field| {
            field.errors.iter().map(|(_, told)| Problem {
                told: told.clone(),
                field: Some(field.id.clone()),
                // The number stands beside the field.
                message: None,
            })
        });
        whole.chain(homeless).chain(at_fields).collect()
    }

    /// The forms, one below the other.
    pub fn draw(self) -> AnyView {
        let texts = self.frame.texts;
        let plans = self.plans();
        let fields = || {
            plans
                .iter()
                .flat_map(|plan| &plan.parts)
                .filter_map(|part| match part {
                    Part::Field(field) => Some(field),
                    Part::Button { .. } | Part::Text { .. } | Part::Image { .. } => None,
                })
        };
        let focused = (self.focus && self.problems().is_empty())
            .then(|| {
                fields()
                    .find(|field| field.is_empty())
                    .map(|field| field.id.clone())
            })
            .flatten();
        let some_optional = fields().any(|field| field.is_trait() && field.is_optional());
        let mut primary = self.primary.clone();
        let mut account = self.account;
        let mut views: Vec<AnyView> = Vec::with_capacity(plans.len() + 2);
        let mut after_alternatives = false;
        for plan in plans {
            if !plan.by_htmx && !after_alternatives {
                after_alternatives = true;
                if !views.is_empty() {
                    views.push(view! { <p class="or">{texts.say("or")}</p> }.into_any());
                }
            }
            let Plan {
                hidden,
                parts,
                by_htmx,
            } = plan;
            let hidden = hidden
                .into_iter()
                .map(|input| hidden_input(&input.name, input.value.as_deref()))
                .collect_view();
            let account = account.take().map(|account| self.account_field(account));
            let parts = parts
                .into_iter()
                .map(|part| match part {
                    Part::Field(field) => {
                        let manner = Manner {
                            focus: focused.as_deref() == Some(&field.id),
                            mark_optional: some_optional && field.is_trait(),
                            password_min_length: self.password_min_length,
                            below_notice: self.below_notice,
                        };
                        field.draw(texts, manner)
                    }
                    Part::Button { node, input } => {
                        let words = primary.take();
                        let is_primary = by_htmx && words.is_some();
                        self.button(node, input, words, is_primary)
                    }
                    Part::Text { text, node } => self.text(text, node),
                    Part::Image { image, node } => self.image(image, node),
                })
                .collect_view();
            views.push(self.form(by_htmx, view! { {hidden} {account} {parts} }));
        }
        views.extend(self.resend());
        views.extend(self.anchors());
        views.into_any()
    }

    fn fields(&self) -> impl Iterator<Item = Field> {
        self.flow
            .inputs()
            .filter(|(node, _)| self.is_here(node))
            .filter_map(|(node, input)| Field::of(self.frame.texts, self.flow, node, input))
    }

    /// Whether a node is drawn on this screen.
    fn is_here(&self, node: &Node) -> bool {
        match &node.group {
            // Drawn by a script that is still to come.
            Group::Webauthn | Group::Passkey | Group::Captcha => false,
            Group::Default => self.only.is_none() || is_hidden(node),
            Group::Password
            | Group::Oidc
            | Group::Saml
            | Group::Profile
            | Group::Link
            | Group::Code
            | Group::Totp
            | Group::LookupSecret
            | Group::IdentifierFirst
            | Group::Unknown(_) => self.only.as_ref().is_none_or(|only| node.group == *only),
        }
    }

    /// Whether the messages of a node that is not drawn have to be said on this screen.
    fn is_spoken_for(&self, node: &Node) -> bool {
        match &self.only {
            None => true,
            Some(only) => node.group == *only || node.group == Group::Default,
        }
    }

    /// Which nodes go into which form. A field that all methods share (an address, the traits) joins their forms into
    /// one; otherwise each method has its own.
    fn plans(&self) -> Vec<Plan<'a>> {
        let here: Vec<&Node> = self
            .flow
            .nodes
            .iter()
            .filter(|node| self.is_here(node))
            .collect();
        let shared: Vec<&Node> = here
            .iter()
            .filter(|node| node.group == Group::Default)
            .copied()
            .collect();
        let mut groups: Vec<&Group> = here.iter().map(|node| &node.group).collect();
        groups.sort_by_key(|group| (rank(group), group.name()));
        groups.dedup();
        let social: Vec<&Group> = groups
            .iter()
            .filter(|group| is_social(group))
            .copied()
            .collect();
        groups.retain(|group| !is_social(group) && **group != Group::Default);

        let of = |wanted: &[&Group]| -> Vec<&'a Node> {
            let mut nodes: Vec<&Node> = Vec::new();
            for group in wanted {
                nodes.extend(here.iter().filter(|node| node.group == **group).copied());
            }
            nodes
        };
        let mut plans = Vec::new();
        if shared.iter().any(|node| !is_hidden(node)) {
            plans.extend(self.plan(&shared, &of(&groups)));
        } else {
            for group in groups {
                plans.extend(self.plan(&shared, &of(&[group])));
            }
        }
        for node in of(&social) {
            if let Some(input) = node.input().filter(|input| input.kind == InputKind::Submit) {
                plans.push(Plan {
                    hidden: shared.iter().filter_map(|node| hidden(node)).collect(),
                    parts: vec![Part::Button { node, input }],
                    by_htmx: false,
                });
            }
        }
        plans
    }

    fn plan(&self, shared: &[&'a Node], own: &[&'a Node]) -> Option<Plan<'a>> {
        let nodes = || shared.iter().chain(own).copied();
        let presses = |name: &str| {
            nodes()
                .filter_map(Node::input)
                .any(|input| input.kind == InputKind::Submit && input.name == name)
        };
        let mut parts: Vec<Part<'a>> = Vec::new();
        let mut buttons: Vec<Part<'a>> = Vec::new();
        for node in nodes() {
            match &node.attributes {
                Attributes::Input(input) if input.kind == InputKind::Submit => {
                    if !is_resend(input) && !self.always_fails(input) {
                        buttons.push(Part::Button { node, input });
                    }
                }
                Attributes::Input(input) => {
                    let field = Field::of(self.frame.texts, self.flow, node, input);
                    parts.extend(field.map(|field| Part::Field(Box::new(field))));
                }
                Attributes::Text(text) => parts.push(Part::Text { text, node }),
                Attributes::Image(image) => parts.push(Part::Image { image, node }),
                Attributes::Anchor(_)
                | Attributes::Script
                | Attributes::Division
                | Attributes::Unknown => {}
            }
        }
        if buttons.is_empty() {
            return None;
        }
        // Kratos mixes the password in among the traits; people expect it last.
        parts.sort_by_key(|part| match part {
            Part::Field(field) => field.is_password(),
            Part::Button { .. } | Part::Text { .. } | Part::Image { .. } => false,
        });
        parts.extend(buttons);
        // Kratos' decoder takes the first value, so a hidden `method` beside a pressed one would only be in the way.
        let hidden = nodes()
            .filter_map(|node| hidden(node))
            .filter(|input| !presses(&input.name))
            .collect();
        Some(Plan {
            hidden,
            parts,
            by_htmx: true,
        })
    }

    fn form(&self, by_htmx: bool, content: impl IntoView + 'static) -> AnyView {
        form(self.frame, &self.action, by_htmx, content)
    }

    /// Kratos 26.2 offers to send a text message again, and then asks for an address that there is no field for.
    fn always_fails(&self, input: &Input) -> bool {
        self.flow.kind == FlowKind::Verification && input.name == "sms"
    }

    fn button(
        &self,
        node: &Node,
        input: &Input,
        words: Option<String>,
        is_primary: bool,
    ) -> AnyView {
        let told = node
            .label
            .as_ref()
            .map(|label| tell(self.frame.texts, label, None).text);
        let words = words.or(told).unwrap_or_else(|| input.name.clone());
        view! {
            <button
                class=if is_primary { "btn primary" } else { "btn" }
                type="submit"
                name=input.name.clone()
                value=input.value.clone()
                disabled=input.disabled
            >
                {words}
            </button>
        }
        .into_any()
    }

    /// Another code: a form of its own, after the main one, so that Enter always confirms.
    fn resend(&self) -> Option<AnyView> {
        let texts = self.frame.texts;
        let offered = self
            .flow
            .inputs()
            .filter(|(node, _)| self.is_here(node))
            .find(|(_, input)| input.kind == InputKind::Submit && is_resend(input));
        let (group, name, value) = match (offered, self.resend_to) {
            (Some((node, input)), _) => (
                &node.group,
                input.name.as_str(),
                input.value.as_deref().unwrap_or_default(),
            ),
            (None, Some(address)) => (&Group::Code, "email", address),
            (None, None) => return None,
        };
        let hidden = self
            .flow
            .nodes
            .iter()
            .filter(|node| node.group == *group || node.group == Group::Default)
            .filter_map(hidden)
            .filter(|input| input.name != name)
            .map(|input| hidden_input(&input.name, input.value.as_deref()))
            .collect_view();
        let button = view! {
            {hidden}
            <button class="btn" type="submit" name=name.to_owned() value=value.to_owned()>
                {texts.say("resend")}
            </button>
        };
        // So that the answer can say that it was not the first code.
        let action = format!("{}&resend=1", self.action);
        Some(form(self.frame, &action, true, button))
    }

    /// The links of a flow that is done: the way on.
    fn anchors(&self) -> Vec<AnyView> {
        let texts = self.frame.texts;
        let anchor = |anchor: &Anchor, node: &Node| {
            let title = anchor.title.as_ref().or(node.label.as_ref());
            let words = title.map_or_else(
                || texts.say("continue"),
                |title| tell(texts, title, None).text,
            );
            let testid = format!("node/anchor/{}", anchor.id);
            view! {
                <a class="btn primary" href=anchor.href.clone() data-testid=testid>{words}</a>
            }
            .into_any()
        };
        self.flow
            .nodes
            .iter()
            .filter(|node| self.is_here(node))
            .filter_map(|node| match &node.attributes {
                Attributes::Anchor(link) if is_web(&link.href) => Some(anchor(link, node)),
                Attributes::Anchor(_)
                | Attributes::Input(_)
                | Attributes::Text(_)
                | Attributes::Image(_)
                | Attributes::Script
                | Attributes::Division
                | Attributes::Unknown => None,
            })
            .collect()
    }

    fn account_field(&self, account: &str) -> impl IntoView + use<> {
        view! {
            <div class="field">
                <label for="account">{self.frame.texts.say("account")}</label>
                <input
                    class="input"
                    id="account"
                    type="email"
                    autocomplete="username"
                    dir="ltr"
                    readonly
                    value=account.to_owned()
                />
            </div>
        }
    }

    fn text(&self, text: &Text, node: &Node) -> AnyView {
        let texts = self.frame.texts;
        let label = node
            .label
            .as_ref()
            .map(|label| tell(texts, label, None).text);
        let testid = format!("node/text/{}", text.id);
        let told = tell(texts, &text.text, None);
        view! {
            <div class="field" data-testid=format!("{testid}")>
                <p data-testid=format!("{testid}/label")>{label}</p>
                <p data-testid=format!("{testid}/text") lang=told.lang>{told.text}</p>
            </div>
        }
        .into_any()
    }

    fn image(&self, image: &Image, node: &Node) -> AnyView {
        let label = node
            .label
            .as_ref()
            .map(|label| tell(self.frame.texts, label, None).text);
        let (width, height) = image.size;
        is_picture(&image.src)
            .then(|| {
                view! {
                    <img
                        src=image.src.clone()
                        alt=label.unwrap_or_default()
                        width=width.to_string()
                        height=height.to_string()
                        data-testid=format!("node/image/{}", image.id)
                    />
                }
            })
            .into_any()
    }
}

/// A form. Without a script it posts and is sent on; with htmx only the panel changes.
fn form(frame: &Frame, action: &str, by_htmx: bool, content: impl IntoView + 'static) -> AnyView {
    let action = action.to_owned();
    if by_htmx {
        view! {
            <form
                method="post"
                action=action.clone()
                novalidate
                hx-post=action
                hx-target="#panel"
                hx-swap="outerHTML"
                hx-sync="this:drop"
                hx-indicator="#panel"
                hx-nonce=frame.nonce.clone()
            >
                {content}
            </form>
        }
        .into_any()
    } else {
        view! { <form method="post" action=action novalidate>{content}</form> }.into_any()
    }
}

/// A form of nothing but a button.
pub fn button_form(frame: &Frame, action: &str, words: String) -> AnyView {
    let button = view! { <button class="btn primary" type="submit">{words}</button> };
    form(frame, action, true, button)
}

fn hidden_input(name: &str, value: Option<&str>) -> impl IntoView + use<> {
    view! { <input type="hidden" name=name.to_owned() value=value.unwrap_or_default().to_owned()/> }
}

fn hidden(node: &Node) -> Option<&Input> {
    node.input().filter(|input| input.kind == InputKind::Hidden)
}

fn is_hidden(node: &Node) -> bool {
    hidden(node).is_some()
}

fn is_social(group: &Group) -> bool {
    matches!(group, Group::Oidc | Group::Saml)
}

/// A button that sends another code. Kratos names it like the field it stands for.
fn is_resend(input: &Input) -> bool {
    matches!(
        input.name.as_str(),
        "resend" | "email" | "recovery_confirm_address"
    )
}

/// The order of the methods on a page. Kratos' own differs between its versions.
fn rank(group: &Group) -> u8 {
    match group {
        Group::Default => 0,
        Group::IdentifierFirst => 1,
        Group::Profile => 2,
        Group::Password => 3,
        Group::Captcha => 4,
        Group::Passkey => 5,
        Group::Code => 6,
        Group::Link => 7,
        Group::Webauthn => 8,
        Group::Totp => 9,
        Group::LookupSecret => 10,
        Group::Oidc => 11,
        Group::Saml => 12,
        Group::Unknown(_) => 13,
    }
}

/// Whether a link may be followed: other schemes run code or open programs.
fn is_web(href: &str) -> bool {
    url::Url::parse(href).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// Whether a source is a picture: Kratos sends QR codes as PNG in the address itself.
fn is_picture(src: &str) -> bool {
    src.starts_with("data:image/png;base64,")
}
