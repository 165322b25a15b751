//! Each format, from its device and behind each relay's header.

use super::{at, syslog};
use crate::{ClockMark, Event, Severity};

/// What a line should say. `None` and "" mean: nothing.
#[derive(Default)]
struct Want {
    facility: u8,
    severity: u8,
    sent: &'static str,
    app: &'static str,
    procid: &'static str,
    msgid: &'static str,
    mnemonic: &'static str,
    sequence: Option<u64>,
    clock: ClockMark,
    message: &'static str,
}

#[track_caller]
fn check(raw: &str, want: Want) {
    let event = syslog(raw.as_bytes());
    let field = |field: &Option<std::borrow::Cow<'_, [u8]>>| {
        String::from_utf8(field.as_deref().unwrap_or_default().to_vec()).unwrap()
    };
    assert_eq!(String::from_utf8_lossy(&event.message), want.message, "message of {raw}");
    assert_eq!(event.facility, Some(want.facility), "facility of {raw}");
    assert_eq!(event.severity, Severity::from_number(want.severity), "severity of {raw}");
    assert_eq!(event.sent, (!want.sent.is_empty()).then(|| at(want.sent)), "sent of {raw}");
    assert_eq!(field(&event.app), want.app, "app of {raw}");
    assert_eq!(field(&event.procid), want.procid, "procid of {raw}");
    assert_eq!(field(&event.msgid), want.msgid, "msgid of {raw}");
    assert_eq!(field(&event.mnemonic), want.mnemonic, "mnemonic of {raw}");
    assert_eq!(event.sequence, want.sequence, "sequence of {raw}");
    assert_eq!(event.clock, want.clock, "clock of {raw}");
    assert_eq!(event.raw, raw.as_bytes());
}

fn cisco(mnemonic: &'static str, message: &'static str) -> Want {
    Want { facility: 23, severity: 5, mnemonic, message, ..Want::default() }
}

const CONFIG: &str = "%SYS-5-CONFIG_I: Configured from console";

fn config() -> Want {
    cisco("SYS-5-CONFIG_I", CONFIG)
}

#[test]
fn cisco_ios() {
    let mark = |clock, sent| Want { sequence: Some(45), clock, sent, ..config() };
    let line = |start: &str| format!("<189>{start}{CONFIG}");
    let march = "2027-03-01T18:46:11Z";
    check(&line("45: *Mar  1 18:46:11: "), mark(ClockMark::NotSet, march));
    check(
        &line("45: .Mar  1 18:46:11.123: "),
        mark(ClockMark::LostSync, "2027-03-01T18:46:11.123Z"),
    );
    check(&line("45: Nov 23 12:00:01: "), mark(ClockMark::Synced, "2026-11-23T12:00:01Z"));
    check(
        &line("45: Nov 23 12:00:01.250 UTC: "),
        mark(ClockMark::Synced, "2026-11-23T12:00:01.25Z"),
    );
    check(&line("45: Nov 23 2026 12:00:01 GMT: "), mark(ClockMark::Synced, "2026-11-23T12:00:01Z"));
    // A zone's name other than UTC and GMT is not believed: here the configured zone is UTC.
    check(
        &line("45: Nov 23 2026 12:00:01.5 CET: "),
        mark(ClockMark::Synced, "2026-11-23T12:00:01.5Z"),
    );
    check(
        &line("45: r1: *Mar  1 2026 18:46:11: "),
        mark(ClockMark::NotSet, "2026-03-01T18:46:11Z"),
    );
    check(
        &line("45: 10.0.0.1: *Mar  1 2026 18:46:11: "),
        mark(ClockMark::NotSet, "2026-03-01T18:46:11Z"),
    );
    check(&line("45: 000031: *Mar  1 18:46:11: "), mark(ClockMark::NotSet, march));
    check(&line("000045: "), mark(ClockMark::Unknown, ""));
    check(&line("45: 3w4d: "), mark(ClockMark::Unknown, ""));
    check(&line("45: 00:01:02: "), mark(ClockMark::Unknown, ""));
    check(&line("*Mar  1 18:46:11: "), Want { sequence: None, ..mark(ClockMark::NotSet, march) });
    check(&line(""), config());
    check(&line("r1: "), config());
    check(
        "<191>45: *Mar  1 18:46:11: IP: s=10.0.0.1 (local), d=10.0.0.2, len 100",
        Want {
            severity: 7,
            mnemonic: "",
            message: "IP: s=10.0.0.1 (local), d=10.0.0.2, len 100",
            ..mark(ClockMark::NotSet, march)
        },
    );
}

