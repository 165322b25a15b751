//! From: stored messages and notices of alerts. To: NetIM and Moogsoft, each at its own pace.
//!
//! Two ways out. The archive hands messages, byte for byte, to a [`Channel`] and moves its cursor
//! by what the channel confirms. Notices are rendered by an [`Adapter`] into a [`Request`], sent
//! by an [`Http`] when a [`Gate`] lets them through, and the result is judged into an [`Answer`].

mod channel;
mod classify;
mod facts;
mod gate;
mod heartbeat;
mod http;
mod rate;
mod stats;

pub mod moogsoft;
pub mod netim;
#[cfg(any(test, feature = "standin"))]
pub mod standin;

pub use channel::{AnyChannel, Certainty, Channel, ChannelError, Outgoing};
pub use classify::{Answer, classify};
pub use facts::{Asked, ChannelFigures};
pub use gate::{Gate, GateSettings, GateState};
pub use heartbeat::Heartbeat;
pub use http::{
    Http, HttpError, HttpSettings, HttpSetupError, Method, Request, ReqwestHttp, Response,
    client_tls,
};
pub use moogsoft::{Adapter, CloudSettings, WebhookSettings};
pub use netim::{
    Framing, Newline, Probe, RelpChannel, RelpSettings, Source, TcpChannel, TcpSettings,
    TrapChannel, UdpChannel, UdpSettings, may_spoof,
};
pub use rate::Rate;
pub use stats::{ChannelStats, DestinationStats, OutputStats};
