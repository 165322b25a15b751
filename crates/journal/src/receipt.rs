//! Where a batch was stored: what its sender is answered.
//!
//! From: a writer. To: the input that appended the batch, which names messages by it.

use mutt_event::{MessageId, Timestamp};

use crate::append::Position;

/// Where a batch was stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt(Place);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Place {
    /// One after the other, whatever their partition.
    Together { first: Position, count: u32, time: Timestamp },
    /// The records of each partition in a lane of its own.
    Apart(Box<[Run]>),
}

/// The records of a batch that one partition's lane took, one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// The partition.
    pub partition: u16,
    /// Position of the first of them.
    pub first: Position,
    /// How many there are.
    pub count: u32,
    /// When they were appended.
    pub time: Timestamp,
}

impl Receipt {
    /// All records follow `first` without a gap, whatever their partition.
    pub fn together(first: Position, count: u32, time: Timestamp) -> Self {
        Self(Place::Together { first, count, time })
    }

    /// The records of each partition follow each other in its own lane.
    pub fn apart(runs: Vec<Run>) -> Self {
        Self(Place::Apart(runs.into_boxed_slice()))
    }

    /// How many records the batch had.
    pub fn count(&self) -> u32 {
        match &self.0 {
            Place::Together { count, .. } => *count,
            Place::Apart(runs) => runs.iter().map(|run| run.count).sum(),
        }
    }

    /// The id of each record, in the batch's order; `partitions` are the records' own. It ends
    /// early at a record that the receipt says nothing of.
    pub fn ids(&self, partitions: &[u16]) -> impl Iterator<Item = MessageId> {
        let mut place = self.0.clone();
        partitions.iter().map_while(move |partition| place.take(*partition))
    }
}

impl Place {
    /// The id of the next record of `partition`.
    fn take(&mut self, partition: u16) -> Option<MessageId> {
        let (first, count, time) = match self {
            Place::Together { first, count, time } => (first, count, time),
            Place::Apart(runs) => {
                let run =
                    runs.iter_mut().find(|run| run.partition == partition && run.count > 0)?;
                (&mut run.first, &mut run.count, &mut run.time)
            }
        };
        *count = count.checked_sub(1)?;
        let id = MessageId { appended: *time, partition, position: first.0 };
        *first = first.next();
        Some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(receipt: &Receipt, partitions: &[u16]) -> Vec<(u16, u64)> {
        receipt.ids(partitions).map(|id| (id.partition, id.position)).collect()
    }

    #[test]
    fn one_lane_numbers_all_records() {
        let receipt = Receipt::together(Position(7), 3, Timestamp::ZERO);
        assert_eq!(places(&receipt, &[2, 0, 2]), [(2, 7), (0, 8), (2, 9)]);
        assert_eq!(receipt.ids(&[0; 9]).count(), 3);
    }

    #[test]
    fn each_lane_numbers_its_own() {
        let run = |partition, first, count| Run {
            partition,
            first: Position(first),
            count,
            time: Timestamp::ZERO,
        };
        let receipt = Receipt::apart(vec![run(0, 10, 1), run(2, 40, 2)]);
        assert_eq!(places(&receipt, &[2, 0, 2]), [(2, 40), (0, 10), (2, 41)]);
        assert_eq!(receipt.count(), 3);
    }
}
