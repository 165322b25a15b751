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
    /// A window was read.
    has_read: bool,
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
            all.push(Back {
                lane: lane.clone(),
                floor,
                looked_to,
                found: VecDeque::new(),
                has_read: false,
            });
        }
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
                // Each request looks at a window of every lane, so each gets further.
                if lane.has_read && (is_spent || Instant::now() >= until) {
                    return Ok(false);
                }
                lane.has_read = true;
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mutt_event::{Flags, Input, Kind};
    use mutt_journal::{Batch, Log, Options, SimDisk, SimLane};

    use super::*;

    const LANES: u16 = 3;

    /// Messages of three lanes, in turns; the host is the number.
    fn lanes(messages: u16) -> Vec<SimLane<SimDisk>> {
        let options = Options {
            partitions: LANES,
            segment_bytes: 64 << 10,
            reserve_bytes: 0,
            ..Options::default()
        };
        let log = |_| Log::open(SimDisk::new(), options.clone(), Position::FIRST).unwrap().0;
        let mut logs: Vec<Log<SimDisk>> = (0..LANES).map(log).collect();
        for number in 0..messages {
            // Some lanes have more than others.
            let partition = (number * number) % LANES;
            let host = number.to_string();
            let envelope = Envelope {
                input: Input::SyslogTcp,
                kind: Kind::Syslog,
                flags: Flags::default(),
                received: Timestamp::ZERO,
                session: 0,
                peer: None,
                host: &host,
                dedup: None,
                usm: None,
                raw: &[b'.'; 100],
            };
            let mut batch = Batch::default();
            batch.push(partition, |into| envelope.encode_into(into));
            let time = Timestamp::from_millis(i64::from(number));
            logs[usize::from(partition)].commit(time, &[&batch]).unwrap();
        }
        let lane =
            |(log, partition): (&Log<SimDisk>, u16)| SimLane::new(log.handle(), "j", partition);
        logs.iter().zip(0..).map(lane).collect()
    }

    fn budget(messages: u64, bytes: u64) -> Budget {
        Budget { messages, bytes, until: Instant::now() + Duration::from_secs(60) }
    }

    fn number(stored: &Stored) -> u16 {
        Envelope::decode(&stored.payload).unwrap().host.parse().unwrap()
    }

    /// All that is wanted, request by request.
    fn all(
        lanes: &[SimLane<SimDisk>],
        times: (Option<Timestamp>, Option<Timestamp>),
        (limit, budget): (usize, Budget),
        wants: fn(u16) -> bool,
    ) -> Vec<u16> {
        let (mut found, mut from): (Vec<u16>, Option<Vec<(u16, u64)>>) = (Vec::new(), None);
        for _ in 0..10_000 {
            let mut back = Backwards::new(lanes, times, from.as_deref(), budget).unwrap();
            let wanted =
                |_: MessageId, envelope: &Envelope<'_>| wants(envelope.host.parse().unwrap());
            let (taken, end) = back.take(limit, wanted).unwrap();
            found.extend(taken.iter().map(number));
            if end == End::Start {
                return found;
            }
            from = Some(back.places());
        }
        panic!("it does not come to an end: {found:?}");
    }

    #[test]
    fn each_message_comes_once_the_newest_first_whatever_a_request_may_do() {
        let lanes = lanes(200);
        let even = |number: u16| number.is_multiple_of(2);
        let expected: Vec<u16> = (0..200).rev().filter(|number| even(*number)).collect();
        for (limit, budget) in [
            (1_000, budget(u64::MAX, u64::MAX)),
            (7, budget(u64::MAX, u64::MAX)),
            (1_000, budget(10, 1_000)),
            (3, budget(1, 1)),
        ] {
            let found = all(&lanes, (None, None), (limit, budget), even);
            assert_eq!(found, expected, "{limit} {budget:?}");
        }
        let nothing = all(&lanes, (None, None), (5, budget(10, 1_000)), |_| false);
        assert_eq!(nothing, Vec::<u16>::new());
    }

    #[test]
    fn what_is_older_or_newer_is_left_out() {
        let lanes = lanes(100);
        let at = |ms| Some(Timestamp::from_millis(ms));
        let found = all(&lanes, (at(20), at(30)), (4, budget(50, 500)), |_| true);
        assert_eq!(found, (20..30).rev().collect::<Vec<u16>>());
        let none = all(&lanes, (at(30), at(20)), (4, budget(50, 500)), |_| true);
        assert_eq!(none, Vec::<u16>::new());
    }
}
