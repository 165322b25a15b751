//! Repeats of RELP and of Redis lists: a sender that was cut off sends again what was not
//! acknowledged, and what was stored and not taken out of a list is read again.
//!
//! What was stored of the sender's unacknowledged window is the end of an earlier session; the
//! sender begins its new session with just that, in order. So the first messages of a session are
//! repeats as far as they equal, in order and up to its end, the end of one of that sender's
//! earlier sessions; of several such ends the longest counts. While a longer one is still
//! possible, the messages are undecided; after the hold they count as new.
//!
//! A resend that was itself cut off decides late: when a later session of the sender sends the
//! same again and completes, the earlier attempt's messages are repeats too.
//!
//! The earlier connection may still have been read when the next one's messages were stored already:
//! what it stores then, in the order of the new session from where that had reached its end, is a
//! repeat too. So is what the new session sends after it.
//!
//! A Redis list's input says which messages it may have stored already, so only those begin a
//! resend. All lists are one sender, since a list may move to another server; and what they stored
//! last is remembered however long ago that was, since a list waits as long as MUTT is away.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::Duration;

use mutt_event::{Envelope, Input, Timestamp};

use super::Limits;
use super::session::{Alignment, Opening, Session, aligned, begin};

/// Whose sessions are compared with each other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Sender {
    /// A RELP sender, by its address.
    Relp(IpAddr),
    /// The workers of all Redis lists.
    RedisLists,
}

impl Sender {
    /// None: its repeats are not known by sessions.
    pub(super) fn of(envelope: &Envelope<'_>) -> Option<Self> {
        match (envelope.input, envelope.peer) {
            _ if envelope.session == 0 => None,
            (Input::Relp, Some(peer)) => Some(Sender::Relp(peer.ip())),
            (Input::RedisList, _) => Some(Sender::RedisLists),
            _ => None,
        }
    }
}

/// A message of a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub at: u64,
    pub time: Timestamp,
    /// When, as it counts for the window.
    pub age: Duration,
    pub sender: Sender,
    pub session: u64,
    pub hash: u64,
    /// Whether it may begin a resend.
    pub may_repeat: bool,
}

/// The sessions of all senders.
#[derive(Debug)]
pub(super) struct Sessions {
    window: Duration,
    hold: Duration,
    tail_max: usize,
    sessions_max: usize,
    list_sessions_max: usize,
    tails_max: usize,
    senders: HashMap<Sender, Vec<Session>>,
    /// Hashes held over all sessions.
    held: usize,
    /// Undecided messages by position, with their session.
    undecided: BTreeMap<u64, (Sender, u64)>,
    /// Sessions with undecided messages, by the time their hold ends.
    holds: BTreeSet<(Timestamp, Sender, u64)>,
    next_pruning: Duration,
    evicted: u64,
}

