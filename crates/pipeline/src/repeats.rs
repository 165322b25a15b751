//! Which stored messages are their sender's repeats of what was stored before.
//!
//! From: the judge, which shows every message in the journal's order. To: the judge, which counts
//! repeats and does not judge them. Pure: time is the journal's append time.
//!
//! - HTTP: the same Idempotency-Key or correlation id ([`Envelope::dedup`]) within the window.
//! - SNMP INFORM: the same bytes from the same address within the window.
//! - RELP: see `sessions.rs`: a sender that was cut off sends again, over
//!   a new session, all that was not acknowledged.
//! - Redis list: likewise; what was stored and not taken out of the list is read again.
//!
//! The state is rebuilt after a restart by showing it the last minutes of the journal again.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::time::Duration;

use foldhash::quality::RandomState;
use mutt_event::{Envelope, Input, Timestamp};
use mutt_journal::{Position, ReadBatch, Record};

mod age;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod model;
mod session;
mod sessions;

use age::Age;
use sessions::{Seen, Sender, Sessions};

/// How much is remembered, and for how long.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How long a message is remembered, in append time; a time in which nothing was appended counts
    /// a minute at most, unless it was more than an hour. An INFORM: in append time alone, since a
    /// device that starts again may send the same bytes.
    pub window: Duration,
    /// How long the first messages of a session may stay undecided, in append time.
    pub hold: Duration,
    /// How many HTTP and INFORM messages are remembered.
    pub keys_max: usize,
    /// How many messages of a session's end are remembered; a RELP sender's window must fit, and
    /// a batch of a Redis list.
    pub tail_max: usize,
    /// How many of a RELP sender's last sessions are remembered; whoever is not answered opens
    /// another every few seconds, for as long as nothing can be stored.
    pub sessions_max: usize,
    /// How many sessions of Redis lists are remembered, over all lists.
    pub list_sessions_max: usize,
    /// How many messages of sessions are remembered over all senders.
    pub tails_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(600),
            hold: Duration::from_secs(2),
            keys_max: 500_000,
            tail_max: 1_024,
            sessions_max: 128,
            list_sessions_max: 64,
            tails_max: 2_000_000,
        }
    }
}

/// What a message is to the judge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// New: judge it.
    New,
    /// Stored before: count it as repeated.
    Repeat,
    /// Not known before more of its session is seen, or the hold is over.
    Undecided,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Key {
    Dedup([u8; 16]),
    Inform(IpAddr, u64),
}

/// When a key was stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Kept {
    time: Timestamp,
    age: Duration,
}

/// The memory of what was stored lately. Bounded; what it had to forget early is counted.
#[derive(Debug)]
pub struct Repeats {
    limits: Limits,
    hasher: RandomState,
    age: Age,
    /// The last of each key.
    keys: HashMap<Key, Kept>,
    keys_by_age: VecDeque<(Kept, Key)>,
    sessions: Sessions,
    /// Everything below was shown.
    seen: Position,
    /// Positions shown, not yet done, that are repeats.
    repeats: BTreeSet<u64>,
    evicted_keys: u64,
}

impl Repeats {
    /// A memory that remembers nothing yet.
    pub fn new(limits: Limits) -> Self {
        Self {
            sessions: Sessions::new(&limits),
            limits,
            hasher: RandomState::default(),
            age: Age::default(),
            keys: HashMap::new(),
            keys_by_age: VecDeque::new(),
            seen: Position::FIRST,
            repeats: BTreeSet::new(),
            evicted_keys: 0,
        }
    }

    /// Whether a message can be a repeat at all; most cannot, and need not be shown.
    pub fn concerns(envelope: &Envelope<'_>) -> bool {
        let in_sessions = matches!(envelope.input, Input::Relp | Input::RedisList);
        in_sessions || envelope.dedup.is_some() || envelope.flags.inform
    }

