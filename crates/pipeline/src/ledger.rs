//! The conservation ledger: what became of every stored message, from journal positions alone.
//!
//! From: the journal's counters and the readers' committed cursors, so it survives restarts.
//! To: metrics, `/readyz` and the summary that a person reads.
//!
//! For each reader, in each partition and in all:
//! - archive: stored = archived + unconfirmed + withheld + skipped + elsewhere + lost + waiting
//! - judge: stored = alerting + logged + suppressed + unhandled + repeated + lost + waiting
//!
//! `elsewhere` is what another reader takes: of the archive's readers, one takes syslog and one
//! takes traps, and each message is `elsewhere` for all but one. So over all archive readers
//! together, `elsewhere` is left out, and what one lost counts once.

use std::ops::Range;

use mutt_journal::{Lane, Position};
use mutt_store::{Counts, Cursor, Outcome};
use serde::Serialize;

/// What the journal says of itself at one moment. Taken after the cursors were read, so that it
/// is never behind them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// The journal's identity; cursors of another are left out.
    pub journal: String,
    /// Its lanes.
    pub lanes: Vec<StoredLane>,
    /// Messages stored since the journal began, by partition.
    pub partitions: Vec<u64>,
}

/// What a lane says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredLane {
    /// Its partitions.
    pub partitions: Range<u16>,
    /// The next position to be written: one less is the number of messages stored, with those
    /// that a recovery could not read any more, and with what was left free.
    pub end: Position,
    /// How many positions were left free.
    pub free: u64,
}

impl StoredLane {
    fn stored(&self) -> u64 {
        self.end.0.saturating_sub(1).saturating_sub(self.free)
    }
}

impl Stored {
    /// What the journal says now: all its lanes, in order of their partitions.
    pub fn now<L: Lane>(lanes: &[L]) -> Self {
        let mut stored = Self {
            journal: lanes.first().map(Lane::identity).unwrap_or_default(),
            lanes: Vec::with_capacity(lanes.len()),
            partitions: Vec::new(),
        };
        for lane in lanes {
            let (partitions, totals) = (lane.partitions(), lane.totals());
            stored.lanes.push(StoredLane { partitions, end: totals.end, free: totals.free });
            stored.partitions.extend(totals.stored);
        }
        stored
    }

    fn all(&self) -> u64 {
        self.lanes.iter().map(StoredLane::stored).sum()
    }
}

/// What became of all stored messages, by reader.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Ledger {
    /// The journal's identity.
    pub journal: String,
    /// Messages stored since the journal began.
    pub stored: u64,
    /// Each reader's account.
    pub readers: Vec<Account>,
    /// All readers named `archive/…` together.
    pub archive: Option<Line>,
}

/// A reader's account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Account {
    /// `judge`, `archive/syslog`, …
    pub reader: String,
    /// The first journal position that is not done; of several lanes one more than the positions
    /// that are.
    pub position: u64,
    /// In all.
    pub all: Line,
    /// By partition. A lost message's partition is not known: it stands in partition 0 here.
    pub partitions: Vec<Line>,
}

/// One equation: `stored` = the sum of `done` + `waiting`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Line {
    /// Messages stored.
    pub stored: u64,
    /// Messages not done yet.
    pub waiting: u64,
    /// Messages done, by what became of them.
    pub done: Counts,
}

impl Ledger {
    /// The ledger of the `readers` that this MUTT runs; other cursors are of no account.
    pub fn new(stored: &Stored, cursors: &[Cursor], readers: &[&str]) -> Self {
        let accounts: Vec<Account> =
            readers.iter().filter_map(|reader| account(stored, cursors, reader)).collect();
        let all = stored.all();
        let archive = archive(all, &accounts);
        Self { journal: stored.journal.clone(), stored: all, readers: accounts, archive }
    }

