//! Syslog over TCP.

use std::net::SocketAddr;
use std::time::Duration;

use mutt_event::Input;
use mutt_input::{ConnectionLimits, InputError, Refusal, Tcp, TcpConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::journal::{Journal, Mode, Running, loopback, raws, run, until, within};

fn start(journal: &Journal, config: TcpConfig) -> (SocketAddr, Running) {
    let tcp = Tcp::bind(TcpConfig { bind: loopback(), ..config }, None).unwrap();
    (tcp.address(), run(journal, Input::SyslogTcp, |intake, stop| tcp.serve(intake, stop)))
}

async fn send(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// Waits until the other side has closed.
async fn closed(mut stream: TcpStream) {
    let mut rest = Vec::new();
    let _ = within(stream.read_to_end(&mut rest)).await; // end or reset: both are closed
    assert!(rest.is_empty(), "syslog over TCP answers nothing");
}

#[tokio::test]
async fn both_framings_on_one_connection_are_stored() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, TcpConfig::default());
    let stream = send(address, b"<13>one\n11 <13>two\nabc<13>three\r\n\n<13>four\0").await;
    let stored = journal.stored(4).await;
    assert_eq!(raws(&stored), [&b"<13>one"[..], b"<13>two\nabc", b"<13>three", b"<13>four"]);
    let peer = Some(stream.local_addr().unwrap());
    let first = &stored[0];
    assert!(first.session > 0);
    for message in &stored {
        assert_eq!((message.input, message.peer), (Input::SyslogTcp, peer));
        assert_eq!((message.session, message.flags), (first.session, Default::default()));
    }
    let other = send(address, b"<13>five\n").await;
    assert_ne!(journal.stored(5).await[4].session, first.session);
    let meter = journal.meter(Input::SyslogTcp);
    until("two are open", || meter.connections.get() == 2).await;
    assert_eq!(meter.received_bytes.get(), 7 + 11 + 9 + 8 + 8);
    drop((stream, other));
    until("both are closed", || meter.connections_closed("peer") == 2).await;
    running.stop().await;
}

#[tokio::test]
async fn a_long_message_is_cut_and_the_stream_goes_on() {
    let journal = Journal::new(Mode::Store);
    let config = TcpConfig { message_bytes_max: 8, ..TcpConfig::default() };
    let (address, running) = start(&journal, config);
    let long = "x".repeat(200_000);
    let _stream =
        send(address, format!("<13>{long}\n<13>a\n200004 <13>{long}<13>b\n").as_bytes()).await;
    let stored = journal.stored(4).await;
    assert_eq!(raws(&stored), [&b"<13>xxxx"[..], b"<13>a", b"<13>xxxx", b"<13>b"]);
    let cut: Vec<bool> = stored.iter().map(|message| message.flags.truncated).collect();
    assert_eq!(cut, [true, false, true, false]);
    running.stop().await;
    assert_eq!(journal.meter(Input::SyslogTcp).truncated.get(), 2);
}

#[tokio::test]
async fn a_bad_frame_closes_its_connection_alone() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, TcpConfig::default());
    let mut good = send(address, b"<13>good\n").await;
    closed(send(address, b"<13>before\n12<13>bad").await).await;
    closed(send(address, b"123456789 <13>absurd").await).await;
    good.write_all(b"<13>still good\n").await.unwrap();
    let stored = journal.stored(3).await;
    assert!(raws(&stored).contains(&&b"<13>still good"[..]));
    let meter = journal.meter(Input::SyslogTcp);
    assert_eq!(meter.bad_frames("octet_count_without_space"), 1);
    assert_eq!(meter.bad_frames("octet_count_absurd"), 1);
    running.stop().await;
}

#[tokio::test]
async fn what_was_half_sent_is_kept() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, TcpConfig::default());
    drop(send(address, b"<13>a line without its end").await);
    journal.stored(1).await;
    drop(send(address, b"100 <13>octets are missing").await);
    let stored = journal.stored(2).await;
    assert_eq!(raws(&stored), [&b"<13>a line without its end"[..], b"<13>octets are missing"]);
    assert_eq!((stored[0].flags.truncated, stored[1].flags.truncated), (false, true));
    running.stop().await;
}

