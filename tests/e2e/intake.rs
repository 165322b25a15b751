//! What comes in over HTTP and TCP: batches, keys, limits, and whose a message is.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use mutt_output::standin::Door;

use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;
use crate::common::{folder, send, wait};

struct Way {
    receivers: Receivers,
    mutt: Mutt,
    folder: tempfile::TempDir,
}

impl Way {
    /// MUTT with more settings at the root of its configuration and from the environment.
    fn start(root: &str, environment: &[(&str, &str)]) -> Self {
        let folder = folder();
        let receivers = Receivers::start();
        let more = format!("{root}\n{}", receivers.config(Door::Tcp));
        let mut mutt = Mutt::configured(folder.path(), "", &more);
        mutt.start_with(Mutt::command().envs(environment.iter().copied()));
        mutt.wait_ready();
        Self { receivers, mutt, folder }
    }

    /// Posts by curl; answers status and body.
    fn curl(&self, args: &[&str]) -> (u16, String) {
        let output = Command::new("curl")
            .args(["-sS", "--max-time", "30", "-w", "\n%{http_code}"])
            .args(args)
            .arg(format!("http://{}/api/v2/ingest", self.mutt.doors.http))
            .output()
            .expect("curl");
        let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
        let (body, status) = text.rsplit_once('\n').unwrap_or_else(|| panic!("{output:?}"));
        (status.parse().expect("a status"), body.to_owned())
    }

    fn json(&self, body: &str) -> (u16, String) {
        self.curl(&["-H", "Content-Type: application/json", "--data-binary", body])
    }

    fn archived(&self, count: usize) -> Vec<String> {
        let archived = self.receivers.archived(Door::Tcp, count);
        archived.into_iter().map(|raw| String::from_utf8(raw).expect("UTF-8")).collect()
    }

    fn count(&self, name: &str, labels: &[&str]) -> f64 {
        self.mutt.metric(name, labels)
    }

    /// The device of each message in the journal, by the message's text.
    fn hosts(&self) -> BTreeMap<String, String> {
        let output = Mutt::command()
            .args(["journal", "export"])
            .arg(self.folder.path().join("journal"))
            .output()
            .expect("mutt journal export");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let field = |line: &serde_json::Value, name: &str| {
            line[name].as_str().unwrap_or_default().to_owned()
        };
        text.lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .map(|line| (field(&line, "raw"), field(&line, "host")))
            .collect()
    }
}

/// What the archive gets of a message without a raw line.
fn ends_with_all(archived: &[String], texts: &[&str]) {
    assert_eq!(archived.len(), texts.len(), "{archived:#?}");
    for (line, text) in archived.iter().zip(texts) {
        assert!(line.ends_with(text), "`{line}` does not end with `{text}`");
    }
}

/// The bodies that rsyslog's omhttp makes of a batch, by batch.format.
#[test]
fn every_batch_format_of_rsyslog_is_taken() {
    let way = Way::start("", &[]);
    let one = r#"{"message":"one","hostname":"r1","syslog_severity":"3"}"#;
    let two = r#"{"message":"two","hostname":"r1","syslog_severity":"err"}"#;
    let bodies = [
        format!("[{one},{two}]"),
        format!("{{\"records\":[{{\"value\":{one}}},{{\"value\":{two}}}]}}"),
        "{\"streams\":[{\"stream\":{\"host\":\"r1\"},\"values\":\
         [[\"1795435201000000000\",\"<189>Nov 23 12:00:00 r1 a: one\"],\
         [\"1795435202000000000\",\"<189>Nov 23 12:00:00 r1 a: two\"]]}]}"
            .to_owned(),
        format!("{one}\n{two}"),
    ];
    for (number, body) in bodies.iter().enumerate() {
        let (status, answer) = way.json(body);
        assert_eq!(status, 202, "{body}: {answer}");
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        assert_eq!(answer["accepted"], 2);
        assert_eq!(answer["ids"].as_array().map(Vec::len), Some(2), "a correlation id each");
        let archived = way.archived(2 * (number + 1));
        ends_with_all(&archived[2 * number..], &["one", "two"]);
    }
    assert_eq!(way.count("mutt_input_stored_total", &["input=\"http\""]), 8.0);
}

