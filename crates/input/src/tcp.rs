//! Syslog over TCP (RFC 6587) and over TLS (RFC 5425), octet-counted or by lines, told apart for each
//! message: rsyslog sends lines over TLS too.
//!
//! From: connections of devices and relays. To: the journal, one batch a read. The protocol has
//! no acknowledgement: while the journal lags, the connection is not read and its sender feels it.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use ipnet::IpNet;
use mutt_event::{Flags, Input, Kind};
use mutt_journal::WhenFull;
use mutt_tls::Acceptor;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncRead;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::frame::{Decoded, Decoder, Message};
use crate::intake::{Arrival, Door, InputError, Intake, Round, Waiting};
use crate::stream::{self, ConnectionLimits, Read, ReadBuffer};

/// Settings of syslog over TCP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TcpConfig {
    /// Where to listen. Default `0.0.0.0:5514`; `[::]` takes IPv4 too.
    pub bind: SocketAddr,
    /// A longer message is cut, in bytes. Default 65,536.
    pub message_bytes_max: usize,
    /// Limits on connections.
    pub limits: ConnectionLimits,
    /// Networks that may send; none given: all.
    pub allowed_sources: Vec<IpNet>,
}

impl Default for TcpConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([0, 0, 0, 0], 5514)),
            message_bytes_max: 64 * 1024,
            limits: ConnectionLimits::default(),
            allowed_sources: Vec::new(),
        }
    }
}

/// Syslog over TCP or TLS, listening.
#[derive(Debug)]
pub struct Tcp {
    tls: Option<Arc<Acceptor>>,
    listener: TcpListener,
    address: SocketAddr,
    config: TcpConfig,
}

impl Tcp {
    /// Opens the socket; without `tls` all is plain.
    ///
    /// # Errors
    /// [`InputError::Bind`].
    pub fn bind(config: TcpConfig, tls: Option<Arc<Acceptor>>) -> Result<Self, InputError> {
        let input = input(&tls);
        let listener = stream::listen(input, config.bind)?;
        let address = stream::address_of(input, &listener)?;
        Ok(Self { tls, listener, address, config })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is cancelled; returns when all that was read is answered.
    ///
    /// # Errors
    /// [`InputError::Journal`] when the journal takes nothing more.
    pub async fn serve(
        self,
        intake: Arc<Intake>,
        shutdown: CancellationToken,
    ) -> Result<(), InputError> {
        let Self { tls, listener, config, .. } = self;
        let door = Door::new(input(&tls), intake, &config.allowed_sources);
        let config = Arc::new(config);
        let serve_one = |socket: TcpStream, peer, stop| {
            let (door, config, tls) = (door.clone(), Arc::clone(&config), tls.clone());
            async move {
                let session = door.intake.session();
                let from = From { door, config, peer, session };
                let Some(tls) = tls else { return from.serve(socket, stop).await };
                match stream::shake(&tls, socket, peer, &stop).await {
                    Ok(mut socket) => {
                        let reason = from.serve(&mut socket, stop).await;
                        stream::goodbye(socket).await;
                        reason
                    }
                    Err(reason) => reason,
                }
            }
        };
        stream::accept(listener, &door, config.limits.connections_max, &shutdown, serve_one).await
    }
}

fn input(tls: &Option<Arc<Acceptor>>) -> Input {
    if tls.is_some() { Input::SyslogTls } else { Input::SyslogTcp }
}

/// A connection: who sends over it, and where it goes.
struct From {
    door: Door,
    config: Arc<TcpConfig>,
    peer: SocketAddr,
    session: u64,
}

impl From {
    /// Reads until the end, and waits until all that was read is answered.
    async fn serve<S: AsyncRead + Unpin>(self, socket: S, stop: CancellationToken) -> &'static str {
        let (send, answers) = mpsc::channel(self.config.limits.batches_in_flight.max(1));
        let (reason, ()) = tokio::join!(self.read(socket, send, stop), wait_for(answers));
        reason
    }

    async fn read<S: AsyncRead + Unpin>(
        &self,
        mut socket: S,
        waiting: mpsc::Sender<Waiting>,
        stop: CancellationToken,
    ) -> &'static str {
        let limits = &self.config.limits;
        let mut decoder = Decoder::new(self.config.message_bytes_max);
        let mut buffer = ReadBuffer::new(limits.read_buffer_bytes, decoder.buffer_bytes());
        let mut first = true;
        loop {
            // A place for the batch comes first: bytes that are not read stay with their sender.
            let place = tokio::select! {
                biased;
                () = stop.cancelled() => None,
                place = waiting.reserve() => place.ok(),
            };
            let read = match place {
                None => Read::Over("shutdown"),
                Some(_) => buffer.read(&mut socket, limits, first, &stop).await,
            };
            first = false;
            let mut round = self.door.round(buffer.rest().len());
            let over = match read {
                Read::Bytes => self.take(&mut decoder, &mut buffer, &mut round),
                Read::End => Some(self.finish(&decoder, &buffer, &mut round, None)),
                Read::Over(why) => Some(self.finish(&decoder, &buffer, &mut round, Some(why))),
            };
            if !round.batch.is_empty() {
                // After an error the intake has counted the messages and tells all to stop.
                let Ok(submitted) = self.door.submit(round, WhenFull::Wait, None).await else {
                    return "journal";
                };
                match place {
                    Some(place) => {
                        place.send(submitted);
                    }
                    None => drop(submitted.stored().await),
                }
            }
            if let Some(reason) = over {
                return reason;
            }
        }
    }

    /// Takes all whole messages; returns the reason if the connection cannot go on.
    fn take(
        &self,
        decoder: &mut Decoder,
        buffer: &mut ReadBuffer,
        round: &mut Round,
    ) -> Option<&'static str> {
        let mut done = 0;
        let over = loop {
            let (used, decoded) = decoder.next(&buffer.rest()[done..]);
            done += used;
            match decoded {
                Decoded::Message(message) => self.push(round, message),
                Decoded::More => break None,
                Decoded::Bad(error) => {
                    self.door.meter.bad_frame(error.name());
                    tracing::debug!(input = self.door.input.name(), peer = %self.peer, %error, "bad frame");
                    break Some("bad_frame");
                }
            }
        };
        buffer.consume(done);
        over
    }

    /// Takes what was half sent. Only the end of the stream (no reason) can end a line.
    fn finish(
        &self,
        decoder: &Decoder,
        buffer: &ReadBuffer,
        round: &mut Round,
        why: Option<&'static str>,
    ) -> &'static str {
        match decoder.finish(buffer.rest()) {
            Decoded::Message(Message { raw, truncated }) => {
                self.push(round, Message { raw, truncated: truncated || why.is_some() });
            }
            Decoded::More => {}
            Decoded::Bad(error) => self.door.meter.bad_frame(error.name()),
        }
        why.unwrap_or("peer")
    }

    fn push(&self, round: &mut Round, message: Message<'_>) {
        let flags = Flags { truncated: message.truncated, ..Flags::default() };
        let (session, peer) = (self.session, Some(self.peer));
        let arrival = Arrival {
            kind: Kind::Syslog,
            flags,
            session,
            peer,
            dedup: None,
            usm: None,
            raw: message.raw,
        };
        self.door.push(round, &arrival);
    }
}

/// Counts each batch as its answer comes; answers come in order.
async fn wait_for(mut answers: mpsc::Receiver<Waiting>) {
    while let Some(waiting) = answers.recv().await {
        // An error is counted there, and stops the input if it is final.
        let _ = waiting.stored().await;
    }
}
