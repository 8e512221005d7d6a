//! What Kratos' configuration files say, key by key: one function for each thing that an operator gets wrong.

use std::fmt::Display;

use jiff::SignedDuration;
use url::Url;

use super::cookies::Cookie;
use super::files::Files;
use super::report::{Report, Verdict};
use super::{is_at, is_same};
use crate::config::Config;
use crate::kratos::FlowKind;
use crate::origin::ReturnOrigin;

/// What the sample configurations of Kratos and Genkan have in place of a secret.
const SAMPLES: [&str; 4] = ["development-only", "change-me", "not-secure", "insecure"];
/// Mail servers of development.
const CATCHERS: [&str; 5] = [
    "localhost",
    "127.0.0.1",
    "mailslurper",
    "mailhog",
    "mailpit",
];
/// The sender of mails where none is set.
const SENDER: &str = "no-reply@ory.kratos.sh";
/// In less time than this a person cannot make the change for which Kratos asked for the password.
const TOO_SHORT: SignedDuration = SignedDuration::from_secs(60);
/// After more time than this another person may sit at the browser.
const TOO_LONG: SignedDuration = SignedDuration::from_hours(24);

pub(super) const RETURN_URL: &str = "selfservice.default_browser_return_url";
pub(super) const SESSION: &str = "session.cookie";
pub(super) const COOKIES: &str = "cookies";

/// The key of a flow's page.
pub(super) fn ui_url(name: &str) -> String {
    format!("selfservice.flows.{name}.ui_url")
}

/// The key of an origin among those that a `return_to` may lead to.
pub(super) fn allowed(origin: &impl Display) -> String {
    format!("selfservice.allowed_return_urls {origin}")
}

/// Adds to the report what the files say. `version` is that of the Kratos that runs, where it is known.
pub(super) fn examine(config: &Config, files: &Files, version: Option<&str>, report: &mut Report) {
    let version = version.or_else(|| files.text("version"));
    let wiring = Wiring { config, files };
    let found = [
        wiring.base_url(),
        wiring.ui_urls(),
        wiring.return_urls(),
        wiring.allowed_return_urls(),
        wiring.session_cookie(),
        wiring.password_length(),
        wiring.privileged_session(),
        wiring.keys(),
        wiring.sign_up_hooks(version),
        wiring.mails(),
        wiring.secrets(),
        wiring.hydra(),
    ];
    for (key, verdict) in found.into_iter().flatten() {
        report.of_files(&key, verdict);
    }
    report.unknown(
        "what Kratos is told by variables and flags, which win over its files: see its log",
    );
}

type Found = Vec<(String, Verdict)>;

fn right(what: String) -> Verdict {
    Verdict::Right(what)
}

fn wrong(what: String, mend: String) -> Verdict {
    Verdict::Wrong { what, mend }
}

fn doubtful(what: String, mend: &str) -> Verdict {
    let mend = mend.to_owned();
    Verdict::Doubtful { what, mend }
}

struct Wiring<'a> {
    config: &'a Config,
    files: &'a Files,
}

