//! From: a command line and `mutt.toml`. To: a running MUTT.
//!
//! `config` is what can be set, `run` joins the crates into one process, `admin` shows it,
//! `client` asks a running one, `keys` makes keys for its API and `users` people who sign in, `audit`
//! exports what was done, `backup` copies its database, `secrets` reads what settings name, `cert` makes
//! certificates for a trial, `harden` keeps memory out of core dumps,
//! `journal_tool` looks into a journal, `demo` and `bench` play traffic at a running one. The way
//! of a message is in the crate `mutt-pipeline`.

pub mod admin;
pub mod audit;
pub mod backup;
pub mod bench;
pub mod cert;
pub mod client;
pub mod config;
pub mod demo;
pub mod harden;
pub mod healthcheck;
pub mod journal_tool;
pub mod keys;
pub mod mib_files;
pub mod rule_files;
pub mod run;
pub mod secrets;
pub mod status;
pub mod telemetry;
pub mod users;
