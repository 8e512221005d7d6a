//! Settings, as the program takes them.

use std::net::TcpListener;
use std::process::{Command, Output};

use clap::CommandFactory;
use genkan::config::Config;
use serde_json::Value;

/// A Genkan with no settings but these.
fn genkan(args: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut genkan = Command::new(env!("CARGO_BIN_EXE_genkan"));
    genkan.env_clear().args(args).envs(settings.iter().copied());
    genkan.output().unwrap()
}

fn said(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// The faults that were told, each on its line.
fn told(output: &Output) -> Vec<&str> {
    let lines = said(output).lines();
    lines.filter(|line| line.starts_with("  ")).collect()
}

/// A port that is taken for as long as its listener is kept.
fn taken_port() -> (TcpListener, String) {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    (taken, port)
}

const KRATOS: (&str, &str) = ("KRATOS_PUBLIC_URL", "http://127.0.0.1:1");

#[test]
fn a_variable_that_is_set_to_nothing_counts_as_not_set() {
    let command = Config::command();
    let names = command.get_arguments().filter_map(|arg| arg.get_env());
    let mut settings: Vec<_> = names.map(|name| (name.to_str().unwrap(), "")).collect();
    assert!(settings.len() > 20);
    settings.push(KRATOS);

    let output = genkan(&["check-config"], &settings);

    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(output.stdout, b"All settings are valid.\n");
}

#[test]
fn a_password_in_an_address_is_never_said() {
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
        let said = [said(&output), std::str::from_utf8(&output.stdout).unwrap()].concat();
        assert!(said.contains("PUBLIC_URL"), "{said}");
        assert!(!said.contains(SECRET), "{said}");
    }
}

#[test]
fn all_faults_are_told_at_once_each_with_the_name_of_its_variable() {
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
        let (said, told) = (said(&output), told(&output));
        for (name, value) in faults {
            let start = format!("  {name}: ");
            let about = told.iter().find(|line| line.starts_with(&start));
            let about = about.unwrap_or_else(|| panic!("{name} is not in {said}"));
            // With what it was set to, or what that is not.
            assert!(about.len() > start.len() + 10, "{value}: {about}");
        }
        // Of an address that cannot be read it is not said besides that there is none.
        assert_eq!(told.len(), faults.len(), "{said}");
    }
}

#[test]
fn a_flag_that_is_wrong_is_one_of_the_faults() {
    for args in [
        ["--public-url", "id.example", "--port=x"].as_slice(),
        &["--port=x", "--public-url=id.example"],
    ] {
        let output = genkan(args, &[KRATOS, ("HOST", "nowhere")]);

        assert_eq!(output.status.code(), Some(2));
        for name in ["PUBLIC_URL", "PORT", "HOST"] {
            let start = format!("  {name}: ");
            assert!(said(&output).contains(&start), "{}", said(&output));
        }
    }
}

#[test]
fn what_cannot_be_meant_is_a_fault() {
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
            said(&output).contains(&format!("  {name}")),
            "{}",
            said(&output)
        );
    }
}

#[test]
fn flags_count_before_a_command_and_after_it() {
    let flag = ["--kratos-public-url", KRATOS.1];
    let command = ["check-config"];
    for args in [
        [&flag[..], &command].concat(),
        [&command[..], &flag].concat(),
    ] {
        let output = genkan(&args, &[("KRATOS_PUBLIC_URL", "http://127.0.0.1:3000")]);
        assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    }
    for args in [
        ["--port", "x", "check-config"],
        ["check-config", "--port", "x"],
    ] {
        let output = genkan(&args, &[KRATOS]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("  PORT: "), "{}", said(&output));
    }
}

#[test]
fn a_flag_wins_over_a_variable_that_is_wrong() {
    let settings = [KRATOS, ("PORT", "abc")];
    for args in [
        ["--port", "7102", "check-config"].as_slice(),
        &["check-config", "--port", "7102"],
        &["check-config", "--port=7102"],
    ] {
        let output = genkan(args, &settings);
        assert!(output.status.success(), "{args:?}: {}", said(&output));
    }
}

#[test]
fn a_flag_without_a_value_or_with_two_is_told_with_its_name() {
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
        let told = told(&output);
        assert!(
            told.len() == 1 && told[0].starts_with(&format!("  {fault}")),
            "{told:?}"
        );
    }
}

#[test]
fn what_is_neither_a_flag_nor_a_command_hides_no_other_fault_and_is_never_said() {
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
        // What is spelt like it is a value.
        (
            &["--port", "x", "x", "--project-name", "y", "y"],
            vec![3, 6],
        ),
    ] {
        let flags = ["--kratos-public-url", KRATOS.1];
        let output = genkan(&[args, &flags].concat(), &[("HOST", "nowhere")]);
        assert_eq!(output.status.code(), Some(2));
        let told = told(&output);
        let number = |fault: &&str| {
            let (number, _) = fault.strip_prefix("  argument ")?.split_once(STRANGE)?;
            number.trim().parse::<usize>().ok()
        };
        let strange: Vec<_> = told.iter().filter_map(number).collect();
        assert_eq!(strange, numbers, "{told:?}");
        assert_eq!(told.len(), numbers.len() + 2, "{told:?}");
        assert!(told.iter().any(|it| it.starts_with("  HOST: ")), "{told:?}");
        assert!(told.iter().any(|it| it.starts_with("  PORT: ")), "{told:?}");
        assert!(!said(&output).contains("s3cret"), "{told:?}");
    }
    for (args, expected) in [
        (
            ["health", "--prot=3000"].as_slice(),
            vec!["  argument 2 is neither a flag nor a command; did you mean --port?"],
        ),
        // The command is not lost with it.
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
        assert_eq!(told(&output), expected);
    }
}

