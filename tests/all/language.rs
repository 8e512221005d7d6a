//! The language of a page: asked for in the address, chosen before, wanted by the browser, or the operator's.

use std::process::Command;

use genkan::i18n::Locale;
use serde_json::json;

use crate::support::{How, Recording, fragment_of, locales, page_of, said, say, site, site_with};

fn login(locale: Locale) -> String {
    said(locale, "login", &[])
}

#[tokio::test]
async fn the_address_comes_before_the_cookie_the_browser_and_the_default() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    let page = page_of("login", &id);
    let (ja, en) = (login(Locale::Ja), login(Locale::En));

    let silent = [("accept-language", "")];
    assert_eq!(
        browser.get_with(&page, &silent).await.h1(),
        ja,
        "the default"
    );
    assert_eq!(browser.get(&page).await.h1(), en, "the browser");
    browser.keep("genkan_lang", "ja");
    assert_eq!(browser.get(&page).await.h1(), ja, "the cookie");
    assert_eq!(
        browser.get(&format!("{page}&lang=en")).await.h1(),
        en,
        "the address"
    );
    assert_eq!(browser.cookie("genkan_lang").as_deref(), Some("en"));
    assert_eq!(
        browser
            .get_with(&page, &[("accept-language", "ja")])
            .await
            .h1(),
        en,
        "kept"
    );
}

#[tokio::test]
async fn the_page_says_which_language_it_is_in() {
    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    for (lang, other) in [("ja", "en"), ("en", "ja")] {
        let page = browser
            .get(&format!("{}&lang={lang}", page_of("login", &id)))
            .await;
        page.is_document(200);
        assert_eq!(page.attr("html", "lang").as_deref(), Some(lang));
        let link = page.attr("footer a", "href").unwrap();
        assert_eq!(link, format!("?flow={id}&lang={other}"));
        assert_eq!(page.attr("footer a", "lang").as_deref(), Some(other));
        assert_eq!(page.attr("footer a", "hreflang").as_deref(), Some(other));
    }
}

#[tokio::test]
async fn the_cookie_is_kept_for_a_year_and_for_this_site() {
    let (kratos, browser) = site().await;
    kratos.on("GET /sessions/whoami", "whoami_401");
    let page = browser.get("/welcome?lang=en").await;
    let cookie = "genkan_lang=en; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000";
    assert_eq!(page.set_cookies(), [cookie]);
    assert_eq!(browser.get("/welcome").await.set_cookies(), [""; 0]);
}

#[tokio::test]
async fn the_best_language_of_the_browser_is_taken() {
    let (kratos, browser) = site_with(&[("--default-lang", "ja")]).await;
    kratos.on("GET /sessions/whoami", "whoami_401");
    for (wanted, lang) in [
        ("en", "en"),
        ("en-US,en;q=0.9,ja;q=0.8", "en"),
        ("ja-JP", "ja"),
        ("fr, en;q=0.5", "en"),
        ("de-DE, ja;q=0.3, en;q=0.9", "en"),
        ("fr", "ja"),
        ("*", "ja"),
        ("en;q=0, ja", "ja"),
        (";;;,,q=", "ja"),
    ] {
        let page = browser
            .get_with("/welcome", &[("accept-language", wanted)])
            .await;
        assert_eq!(page.attr("html", "lang").as_deref(), Some(lang), "{wanted}");
    }
}

#[tokio::test]
async fn a_language_that_there_is_not_is_passed_over() {
    let (kratos, browser) = site().await;
    kratos.on("GET /sessions/whoami", "whoami_401");
    browser.keep("genkan_lang", "xx");
    for asked in ["xx", "", "%3Cscript%3E", "../en"] {
        let page = browser.get(&format!("/welcome?lang={asked}")).await;
        page.is_document(200);
        assert_eq!(page.attr("html", "lang").as_deref(), Some("en"), "{asked}");
        assert_eq!(page.set_cookies(), [""; 0]);
    }
}

#[tokio::test]
async fn the_operator_chooses_the_default() {
    let (kratos, browser) = site_with(&[("--default-lang", "en")]).await;
    kratos.on("GET /sessions/whoami", "whoami_401");
    let page = browser
        .get_with("/welcome", &[("accept-language", "fr")])
        .await;
    assert_eq!(page.attr("html", "lang").as_deref(), Some("en"));
}

#[tokio::test]
async fn fragments_errors_and_their_titles_are_in_the_language_too() {
    let (kratos, browser) = site().await;
    let flow = Recording::read("login_submit_400_bad_credentials");
    kratos.on("POST /self-service/login", &flow);
    browser.keep("genkan_lang", "ja");
    let page = browser
        .post(How::Htmx, &fragment_of("login", &flow.id()), &[("a", "b")])
        .await;
    assert_eq!(page.summary(), [said(Locale::Ja, "kratos-4000006", &[])]);
    let title = said(
        Locale::Ja,
        "title-failed",
        &[("page", &login(Locale::Ja)), ("service", "Genkan")],
    );
    assert_eq!(page.title(), title);
    let page = browser.get("/nothing").await;
    assert_eq!(page.h1(), said(Locale::Ja, "error-not-found", &[]));
}

