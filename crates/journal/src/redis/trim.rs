//! Forgets old entries that all have read.
//!
//! From: the lowest cursor and the options. To: XTRIM MINID, whole entries, oldest first.

use mutt_event::Timestamp;
use redis::pipe;

use super::core::Core;
use super::seek;
use super::trouble::Trouble;
use super::watcher;

/// From this part of the server's memory on, what is kept only because it is recent makes room.
const MEMORY_HIGH: (u64, u64) = (8, 10);

/// What was trimmed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RedisTrimmed {
    /// Entries, each of up to 500 messages.
    pub entries: u64,
    /// Bytes of blobs.
    pub bytes: u64,
}

/// Trims what may go and must: never a position from `lowest` on, nor one younger than
/// `keep_behind` at `now`.
pub(super) async fn trim(
    core: &Core,
    lowest: u64,
    now: Timestamp,
) -> Result<RedisTrimmed, Trouble> {
    let options = &core.site.options;
    let kept = seek::time(core, now.before(options.keep_behind)).await?;
    let allowed = lowest.min(kept);
    let aged = seek::time(core, now.before(options.retain_age)).await?;
    let crowded = seek::bytes(core, bytes_to_leave(core)).await?;
    let to = seek::at(core, allowed.min(aged.max(crowded))).await?;
    let held = seek::at(core, allowed).await?;
    let before = core.view().kept;
    let mut trimmed = RedisTrimmed::default();
    if let Some(to) = to.filter(|to| to.first > before.start) {
        // The entry that holds the position stays.
        trimmed.entries = cut(core, to.first).await?;
        trimmed.bytes = to.bytes.saturating_sub(before.bytes_before);
        watcher::look(core, true).await?;
    }
    let mut view = core.view();
    view.held = held.map_or(view.bytes_kept(), |held| view.bytes.saturating_sub(held.bytes));
    Ok(trimmed)
}

/// How many bytes of the lane, since its birth, its share says must go.
fn bytes_to_leave(core: &Core) -> u64 {
    let lanes = u64::from(core.site.options.partitions);
    let view = core.view();
    let over_share = view.bytes.saturating_sub(core.site.options.retain_bytes / lanes);
    let high = view.kept.memory_max / MEMORY_HIGH.1 * MEMORY_HIGH.0;
    let over_memory = match view.kept.memory_max {
        0 => 0,
        _ => view.kept.bytes_before + view.kept.memory_used.saturating_sub(high) / lanes,
    };
    over_share.max(over_memory)
}

async fn cut(core: &Core, first: u64) -> Result<u64, Trouble> {
    let mut commands = pipe();
    commands.cmd("XTRIM").arg(&core.keys.events).arg("MINID").arg(first);
    let link = core.site.masters.open(core.keys.slot).await?;
    link.ask(&commands).await?.number()
}
