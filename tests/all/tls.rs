//! A certificate of Genkan's own.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client, Response};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::support::{Answer, Kratos};

/// A folder with a certificate and its key.
struct Keys(PathBuf);

impl Keys {
    fn new(test: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("tls")
            .join(test);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn certificate(&self) -> PathBuf {
        self.0.join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.0.join("key.pem")
    }

    /// Writes new ones, and says whom to trust then.
    fn renew(&self) -> Certificate {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(self.certificate(), cert.pem()).unwrap();
        fs::write(self.key(), signing_key.serialize_pem()).unwrap();
        Certificate::from_pem(cert.pem().as_bytes()).unwrap()
    }
}

/// Where no Kratos is.
const NOWHERE: &str = "http://127.0.0.1:1";

/// A Genkan that shows a certificate.
struct Program {
    child: Child,
    address: SocketAddr,
}

fn genkan(kratos: &str, certificate: &Path, key: &Path, address: SocketAddr) -> Command {
    let mut genkan = Command::new(env!("CARGO_BIN_EXE_genkan"));
    genkan
        .env_clear()
        .env("KRATOS_PUBLIC_URL", kratos)
        .env(
            "PUBLIC_URL",
            format!("https://localhost:{}", address.port()),
        )
        .env("PORT", address.port().to_string())
        .env("TLS_CERT_PATH", certificate)
        .env("TLS_KEY_PATH", key);
    genkan
}

impl Program {
    fn start(kratos: &str, keys: &Keys) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let child = genkan(kratos, &keys.certificate(), &keys.key(), address)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { child, address }
    }

