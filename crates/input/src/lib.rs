//! From: the network, as datagrams and streams, and a Redis list. To: the journal, as batches of
//! envelopes.
//!
//! Each input frames messages, finds their host, and acknowledges once they are on disk; while
//! the journal takes nothing, it stops reading. `bind` opens the socket and tells the address,
//! `serve` runs until its token is cancelled and returns when all that it read is answered. The
//! Redis list alone connects by itself, so it has `new` in place of `bind`.

mod datagram;
pub mod frame;
mod http;
mod intake;
mod redis_list;
mod relp;
mod reply;
mod snmp;
mod stats;
mod stream;
mod tcp;
mod udp;

pub use datagram::SocketLimits;
pub use http::{ApiKeys, Http, HttpConfig};
pub use intake::{InputError, Intake};
pub use redis_list::{RedisList, RedisListConfig, fits_as_redis_list};
pub use relp::{Relp, RelpConfig};
pub use snmp::{AuthProtocol, Engine, PrivProtocol, Snmp, SnmpConfig, SnmpUser, Usm, UsmMeter};
pub use stats::{InputFigures, InputStats, Meter, Refusal};
pub use stream::ConnectionLimits;
pub use tcp::{Tcp, TcpConfig};
pub use udp::{Udp, UdpConfig};
