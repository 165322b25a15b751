//! A way out's side of the handshake.
//!
//! From: a socket that is connected, and the name of whom it should lead to. To: the same, encrypted.
//! The files are followed as a door's are: each connection is made with what holds then.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::sign::SingleCertAndKey;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::reload::{Built, Reloaded};
use crate::{TlsError, pem, provider};

/// Whose word counts on who a server is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Trust {
    /// The system's authorities.
    #[default]
    System,
    /// Those of a file (PEM), and no others.
    File(PathBuf),
    /// Those of a file beside the system's.
    FileAndSystem(PathBuf),
}

/// How a way out speaks TLS.
#[derive(Clone, Debug, Default)]
pub struct ClientSettings {
    /// Whose word counts.
    pub trust: Trust,
    /// A certificate chain and its key (PEM), to be shown to a server that asks.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// Whether HTTP is spoken inside.
    pub http: bool,
}

impl ClientSettings {
    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        if let Trust::File(file) | Trust::FileAndSystem(file) = &self.trust {
            files.push(file.clone());
        }
        if let Some((certificate, key)) = &self.identity {
            files.extend([certificate.clone(), key.clone()]);
        }
        files
    }

    fn build(&self) -> Result<Built<ClientConfig>, TlsError> {
        let mut roots = RootCertStore::empty();
        if let Trust::File(file) | Trust::FileAndSystem(file) = &self.trust {
            pem::add_roots(&mut roots, file)?;
        }
        if !matches!(self.trust, Trust::File(_)) {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Other(error.to_string()))?
            .with_root_certificates(roots);
        let mut not_after_s = None;
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let identity = pem::identity(certificate, key)?;
                not_after_s = Some(identity.not_after_s);
                let shown = SingleCertAndKey::from(identity.key);
                builder.with_client_cert_resolver(Arc::new(shown))
            }
        };
        if self.http {
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
        }
        Ok(Built { config: Arc::new(config), not_after_s })
    }
}

/// A way out's TLS, which follows its files.
#[derive(Debug)]
pub struct Connector {
    pub(crate) config: Reloaded<ClientConfig>,
}

impl Connector {
    /// One that nobody watches: for programs that connect once. [`crate::Tls::client`] makes others.
    ///
    /// # Errors
    /// Files that cannot be used.
    pub fn new(name: &str, settings: ClientSettings) -> Result<Self, TlsError> {
        let files = settings.files();
        Ok(Self { config: Reloaded::new(name, files, move || settings.build())? })
    }

    /// What holds now. Whoever keeps it compares pointers to see whether it still does.
    pub fn config(&self) -> Arc<ClientConfig> {
        self.config.current()
    }

    /// Shakes hands over `socket` with `host`, a name or an address.
    ///
    /// # Errors
    /// A host that is none, a server that is not who it should be, or a broken connection.
    pub async fn connect<S>(&self, host: &str, socket: S) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let name = ServerName::try_from(bare.to_owned())
            .map_err(|error| io::Error::other(format!("`{host}` is no name for TLS: {error}")))?;
        TlsConnector::from(self.config()).connect(name, socket).await
    }
}
