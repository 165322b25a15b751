//! Who may come in: names, addresses and URIs of a certificate (its SANs), or its fingerprint.
//!
//! From: the settings and a file of peers. To: the verifier of clients. A certificate's common name
//! counts for nothing: RFC 9525 has given it up, and nothing says which kind of name it is.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use rustls::pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use thiserror::Error;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// A text that names no peer.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error(
    "`{0}` names no peer: expected a DNS name (\"*.\" may stand for its first label), an IP address, \
     a URI, or \"sha256:\" and 64 hexadecimal digits"
)]
pub struct PeerError(String);

/// One that is let in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Peer {
    /// A DNS name in small letters; `*.` stands for one label.
    Name(String),
    /// An address.
    Address(IpAddr),
    /// A URI, compared as it is written.
    Uri(String),
    /// SHA-256 over the whole certificate: it counts without any authority.
    Fingerprint([u8; 32]),
}

impl FromStr for Peer {
    type Err = PeerError;

    fn from_str(text: &str) -> Result<Self, PeerError> {
        let fault = || PeerError(text.to_owned());
        let small = text.to_ascii_lowercase();
        if let Some(digits) = small.strip_prefix("sha256:").or(small.strip_prefix("sha-256:")) {
            return fingerprint(digits).map(Peer::Fingerprint).ok_or_else(fault);
        }
        if let Ok(address) = text.parse() {
            return Ok(Peer::Address(address));
        }
        if text.contains("://") || small.starts_with("urn:") {
            return Ok(Peer::Uri(text.to_owned()));
        }
        let name = small.strip_suffix('.').unwrap_or(&small);
        let rest = name.strip_prefix("*.").unwrap_or(name);
        // `*.com` would let in half the world.
        let wide = rest.len() != name.len() && !rest.contains('.');
        if is_name(rest) && !wide { Ok(Peer::Name(name.to_owned())) } else { Err(fault()) }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Peer::Name(name) => f.write_str(name),
            Peer::Address(address) => address.fmt(f),
            Peer::Uri(uri) => f.write_str(uri),
            Peer::Fingerprint(bytes) => {
                f.write_str("sha256:")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

fn fingerprint(digits: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = digits.bytes().filter(|byte| *byte != b':').collect();
    let mut bytes = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// Whether two names are one, of which either may begin with `*.` (RFC 5425 section 5.2 knows both:
/// wildcards of certificates and of whoever allows). A star is one whole label and the first.
fn names_meet(allowed: &str, found: &str) -> bool {
    let covers = |wide: &str, narrow: &str| {
        let (Some(wide), Some((label, rest))) = (wide.strip_prefix("*."), narrow.split_once('.'))
        else {
            return false;
        };
        rest == wide && label != "*"
    };
    allowed == found || covers(allowed, found) || covers(found, allowed)
}

/// What a certificate says of whom it belongs to, and from when to when, in seconds since 1970.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Bearer {
    pub sans: Vec<Peer>,
    pub not_before_s: i64,
    pub not_after_s: i64,
    pub fingerprint: Peer,
}

impl Bearer {
    /// None: it is no certificate.
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
        let named = parsed.subject_alternative_name().ok()?;
        let names = named.map(|san| san.value.general_names.as_slice()).unwrap_or_default();
        let validity = parsed.validity();
        Some(Self {
            sans: names.iter().filter_map(san).collect(),
            not_before_s: validity.not_before.timestamp(),
            not_after_s: validity.not_after.timestamp(),
            fingerprint: Peer::Fingerprint(Sha256::digest(certificate).into()),
        })
    }

    /// Whether it is one of `allowed` by its names.
    pub(crate) fn is_named_in(&self, allowed: &[Peer]) -> bool {
        allowed.iter().any(|peer| {
            self.sans.iter().any(|san| match (peer, san) {
                (Peer::Name(allowed), Peer::Name(found)) => names_meet(allowed, found),
                (allowed, found) => allowed == found,
            })
        })
    }
}

/// For the log: whoever was refused can be allowed by what is said here.
impl fmt::Display for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for san in self.sans.iter().take(8) {
            write!(f, "{san}, ")?;
        }
        self.fingerprint.fmt(f)
    }
}

fn san(name: &GeneralName<'_>) -> Option<Peer> {
    match name {
        GeneralName::DNSName(name) => {
            let name = name.to_ascii_lowercase();
            let name = name.strip_suffix('.').unwrap_or(&name);
            let rest = name.strip_prefix("*.").unwrap_or(name);
            is_name(rest).then(|| Peer::Name(name.to_owned()))
        }
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let any = v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            any.ok().map(Peer::Address)
        }
        GeneralName::URI(uri) => Some(Peer::Uri((*uri).to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
