//! TLS with a certificate from files. Reloads it when the files change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, fs, io};

use axum_server::tls_rustls::RustlsConfig;
use rustls::client::verify_server_name;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ServerConfig};
use tokio::time::{MissedTickBehavior, interval};

/// How often the files are checked for changes.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

const NO_KEY: &str = "the file contains no private key, or only an encrypted one";
/// The text of [`pem::Error`] is not used: it quotes a part of the file.
const NO_PEM: &str = "the file is not valid PEM, or is incomplete";
const ENCRYPTED: &[u8] = b"Proc-Type: 4,ENCRYPTED";

/// Paths of a certificate with its chain and of its private key, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// The content of the files, or why they cannot be read.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    certificate: Result<Vec<u8>, String>,
    key: Result<Vec<u8>, String>,
}

impl CertificateFiles {
    /// Reads the files into a server configuration.
    ///
    /// # Errors
    /// Returns one message for the operator for each wrong file, with the name of its setting.
    pub fn read(&self) -> Result<ServerConfig, Vec<String>> {
        self.config(&self.content())
    }

    /// Returns true if the certificate is valid for a host, or `None` if it cannot be read.
    pub fn is_for(&self, host: &str) -> Option<bool> {
        let chain = parse_chain(&self.certificate, &read_certificate(&self.certificate)).ok()?;
        let certificate = ParsedCertificate::try_from(chain.first()?).ok()?;
        let host = ServerName::try_from(host).ok()?;
        Some(verify_server_name(&certificate, &host).is_ok())
    }

    fn content(&self) -> Content {
        Content {
            certificate: read_certificate(&self.certificate),
            key: read_key(&self.key),
        }
    }

    fn config(&self, content: &Content) -> Result<ServerConfig, Vec<String>> {
        let (chain, key) = both(
            parse_chain(&self.certificate, &content.certificate),
            parse_key(&content.key),
        )?;
        let certificate = self.certificate.display();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| vec![error.to_string()])?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| vec![format!("TLS_KEY_PATH: with {certificate}: {error}")])?;
        // HTTP/2 is not served.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// Checks the certificate or the key if the other one is not set. Returns a message for the
/// operator.
pub fn check_single(certificate: Option<&Path>, key: Option<&Path>) -> Option<String> {
    let error = certificate.and_then(|it| parse_chain(it, &read_certificate(it)).err());
    error.or_else(|| parse_key(&read_key(key?)).err())
}

fn read_certificate(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("TLS_CERT_PATH: {}: {error}", file.display()))
}

/// The path is not part of the error: an operator may have set the key itself instead.
fn read_key(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("TLS_KEY_PATH: {error}"))
}

fn parse_chain(
    file: &Path,
    content: &Result<Vec<u8>, String>,
) -> Result<Vec<CertificateDer<'static>>, String> {
    let file = file.display();
    let wrong = |error: &dyn fmt::Display| format!("TLS_CERT_PATH: {file}: {error}");
    let text = content.as_ref().map_err(String::clone)?;
    let chain = CertificateDer::pem_slice_iter(text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| wrong(&NO_PEM))?;
    // rustls parses only the first certificate of a chain.
    for certificate in &chain {
        if let Err(error) = ParsedCertificate::try_from(certificate)
            && error == rustls::Error::InvalidCertificate(CertificateError::BadEncoding)
        {
            return Err(wrong(&error));
        }
    }
    if chain.is_empty() {
        return Err(format!(
            "TLS_CERT_PATH: {file}: the file contains no certificate"
        ));
    }
    Ok(chain)
}

fn parse_key(content: &Result<Vec<u8>, String>) -> Result<PrivateKeyDer<'static>, String> {
    let text = content.as_ref().map_err(String::clone)?;
    PrivateKeyDer::from_pem_slice(text).map_err(|error| {
        // rustls takes the header of an encrypted PKCS#1 file (RFC 1421 §4.6.1.1) for the key.
        let is_encrypted = text.windows(ENCRYPTED.len()).any(|it| it == ENCRYPTED);
        let is_empty = matches!(error, pem::Error::NoItemsFound);
        let reason = if is_empty || is_encrypted {
            NO_KEY
        } else {
            NO_PEM
        };
        format!("TLS_KEY_PATH: {reason}")
    })
}

/// Returns both values, or the errors of both.
fn both<A, B>(one: Result<A, String>, other: Result<B, String>) -> Result<(A, B), Vec<String>> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (one, other) => Err(one.err().into_iter().chain(other.err()).collect()),
    }
}

/// Loads the certificate for a server. [`watch`] keeps it up to date.
///
/// # Errors
/// Returns a message for the operator if the files cannot be used.
pub fn load(files: &CertificateFiles) -> io::Result<RustlsConfig> {
    let config = files.read();
    let config = config.map_err(|errors| io::Error::other(errors.join("; ")))?;
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

/// Reloads the certificate whenever the files change. If they cannot be used, it logs the error and
/// keeps the certificate before. Never returns.
pub async fn watch(files: &CertificateFiles, served: &RustlsConfig) -> ! {
    let mut loaded = files.content();
    let mut checks = interval(CHECK_INTERVAL);
    checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        checks.tick().await;
        let content = files.content();
        if content == loaded {
            continue;
        }
        match files.config(&content) {
            Ok(config) => {
                served.reload_from_config(Arc::new(config));
                tracing::info!("certificate reloaded");
            }
            Err(errors) => {
                let errors = errors.join("; ");
                tracing::error!("cannot reload the certificate, keeping the current one: {errors}");
            }
        }
        loaded = content;
    }
}
