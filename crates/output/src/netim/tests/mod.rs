//! The channels against real sockets on loopback.

mod datagrams;
mod relp;
mod tcp;

use std::time::Duration;

use mutt_event::{Flags, Input, Kind, Timestamp};
use tokio::time::Instant;

use crate::{Channel, ChannelError, ChannelStats, Outgoing, OutputStats};

/// Far more than anything here needs.
const ENOUGH: Duration = Duration::from_secs(20);

pub(crate) fn syslog(raw: &[u8]) -> Outgoing<'_> {
    Outgoing {
        kind: Kind::Syslog,
        input: Input::SyslogUdp,
        flags: Flags::default(),
        received: Timestamp::ZERO,
        host: "r1",
        peer: None,
        raw,
    }
}

fn stats() -> ChannelStats {
    OutputStats::default().channel("test")
}

fn lines(n: usize) -> Vec<Vec<u8>> {
    (0..n).map(|number| format!("<189>r1: message {number:06}").into_bytes()).collect()
}

fn outgoing(raws: &[Vec<u8>]) -> Vec<Outgoing<'_>> {
    raws.iter().map(|raw| syslog(raw)).collect()
}

/// Sends all and waits until all are confirmed, as the archiver does.
async fn deliver(
    channel: &mut impl Channel,
    messages: &[Outgoing<'_>],
) -> Result<(), ChannelError> {
    let deadline = Instant::now() + ENOUGH;
    let before = channel.confirmed().await?;
    let mut taken = 0;
    loop {
        taken += channel.send(&messages[taken..]).await?;
        let confirmed = channel.confirmed().await? - before;
        assert!(confirmed <= taken as u64);
        if confirmed == messages.len() as u64 {
            return Ok(());
        }
        assert!(Instant::now() < deadline, "{confirmed} of {taken} confirmed");
        channel.wait(Duration::from_millis(100)).await;
    }
}

/// Sends and asks until an error comes.
async fn failure(channel: &mut impl Channel, messages: &[Outgoing<'_>]) -> ChannelError {
    let deadline = Instant::now() + ENOUGH;
    while Instant::now() < deadline {
        if let Err(error) = channel.send(messages).await {
            return error;
        }
        if let Err(error) = channel.confirmed().await {
            return error;
        }
        channel.wait(Duration::from_millis(10)).await;
    }
    panic!("no error came");
}