    /// What a browser gets that trusts this certificate and no other, on a connection of its own.
    async fn ask(&self, trusted: &Certificate) -> Result<Response, reqwest::Error> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let browser = Client::builder()
            .tls_certs_only([trusted.clone()])
            .resolve("localhost", self.address)
            .build()
            .unwrap();
        let url = format!("https://localhost:{}/health/alive", self.address.port());
        browser.get(url).send().await
    }

    /// Waits until a browser that trusts this certificate is served.
    async fn serves(&self, trusted: &Certificate) {
        for _ in 0..200 {
            if self.ask(trusted).await.is_ok() {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("{:?}", self.ask(trusted).await);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn told(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

#[tokio::test]
async fn a_certificate_that_is_renewed_is_shown_without_a_new_start() {
    let keys = Keys::new("renewed");
    let first = keys.renew();
    let program = Program::start(NOWHERE, &keys);
    program.serves(&first).await;
    let response = program.ask(&first).await.unwrap();
    assert!(response.headers().contains_key("strict-transport-security"));

    let second = keys.renew();
    program.serves(&second).await;
    assert!(program.ask(&first).await.is_err());

    // What cannot be used changes nothing.
    fs::write(keys.certificate(), "no certificate").unwrap();
    sleep(Duration::from_secs(7)).await;
    program.serves(&second).await;

    let third = keys.renew();
    program.serves(&third).await;
}

#[tokio::test]
async fn the_health_check_of_a_container_needs_no_trust_in_the_certificate() {
    let keys = Keys::new("health");
    let trusted = keys.renew();
    let kratos = Kratos::start().await;
    let program = Program::start(kratos.url(), &keys);
    program.serves(&trusted).await;
    let ask = || {
        let mut health = genkan(NOWHERE, &keys.certificate(), &keys.key(), program.address);
        spawn_blocking(move || health.arg("health").output().unwrap())
    };

    kratos.on("GET /health/ready", Answer::error(503));
    assert_eq!(ask().await.unwrap().status.code(), Some(1));
    kratos.on(
        "GET /health/ready",
        Answer::text(200, "application/json", "{}"),
    );
    // What was heard of Kratos is good for a second.
    sleep(Duration::from_secs(1)).await;
    let output = ask().await.unwrap();
    assert!(output.status.success(), "{}", told(&output));
}

#[test]
fn a_certificate_that_cannot_be_used_is_told_before_anything_is_served() {
    let keys = Keys::new("faults");
    keys.renew();
    let other = Keys::new("faults-other");
    other.renew();
    let empty = keys.0.join("empty.pem");
    fs::write(&empty, "").unwrap();
    let (certificate, key) = (keys.certificate(), keys.key());
    let missing = keys.0.join("missing.pem");
    let locked = keys.0.join("locked.pem");
    fs::write(
        &locked,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
    )
    .unwrap();
    let locked_too = keys.0.join("locked-pkcs1.pem");
    fs::write(
        &locked_too,
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAA==\n-----END RSA PRIVATE KEY-----\n",
    )
    .unwrap();
    let flat = keys.0.join("flat.pem");
    fs::write(
        &flat,
        fs::read_to_string(keys.key()).unwrap().replace('\n', ""),
    )
    .unwrap();
    let rubbish = keys.0.join("rubbish.pem");
    let whole = fs::read_to_string(keys.certificate()).unwrap();
    fs::write(
        &rubbish,
        whole + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    let cases = [
        (&rubbish, &key, "TLS_CERT_PATH: "),
        // Each is looked at, whatever is wrong with the other.
        (&empty, &missing, "TLS_CERT_PATH: "),
        (&empty, &missing, "TLS_KEY_PATH: "),
        (&missing, &key, "TLS_CERT_PATH: "),
        (&empty, &key, "TLS_CERT_PATH: "),
        (&certificate, &missing, "TLS_KEY_PATH: "),
        (&certificate, &empty, "TLS_KEY_PATH: "),
        (&certificate, &locked, "only an encrypted one"),
        (&certificate, &locked_too, "only an encrypted one"),
        // What the file says is nobody's.
        (
            &certificate,
            &flat,
            "TLS_KEY_PATH: the file is not valid PEM, or is incomplete\n",
        ),
        (
            &flat,
            &key,
            ": the file is not valid PEM, or is incomplete\n",
        ),
        (&certificate, &other.key(), "TLS_KEY_PATH: "),
        (&key, &certificate, "TLS_CERT_PATH: "),
    ];
    let address = SocketAddr::from(([127, 0, 0, 1], 1));
    for (certificate, key, sentence) in cases {
        let output = genkan(NOWHERE, certificate, key, address)
            .arg("check-config")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{certificate:?} {key:?}");
        assert!(told(&output).contains(sentence), "{}", told(&output));
    }

    for (name, value, sentence) in [
        ("TLS_KEY_PATH", "", "TLS_KEY_PATH is not set"),
        ("TLS_CERT_PATH", "", "TLS_CERT_PATH is not set"),
        ("PUBLIC_URL", "http://localhost", "PUBLIC_URL is not https"),
    ] {
        let mut genkan = genkan(NOWHERE, &certificate, &key, address);
        let output = genkan
            .env(name, value)
            .arg("check-config")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(told(&output).contains(sentence), "{}", told(&output));
    }

    // What is wrong with the one is told beside that the other is missing.
    for (name, other, sentence) in [
        ("TLS_KEY_PATH", "TLS_CERT_PATH", "TLS_CERT_PATH: "),
        ("TLS_CERT_PATH", "TLS_KEY_PATH", "TLS_KEY_PATH: "),
    ] {
        let mut genkan = genkan(NOWHERE, &missing, &missing, address);
        let output = genkan.env(name, "").arg("check-config").output().unwrap();
        let not_set = format!("{name} is not set, but {other} is");
        for sentence in [sentence, &not_set] {
            assert!(told(&output).contains(sentence), "{}", told(&output));
        }
    }
}

#[test]
fn a_certificate_for_another_host_is_a_warning() {
    let keys = Keys::new("another-host");
    keys.renew();
    for (public, is_told) in [
        ("https://localhost", false),
        ("https://localhost:8443/auth", false),
        ("https://id.example", true),
        ("https://127.0.0.1", true),
        ("https://[::1]", true),
    ] {
        let address = SocketAddr::from(([127, 0, 0, 1], 3000));
        let mut genkan = genkan(NOWHERE, &keys.certificate(), &keys.key(), address);
        let output = genkan
            .env("PUBLIC_URL", public)
            .arg("check-config")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        assert_eq!(
            said.contains("Warning: TLS_CERT_PATH: the certificate is not for"),
            is_told
        );
    }
}
