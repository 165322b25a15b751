//! Sorts what was read: to be sent, or decided otherwise; and offers the channel what is to be
//! sent.

use std::ops::Range;

use mutt_event::{Envelope, Kind, Timestamp, trap};
use mutt_journal::{Lane, LaneReader, Position, ReadBatch, Record};
use mutt_output::{Channel, Outgoing};
use mutt_store::{Database, Outcome};

use super::flight::Entry;
use super::{Archiver, Link, OFFER_MAX, OFFER_MIN, Stopped, Takes, WhenBehind};

/// How much of a batch is on its way or decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Used {
    records: usize,
    gaps: usize,
}

impl Used {
    const NOTHING: Used = Used { records: 0, gaps: 0 };
    /// Whatever there is in a batch.
    pub const ALL: Used = Used { records: usize::MAX, gaps: usize::MAX };

    pub fn is_all(self, batch: &ReadBatch) -> bool {
        self.records >= batch.len() && self.gaps >= batch.lost().len() + batch.free().len()
    }
}

/// The next part of a batch, in the journal's order.
struct Sorted<'a> {
    /// Up to and without the first message that there was no room for.
    entries: Vec<Entry>,
    /// The messages among them that are to be sent.
    outgoing: Vec<Outgoing<'a>>,
}

/// What becomes of a message.
enum Fate<'a> {
    Send(Outgoing<'a>),
    Decided(Outcome),
}

impl<L: Lane, B: Database, Ch: Channel> Archiver<L, B, Ch> {
    /// Offers the channel the next messages, as many as it and the rate take now; while there is
    /// no channel, what needs none is decided all the same. Answers whether anything moved.
    pub(super) async fn send(&mut self, now: Timestamp) -> Result<bool, Stopped> {
        // Dropped by choice while there is no receiver: read again, so that it is counted as lost
        // and told now, not when the receiver is back.
        if matches!(self.link, Link::Closed { .. }) && self.done < self.parts.journal.start() {
            self.rewind(self.done);
        }
        if self.used.is_all(&self.batch) {
            self.reader.read(self.settings.batch_bytes, &mut self.batch)?;
            self.used = Used::NOTHING;
            if self.batch.is_empty() {
                return Ok(false);
            }
        }
        let room = match self.link {
            Link::Open => usize::try_from(self.rate.available(now)).unwrap_or(usize::MAX),
            Link::Closed { .. } => 0,
        };
        let from = self.used;
        let batch = std::mem::take(&mut self.batch);
        let sent = self.offer(now, &batch, room.min(self.offer_max)).await;
        self.batch = batch;
        sent?;
        Ok(self.used != from)
    }

    async fn offer(
        &mut self,
        now: Timestamp,
        batch: &ReadBatch,
        room: usize,
    ) -> Result<(), Stopped> {
        if self.parts.tenure.left().is_zero() {
            // Whoever drives it renews the lease before the next step.
            return Ok(());
        }
        let sorted = sort(batch, self.used, room, self.settings.takes, self.skip_to);
        let offered = sorted.outgoing.len();
        let mut taken = 0;
        if offered > 0 {
            taken = self.parts.channel.send(&sorted.outgoing).await?.min(offered);
            self.rate.take(now, taken as u64);
            self.offer_max = match taken == offered {
                true => self.offer_max.saturating_mul(2).min(OFFER_MAX),
                false => taken.max(OFFER_MIN),
            };
        }
        let mut sent = 0;
        for entry in sorted.entries {
            sent += usize::from(entry.outcome.is_none());
            if sent > taken {
                break;
            }
            match entry.is_record {
                true => self.used.records += 1,
                false => self.used.gaps += 1,
            }
            self.flight.push(entry);
        }
        self.settle(self.flight.confirmed());
        Ok(())
    }

    /// With too much waiting and `skip` chosen: what is over the limit is not sent any more.
    pub(super) fn check_backlog(&mut self, now: Timestamp) {
        if self.settings.when_behind == WhenBehind::Block || now < self.look_at {
            return;
        }
        self.look_at = now.after(self.settings.look_every);
        let end = self.parts.journal.end();
        let from = self.parts.journal.seek_back(end, self.settings.backlog_bytes);
        if from > self.skip_to && from > self.done {
            tracing::warn!(
                reader = self.settings.name,
                from = self.done.0,
                to = from.0,
                "archive over its backlog limit: skipped"
            );
            self.skip_to = from;
        }
    }
}

fn sort<'a>(
    batch: &'a ReadBatch,
    used: Used,
    room: usize,
    takes: Takes,
    skip_to: Position,
) -> Sorted<'a> {
    let left = batch.len().saturating_sub(used.records);
    let mut sorted = Sorted {
        entries: Vec::with_capacity(left.min(room.saturating_add(1))),
        outgoing: Vec::with_capacity(left.min(room)),
    };
    let mut gaps = batch.gaps().into_iter().skip(used.gaps).peekable();
    for record in batch.records().skip(used.records) {
        while let Some(gap) = gaps.next_if(|(range, _)| range.start < record.position) {
            sorted.entries.push(gap_entry(gap, record.time));
        }
        let outcome = match fate(&record, takes, skip_to) {
            Fate::Decided(outcome) => Some(outcome),
            Fate::Send(_) if sorted.outgoing.len() >= room => return sorted,
            Fate::Send(outgoing) => {
                sorted.outgoing.push(outgoing);
                None
            }
        };
        sorted.entries.push(Entry {
            from: record.position,
            to: record.position.next(),
            partition: record.partition,
            time: record.time,
            outcome,
            is_record: true,
        });
    }
    sorted.entries.extend(gaps.map(|gap| gap_entry(gap, Timestamp::ZERO)));
    sorted
}

fn gap_entry((range, is_free): (Range<Position>, bool), time: Timestamp) -> Entry {
    let (from, to) = (range.start, range.end);
    let outcome = if is_free { Outcome::Free } else { Outcome::Lost };
    Entry { from, to, partition: 0, time, outcome: Some(outcome), is_record: false }
}

fn fate<'a>(record: &Record<'a>, takes: Takes, skip_to: Position) -> Fate<'a> {
    let envelope = match Envelope::decode(record.payload) {
        Ok(envelope) => envelope,
        Err(error) => {
            tracing::error!(correlation_id = %record.id(), %error, "stored message unreadable");
            return Fate::Decided(Outcome::Lost);
        }
    };
    if !takes.takes(envelope.kind) {
        return Fate::Decided(Outcome::Elsewhere);
    }
    if envelope.kind == Kind::Trap && trap::is_netim_own(envelope.raw, envelope.usm.as_ref()) {
        return Fate::Decided(Outcome::Withheld);
    }
    if record.position < skip_to {
        return Fate::Decided(Outcome::Skipped);
    }
    Fate::Send(Outgoing {
        kind: envelope.kind,
        input: envelope.input,
        flags: envelope.flags,
        received: envelope.received,
        host: envelope.host,
        peer: envelope.peer,
        raw: envelope.raw,
    })
}
