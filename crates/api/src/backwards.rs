//! The journal from its end: windows of each lane are read one before the other, and messages of all
//! lanes come newest first.
//!
//! From: lanes. To: a search, which is told of every message once, within a budget. What was not
//! looked at is said as a place in each lane, so that another request goes on there.

use std::collections::VecDeque;
use std::time::Instant;

use mutt_event::{Envelope, MessageId, Timestamp};
use mutt_journal::{Lane, LaneReader, Position, ReadBatch, ReadError};

/// How much work one request may make.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Messages that are looked at.
    pub messages: u64,
    /// Bytes of the journal that are read.
    pub bytes: u64,
    /// A request that is about to take longer ends.
    pub until: Instant,
}

/// A message that is wanted, as it was stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// Its id.
    pub id: MessageId,
    /// Its envelope.
    pub payload: Vec<u8>,
}

/// One lane, from its end.
struct Back<L: Lane> {
    lane: L,
    /// Nothing before this is wanted.
    floor: Position,
    /// All from here on was looked at, but what waits in `found`.
    looked_to: Position,
    /// What is wanted of the last window, the newest first.
    found: VecDeque<Stored>,
}

/// All lanes, from their ends.
pub struct Backwards<L: Lane> {
    lanes: Vec<Back<L>>,
    budget: Budget,
    window_bytes: u64,
    /// How many messages were looked at.
    pub looked_at: u64,
    read_bytes: u64,
}

/// Where it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// So many were found as were wanted.
    Full,
    /// There is nothing more.
    Start,
    /// The work is at its limit.
    Budget,
}

impl<L: Lane> Back<L> {
    /// The first position that is not to be looked at again.
    fn cursor(&self) -> Position {
        self.found.front().map_or(self.looked_to, |newest| Position(newest.id.position + 1))
    }

    fn is_done(&self) -> bool {
        self.found.is_empty() && self.looked_to <= self.floor
    }

    /// Reads the window before; answers how many messages and bytes it had.
    fn read(
        &mut self,
        bytes: u64,
        wants: &mut impl FnMut(MessageId, &Envelope<'_>) -> bool,
    ) -> Result<(u64, u64), ReadError> {
        let start = self.lane.seek_back(self.looked_to, bytes).max(self.floor);
        if start >= self.looked_to {
            // What was before is trimmed by now.
            self.looked_to = self.floor;
            return Ok((0, 0));
        }
        let (mut messages, mut read) = (0, 0);
        let (mut reader, mut batch) = (self.lane.reader(start), ReadBatch::default());
        while reader.position() < self.looked_to {
            reader.read(usize::try_from(bytes).unwrap_or(usize::MAX), &mut batch)?;
            if batch.is_empty() {
                break;
            }
            for record in batch.records().take_while(|record| record.position < self.looked_to) {
                messages += 1;
                read += record.payload.len() as u64;
                let Ok(envelope) = Envelope::decode(record.payload) else { continue };
                if wants(record.id(), &envelope) {
                    let payload = record.payload.to_vec();
                    self.found.push_front(Stored { id: record.id(), payload });
                }
            }
        }
        self.looked_to = start;
        Ok((messages, read))
    }
}

impl<L: Lane> Backwards<L> {
    /// From these places, or from the ends, back to `since`; what was stored at `until` or later is
    /// left out.
    ///
    /// # Errors
    /// The journal does not answer.
    pub fn new(
        lanes: &[L],
        (since, until): (Option<Timestamp>, Option<Timestamp>),
        from: Option<&[(u16, u64)]>,
        budget: Budget,
    ) -> Result<Self, ReadError> {
        let mut all = Vec::with_capacity(lanes.len());
        for lane in lanes {
            let floor = match since {
                Some(since) => lane.seek_time(since)?.max(lane.start()),
                None => lane.start(),
            };
            let end = match until {
                Some(until) => lane.seek_time(until)?.min(lane.end()),
                None => lane.end(),
            };
            let first = lane.partitions().start;
            let place = from.and_then(|all| all.iter().find(|(of, _)| *of == first));
            let looked_to = place.map_or(end, |(_, place)| Position(*place).min(end));
            all.push(Back { lane: lane.clone(), floor, looked_to, found: VecDeque::new() });
        }
        // Each request can look at a window of every lane, so each gets further.
        let window_bytes = (budget.bytes / (2 * all.len().max(1) as u64)).clamp(1, 1 << 20);
        Ok(Self { lanes: all, budget, window_bytes, looked_at: 0, read_bytes: 0 })
    }

    /// The newest messages that are wanted and not told yet, at most so many.
    ///
    /// # Errors
    /// The journal does not answer.
    pub fn take(
        &mut self,
        most: usize,
        mut wants: impl FnMut(MessageId, &Envelope<'_>) -> bool,
    ) -> Result<(Vec<Stored>, End), ReadError> {
        let mut taken = Vec::new();
        loop {
            if taken.len() >= most {
                return Ok((taken, End::Full));
            }
            if !self.fill(&mut wants)? {
                return Ok((taken, End::Budget));
            }
            let newest = self.lanes.iter_mut().filter(|lane| !lane.found.is_empty());
            let newest = newest.max_by_key(|lane| lane.found.front().map(|found| found.id));
            match newest.and_then(|lane| lane.found.pop_front()) {
                Some(found) => taken.push(found),
                None => return Ok((taken, End::Start)),
            }
        }
    }

    /// Reads until each lane has something that is wanted, or nothing more; answers whether the
    /// budget allowed it.
    fn fill(
        &mut self,
        wants: &mut impl FnMut(MessageId, &Envelope<'_>) -> bool,
    ) -> Result<bool, ReadError> {
        for lane in &mut self.lanes {
            while lane.found.is_empty() && !lane.is_done() {
                let Budget { messages, bytes, until } = self.budget;
                let is_spent = self.looked_at >= messages || self.read_bytes >= bytes;
                if is_spent || Instant::now() >= until {
                    return Ok(false);
                }
                let (messages, read) = lane.read(self.window_bytes, wants)?;
                self.looked_at += messages;
                self.read_bytes += read;
            }
        }
        Ok(true)
    }

    /// Where to go on, by each lane's first partition.
    pub fn places(&self) -> Vec<(u16, u64)> {
        let place = |lane: &Back<L>| (lane.lane.partitions().start, lane.cursor().0);
        self.lanes.iter().map(place).collect()
    }
}
