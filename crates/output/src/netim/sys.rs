//! The one system call for which no safe wrapper exists here: how many bytes of a TCP socket's
//! send queue the receiver has not acknowledged (SIOCOUTQ, see tcp(7)).
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use nix::libc;

/// Bytes written to the socket that the peer's kernel has not acknowledged.
pub(super) fn unacknowledged(socket: BorrowedFd<'_>) -> io::Result<u64> {
    let mut bytes: libc::c_int = 0;
    // SAFETY: SIOCOUTQ (the same number as TIOCOUTQ) writes one int to the given address, which
    // is that of a live, aligned, writable int; the descriptor is open for as long as the borrow.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &mut bytes) };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    u64::try_from(bytes).map_err(|_| io::Error::other("SIOCOUTQ gave a negative number"))
}
