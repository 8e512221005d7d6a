//! What pages look like and say of themselves: passwords in sight, light and dark, the operator's brand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use genkan::assets;
use genkan::i18n::Locale;
use sha2::{Digest, Sha256};

use crate::support::{Page, locales, page_of, said, say, site, site_with};

/// The SHA-256 of what the npm package `htmx.org` 4.0.1 holds, as they are kept in `public/`.
const HTMX: [(&str, &str); 2] = [
    (
        "htmx-4.0.1.min.js",
        "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    ),
    (
        "hx-csp-4.0.1.min.js",
        "a7e1e6711ae6c3e50ad300fba7936cbe8d07599cdae313414a179ddd6b26e143",
    ),
];

#[test]
fn htmx_is_what_its_makers_published() {
    for (name, checksum) in HTMX {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("public")
            .join(name);
        let bytes = fs::read(path).unwrap();
        assert_eq!(format!("{:x}", Sha256::digest(bytes)), checksum, "{name}");
    }
}

const WHOAMI: &str = "GET /sessions/whoami";

#[tokio::test]
async fn a_password_is_shown_by_a_button_that_says_what_it_does() {
    let (kratos, browser) = site().await;
    for (kind, recording, id) in [
        ("login", "login_init_200_unified", "current-password"),
        (
            "registration",
            "registration_init_200_legacy_one_step",
            "new-password",
        ),
    ] {
        let flow = kratos.has_flow(kind, recording);
        for locale in Locale::ALL {
            let page = browser
                .get(&format!("{}&lang={locale}", page_of(kind, &flow)))
                .await;
            let button = r#"[data-testid="node/input/password"] button"#;
            let attr = |name: &str| page.attr(button, name);
            let say = |key: &str| Some(said(locale, key, &[]));
            assert_eq!(page.count(button), 1);
            assert_eq!(attr("type").as_deref(), Some("button"), "it sends nothing");
            assert_eq!(attr("class").as_deref(), Some("btn needs-js"));
            assert_eq!(attr("aria-controls").as_deref(), Some(id));
            assert_eq!(
                page.attr(&format!("#{id}"), "type").as_deref(),
                Some("password")
            );
            assert_eq!(page.text(button), say("password-show"));
            assert_eq!(attr("aria-label"), say("password-show-named"));
            for (attribute, key) in [
                ("data-show", "password-show"),
                ("data-show-named", "password-show-named"),
                ("data-shown", "password-shown"),
                ("data-hide", "password-hide"),
                ("data-hide-named", "password-hide-named"),
                ("data-hidden", "password-hidden"),
            ] {
                assert_eq!(attr(attribute), say(key), "{attribute}");
            }
            for (words, name) in [
                ("data-show", "data-show-named"),
                ("data-hide", "data-hide-named"),
            ] {
                let (words, name) = (attr(words).unwrap(), attr(name).unwrap());
                assert!(
                    name.contains(&words),
                    "people who speak to it say {words}: {name}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_words_for_a_long_wait_are_there_before_it() {
    let (kratos, browser) = site().await;
    let flow = kratos.has_flow("login", "login_init_200_unified");
    let page = browser.get(&page_of("login", &flow)).await;
    assert_eq!(
        page.attr("#live", "data-waiting"),
        Some(said(Locale::En, "sending", &[]))
    );
    assert_eq!(page.text("#live").as_deref(), Some(""));
}

#[tokio::test]
async fn the_theme_is_chosen_by_a_link_that_keeps_the_flow_and_is_remembered() {
    let (kratos, browser) = site().await;
    let flow = kratos.has_flow("login", "login_init_200_unified");
    let page = browser.get(&page_of("login", &flow)).await;
    let scheme = |page: &Page| page.attr("meta[name=color-scheme]", "content").unwrap();
    let theme = |page: &Page| page.attr("html", "data-theme");
    let current = |page: &Page| page.texts("footer [aria-current=true]");
    assert_eq!((theme(&page), &*scheme(&page)), (None, "light dark"));
    assert_eq!(current(&page), [say("theme-auto")]);
    let links = page.attrs("footer [role=group] a", "href");
    let expected = ["auto", "light", "dark"].map(|name| format!("?flow={flow}&theme={name}"));
    assert_eq!(links, expected);

    let page = browser.get(&format!("/login{}", links[2])).await;
    let cookie = "genkan_theme=dark; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000";
    assert_eq!(page.set_cookies()[0], cookie);
    assert_eq!(
        (theme(&page).as_deref(), &*scheme(&page)),
        (Some("dark"), "dark")
    );
    assert_eq!(current(&page), [say("theme-dark")]);
    assert_eq!(
        page.attrs("footer [role=group] a", "href"),
        expected,
        "once"
    );
    let page = browser.get(&page_of("login", &flow)).await;
    assert_eq!(theme(&page).as_deref(), Some("dark"), "kept");
    let page = browser.get("/nothing").await;
    assert_eq!(theme(&page).as_deref(), Some("dark"), "errors too");

    let page = browser.get(&format!("/login{}", links[0])).await;
    assert_eq!(theme(&page), None);
    assert_eq!(browser.cookie("genkan_theme"), None);
}

#[tokio::test]
async fn a_theme_that_there_is_not_is_passed_over() {
    let (kratos, browser) = site().await;
    kratos.on(WHOAMI, "whoami_401");
    for asked in ["sepia", "", "%3Cscript%3E", "Dark"] {
        let page = browser.get(&format!("/welcome?theme={asked}")).await;
        page.is_document(200);
        assert_eq!(page.attr("html", "data-theme"), None, "{asked}");
        assert_eq!(page.set_cookies(), [""; 0]);
    }
}

#[tokio::test]
async fn the_operators_sheet_comes_last_and_logo_and_icon_take_the_place_of_ours() {
    let css = "@layer brand { :root { --brand-accent: #0a5; } }";
    let svg = "<svg xmlns='http://www.w3.org/2000/svg'/>";
    let files = [
        ("own.css", css),
        ("logo.SVG", svg),
        ("icon.png", "a picture"),
    ];
    let folder = locales("brand", &files);
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (css_file, logo, icon) = (file("own.css"), file("logo.SVG"), file("icon.png"));
    let settings = [
        ("--brand-css", &*css_file),
        ("--logo", &logo),
        ("--favicon", &icon),
        ("--project-name", "Ryokan"),
    ];
    let (kratos, browser) = site_with(&settings).await;
    kratos.on(WHOAMI, "whoami_401");
    let page = browser.get("/welcome").await;
    let sheets = page.attrs("link[rel=stylesheet]", "href");
    assert_eq!(sheets.len(), 2);
    assert_eq!(sheets[0], assets::STYLE.path);
    assert_eq!(page.attrs("header img", "alt"), ["Ryokan"]);
    assert_eq!(page.text("header").as_deref(), Some(""), "once");
    let src = page.attr("header img", "src").unwrap();
    let icon = page.attr("link[rel=icon]", "href").unwrap();
    assert_eq!(
        page.attr("link[rel=icon]", "type").as_deref(),
        Some("image/png")
    );
    for (path, content_type, content) in [
        (&sheets[1], "text/css; charset=utf-8", css),
        (&src, "image/svg+xml", svg),
        (&icon, "image/png", "a picture"),
    ] {
        let answer = browser.get(path).await;
        assert_eq!((answer.status, &*answer.body), (200, content), "{path}");
        assert_eq!(answer.header("content-type"), Some(content_type));
        let kept = answer.header("cache-control");
        assert_eq!(kept, Some("public, max-age=31536000, immutable"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'"),
            "no script in a picture"
        );
    }

    fs::write(folder.join("own.css"), "@layer brand {}").unwrap();
    let (kratos, browser) = site_with(&settings).await;
    kratos.on(WHOAMI, "whoami_401");
    let page = browser.get("/welcome").await;
    assert_ne!(
        page.attrs("link[rel=stylesheet]", "href")[1],
        sheets[1],
        "another content"
    );
}

#[tokio::test]
async fn without_a_brand_the_name_stands_at_the_top_and_nothing_at_the_foot() {
    let (kratos, browser) = site().await;
    kratos.on(WHOAMI, "whoami_401");
    let page = browser.get("/welcome").await;
    assert_eq!(
        page.attrs("link[rel=stylesheet]", "href"),
        [assets::STYLE.path]
    );
    assert_eq!(
        page.attr("link[rel=icon]", "href").as_deref(),
        Some(assets::ICON.path)
    );
    assert_eq!(page.count("img"), 0);
    assert_eq!(page.text("header a").as_deref(), Some("Genkan"));
    let links = page.attrs("footer a", "href");
    assert!(links.iter().all(|href| href.starts_with('?')), "{links:?}");
}

#[tokio::test]
async fn the_operators_pages_are_linked_at_the_foot_and_help_from_errors() {
    let (kratos, browser) = site_with(&[
        ("--privacy-url", "https://corp.example/privacy?a=1"),
        ("--terms-url", "/terms"),
        ("--help-url", "http://help.example"),
    ])
    .await;
    kratos.on(WHOAMI, "whoami_401");
    let page = browser.get("/welcome").await;
    let rel = |key: &str| {
        let words = say(key);
        let links = page.texts("footer a");
        let place = links.iter().position(|text| *text == words).unwrap();
        let link = format!("footer p:first-child a:nth-of-type({})", place + 1);
        (page.attr(&link, "href").unwrap(), page.attr(&link, "rel"))
    };
    let foreign = Some("noreferrer".to_owned());
    let privacy = "https://corp.example/privacy?a=1".to_owned();
    assert_eq!(rel("privacy"), (privacy, foreign.clone()));
    assert_eq!(rel("terms"), ("/terms".to_owned(), None));
    assert_eq!(rel("help"), ("http://help.example/".to_owned(), foreign));
    let page = browser.get("/nothing").await;
    let help = page.attrs("main .links a", "href");
    assert_eq!(help, ["/login", "http://help.example/"]);
}

#[test]
fn a_brand_that_cannot_be_used_is_told_before_anything_is_served() {
    let folder = locales("no-brand", &[("empty.css", ""), ("logo.gif", "GIF")]);
    for (setting, name, sentence) in [
        ("brand-css", "missing.css", "No such file"),
        ("brand-css", "empty.css", "is empty"),
        ("brand-css", "logo.gif", "has to end in .css"),
        ("logo", "logo.gif", "has to end in .svg, .png"),
        ("favicon", "missing.ico", "No such file"),
    ] {
        let output = genkan(setting, folder.join(name).to_str().unwrap());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        let variable = setting.to_uppercase().replace('-', "_");
        assert!(said.contains(&format!("{variable}: ")), "{said}");
        assert!(said.contains(sentence) && said.contains(name), "{said}");
    }
    for address in [
        "javascript:alert(1)",
        "//evil.example",
        r"/\evil.example",
        "mailto:a@b.example",
        "terms",
        "",
    ] {
        for setting in ["privacy-url", "terms-url", "help-url"] {
            let output = genkan(setting, address);
            assert_eq!(output.status.code(), Some(2), "{address}");
            let said = String::from_utf8(output.stderr).unwrap();
            let variable = setting.to_uppercase().replace('-', "_");
            assert!(said.contains(&variable), "{said}");
        }
    }
}

/// A Genkan that ends at once because of a setting.
fn genkan(setting: &str, value: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_genkan"))
        .args(["--kratos-public-url", "http://127.0.0.1:1", "--port", "0"])
        .arg(format!("--{setting}={value}"))
        .output()
        .unwrap()
}

#[test]
fn the_layers_have_their_order_and_the_operators_is_the_last() {
    let css = String::from_utf8(assets::STYLE.plain.to_vec()).unwrap();
    let order = "@layer reset,tokens,base,layout,components,utilities,brand;";
    assert!(css.starts_with(order), "{}", &css[..200]);
}

#[test]
fn the_script_and_the_style_are_small() {
    assert!(
        assets::UI.gzip.len() <= 4 * 1024,
        "{}",
        assets::UI.gzip.len()
    );
    let style = assets::STYLE.gzip.len();
    assert!(style <= 6 * 1024, "{style}");
}

#[test]
fn every_component_has_a_file_and_every_file_is_part_of_the_style() {
    let main = fs::read_to_string(style().join("main.css")).unwrap();
    for file in sheets() {
        let path = file.strip_prefix(style()).unwrap().to_str().unwrap();
        let is_part = path == "main.css" || main.contains(&format!("@import \"{path}\";"));
        assert!(is_part, "{path}");
    }
}

#[test]
fn no_rule_names_a_side_that_another_script_has_not_or_marks_what_was_not_sent_yet() {
    for file in sheets() {
        let css = fs::read_to_string(&file).unwrap();
        let names: Vec<&str> = css
            .split([';', '{', '}'])
            .filter_map(|rule| rule.split_once(':'))
            .map(|(name, _)| name.trim())
            .collect();
        let sides = ["left", "right", "top", "bottom", "width", "height"];
        let physical = names.iter().find(|name| {
            let mut words = name.split('-');
            // `border-width` and `line-height` name no side.
            let is_side = words.any(|word| sides.contains(&word));
            is_side
                && !name.starts_with("border-")
                && !matches!(**name, "line-height")
                && !name.ends_with("-start-width")
                && !name.starts_with("--")
        });
        assert_eq!(physical, None, "{}", file.display());
        for odd in [
            ":invalid",
            "border-left",
            "border-right",
            "text-align: left",
            "text-align: right",
        ] {
            assert!(!css.contains(odd), "{odd} in {}", file.display());
        }
    }
}

/// <https://www.w3.org/TR/WCAG22/#contrast-minimum>
#[test]
fn the_colours_of_both_themes_can_be_told_apart() {
    let css = fs::read_to_string(style().join("tokens.css")).unwrap();
    let colours = |name: &str| {
        let (_, rest) = css.split_once(&format!("{name}: light-dark(")).unwrap();
        let (pair, _) = rest.split_once(')').unwrap();
        let (light, dark) = pair.split_once(", ").unwrap();
        [luminance(light), luminance(dark)]
    };
    for (front, backs, least) in [
        ("--c-text", &["--c-page", "--c-surface"][..], 4.5),
        ("--c-muted", &["--c-page", "--c-surface"], 4.5),
        ("--brand-accent", &["--c-page", "--c-surface"], 4.5),
        (
            "--brand-on-accent",
            &["--brand-accent", "--brand-accent-strong"],
            4.5,
        ),
        (
            "--c-danger",
            &["--c-page", "--c-surface", "--c-danger-bg"],
            4.5,
        ),
        ("--c-muted", &["--c-danger-bg"], 4.5),
        ("--c-success", &["--c-surface", "--c-success-bg"], 4.5),
        ("--c-warning", &["--c-warning-bg"], 4.5),
        ("--c-control", &["--c-page", "--c-surface"], 3.0),
        (
            "--c-focus",
            &["--c-page", "--c-surface", "--c-focus-gap"],
            3.0,
        ),
    ] {
        for back in backs {
            for (one, other) in colours(front).into_iter().zip(colours(back)) {
                let ratio = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                assert!(ratio >= least, "{front} on {back}: {ratio:.2}");
            }
        }
    }
}

/// <https://www.w3.org/TR/WCAG22/#dfn-relative-luminance>
fn luminance(hex: &str) -> f64 {
    let part = |at: usize| {
        let value = u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

fn style() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("style")
}

fn sheets() -> Vec<PathBuf> {
    let files = |folder: PathBuf| {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
    };
    let all = files(style()).chain(files(style().join("components")));
    all.filter(|path| path.is_file()).collect()
}
