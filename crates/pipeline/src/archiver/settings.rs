//! How an archiver works. From: whoever builds one. To: its steps.

use std::time::Duration;

use mutt_event::Kind;

/// The kinds of messages that an archiver takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Takes {
    /// Syslog, and the HTTP input's objects.
    Syslog,
    /// SNMP traps and informs.
    Traps,
}

impl Takes {
    pub(super) fn takes(self, kind: Kind) -> bool {
        matches!(
            (self, kind),
            (Takes::Syslog, Kind::Syslog | Kind::Json) | (Takes::Traps, Kind::Trap)
        )
    }
}

/// What happens when more waits for the archive than its limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WhenBehind {
    /// All is kept: the journal fills, and the inputs stop when it is full.
    #[default]
    Block,
    /// What is over the limit is skipped and counted, so that paging goes on.
    Skip,
}

/// How an archiver works.
#[derive(Clone, PartialEq, Debug)]
pub struct ArchiverSettings {
    /// The reader's name: [`ARCHIVE_SYSLOG`](super::ARCHIVE_SYSLOG) or
    /// [`ARCHIVE_TRAP`](super::ARCHIVE_TRAP).
    pub name: String,
    /// What it takes.
    pub takes: Takes,
    /// Bytes of records read at once.
    pub batch_bytes: usize,
    /// Messages a second at most; 0: no limit.
    pub per_second: f64,
    /// How far it goes back after a break, in bytes of records. For TCP; 0 for RELP and datagrams.
    pub overlap_bytes: u64,
    /// Whether the last run ended with everything confirmed and the channel closed: then it does
    /// not go back.
    pub clean_start: bool,
    /// How much may wait, in bytes of records.
    pub backlog_bytes: u64,
    /// What happens then.
    pub when_behind: WhenBehind,
    /// How often the cursor is committed at most.
    pub commit_every: Duration,
    /// The first wait after a break; it doubles with each.
    pub backoff_first: Duration,
    /// The longest wait after breaks.
    pub backoff_max: Duration,
    /// How long a step waits at most for the receiver.
    pub wait_max: Duration,
    /// How often it looks whether an idle channel still stands.
    pub look_every: Duration,
}

impl ArchiverSettings {
    /// The defaults for a reader.
    pub fn new(name: &str, takes: Takes) -> Self {
        Self {
            name: name.to_owned(),
            takes,
            batch_bytes: 1 << 20,
            per_second: 0.0,
            overlap_bytes: 0,
            clean_start: false,
            backlog_bytes: u64::MAX,
            when_behind: WhenBehind::Block,
            commit_every: Duration::from_secs(1),
            backoff_first: Duration::from_millis(100),
            backoff_max: Duration::from_secs(30),
            wait_max: Duration::from_millis(50),
            look_every: Duration::from_secs(1),
        }
    }
}
