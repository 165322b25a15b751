//! What the inputs over UDP share: sockets side by side, many datagrams a system call, and the
//! count of those that the kernel dropped.
//!
//! From: the kernel's receive buffers. To: udp and snmp, which say what becomes of a datagram.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr, UdpSocket as StdSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use mutt_event::Input;
use mutt_journal::WhenFull;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, setsockopt, sockopt,
};
use serde::{Deserialize, Serialize};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::io::Interest;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::intake::{Door, InputError, Round, Waiting, canonical};
use crate::reply::{self, Reply, When};

/// Datagrams taken by one system call.
const AT_ONCE: usize = 64;
/// The longest payload of a UDP datagram over IPv4 is 65,507 bytes; over IPv6 it is 65,527.
const DATAGRAM_BYTES_MAX: usize = 65_535;
/// A round ends when it holds as much; then it is handed to the journal.
const ROUND_BYTES: usize = 512 * 1024;
/// Rounds of a socket that wait for the disk; then it is not read.
const ROUNDS_IN_FLIGHT: usize = 4;
/// At shutdown, what the kernel holds is taken for at most so long.
const DRAIN: Duration = Duration::from_secs(1);

/// The sockets of an input over UDP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SocketLimits {
    /// Sockets on the one port (SO_REUSEPORT); the kernel spreads senders over them. Default 2.
    pub sockets: usize,
    /// Receive buffer to ask for, for each socket (SO_RCVBUF), in bytes. Default 8,388,608; the
    /// kernel grants at most `net.core.rmem_max`.
    pub receive_buffer_bytes: usize,
    /// A longer datagram is cut, in bytes. Default 65,535: none is.
    pub message_bytes_max: usize,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            sockets: 2,
            receive_buffer_bytes: 8 * 1024 * 1024,
            message_bytes_max: DATAGRAM_BYTES_MAX,
        }
    }
}

/// Bound sockets.
#[derive(Debug)]
pub(crate) struct Sockets {
    sockets: Vec<StdSocket>,
    pub address: SocketAddr,
    /// What the kernel granted, in bytes, all sockets together.
    pub granted_bytes: usize,
    message_bytes_max: usize,
}

/// Opens the sockets; port 0 takes a free one for all.
pub(crate) fn bind(
    input: Input,
    address: SocketAddr,
    limits: &SocketLimits,
) -> Result<Sockets, InputError> {
    let fault = |error| InputError::Bind { input: input.name(), address, error };
    let first = open(input, address, limits).map_err(fault)?;
    let address = first.local_addr().map_err(fault)?;
    let mut sockets = vec![first];
    for _ in 1..limits.sockets {
        sockets.push(open(input, address, limits).map_err(fault)?);
    }
    // The kernel doubles a size for its own book-keeping, and tells the doubled one.
    let granted = |socket: &StdSocket| Ok(SockRef::from(socket).recv_buffer_size()? / 2);
    let granted_bytes = sockets.iter().map(granted).sum::<io::Result<usize>>().map_err(fault)?;
    let asked = limits.receive_buffer_bytes * sockets.len();
    if granted_bytes < asked {
        let name = input.name();
        tracing::warn!(
            input = name,
            asked,
            granted_bytes,
            "receive buffers are smaller than asked for: raise net.core.rmem_max, or bursts are lost"
        );
    }
    let message_bytes_max = limits.message_bytes_max.clamp(1, DATAGRAM_BYTES_MAX);
    Ok(Sockets { sockets, address, granted_bytes, message_bytes_max })
}

fn open(input: Input, address: SocketAddr, limits: &SocketLimits) -> io::Result<StdSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    if tells_local(input, address) {
        reply::tell_local(&socket, address)?;
    }
    socket.set_reuse_port(true)?;
    socket.set_recv_buffer_size(limits.receive_buffer_bytes)?;
    setsockopt(&socket, sockopt::RxqOvfl, &1)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(StdSocket::from(socket))
}

/// Whether each datagram is asked which address it was sent to: what is answered must come from
/// there, and a socket for all addresses does not know.
fn tells_local(input: Input, address: SocketAddr) -> bool {
    input == Input::Snmp && address.ip().is_unspecified()
}

/// A datagram, in the receive buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Datagram<'a> {
    pub peer: SocketAddr,
    /// The address that it was sent to, where the socket has many.
    pub local: Option<IpAddr>,
    pub raw: &'a [u8],
    pub truncated: bool,
}

