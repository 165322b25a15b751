//! Every input over real sockets on loopback, into a journal whose writer the test holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // tests, helpers included

mod common;
mod http;
mod journal;
mod redis_list;
mod redis_trouble;
mod relp;
mod snmp;
mod snmp_v3;
mod tcp;
mod udp;
