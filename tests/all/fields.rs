//! The fields of any identity schema: what each kind is to browsers, what it is called, and what of it Kratos gets.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, HOWS, How, Kratos, Page, Recording, fragment_of, locales, page_of, said, say, say_with,
    site, site_with,
};

const SCHEMAS: &str = "GET /schemas";

/// A node as Kratos makes it of a trait.
fn node(name: &str, kind: &str, attributes: Value) -> Value {
    let mut node = json!({
        "type": "input",
        "group": "default",
        "attributes": {"name": name, "type": kind, "disabled": false, "node_type": "input"},
        "messages": [],
        "meta": {"label": {
            "id": 1070002,
            "type": "info",
            "text": "The title",
            "context": {"title": "The title"},
        }},
    });
    for (key, value) in attributes.as_object().unwrap() {
        node["attributes"][key] = value.clone();
    }
    node
}

fn titled(title: &str, mut node: Value) -> Value {
    node["meta"]["label"]["context"]["title"] = json!(title);
    node
}

/// A sign-up form with these nodes, a token and a button.
fn registration(nodes: impl IntoIterator<Item = Value>) -> Recording {
    with_nodes("registration_init_200_legacy_one_step", nodes, "default")
}

/// The profile of somebody.
fn settings(nodes: impl IntoIterator<Item = Value>) -> Recording {
    with_nodes("settings_init_200", nodes, "profile")
}

fn with_nodes(recording: &str, nodes: impl IntoIterator<Item = Value>, group: &str) -> Recording {
    let mut flow = Recording::read(recording);
    let all = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    all.retain(|node| {
        let name = node["attributes"]["name"].as_str().unwrap_or_default();
        let method = node["attributes"]["value"].as_str().unwrap_or_default();
        name == "csrf_token" || (name == "method" && ["profile", "password"].contains(&method))
    });
    all.extend(nodes.into_iter().map(|mut node| {
        node["group"] = json!(group);
        node
    }));
    flow
}

/// Kratos' list with one schema of these traits.
fn schemas(traits: Value) -> Answer {
    Answer::json(200, &json!([schema("default", traits)]))
}

fn schema(id: &str, traits: Value) -> Value {
    json!({"id": id, "schema": {
        "type": "object",
        "definitions": {"size": {"type": "string", "enum": ["S", "M"]}},
        "properties": {"traits": {"type": "object", "title": "All", "properties": traits}},
    }})
}

/// The page of a form.
async fn shown(nodes: impl IntoIterator<Item = Value>, traits: Value) -> Page {
    let (kratos, browser) = site().await;
    kratos.on(SCHEMAS, schemas(traits));
    let id = kratos.has("registration", &registration(nodes));
    browser.get(&page_of("registration", &id)).await
}

