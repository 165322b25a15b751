//! SNMP traps as raw datagrams, unconfirmed. An INFORM is passed on as a trap (RFC 3416 section
//! 4.2.6): MUTT has answered it already.
//!
//! From: the archiver. To: NetIM's trap port.

use std::borrow::Cow;
use std::time::Duration;

use super::datagram::{Datagrams, UdpSettings};
use crate::{Certainty, Channel, ChannelError, ChannelStats, Outgoing};

/// SNMP traps over UDP.
#[derive(Debug)]
pub struct TrapChannel(Datagrams);

impl TrapChannel {
    /// Opens nothing yet.
    pub fn new(settings: UdpSettings, stats: ChannelStats) -> Self {
        Self(Datagrams::new(settings, stats))
    }
}

fn datagram<'a>(message: &Outgoing<'a>, stats: &ChannelStats) -> Cow<'a, [u8]> {
    if !message.flags.inform {
        return Cow::Borrowed(message.raw);
    }
    match mutt_event::trap::inform_to_trap(message.raw) {
        Some(trap) => {
            stats.inform_as_trap.inc();
            Cow::Owned(trap)
        }
        None => Cow::Borrowed(message.raw),
    }
}

impl Channel for TrapChannel {
    fn certainty(&self) -> Certainty {
        Certainty::Unconfirmed
    }

    async fn open(&mut self) -> Result<(), ChannelError> {
        self.0.open().await
    }

    async fn send(&mut self, messages: &[Outgoing<'_>]) -> Result<usize, ChannelError> {
        self.0.send(messages, datagram).await
    }

    async fn confirmed(&mut self) -> Result<u64, ChannelError> {
        self.0.confirmed()
    }

    async fn wait(&mut self, most: Duration) {
        self.0.wait(most).await;
    }

    async fn close(&mut self) {
        self.0.close();
    }
}
