//! Whether a client's certificate is let in: by its fingerprint alone (RFC 5425 section 4.2.2), or by
//! an authority and, if peers are named, by its names.
//!
//! From: the handshake. To: rustls, as yes or no.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    SignatureScheme,
};

use crate::peers::Bearer;
use crate::seldom::Seldom;
use crate::{Peer, TlsError, provider};

/// Asks every client for a certificate.
#[derive(Debug)]
pub(crate) struct Doorkeeper {
    /// By authority; none: fingerprints alone.
    by_authority: Option<Arc<dyn ClientCertVerifier>>,
    /// None: whoever an authority vouches for.
    allowed: Option<Vec<Peer>>,
    /// With fingerprints allowed, clients are not told which authorities are known: a self-signed one
    /// would think that it has nothing to show.
    hints: Vec<DistinguishedName>,
    algorithms: WebPkiSupportedAlgorithms,
    said: Seldom,
}

impl Doorkeeper {
    pub(crate) fn new(
        roots: Option<RootCertStore>,
        allowed: Option<Vec<Peer>>,
    ) -> Result<Self, TlsError> {
        let by_fingerprint = |peer: &&Peer| matches!(peer, Peer::Fingerprint(_));
        let named = allowed.iter().flatten().find(|peer| !by_fingerprint(peer));
        if let (None, Some(name)) = (&roots, named) {
            return Err(TlsError::NameWithoutCa(name.to_string()));
        }
        let build = |roots| {
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider()).build()
        };
        let by_authority =
            roots.map(build).transpose().map_err(|error| TlsError::Other(error.to_string()))?;
        let hints = match (&by_authority, allowed.iter().flatten().find(by_fingerprint)) {
            (Some(known), None) => known.root_hint_subjects().to_vec(),
            _ => Vec::new(),
        };
        let algorithms = provider().signature_verification_algorithms;
        Ok(Self { by_authority, allowed, hints, algorithms, said: Seldom::default() })
    }

    fn allows(&self, bearer: &Bearer) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| bearer.is_named_in(allowed))
    }

    /// What is said can be put into the list as it is.
    fn not_allowed(&self, bearer: &Bearer) -> Error {
        if self.said.is_due() {
            tracing::warn!(%bearer, "TLS: a client that is not among the allowed peers");
        }
        CertificateError::ApplicationVerificationFailure.into()
    }

    fn knows_fingerprint(&self, bearer: &Bearer) -> bool {
        self.allowed.iter().flatten().any(|peer| *peer == bearer.fingerprint)
    }
}

impl ClientCertVerifier for Doorkeeper {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let bearer = Bearer::of(end_entity).ok_or(CertificateError::BadEncoding)?;
        if self.knows_fingerprint(&bearer) {
            return in_time(&bearer, now).map(|()| ClientCertVerified::assertion());
        }
        let Some(by_authority) = &self.by_authority else {
            return Err(self.not_allowed(&bearer));
        };
        let verified = by_authority.verify_client_cert(end_entity, intermediates, now)?;
        if self.allows(&bearer) {
            return Ok(verified);
        }
        Err(self.not_allowed(&bearer))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// An old certificate is let in by no fingerprint either: whoever listed it may have forgotten it.
fn in_time(bearer: &Bearer, now: UnixTime) -> Result<(), Error> {
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if now > bearer.not_after_s {
        return Err(CertificateError::Expired.into());
    }
    if now < bearer.not_before_s {
        return Err(CertificateError::NotValidYet.into());
    }
    Ok(())
}
