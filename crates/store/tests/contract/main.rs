//! What a database of MUTT does: `suite`, `catalog`, `leases`, `life`, `live`, `patterns` and `people` over each of them, `twins` and `edits` one
//! against the other on random steps, `file` and `postgres` what only those can show.

#![allow(clippy::unwrap_used, clippy::panic)] // clippy lets tests, but not what they call

#[macro_use]
mod each;
mod backup;
mod catalog;
mod edits;
mod file;
mod leases;
mod life;
mod live;
mod patterns;
mod people;
mod postgres;
#[path = "../../../../tests/common/postgres.rs"]
#[allow(dead_code)] // other tests use the rest
mod server;
mod suite;
mod sums;
mod twins;
mod values;
