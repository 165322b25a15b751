//! Syslog over RELP.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{ENOUGH, deliver, failure, lines, outgoing, stats, syslog};
use crate::netim::relp_wire::parse;
use crate::netim::{RelpChannel, RelpSettings};
use crate::standin::{Door, Keep, NetIm, until};
use crate::{Certainty, Channel, ChannelError};

fn settings(netim: &NetIm) -> RelpSettings {
    RelpSettings::new(netim.address(Door::Relp).to_string())
}

#[tokio::test]
async fn every_message_arrives_byte_for_byte() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let stats = stats();
    let mut channel = RelpChannel::new(settings(&netim), stats.clone());
    assert_eq!(channel.certainty(), Certainty::Confirmed);
    channel.open().await.unwrap();
    let mut raws = lines(5_000);
    raws.extend([b"a\nb\n".to_vec(), b"45: x".to_vec(), vec![], (0..=255).collect()]);
    deliver(&mut channel, &outgoing(&raws)).await.unwrap();
    assert!(netim.messages(Door::Relp) == raws, "an answer means that it is there");
    assert_eq!(stats.confirmed.get(), 5_004);
    assert_eq!(stats.sent_bytes.get(), stats.confirmed_bytes.get());
    channel.close().await;
}

#[tokio::test]
async fn a_500_is_an_error_and_what_was_answered_before_counts() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let mut channel = RelpChannel::new(settings(&netim), stats());
    channel.open().await.unwrap();
    let raws = lines(3);
    deliver(&mut channel, &outgoing(&raws)).await.unwrap();
    netim.reject(1);
    let error = failure(&mut channel, &[syslog(b"<13>bad")]).await;
    assert!(matches!(&error, ChannelError::Rejected { answer, .. } if answer == "500 no"));
    assert_eq!(netim.count(Door::Relp), 3);
    channel.open().await.unwrap();
    deliver(&mut channel, &[syslog(b"<13>bad")]).await.unwrap();
}

#[tokio::test]
async fn a_stopped_receiver_is_an_error_until_it_is_back() {
    let netim = NetIm::start(Keep::All).await.unwrap();
    let mut channel = RelpChannel::new(settings(&netim), stats());
    channel.open().await.unwrap();
    let raws = lines(300);
    deliver(&mut channel, &outgoing(&raws)).await.unwrap();
    netim.stop().await;
    failure(&mut channel, &outgoing(&raws)).await;
    assert!(matches!(channel.open().await, Err(ChannelError::Connect { .. })));
    netim.start_again().await.unwrap();
    channel.open().await.unwrap();
    assert_eq!(channel.confirmed().await.unwrap(), 0);
    deliver(&mut channel, &outgoing(&raws)).await.unwrap();
    assert!(until(ENOUGH, || netim.count(Door::Relp) >= 600).await);
}

/// A server under the test's own hand.
struct Hand {
    stream: TcpStream,
    bytes: Vec<u8>,
}

impl Hand {
    async fn meet(channel: &mut RelpChannel, listener: &TcpListener) -> Self {
        let greet = async {
            let (stream, _) = listener.accept().await.unwrap();
            let mut hand = Hand { stream, bytes: Vec::new() };
            let (txnr, command, data) = hand.read().await;
            assert_eq!((txnr, command.as_str()), (1, "open"));
            assert!(data.starts_with(b"relp_version=0\nrelp_software=mutt,"));
            assert!(data.ends_with(b"\ncommands=syslog"));
            hand.say("1 rsp 37 200 OK\nrelp_version=0\ncommands=syslog\n").await;
            hand
        };
        let (opened, hand) = tokio::join!(channel.open(), greet);
        opened.unwrap();
        hand
    }

    async fn read(&mut self) -> (u32, String, Vec<u8>) {
        loop {
            if let Some((frame, len)) = parse(&self.bytes).unwrap() {
                let command = String::from_utf8(frame.command.to_vec()).unwrap();
                let result = (frame.txnr, command, frame.data.to_vec());
                self.bytes.drain(..len);
                return result;
            }
            assert!(self.stream.read_buf(&mut self.bytes).await.unwrap() > 0);
        }
    }

    async fn say(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }
}

async fn channel(window: usize) -> (RelpChannel, Hand) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let settings = RelpSettings { window, ..RelpSettings::new(address) };
    let mut channel = RelpChannel::new(settings, stats());
    let hand = Hand::meet(&mut channel, &listener).await;
    (channel, hand)
}

