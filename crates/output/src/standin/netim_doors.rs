//! The doors of the stand-in NetIM: one task for each socket and each connection.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::netim::{Door, Orders, Shared};
use crate::netim::relp_wire::{parse, render};

const READ_BYTES: usize = 256 * 1024;

pub(super) async fn accept(listener: TcpListener, door: Door, shared: Arc<Shared>) {
    let mut orders = shared.orders.subscribe();
    // Dropped, and so ended, with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = orders.wait_for(|orders| orders.stop) => break,
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    shared.connected();
                    connections.spawn(welcome(stream, door, Arc::clone(&shared)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    connections.shutdown().await;
}

pub(super) async fn datagrams(socket: UdpSocket, door: Door, shared: Arc<Shared>) {
    let mut orders = shared.orders.subscribe();
    // More room for bursts; without it more is lost, as with a real receiver.
    let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20);
    let mut buffer = vec![0; 65_536];
    loop {
        tokio::select! {
            _ = orders.wait_for(|orders| orders.stop) => return,
            received = socket.recv(&mut buffer) => {
                if let Ok(len) = received {
                    shared.record(door, &buffer[..len]);
                }
            }
        }
    }
}

async fn welcome(stream: TcpStream, door: Door, shared: Arc<Shared>) {
    let Some(tls) = shared.tls.clone() else { return connection(stream, door, shared).await };
    if let Ok(stream) = tls.accept(stream).await {
        connection(stream, door, shared).await;
    }
}

async fn connection<S>(mut stream: S, door: Door, shared: Arc<Shared>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut orders = shared.orders.subscribe();
    let born = orders.borrow_and_update().hang_up;
    let mut bytes = Vec::with_capacity(READ_BYTES);
    let mut out = Vec::new();
    loop {
        if orders.wait_for(|orders| orders.read || ended(orders, born)).await.is_err()
            || ended(&orders.borrow(), born)
        {
            return;
        }
        tokio::select! {
            () = changed(&mut orders) => continue,
            read = stream.read_buf(&mut bytes) => match read {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            },
        }
        let done = match door {
            Door::Relp => relp(&bytes, &shared, &mut out),
            _ => Some(frames(&bytes, door, &shared)),
        };
        let goodbye = done.is_none();
        if stream.write_all(&out).await.is_err() || stream.flush().await.is_err() || goodbye {
            return;
        }
        out.clear();
        bytes.drain(..done.unwrap_or_default());
        bytes.reserve(READ_BYTES / 2);
    }
}

fn ended(orders: &Orders, born: u64) -> bool {
    orders.stop || orders.hang_up != born
}

async fn changed(orders: &mut watch::Receiver<Orders>) {
    // The sender lives as long as the shared state that this task holds.
    let _ = orders.changed().await;
}

/// Records the whole frames in `bytes`, RFC 6587, either framing; how many bytes are done with.
fn frames(bytes: &[u8], door: Door, shared: &Shared) -> usize {
    let mut done = 0;
    while let Some((message, len)) = frame(&bytes[done..]) {
        shared.record(door, message);
        done += len;
    }
    done
}

/// The first message in `bytes`, and how long its frame is.
fn frame(bytes: &[u8]) -> Option<(&[u8], usize)> {
    if bytes.first()?.is_ascii_digit() {
        let digits = bytes.iter().take(10).position(|byte| *byte == b' ')?;
        let len: usize = std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()?;
        let end = digits + 1 + len;
        return Some((bytes.get(digits + 1..end)?, end));
    }
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((&bytes[..end], end + 1))
}

/// Answers the whole frames in `bytes`; how many bytes are done with, none at the session's end.
fn relp(bytes: &[u8], shared: &Shared, out: &mut Vec<u8>) -> Option<usize> {
    let mut done = 0;
    while let Some((frame, len)) = parse(&bytes[done..]).ok()? {
        match frame.command {
            b"open" => {
                let offer = b"200 OK\nrelp_version=0\nrelp_software=stand-in\ncommands=syslog";
                render(frame.txnr, "rsp", offer, out);
            }
            b"syslog" if shared.reject() => render(frame.txnr, "rsp", b"500 no", out),
            b"syslog" => {
                shared.record(Door::Relp, frame.data);
                render(frame.txnr, "rsp", b"200 OK", out);
            }
            b"close" => {
                render(frame.txnr, "rsp", b"", out);
                render(0, "serverclose", b"", out);
                return None;
            }
            _ => render(frame.txnr, "rsp", b"500 unknown command", out),
        }
        done += len;
    }
    Some(done)
}
