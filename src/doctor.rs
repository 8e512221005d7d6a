//! `genkan doctor`: checks that Kratos is configured for this Genkan, and says which key to change.
//! It changes nothing in Kratos, except for a few new flows and one failed sign-in of an account
//! that does not exist.

mod checks;
mod kratos_config;
mod probe;
mod report;
mod urls;

use std::error::Error as StdError;
use std::path::PathBuf;

use self::checks::{
    Setup, base_url, clock, cookies, courier, forms, hydra, kratos_api, passkeys, passwords,
    public_url, return_urls, secrets, sign_up_hooks, ui_urls,
};
use self::kratos_config::KratosConfig;
use self::probe::Probe;
use self::report::Check;
pub use self::report::Report;
use self::urls::without_user;
use crate::config::Config;
use crate::kratos::FlowKind;

/// Runs all checks. `kratos_config` are the files of Kratos' `-c` flags, if there are any.
///
/// # Errors
/// Returns an error if Kratos' URL is not set, TLS cannot be set up, or a file cannot be read.
/// Faults of Kratos are in the report.
pub async fn examine(
    config: &Config,
    kratos_config: &[PathBuf],
) -> Result<Report, Box<dyn StdError>> {
    let files = KratosConfig::read(kratos_config);
    let files = files.map_err(|error| format!("--kratos-config: {error}"))?;
    let probe = Probe::new(config)?;
    let mut running = kratos(&probe).await;
    running.extend(cookies::hidden(config));
    running.push(return_urls::hidden(config));
    let (version, admin) = kratos_admin(&probe).await?;
    running.extend(admin);
    running.extend(hydra_checks(&probe).await?);
    running.push(public_url::running(config).await?);
    let version = version.as_deref();
    let mut report = if kratos_config.is_empty() {
        running.extend(version.and_then(sign_up_hooks::hidden));
        Report::new(running, Vec::new())
    } else {
        let mut report = Report::new(running, configured(config, &files, version));
        report.extend([Check::unknown(
            "environment",
            "the environment variables and flags of Kratos, which override its files: see its log",
        )]);
        report
    };
    report.extend(config.warnings.iter().map(Check::warning));
    Ok(report)
}

/// Checks the public API of the running Kratos.
async fn kratos(probe: &Probe<'_>) -> Vec<Check> {
    let mut checks = match kratos_api::public(probe).await {
        Ok(check) => vec![check],
        Err(check) => return vec![check],
    };
    checks.extend(login_form(probe).await);
    for kind in FlowKind::all() {
        checks.push(ui_urls::running(probe, kind).await);
    }
    checks.push(ui_urls::running_error(probe).await);
    checks.extend(return_urls::running(probe).await);
    checks
}

/// Runs the checks that need a login flow, until one of them leaves nothing to check.
async fn login_form(probe: &Probe<'_>) -> Vec<Check> {
    let response = match probe.begin_login(&[]).await {
        Ok(response) => response,
        Err(check) => return vec![check],
    };
    let flow = match forms::login_flow(&response) {
        Ok(flow) => flow,
        Err(check) => return vec![check],
    };
    let mut checks: Vec<Check> = forms::methods(&flow).into_iter().collect();
    checks.push(base_url::running(probe.config, &flow.action));
    checks.push(clock::running(&response.headers));
    match cookies::find_csrf(&response.headers) {
        Ok(cookie) => {
            checks.extend(cookies::running(probe.config, cookie));
            checks.push(forms::running(probe, &flow, &response.headers).await);
        }
        Err(check) => checks.push(check),
    }
    checks
}

/// Checks what only Kratos' admin API shows. Returns Kratos' version with the checks.
async fn kratos_admin(
    probe: &Probe<'_>,
) -> Result<(Option<String>, Vec<Check>), Box<dyn StdError>> {
    const ID: &str = "KRATOS_ADMIN_URL";
    let Some(url) = &probe.config.kratos_admin_url else {
        let message = "the version of Kratos, and whether it sends e-mails: \
                       set KRATOS_ADMIN_URL (only the doctor uses it)";
        return Ok((None, vec![Check::unknown(ID, message)]));
    };
    let admin = probe.admin(url)?;
    let Some(version) = kratos_api::read_version(&admin).await else {
        let check = Check::wrong(
            ID,
            format!(
                "no admin API of Kratos responds at {}",
                without_user(url.clone())
            ),
            "set KRATOS_ADMIN_URL to Kratos' admin API (`serve.admin`), \
             and allow Genkan to reach it",
        );
        return Ok((None, vec![check]));
    };
    let checks = vec![
        kratos_api::version(&version),
        courier::abandoned(&admin).await,
        courier::waiting(&admin).await,
    ];
    Ok((Some(version), checks))
}

