//! What the readers of single partitions did, by their trails: by which rules each message was
//! judged, and whether a time was told too early.
//!
//! From: the trails of judges and miner, and the journal. To: the reference, which follows the
//! correlator, and the counts.

use std::collections::BTreeMap;

use mutt_event::Timestamp;
use mutt_store::{Counts, Outcome};

use super::InJournal;
use super::judged::{Next, plans};
use super::says::{Plans, says};
use crate::node::PARTITIONS;
use crate::trail::{Did, Event, Whose};

/// The revision by which a reader judged each message, in the journal's order.
///
/// # Errors
/// It judged something twice, did not come to the end, or told a time that a message that was to
/// come is older than.
pub(super) fn ruled(
    journal: &[InJournal],
    history: &[Event],
    reader: &'static str,
) -> Result<Vec<u64>, String> {
    let mut all = Vec::with_capacity(journal.len());
    for partition in 0..PARTITIONS {
        let mut left = of(journal, partition);
        let (mut done, mut told, mut revision) = (0, Timestamp::ZERO, 0);
        let whose = Whose::Lane(reader, partition);
        for event in history.iter().filter(|event| event.whose == whose) {
            let position = event.before.2;
            if position < done {
                return Err(format!(
                    "{reader}/{partition} judged again from {position}, and all below {done} was done"
                ));
            }
            let judged = left.iter().take_while(|message| message.position < position).count();
            all.resize(all.len() + judged, revision);
            (left, done) = (&left[judged..], position);
            match &event.what {
                Did::Opened { book, .. } | Did::Followed { book } => revision = book.revision,
                Did::Judged => told = told.max(event.at),
                Did::Decided(..) => {}
            }
            if let Some(next) = left.first().filter(|next| next.time < told) {
                return Err(format!(
                    "{reader}/{partition} told {told}, and a message of {} was to come",
                    next.time
                ));
            }
        }
        if !left.is_empty() {
            return Err(format!("{reader}/{partition} did not judge the last {}", left.len()));
        }
    }
    Ok(all)
}

/// The messages of a partition; those of all stand one partition after the other.
fn of(journal: &[InJournal], partition: u16) -> &[InJournal] {
    let from = journal.partition_point(|message| message.partition < partition);
    let to = journal.partition_point(|message| message.partition <= partition);
    &journal[from..to]
}

/// What became of all messages where each was judged by its revision.
///
/// # Errors
/// There is no such revision.
pub(super) fn counts(journal: &[InJournal], ruled: &[u64]) -> Result<Counts, String> {
    let mut counts = Counts::default();
    for (outcome, _) in outcomes(journal, ruled)? {
        counts.add(outcome, 1);
    }
    Ok(counts)
}

/// The messages that the correlator was told of, in its order: by time, partition and position.
///
/// # Errors
/// There is no such revision.
pub(super) fn found<'a>(journal: &'a [InJournal], ruled: &[u64]) -> Result<Vec<Next<'a>>, String> {
    let told = |outcome| matches!(outcome, Outcome::Alerting | Outcome::Logged);
    let outcomes = outcomes(journal, ruled)?;
    let all = journal.iter().zip(outcomes).filter(|(_, (outcome, _))| told(*outcome));
    let next = |(message, (_, revision)): (&'a InJournal, _)| Next {
        key: (message.time, message.partition, message.position),
        revision: Some(revision),
        message,
    };
    let mut found: Vec<Next<'_>> = all.map(next).collect();
    found.sort_by_key(|next| next.key);
    Ok(found)
}

fn outcomes(journal: &[InJournal], ruled: &[u64]) -> Result<Vec<(Outcome, u64)>, String> {
    let mut known: BTreeMap<u64, Plans> = BTreeMap::new();
    let mut all = Vec::with_capacity(journal.len());
    for (message, revision) in journal.iter().zip(ruled) {
        if !known.contains_key(revision) {
            known.insert(*revision, plans(*revision)?);
        }
        let outcome = match message.repeated {
            true => Outcome::Repeated,
            false => says(message, *revision, &known[revision]).0,
        };
        all.push((outcome, *revision));
    }
    Ok(all)
}
