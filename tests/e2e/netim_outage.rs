//! NetIM goes away and comes back: nothing is missing where the protocol can tell, and what was
//! only sent is called so.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use mutt_output::standin::Door;

use crate::common::mutt::{Mutt, get};
use crate::common::receivers::Receivers;
use crate::common::rsyslog::Rsyslog;
use crate::common::{config, folder, ports, send, wait};

struct Way {
    receivers: Receivers,
    mutt: Mutt,
    _folder: tempfile::TempDir,
}

impl Way {
    fn start(door: Door, archive: &str) -> Self {
        let folder = folder();
        let receivers = Receivers::start();
        let more = receivers.config_with(door, archive);
        let mut mutt = Mutt::configured(folder.path(), "", &more);
        mutt.start();
        Self { receivers, mutt, _folder: folder }
    }

    fn send(&self, messages: &[Vec<u8>]) {
        send::lines(self.mutt.doors.tcp, messages);
    }

    /// Waits until a door of NetIM has each of `sent`, repeats allowed; answers how many it has.
    fn nothing_missing(&self, door: Door, sent: &[Vec<u8>]) -> usize {
        wait::until("every message at NetIM", || {
            let found = self.receivers.netim.messages(door);
            missing(sent, &found).map(|()| found.len())
        })
    }

    /// Messages that the archive's reader has done, by what became of them.
    fn outcome(&self, outcome: &str) -> f64 {
        let labels = ["reader=\"archive/syslog\"", &format!("outcome=\"{outcome}\"")];
        self.mutt.metric("mutt_ledger_messages_total", &labels)
    }

    fn of_archive(&self, name: &str) -> f64 {
        self.mutt.metric(name, &["archive/syslog"])
    }

    fn errors(&self, reason: &str) -> f64 {
        let labels = ["archive/syslog", &format!("reason=\"{reason}\"")];
        self.mutt.metric("mutt_archive_errors_total", &labels)
    }

    fn wait_outcome(&self, outcome: &str, count: usize) {
        wait::until(&format!("{count} messages {outcome}"), || {
            let found = self.outcome(outcome);
            if found == count as f64 { Ok(()) } else { Err(found.to_string()) }
        });
        assert_eq!(self.mutt.ledger()["balanced"], true);
    }
}

fn missing(sent: &[Vec<u8>], found: &[Vec<u8>]) -> Result<(), String> {
    let found: HashSet<&Vec<u8>> = found.iter().collect();
    match sent.iter().filter(|message| !found.contains(message)).count() {
        0 => Ok(()),
        missing => Err(format!("{missing} of {} are missing", sent.len())),
    }
}

