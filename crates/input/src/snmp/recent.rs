//! A map that holds so many entries and no more: the one that was used longest ago makes room.
//!
//! From: what datagrams name, which anybody can make up. To: the checks, within bounds.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

#[derive(Debug)]
pub(super) struct Recent<K, V> {
    most: usize,
    turn: u64,
    values: HashMap<K, (u64, V)>,
    by_turn: BTreeMap<u64, K>,
    forgotten: u64,
}

impl<K: Eq + Hash + Clone, V> Recent<K, V> {
    pub fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            turn: 0,
            values: HashMap::new(),
            by_turn: BTreeMap::new(),
            forgotten: 0,
        }
    }

    /// The value of a key, which counts as used.
    pub fn get<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let (turn, value) = self.values.get_mut(key)?;
        self.turn += 1;
        if let Some(key) = self.by_turn.remove(turn) {
            self.by_turn.insert(self.turn, key);
        }
        *turn = self.turn;
        Some(value)
    }

    /// Holds a value from now on.
    pub fn insert(&mut self, key: K, value: V) {
        self.turn += 1;
        if let Some((turn, _)) = self.values.insert(key.clone(), (self.turn, value)) {
            self.by_turn.remove(&turn);
        }
        self.by_turn.insert(self.turn, key);
        if self.values.len() > self.most
            && let Some((_, oldest)) = self.by_turn.pop_first()
        {
            self.values.remove(&oldest);
            self.forgotten += 1;
        }
    }

    /// How many made room since this was asked last.
    pub fn take_forgotten(&mut self) -> u64 {
        std::mem::take(&mut self.forgotten)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_makes_room_and_is_counted() {
        let mut recent = Recent::new(2);
        recent.insert("a", 1);
        recent.insert("b", 2);
        assert_eq!(recent.get("a"), Some(&mut 1));
        recent.insert("c", 3);
        assert_eq!(recent.take_forgotten(), 1);
        assert_eq!(recent.get("a"), Some(&mut 1));
        assert_eq!(recent.get("b"), None);
        assert_eq!(recent.get("c"), Some(&mut 3));
        recent.insert("c", 4);
        assert_eq!(recent.take_forgotten(), 0);
        assert_eq!(recent.get("c"), Some(&mut 4));
        assert_eq!((recent.values.len(), recent.by_turn.len()), (2, 2));
    }
}
