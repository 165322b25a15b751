//! A tap on the wire: stands between a sender and MUTT and records what the sender sent.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The bytes of one connection so far.
type Stream = Arc<Mutex<Vec<u8>>>;

/// Records the bytes of each TCP connection on their way to `target`.
pub struct TcpTap {
    /// Where senders connect.
    pub address: SocketAddr,
    connections: Arc<Mutex<Vec<Stream>>>,
}

impl TcpTap {
    /// Starts the tap.
    pub fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port for the tap");
        let address = listener.local_addr().expect("its address");
        let connections: Arc<Mutex<Vec<Stream>>> = Arc::default();
        let all = Arc::clone(&connections);
        thread::spawn(move || {
            for sender in listener.incoming().flatten() {
                let recorded = Stream::default();
                all.lock().expect("connections").push(Arc::clone(&recorded));
                let Ok(receiver) = TcpStream::connect(target) else { continue };
                let back =
                    (receiver.try_clone().expect("clone"), sender.try_clone().expect("clone"));
                thread::spawn(move || copy(sender, receiver, Some(&recorded)));
                thread::spawn(move || copy(back.0, back.1, None));
            }
        });
        Self { address, connections }
    }

    /// What was sent, over each connection that carried anything.
    pub fn recorded(&self) -> Vec<Vec<u8>> {
        let connections = self.connections.lock().expect("connections");
        let bytes = connections.iter().map(|bytes| bytes.lock().expect("bytes").clone());
        bytes.filter(|bytes| !bytes.is_empty()).collect()
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, record: Option<&Mutex<Vec<u8>>>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if let Some(record) = record {
            record.lock().expect("bytes").extend_from_slice(&buffer[..n]);
        }
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// Records the datagrams on their way to `target`, and carries answers back to the last sender.
pub struct UdpTap {
    /// Where senders send.
    pub address: SocketAddr,
    datagrams: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl UdpTap {
    /// Starts the tap.
    pub fn start(target: SocketAddr) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port for the tap");
        let onward = UdpSocket::bind("127.0.0.1:0").expect("a port for the tap");
        onward.connect(target).expect("loopback");
        onward.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
        let address = socket.local_addr().expect("its address");
        let datagrams: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let all = Arc::clone(&datagrams);
        let sender: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
        let (answers, last, inlet) = (
            onward.try_clone().expect("clone"),
            Arc::clone(&sender),
            socket.try_clone().expect("clone"),
        );
        thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while let Ok((n, from)) = inlet.recv_from(&mut buffer) {
                *sender.lock().expect("sender") = Some(from);
                all.lock().expect("datagrams").push(buffer[..n].to_vec());
                let _ = onward.send(&buffer[..n]);
            }
        });
        thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            loop {
                let Ok(n) = answers.recv(&mut buffer) else { continue };
                let back = *last.lock().expect("sender");
                if let Some(back) = back {
                    let _ = socket.send_to(&buffer[..n], back);
                }
            }
        });
        Self { address, datagrams }
    }

    /// What was sent.
    pub fn recorded(&self) -> Vec<Vec<u8>> {
        self.datagrams.lock().expect("datagrams").clone()
    }
}
