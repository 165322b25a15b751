//! What an event must have before a condition can hold: its way into the index.
//!
//! From: a compiled condition. To: a set of keys, any one of which makes the condition a
//! candidate; the set that is likely to be the rarest in real traffic.

use mutt_event::Oid;

use super::check::Check;
use super::tree::{Node, TestNode};
use crate::field::Field;

/// A text field that the index knows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Slot {
    Message,
    Raw,
    Host,
    App,
    Mnemonic,
    Msgid,
}

impl Slot {
    pub fn of(field: &Field) -> Option<Slot> {
        Some(match field {
            Field::Message => Slot::Message,
            Field::Raw => Slot::Raw,
            Field::Host => Slot::Host,
            Field::App => Slot::App,
            Field::Mnemonic => Slot::Mnemonic,
            Field::Msgid => Slot::Msgid,
            _ => return None,
        })
    }
}

/// Something that an event has.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Key {
    /// This in lower case is in the field.
    Literal(Slot, Vec<u8>),
    /// This in lower case is the field.
    Word(Slot, Vec<u8>),
    /// The trap's OID is at or below this one; empty: any trap.
    Oid(Oid),
    /// The severity by number.
    Severity(u8),
    /// The members of a JSON object.
    Json,
}

/// The shortest literal worth looking for.
pub(crate) const LITERAL_MIN: usize = 2;

/// Above this share of events a key saves too little.
const RATE_MAX: f64 = 0.3;

/// Words that much of the traffic has.
const COMMON: [&str; 28] = [
    "interface",
    "state",
    "changed",
    "change",
    "down",
    "error",
    "failed",
    "failure",
    "warning",
    "from",
    "with",
    "user",
    "session",
    "connection",
    "port",
    "link",
    "status",
    "system",
    "line",
    "protocol",
    "neighbor",
    "message",
    "address",
    "ethernet",
    "closed",
    "opened",
    "login",
    "time",
];

/// The keys of which an event must have one, so that the condition can hold; none: it has no
/// anchor and must be tried on every event.
pub(crate) fn anchor(node: &Node) -> Option<Vec<Key>> {
    let (rate, keys) = keys(node)?;
    (rate < RATE_MAX && !keys.is_empty()).then_some(keys)
}

/// The rarest set of keys, with its estimated share of events.
fn keys(node: &Node) -> Option<(f64, Vec<Key>)> {
    match node {
        Node::All(parts) => parts.iter().filter_map(keys).min_by(|a, b| a.0.total_cmp(&b.0)),
        Node::Any(branches) => {
            let mut sum = (0.0, Vec::new());
            for branch in branches {
                let (rate, more) = keys(branch)?;
                sum.0 += rate;
                sum.1.extend(more);
            }
            sum.1.sort_unstable();
            sum.1.dedup();
            Some(sum)
        }
        Node::Not(_) => None,
        Node::Test(test) => test_keys(test),
    }
}

fn test_keys(node: &TestNode) -> Option<(f64, Vec<Key>)> {
    let field = &node.test.field;
    let keys = match &node.check {
        Check::Severities(bits) => {
            (0..8).filter(|number| bits & (1 << number) != 0).map(Key::Severity).collect()
        }
        Check::OidPrefix(oid) => vec![Key::Oid(oid.clone())],
        Check::OidIn(oids) => oids.iter().cloned().map(Key::Oid).collect(),
        Check::Exists(true) if *field == Field::TrapOid => vec![Key::Oid(Oid::default())],
        Check::Exists(false) => return None,
        // Only a trap has variables.
        _ if matches!(field, Field::Varbind(_)) => vec![Key::Oid(Oid::default())],
        _ if matches!(field, Field::Json(_)) => vec![Key::Json],
        _ => text_keys(node, Slot::of(field)?)?,
    };
    Some((keys.iter().map(rate).sum(), keys))
}

fn text_keys(node: &TestNode, slot: Slot) -> Option<Vec<Key>> {
    let scanned = matches!(slot, Slot::Message | Slot::Raw);
    let literal = |text: &[u8]| Key::Literal(slot, text.to_ascii_lowercase());
    Some(match &node.check {
        Check::Equals(texts) if !scanned => {
            texts.iter().map(|text| Key::Word(slot, text.to_ascii_lowercase())).collect()
        }
        Check::Equals(texts) => long_enough(texts)?.iter().map(|text| literal(text)).collect(),
        Check::Contains(text) | Check::StartsWith(text) | Check::EndsWith(text) => {
            long_enough(std::slice::from_ref(text))?.iter().map(|text| literal(text)).collect()
        }
        Check::Regex(_) => {
            node.literals()?.iter().map(|text| Key::Literal(slot, text.clone())).collect()
        }
        _ => return None,
    })
}

fn long_enough(texts: &[Vec<u8>]) -> Option<&[Vec<u8>]> {
    texts.iter().all(|text| text.len() >= LITERAL_MIN).then_some(texts)
}

/// An estimate of the share of events that have the key. Only its order matters.
fn rate(key: &Key) -> f64 {
    match key {
        // A second pass over the whole message costs as much as a few candidates.
        Key::Literal(Slot::Raw, text) => literal_rate(text) * 3.0,
        Key::Literal(_, text) => literal_rate(text),
        Key::Word(Slot::Mnemonic | Slot::Msgid, _) => 0.001,
        Key::Word(Slot::Host, _) => 0.002,
        Key::Word(..) => 0.02,
        Key::Oid(oid) if oid.arcs().len() >= 8 => 0.001,
        Key::Oid(_) => 0.03,
        Key::Json => 0.06,
        Key::Severity(0..=2) => 0.01,
        Key::Severity(3) => 0.05,
        Key::Severity(4) => 0.12,
        Key::Severity(_) => 0.3,
    }
}

/// Longer is rarer, and so is a literal with more in it than common words.
pub(super) fn literal_rate(text: &[u8]) -> f64 {
    let common = text
        .split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|word| COMMON.iter().any(|common| common.as_bytes() == *word))
        .map(<[u8]>::len)
        .sum::<usize>();
    // A common word tells about as much as two other letters.
    let telling = text.len() - common + common.div_ceil(4);
    match telling {
        0..=1 => 0.5,
        2 => 0.2,
        3 => 0.06,
        4 => 0.02,
        5 => 0.01,
        6..=7 => 0.004,
        8..=11 => 0.0015,
        _ => 0.0005,
    }
}
