//! Drafts tried on the recent past, beside the rules in force.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::{Way, rule};
use crate::common::api::ADMIN_KEY;
use crate::common::{send, wait};

/// Messages of which each third is a fan, each third a link, each third nothing.
fn fill(way: &Way, count: usize) {
    let words = ["fan failed", "link down", "all is well"];
    let line = |n: usize| format!("<187>Nov 23 12:00:00 core-{} env: {} {n}", n % 7, words[n % 3]);
    let lines: Vec<String> = (0..count).map(line).collect();
    send::lines(way.mutt.doors.tcp, &lines);
    wait::until("all to be judged", || {
        let judged = way.mutt.metric("mutt_ledger_messages_total", &["reader=\"judge\""]);
        if judged == count as f64 { Ok(()) } else { Err(judged.to_string()) }
    });
}

fn ended(way: &Way, wanted: &Value) -> Value {
    let started = way.api.post("/backtests", wanted).expect(202);
    let path = started.headers["location"].trim_start_matches("/api/v1").to_owned();
    wait::until("the backtest's end", || {
        let view = way.api.get(&path).expect(200).json();
        if view["status"] == "running" { Err(view.to_string()) } else { Ok(view) }
    })
}

#[test]
fn a_draft_is_held_against_the_rules_in_force_over_the_journal() {
    let way = Way::start("");
    way.api.put("/rules/fan", &rule("fan", "fan failed")).expect(200);
    fill(&way, 300);
    let cursors = way.mutt.ledger();
    let mut critical = rule("fan", "fan failed");
    critical["severity"] = "critical".into();
    let mut link = rule("link", "link down");
    link["team"] = "wan".into();
    let view = ended(&way, &json!({ "rules": [critical, link] }));
    assert_eq!(view["status"], "finished", "{view:#}");
    let report = &view["report"];
    assert_eq!((&report["events"], &report["all"]["same"]), (&json!(300), &json!(100)));
    assert_eq!((&report["all"]["changed"], &report["all"]["gained"]), (&json!(100), &json!(100)));
    assert_eq!(report["by_rule"]["of"]["link"]["gained"], 100);
    assert_eq!(report["by_team"]["of"]["wan"]["gained"], 100);
    let hours = report["by_hour"]["of"].as_object().expect("hours");
    let sum: u64 = hours.values().map(|tally| tally["gained"].as_u64().unwrap_or(0)).sum();
    assert_eq!(sum, 100);
    assert_eq!((&report["live"]["opened"], &report["draft"]["opened"]), (&json!(7), &json!(14)));
    // A sample is a message that can be looked at.
    let sample = &report["samples"][0];
    let id = sample["message_id"].as_str().expect("an id");
    way.api.get(&format!("/messages/{id}")).expect(200);
    assert_eq!(way.mutt.ledger(), cursors, "no cursor moved");
    // One rule less, beside the others.
    let view = ended(&way, &json!({ "rules": [], "keep": true, "remove": ["fan"] }));
    assert_eq!(view["report"]["all"]["lost"], 100, "{view:#}");
    let nothing = json!({ "rules": [], "keep": true, "to": "2020-01-01T00:00:00Z" });
    assert_eq!(ended(&way, &nothing)["report"]["events"], 0);
}

#[test]
fn lines_of_a_file_can_be_tried() {
    let way = Way::start("");
    let text = "<187>Nov 23 12:00:00 core-1 env: fan failed\n<13>other\n";
    let view = ended(&way, &json!({ "rules": [rule("fan", "fan failed")], "text": text }));
    let report = &view["report"];
    assert_eq!((&report["events"], &report["all"]["gained"]), (&json!(2), &json!(1)));
    assert_eq!(
        (&report["samples"][0]["line"], &report["samples"][0]["host"]),
        (&json!(1), &json!("core-1"))
    );
}

#[test]
fn a_bad_draft_and_a_bad_time_are_refused_with_their_place() {
    let way = Way::start("");
    let mut bad = rule("a", "x");
    bad["when"] = json!({ "message": { "regex": "(" } });
    let refused = way.api.post("/backtests", &json!({ "rules": [bad] })).expect(422).json();
    assert_eq!(refused["errors"][0]["path"], "when.message.regex");
    let time = json!({ "rules": [], "from": "yesterday" });
    assert_eq!(way.api.post("/backtests", &time).expect(422).json()["errors"][0]["path"], "from");
    assert_eq!(way.api.get("/backtests/none").status, 404);
}

#[test]
fn progress_is_streamed_and_a_backtest_can_be_cancelled() {
    let way = Way::start("");
    // Long enough to be cancelled: every line is judged by a regex that looks at all of it.
    let text = "<13>Nov 23 12:00:00 core-1 a: no such word at all in here\n".repeat(900_000);
    let mut slow = rule("slow", "x");
    slow["when"] = json!({ "message": { "regex": "^([a-z ]+ ){9}fan" } });
    let wanted = json!({ "rules": [slow], "text": text });
    let started = way.api.post("/backtests", &wanted).expect(202).json();
    let id = started["id"].as_str().expect("an id");
    assert_eq!(way.api.post("/backtests", &json!({ "rules": [] })).status, 429, "one at a time");
    let mut stream = TcpStream::connect(way.mutt.doors.api).expect("the API");
    let head = format!(
        "GET /api/v1/backtests/{id}/events HTTP/1.1\r\nHost: mutt\r\nConnection: close\r\n\
         X-API-KEY: {ADMIN_KEY}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("a request");
    way.api.ask("DELETE", &format!("/backtests/{id}"), &[], "").expect(202);
    let mut events = String::new();
    stream.read_to_string(&mut events).expect("events to their end");
    assert!(events.contains("text/event-stream"), "{events}");
    assert!(events.contains("event: end"), "{events}");
    let view = way.api.get(&format!("/backtests/{id}")).expect(200).json();
    assert_eq!(view["status"], "cancelled");
    let (done, total) = (&view["progress"]["done"], &view["progress"]["total"]);
    assert!(done.as_u64() < total.as_u64(), "{view:#}");
    let list = way.api.get("/backtests").expect(200).json();
    assert_eq!(list["items"][0]["id"], id);
}
