//! What stories were like. From: each story's end. To: the record, and tests that see that
//! something happened.

use std::fmt;
use std::ops::AddAssign;
use std::time::Duration;

/// What a story was like, or several together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// How many stories.
    pub stories: u64,
    /// How much time passed in them.
    pub time: Duration,
    /// Messages in the journal, repeats included.
    pub stored: usize,
    /// Messages acknowledged.
    pub acknowledged: usize,
    /// Messages that their sender repeated.
    pub repeated: usize,
    /// Messages whose loss was counted, since bits of them flipped.
    pub lost: u64,
    /// Alerts.
    pub alerts: usize,
    /// Notices made of them.
    pub notices: usize,
    /// Notices that Moogsoft took, repeats included.
    pub delivered: usize,
    /// Times that MUTT was killed or the power failed.
    pub crashes: u64,
    /// Times that one set of workers began anew beside the other.
    pub restarts: u64,
    /// Times that workers stood still.
    pub stalls: u64,
    /// Calls to the database that failed, or whose answer was lost.
    pub database_faults: u64,
    /// Writes torn, syncs failed, disks full, bits flipped.
    pub disk_faults: u64,
    /// Times that Redis died, was full, or a connection to it broke.
    pub redis_faults: u64,
    /// Workers that were given to another process.
    pub moves: u64,
    /// Times that NetIM was killed or a sender cut off.
    pub network_faults: u64,
    /// Requests that Moogsoft answered with an error, a lie, late or not at all.
    pub destination_faults: u64,
    /// Times that the database's clock jumped.
    pub clock_jumps: u64,
    /// Times that the rules changed.
    pub rule_changes: u64,
    /// Times that somebody silenced alerts, or took that back.
    pub silences: u64,
    /// What people decided.
    pub decisions: u64,
}

impl Summary {
    /// All faults together.
    pub fn faults(&self) -> u64 {
        self.crashes
            + self.restarts
            + self.stalls
            + self.database_faults
            + self.disk_faults
            + self.redis_faults
            + self.moves
            + self.network_faults
            + self.destination_faults
            + self.clock_jumps
    }
}

impl AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.stories += other.stories;
        self.time += other.time;
        self.stored += other.stored;
        self.acknowledged += other.acknowledged;
        self.repeated += other.repeated;
        self.lost += other.lost;
        self.alerts += other.alerts;
        self.notices += other.notices;
        self.delivered += other.delivered;
        self.crashes += other.crashes;
        self.restarts += other.restarts;
        self.stalls += other.stalls;
        self.database_faults += other.database_faults;
        self.disk_faults += other.disk_faults;
        self.redis_faults += other.redis_faults;
        self.moves += other.moves;
        self.network_faults += other.network_faults;
        self.destination_faults += other.destination_faults;
        self.clock_jumps += other.clock_jumps;
        self.rule_changes += other.rule_changes;
        self.silences += other.silences;
        self.decisions += other.decisions;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hours = self.time.as_secs_f64() / 3_600.0;
        writeln!(f, "{} stories, {hours:.1} hours in them", self.stories)?;
        writeln!(
            f,
            "{} messages stored, {} acknowledged, {} repeats, {} lost and counted",
            self.stored, self.acknowledged, self.repeated, self.lost
        )?;
        writeln!(
            f,
            "{} alerts, {} notices, {} arrived; {} rule changes, {} changes of silences, {} decisions",
            self.alerts,
            self.notices,
            self.delivered,
            self.rule_changes,
            self.silences,
            self.decisions
        )?;
        write!(
            f,
            "{} faults: {} crashes, {} restarts, {} moves, {} stalls, {} of the database, {} of the \
             disk, {} of Redis, {} of the network, {} of the destination, {} clock jumps",
            self.faults(),
            self.crashes,
            self.restarts,
            self.moves,
            self.stalls,
            self.database_faults,
            self.disk_faults,
            self.redis_faults,
            self.network_faults,
            self.destination_faults,
            self.clock_jumps
        )
    }
}
