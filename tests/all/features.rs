//! The table of features in the README names tests; each of them is there. In their titles the numbers of the checks that
//! they hold come first.

use std::fs;
use std::path::Path;

#[test]
fn every_feature_that_there_is_names_a_test_that_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
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
        let (path, title) = if file.ends_with(".rs") {
            (format!("tests/all/{file}"), format!("fn {name}("))
        } else {
            (format!("end2end/tests/{file}"), name.to_owned())
        };
        assert!(
            read(&path).contains(&title),
            "{feature}: {path} has no {name}"
        );
        shown += 1;
    }
    assert!(shown > 40, "{shown}");
}
