//! From: bytes that an input received. To: an [`Event`] with fields, that the rules judge.
//!
//! Pure: no clock, socket, file or runtime. A parser never fails; it only knows less.
//!
//! - [`Envelope`]: what the journal stores of a message; [`MessageId`] says where.
//! - [`Hosts`]: the device's one name, found by the inputs; [`partition_of`] places it.
//! - [`Parser`]: an envelope becomes an [`Event`]: syslog of all kinds, SNMP traps ([`trap`]),
//!   JSON objects ([`json`]).

mod envelope;
mod event;
mod hosts;
mod id;
pub mod json;
mod oid;
mod parse;
mod partition;
mod severity;
mod time;
pub mod trap;
mod usm;

pub use envelope::{Envelope, EnvelopeError, Flags, Input, Kind};
pub use event::{ClockMark, Event};
pub use hosts::{Hosts, HostsConfig};
pub use id::{MessageId, MessageIdError};
pub use oid::{Oid, OidError};
pub use parse::{Parser, ParserConfig, StructuredData};
pub use partition::partition_of;
pub use severity::Severity;
pub use time::Timestamp;
pub use usm::{SecurityLevel, Usm, UsmVerdict};
