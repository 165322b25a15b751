//! MUTT raises its own alerts through the same way out, and sends a heartbeat whose absence
//! another system can page on.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mutt_output::standin::{Door, Reply};
use mutt_store::Kind;

use crate::common::receivers::Receivers;
use crate::common::{database, folder, send, wait};
use crate::world::{LINK, World, link};

#[test]
fn the_journal_at_70_and_at_90_percent() {
    let top = "journal.segment_bytes = 1048576\njournal.retain_bytes = 8388608\n\
               journal.keep_behind_ms = 0";
    let world = World::start("", Door::Relp, top);
    world.receivers.stop_netim();
    let pad = ".".repeat(8_000);
    let fill = |to: f64| {
        wait::until(&format!("a journal {to} full"), || {
            world.accepted(&[0; 4].map(|_| format!("<189>Nov 23 12:00:00 core-1 {pad}")));
            let used = world.mutt.metric("mutt_journal_used_ratios", &[]);
            if used >= to { Ok(()) } else { Err(used.to_string()) }
        });
    };
    fill(0.6);
    assert_eq!(world.receivers.moogsoft.told(), []);
    fill(0.7);
    let told = world.told_of_itself("journal-filling", "open");
    assert_eq!((told.severity, told.source.as_str()), (4, "mutt"));
    let open = world.receivers.moogsoft.open();
    assert!(!open.contains_key("mutt::mutt/journal-almost-full"), "{open:?}");
    fill(0.9);
    assert_eq!(world.told_of_itself("journal-almost-full", "open").severity, 5);
    world.receivers.start_netim();
    world.told_of_itself("journal-almost-full", "clear");
    world.told_of_itself("journal-filling", "clear");
}

#[test]
fn a_destination_down() {
    let world = World::start_with("", |receivers| {
        format!("{}\n[watch]\ndown_after_ms = 300\n", receivers.config(Door::Relp))
    });
    world.receivers.stop_netim();
    send::lines(world.mutt.doors.tcp, &send::numbered(0..1));
    let told = world.told_of_itself("destination-down::archive/syslog", "open");
    assert!(told.description.contains("archive/syslog"), "{}", told.description);
    world.receivers.start_netim();
    world.told_of_itself("destination-down::archive/syslog", "clear");
}

#[test]
fn moogsoft_itself_down_is_told_by_another_way_out() {
    let other = Receivers::start();
    let world = World::start_with(LINK, |receivers| {
        let second = other.destination().replace("\"moogsoft\"", "\"second\"");
        let first = receivers.config(Door::Relp);
        format!("{first}{second}\n[watch]\ndown_after_ms = 300\n")
    });
    world.receivers.moogsoft_answers(Reply::Status(500));
    world.accepted(&[link("a", "down")]);
    let told = |kind: &str| {
        wait::until(&format!("the second way to tell of it: {kind}"), || {
            let told = other.moogsoft.told();
            let signature = "mutt::mutt/destination-down::moogsoft";
            let found = told.iter().any(|t| t.signature == signature && t.kind == kind);
            if found { Ok(()) } else { Err(format!("{told:?}")) }
        });
    };
    told("open");
    world.receivers.moogsoft_answers(Reply::Well);
    told("clear");
    world.told("the alert", |told| told.signature == "core-1::link::a");
}

#[test]
fn a_watched_source_gone_silent() {
    let mut world = World::start_with("", |receivers| {
        let watch = "[watch]\nhosts = [\"core-1\"]\nsilent_after_ms = 1500\n";
        format!("{}\n{watch}", receivers.config(Door::Relp))
    });
    let speak = || world.accepted(&["<189>Nov 23 12:00:00 core-1 hello".to_owned()]);
    speak();
    let told = world.told_of_itself("source-silent::core-1", "open");
    assert!(told.description.contains("core-1 has been silent"), "{}", told.description);
    wait::until("the end of the silence to be told", || {
        speak();
        let told = world.receivers.moogsoft.told();
        if told.iter().any(|told| told.kind == "clear") {
            Ok(())
        } else {
            Err(told.len().to_string())
        }
    });
    assert_eq!(world.mutt.stop().code(), Some(0));
}

#[test]
fn a_rule_set_refused() {
    let world = World::start(LINK, Door::Relp, "");
    database::write_item(world.folder(), Kind::Rule, "bad", Some(r#"{"id":"bad"}"#));
    let told = world.told_of_itself("rules-refused", "open");
    assert!(told.description.contains("rule `bad`"), "{}", told.description);
    world.accepted(&[link("a", "down")]);
    world.told("the last good set goes on", |told| told.signature == "core-1::link::a");
    database::write_item(world.folder(), Kind::Rule, "bad", None);
    world.told_of_itself("rules-refused", "clear");
}

#[test]
fn the_heartbeat_comes_and_stays_away_when_mutt_is_killed() {
    const EVERY: Duration = Duration::from_millis(100);
    let (address, beats) = watchdog();
    // Where it goes is a secret, so it may be in a file.
    let folder = folder();
    let file = folder.path().join("heartbeat");
    std::fs::write(&file, format!("http://{address}/mutt\n")).expect("a file");
    let mut world = World::start_with("", |receivers| {
        let heartbeat = format!("[heartbeat]\nurl = \"file:{}\"\nevery_ms = 100\n", file.display());
        format!("{}\n{heartbeat}", receivers.config(Door::Relp))
    });
    let count = || beats.load(Ordering::Relaxed);
    wait::until_true("heartbeats", || count() >= 5);
    world.mutt.kill();
    // A request that was under way may still arrive; then there is silence for ten beats.
    let mut last = (count(), Instant::now());
    wait::until_true("silence", || {
        if count() != last.0 {
            last = (count(), Instant::now());
        }
        last.1.elapsed() > EVERY * 10
    });
    world.mutt.start();
    let before = count();
    wait::until_true("heartbeats again", || count() > before);
}

/// A small HTTP server that counts requests.
fn watchdog() -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address");
    let beats: Arc<AtomicU64> = Arc::default();
    let counter = Arc::clone(&beats);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4_096];
            if stream.read(&mut head).is_ok_and(|n| {
                head[..n].starts_with(b"GET /mutt") || head[..n].starts_with(b"POST /mutt")
            }) {
                counter.fetch_add(1, Ordering::Relaxed);
            }
            let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        }
    });
    (address, beats)
}
