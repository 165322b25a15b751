//! Repeats of Redis lists against a model of their workers: each stores a batch of its own list,
//! then takes it out, and is killed anywhere in between; what its list still holds it reads again.

use std::time::Duration;

use mutt_event::{Envelope, Flags, Input, Kind, Timestamp};
use mutt_journal::Position;
use proptest::prelude::*;

use super::{Decision, Limits, Repeats};

/// A message in the journal.
#[derive(Clone, Debug)]
struct Stored {
    session: u64,
    raw: String,
    again: bool,
    time: Timestamp,
    /// Whether the model stored it before.
    before: bool,
}

fn envelope(stored: &Stored) -> Envelope<'_> {
    Envelope {
        input: Input::RedisList,
        kind: Kind::Syslog,
        flags: Flags { again: stored.again, ..Flags::default() },
        received: stored.time,
        session: stored.session,
        peer: "10.0.0.1:6379".parse().ok(),
        host: "r1",
        dedup: None,
        usm: None,
        raw: stored.raw.as_bytes(),
    }
}

/// Shows the journal to `repeats` in order, from position `from` on.
fn show(repeats: &mut Repeats, journal: &[Stored], from: usize) -> Vec<Decision> {
    let at = |n: usize| Position((from + n) as u64 + 1);
    for (n, stored) in journal.iter().enumerate() {
        repeats.see(at(n), stored.time, &envelope(stored));
    }
    (0..journal.len()).map(|n| repeats.decision(at(n))).collect()
}

fn decide(journal: &[Stored]) -> Vec<Decision> {
    show(&mut Repeats::new(Limits::default()), journal, 0)
}

/// Messages of one batch.
fn batch(session: u64, again: bool, numbers: std::ops::Range<u32>, seconds: i64) -> Vec<Stored> {
    let time = Timestamp::from_millis(1_000_000 + seconds * 1_000);
    let of = |n: u32| Stored { session, raw: n.to_string(), again, time, before: false };
    numbers.map(of).collect()
}

fn repeats(count: usize) -> Vec<Decision> {
    vec![Decision::Repeat; count]
}

fn new(count: usize) -> Vec<Decision> {
    vec![Decision::New; count]
}

#[test]
fn a_batch_that_is_read_again_is_known_and_what_follows_is_new() {
    // A whole batch, at the end of a long session.
    let mut journal = batch(1, false, 0..5_000, 0);
    journal.extend(batch(2, true, 4_000..5_000, 1));
    journal.extend(batch(2, true, 5_000..5_100, 1));
    journal.extend(batch(2, false, 5_100..5_200, 1));
    assert_eq!(decide(&journal), [new(5_000), repeats(1_000), new(200)].concat());
}

#[test]
fn the_same_text_that_was_not_read_again_is_new_at_once() {
    let journal = [batch(1, false, 7..8, 0), batch(1, false, 7..8, 0), batch(2, false, 7..8, 0)];
    assert_eq!(decide(&journal.concat()), new(3));
}

#[test]
fn what_was_stored_in_part_is_a_repeat_in_part() {
    let journal = [batch(1, false, 0..30, 0), batch(2, true, 20..120, 1)].concat();
    assert_eq!(decide(&journal), [new(30), repeats(10), new(90)].concat());
}

#[test]
fn a_life_that_was_cut_off_while_it_read_again_makes_no_second_count_either() {
    let first = batch(1, false, 0..100, 0);
    let lives = (2..10).flat_map(|life| batch(life, true, 0..100, life as i64));
    let last = batch(10, false, 100..101, 10);
    let journal: Vec<Stored> = first.into_iter().chain(lives).chain(last).collect();
    assert_eq!(decide(&journal), [new(100), repeats(800), new(1)].concat());
}

#[test]
fn what_another_worker_moved_back_is_known_to_its_end() {
    // The first of them are in the own list still, the others come from the source again.
    let journal =
        [batch(1, false, 0..50, 0), batch(2, true, 0..20, 1), batch(2, false, 20..60, 1)].concat();
    assert_eq!(decide(&journal), [new(50), repeats(50), new(10)].concat());
}

