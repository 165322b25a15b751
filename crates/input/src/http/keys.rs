//! Who may send over HTTP, and what is a repeat.
//!
//! From: the settings and a request's headers. To: http, which admits it and marks its messages.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// API keys, kept as SHA-256 digests only.
#[derive(Clone, Default)]
pub struct ApiKeys(Vec<[u8; 32]>);

impl ApiKeys {
    /// From the keys themselves; empty ones are left out.
    pub fn new<K: AsRef<str>>(keys: impl IntoIterator<Item = K>) -> Self {
        let given = keys.into_iter();
        Self(
            given
                .filter(|key| !key.as_ref().is_empty())
                .map(|key| Sha256::digest(key.as_ref()).into())
                .collect(),
        )
    }

    /// Whether no key is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `given` is one of the keys; with no keys anything is. How long it takes tells
    /// nothing of the keys: digests are compared, all of them, in constant time.
    pub fn admit(&self, given: Option<&[u8]>) -> bool {
        let Some(given) = given else { return self.is_empty() };
        let given: [u8; 32] = Sha256::digest(given).into();
        let found = self.0.iter().fold(Choice::from(0), |found, key| found | key.ct_eq(&given));
        self.is_empty() || bool::from(found)
    }
}

impl fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} API keys", self.0.len())
    }
}

/// What a message and its repeat have in common: the sender's key for it, its place in the batch,
/// and its bytes. The bytes guard against keys that are used twice for different messages.
pub(crate) fn repeat_of(what: &[u8], key: &[u8], index: usize, raw: &[u8]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in [what, key] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update((index as u64).to_le_bytes());
    hash.update(raw);
    let mut short = [0; 16];
    short.copy_from_slice(&hash.finalize()[..16]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admits_by_key() {
        let keys = ApiKeys::new(["one", "", "two"]);
        assert!(keys.admit(Some(b"one")) && keys.admit(Some(b"two")));
        assert!(!keys.admit(Some(b"three")) && !keys.admit(Some(b"")) && !keys.admit(None));
        assert!(ApiKeys::default().admit(None) && ApiKeys::default().admit(Some(b"any")));
        assert_eq!(format!("{keys:?}"), "2 API keys");
    }

    #[test]
    fn a_repeat_is_the_same_in_all_parts() {
        let first = repeat_of(b"k", b"ab", 0, b"raw");
        assert_eq!(first, repeat_of(b"k", b"ab", 0, b"raw"));
        for other in [
            repeat_of(b"c", b"ab", 0, b"raw"),
            repeat_of(b"ka", b"b", 0, b"raw"),
            repeat_of(b"k", b"ab", 1, b"raw"),
            repeat_of(b"k", b"ab", 0, b"rax"),
        ] {
            assert_ne!(first, other);
        }
    }
}
