//! From: the journal, where inputs have stored messages. To: the archive and the page.
//!
//! The whole way on one page:
//!
//! ```text
//!   a socket            crates/input     frames it, stamps it, finds its host
//!     │ Envelope
//!     ▼
//!   Appender ─ Writer   crates/journal   stores it with others in one write and one sync;
//!     │ Record                           then, and only then, the sender is acknowledged
//!     ├──────────────────────────────────────────────┐
//!     ▼                                              ▼
//!   judge.rs            every message once           archiver.rs      every message, its bytes
//!     │ a sender's repeat?   repeats.rs                │ Outgoing     and its order
//!     │ fields               crates/event              ▼
//!     │ which rule, and why  crates/rules            Channel          crates/output: TCP, UDP,
//!     │ Signal                                         │              RELP, traps
//!     │ alert or repeat      crates/alert              ▼
//!     ▼                                              NetIM
//!   Change ─ commit     crates/store     cursor, alerts and notices: one transaction
//!     │ Delivery
//!     ▼
//!   deliverer.rs        each destination at its own pace: Adapter, Gate, Http in crates/output
//!     │ Request
//!     ▼
//!   Moogsoft
//! ```
//!
//! Beside the way: [`monitor`] makes MUTT's own alerts, which enter at the judge; [`Ledger`] shows
//! from the cursors that every stored message has exactly one outcome at each reader; a
//! [`backtest`] judges what is stored by other rules, by the same `engine.rs`, and changes nothing;
//! so do [`scenario_faults`] with what the scenarios of rules say. `shadow.rs` counts what rules in
//! shadow would do of each new message, and changes nothing either.
//!
//! Each worker is a step function: `open`, then `step(now)` again and again, whoever drives it. Of
//! all processes over one database one does a worker's job: [`Leased`] opens and steps a worker
//! while its [`Tenancy`] holds the lease, and stands by otherwise.
//! The binary drives them with a runtime, the simulator with a seed; here there is neither clock
//! nor socket nor runtime.

mod archiver;
mod back;
pub mod backtest;
pub mod book;
mod committer;
mod correlation;
mod cursors;
pub mod delays;
mod deliverer;
mod engine;
mod front;
mod judge;
mod lane_judge;
mod leased;
mod ledger;
mod mine;
pub mod monitor;
mod packed;
pub mod repeats;
mod scenarios;
mod shadow;
mod stats;
mod step;
mod tallies;
mod tenancy;
mod unread;

pub use archiver::{
    ARCHIVE_SYSLOG, ARCHIVE_TRAP, Archiver, ArchiverParts, ArchiverSettings, Takes, WhenBehind,
};
pub use back::MiningSettings;
pub use correlation::{CORRELATE, Correlation, CorrelationParts};
pub use deliverer::{Deliverer, DelivererParts, DelivererSettings, Payload, Receiver};
pub use engine::Rulebook;
pub use judge::{JUDGE, Judge, JudgeParts, JudgeSettings};
pub use lane_judge::{LaneJudge, LaneJudgeParts};
pub use leased::{Leased, Worker};
pub use ledger::{Account, Ledger, Line, Stored, StoredLane};
pub use mine::{MINE, Mine, MineParts};
pub use monitor::{Inbox, Monitor, MonitorConfig, OWN_RULES, Observation};
pub use packed::post;
pub use scenarios::scenario_faults;
pub use stats::{MiningStats, PipelineStats, Progress, ReaderStats, Standing, Trouble, Watch};
pub use step::{Step, StepError};
pub use tenancy::{LeaseSettings, Seat, Stopwatch, Tenancy, Tenure};
pub use unread::oldest_unread;
