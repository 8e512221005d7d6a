//! The forms of a flow, from its nodes. The only place that writes `hx-*`.

use leptos::prelude::*;

use crate::i18n::Texts;
use crate::kratos::{
    Anchor, Attributes, Ceremony, CeremonyKind, Channel, Flow, FlowKind, Group, Image, Input,
    InputKind, Level, Message, MessageId, MessageKind, Node, Text, is_part,
};

use super::field::{Field, Manner, about_sign_in};
use super::html::{Draw, Html};
use super::layout::Frame;
use super::message::{Told, tell};
use super::panel::Problem;

/// A flow on its way to the page.
pub struct FlowForms<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) flow: &'a Flow,
    /// The route that takes the forms.
    action: String,
    password_min_length: u16,
    only: Option<Group>,
    primary: Option<String>,
    account: Option<&'a str>,
    links: Option<Html>,
    resend_to: Option<&'a str>,
    below_notice: bool,
    below_flash: bool,
    focus: bool,
    /// Whether another step comes before the way on.
    below_step: bool,
    /// Whether texts and pictures are drawn elsewhere.
    bare: bool,
    /// Whether the profile is on another page.
    is_beside_profile: bool,
}

/// What goes into one `<form>`.
struct Plan<'a> {
    id: Option<&'static str>,
    hidden: Vec<&'a Input>,
    parts: Vec<Part<'a>>,
    /// Whether htmx may send it. Not where the answer is another site.
    by_htmx: bool,
}

/// Another way to the same end, below the main form.
struct Alternative<'a> {
    way: Way<'a>,
    /// Whether nothing of it works without a script.
    needs_script: bool,
}

enum Way<'a> {
    /// In a form of its own.
    Form(Plan<'a>),
    /// Another button of the main form.
    Button {
        node: &'a Node,
        input: &'a Input,
    },
    Ceremony(Ceremony<'a>),
}

/// The id of the main form, for the buttons that stand outside it.
const MAIN_FORM: &str = "flow";

/// Where a button stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// First in its form, as what most people press.
    Primary,
    Secondary,
    /// Below the main form, which it sends all the same.
    Outside,
}

impl Standing {
    fn primary_if(is_primary: bool) -> Self {
        if is_primary {
            Self::Primary
        } else {
            Self::Secondary
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn primary",
            Self::Secondary | Self::Outside => "btn",
        }
    }

    /// The form that it belongs to, where that is not the one around it.
    fn form(self) -> Option<&'static str> {
        (self == Self::Outside).then_some(MAIN_FORM)
    }
}

/// Ends the action of a form that asks for another mail, so that the answer can say that it was not the first.
const RESEND: &str = "&resend=1";

/// So many alternatives are in sight, the others behind one more step.
const ALTERNATIVES_IN_SIGHT: usize = 3;

enum Part<'a> {
    Field(Box<Field>),
    Button {
        node: &'a Node,
        input: &'a Input,
    },
    Ceremony(Ceremony<'a>),
    Text {
        text: &'a Text,
        node: &'a Node,
    },
    Image {
        image: &'a Image,
        node: &'a Node,
    },
    /// One of several, which all stand for the same.
    Choice(Vec<(&'a Node, &'a Input)>),
}

