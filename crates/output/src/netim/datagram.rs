//! One datagram per message to one receiver: what syslog over UDP and SNMP traps share.
//!
//! From: [`super::UdpChannel`] and [`super::TrapChannel`]. To: the receiver's UDP port.
//! Nothing is ever acknowledged; only a refusal comes back (ICMP port unreachable), for a
//! datagram sent a moment before. So a datagram counts as sent only when `settle` has passed
//! without one.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::Duration;

use mutt_event::Hosts;
use nix::libc;
use nix::sys::socket::{MsgFlags, MultiHeaders, sendmmsg};
use tokio::io::Interest;
use tokio::net::{UdpSocket, lookup_host};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use super::probe::{Probe, Probing};
use super::spoof::Spoofer;
use crate::{ChannelError, ChannelStats, Outgoing};

/// The largest UDP payload over IPv4.
const DATAGRAM_BYTES_MAX: usize = 65_507;
/// Datagrams for one system call.
const AT_ONCE: usize = 64;
/// Bytes asked for the socket's send buffer; the system may give less.
const SEND_BUFFER_BYTES: usize = 1 << 20;

/// Where to and how.
#[derive(Clone, Debug)]
pub struct UdpSettings {
    /// `host:port`.
    pub address: String,
    /// A longer message is cut. Default 65,507, the most that UDP carries.
    pub max_datagram_bytes: usize,
    /// How long a refusal may take to come back. Default 20 ms.
    pub settle: Duration,
    /// A TCP port to ask whether the destination is there; none: it is believed.
    pub probe: Option<Probe>,
    /// Whose address the datagrams come from.
    pub source: Source,
}

/// Whose address datagrams come from.
#[derive(Clone, Debug, Default)]
pub enum Source {
    /// MUTT's.
    #[default]
    Plain,
    /// The device's, as far as it is IPv4: the address that the message came from, or, of one that a
    /// trusted relay passed on, the one that it names. A refusal goes there, too: MUTT sees none.
    Spoof(Arc<Hosts>),
}

impl UdpSettings {
    /// The defaults, to `address`.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            max_datagram_bytes: DATAGRAM_BYTES_MAX,
            settle: Duration::from_millis(20),
            probe: None,
            source: Source::Plain,
        }
    }
}

/// A connected UDP socket and what went through it.
#[derive(Debug)]
pub(super) struct Datagrams {
    settings: UdpSettings,
    stats: ChannelStats,
    probing: Probing,
    socket: Option<UdpSocket>,
    spoofer: Option<Spoofer>,
    /// Sent and not settled: when, and how many since `open` with these.
    settling: VecDeque<(Instant, u64)>,
    sent: u64,
    settled: u64,
    /// The kernel took no more.
    full: bool,
}

impl Datagrams {
    pub(super) fn new(settings: UdpSettings, stats: ChannelStats) -> Self {
        let probing = Probing::new(settings.probe.clone());
        Self {
            settings,
            stats,
            probing,
            socket: None,
            spoofer: None,
            settling: VecDeque::new(),
            sent: 0,
            settled: 0,
            full: false,
        }
    }

    pub(super) async fn open(&mut self) -> Result<(), ChannelError> {
        self.socket = None;
        self.settling.clear();
        (self.sent, self.settled) = (0, 0);
        let result = self.connect().await;
        let socket = self.after(result)?;
        let spoofer = self.spoofer(&socket);
        self.spoofer = self.after(spoofer)?;
        self.socket = Some(socket);
        self.stats.open.set(1);
        Ok(())
    }

    async fn connect(&mut self) -> Result<UdpSocket, ChannelError> {
        self.probing.now().await?;
        let fail = |why| ChannelError::Connect { destination: self.settings.address.clone(), why };
        let mut why = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in lookup_host(&self.settings.address).await.map_err(fail)? {
            let any = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
            match connected(any, address).await {
                Ok(socket) => return Ok(socket),
                Err(error) => why = error,
            }
        }
        Err(fail(why))
    }

    fn spoofer(&self, socket: &UdpSocket) -> Result<Option<Spoofer>, ChannelError> {
        match (&self.settings.source, socket.peer_addr()) {
            (Source::Spoof(_), Ok(SocketAddr::V4(to))) => {
                Spoofer::open(socket, to).map(Some).map_err(|why| self.io(why))
            }
            _ => Ok(None),
        }
    }

