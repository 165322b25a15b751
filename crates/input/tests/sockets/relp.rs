//! RELP: the conversation as bytes, and answers only after the store.

use std::net::SocketAddr;
use std::time::Duration;

use mutt_event::Input;
use mutt_input::{Relp, RelpConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::journal::{Journal, Mode, Running, loopback, raws, run, until, within};

/// As librelp 1.11 opens.
const OPEN: &str = "1 open 86 relp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\ncommands=syslog\n";
const OPENED: &str = "1 rsp 56 200 OK\nrelp_version=0\nrelp_software=mutt\ncommands=syslog\n";

fn start(journal: &Journal, config: RelpConfig) -> (SocketAddr, Running) {
    let relp = Relp::bind(RelpConfig { bind: loopback(), ..config }, None).unwrap();
    (relp.address(), run(journal, Input::Relp, |intake, stop| relp.serve(intake, stop)))
}

struct Client(TcpStream);

impl Client {
    async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// With an open session.
    async fn open(address: SocketAddr) -> Self {
        let mut client = Self::connect(address).await;
        client.send(OPEN).await;
        client.expect(OPENED).await;
        client
    }

    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads exactly these bytes.
    async fn expect(&mut self, text: &str) {
        let mut got = vec![0; text.len()];
        let read = within(self.0.read_exact(&mut got)).await;
        assert!(read.is_ok(), "{read:?}, where this had to come: {text}");
        assert_eq!(String::from_utf8_lossy(&got), text);
    }

    async fn expect_end(&mut self, text: &str) {
        let mut got = Vec::new();
        let _ = within(self.0.read_to_end(&mut got)).await; // end or reset: both are closed
        assert_eq!(String::from_utf8_lossy(&got), text);
    }

    async fn nothing_yet(&mut self) {
        let read = tokio::time::timeout(Duration::from_millis(50), self.0.read_u8()).await;
        assert!(read.is_err(), "an answer came too early: {read:?}");
    }
}

#[tokio::test]
async fn a_conversation_from_open_to_close() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, RelpConfig::default());
    let mut client = Client::open(address).await;
    client.send("2 syslog 12 <189>one\ntwo\n3 syslog 0\n4 starttls 0\n5 syslog 6 <13>é").await;
    client.expect("2 rsp 6 200 OK\n3 rsp 6 200 OK\n").await;
    client.expect("4 rsp 45 500 unknown command: this server takes syslog\n").await;
    client.send("\n6 close 0\n").await;
    client.expect_end("5 rsp 6 200 OK\n6 rsp 0\n0 serverclose 0\n").await;
    let stored = journal.now();
    assert_eq!(raws(&stored), [&b"<189>one\ntwo"[..], "<13>é".as_bytes()]);
    assert_eq!((stored[0].input, stored[0].session > 0), (Input::Relp, true));
    assert_eq!(stored[0].session, stored[1].session);
    Client::open(address).await.send("2 syslog 5 <13>a\n").await;
    assert_ne!(journal.stored(3).await[2].session, stored[0].session);
    running.stop().await;
}

/// The answer goes out only after the message is on disk.
#[tokio::test]
async fn the_answer_waits_for_the_disk() {
    for mode in [Mode::Hold, Mode::Full] {
        let journal = Journal::new(mode);
        let (address, running) = start(&journal, RelpConfig::default());
        let mut client = Client::open(address).await;
        client.send("2 syslog 5 <13>a\n").await;
        let meter = journal.meter(Input::Relp);
        until("it is read", || meter.received.get() == 1).await;
        client.nothing_yet().await;
        journal.set(Mode::Store);
        client.expect("2 rsp 6 200 OK\n").await;
        assert_eq!(journal.now().len(), 1);
        running.stop().await;
    }
}

