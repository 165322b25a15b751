//! Silences and maintenance windows: what they hide, who may set them, what is told at their end.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mutt_output::standin::Told;
use serde_json::{Value, json};

use super::rule;
use crate::common::api::{ADMIN_KEY, Api};
use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;
use crate::common::{config, folder, send, wait};

/// A MUTT with a Moogsoft.
struct Way {
    receivers: Receivers,
    mutt: Mutt,
    api: Api,
    _folder: tempfile::TempDir,
}

impl Way {
    fn start() -> Self {
        let folder = folder();
        let receivers = Receivers::start();
        let webhook = config::webhook("moogsoft", &receivers.moogsoft.webhook_url(), "");
        let mut mutt = Mutt::configured(folder.path(), "", &webhook);
        mutt.start();
        let api = mutt.api();
        let mut fan = rule("fan", "fan failed");
        fan["handling"] = "page_only".into();
        fan["clear"] = json!({ "message": { "contains": "fan is well" } });
        api.put("/rules/fan", &fan).expect(200);
        Self { receivers, mutt, api, _folder: folder }
    }

    fn say(&self, host: &str, what: &str) {
        send::lines(self.mutt.doors.tcp, &[format!("<187>Nov 23 12:00:00 {host} env: {what}")]);
    }

    /// Waits until Moogsoft was told of a host; answers all that it was told: host and kind.
    fn told(&self, host: &str) -> Vec<(String, String)> {
        let short = |told: Told| (told.source, told.kind);
        wait::until(&format!("{host} at Moogsoft"), || {
            let told: Vec<_> = self.receivers.moogsoft.told().into_iter().map(short).collect();
            if told.iter().any(|(source, _)| source == host) {
                Ok(told)
            } else {
                Err("not yet".to_owned())
            }
        })
    }

    fn key(&self, role: &str) -> Api {
        let made = self.api.post("/keys", &json!({ "name": role, "role": role })).expect(201);
        Api::with(self.mutt.doors.api, made.json()["key"].as_str().expect("a key"))
    }

    fn run(&self, args: &[&str]) -> (bool, String) {
        let url = format!("http://{}", self.mutt.doors.api);
        let mut command = Mutt::command();
        command.args(args).env("MUTT_URL", url).env("MUTT_API_KEY", ADMIN_KEY);
        let output = command.output().expect("mutt");
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    }
}

fn silence(host: &str, lasts: Duration) -> Value {
    let now = Timestamp::now();
    let end = now + SignedDuration::try_from(lasts).expect("a short time");
    json!({
        "name": "lab", "reason": "a new switch", "start": now.to_string(), "end": end.to_string(),
        "matchers": [{ "field": "host", "operator": "glob", "value": host }],
    })
}

fn pair(host: &str, kind: &str) -> (String, String) {
    (host.to_owned(), kind.to_owned())
}

#[test]
fn a_silenced_alert_is_not_told_and_if_it_outlives_the_silence_it_is_told_at_its_end() {
    let way = Way::start();
    let operator = way.key("operator");
    operator.put("/silences/lab", &silence("lab-*", Duration::from_secs(10))).expect(200);
    let shown = way.api.get("/silences/lab").expect(200).json();
    assert_eq!(
        (&shown["now"]["active"], &shown["silence"]["owner"]),
        (&true.into(), &"operator".into())
    );
    assert!(
        shown["now"]["ends_in_seconds"].as_u64().is_some_and(|seconds| seconds <= 10),
        "{shown}"
    );
    way.say("lab-1", "fan failed");
    way.say("lab-2", "fan failed");
    way.say("lab-2", "fan is well");
    way.say("core", "fan failed");
    assert_eq!(way.told("core"), [pair("core", "open")]);
    assert_eq!(way.told("lab-1"), [pair("core", "open"), pair("lab-1", "open")]);
    let over = way.api.get("/silences").expect(200).json();
    assert_eq!(over["items"][0]["now"]["active"], false, "it stays listed: {over}");
}

#[test]
fn a_silence_that_is_taken_away_tells_at_once_what_it_hid() {
    let way = Way::start();
    way.api.put("/silences/lab", &silence("lab-*", Duration::from_secs(3_600))).expect(200);
    way.say("lab-1", "fan failed");
    way.say("core", "fan failed");
    assert_eq!(way.told("core"), [pair("core", "open")]);
    way.api.ask("DELETE", "/silences/lab", &["If-Match: *"], "").expect(200);
    assert_eq!(way.told("lab-1").len(), 2);
}

