//! Nothing that somebody wrote becomes markup. A page is drawn twice, with harmless words in it and with words that are
//! markup wherever they get loose: its elements and their attributes have to be the same.

use std::collections::BTreeSet;

use scraper::Html;
use serde_json::Value;
use url::Url;

use crate::recordings::{Form, VERSIONS};
use crate::support::{
    Answer, Browser, HOWS, Kratos, PUBLIC, Page, Recording, fragment_of, page_of, site_with,
    site_without_limits,
};

/// Ends whatever it may stand in: an attribute in any quotes, a tag, a comment, a field for long texts, a title, a script, a
/// template.
const HOSTILE: &str = "\"><img src=x onerror=p()>'><svg onload=p()>`{{7*7}}${7*7}--></textarea></title></style></noscript></script>\
                       <script>p()</script>\" autofocus onfocus=\"p() <b hx-get=/x hx-trigger=load> &quot;&#39;&lt;";
/// A part of it, as text.
const AS_TEXT: &str = "&lt;img src=x onerror=p()&gt;";
const HARMLESS: &str = "probe";
/// What runs, or leads to where it runs, and what becomes markup behind a name that is known.
const WORDS: [&str; 3] = [
    " JaVa\tScRiPt:p()",
    "data:text/html,<script>p()</script>",
    "OLD\"><img src=x onerror=p()><script>p()</script>' onfocus='p()",
];

/// Names of strings that say what something is, not what is said. With other words there it is another form; they are tried
/// one by one.
const STRUCTURE: [&str; 17] = [
    "id",
    "type",
    "node_type",
    "group",
    "name",
    "state",
    "active",
    "method",
    "action",
    "autocomplete",
    "requested_aal",
    "aal",
    "via",
    "authenticator_assurance_level",
    "src",
    "href",
    "schema_id",
];