impl Wiring<'_> {
    fn base_url(&self) -> Found {
        let key = "serve.public.base_url";
        let public = self.config.public();
        let expected = self.config.kratos_browser_url.as_ref().unwrap_or(&public);
        let verdict = match self.url(key) {
            Some(base) if is_same(&base, expected) => right(format!("{key} is {base}")),
            Some(base) => wrong(
                format!("{key} is {base}, but browsers find Kratos at {expected}"),
                format!("set it to {expected}"),
            ),
            None => wrong(format!("{key} is not set"), format!("set it to {expected}")),
        };
        vec![(key.to_owned(), verdict)]
    }

    fn ui_urls(&self) -> Found {
        let kinds = FlowKind::all().map(FlowKind::name);
        let names = kinds.chain(["error"]).filter(|name| self.is_on(name));
        names
            .map(|name| (ui_url(name), self.ui_url(name)))
            .collect()
    }

    fn ui_url(&self, name: &str) -> Verdict {
        let key = ui_url(name);
        let expected = self.page(name);
        let is_page = |shown: &Url| {
            let is_alias = name == FlowKind::Verification.name();
            is_at(shown, &expected) || (is_alias && is_at(shown, &self.page("verify")))
        };
        match self.url(&key) {
            Some(shown) if is_page(&shown) => right(format!("{key} is {expected}")),
            Some(shown) => wrong(format!("{key} is {shown}"), format!("set it to {expected}")),
            None => wrong(format!("{key} is not set"), format!("set it to {expected}")),
        }
    }

    /// Whether a flow is on, as Kratos has it where the files do not say.
    fn is_on(&self, name: &str) -> bool {
        let unset = !["recovery", "verification"].contains(&name);
        let key = format!("selfservice.flows.{name}.enabled");
        self.files.flag(&key, unset)
    }

    /// Where people land at the end of a flow that no application began.
    fn return_urls(&self) -> Found {
        let mut found: Found = Vec::new();
        if self.files.text(RETURN_URL).is_none() {
            let mend = format!("set it to {}", self.page("welcome"));
            let what = format!("{RETURN_URL} is not set");
            found.push((RETURN_URL.to_owned(), wrong(what, mend)));
        }
        let all = self
            .files
            .all_below("selfservice", "default_browser_return_url");
        found.extend(all.into_iter().map(|(key, text)| {
            let verdict = self.return_url(&key, text);
            (key, verdict)
        }));
        found
    }

    fn return_url(&self, key: &str, text: &str) -> Verdict {
        let welcome = self.page("welcome");
        // One without a host is a path of `serve.public.base_url`.
        let Ok(url) = self.config.public().join(text) else {
            return wrong(
                format!("{key} is no address"),
                format!("set it to {welcome}"),
            );
        };
        if self.origins().any(|it| it.covers(&url)) {
            return right(format!("{key} is {}", shown(url)));
        }
        wrong(
            format!("{key} is {}: people land there, not at Genkan", shown(url)),
            format!(
                "set it to {welcome}, or to an application of yours whose origin is in ALLOWED_RETURN_ORIGINS"
            ),
        )
    }

    fn allowed_return_urls(&self) -> Found {
        let named = self
            .files
            .texts("selfservice.allowed_return_urls")
            .unwrap_or_default();
        let named: Vec<Url> = named.iter().filter_map(|it| it.parse().ok()).collect();
        let mut found: Found = self
            .origins()
            .map(|origin| {
                let key = "selfservice.allowed_return_urls";
                let verdict = if named
                    .iter()
                    .any(|it| origin.example().is_some_and(|url| covers(it, &url)))
                {
                    right(format!("{key} has {origin}"))
                } else {
                    wrong(
                        format!("{key} has not {origin}"),
                        format!("add {origin} to {key}"),
                    )
                };
                (allowed(&origin), verdict)
            })
            .collect();
        let is_web = |url: &&Url| ["http", "https"].contains(&url.scheme());
        // A pattern is one of ours if it stands for what ours stands for.
        let is_ours = |url: &&Url| {
            let of_pattern = ReturnOrigin::try_from((*url).clone()).ok();
            let example = of_pattern.and_then(|it| it.example());
            example.is_some_and(|url| self.origins().any(|it| it.covers(&url)))
        };
        let others = named.iter().filter(is_web).filter(|url| !is_ours(url));
        found.extend(others.map(|url| {
            let what = format!(
                "selfservice.allowed_return_urls has {url}, but Genkan sends no browser there"
            );
            let mend = "add its origin to ALLOWED_RETURN_ORIGINS, or take it out";
            (allowed(url), doubtful(what, mend))
        }));
        found
    }

    fn session_cookie(&self) -> Found {
        let own = |name: &str| self.files.text(&format!("{SESSION}.{name}"));
        let shared = |name: &str| self.files.text(&format!("{COOKIES}.{name}"));
        let ours = &self.config.session_cookie;
        let name = own("name").unwrap_or("ory_kratos_session");
        let name = if name == ours {
            right(format!("{SESSION}.name is SESSION_COOKIE: {ours}"))
        } else {
            wrong(
                format!("{SESSION}.name is {name}, but SESSION_COOKIE is {ours}"),
                format!("set SESSION_COOKIE to {name}"),
            )
        };
        let cookie = Cookie {
            domain: own("domain").or_else(|| shared("domain")),
            path: own("path").or_else(|| shared("path")),
            same_site: own("same_site").or_else(|| shared("same_site")),
            is_secure: None,
        };
        // As the other cookies, which Kratos shows, where it has nothing of its own.
        let has_own = ["domain", "path", "same_site"]
            .iter()
            .any(|it| own(it).is_some());
        let key = if has_own { SESSION } else { COOKIES };
        let faults = cookie.faults("session cookies are", self.config);
        let mut found: Found = vec![(format!("{SESSION}.name"), name)];
        if !has_own {
            let what = format!("{SESSION}.domain, path and same_site are those of {COOKIES}");
            found.push((SESSION.to_owned(), right(what)));
        }
        if faults.is_empty() {
            let what = format!("browsers at {} keep session cookies", self.config.public());
            found.push((key.to_owned(), right(what)));
        }
        let faults = faults.into_iter();
        found.extend(faults.map(|(what, mend)| (key.to_owned(), wrong(what, mend.to_owned()))));
        found
    }

    fn password_length(&self) -> Found {
        let key = "selfservice.methods.password.config.min_password_length";
        let (theirs, ours) = (
            self.files.number(key).unwrap_or(8),
            self.config.password_min_length,
        );
        let verdict = if theirs == u64::from(ours) {
            right(format!("{key} is PASSWORD_MIN_LENGTH: {ours}"))
        } else {
            wrong(
                format!("{key} is {theirs}, but PASSWORD_MIN_LENGTH is {ours}"),
                format!("set PASSWORD_MIN_LENGTH to {theirs}"),
            )
        };
        vec![(key.to_owned(), verdict)]
    }

    fn privileged_session(&self) -> Found {
        let key = "selfservice.flows.settings.privileged_session_max_age";
        let text = self.files.text(key).unwrap_or("1h");
        let verdict = match text.parse::<SignedDuration>() {
            Ok(age) if age < TOO_SHORT => doubtful(
                format!(
                    "{key} is {text}: people are asked for the password again before they are done"
                ),
                "set it to some minutes, e.g. 15m",
            ),
            Ok(age) if age > TOO_LONG => doubtful(
                format!(
                    "{key} is {text}: another person at an open browser can change the password"
                ),
                "set it to some minutes, e.g. 15m",
            ),
            Ok(_) => right(format!("{key} is {text}")),
            Err(_) => wrong(
                format!("{key} is no duration"),
                "set it to e.g. 15m".to_owned(),
            ),
        };
        vec![(key.to_owned(), verdict)]
    }

    /// Passkeys and security keys belong to a host, and Kratos takes them from the origins that it knows.
    fn keys(&self) -> Found {
        let is_on = |method: &&str| {
            self.files
                .flag(&format!("selfservice.methods.{method}.enabled"), false)
        };
        let methods = ["passkey", "webauthn"].into_iter().filter(is_on);
        methods.flat_map(|method| self.keys_of(method)).collect()
    }

    fn keys_of(&self, method: &str) -> Found {
        let rp = format!("selfservice.methods.{method}.config.rp");
        let public = &self.config.public_url;
        let host = public.host_str().unwrap_or_default();
        let origin = public.origin().ascii_serialization();
        let id = self.files.text(&format!("{rp}.id")).unwrap_or_default();
        let is_above = host == id || (!id.is_empty() && host.ends_with(&format!(".{id}")));
        let id_verdict = if is_above {
            right(format!("{rp}.id is {id}"))
        } else {
            let what =
                format!("{rp}.id is \"{id}\", and browsers are at {host}: no key works there");
            wrong(what, format!("set it to {host} or a domain above it"))
        };
        let origins = self
            .files
            .texts(&format!("{rp}.origins"))
            .unwrap_or_else(|| {
                self.files
                    .text(&format!("{rp}.origin"))
                    .into_iter()
                    .collect()
            });
        let scheme = self
            .url("serve.public.base_url")
            .map_or("https".to_owned(), |base| base.scheme().to_owned());
        // What Kratos takes where it is told none.
        let implied = format!("{scheme}://{id}");
        let is_in = origins.iter().any(|it| it.trim_end_matches('/') == origin)
            || (origins.is_empty() && implied == origin);
        let origins_verdict = if is_in {
            right(format!("{rp}.origins has {origin}"))
        } else {
            let what = format!("{rp}.origins has not {origin}: Kratos takes no key from there");
            wrong(what, format!("add {origin}"))
        };
        vec![
            (format!("{rp}.id"), id_verdict),
            (format!("{rp}.origins"), origins_verdict),
        ]
    }

    fn sign_up_hooks(&self, version: Option<&str>) -> Found {
        if !self.is_on("registration") {
            return Vec::new();
        }
        let methods = ["password", "code", "oidc", "passkey", "webauthn"].into_iter();
        let methods = methods.filter(|method| self.signs_up(method));
        methods
            .flat_map(|method| self.hooks_of(method, version))
            .collect()
    }

    fn signs_up(&self, method: &str) -> bool {
        let key = format!("selfservice.methods.{method}");
        let flag = |name: &str, unset| self.files.flag(&format!("{key}.{name}"), unset);
        match method {
            "password" => flag("enabled", true),
            "code" => flag("passwordless_enabled", false),
            "webauthn" => flag("enabled", false) && flag("config.passwordless", false),
            "oidc" => {
                let providers = self.files.list(&format!("{key}.config.providers"));
                flag("enabled", false) && providers.is_some_and(|it| !it.is_empty())
            }
            _ => flag("enabled", false),
        }
    }

    fn hooks_of(&self, method: &str, version: Option<&str>) -> Found {
        let after = "selfservice.flows.registration.after";
        let key = format!("{after}.{method}.hooks");
        // Those of all methods count where a method has none of its own.
        let of = |key: &str| self.files.list(key).filter(|hooks| !hooks.is_empty());
        let hooks = of(&key)
            .or_else(|| of(&format!("{after}.hooks")))
            .unwrap_or_default();
        let has = |name: &str| hooks.iter().any(|hook| hook["hook"] == name);
        let session = if has("session") {
            right(format!("{key} has session"))
        } else {
            doubtful(
                format!("{key} has no session: after a sign-up people have to sign in"),
                "add `- hook: session`, or leave it so if that is meant",
            )
        };
        let mut found = vec![(format!("{key} session"), session)];
        let flag = "feature_flags.legacy_continue_with_verification_ui";
        // Older ones ask for it by themselves.
        let is_old = version.is_some_and(|it| it.starts_with("v0.") || it.starts_with("v1."));
        if self.is_on("verification") && !is_old {
            let hook = "show_verification_ui";
            let verdict = if has(hook) || self.files.flag(flag, false) {
                right(format!("{key} has {hook}"))
            } else {
                doubtful(
                    format!(
                        "{key} has no {hook}: a code is mailed and no page asks for it (Kratos 25.4 and newer)"
                    ),
                    "add `- hook: show_verification_ui`",
                )
            };
            found.push((format!("{key} {hook}"), verdict));
        }
        found
    }

    fn mails(&self) -> Found {
        let mut found: Found = Vec::new();
        let key = "courier.smtp.connection_uri";
        let is_smtp = self
            .files
            .text("courier.delivery_strategy")
            .is_none_or(|it| it == "smtp");
        let server = self.files.text(key).map(Url::parse);
        match server {
            Some(Ok(server)) => {
                // Never the whole: it has the password of the mail server.
                let host = server.host_str().unwrap_or_default();
                let verdict = if self.config.is_https() && CATCHERS.contains(&host) {
                    let what = format!("{key} is {host}: mails may not arrive");
                    doubtful(what, "set it to the mail server that sends to the world")
                } else {
                    right(format!("{key} is a server at {host}"))
                };
                found.push((key.to_owned(), verdict));
            }
            Some(Err(_)) => {
                let mend = "set it to e.g. smtps://user:password@mail.example:465/";
                found.push((
                    key.to_owned(),
                    wrong(format!("{key} is no address"), mend.to_owned()),
                ));
            }
            None if is_smtp && self.files.list("courier.channels").is_none() => {
                let what = format!("{key} is in none of the files: no mail is sent");
                found.push((
                    key.to_owned(),
                    doubtful(what, "set it, or COURIER_SMTP_CONNECTION_URI"),
                ));
            }
            None => {}
        }
        let key = "courier.smtp.from_address";
        let sender = self.files.text(key).unwrap_or(SENDER);
        let verdict = if sender == SENDER {
            doubtful(
                format!("{key} is {SENDER}, which is Ory's"),
                "set it to an address of yours",
            )
        } else {
            right(format!("{key} is {sender}"))
        };
        found.push((key.to_owned(), verdict));
        found
    }

    fn secrets(&self) -> Found {
        let mut found: Found = Vec::new();
        for name in ["default", "cookie", "cipher"] {
            let key = format!("secrets.{name}");
            let secrets = self.files.texts(&key).unwrap_or_default();
            let is_sample = |secret: &&str| {
                let secret = secret.to_ascii_lowercase();
                SAMPLES.iter().any(|sample| secret.contains(sample))
            };
            if secrets.is_empty() {
                continue;
            }
            let what = format!("{key} is that of a sample, which everybody can read");
            let mend = "set it to a random value of your own";
            let verdict = if !secrets.iter().any(is_sample) {
                right(format!("{key} is that of no sample"))
            } else if self.config.is_https() {
                wrong(what, mend.to_owned())
            } else {
                doubtful(what, mend)
            };
            found.push((key, verdict));
        }
        let has = |name: &str| self.files.list(&format!("secrets.{name}")).is_some();
        if !has("cookie") && !has("default") {
            let what = "secrets.cookie is in none of the files: Kratos makes one up at each start, and all sessions end";
            let mend = "set it, or SECRETS_COOKIE_0";
            found.push(("secrets.cookie".to_owned(), doubtful(what.to_owned(), mend)));
        }
        found
    }

    fn hydra(&self) -> Found {
        let key = "oauth2_provider.url";
        let verdict = match (self.files.text(key), &self.config.hydra_admin_url) {
            (None, None) => return Vec::new(),
            (Some(_), Some(_)) => right(format!("{key} and HYDRA_ADMIN_URL are set")),
            (Some(_), None) => doubtful(
                format!("{key} is set, but HYDRA_ADMIN_URL is not: Genkan has no consent screen"),
                "set HYDRA_ADMIN_URL, unless another program asks for consent",
            ),
            (None, Some(_)) => wrong(
                format!("{key} is not set, but HYDRA_ADMIN_URL is"),
                format!("set {key} to Hydra's admin API"),
            ),
        };
        vec![(key.to_owned(), verdict)]
    }

    /// Genkan's own origin, and those that it leads to.
    fn origins(&self) -> impl Iterator<Item = ReturnOrigin> {
        let mut own = self.config.public();
        own.set_path("/");
        [ReturnOrigin::Exactly(own)]
            .into_iter()
            .chain(self.config.allowed_return_origins.iter().cloned())
    }

    fn url(&self, key: &str) -> Option<Url> {
        let url = self.files.text(key)?.parse().ok();
        url.map(shown)
    }

    fn page(&self, name: &str) -> Url {
        super::page(self.config, name)
    }
}

