//! What must be true at the end, by a reference that is simple and slow.
//!
//! From: what the senders were promised, and the journal as it stands. To: what the archive, the
//! alerts, Moogsoft and the ledger must show.

use std::collections::{BTreeMap, HashSet};

use mutt_event::{Envelope, Input, Timestamp};
use mutt_journal::{Appender, Lane, LaneReader as _, Position, ReadBatch, Record};
use mutt_pipeline::{ARCHIVE_SYSLOG, ARCHIVE_TRAP, JUDGE, MINE};
use mutt_store::{Database, Delivery, History as _, MemoryStore};

use crate::messages::{Said, read};
use crate::node::QUEUE_BYTES;
use crate::senders::Senders;
use crate::tale::Form;
use crate::trail::Event;
use crate::world::now;

mod alerted;
mod archived;
mod judged;
mod lanes;
mod ledger;
mod says;
mod told;

/// What there is to see at the end.
pub struct Seen<'a, L> {
    pub(crate) senders: &'a Senders,
    pub(crate) form: Form,
    pub(crate) lanes: &'a [L],
    pub(crate) store: &'a MemoryStore,
    pub(crate) syslog: Vec<Vec<u8>>,
    pub(crate) traps: Vec<Vec<u8>>,
    pub(crate) taken: Vec<Vec<u8>>,
    /// What the judges did.
    pub(crate) history: Vec<Event>,
    /// The journal's time at its end.
    pub(crate) end: Timestamp,
    pub(crate) sends_all: bool,
    /// Never two could send at once.
    pub(crate) one_sends: bool,
    /// How many decisions people made, and when the alerts that they are about were first seen.
    pub(crate) decisions: usize,
    pub(crate) about: &'a BTreeMap<String, Timestamp>,
}

/// What the oracles counted, when all promises held.
#[derive(Clone, Copy, Default)]
pub struct Counted {
    pub stored: usize,
    pub repeated: usize,
    pub alerts: usize,
    pub notices: usize,
    pub delivered: usize,
    pub lost: u64,
}

/// A message as the journal has it.
pub(crate) struct InJournal {
    position: u64,
    partition: u16,
    time: Timestamp,
    host: String,
    raw: String,
    said: Said,
    is_trap: bool,
    /// Its sender stored it before.
    repeated: bool,
}

/// All oracles.
///
/// # Errors
/// The first promise that was broken, in words.
pub fn check<L: Lane>(seen: &Seen<'_, L>) -> Result<Counted, String> {
    let journal = in_journal(seen.lanes)?;
    acknowledged_is_stored(seen.senders, &journal)?;
    no_oftener_than_sent(seen.senders, &journal)?;
    archived::archived(&seen.syslog, &journal, false)?;
    archived::archived(&seen.traps, &journal, true)?;
    let expected = judged::judge(seen.form, &journal, &seen.history, (seen.end, seen.about))?;
    if expected.decided.len() != seen.decisions {
        let (done, made) = (expected.decided.len(), seen.decisions);
        return Err(format!("people decided {made} times, and {done} of it was done"));
    }
    let alerts = now(seen.store.latest_alerts(u32::MAX))?.map_err(|error| error.to_string())?;
    alerted::alerts(&alerts, &expected)?;
    let deliveries = deliveries(seen.store, &alerts)?;
    alerted::notices(&deliveries, &expected)?;
    let delivered = told::told(&seen.taken, &deliveries, seen.sends_all, seen.one_sends)?;
    ledger::balanced(seen, &journal, &expected)?;
    Ok(Counted {
        stored: journal.len(),
        repeated: journal.iter().filter(|message| message.repeated).count(),
        alerts: alerts.len(),
        notices: deliveries.len(),
        delivered,
        lost: 0,
    })
}

/// The oracles of a story in which bits of what is stored flipped: what is lost is counted, the
/// ledger balances, and what came through is as it was sent and in order.
///
/// # Errors
/// The first promise that was broken, in words.
pub fn check_damaged<L: Lane>(seen: &Seen<'_, L>) -> Result<Counted, String> {
    let alerts = now(seen.store.latest_alerts(u32::MAX))?.map_err(|error| error.to_string())?;
    let deliveries = deliveries(seen.store, &alerts)?;
    let delivered = told::told(&seen.taken, &deliveries, seen.sends_all, seen.one_sends)?;
    let lost = ledger::counted(seen)?;
    Ok(Counted {
        stored: seen.senders.acknowledged.len(),
        repeated: 0,
        alerts: alerts.len(),
        notices: deliveries.len(),
        delivered,
        lost,
    })
}

