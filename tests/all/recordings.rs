//! Every form that a real Kratos is known to have sent is drawn, in every language, with all that it has to say.

use genkan::destination::Section;
use genkan::i18n::Locale;
use genkan::kratos::FlowKind;
use serde_json::Value;

use crate::support::{
    Answer, Browser, HOWS, How, Page, Recording, fragment_of, page_of, site_with,
};

/// The versions, and what their Kratos believed to be its own address.
pub(crate) const VERSIONS: [(&str, &str); 3] = [
    ("1.3.1", "http://127.0.0.1:4533"),
    ("26.2", "http://127.0.0.1:4633"),
    // With an OAuth2 server behind it.
    ("hydra-26.2", "http://127.0.0.1:4633"),
];

#[tokio::test]
async fn every_recorded_form_is_drawn_with_all_its_messages() {
    let mut wrong = Vec::new();
    let mut drawn = 0;
    for (version, address) in VERSIONS {
        let (kratos, browser) = site_with(&[("--kratos-browser-url", address)]).await;
        kratos.on("GET /sessions/whoami", "26.2/whoami_200");
        for recording in Recording::all(version) {
            let Some(form) = Form::of(&recording) else {
                continue;
            };
            let id = form.body["id"].as_str().unwrap();
            let route = format!("GET /self-service/{}/flows?id={id}", form.kind.name());
            kratos.on(&route, Answer::json(200, form.body));
            for locale in Locale::ALL {
                drawn += 1;
                for fault in form.faults(&browser, locale).await {
                    wrong.push(format!("{} {locale}: {fault}", recording.name));
                }
            }
        }
    }
    assert!(drawn > 600, "{drawn}");
    let count = wrong.len();
    assert!(wrong.is_empty(), "{count} faults:\n{}", wrong.join("\n"));
}

/// Whatever Kratos answers without a form: people are led on or are told, and never meet a fault of ours.
#[tokio::test]
async fn every_other_recorded_answer_leads_on_or_is_explained() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (version, address) in VERSIONS {
        let (kratos, browser) = site_with(&[("--kratos-browser-url", address)]).await;
        for recording in Recording::all(version) {
            // Genkan asks for no tokens.
            let is_for_others = recording.case() == "whoami_tokenize_unknown";
            if !recording.has_answer() || Form::of(&recording).is_some() || is_for_others {
                continue;
            }
            for request in Request::that_get(&recording) {
                for locale in Locale::ALL {
                    // A browser of its own, so to say: what one answer leaves in cookies is nothing to the next.
                    for (route, usual) in USUAL {
                        kratos.on(route, usual);
                    }
                    let route = format!("{} {}", recording.method(), recording.path());
                    // A second try has the usual answer: another token, no return_to.
                    let usual = USUAL.iter().find(|(usual, _)| *usual == route);
                    let next = usual.map(|(_, usual)| Answer::from(*usual));
                    kratos.on_each(&route, [Answer::from(&recording)].into_iter().chain(next));
                    tried += 1;
                    let page = request.send(&browser, locale).await;
                    for fault in request.faults(&page, locale, &recording) {
                        wrong.push(format!("{} {request:?} {locale}: {fault}", recording.name));
                    }
                }
            }
        }
    }
    assert!(tried > 800, "{tried}");
    let count = wrong.len();
    assert!(wrong.is_empty(), "{count} faults:\n{}", wrong.join("\n"));
}

/// What Kratos says to all that a recording is not about.
pub(crate) const USUAL: [(&str, &str); 14] = [
    ("GET /self-service/login/browser", "login_init_200_unified"),
    (
        "GET /self-service/registration/browser",
        "registration_init_200_legacy_one_step",
    ),
    ("GET /self-service/recovery/browser", "recovery_init_200"),
    (
        "GET /self-service/verification/browser",
        "verification_init_200",
    ),
    ("GET /self-service/settings/browser", "settings_init_200"),
    ("GET /self-service/login/flows", "login_init_200_unified"),
    (
        "GET /self-service/registration/flows",
        "registration_init_200_legacy_one_step",
    ),
    ("GET /self-service/recovery/flows", "recovery_init_200"),
    (
        "GET /self-service/verification/flows",
        "verification_init_200",
    ),
    ("GET /self-service/settings/flows", "settings_init_200"),
    ("GET /self-service/logout/browser", "logout_init_200"),
    ("GET /self-service/logout", "logout_submit_204"),
    ("GET /sessions/whoami", "whoami_200"),
    ("GET /sessions", "sessions_list_200"),
];

