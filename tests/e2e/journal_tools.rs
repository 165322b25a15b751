//! `mutt journal inspect` and `export`, on a good journal and on a damaged one; and MUTT itself on
//! the damaged one.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use mutt_output::standin::Door;

use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;
use crate::common::{folder, send, tools, wait};

/// Segments as small as they may be: 3,000 messages of 1 kB make four of them, or a few more, since
/// a batch goes into one whole.
const SETTINGS: &str = "journal.segment_bytes = 1048576\nshutdown_ms = 500\n";

fn messages() -> Vec<Vec<u8>> {
    let mut messages = send::numbered(0..3_000);
    messages.iter_mut().for_each(|message| message.resize(1_000, b'.'));
    messages
}

struct Stopped {
    receivers: Receivers,
    mutt: Mutt,
    folder: tempfile::TempDir,
}

/// A MUTT that has stored and judged all messages, of which NetIM got none, and is stopped.
fn stopped() -> Stopped {
    let folder = folder();
    let receivers = Receivers::start();
    receivers.stop_netim();
    let more = format!("{SETTINGS}{}", receivers.config(Door::Relp));
    let mut mutt = Mutt::configured(folder.path(), "", &more);
    mutt.start();
    send::lines(mutt.doors.tcp, &messages());
    wait::until_true("all of it judged", || {
        mutt.metric("mutt_ledger_messages_total", &["\"judge\"", "\"unhandled\""]) == 3_000.0
    });
    assert!(mutt.stop().success());
    Stopped { receivers, mutt, folder }
}