/// What a start must find: every acknowledged message.
///
/// # Errors
/// Names one that is missing.
pub(crate) fn nothing_is_lost<L: Lane>(senders: &Senders, lanes: &[L]) -> Result<(), String> {
    acknowledged_is_stored(senders, &in_journal(lanes)?)
}

/// The readers that have an outcome for each message.
pub(crate) fn readers(form: Form) -> Vec<&'static str> {
    let miner = (form == Form::Lanes).then_some(MINE);
    [JUDGE, ARCHIVE_SYSLOG, ARCHIVE_TRAP].into_iter().chain(miner).collect()
}

/// What waits for the journal's writer takes no more memory than it may.
///
/// # Errors
/// Says how much it takes.
pub(crate) fn within_limits(appender: &Appender) -> Result<(), String> {
    match appender.waiting_bytes() {
        bytes if bytes > QUEUE_BYTES => Err(format!("{bytes} bytes wait, of {QUEUE_BYTES}")),
        _ => Ok(()),
    }
}

/// All that had to be told, in the order of making.
fn deliveries(store: &MemoryStore, alerts: &[mutt_alert::Alert]) -> Result<Vec<Delivery>, String> {
    let mut all = Vec::new();
    for alert in alerts {
        let of = now(store.deliveries(&alert.id, u32::MAX))?.map_err(|error| error.to_string())?;
        all.extend(of);
    }
    all.sort_by_key(|delivery| delivery.number);
    Ok(all)
}

/// All messages, one lane after the other.
fn in_journal<L: Lane>(lanes: &[L]) -> Result<Vec<InJournal>, String> {
    let mut all = Vec::new();
    let mut known = HashSet::new();
    for lane in lanes {
        let mut reader = lane.reader(Position::FIRST);
        let mut batch = ReadBatch::default();
        loop {
            reader.read(1 << 20, &mut batch).map_err(|error| error.to_string())?;
            if batch.is_empty() {
                break;
            }
            for record in batch.records() {
                all.push(stored(&record, &mut known)?);
            }
        }
    }
    Ok(all)
}

fn stored(record: &Record<'_>, known: &mut HashSet<u64>) -> Result<InJournal, String> {
    let envelope = Envelope::decode(record.payload).map_err(|error| error.to_string())?;
    let raw = String::from_utf8_lossy(envelope.raw).into_owned();
    let said = read(&raw).ok_or_else(|| format!("the journal holds `{raw}`, that nobody sent"))?;
    Ok(InJournal {
        position: record.position.0,
        partition: record.partition,
        time: record.time,
        host: envelope.host.to_owned(),
        is_trap: envelope.input == Input::Snmp,
        repeated: !known.insert(said.number),
        raw,
        said,
    })
}

/// No message is in the journal more often than its sender sent it.
fn no_oftener_than_sent(senders: &Senders, journal: &[InJournal]) -> Result<(), String> {
    let mut times: BTreeMap<u64, u32> = BTreeMap::new();
    for message in journal {
        *times.entry(message.said.number).or_default() += 1;
    }
    for (number, stored) in times {
        let sent = senders.times(number);
        if stored > sent {
            return Err(format!(
                "message {number} was sent {sent} times and is stored {stored} times"
            ));
        }
    }
    Ok(())
}

/// Every acknowledged message is in the journal, as it was sent.
fn acknowledged_is_stored(senders: &Senders, journal: &[InJournal]) -> Result<(), String> {
    let stored: BTreeMap<u64, &str> =
        journal.iter().map(|message| (message.said.number, message.raw.as_str())).collect();
    for number in &senders.acknowledged {
        let sent = senders.sent.get(number).map(|message| message.raw.as_str());
        if stored.get(number).copied() != sent {
            return Err(format!("message {number} was acknowledged and is not stored"));
        }
    }
    Ok(())
}
