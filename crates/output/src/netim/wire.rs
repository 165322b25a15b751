//! A TCP connection, plain or with TLS, and a buffer before it: nothing here ever blocks but
//! `connect`. Bytes are counted as the channels gave them, before TLS.
//!
//! From: the TCP and RELP channels. To: the receiver.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use mutt_tls::Connector;
use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::sealed::Sealed;
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
    sealed: Option<Box<Sealed>>,
    /// What goes out as it is: frames, or records.
    out: Vec<u8>,
    head: usize,
    written: u64,
}

impl Wire {
    /// Connects to `destination` (`host:port`; every address of a name is tried).
    pub(super) async fn connect(
        destination: &str,
        most: Duration,
        tls: Option<&Connector>,
    ) -> Result<Self, ChannelError> {
        let fail = |why| ChannelError::Connect { destination: destination.to_owned(), why };
        let connecting = async {
            let stream = TcpStream::connect(destination).await?;
            // Frames are written in large pieces: waiting to fill a packet would only delay.
            stream.set_nodelay(true)?;
            let keepalive = TcpKeepalive::new()
                .with_time(Duration::from_secs(60))
                .with_interval(Duration::from_secs(10));
            SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
            let Some(tls) = tls else { return Ok((stream, None)) };
            let host = destination.rsplit_once(':').map_or(destination, |(host, _)| host);
            let (stream, session) = tls.connect(host, stream).await?.into_inner();
            Ok((stream, Some(Box::new(Sealed::new(session)))))
        };
        match timeout(most, connecting).await {
            Ok(Ok((stream, sealed))) => {
                Ok(Self { stream, sealed, out: Vec::new(), head: 0, written: 0 })
            }
            Ok(Err(why)) => Err(fail(why)),
            Err(_) => Err(fail(io::Error::from(io::ErrorKind::TimedOut))),
        }
    }

    /// Where frames are appended.
    pub(super) fn out(&mut self) -> &mut Vec<u8> {
        match &mut self.sealed {
            Some(sealed) => &mut sealed.plain,
            None => &mut self.out,
        }
    }

    /// Bytes given since the connection was made.
    pub(super) fn queued(&self) -> u64 {
        match &self.sealed {
            Some(sealed) => sealed.given(),
            None => self.written + (self.out.len() - self.head) as u64,
        }
    }

    /// Whether bytes wait for room in the kernel.
    pub(super) fn is_pending(&self) -> bool {
        self.head < self.out.len() || self.sealed.as_ref().is_some_and(|one| !one.plain.is_empty())
    }

    /// Writes what the kernel takes now.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if let Some(sealed) = &mut self.sealed {
            sealed.seal(&mut self.out)?;
        }
        while self.head < self.out.len() {
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
    pub(super) fn acknowledged(&mut self) -> io::Result<u64> {
        let by_kernel = self.written.saturating_sub(sys::unacknowledged(self.stream.as_fd())?);
        Ok(match &mut self.sealed {
            Some(sealed) => sealed.acknowledged(by_kernel),
            None => by_kernel,
        })
    }

    /// Reads what is there now. Asks the kernel itself, not the runtime's idea of readiness, so
    /// that a connection that has ended is seen at once.
    pub(super) fn read_now(&mut self, into: &mut [u8]) -> io::Result<Read> {
        self.read_by(into, Self::receive)
    }

    fn receive(&self, into: &mut [u8]) -> io::Result<Read> {
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
    pub(super) fn read_ready(&mut self, into: &mut [u8]) -> io::Result<Read> {
        self.read_by(into, Self::receive_ready)
    }

    /// With TLS, what comes is opened first.
    fn read_by(
        &mut self,
        into: &mut [u8],
        receive: fn(&Self, &mut [u8]) -> io::Result<Read>,
    ) -> io::Result<Read> {
        let mut raw = [0; 8 * 1024];
        loop {
            let Some(sealed) = &mut self.sealed else { return receive(self, into) };
            match sealed.heard(into)? {
                Read::Nothing => {}
                heard => return Ok(heard),
            }
            match receive(self, &mut raw)? {
                Read::Some(n) => {
                    if let Some(sealed) = &mut self.sealed {
                        sealed.feed(&raw[..n])?;
                    }
                }
                none => return Ok(none),
            }
        }
    }

    /// Says goodbye as TLS wants it, as far as the kernel takes it now.
    pub(super) fn goodbye(&mut self) {
        if let Some(sealed) = &mut self.sealed {
            sealed.goodbye();
            let _ = self.flush(); // a courtesy: whatever goes wrong, the connection ends here
        }
    }

    fn receive_ready(&self, into: &mut [u8]) -> io::Result<Read> {
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
