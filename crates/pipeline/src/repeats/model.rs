//! RELP's repeats against a model of senders: each keeps a window of unacknowledged messages, and
//! after a break sends all of it again over a new session, before anything new. What the broken
//! connection had on its way may be stored later than that.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use mutt_event::{Envelope, Flags, Input, Kind, Timestamp};
use mutt_journal::Position;
use proptest::prelude::*;

use super::{Decision, Limits, Repeats};

/// A message in the journal, and whether the model stored it before.
#[derive(Clone, Debug)]
struct Stored {
    peer: u8,
    session: u64,
    raw: String,
    time: Timestamp,
    before: bool,
}

/// What happens to a sender next.
#[derive(Clone, Debug)]
enum Event {
    /// It sends, and so many of these are stored before the next event.
    Sends { sender: usize, stored: usize },
    /// So many of its stored messages are acknowledged.
    Acknowledged { sender: usize, count: usize },
    /// Its connection breaks; it starts a new one. Of what the broken one had on its way so many are
    /// stored after so many of the new one, and as many again at the end of the resend.
    Breaks { sender: usize, late: usize, sent: usize },
    /// So many that the broken connection had on its way are stored.
    Late { sender: usize, stored: usize },
    /// Time passes.
    Passes { ms: u32 },
}

struct Sender {
    peer: u8,
    name: usize,
    session: u64,
    /// The first number that is not acknowledged.
    unacked: u64,
    /// The next number to go over this connection.
    next: u64,
    /// The first number that was never stored.
    fresh: u64,
    /// The broken connection, the next number to be stored of it, and where it ends.
    broken: (u64, u64, u64),
}

impl Sender {
    fn stores(&mut self, session: u64, number: u64, time: Timestamp) -> Stored {
        let before = number < self.fresh;
        self.fresh = self.fresh.max(number + 1);
        Stored { peer: self.peer, session, raw: format!("{} {number}", self.name), time, before }
    }
}

const WINDOW: u64 = 8;

fn play(events: &[Event], senders: usize, per_peer: usize) -> Vec<Stored> {
    let mut next_session = 0;
    let mut session = || {
        next_session += 1;
        next_session
    };
    let mut all: Vec<Sender> = (0..senders)
        .map(|name| Sender {
            peer: (name / per_peer) as u8,
            name,
            session: session(),
            unacked: 0,
            next: 0,
            fresh: 0,
            broken: (0, 0, 0),
        })
        .collect();
    let mut now = Timestamp::from_millis(1_000_000);
    let mut journal = Vec::new();
    for event in events {
        match *event {
            Event::Sends { sender, stored } => {
                let sender = &mut all[sender % senders];
                for _ in 0..stored {
                    if sender.next >= sender.unacked + WINDOW {
                        break;
                    }
                    journal.push(sender.stores(sender.session, sender.next, now));
                    sender.next += 1;
                }
            }
            Event::Acknowledged { sender, count } => {
                let sender = &mut all[sender % senders];
                sender.unacked = (sender.unacked + count as u64).min(sender.next);
            }
            Event::Late { sender, stored } => {
                let sender = &mut all[sender % senders];
                let (old, next, end) = sender.broken;
                for number in (next..end).take(stored) {
                    journal.push(sender.stores(old, number, now));
                    sender.broken.1 = number + 1;
                }
            }
            Event::Breaks { sender, .. } => {
                let sender = &mut all[sender % senders];
                sender.broken = (sender.session, sender.next, sender.unacked + WINDOW);
                sender.session = session();
                sender.next = sender.unacked;
            }
            Event::Passes { ms } => now = now.after(Duration::from_millis(u64::from(ms))),
        }
    }
    journal
}

fn envelope(stored: &Stored) -> Envelope<'_> {
    Envelope {
        input: Input::Relp,
        kind: Kind::Syslog,
        flags: Flags::default(),
        received: stored.time,
        session: stored.session,
        peer: Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, stored.peer)), 514)),
        host: "r1",
        dedup: None,
        usm: None,
        raw: stored.raw.as_bytes(),
    }
}

