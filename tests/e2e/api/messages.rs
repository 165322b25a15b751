//! Stored messages: found from the newest on, and the way of one from its input to whoever was told.

use mutt_output::standin::Door;
use serde_json::{Value, json};

use super::{Way, rule};
use crate::common::receivers::Receivers;
use crate::common::{send, tools, wait};

fn line(host: &str, text: &str) -> String {
    format!("<187>Nov 23 12:00:00 {host} app: {text}")
}

/// The texts of a search's messages, once there are so many.
fn found(way: &Way, query: &str, count: usize) -> Vec<Value> {
    wait::until("messages", || {
        let page = way.api.get(&format!("/messages?{query}")).expect(200).json();
        let items = page["items"].as_array().expect("items").clone();
        if items.len() == count { Ok(items) } else { Err(format!("{query}: {page:#}")) }
    })
}

fn texts(items: &[Value]) -> Vec<&str> {
    items
        .iter()
        .map(|item| item["text"].as_str().expect("a text").rsplit(": ").next().unwrap_or_default())
        .collect()
}

#[test]
fn messages_are_found_by_host_input_time_and_words_the_newest_first() {
    let way = Way::start("");
    way.api.put("/rules/fan", &rule("fan", "fan failed")).expect(200);
    for (host, text) in [("r1", "one"), ("r2", "two"), ("r1", "fan failed in slot 3")] {
        send::lines(way.mutt.doors.tcp, &[line(host, text)]);
        found(&way, &format!("host={host}&text={}", text.replace(' ', "%20")), 1);
    }
    send::datagrams(way.mutt.doors.udp, &[line("r3", "four")]);
    let all = found(&way, "", 4);
    assert_eq!(texts(&all), ["four", "fan failed in slot 3", "two", "one"]);
    assert_eq!((&all[1]["outcome"], &all[1]["rule"]), (&json!("alerting"), &json!("fan")));
    assert_eq!((&all[0]["outcome"], &all[0]["rule"]), (&json!("unhandled"), &Value::Null));
    assert_eq!((&all[0]["input"], &all[0]["severity"]), (&json!("syslog_udp"), &json!("error")));
    assert_eq!(texts(&found(&way, "host=R1", 2)), ["fan failed in slot 3", "one"]);
    assert_eq!(texts(&found(&way, "input=syslog_udp", 1)), ["four"]);
    assert_eq!(texts(&found(&way, "text=FAN%20Failed", 1)), ["fan failed in slot 3"]);
    let slots = r"regex=slot%20%5Cd%24&text=fan";
    assert_eq!(texts(&found(&way, slots, 1)), ["fan failed in slot 3"]);
    let then = all[1]["appended"].as_str().expect("a time");
    assert_eq!(texts(&found(&way, &format!("until={then}"), 2)), ["two", "one"]);
    assert_eq!(texts(&found(&way, &format!("since={then}"), 2)), ["four", "fan failed in slot 3"]);
    // Its id leads to the rest of it.
    let id = all[1]["id"].as_str().expect("an id");
    assert_eq!(way.api.get(&format!("/messages/{id}")).expect(200).json()["host"], "r1");
}

#[test]
fn a_search_goes_on_where_it_ended_and_ends_at_the_journals_start() {
    let way = Way::start("");
    let lines: Vec<String> = (0..25).map(|n| line("r1", &format!("number {n:02}"))).collect();
    send::lines(way.mutt.doors.tcp, &lines);
    found(&way, "limit=1000", 25);
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page =
            way.api.get(&format!("/messages?text=number&limit=10{after}")).expect(200).json();
        let items = page["items"].as_array().expect("items").clone();
        seen.extend(texts(&items).into_iter().map(str::to_owned));
        assert_eq!(page["truncated"], false, "{page:#}");
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let expected: Vec<String> = (0..25).rev().map(|n| format!("number {n:02}")).collect();
    assert_eq!(seen, expected, "each once");
    let none = way.api.get("/messages?text=nothing%20like%20it").expect(200).json();
    assert_eq!(
        (&none["items"], &none["looked_at"], &none["next"]),
        (&json!([]), &json!(25), &Value::Null)
    );
    for bad in ["regex=(", "input=pigeon", "since=x", "limit=0", "after=x"] {
        assert_eq!(way.api.get(&format!("/messages?{bad}")).status, 400, "{bad}");
    }
    let long = "a".repeat(1_001);
    assert_eq!(way.api.get(&format!("/messages?text={long}")).status, 400);
}