#[test]
fn a_gzipped_body_is_inflated_within_the_limit() {
    let way = Way::start("input.http.body_bytes_max = 20000", &[]);
    let gzip = |name: &str, text: &str| {
        let file = way.folder.path().join(name);
        fs::write(&file, text).expect("a body");
        let status = Command::new("gzip").arg("-k").arg(&file).status().expect("gzip");
        assert!(status.success());
        format!("@{}.gz", file.display())
    };
    let post = |body: &str| {
        way.curl(&[
            "-H",
            "Content-Encoding: gzip",
            "-H",
            "Content-Type: text/plain",
            "--data-binary",
            body,
        ])
    };
    let lines: Vec<String> =
        (0..100).map(|n| format!("<189>Nov 23 12:00:00 r1 line {n}")).collect();
    let (status, answer) = post(&gzip("good", &lines.join("\n")));
    assert_eq!(status, 202, "{answer}");
    assert_eq!(way.archived(100), lines);

    let (status, answer) = post(&gzip("bomb", &"x".repeat(1_000_000)));
    assert_eq!(status, 413, "{answer}");
    assert!(answer.contains("20000 bytes"), "{answer}");
    let (status, answer) = post("<189>Nov 23 12:00:00 r1 this is not gzip");
    assert_eq!(status, 400, "{answer}");
    assert!(answer.contains("not gzip"), "{answer}");
    assert_eq!(way.count("mutt_input_stored_total", &["input=\"http\""]), 100.0);
}

#[test]
fn only_a_known_api_key_comes_in() {
    let way = Way::start("input.http.api_keys = [\"first-key-123\", \"second-key-456\"]", &[]);
    let json = [
        "-H",
        "Content-Type: application/json",
        "--data-binary",
        r#"{"message":"hello","hostname":"r1"}"#,
    ];
    let with = |key: &str| way.curl(&[&["-H", key], &json[..]].concat());
    let (status, answer) = way.curl(&json);
    assert_eq!(status, 401, "{answer}");
    assert!(answer.contains("X-API-KEY is missing"), "{answer}");
    for wrong in ["first-key-12", "first-key-1234", "FIRST-KEY-123", "x"] {
        let (status, answer) = with(&format!("X-API-KEY: {wrong}"));
        assert_eq!(status, 401, "{wrong}: {answer}");
        assert!(!answer.contains("first-key"), "{answer}");
    }
    for right in ["first-key-123", "second-key-456"] {
        let (status, answer) = with(&format!("X-API-KEY: {right}"));
        assert_eq!(status, 202, "{right}: {answer}");
    }
    assert_eq!(way.archived(2).len(), 2);
    let refused = ["input=\"http\"", "reason=\"unauthorized\""];
    assert_eq!(way.count("mutt_input_refused_total", &refused), 5.0);
}

#[test]
fn a_bad_body_is_refused_whole_with_the_place() {
    let way = Way::start("", &[]);
    let good = r#"{"message":"good","hostname":"r1"}"#;
    for (body, words, index, line) in [
        (format!("{good}\n{{\"message\": 7}}\n{good}"), "expected a string", 1, 2),
        (format!("[{good},\n {good},\n {{\"hostname\":\"r1\"}}]"), "needs `message`", 2, 3),
        (format!("{good}\n{{\"message\":\"x\" \"y\"}}"), "expected `,` or `}`", 1, 2),
        (format!("{good}\n{{\"message\":\"x\",\"syslog_severity\":9}}"), "0 to 7", 1, 2),
        ("<189>Nov 23 12:00:00 r1 a line".to_owned(), "text/plain", 0, 1),
    ] {
        let (status, answer) = way.json(&body);
        assert_eq!(status, 400, "{body}: {answer}");
        let answer: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        let error = answer["error"].as_str().expect("an error");
        assert!(error.contains(words), "`{words}` is not in: {error}");
        assert_eq!((&answer["index"], &answer["line"]), (&index.into(), &line.into()), "{body}");
        assert!(answer["column"].as_u64().is_some_and(|column| column > 0), "{answer}");
    }
    let bad = ["input=\"http\"", "reason=\"bad_body\""];
    assert_eq!(way.count("mutt_input_refused_total", &bad), 5.0);
    assert_eq!(way.count("mutt_input_stored_total", &["input=\"http\""]), 0.0);
}

#[test]
fn too_much_at_once_is_413() {
    let limits = "input.http.body_bytes_max = 5000\ninput.http.batch_messages_max = 10\n\
                  input.http.message_bytes_max = 1000";
    let way = Way::start(limits, &[]);
    let message = |bytes: usize| format!("{{\"message\":\"{}\"}}", "m".repeat(bytes));
    let many = vec![message(10); 11].join("\n");
    for (body, words) in [
        (message(5_000), "more than 5000 bytes"),
        (many, "more than 10 messages"),
        (message(1_000), "at most 1000"),
    ] {
        let (status, answer) = way.json(&body);
        assert_eq!(status, 413, "{answer}");
        assert!(answer.contains(words), "`{words}` is not in: {answer}");
    }
    let (status, answer) = way.json(&vec![message(10); 10].join("\n"));
    assert_eq!(status, 202, "{answer}");
    let large = ["input=\"http\"", "reason=\"too_large\""];
    assert_eq!(way.count("mutt_input_refused_total", &large), 3.0);
    assert_eq!(way.archived(10).len(), 10);
}