#[test]
fn cisco_with_a_subfacility() {
    let text = "%PM-SP-4-ERR_DISABLE: bpduguard error detected on Gi1/2";
    check(
        &format!("<188>7: Nov 23 12:00:01: {text}"),
        Want {
            facility: 23,
            severity: 4,
            sent: "2026-11-23T12:00:01Z",
            mnemonic: "PM-SP-4-ERR_DISABLE",
            sequence: Some(7),
            clock: ClockMark::Synced,
            message: "%PM-SP-4-ERR_DISABLE: bpduguard error detected on Gi1/2",
            ..Want::default()
        },
    );
}

#[test]
fn cisco_ios_xr() {
    let want = || Want {
        severity: 3,
        sent: "2026-11-23T12:00:01.123Z",
        app: "ifmgr",
        procid: "213",
        sequence: Some(45),
        clock: ClockMark::Synced,
        ..cisco("PKT_INFRA-LINK-3-UPDOWN", "%PKT_INFRA-LINK-3-UPDOWN : Interface Gi0/0/0/1, Down")
    };
    let text = "RP/0/RSP0/CPU0:Nov 23 12:00:01.123 UTC: ifmgr[213]: \
                %PKT_INFRA-LINK-3-UPDOWN : Interface Gi0/0/0/1, Down";
    check(&format!("<187>45: {text}"), want());
    check(&format!("<187>45: xr1 {text}"), want());
}

#[test]
fn cisco_nx_os() {
    let want = || Want {
        sent: "2026-11-23T12:00:01Z",
        clock: ClockMark::Unknown,
        ..cisco("ETHPORT-5-IF_DOWN", "%ETHPORT-5-IF_DOWN: Interface Ethernet1/1 is down")
    };
    let text = "%ETHPORT-5-IF_DOWN: Interface Ethernet1/1 is down";
    check(&format!("<189>: 2026 Nov 23 12:00:01 UTC: {text}"), want());
    check(&format!("<189>: 2026 Nov 23 12:00:01.000 UTC: %$VDC-1%$ {text}"), want());
    check(&format!("<189>Nov 23 13:11:03 nx1 : 2026 Nov 23 12:00:01 UTC: {text}"), want());
}

#[test]
fn cisco_asa() {
    let want = || Want {
        facility: 20,
        severity: 6,
        sent: "2026-11-23T12:00:01Z",
        mnemonic: "ASA-6-302013",
        message: "%ASA-6-302013: Built outbound TCP connection",
        ..Want::default()
    };
    let text = "%ASA-6-302013: Built outbound TCP connection";
    check(&format!("<166>Nov 23 2026 12:00:01: {text}"), want());
    check(&format!("<166>Nov 23 2026 12:00:01 asa1 : {text}"), want());
    check(&format!("<166>Nov 23 2026 12:00:01 asa1: {text}"), want());
    check(&format!("<166>:Nov 23 12:00:01 UTC: {text}"), want());
    check(&format!("<166>{text}"), Want { sent: "", ..want() });
    check(&format!("<166>asa1 : {text}"), Want { sent: "", ..want() });
}

#[test]
fn cisco_severity_counts_only_without_a_pri() {
    check(
        "%LINK-3-UPDOWN: down",
        Want {
            facility: 1,
            severity: 3,
            mnemonic: "LINK-3-UPDOWN",
            message: "%LINK-3-UPDOWN: down",
            ..Want::default()
        },
    );
    assert_eq!(syslog(b"<190>%LINK-3-UPDOWN: x").severity, Some(Severity::Informational));
}

