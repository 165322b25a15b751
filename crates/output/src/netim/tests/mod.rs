//! The channels against real sockets on loopback.

use mutt_event::{Flags, Input, Kind, Timestamp};

use crate::Outgoing;

pub(crate) fn syslog(raw: &[u8]) -> Outgoing<'_> {
    Outgoing {
        kind: Kind::Syslog,
        input: Input::SyslogUdp,
        flags: Flags::default(),
        received: Timestamp::ZERO,
        host: "r1",
        peer: None,
        raw,
    }
}