/// An address without what may be secret. A value that is no web address may be a password with a colon in it.
fn shown(url: Url) -> Url {
    super::without_user(super::plain(url))
}

/// Whether Kratos lets people go to an origin that is allowed so: its path has to begin with that of the allowed.
fn covers(allowed: &Url, origin: &Url) -> bool {
    let allowed_origin = ReturnOrigin::try_from(allowed.clone());
    allowed_origin.is_ok_and(|it| it.covers(origin)) && allowed.path() == "/"
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    const SOUND: &str = "
version: v26.2.0
serve: {public: {base_url: https://id.example/}}
secrets: {cookie: [a-secret-of-our-own], cipher: [thirty-two-letters-of-nonsense-ok]}
session: {cookie: {name: ory_kratos_session}}
courier: {smtp: {connection_uri: 'smtps://u:s3cret@mail.example:465/', from_address: a@id.example}}
selfservice:
  default_browser_return_url: https://id.example/welcome
  allowed_return_urls: [https://id.example]
  methods:
    passkey: {enabled: true, config: {rp: {id: example, origins: [https://id.example]}}}
  flows:
    login: {ui_url: https://id.example/login}
    registration:
      ui_url: https://id.example/registration
      after: {hooks: [{hook: session}, {hook: show_verification_ui}]}
    verification: {enabled: true, ui_url: https://id.example/verify}
    recovery: {enabled: true, ui_url: https://id.example/recovery}
    settings: {ui_url: https://id.example/settings, privileged_session_max_age: 15m}
    error: {ui_url: https://id.example/error}
";

    fn report(settings: &[&str], texts: &[&str]) -> Report {
        let own = ["genkan", "--public-url=https://id.example"];
        let config = Config::try_parse_from(own.iter().chain(settings)).unwrap();
        let mut report = Report::default();
        examine(&config, &Files::of(texts), None, &mut report);
        report
    }

    #[test]
    fn in_sound_files_nothing_is_found() {
        let report = report(&[], &[SOUND]);
        let told = report.to_string();
        assert!(report.is_right() && !told.contains("doubtful"), "{told}");
        assert!(!told.contains("s3cret"), "{told}");
        let known = [
            "session.cookie.name is",
            "settings.ui_url is",
            "rp.id is",
            "is 15m",
        ];
        assert!(known.iter().all(|part| told.contains(part)), "{told}");
    }

    #[test]
    fn each_fault_of_the_files_is_told_with_its_key() {
        for (change, fault) in [
            (
                "selfservice: {default_browser_return_url: 'https://old.example/'}",
                "WRONG    selfservice.default_browser_return_url is https://old.example/: people land there",
            ),
            (
                "selfservice: {flows: {login: {after: {default_browser_return_url: 'https://old.example/'}}}}",
                "WRONG    selfservice.flows.login.after.default_browser_return_url is https://old.example/",
            ),
            (
                "selfservice: {flows: {settings: {ui_url: 'https://old.example/settings'}}}",
                "WRONG    selfservice.flows.settings.ui_url is https://old.example/settings",
            ),
            (
                "selfservice: {allowed_return_urls: []}",
                "WRONG    selfservice.allowed_return_urls has not https://id.example/",
            ),
            (
                "selfservice: {allowed_return_urls: ['https://id.example', 'https://old.example']}",
                "doubtful selfservice.allowed_return_urls has https://old.example/",
            ),
            (
                "serve: {public: {base_url: 'https://kratos.example'}}",
                "WRONG    serve.public.base_url is https://kratos.example/",
            ),
            (
                "session: {cookie: {name: sid}}",
                "WRONG    session.cookie.name is sid",
            ),
            (
                "session: {cookie: {domain: old.example}}",
                "WRONG    session cookies are for the domain old.example",
            ),
            (
                "cookies: {same_site: Strict}",
                "WRONG    session cookies are SameSite=Strict",
            ),
            (
                "session: {cookie: {path: /kratos}}",
                "WRONG    session cookies are for the path /kratos",
            ),
            (
                "selfservice: {methods: {password: {config: {min_password_length: 12}}}}",
                "WRONG    selfservice.methods.password.config.min_password_length is 12",
            ),
            (
                "selfservice: {flows: {settings: {privileged_session_max_age: 1s}}}",
                "doubtful selfservice.flows.settings.privileged_session_max_age is 1s",
            ),
            (
                "selfservice: {flows: {settings: {privileged_session_max_age: 720h}}}",
                "doubtful selfservice.flows.settings.privileged_session_max_age is 720h",
            ),
            (
                "selfservice: {methods: {passkey: {config: {rp: {id: old.example}}}}}",
                "WRONG    selfservice.methods.passkey.config.rp.id is \"old.example\"",
            ),
            (
                "selfservice: {methods: {passkey: {config: {rp: {origins: ['https://old.example']}}}}}",
                "WRONG    selfservice.methods.passkey.config.rp.origins has not https://id.example",
            ),
            (
                "selfservice: {flows: {registration: {after: {hooks: [{hook: session}]}}}}",
                "doubtful selfservice.flows.registration.after.password.hooks has no show_verification_ui",
            ),
            (
                "selfservice: {flows: {registration: {after: {password: {hooks: [{hook: show_verification_ui}]}}}}}",
                "doubtful selfservice.flows.registration.after.password.hooks has no session",
            ),
            (
                "courier: {smtp: {connection_uri: 'smtp://u:s3cret@mailslurper:1025/'}}",
                "doubtful courier.smtp.connection_uri is mailslurper",
            ),
            (
                "courier: {smtp: {connection_uri: null}}",
                "doubtful courier.smtp.connection_uri is in none",
            ),
            (
                "courier: {smtp: {from_address: no-reply@ory.kratos.sh}}",
                "doubtful courier.smtp.from_address",
            ),
            (
                "secrets: {cookie: [PLEASE-CHANGE-ME-I-AM-VERY-INSECURE]}",
                "WRONG    secrets.cookie is that of a sample",
            ),
            (
                "secrets: {cipher: ['development-only-replace-me-ciph']}",
                "WRONG    secrets.cipher is that of a sample",
            ),
            (
                "oauth2_provider: {url: 'http://u:s3cret@hydra:4445'}",
                "doubtful oauth2_provider.url is set, but HYDRA_ADMIN_URL is not",
            ),
        ] {
            let told = report(&[], &[SOUND, change]).to_string();
            assert!(
                told.contains(&format!("  {fault}")),
                "{fault} is not in {told}"
            );
            let faults = told
                .lines()
                .filter(|line| line.trim_start().starts_with('→'));
            // A hook may be missing for each method.
            assert!((1..=2).contains(&faults.count()), "{told}");
            assert!(
                !told.contains("s3cret") && !told.contains("INSECURE"),
                "{told}"
            );
        }
    }

    #[test]
    fn what_kratos_has_where_nothing_is_set_is_known() {
        let told = report(&["--hydra-admin-url=http://hydra:4445"], &["{}"]).to_string();
        for fault in [
            "selfservice.default_browser_return_url is not set",
            "selfservice.flows.login.ui_url is not set",
            "oauth2_provider.url is not set",
            "secrets.cookie is in none of the files",
        ] {
            assert!(told.contains(fault), "{fault} is not in {told}");
        }
        // These flows are off then.
        assert!(!told.contains("flows.recovery") && !told.contains("flows.verification"));
    }

    #[test]
    fn an_application_may_be_where_people_land() {
        let app = "selfservice: {default_browser_return_url: 'https://app.example/in', allowed_return_urls: ['https://id.example', 'https://app.example']}";
        let settings = ["--allowed-return-origins=https://app.example"];
        let report = report(&settings, &[SOUND, app]);
        assert!(report.is_right(), "{report}");
    }

    #[test]
    fn an_older_kratos_asks_for_the_code_by_itself() {
        let older = "{version: v1.3.1, selfservice: {flows: {registration: {after: {hooks: [{hook: session}]}}}}}";
        let told = report(&[], &[SOUND, older]).to_string();
        assert!(!told.contains("show_verification_ui"), "{told}");
    }
}
