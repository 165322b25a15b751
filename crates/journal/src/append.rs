//! The way into the journal: batches wait in a bounded queue until the writer has synced them.
//!
//! From: inputs. To: the writer, which takes whatever waits (group commit).

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::receipt::Receipt;

/// Where a record stands in its lane: dense, from 1, over all partitions that the lane holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Position(pub u64);

impl Position {
    /// The first position of a lane.
    pub const FIRST: Position = Position(1);

    /// The position after this one.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Messages that are stored together: one buffer, one answer.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    records: Vec<(u16, u32)>, // partition, end in bytes
}

impl Batch {
    /// An empty batch with room for `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), records: Vec::new() }
    }

    /// Adds a record to `partition`; `write` appends its payload to the buffer.
    pub fn push(&mut self, partition: u16, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.records.push((partition, u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)));
    }

    /// The number of records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether it holds no record.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The size of all payloads, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Partition and payload of each record, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &[u8])> {
        let mut start = 0;
        self.records.iter().map(move |(partition, end)| {
            let range: Range<usize> = start..*end as usize;
            start = range.end;
            (*partition, &self.bytes[range])
        })
    }
}

/// What an append does while the journal is full.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WhenFull {
    /// Waits; the sender feels it (TCP, RELP, UDP).
    Wait,
    /// Answers [`AppendError::Full`] at once (HTTP).
    Refuse,
}

/// A batch was not stored. Of a journal with one lane no part of it was; of one with several, the
/// parts for other lanes may have been, so who sends it again repeats these.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AppendError {
    /// The journal has reached its limit or the disk its reserve.
    #[error("journal full: {0}")]
    Full(String),
    /// The journal is closing.
    #[error("journal closed")]
    Closed,
    /// The batch cannot be stored here: a record too large, or a partition the journal lacks.
    #[error("batch refused: {0}")]
    Invalid(String),
    /// A write or a sync failed; the journal takes nothing more until a restart.
    #[error("journal failed: {0}")]
    Failed(String),
}

/// The answer to a batch that is on its way to disk.
#[derive(Debug)]
pub struct Pending(oneshot::Receiver<Result<Receipt, AppendError>>);

impl Pending {
    /// Waits until the batch is synced.
    pub async fn stored(self) -> Result<Receipt, AppendError> {
        self.0.await.unwrap_or(Err(AppendError::Closed))
    }
}

/// A batch in the queue, with the one who waits for it.
#[derive(Debug)]
pub struct Queued {
    /// The messages.
    pub batch: Batch,
    /// What to do while the journal is full.
    pub when_full: WhenFull,
    done: oneshot::Sender<Result<Receipt, AppendError>>,
    _room: OwnedSemaphorePermit,
}

/// Who waits for the answer to a batch; dropping it frees the room in the queue.
#[derive(Debug)]
pub(crate) struct Asker {
    done: Option<oneshot::Sender<Result<Receipt, AppendError>>>,
    _room: OwnedSemaphorePermit,
}

impl Asker {
    pub fn is_answered(&self) -> bool {
        self.done.is_none()
    }

    /// Answers, the first time it is called.
    pub fn answer(&mut self, result: Result<Receipt, AppendError>) {
        if let Some(done) = self.done.take() {
            // As in [`Queued::answer`].
            let _ = done.send(result);
        }
    }
}

impl Queued {
    /// Takes the batch from the one who waits for it.
    pub(crate) fn split(self) -> (Batch, WhenFull, Asker) {
        (self.batch, self.when_full, Asker { done: Some(self.done), _room: self._room })
    }

    /// Answers the one who waits, and frees the room in the queue.
    pub fn answer(self, result: Result<Receipt, AppendError>) {
        // Whoever waited may be gone (a closed connection); the batch is stored all the same.
        let _ = self.done.send(result);
    }
}

/// The writer's end of the queue.
pub type Queue = mpsc::UnboundedReceiver<Queued>;

/// The inputs' end of the queue. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Appender {
    queue: mpsc::UnboundedSender<Queued>,
    room: Arc<Semaphore>,
    bytes_max: usize,
    partitions: u16,
}

/// A queue that holds at most `bytes_max` bytes of batches, for a journal of `partitions`.
pub fn queue(partitions: u16, bytes_max: usize) -> (Appender, Queue) {
    let bytes_max = bytes_max.clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
    let (sender, queue) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(bytes_max));
    (Appender { queue: sender, room, bytes_max, partitions }, queue)
}

impl Appender {
    /// The number of partitions, P.
    pub fn partitions(&self) -> u16 {
        self.partitions
    }

    /// Puts a batch into the queue, waiting for room there; the answer comes through [`Pending`].
    ///
    /// # Errors
    /// [`AppendError::Closed`] when the writer is gone.
    pub async fn submit(&self, batch: Batch, when_full: WhenFull) -> Result<Pending, AppendError> {
        // A batch larger than the whole queue waits for all of it rather than for ever.
        let weight = batch.bytes().clamp(1, self.bytes_max) as u32;
        let room = Arc::clone(&self.room).acquire_many_owned(weight).await;
        let room = room.map_err(|_| AppendError::Closed)?;
        let (done, answer) = oneshot::channel();
        let queued = Queued { batch, when_full, done, _room: room };
        self.queue.send(queued).map_err(|_| AppendError::Closed)?;
        Ok(Pending(answer))
    }

    /// Stores a batch: the answer comes once it is on disk and synced.
    ///
    /// # Errors
    /// See [`AppendError`].
    pub async fn append(&self, batch: Batch, when_full: WhenFull) -> Result<Receipt, AppendError> {
        self.submit(batch, when_full).await?.stored().await
    }

    /// Bytes that wait in the queue now.
    pub fn waiting_bytes(&self) -> usize {
        self.bytes_max.saturating_sub(self.room.available_permits())
    }
}
