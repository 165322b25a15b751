//! A full journal: senders are held back, each in its protocol's way, the operator is told, and
//! nothing accepted is thrown away, unless the operator chose so.

use std::io::{ErrorKind, Write};
use std::net::{TcpStream, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use mutt_output::standin::Door;

use crate::common::wait;
use crate::load;
use crate::senders::relp::Session;
use crate::world::{LINK, World, link};

/// A small journal of which nothing is kept that all have read.
const SMALL: &str = "journal.segment_bytes = 1048576\njournal.retain_bytes = 8388608\n\
                     journal.keep_behind_ms = 0\n";

/// MUTT with a full journal, and what it has accepted.
pub struct Full {
    pub world: World,
    pub accepted: u64,
}

impl Full {
    /// Stops NetIM and posts until not one short line more is accepted.
    pub fn brimful(top: &str) -> Self {
        let world = World::start(load::RULES, Door::Relp, &format!("{SMALL}{top}"));
        world.receivers.stop_netim();
        let mut full = Self { world, accepted: 0 };
        for (lines, bytes) in [(40, 8_000), (1, 8_000), (1, 0)] {
            // The journal's writer looks for room five times a second, and refuses meanwhile.
            let mut last = Instant::now();
            wait::until("a journal without room", || {
                let pad = ".".repeat(bytes);
                let numbers = full.accepted..full.accepted + lines;
                let batch: Vec<String> =
                    numbers.map(|n| format!("{} {pad}", load::line(n))).collect();
                match full.world.post("", &batch) {
                    202 => (full.accepted, last) = (full.accepted + lines, Instant::now()),
                    503 if last.elapsed() > Duration::from_millis(600) => return Ok(()),
                    503 => {}
                    other => panic!("{other}"),
                }
                Err(format!("{} accepted", full.accepted))
            });
        }
        full
    }

    /// One more line, over HTTP.
    pub fn post(&self) -> u16 {
        self.world.post("", &[load::line(self.accepted)])
    }

    /// NetIM is back: everything accepted arrives, and each alarm is told.
    pub fn all_arrives(&self) {
        load::none_missing(&self.world.receivers, Door::Relp, self.accepted);
        load::each_alarm_is_told_once(&self.world.receivers.moogsoft, self.accepted, 0);
        let ledger = self.world.settled();
        assert_eq!(ledger["stored"], self.accepted);
    }
}

#[test]
fn with_a_full_journal_http_answers_503_with_retry_after() {
    let mut full = Full::brimful("");
    let output = Command::new("curl")
        .args(["-sS", "-i", "-H", "Content-Type: text/plain"])
        .args(["--data-binary", &load::line(full.accepted)])
        .arg(format!("http://{}/api/v2/ingest", full.world.mutt.doors.http))
        .output()
        .expect("curl");
    let answer = String::from_utf8_lossy(&output.stdout).to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 503"), "{answer}");
    assert!(answer.contains("\r\nretry-after: 5\r\n"), "{answer}");
    full.world.receivers.start_netim();
    wait::until("room again", || match full.post() {
        202 => Ok(()),
        status => Err(status.to_string()),
    });
    full.accepted += 1;
    full.all_arrives();
}

#[test]
fn with_a_full_journal_relp_withholds_its_rsp() {
    let mut full = Full::brimful("");
    let mut session = Session::open(full.world.mutt.doors.relp).expect("a session");
    let lines: Vec<String> = (full.accepted..full.accepted + 50).map(load::line).collect();
    session.send(&lines).expect("sent");
    assert!(!session.is_answered_within(Duration::from_millis(500)));
    assert_eq!(full.post(), 503, "it is full still");
    full.world.receivers.start_netim();
    session.all_answered().expect("answers once there is room");
    full.accepted += 50;
    full.all_arrives();
}

#[test]
fn with_a_full_journal_tcp_stops_reading() {
    let mut full = Full::brimful("");
    let pad = ".".repeat(8_000);
    let mut stream = TcpStream::connect(full.world.mutt.doors.tcp).expect("MUTT's TCP port");
    stream.set_write_timeout(Some(Duration::from_millis(500))).expect("a timeout");
    let (line, written) = loop {
        let line = format!("{} {pad}\n", load::line(full.accepted)).into_bytes();
        match write_some(&mut stream, &line) {
            n if n == line.len() => full.accepted += 1,
            n => break (line, n),
        }
        assert!(full.accepted < 20_000, "160 MB are taken by a MUTT without room");
    };
    assert_eq!(full.post(), 503);
    full.world.receivers.start_netim();
    stream.set_write_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream.write_all(&line[written..]).expect("MUTT reads on");
    full.accepted += 1;
    full.all_arrives();
}

/// Writes until it takes too long; how much went.
fn write_some(stream: &mut TcpStream, bytes: &[u8]) -> usize {
    let mut written = 0;
    while written < bytes.len() {
        match stream.write(&bytes[written..]) {
            Ok(n) => written += n,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                break;
            }
            Err(error) => panic!("{error}"),
        }
    }
    written
}