/// Shows the journal as the judge does: one after the other, looking ahead while one is undecided.
fn decide(journal: &[Stored], limits: &Limits) -> Vec<Decision> {
    let mut repeats = Repeats::new(limits.clone());
    let mut decisions = Vec::new();
    let see = |repeats: &mut Repeats, n: usize| {
        repeats.see(Position(n as u64 + 1), journal[n].time, &envelope(&journal[n]))
    };
    for n in 0..journal.len() {
        let at = Position(n as u64 + 1);
        let mut decision = see(&mut repeats, n);
        for ahead in n + 1..journal.len() {
            if decision != Decision::Undecided {
                break;
            }
            see(&mut repeats, ahead);
            decision = repeats.decision(at);
        }
        if decision == Decision::Undecided {
            repeats.tick(journal[n].time.after(limits.hold));
            decision = repeats.decision(at);
        }
        assert_ne!(decision, Decision::Undecided, "nothing is undecided for ever");
        decisions.push(decision);
        repeats.done_before(at.next());
    }
    decisions
}

fn event(senders: usize) -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (0..senders, 1usize..6).prop_map(|(sender, stored)| Event::Sends { sender, stored }),
        3 => (0..senders, 1usize..6).prop_map(|(sender, count)| Event::Acknowledged { sender, count }),
        2 => (0..senders, 0usize..6, 0usize..6)
            .prop_map(|(sender, late, sent)| Event::Breaks { sender, late, sent }),
        2 => (0u32..50).prop_map(|ms| Event::Passes { ms }),
    ]
}

/// A sender that broke off resends at once: after each break all of the window is sent.
fn whole_resends(events: Vec<Event>) -> Vec<Event> {
    let resend = |event: Event| match event {
        Event::Breaks { sender, late, sent } => vec![
            event,
            Event::Sends { sender, stored: sent },
            Event::Late { sender, stored: late },
            Event::Sends { sender, stored: WINDOW as usize },
            Event::Late { sender, stored: late },
        ],
        event => vec![event],
    };
    events.into_iter().flat_map(resend).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// No stored message counts twice, and no new one is dropped: several senders, some behind one
    /// address, whose sessions interleave, break and resend.
    #[test]
    fn each_message_counts_once(
        events in prop::collection::vec(event(4), 1..120), per_peer in 1usize..3,
    ) {
        let journal = play(&whole_resends(events), 4, per_peer);
        let decisions = decide(&journal, &Limits { sessions_max: 64, ..Limits::default() });
        for (stored, decision) in journal.iter().zip(decisions) {
            let expected = if stored.before { Decision::Repeat } else { Decision::New };
            prop_assert_eq!(decision, expected, "{:?} in {:#?}", stored, journal);
        }
    }

    /// However a resend is itself cut off, no new message is dropped.
    #[test]
    fn no_new_message_is_dropped(
        events in prop::collection::vec(event(3), 1..120), per_peer in 1usize..4,
    ) {
        let journal = play(&events, 3, per_peer);
        let decisions = decide(&journal, &Limits::default());
        for (stored, decision) in journal.iter().zip(decisions) {
            prop_assert!(stored.before || decision == Decision::New, "{:?} in {:#?}", stored, journal);
        }
    }

    /// Rebuilt from any place by reading back, it decides the rest as it would have.
    #[test]
    fn a_rebuilt_memory_decides_the_same(
        events in prop::collection::vec(event(3), 1..80), cut in 0usize..200,
    ) {
        let journal = play(&whole_resends(events), 3, 1);
        let cut = cut.min(journal.len());
        let mut repeats = Repeats::new(Limits::default());
        for (n, stored) in journal.iter().enumerate().take(cut) {
            repeats.see(Position(n as u64 + 1), stored.time, &envelope(stored));
        }
        // The judge stops only where everything before is decided.
        let all = (1..=cut as u64).all(|at| repeats.decision(Position(at)) != Decision::Undecided);
        prop_assume!(all);
        repeats.done_before(Position(cut as u64 + 1));
        for (n, stored) in journal.iter().enumerate().skip(cut) {
            repeats.see(Position(n as u64 + 1), stored.time, &envelope(stored));
        }
        for (n, stored) in journal.iter().enumerate().skip(cut) {
            let decision = repeats.decision(Position(n as u64 + 1));
            prop_assert!(decision == Decision::Undecided || (decision == Decision::Repeat) == stored.before);
        }
    }
}

fn one(session: u64, raw: &str, ms: i64) -> Stored {
    let time = Timestamp::from_millis(1_000_000 + ms);
    Stored { peer: 1, session, raw: raw.into(), time, before: false }
}

