//! Numbered messages under which MUTT is killed, and the oracle that asks afterwards what became
//! of each.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use mutt_output::standin::{Door, Moogsoft};

use crate::common::receivers::Receivers;
use crate::common::wait;

/// One message in so many shall become an alert, each its own.
const ALARM_EVERY: u64 = 20;

/// How many hosts send them.
const HOSTS: u64 = 24;

/// The numbers of what was sent.
#[derive(Clone, Debug)]
pub struct Sent(Vec<Range<u64>>);

impl Sent {
    /// Of several senders, each with numbers of its own.
    pub fn by(senders: impl IntoIterator<Item = Range<u64>>) -> Self {
        Self(senders.into_iter().collect())
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.numbers().count() as u64
    }

    /// How many of them are alarms.
    pub fn alarms(&self) -> u64 {
        self.numbers().filter(|n| is_alarm(*n)).count() as u64
    }

    fn numbers(&self) -> impl Iterator<Item = u64> {
        self.0.iter().cloned().flatten()
    }
}

impl From<u64> for Sent {
    /// One sender's, from 0.
    fn from(count: u64) -> Self {
        Self::by(std::iter::once(0..count))
    }
}

/// The rule that makes alarms alerts.
pub const RULES: &str = r#"
[[rules]]
id = "load"
priority = 10
handling = "page_and_ticket"
team = "noc"
severity = "major"
when.message.regex = 'number (?<number>[0-9]{9}) ALARM'
key = "{captures.number}"
"#;

/// What message `n` says.
pub fn text(n: u64) -> String {
    format!("number {n:09} {}", if is_alarm(n) { "ALARM" } else { "quiet" })
}

/// Message `n` as a syslog line, of one of many hosts.
pub fn line(n: u64) -> String {
    format!("<189>Nov 23 12:00:00 core-{} load: {}", n % HOSTS, text(n))
}

fn is_alarm(n: u64) -> bool {
    n.is_multiple_of(ALARM_EVERY)
}

/// The number that a message holds.
pub fn number(raw: &[u8]) -> u64 {
    const BEFORE: &[u8] = b"number ";
    let at = raw.windows(BEFORE.len()).position(|window| window == BEFORE);
    let digits = at.and_then(|at| raw.get(at + BEFORE.len()..at + BEFORE.len() + 9));
    let number = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    number.unwrap_or_else(|| panic!("no number in {:?}", String::from_utf8_lossy(raw)))
}

/// Waits until all that was sent is at a door of the archive; answers how many came more than once.
pub fn none_missing(receivers: &Receivers, door: Door, sent: impl Into<Sent>) -> u64 {
    let mut missing: BTreeSet<u64> = sent.into().numbers().collect();
    let mut seen: HashSet<u64> = HashSet::new();
    let (mut read, count) = (0, missing.len());
    wait::until_none_left(&format!("all {count} messages at {door:?}"), || {
        let messages = receivers.netim.messages_after(door, read);
        for n in messages.iter().map(|raw| number(raw)) {
            missing.remove(&n);
            seen.insert(n);
        }
        read += messages.len();
        if missing.is_empty() {
            return Ok(());
        }
        let first: Vec<&u64> = missing.iter().take(5).collect();
        Err((missing.len(), format!("{} of {count} are missing: {first:?}…", missing.len())))
    });
    (read - seen.len()) as u64
}

/// Senders whose numbers begin so far apart are several.
pub const SENDER: u64 = 100_000_000;

/// Checks that what came at a door of the archive is what was sent, byte for byte, and that each
/// host's messages came in their sender's order, repeats apart.
pub fn bytes_and_order_are_kept(receivers: &Receivers, door: Door) {
    let mut seen: HashSet<u64> = HashSet::new();
    let mut last: BTreeMap<(u64, u64), u64> = BTreeMap::new();
    for raw in receivers.netim.messages_after(door, 0) {
        let n = number(&raw);
        assert_eq!(String::from_utf8_lossy(&raw), line(n));
        if seen.insert(n) {
            let before = last.insert((n / SENDER, n % HOSTS), n);
            assert!(before < Some(n), "message {n} came after {before:?} of the same host");
        }
    }
}

/// Waits until each alarm among what was sent is told, and checks that none is told under two
/// notice ids, or twice but for a POST that a kill cut off; answers how many were told again.
pub fn each_alarm_is_told_once(moogsoft: &Moogsoft, sent: impl Into<Sent>, kills: usize) -> usize {
    let expected: BTreeSet<u64> = sent.into().numbers().filter(|n| is_alarm(*n)).collect();
    wait::until_none_left(&format!("{} alerts at Moogsoft", expected.len()), || {
        let told = moogsoft.told();
        let told: BTreeSet<u64> = told.iter().filter_map(|told| key(&told.signature)).collect();
        let left = expected.difference(&told).count();
        let missing: Vec<&u64> = expected.difference(&told).take(5).collect();
        if left == 0 { Ok(()) } else { Err((left, format!("missing are {missing:?}…"))) }
    });
    let mut ids: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    let told = moogsoft.told();
    for told in told.iter().filter(|told| told.source != "mutt") {
        assert_eq!(told.kind, "open", "an alarm never ends and grows no worse: {told:?}");
        let key = key(&told.signature).unwrap_or_else(|| panic!("nobody asked for {told:?}"));
        ids.entry(key).or_default().insert(told.notice_id.clone());
    }
    for (key, ids) in &ids {
        assert_eq!(ids.len(), 1, "alert {key} was told under several notice ids: {ids:?}");
    }
    assert_eq!(moogsoft.faults(), Vec::<String>::new());
    let mut known = HashSet::new();
    let mut again = 0;
    // A request that hung was never answered: to ask again is what has to be done.
    for asked in moogsoft.asked().into_iter().filter(|asked| asked.status != 0) {
        let repeats = asked.notice_ids.iter().filter(|id| !known.insert((*id).clone())).count();
        again += usize::from(repeats > 0);
    }
    assert!(again <= kills, "{again} POSTs were repeated, but only {kills} can have been cut off");
    told.iter().filter(|told| told.source != "mutt").count() - ids.len()
}

/// The number in the signature of an alarm's alert.
fn key(signature: &str) -> Option<u64> {
    signature.rsplit("::").next()?.parse().ok()
}

/// How many alarms there are among messages `0..count`.
pub fn alarms(count: u64) -> u64 {
    Sent::from(count).alarms()
}
