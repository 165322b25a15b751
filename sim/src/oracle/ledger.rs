//! The ledger at the end. From: the cursors. To: held to the journal and to the reference's counts.

use std::collections::BTreeSet;

use mutt_journal::Lane;
use mutt_pipeline::{ARCHIVE_SYSLOG, ARCHIVE_TRAP, JUDGE, Ledger, Stored};
use mutt_store::{Database, Outcome};

use super::judged::Expected;
use super::{InJournal, Seen, readers};
use crate::messages::Message;
use crate::world::now;

/// The ledger balances, nothing waits, and the judge counted what the reference counts.
pub(super) fn balanced<L: Lane>(
    seen: &Seen<'_, L>,
    journal: &[InJournal],
    expected: &Expected,
) -> Result<(), String> {
    let cursors = now(seen.store.cursors())?.map_err(|error| error.to_string())?;
    let ledger = Ledger::new(&Stored::now(seen.lanes), &cursors, &readers(seen.form));
    ledger.balances().map_err(|faults| faults.join("; "))?;
    for account in &ledger.readers {
        if account.all.waiting != 0 {
            return Err(format!("{} left {} waiting", account.reader, account.all.waiting));
        }
    }
    let lost = seen.lanes.iter().map(|lane| lane.totals().lost).sum();
    let judge = ledger.reader(JUDGE).ok_or("no account of the judge")?;
    let mut want = expected.counts;
    want.add(Outcome::Lost, lost);
    if judge.all.done != want {
        return Err(format!("the judge counted {:?}, not {want:?}", judge.all.done));
    }
    mined(seen, expected.mined)?;
    let archive = ledger.archive.as_ref().ok_or("no account of the archive")?;
    let traps = journal.iter().filter(|message| message.is_trap).count() as u64;
    let (archived, unconfirmed) =
        (archive.done.get(Outcome::Archived), archive.done.get(Outcome::Unconfirmed));
    if (archived, unconfirmed) != (journal.len() as u64 - traps, traps) || archive.waiting != 0 {
        return Err(format!("the archive's account is {archive:?}"));
    }
    Ok(())
}

/// Every message that no rule wants is counted once, by one pattern.
fn mined<L: Lane>(seen: &Seen<'_, L>, unhandled: u64) -> Result<(), String> {
    let patterns = now(seen.store.patterns())?.map_err(|error| error.to_string())?;
    let counted: u64 = patterns.iter().map(|pattern| pattern.count).sum();
    if counted != unhandled {
        return Err(format!("patterns count {counted} messages, and no rule wants {unhandled}"));
    }
    Ok(())
}

/// With some of the journal unreadable: all of it is accounted for at every reader, what reached
/// the archive was sent, and no more is missing there than was counted as lost. Answers how much
/// that was.
pub(super) fn counted<L: Lane>(seen: &Seen<'_, L>) -> Result<u64, String> {
    let cursors = now(seen.store.cursors())?.map_err(|error| error.to_string())?;
    let ledger = Ledger::new(&Stored::now(seen.lanes), &cursors, &readers(seen.form));
    ledger.balances().map_err(|faults| faults.join("; "))?;
    let mut most = 0;
    for (reader, archive) in [(ARCHIVE_SYSLOG, &seen.syslog), (ARCHIVE_TRAP, &seen.traps)] {
        let account = ledger.reader(reader).ok_or("no account of the archive")?;
        let lost = account.all.done.get(Outcome::Lost);
        let archived: BTreeSet<&[u8]> = archive.iter().map(Vec::as_slice).collect();
        let mine = |message: &&Message| message.is_trap() == (reader == ARCHIVE_TRAP);
        let sent = seen.senders.sent.values().filter(mine);
        let sent: BTreeSet<&[u8]> = sent.map(|message| message.raw.as_bytes()).collect();
        if let Some(unknown) = archived.difference(&sent).next() {
            return Err(format!("the archive has `{}`", String::from_utf8_lossy(unknown)));
        }
        let acknowledged = seen.senders.acknowledged.iter();
        let acknowledged = acknowledged.filter_map(|number| seen.senders.sent.get(number));
        let missing = acknowledged.filter(mine).filter(|m| !archived.contains(m.raw.as_bytes()));
        let missing = missing.count() as u64;
        if missing > lost {
            return Err(format!("{reader} lacks {missing} messages, and counted {lost} as lost"));
        }
        most = most.max(lost);
    }
    Ok(most)
}
