//! A stand-in for NetIM: syslog over TCP (both framings), UDP and RELP, and traps. It records or
//! counts what it reads, and can be stopped, started, made to stop reading or to hang up.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use mutt_tls::Acceptor;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{locked, netim_doors};

/// A door of the stand-in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Door {
    /// Syslog over TCP; framings told apart per message.
    Tcp,
    /// Syslog over RELP.
    Relp,
    /// Syslog over UDP.
    Udp,
    /// SNMP traps.
    Trap,
}

impl Door {
    /// All.
    pub const ALL: [Door; 4] = [Door::Tcp, Door::Relp, Door::Udp, Door::Trap];
}

/// How much is kept of what comes; all is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Every message.
    All,
    /// The last so many of each door.
    Last(usize),
    /// None.
    Nothing,
}

/// What the tasks of the doors share with their owner.
#[derive(Debug)]
pub(super) struct Shared {
    keep: Keep,
    kept: [Mutex<VecDeque<Vec<u8>>>; 4],
    counts: [AtomicU64; 4],
    bytes: [AtomicU64; 4],
    connections: AtomicU64,
    rejects: AtomicU64,
    /// Of the doors over TCP and RELP; none: they are plain.
    pub(super) tls: Option<Arc<Acceptor>>,
    pub(super) orders: watch::Sender<Orders>,
}

/// What the owner wants of the doors' tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Orders {
    /// All sockets are to be closed.
    pub stop: bool,
    /// Connections read.
    pub read: bool,
    /// Raised when all connections are to be closed.
    pub hang_up: u64,
}

impl Shared {
    pub(super) fn record(&self, door: Door, raw: &[u8]) {
        let at = door as usize;
        self.counts[at].fetch_add(1, Ordering::Relaxed);
        self.bytes[at].fetch_add(raw.len() as u64, Ordering::Relaxed);
        let most = match self.keep {
            Keep::All => usize::MAX,
            Keep::Last(most) => most,
            Keep::Nothing => return,
        };
        let mut kept = locked(&self.kept[at]);
        kept.push_back(raw.to_vec());
        if kept.len() > most {
            kept.pop_front();
        }
    }

    pub(super) fn connected(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether this message is one of those to be refused.
    pub(super) fn reject(&self) -> bool {
        let less = |left: u64| left.checked_sub(1);
        self.rejects.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}

/// A stand-in NetIM on free ports of 127.0.0.1. Dropping it stops it.
#[derive(Debug)]
pub struct NetIm {
    addresses: [SocketAddr; 4],
    shared: Arc<Shared>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl NetIm {
    /// Starts one.
    ///
    /// # Errors
    /// No ports.
    pub async fn start(keep: Keep) -> io::Result<Self> {
        Self::start_with(keep, None).await
    }

    /// Starts one whose doors over TCP and RELP speak TLS.
    ///
    /// # Errors
    /// No ports.
    pub async fn start_tls(keep: Keep, tls: Arc<Acceptor>) -> io::Result<Self> {
        Self::start_with(keep, Some(tls)).await
    }

    async fn start_with(keep: Keep, tls: Option<Arc<Acceptor>>) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            keep,
            kept: Default::default(),
            counts: Default::default(),
            bytes: Default::default(),
            connections: AtomicU64::new(0),
            rejects: AtomicU64::new(0),
            tls,
            orders: watch::Sender::new(Orders { stop: false, read: true, hang_up: 0 }),
        });
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let tasks = Mutex::new(Vec::new());
        let mut netim = Self { addresses: [free; 4], shared, tasks };
        netim.addresses = netim.listen().await?;
        Ok(netim)
    }

    async fn listen(&self) -> io::Result<[SocketAddr; 4]> {
        let [tcp, relp, udp, trap] = self.addresses;
        let tcp = TcpListener::bind(tcp).await?;
        let relp = TcpListener::bind(relp).await?;
        let udp = UdpSocket::bind(udp).await?;
        let trap = UdpSocket::bind(trap).await?;
        let addresses =
            [tcp.local_addr()?, relp.local_addr()?, udp.local_addr()?, trap.local_addr()?];
        self.shared.orders.send_modify(|orders| orders.stop = false);
        let shared = || Arc::clone(&self.shared);
        locked(&self.tasks).extend([
            tokio::spawn(netim_doors::accept(tcp, Door::Tcp, shared())),
            tokio::spawn(netim_doors::accept(relp, Door::Relp, shared())),
            tokio::spawn(netim_doors::datagrams(udp, Door::Udp, shared())),
            tokio::spawn(netim_doors::datagrams(trap, Door::Trap, shared())),
        ]);
        Ok(addresses)
    }

    /// Where a door is.
    pub fn address(&self, door: Door) -> SocketAddr {
        self.addresses[door as usize]
    }

    /// The kept messages of a door, in order.
    pub fn messages(&self, door: Door) -> Vec<Vec<u8>> {
        locked(&self.shared.kept[door as usize]).iter().cloned().collect()
    }

    /// The messages of a door but for the first `skip`, in order. With [`Keep::All`].
    pub fn messages_after(&self, door: Door, skip: usize) -> Vec<Vec<u8>> {
        locked(&self.shared.kept[door as usize]).iter().skip(skip).cloned().collect()
    }

    /// How many messages a door read.
    pub fn count(&self, door: Door) -> u64 {
        self.shared.counts[door as usize].load(Ordering::Relaxed)
    }

    /// How many bytes of messages a door read, framing not counted.
    pub fn bytes(&self, door: Door) -> u64 {
        self.shared.bytes[door as usize].load(Ordering::Relaxed)
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Whether connections are read. What is under way stays in the kernel's buffers.
    pub fn reading(&self, read: bool) {
        self.shared.orders.send_modify(|orders| orders.read = read);
    }

    /// Closes all connections; what was not read is lost, as with a killed receiver.
    pub fn hang_up(&self) {
        self.shared.orders.send_modify(|orders| orders.hang_up += 1);
    }

    /// The next `n` messages over RELP are answered with 500 and not recorded.
    pub fn reject(&self, n: u64) {
        self.shared.rejects.store(n, Ordering::Relaxed);
    }

    /// Closes all sockets: connections break, ports refuse.
    pub async fn stop(&self) {
        self.shared.orders.send_modify(|orders| orders.stop = true);
        let tasks = std::mem::take(&mut *locked(&self.tasks));
        for task in tasks {
            // Only a panic could fail it; its sockets are closed either way.
            let _ = task.await;
        }
    }

    /// Listens again on the same ports.
    ///
    /// # Errors
    /// Somebody else has one of the ports.
    pub async fn start_again(&self) -> io::Result<()> {
        self.stop().await;
        self.listen().await.map(drop)
    }
}

impl Drop for NetIm {
    fn drop(&mut self) {
        self.shared.orders.send_modify(|orders| orders.stop = true);
    }
}
