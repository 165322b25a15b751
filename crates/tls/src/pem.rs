//! Certificates, keys and lists, from files in PEM or lines.
//!
//! From: paths of the settings. To: what rustls takes, or an error that names the file.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::{Peer, TlsError, provider};

/// A larger file holds no certificates that anybody needs.
const FILE_BYTES_MAX: u64 = 4 << 20;

/// A chain with its key, and when the first certificate of it expires, in seconds since 1970.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub key: Arc<CertifiedKey>,
    pub not_after_s: i64,
}

pub(crate) fn file_error(path: &Path, why: impl ToString) -> TlsError {
    TlsError::File { path: path.to_owned(), why: why.to_string() }
}

/// The whole of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let mut bytes = Vec::new();
    let file = File::open(path);
    let read = file.and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes));
    read.map_err(|error| file_error(path, format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(file_error(path, format!("larger than {FILE_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

/// The certificates of a file, at least one.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let bytes = read(path)?;
    let all = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    let all = all.map_err(|error| file_error(path, format!("{error}; expected PEM")))?;
    if all.is_empty() {
        return Err(file_error(path, "no certificate in it; expected PEM certificates"));
    }
    Ok(all)
}

/// A chain, the leaf first, and the leaf's key.
pub(crate) fn identity(certificate: &Path, key: &Path) -> Result<Identity, TlsError> {
    let chain = certificates(certificate)?;
    let not_after_s = not_after(&chain).map_err(|why| file_error(certificate, why))?;
    let bytes = read(key)?;
    let secret = PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|error| file_error(key, format!("{error}; expected a private key in PEM")))?;
    let signer =
        provider().key_provider.load_private_key(secret).map_err(|error| file_error(key, error))?;
    let whole = CertifiedKey::new(chain, signer);
    match whole.keys_match() {
        Ok(()) => Ok(Identity { key: Arc::new(whole), not_after_s }),
        Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {
            Ok(Identity { key: Arc::new(whole), not_after_s })
        }
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err(TlsError::OtherKey { certificate: certificate.to_owned(), key: key.to_owned() })
        }
        Err(error) => Err(file_error(certificate, error)),
    }
}

/// When the first certificate of a chain expires.
fn not_after(chain: &[CertificateDer<'_>]) -> Result<i64, String> {
    let mut first = i64::MAX;
    for certificate in chain {
        let (_, parsed) = X509Certificate::from_der(certificate)
            .map_err(|error| format!("a certificate that is none: {error}"))?;
        first = first.min(parsed.validity().not_after.timestamp());
    }
    Ok(first)
}

/// The authorities of a file, added to `roots`.
pub(crate) fn add_roots(roots: &mut RootCertStore, path: &Path) -> Result<(), TlsError> {
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| file_error(path, error))?;
    }
    Ok(())
}

/// The peers of a file: one a line, `#` begins a comment.
pub(crate) fn peers(path: &Path) -> Result<Vec<Peer>, TlsError> {
    let bytes = read(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| file_error(path, error))?;
    let mut peers = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if !line.is_empty() {
            let at = |error| file_error(path, format!("line {}: {error}", number + 1));
            peers.push(line.parse().map_err(at)?);
        }
    }
    Ok(peers)
}
