//! Sends messages the plain way, where no real program is needed for it.

use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::ops::Range;

/// Messages that a number tells apart, from many hosts, so that all partitions have some.
pub fn numbered(numbers: Range<usize>) -> Vec<Vec<u8>> {
    let message = |n| format!("<189>Nov 23 12:00:00 host{host} app: message {n:06}", host = n % 40);
    numbers.map(|n| message(n).into_bytes()).collect()
}

/// Sends messages over one new connection, each ended by LF.
pub fn lines(to: SocketAddr, messages: &[impl AsRef<[u8]>]) {
    let mut bytes = Vec::new();
    for message in messages {
        bytes.extend_from_slice(message.as_ref());
        bytes.push(b'\n');
    }
    stream(to, &bytes);
}

/// Sends messages over one new connection, octet-counted.
pub fn counted(to: SocketAddr, messages: &[impl AsRef<[u8]>]) {
    let mut bytes = Vec::new();
    for message in messages {
        bytes.extend_from_slice(format!("{} ", message.as_ref().len()).as_bytes());
        bytes.extend_from_slice(message.as_ref());
    }
    stream(to, &bytes);
}

/// Sends messages as datagrams.
pub fn datagrams(to: SocketAddr, messages: &[impl AsRef<[u8]>]) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a UDP socket");
    for message in messages {
        socket.send_to(message.as_ref(), to).expect("a datagram sent");
    }
}

fn stream(to: SocketAddr, bytes: &[u8]) {
    let mut stream = TcpStream::connect(to).expect("MUTT's TCP port");
    stream.write_all(bytes).expect("MUTT reads");
}
