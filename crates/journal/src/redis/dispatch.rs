//! Splits what waits in the queue among the lanes' writers.
//!
//! From: the queue that inputs append to. To: each lane's [`Part`]s, in the order they came.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use super::core::Core;
use super::pack::{self, Piece};
use super::ticket::Ticket;
use super::write::LaneWriter;
use crate::append::{AppendError, Batch, Queue, Queued, WhenFull};
use crate::receipt::Receipt;
use crate::segment::PAYLOAD_MAX;
use crate::stats::JournalStats;

/// The most that one batch may hold, in bytes.
const BATCH_MAX: usize = 64 << 20;

/// What one lane has to store of a batch.
#[derive(Debug)]
pub(super) struct Part {
    pub piece: Piece,
    pub when_full: WhenFull,
    pub ticket: Arc<Ticket>,
}

/// A lane, and the way to its writer.
struct Way {
    core: Arc<Core>,
    parts: UnboundedSender<Part>,
}

/// Serves the queue until all appenders are gone and everything is answered.
pub(super) async fn serve(lanes: Vec<Arc<Core>>, mut queue: Queue, stats: JournalStats) {
    let mut writers = JoinSet::new();
    let ways: Vec<Way> = lanes
        .into_iter()
        .map(|core| {
            let (parts, queue) = unbounded_channel();
            writers.spawn(LaneWriter::new(Arc::clone(&core), queue, stats.clone()).run());
            Way { core, parts }
        })
        .collect();
    while let Some(queued) = queue.recv().await {
        dispatch(&ways, queued, &stats);
    }
    drop(ways);
    while writers.join_next().await.is_some() {}
}

/// Hands a batch to its lanes, unless it can be answered now.
fn dispatch(ways: &[Way], queued: Queued, stats: &JournalStats) {
    let (batch, when_full, mut asker) = queued.split();
    if let Err(error) = check(&batch, ways.len()) {
        return asker.answer(Err(error));
    }
    let pieces = pack::split(&batch);
    drop(batch);
    if pieces.is_empty() {
        return asker.answer(Ok(Receipt::apart(Vec::new())));
    }
    if when_full == WhenFull::Refuse
        && let Some(why) = pieces.iter().find_map(|piece| way(ways, piece)?.core.writing.get())
    {
        stats.refused_full();
        return asker.answer(Err(AppendError::Full(why)));
    }
    let ticket = Arc::new(Ticket::new(asker, pieces.len()));
    for piece in pieces {
        let Some(way) = way(ways, &piece) else { continue };
        let part = Part { piece, when_full, ticket: Arc::clone(&ticket) };
        if way.parts.send(part).is_err() {
            ticket.failed(AppendError::Closed);
        }
    }
}

fn way<'a>(ways: &'a [Way], piece: &Piece) -> Option<&'a Way> {
    ways.get(usize::from(piece.partition))
}

/// Whether a batch can be stored at all.
fn check(batch: &Batch, partitions: usize) -> Result<(), AppendError> {
    let bytes = batch.bytes();
    if bytes > BATCH_MAX {
        let why = format!("{bytes} bytes in one batch, of at most {BATCH_MAX}");
        return Err(AppendError::Invalid(why));
    }
    for (partition, payload) in batch.iter() {
        if usize::from(partition) >= partitions {
            let why = format!("partition {partition}, of a journal with {partitions}");
            return Err(AppendError::Invalid(why));
        }
        if payload.len() > PAYLOAD_MAX {
            let bytes = payload.len();
            let why = format!("a record of {bytes} bytes, of at most {PAYLOAD_MAX}");
            return Err(AppendError::Invalid(why));
        }
    }
    Ok(())
}
