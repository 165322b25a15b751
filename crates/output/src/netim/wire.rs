//! A TCP connection with a buffer before it: nothing here ever blocks but `connect`.
//!
//! From: the TCP and RELP channels. To: the receiver.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::sys;
use crate::ChannelError;

/// What a read found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// So many bytes.
    Some(usize),
    /// Nothing for now.
    Nothing,
    /// The peer closed.
    Closed,
}

/// A connection, the bytes that wait for it, and how many went since it was made.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    out: Vec<u8>,
    head: usize,
    written: u64,
}

impl Wire {
    /// Connects to `destination` (`host:port`; every address of a name is tried).
    pub(super) async fn connect(destination: &str, most: Duration) -> Result<Self, ChannelError> {
        let fail = |why| ChannelError::Connect { destination: destination.to_owned(), why };
        let stream = match timeout(most, TcpStream::connect(destination)).await {
            Ok(result) => result.map_err(fail)?,
            Err(_) => return Err(fail(io::Error::from(io::ErrorKind::TimedOut))),
        };
        // Frames are written in large pieces: waiting to fill a packet would only delay.
        stream.set_nodelay(true).map_err(fail)?;
        let keepalive = TcpKeepalive::new()
            .with_time(Duration::from_secs(60))
            .with_interval(Duration::from_secs(10));
        SockRef::from(&stream).set_tcp_keepalive(&keepalive).map_err(fail)?;
        Ok(Self { stream, out: Vec::new(), head: 0, written: 0 })
    }

    /// Where frames are appended.
    pub(super) fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Bytes given since the connection was made.
    pub(super) fn queued(&self) -> u64 {
        self.written + (self.out.len() - self.head) as u64
    }

    /// Whether bytes wait for room in the kernel.
    pub(super) fn is_pending(&self) -> bool {
        self.head < self.out.len()
    }

    /// Writes what the kernel takes now.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        while self.is_pending() {
            match self.stream.try_write(&self.out[self.head..]) {
                Ok(n) => {
                    self.head += n;
                    self.written += n as u64;
                }
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => break,
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => return Err(why),
            }
        }
        if self.head == self.out.len() {
            self.out.clear();
            self.head = 0;
        } else if self.head >= self.out.len() / 2 {
            // What is done is at least half: moving the rest costs less than it saves.
            self.out.drain(..self.head);
            self.head = 0;
        }
        Ok(())
    }

    /// Bytes that the receiver's kernel acknowledged since the connection was made.
    pub(super) fn acknowledged(&self) -> io::Result<u64> {
        Ok(self.written.saturating_sub(sys::unacknowledged(self.stream.as_fd())?))
    }

    /// Reads what is there now. Asks the kernel itself, not the runtime's idea of readiness, so
    /// that a connection that has ended is seen at once.
    pub(super) fn read_now(&self, into: &mut [u8]) -> io::Result<Read> {
        loop {
            return match recv(self.stream.as_raw_fd(), into, MsgFlags::MSG_DONTWAIT) {
                Ok(0) => Ok(Read::Closed),
                Ok(n) => Ok(Read::Some(n)),
                Err(Errno::EAGAIN) => Ok(Read::Nothing),
                Err(Errno::EINTR) => continue,
                Err(why) => Err(why.into()),
            };
        }
    }

    /// Like `read_now`, by the runtime's readiness: to be used after [`Wire::readable`], which
    /// would else return at once for ever.
    pub(super) fn read_ready(&self, into: &mut [u8]) -> io::Result<Read> {
        match self.stream.try_read(into) {
            Ok(0) => Ok(Read::Closed),
            Ok(n) => Ok(Read::Some(n)),
            Err(why) if why.kind() == io::ErrorKind::WouldBlock => Ok(Read::Nothing),
            Err(why) => Err(why),
        }
    }

    /// Returns when there may be something to read, the connection's end included.
    pub(super) async fn readable(&self) {
        // An error shows itself again in the read that follows.
        let _ = self.stream.readable().await;
    }

    /// Returns when the kernel may take more.
    pub(super) async fn writable(&self) {
        // An error shows itself again in the write that follows.
        let _ = self.stream.writable().await;
    }
}
