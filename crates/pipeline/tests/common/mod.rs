//! A journal, a database and other ends in memory, for the workers' tests.

#![allow(dead_code)] // each test binary uses a part

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use arc_swap::ArcSwap;
use mutt_event::{Envelope, Flags, Input, Kind, Parser, ParserConfig, Timestamp, partition_of};
use mutt_journal::{Batch, Handle, Log, Options, Position, SimDisk, WhenJournalFull};
use mutt_output::{Certainty, Channel, ChannelError, Http, HttpError, Outgoing, Request, Response};
use mutt_pipeline::{
    Inbox, Judge, JudgeParts, JudgeSettings, LeaseSettings, Ledger, ReaderStats, Rulebook, Step,
    Stopwatch, Stored, Tenancy, Tenure, Watch,
};
use mutt_rules::{Format, Inventory, RuleSet, parse_rules};
use mutt_store::{Counts, Database, MemoryStore, Outcome};

pub const PARTITIONS: u16 = 4;

/// The value of a future that never waits.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(1_795_608_000_000 + ms)
}

/// Time of a worker's own and of the database, in milliseconds; it passes when it is told to.
#[derive(Clone, Default)]
pub struct Time(Arc<AtomicI64>);

impl Time {
    pub fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }

    pub fn now(&self) -> Timestamp {
        at(self.0.load(Ordering::SeqCst))
    }

    pub fn stopwatch(&self) -> Stopwatch {
        let time = self.clone();
        Stopwatch::new(move || time.now().since(Timestamp::ZERO))
    }
}

/// A lease that nobody else wants, whose time does not pass.
pub fn tenure(store: &MemoryStore) -> Tenure {
    let settings = LeaseSettings {
        name: "worker".to_owned(),
        holder: "a".to_owned(),
        ttl: Duration::from_secs(10),
        silence: None,
    };
    let mut tenancy = Tenancy::new(store.clone(), settings, Time::default().stopwatch());
    now(tenancy.keep()).unwrap();
    tenancy.tenure().unwrap().clone()
}

/// A message to store.
#[derive(Clone)]
pub struct Message {
    pub host: &'static str,
    pub raw: Vec<u8>,
    pub input: Input,
    pub kind: Kind,
    pub flags: Flags,
    pub session: u64,
    pub dedup: Option<[u8; 16]>,
}

impl Message {
    /// Adds it to a batch as received at `time`; answers its partition.
    pub fn push(&self, time: Timestamp, batch: &mut Batch) -> u16 {
        let envelope = Envelope {
            input: self.input,
            kind: self.kind,
            flags: self.flags,
            received: time,
            session: self.session,
            peer: Some("10.0.0.1:514".parse().unwrap()),
            host: self.host,
            dedup: self.dedup,
            usm: None,
            raw: &self.raw,
        };
        let partition = partition_of(self.host, PARTITIONS);
        batch.push(partition, |out| envelope.encode_into(out));
        partition
    }
}

pub fn syslog(host: &'static str, text: &str) -> Message {
    let raw = format!("<187>Nov 23 12:00:00 {host} app: {text}").into_bytes();
    let (input, kind, flags) = (Input::SyslogTcp, Kind::Syslog, Flags::default());
    Message { host, raw, input, kind, flags, session: 0, dedup: None }
}

pub fn relp(session: u64, text: &str) -> Message {
    Message { input: Input::Relp, session, ..syslog("r1", text) }
}

/// Of a Redis list; `again`: its input cannot know whether it was stored before.
pub fn element(session: u64, again: bool, text: &str) -> Message {
    let flags = Flags { again, ..Flags::default() };
    Message { input: Input::RedisList, flags, session, ..syslog("r1", text) }
}

pub fn http(text: &str, identity: u8) -> Message {
    Message { input: Input::Http, dedup: Some([identity; 16]), ..syslog("r1", text) }
}

pub fn trap(raw: &[u8]) -> Message {
    Message { raw: raw.to_vec(), input: Input::Snmp, kind: Kind::Trap, ..syslog("r1", "") }
}

/// A journal in memory with its writing end.
pub struct Journal {
    pub disk: SimDisk,
    pub log: Log<SimDisk>,
}

