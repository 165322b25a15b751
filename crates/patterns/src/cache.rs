//! Which template a masked text had last time. From and to: the miner; most messages get no
//! further than this.
//!
//! One place for each hash: a newer text takes it from an older one, so nothing has to be evicted
//! and the size is what it is.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::templates::Slot;

#[derive(Debug)]
pub(crate) struct Cache {
    places: Vec<Option<Known>>,
    state: RandomState,
}

#[derive(Debug)]
struct Known {
    hash: u64,
    text: Box<[u8]>,
    slot: Slot,
    /// The life of the slot that is meant: the slot may have another template by now.
    life: u32,
}

impl Cache {
    pub fn new(size: usize) -> Self {
        let mut places = Vec::new();
        places.resize_with(size.max(1), || None);
        Self { places, state: RandomState::default() }
    }

    /// The slot of a masked text, and the life of that slot in which this was so.
    pub fn find(&self, text: &[u8]) -> Option<(Slot, u32)> {
        let hash = self.state.hash_one(text);
        let known = self.places[self.place(hash)].as_ref()?;
        (known.hash == hash && *known.text == *text).then_some((known.slot, known.life))
    }

    pub fn keep(&mut self, text: &[u8], slot: Slot, life: u32) {
        let hash = self.state.hash_one(text);
        let place = self.place(hash);
        self.places[place] = Some(Known { hash, text: text.into(), slot, life });
    }

    fn place(&self, hash: u64) -> usize {
        (hash % self.places.len() as u64) as usize
    }
}
