//! The workers of a journal with a lane for each partition: a judge a lane, one correlator, one
//! miner. From: journal, rules. To: alerts and notices in the database.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use arc_swap::ArcSwap;
use mutt_event::{Parser, Timestamp};
use mutt_journal::{AnyLane, Clock, Lane, SystemClock};
use mutt_pipeline::{
    CORRELATE, Correlation, CorrelationParts, Inbox, JUDGE, JudgeSettings, LaneJudge,
    LaneJudgeParts, MINE, Mine, MineParts, MiningSettings, PipelineStats, ReaderStats, Rulebook,
    Watch,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::archive::worker_name;
use super::lease::Leasing;
use super::share::Share;
use super::store::Calling;
use super::worker::{self, Running, Wake};
use crate::status::Status;

/// What all of them are made of, again after each failure.
#[derive(Clone)]
pub struct Parts {
    /// The journal's lanes.
    pub lanes: Vec<AnyLane>,
    /// The journal's name.
    pub journal: String,
    /// Where steps become true.
    pub database: Calling,
    /// Reads fields.
    pub parser: Arc<Parser>,
    /// The rules in force.
    pub rules: Arc<ArcSwap<Rulebook>>,
    /// Says when somebody decided something.
    pub inbox: Inbox,
    /// Hosts that must not fall silent, by name.
    pub watched: Vec<String>,
    /// When they were heard, as the correlator knows it.
    pub watch: Arc<Watch>,
    /// How they work.
    pub settings: JudgeSettings,
    /// Since when this process is up.
    pub up_since: Timestamp,
}

/// Where workers run, and under which leases.
#[derive(Clone)]
pub struct Place {
    /// Their leases.
    pub leasing: Leasing,
    /// How they are.
    pub status: Status,
    /// When they end.
    pub stop: CancellationToken,
}

/// Starts the judge of a lane, if its share has room.
///
/// # Errors
/// If the system gives no thread.
pub fn judge(
    parts: &Parts,
    lane: &AnyLane,
    stats: ReaderStats,
    place: &Place,
    share: Arc<Share>,
) -> Result<Running> {
    let name = worker_name(JUDGE, lane);
    let wake = Wake { journal: Some(lane.notify()), called: Arc::new(Notify::new()) };
    let tenancy = (place.leasing.tenancy(&name, Duration::ZERO), Some(share));
    let (parts, lane) = (parts.clone(), lane.clone());
    let (status, stop) = (place.status.clone(), place.stop.clone());
    worker::start(&name, wake, status, stop, tenancy, move |tenure| {
        let parts = parts.clone();
        let of_lane = LaneJudgeParts {
            lane: lane.clone(),
            database: parts.database,
            parser: parts.parser,
            rules: parts.rules,
            watch: Arc::new(Watch::new(parts.watched)),
            stats: stats.clone(),
            lease: Some(tenure.lease().clone()),
        };
        let settings = parts.settings;
        async move { Ok(LaneJudge::open(of_lane, &settings, SystemClock.now()).await?) }
    })
}

/// Starts the correlator; `called` wakes it for what judges of this process found.
///
/// # Errors
/// If the system gives no thread.
pub fn correlation(
    parts: &Parts,
    stats: ReaderStats,
    called: Arc<Notify>,
    place: &Place,
) -> Result<Running> {
    let wake = Wake { journal: None, called };
    let tenancy = (place.leasing.tenancy(CORRELATE, Duration::ZERO), None);
    let parts = parts.clone();
    let (status, stop) = (place.status.clone(), place.stop.clone());
    worker::start(CORRELATE, wake, status, stop, tenancy, move |tenure| {
        let parts = parts.clone();
        let last = parts.lanes.last().map_or(0, |lane| lane.partitions().end);
        let all = CorrelationParts {
            journal: parts.journal,
            partitions: 0..last,
            database: parts.database,
            rules: parts.rules,
            inbox: parts.inbox,
            watch: parts.watch,
            stats: stats.clone(),
            lease: Some(tenure.lease().clone()),
            up_since: parts.up_since,
        };
        let settings = parts.settings;
        async move { Ok(Correlation::open(all, &settings, SystemClock.now()).await?) }
    })
}

/// Starts the miner.
///
/// # Errors
/// If the system gives no thread.
pub fn mine(
    parts: &Parts,
    mining: MiningSettings,
    stats: &PipelineStats,
    place: &Place,
) -> Result<Running> {
    // It need not be soon: woken by time alone.
    let wake = Wake { journal: None, called: Arc::new(Notify::new()) };
    let tenancy = (place.leasing.tenancy(MINE, Duration::ZERO), None);
    let (parts, stats) = (parts.clone(), stats.clone());
    let (status, stop) = (place.status.clone(), place.stop.clone());
    worker::start(MINE, wake, status, stop, tenancy, move |tenure| {
        let parts = parts.clone();
        let all = MineParts {
            stats: parts.lanes.iter().map(|_| stats.reader(MINE)).collect(),
            lanes: parts.lanes,
            database: parts.database,
            parser: parts.parser,
            rules: parts.rules,
            inbox: parts.inbox,
            mining: mining.clone(),
            lease: Some(tenure.lease().clone()),
        };
        let settings = parts.settings;
        async move { Ok(Mine::open(all, &settings, SystemClock.now()).await?) }
    })
}
