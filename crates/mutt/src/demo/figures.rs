//! What became of everything at one moment, read where a running MUTT keeps it.
//!
//! From: the ledger, the alerts and the queues of the database, the players, the receivers.
//! To: the [`screen`](super::screen).

use anyhow::Result;
use mutt_alert::{Alert, AlertState};
use mutt_pipeline::{JUDGE, Line};
use mutt_store::{Database, DeliveryState, Outcome};

use super::play::Player;
use crate::admin::Sources;

/// All figures at one moment.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Sent by door: name and count.
    pub sent: Vec<(String, u64)>,
    /// Those that severity alone would have paged for: Critical or worse.
    pub shouting: u64,
    /// In the journal.
    pub stored: u64,
    /// The journal's size, in bytes.
    pub journal_bytes: u64,
    /// Both archive readers together.
    pub archive: Line,
    /// The judge.
    pub judged: Line,
    /// What the stand-in NetIM has read.
    pub at_netim: u64,
    /// The events that the stand-in Moogsoft has taken.
    pub at_moogsoft: u64,
    /// Notices that wait to be sent.
    pub notices_waiting: u64,
    /// Notices that were sent.
    pub notices_delivered: u64,
    /// The latest alerts, newest first.
    pub alerts: Vec<Alert>,
}

/// How many of the latest alerts are read.
const ALERTS: u32 = 1_000;

impl Figures {
    /// Reads them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(
        sources: &Sources,
        player: &Player,
        at_netim: u64,
        at_moogsoft: u64,
    ) -> Result<Self> {
        let snapshot = sources.snapshot().await?;
        let judged = snapshot.ledger.readers.iter().find(|account| account.reader == JUDGE);
        let count = |state: DeliveryState| {
            let lengths = snapshot.queues.iter().flat_map(|queue| &queue.lengths);
            lengths.filter(|length| length.state == state).map(|length| length.count).sum()
        };
        let none = Line { stored: 0, waiting: 0, done: Default::default() };
        Ok(Self {
            sent: player.sent().iter().map(|(door, n)| (format!("{door:?}"), *n)).collect(),
            shouting: player.shouting(),
            stored: snapshot.ledger.stored,
            journal_bytes: sources.journal.figures().bytes,
            archive: snapshot.ledger.archive.clone().unwrap_or_else(|| none.clone()),
            judged: judged.map_or(none, |account| account.all.clone()),
            at_netim,
            at_moogsoft,
            notices_waiting: count(DeliveryState::Waiting),
            notices_delivered: count(DeliveryState::Delivered),
            alerts: sources.database()?.latest_alerts(ALERTS).await?,
        })
    }

    /// All that was sent.
    pub fn sent_in_all(&self) -> u64 {
        self.sent.iter().map(|(_, n)| n).sum()
    }

    /// What reached the archive, with or without an answer.
    pub fn archived(&self) -> u64 {
        self.archive.done.get(Outcome::Archived) + self.archive.done.get(Outcome::Unconfirmed)
    }

    /// The alerts that are in this state.
    pub fn alerts_in(&self, state: AlertState) -> usize {
        self.alerts.iter().filter(|alert| alert.state == state).count()
    }

    /// Whether everything is where it belongs.
    pub fn settled(&self) -> bool {
        self.stored >= self.sent_in_all()
            && self.archive.waiting == 0
            && self.at_netim >= self.stored
            && self.judged.waiting == 0
            && self.notices_waiting == 0
    }

    /// What is not yet where it belongs.
    pub fn behind(&self) -> String {
        format!(
            "sent {}, stored {}, archive waits for {}, NetIM has {}, judge waits for {}, notices waiting {}",
            self.sent_in_all(),
            self.stored,
            self.archive.waiting,
            self.at_netim,
            self.judged.waiting,
            self.notices_waiting,
        )
    }
}
