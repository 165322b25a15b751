//! Syslog over UDP (RFC 5426): one message a datagram, kept whole, as it came.
//!
//! From: devices. To: the journal, one batch a round of readiness. While the journal lags the
//! sockets are not read; what the kernel then drops is counted (SO_RXQ_OVFL).

use std::net::SocketAddr;
use std::sync::Arc;

use ipnet::IpNet;
use mutt_event::{Flags, Input, Kind};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::datagram::{self, SocketLimits, Sockets};
use crate::intake::{Arrival, Door, InputError, Intake, Round};
use crate::stats::Refusal;

const INPUT: Input = Input::SyslogUdp;

/// Settings of syslog over UDP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UdpConfig {
    /// Where to listen. Default `0.0.0.0:5514`; `[::]` takes IPv4 too.
    pub bind: SocketAddr,
    /// The sockets.
    pub limits: SocketLimits,
    /// Networks that may send; none given: all.
    pub allowed_sources: Vec<IpNet>,
}

impl Default for UdpConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([0, 0, 0, 0], 5514)),
            limits: SocketLimits::default(),
            allowed_sources: Vec::new(),
        }
    }
}

/// Syslog over UDP, bound.
#[derive(Debug)]
pub struct Udp {
    sockets: Sockets,
    config: UdpConfig,
}

impl Udp {
    /// Opens the sockets.
    ///
    /// # Errors
    /// [`InputError::Bind`].
    pub fn bind(config: UdpConfig) -> Result<Self, InputError> {
        Ok(Self { sockets: datagram::bind(INPUT, config.bind, &config.limits)?, config })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.sockets.address
    }

    /// The receive buffers that the kernel granted, all sockets together, in bytes.
    pub fn receive_buffer_bytes(&self) -> usize {
        self.sockets.granted_bytes
    }

    /// Serves until `shutdown` is cancelled; returns when all that was read is answered.
    ///
    /// # Errors
    /// [`InputError::Journal`] when the journal takes nothing more, [`InputError::Socket`].
    pub async fn serve(
        self,
        intake: Arc<Intake>,
        shutdown: CancellationToken,
    ) -> Result<(), InputError> {
        let door = Door::new(INPUT, intake, &self.config.allowed_sources);
        let make = || {
            let taking = door.clone();
            move |round: &mut _, datagram: datagram::Datagram<'_>| {
                take(&taking, round, datagram);
                None
            }
        };
        self.sockets.serve(&door, &shutdown, make).await
    }
}

fn take(door: &Door, round: &mut Round, datagram: datagram::Datagram<'_>) {
    let datagram::Datagram { peer, raw, truncated, .. } = datagram;
    if !door.allows(peer.ip()) {
        door.refuse(Refusal::Source, 1);
    } else if raw.is_empty() {
        door.refuse(Refusal::Empty, 1);
    } else {
        let flags = Flags { truncated, ..Flags::default() };
        let (kind, peer) = (Kind::Syslog, Some(peer));
        door.push(round, &Arrival { kind, flags, session: 0, peer, dedup: None, usm: None, raw });
    }
}