    /// Sends payloads from the front; how many messages were taken.
    pub(super) async fn send<'a>(
        &mut self,
        messages: &[Outgoing<'a>],
        payload: impl Fn(&Outgoing<'a>, &ChannelStats) -> Cow<'a, [u8]> + Send,
    ) -> Result<usize, ChannelError> {
        let due = self.probing.when_due().await;
        self.after(due)?;
        let result = self.taking(messages, payload);
        self.after(result)
    }

    fn taking<'a>(
        &mut self,
        messages: &[Outgoing<'a>],
        payload: impl Fn(&Outgoing<'a>, &ChannelStats) -> Cow<'a, [u8]>,
    ) -> Result<usize, ChannelError> {
        self.refused()?;
        let mut taken = 0;
        for chunk in messages.chunks(AT_ONCE) {
            let payloads: Vec<_> = chunk.iter().map(|each| payload(each, &self.stats)).collect();
            let done = match self.settings.source.clone() {
                Source::Plain => self.transmit(&payloads)?,
                Source::Spoof(hosts) => self.spoof(&hosts, chunk, &payloads)?,
            };
            taken += done;
            if done < chunk.len() {
                break;
            }
        }
        if taken > 0 {
            self.sent += taken as u64;
            self.settling.push_back((Instant::now(), self.sent));
        }
        Ok(taken)
    }

    /// Hands one system call's worth to the kernel; how many messages are done with.
    fn transmit(&mut self, payloads: &[Cow<'_, [u8]>]) -> Result<usize, ChannelError> {
        let Some(socket) = &self.socket else { return Err(self.not_open()) };
        let most = self.settings.max_datagram_bytes.min(DATAGRAM_BYTES_MAX);
        let cut: Vec<_> =
            payloads.iter().map(|payload| &payload[..payload.len().min(most)]).collect();
        let mut done = 0;
        self.full = false;
        while done < cut.len() {
            match socket.try_io(Interest::WRITABLE, || send_some(socket, &cut[done..])) {
                Ok(n) => {
                    for (whole, sent) in payloads[done..done + n].iter().zip(&cut[done..]) {
                        self.stats.cut.inc_by(u64::from(sent.len() < whole.len()));
                        self.stats.sent_bytes.inc_by(sent.len() as u64);
                    }
                    self.stats.sent.inc_by(n as u64);
                    done += n;
                }
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => match why.raw_os_error() {
                    Some(libc::ECONNREFUSED) => return Err(self.refusal()),
                    Some(libc::EMSGSIZE) => {
                        self.stats.too_long.inc();
                        done += 1;
                    }
                    _ if is_full(&why) => {
                        self.full = true;
                        break;
                    }
                    _ => return Err(self.io(why)),
                },
            }
        }
        Ok(done)
    }

    /// Sends each under its device's address; what has none of IPv4 goes as if nothing were asked, and
    /// is counted.
    fn spoof(
        &mut self,
        hosts: &Hosts,
        messages: &[Outgoing<'_>],
        payloads: &[Cow<'_, [u8]>],
    ) -> Result<usize, ChannelError> {
        let most = self.settings.max_datagram_bytes.min(DATAGRAM_BYTES_MAX);
        for (done, (message, payload)) in messages.iter().zip(payloads).enumerate() {
            let cut = &payload[..payload.len().min(most)];
            let from = device(hosts, message);
            let sent = match (&mut self.spoofer, from) {
                (Some(spoofer), Some(from)) if spoofer.fits(from) => spoofer.send(from, cut),
                _ => Err(io::ErrorKind::AddrNotAvailable.into()),
            };
            match sent {
                Ok(()) => {
                    self.full = false;
                    self.stats.spoofed.inc();
                    self.stats.sent.inc();
                    self.stats.sent_bytes.inc_by(cut.len() as u64);
                    self.stats.cut.inc_by(u64::from(cut.len() < payload.len()));
                }
                Err(why) if is_full(&why) => {
                    self.full = true;
                    return Ok(done);
                }
                Err(_) => {
                    if self.transmit(std::slice::from_ref(payload))? == 0 {
                        return Ok(done);
                    }
                    self.stats.not_spoofed.inc();
                }
            }
        }
        Ok(messages.len())
    }

    /// How many were sent and not refused.
    pub(super) fn confirmed(&mut self) -> Result<u64, ChannelError> {
        let result = self.settle();
        self.after(result)
    }

    fn settle(&mut self) -> Result<u64, ChannelError> {
        self.refused()?;
        while let Some((at, count)) = self.settling.front() {
            if at.elapsed() < self.settings.settle {
                break;
            }
            self.settled = *count;
            self.settling.pop_front();
        }
        Ok(self.settled)
    }

    /// Whether a refusal has come back.
    fn refused(&self) -> Result<(), ChannelError> {
        let Some(socket) = &self.socket else { return Err(self.not_open()) };
        match socket.take_error() {
            Ok(None) => Ok(()),
            Ok(Some(why)) if why.raw_os_error() == Some(libc::ECONNREFUSED) => Err(self.refusal()),
            Ok(Some(why)) | Err(why) => Err(self.io(why)),
        }
    }

    pub(super) async fn wait(&mut self, most: Duration) {
        let mut until = Instant::now() + most;
        if let Some((at, _)) = self.settling.front() {
            until = until.min(*at + self.settings.settle);
        }
        match &self.socket {
            Some(socket) if self.full => {
                // Not at once: where a queue below the socket is full, the socket is writable.
                sleep(most.min(Duration::from_millis(1))).await;
                // An error shows itself again in the send that follows.
                let _ = timeout_at(until, socket.writable()).await;
            }
            _ => sleep_until(until).await,
        }
    }

    pub(super) fn close(&mut self) {
        self.socket = None;
        self.stats.open.set(0);
    }

    fn after<T>(&mut self, result: Result<T, ChannelError>) -> Result<T, ChannelError> {
        if let Err(error) = &result {
            self.socket = None;
            self.stats.error(error);
        }
        result
    }

    fn not_open(&self) -> ChannelError {
        ChannelError::NotOpen(self.settings.address.clone())
    }

    fn refusal(&self) -> ChannelError {
        ChannelError::Refused(self.settings.address.clone())
    }

    fn io(&self, why: io::Error) -> ChannelError {
        ChannelError::Io { destination: self.settings.address.clone(), why }
    }
}

/// ENOBUFS: a queue below the socket is full, as good as "would block".
fn is_full(why: &io::Error) -> bool {
    why.raw_os_error() == Some(libc::ENOBUFS) || why.kind() == io::ErrorKind::WouldBlock
}

/// The address and port that a device sends from, as far as it is known.
pub(super) fn device(hosts: &Hosts, message: &Outgoing<'_>) -> Option<SocketAddrV4> {
    let peer = message.peer?;
    let IpAddr::V4(ip) = peer.ip().to_canonical() else { return None };
    let named = match hosts.is_trusted_relay(peer.ip()) {
        true => message.host.parse().ok(),
        false => None,
    };
    Some(SocketAddrV4::new(named.unwrap_or(ip), peer.port()))
}

async fn connected(any: &str, address: std::net::SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(any).await?;
    socket.connect(address).await?;
    // Larger bursts in one go; without it all still works, only in smaller steps.
    let _ = socket2::SockRef::from(&socket).set_send_buffer_size(SEND_BUFFER_BYTES);
    socket.writable().await?;
    Ok(socket)
}

/// One sendmmsg: how many datagrams the kernel took, at least one.
fn send_some(socket: &UdpSocket, datagrams: &[&[u8]]) -> io::Result<usize> {
    let slices: Vec<[IoSlice<'_>; 1]> =
        datagrams.iter().map(|bytes| [IoSlice::new(bytes)]).collect();
    let mut headers = MultiHeaders::<()>::preallocate(slices.len(), None);
    let nowhere = vec![None::<()>; slices.len()];
    let sent =
        sendmmsg(socket.as_raw_fd(), &mut headers, &slices, &nowhere, [], MsgFlags::MSG_DONTWAIT)?;
    Ok(sent.count())
}
