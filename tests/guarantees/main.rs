//! Each promise of MUTT as a test of its name, held against real processes: `mutt run`, its
//! senders, and receivers that record.

#[path = "../common/mod.rs"]
mod common;

mod kills;
mod load;
mod senders;
mod world;