/// The messages of each host come in their order; repeats may stand between.
fn assert_order(found: &[Vec<u8>]) {
    let mut last: HashMap<&[u8], &[u8]> = HashMap::new();
    let mut seen = HashSet::new();
    for message in found.iter().filter(|message| seen.insert(*message)) {
        let host = message.split(|byte| *byte == b' ').nth(3).expect("a host");
        let number = &message[message.len() - 6..];
        let before = last.insert(host, number).unwrap_or_default();
        assert!(before < number, "{} before {}", text(before), text(number));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// NetIM stops and starts while messages come: before, during and after.
fn stopped_and_started_in_mid_run(door: Door) {
    let way = Way::start(door, "");
    let sent = send::numbered(0..6_000);
    way.send(&sent[..2_000]);
    way.receivers.archived(door, 500);
    way.receivers.stop_netim();
    way.send(&sent[2_000..4_000]);
    wait::until_true("the archive to wait", || {
        way.of_archive("mutt_reader_waiting_messages") >= 2_000.0
    });
    let (status, ready) = get(way.mutt.doors.admin, "/readyz?verbose").expect("/readyz");
    assert_eq!(status, 200, "NetIM's outage makes nothing unready: {ready}");
    way.receivers.start_netim();
    way.send(&sent[4_000..]);
    way.nothing_missing(door, &sent);
    assert_order(&way.receivers.netim.messages(door));
    way.wait_outcome("archived", sent.len());
}

#[test]
fn over_relp_nothing_is_missing() {
    stopped_and_started_in_mid_run(Door::Relp);
}

#[test]
fn over_tcp_nothing_is_missing() {
    stopped_and_started_in_mid_run(Door::Tcp);
}

#[test]
fn over_tcp_the_overlap_covers_what_a_killed_receiver_had_not_read() {
    let way = Way::start(Door::Tcp, "");
    let sent = send::numbered(0..1_000);
    way.send(&sent[..100]);
    way.receivers.archived(Door::Tcp, 100);
    way.receivers.netim.reading(false);
    way.send(&sent[100..]);
    // NetIM's kernel has taken all of it: by all that TCP can tell, it has arrived.
    way.wait_outcome("archived", sent.len());
    let read = way.receivers.netim.count(Door::Tcp);
    assert!(read < sent.len() as u64, "NetIM has read all {read}: nothing to lose");
    way.receivers.netim.hang_up();
    way.receivers.netim.reading(true);
    let found = way.nothing_missing(Door::Tcp, &sent);
    assert!(found > sent.len(), "the overlap repeats what had been read before");
    way.wait_outcome("archived", sent.len());
    wait::until_true("repeats to be counted", || {
        way.of_archive("mutt_archive_resent_messages_total") >= sent.len() as f64 - read as f64
    });
}

#[test]
fn over_udp_what_was_sent_is_unconfirmed_and_a_refused_port_pauses_it() {
    let way = Way::start(Door::Udp, "");
    let sent = send::numbered(0..300);
    way.send(&sent[..100]);
    way.receivers.archived(Door::Udp, 100);
    way.wait_outcome("unconfirmed", 100);
    way.receivers.stop_netim();
    way.send(&sent[100..]);
    wait::until_true("the port to refuse", || way.errors("refused") >= 1.0);
    wait::until("a degraded archive", || {
        let (status, ready) = get(way.mutt.doors.admin, "/readyz?verbose").expect("/readyz");
        assert_eq!(status, 200, "{ready}");
        let said = ready.contains("[~]destination archive/syslog degraded");
        if said { Ok(()) } else { Err(ready) }
    });
    assert_eq!(way.outcome("unconfirmed"), 100.0, "what was refused was not sent");
    way.receivers.start_netim();
    way.nothing_missing(Door::Udp, &sent);
    way.wait_outcome("unconfirmed", sent.len());
    assert_eq!(way.outcome("archived"), 0.0, "a datagram is never called archived");
}

#[test]
fn over_udp_a_failed_probe_pauses_it() {
    let folder = folder();
    let receivers = Receivers::start();
    let probe = format!("probe = \"{}\"", receivers.netim.address(Door::Tcp));
    let more = receivers.config_with(Door::Udp, &probe);
    let mut mutt = Mutt::configured(folder.path(), "", &more);
    receivers.stop_netim();
    mutt.start();
    let way = Way { receivers, mutt, _folder: folder };
    let sent = send::numbered(0..100);
    way.send(&sent);
    wait::until_true("the probe to fail", || way.errors("probe") >= 2.0);
    assert_eq!(way.of_archive("mutt_archive_sent_total"), 0.0);
    way.receivers.start_netim();
    way.nothing_missing(Door::Udp, &sent);
    way.wait_outcome("unconfirmed", sent.len());
}

#[test]
fn a_real_rsyslog_killed_in_mid_run_misses_nothing_over_relp() {
    let folder = folder();
    let address = ports::free();
    // With its own queues rsyslog would lose what it has answered and not written.
    let input = format!(
        "main_queue(queue.type=\"Direct\")\ninput(type=\"imrelp\" port=\"{}\")",
        address.port()
    );
    let mut netim = Rsyslog::receiver(folder.path(), "netim", &["imrelp"], &input);
    let more = config::archive("relp", address, "");
    let mut mutt = Mutt::configured(folder.path(), "", &more);
    mutt.start();
    let sent = send::numbered(0..6_000);
    for (round, part) in sent.chunks(2_000).enumerate() {
        send::lines(mutt.doors.tcp, part);
        wait::until_true("rsyslog to have some of it", || {
            netim.received().len() > round * 2_000 + 100
        });
        if round < 2 {
            netim.restart_killed();
        }
    }
    wait::until("every message at rsyslog", || {
        // A line that the kill cut off in writing is followed by its repeat.
        let whole = |line: Vec<u8>| match line.windows(5).rposition(|w| w == b"<189>") {
            Some(at) => line[at..].to_vec(),
            None => line,
        };
        missing(&sent, &netim.received().into_iter().map(whole).collect::<Vec<_>>())
    });
    wait::until_true("all confirmed", || {
        let labels = ["archive/syslog", "outcome=\"archived\""];
        mutt.metric("mutt_ledger_messages_total", &labels) == sent.len() as f64
    });
}

#[test]
fn catching_up_is_bounded_by_the_rate() {
    const PER_SECOND: f64 = 100.0;
    let way = Way::start(Door::Tcp, "rate_per_s = 100");
    way.receivers.stop_netim();
    let sent = send::numbered(0..400);
    way.send(&sent);
    wait::until_true("all of it to wait", || {
        way.of_archive("mutt_reader_waiting_messages") == sent.len() as f64
    });
    let start = Instant::now();
    way.receivers.start_netim();
    wait::until("every message at NetIM", || {
        let found = way.receivers.netim.count(Door::Tcp);
        let seconds = start.elapsed().as_secs_f64();
        // A tenth of a second's worth may go at once.
        let most = PER_SECOND / 10.0 + PER_SECOND * seconds;
        assert!(found as f64 <= most.ceil(), "{found} messages after {seconds} s");
        if found >= sent.len() as u64 { Ok(()) } else { Err(found.to_string()) }
    });
    way.nothing_missing(Door::Tcp, &sent);
}
