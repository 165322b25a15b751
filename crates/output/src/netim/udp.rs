//! Syslog over UDP, RFC 5426: one datagram per message, unconfirmed.
//!
//! From: the archiver. To: a syslog receiver. The datagram holds the message as it came, a LF at
//! its end included; only what is too long is cut.

use std::time::Duration;

use super::datagram::{Datagrams, UdpSettings};
use super::frame::text;
use crate::{Certainty, Channel, ChannelError, ChannelStats, Outgoing};

/// Syslog over UDP.
#[derive(Debug)]
pub struct UdpChannel(Datagrams);

impl UdpChannel {
    /// Opens nothing yet.
    pub fn new(settings: UdpSettings, stats: ChannelStats) -> Self {
        Self(Datagrams::new(settings, stats))
    }
}

impl Channel for UdpChannel {
    fn certainty(&self) -> Certainty {
        Certainty::Unconfirmed
    }

    async fn open(&mut self) -> Result<(), ChannelError> {
        self.0.open().await
    }

    async fn send(&mut self, messages: &[Outgoing<'_>]) -> Result<usize, ChannelError> {
        self.0.send(messages, text).await
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
