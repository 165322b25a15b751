//! The configuration and the rules of a running MUTT: overrides, partitions, changes of rules.

use std::fs;
use std::time::{Duration, Instant};

use mutt_output::standin::{Door, Told};

use crate::common::mutt::{Mutt, get};
use crate::common::receivers::Receivers;
use crate::common::{folder, send, wait};

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

    fn write_rules(&self, text: &str) {
        fs::write(self.folder.path().join("rules.toml"), text).expect("rules");
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
        way.write_rules(&rules);
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
    way.write_rules(&rule("first", "alarm-changed"));
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
fn a_bad_set_is_refused_and_the_last_good_one_goes_on() {
    let good = rule("good", "alarm-good");
    let way = Way::start(&good);
    let bad =
        format!("{}[[rules]]\nid = \"bad\"\npriority = \"high\"\n", rule("other", "alarm-other"));
    way.write_rules(&bad);
    way.wait_metric("mutt_rule_set_refused", 1.0);
    let own = way.told("mutt::mutt/rules-refused");
    assert!(
        own.description.contains("rules.toml:10: rule `bad`"),
        "file and line: {}",
        own.description
    );
    let (status, ready) = get(way.mutt.doors.admin, "/readyz?verbose").expect("/readyz");
    assert_eq!(status, 200, "{ready}");
    assert!(ready.contains("[~]rules degraded: "), "{ready}");
    way.send("core-1", "alarm-other");
    way.send("core-1", "alarm-good");
    way.told("core-1::good");
    let told = way.receivers.moogsoft.told();
    assert!(told.iter().all(|told| !told.signature.contains("::other")), "{told:?}");
    way.write_rules(&(good + &rule("other", "alarm-other")));
    way.wait_metric("mutt_rule_set_refused", 0.0);
    way.send("core-1", "alarm-other");
    way.told("core-1::other");
    wait::until_true("the operator to be told that it is over", || {
        let open = way.receivers.moogsoft.open();
        !open.contains_key("mutt::mutt/rules-refused")
    });
}
