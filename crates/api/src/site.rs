//! What all requests share, and the one way in which anything is changed: read the latest, apply
//! the change, compile all of it, write it as one revision.
//!
//! Somebody else's change in between is no error of the caller: their change is applied to the new
//! state, unless they said by If-Match that it must not be.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use mutt_event::Hosts;
use mutt_journal::{AnyLane, Clock, SystemClock};
use mutt_pipeline::backtest::Settings;
use mutt_pipeline::book::{Book, BookFault, Ground, InForce, Parts, Proposal};
use mutt_pipeline::{Inbox, Receiver};
use mutt_store::{Catalog, CatalogStore, Edit, ItemEdit, Kind, SqlStore, StoreError};
use secrecy::SecretString;
use serde::Serialize;
use tokio::sync::{Notify, Semaphore};
use utoipa::ToSchema;

use crate::addresses::Addresses;
use crate::auth::Caller;
use crate::backtests::Backtests;
use crate::change::Change;
use crate::cookies::Cookies;
use crate::drills::DrillParts;
use crate::live::Hub;
use crate::oidc::{Oidc, OidcSettings};
use crate::passwords::Hasher;
use crate::problem::{Fault, Problem};
use crate::report::JournalReport;
use crate::request::EditQuery;
use crate::session::SessionLimits;
use crate::{search, teamwork};

/// How often a change is tried again on what others changed meanwhile.
const TRIES: usize = 5;

/// What the API may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The largest body of a request, in bytes.
    pub body_bytes_max: usize,
    /// How many backtests run at a time; more wait for nothing: they are refused.
    pub backtests_max: usize,
    /// How many ended backtests are kept to be looked at.
    pub backtests_kept: usize,
}

/// Tells the judge of this process that a decision waits in the database; another process looks
/// by itself.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// Where the judge is told.
    pub inbox: Inbox,
    /// Wakes it.
    pub called: Arc<Notify>,
}

impl Decisions {
    pub(crate) fn tell(&self) {
        self.inbox.tell_decided();
        self.called.notify_one();
    }
}

/// Says how the journal is now.
pub type JournalFigures = Arc<dyn Fn() -> JournalReport + Send + Sync>;

/// What all requests share.
pub struct Site {
    pub(crate) store: SqlStore,
    pub(crate) in_force: Arc<InForce>,
    pub(crate) ground: Arc<Ground>,
    pub(crate) lanes: Vec<AnyLane>,
    pub(crate) hosts: Arc<Hosts>,
    pub(crate) changed: Arc<Notify>,
    pub(crate) decisions: Decisions,
    pub(crate) mines: bool,
    pub(crate) admin_key: Option<SecretString>,
    pub(crate) limits: Limits,
    pub(crate) backtest: Settings,
    pub(crate) backtests: Backtests,
    pub(crate) cookies: Cookies,
    pub(crate) sessions: SessionLimits,
    pub(crate) hasher: Hasher,
    pub(crate) addresses: Addresses,
    pub(crate) oidc: Option<Oidc>,
    pub(crate) drills: DrillParts,
    /// Searches of messages that may begin.
    pub(crate) searches: Arc<Semaphore>,
    pub(crate) destinations: Vec<Receiver>,
    pub(crate) readers: Vec<String>,
    pub(crate) journal: JournalFigures,
    pub(crate) live: Hub,
    latest: Mutex<Option<Arc<Latest>>>,
}

/// What a site is made of.
pub struct SiteParts {
    /// The database.
    pub store: SqlStore,
    /// The book in force.
    pub in_force: Arc<InForce>,
    /// What books are compiled on.
    pub ground: Ground,
    /// Stored messages.
    pub lanes: Vec<AnyLane>,
    /// How a message's device is found.
    pub hosts: Hosts,
    /// Called after a change.
    pub changed: Arc<Notify>,
    /// Tells the judge what people decide.
    pub decisions: Decisions,
    /// Whether the judge mines patterns.
    pub mines: bool,
    /// A key with the role admin that the settings name.
    pub admin_key: Option<SecretString>,
    /// What it may take.
    pub limits: Limits,
    /// How backtests work: with the judge's own memory for repeats.
    pub backtest: Settings,
    /// How cookies are.
    pub cookies: Cookies,
    /// How long sessions last.
    pub sessions: SessionLimits,
    /// A provider that people sign in at, and a client that asks it and follows no redirection.
    pub oidc: Option<(OidcSettings, reqwest::Client)>,
    /// How drills are made.
    pub drills: DrillParts,
    /// Destinations of alerts, to show what they are sent.
    pub destinations: Vec<Receiver>,
    /// The readers that the ledger shows.
    pub readers: Vec<String>,
    /// How the journal is now.
    pub journal: JournalFigures,
}

/// The catalog's last revision, read.
pub struct Latest {
    pub catalog: Catalog,
    pub parts: Parts,
}

impl Latest {
    /// The revision that made an item; none: there is no such item.
    pub fn revision_of(&self, kind: Kind, name: &str) -> Option<u64> {
        self.catalog.get(kind, name).map(|item| item.revision)
    }
}