#[tokio::test]
async fn kratos_hears_what_the_browser_wants() {
    let (kratos, browser) = site().await;
    kratos.on("GET /sessions/whoami", "whoami_401");
    browser
        .get_with("/welcome", &[("accept-language", "fr-CH, en;q=0.5")])
        .await;
    assert_eq!(
        kratos.received()[0].header("accept-language"),
        Some("fr-CH, en;q=0.5")
    );
}

#[tokio::test]
async fn the_name_of_the_service_stands_in_the_title_and_at_the_top() {
    let (kratos, browser) = site_with(&[("--project-name", "<b>Ryokan</b> & Co")]).await;
    kratos.on("GET /sessions/whoami", "whoami_401");
    let page = browser.get("/welcome").await;
    assert!(
        page.title().contains("<b>Ryokan</b> & Co"),
        "{}",
        page.title()
    );
    assert_eq!(page.text("header a").as_deref(), Some("<b>Ryokan</b> & Co"));
    assert_eq!(page.count("b"), 0);
}

#[tokio::test]
async fn every_recorded_form_is_drawn_without_a_text_missing() {
    for version in ["1.3.1", "26.2"] {
        let (kratos, browser) = site().await;
        kratos.on("GET /sessions/whoami", "whoami_200");
        for flow in Recording::all(version) {
            let kind = flow.case().split('_').next().unwrap().to_owned();
            let is_flow = [
                "login",
                "registration",
                "recovery",
                "verification",
                "settings",
            ];
            let is_page =
                is_flow.contains(&&*kind) && flow.has_answer() && flow.body()["ui"].is_object();
            if !is_page || flow.case().contains("already_logged_in") {
                continue;
            }
            let id = kratos.has(&kind, &flow);
            for lang in ["ja", "en"] {
                let page = browser
                    .get(&format!("{}&lang={lang}", page_of(&kind, &id)))
                    .await;
                page.is_document(200);
                let words = page.text("body").unwrap();
                for odd in ["{$", "{ $", "kratos-", "undefined", "$label"] {
                    assert!(!words.contains(odd), "{}: {words}", flow.name);
                }
                let unlabelled = page.texts("main button, main a, main label, main h1");
                assert!(
                    unlabelled.iter().all(|text| !text.is_empty()),
                    "{}",
                    flow.name
                );
                if lang == "ja" {
                    // What no catalogue knows is marked as English; everything else has to be Japanese.
                    assert_eq!(page.count("main [lang=en]"), 0, "{}: {words}", flow.name);
                }
            }
        }
    }
}

#[tokio::test]
async fn the_operators_texts_go_before_those_in_the_program() {
    let folder = locales(
        "over",
        &[
            (
                "en/own.ftl",
                "login = Welcome to the inn\ntrait-email = Post\n",
            ),
            ("en/z.ftl", "trait-email = Mail\n"),
            ("en/notes.txt", "login = Not this one\n"),
        ],
    );
    let settings = [("--locales-dir", folder.to_str().unwrap())];
    let (kratos, browser) = site_with(&settings).await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    let page = browser.get(&page_of("login", &id)).await;
    assert_eq!(page.h1(), "Welcome to the inn");
    assert_eq!(page.text("label").as_deref(), Some("Mail"), "the last file");
    assert_eq!(page.text(".links a"), Some(say("login-forgot")), "the rest");
    let page = browser
        .get(&format!("{}&lang=ja", page_of("login", &id)))
        .await;
    assert_eq!(page.h1(), login(Locale::Ja), "the other language");

    let (kratos, browser) = site().await;
    let id = kratos.has_flow("login", "login_init_200_unified");
    let page = browser.get(&page_of("login", &id)).await;
    assert_eq!(page.h1(), login(Locale::En), "another Genkan");
}

#[tokio::test]
async fn a_heading_can_be_changed_without_its_button() {
    let texts = "login = Welcome back\nlogout = Leaving already?\n";
    let folder = locales("heading", &[("en/own.ftl", texts)]);
    let settings = [("--locales-dir", folder.to_str().unwrap())];
    let (kratos, browser) = site_with(&settings).await;
    let id = kratos.has_flow("login", "made/login_many_ways");

    let page = browser.get(&page_of("login", &id)).await;
    assert_eq!(page.h1(), "Welcome back");
    assert_eq!(
        page.texts("#flow button[type=submit]"),
        [say("login-submit")]
    );
    let page = browser.get("/logout").await;
    assert_eq!(page.h1(), "Leaving already?");
    assert_eq!(page.texts("form button"), [say("logout-submit")]);
    kratos.on("GET /sessions/whoami", "whoami_401");
    let page = browser.get("/welcome").await;
    assert_eq!(page.text(".menu a"), Some(say("login-submit")));
}

