//! The journal over real Redis servers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::single_range_in_vec_init)] // a list of one range is meant

mod common;
mod damage;
mod failover;
mod opening;
mod places;
mod round_trip;
mod trouble;