/// A change that was made, or would be.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct Saved {
    /// The catalog's last revision.
    pub revision: u64,
    /// Whether nothing was changed, since that was asked.
    pub dry_run: bool,
    /// What is changed, by kind and name; empty: all of it was so already.
    pub changes: Vec<Change>,
    /// Not wrong, but perhaps not meant.
    pub warnings: Vec<Fault>,
}

impl Site {
    /// A site of its parts.
    pub fn new(parts: SiteParts) -> Self {
        let SiteParts {
            store,
            in_force,
            ground,
            lanes,
            hosts,
            changed,
            decisions,
            mines,
            admin_key,
            limits,
            backtest,
            cookies,
            sessions,
            oidc,
            drills,
            destinations,
            readers,
            journal,
        } = parts;
        let backtests = Backtests::new(limits.backtests_max, limits.backtests_kept);
        Self {
            store,
            in_force,
            ground: Arc::new(ground),
            lanes,
            hosts: Arc::new(hosts),
            changed,
            decisions,
            mines,
            admin_key,
            limits,
            backtest,
            backtests,
            cookies,
            sessions,
            hasher: Hasher::default(),
            addresses: Addresses::default(),
            oidc: oidc.map(|(settings, http)| Oidc::new(settings, http)),
            drills,
            searches: Arc::new(Semaphore::new(search::RUNNING_MAX)),
            destinations,
            readers,
            journal,
            live: Hub::default(),
            latest: Mutex::new(None),
        }
    }

    /// The catalog as it is now, whoever changed it.
    pub async fn latest(&self) -> Result<Arc<Latest>, Problem> {
        let head = self.store.head().await?;
        let known = self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.catalog.revision == head) {
            return Ok(known);
        }
        let catalog = self.store.catalog().await?;
        let read = move || Arc::new(Latest { parts: Parts::read(&catalog), catalog });
        let latest = blocking(read).await?;
        *self.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&latest));
        Ok(latest)
    }

    /// Makes a change, or shows what it would be. `change` may be asked several times.
    pub async fn edit(
        &self,
        caller: &Caller,
        query: &EditQuery,
        change: impl Fn(&Latest, &mut Proposal) -> Result<(), Problem>,
    ) -> Result<Saved, Problem> {
        let why = query.why()?;
        for _ in 0..TRIES {
            let latest = self.latest().await?;
            let mut proposal = Proposal::of(latest.parts.clone());
            change(&latest, &mut proposal)?;
            let prepared = self.prepare(&latest, proposal).await?;
            teamwork::check(caller, &latest.catalog, &prepared.items)?;
            if query.dry_run || prepared.saved.changes.is_empty() {
                return Ok(Saved { dry_run: query.dry_run, ..prepared.saved });
            }
            let edit = Edit {
                base: latest.catalog.revision,
                at: SystemClock.now(),
                who: caller.name.clone(),
                from: caller.address(),
                why: why.clone(),
                items: prepared.items,
            };
            match self.store.edit(edit).await {
                Ok(revision) => {
                    self.in_force.put(Book { revision, ..prepared.book }, SystemClock.now());
                    self.changed.notify_one();
                    tracing::info!(revision, who = caller.name, why, "catalog: changed");
                    return Ok(Saved { revision, ..prepared.saved });
                }
                Err(StoreError::Outdated { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Problem::unavailable("others change the catalog all the time: try again"))
    }

    /// Compiles a proposal; it would be the next revision.
    async fn prepare(&self, latest: &Arc<Latest>, proposal: Proposal) -> Result<Prepared, Problem> {
        let (ground, latest) = (Arc::clone(&self.ground), Arc::clone(latest));
        let prepare = move || prepare(&ground, &latest, &proposal);
        blocking(prepare).await?.map_err(Problem::faults)
    }
}

/// A proposal that is good.
struct Prepared {
    items: Vec<ItemEdit>,
    book: Book,
    saved: Saved,
}

fn prepare(
    ground: &Ground,
    latest: &Latest,
    proposal: &Proposal,
) -> Result<Prepared, Vec<BookFault>> {
    let base = latest.catalog.revision;
    let book = Book::compile(proposal, base + 1, ground)?;
    let items = proposal.edits();
    let changes: Vec<Change> = items
        .iter()
        .filter_map(|edit| {
            let before = latest.catalog.get(edit.kind, &edit.name);
            let before = before.map(|item| item.body.as_str());
            Change::of(edit.kind, &edit.name, before, edit.body.as_deref())
        })
        .collect();
    let names = changes.iter().filter(|change| change.kind == Kind::Rule.name());
    let names: HashSet<&str> = names.map(|change| change.name.as_str()).collect();
    let warnings = book
        .warnings
        .iter()
        .filter(|warning| warning.0.rule.as_deref().is_none_or(|rule| names.contains(rule)))
        .map(|warning| BookFault::from(warning.0.clone()).into())
        .collect();
    let saved = Saved { revision: base, dry_run: false, changes, warnings };
    Ok(Prepared { items, book, saved })
}

/// Work that computes for long: not on a thread that serves others.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Problem::internal(format!("the work ended by itself: {error}")))
}
