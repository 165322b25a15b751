//! What parsing costs: `cargo bench -p mutt-event`. One iteration is one message of its corpus, in
//! turn, so a time is nanoseconds a message. The limit is 1 µs.

#![allow(missing_docs)] // the functions' names are the benchmarks'

use std::net::IpAddr;

use divan::{Bencher, black_box};
use mutt_event::{
    Envelope, Flags, Hosts, HostsConfig, Input, Kind, MessageId, Parser, ParserConfig, Timestamp,
};

const RECEIVED: Timestamp = Timestamp::from_millis(1_795_435_205_000);

const CISCO: &[&str] = &[
    "<189>45: *Mar  1 18:46:11: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (10.0.0.1)",
    "<187>102: Nov 23 12:00:01.250 UTC: %LINK-3-UPDOWN: Interface GigabitEthernet1/0/24, changed state to down",
    "<189>Nov 23 12:00:03 sw7.example.net 881: Nov 23 12:00:01: %LINEPROTO-5-UPDOWN: Line protocol on Interface Gi0/1, changed state to down",
    "<166>Nov 23 2026 12:00:01 asa1 : %ASA-6-302013: Built outbound TCP connection 1 for outside:10.0.0.1/443",
    "<189>: 2026 Nov 23 12:00:01 UTC: %ETHPORT-5-IF_DOWN_LINK_FAILURE: Interface Ethernet1/1 is down (Link failure)",
];

const RFC_3164: &[&str] = &[
    "<86>Nov 23 12:00:01 web1 sshd[24200]: Failed password for invalid user admin from 192.0.2.44 port 52113 ssh2",
    "<30>Nov 23 12:00:02 db2.example.com systemd[1]: Started Daily apt download activities.",
    "<165>Nov 23 12:00:01 leaf1 Ebra: %LINEPROTO-5-UPDOWN: Line protocol on Interface Ethernet1, changed state to down",
    "<131>Nov 23 12:00:01 f5a err mcpd[5321]: 01070638:3: Pool /Common/p member /Common/10.0.0.9:80 monitor status down.",
    "<14>Nov 23 12:00:01 pa1 1,2026/11/23 12:00:01,007200001056,TRAFFIC,end,2305,2026/11/23 12:00:01,10.1.1.1,10.2.2.2",
];

const RFC_5424: &[&str] = &[
    "<28>1 2026-11-23T12:00:01.123Z mx1 mib2d 1234 SNMP_TRAP_LINK_DOWN [junos@2636.1.1.1.2.18 snmp-interface-index=\"520\" admin-status=\"up(1)\" interface-name=\"ge-0/0/1\"] ifIndex 520, ifAdminStatus up(1)",
    "<165>1 2026-11-23T12:00:01.000003-07:00 app7.example.com evntslog - ID47 - An application event log entry of some length",
    "<189>1 2026-11-23T13:11:03.809850+00:00 r1 45 - - -  *Mar  1 18:46:11: %SYS-5-CONFIG_I: Configured from console",
];

/// linkDown of version 2c with three bindings, as Net-SNMP sends it.
const TRAP: &[u8] = b"\x30\x7d\x02\x01\x01\x04\x06public\xa7\x70\x02\x04\x30\xe3\x55\xd6\x02\x01\x00\x02\x01\x00\
\x30\x62\x30\x0e\x06\x08\x2b\x06\x01\x02\x01\x01\x03\x00\x43\x02\x03\x09\
\x30\x17\x06\x0a\x2b\x06\x01\x06\x03\x01\x01\x04\x01\x00\x06\x09\x2b\x06\x01\x06\x03\x01\x01\x05\x03\
\x30\x0f\x06\x0a\x2b\x06\x01\x02\x01\x02\x02\x01\x01\x03\x02\x01\x03\
\x30\x13\x06\x0a\x2b\x06\x01\x02\x01\x02\x02\x01\x02\x03\x04\x05Gi0/3\
\x30\x11\x06\x09\x2b\x06\x01\x06\x03\x12\x01\x03\x00\x40\x04\xc6\x33\x64\x09";