    /// Shows it a message; positions only ever grow. One that was shown before is not taken
    /// twice: the answer is what is known by now.
    pub fn see(&mut self, at: Position, time: Timestamp, envelope: &Envelope<'_>) -> Decision {
        if at < self.seen {
            return self.decision(at);
        }
        self.seen = at.next();
        self.tick(time);
        self.pass(time);
        if let Some(key) = self.key(envelope) {
            let repeat = self.remember(key, time);
            if repeat {
                self.repeats.insert(at.0);
            }
        } else if let Some(sender) = Sender::of(envelope) {
            let hash = self.hasher.hash_one(envelope.raw);
            let may_repeat = envelope.flags.again || envelope.input == Input::Relp;
            let session = envelope.session;
            let age = self.age.passed();
            let seen = Seen { at: at.0, time, age, sender, session, hash, may_repeat };
            self.sessions.see(seen, &mut self.repeats);
        }
        self.decision(at)
    }

    /// Shows it a stored message.
    pub(crate) fn see_record(&mut self, record: &Record<'_>) {
        self.pass(record.time);
        if let Ok(envelope) = Envelope::decode(record.payload)
            && Self::concerns(&envelope)
        {
            self.see(record.position, record.time, &envelope);
        }
    }

    /// Shows it a whole batch, and the time at its end.
    pub(crate) fn see_all(&mut self, batch: &ReadBatch) {
        let mut time = None;
        for record in batch.records() {
            self.see_record(&record);
            time = Some(record.time);
        }
        if let Some(time) = time {
            self.tick(time);
        }
    }

    /// What is known of a message that was shown.
    pub fn decision(&self, at: Position) -> Decision {
        if self.repeats.contains(&at.0) {
            Decision::Repeat
        } else if self.sessions.is_undecided(at.0) {
            Decision::Undecided
        } else {
            Decision::New
        }
    }

    /// When the hold of what is undecided ends, if anything is.
    pub fn hold_ends(&self) -> Option<Timestamp> {
        self.sessions.hold_ends()
    }

    /// Everything below was shown.
    pub fn seen(&self) -> Position {
        self.seen
    }

    /// It is `now`: what was undecided for too long counts as new.
    pub fn tick(&mut self, now: Timestamp) {
        self.sessions.tick(now);
    }

    /// A message was appended then, whether it can be a repeat or not: what is old is forgotten.
    pub fn pass(&mut self, time: Timestamp) {
        self.age.pass(time);
        let now = self.age.passed();
        self.sessions.pass(now);
        while let Some((kept, _)) = self.keys_by_age.front() {
            let old = kept.age + self.limits.window < now;
            if !old && self.keys_by_age.len() <= self.limits.keys_max {
                break;
            }
            self.evicted_keys += u64::from(!old);
            if let Some((kept, key)) = self.keys_by_age.pop_front()
                && self.keys.get(&key) == Some(&kept)
            {
                self.keys.remove(&key);
            }
        }
    }

    /// How long a time it was shown, as it counts for the window.
    pub(crate) fn passed(&self) -> Duration {
        self.age.passed()
    }

    /// Everything below `at` is done: decisions about it are not asked for again, and what is
    /// still undecided there has counted as new.
    pub fn done_before(&mut self, at: Position) {
        self.sessions.done_before(at.0);
        if self.repeats.first().is_some_and(|first| *first < at.0) {
            self.repeats = self.repeats.split_off(&at.0);
        }
    }

    /// How many messages were forgotten before their time, for want of room.
    pub fn evicted(&self) -> u64 {
        self.evicted_keys + self.sessions.evicted()
    }

    fn key(&self, envelope: &Envelope<'_>) -> Option<Key> {
        match (envelope.dedup, envelope.flags.inform, envelope.peer) {
            (Some(dedup), _, _) => Some(Key::Dedup(dedup)),
            (None, true, Some(peer)) => {
                Some(Key::Inform(peer.ip(), self.hasher.hash_one(envelope.raw)))
            }
            _ => None,
        }
    }