#[test]
fn a_resend_is_known_and_what_follows_is_new() {
    let journal = ["a", "b", "c"].map(|raw| one(1, raw, 0)).into_iter();
    let journal: Vec<_> = journal.chain(["b", "c", "d"].map(|raw| one(2, raw, 100))).collect();
    use Decision::{New, Repeat};
    assert_eq!(decide(&journal, &Limits::default()), [New, New, New, Repeat, Repeat, New]);
}

#[test]
fn the_same_messages_in_another_order_or_short_of_the_end_are_new() {
    let journal = ["a", "b", "c"].map(|raw| one(1, raw, 0)).into_iter();
    let journal: Vec<_> = journal.chain(["a", "b", "x"].map(|raw| one(2, raw, 100))).collect();
    assert!(decide(&journal, &Limits::default()).iter().all(|d| *d == Decision::New));
}

#[test]
fn what_stays_undecided_counts_as_new_after_the_hold() {
    let mut repeats = Repeats::new(Limits::default());
    let journal = [one(1, "a", 0), one(1, "b", 0), one(2, "a", 100)];
    for (n, stored) in journal.iter().enumerate() {
        repeats.see(Position(n as u64 + 1), stored.time, &envelope(stored));
    }
    assert_eq!(repeats.decision(Position(3)), Decision::Undecided);
    assert_eq!(repeats.hold_ends(), Some(journal[2].time.after(Duration::from_secs(2))));
    repeats.tick(journal[2].time.after(Duration::from_millis(1_999)));
    assert_eq!(repeats.decision(Position(3)), Decision::Undecided);
    repeats.tick(journal[2].time.after(Duration::from_secs(2)));
    assert_eq!(repeats.decision(Position(3)), Decision::New);
}

#[test]
fn a_resend_that_was_cut_off_is_decided_by_the_next() {
    let first = ["a", "b", "c"].map(|raw| one(1, raw, 0));
    let journal: Vec<_> = first
        .into_iter()
        .chain([one(2, "b", 50)])
        .chain(["b", "c", "d"].map(|raw| one(3, raw, 900)))
        .collect();
    use Decision::{New, Repeat};
    let expected = [New, New, New, Repeat, Repeat, Repeat, New];
    assert_eq!(decide(&journal, &Limits::default()), expected);
}

#[test]
fn what_a_broken_connection_had_on_its_way_is_known_though_its_resend_was_stored_first() {
    let first = ["a", "b"].map(|raw| one(1, raw, 0));
    let resend = ["a", "b", "c", "d"].map(|raw| one(2, raw, 900));
    let late = ["c", "d"].map(|raw| one(1, raw, 901));
    let journal: Vec<_> = first.into_iter().chain(resend).chain(late).collect();
    use Decision::{New, Repeat};
    let expected = [New, New, Repeat, Repeat, New, New, Repeat, Repeat];
    assert_eq!(decide(&journal, &Limits::default()), expected);
}

/// While nothing could be stored, a sender tried a hundred times; then all of that is stored.
#[test]
fn a_hundred_attempts_to_send_again_count_once() {
    let whole = Event::Sends { sender: 0, stored: WINDOW as usize };
    let attempt = |n: usize| {
        let sent = Event::Sends { sender: 0, stored: n % (WINDOW as usize + 1) };
        [Event::Breaks { sender: 0, late: 0, sent: 0 }, sent]
    };
    let outage = [Event::Passes { ms: 600_000 }].into_iter();
    let events: Vec<Event> = [whole.clone(), Event::Passes { ms: 10 }]
        .into_iter()
        .chain(outage)
        .chain((0..100).flat_map(attempt))
        .chain(attempt(WINDOW as usize))
        .chain([Event::Acknowledged { sender: 0, count: 3 }, whole])
        .collect();
    let journal = play(&events, 1, 1);
    assert!(journal.iter().filter(|stored| stored.before).count() > 300);
    let decisions = decide(&journal, &Limits::default());
    for (stored, decision) in journal.iter().zip(decisions) {
        let expected = if stored.before { Decision::Repeat } else { Decision::New };
        assert_eq!(decision, expected, "{stored:?}");
    }
}

#[test]
fn memory_for_sessions_is_bounded() {
    let limits = Limits { tails_max: 100, ..Limits::default() };
    let mut repeats = Repeats::new(limits);
    for n in 0..1_000u64 {
        let mut stored = one(n, "x", 0);
        stored.peer = (n % 200) as u8;
        stored.raw = n.to_string();
        repeats.see(Position(n + 1), stored.time, &envelope(&stored));
    }
    assert!(repeats.evicted() >= 900 - 100);
}