    /// Whether every account balances; the error names each that does not, with its figures.
    ///
    /// # Errors
    /// One sentence for each account that does not balance.
    pub fn balances(&self) -> Result<(), Vec<String>> {
        let wrong: Vec<String> = self.readers.iter().flat_map(Account::faults).collect();
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// The account of a reader.
    pub fn reader(&self, reader: &str) -> Option<&Account> {
        self.readers.iter().find(|account| account.reader == reader)
    }
}

impl Account {
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let done = self.all.done.total();
        // Positions are dense: as many messages are done as there are positions below the cursors,
        // but for those that were left free.
        if done != self.position.saturating_sub(1) {
            faults.push(format!(
                "{}: {done} messages are accounted for, but the cursor has passed {}",
                self.reader,
                self.position.saturating_sub(1)
            ));
        }
        // A lost message stands in partition 0, wherever it was: partitions may differ by those,
        // and by what was read in time and only then lost.
        let stored: u64 = self.partitions.iter().map(|line| line.stored).sum();
        let lost = self.all.done.get(Outcome::Lost) + self.all.stored.saturating_sub(stored);
        for (partition, line) in self.partitions.iter().enumerate() {
            let done = line.done.total();
            if done > line.stored.saturating_add(lost) {
                faults.push(format!(
                    "{}, partition {partition}: {done} messages are accounted for, but only {} \
                     were stored",
                    self.reader, line.stored
                ));
            }
        }
        let waiting: u64 = self.partitions.iter().map(|line| line.waiting).sum();
        if waiting.abs_diff(self.all.waiting) > lost {
            faults.push(format!(
                "{}: {} messages wait behind the cursor, but {waiting} by partition",
                self.reader, self.all.waiting
            ));
        }
        faults
    }
}

fn account(stored: &Stored, cursors: &[Cursor], reader: &str) -> Option<Account> {
    let mine = |cursor: &&Cursor| cursor.reader == reader && cursor.journal == stored.journal;
    let cursors: Vec<&Cursor> = cursors.iter().filter(mine).collect();
    cursors.first()?;
    let mut passed = 0;
    let mut ahead = 0;
    for lane in &stored.lanes {
        let of_lane = cursors.iter().filter(|cursor| lane.partitions.contains(&cursor.partition));
        let position = of_lane.map(|cursor| cursor.position).min().unwrap_or(1).max(1);
        passed += position - 1;
        ahead += lane.end.0.saturating_sub(position);
    }
    let (mut done, mut free_passed) = (Counts::default(), 0);
    let mut partitions = Vec::with_capacity(stored.partitions.len());
    for (partition, stored) in (0u16..).zip(&stored.partitions) {
        let cursor = cursors.iter().find(|cursor| cursor.partition == partition);
        let counts = cursor.map(|cursor| cursor.counts).unwrap_or_default();
        let (counts, free) = counts.without(Outcome::Free);
        done.merge(&counts);
        free_passed += free;
        let waiting = stored.saturating_sub(counts.total());
        partitions.push(Line { stored: *stored, waiting, done: counts });
    }
    let free: u64 = stored.lanes.iter().map(|lane| lane.free).sum();
    let waiting = ahead.saturating_sub(free.saturating_sub(free_passed));
    let all = Line { stored: stored.all(), waiting, done };
    let position = passed.saturating_sub(free_passed) + 1;
    Some(Account { reader: reader.to_owned(), position, all, partitions })
}

/// All archive readers in one line. A message waits while the reader that takes it has not done
/// it; while the readers stand at different positions, those that the first took for elsewhere
/// are waiting until the other has them.
fn archive(stored: u64, accounts: &[Account]) -> Option<Line> {
    let readers: Vec<&Account> =
        accounts.iter().filter(|account| account.reader.starts_with("archive/")).collect();
    // With one reader alone, what it does not take is archived nowhere: that stays visible.
    let alone = readers.len() == 1;
    let mut done = Counts::default();
    for (outcome, count) in readers.iter().flat_map(|account| account.all.done.iter()) {
        if outcome != Outcome::Lost && (alone || outcome != Outcome::Elsewhere) {
            done.add(outcome, count);
        }
    }
    let lost = readers.iter().map(|account| account.all.done.get(Outcome::Lost)).max()?;
    done.add(Outcome::Lost, lost);
    Some(Line { stored, waiting: stored.saturating_sub(done.total()), done })
}

#[cfg(test)]
mod tests {
    use mutt_event::Timestamp;

    use super::*;

    fn counts(parts: &[(Outcome, u64)]) -> Counts {
        let mut counts = Counts::default();
        for (outcome, n) in parts {
            counts.add(*outcome, *n);
        }
        counts
    }

    fn cursor(reader: &str, partition: u16, position: u64, parts: &[(Outcome, u64)]) -> Cursor {
        Cursor {
            reader: reader.into(),
            partition,
            journal: "j".into(),
            epoch: 1,
            position,
            time: Timestamp::ZERO,
            counts: counts(parts),
        }
    }

    fn stored(partitions: &[u64]) -> Stored {
        let end = Position(partitions.iter().sum::<u64>() + 1);
        let lane = StoredLane { partitions: 0..partitions.len() as u16, end, free: 0 };
        Stored { journal: "j".into(), lanes: vec![lane], partitions: partitions.to_vec() }
    }

