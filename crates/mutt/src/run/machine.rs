//! All parts of a running MUTT, put together.

use std::sync::Arc;

use anyhow::{Error, Result, anyhow};
use mutt_api::Decisions;
use mutt_input::{InputError, InputStats, Intake};
use mutt_journal::{AnyLane, Appender, Clock, Control, Handle, RealDisk, SystemClock};
use mutt_output::OutputStats;
use mutt_pipeline::book::{Ground, InForce};
use mutt_pipeline::{Inbox, JUDGE, PipelineStats, Progress, Standing, Watch};
use mutt_store::SqlStore;
use mutt_tls::Tls;
use prometheus_client::registry::Registry;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::journal::Journal;
use super::lease::Leasing;
use super::report::Reporter;
use super::role::Role;
use super::store::Calling;
use super::watch::{Observer, Tells, Way};
use super::{
    api, archive, book, build, deliver, heartbeat, inputs, journal, judge, snmp, store, tls, watch,
    worker,
};
use crate::admin::{self, Admin, Sources};
use crate::config::{Settings, notes};
use crate::secrets::Secrets;
use crate::status::Status;
use crate::telemetry::Level;

/// A running MUTT.
pub struct Machine {
    pub(super) settings: Arc<Settings>,
    pub(super) status: Status,
    pub(super) inputs: JoinSet<Result<(), InputError>>,
    pub(super) journal: Handle<RealDisk>,
    pub(super) writer: journal::Running,
    pub(super) store: SqlStore,
    pub(super) workers: Vec<worker::Running>,
    /// Those of the journal by name, which is their lease's too.
    pub(super) readers: Vec<(String, Progress, Standing)>,
    pub(super) ways: Vec<Way>,
    pub(super) stops: Stops,
    sources: Sources,
    /// What answers requests and must be done before the database is closed.
    pub(super) served: TaskTracker,
    failed: CancellationToken,
    changed: Arc<Notify>,
}

/// What ends, in this order.
#[derive(Default)]
pub(super) struct Stops {
    /// The inputs.
    pub inputs: CancellationToken,
    /// The judge, the archivers, the deliverers.
    pub workers: CancellationToken,
    /// Everything that only looks on.
    pub rest: CancellationToken,
}

/// What is counted, by crate.
#[derive(Default)]
pub(super) struct Counters {
    pub input: InputStats,
    pub pipeline: PipelineStats,
    pub output: OutputStats,
    pub secrets: Secrets,
    pub tls: Tls,
}

impl Counters {
    pub fn registry(&self) -> Registry {
        let mut registry = admin::registry();
        self.input.register(&mut registry);
        self.pipeline.register(&mut registry);
        self.output.register(&mut registry);
        registry.register_collector(Box::new(self.secrets.clone()));
        registry.register_collector(Box::new(self.tls.clone()));
        registry
    }
}

