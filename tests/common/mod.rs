//! What the tests with real processes share.
#![allow(dead_code)] // each test binary uses its part

pub mod api;
pub mod browser;
pub mod child;
pub mod config;
pub mod database;
pub mod events;
pub mod frames;
pub mod mutt;
pub mod openbao;
pub mod ports;
pub mod postgres;
pub mod proxy;
pub mod receivers;
pub mod redis;
pub mod redis_fleet;
pub mod rsyslog;
pub mod schema;
pub mod send;
pub mod tap;
pub mod tls;
pub mod tmpfs;
pub mod tools;
pub mod wait;

/// A folder that is removed after the test, and kept when it fails.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}
