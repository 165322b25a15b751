//! Debian's rsyslog as NetIM's receiver: what it holds in %rawmsg% is what was sent to MUTT.

use std::net::SocketAddr;

use crate::common::mutt::Mutt;
use crate::common::rsyslog::Rsyslog;
use crate::common::{config, folder, ports, send, wait};

/// Bytes that something on the way might change: blanks, tabs, control characters, not ASCII,
/// not UTF-8, long.
fn stress() -> Vec<Vec<u8>> {
    let mut messages: Vec<Vec<u8>> = [
        "<189>Nov 23 12:00:01 r1 two  blanks,   three,\ta tab\t\tand two",
        "<189>Nov 23 12:00:01 r1 a blank at the end ",
        "<189>  Nov 23 12:00:01   r1   blanks everywhere   ",
        "<189>Nov 23 12:00:01 r1 caf\u{e9}, snow \u{2603}, \u{1f4a5}, \u{feff}BOM",
        "<189>Nov 23 12:00:01 r1 bell \u{7}, escape \u{1b}[31mred\u{1b}[0m, delete \u{7f}",
        "<189>Nov 23 12:00:01 r1 #011 #012 \\n \\t %rawmsg% \"quoted\" 'too' 100%",
        "<165>1 2026-11-23T12:00:01Z r1 mgd 3046 UI [x@1 y=\"\\]\\\"\"] \u{feff}with a BOM",
        "no priority, and no header either",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    messages.push(b"<189>Nov 23 12:00:01 r1 Latin-1 caf\xe9, and \xff\xfe\x80".to_vec());
    messages.push([b"<189>Nov 23 12:00:01 r1 long ".to_vec(), vec![b'x'; 60_000]].concat());
    messages
}

/// MUTT with an archive to an rsyslog that listens as `input` says.
struct Way {
    mutt: Mutt,
    netim: Rsyslog,
    _folder: tempfile::TempDir,
}

impl Way {
    fn start(transport: &str, archive: &str) -> Self {
        let folder = folder();
        let (modules, input, address) = receiver(transport);
        let netim = Rsyslog::receiver(folder.path(), "netim", &modules, &input);
        let address = address.unwrap_or(netim.inlet);
        let more = config::archive(transport, address, archive);
        let mut mutt = Mutt::configured(folder.path(), "", &more);
        mutt.start();
        Self { mutt, netim, _folder: folder }
    }

    /// Sends messages octet-counted, which carries every byte, and waits for what rsyslog writes.
    #[track_caller]
    fn expect(&self, sent: &[Vec<u8>], written: &[Vec<u8>]) {
        send::counted(self.mutt.doors.tcp, sent);
        let expected: Vec<u8> = written.iter().flat_map(|m| [m, &b"\n"[..]].concat()).collect();
        let found = wait::until("all bytes at rsyslog", || {
            let found = self.netim.written();
            if found.len() >= expected.len() { Ok(found) } else { Err(found.len().to_string()) }
        });
        if found != expected {
            let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            assert_eq!(show(&found), show(&expected));
            panic!("the bytes differ where they are not UTF-8");
        }
    }

    fn changed(&self, reason: &str) -> f64 {
        let labels = ["destination=\"archive/syslog\"", &format!("reason=\"{reason}\"")];
        self.mutt.metric("mutt_archive_changed_total", &labels)
    }
}

/// What an rsyslog needs to listen for `transport`; none: it listens at its inlet anyway.
fn receiver(transport: &str) -> (Vec<&'static str>, String, Option<SocketAddr>) {
    if transport != "relp" {
        return (Vec::new(), String::new(), None);
    }
    let address = ports::free();
    let input = format!("input(type=\"imrelp\" port=\"{}\")", address.port());
    (vec!["imrelp"], input, Some(address))
}

#[test]
fn over_tcp_octet_counted_every_byte_arrives() {
    let way = Way::start("tcp", "framing = \"octet_counted\"");
    let mut messages = stress();
    messages.push(b"<189>Nov 23 12:00:01 r1 a LF\ninside, and one more\n, and text".to_vec());
    messages.push(b"45: begins with a digit".to_vec());
    way.expect(&messages, &messages);
}

#[test]
fn over_tcp_with_lf_every_byte_arrives() {
    let way = Way::start("tcp", "framing = \"lf\"");
    let messages = stress();
    way.expect(&messages, &messages);
    assert_eq!((way.changed("escaped"), way.changed("octet_counted")), (0.0, 0.0));
}

#[test]
fn over_relp_every_byte_arrives() {
    let way = Way::start("relp", "");
    let mut messages = stress();
    messages.push(b"<189>Nov 23 12:00:01 r1 a LF\ninside".to_vec());
    way.expect(&messages, &messages);
    wait::until_true("all of it confirmed", || {
        let done = ["reader=\"archive/syslog\"", "outcome=\"archived\""];
        way.mutt.metric("mutt_ledger_messages_total", &done) == messages.len() as f64
    });
}

#[test]
fn over_udp_every_byte_arrives() {
    let way = Way::start("udp", "");
    let messages = stress();
    way.expect(&messages, &messages);
    assert_eq!(way.changed("cut"), 0.0);
}

#[test]
fn over_tcp_with_lf_a_lf_inside_is_escaped_and_counted() {
    let way = Way::start("tcp", "framing = \"lf\"\nnewline = \"escape\"");
    let sent = [
        b"<189>Nov 23 12:00:01 r1 one\ntwo\n\nfour".to_vec(),
        b"45: begins with a digit, as an octet count does".to_vec(),
        b"<189>Nov 23 12:00:01 r1 last".to_vec(),
    ];
    let written = [
        b"<189>Nov 23 12:00:01 r1 one#012two#012#012four".to_vec(),
        b" 45: begins with a digit, as an octet count does".to_vec(),
        sent[2].clone(),
    ];
    way.expect(&sent, &written);
    assert_eq!((way.changed("escaped"), way.changed("octet_counted")), (2.0, 0.0));
}

#[test]
fn over_tcp_with_lf_a_lf_inside_is_sent_octet_counted_and_counted() {
    let way = Way::start("tcp", "framing = \"lf\"\nnewline = \"octet_counted\"");
    let messages = [
        b"<189>Nov 23 12:00:01 r1 before".to_vec(),
        b"<189>Nov 23 12:00:01 r1 one\ntwo\n\nfour".to_vec(),
        b"<189>Nov 23 12:00:01 r1 after".to_vec(),
    ];
    way.expect(&messages, &messages);
    assert_eq!((way.changed("escaped"), way.changed("octet_counted")), (0.0, 1.0));
}

#[test]
fn over_udp_a_message_that_is_too_long_is_cut_and_counted() {
    let long = |bytes: usize| [b"<189>Nov 23 12:00:01 r1 ".to_vec(), vec![b'y'; bytes]].concat();
    for (setting, most) in [("", 65_507), ("datagram_bytes_max = 1000", 1_000)] {
        let way = Way::start("udp", setting);
        let sent = [long(most + 2 - 24), b"<189>Nov 23 12:00:01 r1 short".to_vec(), long(400)];
        assert_eq!(sent[0].len(), most + 2);
        let written = [sent[0][..most].to_vec(), sent[1].clone(), sent[2].clone()];
        way.expect(&sent, &written);
        assert_eq!(way.changed("cut"), 1.0);
    }
}
