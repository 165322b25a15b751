//! An explanation tells who won, who lost, what was near, and from where the rest is known.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use common::{event, set};
use mutt_rules::{
    Environment, Environments, Explanation, Inventory, InventoryEntry, Mode, RuleSet,
};

const RULES: &str = r#"
[[rules]]
id = "label"
priority = 1
continue = true
when.message.contains = "interface"
labels = { seen = "yes" }

[[rules]]
id = "trial"
priority = 2
mode = "shadow"
handling = "log_only"
when.message.contains = "to down"

[[rules]]
id = "elsewhere"
priority = 3
handling = "log_only"
when.mnemonic.equals = "LINK-3-UPDOWN"
when.host.equals = "core-rtr-02"
when.not.app.equals = "bgpd"

[[rules]]
id = "down"
priority = 10
team = "net"
handling = { prod = "page_only", dev = "log_only" }
when.message.regex = 'Interface (?<ifname>\S+), changed state to down'
key = "{captures.ifname}"

[[rules]]
id = "any-link"
priority = 20
handling = "suppress"
when.mnemonic.starts_with = "LINK-"

[[rules]]
id = "up"
priority = 30
handling = "log_only"
when.app.equals = "nothing of that"
clear.message.contains = "changed state"

[[rules]]
id = "far"
priority = 40
handling = "log_only"
when.app.equals = "sshd"
when.message.contains = "accepted"
"#;

const LINE: &str = "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down";

fn explained(set: &RuleSet) -> Explanation {
    let entries = vec![InventoryEntry {
        host: "core-*".into(),
        environment: Some(Environment::Dev),
        team: Some("core team".into()),
        labels: [("rack".to_owned(), "7".to_owned())].into(),
        ..InventoryEntry::default()
    }];
    let inventory = Inventory::new(entries, Environments::default()).unwrap();
    let event = event(LINE);
    set.explain(&event, inventory.locate(event.host, None))
}

#[test]
fn it_tells_who_won_and_who_lost() {
    let told = explained(&set(RULES));
    let owner = told.owner.unwrap();
    assert_eq!((owner.rule.as_str(), owner.key.as_str(), owner.priority), ("down", "Gi0/1", 10));
    assert_eq!(owner.labels["seen"], "yes");
    assert!(owner.reason.contains("changed state to down"), "{}", owner.reason);
    let ids = |found: &[mutt_rules::Matched]| {
        found.iter().map(|found| found.rule.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&told.lost), ["any-link"]);
    assert_eq!(ids(&told.clears), ["up"]);
    assert_eq!(ids(&told.continues), ["label"]);
    assert_eq!(ids(&told.shadows), ["trial"]);
}

#[test]
fn it_tells_from_where_things_are_known() {
    let told = explained(&set(RULES));
    let from = "the host matches the inventory's pattern \"core-*\"";
    assert_eq!((told.environment, told.environment_from.as_str()), (Environment::Dev, from));
    let team = told.team.unwrap();
    assert_eq!((team.value.as_str(), team.from.as_str()), ("core team", from));
    assert_eq!(told.labels["rack"].value, "7");
    assert_eq!(told.site, None);
}

#[test]
fn near_misses_come_with_the_tests_that_failed() {
    let told = explained(&set(RULES));
    let ids: Vec<&str> = told.near.iter().map(|near| near.rule.as_str()).collect();
    assert_eq!(ids, ["elsewhere"], "{:#?}", told.near);
    let near = &told.near[0];
    assert_eq!((near.held, near.tests, near.mode), (1, 3, Mode::Live));
    let failed: Vec<_> = near
        .failed
        .iter()
        .map(|failed| (failed.path.as_str(), failed.test.as_str(), failed.actual.as_deref()))
        .collect();
    assert_eq!(
        failed,
        [
            ("when.host.equals", "host is \"core-rtr-02\"", Some("core-rtr-01")),
            ("when.not.app.equals", "not (app is \"bgpd\")", Some("bgpd")),
        ]
    );
}

#[test]
fn at_most_five_near_misses_and_the_nearest_first() {
    let rule = |n: usize| {
        let tests: String = (0..n).map(|i| format!("{{ procid.at_least = {i} }},")).collect();
        format!(
            "[[rules]]\nid = \"r{n}\"\npriority = {n}\nhandling = \"log_only\"\nwhen.all = [{{ mnemonic.equals = \"LINK-3-UPDOWN\" }}, {tests}]\n"
        )
    };
    let text: String = (1..9).rev().map(rule).collect();
    let told = explained(&set(&text));
    let ids: Vec<&str> = told.near.iter().map(|near| near.rule.as_str()).collect();
    assert_eq!(ids, ["r1", "r2", "r3", "r4", "r5"]);
    assert_eq!(told.near[0].failed[0].actual, None, "the event has no procid");
}

#[test]
fn it_is_json() {
    let told = explained(&set(RULES));
    let json = serde_json::to_string(&told).unwrap();
    assert_eq!(serde_json::from_str::<Explanation>(&json).unwrap(), told);
}

#[test]
fn it_tells_how_events_become_alerts() {
    let text = r#"
[[rules]]
id = "first"
priority = 1
handling = "log_only"
when.message.contains = "changed state"
clear.message.contains = "all is well"
across_hosts = true
count = { at_least = 5, within = "2m", distinct = "{host}" }
hold_for = "5m"
early_clear = "5s"
flapping = true
suppressed_by = [{ rule = "then", same = "upstream" }, { rule = "then", same = "labels.rack" }]
reopen_within = "0s"
storm_per_minute = 10

[[rules]]
id = "then"
priority = 2
handling = "log_only"
when.message.contains = "changed state"
sequence = { within = "1m", then.message.contains = "to down", with.app.equals = "x" }
reopen_within = "10m"

[[rules]]
id = "absent"
priority = 3
handling = "log_only"
when.message.contains = "changed state"
absent = { for = "10m", between = { from = "02:00", to = "03:30", zone = "UTC", days = ["mon", "sun"] }, expect = { hosts = ["a", "b"], inventory.site = "x" } }

[[rules]]
id = "plain"
priority = 4
handling = "log_only"
when.message.contains = "changed state"
"#;
    let told = explained(&set(text));
    let owner = told.owner.unwrap().correlation;
    let expected = [
        "one alert for each key over all hosts",
        "told once at least 5 events with different {host} come within 2m",
        "told only if not cleared within 5m",
        "ended too by a clear that comes at most 5s before its problem",
        "told once as flapping while it comes and goes: above 5 of its begins and ends, until \
         below 2, halved every 5m",
        "quiet while an alert of rule then is open for its upstream",
        "quiet while an alert of rule then with the same labels.rack is open",
        "an ended alert is never opened again",
        "at most 10 alerts a minute are told one by one",
    ];
    assert_eq!(owner, expected);
    let lost: Vec<Vec<String>> = told.lost.into_iter().map(|lost| lost.correlation).collect();
    assert_eq!(
        lost,
        [
            vec![
                "told once `then` follows within 1m and `with` comes between".to_owned(),
                "an ended alert that is back within 10m is opened again".to_owned(),
            ],
            vec![
                "told if nothing comes for 10m between 02:00 and 03:30 in UTC on mon, sun; \
                 expected from the start: 2 hosts, all hosts of site x"
                    .to_owned()
            ],
            Vec::new(),
        ]
    );
    let stages: Vec<&str> = told.stages.iter().map(|stage| stage.rule.as_str()).collect();
    assert_eq!(stages, ["then"]);
    assert!(told.stages[0].reason.starts_with("sequence.then of rule then"));
}
