//! A process over a journal in Redis: one of any number, with the jobs of its role, and nothing of
//! its own on disk.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Error, Result, anyhow, bail};
use mutt_api::Decisions;
use mutt_event::Hosts;
use mutt_input::{InputError, Intake};
use mutt_journal::{Clock, RedisJournal, SystemClock, queue};
use mutt_pipeline::book::{Ground, InForce};
use mutt_pipeline::{CORRELATE, Inbox, JUDGE, Standing, Watch};
use mutt_store::SqlStore;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};
use tokio_util::task::TaskTracker;

use super::build::ms;
use super::lanes::{self, Place};
use super::lease::Leasing;
use super::machine::{Counters, Stops, admin, serve_inputs};
use super::report::Reporter;
use super::role::Role;
use super::share::{self, Share};
use super::store::Calling;
use super::watch::{Observer, Tells, Way};
use super::{
    api, archive, book, build, deliver, heartbeat, inputs, judge, snmp, store, tls, trim, watch,
    worker,
};
use crate::admin::{Journal, Sources};
use crate::config::value::size;
use crate::config::{Settings, notes};
use crate::secrets::Secrets;
use crate::status::Status;
use crate::telemetry::Level;

/// One process of several.
pub struct Fleet {
    settings: Arc<Settings>,
    status: Status,
    inputs: JoinSet<Result<(), InputError>>,
    /// Stores what inputs took; ends when they are gone.
    writer: Option<JoinHandle<()>>,
    store: Option<SqlStore>,
    workers: Vec<worker::Running>,
    stops: Stops,
    served: TaskTracker,
    changed: Arc<Notify>,
    secrets: Secrets,
}

impl Fleet {
    /// Builds and starts the parts of a role; inputs last.
    ///
    /// # Errors
    /// When a part cannot start.
    pub async fn start(
        settings: Arc<Settings>,
        role: Role,
        (journal, store): (RedisJournal, Option<SqlStore>),
        counters: Counters,
        level: Option<Level>,
    ) -> Result<Self> {
        let (status, stops) = (Status::default(), Stops::default());
        let bound = match role.takes_messages() {
            true => {
                let usm = snmp::usm(&settings, store.as_ref()).await?;
                Some(inputs::bind(&settings.input, usm, &counters.tls)?)
            }
            false => None,
        };
        let mut fleet = Self {
            settings,
            status,
            inputs: JoinSet::new(),
            writer: None,
            store,
            workers: Vec::new(),
            stops,
            served: TaskTracker::new(),
            changed: Arc::new(Notify::new()),
            secrets: counters.secrets.clone(),
        };
        let sources = match fleet.store.clone() {
            Some(store) => fleet.with_database(role, store, &journal, &counters, level).await?,
            None => fleet.sources(role, &journal, &counters, None),
        };
        admin(&fleet.settings, sources, &counters, &fleet.stops).await?;
        tls::watch(&counters.tls, fleet.stops.rest.clone());
        if let Some(bound) = bound {
            fleet.take_messages(bound, &journal, counters)?;
        }
        fleet.status.inputs_up(Some(SystemClock.now()));
        notes::of(&fleet.settings).into_iter().for_each(|note| tracing::warn!("{note}"));
        Ok(fleet)
    }

    fn sources(
        &self,
        role: Role,
        journal: &RedisJournal,
        counters: &Counters,
        in_force: Option<&Arc<InForce>>,
    ) -> Sources {
        Sources {
            journal: Journal::Redis(journal.clone()),
            store: self.store.clone(),
            readers: readers(&self.settings),
            in_force: in_force.cloned(),
            status: self.status.clone(),
            secrets: self.secrets.clone(),
            tls: counters.tls.clone(),
            doors: role.doors(&self.settings),
        }
    }