impl Stopped {
    fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    fn segments(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.journal()).expect("the journal's folder");
        let mut found: Vec<PathBuf> = entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| fs::metadata(path).expect("its size").len() >= 1 << 20)
            .collect();
        found.sort();
        found
    }

    fn tool(&self, args: &[&str]) -> Output {
        let mut command: Command = Mutt::command();
        command.arg("journal").arg(args[0]).arg(self.journal()).args(&args[1..]);
        command.output().expect("mutt journal")
    }

    /// Flips one bit in the text of a message amid a segment; answers which.
    fn flip_a_bit(&self, segment: usize) -> usize {
        let path = &self.segments()[segment];
        let mut bytes = fs::read(path).expect("the segment");
        let at = bytes.len() / 4;
        let word = b"message ";
        let start = bytes[at..].windows(word.len()).position(|w| w == word).expect("a message");
        let digits = at + start + word.len();
        let number = std::str::from_utf8(&bytes[digits..digits + 6]).expect("digits");
        let number = number.parse().expect("a number");
        bytes[digits + 20] ^= 1;
        fs::write(path, bytes).expect("the segment");
        number
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The raw messages of a JSON export.
fn raws(output: &Output) -> Vec<Vec<u8>> {
    let text = stdout(output);
    let lines = text.lines().map(|line| serde_json::from_str(line).expect("a JSON object"));
    lines
        .map(|line: serde_json::Value| line["raw"].as_str().expect("raw").as_bytes().to_vec())
        .collect()
}

#[test]
fn a_good_journal_is_shown_and_exported_whole() {
    let stopped = stopped();
    let inspect = stopped.tool(&["inspect"]);
    let shown = stdout(&inspect);
    assert!(inspect.status.success(), "{shown}");
    assert!(shown.contains("partitions  16"), "{shown}");
    assert!(shown.contains("messages    3000 in "), "{shown}");
    assert!(shown.contains("positions  1 to "), "{shown}");
    assert_eq!(shown.matches(".seg\n").count(), stopped.segments().len(), "{shown}");
    assert!(stopped.segments().len() >= 4, "{shown}");
    assert!(!shown.contains("LOST") && !shown.contains("damaged"), "{shown}");

    let export = stopped.tool(&["export"]);
    assert!(export.status.success(), "{}", stderr(&export));
    assert!(raws(&export) == messages(), "an export has every message, in order");
    let first: serde_json::Value =
        serde_json::from_str(stdout(&export).lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["position"], 1);
    assert_eq!((&first["input"], &first["host"]), (&"syslog_tcp".into(), &"host0".into()));
    assert!(first["peer"].as_str().is_some_and(|peer| peer.starts_with("127.0.0.1:")), "{first}");

    let raw = stopped.tool(&["export", "--format", "raw", "--from", "2991"]);
    let expected: Vec<u8> =
        messages()[2_990..].iter().flat_map(|m| [m, &b"\n"[..]].concat()).collect();
    assert!(raw.stdout == expected, "raw messages, LF after each, from a position on");
    let file = stopped.folder.path().join("export");
    let to_file = stopped.tool(&["export", "--output", &file.display().to_string()]);
    assert!(to_file.status.success() && to_file.stdout.is_empty());
    assert!(fs::read(file).expect("the export") == export.stdout);
}

#[test]
fn a_damaged_journal_is_shown_and_exported_without_what_is_lost() {
    let stopped = stopped();
    let number = stopped.flip_a_bit(1);
    let position = number + 1;
    let inspect = stopped.tool(&["inspect"]);
    let shown = stdout(&inspect);
    assert_eq!(inspect.status.code(), Some(1), "{shown}");
    let lost = format!("LOST       positions {position} to {position}");
    assert!(shown.contains(&lost), "`{lost}` is not in: {shown}");
    assert!(shown.contains("messages    2999 in "), "{shown}");

    let export = stopped.tool(&["export"]);
    assert_eq!(export.status.code(), Some(1));
    let said = format!("1 messages cannot be read: positions {position}-{position}");
    assert!(stderr(&export).contains(&said), "{}", stderr(&export));
    let mut expected = messages();
    expected.remove(number);
    assert!(raws(&export) == expected, "all but the damaged one");
}

#[test]
fn mutt_goes_on_with_a_damaged_journal_counts_the_loss_and_tells() {
    let mut stopped = stopped();
    let numbers = [stopped.flip_a_bit(0), stopped.flip_a_bit(2)];
    stopped.receivers.start_netim();
    stopped.mutt.start();
    let mut expected = messages();
    numbers.iter().rev().for_each(|number| drop(expected.remove(*number)));
    let after = send::numbered(3_000..3_100);
    send::lines(stopped.mutt.doors.tcp, &after);
    expected.extend(after);
    let archived = stopped.receivers.archived(Door::Relp, expected.len());
    assert!(archived == expected, "all but the damaged ones, in order, and what came after");

    let mutt = &stopped.mutt;
    let of_archive = |outcome: &str| {
        let labels = ["\"archive/syslog\"", &format!("outcome=\"{outcome}\"")];
        mutt.metric("mutt_ledger_messages_total", &labels)
    };
    wait::until_true("the loss to be counted", || of_archive("lost") == 2.0);
    wait::until_true("all else to be archived", || of_archive("archived") == 3_098.0);
    assert_eq!(mutt.ledger()["balanced"], true, "{}", mutt.ledger());
    assert_eq!(mutt.metric("mutt_journal_damaged_messages_total", &[]), 2.0);
    wait::until("the operator to be told of both", || {
        let told = stopped.receivers.moogsoft.told();
        let own = told.iter().filter(|told| told.signature == "mutt::mutt/messages-lost");
        let said: Vec<&str> = own.map(|told| told.description.as_str()).collect();
        if said.iter().any(|said| said.contains("MUTT lost ")) {
            Ok(())
        } else {
            Err(format!("{said:?}"))
        }
    });
}

/// The rest of a journal that lost a whole segment is still there.
#[test]
fn a_segment_that_is_gone_is_a_counted_loss() {
    let mut stopped = stopped();
    let gone = stopped.segments().remove(1);
    fs::remove_file(&gone).expect("a segment removed");
    assert_eq!(stopped.tool(&["inspect"]).status.code(), Some(1));
    let left = raws(&stopped.tool(&["export"]));
    let lost = 3_000 - left.len();
    assert!((300..1_500).contains(&lost), "{lost} messages lost with a segment");
    stopped.receivers.start_netim();
    stopped.mutt.start();
    assert!(stopped.receivers.archived(Door::Relp, left.len()) == left);
    let labels = ["\"archive/syslog\"", "outcome=\"lost\""];
    wait::until("the loss to be counted", || {
        let found = stopped.mutt.metric("mutt_ledger_messages_total", &labels);
        if found == lost as f64 { Ok(()) } else { Err(found.to_string()) }
    });
    assert_eq!(stopped.mutt.ledger()["balanced"], true);
}

#[test]
fn a_running_journal_can_be_looked_at() {
    let folder = folder();
    let mut mutt = Mutt::configured(folder.path(), "", "");
    mutt.start();
    send::lines(mutt.doors.tcp, &send::numbered(0..100));
    wait::until_true("all stored", || {
        mutt.metric("mutt_ledger_stored_messages_total", &[]) == 100.0
    });
    let tool = |what: &str| {
        let mut command = Mutt::command();
        command.args(["journal", what]).arg(folder.path().join("journal"));
        command.output().expect("mutt journal")
    };
    assert!(stdout(&tool("inspect")).contains("messages    100 in 1 segments"));
    assert_eq!(raws(&tool("export")).len(), 100);
    // A trap's bytes are no text: the export writes them in hexadecimal.
    let snmp = mutt.doors.snmp.to_string();
    let trap = ["-v2c", "-c", "public", &snmp, "7", "1.3.6.1.6.3.1.1.5.1"];
    let sent = tools::snmptrap(folder.path()).args(trap).status().expect("snmptrap");
    assert!(sent.success());
    wait::until_true("the trap in the export", || {
        stdout(&tool("export")).lines().last().is_some_and(|line| line.contains("\"raw_hex\":\"30"))
    });
}
