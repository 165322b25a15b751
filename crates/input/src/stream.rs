//! What the inputs over TCP share: listening, accepting within limits, a read buffer that grows.
//!
//! From: the listening socket. To: one task a connection, of tcp, relp or http.

use std::future::Future;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use mutt_event::Input;
use mutt_tls::Acceptor;
use serde::{Deserialize, Serialize};
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::intake::{Door, InputError, canonical};

/// Connections that wait to be accepted; the kernel's own limit (somaxconn) holds too.
const BACKLOG: i32 = 1024;
/// A peer that vanished is noticed by probes after this much silence.
const KEEPALIVE: Duration = Duration::from_secs(120);
/// How long a peer may take to hear that the connection ends.
const GOODBYE: Duration = Duration::from_secs(1);
/// How long to wait when the system cannot accept (for example, out of file descriptors).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Limits on the connections of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectionLimits {
    /// Connections open at a time; more are refused and counted. Default 1,024.
    pub connections_max: usize,
    /// How long a new connection may send nothing, in milliseconds. Default 300,000.
    pub first_byte_timeout_ms: u64,
    /// How long an open connection may be silent, in milliseconds. Default 86,400,000, a day: a
    /// device that is cut off for its silence loses what it says next.
    pub idle_timeout_ms: u64,
    /// The read buffer of a busy connection, in bytes. Default 131,072; a quiet one has 8,192.
    pub read_buffer_bytes: usize,
    /// Batches of a connection that wait for the disk; then it is not read. Default 4.
    pub batches_in_flight: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections_max: 1024,
            first_byte_timeout_ms: 300_000,
            idle_timeout_ms: 86_400_000,
            read_buffer_bytes: 128 * 1024,
            batches_in_flight: 4,
        }
    }
}

impl ConnectionLimits {
    /// How long the next read may take, and the reason to close after it.
    fn patience(&self, first: bool) -> (Duration, &'static str) {
        if first {
            (Duration::from_millis(self.first_byte_timeout_ms), "first_byte_timeout")
        } else {
            (Duration::from_millis(self.idle_timeout_ms), "idle_timeout")
        }
    }
}

/// Opens a listening socket; port 0 takes a free one.
pub(crate) fn listen(input: Input, address: SocketAddr) -> Result<StdListener, InputError> {
    let open = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if address.is_ipv6() {
            socket.set_only_v6(false)?;
        }
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(StdListener::from(socket))
    };
    open().map_err(|error| InputError::Bind { input: input.name(), address, error })
}

/// The address that a listener has.
pub(crate) fn address_of(input: Input, listener: &StdListener) -> Result<SocketAddr, InputError> {
    listener.local_addr().map_err(|error| InputError::Socket { input: input.name(), error })
}

/// Counts an open connection for as long as it lives, and holds its place.
struct Open {
    door: Door,
    _place: OwnedSemaphorePermit,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.door.meter.connections.dec();
    }
}

/// Accepts connections until `stop` is cancelled or the journal fails, then waits for those that
/// are open. `connection` serves one; it ends soon after its token is cancelled, and returns why.
pub(crate) async fn accept<F, Served>(
    listener: StdListener,
    door: &Door,
    connections_max: usize,
    shutdown: &CancellationToken,
    connection: F,
) -> Result<(), InputError>
where
    F: Fn(TcpStream, SocketAddr, CancellationToken) -> Served,
    Served: Future<Output = &'static str> + Send + 'static,
{
    let input = door.input.name();
    let listener =
        TcpListener::from_std(listener).map_err(|error| InputError::Socket { input, error })?;
    let (stop, tasks) = (shutdown.child_token(), TaskTracker::new());
    let places = Arc::new(Semaphore::new(connections_max));
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = door.failed() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, canonical(peer)),
            Err(error) => {
                tracing::warn!(input, %error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        if let Some(open) = admit(door, &places, &stream, peer) {
            let served = connection(stream, peer, stop.clone());
            tasks.spawn(async move {
                let reason = served.await;
                open.door.meter.close_connection(reason);
                tracing::debug!(input, %peer, reason, "connection closed");
            });
        }
    }
    drop(listener);
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    door.end()
}

/// The connection of somebody whom `tls` lets in; else the reason why it is closed.
pub(crate) async fn shake(
    tls: &Acceptor,
    socket: TcpStream,
    peer: SocketAddr,
    stop: &CancellationToken,
) -> Result<TlsStream<TcpStream>, &'static str> {
    match stop.run_until_cancelled(tls.accept(socket)).await {
        Some(Ok(stream)) => Ok(stream),
        Some(Err(refused)) => {
            tracing::debug!(%peer, why = %refused, "no TLS handshake");
            Err("tls_handshake")
        }
        None => Err("shutdown"),
    }
}

/// Says goodbye as TLS wants it: without it the peer could not tell an end from a cut.
pub(crate) async fn goodbye(mut stream: TlsStream<TcpStream>) {
    let _ = timeout(GOODBYE, stream.shutdown()).await; // a courtesy: the peer may be gone
}

fn admit(
    door: &Door,
    places: &Arc<Semaphore>,
    stream: &TcpStream,
    peer: SocketAddr,
) -> Option<Open> {
    let input = door.input.name();
    if !door.allows(peer.ip()) {
        door.meter.refuse_connection("source");
        tracing::debug!(input, %peer, "connection refused: not an allowed source");
        return None;
    }
    let Ok(place) = Arc::clone(places).try_acquire_owned() else {
        door.meter.refuse_connection("connections_max");
        tracing::debug!(input, %peer, "connection refused: as many as allowed are open");
        return None;
    };
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 4);
    if let Err(error) = SockRef::from(stream).set_tcp_keepalive(&keepalive) {
        tracing::debug!(input, %peer, %error, "no keep-alive probes");
    }
    door.meter.connections.inc();
    Some(Open { door: door.clone(), _place: place })
}