    fn remember(&mut self, key: Key, time: Timestamp) -> bool {
        let kept = Kept { time, age: self.age.passed() };
        self.keys_by_age.push_back((kept, key.clone()));
        let is_inform = matches!(key, Key::Inform(..));
        let before = self.keys.insert(key, kept);
        before.is_some_and(|kept| !is_inform || time.since(kept.time) <= self.limits.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mutt_event::{Flags, Kind};

    fn seconds(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn message(dedup: Option<[u8; 16]>, inform: bool, peer: &str) -> Envelope<'static> {
        Envelope {
            input: if inform { Input::Snmp } else { Input::Http },
            kind: if inform { Kind::Trap } else { Kind::Json },
            flags: Flags { inform, ..Flags::default() },
            received: Timestamp::ZERO,
            session: 0,
            peer: peer.parse().ok(),
            host: "r1",
            dedup,
            usm: None,
            raw: b"raw",
        }
    }

    #[test]
    fn http_repeats_are_known_by_their_identity_for_the_window() {
        let mut repeats = Repeats::new(Limits::default());
        let once = message(Some([7; 16]), false, "10.0.0.1:5");
        assert_eq!(repeats.see(Position(1), seconds(0), &once), Decision::New);
        let other = message(Some([8; 16]), false, "10.0.0.1:5");
        assert_eq!(repeats.see(Position(2), seconds(1), &other), Decision::New);
        assert_eq!(repeats.see(Position(3), seconds(599), &once), Decision::Repeat);
        for second in 600..1_200 {
            repeats.pass(seconds(second));
        }
        assert_eq!(repeats.see(Position(4), seconds(1_200), &once), Decision::New);
        assert_eq!(repeats.see(Position(3), seconds(599), &once), Decision::Repeat, "shown again");
    }

    #[test]
    fn a_time_in_which_nothing_is_stored_makes_nothing_old_but_informs() {
        let mut repeats = Repeats::new(Limits::default());
        let (http, inform) =
            (message(Some([7; 16]), false, "10.0.0.1:5"), message(None, true, "10.0.0.1:161"));
        let mut at = 0;
        let mut see = |seconds_: i64, envelope: &Envelope<'_>| {
            at += 1;
            repeats.tick(seconds(seconds_));
            repeats.see(Position(at), seconds(seconds_), envelope)
        };
        assert_eq!([see(0, &http), see(0, &inform)], [Decision::New; 2]);
        assert_eq!([see(650, &http), see(650, &inform)], [Decision::Repeat, Decision::New]);
        assert_eq!([see(700, &http), see(700, &inform)], [Decision::Repeat; 2]);
        assert_eq!(see(700 + 3_601, &http), Decision::New, "nobody waits that long for an answer");
    }

    #[test]
    fn informs_repeat_by_address_and_bytes() {
        let mut repeats = Repeats::new(Limits::default());
        let first = message(None, true, "10.0.0.1:161");
        assert_eq!(repeats.see(Position(1), seconds(0), &first), Decision::New);
        let other_peer = message(None, true, "10.0.0.2:161");
        assert_eq!(repeats.see(Position(2), seconds(0), &other_peer), Decision::New);
        let other_port = message(None, true, "10.0.0.1:9999");
        assert_eq!(repeats.see(Position(3), seconds(3), &other_port), Decision::Repeat);
    }

    #[test]
    fn memory_is_bounded_and_says_what_it_forgot() {
        let mut repeats = Repeats::new(Limits { keys_max: 10, ..Limits::default() });
        for n in 0..30u8 {
            repeats.see(
                Position(u64::from(n) + 1),
                seconds(1),
                &message(Some([n; 16]), false, "1.1.1.1:1"),
            );
        }
        assert!(repeats.keys.len() <= 11);
        assert!(repeats.evicted() >= 19);
    }

    #[test]
    fn what_is_done_is_forgotten() {
        let mut repeats = Repeats::new(Limits::default());
        let once = message(Some([7; 16]), false, "10.0.0.1:5");
        for n in 1..=5 {
            repeats.see(Position(n), seconds(0), &once);
        }
        repeats.done_before(Position(4));
        assert_eq!(repeats.repeats.iter().copied().collect::<Vec<_>>(), [4, 5]);
    }
}
