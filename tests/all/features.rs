//! The table of features in the README and that of promises in SECURITY.md name tests; each of them is there. In their titles
//! the numbers of the checks that they hold come first.

use std::fs;
use std::path::Path;

#[test]
fn every_feature_that_there_is_names_a_test_that_there_is() {
    let readme = read("README.md");
    let rows = readme
        .lines()
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
        .filter(|cells| cells.len() == 7 && cells[1].parse::<u16>().is_ok());
    let mut shown = 0;
    for cells in rows {
        let (feature, has, test) = (cells[2], cells[4], cells[5]);
        if has.starts_with("no") {
            assert_eq!(test, "", "{feature}");
            continue;
        }
        let Some((file, name)) = test.split_once(' ') else {
            assert!(has.starts_with("partly"), "{feature} is shown by no test");
            continue;
        };
        let name = name.trim_matches('`');
        is_there(feature, file, name);
        shown += 1;
    }
    assert!(shown > 40, "{shown}");
}

#[test]
fn every_promise_names_tests_that_there_are() {
    let security = read("SECURITY.md");
    let rows = security
        .lines()
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
        .filter(|cells| cells.len() == 5 && cells[2].contains("::"));
    let mut kept = 0;
    for cells in rows {
        let promise = cells[1];
        assert_ne!(cells[3], "", "{promise} has no figure");
        for test in cells[2].split("<br>") {
            let (file, name) = test.trim().trim_matches('`').split_once("::").unwrap();
            is_there(promise, file, name);
            kept += 1;
        }
    }
    assert!(kept > 40, "{kept}");
}

#[track_caller]
fn is_there(what: &str, file: &str, name: &str) {
    let (path, is_rust) = if file.contains('/') {
        (file.to_owned(), true)
    } else if file.ends_with(".rs") {
        (format!("tests/all/{file}"), true)
    } else {
        (format!("end2end/tests/{file}"), false)
    };
    let text = read(&path);
    let is_there = if is_rust {
        text.contains(&format!("fn {name}("))
    } else {
        let mut titles = text
            .lines()
            .filter(|line| line.trim_start().starts_with("test("));
        titles.any(|title| title.contains(name))
    };
    assert!(is_there, "{what}: {path} has no {name}");
}

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join(path)).unwrap_or_default()
}