#[tokio::test]
async fn each_of_many_is_answered_once_and_in_order() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, RelpConfig::default());
    let client = Client::open(address).await;
    let (mut read, mut write) = client.0.into_split();
    let frames: String = (2..20_002).map(|n| format!("{n} syslog 9 <13>{n:05}\n")).collect();
    let sending = tokio::spawn(async move {
        write.write_all(frames.as_bytes()).await.unwrap();
        write
    });
    let want: String = (2..20_002).map(|n| format!("{n} rsp 6 200 OK\n")).collect();
    let mut got = vec![0; want.len()];
    within(read.read_exact(&mut got)).await.unwrap();
    assert!(got == want.as_bytes());
    drop(within(sending).await.unwrap());
    let stored = journal.now();
    assert!((2..20_002).zip(&stored).all(|(n, m)| m.raw == format!("<13>{n:05}").as_bytes()));
    assert_eq!(stored.len(), 20_000);
    running.stop().await;
}

#[tokio::test]
async fn a_long_message_is_cut_and_answered() {
    let journal = Journal::new(Mode::Store);
    let config = RelpConfig { message_bytes_max: 150, ..RelpConfig::default() };
    let (address, running) = start(&journal, config);
    let mut client = Client::open(address).await;
    let long = "x".repeat(300_000);
    client.send(&format!("2 syslog 300000 {long}\n3 syslog 5 <13>b\n")).await;
    client.expect("2 rsp 6 200 OK\n3 rsp 6 200 OK\n").await;
    let stored = journal.now();
    assert_eq!((stored[0].raw.len(), stored[0].flags.truncated), (150, true));
    assert_eq!(raws(&stored)[1], b"<13>b");
    running.stop().await;
    assert_eq!(journal.meter(Input::Relp).truncated.get(), 1);
}

#[tokio::test]
async fn wrong_beginnings_and_bad_frames_close() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, RelpConfig::default());
    let mut client = Client::connect(address).await;
    client.send("1 syslog 5 <13>a\n").await;
    client.expect_end("1 rsp 26 500 open the session first\n").await;
    let mut client = Client::connect(address).await;
    client.send("1 open 15 commands=eventy\n").await;
    client.expect_end("1 rsp 44 500 offer relp_version=0 and commands=syslog\n").await;
    let mut client = Client::open(address).await;
    client.send("2 syslog 5 <13>a\nnonsense\n").await;
    client.expect_end("2 rsp 6 200 OK\n").await; // what was good is stored and answered
    let meter = journal.meter(Input::Relp);
    assert_eq!((meter.bad_frames("bad_command"), meter.bad_frames("bad_offer")), (1, 1));
    assert_eq!((meter.bad_frames("txnr"), journal.now().len()), (1, 1));
    running.stop().await;
}

#[tokio::test]
async fn shutdown_answers_what_was_read_and_says_so() {
    let journal = Journal::new(Mode::Hold);
    let (address, running) = start(&journal, RelpConfig::default());
    let mut client = Client::open(address).await;
    client.send("2 syslog 5 <13>a\n3 syslog 5 <1").await;
    let meter = journal.meter(Input::Relp);
    until("it is read", || meter.received.get() == 1).await;
    running.shut_down();
    client.nothing_yet().await;
    journal.set(Mode::Store);
    client.expect_end("2 rsp 6 200 OK\n0 serverclose 0\n").await;
    running.ended().await.unwrap();
    assert_eq!(raws(&journal.now()), [b"<13>a"]); // the half one comes again
}

#[tokio::test]
async fn a_failed_journal_answers_nothing() {
    let journal = Journal::new(Mode::Fail);
    let (address, running) = start(&journal, RelpConfig::default());
    let mut client = Client::open(address).await;
    client.send("2 syslog 5 <13>a\n").await;
    client.expect_end("").await;
    running.ended().await.unwrap_err();
}

/// A sender that leaves before its answer: what it sent is stored and counted.
#[tokio::test]
async fn a_sender_that_leaves_is_counted() {
    let journal = Journal::new(Mode::Hold);
    let (address, running) = start(&journal, RelpConfig::default());
    let mut client = Client::open(address).await;
    client.send("2 syslog 5 <13>a\n").await;
    let meter = journal.meter(Input::Relp);
    until("it is read", || meter.received.get() == 1).await;
    drop(client);
    journal.set(Mode::Store);
    until("it is closed", || meter.connections.get() == 0).await;
    assert_eq!(meter.stored.get(), 1);
    running.stop().await;
}