    /// Starts all that works with the database.
    async fn with_database(
        &mut self,
        role: Role,
        store: SqlStore,
        journal: &RedisJournal,
        counters: &Counters,
        level: Option<Level>,
    ) -> Result<Sources> {
        store::check_identity(&store, &journal.identity()).await?;
        let (in_force, ground) = book::open(&self.settings, &store).await?;
        let sources = self.sources(role, journal, counters, Some(&in_force));
        let leasing = Leasing::of_many(&self.settings, store.clone());
        let place = Place {
            leasing: leasing.clone(),
            status: self.status.clone(),
            stop: self.stops.workers.clone(),
        };
        let (mut ways, mut calls) = (Vec::new(), Vec::new());
        if role.forwards() {
            ways = self.archivers(journal, &store, &place, counters)?;
            let (of_alerts, called) = self.deliverers(&store, &place, counters)?;
            ways.extend(of_alerts);
            calls = called;
        }
        let (inbox, watch) = (Inbox::default(), self.watched());
        let mut judge = Standing::default();
        if role.judges() {
            let grounds = (&in_force, &ground);
            let calling = (Calling::new(store.clone(), calls), inbox.clone(), Arc::clone(&watch));
            judge = self.judges(journal, grounds, calling, &place, counters)?;
            let (stop, settings) = (self.stops.rest.clone(), Arc::clone(&self.settings));
            let of = (store.clone(), self.status.clone());
            tokio::spawn(trim::run(journal.clone(), of, settings.clone(), stop.clone()));
            tokio::spawn(watch::prune(store.clone(), settings.database.clone(), stop));
        }
        let observer = Observer {
            sources: sources.clone(),
            store: store.clone(),
            ways: ways.clone(),
            judge,
            watch,
            tells: Tells::Posted,
            lost_before: watch::lost(&store).await?,
        };
        let rest = || self.stops.rest.clone();
        let reporter = Reporter {
            name: leasing.holder().to_owned(),
            role,
            settings: Arc::clone(&self.settings),
            sources: sources.clone(),
            input: counters.input.clone(),
            output: counters.output.clone(),
            ways,
        };
        self.served.spawn(reporter.run(store.clone(), rest()));
        tokio::spawn(watch::observe(observer, Arc::clone(&self.settings), rest()));
        let heart = (self.status.clone(), store.clone());
        heartbeat::start(&self.settings.heartbeat, heart.0, heart.1, rest())?;
        let follow = book::Follow { store, in_force, ground, level };
        if role.serves_people() {
            let decisions = Decisions { inbox, called: Arc::new(Notify::new()) };
            let hosts = build::hosts(&self.settings.hosts);
            let parts = follow.api(&sources, hosts, &self.changed, decisions);
            api::start(&self.settings, parts, &counters.tls, &self.served, rest()).await?;
        }
        tokio::spawn(follow.run(Arc::clone(&self.changed), rest()));
        Ok(sources)
    }

    fn watched(&self) -> Arc<Watch> {
        Arc::new(Watch::new(self.settings.watch.hosts.iter().cloned()))
    }

    /// Starts the division of `workers` among the processes of a kind.
    fn share(&self, kind: &str, workers: usize, place: &Place, store: &SqlStore) -> Arc<Share> {
        let share = Arc::new(Share::default());
        let (tenancy, kind, ttl) = place.leasing.member(kind);
        let of = (workers, Arc::clone(&share));
        let stop = self.stops.workers.clone();
        tokio::spawn(share::divide(store.clone(), tenancy, (kind, ttl), of, stop));
        share
    }

    /// An archiver for each kind of message and each lane.
    fn archivers(
        &mut self,
        journal: &RedisJournal,
        store: &SqlStore,
        place: &Place,
        counters: &Counters,
    ) -> Result<Vec<Way>> {
        let lanes = Journal::Redis(journal.clone()).lanes();
        archive::check(&self.settings.archive)?;
        let tls = tls::archive(&counters.tls, &self.settings.archive)?;
        let hosts = Arc::new(build::hosts(&self.settings.hosts));
        let plans = |lanes: usize| {
            let of = (&counters.pipeline, &counters.output);
            archive::plan(&self.settings.archive, None, lanes, of, (&hosts, tls.clone()))
        };
        let all = plans(lanes.len()).len() * lanes.len();
        let share = self.share("forward", all, place, store);
        let mut ways = Vec::new();
        for lane in &lanes {
            for plan in plans(lanes.len()) {
                let (name, standing) = (plan.name().to_owned(), plan.stats.standing.clone());
                ways.push(Way { worker: archive::worker_name(&name, lane), name, standing });
                let of = (lane.clone(), Some(Arc::clone(&share)));
                let (status, stop) = (place.status.clone(), place.stop.clone());
                let leasing = &place.leasing;
                let worker = archive::start(plan, of, store.clone(), leasing, status, stop)?;
                self.workers.push(worker);
            }
        }
        Ok(ways)
    }

    /// A deliverer for each destination; answers how to call them, too.
    fn deliverers(
        &mut self,
        store: &SqlStore,
        place: &Place,
        counters: &Counters,
    ) -> Result<(Vec<Way>, Vec<Arc<Notify>>)> {
        let (mut ways, mut calls) = (Vec::new(), Vec::new());
        for to in &self.settings.destinations {
            let (called, standing) = (Arc::new(Notify::new()), Standing::default());
            let (name, worker) = (to.name.to_string(), deliver::worker_name(to.name.as_str()));
            ways.push(Way { name, worker, standing: standing.clone() });
            calls.push(Arc::clone(&called));
            let stats = counters.output.destination(to.name.as_str());
            let (store, secrets) = (store.clone(), self.secrets.clone());
            let parts = deliver::Parts {
                store,
                stats,
                standing,
                called,
                secrets,
                tls: counters.tls.clone(),
            };
            let (status, stop) = (place.status.clone(), place.stop.clone());
            self.workers.push(deliver::start(to, parts, &place.leasing, status, stop)?);
        }
        Ok((ways, calls))
    }

