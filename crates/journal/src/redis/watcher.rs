//! Looks at a lane again and again, and publishes what it saw.
//!
//! From: Redis, each `poll_ms`, less often while nothing comes, and whenever somebody wakes it. To: the lane's view and its `end`.
//! Nobody else publishes, so what is published is in order of what was seen.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use mutt_event::Timestamp;
use redis::cmd;
use tokio::time::{sleep, timeout};

use super::core::{Core, Kept};
use super::link::{Answers, info};
use super::script::Script;
use super::trouble::Trouble;
use crate::append::Position;

/// How often the start of the lane and the server's memory are looked at too.
const WHOLE_EVERY: Duration = Duration::from_secs(1);
/// The pause after a look that failed grows up to this.
const PAUSE_MAX: Duration = Duration::from_secs(1);
/// The pause after a look that found nothing new grows up to so many times `poll_ms`.
const IDLE_MAX: u32 = 4;

/// Watches until nobody has the lane any more.
async fn watch(lane: Weak<Core>) {
    let mut whole = Instant::now();
    let mut pause = Duration::ZERO;
    let mut end = 0;
    while let Some(core) = lane.upgrade() {
        let due = whole.elapsed() >= WHOLE_EVERY;
        let seen = look(&core, due).await;
        core.note_reading(seen.as_ref().err());
        let poll = Duration::from_millis(core.site.options.poll_ms);
        if seen.is_err() {
            pause = (pause * 2).clamp(poll, PAUSE_MAX);
            sleep(pause).await;
            continue;
        }
        if due {
            whole = Instant::now();
        }
        let before = std::mem::replace(&mut end, core.view().end);
        pause = if end == before { (pause * 2).clamp(poll, poll * IDLE_MAX) } else { poll };
        let _ = timeout(pause, core.wake.notified()).await;
    }
}

/// Looks once; at the start and the server's memory too if `whole`.
pub(super) async fn look(core: &Core, whole: bool) -> Result<(), Trouble> {
    let flag = if whole { "1" } else { "0" };
    let mut memory = cmd("INFO");
    memory.arg("memory");
    let mut answers = core.ask(Script::Look, &[flag], whole.then_some(&memory)).await?;
    let mut state = answers.list()?;
    let (seen, end, last_append) = (state.number()?, state.number()?, state.number()?);
    let (stored, bytes, free) = (state.number()?, state.number()?, state.number()?);
    let kept = if whole { Some(kept(&mut state, &mut answers, end)?) } else { None };
    {
        let mut view = core.view();
        (view.seen, view.end, view.last_append) = (timestamp(seen), end, timestamp(last_append));
        (view.stored, view.bytes, view.free) = (stored, bytes, free);
        if let Some(kept) = kept {
            view.kept = kept;
        }
    }
    core.end.send_if_modified(|known| std::mem::replace(known, Position(end)) != Position(end));
    Ok(())
}

fn kept(state: &mut Answers, answers: &mut Answers, end: u64) -> Result<Kept, Trouble> {
    let first = state.text()?;
    let start = if first.is_empty() { end } else { parse_id(&first)?.0 };
    let bytes_before = state.number()?;
    let memory = answers.text()?;
    let number = |name| info(&memory, name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let (memory_used, memory_max) = (number("used_memory"), number("maxmemory"));
    Ok(Kept { start, bytes_before, memory_used, memory_max })
}

/// First position and append time of an entry, from its id.
pub(super) fn parse_id(id: &str) -> Result<(u64, Timestamp), Trouble> {
    let wrong = Trouble::Unexpected("an entry's id that is not MUTT's");
    let (first, time) = id.split_once('-').ok_or(wrong.clone())?;
    match (first.parse(), time.parse()) {
        (Ok(first), Ok(time)) => Ok((first, timestamp(time))),
        _ => Err(wrong),
    }
}

pub(super) fn timestamp(micros: u64) -> Timestamp {
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// Starts watching, on the lane's runtime.
pub(super) fn start(core: &Arc<Core>) {
    core.site.runtime.spawn(watch(Arc::downgrade(core)));
}
