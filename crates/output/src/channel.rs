//! A way out for the archive: takes messages in order, and says how many have arrived.
//!
//! From: the archiver, in journal order. To: one of the channels in [`crate::netim`].

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use mutt_event::{Flags, Input, Kind, Timestamp};
use thiserror::Error;

use crate::netim::{RelpChannel, TcpChannel, TrapChannel, UdpChannel};

/// A stored message on its way out, borrowed from the journal's buffer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outgoing<'a> {
    /// What `raw` is.
    pub kind: Kind,
    /// The door it came through.
    pub input: Input,
    /// What is remarkable about it.
    pub flags: Flags,
    /// When MUTT received it.
    pub received: Timestamp,
    /// The device's one name.
    pub host: &'a str,
    /// The address that it came from.
    pub peer: Option<SocketAddr>,
    /// The bytes, as received.
    pub raw: &'a [u8],
}

/// What a channel's "confirmed" is worth.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Certainty {
    /// The receiver, or its kernel, has said that it has them.
    Confirmed,
    /// They were sent; nobody has said anything.
    Unconfirmed,
}

/// A way out. Whatever fails, nothing is confirmed that the receiver may not have; after an error
/// the channel is closed, and [`Channel::open`] starts again at zero.
pub trait Channel: Send {
    /// What this channel's confirmations are worth.
    fn certainty(&self) -> Certainty;

    /// Connects, if it must, and starts counting at zero.
    ///
    /// # Errors
    /// The destination cannot be reached, or a probe of it failed.
    fn open(&mut self) -> impl Future<Output = Result<(), ChannelError>> + Send;

    /// Takes messages from the front; how many. Fewer than given when the window is full; 0 means
    /// wait for confirmations. The caller sends each channel only the kinds that belong there.
    ///
    /// # Errors
    /// The destination is lost. What was taken and not confirmed has to be sent again.
    fn send(
        &mut self,
        messages: &[Outgoing<'_>],
    ) -> impl Future<Output = Result<usize, ChannelError>> + Send;

    /// How many messages, from the first since `open`, are confirmed without a gap.
    ///
    /// # Errors
    /// The destination is lost; what the last good call said stays true.
    fn confirmed(&mut self) -> impl Future<Output = Result<u64, ChannelError>> + Send;

    /// Returns when more may be confirmed or sent, at the latest after `most`.
    fn wait(&mut self, most: Duration) -> impl Future<Output = ()> + Send;

    /// Says goodbye where the protocol has one, and closes.
    fn close(&mut self) -> impl Future<Output = ()> + Send;
}

/// Why a channel stopped.
#[derive(Debug, Error)]
pub enum ChannelError {
    /// `open` was not called, or the channel failed since.
    #[error("channel to {0} is not open")]
    NotOpen(String),
    /// No connection.
    #[error("cannot connect to {destination}: {why}; check address, port and firewall")]
    Connect {
        /// Host and port as configured.
        destination: String,
        /// What the system said.
        why: io::Error,
    },
    /// The probe of the destination failed.
    #[error("probe of {destination} failed: {why}; sending waits until it answers")]
    Probe {
        /// The probe's host and port as configured.
        destination: String,
        /// What the system said.
        why: io::Error,
    },
    /// The destination's host answered that nobody listens on the port (ICMP).
    #[error("{0} refuses datagrams: nobody listens on that port")]
    Refused(String),
    /// The receiver closed the connection.
    #[error("{0} closed the connection")]
    Closed(String),
    /// The receiver took nothing for too long.
    #[error("{destination} took nothing for {after:?}")]
    Stalled {
        /// Host and port as configured.
        destination: String,
        /// The limit that was reached.
        after: Duration,
    },
    /// The receiver said no to a message (RELP).
    #[error("{destination} refused a message: {answer}")]
    Rejected {
        /// Host and port as configured.
        destination: String,
        /// Its answer.
        answer: String,
    },
    /// The receiver does not speak the protocol as it should.
    #[error("{destination} broke the protocol: {what}")]
    Protocol {
        /// Host and port as configured.
        destination: String,
        /// What was wrong.
        what: String,
    },
    /// The socket failed.
    #[error("connection to {destination} failed: {why}")]
    Io {
        /// Host and port as configured.
        destination: String,
        /// What the system said.
        why: io::Error,
    },
}

impl ChannelError {
    /// All reasons.
    pub const REASONS: [&'static str; 9] = [
        "not_open", "connect", "probe", "refused", "closed", "stalled", "rejected", "protocol",
        "io",
    ];

    /// The reason as a metric's label.
    pub fn reason(&self) -> &'static str {
        match self {
            ChannelError::NotOpen(_) => "not_open",
            ChannelError::Connect { .. } => "connect",
            ChannelError::Probe { .. } => "probe",
            ChannelError::Refused(_) => "refused",
            ChannelError::Closed(_) => "closed",
            ChannelError::Stalled { .. } => "stalled",
            ChannelError::Rejected { .. } => "rejected",
            ChannelError::Protocol { .. } => "protocol",
            ChannelError::Io { .. } => "io",
        }
    }
}

/// Any of the channels, chosen by configuration.
#[allow(clippy::large_enum_variant)] // one per destination, never moved about
pub enum AnyChannel {
    /// Syslog over TCP.
    Tcp(TcpChannel),
    /// Syslog over UDP.
    Udp(UdpChannel),
    /// Syslog over RELP.
    Relp(RelpChannel),
    /// SNMP traps as raw datagrams.
    Trap(TrapChannel),
}

macro_rules! each {
    ($any:expr, $channel:ident => $do:expr) => {
        match $any {
            AnyChannel::Tcp($channel) => $do,
            AnyChannel::Udp($channel) => $do,
            AnyChannel::Relp($channel) => $do,
            AnyChannel::Trap($channel) => $do,
        }
    };
}

impl Channel for AnyChannel {
    fn certainty(&self) -> Certainty {
        each!(self, channel => channel.certainty())
    }

    async fn open(&mut self) -> Result<(), ChannelError> {
        each!(self, channel => channel.open().await)
    }

    async fn send(&mut self, messages: &[Outgoing<'_>]) -> Result<usize, ChannelError> {
        each!(self, channel => channel.send(messages).await)
    }

    async fn confirmed(&mut self) -> Result<u64, ChannelError> {
        each!(self, channel => channel.confirmed().await)
    }

    async fn wait(&mut self, most: Duration) {
        each!(self, channel => channel.wait(most).await)
    }

    async fn close(&mut self) {
        each!(self, channel => channel.close().await)
    }
}