#[test]
fn a_trap_is_found_by_its_words() {
    let way = Way::start("");
    let sent = tools::snmptrap(way.folder.path())
        .args(["-v2c", "-c", "public", &way.mutt.doors.snmp.to_string(), "777"])
        .args(["1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.3", "i", "3"])
        .status();
    assert!(sent.expect("snmptrap").success());
    let trap = found(&way, "text=linkdown", 1).remove(0);
    assert_eq!((&trap["kind"], &trap["severity"]), (&json!("trap"), &Value::Null));
    assert!(trap["text"].as_str().expect("words").contains("linkDown"), "{trap:#}");
}

#[test]
fn the_way_of_a_message_is_told_from_its_input_to_each_destination() {
    let receivers = Receivers::start();
    let rules = "[[rules]]\nid = \"link\"\npriority = 1\nteam = \"net\"\nhandling = \"page_only\"\n\
                 when.message.contains = \"LINKDOWN\"\nclear.message.contains = \"LINKUP\"\n";
    let way = Way::start_with(rules, &receivers.config(Door::Relp));
    send::lines(way.mutt.doors.tcp, &[line("r1", "LINKDOWN")]);
    let id = found(&way, "text=LINKDOWN", 1)[0]["id"].as_str().expect("an id").to_owned();
    let steps = |id: &str, last: &str| {
        wait::until("the last step", || {
            let told = way.api.get(&format!("/messages/{id}/way")).expect(200).json();
            let steps = told["steps"].as_array().expect("steps").clone();
            let is_done = |one: &Value| one["step"] == last && one["state"] == "done";
            let waits = steps.iter().any(|one| one["state"] == "waiting");
            if steps.iter().any(is_done) && !waits { Ok(steps) } else { Err(format!("{told:#}")) }
        })
    };
    let opened = steps(&id, "told");
    let short: Vec<_> =
        opened.iter().map(|one| (&one["step"], &one["name"], &one["state"])).collect();
    let expected = [
        ("received", "syslog_tcp"),
        ("stored", ""),
        ("archived", "archive/syslog"),
        ("judged", "link"),
        ("alert", "link"),
        ("told", "moogsoft"),
    ];
    assert_eq!(short.len(), expected.len(), "{opened:#?}");
    for ((step, name, state), (expected, of)) in short.into_iter().zip(expected) {
        assert_eq!((step, state), (&json!(expected), &json!("done")));
        assert!(*name == json!(of) || (name.is_null() && of.is_empty()), "{step}: {name}");
    }
    for known in [0, 1, 4, 5] {
        assert!(opened[known]["at"].is_string(), "{:#}", opened[known]);
    }
    assert!(opened[2]["at"].is_null() && opened[3]["at"].is_null(), "that is not kept");
    assert!(opened[5]["words"].as_str().expect("words").contains("`open`"), "{opened:#?}");
    // Who ends it has a way of its own.
    send::lines(way.mutt.doors.tcp, &[line("r1", "LINKUP")]);
    let id = found(&way, "text=LINKUP", 1)[0]["id"].as_str().expect("an id").to_owned();
    let cleared = steps(&id, "told");
    assert!(cleared[4]["words"].as_str().expect("words").contains("ended alert"), "{cleared:#?}");
    assert!(cleared[5]["words"].as_str().expect("words").contains("`clear`"), "{cleared:#?}");
    // One that no rule wants ends at the judge.
    send::lines(way.mutt.doors.tcp, &[line("r1", "calm")]);
    let id = found(&way, "text=calm", 1)[0]["id"].as_str().expect("an id").to_owned();
    let calm = steps(&id, "judged");
    assert!(calm[3]["words"].as_str().expect("words").contains("no rule owns it"), "{calm:#?}");
    assert_eq!(way.api.get("/messages/01935f2e-0000-8000-8000-000000000009/way").status, 404);
}
