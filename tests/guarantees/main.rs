//! Each promise of MUTT as a test of its name, held against real processes: `mutt run`, its
//! senders, and receivers that record.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)] // so a test fails

#[path = "../common/mod.rs"]
mod common;

mod alerts;
mod archive;
mod backup;
mod cluster;
mod cursors;
mod database_away;
mod drill;
mod full;
mod kills;
mod ledger;
mod load;
mod mibs;
mod nowhere;
mod on_disk;
mod own_address;
mod own_alerts;
mod patterns;
mod people;
mod promises;
mod redis_list;
mod repeats;
mod rotation;
mod rules;
mod secrets;
mod senders;
mod snmp_v3;
mod stop;
mod tls;
mod world;
