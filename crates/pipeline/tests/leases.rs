//! Two processes over one database: one works, the other stands by, and takes over.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests, too

mod common;

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Answers, Bench, Receiver, Time, at, counts, now, syslog};
use mutt_journal::{Handle, SimDisk};
use mutt_output::{Adapter, Gate, GateSettings, OutputStats, WebhookSettings};
use mutt_pipeline::{
    ARCHIVE_SYSLOG, Archiver, ArchiverParts, ArchiverSettings, Deliverer, DelivererParts,
    DelivererSettings, JUDGE, Judge, LeaseSettings, Leased, Seat, Standing, Step, StepError, Takes,
    Tenancy, Tenure,
};
use mutt_store::{
    Call, Database, DeliveryState, Fault, FaultyStore, Leases, MemoryStore, Outcome, StoreError,
};

type Opening<W> = Pin<Box<dyn Future<Output = Result<W, StepError>>>>;
type Under<W> = Leased<MemoryStore, W, Box<dyn FnMut(Tenure) -> Opening<W>>>;
type TheJudge = Judge<Handle<SimDisk>, MemoryStore>;
type TheDeliverer = Deliverer<MemoryStore, Answers>;

const TTL: Duration = Duration::from_secs(9);

struct Two {
    bench: Bench,
    time: Time,
    http: Answers,
}

/// Steps it until it rests, and answers when it wants to go on.
macro_rules! settle {
    ($worker:expr, $time:expr) => {{
        let (worker, time) = (&mut $worker, $time.now());
        common::until_idle(|| now(worker.step(time)))
    }};
}

impl Two {
    fn new() -> Self {
        let time = Time::default();
        let clock = time.clone();
        let store = MemoryStore::with_clock(move || clock.now());
        Self { bench: Bench { store, ..Bench::new() }, time, http: Answers::default() }
    }

    fn tenancy(&self, worker: &str, holder: &str) -> Tenancy<MemoryStore> {
        tenancy(self.bench.store.clone(), &self.time, worker, holder)
    }

    fn judge(&self, holder: &str) -> Under<TheJudge> {
        let (parts, settings) =
            (self.bench.parts(self.bench.store.clone()), self.bench.settings.clone());
        let time = self.time.clone();
        let open = move |_| -> Opening<TheJudge> {
            Box::pin(Judge::open(parts(), settings.clone(), time.now()))
        };
        Leased::new(self.tenancy(JUDGE, holder), Box::new(open))
    }

    fn deliverer(&self, holder: &str) -> Under<TheDeliverer> {
        let (store, http) = (self.bench.store.clone(), self.http.clone());
        let open = move |tenure| -> Opening<TheDeliverer> {
            let parts = deliverer_parts(&store, &http, tenure);
            let deliverer = Deliverer::new(parts, DelivererSettings::new("moogsoft"));
            Box::pin(std::future::ready(Ok(deliverer)))
        };
        Leased::new(self.tenancy("deliver/moogsoft", holder), Box::new(open))
    }

    /// With one notice that waits, and a deliverer under a lease that the test renews.
    fn with_one_waiting() -> (Self, Tenancy<MemoryStore>, TheDeliverer) {
        let mut two = Self::new();
        two.bench.journal.store(at(0), &[syslog("r1", "LINKDOWN")]);
        settle!(two.judge("a"), two.time);
        let mut lease = two.tenancy("deliver/moogsoft", "a");
        now(lease.keep()).unwrap();
        let parts = deliverer_parts(&two.bench.store, &two.http, lease.tenure().unwrap().clone());
        let deliverer = Deliverer::new(parts, DelivererSettings::new("moogsoft"));
        (two, lease, deliverer)
    }

    fn sent(&self) -> usize {
        self.http.bodies.lock().unwrap().len()
    }

    fn alerts(&self) -> Vec<u64> {
        now(self.bench.store.latest_alerts(10)).unwrap().iter().map(|alert| alert.count).collect()
    }

    fn waiting(&self) -> usize {
        now(self.bench.store.waiting("moogsoft", 10)).unwrap().len()
    }
}

fn tenancy<B: Leases>(store: B, time: &Time, worker: &str, holder: &str) -> Tenancy<B> {
    let (name, holder) = (worker.to_owned(), holder.to_owned());
    Tenancy::new(store, LeaseSettings { name, holder, ttl: TTL, silence: None }, time.stopwatch())
}