    #[test]
    fn balances_when_every_position_has_an_outcome() {
        let cursors = [
            cursor("judge", 0, 8, &[(Outcome::Alerting, 1), (Outcome::Unhandled, 3)]),
            cursor("judge", 1, 8, &[(Outcome::Repeated, 3)]),
        ];
        let ledger = Ledger::new(&stored(&[6, 4]), &cursors, &["judge"]);
        assert_eq!(ledger.balances(), Ok(()));
        let judge = ledger.reader("judge").unwrap();
        assert_eq!((judge.all.stored, judge.all.waiting), (10, 3));
        assert_eq!(judge.partitions.iter().map(|line| line.waiting).collect::<Vec<_>>(), [2, 1]);
        assert!(ledger.archive.is_none());
    }

    #[test]
    fn a_message_missing_or_counted_twice_shows() {
        let missing = [cursor("judge", 0, 5, &[(Outcome::Alerting, 3)])];
        assert!(Ledger::new(&stored(&[4]), &missing, &["judge"]).balances().is_err());
        let twice = [
            cursor("judge", 0, 5, &[(Outcome::Alerting, 3)]),
            cursor("judge", 1, 5, &[(Outcome::Alerting, 1)]),
        ];
        assert!(Ledger::new(&stored(&[2, 2]), &twice, &["judge"]).balances().is_err());
    }

    #[test]
    fn lost_messages_stand_in_partition_0_and_balance() {
        let cursors = [
            cursor("judge", 0, 11, &[(Outcome::Lost, 5), (Outcome::Unhandled, 3)]),
            cursor("judge", 1, 11, &[(Outcome::Unhandled, 2)]),
        ];
        let ledger = Ledger::new(&stored(&[5, 5]), &cursors, &["judge"]);
        assert_eq!(ledger.balances(), Ok(()));
        assert_eq!(ledger.reader("judge").unwrap().all.waiting, 0);
    }

    #[test]
    fn what_was_read_before_it_was_lost_balances() {
        let cursors = [
            cursor("judge", 0, 11, &[(Outcome::Unhandled, 5)]),
            cursor("judge", 1, 11, &[(Outcome::Unhandled, 5)]),
        ];
        // A recovery found one of the second partition unreadable.
        let mut stored = stored(&[5, 4]);
        stored.lanes[0].end = Position(11);
        assert_eq!(Ledger::new(&stored, &cursors, &["judge"]).balances(), Ok(()));
    }

    #[test]
    fn the_archive_counts_each_message_once_over_its_readers() {
        let cursors = [
            cursor("archive/syslog", 0, 11, &[(Outcome::Archived, 7), (Outcome::Elsewhere, 3)]),
            cursor(
                "archive/trap",
                0,
                11,
                &[(Outcome::Unconfirmed, 2), (Outcome::Withheld, 1), (Outcome::Elsewhere, 7)],
            ),
        ];
        let ledger = Ledger::new(&stored(&[10]), &cursors, &["archive/syslog", "archive/trap"]);
        assert_eq!(ledger.balances(), Ok(()));
        let archive = ledger.archive.unwrap();
        assert_eq!(archive.waiting, 0);
        assert_eq!(archive.done.total(), 10);
        assert_eq!(archive.done.get(Outcome::Elsewhere), 0);
    }

    #[test]
    fn lanes_count_each_by_itself_and_what_was_left_free_is_no_message() {
        let lane = |partition: u16, end, free| StoredLane {
            partitions: partition..partition + 1,
            end: Position(end),
            free,
        };
        let lanes = vec![lane(0, 6, 0), lane(1, 104, 100)];
        let stored = Stored { journal: "j".into(), lanes, partitions: vec![5, 3] };
        // The second reader stands before the gap.
        let cursors = [
            cursor("judge", 0, 4, &[(Outcome::Unhandled, 3)]),
            cursor("judge", 1, 104, &[(Outcome::Unhandled, 3), (Outcome::Free, 100)]),
            cursor("other", 0, 6, &[(Outcome::Archived, 5)]),
            cursor("other", 1, 2, &[(Outcome::Archived, 1)]),
        ];
        let ledger = Ledger::new(&stored, &cursors, &["judge", "other"]);
        assert_eq!(ledger.balances(), Ok(()));
        assert_eq!(ledger.stored, 8);
        let waiting = |reader: &str| ledger.reader(reader).unwrap().all.waiting;
        assert_eq!((waiting("judge"), waiting("other")), (2, 2));
    }

    #[test]
    fn a_cursor_of_another_journal_is_of_no_account() {
        let mut other = cursor("judge", 0, 5, &[]);
        other.journal = "other".into();
        assert!(Ledger::new(&stored(&[4]), &[other], &["judge"]).readers.is_empty());
    }
}
