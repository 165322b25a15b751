//! Names one problem over all its lives: host, rule and key. From: a signal. To: the alert that
//! it belongs to, and Moogsoft's field of this name.

use mutt_rules::Plan;
use uuid::Uuid;

/// The longest signature in bytes; Moogsoft's limit.
pub const SIGNATURE_BYTES_MAX: usize = 767;

const JOIN: &str = "::";

/// It stands for all hosts.
const ALL_HOSTS: &str = "*";
const HASH_DIGITS: usize = 32;

/// Names the hashes of signatures, so that they differ from every other UUID.
const SIGNATURES: Uuid = Uuid::from_u128(0x6d75_7474_7369_5e00_8f3a_c0de_7369_676e);

/// `host::rule::key`, or `host::rule` with an empty key.
///
/// Never holds severity or time, so that a clear meets the alert it ends. Where the text would be
/// longer than [`SIGNATURE_BYTES_MAX`], or where `::` inside a part would let two problems share
/// it, it ends in `~` and a hash of the whole, and is cut before that at a character's edge.
pub fn signature(host: &str, rule_id: &str, key: &str) -> String {
    let mut text = String::with_capacity(host.len() + rule_id.len() + key.len() + 2 * JOIN.len());
    text.push_str(host);
    text.push_str(JOIN);
    text.push_str(rule_id);
    if !key.is_empty() {
        text.push_str(JOIN);
        text.push_str(key);
    }
    if text.len() > SIGNATURE_BYTES_MAX || !splits_into(&text, host, rule_id, key) {
        cut(&mut text, SIGNATURE_BYTES_MAX - HASH_DIGITS - 1);
        text.push('~');
        text.push_str(&hash(host, rule_id, key));
    }
    text
}

/// The signature of a rule's alert: one over all hosts has `*` in the host's place.
pub fn signature_of(plan: &Plan, host: &str, key: &str) -> String {
    signature(if plan.across_hosts { ALL_HOSTS } else { host }, &plan.rule_id, key)
}

fn splits_into(text: &str, host: &str, rule_id: &str, key: &str) -> bool {
    let mut parts = text.splitn(3, JOIN);
    parts.next() == Some(host)
        && parts.next() == Some(rule_id)
        && parts.next().unwrap_or_default() == key
}

fn cut(text: &mut String, most: usize) {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}

/// Each part goes in with its length, so that moving a byte over an edge changes the hash.
fn hash(host: &str, rule_id: &str, key: &str) -> String {
    let mut bytes = Vec::new();
    for part in [host, rule_id, key] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    Uuid::new_v5(&SIGNATURES, &bytes).simple().to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn joins_its_parts() {
        assert_eq!(signature("core-1", "link-down", "Gi0/1"), "core-1::link-down::Gi0/1");
        assert_eq!(signature("core-1", "fan", ""), "core-1::fan");
        assert_eq!(signature("core-1", "peer", "2001:db8::1"), "core-1::peer::2001:db8::1");
    }

    #[test]
    fn parts_that_hold_the_joint_do_not_meet() {
        let all = [
            signature("a::b", "c", "d"),
            signature("a", "b::c", "d"),
            signature("a", "b", "c::d"),
            signature("a:", "b", "c"),
            signature("a", ":b", "c"),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|other| other != one), "{one}");
        }
        assert_eq!(all[2], "a::b::c::d");
    }

    #[test]
    fn the_longest_plain_one_is_kept_and_the_next_is_cut() {
        let key = "k".repeat(SIGNATURE_BYTES_MAX - "h::r::".len());
        assert_eq!(signature("h", "r", &key), format!("h::r::{key}"));
        let cut = signature("h", "r", &format!("{key}k"));
        assert_eq!(cut.len(), SIGNATURE_BYTES_MAX);
        assert_ne!(cut, signature("h", "r", &format!("{key}l")));
    }

    proptest! {
        #[test]
        fn is_bounded_and_tells_problems_apart(
            a in ("[a:é]{0,4}", "[a:é]{1,4}", "[a:é]{0,500}"),
            b in ("[a:é]{0,4}", "[a:é]{1,4}", "[a:é]{0,500}"),
        ) {
            let one = signature(&a.0, &a.1, &a.2);
            let other = signature(&b.0, &b.1, &b.2);
            prop_assert!(one.len() <= SIGNATURE_BYTES_MAX);
            prop_assert_eq!(one == other, a == b);
        }
    }
}
