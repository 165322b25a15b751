//! A connection to one's own listener: the certificate is known, so no authority and no name is asked.
//!
//! From: the listener's own files. To: `mutt healthcheck`, which asks on loopback.

use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::SingleCertAndKey;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error,
    SignatureScheme, StreamOwned,
};

use crate::{TlsError, pem, provider};

/// Encrypts `socket`, which must lead to who has this certificate and its key; the same is shown if a
/// certificate is asked for.
///
/// # Errors
/// Files that cannot be used.
pub fn to_own_listener(
    certificate: &Path,
    key: &Path,
    socket: TcpStream,
) -> Result<impl io::Read + io::Write, TlsError> {
    let other = |error: Error| TlsError::Other(error.to_string());
    let identity = pem::identity(certificate, key)?;
    let Some(own) = identity.key.cert.first().cloned() else {
        return Err(pem::file_error(certificate, "no certificate in it"));
    };
    let algorithms = provider().signature_verification_algorithms;
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pinned { own, algorithms }))
        .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity.key)));
    let name = ServerName::IpAddress(std::net::Ipv4Addr::LOCALHOST.into());
    let session = ClientConnection::new(Arc::new(config), name).map_err(other)?;
    Ok(StreamOwned::new(session, socket))
}

#[derive(Debug)]
struct Pinned {
    own: CertificateDer<'static>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *end_entity == self.own {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
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
