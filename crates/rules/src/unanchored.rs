//! Conditions without an anchor: tried on every event, but most of them together.
//!
//! From: the few conditions that the index cannot find. To: candidates of an event. Those that
//! need a regex to match the message share one automaton; one pass tells whether any can hold.

use mutt_event::Event;
use regex::bytes::{RegexSet, RegexSetBuilder};

use crate::Limits;
use crate::compile::check::Check;
use crate::compile::tree::Node;
use crate::field::Field;
use crate::index::Entry;

#[derive(Debug, Default)]
pub(crate) struct Unanchored {
    /// Candidates always.
    alone: Vec<Entry>,
    /// Candidates if one of the set matches the message.
    together: Vec<(RegexSet, Vec<Entry>)>,
}

/// A regex that must match the message, and whether it minds the case.
type Needed = (String, bool);

impl Unanchored {
    /// From conditions and their entries.
    pub fn new(nodes: Vec<(Entry, &Node)>, limits: &Limits) -> Self {
        let mut unanchored = Self::default();
        for case in [false, true] {
            let mut patterns = Vec::new();
            let mut entries = Vec::new();
            for (entry, node) in &nodes {
                if let Some((pattern, _)) = needed(node).filter(|(_, minds)| *minds == case) {
                    patterns.push(pattern);
                    entries.push(*entry);
                }
            }
            let set = RegexSetBuilder::new(&patterns)
                .unicode(false)
                .case_insensitive(!case)
                .size_limit(limits.regex_bytes_max.saturating_mul(patterns.len() + 1))
                .build();
            match set {
                // A set saves nothing over a single regex.
                Ok(set) if patterns.len() > 1 => unanchored.together.push((set, entries)),
                _ => unanchored.alone.extend(entries),
            }
        }
        let without = nodes.iter().filter(|(_, node)| needed(node).is_none());
        unanchored.alone.extend(without.map(|(entry, _)| *entry));
        unanchored
    }

    /// Hands the event's candidates to `add`.
    pub fn find(&self, event: &Event<'_>, mut add: impl FnMut(&[Entry])) {
        add(&self.alone);
        for (set, entries) in &self.together {
            if set.is_match(&event.message) {
                add(entries);
            }
        }
    }
}

/// The regex without which the condition cannot hold.
fn needed(node: &Node) -> Option<Needed> {
    match node {
        Node::All(parts) => parts.iter().find_map(needed),
        Node::Test(test) => match &test.check {
            Check::Regex(regex) if test.test.field == Field::Message => {
                Some((regex.text().to_owned(), test.test.case))
            }
            _ => None,
        },
        Node::Any(_) | Node::Not(_) => None,
    }
}
