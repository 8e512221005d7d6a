//! Settings, as the program takes them.

use std::net::TcpListener;
use std::process::Command;

use clap::CommandFactory;
use genkan::config::Config;

#[test]
fn a_variable_that_is_set_to_nothing_counts_as_not_set() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let command = Config::command();
    let names = command.get_arguments().filter_map(|arg| arg.get_env());
    let mut genkan = Command::new(env!("CARGO_BIN_EXE_genkan"));
    for name in names {
        genkan.env(name, "");
    }
    genkan.env("KRATOS_PUBLIC_URL", "http://127.0.0.1:1");
    genkan
        .env("HOST", "127.0.0.1")
        .env("PORT", port.to_string());

    let output = genkan.output().unwrap();

    // All is well with the settings: it ends because of the port.
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("cannot listen"), "{said}");
    assert_eq!(output.status.code(), Some(78));
}
