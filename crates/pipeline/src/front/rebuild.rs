//! After a restart: what the judge must remember to know repeats, read again from the journal.

use std::ops::Range;

use mutt_event::Timestamp;
use mutt_journal::{Lane, LaneReader, Position, ReadBatch};

use crate::repeats::Repeats;
use crate::{JudgeSettings, StepError};

/// The first look back, in bytes of records; it doubles until it reaches far enough.
const LOOK_BACK_BYTES: u64 = 1 << 20;

/// The memory as it was when everything below `done` had been judged.
pub(super) fn repeats<L: Lane>(
    journal: &L,
    done: Position,
    settings: &JudgeSettings,
) -> Result<Repeats, StepError> {
    let mut batch = ReadBatch::default();
    // From the last one judged, not from now: however long MUTT was away, a Redis list has what
    // was stored last once more.
    let last = Position(done.0.saturating_sub(1)).max(Position::FIRST);
    let judged = first_time(journal, last, &mut batch)?.unwrap_or(journal.last_append());
    let window = settings.repeats.window;
    let oldest = judged.before(window);

    let mut bytes = LOOK_BACK_BYTES.min(settings.rebuild_bytes);
    loop {
        let from = journal.seek_back(done, bytes).min(done);
        let is_all = from <= journal.start() || bytes >= settings.rebuild_bytes;
        if is_all || first_time(journal, from, &mut batch)?.is_none_or(|time| time < oldest) {
            let repeats = read(journal, from..done, settings, &mut batch)?;
            // A time in which nothing was appended counts less than it lasted.
            if is_all || repeats.passed() >= window {
                return Ok(repeats);
            }
        }
        bytes = bytes.saturating_mul(2).min(settings.rebuild_bytes);
    }
}

/// What is remembered of a part of the journal.
fn read<L: Lane>(
    journal: &L,
    part: Range<Position>,
    settings: &JudgeSettings,
    batch: &mut ReadBatch,
) -> Result<Repeats, StepError> {
    let mut repeats = Repeats::new(settings.repeats.clone());
    let mut reader = journal.reader(part.start);
    while reader.position() < part.end {
        reader.read(settings.batch_bytes, batch)?;
        if batch.is_empty() {
            break;
        }
        for record in batch.records().take_while(|record| record.position < part.end) {
            repeats.see_record(&record);
        }
    }
    // Whatever was undecided there has been judged as new.
    repeats.done_before(part.end);
    Ok(repeats)
}

/// When the first message from `at` on was appended; none: there is none.
pub(crate) fn first_time<L: Lane>(
    journal: &L,
    at: Position,
    batch: &mut ReadBatch,
) -> Result<Option<Timestamp>, StepError> {
    journal.reader(at).read(1, batch)?;
    Ok(batch.records().next().map(|record| record.time))
}
