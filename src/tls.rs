//! A certificate of Genkan's own, where no proxy in front has one. Read anew when its files change.

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

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(5);

const NO_KEY: &str = "the file has no key that can be read without a password";
/// What [`pem::Error`] says has a part of the file in it.
const NO_PEM: &str = "this is no PEM, or not all of it";
const LOCKED: &[u8] = b"Proc-Type: 4,ENCRYPTED";

/// Where a certificate with its chain, and its key, are kept as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// What the files hold, or why they cannot be read.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    certificate: Result<Vec<u8>, String>,
    key: Result<Vec<u8>, String>,
}

impl Files {
    /// Reads what a server needs.
    ///
    /// # Errors
    /// Sentences for the operator, with the names of the settings.
    pub fn read(&self) -> Result<ServerConfig, Vec<String>> {
        self.config(&self.content())
    }

    /// Tells whether browsers take the certificate for a host. `None` where it cannot be read.
    pub fn is_for(&self, host: &str) -> Option<bool> {
        let chain = chain(&self.certificate, &read_certificate(&self.certificate)).ok()?;
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
        let (chain, private) = both(
            chain(&self.certificate, &content.certificate),
            private(&content.key),
        )?;
        let certificate = self.certificate.display();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| vec![error.to_string()])?
            .with_no_client_auth()
            .with_single_cert(chain, private)
            .map_err(|error| vec![format!("TLS_KEY_PATH: with {certificate}: {error}")])?;
        // The only one that is served.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// What is wrong with one of the two where the other is not set, as a sentence for the operator.
pub fn fault_alone(certificate: Option<&Path>, key: Option<&Path>) -> Option<String> {
    let of_certificate = certificate.and_then(|it| chain(it, &read_certificate(it)).err());
    of_certificate.or_else(|| private(&read_key(key?)).err())
}

fn read_certificate(file: &Path) -> Result<Vec<u8>, String> {
    let said = |error| format!("TLS_CERT_PATH: {}: {error}", file.display());
    fs::read(file).map_err(said)
}

/// The name of the file is not told: it may be the key itself.
fn read_key(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("TLS_KEY_PATH: {error}"))
}

fn chain(
    file: &Path,
    content: &Result<Vec<u8>, String>,
) -> Result<Vec<CertificateDer<'static>>, String> {
    let file = file.display();
    let wrong = |error: &dyn fmt::Display| format!("TLS_CERT_PATH: {file}: {error}");
    let text = content.as_ref().map_err(String::clone)?;
    let chain = CertificateDer::pem_slice_iter(text)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| wrong(&NO_PEM))?;
    // A server sends the rest of its chain unread.
    for certificate in &chain {
        if let Err(error) = ParsedCertificate::try_from(certificate)
            && error == rustls::Error::InvalidCertificate(CertificateError::BadEncoding)
        {
            return Err(wrong(&error));
        }
    }
    if chain.is_empty() {
        return Err(format!("TLS_CERT_PATH: {file}: has no certificate"));
    }
    Ok(chain)
}

fn private(content: &Result<Vec<u8>, String>) -> Result<PrivateKeyDer<'static>, String> {
    let text = content.as_ref().map_err(String::clone)?;
    PrivateKeyDer::from_pem_slice(text).map_err(|error| {
        // What a PKCS#1 file has in its head (RFC 1421 §4.6.1.1) is read as if it were the key.
        let is_locked = text.windows(LOCKED.len()).any(|it| it == LOCKED);
        let is_none = matches!(error, pem::Error::NoItemsFound);
        let fault = if is_none || is_locked { NO_KEY } else { NO_PEM };
        format!("TLS_KEY_PATH: {fault}")
    })
}

/// Both, or all that is wrong with them.
fn both<A, B>(one: Result<A, String>, other: Result<B, String>) -> Result<(A, B), Vec<String>> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (one, other) => Err(one.err().into_iter().chain(other.err()).collect()),
    }
}

/// Several faults as one sentence.
fn joined(faults: Vec<String>) -> String {
    faults.join("; ")
}

/// What a server shows to browsers, as the files are now. [`keep`] has it follow them.
///
/// # Errors
/// A sentence for the operator.
pub fn open(files: &Files) -> io::Result<RustlsConfig> {
    let config = files
        .read()
        .map_err(|faults| io::Error::other(joined(faults)))?;
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

/// Follows the files for as long as it is awaited. What cannot be used is told, and the one before stays.
pub async fn keep(files: &Files, shown: &RustlsConfig) -> ! {
    let mut known = files.content();
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let content = files.content();
        if content == known {
            continue;
        }
        match files.config(&content) {
            Ok(config) => {
                shown.reload_from_config(Arc::new(config));
                tracing::info!("the certificate was read anew");
            }
            Err(faults) => {
                let faults = joined(faults);
                tracing::error!("the certificate stays as it was: {faults}");
            }
        }
        known = content;
    }
}
