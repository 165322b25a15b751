//! Syslog over TCP.

use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout};

use super::{ENOUGH, deliver, failure, lines, outgoing, stats, syslog};
use crate::netim::{Framing, Newline, TcpChannel, TcpSettings};
use crate::standin::{Door, Keep, NetIm, until};
use crate::{Certainty, Channel, ChannelError};

fn settings(netim: &NetIm) -> TcpSettings {
    TcpSettings::new(netim.address(Door::Tcp).to_string())
}

#[tokio::test]
async fn every_message_arrives_in_both_framings() {
    for framing in [Framing::Lf, Framing::OctetCounted] {
        let netim = NetIm::start(Keep::All).await.unwrap();
        let (settings, stats) = (TcpSettings { framing, ..settings(&netim) }, stats());
        let mut channel = TcpChannel::new(settings, stats.clone());
        assert_eq!(channel.certainty(), Certainty::Confirmed);
        channel.open().await.unwrap();
        let raws = lines(20_000);
        deliver(&mut channel, &outgoing(&raws)).await.unwrap();
        assert!(until(ENOUGH, || netim.count(Door::Tcp) == 20_000).await);
        assert!(netim.messages(Door::Tcp) == raws);
        assert_eq!((stats.sent.get(), stats.confirmed.get()), (20_000, 20_000));
        assert_eq!(stats.sent_bytes.get(), stats.confirmed_bytes.get());
    }
}

#[tokio::test]
async fn what_lf_cannot_carry_is_escaped_or_counted() {
    let raws = [&b"<13>a\nb"[..], b"45: *Mar 1", b"", b"<13>plain\n", b"<13>last"];
    let escape = [&b"<13>a#012b"[..], b" 45: *Mar 1", b"<13>plain", b"<13>last"];
    let counted = [&b"<13>a\nb"[..], b"45: *Mar 1", b"<13>plain", b"<13>last"];
    for (newline, expected) in [(Newline::Escape, escape), (Newline::OctetCounted, counted)] {
        let netim = NetIm::start(Keep::All).await.unwrap();
        let settings = TcpSettings { newline, ..settings(&netim) };
        let mut channel = TcpChannel::new(settings, stats());
        channel.open().await.unwrap();
        let messages: Vec<_> = raws.iter().map(|raw| syslog(raw)).collect();
        deliver(&mut channel, &messages).await.unwrap();
        assert!(until(ENOUGH, || netim.count(Door::Tcp) == 4).await);
        assert_eq!(netim.messages(Door::Tcp), expected);
    }
}

/// A listener whose connections have a small receive buffer.
fn narrow() -> (TcpListener, String) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(8).unwrap();
    socket.set_nonblocking(true).unwrap();
    let listener = TcpListener::from_std(socket.into()).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

#[tokio::test]
async fn confirmed_never_exceeds_what_the_receivers_kernel_has() {
    let (listener, address) = narrow();
    let window_bytes = 8 << 20;
    let stats = stats();
    let settings = TcpSettings { window_bytes, ..TcpSettings::new(address) };
    let mut channel = TcpChannel::new(settings, stats.clone());
    channel.open().await.unwrap();
    let (receiver, _) = listener.accept().await.unwrap();

    // Nobody reads: send until nothing more is taken and nothing more is confirmed.
    let raws = lines(400_000);
    let messages = outgoing(&raws);
    let (mut taken, mut still) = (0, 0);
    while still < 5 {
        let confirmed = stats.confirmed_bytes.get();
        let more = channel.send(&messages[taken..]).await.unwrap();
        channel.confirmed().await.unwrap();
        channel.wait(Duration::from_millis(30)).await;
        taken += more;
        still = if more == 0 && stats.confirmed_bytes.get() == confirmed { still + 1 } else { 0 };
    }
    let under_way = stats.sent_bytes.get() - stats.confirmed_bytes.get();
    assert!(under_way >= window_bytes, "the window was used");
    assert!(under_way < window_bytes + 100, "and kept, but for one message");

    let confirmed = channel.confirmed().await.unwrap();
    let confirmed_bytes = stats.confirmed_bytes.get();
    let mut all = vec![0; 16 << 20];
    let has = receiver.peek(&mut all).await.unwrap();
    assert!(confirmed > 0, "what its kernel has is confirmed");
    assert!(confirmed_bytes <= has as u64, "{confirmed_bytes} confirmed, it has {has}");
    let whole = all[..has].iter().filter(|byte| **byte == b'\n').count();
    assert!(confirmed <= whole as u64, "{confirmed} confirmed, it has {whole} whole ones");
}