impl Datagram<'_> {
    /// An answer to whoever sent it.
    pub fn answer(&self, bytes: Vec<u8>, when: When) -> Reply {
        Reply { to: self.peer, from: self.local, bytes, when }
    }
}

/// Takes datagrams out of one socket, many at once.
pub(crate) struct Receiver {
    buffer: Vec<u8>,
    message_bytes_max: usize,
    /// Room for what the kernel says of a datagram.
    control: Vec<u8>,
    dropped: u32,
}

impl Receiver {
    pub fn new(message_bytes_max: usize, tells_local: bool) -> Self {
        let control = match tells_local {
            true => reply::control_space(),
            false => nix::cmsg_space!(u32),
        };
        // Zeroed pages that no datagram touches take no memory.
        let buffer = vec![0; AT_ONCE * message_bytes_max];
        Self { buffer, message_bytes_max, control, dropped: 0 }
    }

    /// One system call: gives what is there to `take`. Returns how many came, and how many the
    /// kernel had dropped since the last call.
    pub fn receive(
        &mut self,
        socket: &impl AsRawFd,
        mut take: impl FnMut(Datagram<'_>),
    ) -> io::Result<(usize, u64)> {
        // Made anew for each call: the kernel writes lengths into them, which nix does not reset,
        // and a control message would find no room after a call without one.
        let mut headers =
            MultiHeaders::<SockaddrStorage>::preallocate(AT_ONCE, Some(self.control.clone()));
        let mut slices: Vec<[IoSliceMut<'_>; 1]> =
            self.buffer.chunks_mut(self.message_bytes_max).map(|b| [IoSliceMut::new(b)]).collect();
        let flags = MsgFlags::MSG_DONTWAIT;
        let received = recvmmsg(socket.as_raw_fd(), &mut headers, slices.iter_mut(), flags, None)?;
        let (mut count, mut dropped) = (0, self.dropped);
        for message in received {
            count += 1;
            let mut local = None;
            for control in message.cmsgs()? {
                match control {
                    ControlMessageOwned::RxqOvfl(total) => dropped = total,
                    other => local = reply::local_of(&other).or(local),
                }
            }
            let raw = message.iovs().next().unwrap_or_default();
            let Some(peer) = message.address.as_ref().and_then(address_of) else { continue };
            let truncated = message.flags.contains(MsgFlags::MSG_TRUNC);
            take(Datagram { peer: canonical(peer), local, raw, truncated });
        }
        // The kernel counts from the socket's birth, in 32 bits that wrap.
        let lost = dropped.wrapping_sub(std::mem::replace(&mut self.dropped, dropped));
        Ok((count, u64::from(lost)))
    }
}

fn address_of(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = || address.as_sockaddr_in().map(|&v4| SocketAddr::V4(v4.into()));
    let v6 = || address.as_sockaddr_in6().map(|&v6| SocketAddr::V6(v6.into()));
    v4().or_else(v6)
}

impl Sockets {
    /// Serves all sockets until `shutdown`; returns when all that was read is answered.
    ///
    /// `make` gives each socket what puts a datagram into the round, or refuses it; it may give an
    /// answer to send.
    pub async fn serve<T>(
        self,
        door: &Door,
        shutdown: &CancellationToken,
        make: impl Fn() -> T,
    ) -> Result<(), InputError>
    where
        T: FnMut(&mut Round, Datagram<'_>) -> Option<Reply> + Send + 'static,
    {
        door.meter.receive_buffer.set(self.granted_bytes as i64);
        let stop = shutdown.child_token();
        let mut tasks = tokio::task::JoinSet::new();
        for socket in self.sockets {
            let fault = |error| InputError::Socket { input: door.input.name(), error };
            let socket = UdpSocket::from_std(socket).map_err(fault)?;
            let local = tells_local(door.input, self.address);
            let receiver = Receiver::new(self.message_bytes_max, local);
            let one = One { socket, door: door.clone(), stop: stop.clone() };
            let take = make();
            tasks.spawn(async move { one.serve(receiver, take).await });
        }
        let mut end = Ok(());
        while let Some(ended) = tasks.join_next().await {
            let ended = ended.unwrap_or_else(|error| Err(io::Error::other(error)));
            if let (Err(error), true) = (ended, end.is_ok()) {
                end = Err(InputError::Socket { input: door.input.name(), error });
                stop.cancel();
            }
        }
        end.and_then(|()| door.end())
    }
}

/// One socket at work.
struct One {
    socket: UdpSocket,
    door: Door,
    stop: CancellationToken,
}

impl One {
    async fn serve<T>(&self, receiver: Receiver, take: T) -> io::Result<()>
    where
        T: FnMut(&mut Round, Datagram<'_>) -> Option<Reply>,
    {
        let (send, answers) = mpsc::channel(ROUNDS_IN_FLIGHT);
        tokio::join!(self.read(receiver, take, send), self.answer(answers)).0
    }

    async fn read<T>(
        &self,
        mut receiver: Receiver,
        mut take: T,
        waiting: mpsc::Sender<(Option<Waiting>, Vec<Reply>)>,
    ) -> io::Result<()>
    where
        T: FnMut(&mut Round, Datagram<'_>) -> Option<Reply>,
    {
        let mut drain_until = None;
        // While no place is free the socket is not read, and the kernel counts what it drops.
        while let Ok(place) = waiting.reserve().await {
            if drain_until.is_none() {
                tokio::select! {
                    biased;
                    () = self.door.failed() => return Ok(()),
                    () = self.stop.cancelled() => drain_until = Some(Instant::now() + DRAIN),
                    ready = self.socket.readable() => ready?,
                }
            }
            let mut replies = Vec::new();
            let draining = drain_until.is_some();
            let (round, emptied) = self.round(&mut receiver, &mut replies, &mut take, draining)?;
            for reply in replies.extract_if(.., |reply| matches!(reply.when, When::Now)) {
                self.send(&reply).await;
            }
            if !round.batch.is_empty() {
                let Ok(submitted) = self.door.submit(round, WhenFull::Wait, None).await else {
                    return Ok(()); // counted, and the door tells the error
                };
                place.send((Some(submitted), replies));
            } else if !replies.is_empty() {
                place.send((None, replies)); // what they wait for is in an earlier round
            }
            if drain_until.is_some_and(|until| emptied || Instant::now() >= until) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Takes what the socket holds, up to a round's size; and whether that was all.
    fn round<T>(
        &self,
        receiver: &mut Receiver,
        replies: &mut Vec<Reply>,
        take: &mut T,
        draining: bool,
    ) -> io::Result<(Round, bool)>
    where
        T: FnMut(&mut Round, Datagram<'_>) -> Option<Reply>,
    {
        let mut round = self.door.round(16 * 1024);
        while round.batch.bytes() < ROUND_BYTES {
            let mut receive = || {
                receiver
                    .receive(&self.socket, |datagram| replies.extend(take(&mut round, datagram)))
            };
            // try_io asks the socket only if it was told of bytes; the last time we ask anyway.
            let read = match draining {
                true => receive(),
                false => self.socket.try_io(Interest::READABLE, receive),
            };
            match read {
                Ok((count, dropped)) => {
                    self.door.meter.kernel_dropped.inc_by(dropped);
                    if count < AT_ONCE {
                        return Ok((round, true));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok((round, true));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // An ICMP error for an answer of ours: it is told once, and concerns no datagram.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(error) if error.kind() == io::ErrorKind::OutOfMemory => {
                    tracing::warn!(input = self.door.input.name(), %error, "cannot read datagrams");
                    return Ok((round, true));
                }
                Err(error) => return Err(error),
            }
        }
        Ok((round, false))
    }

    /// Waits for each round's answer, in order, and sends its replies then.
    async fn answer(&self, mut answers: mpsc::Receiver<(Option<Waiting>, Vec<Reply>)>) {
        while let Some((waiting, replies)) = answers.recv().await {
            let stored = match waiting {
                Some(waiting) => waiting.stored().await.is_ok(),
                None => true,
            };
            // What is not stored was counted there; whoever waits for a reply sends again.
            for reply in replies.iter().filter(|reply| reply.when.is_due(stored)) {
                self.send(reply).await;
            }
        }
    }

    async fn send(&self, reply: &Reply) {
        if let Err(error) = reply::send(&self.socket, reply).await {
            let to = reply.to;
            tracing::debug!(input = self.door.input.name(), %to, %error, "no reply sent");
        }
    }
}