    /// A judge for each lane, the correlator and the miner; answers how the correlator is.
    fn judges(
        &mut self,
        journal: &RedisJournal,
        (in_force, ground): (&Arc<InForce>, &Ground),
        (database, inbox, watch): (Calling, Inbox, Arc<Watch>),
        place: &Place,
        counters: &Counters,
    ) -> Result<Standing> {
        let called = Arc::new(Notify::new());
        let parts = lanes::Parts {
            lanes: Journal::Redis(journal.clone()).lanes(),
            journal: journal.identity(),
            database: database.with_correlator(Arc::clone(&called)),
            parser: Arc::clone(&ground.parser),
            rules: in_force.rules(),
            inbox,
            watched: self.settings.watch.hosts.clone(),
            watch,
            settings: judge::judge_settings(&self.settings),
            up_since: SystemClock.now(),
        };
        let store = parts.database.store();
        let share = self.share("alert", parts.lanes.len(), place, store);
        for lane in &parts.lanes {
            let stats = counters.pipeline.reader(JUDGE);
            let worker = lanes::judge(&parts, lane, stats, place, Arc::clone(&share))?;
            self.workers.push(worker);
        }
        let stats = counters.pipeline.reader(CORRELATE);
        let standing = stats.standing.clone();
        self.workers.push(lanes::correlation(&parts, stats, called, place)?);
        if let Some(mining) = parts.settings.mining.clone() {
            self.workers.push(lanes::mine(&parts, mining, &counters.pipeline, place)?);
        }
        Ok(standing)
    }

    fn take_messages(
        &mut self,
        mut bound: inputs::Bound,
        journal: &RedisJournal,
        counters: Counters,
    ) -> Result<()> {
        // Nobody else's, whoever has the same settings: what a dead one had taken others recover.
        let worker = format!("{}-{}", self.settings.instance.name, uuid::Uuid::now_v7());
        bound.add_redis_lists(&self.settings.input, &worker, &counters.tls)?;
        let bytes = size(self.settings.journal.queue_bytes);
        let (appender, waiting) = queue(journal.partitions(), bytes);
        let writing = journal.clone();
        self.writer = Some(tokio::spawn(async move { writing.serve(waiting).await }));
        let hosts: Hosts = build::hosts(&self.settings.hosts);
        let intake = Intake::new(appender, hosts, counters.input);
        self.inputs = serve_inputs(bound, &intake, &self.status, &self.stops);
        Ok(())
    }

    /// Asks for a look at the catalog at once.
    pub fn look_at_catalog(&self) {
        self.changed.notify_one();
    }

    /// Waits until something is broken that no part can mend by itself, and says what.
    pub async fn broken(&mut self) -> Error {
        match self.inputs.join_next().await {
            Some(Ok(Err(error))) => error.into(),
            Some(Err(panic)) => anyhow!("an input ended: {panic}"),
            Some(_) => anyhow!("an input ended by itself"),
            None => std::future::pending().await,
        }
    }

    /// Ends all parts in order: inputs, what they took, workers, who give their leases back, the
    /// rest.
    pub async fn stop(mut self) {
        let until = Instant::now() + ms(self.settings.shutdown_ms);
        let left = || until.saturating_duration_since(Instant::now());
        self.status.inputs_up(None);
        self.stops.inputs.cancel();
        let drained = async { while self.inputs.join_next().await.is_some() {} };
        if timeout(left() / 2, drained).await.is_err() {
            tracing::warn!("inputs did not end in time: what was not safe was not acknowledged");
        }
        self.inputs.shutdown().await;
        if let Some(writer) = self.writer.take()
            && timeout(left() / 2, writer).await.is_err()
        {
            tracing::warn!("the journal did not take all in time: it was not acknowledged");
        }
        self.stops.workers.cancel();
        for worker in self.workers {
            worker.ended(left()).await;
        }
        self.stops.rest.cancel();
        self.served.close();
        let least = Duration::from_millis(10);
        if timeout(left().max(least), self.served.wait()).await.is_err() {
            tracing::warn!("the API did not end in time");
        }
        if let Some(store) = self.store
            && timeout(left().max(least), store.close()).await.is_err()
        {
            tracing::warn!("the database did not close in time");
        }
        tracing::info!("stopped");
    }
}

/// The readers that the ledger shows.
pub fn readers(settings: &Settings) -> Vec<String> {
    archive::names(&settings.archive).into_iter().chain([JUDGE.to_owned()]).collect()
}

/// Refuses a role that needs what the settings do not give.
///
/// # Errors
/// The journal is in a folder, which one process alone can have.
pub fn check(settings: &Settings, role: Role) -> Result<()> {
    if role != Role::All && settings.redis_journal.places() == 0 {
        bail!(
            "mutt {} shares a journal with other processes: set redis_journal.url (or sentinels, or \
             cluster); with a journal in a folder there is `mutt run`",
            role.name()
        );
    }
    Ok(())
}