async fn hydra_checks(probe: &Probe<'_>) -> Result<Vec<Check>, Box<dyn StdError>> {
    let Some(url) = &probe.config.hydra_admin_url else {
        return Ok(Vec::new());
    };
    let admin = probe.admin(url)?;
    Ok(match hydra::admin_api(&admin, url).await {
        Ok(check) => vec![check, hydra::running(probe).await],
        Err(check) => vec![check],
    })
}

/// Checks Kratos' files. `version` is that of the running Kratos, if it is known.
fn configured(config: &Config, files: &KratosConfig, version: Option<&str>) -> Vec<Check> {
    let version = version.or_else(|| files.text("version"));
    let setup = Setup { config, files };
    let mut checks = vec![base_url::configured(&setup)];
    checks.extend(ui_urls::configured(&setup));
    checks.extend(return_urls::configured(&setup));
    checks.extend(return_urls::configured_origins(&setup));
    checks.push(cookies::session_name(&setup));
    checks.extend(cookies::session(&setup));
    checks.push(passwords::length(&setup));
    checks.push(passwords::privileged_session(&setup));
    checks.extend(passkeys::configured(&setup));
    checks.extend(sign_up_hooks::configured(&setup, version));
    checks.extend(courier::server(&setup));
    checks.push(courier::sender(&setup));
    checks.extend(secrets::configured(&setup));
    checks.extend(hydra::configured(&setup));
    checks
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    const VALID: &str = "
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

    fn report(settings: &[&str], files: &[&str]) -> Report {
        let own = ["genkan", "--public-url=https://id.example"];
        let config = Config::try_parse_from(own.iter().chain(settings)).unwrap();
        let files = KratosConfig::of(files);
        Report::new(Vec::new(), configured(&config, &files, None))
    }

    #[test]
    fn valid_files_have_no_fault() {
        let report = report(&[], &[VALID]);
        let text = report.to_string();
        assert!(report.is_right() && !text.contains("doubtful"), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
        let known = [
            "session.cookie.name is",
            "settings.ui_url is",
            "rp.id is",
            "is 15m",
        ];
        assert!(known.iter().all(|part| text.contains(part)), "{text}");
    }

    #[test]
    fn each_fault_of_the_files_is_reported_with_its_key() {
        for (change, fault) in [
            (
                "selfservice: {default_browser_return_url: 'https://old.example/'}",
                "WRONG    selfservice.default_browser_return_url is https://old.example/: users end up there",
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
            let text = report(&[], &[VALID, change]).to_string();
            assert!(
                text.contains(&format!("  {fault}")),
                "{fault} is not in {text}"
            );
            let faults = text
                .lines()
                .filter(|line| line.trim_start().starts_with('→'));
            // A hook may be missing for each method.
            assert!((1..=2).contains(&faults.count()), "{text}");
            assert!(
                !text.contains("s3cret") && !text.contains("INSECURE"),
                "{text}"
            );
        }
    }

    #[test]
    fn kratos_defaults_are_known() {
        let text = report(&["--hydra-admin-url=http://hydra:4445"], &["{}"]).to_string();
        for fault in [
            "selfservice.default_browser_return_url is not set",
            "selfservice.flows.login.ui_url is not set",
            "oauth2_provider.url is not set",
            "secrets.cookie is in none of the files",
        ] {
            assert!(text.contains(fault), "{fault} is not in {text}");
        }
        // These flows are disabled by default.
        assert!(!text.contains("flows.recovery") && !text.contains("flows.verification"));
    }

    #[test]
    fn the_default_return_url_may_be_an_application() {
        let app = "selfservice: {default_browser_return_url: 'https://app.example/in', allowed_return_urls: ['https://id.example', 'https://app.example']}";
        let settings = ["--allowed-return-origins=https://app.example"];
        let report = report(&settings, &[VALID, app]);
        assert!(report.is_right(), "{report}");
    }

    #[test]
    fn an_older_kratos_needs_no_hook_to_ask_for_the_code() {
        let older = "{version: v1.3.1, selfservice: {flows: {registration: {after: {hooks: [{hook: session}]}}}}}";
        let text = report(&[], &[VALID, older]).to_string();
        assert!(!text.contains("show_verification_ui"), "{text}");
    }
}
