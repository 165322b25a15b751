//! Syslog over UDP, and traps.

use std::time::Duration;

use mutt_event::{Flags, Kind, Timestamp};
use tokio::net::UdpSocket;

use super::{ENOUGH, deliver, failure, lines, outgoing, stats, syslog};
use crate::netim::{Probe, TrapChannel, UdpChannel, UdpSettings};
use crate::standin::{Door, Keep, NetIm, until};
use crate::{Certainty, Channel, ChannelError, Outgoing};

fn settings(netim: &NetIm) -> UdpSettings {
    UdpSettings::new(netim.address(Door::Udp).to_string())
}

#[tokio::test]
async fn every_datagram_arrives_as_it_was() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let stats = stats();
    let mut channel = UdpChannel::new(settings(&netim), stats.clone());
    assert_eq!(channel.certainty(), Certainty::Unconfirmed);
    channel.open().await.unwrap();
    let mut raws = lines(500);
    raws.extend([b"<13>a\nb\n".to_vec(), b"45: x".to_vec(), vec![], vec![0; 60_000]]);
    for part in raws.chunks(100) {
        let before = netim.count(Door::Udp);
        deliver(&mut channel, &outgoing(part)).await.unwrap();
        assert!(until(ENOUGH, || netim.count(Door::Udp) == before + part.len() as u64).await);
    }
    assert!(netim.messages(Door::Udp) == raws);
    assert_eq!((stats.sent.get(), stats.confirmed.get()), (504, 0), "never called archived");
}

#[tokio::test]
async fn a_json_object_goes_out_as_one_line() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let mut channel = UdpChannel::new(settings(&netim), stats());
    channel.open().await.unwrap();
    let raw = br#"{"message":"link down","hostname":"r1"}"#;
    let message = Outgoing { kind: Kind::Json, ..syslog(raw) };
    deliver(&mut channel, &[message]).await.unwrap();
    assert!(until(ENOUGH, || netim.count(Door::Udp) == 1).await);
    let expected = mutt_event::json::render_syslog(raw, Timestamp::ZERO, "r1");
    assert_eq!(netim.messages(Door::Udp), [expected]);
}

#[tokio::test]
async fn what_is_too_long_is_cut_and_counted() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let stats = stats();
    let settings = UdpSettings { max_datagram_bytes: 8, ..settings(&netim) };
    let mut channel = UdpChannel::new(settings, stats.clone());
    channel.open().await.unwrap();
    let raws = [b"<13>a".to_vec(), b"<13>abcdefgh".to_vec()];
    deliver(&mut channel, &outgoing(&raws)).await.unwrap();
    assert!(until(ENOUGH, || netim.count(Door::Udp) == 2).await);
    assert_eq!(netim.messages(Door::Udp), [b"<13>a".to_vec(), b"<13>abcd".to_vec()]);
    assert_eq!(stats.cut.get(), 1);
}

#[tokio::test]
async fn more_than_udp_carries_is_cut_whatever_the_setting() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let settings = UdpSettings { max_datagram_bytes: 1 << 20, ..settings(&netim) };
    let mut channel = UdpChannel::new(settings, stats());
    channel.open().await.unwrap();
    deliver(&mut channel, &[syslog(&[b'x'; 70_000])]).await.unwrap();
    assert!(until(ENOUGH, || netim.bytes(Door::Udp) == 65_507).await);
}

#[tokio::test]
async fn a_refused_port_is_seen_and_nothing_more_is_sent() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let settings = UdpSettings { settle: Duration::from_millis(200), ..settings(&netim) };
    let mut channel = UdpChannel::new(settings, stats());
    let raws = lines(10);
    channel.open().await.unwrap();
    deliver(&mut channel, &outgoing(&raws)).await.unwrap();
    netim.stop().await;
    let taken = channel.send(&outgoing(&raws)).await;
    if let Ok(taken) = taken {
        assert!(taken <= 10);
        let error = failure(&mut channel, &[]).await;
        assert!(matches!(error, ChannelError::Refused(_)), "{error}");
    } else {
        assert!(matches!(taken, Err(ChannelError::Refused(_))));
    }
    assert!(matches!(channel.confirmed().await, Err(ChannelError::NotOpen(_))));

    netim.start_again().await.unwrap();
    channel.open().await.unwrap();
    deliver(&mut channel, &outgoing(&raws)).await.unwrap();
}

#[tokio::test]
async fn a_probe_that_fails_pauses_the_channel() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let probe = Probe { every: Duration::ZERO, ..Probe::new(netim.address(Door::Tcp).to_string()) };
    // The datagrams' own socket stays open all the time: only the probe can tell.
    let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = receiver.local_addr().unwrap().to_string();
    let settings = UdpSettings { probe: Some(probe), ..UdpSettings::new(address) };
    let mut channel = UdpChannel::new(settings, stats());
    channel.open().await.unwrap();
    let raws = lines(3);
    deliver(&mut channel, &outgoing(&raws)).await.unwrap();
    netim.stop().await;
    let error = failure(&mut channel, &outgoing(&raws)).await;
    assert!(matches!(error, ChannelError::Probe { .. }), "{error}");
    assert!(matches!(channel.open().await, Err(ChannelError::Probe { .. })));
    netim.start_again().await.unwrap();
    channel.open().await.unwrap();
}

/// An SNMPv2c message with an empty PDU of this tag.
fn snmp(tag: u8) -> Vec<u8> {
    let mut bytes = b"\x30\x18\x02\x01\x01\x04\x06public".to_vec();
    bytes.extend([tag, 0x0b, 2, 1, 7, 2, 1, 0, 2, 1, 0, 0x30, 0]);
    bytes
}

#[tokio::test]
async fn an_inform_is_passed_on_as_a_trap() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let stats = stats();
    let settings = UdpSettings::new(netim.address(Door::Trap).to_string());
    let mut channel = TrapChannel::new(settings, stats.clone());
    assert_eq!(channel.certainty(), Certainty::Unconfirmed);
    channel.open().await.unwrap();
    let (trap, inform) = (snmp(0xa7), snmp(0xa6));
    let flags = Flags { inform: true, ..Flags::default() };
    let messages = [
        Outgoing { kind: Kind::Trap, ..syslog(&trap) },
        Outgoing { kind: Kind::Trap, flags, ..syslog(&inform) },
    ];
    deliver(&mut channel, &messages).await.unwrap();
    assert!(until(ENOUGH, || netim.count(Door::Trap) == 2).await);
    assert_eq!(netim.messages(Door::Trap), [trap.clone(), trap]);
    assert_eq!(stats.inform_as_trap.get(), 1);
}
