//! What `deploy/` ships, held against the programs that read it: systemd-analyze, promtool, buildah,
//! Helm's library, and MUTT itself.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)] // so a test fails

#[path = "../common/mod.rs"]
mod common;

mod alerting;
mod chart;
mod compose;
mod container;
mod dashboard;
mod documents;
mod files;
mod units;