impl Machine {
    /// Builds and starts all parts over the database `store`; the inputs last. `secrets` are those of
    /// the settings, read by now; `level` is the log's, which the catalog may change.
    ///
    /// # Errors
    /// When a part cannot start.
    pub async fn start(
        settings: Arc<Settings>,
        store: SqlStore,
        secrets: Secrets,
        level: Option<Level>,
    ) -> Result<Self> {
        let status = Status::default();
        let counters = Counters { secrets, ..Counters::default() };
        let failed = CancellationToken::new();
        let stops = Stops::default();

        let usm = snmp::usm(&settings, Some(&store)).await?;
        let mut bound = inputs::bind(&settings.input, usm, &counters.tls)?;
        let opened = open(&settings, store, &status, &failed).await?;
        let (journal, store) = (&opened.journal, &opened.store);
        bound.add_redis_lists(&settings.input, &journal.identity(), &counters.tls)?;
        let (in_force, ground) = book::open(&settings, store).await?;

        let lost_before = watch::lost(store).await?;
        let mut building = Building {
            settings: &settings,
            status: &status,
            counters: &counters,
            stops: &stops,
            journal,
            store,
            leasing: Leasing::new(&settings, &journal.identity(), store.clone()),
            in_force: &in_force,
            ground: &ground,
            workers: Vec::new(),
            readers: Vec::new(),
            ways: Vec::new(),
        };
        building.archivers()?;
        let deliverers = building.deliverers()?;
        let (sources, observer, decisions) = building.judge(deliverers, lost_before)?;
        let holder = building.leasing.holder().to_owned();
        let Building { workers, readers, ways, .. } = building;

        let rest = || stops.rest.clone();
        let progress = readers.iter().map(|(_, progress, _)| progress.clone()).collect();
        tokio::spawn(watch::trim(progress, opened.control, rest()));
        tokio::spawn(watch::prune(store.clone(), settings.database.clone(), rest()));
        tokio::spawn(watch::observe(observer, Arc::clone(&settings), rest()));
        let changed = Arc::new(Notify::new());
        let follow = book::Follow { store: store.clone(), in_force, ground, level };
        let parts = follow.api(&sources, build::hosts(&settings.hosts), &changed, decisions);
        tokio::spawn(follow.run(Arc::clone(&changed), rest()));
        heartbeat::start(&settings.heartbeat, status.clone(), opened.store.clone(), rest())?;
        admin(&settings, sources.clone(), &counters, &stops).await?;
        let served = TaskTracker::new();
        let reporter = Reporter {
            name: holder,
            role: Role::All,
            settings: Arc::clone(&settings),
            sources: sources.clone(),
            input: counters.input.clone(),
            output: counters.output.clone(),
            ways: ways.clone(),
        };
        served.spawn(reporter.run(opened.store.clone(), rest()));
        api::start(&settings, parts, &counters.tls, &served, rest()).await?;
        tls::watch(&counters.tls, rest());

        let hosts = build::hosts(&settings.hosts);
        let intake = Intake::new(opened.appender, hosts, counters.input);
        let inputs = serve_inputs(bound, &intake, &status, &stops);
        status.inputs_up(Some(SystemClock.now()));
        notes::of(&settings).into_iter().for_each(|note| tracing::warn!("{note}"));
        Ok(Self {
            settings,
            status,
            inputs,
            journal: opened.journal,
            writer: opened.writer,
            store: opened.store,
            workers,
            readers,
            ways,
            stops,
            sources,
            served,
            failed,
            changed,
        })
    }

    /// Where its figures are read.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Asks for a look at the catalog at once.
    pub fn look_at_catalog(&self) {
        self.changed.notify_one();
    }

    /// Waits until something is broken that no part can mend by itself, and says what.
    pub async fn broken(&mut self) -> Error {
        tokio::select! {
            () = self.failed.cancelled() => {
                let why = self.status.parts().journal_failed.unwrap_or_default();
                anyhow!("the journal takes nothing more: {why}")
            }
            ended = self.inputs.join_next(), if !self.inputs.is_empty() => match ended {
                Some(Ok(Err(error))) => error.into(),
                Some(Err(panic)) => anyhow!("an input ended: {panic}"),
                _ => anyhow!("an input ended by itself"),
            },
        }
    }
}

/// What messages and alerts are kept in, open.
struct Opened {
    store: SqlStore,
    journal: Handle<RealDisk>,
    appender: Appender,
    control: Control,
    writer: journal::Running,
}

/// Opens the journal that belongs to the database, and starts the journal's writer.
async fn open(
    settings: &Settings,
    store: SqlStore,
    status: &Status,
    failed: &CancellationToken,
) -> Result<Opened> {
    let above = store::above_cursors(&store, &settings.journal.folder).await?;
    let journal = Journal::open(&settings.journal, above)?;
    store::check_identity(&store, &journal.handle.identity()).await?;
    let (journal, appender, control, writer) = journal.start(status.clone(), failed.clone())?;
    Ok(Opened { store, journal, appender, control, writer })
}

/// The parts that read the journal or the database, while they are put together.
struct Building<'a> {
    settings: &'a Arc<Settings>,
    status: &'a Status,
    counters: &'a Counters,
    stops: &'a Stops,
    journal: &'a Handle<RealDisk>,
    store: &'a SqlStore,
    leasing: Leasing,
    in_force: &'a Arc<InForce>,
    ground: &'a Ground,
    workers: Vec<worker::Running>,
    readers: Vec<(String, Progress, Standing)>,
    ways: Vec<Way>,
}

