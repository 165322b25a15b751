//! Asks by TCP whether a destination of datagrams is there at all.
//!
//! From: a datagram channel, when it opens and every so often. To: nobody; only the connection
//! counts, it is closed at once.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::ChannelError;

/// A TCP port that answers while the destination is well.
#[derive(Clone, Debug)]
pub struct Probe {
    /// `host:port`.
    pub address: String,
    /// How often. Default 10 s.
    pub every: Duration,
    /// The time for a connection. Default 2 s.
    pub timeout: Duration,
}

impl Probe {
    /// Probes `address` every 10 s.
    pub fn new(address: impl Into<String>) -> Self {
        let (every, timeout) = (Duration::from_secs(10), Duration::from_secs(2));
        Self { address: address.into(), every, timeout }
    }

    /// One probe.
    ///
    /// # Errors
    /// No connection in time.
    pub async fn check(&self) -> Result<(), ChannelError> {
        let result = match timeout(self.timeout, TcpStream::connect(&self.address)).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(why)) => why,
            Err(_) => io::Error::from(io::ErrorKind::TimedOut),
        };
        Err(ChannelError::Probe { destination: self.address.clone(), why: result })
    }
}

/// When the next probe is due.
#[derive(Debug, Default)]
pub(super) struct Probing {
    probe: Option<Probe>,
    next: Option<Instant>,
}

impl Probing {
    pub(super) fn new(probe: Option<Probe>) -> Self {
        Self { probe, next: None }
    }

    /// Probes now, whatever the time.
    pub(super) async fn now(&mut self) -> Result<(), ChannelError> {
        self.next = None;
        self.when_due().await
    }

    /// Probes if it is time.
    pub(super) async fn when_due(&mut self) -> Result<(), ChannelError> {
        let Some(probe) = &self.probe else { return Ok(()) };
        if self.next.is_some_and(|next| Instant::now() < next) {
            return Ok(());
        }
        probe.check().await?;
        self.next = Some(Instant::now() + probe.every);
        Ok(())
    }
}
