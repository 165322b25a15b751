//! The patterns by slot and by id, and which of them changed. From and to: the miner.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;

use crate::templates::Slot;
use crate::trigger::Bar;
use crate::{Pattern, PatternId, State};

/// A pattern, and what of it is not stored.
#[derive(Debug)]
pub(crate) struct Held {
    pub pattern: Pattern,
    pub bar: Bar,
    changed: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Patterns {
    held: Vec<Option<Held>>,
    /// How often each slot was left.
    lives: Vec<u32>,
    ids: HashMap<PatternId, Slot, RandomState>,
    changed: BTreeSet<Slot>,
    count: usize,
}

impl Patterns {
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn life(&self, slot: Slot) -> u32 {
        self.lives.get(slot as usize).copied().unwrap_or_default()
    }

    pub fn slot_of(&self, id: PatternId) -> Option<Slot> {
        self.ids.get(&id).copied()
    }

    pub fn get(&self, slot: Slot) -> Option<&Pattern> {
        Some(&self.held.get(slot as usize)?.as_ref()?.pattern)
    }

    /// The pattern, which changes now.
    pub fn change(&mut self, slot: Slot) -> Option<&mut Held> {
        let held = self.held.get_mut(slot as usize)?.as_mut()?;
        if !held.changed {
            held.changed = true;
            self.changed.insert(slot);
        }
        Some(held)
    }

    /// Puts a pattern into a free slot.
    pub fn put(&mut self, slot: Slot, pattern: Pattern) {
        let place = slot as usize;
        if self.held.len() <= place {
            self.held.resize_with(place + 1, || None);
            self.lives.resize(place + 1, 0);
        }
        for alias in &pattern.aliases {
            self.ids.entry(*alias).or_insert(slot);
        }
        self.ids.insert(pattern.id, slot);
        self.held[place] = Some(Held { pattern, bar: Bar::default(), changed: false });
        self.count += 1;
    }

    /// Takes a pattern out with all its ids.
    pub fn take(&mut self, slot: Slot) -> Option<Pattern> {
        let held = self.held.get_mut(slot as usize)?.take()?;
        self.lives[slot as usize] = self.life(slot).wrapping_add(1);
        self.count -= 1;
        for id in held.pattern.aliases.iter().chain([&held.pattern.id]) {
            if self.ids.get(id) == Some(&slot) {
                self.ids.remove(id);
            }
        }
        if held.changed {
            self.changed.remove(&slot);
        }
        Some(held.pattern)
    }

    /// Lets the pattern's aliases lead to it, the newest of them up to `aliases_max`.
    pub fn name(&mut self, slot: Slot, aliases_max: usize) {
        let Some(held) = self.held.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        let aliases = &mut held.pattern.aliases;
        for alias in aliases.drain(..aliases.len().saturating_sub(aliases_max)) {
            self.ids.remove(&alias);
        }
        for alias in aliases {
            self.ids.insert(*alias, slot);
        }
    }

    /// Each pattern that changed since the last call, once, as it is now.
    pub fn take_changes(&mut self) -> Vec<Pattern> {
        let mut changes = Vec::with_capacity(self.changed.len());
        for slot in std::mem::take(&mut self.changed) {
            if let Some(held) = self.held.get_mut(slot as usize).and_then(Option::as_mut) {
                held.changed = false;
                changes.push(held.pattern.clone());
            }
        }
        changes
    }

    /// The `count` slots that make room first: open patterns before those that people decided
    /// on, then those seen least recently.
    pub fn oldest(&self, count: usize, of: impl Fn(&Pattern) -> bool) -> Vec<Slot> {
        let mut order: Vec<_> = (0..)
            .zip(&self.held)
            .filter_map(|(slot, held)| Some((slot, &held.as_ref()?.pattern)))
            .filter(|(_, pattern)| of(pattern))
            .map(|(slot, p)| (p.state != State::Open, p.last_seen, p.first_seen, p.id, slot))
            .collect();
        order.sort_unstable();
        order.into_iter().take(count).map(|(.., slot)| slot).collect()
    }
}
