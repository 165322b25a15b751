//! Syslog over TCP, RFC 6587, and over TLS, RFC 5425, confirmed by the receiver's kernel.
//!
//! From: the archiver. To: a syslog receiver. The protocol has no acknowledgement, so a message
//! counts as confirmed once TCP itself acknowledged its last byte. A receiver that is killed
//! loses what it had not read: after a broken connection the archiver goes back an overlap.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use mutt_tls::Connector;
use tokio::time::{Instant, sleep_until};

use super::frame::{Framer, Framing, Newline};
use super::wire::{Read, Wire};
use crate::{Certainty, Channel, ChannelError, ChannelStats, Outgoing};

/// The pauses between looks at the send queue: there is no event for an acknowledgement.
const LOOK_FIRST: Duration = Duration::from_millis(1);
const LOOK_MOST: Duration = Duration::from_millis(20);

/// Where to and how.
#[derive(Clone, Debug)]
pub struct TcpSettings {
    /// `host:port`.
    pub address: String,
    /// How the receiver tells messages apart. Default LF.
    pub framing: Framing,
    /// What happens to messages that LF framing cannot carry. Default escape.
    pub newline: Newline,
    /// Bytes under way and not acknowledged, at most (one message more). Default 4 MiB.
    pub window_bytes: u64,
    /// The TLS of connections. Default none.
    pub tls: Option<Arc<Connector>>,
    /// The time for a connection, TLS included. Default 5 s.
    pub connect_timeout: Duration,
    /// The receiver's kernel may take nothing for this long. Default 60 s.
    pub stall_timeout: Duration,
}

impl TcpSettings {
    /// The defaults, to `address`.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            framing: Framing::default(),
            newline: Newline::default(),
            window_bytes: 4 << 20,
            tls: None,
            connect_timeout: Duration::from_secs(5),
            stall_timeout: Duration::from_secs(60),
        }
    }
}

/// Syslog over TCP.
#[derive(Debug)]
pub struct TcpChannel {
    settings: TcpSettings,
    stats: ChannelStats,
    connection: Option<Connection>,
}

#[derive(Debug)]
struct Connection {
    wire: Wire,
    /// Where each unconfirmed message ends, in bytes since the connection was made.
    ends: VecDeque<u64>,
    confirmed: u64,
    acknowledged: u64,
    moved: Instant,
    failure: Option<std::io::Error>,
}

impl TcpChannel {
    /// Connects to nothing yet.
    pub fn new(settings: TcpSettings, stats: ChannelStats) -> Self {
        Self { settings, stats, connection: None }
    }

    fn taking(&mut self, messages: &[Outgoing<'_>]) -> Result<usize, ChannelError> {
        let connection = self
            .connection
            .as_mut()
            .ok_or_else(|| ChannelError::NotOpen(self.settings.address.clone()))?;
        connection.look(&self.settings, &self.stats)?;
        let framer = Framer { framing: self.settings.framing, newline: self.settings.newline };
        let before = connection.wire.queued();
        if before == connection.acknowledged {
            connection.moved = Instant::now();
        }
        let mut taken = 0;
        for message in messages {
            let queued = connection.wire.queued();
            if queued - connection.acknowledged >= self.settings.window_bytes {
                break;
            }
            framer.frame(message, &self.stats, connection.wire.out());
            connection.ends.push_back(connection.wire.queued());
            taken += 1;
        }
        self.stats.sent.inc_by(taken as u64);
        self.stats.sent_bytes.inc_by(connection.wire.queued() - before);
        connection.flush(&self.settings)?;
        Ok(taken)
    }

    fn confirming(&mut self) -> Result<u64, ChannelError> {
        let connection = self
            .connection
            .as_mut()
            .ok_or_else(|| ChannelError::NotOpen(self.settings.address.clone()))?;
        connection.flush(&self.settings)?;
        connection.look(&self.settings, &self.stats)?;
        Ok(connection.confirmed)
    }

    /// Closes after an error, so that nobody goes on with half a connection.
    fn after<T>(&mut self, result: Result<T, ChannelError>) -> Result<T, ChannelError> {
        if let Err(error) = &result {
            self.connection = None;
            self.stats.error(error);
        }
        result
    }
}

impl Connection {
    fn flush(&mut self, settings: &TcpSettings) -> Result<(), ChannelError> {
        let destination = &settings.address;
        self.wire.flush().map_err(|why| ChannelError::Io { destination: destination.clone(), why })
    }