fn field(name: &str) -> String {
    format!(r#"[data-testid="node/input/{name}"]"#)
}

fn options(page: &Page, name: &str) -> (Vec<String>, Vec<String>) {
    let css = format!("{} option", field(name));
    (page.attrs(&css, "value"), page.texts(&css))
}

#[tokio::test]
async fn the_family_name_stands_where_the_language_says_it() {
    for (language, order) in [
        ("ja", ["family-name", "given-name", "additional-name"]),
        ("en", ["given-name", "additional-name", "family-name"]),
    ] {
        let names = ["name.first", "name.middle", "name.last"];
        let nodes = names.map(|name| node(&format!("traits.{name}"), "text", json!({})));
        let (kratos, browser) = site().await;
        let id = kratos.has("registration", &registration(nodes));
        let url = format!("{}&lang={language}", page_of("registration", &id));
        let page = browser.get(&url).await;
        assert_eq!(page.attrs("[autocomplete$=-name]", "autocomplete"), order);
    }
}

/// The attributes of a field in the order of the table below.
const ATTRIBUTES: [&str; 6] = [
    "type",
    "autocomplete",
    "inputmode",
    "enterkeyhint",
    "autocapitalize",
    "dir",
];

/// Each kind of trait, and what browsers are told of it. A dash is an attribute that is not there.
const KINDS: [(&str, &str, &str); 27] = [
    ("email", "email", "email username email next none ltr"),
    ("phone", "tel", "tel tel tel next none ltr"),
    ("mobile", "text", "tel tel tel next none ltr"),
    ("home_page", "url", "url url url next none ltr"),
    ("age", "number", "text - numeric next none -"),
    ("height", "number", "text - decimal next none -"),
    ("balance", "number", "text - - next none -"),
    ("birthdate", "date", "date bday - next none -"),
    ("since", "date", "date - - next none -"),
    ("when", "datetime-local", "datetime-local - - next none -"),
    ("newsletter", "checkbox", "checkbox - - next - -"),
    ("motto", "text", "text - - next - -"),
    ("something", "from-the-future", "text - - next - -"),
    ("name", "text", "text name - next words -"),
    ("name.first", "text", "text given-name - next words -"),
    ("name.last", "text", "text family-name - next words -"),
    ("first_name", "text", "text given-name - next words -"),
    ("lastName", "text", "text family-name - next words -"),
    ("nickname", "text", "text nickname - next words -"),
    ("company.name", "text", "text organization - next words -"),
    ("pet.name", "text", "text - - next - -"),
    (
        "address.street",
        "text",
        "text address-line1 - next words -",
    ),
    ("address.city", "text", "text address-level2 - next words -"),
    ("prefecture", "text", "text address-level1 - next words -"),
    (
        "postal_code",
        "text",
        "text postal-code - next characters -",
    ),
    (
        "address.country",
        "text",
        "text country-name - next words -",
    ),
    ("language", "text", "text language - next - -"),
];

#[tokio::test]
async fn every_kind_of_trait_tells_browsers_what_it_is() {
    let nodes = KINDS.map(|(name, kind, _)| {
        let sent = match kind {
            "email" | "tel" | "url" => json!({"autocomplete": kind}),
            _ => json!({}),
        };
        node(&format!("traits.{name}"), kind, sent)
    });
    let traits = json!({
        "age": {"type": "integer", "minimum": 0},
        "height": {"type": "number"},
        "balance": {"type": "number", "minimum": -10},
    });
    let page = shown(nodes, traits).await;
    page.is_document(200);
    for (name, _, expected) in KINDS {
        let input = format!(
            "{} input:not([type=hidden])",
            field(&format!("traits.{name}"))
        );
        let attributes = ATTRIBUTES.map(|it| page.attr(&input, it).unwrap_or("-".to_owned()));
        assert_eq!(attributes.join(" "), expected, "{name}");
        let id = page.attr(&input, "id").unwrap();
        assert_eq!(page.count(&format!(r#"label[for="{id}"]"#)), 1, "{name}");
    }
}

/// The fields of methods: recording, name, and what browsers are told.
const METHODS: [(&str, &str, &str, &str); 11] = [
    (
        "login_init_200_unified",
        "identifier",
        "identifier",
        "email username webauthn email next none ltr",
    ),
    (
        "login_init_200_unified",
        "password",
        "current-password",
        "password current-password - go none -",
    ),
    (
        "registration_init_200_legacy_one_step",
        "password",
        "new-password",
        "password new-password - go none -",
    ),
    (
        "verification_submit_200_resend",
        "code",
        "code",
        "text one-time-code numeric go none ltr",
    ),
    (
        "login_init_200_aal2_totp_lookup",
        "totp_code",
        "totp-code",
        "text one-time-code numeric go none ltr",
    ),
    (
        "login_init_200_aal2_totp_lookup",
        "lookup_secret",
        "lookup-secret",
        "text off - go none ltr",
    ),
    (
        "recovery_init_200",
        "email",
        "email",
        "email username email go none ltr",
    ),
    (
        "26.2/recovery_v2_init_200",
        "recovery_address",
        "email",
        "text username - go none ltr",
    ),
    (
        "26.2/recovery_v2_submit_selected_0",
        "recovery_confirm_address",
        "recovery-confirm-address",
        "tel tel tel next none ltr",
    ),
    (
        "verification_init_200",
        "email",
        "email",
        "email email email go none ltr",
    ),
    (
        "settings_init_200",
        "webauthn_register_displayname",
        "key-name",
        "text off - done none -",
    ),
];

#[tokio::test]
async fn every_field_of_a_method_tells_browsers_what_it_is() {
    for (recording, name, id, expected) in METHODS {
        let (kratos, browser) = site().await;
        let flow = Recording::read(recording);
        let kind = flow.case().split('_').next().unwrap().to_owned();
        let flow_id = kratos.has(&kind, &flow);
        let sections = ["", "&section=webauthn", "&factor=lookup_secret"];
        let input = format!("input#{id}");
        let mut found = None;
        for section in sections {
            let page = browser
                .get(&format!("{}{section}", page_of(&kind, &flow_id)))
                .await;
            if page.count(&input) == 1 {
                found = Some(page);
                break;
            }
        }
        let page = found.unwrap_or_else(|| panic!("{recording} has no {name}"));
        assert_eq!(page.attr(&input, "name").as_deref(), Some(name));
        let attributes = ATTRIBUTES.map(|it| page.attr(&input, it).unwrap_or("-".to_owned()));
        assert_eq!(attributes.join(" "), expected, "{recording}: {name}");
        for limit in ["maxlength", "pattern"] {
            assert_eq!(page.attr(&input, limit), None, "pasted codes have spaces");
        }
    }
}

#[tokio::test]
async fn a_sign_in_name_that_is_no_address_is_no_address_field() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("login_init_200_unified");
    flow.node_mut("identifier")["meta"]["label"]["context"] = json!({"title": "Username"});
    let id = kratos.has("login", &flow);
    let page = browser.get(&page_of("login", &id)).await;
    let input = "input#identifier";
    let attributes = ATTRIBUTES.map(|it| page.attr(input, it).unwrap_or("-".to_owned()));
    assert_eq!(
        attributes.join(" "),
        "text username webauthn - next none ltr"
    );
    assert_eq!(page.text("label"), Some(say("trait-username")));
}

#[tokio::test]
async fn who_has_a_user_name_signs_in_with_it() {
    let nodes = [
        node("traits.username", "text", json!({})),
        node("traits.email", "email", json!({"autocomplete": "email"})),
    ];
    let page = shown(nodes, json!({})).await;
    let autocomplete = |id: &str| page.attr(&format!("input#{id}"), "autocomplete");
    assert_eq!(autocomplete("traits-username").as_deref(), Some("username"));
    assert_eq!(autocomplete("traits-email").as_deref(), Some("email"));
}

#[tokio::test]
async fn a_choice_offers_what_the_schema_allows() {
    let (kratos, browser) = site().await;
    kratos.on(SCHEMAS, "schemas_200");
    let id = kratos.has_flow("registration", "registration_init_200_legacy_one_step");
    let page = browser.get(&page_of("registration", &id)).await;
    page.is_document(200);
    let (values, words) = options(&page, "traits.color");
    assert_eq!(values, ["", "red", "green", "blue"]);
    assert_eq!(words, [&*say("field-none"), "red", "green", "blue"]);
    assert_eq!(page.count("option[selected]"), 0);
    let select = "select#traits-color";
    assert_eq!(page.attr(select, "name").as_deref(), Some("traits.color"));
    assert_eq!(page.count(r#"label[for="traits-color"] .optional"#), 1);
    assert_eq!(
        page.attr("#traits-age", "inputmode").as_deref(),
        Some("numeric")
    );
}

#[tokio::test]
async fn a_choice_has_nothing_chosen_only_where_it_can_be_left_so() {
    let nodes = [
        ("optional", json!({"value": "M"})),
        ("unset", json!({"required": true})),
        ("set", json!({"value": "M", "required": true})),
        ("former", json!({"value": "XXL", "required": true})),
        ("level", json!({"value": 2, "type": "number"})),
    ];
    let nodes = nodes.map(|(name, more)| node(&format!("traits.{name}"), "text", more));
    let size = json!({"$ref": "#/definitions/size"});
    let all = json!({"allOf": [{"title": "Size"}, size]});
    let level = json!({"type": "integer", "enum": [1, 2]});
    let traits = json!({
        "optional": size, "unset": size, "set": all, "former": size, "level": level,
    });
    let page = shown(nodes, traits).await;
    for (name, values, chosen) in [
        ("optional", &["", "S", "M"][..], Some("M")),
        ("unset", &["", "S", "M"], None),
        ("set", &["S", "M"], Some("M")),
        ("former", &["S", "M", "XXL"], Some("XXL")),
        ("level", &["", "1", "2"], Some("2")),
    ] {
        let name = format!("traits.{name}");
        assert_eq!(options(&page, &name).0, values, "{name}");
        let selected = format!("{} option[selected]", field(&name));
        assert_eq!(page.attr(&selected, "value").as_deref(), chosen, "{name}");
    }
}

#[tokio::test]
async fn a_choice_that_is_wrong_says_so_and_can_be_found() {
    let (kratos, browser) = site().await;
    kratos.on(SCHEMAS, "schemas_200");
    let flow = Recording::read("registration_submit_400_validation");
    kratos.on("POST /self-service/registration", &flow);
    let form = [("traits.color", "violet")];
    let target = fragment_of("registration", &flow.id());
    let page = browser.post(How::Htmx, &target, &form).await;
    page.is_fragment(422);
    assert!(
        page.attrs("#error-summary a", "href")
            .contains(&"#traits-color".to_owned())
    );
    let select = "select#traits-color";
    assert_eq!(page.attr(select, "aria-invalid").as_deref(), Some("true"));
    assert_eq!(
        page.attr(select, "aria-describedby").as_deref(),
        Some("traits-color-error")
    );
    assert_eq!(
        page.attr("#traits-color option[selected]", "value")
            .as_deref(),
        Some("violet")
    );
}

#[tokio::test]
async fn a_newer_kratos_sends_the_choices_itself() {
    let (kratos, browser) = site().await;
    let sent = json!({"options": [{"value": "a"}, {"value": 2}, {"odd": 1}]});
    let id = kratos.has(
        "registration",
        &registration([node("traits.color", "text", sent)]),
    );
    let page = browser.get(&page_of("registration", &id)).await;
    assert_eq!(options(&page, "traits.color").0, ["", "a", "2"]);
}

#[tokio::test]
async fn a_text_of_several_lines_stays_one() {
    let (kratos, browser) = site().await;
    let text = "\none\ntwo";
    let flow = settings([
        node("traits.bio", "text", json!({"value": text})),
        node(
            "traits.mailing_address",
            "text",
            json!({"value": "１－２ "}),
        ),
        node("traits.work_email", "text", json!({})),
    ]);
    let id = kratos.has("settings", &flow);
    let path = format!("{}&section=profile", page_of("settings", &id));
    let page = browser.get(&path).await;
    assert!(
        page.body.contains("\n\none\ntwo</textarea>"),
        "{}",
        page.body
    );

    kratos.on("POST /self-service/settings", &flow);
    let form = [
        ("traits.bio", "\r\none\r\ntwo"),
        ("traits.mailing_address", "１－２ "),
        ("traits.work_email", " ａ@x.test"),
    ];
    browser
        .post(How::Plain, &fragment_of("settings", &id), &form)
        .await;
    let posted = kratos.posted();
    assert_eq!(posted.values("traits.bio"), [text]);
    assert_eq!(posted.values("traits.mailing_address"), ["１－２ "]);
    assert_eq!(posted.values("traits.work_email"), ["a@x.test"]);
}

#[tokio::test]
async fn the_items_of_a_list_are_chosen_where_there_is_a_choice() {
    let items = json!({"type": "string", "enum": ["art", "music"]});
    let list = json!({"interests": {"type": "array", "items": items}});
    let nodes = [
        node("traits.interests.0", "text", json!({"value": "art"})),
        node("traits.interests", "text", json!({})),
    ];
    let page = shown(nodes, list).await;
    assert_eq!(page.count(r#"select[name="traits.interests"]"#), 2);
}

#[tokio::test]
async fn names_in_any_alphabet_have_texts_of_their_own() {
    let own = "trait-u6c0fu540d = Full name\ntrait-u4f4fu6240 = Address\n";
    let folder = locales("alphabets", &[("en/own.ftl", own)]);
    let (kratos, browser) = site_with(&[("--locales-dir", folder.to_str().unwrap())]).await;
    let flow = registration([
        node("traits.氏名", "text", json!({})),
        node("traits.住所", "text", json!({})),
    ]);
    let id = kratos.has("registration", &flow);
    let page = browser.get(&page_of("registration", &id)).await;
    let labels = page.texts("label");
    for label in ["Full name", "Address"] {
        assert!(labels.iter().any(|it| it.starts_with(label)), "{labels:?}");
    }
}

/// A schema with all that no field can carry.
fn rich() -> Answer {
    schemas(json!({
        "name": {"type": "string"},
        "age": {"type": ["integer", "null"]},
        "news": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "prefs": {"type": "object", "properties": {"theme": {"type": "string"}}},
        "contacts": {"type": "array", "items": {"$ref": "#/definitions/contact"}},
    }))
}

#[tokio::test]
async fn what_no_field_can_carry_is_kept_when_a_profile_is_saved() {
    let (kratos, browser) = site().await;
    let Answer::Said { body, .. } = rich() else {
        panic!("a schema");
    };
    let mut schema: Value = serde_json::from_slice(&body).unwrap();
    schema[0]["schema"]["definitions"]["contact"] =
        json!({"type": "object", "properties": {"kind": {"type": "string"}}});
    kratos.on(SCHEMAS, Answer::json(200, &schema));
    let mut flow = settings([
        node("traits.name", "text", json!({"value": "A"})),
        node("traits.age", "number", json!({"value": 3})),
        node("traits.news", "checkbox", json!({"value": true})),
        node("traits.tags.0", "text", json!({"value": "tea"})),
        node("traits.tags", "text", json!({})),
        node("traits.prefs.theme", "text", json!({"value": "dark"})),
        node("traits.prefs.hidden", "text", json!({"value": "keep"})),
        node("traits.contacts.0.kind", "text", json!({"value": "home"})),
        node("traits.beyond", "number", json!({"value": 5})),
    ]);
    let traits = json!({
        "name": "A", "age": 3, "news": true, "tags": ["tea"], "beyond": 5,
        "prefs": {"theme": "dark", "hidden": "keep"}, "contacts": [{"kind": "home"}],
    });
    flow.body_mut()["identity"]["traits"] = traits;
    let id = kratos.has("settings", &flow);
    let path = format!("{}&section=profile", page_of("settings", &id));
    let page = browser.get(&path).await;
    for gone in [
        "traits.prefs.hidden",
        "traits.contacts.0.kind",
        "traits.beyond",
    ] {
        assert_eq!(page.count(&format!(r#"[name="{gone}"]"#)), 0, "{gone}");
    }

    kratos.on("POST /self-service/settings", &flow);
    let form = [
        ("csrf_token", "t"),
        ("traits@whole", r#"{"rest":{"role":"admin"},"kinds":[]}"#),
        ("traits.name", "Bé \"b\""),
        ("traits.age", "４"),
        ("traits.news", "false"),
        ("traits.tags", "tea"),
        ("traits.tags", "go"),
        ("traits.tags", ""),
        ("traits.prefs.theme", ""),
        ("method", "profile"),
    ];
    browser
        .post(How::Plain, &fragment_of("settings", &id), &form)
        .await;

    let posted = kratos.posted();
    let names: Vec<String> = posted.form().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["csrf_token", "method", "traits"]);
    let traits: Value = serde_json::from_str(&posted.values("traits")[0]).unwrap();
    let wanted = json!({
        "name": "Bé \"b\"", "age": 4, "news": false, "tags": ["tea", "go"], "beyond": 5,
        "prefs": {"hidden": "keep"}, "contacts": [{"kind": "home"}],
    });
    assert_eq!(traits, wanted);
}

#[tokio::test]
async fn a_sign_up_with_a_list_of_objects_is_sent_as_one_value() {
    let (kratos, browser) = site().await;
    let contacts = json!({"type": "array", "items": {"type": "object", "properties": {}}});
    let traits = json!({"email": {"type": "string"}, "contacts": contacts});
    kratos.on(SCHEMAS, schemas(traits));
    let mut refused = node("traits.contacts", "text", json!({}));
    refused["messages"] = json!([{"id": 4000026, "text": "x", "type": "error", "context": {}}]);
    let email = node("traits.email", "email", json!({"required": true}));
    let flow = registration([email, refused]);
    let id = kratos.has("registration", &flow);
    let page = browser.get(&page_of("registration", &id)).await;
    assert_eq!(page.count(r#"[name="traits.contacts"]"#), 0);
    assert_eq!(page.summary().len(), 1, "what is wrong with it is said");
    kratos.on("POST /self-service/registration", &flow);
    let form = [("traits.email", "a@x.test"), ("method", "password")];
    browser
        .post(How::Plain, &fragment_of("registration", &id), &form)
        .await;
    let traits = kratos.posted().values("traits");
    assert_eq!(traits, [r#"{"contacts":[],"email":"a@x.test"}"#]);
}

#[tokio::test]
async fn a_profile_whose_fields_carry_all_is_sent_field_by_field() {
    let page = shown(
        [node("traits.name", "text", json!({}))],
        json!({"name": {"type": "string"}}),
    )
    .await;
    assert_eq!(page.count(r#"[name="traits@whole"]"#), 0);
}

#[tokio::test]
async fn a_choice_whose_values_have_titles_is_drawn_with_them() {
    let (kratos, browser) = site().await;
    let sizes = json!({"oneOf": [{"const": "s", "title": "Small"}, {"const": 2}]});
    let odd = json!({"oneOf": [{"const": "s", "title": "Small"}, {"type": "integer"}]});
    kratos.on(SCHEMAS, schemas(json!({"size": sizes, "other": odd})));
    let nodes = [
        node("traits.size", "text", json!({"required": true})),
        node("traits.other", "text", json!({})),
    ];
    let id = kratos.has("registration", &registration(nodes));
    let page = browser.get(&page_of("registration", &id)).await;
    let (values, words) = options(&page, "traits.size");
    assert_eq!(values, ["", "s", "2"]);
    assert_eq!(words[1..], ["Small", "2"]);
    assert_eq!(page.count("select[name='traits.other']"), 0);
}

#[tokio::test]
async fn the_operator_has_words_for_choices_hints_and_links() {
    let own = "trait-color = Colour of the door\n    .hint = As on the photograph.\n    \
        .option-red = Vermilion\n    .option-sky-blue = Sky\n\
        trait-tos =\n    .terms = https://inn.example/terms?a=1&b=2\n\
        trait-rules = I have read <house>the rules</house> and <odd>the <rest></odd>\n    \
        .house = /rules\n    .odd = javascript:alert(1)\n";
    let folder = locales("fields", &[("en/own.ftl", own)]);
    let (kratos, browser) = site_with(&[("--locales-dir", folder.to_str().unwrap())]).await;
    kratos.on(
        SCHEMAS,
        schemas(json!({
            "color": {"enum": ["red", "Sky Blue", "grey"]},
            "tos": {"type": "boolean"},
            "rules": {"type": "boolean"},
        })),
    );
    let mut refused = node("traits.tos", "checkbox", json!({"required": true}));
    refused["messages"] = json!([{"id": 4000002, "text": "x", "type": "error", "context": {}}]);
    let nodes = [
        node("traits.color", "text", json!({"required": true})),
        refused,
        node("traits.rules", "checkbox", json!({"required": true})),
    ];
    let id = kratos.has("registration", &registration(nodes));
    let page = browser.get(&page_of("registration", &id)).await;
    page.is_document(200);

    let label = |id: &str| page.text(&format!(r#"label[for="{id}"]"#)).unwrap();
    assert_eq!(label("traits-color"), "Colour of the door");
    assert_eq!(
        page.text("#traits-color-hint").as_deref(),
        Some("As on the photograph.")
    );
    let described = page.attr("#traits-color", "aria-describedby");
    assert_eq!(described.as_deref(), Some("traits-color-hint"));
    let (values, words) = options(&page, "traits.color");
    assert_eq!(values, ["", "red", "Sky Blue", "grey"]);
    assert_eq!(words[1..], ["Vermilion", "Sky", "grey"]);

    let links = page.attrs("label a", "href");
    assert_eq!(links, ["https://inn.example/terms?a=1&b=2", "/rules"]);
    assert_eq!(page.attrs("label a", "target"), ["_blank", "_blank"]);
    let new_tab = say("field-new-tab");
    assert_eq!(
        label("traits-rules"),
        format!("I have read the rules {new_tab} and the <rest>")
    );
    let summary = page.summary();
    assert!(
        !summary[0].contains('<') && summary[0].contains("Agree to the terms"),
        "{summary:?}"
    );
}

#[tokio::test]
async fn terms_that_nobody_has_a_page_for_are_only_words() {
    for lang in ["ja", "en"] {
        let (kratos, browser) = site().await;
        let nodes = [node("traits.tos", "checkbox", json!({}))];
        let id = kratos.has("registration", &registration(nodes));
        let target = format!("{}&lang={lang}", page_of("registration", &id));
        let page = browser.get(&target).await;
        let label = page.text(r#"label[for="traits-tos"]"#).unwrap();
        assert!(!label.contains(['<', '>']), "{label}");
        assert_eq!(page.count("label a"), 0);
    }
}

#[tokio::test]
async fn a_label_names_its_object_where_two_would_be_the_same() {
    let bare = |name: &str| {
        let mut node = node(name, "text", json!({}));
        node["meta"] = json!({});
        node
    };
    let nodes = [
        titled("Place", node("traits.billing.place", "text", json!({}))),
        titled("Place", node("traits.shipping.place", "text", json!({}))),
        titled("Floor", node("traits.shipping.floor", "text", json!({}))),
        titled("Place", node("traits.company.place", "text", json!({}))),
        bare("traits.shoe_size"),
    ];
    let traits = json!({
        "billing": {"title": "Bill to", "properties": {"place": {}}},
        "shipping": {"properties": {"place": {}, "floor": {}}},
        "company": {"title": "Not this", "properties": {"place": {}}},
        "shoe_size": {},
    });
    let page = shown(nodes, traits).await;
    let labels = page.texts(".field label");
    let company = format!("{}: Place", say("trait-company"));
    let expected = [
        "Bill to: Place",
        "shipping: Place",
        "Floor",
        &company,
        "shoe_size",
    ];
    for (label, expected) in labels.iter().zip(expected) {
        assert_eq!(label.trim_end_matches(&say("optional")).trim(), expected);
    }
}

#[tokio::test]
async fn the_schema_is_asked_for_once_and_only_for_forms_with_traits() {
    let (kratos, browser) = site().await;
    kratos.on(SCHEMAS, "schemas_200");
    let login = kratos.has_flow("login", "login_init_200_unified");
    let asked = || kratos.received_on(&Method::GET, "/schemas").len();
    browser.get(&page_of("login", &login)).await;
    assert_eq!(asked(), 0);
    let id = kratos.has_flow("registration", "registration_init_200_legacy_one_step");
    let page = page_of("registration", &id);
    let (one, other) = (browser.clone(), browser.clone());
    let both = tokio::join!(one.get(&page), other.get(&page));
    for page in [both.0, both.1, browser.get(&page).await] {
        assert_eq!(page.count("select"), 1);
    }
    assert_eq!(asked(), 1);
    let received = kratos.received_on(&Method::GET, "/schemas").remove(0);
    assert_eq!(received.header("cookie"), None);
}

#[tokio::test]
async fn without_a_schema_a_form_is_still_a_form_and_nobody_waits_for_long() {
    let answers = [
        Answer::error(500),
        Answer::Silence,
        Answer::Torn,
        Answer::text(200, "application/json", "{"),
        Answer::json(200, &json!({"id": "default"})),
        Answer::json(200, &json!([1, {"id": 2}, {"id": "x", "schema": "odd"}])),
    ];
    for answer in answers {
        let (kratos, browser) = site().await;
        kratos.on(SCHEMAS, answer.clone());
        let id = kratos.has_flow("registration", "registration_init_200_legacy_one_step");
        let begun = Instant::now();
        for _ in 0..3 {
            let page = browser.get(&page_of("registration", &id)).await;
            page.is_document(200);
            let kind = page.attr("#traits-color", "type");
            assert_eq!(kind.as_deref(), Some("text"), "{answer:?}");
        }
        assert!(begun.elapsed() < Duration::from_secs(3), "{answer:?}");
        assert_eq!(kratos.received_on(&Method::GET, "/schemas").len(), 1);
    }
}

#[tokio::test]
async fn the_schema_is_the_one_the_flow_names_or_the_only_one_that_fits() {
    let color = |value: &str| json!({"color": {"enum": [value]}});
    let more = json!({"color": {"enum": ["c"]}, "size": {}});
    let one = schema("one", color("a"));
    let two = schema("two", color("b"));
    let three = schema("three", more);
    let nodes = || [node("traits.color", "text", json!({}))];
    let shown = async |list: Value, kind: &str, flow: Recording| {
        let (kratos, browser) = site().await;
        kratos.on(SCHEMAS, Answer::json(200, &list));
        let id = kratos.has(kind, &flow);
        let section = if kind == "settings" {
            "&section=profile"
        } else {
            ""
        };
        let page = browser
            .get(&format!("{}{section}", page_of(kind, &id)))
            .await;
        options(&page, "traits.color").0
    };
    let all = json!([one, two, three]);
    let mut flow = settings(nodes());
    flow.body_mut()["identity"]["schema_id"] = json!("two");
    assert_eq!(shown(all.clone(), "settings", flow).await, ["", "b"]);
    let mut flow = registration(nodes());
    flow.body_mut()["identity_schema"] = json!("one");
    assert_eq!(shown(all.clone(), "registration", flow).await, ["", "a"]);
    let mut flow = registration(nodes());
    flow.body_mut()["identity_schema"] = json!("gone");
    assert_eq!(shown(all.clone(), "registration", flow).await, [""; 0]);
    assert_eq!(
        shown(all.clone(), "registration", registration(nodes())).await,
        [""; 0]
    );
    let both = registration(
        nodes()
            .into_iter()
            .chain([node("traits.size", "text", json!({}))]),
    );
    assert_eq!(shown(all, "registration", both).await, ["", "c"]);
    let flow = registration(nodes());
    assert_eq!(shown(json!([three]), "registration", flow).await, ["", "c"]);
}

/// Posts what the fields of a settings page hold, and says what Kratos got of the traits.
async fn saved(
    kratos: &Kratos,
    browser: &crate::support::Browser,
    how: How,
    form: &[(&str, &str)],
    id: &str,
) -> Vec<(String, String)> {
    let target = format!("{}&section=profile", fragment_of("settings", id));
    browser.post(how, &target, form).await;
    let mut form = kratos.posted().form();
    form.retain(|(name, _)| name.starts_with("traits."));
    form
}

#[tokio::test]
async fn a_point_in_time_is_shown_without_its_zone_and_saved_with_it() {
    let cases = [
        (
            json!("2024-05-01T12:30:00Z"),
            "2024-05-01T12:30:00",
            "Z",
            "",
        ),
        (
            json!("2024-05-01T12:30:45+09:00"),
            "2024-05-01T12:30:45",
            "+09:00",
            "+09:00",
        ),
        (
            json!("2024-05-01T12:30:45.123456789-03:30"),
            "2024-05-01T12:30:45.123",
            "-03:30",
            "-03:30",
        ),
        // As somebody typed it into a form that Kratos did not get.
        (json!("2024-05-01T12:30"), "2024-05-01T12:30:00", "Z", ""),
        (json!("tomorrow"), "tomorrow", "Z", ""),
    ];
    for how in HOWS {
        for (value, clock, zone, offset) in &cases {
            let (kratos, browser) = site().await;
            let flow = settings([node(
                "traits.when",
                "datetime-local",
                json!({"value": value}),
            )]);
            let id = kratos.has("settings", &flow);
            kratos.on("POST /self-service/settings", &flow);
            let page = browser
                .get(&format!("{}&section=profile", page_of("settings", &id)))
                .await;
            assert_eq!(page.value("traits.when").as_deref(), Some(*clock));
            let hint = say_with("hint-date-time", &[("offset", offset)]);
            assert_eq!(page.text("#traits-when-hint"), Some(hint));

            let form = [("traits.when@zone", "+01:00"), ("traits.when", clock)];
            let sent = saved(&kratos, &browser, how, &form, &id).await;
            let expected = if *clock == "tomorrow" {
                "tomorrow".to_owned()
            } else {
                format!("{clock}{zone}")
            };
            assert_eq!(sent, [("traits.when".to_owned(), expected)]);
        }
    }
}

#[tokio::test]
async fn what_a_browser_sends_for_a_point_in_time_is_made_whole() {
    for (typed, stored, sent) in [
        (
            "2024-05-01T12:30",
            "2020-01-01T00:00:00Z",
            "2024-05-01T12:30:00Z",
        ),
        (
            "2024-05-01T12:30",
            "2020-01-01T00:00:00+09:00",
            "2024-05-01T12:30:00+09:00",
        ),
        ("2024-05-01T12:30:15.25", "", "2024-05-01T12:30:15.25Z"),
        ("2024-05-01T12:30", "<b>", "2024-05-01T12:30:00Z"),
        ("31.12.", "2020-01-01T00:00:00Z", "31.12."),
    ] {
        let (kratos, browser) = site().await;
        let flow = settings([node(
            "traits.when",
            "datetime-local",
            json!({"value": stored}),
        )]);
        kratos.has("settings", &flow);
        kratos.on("POST /self-service/settings", &flow);
        let form = [("traits.when", typed)];
        let got = saved(&kratos, &browser, How::Htmx, &form, &flow.id()).await;
        assert_eq!(got, [("traits.when".to_owned(), sent.to_owned())]);
    }
}

#[tokio::test]
async fn a_number_may_be_typed_with_a_japanese_keyboard_and_nothing_is_not_zero() {
    let (kratos, browser) = site().await;
    let number = |name| node(name, "number", json!({}));
    let flow = settings([
        node("traits.age", "number", json!({"value": 44})),
        number("traits.balance"),
        number("traits.height"),
        node("traits.motto", "text", json!({})),
        node("traits.nickname", "text", json!({})),
    ]);
    let id = kratos.has("settings", &flow);
    kratos.on("POST /self-service/settings", &flow);
    let page = browser
        .get(&format!("{}&section=profile", page_of("settings", &id)))
        .await;
    assert_eq!(page.value("traits.age").as_deref(), Some("44"));
    let form = [
        ("traits.age", " １９"),
        ("traits.balance", "ー１．５"),
        ("traits.height", ""),
        ("traits.motto", "１９"),
        ("traits.nickname", ""),
    ];
    let sent = saved(&kratos, &browser, How::Htmx, &form, &id).await;
    let expected = [
        ("traits.age", "19"),
        ("traits.balance", "-1.5"),
        ("traits.motto", "１９"),
    ];
    assert_eq!(
        sent,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

/// A profile with a list of two, as Kratos shows it.
fn with_list() -> Recording {
    let item = |name: &str, value: &str| {
        let mut node = node(name, "text", json!({"value": value}));
        node["meta"] = json!({});
        node
    };
    settings([
        titled("Hobbies", node("traits.hobbies", "text", json!({}))),
        item("traits.hobbies.0", "tea"),
        node("traits.motto", "text", json!({"value": "x"})),
        item("traits.hobbies.1", "go"),
    ])
}

#[tokio::test]
async fn a_list_is_a_field_for_each_item_and_one_more() {
    let (kratos, browser) = site().await;
    let flow = with_list();
    let id = kratos.has("settings", &flow);
    let page = browser
        .get(&format!("{}&section=profile", page_of("settings", &id)))
        .await;
    page.is_document(200);
    let list = r#"input[name="traits.hobbies"]"#;
    assert_eq!(page.attrs(list, "value"), ["tea", "go"]);
    assert_eq!(
        page.attrs(list, "id"),
        ["traits-hobbies-0", "traits-hobbies-1", "traits-hobbies"]
    );
    let label = |id: &str| page.text(&format!(r#"label[for="{id}"]"#)).unwrap();
    for (id, number) in [
        ("traits-hobbies-0", "1"),
        ("traits-hobbies-1", "2"),
        ("traits-hobbies", "3"),
    ] {
        let expected = say_with("field-in-list", &[("label", "Hobbies"), ("number", number)]);
        assert_eq!(
            label(id).trim_end_matches(&say("optional")).trim(),
            expected
        );
    }
}

#[tokio::test]
async fn a_list_is_saved_whole_without_the_empty_fields() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = with_list();
        let id = kratos.has("settings", &flow);
        kratos.on("POST /self-service/settings", &flow);
        let name = "traits.hobbies";
        let form = [(name, "tea"), (name, ""), (name, "bonsai")];
        let sent = saved(&kratos, &browser, how, &form, &id).await;
        let expected = [
            (name.to_owned(), "tea".to_owned()),
            (name.to_owned(), "bonsai".to_owned()),
        ];
        assert_eq!(sent, expected);
    }
}

#[tokio::test]
async fn a_list_that_comes_back_with_an_error_has_no_item_twice() {
    let (kratos, browser) = site().await;
    let mut flow = with_list();
    flow.node_mut("traits.hobbies.1")["messages"] =
        json!([{"id": 4000004, "text": "x", "type": "error", "context": {"pattern": "x"}}]);
    kratos.on("POST /self-service/settings", &flow);
    let form = [("traits.hobbies", "tea"), ("traits.hobbies", "go")];
    let target = format!("{}&section=profile", fragment_of("settings", &flow.id()));
    let page = browser.post(How::Htmx, &target, &form).await;
    page.is_fragment(422);
    assert_eq!(
        page.attrs(r#"input[name="traits.hobbies"]"#, "value"),
        ["tea", "go"]
    );
    assert_eq!(
        page.attrs("#error-summary a", "href"),
        ["#traits-hobbies-1"]
    );
}

#[tokio::test]
async fn a_list_that_kratos_forgets_comes_back_whole() {
    let list = titled("Hobbies", node("traits.hobbies", "text", json!({})));
    let mut refused = node("traits.hobbies.1", "text", json!({}));
    refused["meta"] = json!({});
    refused["messages"] =
        json!([{"id": 4000004, "text": "x", "type": "error", "context": {"pattern": "x"}}]);
    let mut age = node("traits.age", "number", json!({"value": "x"}));
    age["messages"] = json!([{"id": 4000026, "text": "x", "type": "error", "context": {}}]);
    for nodes in [vec![list.clone(), age], vec![refused, list]] {
        for how in HOWS {
            let (kratos, browser) = site().await;
            let flow = registration(nodes.clone());
            let id = kratos.has("registration", &flow);
            kratos.on("POST /self-service/registration", &flow);
            let form = ["tea", "", "go"].map(|value| ("traits.hobbies", value));
            let target = fragment_of("registration", &id);
            let answer = browser.post(how, &target, &form).await;
            let page = match how {
                How::Htmx => answer,
                How::Plain => browser.get(answer.redirects()).await,
            };
            let field = r#"input[name="traits.hobbies"]"#;
            assert_eq!(page.attrs(field, "value"), ["tea", "go"], "{how:?}");
            let ids = ["traits-hobbies-0", "traits-hobbies-1", "traits-hobbies"];
            assert_eq!(page.attrs(field, "id"), ids, "{how:?}");
        }
    }
}

#[tokio::test]
async fn the_second_step_of_sign_up_takes_a_list_along() {
    let (kratos, browser) = site().await;
    let mut flow = Recording::read("registration_submit_profile_400_step2_choose");
    let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    for (number, value) in ["tea", "go"].iter().enumerate() {
        nodes.push(node(
            &format!("traits.hobbies.{number}"),
            "hidden",
            json!({"value": value}),
        ));
    }
    let id = kratos.has("registration", &flow);
    let page = browser.get(&page_of("registration", &id)).await;
    let hidden = r#"form:has([name=password]) input[type=hidden][name="traits.hobbies"]"#;
    assert_eq!(page.attrs(hidden, "value"), ["tea", "go"]);
}

#[tokio::test]
async fn an_object_without_a_shape_is_taken_along_as_it_is() {
    let (kratos, browser) = site().await;
    let traits = json!({
        "free": {"type": "object", "title": "Anything"},
        "nested": {"type": "object", "properties": {"free": {"type": "object"}}},
        "billing": {"type": "object", "properties": {"place": {"type": "string"}}},
    });
    kratos.on(SCHEMAS, schemas(traits));
    let mut flow = settings([
        node("traits.free.q", "number", json!({"value": 1})),
        node("traits.free.deep.0", "text", json!({"value": "<b>"})),
        node("traits.nested.free.x", "checkbox", json!({"value": true})),
        node("traits.billing.place", "text", json!({"value": "here"})),
    ]);
    let free = json!({"q": 1, "deep": ["<b>"]});
    flow.body_mut()["identity"]["schema_id"] = json!("default");
    flow.body_mut()["identity"]["traits"] =
        json!({"free": free, "nested": {"free": {"x": true}}, "billing": {"place": "here"}});
    let id = kratos.has("settings", &flow);
    let page = browser
        .get(&format!("{}&section=profile", page_of("settings", &id)))
        .await;
    page.is_document(200);
    let hidden = |name: &str| {
        let value = page.attr(&format!(r#"input[type=hidden][name="{name}"]"#), "value");
        serde_json::from_str::<Value>(&value.unwrap()).unwrap()
    };
    assert_eq!(hidden("traits.free"), free);
    assert_eq!(hidden("traits.nested.free"), json!({"x": true}));
    assert_eq!(page.texts(".field label").len(), 1, "{}", page.body);
}

#[tokio::test]
async fn what_is_wrong_with_a_trait_that_has_no_field_stands_at_the_top() {
    let (kratos, browser) = site().await;
    let mut hidden = node("traits.secret", "hidden", json!({}));
    hidden["messages"] = json!([{"id": 4000002, "text": "x", "type": "error", "context": {}}]);
    let id = kratos.has("registration", &registration([hidden]));
    let page = browser
        .get(&format!("{}&lang=ja", page_of("registration", &id)))
        .await;
    let locale = genkan::i18n::Locale::Ja;
    assert_eq!(page.summary(), [said(locale, "kratos-4000002-form", &[])]);
}

#[tokio::test]
async fn a_schema_is_read_through_references_and_items() {
    let mail = json!({"type": "string", "format": "email", "title": "Address"});
    let traits = json!({
        "size": {"$ref": "#/definitions/size", "title": "Your size"},
        "mails": {"type": "array", "items": {"allOf": [mail, {"description": "One a line."}]}},
        "loop": {"$ref": "#/properties/traits/properties/loop"},
        "in": {"type": "object", "properties": {"side": {"type": "string"}}, "required": ["side"]},
    });
    let mut all = schema("default", traits);
    all["schema"]["properties"]["traits"]["required"] = json!(["size", "mails"]);
    let nodes = ["size", "mails", "loop", "in.side"];
    let nodes = nodes.map(|name| node(&format!("traits.{name}"), "text", json!({})));
    let (kratos, browser) = site().await;
    kratos.on(SCHEMAS, Answer::json(200, &json!([all])));
    let id = kratos.has("registration", &registration(nodes));
    let page = browser.get(&page_of("registration", &id)).await;
    assert_eq!(options(&page, "traits.size").0, ["", "S", "M"]);
    assert_eq!(
        page.attrs("[required]", "id"),
        ["traits-size", "traits-mails"]
    );
    let label = |id: &str| page.text(&format!(r#"label[for="{id}"]"#)).unwrap();
    assert_eq!(label("traits-size").trim(), "Your size");
    assert_eq!(label("traits-mails").trim(), "Address");
    assert_eq!(page.attr("#traits-mails", "type").as_deref(), Some("email"));
    assert_eq!(
        page.text("#traits-mails-hint").as_deref(),
        Some("One a line.")
    );
    let described = page.attr("#traits-mails", "aria-describedby");
    assert_eq!(described.as_deref(), Some("traits-mails-hint"));
}

/// A field that the operator sets, and one that is never shown again.
fn withheld() -> Value {
    json!({
        "badge": {"type": "string", "readOnly": true},
        "team": {"type": "string", "readOnly": true, "enum": ["a", "b"]},
        "staff": {"type": "boolean", "readOnly": true},
        "terms": {"type": "boolean", "writeOnly": true},
    })
}

#[tokio::test]
async fn what_the_operator_sets_is_shown_to_be_read_and_goes_along_unchanged() {
    let (kratos, browser) = site().await;
    kratos.on(SCHEMAS, schemas(withheld()));
    // The flow is older than what the operator has set.
    let mut flow = settings([
        node("traits.badge", "text", json!({"value": "1"})),
        node("traits.team", "text", json!({})),
        node("traits.staff", "checkbox", json!({"value": false})),
        node("traits.terms", "checkbox", json!({"value": true})),
    ]);
    flow.body_mut()["identity"]["traits"] =
        json!({"badge": "4711", "team": "b", "staff": true, "terms": true});
    let id = kratos.has("settings", &flow);
    let page = browser
        .get(&format!("{}&section=profile", page_of("settings", &id)))
        .await;
    assert_eq!(page.count("#traits-badge[readonly]"), 1);
    assert_eq!(page.count("select[disabled]:not([name])"), 1);
    assert_eq!(page.count("#traits-staff[disabled]:not([name])"), 1);
    assert_eq!(page.count("#traits-terms"), 0);
    let value = |name: &str| page.attrs(&format!(r#"[name="traits.{name}"]"#), "value");
    assert_eq!(value("badge"), ["4711"]);
    assert_eq!(value("team"), ["b"]);
    assert_eq!(value("staff"), ["true"]);
    assert_eq!(value("terms"), ["true"]);
}

/// The traits that Kratos gets of a profile form, where the identity has `stored`, the fields of the
/// flow show `nodes`, and a browser posts `form`.
async fn saved_traits(
    schema: &Value,
    stored: &Value,
    nodes: &[Value],
    form: &[(&str, &str)],
) -> Option<Value> {
    let (kratos, browser) = site().await;
    kratos.on(SCHEMAS, schemas(schema.clone()));
    let mut flow = settings(nodes.iter().cloned());
    flow.body_mut()["identity"]["traits"] = stored.clone();
    let action = fragment_of("settings", &kratos.has("settings", &flow));
    kratos.on("POST /self-service/settings", &flow);
    browser.post(How::Htmx, &action, form).await;
    let sent = kratos.posted().form();
    let traits = sent.iter().find(|(name, _)| name == "traits");
    traits.map(|(_, traits)| serde_json::from_str(traits).unwrap())
}

#[tokio::test]
async fn what_the_operator_sets_is_not_changed_by_a_form_that_a_browser_made_up() {
    let mut traits = withheld();
    traits["nickname"] = json!({"type": "string"});
    traits["org"] = json!({"type": "object", "readOnly": true, "properties": {
        "unit": {"type": "string"}, "level": {"type": "integer"},
    }});
    traits["tags"] = json!({"type": "array", "items": {"type": "string", "readOnly": true}});
    let stored = json!({
        "badge": "4711", "staff": false, "nickname": "taro", "org": {"unit": "x", "level": 3},
        "tags": ["a", "b"],
    });
    // The flow is older than what the operator has set.
    let nodes = [
        node("traits.badge", "text", json!({"value": "1"})),
        node("traits.staff", "checkbox", json!({"value": true})),
        node("traits.team", "text", json!({"value": "a"})),
        node("traits.nickname", "text", json!({"value": "taro"})),
        node("traits.org.unit", "text", json!({"value": "old"})),
        node("traits.org.level", "number", json!({"value": 9})),
        node("traits.tags.0", "text", json!({"value": "old"})),
        node("traits.tags", "text", json!({})),
    ];
    let profile = ("method", "profile");
    let nickname = ("traits.nickname", "jiro");
    let changed = [
        profile,
        nickname,
        ("traits.badge", "1"),
        ("traits.staff", "true"),
        ("traits.team", "a"),
        ("traits.org", r#"{"unit":"y"}"#),
        ("traits.org.unit", "y"),
        ("traits.org.level", "9"),
        ("traits.tags", "z"),
    ];
    let mut renamed = stored.clone();
    renamed["nickname"] = json!("jiro");
    let mut without = stored.clone();
    without.as_object_mut().unwrap().remove("nickname");
    for (form, wanted) in [
        (&changed[..], &renamed),
        (&[profile, nickname], &renamed),
        // Kratos takes it for the profile all the same.
        (&[nickname], &renamed),
        (&[profile], &without),
        (&[profile, ("traits.unknown", "1")], &without),
    ] {
        let sent = saved_traits(&traits, &stored, &nodes, form).await;
        assert_eq!(sent.as_ref(), Some(wanted), "{form:?}");
    }
    let password = [("method", "password"), ("password", "correct horse")];
    let sent = saved_traits(&traits, &stored, &nodes, &password).await;
    assert_eq!(sent, None, "a password takes no traits along");
}

#[tokio::test]
async fn a_refused_form_comes_back_with_what_the_operator_sets() {
    let (kratos, browser) = site().await;
    let mut traits = withheld();
    traits["nickname"] = json!({"type": "string"});
    kratos.on(SCHEMAS, schemas(traits));
    let nodes = ["badge", "nickname"];
    let mut flow = settings(nodes.map(|it| node(&format!("traits.{it}"), "text", json!({}))));
    flow.body_mut()["identity"]["traits"] = json!({"badge": "4711"});
    let action = fragment_of("settings", &kratos.has("settings", &flow));
    let form = [
        ("method", "profile"),
        ("traits.badge", "1"),
        ("traits.nickname", "jiro"),
        ("password", "\u{1}"),
    ];
    let to = format!("{action}&section=profile");
    let page = browser.post(How::Htmx, &to, &form).await;
    let value = |name: &str| page.attr(&format!("#traits-{name}"), "value");
    assert_eq!(value("nickname").as_deref(), Some("jiro"));
    assert_eq!(value("badge").as_deref(), Some("4711"));
}

#[tokio::test]
async fn what_is_needed_is_asked_for_where_the_operator_has_not_set_it() {
    let traits = json!({
        "is_admin": {"type": "boolean", "readOnly": true},
        "level": {"type": "integer", "readOnly": true},
    });
    let required = json!({"required": true});
    let nodes = [
        node("traits.is_admin", "checkbox", required.clone()),
        node("traits.level", "number", required),
    ];
    let form = [
        ("method", "profile"),
        ("traits.is_admin", "true"),
        ("traits.level", "9"),
    ];
    // What is there is set, also where it is nothing.
    let unset = json!({"is_admin": false, "level": 0});
    let sent = saved_traits(&traits, &unset, &nodes, &form).await;
    assert_eq!(sent, Some(unset));
    let none = json!({"beyond": 1});
    let sent = saved_traits(&traits, &none, &nodes, &form).await;
    assert_eq!(
        sent,
        Some(json!({"is_admin": true, "level": 9, "beyond": 1}))
    );
}

#[tokio::test]
async fn a_sign_up_does_not_ask_for_what_the_operator_sets_later() {
    let names = ["badge", "team", "staff", "terms"];
    let nodes = names.map(|name| {
        let is_box = ["staff", "terms"].contains(&name);
        let kind = if is_box { "checkbox" } else { "text" };
        node(&format!("traits.{name}"), kind, json!({}))
    });
    let page = shown(nodes.clone(), withheld()).await;
    assert_eq!(page.attrs("[id^=traits-]", "id"), ["traits-terms"]);
    // Without it there could be no account.
    let needed = nodes.map(|mut node| {
        node["attributes"]["required"] = json!(true);
        node
    });
    let page = shown(needed, withheld()).await;
    assert_eq!(page.count("#traits-badge:not([readonly])"), 1);
}

#[tokio::test]
async fn a_password_manager_keeps_the_name_that_is_there_for_certain() {
    let signs_in = json!({"credentials": {"password": {"identifier": true}}});
    let trait_of =
        |kind: &str| json!({"type": "string", "format": kind, "ory.sh/kratos": signs_in});
    let traits = json!({
        "email": trait_of("email"), "username": trait_of("x"), "handle": trait_of("x"),
        "work": {"type": "string", "format": "email"},
    });
    let account = async |required: &[&str]| {
        let names = ["work", "email", "username", "handle"];
        let nodes = names.map(|name| {
            let kind = if ["work", "email"].contains(&name) {
                "email"
            } else {
                "text"
            };
            let is_required = required.contains(&name);
            node(
                &format!("traits.{name}"),
                kind,
                json!({"required": is_required}),
            )
        });
        let page = shown(nodes, traits.clone()).await;
        page.attrs("[autocomplete=username]", "id")
    };
    assert_eq!(account(&["email"]).await, ["traits-email"]);
    assert_eq!(account(&["username"]).await, ["traits-username"]);
    assert_eq!(account(&["handle"]).await, ["traits-handle"]);
    assert_eq!(account(&["work"]).await, ["traits-username"]);
    assert_eq!(account(&["email", "username"]).await, ["traits-username"]);
}

#[tokio::test]
async fn a_message_about_a_later_item_stands_there_and_all_items_stay() {
    // Kratos keeps the item that it speaks of, from an earlier try, and puts it into no method's group.
    let mut flow = registration([]);
    let mut refused = node("traits.hobbies.1", "text", json!({"value": "stale"}));
    refused["messages"] =
        json!([{"id": 4000004, "text": "x", "type": "error", "context": {"pattern": "x"}}]);
    let mut list = node("traits.hobbies", "text", json!({"required": true}));
    list["group"] = json!("password");
    let nodes = flow.body_mut()["ui"]["nodes"].as_array_mut().unwrap();
    nodes.extend([refused, list]);
    for how in HOWS {
        let (kratos, browser) = site().await;
        let id = kratos.has("registration", &flow);
        kratos.on("POST /self-service/registration", &flow);
        let form = ["tea", "go", "bonsai"].map(|value| ("traits.hobbies", value));
        let target = fragment_of("registration", &id);
        let answer = browser.post(how, &target, &form).await;
        let page = match how {
            How::Htmx => answer,
            How::Plain => browser.get(answer.redirects()).await,
        };
        let field = r#"input[name="traits.hobbies"]"#;
        assert_eq!(
            page.attrs(field, "value"),
            ["tea", "go", "bonsai"],
            "{how:?}"
        );
        let ids = ["-0", "-1", "-2", ""].map(|end| format!("traits-hobbies{end}"));
        assert_eq!(page.attrs(field, "id"), ids, "{how:?}");
        assert_eq!(page.attrs("[aria-invalid]", "id"), ["traits-hobbies-1"]);
        assert_eq!(
            page.attrs(&format!("{field}[required]"), "id"),
            ["traits-hobbies-0"]
        );
    }
}

#[tokio::test]
async fn what_was_cleared_stays_clear_whatever_kratos_kept() {
    let mut age = node("traits.age", "number", json!({"value": 7}));
    age["messages"] = json!([{"id": 4000001, "text": "x", "type": "error", "context": {}}]);
    let flow = registration([
        node("traits.nickname", "text", json!({"value": "hana"})),
        node("traits.birthdate", "date", json!({"value": "2000-01-01"})),
        node("traits.motto", "text", json!({"value": "untouched"})),
        node("traits.hobbies.0", "text", json!({"value": "tea"})),
        node("traits.hobbies", "text", json!({})),
        age,
    ]);
    for how in HOWS {
        let (kratos, browser) = site().await;
        let id = kratos.has("registration", &flow);
        kratos.on("POST /self-service/registration", &flow);
        let form = [
            ("traits.nickname", ""),
            ("traits.birthdate", ""),
            ("traits.hobbies", ""),
            ("traits.hobbies", ""),
            ("traits.age", "7"),
        ];
        let answer = browser
            .post(how, &fragment_of("registration", &id), &form)
            .await;
        // With a script as well: the page may be loaded once more.
        let reloaded = browser.get(&page_of("registration", &id)).await;
        for page in [(how == How::Htmx).then_some(answer), Some(reloaded)] {
            let Some(page) = page else { continue };
            for name in ["nickname", "birthdate", "hobbies"] {
                let values = page.attrs(&format!(r#"[name="traits.{name}"]"#), "value");
                assert_eq!(values.concat(), "", "{name} {how:?}");
            }
            let motto = page.attr("#traits-motto", "value");
            assert_eq!(motto.as_deref(), Some("untouched"));
            assert_eq!(page.attr("#traits-age", "value").as_deref(), Some("7"));
        }
    }
}
