//! What can be wrong with Redis, in words that say what to do.
//!
//! From: the link's errors and the servers' answers. To: senders (as the reason why the journal is
//! full), readers' errors, health.

use std::io;

use redis::{ErrorKind, RedisError, ServerError};
use thiserror::Error;

/// Why something asked of Redis was not done.
#[derive(Clone, Debug, Error)]
pub(super) enum Trouble {
    #[error("cannot reach Redis at {address}: {why}")]
    Unreachable { address: String, why: String },
    #[error("no answer from Redis within {0} ms")]
    Silent(u128),
    #[error("the connection to Redis broke: {0}")]
    Broken(String),
    #[error("Redis refuses: {text}; {remedy}")]
    Refused { text: String, remedy: &'static str },
    #[error("{0} is a replica, no master")]
    Replica(String),
    #[error("no master known: {0}")]
    NoMaster(String),
    #[error(
        "{0} replicas have it, of {1} that `replicas` asks for; it is kept and asked for again"
    )]
    FewReplicas(u64, u16),
    #[error("{0}")]
    Weak(String),
    #[error(
        "{0} is gone or belongs to another journal: Redis was emptied, or restored from something \
         else; restore its data, or remove all keys of the prefix and restart MUTT, which makes a \
         new journal"
    )]
    Gone(String),
    #[error("Redis answered with what was not asked for: {0}")]
    Unexpected(&'static str),
}

impl Trouble {
    /// Whether what was asked may have been done all the same.
    pub fn unsure(&self) -> bool {
        matches!(self, Trouble::Silent(_) | Trouble::Broken(_) | Trouble::Unexpected(_))
    }

    /// Whether another password may help.
    pub fn is_login(&self) -> bool {
        let login = |text: &str| ["WRONGPASS", "NOAUTH"].iter().any(|code| text.starts_with(code));
        matches!(self, Trouble::Refused { text, .. } if login(text))
    }

    pub fn into_io(self) -> io::Error {
        match &self {
            Trouble::Silent(_) => io::Error::new(io::ErrorKind::TimedOut, self),
            _ => io::Error::other(self),
        }
    }
}

impl From<RedisError> for Trouble {
    fn from(error: RedisError) -> Self {
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed, _) => refused(format!("WRONGPASS {error}")),
            (_, Some(code)) => refused(format!("{code} {}", error.detail().unwrap_or_default())),
            _ => Trouble::Broken(error.to_string()),
        }
    }
}

impl From<&ServerError> for Trouble {
    fn from(error: &ServerError) -> Self {
        let text = format!("{} {}", error.code(), error.details().unwrap_or_default());
        match error.code() {
            "MUTTGONE" => Trouble::Gone(error.details().unwrap_or_default().to_owned()),
            _ => refused(text),
        }
    }
}

/// What to do, by a word of the answer: an error within a script comes in the script's own answer.
const REMEDIES: [(&str, &str); 12] = [
    (
        "OOM ",
        "it is at maxmemory: raise it, or lower retain_bytes; MUTT goes on when there is room",
    ),
    ("NOREPLICAS", "it has too few replicas (min-replicas-to-write): bring them back"),
    ("LOADING", "it reads its files and answers soon"),
    ("MISCONF", "it cannot save to its disk: look into its log"),
    ("READONLY", "it is a replica now: the master is looked for"),
    ("MOVED", "the slot moved: its master is looked for"),
    ("ASK ", "the slot is being moved: this lane goes on when that is done"),
    ("TRYAGAIN", "the slot is being moved: this lane goes on when that is done"),
    ("CLUSTERDOWN", "the cluster has no master for this slot: bring it back"),
    ("NOAUTH", "it wants a password: give it"),
    ("WRONGPASS", "check user and password"),
    (
        "NOPERM",
        "the user needs @read, @write, @scripting, INFO, ROLE, WAIT and CONFIG GET on the keys",
    ),
];

fn refused(text: String) -> Trouble {
    let remedy = REMEDIES.iter().find(|(word, _)| text.contains(word));
    Trouble::Refused { text, remedy: remedy.map_or("it is tried again", |(_, remedy)| remedy) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_a_remedy_wherever_its_code_stands() {
        for (text, word) in [
            ("OOM command not allowed when used memory > 'maxmemory'.", "maxmemory"),
            ("ERR Error running script: @user_script: 5: -OOM command not allowed", "maxmemory"),
            ("NOREPLICAS Not enough good replicas to write.", "replicas"),
            ("MOVED 3999 127.0.0.1:6381", "master"),
            ("ERR something else", "again"),
        ] {
            let trouble = refused(text.to_owned());
            assert!(trouble.to_string().contains(word), "{trouble}");
            assert!(!trouble.unsure());
        }
    }
}