fn deliverer_parts(
    store: &MemoryStore,
    http: &Answers,
    tenure: Tenure,
) -> DelivererParts<MemoryStore, Answers> {
    DelivererParts {
        database: store.clone(),
        http: http.clone(),
        adapter: Adapter::MoogsoftWebhook(WebhookSettings::new("http://moogsoft.invalid/")),
        gate: Gate::new(GateSettings::default()),
        stats: OutputStats::default().destination("moogsoft"),
        standing: Standing::default(),
        tenure,
    }
}

fn held(epoch: u64) -> Option<Seat> {
    Some(Seat::Held { epoch })
}

#[test]
fn of_two_judges_one_works_and_the_other_takes_over() {
    let mut two = Two::new();
    let (mut a, mut b) = (two.judge("a"), two.judge("b"));
    two.bench.journal.store(at(0), &[syslog("r1", "LINKDOWN")]);
    settle!(a, two.time);
    let wake = settle!(b, two.time);
    assert_eq!(a.seat().cloned(), held(1));
    let until = at(9_000);
    assert_eq!(b.seat(), Some(&Seat::Standby { holder: "a".into(), until }));
    assert_eq!(wake, Some(at(3_000)), "it asks again before the other's time is over");
    assert_eq!(two.alerts(), [1]);

    // The first is renewed in time, and the second stands by.
    two.time.set(3_000);
    settle!(a, two.time);
    two.time.set(9_000);
    two.bench.journal.store(at(9_000), &[syslog("r1", "LINKDOWN")]);
    settle!(b, two.time);
    assert_eq!(two.alerts(), [1]);

    // The first stalls.
    two.time.set(12_000);
    settle!(b, two.time);
    assert_eq!(b.seat().cloned(), held(2));
    assert_eq!(two.alerts(), [2]);
    two.bench.journal.store(at(12_000), &[syslog("r1", "LINKDOWN")]);
    let step = now(a.step(two.time.now())).unwrap();
    assert!(matches!(step, Step::Idle { .. }));
    assert_eq!(a.seat(), Some(&Seat::Lost));
    assert_eq!(two.alerts(), [2], "who comes back works no more");
    settle!(b, two.time);
    settle!(a, two.time);
    assert_eq!(two.alerts(), [3]);
    assert!(matches!(a.seat(), Some(Seat::Standby { holder, .. }) if holder == "b"));
    now(b.stop(two.time.now())).unwrap();
    assert_eq!(two.bench.done(JUDGE), counts(&[(Outcome::Alerting, 3)]));
    assert_eq!(two.waiting(), 1);

    // Given back, it is free at once.
    two.time.set(15_000);
    settle!(a, two.time);
    assert_eq!(a.seat().cloned(), held(3));
}

#[test]
fn what_a_judge_commits_after_another_took_over_is_refused() {
    let mut two = Two::new();
    two.bench.journal.store(at(0), &[syslog("r1", "LINKDOWN")]);
    let mut a = two.judge("a");
    now(a.step(two.time.now())).unwrap();
    // It is in the middle of its step when its time is over: it does not look at its lease.
    let mut stalled = two.bench.judge(at(0));
    two.time.set(9_000);
    let mut b = two.judge("b");
    settle!(b, two.time);
    assert!(matches!(now(stalled.step(at(9_000))), Err(StepError::Fenced(_))));
    assert_eq!((two.alerts(), two.waiting()), (vec![1], 1));
}

#[test]
fn a_stalled_deliverer_sends_nothing_after_its_deadline() {
    let (two, mut lease, mut stalled) = Two::with_one_waiting();
    // Nobody has taken over yet, but somebody may soon.
    two.time.set(8_100);
    assert_eq!(now(stalled.step(two.time.now())).unwrap(), Step::Progress);
    assert_eq!((two.sent(), two.waiting()), (0, 1));
    // Renewed late, but not lost: it goes on.
    assert_eq!(now(lease.keep()).unwrap(), Seat::Held { epoch: 1 });
    now(stalled.step(two.time.now())).unwrap();
    assert_eq!((two.sent(), two.waiting()), (1, 0));
}

#[test]
fn a_request_ends_before_the_lease_does() {
    let (two, _lease, mut deliverer) = Two::with_one_waiting();
    two.time.set(7_000);
    now(deliverer.step(two.time.now())).unwrap();
    assert_eq!(*two.http.timeouts.lock().unwrap(), [Duration::from_millis(1_100)]);
}

