//! The configuration and the rules of a running MUTT: overrides, partitions, changes of rules.

use std::time::{Duration, Instant};

use mutt_output::standin::{Door, Told};
use mutt_store::Kind;
use serde_json::json;

use crate::common::mutt::{Mutt, get};
use crate::common::receivers::Receivers;
use crate::common::{database, folder, send, wait};

fn rule(id: &str, word: &str) -> String {
    format!(
        "[[rules]]\nid = \"{id}\"\npriority = 10\nteam = \"net\"\nhandling = \"ticket_only\"\n\
         when.message.contains = \"{word}\"\n\n"
    )
}

struct Way {
    receivers: Receivers,
    mutt: Mutt,
    folder: tempfile::TempDir,
}

impl Way {
    fn start(rules: &str) -> Self {
        let folder = folder();
        let receivers = Receivers::start();
        let mut mutt = Mutt::configured(folder.path(), rules, &receivers.config(Door::Tcp));
        mutt.start();
        Self { receivers, mutt, folder }
    }

    fn put_rules(&self, text: &str) {
        self.mutt.api().put_rules(text).expect(200);
    }

    fn send(&self, host: &str, text: &str) {
        let line = format!("<187>Nov 23 12:00:00 {host} app: {text}");
        send::lines(self.mutt.doors.tcp, &[line]);
    }

    fn told(&self, signature: &str) -> Told {
        wait::until(&format!("{signature} at Moogsoft"), || {
            let told = self.receivers.moogsoft.told();
            let found = told.iter().rfind(|told| told.signature == signature);
            found.cloned().ok_or_else(|| format!("{told:?}"))
        })
    }

    fn wait_metric(&self, name: &str, value: f64) {
        wait::until(&format!("{name} to be {value}"), || {
            let found = self.mutt.metric(name, &[]);
            if found == value { Ok(()) } else { Err(found.to_string()) }
        });
    }
}

#[test]
fn a_journal_with_another_number_of_partitions_is_refused_with_the_way_out() {
    let mut way = Way::start("");
    way.send("core-1", "one message");
    way.receivers.archived(Door::Tcp, 1);
    assert!(way.mutt.stop().success());
    way.mutt.start_with(Mutt::command().env("MUTT_JOURNAL__PARTITIONS", "8"));
    let status = wait::until("MUTT to end", || {
        way.mutt.process().ended().ok_or_else(|| "running".to_owned())
    });
    assert_eq!(status.code(), Some(1));
    let said = way.mutt.process().output();
    for words in ["made with 16 partitions", "says 8", "set partitions back to 16", "drain"] {
        assert!(said.contains(words), "`{words}` is not in: {said}");
    }
    // Set back, it goes on where it was.
    way.mutt.start();
    way.send("core-1", "another message");
    let archived = way.receivers.archived(Door::Tcp, 2);
    assert!(archived[1].ends_with(b"another message"));
    assert_eq!(way.mutt.metric("mutt_ledger_stored_messages_total", &[]), 2.0);
}

#[test]
fn the_environment_overrides_the_file_in_the_running_process() {
    let folder = folder();
    let receivers = Receivers::start();
    let more = format!("input.syslog_tcp.message_bytes_max = 600\n{}", receivers.config(Door::Tcp));
    let mut mutt = Mutt::configured(folder.path(), &rule("alarm", "alarm"), &more);
    mutt.start_with(Mutt::command().envs([
        ("MUTT_INPUT__SYSLOG_TCP__MESSAGE_BYTES_MAX", "500"),
        ("MUTT_HOSTS__ALIASES", "10.0.0.1=core-1"),
        ("MUTT_DESTINATION__0__AGENT_LOCATION", "Hall 7"),
    ]));
    mutt.wait_ready();
    let line = format!("<187>Nov 23 12:00:00 10.0.0.1 app: alarm {}", "x".repeat(1_000));
    send::lines(mutt.doors.tcp, &[line]);
    assert_eq!(receivers.archived(Door::Tcp, 1)[0].len(), 500, "the environment wins");
    wait::until_true("the alert", || receivers.moogsoft.told_count() == 1);
    let told = &receivers.moogsoft.told()[0];
    assert_eq!(told.signature, "core-1::alarm", "a setting that the file has not");
    assert_eq!(told.event["agent_location"], "Hall 7", "a setting in a list of the file");
}

