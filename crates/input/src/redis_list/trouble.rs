//! What can be wrong with Redis, in words that say what to do.
//!
//! From: the link's errors and the server's answers. To: the log, readiness and the counters.

use std::io;

use redis::{ErrorKind, RedisError, ServerError};
use thiserror::Error;

/// Why a session with Redis ended.
#[derive(Debug, Error)]
pub(super) enum Trouble {
    #[error("cannot reach Redis at {address}: {error}")]
    Unreachable { address: String, error: io::Error },
    #[error("no answer from Redis within {0} ms")]
    Silent(u128),
    #[error("the connection to Redis broke: {0}")]
    Broken(String),
    #[error("Redis refuses: {text}; {remedy}")]
    Refused { reason: &'static str, text: String, remedy: &'static str },
    #[error("the slot of the list is at {0} now")]
    Moved(String),
    #[error("Redis is older than 6.2 and knows no LMOVE")]
    Old,
    #[error("Redis answered with what was not asked for: {0}")]
    Unexpected(String),
    #[error("another worker is called {0} as well: give each its own name (`worker`)")]
    NamedAlike(String),
    #[error("the batch was not stored: {0}")]
    NotStored(String),
    #[error("stopping")]
    Stopped,
}

impl Trouble {
    /// Whether another password may help.
    pub fn is_login(&self) -> bool {
        let reason = self.reason();
        matches!(reason, "wrong_password" | "no_auth")
    }

    /// The name in metrics.
    pub fn reason(&self) -> &'static str {
        match self {
            Trouble::Unreachable { .. } => "unreachable",
            Trouble::Silent(_) => "timeout",
            Trouble::Broken(_) => "broken",
            Trouble::Refused { reason, .. } => reason,
            Trouble::Moved(_) => "moved",
            Trouble::Old => "old_server",
            Trouble::Unexpected(_) => "unexpected_answer",
            Trouble::NamedAlike(_) => "named_alike",
            Trouble::NotStored(_) => "journal",
            Trouble::Stopped => "shutdown",
        }
    }
}

impl From<RedisError> for Trouble {
    fn from(error: RedisError) -> Self {
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed, _) => refused("WRONGPASS", error.to_string()),
            (_, Some(code)) => told(code, error.detail().unwrap_or_default(), error.to_string()),
            _ => Trouble::Broken(error.to_string()),
        }
    }
}

impl From<&ServerError> for Trouble {
    fn from(error: &ServerError) -> Self {
        let detail = error.details().unwrap_or_default();
        told(error.code(), detail, format!("{} {detail}", error.code()))
    }
}

fn told(code: &str, detail: &str, text: String) -> Trouble {
    let words = detail.to_ascii_uppercase();
    if words.starts_with("UNKNOWN COMMAND") && words.contains("LMOVE") {
        return Trouble::Old;
    }
    // "MOVED 3999 127.0.0.1:6381", of which the code is split off.
    if code == "MOVED"
        && let Some(address) = detail.split_whitespace().next_back()
    {
        return Trouble::Moved(address.to_owned());
    }
    refused(code, text)
}

fn refused(code: &str, text: String) -> Trouble {
    let (reason, remedy) = match code {
        "WRONGTYPE" => ("wrong_type", "the key holds something else: check `list`"),
        "NOAUTH" => ("no_auth", "it wants a password: set `password` or `password_file`"),
        "WRONGPASS" => ("wrong_password", "check `user` and `password`"),
        "NOPERM" => (
            "no_permission",
            "the user may not do that to these keys; docs/redis.md says what it needs on the list and on mutt:*",
        ),
        "READONLY" => ("read_only", "it is a replica: let `url` name the primary"),
        "OOM" => (
            "out_of_memory",
            "it is at its maxmemory and can move nothing: raise maxmemory; this input then goes on by itself",
        ),
        "LOADING" | "BUSY" | "MASTERDOWN" | "CLUSTERDOWN" | "TRYAGAIN" => {
            ("busy", "it is tried again")
        }
        "MISCONF" => ("misconfigured", "it cannot save to its disk: look into its log"),
        _ => ("refused", "it is tried again"),
    };
    Trouble::Refused { reason, text, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_redis_says_has_a_reason_and_a_remedy() {
        for (code, reason, word) in [
            ("WRONGTYPE", "wrong_type", "`list`"),
            ("NOAUTH", "no_auth", "password"),
            ("READONLY", "read_only", "primary"),
            ("OOM", "out_of_memory", "maxmemory"),
            ("ERR", "refused", "again"),
        ] {
            let trouble = told(code, "some words", format!("{code} some words"));
            assert_eq!(trouble.reason(), reason);
            assert!(trouble.to_string().contains(word), "{trouble}");
            assert!(trouble.to_string().contains("some words"), "{trouble}");
        }
    }

    #[test]
    fn an_old_server_and_another_node_are_known() {
        let old = told("ERR", "unknown command 'BLMOVE', with args beginning with:", String::new());
        assert!(matches!(old, Trouble::Old), "{old}");
        let moved = told("MOVED", "3999 127.0.0.1:6381", String::new());
        assert!(matches!(&moved, Trouble::Moved(to) if to == "127.0.0.1:6381"), "{moved}");
    }
}