const JSON: &[u8] = br#"{"timestamp":"2026-11-23T12:00:01Z","message":"%LINK-3-UPDOWN: Interface Gi0/1, changed state to down","hostname":"r1","source":"rsyslogd","syslog_severity":3,"correlation_id":"0f8c"}"#;

type Message = (Kind, &'static [u8]);

fn lines(groups: &[&'static [&'static str]]) -> Vec<Message> {
    groups
        .iter()
        .flat_map(|group| group.iter())
        .map(|line| (Kind::Syslog, line.as_bytes()))
        .collect()
}

fn mixed() -> Vec<Message> {
    let mut corpus = lines(&[CISCO, RFC_3164, RFC_5424]);
    corpus.extend([(Kind::Trap, TRAP), (Kind::Json, JSON)]);
    corpus
}

fn main() {
    // Many messages a sample, so that each sample holds the whole corpus.
    divan::Divan::from_args().sample_size(3_000).main();
}

fn parse(bencher: Bencher<'_, '_>, corpus: &[Message]) {
    let parser = Parser::new(ParserConfig::default());
    let id = MessageId { appended: RECEIVED, partition: 1, position: 1 };
    let mut turn = corpus.iter().cycle();
    bencher.counter(divan::counter::ItemsCount::new(1u32)).bench_local(|| {
        let Some(&(kind, raw)) = turn.next() else { return };
        let envelope = Envelope {
            input: Input::SyslogTcp,
            kind,
            flags: Flags::default(),
            received: RECEIVED,
            session: 1,
            peer: Some(([192, 0, 2, 9], 514).into()),
            host: "r1",
            dedup: None,
            usm: None,
            raw,
        };
        black_box(parser.parse(id, black_box(&envelope)));
    });
}

fn find(bencher: Bencher<'_, '_>, corpus: &[Message]) {
    let hosts = Hosts::new(HostsConfig {
        aliases: [("web1.example.com".to_owned(), "web1".to_owned())].into(),
        trusted_relays: "198.51.100.1/32".parse().into_iter().collect(),
        never: vec!["mutt1".to_owned()],
    });
    let peer = Some(IpAddr::from([192, 0, 2, 9]));
    let mut turn = corpus.iter().cycle();
    bencher.counter(divan::counter::ItemsCount::new(1u32)).bench_local(|| {
        let Some(&(kind, raw)) = turn.next() else { return };
        black_box(hosts.find(kind, black_box(raw), peer));
    });
}

#[divan::bench]
fn parse_mixed(bencher: Bencher<'_, '_>) {
    parse(bencher, &mixed());
}

#[divan::bench]
fn parse_cisco(bencher: Bencher<'_, '_>) {
    parse(bencher, &lines(&[CISCO]));
}

#[divan::bench]
fn parse_rfc_3164(bencher: Bencher<'_, '_>) {
    parse(bencher, &lines(&[RFC_3164]));
}

#[divan::bench]
fn parse_rfc_5424(bencher: Bencher<'_, '_>) {
    parse(bencher, &lines(&[RFC_5424]));
}

#[divan::bench]
fn parse_trap(bencher: Bencher<'_, '_>) {
    parse(bencher, &[(Kind::Trap, TRAP)]);
}

#[divan::bench]
fn parse_json(bencher: Bencher<'_, '_>) {
    parse(bencher, &[(Kind::Json, JSON)]);
}

#[divan::bench]
fn find_host_in_syslog(bencher: Bencher<'_, '_>) {
    find(bencher, &lines(&[CISCO, RFC_3164, RFC_5424]));
}

#[divan::bench]
fn find_host_with_header(bencher: Bencher<'_, '_>) {
    find(bencher, &lines(&[RFC_3164]));
}

#[divan::bench]
fn find_host_in_a_trap(bencher: Bencher<'_, '_>) {
    find(bencher, &[(Kind::Trap, TRAP)]);
}
