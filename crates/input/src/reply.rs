//! Answers to datagrams: when they are due, and from which address they come.
//!
//! From: inputs over UDP that answer. To: senders, who take an answer only from where they sent to.

use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;

use nix::libc;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, sendmsg, setsockopt, sockopt,
};
use socket2::Socket;
use tokio::io::Interest;
use tokio::net::UdpSocket;

use crate::snmp::Fate;

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub to: SocketAddr,
    /// The address that it is sent from, where the socket has many.
    pub from: Option<IpAddr>,
    pub bytes: Vec<u8>,
    pub when: When,
}

/// When an answer is due.
#[derive(Debug)]
pub(crate) enum When {
    /// At once: nothing is promised by it.
    Now,
    /// Once what it answers is stored: in this round if it is new, in an earlier one if not.
    Stored { fate: Fate, is_new: bool },
}

impl When {
    /// Whether it is due, with its round stored or not.
    pub fn is_due(&self, stored: bool) -> bool {
        match self {
            When::Now => true,
            When::Stored { fate, is_new } => {
                if *is_new {
                    fate.set(stored);
                }
                fate.is_stored()
            }
        }
    }
}

/// Asks the kernel to say of each datagram which address it was sent to.
pub(crate) fn tell_local(socket: &Socket, bound: SocketAddr) -> io::Result<()> {
    match bound {
        SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4PacketInfo, &true)?,
        SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)?,
    }
    Ok(())
}

/// Room for that, and for the count of what was dropped.
pub(crate) fn control_space() -> Vec<u8> {
    nix::cmsg_space!(u32, libc::in6_pktinfo)
}

/// The address that a datagram was sent to; of one to a group or to all, this machine's own.
pub(crate) fn local_of(control: &ControlMessageOwned) -> Option<IpAddr> {
    match control {
        ControlMessageOwned::Ipv4PacketInfo(info) => {
            Some(IpAddr::V4(u32::from_be(info.ipi_spec_dst.s_addr).into()))
        }
        ControlMessageOwned::Ipv6PacketInfo(info) => {
            let ip = IpAddr::from(info.ipi6_addr.s6_addr);
            (!ip.is_multicast()).then_some(ip)
        }
        _ => None,
    }
}

/// Sends an answer.
pub(crate) async fn send(socket: &UdpSocket, reply: &Reply) -> io::Result<()> {
    let to = SockaddrStorage::from(reachable(socket, reply.to));
    let bytes = [IoSlice::new(&reply.bytes)];
    let v4 = reply.from.and_then(|from| v4_info(socket, from));
    let v6 = reply.from.and_then(|from| v6_info(socket, from));
    let control: Vec<ControlMessage<'_>> = v4
        .iter()
        .map(ControlMessage::Ipv4PacketInfo)
        .chain(v6.iter().map(ControlMessage::Ipv6PacketInfo))
        .collect();
    let send = || {
        let flags = MsgFlags::MSG_DONTWAIT;
        Ok(sendmsg(socket.as_raw_fd(), &bytes, &control, flags, Some(&to))?)
    };
    socket.async_io(Interest::WRITABLE, send).await.map(|_| ())
}

fn is_v6(socket: &UdpSocket) -> bool {
    matches!(socket.local_addr(), Ok(SocketAddr::V6(_)))
}

fn v4_info(socket: &UdpSocket, from: IpAddr) -> Option<libc::in_pktinfo> {
    let IpAddr::V4(from) = from else { return None };
    let address = |ip: u32| libc::in_addr { s_addr: ip.to_be() };
    let (ipi_spec_dst, ipi_addr) = (address(from.to_bits()), address(0));
    (!is_v6(socket)).then_some(libc::in_pktinfo { ipi_ifindex: 0, ipi_spec_dst, ipi_addr })
}

fn v6_info(socket: &UdpSocket, from: IpAddr) -> Option<libc::in6_pktinfo> {
    let IpAddr::V6(from) = from else { return None };
    let ipi6_addr = libc::in6_addr { s6_addr: from.octets() };
    is_v6(socket).then_some(libc::in6_pktinfo { ipi6_addr, ipi6_ifindex: 0 })
}

/// An IPv4 peer as an IPv6 socket must address it.
fn reachable(socket: &UdpSocket, peer: SocketAddr) -> SocketAddr {
    match peer {
        SocketAddr::V4(v4) if is_v6(socket) => (v4.ip().to_ipv6_mapped(), v4.port()).into(),
        _ => peer,
    }
}