#[test]
fn what_is_set_where_something_else_belongs_is_not_said() {
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
                assert!(!said(&output).contains("s3cret"), "{}", said(&output));
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
        assert!(said(&output).contains(&expected), "{}", said(&output));
    }
}

#[test]
fn nothing_is_held_against_a_value_that_could_not_be_read() {
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
        assert_eq!(told(&output).len(), 1, "{}", said(&output));
    }
}

#[test]
fn a_level_of_the_log_that_is_misspelt_is_told() {
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
fn why_it_does_not_start_is_said_where_nothing_is_logged() {
    let (_taken, port) = taken_port();
    let output = genkan(&[], &[KRATOS, ("PORT", &port), ("RUST_LOG", "off")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("cannot listen on"),
        "{}",
        said(&output)
    );
}

#[test]
fn help_is_had_whatever_else_is_wrong() {
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
fn of_a_list_every_item_that_is_wrong_is_told() {
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
    let told = told(&output);
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
        let about = told.iter().find(|line| line.contains(name)).unwrap();
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
    assert!(output.status.success(), "{}", said(&output));
}

#[cfg(unix)]
#[test]
fn what_is_no_text_is_told_with_its_name() {
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
        assert!(said(&output).contains(start), "{}", said(&output));
    }
}

#[test]
fn the_address_of_kratos_is_not_that_of_genkan() {
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
        assert!(said(&output).contains("  KRATOS_PUBLIC_URL: "));
    }
    let settings = [("ORY_SDK_URL", "http://admin:secret@127.0.0.1:3000")];
    let output = genkan(&["check-config"], &settings);
    assert!(
        said(&output).contains("  ORY_SDK_URL: "),
        "{}",
        said(&output)
    );
    assert!(!said(&output).contains("secret"), "{}", said(&output));
    for (kratos, host) in [
        ("http://kratos:3000", "127.0.0.1"),
        ("http://127.0.0.1:4433", "127.0.0.1"),
        ("http://127.0.0.2:3000", "127.0.0.1"),
        ("http://localhost:3000", "127.0.0.2"),
        ("http://[::1]:3000", "0.0.0.0"),
    ] {
        let settings = [("KRATOS_PUBLIC_URL", kratos), ("HOST", host)];
        let output = genkan(&["check-config"], &settings);
        assert!(output.status.success(), "{}", said(&output));
    }
}

#[test]
fn without_the_address_of_kratos_nothing_starts() {
    for args in [[].as_slice(), &["check-config"]] {
        let output = genkan(args, &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("  KRATOS_PUBLIC_URL is not set"));
    }
}

#[test]
fn the_reference_ui_calls_kratos_by_another_name() {
    let output = genkan(&["check-config"], &[("ORY_SDK_URL", "http://kratos:4433/")]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn a_port_that_is_taken_is_said() {
    let (_taken, port) = taken_port();

    let output = genkan(&[], &[KRATOS, ("PORT", &port)]);

    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    let sentence = format!("cannot listen on 127.0.0.1:{port}");
    assert!(told.contains(&sentence), "{told}");
}

#[test]
fn the_log_is_json_where_machines_read_it() {
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

/// Runs Genkan with both outputs on a pipe that is closed before it writes.
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
fn a_reader_that_has_read_enough_is_no_fault() {
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

/// What may not be meant, each with how its warning begins.
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
fn what_may_not_be_meant_is_a_warning_and_no_fault() {
    for (settings, warning) in DOUBTFUL {
        let output = genkan(&["check-config"], &[&[KRATOS], settings].concat());
        assert!(output.status.success(), "{}", said(&output));
        let lines: Vec<_> = said(&output).lines().collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(
            lines[0].starts_with(&format!("Warning: {warning}")),
            "{lines:?}"
        );
        assert!(!said(&output).contains("s3cret"), "{lines:?}");
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
        assert_eq!(said(&output), "");
    }
}

#[test]
fn what_may_not_be_meant_is_in_the_log_of_a_start_and_in_the_report_of_the_doctor() {
    let (_taken, port) = taken_port();
    let settings = [KRATOS, ("PORT", &*port), ("TRUSTED_PROXY", "s3cret")];
    for (args, mark) in [([].as_slice(), "WARN"), (&["doctor"], "doubtful")] {
        let output = genkan(args, &settings);
        let told = String::from_utf8(output.stdout).unwrap();
        for part in ["TRUSTED_PROXY is not a setting", "PUBLIC_URL is not set"] {
            let line = told.lines().find(|line| line.contains(part));
            assert!(line.is_some_and(|line| line.contains(mark)), "{told}");
        }
        assert!(!told.contains("s3cret"), "{told}");
    }
}

#[test]
fn the_files_of_kratos_may_be_several_and_later_ones_win() {
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
        let told = report(&files);
        let fault = format!("WRONG    session.cookie.name is {name}");
        assert!(told.contains(&fault), "{told}");
        assert!(
            told.contains("session cookies are for the path /a"),
            "{told}"
        );
        assert!(!told.contains("unknown  session.cookie.name"), "{told}");
    }
    let broken = file("broken.yml", "a: [s3cret\n");
    let output = doctor(&[&one, &broken]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).starts_with("--kratos-config: "),
        "{}",
        said(&output)
    );
    assert!(said(&output).contains("broken.yml") && !said(&output).contains("s3cret"));
}