/// What rsyslog 8.2302 really sends for a Cisco line.
#[test]
fn cisco_behind_a_relay() {
    let relay_time = "2026-11-23T13:11:03Z";
    let want = |sent| Want { sequence: Some(45), clock: ClockMark::NotSet, sent, ..config() };
    let text = format!("*Mar  1 18:46:11: {CONFIG}");
    // RSYSLOG_TraditionalForwardFormat
    check(&format!("<189>Nov 23 13:11:03 localhost 45: {text}"), want(relay_time));
    // RSYSLOG_ForwardFormat, omrelp's default
    check(
        &format!("<189>2026-11-23T13:11:03.809850+00:00 localhost 45: {text}"),
        want("2026-11-23T13:11:03.809850Z"),
    );
    // RSYSLOG_SyslogProtocol23Format: two blanks, since MSG keeps its leading one
    check(
        &format!("<189>1 2026-11-23T13:11:03.809850+00:00 localhost 45 - - -  {text}"),
        want("2026-11-23T13:11:03.809850Z"),
    );
    // A clock that is set is believed more than the relay.
    check(
        &format!("<189>Nov 23 13:11:03 10.0.0.1 45: Nov 23 12:00:01: {CONFIG}"),
        Want { clock: ClockMark::Synced, ..want("2026-11-23T12:00:01Z") },
    );
    check(
        &format!("<189>Nov 23 13:11:03 10.0.0.1 45: core-r1: .Nov 23 12:00:01: {CONFIG}"),
        Want { clock: ClockMark::LostSync, ..want("2026-11-23T12:00:01Z") },
    );
    check(
        "<166>1 2026-11-23T13:11:03+00:00 asa1 %ASA-6-302013 - - -  Built outbound",
        Want {
            facility: 20,
            severity: 6,
            sent: relay_time,
            mnemonic: "ASA-6-302013",
            message: " Built outbound",
            ..Want::default()
        },
    );
}

#[test]
fn a_mnemonic_deep_in_the_text_is_none() {
    for raw in [
        "<13>Nov 23 12:00:01 r1 app: saw %LINK-3-UPDOWN: in a log",
        "<13>Nov 23 12:00:01 r1 saw the text %LINK-3-UPDOWN: in a log",
        "<13>100% of %d, %s and %A-9-B: x",
        "<13>%SYS-5: x",
        "<13>%sys-5-config: x",
        "<13>%SYS-5-CONFIG_I without a colon",
    ] {
        assert_eq!(syslog(raw.as_bytes()).mnemonic, None, "{raw}");
    }
}

#[test]
fn junos() {
    let text = "ifIndex 520, ifAdminStatus up(1), ifOperStatus down(2), ifName ge-0/0/1";
    let raw = format!(
        "<28>1 2026-11-23T12:00:01.123Z mx1 mib2d 1234 SNMP_TRAP_LINK_DOWN \
         [junos@2636.1.1.1.2.18 snmp-interface-index=\"520\" interface-name=\"ge-0/0/1\"] {text}"
    );
    let want = || Want {
        facility: 3,
        severity: 4,
        sent: "2026-11-23T12:00:01.123Z",
        app: "mib2d",
        procid: "1234",
        msgid: "SNMP_TRAP_LINK_DOWN",
        message: "ifIndex 520, ifAdminStatus up(1), ifOperStatus down(2), ifName ge-0/0/1",
        ..Want::default()
    };
    check(&raw, want());
    let event = syslog(raw.as_bytes());
    let data = event.structured.unwrap();
    assert_eq!(
        data.get(b"junos@2636.1.1.1.2.18", b"interface-name").unwrap().as_ref(),
        b"ge-0/0/1"
    );
    assert_eq!(data.find(b"snmp-interface-index").unwrap().as_ref(), b"520");
    check(
        &format!("<28>Nov 23 12:00:01 mx1 mib2d[1234]: SNMP_TRAP_LINK_DOWN: {text}"),
        Want {
            sent: "2026-11-23T12:00:01Z",
            message: "SNMP_TRAP_LINK_DOWN: ifIndex 520, ifAdminStatus up(1), \
                      ifOperStatus down(2), ifName ge-0/0/1",
            ..want()
        },
    );
    // What rsyslog's default template makes of RFC 5424.
    check(
        "<165>Nov 23 12:00:00 r1 mgd[3046] User 'user' exiting",
        Want {
            facility: 20,
            severity: 5,
            sent: "2026-11-23T12:00:00Z",
            app: "mgd",
            procid: "3046",
            message: "User 'user' exiting",
            ..Want::default()
        },
    );
}

