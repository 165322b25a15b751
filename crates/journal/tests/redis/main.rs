//! The journal over real Redis servers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod damage;
mod failover;
mod opening;
mod places;
mod round_trip;
mod trouble;