impl Journal {
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    /// One that drops the oldest messages above so many bytes.
    pub fn dropping(retain_bytes: u64) -> Self {
        let when_full = WhenJournalFull::DropOldest;
        Self::with(Options { retain_bytes, when_full, ..Options::default() })
    }

    fn with(options: Options) -> Self {
        let disk = SimDisk::new();
        let options = Options {
            partitions: PARTITIONS,
            segment_bytes: 64 << 10,
            reserve_bytes: 0,
            ..options
        };
        let (log, _) = Log::open(disk.clone(), options, Position::FIRST).unwrap();
        Self { disk, log }
    }

    pub fn handle(&self) -> Handle<SimDisk> {
        self.log.handle()
    }

    pub fn store(&mut self, time: Timestamp, messages: &[Message]) {
        let mut batch = Batch::default();
        for message in messages {
            message.push(time, &mut batch);
        }
        self.log.commit(time, &[&batch]).unwrap();
    }
}

pub const RULES: &str = r#"
[[rules]]
id = "link"
priority = 10
when.message.contains = "LINKDOWN"
clear.message.contains = "LINKUP"
handling = "page_only"
team = "noc"

[[rules]]
id = "noise"
priority = 20
when.message.contains = "NOISE"
handling = "suppress"
"#;

pub fn rulebook(rules: &str) -> Rulebook {
    let rules = parse_rules(rules, Format::Toml).unwrap();
    let (rules, _) = RuleSet::compile(rules).unwrap();
    Rulebook::new(rules, Inventory::default())
}

pub struct Bench {
    pub journal: Journal,
    pub store: MemoryStore,
    pub rules: Arc<ArcSwap<Rulebook>>,
    pub inbox: Inbox,
    pub stats: ReaderStats,
    pub settings: JudgeSettings,
}

impl Bench {
    pub fn new() -> Self {
        let destinations = vec!["moogsoft".to_owned()];
        Self {
            journal: Journal::new(),
            store: MemoryStore::new(),
            rules: Arc::new(ArcSwap::from_pointee(rulebook(RULES))),
            inbox: Inbox::default(),
            stats: ReaderStats::unseen("judge"),
            settings: JudgeSettings { destinations, ..JudgeSettings::default() },
        }
    }

    pub fn judge(&self, time: Timestamp) -> Judge<Handle<SimDisk>, MemoryStore> {
        self.judge_over(self.store.clone(), time)
    }

    pub fn judge_over<B: Database>(
        &self,
        database: B,
        time: Timestamp,
    ) -> Judge<Handle<SimDisk>, B> {
        now(Judge::open(self.parts(database)(), self.settings.clone(), time)).unwrap()
    }

    /// What makes a judge's parts, any number of times.
    pub fn parts<B: Database>(
        &self,
        database: B,
    ) -> impl Fn() -> JudgeParts<Handle<SimDisk>, B> + use<B> {
        let (journal, rules) = (self.journal.handle(), Arc::clone(&self.rules));
        let (inbox, stats) = (self.inbox.clone(), self.stats.clone());
        move || JudgeParts {
            journal: journal.clone(),
            database: database.clone(),
            parser: Arc::new(Parser::new(ParserConfig::default())),
            rules: Arc::clone(&rules),
            inbox: inbox.clone(),
            watch: Arc::new(Watch::default()),
            stats: stats.clone(),
            lease: None,
            up_since: Timestamp::ZERO,
        }
    }

    pub fn ledger(&self, reader: &str) -> Ledger {
        let cursors = now(self.store.cursors()).unwrap();
        let ledger = Ledger::new(&Stored::now(&[self.journal.handle()]), &cursors, &[reader]);
        ledger.balances().unwrap();
        ledger
    }

    /// What a reader has committed.
    pub fn done(&self, reader: &str) -> Counts {
        self.ledger(reader).reader(reader).unwrap().all.done
    }
}

pub fn counts(parts: &[(Outcome, u64)]) -> Counts {
    let mut counts = Counts::default();
    for (outcome, n) in parts {
        counts.add(*outcome, *n);
    }
    counts
}

