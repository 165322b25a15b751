//! The bytes that MUTT received, recorded on the wire, arrive equal at a recording receiver.

use std::process::Command;

use mutt_output::standin::Door;

use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;
use crate::common::rsyslog::Rsyslog;
use crate::common::tap::{TcpTap, UdpTap};
use crate::common::{folder, frames, tools, wait};

/// Lines as devices send them, none with a LF inside.
const LINES: [&str; 8] = [
    "<189>45: *Mar  1 18:46:11: %SYS-5-CONFIG_I: Configured from console by vty0 (10.0.0.1)",
    "<187>46: rtr1: Nov 23 12:00:01.123: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
    "<166>Nov 23 2026 12:00:01 asa1 : %ASA-6-302013: Built outbound TCP connection 1 for outside",
    "<165>1 2026-11-23T12:00:00Z mx1 mgd 3046 UI_CMDLINE [junos@2636.1.1.1.2.29 command=\"sh]ow\"] x",
    "<28>Nov 23 12:00:01 mx1 mib2d[1234]: SNMP_TRAP_LINK_DOWN: ifIndex 3, ifName ge-0/0/1",
    "<13>Nov 23 12:00:01 host caf\u{e9}: not ASCII \u{2603}, two  blanks, a\ttab",
    "<133>Nov 23 12:00:01 lb1 notice mcpd[7242]: 01070638:5: Pool member monitor status down.",
    "no priority at all",
];

const PROTOCOL_23: &str = "template=\"RSYSLOG_SyslogProtocol23Format\"";

struct Way {
    receivers: Receivers,
    mutt: Mutt,
    folder: tempfile::TempDir,
}

fn way() -> Way {
    let folder = folder();
    let receivers = Receivers::start();
    let mut mutt = Mutt::configured(folder.path(), "", &receivers.config(Door::Tcp));
    mutt.start();
    Way { receivers, mutt, folder }
}

/// Feeds the lines to a real rsyslog that forwards by `action` through a tap on a TCP door.
fn rsyslog_over_tcp(modules: &[&str], action: &str, relp: bool, split: fn(&[u8]) -> Vec<Vec<u8>>) {
    let way = way();
    let tap = TcpTap::start(if relp { way.mutt.doors.relp } else { way.mutt.doors.tcp });
    let sender = Rsyslog::sender(way.folder.path(), "sender", modules, action, tap.address);
    feed(&sender);
    let archived = way.receivers.archived(Door::Tcp, LINES.len());
    let wire: Vec<Vec<u8>> = tap.recorded().iter().flat_map(|stream| split(stream)).collect();
    assert_eq!(archived, wire);
    assert_eq!(wire.len(), LINES.len());
}

/// Gives the lines to an rsyslog, one by one so that their order is kept.
fn feed(rsyslog: &Rsyslog) {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(rsyslog.inlet).expect("rsyslog's inlet");
    stream.write_all((LINES.join("\n") + "\n").as_bytes()).expect("fed");
}

#[test]
fn rsyslog_over_tcp_with_lf() {
    rsyslog_over_tcp(&[], "type=\"omfwd\" protocol=\"tcp\"", false, frames::lf);
}

#[test]
fn rsyslog_over_tcp_with_lf_and_protocol_23() {
    let action = format!("type=\"omfwd\" protocol=\"tcp\" {PROTOCOL_23}");
    rsyslog_over_tcp(&[], &action, false, frames::lf);
}

#[test]
fn rsyslog_over_tcp_octet_counted() {
    let action = "type=\"omfwd\" protocol=\"tcp\" TCP_Framing=\"octet-counted\"";
    rsyslog_over_tcp(&[], action, false, frames::octet_counted);
}

#[test]
fn rsyslog_over_relp() {
    rsyslog_over_tcp(&["omrelp"], "type=\"omrelp\"", true, frames::relp_syslog);
}

#[test]
fn rsyslog_over_relp_with_protocol_23() {
    let action = format!("type=\"omrelp\" {PROTOCOL_23}");
    rsyslog_over_tcp(&["omrelp"], &action, true, frames::relp_syslog);
}

#[test]
fn rsyslog_over_udp() {
    for template in ["", PROTOCOL_23] {
        let way = way();
        let tap = UdpTap::start(way.mutt.doors.udp);
        let action = format!("type=\"omfwd\" protocol=\"udp\" {template}");
        let sender = Rsyslog::sender(way.folder.path(), "sender", &[], &action, tap.address);
        feed(&sender);
        let archived = way.receivers.archived(Door::Tcp, LINES.len());
        // UDP keeps no order: the question here is the bytes.
        assert_eq!(sorted(archived), sorted(tap.recorded()));
    }
}