#[tokio::test]
async fn connections_over_the_limit_are_refused() {
    let journal = Journal::new(Mode::Store);
    let limits = ConnectionLimits { connections_max: 1, ..ConnectionLimits::default() };
    let (address, running) = start(&journal, TcpConfig { limits, ..TcpConfig::default() });
    let meter = journal.meter(Input::SyslogTcp);
    let first = send(address, b"<13>a\n").await;
    journal.stored(1).await;
    closed(TcpStream::connect(address).await.unwrap()).await;
    assert_eq!(meter.connections_refused("connections_max"), 1);
    drop(first);
    until("the first is closed", || meter.connections.get() == 0).await;
    let _next = send(address, b"<13>b\n").await;
    journal.stored(2).await;
    running.stop().await;
}

#[tokio::test]
async fn other_sources_are_refused() {
    let journal = Journal::new(Mode::Store);
    let allowed_sources = vec!["192.0.2.0/24".parse().unwrap()];
    let (address, running) = start(&journal, TcpConfig { allowed_sources, ..TcpConfig::default() });
    closed(TcpStream::connect(address).await.unwrap()).await;
    running.stop().await;
    assert_eq!(journal.meter(Input::SyslogTcp).connections_refused("source"), 1);
}

#[tokio::test]
async fn silent_connections_are_closed() {
    let journal = Journal::new(Mode::Store);
    let limits = ConnectionLimits {
        first_byte_timeout_ms: 1,
        idle_timeout_ms: 50,
        ..ConnectionLimits::default()
    };
    let (address, running) = start(&journal, TcpConfig { limits, ..TcpConfig::default() });
    closed(TcpStream::connect(address).await.unwrap()).await;
    let meter = journal.meter(Input::SyslogTcp);
    assert_eq!(meter.connections_closed("first_byte_timeout"), 1);
    running.stop().await;
}

/// While the journal lags only a few batches are taken; the sender feels it, and nothing is lost.
#[tokio::test]
async fn a_lagging_journal_stops_the_sender() {
    const LINES: usize = 400_000; // 16 MB: more than all buffers between
    let journal = Journal::new(Mode::Hold);
    let limits = ConnectionLimits {
        batches_in_flight: 2,
        read_buffer_bytes: 16 * 1024,
        ..ConnectionLimits::default()
    };
    let (address, running) = start(&journal, TcpConfig { limits, ..TcpConfig::default() });
    let lines: String =
        (0..LINES).map(|n| format!("<13>a line of forty bytes, number {n:06}\n")).collect();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let writing = tokio::spawn(async move { stream.write_all(lines.as_bytes()).await });
    let meter = journal.meter(Input::SyslogTcp);
    until("something came", || meter.received.get() > 0).await;
    tokio::time::sleep(Duration::from_millis(100)).await; // time to take more than it may
    assert!(meter.received.get() < 4 * 16 * 1024 / 40, "took {}", meter.received.get());
    assert!(!writing.is_finished(), "the sender must wait");
    journal.set(Mode::Store);
    within(writing).await.unwrap().unwrap();
    let stored = journal.stored(LINES).await;
    assert!(stored.iter().enumerate().all(|(n, message)| {
        message.raw == format!("<13>a line of forty bytes, number {n:06}").as_bytes()
    }));
    running.stop().await;
}

#[tokio::test]
async fn shutdown_waits_for_what_was_read() {
    let journal = Journal::new(Mode::Hold);
    let (address, running) = start(&journal, TcpConfig::default());
    let stream = send(address, b"<13>a\n<13>b\n<13>hal").await;
    let meter = journal.meter(Input::SyslogTcp);
    until("it is read", || meter.received.get() == 2).await;
    running.shut_down();
    closed(stream).await;
    assert_eq!(meter.stored.get(), 0);
    journal.set(Mode::Store);
    running.ended().await.unwrap();
    let stored = journal.now();
    assert_eq!(raws(&stored), [&b"<13>a"[..], b"<13>b", b"<13>hal"]);
    assert!(stored[2].flags.truncated, "its end was not read");
    assert!(TcpStream::connect(address).await.is_err(), "nothing listens any more");
}

#[tokio::test]
async fn a_failed_journal_ends_the_input() {
    let journal = Journal::new(Mode::Fail);
    let (address, running) = start(&journal, TcpConfig::default());
    let idle = TcpStream::connect(address).await.unwrap();
    closed(send(address, b"<13>a\n").await).await;
    closed(idle).await;
    let error = running.ended().await.unwrap_err();
    assert!(matches!(error, InputError::Journal { .. }), "{error}");
    assert_eq!(journal.meter(Input::SyslogTcp).refused(Refusal::JournalFailed), 1);
}
