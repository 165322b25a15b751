//! What must be true at the end, by a reference that is simple and slow.
//!
//! From: what the senders were promised, and the journal as it stands. To: what the archive, the
//! alerts, Moogsoft and the ledger must show.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use mutt_alert::Alert;
use mutt_event::{Envelope, Input, MessageId, Timestamp};
use mutt_journal::{Disk, Handle, Position, ReadBatch};
use mutt_pipeline::{ARCHIVE_SYSLOG, ARCHIVE_TRAP, JUDGE, Ledger, Stored};
use mutt_store::{Database, Outcome};

use crate::Summary;
use crate::messages::{Word, read};
use crate::senders::Senders;
use crate::world::now;

mod reference;

use reference::{Expected, Told};

/// What there is to see at the end.
pub struct Seen<'a, D: Disk, B> {
    pub(crate) senders: &'a Senders,
    pub(crate) journal: &'a Handle<D>,
    pub(crate) store: &'a B,
    pub(crate) syslog: Vec<Vec<u8>>,
    pub(crate) traps: Vec<Vec<u8>>,
    pub(crate) taken: Vec<Vec<u8>>,
    pub(crate) crashes: u32,
}

/// A message as the journal has it.
pub(crate) struct InJournal {
    position: u64,
    partition: u16,
    time: Timestamp,
    host: String,
    raw: String,
    number: u64,
    word: Word,
    severity: u8,
    is_trap: bool,
    /// Its sender stored it before.
    repeated: bool,
}

/// All oracles.
///
/// # Errors
/// The first promise that was broken, in words.
pub fn check<D: Disk, B: Database>(seen: &Seen<'_, D, B>) -> Result<Summary, String> {
    let journal = in_journal(seen.journal)?;
    acknowledged_is_stored(seen.senders, &journal)?;
    archived(&seen.syslog, &journal, false)?;
    archived(&seen.traps, &journal, true)?;
    let expected = reference::judge(&journal);
    let alerts = now(seen.store.latest_alerts(u32::MAX))?.map_err(|error| error.to_string())?;
    alerted(&alerts, &expected)?;
    let delivered = told(&seen.taken, &expected)?;
    dead(seen.store, &expected)?;
    balanced(seen, &journal, &expected)?;
    Ok(Summary {
        stored: journal.len(),
        acknowledged: seen.senders.acknowledged.len(),
        repeated: journal.iter().filter(|message| message.repeated).count(),
        delivered,
        crashes: seen.crashes,
    })
}

/// What a start must find: every acknowledged message.
///
/// # Errors
/// Names one that is missing.
pub(crate) fn nothing_is_lost<D: Disk>(
    senders: &Senders,
    journal: &Handle<D>,
) -> Result<(), String> {
    acknowledged_is_stored(senders, &in_journal(journal)?)
}

fn in_journal<D: Disk>(journal: &Handle<D>) -> Result<Vec<InJournal>, String> {
    let mut reader = journal.reader(Position::FIRST);
    let mut batch = ReadBatch::default();
    let mut all = Vec::new();
    let mut known = HashSet::new();
    loop {
        reader.read(1 << 20, &mut batch).map_err(|error| error.to_string())?;
        if batch.is_empty() {
            return Ok(all);
        }
        for record in batch.records() {
            let envelope = Envelope::decode(record.payload).map_err(|error| error.to_string())?;
            let raw = String::from_utf8_lossy(envelope.raw).into_owned();
            let (number, word, severity) =
                read(&raw).ok_or_else(|| format!("the journal holds `{raw}`, that nobody sent"))?;
            all.push(InJournal {
                position: record.position.0,
                partition: record.partition,
                time: record.time,
                host: envelope.host.to_owned(),
                is_trap: envelope.input == Input::Snmp,
                repeated: !known.insert(number),
                raw,
                number,
                word,
                severity,
            });
        }
    }
}

/// Every acknowledged message is in the journal, as it was sent.
fn acknowledged_is_stored(senders: &Senders, journal: &[InJournal]) -> Result<(), String> {
    let stored: BTreeMap<u64, &str> =
        journal.iter().map(|message| (message.number, message.raw.as_str())).collect();
    for number in &senders.acknowledged {
        let sent = senders.sent.get(number).map(|message| message.raw.as_str());
        if stored.get(number).copied() != sent {
            return Err(format!("message {number} was acknowledged and is not stored"));
        }
    }
    Ok(())
}

/// Every stored message is in its archive as often as it is stored at least, byte for byte, and
/// each partition in order.
fn archived(archive: &[Vec<u8>], journal: &[InJournal], traps: bool) -> Result<(), String> {
    let mine = || journal.iter().filter(|message| message.is_trap == traps);
    let mut times: BTreeMap<&[u8], i64> = BTreeMap::new();
    for raw in archive {
        *times.entry(raw).or_default() += 1;
    }
    for message in mine() {
        let left = times.entry(message.raw.as_bytes()).or_default();
        *left -= 1;
        if *left < 0 {
            return Err(format!("`{}` is stored and did not reach the archive", message.raw));
        }
    }
    let partitions: BTreeMap<&[u8], u16> =
        mine().map(|message| (message.raw.as_bytes(), message.partition)).collect();
    let mut arrived: BTreeMap<u16, Vec<&[u8]>> = BTreeMap::new();
    let mut known = HashSet::new();
    for raw in archive.iter().map(Vec::as_slice).filter(|raw| known.insert(*raw)) {
        let Some(partition) = partitions.get(raw) else {
            let raw = String::from_utf8_lossy(raw);
            return Err(format!("the archive has `{raw}`, which is not in the journal"));
        };
        arrived.entry(*partition).or_default().push(raw);
    }
    for (partition, arrived) in arrived {
        let first = mine().filter(|message| message.partition == partition && !message.repeated);
        if !first.map(|message| message.raw.as_bytes()).eq(arrived) {
            return Err(format!("the archive has partition {partition} in another order"));
        }
    }
    Ok(())
}

