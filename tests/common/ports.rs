//! Free ports on loopback. A port is given once in a test process, and free for TCP and UDP.

use std::collections::HashSet;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::sync::Mutex;

static GIVEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);

/// An address on loopback that nobody listens on.
pub fn free() -> SocketAddr {
    loop {
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a free TCP port");
        let address = tcp.local_addr().expect("its address");
        if UdpSocket::bind(address).is_err() {
            continue;
        }
        let mut given = GIVEN.lock().expect("ports");
        if given.get_or_insert_default().insert(address.port()) {
            return address;
        }
    }
}
