//! What became of every stored message, and what was lost. From: cursors, the journal, numbers by the
//! hour. To: people.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::{Account, Ledger, Line, Stored, oldest_unread};
use mutt_store::{Database, Live, Outcome, TallyKind, TallySum, hour_of, hour_start};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::problem::Problem;
use crate::processes::millis;
use crate::site::{Site, blocking};

/// The path of the ledger.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(ledger))
}

/// What became of all stored messages.
#[derive(Serialize, ToSchema)]
#[schema(as = Ledger)]
struct LedgerView {
    /// The journal's identity.
    journal: String,
    /// Messages stored since the journal began.
    stored: u64,
    /// Whether every account balances: stored = the sum of what was done + waiting.
    balanced: bool,
    /// What does not, in words.
    faults: Vec<String>,
    /// Each reader's account: `judge`, `archive/syslog`, ….
    readers: Vec<AccountView>,
    /// All readers of the archive together; null: there is none.
    archive: Option<LineView>,
    /// Messages that the judge has done, by input.
    inputs: Vec<InputView>,
    /// Messages lost.
    losses: LossView,
}

/// A reader's account.
#[derive(Serialize, ToSchema)]
struct AccountView {
    /// Its name.
    reader: String,
    /// One more than the messages that it has done.
    position: u64,
    /// How old the oldest message is that it has not done; 0: none waits.
    oldest_waiting_age_ms: u64,
    /// In all.
    all: LineView,
    /// By partition; a lost message stands in partition 0.
    partitions: Vec<LineView>,
}

/// One equation: `stored` = the sum of `done` + `waiting`.
#[derive(Serialize, ToSchema)]
struct LineView {
    /// Messages stored.
    stored: u64,
    /// Messages not done yet.
    waiting: u64,
    /// Messages done, by what became of them.
    done: BTreeMap<String, u64>,
}

/// An input's messages, as the judge counts them with its cursor: exact, over all processes and
/// restarts.
#[derive(Serialize, ToSchema)]
struct InputView {
    /// `syslog_udp`, `relp`, ….
    input: String,
    /// Messages since `since`.
    messages: u64,
    /// The first hour that is counted, in RFC 3339: numbers by the hour are kept
    /// `database.keep_hours_days`.
    since: String,
    /// The last hour in which one came, in RFC 3339.
    last: String,
}

/// Messages lost.
#[derive(Serialize, ToSchema)]
struct LossView {
    /// The most that any reader lost, since the journal began.
    lost: u64,
    /// Begin of the last hour in which the judge met a loss, in RFC 3339; null: none in the hours
    /// that are kept.
    last: Option<String>,
    /// Whole hours without a loss that the judge met; null: none is known of.
    hours_without: Option<u64>,
}

impl From<&Line> for LineView {
    fn from(line: &Line) -> Self {
        let done = line.done.iter().map(|(outcome, count)| (outcome.name().to_owned(), count));
        Self { stored: line.stored, waiting: line.waiting, done: done.collect() }
    }
}

/// The conservation ledger: per reader and input, and what was lost.
#[utoipa::path(get, path = "/ledger", tag = "ledger", responses(
    (status = 200, description = "The ledger", body = LedgerView),
))]
async fn ledger(State(site): State<Arc<Site>>, _: Caller) -> Result<Json<LedgerView>, Problem> {
    let inputs = site.store.tally_sums(TallyKind::Input).await?;
    let outcomes = site.store.tally_sums(TallyKind::Outcome).await?;
    // Cursors before the journal: what is stored meanwhile then waits.
    let cursors = site.store.cursors().await?;
    let now = SystemClock.now();
    let site = Arc::clone(&site);
    let read = move || {
        let stored = Stored::now(&site.lanes);
        let readers: Vec<&str> = site.readers.iter().map(String::as_str).collect();
        let oldest = oldest_unread(&site.lanes, &cursors, &site.readers, now);
        (Ledger::new(&stored, &cursors, &readers), oldest)
    };
    let (ledger, oldest) = blocking(read).await?;
    let account = |account: &Account| AccountView {
        reader: account.reader.clone(),
        position: account.position,
        oldest_waiting_age_ms: oldest.get(&account.reader).copied().map_or(0, millis),
        all: (&account.all).into(),
        partitions: account.partitions.iter().map(LineView::from).collect(),
    };
    let faults = ledger.balances().err().unwrap_or_default();
    Ok(Json(LedgerView {
        balanced: faults.is_empty(),
        faults,
        readers: ledger.readers.iter().map(account).collect(),
        archive: ledger.archive.as_ref().map(LineView::from),
        inputs: inputs.into_iter().map(input).collect(),
        losses: losses(&ledger, &outcomes, hour_of(now)),
        journal: ledger.journal,
        stored: ledger.stored,
    }))
}

fn input(sum: TallySum) -> InputView {
    InputView {
        input: sum.name,
        messages: sum.value,
        since: hour_start(sum.first).to_string(),
        last: hour_start(sum.last).to_string(),
    }
}

fn losses(ledger: &Ledger, outcomes: &[TallySum], hour: i64) -> LossView {
    let lost = |account: &Account| account.all.done.get(Outcome::Lost);
    let last = outcomes.iter().find(|sum| sum.name == Outcome::Lost.name()).map(|sum| sum.last);
    LossView {
        lost: ledger.readers.iter().map(lost).max().unwrap_or_default(),
        last: last.map(|hour| hour_start(hour).to_string()),
        hours_without: last.map(|last| u64::try_from(hour - last).unwrap_or_default()),
    }
}