async fn confirmed_becomes(channel: &mut RelpChannel, expected: u64) {
    let deadline = tokio::time::Instant::now() + ENOUGH;
    loop {
        let confirmed = channel.confirmed().await.unwrap();
        assert!(confirmed <= expected, "{confirmed} confirmed, only {expected} may be");
        if confirmed == expected {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "{confirmed} confirmed");
        channel.wait(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn answers_out_of_order_confirm_only_a_prefix_without_gaps() {
    let (mut channel, mut hand) = channel(4).await;
    let raws = lines(9);
    let messages = outgoing(&raws);
    assert_eq!(channel.send(&messages).await.unwrap(), 4, "the window holds");
    assert_eq!(channel.send(&messages[4..]).await.unwrap(), 0);
    for (number, raw) in raws[..4].iter().enumerate() {
        let expected = (number as u32 + 2, "syslog".to_owned(), raw.clone());
        assert_eq!(hand.read().await, expected);
    }
    hand.say("4 rsp 6 200 OK\n3 rsp 6 200 OK\n").await;
    // Whether these two were heard shows when the first is answered: then three count at once.
    channel.wait(Duration::from_millis(200)).await;
    assert_eq!(channel.confirmed().await.unwrap(), 0);
    assert_eq!(channel.send(&messages[4..]).await.unwrap(), 0, "a gap keeps the window shut");
    hand.say("2 rsp 6 200 OK\n").await;
    confirmed_becomes(&mut channel, 3).await;
    assert_eq!(channel.send(&messages[4..]).await.unwrap(), 3);
    hand.say("5 rsp 6 200 OK\n6 rsp 6 200 OK\n7 rsp 6 200 OK\n8 rsp 6 200 OK\n").await;
    confirmed_becomes(&mut channel, 7).await;
}

#[tokio::test]
async fn an_answer_before_an_error_still_counts() {
    let (mut channel, mut hand) = channel(8).await;
    let raws = lines(3);
    assert_eq!(channel.send(&outgoing(&raws)).await.unwrap(), 3);
    hand.say("2 rsp 6 200 OK\n3 rsp 8 500 full\n").await;
    confirmed_becomes(&mut channel, 1).await;
    let error = channel.confirmed().await.unwrap_err();
    assert!(matches!(&error, ChannelError::Rejected { answer, .. } if answer == "500 full"));
}

#[tokio::test]
async fn wrong_answers_end_the_session() {
    for (answer, reason) in [
        ("9 rsp 6 200 OK\n", "protocol"),
        ("2 rsp 6 200 OK\n2 rsp 6 200 OK\n", "protocol"),
        ("2 hello 0\n", "protocol"),
        ("nonsense\n\n  ", "protocol"),
        ("0 serverclose 0\n", "closed"),
        ("2 rsp 0\n", "rejected"),
    ] {
        let (mut channel, mut hand) = channel(8).await;
        let raws = lines(2);
        assert_eq!(channel.send(&outgoing(&raws)).await.unwrap(), 2);
        hand.say(answer).await;
        assert_eq!(failure(&mut channel, &[]).await.reason(), reason, "{answer}");
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let brief = Duration::from_millis(100);
    let settings = RelpSettings {
        stall_timeout: brief,
        connect_timeout: Duration::from_secs(5),
        ..RelpSettings::new(address.clone())
    };
    let mut channel = RelpChannel::new(settings, stats());
    let _hand = Hand::meet(&mut channel, &listener).await;
    assert_eq!(failure(&mut channel, &[syslog(b"<13>x")]).await.reason(), "stalled");

    let settings = RelpSettings { connect_timeout: brief, ..RelpSettings::new(address) };
    let mut channel = RelpChannel::new(settings, stats());
    assert_eq!(channel.open().await.unwrap_err().reason(), "protocol", "nobody greets");
}

#[tokio::test]
async fn a_receiver_without_syslog_or_with_a_no_is_refused() {
    for (answer, reason) in [
        ("1 rsp 31 200 OK\nrelp_version=0\ncommands=\n", "protocol"),
        ("1 rsp 11 500 go away\n", "rejected"),
        ("2 rsp 6 200 OK\n", "protocol"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut channel = RelpChannel::new(RelpSettings::new(address), stats());
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            stream
        };
        let (opened, _stream) = tokio::join!(channel.open(), server);
        assert_eq!(opened.unwrap_err().reason(), reason, "{answer}");
    }
}