#[test]
fn a_list_waits_as_long_as_mutt_is_away() {
    let day = 24 * 3_600;
    let mut repeats_known = Repeats::new(Limits::default());
    show(&mut repeats_known, &batch(1, false, 0..100, 0), 0);
    repeats_known.tick(Timestamp::from_millis(day * 1_000));
    let again = batch(2, true, 0..100, 2 * day);
    assert_eq!(show(&mut repeats_known, &again, 100), repeats(100));
}

#[test]
fn many_lives_of_other_lists_do_not_make_it_forget() {
    let list = batch(1, false, 0..100, 0);
    let others = (2..60).flat_map(|life| batch(life, false, 1_000..1_010, 1));
    let mut journal: Vec<Stored> = list.into_iter().chain(others).collect();
    let before = journal.len();
    journal.extend(batch(60, true, 0..100, 2));
    assert_eq!(decide(&journal), [new(before), repeats(100)].concat());
}

/// What happens to a worker next.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// It takes out what is stored, moves in up to so many, and stores what its list holds.
    Turn { worker: usize, most: usize },
    /// It is killed before it stored what it has moved in.
    KilledBefore { worker: usize, most: usize },
    /// It is killed after it stored and before it took out.
    Killed { worker: usize },
    /// Time passes.
    Passes { seconds: u32 },
}

/// A worker of a list of its own.
#[derive(Default)]
struct Worker {
    session: u64,
    next: usize,
    /// What its list holds: numbers, and whether they were stored.
    own: Vec<(usize, bool)>,
    stored: usize,
    again: usize,
}

struct World {
    workers: Vec<Worker>,
    journal: Vec<Stored>,
    sessions: u64,
    now: Timestamp,
}

impl World {
    fn start(&mut self, of: usize) {
        let worker = &mut self.workers[of];
        self.sessions += 1;
        worker.session = self.sessions;
        (worker.stored, worker.again) = (0, worker.own.len());
        if worker.again > 0 {
            self.store(of);
        }
    }

    fn move_in(&mut self, of: usize, most: usize) {
        let worker = &mut self.workers[of];
        worker.own.drain(..worker.stored);
        worker.stored = 0;
        let next = worker.next;
        worker.own.extend((next..next + most).map(|number| (number, false)));
        worker.next += most;
    }

    fn store(&mut self, of: usize) {
        let worker = &mut self.workers[of];
        for (number, stored) in &mut worker.own {
            self.journal.push(Stored {
                session: worker.session,
                raw: format!("{of} {number}"),
                again: worker.again > 0,
                time: self.now,
                before: std::mem::replace(stored, true),
            });
            worker.again = worker.again.saturating_sub(1);
        }
        worker.stored = worker.own.len();
    }
}

fn play(events: &[Event]) -> Vec<Stored> {
    let workers = (0..WORKERS).map(|_| Worker::default()).collect();
    let now = Timestamp::from_millis(1_000_000);
    let mut world = World { workers, journal: Vec::new(), sessions: 0, now };
    (0..WORKERS).for_each(|of| world.start(of));
    for event in events {
        match *event {
            Event::Turn { worker, most } => {
                world.move_in(worker, most);
                world.store(worker);
            }
            Event::KilledBefore { worker, most } => {
                world.move_in(worker, most);
                world.start(worker);
            }
            Event::Killed { worker } => world.start(worker),
            Event::Passes { seconds } => {
                world.now = world.now.after(Duration::from_secs(u64::from(seconds)));
            }
        }
    }
    world.journal
}

const WORKERS: usize = 3;

fn event() -> impl Strategy<Value = Event> {
    let (worker, most) = (|| 0..WORKERS, || 0usize..30);
    prop_oneof![
        5 => (worker(), most()).prop_map(|(worker, most)| Event::Turn { worker, most }),
        1 => (worker(), most()).prop_map(|(worker, most)| Event::KilledBefore { worker, most }),
        2 => worker().prop_map(|worker| Event::Killed { worker }),
        1 => (0u32..5_000).prop_map(|seconds| Event::Passes { seconds }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Wherever workers of several lists are killed, each message counts once.
    #[test]
    fn each_message_counts_once(events in prop::collection::vec(event(), 1..80)) {
        let journal = play(&events);
        for (stored, decision) in journal.iter().zip(decide(&journal)) {
            let expected = if stored.before { Decision::Repeat } else { Decision::New };
            prop_assert_eq!(decision, expected, "{:?} in {:#?}", stored, journal);
        }
    }
}
