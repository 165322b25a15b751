//! The other ends of MUTT's connections. From: archivers and deliverers. To: the oracles, which
//! look at what arrived, and at who sent it.

mod moogsoft;
mod receiver;
mod watchman;

pub use moogsoft::Moogsoft;
pub use receiver::{Protocol, Receiver, Receivers, SimChannel};
pub use watchman::{Breaches, TTL, Watchman};