#[test]
fn aliases_and_relays_decide_whose_a_message_is() {
    let way = Way::start(
        "",
        &[
            ("MUTT_HOSTS__ALIASES", "10.0.0.1=core-1,CORE1.example.net=core-1"),
            ("MUTT_HOSTS__TRUSTED_RELAYS", "10.0.9.5/32"),
            ("MUTT_HOSTS__OWN_NAMES", "rsyslog-1"),
        ],
    );
    let lines = [
        ("<189>Nov 23 12:00:00 10.0.0.1 app: by address", "core-1"),
        ("<189>Nov 23 12:00:00 core1.example.net app: by name", "core-1"),
        ("<189>Nov 23 12:00:00 Edge-7.Example.Net. app: in one form", "edge-7.example.net"),
        ("<187>Nov 23 12:00:00 rsyslog-1 46: rtr7: Nov 23 12:00:01: %LINK-3-UPDOWN: x", "rtr7"),
        ("<187>Nov 23 12:00:00 10.0.9.5 46: rtr8: Nov 23 12:00:01: %LINK-3-UPDOWN: x", "rtr8"),
        ("<187>Nov 23 12:00:00 localhost 46: rtr9: Nov 23 12:00:01: %LINK-3-UPDOWN: x", "rtr9"),
        ("<189>Nov 23 12:00:00 localhost app: from nobody", "localhost"),
        ("<189>Nov 23 12:00:00 rsyslog-1 app: the relay's own", "rsyslog-1"),
    ];
    send::lines(way.mutt.doors.tcp, &lines.map(|(line, _)| line));
    way.archived(lines.len());
    let hosts = way.hosts();
    for (line, host) in lines {
        assert_eq!(hosts.get(line).map(String::as_str), Some(host), "{line}");
    }
}

#[test]
fn a_message_over_the_limit_is_cut_and_counted() {
    let way = Way::start("input.syslog_tcp.message_bytes_max = 1000", &[]);
    let message = |text: &str, bytes: usize| {
        let mut message = format!("<189>Nov 23 12:00:00 r1 {text} ");
        message.push_str(&"z".repeat(bytes - message.len()));
        message
    };
    let sent = [message("just fits", 1_000), message("too long", 50_000), message("after", 100)];
    let kept = [sent[0].clone(), sent[1][..1_000].to_owned(), sent[2].clone()];
    send::lines(way.mutt.doors.tcp, &sent);
    assert_eq!(way.archived(3), kept);
    send::counted(way.mutt.doors.tcp, &sent);
    assert_eq!(way.archived(6)[3..], kept);
    assert_eq!(way.count("mutt_input_truncated_total", &["input=\"syslog_tcp\""]), 2.0);
    assert_eq!(way.count("mutt_input_stored_total", &["input=\"syslog_tcp\""]), 6.0);
}

#[test]
fn a_bad_frame_closes_that_connection_alone() {
    let way = Way::start("", &[]);
    let connect = || TcpStream::connect(way.mutt.doors.tcp).expect("MUTT");
    let (mut good, mut bad) = (connect(), connect());
    good.write_all(b"<189>Nov 23 12:00:00 r1 good one\n").expect("taken");
    bad.write_all(b"<189>Nov 23 12:00:00 r2 before\n28x<189>Nov 23 12:00:00 r2 after\n")
        .expect("taken");
    let mut end = Vec::new();
    // Bytes that were not read make the close a reset; either way it is the end.
    let _ = bad.read_to_end(&mut end);
    assert_eq!(end, b"");
    good.write_all(b"<189>Nov 23 12:00:00 r1 good two\n").expect("the other goes on");
    drop(good);
    let mut archived = way.archived(3);
    archived.sort();
    let kept = ["r1 good one", "r1 good two", "r2 before"];
    assert_eq!(archived, kept.map(|text| format!("<189>Nov 23 12:00:00 {text}")));
    let reason = ["input=\"syslog_tcp\"", "reason=\"octet_count_without_space\""];
    assert_eq!(way.count("mutt_input_bad_frames_total", &reason), 1.0);
    wait::until_true("both connections to be over", || {
        way.count("mutt_input_connections", &["input=\"syslog_tcp\""]) == 0.0
    });
}
