//! Every input over real sockets on loopback, into a journal whose writer the test holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // tests, helpers included

mod http;
mod journal;
mod relp;
mod snmp;
mod tcp;
mod udp;