/// What a browser does that makes Genkan get a recorded answer.
#[derive(Debug)]
pub(crate) enum Request {
    Open(String),
    Post(How, String, Vec<(&'static str, String)>),
}

impl Request {
    /// None where Genkan never asks for such a thing, or learns nothing from it that people see.
    pub(crate) fn that_get(recording: &Recording) -> Vec<Self> {
        let path = recording.path();
        let id = recording.asked().unwrap_or_else(|| NOBODYS.to_owned());
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let is_page = recording.accept().starts_with("text/html");
        let posts = |path: &str, form: &[(&'static str, &str)]| {
            let form = form
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()));
            let form: Vec<_> = form.collect();
            HOWS.map(|how| Self::Post(how, path.to_owned(), form.clone()))
                .into()
        };
        match (recording.method(), &*parts) {
            ("GET", ["self-service", ..]) if is_page => vec![Self::Open(path.to_owned())],
            ("GET", ["self-service", "errors"]) => {
                vec![Self::Open(format!("/error?id={id}"))]
            }
            ("GET", ["self-service", "logout", ..]) => posts("/fragments/logout", &[]),
            ("GET", ["self-service", kind, "browser"]) => vec![Self::Open(format!("/{kind}"))],
            ("GET", ["self-service", kind, "flows"]) => {
                vec![Self::Open(page_of(kind, &id))]
            }
            ("POST", ["self-service", kind]) => posts(&fragment_of(kind, &id), &FORM),
            ("GET", ["sessions", "whoami"]) => ["/welcome", "/sessions", "/settings", "/logout"]
                .map(|page| Self::Open(page.to_owned()))
                .into(),
            ("GET", ["sessions"]) => vec![Self::Open("/sessions".to_owned())],
            ("DELETE", ["sessions"]) => posts("/fragments/sessions", &[("others", "true")]),
            ("DELETE", ["sessions", id]) => posts("/fragments/sessions", &[("session", id)]),
            _ => Vec::new(),
        }
    }

    pub(crate) async fn send(&self, browser: &Browser, locale: Locale) -> Page {
        let asks = if self.path().contains('?') { '&' } else { '?' };
        let path = format!("{}{asks}lang={locale}", self.path());
        match self {
            Self::Open(_) => browser.get(&path).await,
            Self::Post(how, _, form) => {
                let form: Vec<_> = form.iter().map(|(name, value)| (*name, &**value)).collect();
                browser.post(*how, &path, &form).await
            }
        }
    }

    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Open(path) | Self::Post(_, path, _) => path,
        }
    }

    /// What is wrong with what a browser gets for it.
    fn faults(&self, page: &Page, locale: Locale, recording: &Recording) -> Vec<String> {
        let mut faults = Vec::new();
        // The page of an error has the status of that error.
        let of_error = recording.body()["error"]["code"].as_u64();
        let of_error = of_error.and_then(|status| u16::try_from(status).ok());
        let status = of_error.unwrap_or_default().max(recording.status());
        if page.status >= 500 && status < 500 {
            faults.push(format!("status {} of {status}", page.status));
        }
        let leads_on = match self {
            Self::Open(_) | Self::Post(How::Plain, ..) => page.status == 303 || page.status == 302,
            Self::Post(How::Htmx, ..) => page.header("hx-redirect").is_some(),
        };
        if leads_on {
            return faults;
        }
        let is_whole = match self {
            Self::Open(_) | Self::Post(How::Plain, ..) => {
                page.body.contains(&format!(r#"<html lang="{locale}""#))
            }
            Self::Post(How::Htmx, ..) => page.header("x-ui-fragment") == Some("panel"),
        };
        if !is_whole || page.h1().is_empty() {
            faults.push(format!("not a page in this language: {}", page.body));
        }
        faults
    }
}

const NOBODYS: &str = "00000000-0000-4000-8000-000000000009";
const FORM: [(&str, &str); 3] = [
    ("method", "password"),
    ("identifier", "a@x.test"),
    ("email", "a@x.test"),
];

/// A recorded answer that holds a flow.
pub(crate) struct Form<'a> {
    pub(crate) kind: FlowKind,
    pub(crate) body: &'a Value,
}