#[tokio::test]
async fn a_receiver_that_takes_nothing_for_too_long_is_an_error() {
    let (listener, address) = narrow();
    let settings =
        TcpSettings { stall_timeout: Duration::from_millis(100), ..TcpSettings::new(address) };
    let mut channel = TcpChannel::new(settings, stats());
    channel.open().await.unwrap();
    let (_receiver, _) = listener.accept().await.unwrap();
    let raws = lines(50_000);
    let error = failure(&mut channel, &outgoing(&raws)).await;
    assert!(matches!(error, ChannelError::Stalled { .. }), "{error}");
}

#[tokio::test]
async fn an_idle_channel_never_stalls() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let settings = TcpSettings { stall_timeout: Duration::from_millis(20), ..settings(&netim) };
    let mut channel = TcpChannel::new(settings, stats());
    channel.open().await.unwrap();
    let raws = lines(10);
    for _ in 0..3 {
        deliver(&mut channel, &outgoing(&raws)).await.unwrap();
        channel.wait(Duration::from_millis(50)).await;
        assert!(channel.confirmed().await.is_ok());
    }
}

#[tokio::test]
async fn a_closed_receiver_is_an_error_until_it_is_back() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let mut channel = TcpChannel::new(settings(&netim), stats());
    let raws = lines(100);
    let messages = outgoing(&raws);
    assert!(matches!(channel.send(&messages).await, Err(ChannelError::NotOpen(_))));
    channel.open().await.unwrap();
    deliver(&mut channel, &messages).await.unwrap();

    netim.stop().await;
    let error = failure(&mut channel, &messages).await;
    assert!(matches!(error, ChannelError::Closed(_) | ChannelError::Io { .. }), "{error}");
    assert!(matches!(channel.confirmed().await, Err(ChannelError::NotOpen(_))));
    assert!(matches!(channel.open().await, Err(ChannelError::Connect { .. })));

    netim.start_again().await.unwrap();
    channel.open().await.unwrap();
    assert_eq!(channel.confirmed().await.unwrap(), 0, "counting starts again");
    deliver(&mut channel, &messages).await.unwrap();
}

/// A reset empties the kernel's queue: that must not look like an acknowledgement.
#[tokio::test]
async fn a_killed_receiver_confirms_nothing_more() {
    let (listener, address) = narrow();
    let mut channel = TcpChannel::new(TcpSettings::new(address), stats());
    channel.open().await.unwrap();
    let (receiver, _) = listener.accept().await.unwrap();
    let raws = lines(100_000);
    let taken = channel.send(&outgoing(&raws)).await.unwrap();
    channel.wait(Duration::from_millis(50)).await;
    let before = channel.confirmed().await.unwrap();
    assert!(before < taken as u64);
    drop(receiver);
    let error = loop {
        match channel.confirmed().await {
            Ok(confirmed) => assert_eq!(confirmed, before),
            Err(error) => break error,
        }
        channel.wait(ENOUGH).await;
    };
    assert!(matches!(error, ChannelError::Closed(_) | ChannelError::Io { .. }), "{error}");
}

#[tokio::test]
async fn waiting_ends_when_the_receiver_hangs_up() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let mut channel = TcpChannel::new(settings(&netim), stats());
    channel.open().await.unwrap();
    let raws = lines(1);
    deliver(&mut channel, &outgoing(&raws)).await.unwrap();
    assert!(until(ENOUGH, || netim.connections() == 1).await);
    netim.hang_up();
    let start = Instant::now();
    timeout(ENOUGH, channel.wait(Duration::from_secs(600))).await.unwrap();
    assert!(start.elapsed() < ENOUGH);
    assert!(channel.confirmed().await.is_err());
}