#[test]
fn changed_rules_are_in_force_within_two_seconds() {
    const PROMISED: Duration = Duration::from_secs(2);
    let mut way = Way::start(&rule("first", "alarm-first"));
    let pid = way.mutt.process().pid();
    assert_eq!(way.mutt.metric("mutt_rules", &[]), 1.0);
    let mut rules = rule("first", "alarm-first");
    let mut took = Vec::new();
    // The machine may be busy with something else for once, but not always.
    for round in 0..5 {
        rules += &rule(&format!("more-{round}"), &format!("alarm-more-{round}"));
        let start = Instant::now();
        way.put_rules(&rules);
        way.wait_metric("mutt_rules", f64::from(round + 2));
        took.push(start.elapsed());
        if took[round as usize] < PROMISED {
            break;
        }
    }
    assert!(took.iter().any(|took| *took < PROMISED), "{took:?}");
    way.send("core-1", "alarm-more-0");
    way.told("core-1::more-0");
    way.send("core-1", "alarm-first");
    way.told("core-1::first");
    way.put_rules(&rule("first", "alarm-changed"));
    way.wait_metric("mutt_rules", 1.0);
    way.send("core-2", "alarm-first");
    way.send("core-3", "alarm-changed");
    way.told("core-3::first");
    let told = way.receivers.moogsoft.told();
    assert!(told.iter().all(|told| told.source != "core-2"), "the old rule is gone: {told:?}");
    assert_eq!(way.mutt.process().pid(), pid);
    assert!(way.mutt.process().ended().is_none(), "the same process all the time");
}

#[test]
fn a_bad_set_is_refused_when_it_is_saved_and_changes_nothing() {
    let way = Way::start(&rule("good", "alarm-good"));
    let before = way.mutt.api().get("/status").expect(200).json();
    let bad =
        format!("{}[[rules]]\nid = \"bad\"\npriority = \"high\"\n", rule("other", "alarm-other"));
    let refused = way.mutt.api().put_rules(&bad).expect(422).json();
    let faults = refused["errors"].as_array().expect("faults");
    let priority = faults.iter().find(|fault| fault["path"] == "priority").expect("the place");
    assert_eq!((&priority["name"], &priority["line"]), (&json!("bad"), &json!(10)), "{refused:#}");
    assert_eq!(way.mutt.api().get("/status").expect(200).json(), before);
    way.send("core-1", "alarm-good");
    way.told("core-1::good");
}

#[test]
fn a_bad_revision_of_another_program_is_refused_and_the_last_good_one_goes_on() {
    let way = Way::start(&rule("good", "alarm-good"));
    let folder = way.folder.path();
    database::write_item(folder, Kind::Rule, "bad", Some(r#"{"id":"bad","priority":"high"}"#));
    way.wait_metric("mutt_rule_set_refused", 1.0);
    let own = way.told("mutt::mutt/rules-refused");
    assert!(own.description.contains("rule `bad`: priority"), "{}", own.description);
    let (status, ready) = get(way.mutt.doors.admin, "/readyz?verbose").expect("/readyz");
    assert_eq!(status, 200, "{ready}");
    assert!(ready.contains("[~]rules degraded: revision 2"), "{ready}");
    let status = way.mutt.api().get("/status").expect(200).json();
    assert_eq!(status["revision"], 2);
    assert_eq!(status["in_force"]["revision"], 1);
    assert_eq!(status["refused"]["faults"][0]["name"], "bad", "{status:#}");
    way.send("core-1", "alarm-good");
    way.told("core-1::good");
    // Whoever mends it needs no other way than the API.
    way.put_rules(&(rule("good", "alarm-good") + &rule("other", "alarm-other")));
    way.wait_metric("mutt_rule_set_refused", 0.0);
    way.send("core-1", "alarm-other");
    way.told("core-1::other");
    wait::until_true("the operator to be told that it is over", || {
        let open = way.receivers.moogsoft.open();
        !open.contains_key("mutt::mutt/rules-refused")
    });
}

#[test]
fn a_start_on_a_bad_revision_takes_the_last_good_one() {
    let mut way = Way::start(&rule("good", "alarm-good"));
    assert!(way.mutt.stop().success());
    database::write_item(way.folder.path(), Kind::Rule, "bad", Some("{}"));
    way.mutt.start();
    assert_eq!(way.mutt.metric("mutt_rule_set_refused", &[]), 1.0);
    assert_eq!(way.mutt.metric("mutt_rule_set_revision", &[]), 1.0);
    way.send("core-1", "alarm-good");
    way.told("core-1::good");
    way.told("mutt::mutt/rules-refused");
}

#[test]
fn observing_is_switched_on_and_off_at_run_time() {
    let way = Way::start(&rule("first", "alarm"));
    let observe = |on: bool| {
        way.mutt.api().put("/settings/observe", &json!({ "value": on })).expect(200);
        let status = way.mutt.api().get("/status").expect(200).json();
        assert_eq!(status["in_force"]["observe"], on);
    };
    observe(true);
    way.send("core-1", "alarm");
    wait::until_true("an alert that nobody is told of", || {
        database::open_alerts(way.folder.path()).len() == 1
    });
    observe(false);
    way.send("core-2", "alarm");
    way.told("core-2::first");
    let told = way.receivers.moogsoft.told();
    assert!(told.iter().all(|told| told.source != "core-1"), "{told:?}");
}