/// Steps until there is nothing to do; answers when to wake.
pub fn until_idle<E: std::fmt::Debug>(
    mut step: impl FnMut() -> Result<Step, E>,
) -> Option<Timestamp> {
    for _ in 0..10_000 {
        if let Step::Idle { wake_at } = step().unwrap() {
            return wake_at;
        }
    }
    panic!("it never comes to rest");
}

/// Steps until it wants to rest for longer than `time`.
pub fn until_idle_at<E: std::fmt::Debug>(
    mut step: impl FnMut() -> Result<Step, E>,
    time: Timestamp,
) {
    for _ in 0..10_000 {
        match step().unwrap() {
            Step::Idle { wake_at: Some(at) } if at <= time => {}
            Step::Idle { .. } => return,
            Step::Progress => {}
        }
    }
    panic!("it never comes to rest");
}

/// A receiver that does as it is told.
#[derive(Clone, Default)]
pub struct Receiver(pub Arc<Mutex<ReceiverState>>);

#[derive(Default)]
pub struct ReceiverState {
    pub refuses: bool,
    pub broken: bool,
    pub room: usize,
    pub got: Vec<Vec<u8>>,
    pub sent: u64,
    pub confirmed: u64,
    pub opened: u32,
}

impl Receiver {
    pub fn with_room(room: usize) -> Self {
        let receiver = Self::default();
        receiver.0.lock().unwrap().room = room;
        receiver
    }
}

impl Channel for Receiver {
    fn certainty(&self) -> Certainty {
        Certainty::Confirmed
    }

    async fn open(&mut self) -> Result<(), ChannelError> {
        let mut state = self.0.lock().unwrap();
        if state.refuses {
            let why = io::Error::from(io::ErrorKind::ConnectionRefused);
            return Err(ChannelError::Connect { destination: "netim:514".into(), why });
        }
        (state.broken, state.sent, state.confirmed) = (false, 0, 0);
        state.opened += 1;
        Ok(())
    }

    async fn send(&mut self, messages: &[Outgoing<'_>]) -> Result<usize, ChannelError> {
        let mut state = self.0.lock().unwrap();
        if state.broken {
            return Err(ChannelError::Closed("netim:514".into()));
        }
        let taken = state.room.saturating_sub((state.sent - state.confirmed) as usize);
        let taken = taken.min(messages.len());
        state.got.extend(messages[..taken].iter().map(|message| message.raw.to_vec()));
        state.sent += taken as u64;
        Ok(taken)
    }

    async fn confirmed(&mut self) -> Result<u64, ChannelError> {
        let state = self.0.lock().unwrap();
        match state.broken {
            true => Err(ChannelError::Closed("netim:514".into())),
            false => Ok(state.confirmed),
        }
    }

    async fn wait(&mut self, _most: Duration) {}

    async fn close(&mut self) {}
}

/// Answers in the order given, then 200.
#[derive(Clone, Default)]
pub struct Answers {
    pub next: Arc<Mutex<VecDeque<Result<Response, HttpError>>>>,
    pub bodies: Arc<Mutex<Vec<String>>>,
    pub timeouts: Arc<Mutex<Vec<Duration>>>,
    /// What happens while the next request is under way.
    pub meanwhile: Arc<Mutex<Option<Meanwhile>>>,
}

type Meanwhile = Box<dyn FnOnce() + Send>;

impl Answers {
    pub fn then(&self, status: u16) {
        let response =
            Response { status, retry_after: None, body: "because".into(), took: Duration::ZERO };
        self.next.lock().unwrap().push_back(Ok(response));
    }
}

impl Http for Answers {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let body = String::from_utf8(request.body).unwrap();
        self.bodies.lock().unwrap().push(body);
        self.timeouts.lock().unwrap().push(request.timeout);
        let meanwhile = self.meanwhile.lock().unwrap().take();
        meanwhile.into_iter().for_each(|happens| happens());
        let well = Ok(Response {
            status: 200,
            retry_after: None,
            body: String::new(),
            took: Duration::ZERO,
        });
        self.next.lock().unwrap().pop_front().unwrap_or(well)
    }
}
