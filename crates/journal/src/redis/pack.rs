//! From batches to entries: each batch is split by partition, each lane's parts are packed.
//!
//! From: the queue's batches. To: lanes' writers. Pure.

use super::blob::{self, COUNT_MAX, LEN, RAW_BYTES};
use crate::append::Batch;

/// The records of a batch for one partition, each behind its length.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Piece {
    pub partition: u16,
    pub count: u32,
    pub raw: Vec<u8>,
}

/// One entry of a stream, before it is sealed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Entry {
    pub count: u16,
    pub raw: Vec<u8>,
}

/// Splits a batch by partition, in its order; the pieces are in order of partition.
pub(super) fn split(batch: &Batch) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for (partition, payload) in batch.iter() {
        let at = pieces.partition_point(|piece| piece.partition < partition);
        if pieces.get(at).is_none_or(|piece| piece.partition != partition) {
            pieces.insert(at, Piece { partition, ..Piece::default() });
        }
        let piece = &mut pieces[at];
        piece.count += 1;
        blob::put(&mut piece.raw, payload);
    }
    pieces
}

/// Packs raw blocks into as few entries as the limits of one allow, in order.
pub(super) fn pack<'a>(blocks: impl IntoIterator<Item = &'a [u8]>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for payload in blocks.into_iter().flat_map(blob::payloads) {
        let fits = entries.last().is_some_and(|entry| {
            usize::from(entry.count) < COUNT_MAX
                && entry.raw.len() + LEN + payload.len() <= RAW_BYTES
        });
        if !fits {
            entries.push(Entry::default());
        }
        if let Some(entry) = entries.last_mut() {
            entry.count += 1;
            blob::put(&mut entry.raw, payload);
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_record_is_in_one_entry_in_order(
            records in vec((0u16..4, vec(any::<u8>(), 0..40)), 0..1_500),
            large in 0usize..3,
        ) {
            let mut batch = Batch::default();
            let large = vec![(1, vec![7; RAW_BYTES + 5]); large];
            let all: Vec<(u16, Vec<u8>)> = records.into_iter().chain(large).collect();
            for (partition, payload) in &all {
                batch.push(*partition, |out| out.extend_from_slice(payload));
            }
            for piece in split(&batch) {
                let wanted: Vec<&[u8]> = all
                    .iter()
                    .filter(|(partition, _)| *partition == piece.partition)
                    .map(|(_, payload)| &**payload)
                    .collect();
                prop_assert_eq!(piece.count as usize, wanted.len());
                let entries = pack([&*piece.raw]);
                for entry in &entries {
                    prop_assert!(usize::from(entry.count) <= COUNT_MAX);
                    prop_assert!(entry.raw.len() <= RAW_BYTES || entry.count == 1);
                }
                let packed: Vec<&[u8]> =
                    entries.iter().flat_map(|entry| blob::payloads(&entry.raw)).collect();
                prop_assert_eq!(packed, wanted);
            }
        }
    }

    #[test]
    fn blocks_of_several_batches_share_an_entry() {
        let mut raw = Vec::new();
        blob::put(&mut raw, b"one");
        let entries = pack([&*raw, &*raw]);
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].count, 2);
    }
}