impl<'a> Form<'a> {
    pub(crate) fn of(recording: &'a Recording) -> Option<Self> {
        if !recording.has_answer() || !recording.body()["ui"].is_object() {
            return None;
        }
        let body = recording.body();
        let kind = |address: &str| {
            let (_, path) = address.split_once("/self-service/")?;
            FlowKind::from_name(path.split(['?', '/']).next()?)
        };
        // After a verification the action is the way on, which names no flow.
        let kind = kind(body["ui"]["action"].as_str()?).or_else(|| kind(recording.path()));
        Some(Self { kind: kind?, body })
    }

    /// What is wrong with the pages of the flow, read anew by a browser.
    async fn faults(&self, browser: &Browser, locale: Locale) -> Vec<String> {
        let mut faults = Vec::new();
        let mut bodies = String::new();
        for path in self.pages() {
            let page = browser.get(&format!("{path}&lang={locale}")).await;
            if self.leads_on() {
                if page.status != 303 || page.header("location") != Some("/welcome") {
                    faults.push(format!("{path} does not lead to the welcome page"));
                }
                continue;
            }
            if page.status != 200 {
                faults.push(format!("{path} has status {}", page.status));
                continue;
            }
            // The markup is the same in every language.
            if locale == Locale::En {
                page.is_document(200);
            }
            if !page.body.contains(&format!(r#"<html lang="{locale}""#)) {
                faults.push(format!("{path} is in another language"));
            }
            bodies.push_str(&page.body);
        }
        if self.leads_on() {
            return faults;
        }
        for (message, places) in self.told() {
            let testid = format!(r#"data-testid="ui/message/{}""#, message["id"]);
            if bodies.matches(&testid).count() < places {
                faults.push(format!("not said at each of {places} places: {message}"));
            }
        }
        faults
    }

    /// The pages on which a message may stand. Each section of the settings is a page of its own; everywhere else
    /// it has to be the one that the browser is sent to.
    pub(crate) fn pages(&self) -> Vec<String> {
        let page = page_of(self.kind.name(), self.body["id"].as_str().unwrap());
        let mut pages = vec![page.clone()];
        if self.kind == FlowKind::Settings {
            let sections = Section::all();
            pages.extend(sections.map(|section| format!("{page}&section={}", section.name())));
        }
        pages
    }

    /// Whether the form says no more than that somebody signed in meanwhile. It is of no use, and not shown.
    fn leads_on(&self) -> bool {
        self.messages().any(|message| {
            message["id"] == 4000001
                && message["text"]
                    .as_str()
                    .is_some_and(|text| text.starts_with("A valid session was detected"))
        })
    }

    /// The messages that people must see, and in how many places. Kratos 26.2 leaves the success of an earlier attempt
    /// standing beside an error.
    fn told(&self) -> Vec<(&'a Value, usize)> {
        let failed = self.messages().any(|message| message["type"] == "error");
        let mut told: Vec<(&Value, usize)> = Vec::new();
        for (at, place) in self.places().enumerate() {
            let at_field = at > 0;
            let mut here: Vec<&Value> = Vec::new();
            for message in place.clone() {
                // Of what earlier attempts have left in the same place, one is enough.
                let is_repeated = here.contains(&&message["id"]);
                // Said right after the change, and not when its page is read again.
                let is_old = message["id"] == 1050001;
                // What could not be read is missing for Kratos, too.
                let is_wrong = |it: &Value| it["type"] == "error" && it["id"] != 4000002;
                let is_there = at_field && message["id"] == 4000002 && place.clone().any(is_wrong);
                let is_over = failed && message["type"] == "success";
                if is_repeated || is_old || is_there || is_over {
                    continue;
                }
                here.push(&message["id"]);
                match told.iter_mut().find(|(one, _)| one["id"] == message["id"]) {
                    Some((_, places)) => *places += 1,
                    None => told.push((message, 1)),
                }
            }
        }
        told
    }

    fn messages(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        self.places().flatten()
    }

    /// The messages of the form as a whole, then those of each node.
    fn places(&self) -> impl Iterator<Item = std::slice::Iter<'a, Value>> + use<'a> {
        let ui = &self.body["ui"];
        let nodes = ui["nodes"].as_array().into_iter().flatten();
        let list = |it: &'a Value| it["messages"].as_array().map_or(&[][..], Vec::as_slice);
        std::iter::once(ui)
            .chain(nodes)
            .map(move |it| list(it).iter())
    }
}
