//! UDP datagrams under the address of the device that a message is from: raw IPv4 sockets, for which
//! the system asks for CAP_NET_RAW.
//!
//! From: [`super::datagram`]. To: the receiver's UDP port, as if the device had sent it. The kernel
//! does not fragment what comes with a head of its own, so that is done here.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use nix::sys::socket::{getsockopt, sockopt::IpMtu};
use socket2::{Domain, Protocol, Socket, Type};

const IP_HEAD: usize = 20;
const UDP_HEAD: usize = 8;
const UDP: u8 = 17;
const HOPS: u8 = 64;
const MORE_FRAGMENTS: u16 = 0x2000;
/// What every IPv4 network carries (RFC 791).
const MTU_MIN: usize = 576;
/// The protocol's number by which a raw socket takes whole packets.
const RAW: i32 = 255;
const SEND_BUFFER_BYTES: usize = 1 << 20;

/// Whether this process may send under other addresses.
///
/// # Errors
/// What the system says, which is "not permitted" without CAP_NET_RAW.
pub fn may_spoof() -> io::Result<()> {
    raw_socket().map(|_| ())
}

fn raw_socket() -> io::Result<Socket> {
    Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::from(RAW)))
}

/// Sends under other addresses to one receiver.
#[derive(Debug)]
pub(super) struct Spoofer {
    socket: Socket,
    to: SocketAddrV4,
    mtu: usize,
    id: u16,
}

impl Spoofer {
    /// `plain` is a socket that is connected to the receiver: it knows the way's MTU.
    pub fn open(plain: &impl std::os::fd::AsFd, to: SocketAddrV4) -> io::Result<Self> {
        let socket = raw_socket()?;
        socket.set_nonblocking(true)?;
        let _ = socket.set_send_buffer_size(SEND_BUFFER_BYTES);
        let mtu = getsockopt(plain, IpMtu)?;
        let mtu = usize::try_from(mtu).unwrap_or_default();
        Ok(Self { socket, to, mtu: mtu.clamp(MTU_MIN, usize::from(u16::MAX)), id: rand::random() })
    }

    #[cfg(test)]
    pub fn with_mtu(self, mtu: usize) -> Self {
        Self { mtu, ..self }
    }

    /// Whether the network would take it: this machine's own addresses stay on it.
    pub fn fits(&self, from: SocketAddrV4) -> bool {
        let ip = from.ip();
        let odd = ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast();
        !odd && (!ip.is_loopback() || self.to.ip().is_loopback())
    }

    /// Sends a datagram, in fragments if it is too long for the way.
    pub fn send(&mut self, from: SocketAddrV4, payload: &[u8]) -> io::Result<()> {
        // The kernel would put another one in place of 0, and not the same for each fragment.
        self.id = self.id.checked_add(1).unwrap_or(1);
        let datagram = udp(from, self.to, payload)?;
        let address = SocketAddr::V4(self.to).into();
        for packet in packets((*from.ip(), *self.to.ip()), self.id, self.mtu, &datagram) {
            self.socket.send_to(&packet, &address)?;
        }
        Ok(())
    }
}

/// Head and payload, with the checksum (RFC 768).
fn udp(from: SocketAddrV4, to: SocketAddrV4, payload: &[u8]) -> io::Result<Vec<u8>> {
    let too_long = || io::Error::from_raw_os_error(nix::libc::EMSGSIZE);
    let length = u16::try_from(UDP_HEAD + payload.len()).map_err(|_| too_long())?;
    let mut datagram = Vec::with_capacity(UDP_HEAD + payload.len());
    datagram.extend_from_slice(&from.port().to_be_bytes());
    datagram.extend_from_slice(&to.port().to_be_bytes());
    datagram.extend_from_slice(&length.to_be_bytes());
    datagram.extend_from_slice(&[0, 0]);
    datagram.extend_from_slice(payload);
    let mut pseudo = [from.ip().octets(), to.ip().octets()].concat();
    pseudo.extend_from_slice(&[0, UDP]);
    pseudo.extend_from_slice(&length.to_be_bytes());
    let sum = checksum(&pseudo, &datagram);
    // 0 would say that there is none.
    datagram[6..8].copy_from_slice(&if sum == 0 { 0xffff } else { sum }.to_be_bytes());
    Ok(datagram)
}

/// The one's complement of the sum of all 16-bit words (RFC 1071).
fn checksum(pseudo: &[u8], datagram: &[u8]) -> u16 {
    let word = |pair: &[u8]| {
        let low = pair.get(1).copied().unwrap_or_default();
        u64::from(u16::from_be_bytes([pair[0], low]))
    };
    let mut sum: u64 = pseudo.chunks(2).chain(datagram.chunks(2)).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// IPv4 packets (RFC 791); the kernel fills in their lengths and checksums.
fn packets((from, to): (Ipv4Addr, Ipv4Addr), id: u16, mtu: usize, datagram: &[u8]) -> Vec<Vec<u8>> {
    let most = (mtu - IP_HEAD) & !7; // fragments begin at multiples of 8
    let last = datagram.len().div_ceil(most).saturating_sub(1);
    let packet = |(place, part): (usize, &[u8])| {
        let more = if place < last { MORE_FRAGMENTS } else { 0 };
        let offset = (place * most / 8) as u16 | more;
        let length = (IP_HEAD + part.len()) as u16;
        let mut packet = Vec::with_capacity(IP_HEAD + part.len());
        packet.extend_from_slice(&[0x45, 0]);
        packet.extend_from_slice(&length.to_be_bytes());
        packet.extend_from_slice(&id.to_be_bytes());
        packet.extend_from_slice(&offset.to_be_bytes());
        packet.extend_from_slice(&[HOPS, UDP, 0, 0]);
        packet.extend_from_slice(&from.octets());
        packet.extend_from_slice(&to.octets());
        packet.extend_from_slice(part);
        packet
    };
    datagram.chunks(most).enumerate().map(packet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_is_cut_at_multiples_of_8_and_only_its_last_fragment_says_that_it_is_the_last() {
        let ips = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        let packets = packets(ips, 7, 1_500, &[1; 3_000]);
        let heads: Vec<_> =
            packets.iter().map(|p| (u16::from_be_bytes([p[6], p[7]]), p.len())).collect();
        assert_eq!(heads, [(0x2000, 1_500), (0x2000 | 185, 1_500), (370, 60)]);
        assert!(packets.iter().all(|packet| packet[4..6] == [0, 7]));
    }

    #[test]
    fn the_checksum_is_that_of_rfc_1071() {
        assert_eq!(checksum(&[], &[0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
        assert_eq!(checksum(&[0xff], &[]), 0x00ff);
    }
}