/// What a read came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Read {
    /// There are new bytes.
    Bytes,
    /// The peer has sent all it wants to.
    End,
    /// The connection is over, for this reason.
    Over(&'static str),
}

/// Bytes of a connection that are not decoded yet. Starts small, doubles while reads fill it, and
/// halves after many reads that use little of it.
#[derive(Debug)]
pub(crate) struct ReadBuffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    bytes_max: usize,
    quiet_reads: u32,
}

impl ReadBuffer {
    const BYTES_MIN: usize = 8 * 1024;
    const QUIET_READS: u32 = 100;

    /// A buffer that grows to `bytes_max`, but at least to `needed`, the longest frame.
    pub fn new(bytes_max: usize, needed: usize) -> Self {
        let bytes_max = bytes_max.max(needed).max(Self::BYTES_MIN);
        Self { bytes: vec![0; Self::BYTES_MIN], start: 0, end: 0, bytes_max, quiet_reads: 0 }
    }

    /// What is not consumed yet.
    pub fn rest(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Drops `count` bytes from the front of the rest.
    pub fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    fn space(&mut self) -> &mut [u8] {
        self.bytes.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.bytes.len() - self.end < self.bytes.len() / 4 {
            self.grow();
        }
        &mut self.bytes[self.end..]
    }

    /// Learns from a read of `count` bytes how large the buffer should be.
    fn fit(&mut self, count: usize, room: usize) {
        if count == room {
            self.grow();
        }
        let quiet = self.end < self.bytes.len() / 4 && self.bytes.len() > Self::BYTES_MIN;
        self.quiet_reads = if quiet { self.quiet_reads + 1 } else { 0 };
        if self.quiet_reads > Self::QUIET_READS {
            self.quiet_reads = 0;
            self.bytes.truncate(self.bytes.len() / 2);
            self.bytes.shrink_to_fit();
        }
    }

    fn grow(&mut self) {
        let len = (self.bytes.len() * 2).min(self.bytes_max);
        self.bytes.resize(len.max(self.bytes.len()), 0);
    }

    /// Reads once, giving up when `stop` is cancelled or the peer is silent for too long.
    pub async fn read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        limits: &ConnectionLimits,
        first: bool,
        stop: &CancellationToken,
    ) -> Read {
        let (patience, silent) = limits.patience(first);
        let space = self.space();
        let room = space.len();
        let read = tokio::select! {
            biased;
            () = stop.cancelled() => return Read::Over("shutdown"),
            read = tokio::time::timeout(patience, stream.read(space)) => read,
        };
        match read {
            Err(_) => Read::Over(silent),
            Ok(Ok(0)) => Read::End,
            Ok(Ok(count)) => {
                self.end += count;
                self.fit(count, room);
                Read::Bytes
            }
            Ok(Err(_)) => Read::Over("broken"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_buffer_takes_what_comes_and_grows_to_its_limit() {
        let sent: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
        let (mut stream, stop) = (sent.as_slice(), CancellationToken::new());
        let limits = ConnectionLimits::default();
        let (mut buffer, mut got) = (ReadBuffer::new(20_000, 30_000), Vec::new());
        while buffer.read(&mut stream, &limits, false, &stop).await == Read::Bytes {
            let used = buffer.rest().len() / 2; // leaves some each time, as a decoder does
            got.extend_from_slice(&buffer.rest()[..used]);
            buffer.consume(used);
        }
        got.extend_from_slice(buffer.rest());
        assert_eq!(got, sent);
        assert_eq!(buffer.bytes.len(), 30_000);
    }

    #[tokio::test]
    async fn a_buffer_shrinks_when_it_is_quiet() {
        let (limits, stop) = (ConnectionLimits::default(), CancellationToken::new());
        let mut buffer = ReadBuffer::new(64 * 1024, 0);
        let mut busy = [7; 100_000].as_slice();
        while buffer.read(&mut busy, &limits, false, &stop).await == Read::Bytes {
            buffer.consume(usize::MAX / 2);
        }
        assert_eq!(buffer.bytes.len(), 64 * 1024);
        for _ in 0..1_000 {
            assert_eq!(
                buffer.read(&mut [8; 10].as_slice(), &limits, false, &stop).await,
                Read::Bytes
            );
            assert_eq!(buffer.rest(), [8; 10]);
            buffer.consume(10);
        }
        assert_eq!(buffer.bytes.len(), ReadBuffer::BYTES_MIN);
    }

    #[tokio::test]
    async fn silence_and_shutdown_end_a_read() {
        let limits = ConnectionLimits { first_byte_timeout_ms: 1, ..Default::default() };
        let (mut stream, _peer) = tokio::io::duplex(8);
        let (mut buffer, stop) = (ReadBuffer::new(0, 0), CancellationToken::new());
        let read = buffer.read(&mut stream, &limits, true, &stop).await;
        assert_eq!(read, Read::Over("first_byte_timeout"));
        stop.cancel();
        let read = buffer.read(&mut stream, &limits, false, &stop).await;
        assert_eq!(read, Read::Over("shutdown"));
    }
}
