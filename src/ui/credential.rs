//! The sections of the settings that are more than fields: what somebody signs in with, and how to add or remove it.
//!
//! Everything that takes something away asks first, with `details`, which needs no script.

use leptos::prelude::*;

use crate::kratos::{Attributes, Group, Image, Input, Message, MessageId, Node, Provider, Text};

use super::confirm::confirm;
use super::form::{FlowForms, is_picture};
use super::html::{Draw, Html};
use super::message::tell;
use super::time::date_time;

/// Fewer unused backup codes than this are worth a warning.
const FEW_CODES: usize = 4;

impl FlowForms<'_> {
    /// The authenticator app: a code to scan and a field for the first six digits, or what turns it off.
    pub fn totp(self) -> Html {
        let texts = self.frame.texts;
        if let Some((node, input)) = self.flow.buttons("totp_unlink").next() {
            let off = self.ask_first(
                node,
                input,
                texts.say("settings-totp-off-lead"),
                texts.say("turn-off"),
            );
            return view! { <p>{texts.say("settings-totp-on")}</p> {off} }.html();
        }
        if self.nodes(&Group::Totp).next().is_none() {
            return ().html();
        }
        let image = self
            .nodes(&Group::Totp)
            .find_map(|node| match &node.attributes {
                Attributes::Image(image) if is_picture(&image.src) => Some(self.qr_code(image)),
                Attributes::Image(_)
                | Attributes::Input(_)
                | Attributes::Text(_)
                | Attributes::Anchor(_)
                | Attributes::Script
                | Attributes::Division
                | Attributes::Unknown => None,
            });
        let secret = self.nodes(&Group::Totp).find_map(text).map(|text| {
            let secret = &text.text.text;
            view! {
                <div class="field" data-testid=format!("node/text/{}", text.id)>
                    <p class="hint">{texts.say("settings-totp-secret")}</p>
                    <p class="secret">
                        <span data-testid=format!("node/text/{}/text", text.id)>
                            <code dir="ltr">{in_fours(secret)}</code>
                        </span>
                        {self.copy(secret)}
                    </p>
                </div>
            }
        });
        let form = self.bare().draw();
        view! {
            <ol class="steps">
                <li><p>{texts.say("settings-totp-scan")}</p> {image} {secret}</li>
                <li><p>{texts.say("settings-totp-type")}</p> {form}</li>
            </ol>
        }
        .html()
    }

    fn qr_code(&self, image: &Image) -> Html {
        let (width, height) = image.size;
        view! {
            <img
                class="qr"
                src=image.src.clone()
                alt=self.frame.texts.say("settings-totp-qr")
                width=width.to_string()
                height=height.to_string()
                data-testid=format!("node/image/{}", image.id)
            />
        }
        .html()
    }

    /// Backup codes: to make, to keep, to look at, to turn off.
    pub fn lookup_secrets(self) -> Html {
        let texts = self.frame.texts;
        let button = |name: &str| self.flow.buttons(name).next();
        let codes = self.nodes(&Group::LookupSecret).find_map(text);
        let codes = codes.map(|text| self.codes(text, button("lookup_secret_confirm").is_some()));
        let confirm = button("lookup_secret_confirm")
            .map(|(node, input)| self.press(input, "btn primary", self.words(node, input), true));
        let reveal = button("lookup_secret_reveal")
            .map(|(node, input)| self.press(input, "btn primary", self.words(node, input), true));
        let is_on = button("lookup_secret_disable").is_some();
        let make = button("lookup_secret_regenerate").map(|(node, input)| {
            if is_on {
                let lead = texts.say("settings-lookup-again-lead");
                let words = texts.say("settings-lookup-again");
                self.ask_first_named(input, lead, words.clone(), words)
            } else {
                self.press(input, "btn primary", self.words(node, input), true)
            }
        });
        let off = button("lookup_secret_disable").map(|(node, input)| {
            let lead = texts.say("settings-lookup-off-lead");
            self.ask_first(node, input, lead, texts.say("turn-off"))
        });
        view! { {codes} {confirm} {reveal} {make} {off} }.html()
    }

    fn codes(&self, text: &Text, is_new: bool) -> Html {
        let texts = self.frame.texts;
        let secrets = text.text.secrets();
        let is_unused = |secret: &&Message| secret.id != MessageId::LOOKUP_SECRET_USED;
        let unused: Vec<&str> = secrets
            .iter()
            .filter(is_unused)
            .map(|secret| secret.text.as_str())
            .collect();
        let items = secrets
            .iter()
            .map(|secret| {
                if is_unused(&secret) {
                    view! { <li><code dir="ltr">{secret.text.clone()}</code></li> }.html()
                } else {
                    view! { <li class="used">{tell(texts, secret, None).text}</li> }.html()
                }
            })
            .collect_view();
        let few = (unused.len() < FEW_CODES).then(|| {
            let text = texts.say_number("settings-lookup-few", "count", unused.len() as u64);
            view! { <p class="warning" role="status">{text}</p> }
        });
        let lead = if is_new {
            "settings-lookup-keep"
        } else {
            "settings-lookup-shown"
        };
        let file = unused.join("\n");
        let encoded: String = form_urlencoded::byte_serialize(file.as_bytes()).collect();
        let testid = format!("node/text/{}", text.id);
        view! {
            {few}
            <p class="no-print">{texts.say(lead)}</p>
            <ol class="codes" data-testid=testid>{items}</ol>
            <p class="tools no-print">
                {self.copy(&file)}
                <a class="btn" download="backup-codes.txt" href=format!("data:text/plain;charset=utf-8,{encoded}")>
                    {texts.say("download")}
                </a>
                <button class="btn needs-js" type="button" data-print="">
                    {texts.say("print")}
                </button>
            </p>
        }
        .html()
    }

    /// Passkeys or security keys: those there are, and how to add one.
    pub fn keys(self, group: &Group) -> Html {
        let texts = self.frame.texts;
        let (remove, lead, none, last) = if *group == Group::Passkey {
            (
                "passkey_remove",
                "settings-passkey-remove-lead",
                "settings-passkey-none",
                "settings-passkey-last",
            )
        } else {
            (
                "webauthn_remove",
                "settings-webauthn-remove-lead",
                "settings-webauthn-none",
                "settings-webauthn-last",
            )
        };
        let mut number = 0;
        let rows: Vec<Html> = self
            .flow
            .buttons(remove)
            .map(|(node, input)| {
                number += 1;
                let label = node.label.as_ref();
                let name = label
                    .and_then(|label| label.context_text("display_name"))
                    .filter(|name| !name.is_empty() && *name != "unnamed")
                    .map_or_else(
                        || {
                            let key = if *group == Group::Passkey {
                                "passkey-name"
                            } else {
                                "webauthn-name"
                            };
                            texts.say_with(key, &[("number", &number.to_string())])
                        },
                        str::to_owned,
                    );
                let since = label
                    .and_then(|label| label.context_text("added_at"))
                    .and_then(|at| Some((at, date_time(texts, at)?)))
                    .map(|(at, words)| {
                        view! {
                            <p class="hint">
                                {texts.say("settings-key-since")} " "
                                <time datetime=at.to_owned()>{words}</time>
                            </p>
                        }
                    });
                let remove = if input.disabled {
                    view! { <p class="hint">{texts.say(last)}</p> }.html()
                } else {
                    let named = texts.say_with("remove-named", &[("name", &name)]);
                    let ask = view! { {texts.say("remove")} <span class="vh">" – " {name.clone()}</span> };
                    self.ask_first_named(input, texts.say(lead), ask, named)
                };
                view! {
                    <li>
                        <p><bdi>{name}</bdi></p>
                        {since} {remove}
                    </li>
                }
                .html()
            })
            .collect();
        let list = if rows.is_empty() {
            view! { <p>{texts.say(none)}</p> }.html()
        } else {
            view! { <ul class="things">{rows}</ul> }.html()
        };
        let add = self.draw();
        view! { {list} {add} }.html()
    }

    /// Accounts elsewhere that somebody can sign in with. `kept` are those that cannot be given up, because there is no
    /// other way in.
    pub fn connections(self, kept: &[Provider]) -> Html {
        let texts = self.frame.texts;
        let label = |node: &Node, input: &Input| {
            Provider::of(node, input).map_or_else(String::new, |provider| provider.label)
        };
        let row = |name: String, state: &str, action: Html| {
            view! {
                <li>
                    <p><bdi>{name}</bdi></p>
                    <p class="hint">{texts.say(state)}</p>
                    {action}
                </li>
            }
            .html()
        };
        let linked = self.flow.buttons("unlink").map(|(node, input)| {
            let name = label(node, input);
            let named = self.words(node, input);
            let lead = texts.say_with("settings-oidc-unlink-lead", &[("provider", &name)]);
            let words = texts.say("settings-oidc-unlink");
            let action = self.ask_first_named(input, lead, words, named);
            row(name, "settings-oidc-connected", action)
        });
        let kept = kept.iter().map(|Provider { label, .. }| {
            let why = view! { <p class="hint">{texts.say("settings-oidc-last")}</p> };
            row(label.clone(), "settings-oidc-connected", why.html())
        });
        let others = self.flow.buttons("link").map(|(node, input)| {
            // The answer is another site.
            let action = self.press(input, "btn", self.words(node, input), false);
            row(label(node, input), "settings-oidc-not-connected", action)
        });
        let rows: Vec<Html> = linked.chain(kept).chain(others).collect();
        view! { <ul class="things">{rows}</ul> }.html()
    }

    /// What is lost is said before it is. `words` are those of the button and of what opens the question.
    fn ask_first(&self, node: &Node, input: &Input, lead: String, words: String) -> Html {
        let named = self.words(node, input);
        self.ask_first_named(input, lead, words, named)
    }

    /// The same where several things can be removed: `named` says which.
    fn ask_first_named(
        &self,
        input: &Input,
        lead: String,
        ask: impl IntoView + 'static,
        named: String,
    ) -> Html {
        let form = self.press(input, "btn danger", named, true);
        confirm(ask, lead, form).html()
    }

    fn copy(&self, text: &str) -> impl IntoView + use<> {
        let texts = self.frame.texts;
        view! {
            <button
                class="btn needs-js"
                type="button"
                data-copy=text.to_owned()
                data-copied=texts.say("copied")
            >
                {texts.say("copy")}
            </button>
        }
    }

    fn nodes<'s>(&'s self, group: &'s Group) -> impl Iterator<Item = &'s Node> {
        self.flow
            .nodes
            .iter()
            .filter(move |node| node.group == *group)
    }
}

fn text(node: &Node) -> Option<&Text> {
    match &node.attributes {
        Attributes::Text(text) => Some(text),
        Attributes::Input(_)
        | Attributes::Image(_)
        | Attributes::Anchor(_)
        | Attributes::Script
        | Attributes::Division
        | Attributes::Unknown => None,
    }
}

/// In groups of four, as people type it. The gaps are of the style, so that the text is the key and nothing else.
fn in_fours(secret: &str) -> Html {
    // Base32: https://www.rfc-editor.org/rfc/rfc4648#section-6
    let is_key = |letter: u8| matches!(letter, b'A'..=b'Z' | b'2'..=b'7');
    if !secret.bytes().all(is_key) {
        return secret.to_owned().html();
    }
    let letters: Vec<char> = secret.chars().collect();
    let group = |four: &[char]| view! { <span class="four">{String::from_iter(four)}</span> };
    letters.chunks(4).map(group).collect_view().html()
}