#[test]
fn loggen_over_tcp_and_udp() {
    let way = way();
    let messages = 200;
    let tap = TcpTap::start(way.mutt.doors.tcp);
    let run = |kind: &[&str], port: u16| {
        let output = tools::loggen()
            .args(kind)
            .args(["--number", &messages.to_string(), "--rate", "5000", "--size", "250"])
            .args(["127.0.0.1", &port.to_string()])
            .output()
            .expect("loggen");
        assert!(output.status.success(), "{output:?}");
    };
    run(&["--inet", "--stream"], tap.address.port());
    let archived = way.receivers.archived(Door::Tcp, messages);
    let wire: Vec<Vec<u8>> = tap.recorded().iter().flat_map(|stream| frames::lf(stream)).collect();
    assert_eq!(archived, wire);

    let tap = UdpTap::start(way.mutt.doors.udp);
    run(&["--inet", "--dgram"], tap.address.port());
    // loggen stops by the clock as well as by the number: what counts is what was on the wire.
    let archived = wait::until("all datagrams of the wire", || {
        let archived = way.receivers.netim.messages(Door::Tcp).split_off(messages);
        let wire = tap.recorded().len();
        if wire > 0 && archived.len() == wire {
            Ok(archived)
        } else {
            Err(format!("{} of {wire}", archived.len()))
        }
    });
    assert_eq!(sorted(archived), sorted(tap.recorded()));
}

fn sorted(mut messages: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    messages.sort();
    messages
}

#[test]
fn snmptrap_v1_v2c_and_inform() {
    let way = way();
    let tap = UdpTap::start(way.mutt.doors.snmp);
    let agent = tap.address.to_string();
    let send = |args: &[&str]| {
        let output = tools::snmptrap(way.folder.path()).args(args).output().expect("snmptrap");
        assert!(output.status.success(), "snmptrap {args:?}: {output:?}");
    };
    let config_man = "1.3.6.1.4.1.9.9.41.2";
    send(&[
        "-v1",
        "-c",
        "public",
        &agent,
        config_man,
        "192.0.2.7",
        "6",
        "1",
        "12345",
        "1.3.6.1.4.1.9.9.41.1.2.3.1.5.1",
        "s",
        "text",
    ]);
    let link_down = ["777", "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.3", "i", "3"];
    send(&[&["-v2c", "-c", "public", &agent], &link_down[..]].concat());
    send(&[&["-v2c", "-Ci", "-c", "public", &agent], &link_down[..]].concat());
    let archived = way.receivers.archived(Door::Trap, 3);
    let mut wire = tap.recorded();
    // An INFORM is passed on as a trap: its PDU's tag is the one byte that differs.
    let (inform, archived_inform) = (wire.pop().expect("the inform"), &archived[2]);
    assert_eq!(archived[..2], wire[..]);
    let differing: Vec<(u8, u8)> = inform
        .iter()
        .copied()
        .zip(archived_inform.iter().copied())
        .filter(|(a, b)| a != b)
        .collect();
    assert_eq!(differing, [(0xa6, 0xa7)]);
    assert_eq!(inform.len(), archived_inform.len());
}

#[test]
fn curl_over_http() {
    let way = way();
    let body = format!("{}\n{}", LINES[1], LINES[5]);
    let output = Command::new("curl")
        .args(["-sS", "--fail-with-body", "-H", "Content-Type: text/plain", "--data-binary", &body])
        .arg(format!("http://{}/api/v2/ingest", way.mutt.doors.http))
        .output()
        .expect("curl");
    assert!(output.status.success(), "{output:?}");
    let archived = way.receivers.archived(Door::Tcp, 2);
    assert_eq!(archived, [LINES[1].as_bytes(), LINES[5].as_bytes()]);
}

#[test]
fn an_http_object_without_a_raw_line_is_rendered_by_the_one_template() {
    let way = way();
    let body = r#"{"timestamp": "2026-11-23T12:00:00Z", "message": "database lost", "hostname": "App1", "syslog_severity": 3}"#;
    let output = Command::new("curl")
        .args(["-sS", "--fail-with-body", "-H", "Content-Type: application/json", "-d", body])
        .arg(format!("http://{}/api/v2/ingest", way.mutt.doors.http))
        .output()
        .expect("curl");
    assert!(output.status.success(), "{output:?}");
    let archived = way.receivers.archived(Door::Tcp, 1);
    let line = String::from_utf8(archived[0].clone()).expect("UTF-8");
    assert!(line.starts_with("<11>1 2026-11-23T12:00:00"), "{line}");
    assert!(line.ends_with(" - - - database lost"), "{line}");
    wait::until_true("the ledger to balance", || {
        way.mutt.metric("mutt_ledger_balanced", &[]) == 1.0
    });
}
