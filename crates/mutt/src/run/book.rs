//! The book in force: compiled at the start, and again within two seconds of a change of the
//! catalog, whoever made it.
//!
//! A revision with a fault is refused whole; the last good one goes on, and MUTT raises an alert.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use mutt_api::Decisions;
use mutt_event::{Hosts, Timestamp};
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::{Book, BookFault, Ground, InForce, Parts, Proposal, Refused};
use mutt_store::{Catalog, CatalogStore, Edit, Kind, RevisionQuery, SqlStore, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{api, build};
use crate::admin::Sources;
use crate::config::Settings;
use crate::rule_files;
use crate::telemetry::Level;

/// How often it is looked whether the catalog changed. A change is in force within two of these.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How many revisions it goes back at a start to find one without a fault.
const LOOK_BACK: u64 = 20;

/// Compiles the catalog for the first time; fills it from the seed files if it
/// never had a rule.
///
/// # Errors
/// When the database does not answer, or a seed file has a fault. A catalog with faults is no
/// error: messages must flow, so the last good revision holds, and the monitor tells.
pub async fn open(settings: &Settings, store: &SqlStore) -> Result<(Arc<InForce>, Ground)> {
    let ground = build::ground(settings)?;
    seed(settings, store, &ground).await?;
    let catalog = store.catalog().await.context("database")?;
    let in_force = match compile(&catalog, &ground).await? {
        Ok(book) => InForce::new(book, SystemClock.now()),
        Err(faults) => {
            let refused = refuse(catalog.revision, faults);
            let keys = Parts::read(&catalog).keys;
            let in_force =
                InForce::new(last_good(store, &catalog, &ground).await?, SystemClock.now());
            in_force.refuse(refused, keys);
            in_force
        }
    };
    say(&in_force);
    Ok((Arc::new(in_force), ground))
}

/// Rules for a first start: until somebody has saved a rule, whatever became of it.
async fn seed(settings: &Settings, store: &SqlStore, ground: &Ground) -> Result<()> {
    let files = &settings.rules.seed_files;
    let ever = RevisionQuery { kind: Some(Kind::Rule), limit: 1, ..RevisionQuery::default() };
    if files.is_empty() || !store.revisions(ever).await.context("database")?.is_empty() {
        return Ok(());
    }
    let (rules, _) = rule_files::read_all(files).map_err(|faults| said(&faults))?;
    let catalog = store.catalog().await.context("database")?;
    let mut proposal = Proposal::of(Parts::read(&catalog));
    proposal.put_rules(rules.into());
    if let Err(faults) = Book::compile(&proposal, catalog.revision + 1, ground) {
        return Err(said(&faults));
    }
    let edit = Edit {
        base: catalog.revision,
        at: SystemClock.now(),
        who: "mutt".to_owned(),
        from: String::new(),
        why: "first start: rules.seed_files".to_owned(),
        items: proposal.edits(),
    };
    match store.edit(edit).await {
        // Another process that started beside this one was faster.
        Err(StoreError::Outdated { .. }) => Ok(()),
        edited => edited.map(|_| ()).context("database"),
    }
}

fn said<T: ToString>(faults: &[T]) -> anyhow::Error {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("rules.seed_files: {}", lines.join("; "))
}

/// Compiling thousands of rules takes a while: not on a thread that serves others.
async fn compile(catalog: &Catalog, ground: &Ground) -> Result<Result<Book, Vec<BookFault>>> {
    let (catalog, ground) = (catalog.clone(), ground.clone());
    let work = move || Book::read(&catalog, &ground);
    tokio::task::spawn_blocking(work).await.context("compiling the rules")
}

/// The newest revision before the last that has no fault; else the last without what is faulty.
async fn last_good(store: &SqlStore, catalog: &Catalog, ground: &Ground) -> Result<Book> {
    let last = catalog.revision;
    for number in (last.saturating_sub(LOOK_BACK)..last).rev().filter(|number| *number > 0) {
        let before = store.catalog_at(number).await.context("database")?;
        if let Ok(book) = compile(&before, ground).await? {
            tracing::warn!(revision = number, "rules: an older revision goes on");
            return Ok(book);
        }
    }
    if let Some(book) = Book::without_faulty(catalog, ground) {
        tracing::warn!("rules: the last revision goes on without what is faulty in it");
        return Ok(book);
    }
    match Book::compile(&Proposal::default(), 0, ground) {
        Ok(book) => Ok(book),
        Err(faults) => bail!("settings: {}", refuse(0, faults).words()),
    }
}

fn refuse(revision: u64, faults: Vec<BookFault>) -> Refused {
    let refused = Refused { revision, faults };
    tracing::error!(why = refused.words(), "rules: refused; the last good set goes on");
    refused
}

fn say(in_force: &InForce) {
    let state = in_force.now();
    tracing::info!(
        count = state.rules,
        revision = state.revision,
        hash = state.rules_revision,
        "rules: in force"
    );
    for warning in &in_force.book().warnings {
        tracing::warn!(%warning, "rules: perhaps not meant");
    }
}

/// Follows the catalog, and lets take effect what hangs on it.
pub struct Follow {
    /// The database.
    pub store: SqlStore,
    /// The book in force.
    pub in_force: Arc<InForce>,
    /// What books are compiled on.
    pub ground: Ground,
    /// The log's level, if it may change.
    pub level: Option<Level>,
}

impl Follow {
    /// What the API needs of all this.
    pub fn api(
        &self,
        sources: &Sources,
        hosts: Hosts,
        changed: &Arc<Notify>,
        decisions: Decisions,
    ) -> api::Parts {
        api::Parts {
            decisions,
            lanes: sources.journal.lanes(),
            store: self.store.clone(),
            in_force: Arc::clone(&self.in_force),
            ground: self.ground.clone(),
            hosts,
            changed: Arc::clone(changed),
            doors: Arc::clone(&sources.doors),
            readers: sources.readers.clone(),
            journal: sources.journal.clone(),
        }
    }

    /// Looks again and again until `stop`; `changed` asks for a look at once.
    pub async fn run(self, changed: Arc<Notify>, stop: CancellationToken) {
        let mut said = self.in_force.now().since;
        let mut read = true;
        loop {
            let looked = self.look().await;
            // Said once: a database that is away would fill the log.
            if let (Err(error), true) = (&looked, read) {
                tracing::warn!(why = format!("{error:#}"), "rules: the catalog was not read");
            }
            read = looked.is_ok();
            self.take_effect(&mut said);
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = changed.notified() => {}
                () = stop.cancelled() => return,
            }
        }
    }

    async fn look(&self) -> Result<()> {
        if self.in_force.knows(self.store.head().await?) {
            return Ok(());
        }
        let catalog = self.store.catalog().await?;
        match compile(&catalog, &self.ground).await? {
            Ok(book) => {
                self.in_force.put(book, SystemClock.now());
            }
            Err(faults) => {
                let keys = Parts::read(&catalog).keys;
                self.in_force.refuse(refuse(catalog.revision, faults), keys);
            }
        }
        Ok(())
    }

    /// What hangs on the book besides judging: log lines and the log's level.
    fn take_effect(&self, said: &mut Timestamp) {
        let now = self.in_force.now().since;
        if now > *said {
            *said = now;
            say(&self.in_force);
        }
        let book = self.in_force.book();
        if let (Some(level), Some(wanted)) = (&self.level, &book.settings.log_level) {
            level.set(wanted);
        }
    }
}
