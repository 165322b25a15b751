//! Messages that no rule wants: found as patterns, told, decided on, and made a rule of.

use std::process::Output;

use serde_json::{Value, json};

use super::Way;
use crate::common::api::{ADMIN_KEY, Answer, Api};
use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;
use crate::common::{send, wait};

/// Three of a kind are told.
const THREE: &str = "[patterns]\nthreshold_count = 3\nsurge_count_min = 0\n";

fn slow(disk: usize) -> String {
    format!("<187>Nov 23 12:00:00 host-{} diskd: disk {disk} is slow", disk % 2)
}

impl Way {
    fn found(&self, query: &str, fits: impl Fn(&Value) -> bool) -> Value {
        wait::until("a pattern", || {
            let page = self.api.get(&format!("/patterns?{query}")).expect(200).json();
            let one = page["items"].as_array().expect("items").first().cloned();
            one.filter(&fits).ok_or_else(|| format!("{page:#}"))
        })
    }

    fn set(&self, id: &str, state: &Value) -> Answer {
        self.api.ask("PUT", &format!("/patterns/{id}/state"), &[], &state.to_string())
    }
}

fn told(receivers: &Receivers, id: &str, kind: &str, count: usize) -> String {
    let signature = format!("mutt::mutt/pattern::{id}");
    wait::until(&format!("Moogsoft to be told {count} times: {kind}"), || {
        let told = receivers.moogsoft.told();
        let found: Vec<_> =
            told.iter().filter(|one| one.signature == signature && one.kind == kind).collect();
        match found.last() {
            Some(last) if found.len() == count => Ok(last.description.clone()),
            _ => Err(format!("{told:?}")),
        }
    })
}

#[test]
fn a_pattern_is_told_ignored_and_told_again_when_it_is_open() {
    let receivers = Receivers::start();
    let mut way = Way::start_with("", &format!("{THREE}{}", receivers.destination()));
    let lines: Vec<String> = (0..5).map(slow).collect();
    send::lines(way.mutt.doors.tcp, &lines);
    let one = way.found("text=is%20SLOW&key=diskd&state=open", |one| one["count"] == 5);
    assert_eq!(one["template"], "disk <*> is slow");
    assert_eq!((&one["hosts"], &one["last_hour"]), (&json!(2), &json!(5)));
    let id = one["id"].as_str().expect("an id").to_owned();
    let description = told(&receivers, &id, "open", 1);
    assert!(description.contains("disk <*> is slow (3 messages within 24 h"), "{description}");

    let whole = way.api.get(&format!("/patterns/{id}")).expect(200).json();
    assert_eq!((&whole["pattern"], &whole["hosts"]["names"]["host-0"]), (&one, &json!(3)));
    let hours = whole["hours"].as_array().expect("hours").iter();
    assert_eq!(hours.filter_map(|hour| hour["count"].as_u64()).sum::<u64>(), 5);
    let sample = whole["samples"][0]["id"].as_str().expect("an id");
    let message = way.api.get(&format!("/messages/{sample}")).expect(200).json();
    assert_eq!(message["raw"], slow(0));

    assert_eq!(
        way.set(&id, &json!({ "state": "ignored" })).expect(422).json()["errors"][0]["path"],
        "reason"
    );
    let ignored = json!({ "state": "ignored", "reason": "a known bug" });
    let now = way.set(&id, &ignored).expect(200).json();
    assert_eq!((&now["state"], &now["reason"]), (&json!("ignored"), &json!("a known bug")));
    told(&receivers, &id, "clear", 1);
    let alerts = way.api.get("/alerts?rule=mutt/pattern").expect(200).json();
    assert_eq!(alerts["items"][0]["ended_since"], "settings ignores it: a known bug");
    send::lines(way.mutt.doors.tcp, &lines);
    way.found("state=ignored&host=HOST-1&sort=last_hour", |one| one["count"] == 10);
    assert_eq!(way.mutt.stop().code(), Some(0));
    way.mutt.start();
    way.found("state=ignored", |one| one["count"] == 10);
    way.set(&id, &json!({ "state": "open" })).expect(200);
    send::lines(way.mutt.doors.tcp, &lines[..1]);
    told(&receivers, &id, "open", 2);
    assert_eq!(way.mutt.metric("mutt_patterns", &[]), 1.0);
}

