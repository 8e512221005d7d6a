//! Mails come from Kratos, in the language of the page that asked for them: it goes along with every form.

use std::fs;
use std::path::Path;

use http::Method;

use crate::support::{HOWS, Recording, fragment_of, page_of, site, site_with};

const FLOWS: [(&str, &str); 5] = [
    ("login", "login_submit_400_bad_credentials"),
    ("registration", "registration_submit_400_validation"),
    ("recovery", "recovery_submit_200_sent_email"),
    ("verification", "verification_submit_200_resend"),
    ("settings", "settings_submit_profile_200"),
];

#[tokio::test]
async fn every_form_tells_kratos_the_language_of_its_page() {
    for (kind, recording) in FLOWS {
        for how in HOWS {
            let (kratos, browser) = site_with(&[("--resend-cool-down", "0")]).await;
            let flow = Recording::read(recording);
            let id = kratos.has(kind, &flow);
            kratos.on(&format!("POST /self-service/{kind}"), &flow);
            let action = fragment_of(kind, &id);
            let form = [("method", "code"), ("email", "a1@x.test")];
            let path = format!("/self-service/{kind}");
            let told = || {
                let posts = kratos.received_on(&Method::POST, &path);
                posts.last().unwrap().values("transient_payload")
            };

            browser.post(how, &action, &form).await;
            assert_eq!(told(), [r#"{"lang":"en"}"#], "{kind}: the browser asks");
            browser
                .post_with(how, &action, &form, &[("accept-language", "fr")])
                .await;
            assert_eq!(told(), [r#"{"lang":"ja"}"#], "{kind}: the default");
            browser
                .get(&format!("{}&lang=ja", page_of(kind, &id)))
                .await;
            browser.post(how, &action, &form).await;
            assert_eq!(told(), [r#"{"lang":"ja"}"#], "{kind}: it was chosen");
        }
    }
}

#[tokio::test]
async fn a_form_cannot_say_anything_in_its_place() {
    for how in HOWS {
        let (kratos, browser) = site().await;
        let flow = Recording::read("login_submit_400_bad_credentials");
        kratos.on("POST /self-service/login", &flow);
        let form = [
            (
                "transient_payload",
                r#"{"lang":"ja","url":"https://evil.test"}"#,
            ),
            ("transient_payload", "{}"),
            ("transient_payload.lang", "ja"),
            ("transient_payload[lang]", "ja"),
            ("identifier", "a1@x.test"),
        ];
        let action = format!(
            "{}&transient_payload=%7B%7D",
            fragment_of("login", &flow.id())
        );
        browser.post(how, &action, &form).await;
        let posted = kratos.posted();
        let pairs = [
            ("identifier", "a1@x.test"),
            ("transient_payload", r#"{"lang":"en"}"#),
        ];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(posted.pairs(), pairs);
        assert_eq!(posted.query, [("flow".to_owned(), flow.id())]);
    }
}

#[tokio::test]
async fn a_change_that_kratos_has_kept_is_made_in_the_language_of_then() {
    let (kratos, browser) = site().await;
    let answer = Recording::read("settings_get_submit_endpoint_continue_html");
    kratos.on("GET /self-service/settings", &answer);
    browser.keep("genkan_lang", "ja");
    let id = "fa6d14f0-de98-4248-84c0-a97b9a45e705";
    let forged = "transient_payload=%7B%22lang%22%3A%22en%22%7D";
    browser
        .get(&format!("/self-service/settings?{forged}&flow={id}"))
        .await;
    let told = [("flow", id), ("transient_payload", r#"{"lang":"ja"}"#)];
    let told = told.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(kratos.received()[0].query, told);
}

/// The templates hold the minutes as a word: Kratos tells them no time.
#[test]
fn mails_say_for_how_long_kratos_takes_what_is_in_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("kratos");
    let settings = ["kratos.yml", "profiles/link.yml"].map(|name| {
        let text = fs::read_to_string(root.join(name)).unwrap();
        let marked = "m # The mails in templates/ state this time.";
        let line = text.lines().find(|line| line.ends_with(marked)).unwrap();
        let (_, minutes) = line.split_once("lifespan: ").unwrap();
        minutes.strip_suffix(marked).unwrap().to_owned()
    });
    let mut read = 0;
    for folder in fs::read_dir(root.join("templates")).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let minutes = &settings[usize::from(!name.ends_with("_code"))];
        for part in ["body", "body.plaintext"] {
            let path = folder.path().join(format!("valid/email.{part}.gotmpl"));
            let text = fs::read_to_string(&path).unwrap();
            read += 1;
            for words in [format!("{minutes}分間"), format!("{minutes} minutes")] {
                assert!(text.contains(&words), "{}: {words}", path.display());
            }
        }
    }
    assert_eq!(read, 12);
}
