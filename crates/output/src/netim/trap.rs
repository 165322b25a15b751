//! SNMP traps as raw datagrams, unconfirmed. An INFORM is passed on as a trap (RFC 3416 section
//! 4.2.6): MUTT has answered it already. What version 3 protects goes as it came.
//!
//! From: the archiver. To: NetIM's trap port.

use std::borrow::Cow;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use mutt_event::{Hosts, trap};

use super::datagram::{Datagrams, UdpSettings, device};
use crate::{Certainty, Channel, ChannelError, ChannelStats, Outgoing};

/// SNMP traps over UDP.
#[derive(Debug)]
pub struct TrapChannel {
    datagrams: Datagrams,
    origin: Option<Arc<Hosts>>,
}

impl TrapChannel {
    /// Opens nothing yet. With `origin` traps of versions 1 and 2c say whose they are: they go as
    /// version 2c with snmpTrapAddress.0 and snmpTrapCommunity.0 (RFC 3584).
    pub fn new(settings: UdpSettings, origin: Option<Arc<Hosts>>, stats: ChannelStats) -> Self {
        Self { datagrams: Datagrams::new(settings, stats), origin }
    }
}

fn datagram<'a>(
    message: &Outgoing<'a>,
    origin: Option<&Hosts>,
    stats: &ChannelStats,
) -> Cow<'a, [u8]> {
    let mut raw = Cow::Borrowed(message.raw);
    if message.flags.inform
        && let Some(as_trap) = trap::inform_to_trap(message.raw)
    {
        stats.inform_as_trap.inc();
        raw = Cow::Owned(as_trap);
    }
    if let Some(hosts) = origin
        && let Some(with_origin) = trap::with_origin(&raw, address(hosts, message))
    {
        stats.origin_added.inc_by(u64::from(*with_origin != *raw));
        raw = Cow::Owned(with_origin);
    }
    raw
}

fn address(hosts: &Hosts, message: &Outgoing<'_>) -> Option<Ipv4Addr> {
    device(hosts, message).map(|address| *address.ip())
}

impl Channel for TrapChannel {
    fn certainty(&self) -> Certainty {
        Certainty::Unconfirmed
    }

    async fn open(&mut self) -> Result<(), ChannelError> {
        self.datagrams.open().await
    }

    async fn send(&mut self, messages: &[Outgoing<'_>]) -> Result<usize, ChannelError> {
        let origin = self.origin.clone();
        let origin = origin.as_deref();
        self.datagrams.send(messages, |message, stats| datagram(message, origin, stats)).await
    }

    async fn confirmed(&mut self) -> Result<u64, ChannelError> {
        self.datagrams.confirmed()
    }

    async fn wait(&mut self, most: Duration) {
        self.datagrams.wait(most).await;
    }

    async fn close(&mut self) {
        self.datagrams.close();
    }
}
