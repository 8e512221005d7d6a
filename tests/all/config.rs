//! Reads settings from flags and the environment.

use std::net::TcpListener;
use std::process::{Command, Output};

use clap::CommandFactory;
use genkan::config::Config;
use serde_json::Value;

/// Runs Genkan with these settings only.
fn genkan(args: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut genkan = Command::new(env!("CARGO_BIN_EXE_genkan"));
    genkan.env_clear().args(args).envs(settings.iter().copied());
    genkan.output().unwrap()
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// Returns the reported errors, one a line.
fn errors(output: &Output) -> Vec<&str> {
    let lines = stderr(output).lines();
    lines.filter(|line| line.starts_with("  ")).collect()
}

/// Returns a port that is in use as long as its listener is kept.
fn taken_port() -> (TcpListener, String) {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    (taken, port)
}

const KRATOS: (&str, &str) = ("KRATOS_PUBLIC_URL", "http://127.0.0.1:1");

#[test]
fn an_empty_variable_counts_as_not_set() {
    let command = Config::command();
    let names = command.get_arguments().filter_map(|arg| arg.get_env());
    let mut settings: Vec<_> = names.map(|name| (name.to_str().unwrap(), "")).collect();
    assert!(settings.len() > 20);
    settings.push(KRATOS);

    let output = genkan(&["check-config"], &settings);

    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(output.stdout, b"All settings are valid.\n");
}

#[test]
fn a_password_in_a_url_is_never_printed() {
    const SECRET: &str = "an-admins-own";
    let private = ["KRATOS_PUBLIC_URL", "KRATOS_ADMIN_URL", "HYDRA_ADMIN_URL"];
    let public = [
        "PUBLIC_URL",
        "MAIL_CATCHER_URL",
        "HELP_URL",
        "ALLOWED_RETURN_ORIGINS",
    ];
    let all = [&private[..], &public].concat();
    let at_odds = [
        "check-config",
        "--base-path=/a",
        "--tls-cert-path=/nowhere",
        "--tls-key-path=/nowhere",
    ];
    for (start, names, args) in [
        ("http://admin:", &all[..], ["--help"].as_slice()),
        ("http//admin:", &all, &["check-config"]),
        ("http//a%40b:", &all, &["check-config"]),
        ("ftp://admin:", &all, &["check-config"]),
        ("http://admin:", &all, &[]),
        ("http://admin:", &public, &at_odds),
        ("http://admin:", &private, &["doctor"]),
    ] {
        let address = format!("{start}{SECRET}@127.0.0.1:1/b");
        let settings: Vec<_> = names.iter().map(|name| (*name, &*address)).collect();
        let output = genkan(args, &settings);
        let text = [
            stderr(&output),
            std::str::from_utf8(&output.stdout).unwrap(),
        ]
        .concat();
        assert!(text.contains("PUBLIC_URL"), "{text}");
        assert!(!text.contains(SECRET), "{text}");
    }
}

#[test]
fn all_errors_are_reported_at_once_with_the_names_of_their_settings() {
    let faults = [
        ("PUBLIC_URL", "https://id.example/?a=b"),
        ("KRATOS_PUBLIC_URL", "kratos:4433"),
        ("KRATOS_BROWSER_URL", "127.0.0.1"),
        ("HYDRA_ADMIN_URL", "ftp://hydra"),
        ("HOST", "localhost"),
        ("PORT", "70000"),
        ("DEFAULT_LANG", "fr"),
        ("LOCALES_DIR", "/nowhere"),
        ("BRAND_CSS", "/nowhere.css"),
        ("LOGO", "/nowhere.svg"),
        ("FAVICON", "/nowhere.gif"),
        ("HELP_URL", "javascript:x"),
        ("ALLOWED_RETURN_ORIGINS", "https://app.example/path"),
        ("SESSION_COOKIE", "a;b"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("LIMIT_FLOWS", "many"),
        ("RESEND_COOL_DOWN", "-1"),
        ("LOG_FORMAT", "xml"),
        ("RUST_LOG", "genkan=loud"),
    ];
    for args in [[].as_slice(), &["check-config"]] {
        let output = genkan(args, &faults);

        assert_eq!(output.status.code(), Some(2));
        let (text, errors) = (stderr(&output), errors(&output));
        for (name, value) in faults {
            let start = format!("  {name}: ");
            let about = errors.iter().find(|line| line.starts_with(&start));
            let about = about.unwrap_or_else(|| panic!("{name} is not in {text}"));
            // The error has a reason.
            assert!(about.len() > start.len() + 10, "{value}: {about}");
        }
        // An invalid URL is not also reported as missing.
        assert_eq!(errors.len(), faults.len(), "{text}");
    }
}

#[test]
fn an_invalid_flag_is_one_of_the_errors() {
    for args in [
        ["--public-url", "id.example", "--port=x"].as_slice(),
        &["--port=x", "--public-url=id.example"],
    ] {
        let output = genkan(args, &[KRATOS, ("HOST", "nowhere")]);

        assert_eq!(output.status.code(), Some(2));
        for name in ["PUBLIC_URL", "PORT", "HOST"] {
            let start = format!("  {name}: ");
            assert!(stderr(&output).contains(&start), "{}", stderr(&output));
        }
    }
}

#[test]
fn invalid_and_conflicting_settings_are_errors() {
    let certificate = [("TLS_CERT_PATH", "/nowhere"), ("TLS_KEY_PATH", "/nowhere")];
    let rows: &[(&[(&str, &str)], &str)] = &[
        (
            &[("KRATOS_PUBLIC_URL", "http://127.0.0.1:1/?a=b")],
            "KRATOS_PUBLIC_URL",
        ),
        (
            &[("KRATOS_PUBLIC_URL", "http://u%ff:p@127.0.0.1:1")],
            "KRATOS_PUBLIC_URL: the user",
        ),
        (
            &[("KRATOS_PUBLIC_URL", "http://u:%ff@127.0.0.1:1")],
            "KRATOS_PUBLIC_URL: the user",
        ),
        (
            &[("KRATOS_BROWSER_URL", "https://a.example/#b")],
            "KRATOS_BROWSER_URL",
        ),
        (&[("METRICS_ADDRESS", "127.0.0.1:3000")], "METRICS_ADDRESS"),
        (&[("METRICS_ADDRESS", "0.0.0.0:3000")], "METRICS_ADDRESS"),
        (
            &[("METRICS_ADDRESS", "127.0.0.1:3000"), ("HOST", "::")],
            "METRICS_ADDRESS",
        ),
        (&[("TRUSTED_PROXIES", "10.0.0.0/8,")], "TRUSTED_PROXIES"),
        (&[("TRUSTED_CLIENT_IDS", "a,,b")], "TRUSTED_CLIENT_IDS"),
        (
            &[
                ("METRICS_ADDRESS", "127.0.0.1:3000"),
                ("HOST", "::ffff:127.0.0.1"),
            ],
            "METRICS_ADDRESS",
        ),
        (
            &[("ALLOWED_RETURN_ORIGINS", "https://*.example")],
            "ALLOWED_RETURN_ORIGINS",
        ),
        (&[("HELP_URL", "https://u:p@a.example")], "HELP_URL"),
        (
            &[("KRATOS_BROWSER_URL", "https://u@a.example")],
            "KRATOS_BROWSER_URL",
        ),
        (&[("THREADS", "0")], "THREADS"),
        (&[("THREADS", "100000000")], "THREADS"),
        (
            &[("BASE_PATH", "/a"), ("PUBLIC_URL", "https://a.example/%20")],
            "PUBLIC_URL",
        ),
        (&certificate, "PUBLIC_URL is not https"),
        (&certificate, "TLS_CERT_PATH"),
        (&certificate, "TLS_KEY_PATH"),
        (&[("LOGO", "public/favicon.ico")], "LOGO"),
    ];
    for (settings, name) in rows {
        let output = genkan(&["check-config"], &[&[KRATOS], *settings].concat());
        assert_eq!(output.status.code(), Some(2), "{settings:?}");
        assert!(
            stderr(&output).contains(&format!("  {name}")),
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn flags_may_come_before_or_after_the_command() {
    let flag = ["--kratos-public-url", KRATOS.1];
    let command = ["check-config"];
    for args in [
        [&flag[..], &command].concat(),
        [&command[..], &flag].concat(),
    ] {
        let output = genkan(&args, &[("KRATOS_PUBLIC_URL", "http://127.0.0.1:3000")]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    for args in [
        ["--port", "x", "check-config"],
        ["check-config", "--port", "x"],
    ] {
        let output = genkan(&args, &[KRATOS]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("  PORT: "), "{}", stderr(&output));
    }
}

#[test]
fn a_flag_overrides_an_invalid_variable() {
    let settings = [KRATOS, ("PORT", "abc")];
    for args in [
        ["--port", "7102", "check-config"].as_slice(),
        &["check-config", "--port", "7102"],
        &["check-config", "--port=7102"],
    ] {
        let output = genkan(args, &settings);
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
    }
}

#[test]
fn a_flag_without_a_value_or_with_two_is_an_error() {
    for (args, fault) in [
        (
            ["check-config", "--port"].as_slice(),
            "PORT: --port needs a value",
        ),
        (
            &["--port", "--host", "127.0.0.1", "check-config"],
            "PORT: --port needs a value",
        ),
        (&["check-config", "--port="], "PORT: "),
        (
            &["gallery", "--recordings"],
            "--recordings: --recordings needs a value",
        ),
        (
            &["gallery", "--recordings=a", "--recordings=b"],
            "--recordings: --recordings is given more than once",
        ),
        (
            &["check-config", "--threads", "-1"],
            "THREADS: expected an integer from 1",
        ),
        (
            &["--port", "1", "--port=2"],
            "PORT: --port is given more than once",
        ),
        (
            &[
                "--trusted-proxies=10.0.0.0/8",
                "check-config",
                "--trusted-proxies=::1",
            ],
            "TRUSTED_PROXIES: --trusted-proxies is given more than once",
        ),
    ] {
        let output = genkan(args, &[KRATOS]);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let errors = errors(&output);
        assert!(
            errors.len() == 1 && errors[0].starts_with(&format!("  {fault}")),
            "{errors:?}"
        );
    }
}

#[test]
fn an_unknown_argument_hides_no_other_error_and_is_never_printed() {
    const STRANGE: &str = "is neither a flag nor a command";
    for (args, numbers) in [
        (
            ["--port=x", "--prot", "3000", "check-config"].as_slice(),
            vec![2],
        ),
        (
            &["check-config", "--s3cret=3000", "-s3cret", "--port", "x"],
            vec![2, 3],
        ),
        (&["check-config", "s3cret", "--port=x"], vec![2]),
        (&["http://a:s3cret@b", "--port=x"], vec![1]),
        (
            &["check-config", "--port=x", "--ory-admin-token:s3cret"],
            vec![3],
        ),
        (
            &["check-config", "--port=x", "--ory-admin-token", "--s3cret"],
            vec![3, 4],
        ),
        (&["--ory-admin-api-tokens3cret", "--port=x"], vec![1]),
        (
            &["--project-name", "-", "-", "s3cret", "--port", "-1", "-1"],
            vec![3, 4, 7],
        ),
        // An equal word before it is a value.
        (
            &["--port", "x", "x", "--project-name", "y", "y"],
            vec![3, 6],
        ),
    ] {
        let flags = ["--kratos-public-url", KRATOS.1];
        let output = genkan(&[args, &flags].concat(), &[("HOST", "nowhere")]);
        assert_eq!(output.status.code(), Some(2));
        let errors = errors(&output);
        let number = |fault: &&str| {
            let (number, _) = fault.strip_prefix("  argument ")?.split_once(STRANGE)?;
            number.trim().parse::<usize>().ok()
        };
        let strange: Vec<_> = errors.iter().filter_map(number).collect();
        assert_eq!(strange, numbers, "{errors:?}");
        assert_eq!(errors.len(), numbers.len() + 2, "{errors:?}");
        assert!(
            errors.iter().any(|it| it.starts_with("  HOST: ")),
            "{errors:?}"
        );
        assert!(
            errors.iter().any(|it| it.starts_with("  PORT: ")),
            "{errors:?}"
        );
        assert!(!stderr(&output).contains("s3cret"), "{errors:?}");
    }
    for (args, expected) in [
        (
            ["health", "--prot=3000"].as_slice(),
            vec!["  argument 2 is neither a flag nor a command; did you mean --port?"],
        ),
        // The command after it still counts.
        (
            &["--prot", "3000", "health"],
            vec!["  argument 1 is neither a flag nor a command; did you mean --port?"],
        ),
        (
            &["helth", "--kratos-public-url", KRATOS.1],
            vec!["  argument 1 is neither a flag nor a command; did you mean health?"],
        ),
        (
            &["health", "--help=s3cret"],
            vec!["  argument 2: --help takes no value"],
        ),
        (
            &["health", "--", "--s3cret"],
            vec!["  unexpected arguments after --"],
        ),
        (
            &["health", "--port", "--", "--port"],
            vec![
                "  unexpected arguments after --",
                "  PORT: --port needs a value",
            ],
        ),
        (
            &["health", "--ory-admin-api-token", "--s3cret"],
            vec![
                "  argument 3 is neither a flag nor a command",
                "  ORY_ADMIN_API_TOKEN: --ory-admin-api-token needs a value",
            ],
        ),
    ] {
        let output = genkan(args, &[]);
        assert_eq!(errors(&output), expected);
    }
}

#[test]
fn an_invalid_value_is_never_printed() {
    const ADDRESS: &str = "http://u:s3cret@127.0.0.1/";
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\n";
    let command = Config::command();
    let names = command.get_arguments().filter_map(|arg| arg.get_env());
    for name in names.map(|name| name.to_str().unwrap()) {
        for value in [ADDRESS, KEY, &KEY.replace('\n', "\\n")] {
            for args in [["check-config"], ["--help"]] {
                let output = genkan(&args, &[(name, value)]);
                let out = std::str::from_utf8(&output.stdout).unwrap();
                assert!(!out.contains("s3cret"), "{name}: {out}");
                assert!(!stderr(&output).contains("s3cret"), "{}", stderr(&output));
            }
        }
    }
    for name in [
        "TLS_KEY_PATH",
        "TLS_CERT_PATH",
        "BRAND_CSS",
        "LOGO",
        "LOCALES_DIR",
    ] {
        let output = genkan(&["check-config"], &[KRATOS, (name, KEY)]);
        let expected = format!("  {name}: expected the path of a file");
        assert!(stderr(&output).contains(&expected), "{}", stderr(&output));
    }
}

#[test]
fn an_invalid_value_causes_no_conflict() {
    for settings in [
        [
            ("KRATOS_PUBLIC_URL", "http://127.0.0.1:3000"),
            ("PORT", "x"),
        ],
        [("METRICS_ADDRESS", "127.0.0.1:3000"), ("HOST", "x")],
        [("BASE_PATH", "/a"), ("PUBLIC_URL", "x")],
    ] {
        let settings = [&[KRATOS], &settings[..]].concat();
        let output = genkan(&["check-config"], &settings);
        assert_eq!(errors(&output).len(), 1, "{}", stderr(&output));
    }
}

#[test]
fn a_misspelled_log_level_is_an_error() {
    for (level, code) in [
        ("inof", 2),
        ("warn,genkn", 2),
        ("info,", 2),
        ("info;genkan=debug", 2),
        (" info", 0),
        ("warn, genkan=debug", 0),
        ("off", 0),
        ("warn,genkan=debug", 0),
    ] {
        let output = genkan(&["check-config"], &[KRATOS, ("RUST_LOG", level)]);
        assert_eq!(output.status.code(), Some(code), "{level}");
    }
}

#[test]
fn a_failed_start_prints_its_reason_if_the_log_is_off() {
    let (_taken, port) = taken_port();
    let output = genkan(&[], &[KRATOS, ("PORT", &port), ("RUST_LOG", "off")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("cannot listen on"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn help_is_shown_despite_other_errors() {
    for args in [
        ["--help"].as_slice(),
        &["doctor", "--help"],
        &["--port", "--help"],
        &["--port", "x", "doctor", "-h"],
        &["--session-cookie", "gallery", "--help"],
        &["-hx"],
        &["help", "doctor"],
    ] {
        let output = genkan(args, &[("PORT", "x")]);
        assert!(output.status.success());
        let help = String::from_utf8(output.stdout).unwrap();
        for part in [
            "--kratos-public-url",
            "[env: ORY_SDK_URL]",
            "[possible values: text, json]",
        ] {
            assert!(help.contains(part), "{help}");
        }
        assert!(!help.contains("--recordings"), "{help}");
    }
}

#[test]
fn every_invalid_item_of_a_list_is_reported() {
    let settings = [
        KRATOS,
        ("TRUSTED_PROXIES", "10.0.0.0/8, here, 10.0.0.0/99"),
        (
            "ALLOWED_RETURN_ORIGINS",
            "app.example,https://a.example,ftp://b.example",
        ),
    ];
    let output = genkan(&["check-config"], &settings);

    assert_eq!(output.status.code(), Some(2));
    let errors = errors(&output);
    for (name, parts) in [
        (
            "TRUSTED_PROXIES",
            ["item 2: this is neither", "item 3: this is neither"],
        ),
        (
            "ALLOWED_RETURN_ORIGINS",
            ["item 1: expected a URL", "item 3: the URL is neither"],
        ),
    ] {
        let about = errors.iter().find(|line| line.contains(name)).unwrap();
        for part in parts {
            assert!(about.contains(part), "{about}");
        }
    }
}

#[test]
fn a_list_may_have_spaces_after_its_commas() {
    let settings = [
        KRATOS,
        ("TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7"),
        (
            "ALLOWED_RETURN_ORIGINS",
            "https://a.example, https://b.example",
        ),
    ];
    let output = genkan(&["check-config"], &settings);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_utf8_is_reported_with_its_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let mut genkan = Command::new(env!("CARGO_BIN_EXE_genkan"));
    genkan
        .env_clear()
        .env(KRATOS.0, KRATOS.1)
        .arg("check-config");
    genkan.env("PROJECT_NAME", OsStr::from_bytes(b"\xff"));
    genkan.env("PORT", "x");
    genkan
        .arg("--session-cookie")
        .arg(OsStr::from_bytes(b"\xff"));
    let output = genkan.output().unwrap();

    assert_eq!(output.status.code(), Some(2));
    for start in [
        "  PROJECT_NAME: the value is not valid UTF-8",
        "  SESSION_COOKIE: the value is not valid UTF-8",
        "  PORT: ",
    ] {
        assert!(stderr(&output).contains(start), "{}", stderr(&output));
    }
}

#[test]
fn kratos_must_not_have_the_address_of_genkan() {
    for (kratos, host) in [
        ("http://127.0.0.1:3000", "127.0.0.1"),
        ("http://localhost:3000/", "127.0.0.1"),
        ("http://localhost.:3000/", "127.0.0.1"),
        ("http://0.0.0.0:3000/", "127.0.0.1"),
        ("http://[::ffff:127.0.0.1]:3000/", "127.0.0.1"),
        ("http://127.0.0.1:3000", "0.0.0.0"),
        ("http://127.0.0.1:3000", "::ffff:0.0.0.0"),
        ("http://127.0.0.9:3000", "::"),
        ("http://[::1]:3000", "::"),
        ("http://[::]:3000", "::1"),
    ] {
        let settings = [("KRATOS_PUBLIC_URL", kratos), ("HOST", host)];
        let output = genkan(&["check-config"], &settings);
        assert_eq!(output.status.code(), Some(2), "{settings:?}");
        assert!(stderr(&output).contains("  KRATOS_PUBLIC_URL: "));
    }
    let settings = [("ORY_SDK_URL", "http://admin:secret@127.0.0.1:3000")];
    let output = genkan(&["check-config"], &settings);
    assert!(
        stderr(&output).contains("  ORY_SDK_URL: "),
        "{}",
        stderr(&output)
    );
    assert!(!stderr(&output).contains("secret"), "{}", stderr(&output));
    for (kratos, host) in [
        ("http://kratos:3000", "127.0.0.1"),
        ("http://127.0.0.1:4433", "127.0.0.1"),
        ("http://127.0.0.2:3000", "127.0.0.1"),
        ("http://localhost:3000", "127.0.0.2"),
        ("http://[::1]:3000", "0.0.0.0"),
    ] {
        let settings = [("KRATOS_PUBLIC_URL", kratos), ("HOST", host)];
        let output = genkan(&["check-config"], &settings);
        assert!(output.status.success(), "{}", stderr(&output));
    }
}

#[test]
fn genkan_does_not_start_without_the_url_of_kratos() {
    for args in [[].as_slice(), &["check-config"]] {
        let output = genkan(args, &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("  KRATOS_PUBLIC_URL is not set"));
    }
}

#[test]
fn ory_sdk_url_is_another_name_for_the_url_of_kratos() {
    let output = genkan(&["check-config"], &[("ORY_SDK_URL", "http://kratos:4433/")]);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn a_port_in_use_is_reported() {
    let (_taken, port) = taken_port();

    let output = genkan(&[], &[KRATOS, ("PORT", &port)]);

    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let sentence = format!("cannot listen on 127.0.0.1:{port}");
    assert!(text.contains(&sentence), "{text}");
}

#[test]
fn the_log_can_be_json() {
    let (_taken, port) = taken_port();

    let public = ("PUBLIC_URL", "http://id.example");
    let settings = [KRATOS, public, ("PORT", &port), ("LOG_FORMAT", "json")];
    let output = genkan(&[], &settings);

    let lines = String::from_utf8(output.stdout).unwrap();
    assert!(!lines.is_empty());
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(line["timestamp"].is_string() && line["message"].is_string());
        assert_eq!(line["level"], "ERROR");
    }
}

/// Runs Genkan with both outputs on a closed pipe.
#[cfg(unix)]
fn exit_without_a_reader(args: &[&str], settings: &[(&str, &str)]) -> Option<i32> {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut genkan = Command::new(env!("CARGO_BIN_EXE_genkan"));
    genkan.env_clear().args(args).envs(settings.iter().copied());
    genkan.stdout(writer.try_clone().unwrap()).stderr(writer);
    genkan.status().unwrap().code()
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_not_an_error() {
    let (_taken, port) = taken_port();
    let taken = [KRATOS, ("PORT", &*port)];
    let silent = [KRATOS, ("PORT", &*port), ("RUST_LOG", "off")];
    // A panic would end the program with 101.
    for (args, settings, code) in [
        (["--help"].as_slice(), [KRATOS].as_slice(), 0),
        (&["--version"], &[], 0),
        (&["check-config"], &[KRATOS], 0),
        (&["check-config"], &[], 2),
        (&["--nothing"], &[KRATOS], 2),
        (&["doctor"], &[KRATOS], 1),
        (&["health"], &[("PORT", "1")], 1),
        (&[], &taken, 1),
        (&[], &silent, 1),
    ] {
        let ended = exit_without_a_reader(args, settings);
        assert_eq!(ended, Some(code), "{args:?} {settings:?}");
    }
}

/// Doubtful settings, each with the beginning of its warning.
const DOUBTFUL: [(&[(&str, &str)], &str); 7] = [
    (
        &[("TRUSTED_PROXY", "10.0.0.0/8")],
        "TRUSTED_PROXY is not a setting of Genkan",
    ),
    (
        &[("PUBLIC_URI", "s3cret")],
        "PUBLIC_URI is not a setting of Genkan",
    ),
    (
        &[("TRUSTED_PROXIES", "0.0.0.0/0")],
        "TRUSTED_PROXIES: 0.0.0.0/0 is every",
    ),
    (
        &[("TRUSTED_PROXIES", "10.0.0.0/8,::/0")],
        "TRUSTED_PROXIES: ::/0 is every",
    ),
    (
        &[
            ("MAIL_CATCHER_URL", "https://m.example"),
            ("PUBLIC_URL", "https://id.example"),
        ],
        "MAIL_CATCHER_URL is for development",
    ),
    (
        &[("PORT", "7102")],
        "PORT is 7102, but PUBLIC_URL is not set",
    ),
    (
        &[("PUBLIC_URI", "x"), ("PORT", "3000")],
        "PUBLIC_URI is not",
    ),
];

#[test]
fn a_doubtful_setting_is_a_warning() {
    for (settings, warning) in DOUBTFUL {
        let output = genkan(&["check-config"], &[&[KRATOS], settings].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        let lines: Vec<_> = stderr(&output).lines().collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].starts_with(&format!("Warning: {warning}")),
            "{lines:?}"
        );
        assert!(!stderr(&output).contains("s3cret"), "{lines:?}");
    }
    for settings in [
        [("PORT", "7102"), ("PUBLIC_URL", "http://localhost:3000")],
        [("PORT", "3000"), ("TRUSTED_PROXIES", "10.0.0.0/8,::1")],
        [
            ("PUBLIC_URI", ""),
            ("MAIL_CATCHER_URL", "http://localhost:1"),
        ],
    ] {
        let output = genkan(&["check-config"], &[&[KRATOS], &settings[..]].concat());
        assert_eq!(stderr(&output), "");
    }
}

#[test]
fn a_misspelled_variable_is_reported_beside_the_setting_that_is_missing_for_it() {
    let settings = [("KRATOS_PUBLIC_ULR", "s3cret"), ("LIMIT_SENDS", "many")];
    let output = genkan(&["check-config"], &settings);
    assert_eq!(output.status.code(), Some(2));
    let text = stderr(&output);
    for part in [
        "KRATOS_PUBLIC_ULR is not a setting of Genkan; did you mean KRATOS_PUBLIC_URL?",
        "KRATOS_PUBLIC_URL is not set",
        "LIMIT_SENDS: ",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn warnings_are_in_the_log_and_in_the_report_of_the_doctor() {
    let (_taken, port) = taken_port();
    let settings = [KRATOS, ("PORT", &*port), ("TRUSTED_PROXY", "s3cret")];
    for (args, mark) in [([].as_slice(), "WARN"), (&["doctor"], "doubtful")] {
        let output = genkan(args, &settings);
        let text = String::from_utf8(output.stdout).unwrap();
        for part in ["TRUSTED_PROXY is not a setting", "PUBLIC_URL is not set"] {
            let line = text.lines().find(|line| line.contains(part));
            assert!(line.is_some_and(|line| line.contains(mark)), "{text}");
        }
        assert!(!text.contains("s3cret"), "{text}");
    }
}

#[test]
fn later_files_of_kratos_override_earlier_ones() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("kratos-config");
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let one = file(
        "one.yml",
        "session: {cookie: {name: one}}\ncookies: {path: /a}\n",
    );
    let two = file("two.json", r#"{"session": {"cookie": {"name": "two"}}}"#);
    let doctor = |files: &[&str]| {
        let flags = files.iter().flat_map(|file| ["--kratos-config", file]);
        let args: Vec<_> = ["doctor"].into_iter().chain(flags).collect();
        genkan(&args, &[KRATOS])
    };
    let report = |files: &[&str]| String::from_utf8(doctor(files).stdout).unwrap();

    assert!(report(&[]).contains("unknown  session.cookie.name"));
    for (files, name) in [(vec![&*one, &two], "two"), (vec![&two, &one], "one")] {
        let text = report(&files);
        let fault = format!("WRONG    session.cookie.name is {name}");
        assert!(text.contains(&fault), "{text}");
        assert!(
            text.contains("session cookies are for the path /a"),
            "{text}"
        );
        assert!(!text.contains("unknown  session.cookie.name"), "{text}");
    }
    let broken = file("broken.yml", "a: [s3cret\n");
    let output = doctor(&[&one, &broken]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).starts_with("--kratos-config: "),
        "{}",
        stderr(&output)
    );
    assert!(stderr(&output).contains("broken.yml") && !stderr(&output).contains("s3cret"));
}
