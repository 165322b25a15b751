//! What can go wrong with Vault: what it was, where, and what to do.
//!
//! From: the client. To: the session, which decides by it; the log, /readyz and metrics.

use thiserror::Error;

/// Why a call was not answered as it should be. No text of it holds a secret.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum Fault {
    /// No connection, or it broke; TLS too.
    #[error("cannot reach {address}: {why}")]
    Unreachable {
        /// As configured.
        address: String,
        /// What the system said.
        why: String,
    },
    /// The time was over.
    #[error("no answer from {address} within {ms} ms")]
    Silent {
        /// As configured.
        address: String,
        /// The limit.
        ms: u128,
    },
    /// It is sealed, or not initialised.
    #[error("{0} is sealed or not initialised: unseal it")]
    Sealed(String),
    /// It has too much to do, or fails.
    #[error("{address} answers {status}{said}; it is asked again")]
    Failing {
        /// As configured.
        address: String,
        /// HTTP status.
        status: u16,
        /// Its own words.
        said: String,
    },
    /// The login is refused.
    #[error(
        "{address} refuses the login at auth/{mount}{said}: check vault.role_id and vault.secret_id, \
         which may be over, used up, or bound to other addresses; make a new secret id"
    )]
    Login {
        /// As configured.
        address: String,
        /// Where AppRole is mounted.
        mount: String,
        /// Its own words.
        said: String,
    },
    /// The wrapping token cannot be unwrapped.
    #[error(
        "{address} does not unwrap vault.wrapped_secret_id{said}: it is over, or was used before; make \
         a new one, and if nobody here used it, revoke the secret id that it held"
    )]
    Wrapped {
        /// As configured.
        address: String,
        /// Its own words.
        said: String,
    },
    /// The token may not do this, or is none any more: both have the same answer.
    #[error(
        "permission denied for {0}: check the path, and let a policy of the role allow to read {1}"
    )]
    Denied(String, String),
    /// There is no such secret.
    #[error(
        "there is no secret {0}: check mount and path; it may have been deleted, and the engine must \
         be KV version 2"
    )]
    Missing(String),
    /// The secret has no such field.
    #[error("{0}: the secret has no field of this name, only {1}")]
    NoField(String, String),
    /// The field is no text.
    #[error("{0}: expected a text that is not empty")]
    NoText(String),
    /// It sends us to another server.
    #[error(
        "{0} sends us to another server: put the active one's address, or a balancer's, into \
         vault.address"
    )]
    Elsewhere(String),
    /// It answered what was not asked for.
    #[error("{address} answers {status} with what Vault does not{said}: check vault.address")]
    Odd {
        /// As configured.
        address: String,
        /// HTTP status.
        status: u16,
        /// Its own words.
        said: String,
    },
}

impl Fault {
    /// The reason as a metric's label.
    pub fn reason(&self) -> &'static str {
        match self {
            Fault::Unreachable { .. } => "unreachable",
            Fault::Silent { .. } => "timeout",
            Fault::Sealed(_) => "sealed",
            Fault::Failing { .. } => "failing",
            Fault::Login { .. } => "login",
            Fault::Wrapped { .. } => "wrapped",
            Fault::Denied(..) => "denied",
            Fault::Missing(_) => "missing",
            Fault::NoField(..) | Fault::NoText(_) => "field",
            Fault::Elsewhere(_) => "elsewhere",
            Fault::Odd { .. } => "odd_answer",
        }
    }

    /// All reasons.
    pub const REASONS: [&'static str; 11] = [
        "unreachable",
        "timeout",
        "sealed",
        "failing",
        "login",
        "wrapped",
        "denied",
        "missing",
        "field",
        "elsewhere",
        "odd_answer",
    ];

    /// Whether it may be over by itself: then a start waits. All else somebody has to mend.
    pub fn passes(&self) -> bool {
        matches!(
            self,
            Fault::Unreachable { .. }
                | Fault::Silent { .. }
                | Fault::Sealed(_)
                | Fault::Failing { .. }
        )
    }
}
