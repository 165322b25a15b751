//! Finds a place in a lane by bytes or by time: a binary search over its positions.
//!
//! From: ids of entries and what each says of those before it. To: a position.

use mutt_event::Timestamp;

use super::core::Core;
use super::script::Script;
use super::trouble::Trouble;
use super::watcher::parse_id;

/// An entry without its blob.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Found {
    pub id: String,
    pub first: u64,
    pub time: Timestamp,
    /// Bytes of blobs before it, since the lane's birth.
    pub bytes: u64,
    /// Bytes before it as they were before compression.
    pub raw: u64,
}

/// The last entry that begins at `position` or before.
pub(super) async fn at(core: &Core, position: u64) -> Result<Option<Found>, Trouble> {
    Ok(find(core, "XREVRANGE", &position.to_string(), "-").await?.1)
}

/// The first position of the entry after `found`, or of the first of all; the end if there is none.
async fn after(core: &Core, found: Option<&Found>) -> Result<u64, Trouble> {
    let from = found.map_or_else(|| "-".to_owned(), |found| format!("({}", found.id));
    let (next, found) = find(core, "XRANGE", &from, "+").await?;
    Ok(found.map_or(next, |found| found.first))
}

async fn find(
    core: &Core,
    how: &str,
    from: &str,
    to: &str,
) -> Result<(u64, Option<Found>), Trouble> {
    let mut answers = core.ask(Script::Find, &[how, from, to], None).await?.list()?;
    let (next, id) = (answers.number()?, answers.text()?);
    if id.is_empty() {
        return Ok((next, None));
    }
    let (first, time) = parse_id(&id)?;
    let (bytes, raw) = (answers.number()?, answers.number()?);
    Ok((next, Some(Found { id, first, time, bytes, raw })))
}

/// The last entry that begins before `end` and of which `early` holds; it must hold of all before.
async fn last(
    core: &Core,
    end: u64,
    early: impl Fn(&Found) -> bool,
) -> Result<Option<Found>, Trouble> {
    let (mut from, mut to, mut best) = (core.view().kept.start, end, None);
    while from < to {
        let middle = from + (to - from) / 2;
        match at(core, middle).await? {
            Some(found) if early(&found) => (from, best) = (middle + 1, Some(found)),
            Some(found) => to = found.first,
            None => from = middle + 1,
        }
    }
    Ok(best)
}

/// See [`Lane::seek_back`](crate::Lane::seek_back).
pub(super) async fn back(core: &Core, from: u64, bytes: u64) -> Result<u64, Trouble> {
    let Some(here) = at(core, from).await? else { return Ok(core.view().kept.start.min(from)) };
    let target = here.raw.saturating_sub(bytes);
    let found = last(core, here.first, |found| found.raw <= target).await?;
    match found {
        Some(found) => Ok(found.first),
        None if bytes == 0 => Ok(from),
        None => after(core, None).await.map(|start| start.min(from)),
    }
}

/// See [`Lane::seek_time`](crate::Lane::seek_time).
pub(super) async fn time(core: &Core, time: Timestamp) -> Result<u64, Trouble> {
    let end = core.view().end;
    let before = last(core, end, |found| found.time < time).await?;
    after(core, before.as_ref()).await
}

/// The first position of the last entry with at most `bytes` bytes of blobs before it.
pub(super) async fn bytes(core: &Core, bytes: u64) -> Result<u64, Trouble> {
    let end = core.view().end;
    let found = last(core, end, |found| found.bytes <= bytes).await?;
    Ok(found.map_or(0, |found| found.first))
}