impl Building<'_> {
    fn archivers(&mut self) -> Result<()> {
        let marks = self.settings.database.file().unwrap_or(&self.settings.journal.folder);
        let (pipeline, output) = (&self.counters.pipeline, &self.counters.output);
        let from = &self.settings.archive;
        archive::check(from)?;
        let tls = tls::archive(&self.counters.tls, from)?;
        let hosts = Arc::new(build::hosts(&self.settings.hosts));
        for plan in archive::plan(from, Some(marks), 1, (pipeline, output), (&hosts, tls)) {
            let (progress, standing) = (plan.stats.progress.clone(), plan.stats.standing.clone());
            let (name, worker) = (plan.name().to_owned(), plan.name().to_owned());
            self.ways.push(Way { name, worker, standing: standing.clone() });
            self.readers.push((plan.name().to_owned(), progress, standing));
            let (store, status) = (self.store.clone(), self.status.clone());
            let (stop, lane) = (self.stops.workers.clone(), self.lane());
            let worker = archive::start(plan, (lane, None), store, &self.leasing, status, stop)?;
            self.workers.push(worker);
        }
        Ok(())
    }

    /// Starts a deliverer for each destination; answers how to call them.
    fn deliverers(&mut self) -> Result<Vec<Arc<Notify>>> {
        let mut calls = Vec::new();
        for to in &self.settings.destinations {
            let (called, standing) = (Arc::new(Notify::new()), Standing::default());
            let (name, worker) = (to.name.to_string(), deliver::worker_name(to.name.as_str()));
            self.ways.push(Way { name, worker, standing: standing.clone() });
            calls.push(Arc::clone(&called));
            let parts = deliver::Parts {
                store: self.store.clone(),
                stats: self.counters.output.destination(to.name.as_str()),
                standing,
                called,
                secrets: self.counters.secrets.clone(),
                tls: self.counters.tls.clone(),
            };
            let (status, stop) = (self.status.clone(), self.stops.workers.clone());
            self.workers.push(deliver::start(to, parts, &self.leasing, status, stop)?);
        }
        Ok(calls)
    }

    /// Starts the judge; answers what looks on.
    fn judge(
        &mut self,
        deliverers: Vec<Arc<Notify>>,
        lost_before: u64,
    ) -> Result<(Sources, Observer, Decisions)> {
        let called = Arc::new(Notify::new());
        let parts = judge::Parts {
            journal: self.lane(),
            database: Calling::new(self.store.clone(), deliverers),
            parser: Arc::clone(&self.ground.parser),
            rules: self.in_force.rules(),
            inbox: Inbox::default(),
            watch: Arc::new(Watch::new(self.settings.watch.hosts.iter().cloned())),
            stats: self.counters.pipeline.reader(JUDGE),
            up_since: SystemClock.now(),
        };
        let (progress, standing) = (parts.stats.progress.clone(), parts.stats.standing.clone());
        self.readers.push((JUDGE.to_owned(), progress, standing.clone()));
        let sources = Sources {
            journal: admin::Journal::Log(self.journal.clone()),
            store: Some(self.store.clone()),
            readers: self.reader_names(),
            in_force: Some(Arc::clone(self.in_force)),
            status: self.status.clone(),
            secrets: self.counters.secrets.clone(),
            tls: self.counters.tls.clone(),
            doors: Role::All.doors(self.settings),
        };
        let observer = Observer {
            sources: sources.clone(),
            store: self.store.clone(),
            ways: self.ways.clone(),
            judge: standing,
            watch: Arc::clone(&parts.watch),
            tells: Tells::Judge(parts.inbox.clone(), Arc::clone(&called)),
            lost_before,
        };
        let decisions = Decisions { inbox: parts.inbox.clone(), called: Arc::clone(&called) };
        let stop = self.stops.workers.clone();
        let (leasing, status) = (&self.leasing, self.status.clone());
        self.workers.push(judge::start(self.settings, parts, called, leasing, status, stop)?);
        Ok((sources, observer, decisions))
    }

    fn lane(&self) -> AnyLane {
        AnyLane::Log(self.journal.clone())
    }

    fn reader_names(&self) -> Vec<String> {
        let archives = archive::names(&self.settings.archive);
        archives.into_iter().chain([JUDGE.to_owned()]).collect()
    }
}

/// Serves /metrics and the rest.
pub(super) async fn admin(
    settings: &Settings,
    sources: Sources,
    counters: &Counters,
    stops: &Stops,
) -> Result<()> {
    let from = &settings.admin;
    if !from.enabled {
        return Ok(());
    }
    let config = tls::admin(from, &counters.tls)?;
    let admin = Admin::bind(config, sources, counters.registry()).await?;
    tracing::info!(address = %admin.address()?, "admin: /metrics, /livez, /readyz, /ledger");
    let stop = stops.rest.clone();
    tokio::spawn(admin.serve(stop));
    Ok(())
}

/// Lets the inputs take messages.
pub(super) fn serve_inputs(
    bound: inputs::Bound,
    intake: &Arc<Intake>,
    status: &Status,
    stops: &Stops,
) -> JoinSet<Result<(), InputError>> {
    for (input, address) in bound.addresses() {
        tracing::info!(input, %address, "listening");
    }
    bound.serve(intake, status, &stops.inputs)
}
