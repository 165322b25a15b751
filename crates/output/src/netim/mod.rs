//! The archive's channels: how every message reaches NetIM, byte for byte.
//!
//! | channel | confirmed means |
//! |---|---|
//! | [`TcpChannel`] | the receiver's kernel acknowledged the bytes |
//! | [`RelpChannel`] | the receiver answered `200` |
//! | [`UdpChannel`], [`TrapChannel`] | nothing: sent, and no refusal came back at once |

mod datagram;
mod frame;
mod probe;
mod relp;
pub(crate) mod relp_wire;
mod sealed;
mod spoof;
mod sys;
mod tcp;
mod trap;
mod udp;
mod wire;

pub use datagram::{Source, UdpSettings};
pub use frame::{Framing, Newline};
pub use probe::Probe;
pub use relp::{RelpChannel, RelpSettings};
pub use spoof::may_spoof;
pub use tcp::{TcpChannel, TcpSettings};
pub use trap::TrapChannel;
pub use udp::UdpChannel;

#[cfg(test)]
mod tests;
