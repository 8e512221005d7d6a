//! Every form that a real Kratos is known to have sent is drawn, in every language, with all that it has to say.

use genkan::destination::Section;
use genkan::i18n::Locale;
use genkan::kratos::FlowKind;
use serde_json::Value;

use crate::support::{Answer, Browser, Recording, page_of, site_with};

/// The versions, and what their Kratos believed to be its own address.
const VERSIONS: [(&str, &str); 3] = [
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

/// A recorded answer that holds a flow.
struct Form<'a> {
    kind: FlowKind,
    body: &'a Value,
}

impl<'a> Form<'a> {
    fn of(recording: &'a Recording) -> Option<Self> {
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
    fn pages(&self) -> Vec<String> {
        let page = page_of(self.kind.name(), self.body["id"].as_str().unwrap());
        let mut pages = vec![page.clone()];
        if self.kind == FlowKind::Settings {
            let sections = Section::ALL.iter();
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

    /// The messages that people must see, and in how many places: all, but for the success of an earlier attempt,
    /// which Kratos 26.2 leaves standing beside an error.
    fn told(&self) -> Vec<(&'a Value, usize)> {
        let failed = self.messages().any(|message| message["type"] == "error");
        let mut told: Vec<(&Value, usize)> = Vec::new();
        for place in self.places() {
            let mut here: Vec<&Value> = Vec::new();
            for message in place {
                // Of what earlier attempts have left in the same place, one is enough.
                let is_repeated = here.contains(&&message["id"]);
                if is_repeated || (failed && message["type"] == "success") {
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