#[tokio::test]
async fn the_operator_has_texts_for_the_messages_of_a_web_hook() {
    let folder = locales(
        "hook",
        &[(
            "ja/hook.ftl",
            "kratos-1234567 = { $rooms }部屋しかありません。\n",
        )],
    );
    let settings = [("--locales-dir", folder.to_str().unwrap())];
    let (kratos, browser) = site_with(&settings).await;
    let mut flow = Recording::read("login_submit_400_bad_credentials");
    flow.body_mut()["ui"]["messages"] = json!([{
        "id": 1234567,
        "type": "error",
        "text": "There are only 3 rooms.",
        "context": {"rooms": 3},
    }]);
    let id = kratos.has("login", &flow);
    let page = |lang| format!("{}&lang={lang}", page_of("login", &id));
    let ja = browser.get(&page("ja")).await;
    assert_eq!(ja.summary(), ["3部屋しかありません。"]);
    let en = browser.get(&page("en")).await;
    assert_eq!(en.summary(), ["There are only 3 rooms."], "as it came");
}

#[tokio::test]
async fn a_text_of_the_operators_that_cannot_be_said_gives_way_to_ours() {
    let text = "kratos-4000006 = { $nobody } knows\nlogin =\n    .more = Only this\n";
    let folder = locales("values", &[("en/own.ftl", text)]);
    let settings = [("--locales-dir", folder.to_str().unwrap())];
    let (kratos, browser) = site_with(&settings).await;
    let id = kratos.has_flow("login", "login_submit_400_bad_credentials");
    let page = browser.get(&page_of("login", &id)).await;
    assert_eq!(page.summary(), [say("kratos-4000006")]);
    assert_eq!(page.h1(), login(Locale::En));
}

#[test]
fn texts_that_cannot_be_read_are_named_with_their_line_before_anything_is_served() {
    const BROKEN: &str = "login = Good\n# fine\n\nregistration { oops\n";
    type Files = &'static [(&'static str, &'static str)];
    let both: Files = &[("en/own.ftl", BROKEN), ("ja/own.ftl/x", "")];
    let cases: [(&str, Files, &[&str]); 3] = [
        (
            "broken",
            &[("en/own.ftl", BROKEN)],
            &["en/own.ftl, line 4: "],
        ),
        ("empty", &[], &["has neither ja/ nor en/"]),
        ("both", both, &["en/own.ftl, line 4: ", "ja/own.ftl: "]),
    ];
    for (name, files, sentences) in cases {
        let folder = locales(name, files);
        let output = Command::new(env!("CARGO_BIN_EXE_genkan"))
            .args(["--kratos-public-url", "http://127.0.0.1:1", "--port", "0"])
            .arg("--locales-dir")
            .arg(&folder)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        for sentence in sentences {
            let about = said.lines().find(|line| line.contains(sentence));
            let about = about.unwrap_or_else(|| panic!("{sentence} is not in {said}"));
            assert!(about.starts_with("  LOCALES_DIR: "), "{about}");
            assert!(about.contains(folder.to_str().unwrap()), "{about}");
        }
    }
}

#[test]
fn what_is_never_read_of_the_operators_texts_is_told() {
    let files = [
        (
            "en/own.ftl",
            "login = Good\nlogni = Bad\ntrait-any = Any\nkratos-7 = Seven\n",
        ),
        (
            "en/scopes.ftl",
            "consent-scope-mail = Mail\nkratos-x = No number\n-term = Fine\n",
        ),
        ("en/notes.txt", "login = Not this one\n"),
        ("ja/..data", "hidden, as Kubernetes has it"),
        ("fr/own.ftl", "login = Bonjour\n"),
        ("own.ftl", "login = Nowhere\n"),
        ("README.md", "Of the operator."),
    ];
    let folder = locales("unused", &files);
    let output = Command::new(env!("CARGO_BIN_EXE_genkan"))
        .args(["--kratos-public-url", "http://127.0.0.1:1", "check-config"])
        .arg("--locales-dir")
        .arg(&folder)
        .output()
        .unwrap();

    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let place = |path: &str| folder.join(path).display().to_string();
    let expected = [
        format!("{} is not read: it is not *.ftl", place("en/notes.txt")),
        format!("{}: no text has the key logni", place("en/own.ftl")),
        format!("{}: no text has the key kratos-x", place("en/scopes.ftl")),
        format!("{} is not read: the languages are ja and en", place("fr")),
        format!(
            "{} is not read: texts belong into ja/ or en/",
            place("own.ftl")
        ),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|fault| format!("Warning: LOCALES_DIR: {fault}"))
        .collect();
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}