#[test]
fn a_broad_silence_needs_an_admin_and_a_viewer_sets_none() {
    let way = Way::start();
    let (viewer, operator) = (way.key("viewer"), way.key("operator"));
    let hour = Duration::from_secs(3_600);
    assert_eq!(viewer.put("/silences/lab", &silence("lab-*", hour)).status, 403);
    let refused = operator.put("/silences/lab", &silence("*", hour)).expect(403).json();
    assert!(refused["detail"].as_str().is_some_and(|why| why.contains("fits everything")));
    let refused = operator.put("/silences/lab", &silence("lab-*", 25 * hour)).expect(403).json();
    assert!(refused["detail"].as_str().is_some_and(|why| why.contains("silence_hours_max")));
    way.api.put("/silences/lab", &silence("*", hour)).expect(200);
    let mut bad = silence("lab-*", hour);
    bad["matchers"] = json!([]);
    bad["end"] = bad["start"].clone();
    let faults = way.api.put("/silences/lab", &bad).expect(422).json();
    assert_eq!(faults["errors"].as_array().map(Vec::len), Some(2), "{faults}");
}

#[test]
fn a_preview_says_what_it_would_have_hidden() {
    let way = Way::start();
    for host in ["lab-1", "lab-2", "core"] {
        way.say(host, "fan failed");
        way.told(host);
    }
    way.say("lab-2", "fan is well");
    let hour = Duration::from_secs(3_600);
    let preview = wait::until("the clear", || {
        let preview = way.api.post("/silences/preview", &silence("lab-*", hour)).expect(200).json();
        if preview["open_alerts"] == 1 { Ok(preview) } else { Err(preview.to_string()) }
    });
    assert_eq!((&preview["alerts"], &preview["notices"]), (&2.into(), &3.into()), "{preview}");
    assert_eq!(preview["rules"], json!([{ "name": "fan", "alerts": 2, "notices": 3 }]));
    assert_eq!(preview["hosts"][0]["name"], "lab-2", "the one with more notices");
    assert_eq!(preview["samples"].as_array().map(Vec::len), Some(2));
    assert_eq!((&preview["truncated"], &preview["broad"]), (&false.into(), &json!([])));
    assert_eq!(way.api.get("/silences").expect(200).json()["items"], json!([]));
}

#[test]
fn a_maintenance_window_hides_while_it_lasts() {
    let way = Way::start();
    let start = Timestamp::now() - SignedDuration::from_mins(10);
    let start = start.to_string()[..16].to_owned();
    let window = json!({
        "name": "patches", "reason": "patches", "start": start, "zone": "UTC",
        "duration_minutes": 60, "rule": "FREQ=DAILY",
        "matchers": [{ "field": "host", "value": "lab-1" }],
    });
    way.api.post("/maintenance/preview", &window).expect(200);
    way.api.put("/maintenance/patches", &window).expect(200);
    let shown = way.api.get("/maintenance").expect(200).json();
    assert_eq!(shown["items"][0]["now"]["active"], true, "{shown}");
    way.say("lab-1", "fan failed");
    way.say("core", "fan failed");
    assert_eq!(way.told("core"), [pair("core", "open")]);
    let (good, text) = way.run(&["maintenance", "end", "patches"]);
    assert!(good && text.contains("- maintenance patches"), "{text}");
    assert_eq!(way.told("lab-1").len(), 2);
    let mut bad = window;
    bad["rule"] = "FREQ=SECONDLY".into();
    bad["zone"] = "Mars/Olympus".into();
    let faults = way.api.put("/maintenance/patches", &bad).expect(422).json();
    assert_eq!(faults["errors"].as_array().map(Vec::len), Some(2), "{faults}");
}

#[test]
fn silences_are_added_listed_and_ended_from_the_command_line() {
    let way = Way::start();
    let what = ["lab", "--match", "host=lab-*", "--reason", "a new switch", "--for", "2h"];
    let with = |verb| way.run(&[&["silence", verb][..], &what].concat());
    let (good, text) = with("preview");
    assert!(good && text.contains("0 alerts with 0 notices"), "{text}");
    let (good, text) = with("add");
    assert!(good && text.contains("+ silence lab"), "{text}");
    let (good, text) = with("add");
    assert!(!good && text.contains("is there already"), "{text}");
    let (_, text) = way.run(&["silence", "list"]);
    assert!(text.contains("lab  holds, ends in 1h") && text.contains("host=lab-*"), "{text}");
    let (good, text) = way.run(&["silence", "end", "lab"]);
    assert!(good && text.contains("- silence lab"), "{text}");
    let window = ["w", "--match", "site=fra1", "--reason", "patches", "--for", "90m"];
    let times = ["--start", "2099-01-04T22:00", "--rule", "FREQ=WEEKLY;BYDAY=SU"];
    let (good, text) = way.run(&[&["maintenance", "add"][..], &window, &times].concat());
    assert!(good && text.contains("+ maintenance w"), "{text}");
    let (_, text) = way.run(&["maintenance", "list"]);
    assert!(text.contains("w  begins in") && text.contains("site=fra1"), "{text}");
}