    /// Brings `acknowledged` and `confirmed` up to date.
    ///
    /// The queue is asked first and the connection's health second: a connection that was reset
    /// may report an empty queue, and then the second question finds the reset.
    fn look(&mut self, settings: &TcpSettings, stats: &ChannelStats) -> Result<(), ChannelError> {
        let io = |why| ChannelError::Io { destination: settings.address.clone(), why };
        let acknowledged = self.wire.acknowledged().map_err(io)?;
        self.healthy(settings)?;
        if acknowledged > self.acknowledged {
            stats.confirmed_bytes.inc_by(acknowledged - self.acknowledged);
            self.acknowledged = acknowledged;
            self.moved = Instant::now();
        }
        let before = self.confirmed;
        while self.ends.front().is_some_and(|end| *end <= self.acknowledged) {
            self.ends.pop_front();
            self.confirmed += 1;
        }
        stats.confirmed.inc_by(self.confirmed - before);
        let stalled = self.wire.queued() > self.acknowledged
            && self.moved.elapsed() >= settings.stall_timeout;
        if stalled {
            let (destination, after) = (settings.address.clone(), settings.stall_timeout);
            return Err(ChannelError::Stalled { destination, after });
        }
        Ok(())
    }

    /// Reads away what a receiver may say (none should), and finds its close or reset.
    fn healthy(&mut self, settings: &TcpSettings) -> Result<(), ChannelError> {
        let destination = || settings.address.clone();
        if let Some(why) = self.failure.take() {
            return Err(ChannelError::Io { destination: destination(), why });
        }
        let mut away = [0; 4096];
        for _ in 0..16 {
            match self.wire.read_now(&mut away) {
                Ok(Read::Some(_)) => {}
                Ok(Read::Nothing) => break,
                Ok(Read::Closed) => return Err(ChannelError::Closed(destination())),
                Err(why) => return Err(ChannelError::Io { destination: destination(), why }),
            }
        }
        Ok(())
    }

    /// Whether the next call will have something new to say.
    fn has_news(&mut self) -> bool {
        self.wire.acknowledged().map_or(true, |now| now > self.acknowledged)
    }

    async fn wait(&mut self, most: Duration) {
        let deadline = Instant::now() + most;
        let mut pause = LOOK_FIRST;
        while !self.has_news() && Instant::now() < deadline {
            let under_way = self.wire.queued() > self.acknowledged;
            let until = if under_way { deadline.min(Instant::now() + pause) } else { deadline };
            tokio::select! {
                () = self.wire.writable(), if self.wire.is_pending() => {
                    if let Err(why) = self.wire.flush() {
                        self.failure = Some(why);
                        return;
                    }
                }
                () = self.wire.readable() => match self.wire.read_ready(&mut [0; 4096]) {
                    Ok(Read::Some(_) | Read::Nothing) => {}
                    Ok(Read::Closed) => return,
                    Err(why) => {
                        self.failure = Some(why);
                        return;
                    }
                },
                () = sleep_until(until) => pause = (pause * 2).min(LOOK_MOST),
            }
        }
    }
}

impl Channel for TcpChannel {
    fn certainty(&self) -> Certainty {
        Certainty::Confirmed
    }

    async fn open(&mut self) -> Result<(), ChannelError> {
        self.connection = None;
        let TcpSettings { address, connect_timeout, tls, .. } = &self.settings;
        let wire = Wire::connect(address, *connect_timeout, tls.as_deref()).await;
        let wire = self.after(wire)?;
        self.stats.open.set(1);
        self.connection = Some(Connection {
            wire,
            ends: VecDeque::new(),
            confirmed: 0,
            acknowledged: 0,
            moved: Instant::now(),
            failure: None,
        });
        Ok(())
    }

    async fn send(&mut self, messages: &[Outgoing<'_>]) -> Result<usize, ChannelError> {
        let result = self.taking(messages);
        self.after(result)
    }

    async fn confirmed(&mut self) -> Result<u64, ChannelError> {
        let result = self.confirming();
        self.after(result)
    }

    async fn wait(&mut self, most: Duration) {
        match &mut self.connection {
            Some(connection) => connection.wait(most).await,
            None => tokio::time::sleep(most).await,
        }
    }

    async fn close(&mut self) {
        // Dropping closes in order: what the kernel holds is still sent.
        if let Some(mut connection) = self.connection.take() {
            connection.wire.goodbye();
        }
        self.stats.open.set(0);
    }
}
