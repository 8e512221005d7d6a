//! Makes the files of `style/` and `public/` ready to be embedded: CSS bundled and minified, everything compressed
//! once, and named by its content so that browsers may keep it for ever.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::printer::PrinterOptions;
use lightningcss::stylesheet::ParserOptions;
use sha2::{Digest, Sha256};

/// The names in the program, the files that go into each, and their types.
const FILES: [(&str, &[&str], &str); 4] = [
    ("STYLE", &["style/main.css"], "text/css; charset=utf-8"),
    // In one file: htmx looks at the page as soon as its own script is over, and what comes later guards nothing any more.
    (
        "HTMX",
        &["public/htmx-4.0.1.min.js", "public/hx-csp-4.0.1.min.js"],
        "text/javascript; charset=utf-8",
    ),
    ("UI", &["public/ui.js"], "text/javascript; charset=utf-8"),
    ("ICON", &["public/icon.svg"], "image/svg+xml"),
];

fn main() -> Result<(), Box<dyn Error>> {
    if env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|libc| libc == "gnu") {
        // Where the program has to be told its own addresses takes 0.7 MiB otherwise. glibc 2.36 reads it (Debian 12).
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    println!("cargo::rerun-if-changed=style");
    println!("cargo::rerun-if-changed=public");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut table = String::new();
    for (name, files, content_type) in FILES {
        let path = Path::new(files[0]);
        let content = if path.extension().is_some_and(|extension| extension == "css") {
            bundled(path)?.into_bytes()
        } else {
            let parts = files.iter().map(fs::read).collect::<Result<Vec<_>, _>>()?;
            parts.join(&b'\n')
        };
        fs::write(out.join(name), &content)?;
        fs::write(out.join(format!("{name}.gz")), gzip(&content)?)?;
        fs::write(out.join(format!("{name}.br")), brotli(&content)?)?;
        let hash = Sha256::digest(&content)[..6]
            .iter()
            .fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .ok_or("no name")?;
        let extension = path
            .extension()
            .and_then(|end| end.to_str())
            .ok_or("no extension")?;
        writeln!(
            table,
            "pub static {name}: Asset = Asset {{\n    \
                path: \"/assets/{stem}.{hash}.{extension}\",\n    \
                content_type: \"{content_type}\",\n    \
                plain: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\")),\n    \
                gzip: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.gz\")),\n    \
                brotli: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.br\")),\n}};"
        )?;
    }
    let names = FILES.map(|(name, ..)| format!("&{name}")).join(", ");
    writeln!(table, "static ALL: [&Asset; {}] = [{names}];", FILES.len())?;
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

/// A style sheet with all that it imports, minified.
fn bundled(path: &Path) -> Result<String, Box<dyn Error>> {
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let sheet = bundler.bundle(path).map_err(|error| error.to_string())?;
    let options = PrinterOptions {
        minify: true,
        ..PrinterOptions::default()
    };
    Ok(sheet.to_css(options)?.code)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

fn brotli(mut content: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut content, &mut compressed, &parameters)?;
    Ok(compressed)
}
