//! Syslog over UDP, and traps.

use std::sync::Arc;
use std::time::Duration;

use mutt_event::{Flags, Hosts, HostsConfig, Kind, Timestamp};
use tokio::net::UdpSocket;

use super::{ENOUGH, deliver, failure, lines, outgoing, stats, syslog};
use crate::netim::spoof::Spoofer;
use crate::netim::{Probe, Source, TrapChannel, UdpChannel, UdpSettings};
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
    let mut channel = TrapChannel::new(settings, None, stats.clone());
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

/// Receives on loopback: who sent, and what.
async fn next(receiver: &UdpSocket) -> (std::net::SocketAddr, Vec<u8>) {
    let mut bytes = vec![0; 65_536];
    let received = tokio::time::timeout(ENOUGH, receiver.recv_from(&mut bytes)).await;
    let (len, from) = received.expect("a datagram").unwrap();
    (from, bytes[..len].to_vec())
}

fn spoofing(to: &UdpSocket) -> UdpSettings {
    let relays = "127.0.0.9/32".parse().unwrap();
    let config = HostsConfig { trusted_relays: vec![relays], ..HostsConfig::default() };
    let source = Source::Spoof(Arc::new(Hosts::new(config)));
    UdpSettings { source, ..UdpSettings::new(to.local_addr().unwrap().to_string()) }
}

/// Needs CAP_NET_RAW, as the tests' containers have it.
#[tokio::test]
async fn a_datagram_comes_from_its_devices_address() {
    let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let stats = stats();
    let mut channel = UdpChannel::new(spoofing(&receiver), stats.clone());
    channel.open().await.unwrap();
    let large = vec![b'x'; 65_507];
    let of = |peer: &str, raw| Outgoing { peer: peer.parse().ok(), ..syslog(raw) };
    let messages = [
        of("127.0.0.2:5140", b"<13>a"),
        of("127.0.0.3:5141", b""),
        of("[::ffff:127.0.0.4]:5142", b"<13>odd"),
        Outgoing { host: "127.0.0.5", ..of("127.0.0.9:5143", b"<13>relayed") },
        Outgoing { host: "core-1", ..of("127.0.0.9:5144", b"<13>relayed") },
        of("127.0.0.2:5140", &large),
    ];
    deliver(&mut channel, &messages).await.unwrap();
    for (from, message) in [
        ("127.0.0.2:5140", &messages[0]),
        ("127.0.0.3:5141", &messages[1]),
        ("127.0.0.4:5142", &messages[2]),
        ("127.0.0.5:5143", &messages[3]),
        ("127.0.0.9:5144", &messages[4]),
        ("127.0.0.2:5140", &messages[5]),
    ] {
        let (came_from, raw) = next(&receiver).await;
        assert_eq!((came_from.to_string().as_str(), raw.as_slice()), (from, message.raw));
    }
    assert_eq!((stats.spoofed.get(), stats.not_spoofed.get(), stats.sent.get()), (6, 0, 6));
}

#[tokio::test]
async fn what_has_no_address_of_ipv4_comes_from_mutts_own_and_is_counted() {
    let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let stats = stats();
    let mut channel = UdpChannel::new(spoofing(&receiver), stats.clone());
    channel.open().await.unwrap();
    let of = |peer: &str| Outgoing { peer: peer.parse().ok(), ..syslog(b"<13>a") };
    let messages = [of("[2001:db8::1]:514"), of(""), of("0.0.0.0:514"), of("224.0.0.1:514")];
    deliver(&mut channel, &messages).await.unwrap();
    for _ in 0..4 {
        assert_eq!(next(&receiver).await.0.ip().to_string(), "127.0.0.1");
    }
    assert_eq!((stats.spoofed.get(), stats.not_spoofed.get(), stats.sent.get()), (0, 4, 4));
}

/// As over a network whose packets are short.
#[tokio::test]
async fn what_is_longer_than_the_way_takes_goes_in_fragments() {
    let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let to = match receiver.local_addr().unwrap() {
        std::net::SocketAddr::V4(to) => to,
        other => panic!("{other}"),
    };
    let plain = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    plain.connect(to).await.unwrap();
    let mut spoofer = Spoofer::open(&plain, to).unwrap().with_mtu(1_500);
    let from = "127.0.0.2:162".parse().unwrap();
    for length in [1_472, 1_473, 8_000, 65_507] {
        let raw: Vec<u8> = (0..length).map(|n| n as u8).collect();
        spoofer.send(from, &raw).unwrap();
        let (came_from, came) = next(&receiver).await;
        assert!(came == raw && came_from == from.into(), "{length}: {} bytes", came.len());
    }
}

#[tokio::test]
async fn traps_say_whose_they_are_and_version_3_goes_as_it_came() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let stats = stats();
    let settings = UdpSettings::new(netim.address(Door::Trap).to_string());
    let hosts = Arc::new(Hosts::new(HostsConfig::default()));
    let mut channel = TrapChannel::new(settings, Some(hosts), stats.clone());
    channel.open().await.unwrap();
    let (trap, inform, version_3) = (snmp(0xa7), snmp(0xa6), b"\x30\x03\x02\x01\x03".to_vec());
    let flags = Flags { inform: true, ..Flags::default() };
    let of = |raw| Outgoing { kind: Kind::Trap, peer: "10.0.0.7:9".parse().ok(), ..syslog(raw) };
    let messages = [of(&trap), Outgoing { flags, ..of(&inform) }, of(&version_3)];
    deliver(&mut channel, &messages).await.unwrap();
    assert!(until(ENOUGH, || netim.count(Door::Trap) == 3).await);
    let came = netim.messages(Door::Trap);
    let device = Some("10.0.0.7".parse().unwrap());
    let expected = mutt_event::trap::with_origin(&trap, device).unwrap();
    assert_eq!(came, [expected.clone(), expected, version_3]);
    assert_eq!(stats.origin_added.get(), 2);
}