impl<'a> FlowForms<'a> {
    pub fn new(
        frame: &'a Frame<'a>,
        flow: &'a Flow,
        action: String,
        password_min_length: u16,
    ) -> Self {
        Self {
            frame,
            flow,
            action,
            password_min_length,
            only: None,
            primary: None,
            account: None,
            links: None,
            resend_to: None,
            below_notice: false,
            below_flash: false,
            focus: true,
            below_step: false,
            bare: false,
            is_beside_profile: false,
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

    /// What stands between the main form and the other ways.
    pub fn links(mut self, links: impl IntoView + 'static) -> Self {
        self.links = Some(links.html());
        self
    }

    /// Where to send another code, if Kratos offers no button for it.
    pub fn resend_to(mut self, address: Option<&'a str>) -> Self {
        self.resend_to = address;
        self
    }

    /// Whoever sends the form asks for what was mailed once more.
    pub fn resending(mut self) -> Self {
        self.action.push_str(RESEND);
        self
    }

    /// A notice stands above and is read together with the field that takes the focus.
    pub fn below_notice(mut self, below: bool) -> Self {
        self.below_notice = below;
        self
    }

    /// The same of what an earlier answer left to say.
    pub fn below_flash(mut self, below: bool) -> Self {
        self.below_flash = below;
        self
    }

    /// Says of what is wrong with the profile that it is to be mended on the page of the profile.
    pub fn beside_profile(mut self, is_beside: bool) -> Self {
        self.is_beside_profile = is_beside;
        self
    }

    /// A step that most people take first stands above, so that the way on is not the main button.
    pub fn below_step(mut self, below: bool) -> Self {
        self.below_step = below;
        self
    }

    /// Leaves texts and pictures out.
    pub(super) fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// Leaves the focus where the browser puts it.
    pub fn without_focus(mut self) -> Self {
        self.focus = false;
        self
    }

    /// Everything that is wrong, in the order of the page: first the form as a whole, then its fields.
    pub fn problems(&self) -> Vec<Problem> {
        if !self.flow.has_errors() {
            return Vec::new();
        }
        let texts = self.frame.texts;
        let mut fields: Vec<Field> = self.fields().collect();
        arrange(&mut fields, texts, |field| Some(field));
        let first = fields.first().map(|field| field.id.clone());
        let whole = self
            .flow
            .messages
            .iter()
            .filter(|message| message.kind == MessageKind::Error)
            .map(|message| Problem {
                told: self.told(message),
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
            .flat_map(|node| node.messages.iter().map(move |message| (node, message)))
            .filter(|(node, message)| {
                message.kind == MessageKind::Error && !self.is_about_profile(node, message)
            })
            .map(|(_, message)| Problem {
                told: self.told(message),
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
        let lacking = self.lacking_in_profile();
        whole
            .chain(lacking)
            .chain(homeless)
            .chain(at_fields)
            .collect()
    }

    /// Whether Kratos refuses a change for what stands in the profile: it checks an identity as a whole, and an older one may
    /// no longer fit its schema.
    fn is_about_profile(&self, node: &Node, message: &Message) -> bool {
        let is_trait = |input: &Input| input.name.starts_with("traits.");
        self.is_beside_profile
            && message.kind == MessageKind::Error
            && message.id.is_of_kratos()
            && node.input().is_some_and(is_trait)
    }

    /// What has to be filled in or mended in the profile first.
    pub fn lacking_in_profile(&self) -> Option<Problem> {
        let texts = self.frame.texts;
        let mut names: Vec<String> = Vec::new();
        let mut first = None;
        for (node, input) in self.flow.inputs() {
            let mut messages = node.messages.iter();
            let Some(message) = messages.find(|it| self.is_about_profile(node, it)) else {
                continue;
            };
            first = first.or(Some(message.id));
            for name in self.names_in_profile(node, input) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let names = names.join(&texts.say("profile-first-between"));
        first.map(|message| Problem {
            told: Told::ours(texts.say_with("profile-first", &[("fields", &names)])),
            field: None,
            message: Some(message),
        })
    }

    /// The names of the fields that a node of the profile stands for: of an object that is missing, those that it needs.
    fn names_in_profile(&self, node: &Node, input: &Input) -> Vec<String> {
        let label = |node: &Node, input: &Input| {
            let field = Field::of(self.frame.texts, self.flow, node, input);
            field.map(|field| field.label())
        };
        let is_in_it = |other: &Input| {
            let rest = other.name.strip_prefix(&*input.name);
            other.required && rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let parts = self.flow.inputs().filter(|(_, other)| is_in_it(other));
        let names: Vec<String> = parts.filter_map(|(node, it)| label(node, it)).collect();
        if names.is_empty() {
            label(node, input).into_iter().collect()
        } else {
            names
        }
    }

    /// What is wrong with the form as a whole. Of a key Kratos says the same as of a code from an app, which is never the
    /// first factor.
    fn told(&self, message: &Message) -> Told {
        let texts = self.frame.texts;
        let is_first_factor = self.flow.kind == FlowKind::Login && self.flow.level == Level::Aal1;
        let is_about_key = is_first_factor || self.only == Some(Group::Webauthn);
        let can_send_again = || self.resend_button().is_some() || self.resend_to.is_some();
        if message.id == MessageId::TOTP_WRONG && is_about_key {
            Told::ours(texts.say("kratos-4000043"))
        } else if let Some(told) = about_sign_in(texts, self.flow, message) {
            told
        } else if message.id == MessageId::VERIFICATION_CODE_WRONG && !can_send_again() {
            Told::ours(texts.say("code-wrong"))
        } else if message.is_last_way_in() {
            let is_here = |group: Group| self.only == Some(group);
            Told::ours(texts.say(if is_here(Group::Passkey) {
                "settings-passkey-last"
            } else if is_here(Group::Webauthn) {
                "settings-webauthn-last"
            } else {
                "settings-oidc-last"
            }))
        } else {
            tell(texts, message, None)
        }
    }

    /// Whether there are several fields and none may be left empty. A key or a mailed code would take the place of the
    /// password.
    pub fn needs_all(&self) -> bool {
        let has_choice = !self.ceremonies().is_empty() || self.flow.buttons("method").count() > 1;
        self.fields().count() > 1 && !has_choice && !self.fields().any(|field| field.is_optional())
    }

    /// The forms, one below the other: the main one, the links, the other ways, the way back.
    pub fn draw(mut self) -> Html {
        let texts = self.frame.texts;
        let (main, alternatives) = self.plans();
        let fields = || {
            main.iter()
                .flat_map(|plan| &plan.parts)
                .filter_map(Part::field)
        };
        let focused = (self.focus && self.problems().is_empty())
            .then(|| {
                fields()
                    .find(|field| field.is_empty() && !(field.is_trait() && field.is_optional()))
                    .map(|field| field.id.clone())
            })
            .flatten();
        let manners = Manners {
            focused,
            some_optional: fields().any(|field| field.is_trait() && field.is_optional()),
        };
        let links = self.links.take();
        let mut primary = self.primary.take();
        let mut account = self.account;
        let is_all = main.is_empty();
        let main = main
            .into_iter()
            .enumerate()
            .map(|(place, plan)| {
                self.planned(plan, place == 0, &manners, &mut primary, &mut account)
            })
            .collect_view();
        let resend = self.resend();
        let anchors = self.anchors();
        let alternatives = self.alternatives(alternatives, is_all, &manners, &mut account);
        let back = self.back();
        let or = texts.say("or");
        let alternatives = alternatives.map(|(needs_script, ways)| {
            let or = (!is_all).then(|| {
                view! { <p class="or" data-needs=needs_script.then_some("webauthn") hidden=needs_script>{or}</p> }
            });
            view! { {or} {ways} }
        });
        // What there is to press comes before where else to go.
        if is_all {
            view! { {resend} {anchors} {alternatives} {links} {back} }.html()
        } else {
            view! { {main} {resend} {anchors} {links} {alternatives} {back} }.html()
        }
    }

    /// One form of the plan.
    fn planned(
        &self,
        plan: Plan<'a>,
        is_main: bool,
        manners: &Manners,
        primary: &mut Option<String>,
        account: &mut Option<&'a str>,
    ) -> Html {
        let texts = self.frame.texts;
        let Plan {
            id,
            hidden,
            parts,
            by_htmx,
        } = plan;
        let hidden = hidden
            .into_iter()
            .map(|input| hidden_input(&input.name, input.value.as_deref()))
            .collect_view();
        let account = account.take().map(|account| self.account_field(account));
        let is_only_button = parts
            .iter()
            .filter(|part| matches!(part, Part::Button { .. } | Part::Ceremony(_)))
            .count()
            == 1;
        let parts = parts
            .into_iter()
            .map(|part| match part {
                Part::Field(field) => {
                    let focus = manners.focused.as_deref() == Some(&field.id);
                    let manner = Manner {
                        focus,
                        mark_optional: manners.some_optional && field.is_trait(),
                        password_min_length: self.password_min_length,
                        below_notice: self.below_notice,
                        below_flash: self.below_flash && focus,
                    };
                    field.draw(texts, manner)
                }
                Part::Button { node, input } => {
                    let words = is_plain_submit(node).then(|| primary.take()).flatten();
                    let is_primary = is_main && (words.is_some() || is_only_button);
                    self.button(node, input, words, Standing::primary_if(is_primary))
                }
                Part::Ceremony(ceremony) => {
                    self.ceremony(ceremony, Standing::primary_if(is_main && is_only_button))
                }
                Part::Text { text, node } => self.text(text, node),
                Part::Image { image, node } => self.image(image, node),
                Part::Choice(offered) => self.choice(&offered, primary.take()),
            })
            .collect_view();
        self.form(id, by_htmx, view! { {hidden} {account} {parts} })
    }

    /// The other ways, the first few in sight, and whether none of them works without a script.
    fn alternatives(
        &self,
        alternatives: Vec<Alternative<'a>>,
        is_all: bool,
        manners: &Manners,
        account: &mut Option<&'a str>,
    ) -> Option<(bool, Html)> {
        if alternatives.is_empty() {
            return None;
        }
        let texts = self.frame.texts;
        let needs_script = alternatives.iter().all(|way| way.needs_script);
        let mut ways: Vec<Html> = alternatives
            .into_iter()
            .map(|Alternative { way, needs_script }| {
                let is_main = is_all && needs_script;
                let way = match way {
                    Way::Form(plan) => self.planned(plan, is_main, manners, &mut None, account),
                    Way::Button { node, input } => {
                        self.button(node, input, None, Standing::Outside)
                    }
                    Way::Ceremony(ceremony) => self.ceremony(ceremony, Standing::Outside),
                };
                if needs_script {
                    view! { <div data-needs="webauthn" hidden>{way}</div> }.html()
                } else {
                    way
                }
            })
            .collect();
        let more = (ways.len() > ALTERNATIVES_IN_SIGHT).then(|| {
            let rest = ways.split_off(ALTERNATIVES_IN_SIGHT - 1);
            view! {
                <details class="more">
                    <summary>{texts.say("more-options")}</summary>
                    {rest}
                </details>
            }
        });
        // Where there is a script, that says so where it cannot ask an authenticator.
        let lacking = (is_all && needs_script).then(|| {
            view! { <p data-lacks="webauthn">{texts.say("webauthn-lacking")}</p> }
        });
        Some((needs_script, view! { {lacking} {ways} {more} }.html()))
    }

    fn fields(&self) -> impl Iterator<Item = Field> {
        self.flow
            .inputs()
            .filter(|(node, _)| self.is_here(node))
            .filter_map(|(node, input)| Field::of(self.frame.texts, self.flow, node, input))
    }

    /// A trait in a sign-in: a web hook has refused it there, and nobody can mend it there.
    fn is_no_question(&self, node: &Node) -> bool {
        let is_trait = |input: &Input| input.name.starts_with("traits.");
        self.flow.kind == FlowKind::Login && node.input().is_some_and(is_trait)
    }

    /// Whether a node is drawn on this screen.
    fn is_here(&self, node: &Node) -> bool {
        if is_stand_in(node) || self.is_beside_the_point(node) || self.is_no_question(node) {
            return false;
        }
        match &node.group {
            // A widget of a third party, which open-source Kratos does not send.
            Group::Captcha => false,
            Group::Default => self.only.is_none() || is_hidden(node),
            Group::Password
            | Group::Oidc
            | Group::Saml
            | Group::Profile
            | Group::Link
            | Group::Code
            | Group::Totp
            | Group::LookupSecret
            | Group::Webauthn
            | Group::Passkey
            | Group::IdentifierFirst
            | Group::Unknown(_) => self.only.as_ref().is_none_or(|only| node.group == *only),
        }
    }

    /// The name of a security key, in a sign-up where most people choose a password. Keys are named in the settings.
    fn is_beside_the_point(&self, node: &Node) -> bool {
        let is_key_name = |input: &Input| input.name == "webauthn_register_displayname";
        self.flow.kind == FlowKind::Registration && node.input().is_some_and(is_key_name)
    }

    /// Whether the messages of a node that is not drawn have to be said on this screen.
    fn is_spoken_for(&self, node: &Node) -> bool {
        match &self.only {
            None => true,
            // A web hook may refuse a change of one section for what stands in another.
            Some(_) if self.flow.kind == FlowKind::Settings => true,
            Some(only) => node.group == *only || node.group == Group::Default,
        }
    }

    /// Which nodes go into which form. A field that all methods share (an address, the traits) joins their forms into
    /// one; otherwise each method has its own.
    fn plans(&self) -> (Vec<Plan<'a>>, Vec<Alternative<'a>>) {
        let here: Vec<&Node> = self
            .flow
            .nodes
            .iter()
            .filter(|node| self.is_here(node))
            .collect();
        let is_shared = |node: &&&Node| match &node.group {
            Group::Default => true,
            Group::IdentifierFirst => is_hidden(node),
            Group::Password
            | Group::Oidc
            | Group::Saml
            | Group::Profile
            | Group::Link
            | Group::Code
            | Group::Totp
            | Group::LookupSecret
            | Group::Webauthn
            | Group::Passkey
            | Group::Captcha
            | Group::Unknown(_) => false,
        };
        let shared: Vec<&Node> = here.iter().filter(is_shared).copied().collect();
        let is_joined = shared
            .iter()
            .any(|node| node.input().is_some_and(|input| input.kind.is_typed_into()));
        // A new key is named after the account, whose name stands in the fields of the sign-up.
        let ceremonies = self.ceremonies();
        let (with_fields, alone): (Vec<Ceremony>, Vec<Ceremony>) = ceremonies
            .into_iter()
            .partition(|_| is_joined && self.flow.kind == FlowKind::Registration);

        let mut groups: Vec<&Group> = here
            .iter()
            .filter(|node| !is_shared(node))
            .map(|node| &node.group)
            .filter(|group| !alone.iter().any(|ceremony| ceremony.group == *group))
            .collect();
        groups.sort_by_key(|group| (rank(group), group.name()));
        groups.dedup();
        let is_apart = |group: &&Group| self.is_social(group);
        let social: Vec<&Group> = groups.iter().copied().filter(is_apart).collect();
        groups.retain(|group| !is_apart(group));

        let of = |wanted: &[&Group]| -> Vec<&'a Node> {
            let mut nodes: Vec<&Node> = Vec::new();
            for group in wanted {
                let own = here.iter().filter(|node| !is_shared(node));
                nodes.extend(own.filter(|node| node.group == **group).copied());
            }
            nodes
        };
        let mut plans: Vec<Plan> = Vec::new();
        let mut others: Vec<Alternative> = Vec::new();
        let has_ways = matches!(self.flow.kind, FlowKind::Login | FlowKind::Registration);
        if is_joined {
            let plan = self.plan(&shared, &of(&groups), &with_fields);
            plans.extend(plan.map(|mut plan| {
                if has_ways {
                    others = plan.give_away();
                }
                plan
            }));
        } else {
            for group in groups {
                let plan = self.plan(&shared, &of(&[group]), &[]);
                let has_fields = |plan: &Plan| plan.parts.iter().any(|part| part.field().is_some());
                match plan {
                    Some(plan) if has_ways && !plans.is_empty() && !has_fields(&plan) => {
                        others.push(Alternative {
                            needs_script: *group == Group::Webauthn,
                            way: Way::Form(plan),
                        });
                    }
                    plan => plans.extend(plan),
                }
            }
        }
        let mut alternatives = Vec::new();
        for ceremony in alone {
            let mut parts: Vec<Part<'a>> = Vec::new();
            for node in of(&[ceremony.group])
                .into_iter()
                .filter(|node| !is_part(node))
            {
                if let Some(input) = node.input() {
                    let field = Field::of(self.frame.texts, self.flow, node, input);
                    parts.extend(field.map(|field| Part::Field(Box::new(field))));
                }
            }
            parts.push(Part::Ceremony(ceremony));
            alternatives.push(Alternative {
                way: Way::Form(Plan {
                    id: None,
                    hidden: each_once(shared.iter().filter_map(|node| hidden(node))),
                    parts,
                    by_htmx: false,
                }),
                needs_script: true,
            });
        }
        for node in of(&social) {
            if let Some(input) = node.input().filter(|input| input.kind == InputKind::Submit) {
                alternatives.push(Alternative {
                    way: Way::Form(Plan {
                        id: None,
                        hidden: each_once(shared.iter().filter_map(|node| hidden(node))),
                        parts: vec![Part::Button { node, input }],
                        by_htmx: false,
                    }),
                    needs_script: false,
                });
            }
        }
        alternatives.extend(others);
        (plans, alternatives)
    }

    /// What this screen can ask an authenticator for.
    pub(super) fn ceremonies(&self) -> Vec<Ceremony<'a>> {
        let mut ceremonies = self.flow.ceremonies();
        ceremonies.retain(|ceremony| self.only.as_ref().is_none_or(|only| ceremony.group == only));
        ceremonies
    }

    fn plan(
        &self,
        shared: &[&'a Node],
        own: &[&'a Node],
        ceremonies: &[Ceremony<'a>],
    ) -> Option<Plan<'a>> {
        let nodes = || {
            shared
                .iter()
                .chain(own)
                .copied()
                .filter(|node| !is_part(node))
        };
        let presses = |name: &str| {
            nodes()
                .filter_map(Node::input)
                .any(|input| input.kind == InputKind::Submit && input.name == name)
        };
        let mut parts: Vec<Part<'a>> = Vec::new();
        let mut buttons: Vec<Part<'a>> = Vec::new();
        let mut offered: Vec<(&'a Node, &'a Input)> = Vec::new();
        for node in nodes() {
            match &node.attributes {
                Attributes::Input(input) if input.name == "recovery_select_address" => {
                    offered.push((node, input));
                }
                Attributes::Input(input) if input.kind == InputKind::Submit => {
                    let is_elsewhere = is_resend(input) || is_back(input) || is_removal(input);
                    if !is_elsewhere && !self.always_fails(input) {
                        buttons.push(Part::Button { node, input });
                    }
                }
                Attributes::Input(input) => {
                    let field = Field::of(self.frame.texts, self.flow, node, input);
                    parts.extend(field.map(|field| Part::Field(Box::new(field))));
                }
                Attributes::Text(_) | Attributes::Image(_) if self.bare => {}
                Attributes::Text(text) => parts.push(Part::Text { text, node }),
                Attributes::Image(image) => parts.push(Part::Image { image, node }),
                Attributes::Anchor(_)
                | Attributes::Script
                | Attributes::Division
                | Attributes::Unknown => {}
            }
        }
        buttons.extend(ceremonies.iter().copied().map(Part::Ceremony));
        buttons.extend((!offered.is_empty()).then_some(Part::Choice(offered)));
        if buttons.is_empty() {
            return None;
        }
        arrange(&mut parts, self.frame.texts, Part::field);
        parts.extend(buttons);
        // Kratos' decoder takes the first value, so a hidden `method` beside a pressed one would only be in the way.
        let hidden = nodes()
            .filter_map(|node| hidden(node))
            .filter(|input| !presses(&input.name));
        Some(Plan {
            id: None,
            hidden: each_once(hidden),
            parts,
            by_htmx: true,
        })
    }

    /// Whether a group's buttons lead to another site. Not where somebody comes back from there and details are
    /// missing: then the fields are what matters, and the button sends them.
    fn is_social(&self, group: &Group) -> bool {
        matches!(group, Group::Oidc | Group::Saml) && !self.flow.completes_what_a_provider_told()
    }

    fn form(
        &self,
        id: Option<&'static str>,
        by_htmx: bool,
        content: impl IntoView + 'static,
    ) -> Html {
        form(self.frame, id, &self.action, by_htmx, content)
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
        standing: Standing,
    ) -> Html {
        let words = words.unwrap_or_else(|| self.words(node, input));
        // What follows can be done with a script only.
        let needs_script = node.group == Group::Webauthn;
        view! {
            <button
                class=standing.class()
                class:needs-js=needs_script
                form=standing.form()
                type="submit"
                name=input.name.clone()
                value=input.value.clone()
                disabled=input.disabled
            >
                {words}
            </button>
        }
        .html()
    }

    /// The words of a button as Kratos means them.
    pub(super) fn words(&self, node: &Node, input: &Input) -> String {
        match &node.label {
            Some(label) => tell(self.frame.texts, label, None).text,
            None => input.name.clone(),
        }
    }

    /// A button that asks an authenticator, and the field that takes the answer. The script shows it where the browser
    /// can do that, and sends the form.
    fn ceremony(&self, ceremony: Ceremony, standing: Standing) -> Html {
        let texts = self.frame.texts;
        let Ceremony {
            kind,
            group,
            options,
            answer,
            button,
            label,
        } = ceremony;
        let key = match (kind, group) {
            (CeremonyKind::Get, Group::Passkey) => "passkey-login",
            (CeremonyKind::Get, _) => "webauthn-login",
            (CeremonyKind::Create, Group::Passkey) => "passkey-create",
            (CeremonyKind::Create, _) => "webauthn-create",
        };
        let cancelled = if *group == Group::Passkey {
            "passkey-cancelled"
        } else {
            "webauthn-cancelled"
        };
        let words = label.map_or_else(
            || texts.say(key),
            |label: &Message| tell(texts, label, None).text,
        );
        let name = match kind {
            CeremonyKind::Create => "create",
            CeremonyKind::Get => "get",
        };
        // Which keys there are Kratos says only where they are removed: a device needs no second one for an account.
        let keys = match (kind, group) {
            (CeremonyKind::Get, _) => None,
            (CeremonyKind::Create, Group::Passkey) => Some("passkey_remove"),
            (CeremonyKind::Create, _) => Some("webauthn_remove"),
        };
        let keys = keys.map(|remove| {
            let buttons = self.flow.buttons(remove);
            let keys: Vec<&str> = buttons.filter_map(|(_, it)| it.value.as_deref()).collect();
            keys.join(" ")
        });
        let is_suggested = answer == "passkey_login" && self.flow.suggests_passkeys();
        view! {
            <input type="hidden" name=answer form=standing.form()/>
            <button
                class=standing.class()
                form=standing.form()
                type="button"
                name=button
                hidden
                data-needs="webauthn"
                data-ceremony=name
                data-answer=answer
                data-options=options.to_owned()
                data-keys=keys
                data-suggest=is_suggested.then_some("")
                data-cancelled=texts.say(cancelled)
                data-known=(kind == CeremonyKind::Create).then(|| texts.say("webauthn-known"))
                data-failed=texts.say("webauthn-failed")
                data-testid=format!("node/input/{answer}_trigger")
            >
                {words}
            </button>
            <p class="error" hidden></p>
        }
        .html()
    }

    /// One of several, the first of which is as good as any, and the button that sends it.
    fn choice(&self, offered: &[(&Node, &Input)], words: Option<String>) -> Html {
        let texts = self.frame.texts;
        let options = offered.iter().enumerate().map(|(place, (node, input))| {
            let id = format!("{}-{place}", input.name.replace('_', "-"));
            view! {
                <div class="field checkbox">
                    <input
                        class="input"
                        type="radio"
                        id=id.clone()
                        name=input.name.clone()
                        value=input.value.clone()
                        checked=place == 0
                        disabled=input.disabled
                    />
                    <label for=id><bdi>{self.words(node, input)}</bdi></label>
                </div>
            }
        });
        view! {
            <fieldset>
                <legend>{texts.say("recovery-address")}</legend>
                {options.collect_view()}
            </fieldset>
            <button class="btn primary" type="submit">
                {words.unwrap_or_else(|| texts.say("send-code"))}
            </button>
        }
        .html()
    }

    /// The step before: a form of its own, because it takes along what the fields hold, and not what is typed.
    fn back(&self) -> Option<Html> {
        let (node, input) = self
            .flow
            .inputs()
            .filter(|(node, _)| self.is_here(node))
            .find(|(_, input)| input.kind == InputKind::Submit && is_back(input))?;
        let takes_along = |group: &Group| match group {
            Group::Default => true,
            // A recovery knows the address by it.
            Group::Code => self.flow.kind == FlowKind::Recovery,
            Group::Password
            | Group::Oidc
            | Group::Saml
            | Group::Profile
            | Group::Link
            | Group::Totp
            | Group::LookupSecret
            | Group::Webauthn
            | Group::Passkey
            | Group::IdentifierFirst
            | Group::Captcha
            | Group::Unknown(_) => false,
        };
        let hidden = each_once(
            self.flow
                .nodes
                .iter()
                .filter(|node| takes_along(&node.group))
                .filter_map(hidden),
        );
        let hidden = hidden
            .into_iter()
            .map(|input| hidden_input(&input.name, input.value.as_deref()))
            .collect_view();
        let button = self.button(node, input, None, Standing::Secondary);
        Some(form(
            self.frame,
            None,
            &self.action,
            true,
            view! { {hidden} {button} },
        ))
    }

    /// A form of one button.
    pub(super) fn press(
        &self,
        input: &Input,
        class: &'static str,
        words: String,
        by_htmx: bool,
    ) -> Html {
        let token = self
            .flow
            .csrf_token()
            .map(|token| hidden_input("csrf_token", Some(token)));
        let button = view! {
            <button
                class=class
                type="submit"
                name=input.name.clone()
                value=input.value.clone()
                disabled=input.disabled
            >
                {words}
            </button>
        };
        self.form(None, by_htmx, view! { {token} {button} })
    }

    /// What Kratos offers to send another code with.
    fn resend_button(&self) -> Option<(&'a Node, &'a Input)> {
        let mut inputs = self.flow.inputs().filter(|(node, _)| self.is_here(node));
        inputs.find(|(_, input)| input.kind == InputKind::Submit && is_resend(input))
    }

    /// Another code: a form of its own, after the main one, so that Enter always confirms.
    fn resend(&self) -> Option<Html> {
        let texts = self.frame.texts;
        let (group, name, value) = match (self.resend_button(), self.resend_to) {
            (Some((node, input)), _) => (
                &node.group,
                input.name.as_str(),
                input.value.as_deref().unwrap_or_default(),
            ),
            (None, Some(address)) => (&Group::Code, "email", address),
            (None, None) => return None,
        };
        let takes_along =
            |node: &&Node| [group, &Group::Default, &Group::IdentifierFirst].contains(&&node.group);
        let all = self.flow.nodes.iter().filter(takes_along);
        let hidden = each_once(all.filter_map(hidden))
            .into_iter()
            .filter(|input| input.name != name)
            .map(|input| hidden_input(&input.name, input.value.as_deref()))
            .collect_view();
        let button = view! {
            {hidden}
            <button class="btn" type="submit" name=name.to_owned() value=value.to_owned()>
                {texts.say("resend")}
            </button>
        };
        let action = format!("{}{RESEND}", self.action);
        Some(form(self.frame, None, &action, true, button))
    }

    /// The links of a flow that is done: the way on.
    fn anchors(&self) -> Vec<Html> {
        let texts = self.frame.texts;
        let class = Standing::primary_if(!self.below_step).class();
        let anchor = |anchor: &Anchor, node: &Node| {
            let title = anchor.title.as_ref().or(node.label.as_ref());
            let words = title.map_or_else(
                || texts.say("continue"),
                |title| tell(texts, title, None).text,
            );
            let testid = format!("node/anchor/{}", anchor.id);
            view! {
                <a class=class href=anchor.href.clone() data-testid=testid>{words}</a>
            }
            .html()
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
        let kind = match Channel::of(account) {
            Channel::Mail => "email",
            Channel::Phone => "tel",
            Channel::Unknown => "text",
        };
        view! {
            <div class="field">
                <label for="account">{self.frame.texts.say("account")}</label>
                <input
                    class="input"
                    id="account"
                    type=kind
                    autocomplete="username"
                    dir="ltr"
                    readonly
                    value=account.to_owned()
                />
            </div>
        }
    }

    fn text(&self, text: &Text, node: &Node) -> Html {
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
        .html()
    }

    fn image(&self, image: &Image, node: &Node) -> Html {
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
            .html()
    }
}

/// A form. Without a script it posts and is sent on; with htmx only the panel changes.
fn form(
    frame: &Frame,
    id: Option<&'static str>,
    action: &str,
    by_htmx: bool,
    content: impl IntoView + 'static,
) -> Html {
    let action = frame.at(action);
    if by_htmx {
        view! {
            <form
                id=id
                method="post"
                action=action.clone()
                novalidate
                hx-post=action
                hx-target="#panel"
                hx-swap="outerHTML"
                hx-sync="this:drop"
                hx-indicator="#panel"
                hx-nonce=frame.nonce.to_owned()
            >
                {content}
            </form>
        }
        .html()
    } else {
        view! { <form id=id method="post" action=action novalidate>{content}</form> }.html()
    }
}

/// A form of nothing but a button.
pub fn button_form(frame: &Frame, action: &str, words: String) -> Html {
    let button = view! { <button class="btn primary" type="submit">{words}</button> };
    form(frame, None, action, true, button)
}

/// A form of a page's own, whose buttons have names.
pub fn form_around(frame: &Frame, action: &str, content: impl IntoView + 'static) -> Html {
    form(frame, None, action, true, content)
}

/// The same for a form whose answer is another site.
pub fn plain_form_around(frame: &Frame, action: &str, content: impl IntoView + 'static) -> Html {
    form(frame, None, action, false, content)
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

/// What is the same for the fields of all forms of a screen.
struct Manners {
    /// The id of the field that takes the focus.
    focused: Option<String>,
    some_optional: bool,
}

/// The fields that a form sends unseen. Of several of one name only the first counts for Kratos, unless they are a list;
/// and of the details of a sign-up those without a value are none.
fn each_once<'a>(inputs: impl Iterator<Item = &'a Input>) -> Vec<&'a Input> {
    let mut kept: Vec<&Input> = Vec::new();
    for input in inputs {
        let is_empty_trait = input.value.is_none() && input.name.starts_with("traits.");
        let is_item = input.details.in_list.is_some();
        let is_repeat = !is_item && kept.iter().any(|earlier| earlier.name == input.name);
        if !is_empty_trait && !is_repeat {
            kept.push(input);
        }
    }
    kept
}

impl Part<'_> {
    fn field(&self) -> Option<&Field> {
        match self {
            Self::Field(field) => Some(field),
            Self::Button { .. }
            | Self::Ceremony(_)
            | Self::Text { .. }
            | Self::Image { .. }
            | Self::Choice(_) => None,
        }
    }
}

impl<'a> Plan<'a> {
    /// Takes all buttons but the first out: they are other ways to the same end, with the same fields.
    fn give_away(&mut self) -> Vec<Alternative<'a>> {
        let (mut kept, mut ways) = (Vec::new(), Vec::new());
        let mut has_button = false;
        for part in self.parts.drain(..) {
            let is_button = matches!(part, Part::Button { .. } | Part::Ceremony(_));
            match part {
                Part::Button { node, input } if has_button => ways.push(Alternative {
                    way: Way::Button { node, input },
                    needs_script: node.group == Group::Webauthn,
                }),
                Part::Ceremony(ceremony) if has_button => ways.push(Alternative {
                    way: Way::Ceremony(ceremony),
                    needs_script: true,
                }),
                part => kept.push(part),
            }
            has_button |= is_button;
        }
        self.parts = kept;
        self.id = (!ways.is_empty()).then_some(MAIN_FORM);
        ways
    }
}

/// Puts fields in the order in which people expect them: Kratos mixes the password in among the traits, and a schema has
/// names in the order of one language.
fn arrange<T>(items: &mut [T], texts: Texts, field: impl Fn(&T) -> Option<&Field>) {
    items.sort_by_key(|item| field(item).is_some_and(Field::is_password));
    let place = |items: &[T], purpose: &str| {
        let mut fields = items.iter().map(&field);
        fields.position(|field| field.and_then(Field::purpose) == Some(purpose))
    };
    let (given, family) = (place(items, "given-name"), place(items, "family-name"));
    if let (Some(given), Some(family)) = (given, family) {
        match texts.locale().puts_family_name_first() {
            true if given < family => items[given..=family].rotate_right(1),
            false if family < given => items[family..=given].rotate_left(1),
            true | false => {}
        }
    }
}

/// Whether the words on a submit only say that it is one, so that a screen can say more.
fn is_plain_submit(node: &Node) -> bool {
    const PLAIN: [i64; 9] = [
        1010001, 1010009, 1010010, 1010022, 1040001, 1040003, 1070003, 1070005, 1070009,
    ];
    node.label
        .as_ref()
        .is_none_or(|label| PLAIN.contains(&label.id.0))
}

/// A button to an earlier step.
fn is_back(input: &Input) -> bool {
    input.name == "screen"
}

/// A button that takes away a passkey or a security key; those are listed by name.
fn is_removal(input: &Input) -> bool {
    matches!(input.name.as_str(), "passkey_remove" | "webauthn_remove")
}

/// A node that Kratos makes up to hang a message on: a text field without a label that nobody asked for. Of a trait the
/// schema says whether there is one.
fn is_stand_in(node: &Node) -> bool {
    !node.messages.is_empty()
        && node.input().is_some_and(|input| {
            input.kind.is_typed_into()
                && if input.name.starts_with("traits.") {
                    input.details.is_made_up
                } else {
                    node.label.is_none()
                }
        })
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
pub(super) fn is_picture(src: &str) -> bool {
    src.starts_with("data:image/png;base64,")
}
