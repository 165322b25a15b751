//! Reads a piece of a lane, unpacks it, and says exactly what is missing.
//!
//! From: the stream's entries. To: a [`ReadBatch`]. A damaged entry is treated as one that is not
//! there: what is missing is known by the positions around it, not by what it says itself.

use super::blob;
use super::core::Core;
use super::link::Answers;
use super::script::Script;
use super::trouble::Trouble;
use super::watcher::parse_id;
use crate::append::Position;
use crate::batch::ReadBatch;
use mutt_event::Timestamp;

/// Where a reader stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Cursor {
    /// The position that is read next.
    pub position: u64,
    /// The last entry seen, which reading goes on after; none after a seek.
    after: Option<String>,
    /// The first position of the last entry seen, if it was damaged.
    damaged: Option<u64>,
}

impl Cursor {
    pub fn at(position: u64) -> Self {
        Self { position, after: None, damaged: None }
    }
}

/// A piece of a lane.
#[derive(Debug)]
pub(super) struct Chunk {
    pub batch: ReadBatch,
    /// Where reading goes on.
    pub next: Cursor,
}

/// Reads about `max_bytes` from `cursor` on into `batch`. It is empty only if all that was below
/// the end when this began has been read.
pub(super) async fn fetch(
    core: &Core,
    cursor: Cursor,
    max_bytes: usize,
    mut batch: ReadBatch,
) -> Result<Chunk, Trouble> {
    batch.restart(Position(cursor.position));
    let mut filler = Filler { core, cursor, batch, raw: Vec::new() };
    let most = max_bytes.to_string();
    loop {
        let (from, seek) = match &filler.cursor.after {
            Some(id) => (format!("({id}"), "0"),
            None => (filler.cursor.position.to_string(), "1"),
        };
        let arguments = [&*from, &most, seek];
        let mut answers = core.ask(Script::Read, &arguments, None).await?.list()?;
        let (next, ended) = (answers.number()?, answers.number()? == 1);
        let mut entries = answers.list()?;
        while entries.len() > 0 {
            filler.entry(entries.list()?)?;
        }
        if ended {
            filler.lose_to(next);
        }
        if ended || !filler.batch.is_empty() {
            let Filler { cursor, mut batch, .. } = filler;
            batch.set_next(Position(cursor.position));
            return Ok(Chunk { batch, next: cursor });
        }
    }
}

struct Filler<'a> {
    core: &'a Core,
    cursor: Cursor,
    batch: ReadBatch,
    raw: Vec<u8>,
}

impl Filler<'_> {
    /// Takes an entry: what is missing before it, then its records.
    fn entry(&mut self, mut entry: Answers) -> Result<(), Trouble> {
        let id = entry.text()?;
        let (first, time) = parse_id(&id)?;
        let mut fields = entry.list()?;
        let (mut bytes, mut before) = (Vec::new(), None);
        while fields.len() > 0 {
            match (&*fields.text()?, fields.bytes()?.unwrap_or_default()) {
                ("b", value) => bytes = value,
                ("p", value) => before = str::from_utf8(&value).ok().and_then(|p| p.parse().ok()),
                _ => {}
            }
        }
        match before {
            Some(before) => self.jump(before, first),
            None => self.lose_to(first),
        }
        self.cursor.after = Some(id);
        self.cursor.damaged = None;
        match blob::decode(&bytes, &mut self.raw) {
            Ok(_) => self.records(first, time),
            Err(damage) => {
                let key = &self.core.keys.events;
                tracing::error!(key, first, %damage, "journal: an entry is damaged");
                self.cursor.damaged = Some(first);
            }
        }
        Ok(())
    }

    fn records(&mut self, first: u64, time: Timestamp) {
        let partition = self.core.partition;
        for (seq, payload) in (first..).zip(blob::payloads(&self.raw)) {
            if seq >= self.cursor.position {
                self.batch.push(seq, partition, time, payload);
                self.cursor.position = seq.saturating_add(1);
            }
        }
    }

    /// Positions up to `before` were given, those from there to `first` were left free.
    fn jump(&mut self, before: u64, first: u64) {
        self.lose_to(before.min(first));
        let from = self.cursor.position;
        if from < first {
            if from > before {
                self.core.note_withdrawn(from - before);
            }
            self.batch.push_free(from, first);
            self.cursor.position = first;
        }
    }

    /// What is left up to `to` cannot be read.
    fn lose_to(&mut self, to: u64) {
        let from = self.cursor.position;
        if from < to {
            if let Some(first) = self.cursor.damaged.take() {
                self.core.note_damaged(first, to - from);
            }
            self.batch.push_lost(from, to);
            self.cursor.position = to;
        }
    }
}
