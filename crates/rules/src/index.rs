//! Which conditions may hold of an event: found by what the event has, not by trying each.
//!
//! From: the anchors of all conditions. To: the few candidates of an event.

use std::collections::{BTreeMap, HashMap};

use daachorse::DoubleArrayAhoCorasick;
use mutt_event::Event;

use crate::compile::anchor::{Key, Slot};
use crate::unanchored::Unanchored;

/// A condition's number: `when`s by priority first, then those beside them.
pub(crate) type Entry = u32;

/// All anchors of a rule set.
#[derive(Debug, Default)]
pub(crate) struct Index {
    literals: Vec<(Slot, LiteralIndex)>,
    words: Vec<(Slot, WordIndex)>,
    oids: HashMap<Vec<u32>, Vec<Entry>>,
    /// Lengths that keys of `oids` have, ascending.
    oid_lengths: Vec<usize>,
    severities: [Vec<Entry>; 8],
    json: Vec<Entry>,
    unanchored: Unanchored,
}

/// One field's whole values in lower case.
type WordIndex = HashMap<Vec<u8>, Vec<Entry>>;

/// One field's literals in one automaton.
struct LiteralIndex {
    automaton: DoubleArrayAhoCorasick<u32>,
    /// By the automaton's value.
    entries: Vec<Vec<Entry>>,
}

impl std::fmt::Debug for LiteralIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LiteralIndex({} literals)", self.entries.len())
    }
}

/// Candidates of one event, and buffers to find them.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Ascending, each once.
    pub entries: Vec<Entry>,
    /// For each entry the round in which it was found last.
    seen: Vec<u32>,
    round: u32,
    lower: Vec<u8>,
}

impl Found {
    fn begin(&mut self, count: usize) {
        self.entries.clear();
        self.round = self.round.wrapping_add(1);
        if self.seen.len() < count || self.round == 0 {
            self.seen.clear();
            self.seen.resize(count, 0);
            self.round = 1;
        }
    }

    fn add(&mut self, entries: &[Entry]) {
        for entry in entries {
            let seen = &mut self.seen[*entry as usize];
            if *seen != self.round {
                *seen = self.round;
                self.entries.push(*entry);
            }
        }
    }
}

impl Index {
    /// From each entry's keys, and from those that have none.
    ///
    /// # Errors
    /// The automaton would be too large.
    pub fn new(anchors: Vec<(Entry, Vec<Key>)>, unanchored: Unanchored) -> Result<Index, String> {
        let mut index = Index { unanchored, ..Index::default() };
        let mut literals: BTreeMap<Slot, BTreeMap<Vec<u8>, Vec<Entry>>> = BTreeMap::new();
        let mut words: BTreeMap<Slot, WordIndex> = BTreeMap::new();
        for (entry, keys) in anchors {
            for key in keys {
                match key {
                    Key::Literal(slot, text) => {
                        literals.entry(slot).or_default().entry(text).or_default()
                    }
                    Key::Word(slot, text) => {
                        words.entry(slot).or_default().entry(text).or_default()
                    }
                    Key::Oid(oid) => index.oids.entry(oid.arcs().to_vec()).or_default(),
                    Key::Json => &mut index.json,
                    Key::Severity(number) => &mut index.severities[usize::from(number & 7)],
                }
                .push(entry);
            }
        }
        index.oid_lengths = index.oids.keys().map(Vec::len).collect();
        index.oid_lengths.sort_unstable();
        index.oid_lengths.dedup();
        index.words = words.into_iter().collect();
        for (slot, texts) in literals {
            index.literals.push((slot, LiteralIndex::new(texts)?));
        }
        Ok(index)
    }

    /// Finds an event's candidates among `count` entries.
    pub fn find(&self, event: &Event<'_>, count: usize, found: &mut Found) {
        found.begin(count);
        for (slot, index) in &self.literals {
            if let Some(text) = text_of(*slot, event) {
                fold(text, &mut found.lower);
                index.find(found);
            }
        }
        for (slot, words) in &self.words {
            if let Some(text) = text_of(*slot, event) {
                fold(text, &mut found.lower);
                if let Some(entries) = words.get(found.lower.as_slice()) {
                    found.add(entries);
                }
            }
        }
        if !self.oids.is_empty()
            && let Some(oid) = event.trap_oid()
        {
            for length in &self.oid_lengths {
                let Some(start) = oid.arcs().get(..*length) else { break };
                if let Some(entries) = self.oids.get(start) {
                    found.add(entries);
                }
            }
        }
        if let Some(severity) = event.severity {
            found.add(&self.severities[usize::from(severity.number())]);
        }
        if event.json.is_some() {
            found.add(&self.json);
        }
        self.unanchored.find(event, |entries| found.add(entries));
        found.entries.sort_unstable();
    }
}

impl LiteralIndex {
    fn new(texts: BTreeMap<Vec<u8>, Vec<Entry>>) -> Result<Self, String> {
        let patterns = texts.keys().zip(0u32..);
        let automaton = DoubleArrayAhoCorasick::with_values(patterns).map_err(|error| {
            format!("the literals of all rules do not fit one automaton: {error}")
        })?;
        Ok(Self { automaton, entries: texts.into_values().collect() })
    }

    /// Looks for all literals in `found.lower`.
    fn find(&self, found: &mut Found) {
        let lower = std::mem::take(&mut found.lower);
        for hit in self.automaton.find_overlapping_iter(&lower) {
            found.add(&self.entries[hit.value() as usize]);
        }
        found.lower = lower;
    }
}

fn text_of<'e>(slot: Slot, event: &'e Event<'_>) -> Option<&'e [u8]> {
    match slot {
        Slot::Message => Some(event.message.as_ref()),
        Slot::Raw => Some(event.raw),
        Slot::Host => Some(event.host.as_bytes()),
        Slot::App => event.app.as_deref(),
        Slot::Mnemonic => event.mnemonic.as_deref(),
        Slot::Msgid => event.msgid.as_deref(),
    }
}

fn fold(text: &[u8], into: &mut Vec<u8>) {
    into.clear();
    into.extend_from_slice(text);
    into.make_ascii_lowercase();
}
