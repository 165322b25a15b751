//! The keys of one list and its workers; all hash to the slot of the list, so that a cluster moves
//! elements between them.
//!
//! From: the list's key and a worker's name. To: the commands of this input.

/// The longest worker's name.
const NAME_BYTES_MAX: usize = 128;

/// Keys by which the workers of one list find each other.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    /// The list that senders push to.
    pub list: String,
    /// The set of workers that have taken something.
    pub workers: String,
    base: String,
}

impl Keys {
    /// None: no other key can hash to the slot of such a list.
    pub fn new(list: &str) -> Option<Self> {
        let base = match hash_tag(list) {
            Some(_) => format!("mutt:{list}"),
            // Nothing of the list's own may end the braces early.
            None if list.contains('}') || list.is_empty() => return None,
            None => format!("mutt:{{{list}}}"),
        };
        Some(Self { list: list.to_owned(), workers: format!("{base}:workers"), base })
    }

    /// Where a worker has what it took and has not stored yet.
    pub fn taken_by(&self, worker: &str) -> String {
        format!("{}:worker:{worker}", self.base)
    }

    /// There while a worker is alive.
    pub fn alive(&self, worker: &str) -> String {
        format!("{}:alive:{worker}", self.base)
    }
}

/// What a cluster hashes of a key: between the first `{` and the next `}`, if that is not empty.
fn hash_tag(key: &str) -> Option<&str> {
    let (_, rest) = key.split_once('{')?;
    let (tag, _) = rest.split_once('}')?;
    (!tag.is_empty()).then_some(tag)
}

/// Whether a worker can be called so. Names come from Redis too, where anybody may write.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_hash_to_the_slot_of_the_list() {
        for (list, tag) in [("syslog", "syslog"), ("a:{b}:c", "b"), ("a{b", "a{b")] {
            let keys = Keys::new(list).unwrap();
            for key in [&keys.workers, &keys.taken_by("w-1"), &keys.alive("w-1")] {
                assert_eq!(hash_tag(key), Some(tag), "{key}");
            }
        }
        for list in ["", "{}", "a}b", "{}x{y}"] {
            assert!(Keys::new(list).is_none(), "{list}");
        }
    }

    #[test]
    fn names_of_workers() {
        assert!(is_name("mutt-1.example_2"));
        for name in ["", "a}b", "a b", "\u{e4}", &"x".repeat(129)] {
            assert!(!is_name(name), "{name}");
        }
    }
}
