//! Bugs planted by name, each in what surrounds MUTT's code, to see that the oracles bite.

use std::fmt;
use std::str::FromStr;

/// A bug that an oracle must find.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bug {
    /// The journal answers before its bytes are synced.
    AcknowledgeBeforeSync,
    /// Alerts and cursor are two transactions, with room for a crash between them.
    CursorApart,
    /// What was handed to the connection counts as archived, whatever the receiver has.
    ConfirmOnSend,
    /// What found no room at the receiver counts as sent.
    EarlyCursor,
    /// The database takes a change from whoever held the cursors or the lease once.
    NoEpochCheck,
    /// A change that fails leaves its counts behind, so what is judged again counts twice.
    DoubleCountOnReplay,
    /// What is remembered beside alerts is not written.
    ForgetTracks,
    /// A change whose answer is lost loses its notices too.
    LostNotice,
    /// The clock that leases go by stands still while a process sleeps.
    StaleLeaseSend,
    /// The judge sees the rules of one revision with the hosts of another.
    HalfLoadedRules,
    /// After a restart alerts do not know when they close or are told.
    TimersLost,
    /// A decision that is done stays in the database, and is done again.
    DecideTwice,
    /// Redis forgets which round a writer stored last, so what is sent again is stored again.
    StoredTwice,
    /// A process looks how far a partition is, and takes the server's time after that.
    TimeAhead,
    /// The correlator goes on as far as the fastest judge has come.
    NotTheSlowest,
    /// A judge's cursor is true before the signals that it found.
    SignalsApart,
    /// What a judge found is written although its lease has passed on.
    LateSignals,
}

impl Bug {
    /// All of them.
    pub const ALL: [Bug; 17] = [
        Bug::AcknowledgeBeforeSync,
        Bug::CursorApart,
        Bug::ConfirmOnSend,
        Bug::EarlyCursor,
        Bug::NoEpochCheck,
        Bug::DoubleCountOnReplay,
        Bug::ForgetTracks,
        Bug::LostNotice,
        Bug::StaleLeaseSend,
        Bug::HalfLoadedRules,
        Bug::TimersLost,
        Bug::DecideTwice,
        Bug::StoredTwice,
        Bug::TimeAhead,
        Bug::NotTheSlowest,
        Bug::SignalsApart,
        Bug::LateSignals,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Bug::AcknowledgeBeforeSync => "acknowledge-before-sync",
            Bug::CursorApart => "cursor-apart",
            Bug::ConfirmOnSend => "confirm-on-send",
            Bug::EarlyCursor => "early-cursor",
            Bug::NoEpochCheck => "no-epoch-check",
            Bug::DoubleCountOnReplay => "double-count-on-replay",
            Bug::ForgetTracks => "forget-tracks",
            Bug::LostNotice => "lost-notice",
            Bug::StaleLeaseSend => "stale-lease-send",
            Bug::HalfLoadedRules => "half-loaded-rules",
            Bug::TimersLost => "timers-lost",
            Bug::DecideTwice => "decide-twice",
            Bug::StoredTwice => "stored-twice",
            Bug::TimeAhead => "time-ahead",
            Bug::NotTheSlowest => "not-the-slowest",
            Bug::SignalsApart => "signals-apart",
            Bug::LateSignals => "late-signals",
        }
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Bug {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Bug::ALL.into_iter().find(|bug| bug.name() == name);
        found.ok_or_else(|| {
            format!("no such bug; there are: {}", Bug::ALL.map(Bug::name).join(", "))
        })
    }
}
