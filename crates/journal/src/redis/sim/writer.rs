//! The writer of one process, step by step: what `dispatch.rs` and `write.rs` do by tasks.
//!
//! From: the queue that inputs append to. To: the simulated server; then the answer to each sender.

use std::collections::VecDeque;
use std::sync::Arc;

use super::super::dispatch::Part;
use super::super::pack::{self, Entry};
use super::super::ticket::Ticket;
use super::super::trouble::Trouble;
use super::server::SimRedis;
use crate::append::{AppendError, Position, Queue, WhenFull};
use crate::receipt::{Receipt, Run};

/// Stores what inputs took; see [`SimWriter::step`].
#[derive(Debug)]
pub struct SimWriter {
    redis: SimRedis,
    queue: Queue,
    lanes: Vec<LaneWriter>,
}

#[derive(Debug)]
struct LaneWriter {
    partition: u16,
    writer: u64,
    /// The last round's number.
    number: u64,
    /// Parts that are in no round, oldest first.
    held: VecDeque<Part>,
    /// It may be stored although no answer said so: it is sent again as it is.
    unsure: Option<Round>,
}

/// Parts that are stored together, or not at all.
#[derive(Debug)]
struct Round {
    parts: Vec<Part>,
    entries: Vec<Entry>,
}

impl SimWriter {
    /// The writer of a process that begins.
    pub fn new(redis: SimRedis, queue: Queue) -> Self {
        let lane = |partition| LaneWriter {
            partition,
            writer: redis.new_writer(),
            number: 0,
            held: VecDeque::new(),
            unsure: None,
        };
        let lanes = (0..redis.partitions()).map(lane).collect();
        Self { redis, queue, lanes }
    }

    /// Takes all that waits, and sends one round of a partition; whether there is nothing left of it.
    pub fn step(&mut self, partition: u16) -> bool {
        self.take();
        let Some(lane) = self.lanes.get_mut(usize::from(partition)) else { return true };
        lane.store(&self.redis);
        lane.held.is_empty() && lane.unsure.is_none()
    }

    fn take(&mut self) {
        while let Ok(queued) = self.queue.try_recv() {
            let (batch, when_full, mut asker) = queued.split();
            let pieces = pack::split(&batch);
            if pieces.is_empty() {
                asker.answer(Ok(Receipt::apart(Vec::new())));
                continue;
            }
            let ticket = Arc::new(Ticket::new(asker, pieces.len()));
            for piece in pieces {
                let part = Part { when_full, ticket: Arc::clone(&ticket), piece };
                match self.lanes.get_mut(usize::from(part.piece.partition)) {
                    Some(lane) => lane.held.push_back(part),
                    None => drop(part.ticket.failed(AppendError::Closed)),
                }
            }
        }
    }
}

impl LaneWriter {
    fn store(&mut self, redis: &SimRedis) {
        let is_unsure = self.unsure.is_some();
        let Some(round) = self.unsure.take().or_else(|| self.form()) else { return };
        match redis.append(self.partition, (self.writer, self.number), &round.entries) {
            Ok((first, time)) => {
                let mut next = first;
                for Part { piece, ticket, .. } in round.parts {
                    let (partition, count) = (piece.partition, piece.count);
                    ticket.stored(Run { partition, first: Position(next), count, time });
                    next += u64::from(count);
                }
            }
            Err(trouble) if is_unsure || trouble.unsure() => self.unsure = Some(round),
            Err(trouble) => self.hold(round.parts, &trouble),
        }
    }

    /// A round of all that waits, under the next number.
    fn form(&mut self) -> Option<Round> {
        self.held.retain(|part| !part.ticket.is_over());
        if self.held.is_empty() {
            return None;
        }
        self.number += 1;
        let parts: Vec<Part> = self.held.drain(..).collect();
        let entries = pack::pack(parts.iter().map(|part| &*part.piece.raw));
        Some(Round { parts, entries })
    }

    /// Nothing of it is stored: who does not wait is answered.
    fn hold(&mut self, parts: Vec<Part>, why: &Trouble) {
        for part in parts.into_iter().rev() {
            match part.when_full {
                WhenFull::Wait => self.held.push_front(part),
                WhenFull::Refuse => drop(part.ticket.failed(AppendError::Full(why.to_string()))),
            }
        }
    }
}