/// The alerts are those of the reference, with its counts.
fn alerted(alerts: &[Alert], expected: &Expected) -> Result<(), String> {
    let mut counts = BTreeMap::new();
    for alert in alerts {
        let key = (alert.signature.clone(), alert.cause.position);
        if counts.insert(key, (alert.count, alert.notices)).is_some() {
            return Err(format!("two alerts of `{}` have the same cause", alert.signature));
        }
    }
    for (alert, want) in &expected.alerts {
        match counts.remove(alert) {
            Some(have) if have == *want => {}
            have => {
                return Err(format!("alert {alert:?} has (count, notices) {have:?}, not {want:?}"));
            }
        }
    }
    counts.pop_first().map_or(Ok(()), |(alert, _)| Err(format!("nobody expected alert {alert:?}")))
}

/// Moogsoft took every notice expected and no other, each under one id, each signature in order.
/// Answers how many, repeats included.
fn told(taken: &[Vec<u8>], expected: &Expected) -> Result<usize, String> {
    let mut by_id: BTreeMap<String, Told> = BTreeMap::new();
    let mut first: BTreeMap<String, Vec<Told>> = BTreeMap::new();
    let mut total = 0;
    for (id, notice) in
        taken.iter().map(|body| notices(body)).collect::<Result<Vec<_>, _>>()?.concat()
    {
        total += 1;
        match by_id.get(&id) {
            Some(known) if *known == notice => continue,
            Some(known) => return Err(format!("notice {id} was {known:?} and then {notice:?}")),
            None => {}
        }
        if by_id.values().any(|known| *known == notice) {
            return Err(format!("{notice:?} was told under two ids, one is {id}"));
        }
        by_id.insert(id, notice.clone());
        first.entry(notice.signature.clone()).or_default().push(notice);
    }
    for (signature, want) in &expected.told {
        let want = if signature.starts_with("poison") { &Vec::new() } else { want };
        let have = first.remove(signature).unwrap_or_default();
        if have != *want {
            return Err(format!("{signature} was told {have:?}, not {want:?}"));
        }
    }
    first.pop_first().map_or(Ok(total), |(_, told)| Err(format!("nobody expected {told:?}")))
}

/// The notices in a body that Moogsoft took.
fn notices(body: &[u8]) -> Result<Vec<(String, Told)>, String> {
    let body: serde_json::Value =
        serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let events = body["events"].as_array().ok_or("a body without events")?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    events
        .iter()
        .map(|event| {
            let mutt = &event["custom_info"]["mutt"];
            let cause: MessageId = text(&mutt["message_id"])
                .parse()
                .map_err(|error| format!("a notice without its message's id: {error}"))?;
            let told = Told {
                signature: text(&event["signature"]),
                kind: text(&mutt["kind"]),
                cause: cause.position,
            };
            Ok((text(&mutt["notice_id"]), told))
        })
        .collect()
}

/// What the destination refuses is among the dead letters with the answer, and nothing else is.
fn dead<B: Database>(store: &B, expected: &Expected) -> Result<(), String> {
    let dead = now(store.dead_letters(u32::MAX))?.map_err(|error| error.to_string())?;
    let refused = expected.told.iter().filter(|(signature, _)| signature.starts_with("poison"));
    let want: BTreeSet<&Told> = refused.flat_map(|(_, told)| told).collect();
    let have: BTreeSet<Told> = dead
        .iter()
        .map(|delivery| Told {
            signature: delivery.notice.alert.signature.clone(),
            kind: delivery.notice.kind.name().to_owned(),
            cause: delivery.notice.cause.position,
        })
        .collect();
    if have.iter().collect::<BTreeSet<_>>() != want {
        return Err(format!("dead letters are {have:?}, not {want:?}"));
    }
    match dead
        .iter()
        .find(|d| d.attempts == 0 || !d.answer.as_deref().unwrap_or("").contains("400"))
    {
        Some(silent) => Err(format!("a dead letter without the answer: {silent:?}")),
        None => Ok(()),
    }
}

/// The ledger balances, nothing waits, and the judge counted what the reference counts.
fn balanced<D: Disk, B: Database>(
    seen: &Seen<'_, D, B>,
    journal: &[InJournal],
    expected: &Expected,
) -> Result<(), String> {
    let cursors = now(seen.store.cursors())?.map_err(|error| error.to_string())?;
    let readers = [JUDGE, ARCHIVE_SYSLOG, ARCHIVE_TRAP];
    let ledger = Ledger::new(&Stored::now(seen.journal), &cursors, &readers);
    ledger.balances().map_err(|faults| faults.join("; "))?;
    for account in &ledger.readers {
        if account.all.waiting != 0 {
            return Err(format!("{} left {} waiting", account.reader, account.all.waiting));
        }
    }
    let lost = seen.journal.totals().lost;
    let judge = ledger.reader(JUDGE).ok_or("no account of the judge")?;
    let mut want = expected.counts;
    want.add(Outcome::Lost, lost);
    if judge.all.done != want {
        return Err(format!("the judge counted {:?}, not {want:?}", judge.all.done));
    }
    let archive = ledger.archive.as_ref().ok_or("no account of the archive")?;
    let traps = journal.iter().filter(|message| message.is_trap).count() as u64;
    let (archived, unconfirmed) =
        (archive.done.get(Outcome::Archived), archive.done.get(Outcome::Unconfirmed));
    if (archived, unconfirmed) != (journal.len() as u64 - traps, traps) || archive.waiting != 0 {
        return Err(format!("the archive's account is {archive:?}"));
    }
    Ok(())
}