/// Puts words in the place of each string that stands under one of these names. Says how many there were.
fn put(
    value: &mut Value,
    name: &str,
    is_meant: &impl Fn(&str) -> bool,
    words: &impl Fn(&str) -> String,
) -> usize {
    match value {
        Value::String(text) if is_meant(name) => {
            *text = words(text);
            1
        }
        Value::Array(items) => items
            .iter_mut()
            .map(|item| put(item, name, is_meant, words))
            .sum(),
        Value::Object(fields) => {
            let each = fields.iter_mut();
            each.map(|(name, field)| put(field, name, is_meant, words))
                .sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// The elements of a page in order, each with its attributes.
fn skeleton(body: &str) -> Vec<String> {
    let html = Html::parse_document(body);
    let elements = html
        .tree
        .nodes()
        .filter_map(|node| node.value().as_element());
    elements
        .map(|element| {
            let mut names: Vec<&str> = element.attrs().map(|(name, _)| name).collect();
            names.sort_unstable();
            format!("{} {}", element.name(), names.join(" "))
        })
        .collect()
}

/// What could run on a page besides its own scripts.
fn dangers(body: &str) -> Vec<String> {
    let html = Html::parse_document(body);
    let mut found = Vec::new();
    for element in html
        .tree
        .nodes()
        .filter_map(|node| node.value().as_element())
    {
        let name = element.name();
        if name == "script"
            && !element
                .attr("src")
                .is_some_and(|src| src.starts_with("/assets/"))
        {
            found.push("a script".to_owned());
        }
        if matches!(
            name,
            "iframe" | "object" | "embed" | "base" | "svg" | "math" | "style" | "template"
        ) {
            found.push(name.to_owned());
        }
        for (attribute, value) in element.attrs() {
            let is_odd = |c: char| !(c.is_ascii_lowercase() || c == '-');
            if attribute.starts_with("on")
                || attribute == "style"
                || attribute == "srcdoc"
                || attribute.contains(is_odd)
            {
                found.push(format!("{attribute} of {name}"));
            }
            let leads = matches!(
                attribute,
                "href" | "src" | "action" | "formaction" | "hx-post" | "data" | "poster" | "ping"
            );
            if leads && !is_harmless(name, attribute, value) {
                found.push(format!("{attribute} of {name} is {value}"));
            }
        }
    }
    found
}

/// Whether an address does no more than to lead to a site; the picture and the file that stand in the page itself are data.
fn is_harmless(element: &str, attribute: &str, value: &str) -> bool {
    let here = Url::parse(PUBLIC).unwrap();
    let Ok(to) = here.join(value) else {
        return true;
    };
    match (element, attribute) {
        ("img", "src") if to.scheme() == "data" => value.starts_with("data:image/"),
        ("a", "href") if to.scheme() == "data" => value.starts_with("data:text/plain"),
        ("script" | "link" | "img" | "form", _) | (_, "hx-post") => to.origin() == here.origin(),
        _ => matches!(to.scheme(), "http" | "https"),
    }
}

/// Where two pages part.
fn difference(harmless: &Page, hostile: &Page) -> Option<String> {
    let (harmless, hostile) = (skeleton(&harmless.body), skeleton(&hostile.body));
    let parts = harmless
        .iter()
        .zip(&hostile)
        .find(|(one, other)| one != other);
    let parts = parts.map(|(one, other)| format!("{one} became {other}"));
    let lengths = || format!("{} elements became {}", harmless.len(), hostile.len());
    parts.or_else(|| (harmless.len() != hostile.len()).then(lengths))
}

/// The recordings of forms of which no two have the same parts and messages.
fn distinct_forms(version: &str) -> Vec<Recording> {
    let mut seen = BTreeSet::new();
    let mut all = Recording::all(version);
    all.retain(|recording| Form::of(recording).is_some_and(|form| seen.insert(parts(form.body))));
    all
}

fn parts(body: &Value) -> Vec<String> {
    let ui = &body["ui"];
    let ids = |it: &Value| {
        let messages = it["messages"].as_array().into_iter().flatten();
        messages
            .map(|it| it["id"].to_string())
            .collect::<Vec<_>>()
            .join(",")
    };
    let nodes = ui["nodes"].as_array().into_iter().flatten();
    let nodes = nodes.map(|it| {
        let attributes = &it["attributes"];
        format!(
            "{} {} {} {}",
            it["group"],
            attributes["name"],
            attributes["id"],
            ids(it)
        )
    });
    let head = ["state", "active", "requested_aal", "refresh"].map(|name| body[name].to_string());
    let kind = ui["action"].as_str().unwrap_or_default().split('?').next();
    nodes
        .chain(head)
        .chain([ids(ui), kind.unwrap_or_default().to_owned()])
        .collect()
}

async fn of_form(kratos: &Kratos, browser: &Browser, form: &Form<'_>, body: &Value) -> Vec<Page> {
    kratos.forget();
    browser.clear();
    kratos.on("GET /sessions/whoami", "26.2/whoami_200");
    kratos.on("GET /schemas", "schemas_200");
    kratos.on(
        &format!("GET /self-service/{}/flows", form.kind.name()),
        Answer::json(200, body),
    );
    let mut pages = Vec::new();
    for path in form.pages() {
        pages.push(browser.get(&format!("{path}&lang=en")).await);
    }
    pages
}

/// All that is said in a form at once: labels, values, messages and what they are about, pictures, codes, names of providers
/// and keys.
#[tokio::test]
async fn what_is_said_in_a_form_is_text() {
    let mut wrong = Vec::new();
    let (mut drawn, mut told) = (0, 0);
    for (version, address) in VERSIONS {
        let (kratos, browser) = site_with(&[("--kratos-browser-url", address)]).await;
        for recording in distinct_forms(version) {
            let form = Form::of(&recording).unwrap();
            let is_said = |name: &str| !STRUCTURE.contains(&name);
            let mut both = Vec::new();
            for words in [HARMLESS, HOSTILE] {
                let mut body = form.body.clone();
                assert!(put(&mut body, "", &is_said, &|_| words.to_owned()) > 0);
                both.push(of_form(&kratos, &browser, &form, &body).await);
            }
            for (harmless, hostile) in both[0].iter().zip(&both[1]) {
                drawn += usize::from(hostile.status == 200);
                told += usize::from(hostile.body.contains(AS_TEXT));
                let faults = dangers(&hostile.body)
                    .into_iter()
                    .chain(difference(harmless, hostile));
                wrong.extend(faults.map(|it| format!("{}: {it}", recording.name)));
                if harmless.status != hostile.status {
                    wrong.push(format!(
                        "{}: {} is {}",
                        recording.name, harmless.status, hostile.status
                    ));
                }
            }
        }
    }
    assert!(
        drawn > 150 && told > 150,
        "{drawn} drawn, {told} with the words"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Forms with every kind of part, and one name of their strings after the other: also those by which Genkan chooses what to
/// draw, and those that hold addresses and scripts.
#[tokio::test]
async fn no_string_of_a_form_becomes_markup_or_runs() {
    let mut wrong = Vec::new();
    let mut drawn = 0;
    let (kratos, browser) = site_without_limits().await;
    for name in [
        "settings_init_200",
        "26.2/login_init_200_unified",
        "registration_init_200_legacy_one_step",
        // With a link.
        "verification_submit_200_passed_challenge",
    ] {
        let recording = Recording::read(name);
        let form = Form::of(&recording).unwrap();
        let mut names = BTreeSet::new();
        names_of_strings(form.body, "", &mut names);
        for name in names {
            for hostile in WORDS {
                let mut body = form.body.clone();
                // The address of a page holds the id of its flow.
                let id = body["id"].take();
                put(&mut body, "", &|it| it == name, &|old| {
                    hostile.replace("OLD", old)
                });
                body["id"] = id;
                for page in of_form(&kratos, &browser, &form, &body).await {
                    drawn += usize::from(page.status == 200);
                    let faults = dangers(&page.body).into_iter();
                    wrong.extend(faults.map(|it| format!("{} {name}: {it}", recording.name)));
                }
            }
        }
    }
    assert!(drawn > 500, "{drawn}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn names_of_strings(value: &Value, name: &str, all: &mut BTreeSet<String>) {
    match value {
        Value::String(_) => drop(all.insert(name.to_owned())),
        Value::Array(items) => items
            .iter()
            .for_each(|item| names_of_strings(item, name, all)),
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, field)| names_of_strings(field, name, all)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What is said of somebody and of their devices. What an application says of itself is in `consent.rs`.
#[tokio::test]
async fn what_is_said_of_devices_is_text() {
    let (kratos, browser) = site_without_limits().await;
    let pages = ["/welcome", "/sessions"];
    let mut both = Vec::new();
    let is_said = |name: &str| !STRUCTURE.contains(&name) && !name.ends_with("_at");
    for words in [HARMLESS, HOSTILE] {
        kratos.forget();
        for (route, name) in [
            ("GET /sessions/whoami", "whoami_200"),
            ("GET /sessions", "sessions_list_200"),
        ] {
            let mut recording = Recording::read(name);
            assert!(put(recording.body_mut(), "", &is_said, &|_| words.to_owned()) > 0);
            kratos.on(route, &recording);
        }
        for page in pages {
            both.push(browser.get(page).await);
        }
    }
    let (harmless, hostile) = both.split_at(pages.len());
    for (page, (harmless, hostile)) in pages.iter().zip(harmless.iter().zip(hostile)) {
        assert_eq!((harmless.status, hostile.status), (200, 200), "{page}");
        assert!(hostile.body.contains(AS_TEXT), "{page}: {}", hostile.body);
        assert_eq!(difference(harmless, hostile), None, "{page}");
        assert_eq!(dangers(&hostile.body), [""; 0], "{page}");
    }
}

/// What somebody types, or puts into an address, comes back in the page and stays what it is.
#[tokio::test]
async fn what_a_browser_sends_is_text() {
    let (kratos, browser) = site_without_limits().await;
    let mut shown = 0;
    for (kind, name) in [
        ("login", "login_submit_400_bad_credentials"),
        ("registration", "registration_init_200_legacy_one_step"),
        ("recovery", "recovery_init_200"),
        ("verification", "verification_init_200"),
        ("settings", "settings_init_200"),
    ] {
        for how in HOWS {
            let mut both = Vec::new();
            for words in [HARMLESS, HOSTILE] {
                kratos.forget();
                browser.clear();
                let flow = Recording::read(name);
                let id = kratos.has(kind, &flow);
                kratos.on("GET /sessions/whoami", "whoami_401");
                kratos.on(
                    &format!("POST /self-service/{kind}"),
                    Answer::json(400, flow.body()),
                );
                let form = FIELDS.map(|field| (field, words));
                let mut query = form_urlencoded::Serializer::new(String::new());
                query
                    .append_pair("x", words)
                    .append_pair(words, "x")
                    .append_pair("return_to", words);
                let query = query.finish();
                let posted = browser
                    .post(how, &format!("{}&{query}", fragment_of(kind, &id)), &form)
                    .await;
                let after = browser
                    .get(&format!("{}&{query}", page_of(kind, &id)))
                    .await;
                let nowhere = browser.get(&format!("/nothing?{query}")).await;
                both.push([posted, after, nowhere]);
            }
            for (harmless, hostile) in both[0].iter().zip(&both[1]) {
                shown += usize::from(hostile.body.contains(AS_TEXT));
                assert_eq!(harmless.status, hostile.status, "{kind}");
                assert_eq!(
                    difference(harmless, hostile),
                    None,
                    "{kind}: {}",
                    hostile.body
                );
                assert_eq!(dangers(&hostile.body), [""; 0], "{kind}: {}", hostile.body);
            }
        }
    }
    assert!(shown > 3, "{shown} pages show what was sent");
}

const FIELDS: [&str; 8] = [
    "identifier",
    "email",
    "traits.email",
    "traits.name.first",
    "traits.name.last",
    "code",
    "password",
    "method",
];

/// That nothing is found means something.
#[test]
fn what_gets_loose_is_found() {
    for loose in [
        HOSTILE,
        "<a href=\"javascript:p()\">x</a>",
        "<a href=' java\tscript:p()'>x</a>",
        "<form action=https://evil.test></form>",
        "<img src=data:text/html,x>",
        "<script src=https://evil.test/x.js></script>",
        "<p onclick=p()>x</p>",
        "<p style=x>x</p>",
    ] {
        assert!(!dangers(loose).is_empty(), "{loose}");
    }
    let harmless =
        "<a href=/x>x</a><a href=https://app.example>x</a><img src=data:image/png;base64,x>";
    assert_eq!(dangers(harmless), [""; 0]);
    assert_ne!(skeleton("<p>x</p>"), skeleton("<p x>x</p>"));
}