#[test]
fn with_a_full_journal_udp_counts_drops() {
    let full = Full::brimful("input.syslog_udp.receive_buffer_bytes = 65536");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a UDP socket");
    let message = format!("{} {}", load::line(1), ".".repeat(4_000));
    let to = full.world.mutt.doors.udp;
    let mut sent = 0;
    let mut send = |times: u64| {
        for _ in 0..times {
            socket.send_to(message.as_bytes(), to).expect("a datagram sent");
            sent += 1;
        }
        sent
    };
    send(5_000);
    assert_eq!(full.post(), 503);
    full.world.receivers.start_netim();
    let dropped = wait::until("all datagrams to be accounted for", || {
        // The kernel tells what it dropped along with the next datagram.
        let sent = send(1);
        let udp = ["syslog_udp"];
        let received = full.world.mutt.metric("mutt_input_received_total", &udp) as u64;
        let dropped = full.world.mutt.metric("mutt_input_kernel_dropped_total", &udp) as u64;
        if received + dropped == sent { Ok(dropped) } else { Err(format!("{received} {dropped}")) }
    });
    assert!(dropped > 0);
    let stored = full.world.mutt.metric("mutt_input_stored_total", &["syslog_udp"]) as u64;
    full.world.account_when("archive/syslog", "all archived", |account| {
        account.of("archived") >= full.accepted + stored
    });
}

#[test]
fn with_a_full_journal_the_operator_is_told() {
    let full = Full::brimful("");
    let (status, body) = full.world.mutt.get("/readyz");
    assert_eq!(status, 503);
    assert!(body.contains("[-]journal_room failed"), "{body}");
    assert_eq!(full.world.mutt.metric("mutt_journal_full", &[]), 1.0);
    let told = full.world.told_of_itself("journal-almost-full", "open");
    assert!(told.description.contains("% full"), "{}", told.description);
    full.world.receivers.start_netim();
    wait::until_true("MUTT to be ready again", || full.post() == 202 && full.world.mutt.is_ready());
    full.world.told_of_itself("journal-almost-full", "clear");
}

#[test]
fn a_full_journal_keeps_what_it_accepted_over_a_kill() {
    let mut full = Full::brimful("");
    for _ in 0..3 {
        full.world.mutt.kill();
        full.world.mutt.start_with(&mut crate::common::mutt::Mutt::command());
        wait::until_true("MUTT to answer", || {
            full.world.mutt.try_metric("mutt_rules", &[]).is_some()
        });
    }
    full.world.receivers.start_netim();
    full.all_arrives();
}

#[test]
fn with_drop_oldest_it_goes_on_and_what_was_lost_is_in_the_ledger() {
    let top = format!("{SMALL}journal.when_full = \"drop_oldest\"");
    let world = World::start(load::RULES, Door::Relp, &top);
    world.receivers.stop_netim();
    let accepted = post_megabytes(&world, 16);
    let account = world.account_when("archive/syslog", "a loss", |account| account.of("lost") > 0);
    assert_eq!(account.stored, accepted);
    assert_eq!(world.account("judge").of("lost"), 0, "the judge had read them");
    world.told_of_itself("messages-lost", "open");
    world.receivers.start_netim();
    let account = world.account_when("archive/syslog", "nothing waits", |a| a.waiting == 0);
    assert_eq!(account.of("archived") + account.of("lost"), accepted);
    let seen = world.receivers.netim.count(Door::Relp);
    assert_eq!(seen, account.of("archived"));
    load::each_alarm_is_told_once(&world.receivers.moogsoft, accepted, 0);
}

#[test]
fn with_backlog_skip_the_range_is_counted_and_paging_goes_on() {
    let world = World::start_with(LINK, |receivers| {
        let skip = "mode = \"on\"\nbacklog = \"skip\"\nbacklog_bytes = 2097152";
        format!("{SMALL}{}", receivers.config(Door::Relp).replace("mode = \"on\"", skip))
    });
    world.receivers.stop_netim();
    let accepted = post_megabytes(&world, 16);
    world.accepted(&[link("a", "down")]);
    world.told("the alert", |told| told.signature == "core-1::link::a");
    let account = world.account_when("archive/syslog", "a skipped range", |a| a.of("skipped") > 0);
    assert_eq!((account.stored, account.of("lost")), (accepted + 1, 0));
    assert!(world.mutt.is_ready());
    world.receivers.start_netim();
    let account = world.account_when("archive/syslog", "nothing waits", |a| a.waiting == 0);
    assert_eq!(account.of("archived") + account.of("skipped"), accepted + 1);
    assert!(account.of("archived") > 0, "the youngest are archived: {account:?}");
    assert_eq!(world.receivers.netim.count(Door::Relp), account.of("archived"));
}

/// Posts so much, all of which must be accepted; how many messages that is.
fn post_megabytes(world: &World, megabytes: u64) -> u64 {
    const LINES: u64 = 50;
    let pad = ".".repeat(10_000);
    let mut accepted = 0;
    while accepted < megabytes * 100 {
        let lines: Vec<String> =
            (accepted..accepted + LINES).map(|n| format!("{} {pad}", load::line(n))).collect();
        wait::until("a batch to be accepted", || match world.post("", &lines) {
            202 => Ok(()),
            status => Err(status.to_string()),
        });
        accepted += LINES;
        if accepted.is_multiple_of(4 * 100) {
            // The judge is given its turn, so that it is the archive alone that is behind.
            world.account_when("judge", "all judged", |account| account.waiting == 0);
        }
    }
    accepted
}