#[test]
fn of_two_deliverers_the_one_that_took_over_sends_what_is_left() {
    let mut two = Two::new();
    let (mut judge, mut a, mut b) = (two.judge("a"), two.deliverer("a"), two.deliverer("b"));
    two.bench.journal.store(at(0), &[syslog("r1", "LINKDOWN")]);
    settle!(judge, two.time);
    settle!(a, two.time);
    settle!(b, two.time);
    assert_eq!((two.sent(), two.waiting()), (1, 0));
    assert!(matches!(b.seat(), Some(Seat::Standby { .. })));
    two.time.set(9_000);
    two.bench.journal.store(at(9_000), &[syslog("r2", "LINKDOWN")]);
    settle!(judge, two.time);
    settle!(b, two.time);
    settle!(a, two.time);
    assert_eq!((two.sent(), two.waiting()), (2, 0));
    assert_eq!(b.seat().cloned(), held(2));
    let queues = now(two.bench.store.queues()).unwrap();
    let delivered = queues[0].lengths.iter().find(|one| one.state == DeliveryState::Delivered);
    assert_eq!(delivered.unwrap().count, 2);
}

#[test]
fn what_a_deliverer_writes_down_after_another_took_over_is_refused() {
    let (two, _lease, mut stalled) = Two::with_one_waiting();
    // Another takes over while its request is under way.
    let (store, time) = (two.bench.store.clone(), two.time.clone());
    *two.http.meanwhile.lock().unwrap() = Some(Box::new(move || {
        time.set(9_000);
        now(tenancy(store.clone(), &time, "deliver/moogsoft", "b").keep()).unwrap();
    }));
    match now(stalled.step(at(0))) {
        Err(StepError::Fenced(StoreError::Superseded { lease })) => {
            assert_eq!(lease, "deliver/moogsoft");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(two.waiting(), 1, "the other sends it again, under the same id");
}

#[test]
fn an_archiver_writes_nothing_after_its_deadline() {
    let mut two = Two::new();
    two.bench.journal.store(at(0), &[syslog("r1", "x"), syslog("r2", "y")]);
    let receiver = Receiver::with_room(10);
    let mut lease = two.tenancy(ARCHIVE_SYSLOG, "a");
    now(lease.keep()).unwrap();
    let parts = ArchiverParts {
        journal: two.bench.journal.handle(),
        database: two.bench.store.clone(),
        channel: receiver.clone(),
        stats: two.bench.stats.clone(),
        tenure: lease.tenure().unwrap().clone(),
    };
    let settings = ArchiverSettings::new(ARCHIVE_SYSLOG, Takes::Syslog);
    let mut archiver = now(Archiver::open(parts, settings, at(0))).unwrap();
    two.time.set(8_100);
    now(archiver.step(two.time.now())).unwrap();
    assert_eq!(receiver.0.lock().unwrap().got.len(), 0);
    now(lease.keep()).unwrap();
    now(archiver.step(two.time.now())).unwrap();
    assert_eq!(receiver.0.lock().unwrap().got.len(), 2);
}

#[test]
fn without_an_answer_it_works_to_its_deadline_and_goes_on_when_it_comes() {
    let time = Time::default();
    let clock = time.clone();
    let faults = Arc::new(Mutex::new(Vec::new()));
    let decide = Arc::clone(&faults);
    let store = FaultyStore::new(MemoryStore::with_clock(move || clock.now()), move |call| {
        let mut faults = decide.lock().unwrap();
        if call == Call::Lease { faults.pop().unwrap_or(Fault::None) } else { Fault::None }
    });
    let mut lease = tenancy(store, &time, JUDGE, "a");
    faults.lock().unwrap().extend([Fault::LoseAfter, Fault::LoseBefore]);
    assert!(now(lease.keep()).is_err());
    assert!(now(lease.keep()).is_err());
    // Taken, though no answer came: its own is taken again at once.
    assert_eq!(now(lease.keep()).unwrap(), Seat::Held { epoch: 2 });
    *faults.lock().unwrap() = vec![Fault::LoseBefore; 3];
    for (ms, seat_is_held) in [(2_999, true), (3_000, true), (3_500, true), (8_100, false)] {
        time.set(ms);
        let seat = now(lease.keep()).unwrap();
        assert_eq!(matches!(seat, Seat::Held { .. }), seat_is_held, "{ms}: {seat:?}");
    }
    assert!(lease.tenure().unwrap().left().is_zero());
    assert_eq!(faults.lock().unwrap().len(), 1, "it does not ask without a pause");
    time.set(9_100);
    assert!(matches!(now(lease.keep()).unwrap(), Seat::Unsure { .. }));
    time.set(10_000);
    assert_eq!(now(lease.keep()).unwrap(), Seat::Held { epoch: 2 });
    assert_eq!(lease.tenure().unwrap().left(), Duration::from_millis(8_100));
}

#[test]
fn a_holder_that_starts_again_does_not_wait_for_itself() {
    let mut two = Two::new();
    two.bench.journal.store(at(0), &[syslog("r1", "LINKDOWN")]);
    let mut killed = two.judge("a");
    now(killed.step(two.time.now())).unwrap();
    let mut again = two.judge("a");
    settle!(again, two.time);
    assert_eq!(again.seat().cloned(), held(2));
    assert_eq!(two.alerts(), [1]);
}

/// What is left of a long lease when the database goes away is nearly all of it, and one that was
/// given back is taken soon.
#[test]
fn a_long_lease_is_asked_for_every_ten_seconds() {
    let two = Two::new();
    let long = |holder: &str| {
        let (name, holder) = (ARCHIVE_SYSLOG.to_owned(), holder.to_owned());
        let ttl = Duration::from_secs(900);
        let settings = LeaseSettings { name, holder, ttl, silence: None };
        Tenancy::new(two.bench.store.clone(), settings, two.time.stopwatch())
    };
    let (mut first, mut second) = (long("a"), long("b"));
    assert_eq!(now(first.keep()).unwrap(), Seat::Held { epoch: 1 });
    assert!(matches!(now(second.keep()).unwrap(), Seat::Standby { .. }));
    let ten = Duration::from_secs(10);
    assert_eq!((first.asks_in(), second.asks_in()), (ten, ten));
    assert_eq!(first.tenure().unwrap().left(), Duration::from_secs(810));
    now(first.leave()).unwrap();
    two.time.set(10_000);
    assert_eq!(now(second.keep()).unwrap(), Seat::Held { epoch: 2 });
}

fn long_and_silent(two: &Two, store: impl Leases, holder: &str) -> Tenancy<impl Leases> {
    let (name, holder) = (ARCHIVE_SYSLOG.to_owned(), holder.to_owned());
    let (ttl, silence) = (Duration::from_secs(900), Some(Duration::from_secs(6)));
    Tenancy::new(store, LeaseSettings { name, holder, ttl, silence }, two.time.stopwatch())
}

/// A long lease outlasts the database's absence, and does not make others wait for the dead.
#[test]
fn a_long_lease_is_taken_over_from_a_holder_who_does_not_renew_it() {
    let two = Two::new();
    let store = || two.bench.store.clone();
    let (mut a, mut b) = (long_and_silent(&two, store(), "a"), long_and_silent(&two, store(), "b"));
    assert_eq!(now(a.keep()).unwrap(), Seat::Held { epoch: 1 });
    for ms in (0..20_000).step_by(1_000) {
        two.time.set(ms);
        assert_eq!(now(a.keep()).unwrap(), Seat::Held { epoch: 1 }, "it renews");
        assert!(matches!(now(b.keep()).unwrap(), Seat::Standby { .. }));
    }
    // From here on `a` is gone; its last renewal was at 18 s, and was seen at 18 s.
    for ms in (20_000..24_000).step_by(1_000) {
        two.time.set(ms);
        assert!(matches!(now(b.keep()).unwrap(), Seat::Standby { .. }), "{ms}");
    }
    two.time.set(24_000);
    assert_eq!(now(b.keep()).unwrap(), Seat::Held { epoch: 2 });
    assert_eq!(now(a.keep()).unwrap(), Seat::Lost);
}

/// Who could not look, or got no answer, does not take a holder for dead who could not renew either.
#[test]
fn a_silence_that_was_not_watched_takes_nothing() {
    let two = Two::new();
    let away = Arc::new(AtomicBool::new(false));
    let refuses = Arc::clone(&away);
    let store = FaultyStore::new(two.bench.store.clone(), move |_| match refuses.load(Relaxed) {
        true => Fault::LoseBefore,
        false => Fault::None,
    });
    let mut a = long_and_silent(&two, store.clone(), "a");
    let mut b = long_and_silent(&two, store.clone(), "b");
    assert_eq!(now(a.keep()).unwrap(), Seat::Held { epoch: 1 });
    assert!(matches!(now(b.keep()).unwrap(), Seat::Standby { .. }));
    // It slept for a while.
    two.time.set(60_000);
    assert!(matches!(now(b.keep()).unwrap(), Seat::Standby { .. }));
    two.time.set(62_000);
    assert!(matches!(now(b.keep()).unwrap(), Seat::Standby { .. }));
    // The database is away, and back.
    away.store(true, Relaxed);
    two.time.set(64_000);
    assert!(now(b.keep()).is_err());
    away.store(false, Relaxed);
    for ms in [66_000, 68_000, 70_000] {
        two.time.set(ms);
        assert!(matches!(now(b.keep()).unwrap(), Seat::Standby { .. }), "{ms}");
    }
    two.time.set(71_000);
    assert_eq!(now(a.keep()).unwrap(), Seat::Held { epoch: 1 }, "and it is still its own");
}
