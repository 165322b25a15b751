//! One session of a sender: what it sent last, and how that compares with earlier sessions.
//!
//! From: `sessions.rs`, message by message. To: the same: which of them are repeats, and which may be.

use std::collections::VecDeque;
use std::time::Duration;

use mutt_event::Timestamp;

use super::sessions::Seen;

/// One session of a sender: the hashes of its last messages, and how its beginning is judged.
#[derive(Debug)]
pub(super) struct Session {
    pub id: u64,
    pub last: Duration,
    /// Messages seen before the tail.
    pub before: u64,
    pub tail: VecDeque<u64>,
    pub opening: Option<Opening>,
    /// Where it and earlier sessions may go on alike.
    pub alignments: Vec<Alignment>,
}

/// A session and an earlier one have sent the same so far, or nothing of the earlier is still to come:
/// what both send next may be the same again, whichever is stored first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alignment {
    earlier: u64,
    /// The number, in the earlier session, of its next message.
    theirs: u64,
    /// The number of what would be the same in the later one.
    own: u64,
}

impl Alignment {
    /// What the earlier session may still send is what the later one sends from `own` on.
    pub fn at_the_end(earlier: &Session, own: u64) -> Self {
        Self { earlier: earlier.id, theirs: earlier.end(), own }
    }
}

/// What became of an alignment with one message more.
fn compare(hash: u64, other: &Session, number: u64) -> Option<bool> {
    match other.get(number) {
        Some(same) if same == hash => Some(true),
        None if number == other.end() => Some(false),
        _ => None,
    }
}

/// The session at `place` has just been given a message: whether an alignment makes it a repeat.
pub(super) fn aligned(sessions: &mut [Session], place: usize, hash: u64) -> bool {
    let (id, number, before) = {
        let session = &sessions[place];
        (session.id, session.end() - 1, session.before)
    };
    let mut again = false;
    for later in 0..sessions.len() {
        if sessions[later].alignments.is_empty() {
            continue;
        }
        let mut alignments = std::mem::take(&mut sessions[later].alignments);
        alignments.retain_mut(|alignment| {
            let Alignment { earlier, theirs, own } = *alignment;
            let compared = if later == place {
                if own != number {
                    return own >= before;
                }
                let earlier = sessions.iter().find(|session| session.id == earlier);
                earlier.and_then(|earlier| compare(hash, earlier, theirs))
            } else {
                if (earlier, theirs) != (id, number) {
                    return true;
                }
                compare(hash, &sessions[later], own)
            };
            if compared == Some(true) {
                (alignment.theirs, alignment.own) = (theirs + 1, own + 1);
                again = true;
            }
            compared.is_some()
        });
        sessions[later].alignments = alignments;
    }
    again
}

/// A session whose first messages may still be a resend.
#[derive(Debug)]
pub(super) struct Opening {
    pub hold_ends: Timestamp,
    /// Positions of its messages, from the first.
    pub positions: Vec<u64>,
    /// How many of them are repeats for sure.
    pub repeats: usize,
    pub candidates: Vec<Candidate>,
}

/// A place in an earlier session that the opening has matched so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    session: u64,
    /// The number, in that session, of the message expected next.
    next: u64,
}

impl Session {
    pub fn new(id: u64) -> Self {
        let (last, before, tail) = (Duration::ZERO, 0, VecDeque::new());
        Self { id, last, before, tail, opening: None, alignments: Vec::new() }
    }

    fn end(&self) -> u64 {
        self.before + self.tail.len() as u64
    }

    fn get(&self, number: u64) -> Option<u64> {
        let index = usize::try_from(number.checked_sub(self.before)?).ok()?;
        self.tail.get(index).copied()
    }

    /// Begins: what an earlier session may still send is what this one sends first. Sessions are
    /// numbered by time, so one that is numbered lower began before, though nothing of it was seen.
    pub fn align(&mut self, others: &mut [Session]) {
        for other in others {
            if other.id < self.id {
                self.alignments.push(Alignment::at_the_end(other, 0));
            } else {
                other.alignments.push(Alignment::at_the_end(self, 0));
            }
        }
    }

    pub fn push(&mut self, hash: u64, age: Duration, tail_max: usize) {
        self.last = self.last.max(age);
        self.tail.push_back(hash);
        if self.tail.len() > tail_max {
            self.tail.pop_front();
            self.before += 1;
        }
    }
}

/// A new session begins with `hash`: every place where an earlier one has the same may be where
/// its resend begins.
pub(super) fn begin(earlier: &[Session], hash: u64, hold_ends: Timestamp) -> Opening {
    let places = earlier.iter().flat_map(|session| {
        let numbers = (session.before..).zip(&session.tail);
        let same = numbers.filter(move |(_, other)| **other == hash);
        same.map(|(number, _)| Candidate { session: session.id, next: number })
    });
    Opening { hold_ends, positions: Vec::new(), repeats: 0, candidates: places.collect() }
}

impl Opening {
    /// The next message of the session: candidates that expected another are out, and one that
    /// has reached the end of its session makes all messages so far repeats, and is answered.
    pub fn take(&mut self, seen: Seen, sessions: &[Session]) -> Vec<Alignment> {
        self.positions.push(seen.at);
        let so_far = self.positions.len();
        let mut complete = Vec::new();
        self.candidates.retain_mut(|candidate| {
            let session = sessions
                .iter()
                .find(|session| session.id == candidate.session && session.id != seen.session);
            let Some(session) = session else { return false };
            if session.get(candidate.next) != Some(seen.hash) {
                return false;
            }
            candidate.next += 1;
            let ended = candidate.next == session.end();
            if ended {
                complete.push(Alignment::at_the_end(session, so_far as u64));
            }
            !ended
        });
        if !complete.is_empty() {
            self.repeats = so_far;
        }
        complete
    }
}
