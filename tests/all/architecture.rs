//! Imports point one way. The arrows are drawn in `ARCHITECTURE.md`.

use std::fs;
use std::path::{Path, PathBuf};

/// Each module, and those it may use.
const ARROWS: [(&str, &[&str]); 28] = [
    ("main", &["config", "doctor", "gallery", "server"]),
    ("doctor", &["config", "kratos", "origin"]),
    (
        "gallery",
        &[
            "config", "i18n", "kratos", "net", "server", "theme", "visit",
        ],
    ),
    (
        "server",
        &[
            "app",
            "assets",
            "auto_reload",
            "base",
            "config",
            "destination",
            "error",
            "forwarded",
            "hydra",
            "hypermedia",
            "kratos",
            "limit",
            "net",
            "proxy",
            "telemetry",
            "trace",
            "ui",
            "visit",
        ],
    ),
    ("app", &["error", "flows", "hypermedia", "pages", "visit"]),
    (
        "flows",
        &[
            "destination",
            "error",
            "hydra",
            "hypermedia",
            "kratos",
            "limit",
            "telemetry",
            "ui",
            "visit",
        ],
    ),
    (
        "pages",
        &[
            "destination",
            "error",
            "hydra",
            "hypermedia",
            "kratos",
            "limit",
            "ui",
            "visit",
        ],
    ),
    (
        "proxy",
        &[
            "destination",
            "error",
            "hypermedia",
            "kratos",
            "limit",
            "telemetry",
            "visit",
        ],
    ),
    (
        "hypermedia",
        &["destination", "error", "kratos", "ui", "visit"],
    ),
    (
        "visit",
        &[
            "base",
            "brand",
            "config",
            "destination",
            "error",
            "hydra",
            "i18n",
            "kratos",
            "limit",
            "telemetry",
            "theme",
            "ui",
        ],
    ),
    (
        "ui",
        &[
            "assets",
            "auto_reload",
            "base",
            "brand",
            "error",
            "i18n",
            "kratos",
            "theme",
        ],
    ),
    ("destination", &["base", "kratos", "origin"]),
    ("error", &["hydra", "kratos"]),
    (
        "config",
        &[
            "base",
            "brand",
            "forwarded",
            "i18n",
            "limit",
            "net",
            "origin",
        ],
    ),
    ("telemetry", &["kratos"]),
    ("net", &["forwarded", "limit"]),
    ("trace", &[]),
    ("forwarded", &[]),
    ("limit", &[]),
    ("i18n", &[]),
    ("brand", &[]),
    ("theme", &[]),
    ("kratos", &[]),
    ("hydra", &["config"]),
    ("assets", &[]),
    ("auto_reload", &[]),
    ("base", &[]),
    ("origin", &[]),
];

#[test]
fn imports_point_one_way() {
    for (path, module, code) in sources() {
        let allowed = ARROWS.iter().find(|(name, _)| *name == module);
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{module} has no arrows yet"));
        for root in ["crate::", "genkan::"] {
            for (at, _) in code.match_indices(root) {
                let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                let rest = &code[at + root.len()..];
                let used = &rest[..rest.find(|c| !name(c)).unwrap_or(rest.len())];
                let points_down = used == module || allowed.contains(&used);
                assert!(points_down, "{} uses {used:?}", path.display());
            }
        }
    }
}

#[test]
fn kratos_knows_neither_leptos_nor_axum_and_ui_neither_reqwest_nor_axum() {
    for (path, module, code) in sources() {
        let foreign: &[&str] = match module.as_str() {
            "kratos" => &["leptos", "axum"],
            "ui" => &["reqwest", "axum"],
            _ => &[],
        };
        for name in foreign {
            assert!(!code.contains(name), "{} mentions {name}", path.display());
        }
    }
}

/// Markup that is taken as it is can come from nowhere else than a view, which escapes what is in it.
#[test]
fn drawn_markup_is_made_in_one_place() {
    for (path, _, text) in sources() {
        let makes = ["InertElement", "inner_html", "Html::new"];
        let made = makes.into_iter().any(|it| text.contains(it));
        assert!(!made || path.ends_with("ui/html.rs"), "{}", path.display());
    }
}

/// Cargo wants to see all that its manifest names, and `docker build` hands over nothing else.
#[test]
fn the_image_is_built_from_all_that_cargo_needs() {
    let read = |path: &str| fs::read_to_string(path).expect(path);
    let handed = read(".dockerignore");
    let handed: Vec<&str> = handed
        .lines()
        .filter_map(|it| it.strip_prefix('!'))
        .collect();
    let dockerfile = read("Dockerfile");
    let copies = dockerfile.lines().filter_map(|it| it.strip_prefix("COPY "));
    let copied: Vec<&str> = copies.flat_map(str::split_whitespace).collect();
    for part in &handed {
        assert!(copied.contains(part), "{part} is not copied");
    }
    let needed = ["Cargo.toml", "Cargo.lock", "build.rs", "src", "benches"];
    for part in needed.into_iter().chain(["style", "public", "locales"]) {
        assert!(handed.contains(&part), "{part} is not handed over");
    }
}

#[test]
fn htmx_attributes_are_written_in_one_place() {
    let is_attribute = |code: &str| {
        code.match_indices("hx-").any(|(at, _)| {
            let rest = &code[at + 3..];
            let end = rest
                .find(|c: char| !c.is_ascii_lowercase())
                .unwrap_or(rest.len());
            end > 0 && rest[end..].starts_with('=')
        })
    };
    let written: Vec<PathBuf> = sources()
        .into_iter()
        .filter(|(_, _, code)| is_attribute(code))
        .map(|(path, _, _)| path)
        .collect();
    assert_eq!(written, [Path::new("ui/form.rs")]);
}

#[test]
fn each_file_is_a_module_of_the_one_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (path, _, _) in sources() {
        if path == Path::new("main.rs") {
            continue;
        }
        let parent = match path.parent().filter(|it| !it.as_os_str().is_empty()) {
            Some(folder) => folder.with_extension("rs"),
            None => PathBuf::from("lib.rs"),
        };
        let parent = fs::read_to_string(root.join(parent)).unwrap();
        let declaration = format!("mod {};", path.file_stem().unwrap().display());
        let is_declared = |line: &str| line.ends_with(&declaration);
        assert!(parent.lines().any(is_declared), "{}", path.display());
    }
}

/// Every file below `src/` but the map: its path, its module, and its code without comments.
fn sources() -> Vec<(PathBuf, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let code = code.collect::<Vec<_>>().join("\n");
            let path = path.strip_prefix(&root).unwrap().to_owned();
            let first = path
                .components()
                .next()
                .unwrap()
                .as_os_str()
                .to_str()
                .unwrap();
            let module = first.trim_end_matches(".rs").to_owned();
            if module != "lib" {
                found.push((path, module, code));
            }
        }
    }
    found
}