#[test]
fn arista_f5_and_pan_os() {
    let base = |severity, message| Want {
        facility: 20,
        severity,
        sent: "2026-11-23T12:00:01Z",
        message,
        ..Want::default()
    };
    check(
        "<165>Nov 23 12:00:01 leaf1 Ebra: %LINEPROTO-5-UPDOWN: Line protocol on Ethernet1, down",
        Want {
            app: "Ebra",
            mnemonic: "LINEPROTO-5-UPDOWN",
            ..base(5, "%LINEPROTO-5-UPDOWN: Line protocol on Ethernet1, down")
        },
    );
    check(
        "<163>Nov 23 12:00:01 f5a err mcpd[123]: 01070638:3: Pool /Common/p member down",
        Want {
            app: "mcpd",
            procid: "123",
            msgid: "01070638",
            ..base(3, "01070638:3: Pool /Common/p member down")
        },
    );
    let f5 = syslog(b"Nov 23 12:00:01 f5a err mcpd[123]: 01070638:3: x");
    assert_eq!(f5.severity, Some(Severity::Error), "the word counts without a PRI");
    check(
        "<166>Nov 23 12:00:01 pa1 1,2026/11/23 12:00:01,0123,TRAFFIC,end,2305,x",
        Want { msgid: "TRAFFIC", ..base(6, "1,2026/11/23 12:00:01,0123,TRAFFIC,end,2305,x") },
    );
}

#[test]
fn rfc_3164_whole_and_in_part() {
    let base = |message| Want { facility: 4, severity: 2, message, ..Want::default() };
    let sent = "2026-10-11T22:14:15Z";
    let su = "'su root' failed for lonvick on /dev/pts/8";
    check(
        "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
        Want { sent, app: "su", ..base(su) },
    );
    check(
        "<34>Oct 11 22:14:15 su: 'su root' failed for lonvick on /dev/pts/8",
        Want { sent, app: "su", ..base(su) },
    );
    check("<34>su[7]: x", Want { app: "su", procid: "7", ..base("x") });
    check("<34>Oct 11 22:14:15 CRON: job", Want { sent, app: "CRON", ..base("job") });
    check("<34>Oct  1 22:14:15 m x", Want { sent: "2026-10-01T22:14:15Z", ..base("x") });
    check("<34>Oct 1 22:14:15 m x", Want { sent: "2026-10-01T22:14:15Z", ..base("x") });
    check("<34>Oct 11 22:14:15 UTC m x", Want { sent, ..base("x") });
    check(
        "<34>Oct 11 22:14:15 last message repeated 3 times",
        Want { sent, ..base("last message repeated 3 times") },
    );
    check("<34>just text", base("just text"));
    check("<34>", base(""));
    check("", Want { facility: 1, severity: 5, ..Want::default() });
    check("no PRI", Want { facility: 1, severity: 5, message: "no PRI", ..Want::default() });
    check("<999>x", Want { facility: 1, severity: 5, message: "<999>x", ..Want::default() });
    check("<34>http://a/b: c", base("http://a/b: c"));
}

#[test]
fn rfc_5424_examples() {
    let event = syslog(
        b"<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
    );
    assert_eq!(event.sent, Some(at("2003-08-24T12:14:15.000003Z")));
    assert_eq!(
        (event.app.as_deref(), event.procid.as_deref()),
        (Some(&b"myproc"[..]), Some(&b"8710"[..]))
    );
    assert_eq!((event.msgid.as_deref(), &event.structured), (None, &None));
    assert_eq!(event.message.as_ref(), b"%% It's time to make the do-nuts.");

    let event = syslog(
        b"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 \
          [exampleSDID@32473 iut=\"3\" eventSource=\"App \\\"x\\\" \\\\ [a\\]\"][examplePriority@32473 class=\"high\"] \xef\xbb\xbfAn entry",
    );
    let data = event.structured.clone().unwrap();
    assert_eq!(
        data.get(b"exampleSDID@32473", b"eventSource").unwrap().as_ref(),
        b"App \"x\" \\ [a]"
    );
    assert_eq!(data.get(b"examplePriority@32473", b"class").unwrap().as_ref(), b"high");
    assert_eq!(data.get(b"examplePriority@32473", b"iut"), None);
    assert_eq!(data.iter().count(), 3);
    assert_eq!(event.msgid.as_deref(), Some(&b"ID47"[..]));
    assert_eq!(event.message.as_ref(), b"An entry", "the BOM is no text");

    let nothing: Event<'_> = syslog(b"<0>1 - - - - - -");
    assert_eq!((nothing.severity, nothing.facility), (Some(Severity::Emergency), Some(0)));
    assert_eq!((nothing.sent, nothing.app, nothing.message.as_ref()), (None, None, &b""[..]));
    let only_data = syslog(b"<0>1 - - - - - [a@1]");
    assert_eq!(only_data.structured.unwrap().as_bytes(), b"[a@1]");
    let bad_data = syslog(b"<0>1 - - a - - [a@1 x=\"1 text");
    assert_eq!((bad_data.structured, bad_data.message.as_ref()), (None, &b"[a@1 x=\"1 text"[..]));
}
