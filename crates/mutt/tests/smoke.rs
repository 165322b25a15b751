//! `mutt run` as a process: starts, takes a message, shows itself, stops on SIGTERM.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)] // so a test fails

mod support;

use std::fs;
use std::net::TcpListener;
use std::process::Command;

use support::{Mutt, free_port, get, until};

const JUDGED: &str = "mutt_ledger_messages_total{reader=\"judge\",outcome=\"unhandled\"}";

#[test]
fn takes_a_message_shows_it_and_stops_on_sigterm() {
    let mut mutt = Mutt::start("");
    mutt.send("<189>Nov 23 12:00:00 r1 test: hello\n");
    until("the judged message", || mutt.metric(JUDGED).filter(|count| *count == 1.0));
    assert_eq!(mutt.metric("mutt_ledger_stored_messages_total"), Some(1.0));
    assert_eq!(mutt.metric("mutt_ledger_balanced"), Some(1.0));
    assert_eq!(mutt.metric("mutt_input_stored_total{input=\"syslog_tcp\"}"), Some(1.0));

    let (status, ready) = get(mutt.admin, "/readyz?verbose").unwrap();
    assert_eq!(status, 200);
    assert!(ready.contains("[+]journal ok") && ready.contains("[+]database ok"), "{ready}");
    assert_eq!(get(mutt.admin, "/livez").unwrap().0, 200);
    let (_, ledger) = get(mutt.admin, "/ledger").unwrap();
    assert!(ledger.contains("\"balanced\": true"), "{ledger}");

    let file = mutt.folder.path().join("mutt.toml");
    let healthcheck = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mutt"));
        command.args(["healthcheck", "--config", file.to_str().unwrap()]);
        command.output().unwrap().status.code()
    };
    assert_eq!(healthcheck(), Some(0));
    mutt.terminate();
    assert_eq!(healthcheck(), Some(1));
    let log = mutt.log();
    assert!(log.contains("no [[destination]]"), "it must say that alerts go nowhere: {log}");
    assert!(log.contains("archive.mode is"), "it must say that messages go nowhere: {log}");
}

#[test]
fn counts_survive_a_restart() {
    let mutt = Mutt::start("");
    mutt.send("<189>Nov 23 12:00:00 r1 test: one\n<189>Nov 23 12:00:00 r1 test: two\n");
    until("two judged messages", || mutt.metric(JUDGED).filter(|count| *count == 2.0));
    let mutt = mutt.restart();
    assert_eq!(mutt.metric("mutt_ledger_stored_messages_total"), Some(2.0));
    until("the counts", || mutt.metric(JUDGED).filter(|count| *count == 2.0));
}

#[test]
fn a_taken_port_stops_the_start_and_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let file = Mutt::settings(folder.path(), port, free_port(), "");
    let mut child = Mutt::spawn(&file, folder.path());
    let status = until("the end", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(1));
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains(&format!("127.0.0.1:{port}")), "{log}");
}

#[test]
fn a_journal_folder_that_is_not_the_databases_stops_the_start() {
    let mut mutt = Mutt::start("");
    mutt.terminate();
    let journal = mutt.folder.path().join("journal");
    fs::rename(&journal, mutt.folder.path().join("moved")).unwrap();
    let mut child = Mutt::spawn(&mutt.folder.path().join("mutt.toml"), mutt.folder.path());
    let status = until("the end", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(1));
    assert!(mutt.log().contains("put the right journal folder back"), "{}", mutt.log());
    assert!(!journal.exists(), "nothing is made where the journal is missed");
}
