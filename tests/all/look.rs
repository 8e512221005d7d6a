//! What pages look like and say of themselves: passwords in sight, light and dark, the operator's brand.

use genkan::i18n::Locale;

use crate::support::{page_of, said, site};

#[tokio::test]
async fn a_password_is_shown_by_a_button_that_says_what_it_does() {
    let (kratos, browser) = site().await;
    for (kind, recording, id) in [
        ("login", "login_init_200_unified", "current-password"),
        ("registration", "registration_init_200_legacy_one_step", "new-password"),
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
            assert_eq!(page.attr(&format!("#{id}"), "type").as_deref(), Some("password"));
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
            for (words, name) in [("data-show", "data-show-named"), ("data-hide", "data-hide-named")] {
                let (words, name) = (attr(words).unwrap(), attr(name).unwrap());
                assert!(name.contains(&words), "people who speak to it say {words}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn the_words_for_a_long_wait_are_there_before_it() {
    let (kratos, browser) = site().await;
    let flow = kratos.has_flow("login", "login_init_200_unified");
    let page = browser.get(&page_of("login", &flow)).await;
    assert_eq!(page.attr("#live", "data-waiting"), Some(said(Locale::En, "sending", &[])));
    assert_eq!(page.text("#live").as_deref(), Some(""));
}
