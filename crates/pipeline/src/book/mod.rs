//! What people decided, made ready to judge by.
//!
//! From: the catalog's items, which are JSON. To: the judge, which goes by the [`Rulebook`] inside;
//! the API, which reads the rest and compiles a proposal in the same way before it saves it.
//!
//! ```text
//! Catalog ── Parts::read ──▶ Parts ── Book::compile ──▶ Book ── InForce::put ──▶ judge
//!   items with JSON           values       all faults at once      swapped as one
//! ```

mod compile;
mod drills;
mod fault;
mod in_force;
mod mibs;
mod parts;
mod people;
mod settings;
mod silences;

pub use compile::{Book, Ground};
pub use drills::DrillItem;
pub use fault::BookFault;
pub use in_force::{InForce, Refused, State};
pub use mibs::{MIB_BYTES_MAX, MIBS_MAX, Mib, MibBase, MibsRead};
pub use parts::{Parts, Proposal, Unread};
pub use people::{Access, Role, Team, User};
pub use settings::{RunSettings, SETTINGS, SettingInfo};
pub use silences::{
    Maintenance, Silence, SilenceLimits, SilenceMatcher, SilenceOperator, plan_name,
};
