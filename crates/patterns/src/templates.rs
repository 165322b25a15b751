//! The templates, found by a message's tokens. From: masked messages. To: the miner, which keeps
//! a pattern for each template.
//!
//! A template has one length. A message fits if it is equal where the template has no wildcard,
//! so it is looked up once for each set of places at which templates of its key and length have
//! become wildcards, and never compared with all of them.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::intern::{Id, Interner, is_gap, is_wild, is_word, wild_at};
use crate::mask::Masked;

/// Where a template is. It is given again once the template is gone.
pub(crate) type Slot = u32;

/// Places in a template, one bit each.
pub(crate) type Places = u128;

#[derive(Debug, Default)]
pub(crate) struct Templates {
    pub(crate) interner: Interner,
    rows: Vec<Row>,
    free: Vec<Slot>,
    /// By key and tokens.
    exact: HashMap<Box<[Id]>, Slot, RandomState>,
    buckets: HashMap<(u32, usize), Bucket, RandomState>,
    wanted: Vec<Id>,
    tried: Vec<Id>,
    born: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Row {
    /// The key's number, then the tokens.
    pub ids: Box<[Id]>,
    /// Which tokens became wildcards by widening.
    pub places: Places,
    /// Older ones have a lower number.
    pub born: u64,
}

impl Row {
    pub fn tokens(&self) -> &[Id] {
        self.ids.get(1..).unwrap_or_default()
    }

    fn bucket(&self) -> (u32, usize) {
        (self.ids.first().copied().unwrap_or_default(), self.ids.len())
    }
}

/// The templates of one key and length.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    /// In the order they came.
    pub members: Vec<Slot>,
    /// The places at which members were widened, and how many members at just these.
    places: Vec<(Places, u32)>,
}

impl Templates {
    /// The template that a message fits.
    pub fn find(&mut self, key: u32, text: &[u8], masked: &Masked) -> Option<Slot> {
        self.wanted.clear();
        self.wanted.push(key);
        for token in &masked.tokens {
            let number = self.interner.find(token.piece, text);
            self.wanted.push(number << 1 | u32::from(token.spaced));
        }
        let bucket = self.buckets.get(&(key, self.wanted.len()))?;
        for (places, _) in &bucket.places {
            self.tried.clear();
            self.tried.extend_from_slice(&self.wanted);
            if !open_up(&self.interner, &mut self.tried[1..], *places) {
                continue;
            }
            // It may be the template of a message with a number there, which is no wildcard yet.
            let found = self.exact.get(self.tried.as_slice()).copied();
            if let Some(slot) = found.filter(|slot| self.row(*slot).places == *places) {
                return Some(slot);
            }
        }
        None
    }

    /// A new template, as narrow as the message; the message must fit no other.
    pub fn add(&mut self, key: u32, text: &[u8], masked: &Masked, places: Places) -> Slot {
        let mut ids = Vec::with_capacity(masked.tokens.len() + 1);
        ids.push(key);
        for token in &masked.tokens {
            let number = self.interner.intern(token.piece, text);
            ids.push(number << 1 | u32::from(token.spaced));
        }
        self.born += 1;
        let row = Row { ids: ids.into(), places, born: self.born };
        let slot = self.free.pop().unwrap_or(self.rows.len() as Slot);
        if slot as usize == self.rows.len() {
            self.rows.push(Row::default());
        }
        self.put(slot, row);
        slot
    }

    /// The template is no more.
    pub fn remove(&mut self, slot: Slot) {
        let row = self.take(slot);
        for id in row.tokens() {
            self.interner.release(*id);
        }
        self.free.push(slot);
    }

    /// Makes wildcards of these places. No other template may be what this one becomes.
    pub fn widen(&mut self, slot: Slot, places: Places) {
        let mut row = self.take(slot);
        for (place, id) in row.ids.iter_mut().skip(1).enumerate() {
            if places >> place & 1 == 1 {
                self.interner.release(*id);
                *id = wild_at(*id);
            }
        }
        row.places |= places;
        self.put(slot, row);
    }

    pub fn row(&self, slot: Slot) -> &Row {
        &self.rows[slot as usize]
    }

    /// The templates of the same key and length, this one among them.
    pub fn neighbours(&self, slot: Slot) -> &[Slot] {
        self.buckets.get(&self.row(slot).bucket()).map_or(&[], |bucket| &bucket.members)
    }

    /// The template as people read it.
    pub fn text(&self, slot: Slot) -> String {
        let mut text = String::new();
        for id in self.row(slot).tokens() {
            self.interner.write(*id, &mut text);
        }
        text
    }

    fn put(&mut self, slot: Slot, row: Row) {
        let bucket = self.buckets.entry(row.bucket()).or_default();
        bucket.members.push(slot);
        match bucket.places.iter_mut().find(|(places, _)| *places == row.places) {
            Some((_, count)) => *count += 1,
            None => {
                bucket.places.push((row.places, 1));
                // The narrowest template that fits is the one.
                bucket.places.sort_by_key(|(places, _)| (places.count_ones(), *places));
            }
        }
        self.exact.insert(row.ids.clone(), slot);
        self.rows[slot as usize] = row;
    }

    fn take(&mut self, slot: Slot) -> Row {
        let row = std::mem::take(&mut self.rows[slot as usize]);
        self.exact.remove(&row.ids);
        if let Some(bucket) = self.buckets.get_mut(&row.bucket()) {
            bucket.members.retain(|member| *member != slot);
            for (places, count) in &mut bucket.places {
                *count -= u32::from(*places == row.places);
            }
            bucket.places.retain(|(_, count)| *count > 0);
            if bucket.members.is_empty() {
                self.buckets.remove(&row.bucket());
            }
        }
        row
    }
}

/// Makes wildcards of these places; `false` if one of them may be none.
fn open_up(interner: &Interner, tokens: &mut [Id], mut places: Places) -> bool {
    while places != 0 {
        let Some(id) = tokens.get_mut(places.trailing_zeros() as usize) else { return false };
        if !may_vary(interner, *id) {
            return false;
        }
        *id = wild_at(*id);
        places &= places - 1;
    }
    true
}

/// Whether a wildcard may stand for the token: marks and states stay what they are.
pub(crate) fn may_vary(interner: &Interner, id: Id) -> bool {
    is_wild(id) || is_gap(id) || is_word(id) && !interner.is_guard(id)
}