#[test]
fn a_proposed_rule_does_what_its_backtest_says() {
    let way = Way::start_with("", THREE);
    let lines: Vec<String> = (0..7).map(slow).collect();
    send::lines(way.mutt.doors.tcp, &lines);
    let one = way.found("sort=last_seen", |one| one["count"] == 7);
    let path = format!("/patterns/{}/rule", one["id"].as_str().expect("an id"));
    let wanted = json!({ "team": "storage", "id": "slow-disk" });
    let proposal = way.api.post(&path, &wanted).expect(200).json();
    assert_eq!((&proposal["faults"], &proposal["notes"]), (&json!([]), &json!([])));
    let rule = &proposal["rule"];
    assert_eq!(rule["when"]["app"]["equals"], "diskd");
    assert_eq!(rule["when"]["message"]["regex"], r"disk (?<disk>\d+) is slow");
    assert_eq!(rule["examples"].as_array().expect("examples").len(), 5);
    assert_eq!(way.api.get("/rules/slow-disk").status, 404, "nothing is saved");
    let backtest = proposal["backtest"]["id"].as_str().expect("a backtest");
    let view = wait::until("the backtest's end", || {
        let view = way.api.get(&format!("/backtests/{backtest}")).expect(200).json();
        if view["status"] == "running" { Err(view.to_string()) } else { Ok(view) }
    });
    assert_eq!(view["report"]["by_rule"]["of"]["slow-disk"]["gained"], 7, "{view:#}");

    way.api.put("/rules/slow-disk", rule).expect(200);
    send::lines(way.mutt.doors.tcp, &lines[..1]);
    wait::until("an alert of the rule", || {
        let page = way.api.get("/alerts?rule=slow-disk").expect(200).json();
        if page["items"][0]["team"] == "storage" { Ok(()) } else { Err(page.to_string()) }
    });
    assert_eq!(way.found("", |_| true)["count"], 7, "a rule wants it now");
    // Another one may not take its examples, and behind it owns none of its own.
    let before = json!({ "team": "storage", "priority": 1 });
    let faults = way.api.post(&path, &before).expect(200).json()["faults"].clone();
    assert_eq!(
        (&faults[0]["name"], &faults[0]["path"]),
        (&json!("slow-disk"), &json!("examples[0]"))
    );
    let behind = json!({ "team": "storage", "priority": 2_000 });
    let behind = way.api.post(&path, &behind).expect(200).json();
    assert_eq!((&behind["rule"]["examples"], &behind["faults"]), (&json!([]), &json!([])));
    assert!(behind["notes"][0].as_str().expect("a note").contains("slow-disk"), "{behind:#}");
}

#[test]
fn what_cannot_be_is_refused_and_a_viewer_only_reads() {
    let way = Way::start_with("", THREE);
    way.api.get("/patterns?sort=size").expect(400);
    way.api.get("/patterns?state=closed").expect(400);
    way.api.get("/patterns/nonsense").expect(404);
    let none = "00000000-0000-5000-8000-000000000000";
    way.api.get(&format!("/patterns/{none}")).expect(404);
    way.set(none, &json!({ "state": "handled" })).expect(404);
    way.set(none, &json!({ "state": "handled", "reason": "so" })).expect(422);
    send::lines(way.mutt.doors.tcp, &[slow(1)]);
    let one = way.found("", |_| true);
    let id = one["id"].as_str().expect("an id");
    let key = way.api.post("/keys", &json!({ "name": "v", "role": "viewer" })).expect(201).json();
    let viewer = Api::with(way.mutt.doors.api, key["key"].as_str().expect("a key"));
    assert_eq!(viewer.get("/patterns").expect(200).json()["mining"]["sampling"], false);
    let path = format!("/patterns/{id}");
    viewer.ask("PUT", &format!("{path}/state"), &[], r#"{"state":"handled"}"#).expect(403);
    viewer.post(&format!("{path}/rule"), &json!({})).expect(403);
    let hours = json!({ "hours": 0 });
    let refused = way.api.post(&format!("{path}/rule"), &hours).expect(422).json();
    assert_eq!(refused["errors"][0]["path"], "hours");
}

fn mutt(way: &Way, args: &[&str]) -> Output {
    let url = format!("http://{}", way.mutt.doors.api);
    let mut command = Mutt::command();
    command.args(args).env("MUTT_URL", url).env("MUTT_API_KEY", ADMIN_KEY);
    command.output().expect("mutt")
}

fn good(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn the_command_line_lists_decides_and_proposes() {
    let way = Way::start_with("", THREE);
    let lines: Vec<String> = (0..4).map(slow).collect();
    send::lines(way.mutt.doors.tcp, &lines);
    let one = way.found("", |one| one["count"] == 4);
    let id = one["id"].as_str().expect("an id");
    let list = good(&mutt(&way, &["patterns", "list", "--text", "slow"]));
    assert!(list.contains("diskd: disk <*> is slow") && list.contains("1 patterns"), "{list}");
    let shown = good(&mutt(&way, &["patterns", "show", id]));
    assert!(shown.contains("host-0 2, host-1 2") && shown.contains("disk 0 is slow"), "{shown}");
    let ignored = good(&mutt(&way, &["patterns", "ignore", id, "it is known"]));
    assert!(ignored.contains("ignored") && ignored.contains("[it is known]"), "{ignored}");
    assert!(good(&mutt(&way, &["patterns", "handle", id])).contains("handled"));
    assert!(good(&mutt(&way, &["patterns", "reopen", id])).contains("open"));
    let file = good(&mutt(&way, &["patterns", "rule", id, "--team", "storage"]));
    let path = way.folder.path().join("proposed.yaml");
    std::fs::write(&path, file).expect("a rule file");
    let path = path.to_str().expect("a path");
    let applied = mutt(&way, &["rules", "apply", path, "--keep"]);
    assert!(good(&applied).contains("1 added"), "{applied:?}");
}
