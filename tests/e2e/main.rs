//! Real senders, a real `mutt run`, and receivers that record: the whole way of a message.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)] // so a test fails

#[path = "../common/mod.rs"]
mod common;

mod api;
mod config;
mod demo;
mod disk;
mod handling;
mod intake;
mod journal_tools;
mod moogsoft;
mod netim_outage;
mod pages;
mod receivers;
mod traps;
mod wire;