impl Sessions {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            window: limits.window,
            hold: limits.hold,
            tail_max: limits.tail_max.max(1),
            sessions_max: limits.sessions_max.max(2),
            list_sessions_max: limits.list_sessions_max.max(2),
            tails_max: limits.tails_max,
            senders: HashMap::new(),
            held: 0,
            undecided: BTreeMap::new(),
            holds: BTreeSet::new(),
            next_pruning: Duration::ZERO,
            evicted: 0,
        }
    }

    pub(super) fn is_undecided(&self, at: u64) -> bool {
        self.undecided.contains_key(&at)
    }

    pub(super) fn hold_ends(&self) -> Option<Timestamp> {
        self.holds.first().map(|(time, ..)| *time)
    }

    pub(super) fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Takes the next message of a session; positions that turn out as repeats go to `repeats`.
    pub(super) fn see(&mut self, seen: Seen, repeats: &mut BTreeSet<u64>) {
        let place = self.place(seen);
        let sessions = self.senders.entry(seen.sender).or_default();
        let held = sessions[place].tail.len();
        sessions[place].push(seen.hash, seen.age, self.tail_max);
        self.held += sessions[place].tail.len() - held;
        if aligned(sessions, place, seen.hash) {
            repeats.insert(seen.at);
        }
        if let Some(opening) = sessions[place].opening.take() {
            self.go_on(opening, seen, repeats);
        }
        if self.held > self.tails_max {
            self.make_room();
        }
    }

    /// The session's place among its sender's; a new one begins, the quietest makes room for it.
    fn place(&mut self, seen: Seen) -> usize {
        let sessions = self.senders.entry(seen.sender).or_default();
        if let Some(place) = sessions.iter().position(|session| session.id == seen.session) {
            return place;
        }
        let most = match seen.sender {
            Sender::Relp(_) => self.sessions_max,
            Sender::RedisLists => self.list_sessions_max,
        };
        if sessions.len() >= most
            && let Some(quietest) = sessions.iter().min_by_key(|session| session.last)
        {
            let quietest = quietest.id;
            self.remove(seen.sender, quietest);
        }
        let sessions = self.senders.entry(seen.sender).or_default();
        let mut session = Session::new(seen.session);
        if matches!(seen.sender, Sender::Relp(_)) {
            session.align(sessions);
        }
        if seen.may_repeat {
            session.opening = Some(begin(sessions, seen.hash, seen.time.after(self.hold)));
        }
        sessions.push(session);
        sessions.len() - 1
    }

    /// A session that is still opening has one message more.
    fn go_on(&mut self, mut opening: Opening, seen: Seen, repeats: &mut BTreeSet<u64>) {
        let (sender, id, sure) = (seen.sender, seen.session, opening.repeats);
        let ended = opening.take(seen, self.senders.get(&sender).map_or(&[], Vec::as_slice));
        if let Some(session) = self.session(sender, id) {
            session.alignments.extend(ended);
        }
        for position in &opening.positions[sure..opening.repeats] {
            repeats.insert(*position);
            self.undecided.remove(position);
        }
        if opening.repeats > sure {
            self.earlier_attempts(sender, id, opening.repeats, repeats);
        }
        if opening.candidates.is_empty() {
            return self.decide(sender, id, &opening);
        }
        self.holds.insert((opening.hold_ends, sender, id));
        for position in &opening.positions[opening.repeats..] {
            self.undecided.insert(*position, (sender, id));
        }
        if let Some(session) = self.session(sender, id) {
            session.opening = Some(opening);
        }
    }

    /// The hold of sessions may be over.
    pub(super) fn tick(&mut self, now: Timestamp) {
        while let Some((time, sender, id)) = self.holds.first().copied()
            && time <= now
        {
            self.give_up(sender, id);
        }
    }

    /// What is older than the window is forgotten.
    pub(super) fn pass(&mut self, now: Duration) {
        if now >= self.next_pruning {
            self.next_pruning = now + self.window / 10;
            self.forget(now.saturating_sub(self.window));
        }
    }

    /// What is undecided below `at` has counted as new.
    pub(super) fn done_before(&mut self, at: u64) {
        while let Some((first, (sender, id))) = self.undecided.first_key_value()
            && *first < at
        {
            let (sender, id) = (*sender, *id);
            self.give_up(sender, id);
        }
    }

    fn session(&mut self, sender: Sender, id: u64) -> Option<&mut Session> {
        self.senders.get_mut(&sender)?.iter_mut().find(|session| session.id == id)
    }

    fn give_up(&mut self, sender: Sender, id: u64) {
        match self.session(sender, id).and_then(|session| session.opening.take()) {
            Some(opening) => self.decide(sender, id, &opening),
            None => {
                self.holds.retain(|(_, s, i)| (*s, *i) != (sender, id));
                self.undecided.retain(|_, owner| *owner != (sender, id));
            }
        }
    }

    /// The opening is over: what is not a repeat by now is new.
    fn decide(&mut self, sender: Sender, id: u64, opening: &Opening) {
        self.holds.remove(&(opening.hold_ends, sender, id));
        for position in &opening.positions[opening.repeats..] {
            self.undecided.remove(position);
        }
    }

    /// Session `id` has sent `count` repeats first: earlier sessions of the sender that are still
    /// undecided, and hold nothing but a part of these, were attempts to send the same.
    fn earlier_attempts(
        &mut self,
        sender: Sender,
        id: u64,
        count: usize,
        repeats: &mut BTreeSet<u64>,
    ) {
        let Some(sessions) = self.senders.get_mut(&sender) else { return };
        let now = sessions.iter().find(|session| session.id == id && session.before == 0);
        let Some(now) = now else { return };
        let sent: Vec<u64> = now.tail.iter().copied().take(count).collect();
        let (mut decided, mut alignments) = (Vec::new(), Vec::new());
        for session in sessions.iter_mut().filter(|session| session.id != id) {
            let attempt: Vec<u64> = session.tail.iter().copied().collect();
            let open = session.opening.is_some() && session.before == 0 && !attempt.is_empty();
            let part = sent.windows(attempt.len().max(1)).position(|part| part == attempt);
            if let (true, Some(part)) = (open, part) {
                decided.extend(session.opening.take().map(|opening| (session.id, opening)));
                alignments.push(Alignment::at_the_end(session, (part + attempt.len()) as u64));
            }
        }
        if let Some(now) = self.session(sender, id) {
            now.alignments.extend(alignments);
        }
        for (id, opening) in decided {
            repeats.extend(&opening.positions[opening.repeats..]);
            self.decide(sender, id, &opening);
        }
    }

    /// Forgets the sessions that were quiet for longest.
    fn make_room(&mut self) {
        // A quarter at once, so that a full memory does not search for every message.
        let mut by_age: Vec<(Duration, Sender, u64)> = Vec::new();
        for (sender, sessions) in &self.senders {
            by_age.extend(sessions.iter().map(|session| (session.last, *sender, session.id)));
        }
        by_age.sort_unstable();
        for (_, sender, id) in by_age {
            if self.held <= self.tails_max - self.tails_max / 4 {
                break;
            }
            self.evicted += self.remove(sender, id) as u64;
        }
    }

    /// Forgets a session; answers how many messages that were.
    fn remove(&mut self, sender: Sender, id: u64) -> usize {
        self.give_up(sender, id);
        let Some(sessions) = self.senders.get_mut(&sender) else { return 0 };
        let Some(place) = sessions.iter().position(|session| session.id == id) else { return 0 };
        let messages = sessions.remove(place).tail.len();
        if sessions.is_empty() {
            self.senders.remove(&sender);
        }
        self.held -= messages;
        messages
    }

    fn forget(&mut self, oldest: Duration) {
        let mut old = Vec::new();
        for (sender, sessions) in &self.senders {
            if *sender == Sender::RedisLists {
                continue;
            }
            let quiet = sessions.iter().filter(|session| session.last < oldest);
            old.extend(quiet.map(|session| (*sender, session.id)));
        }
        for (sender, id) in old {
            self.remove(sender, id);
        }
    }
}
