//! Rules over several events: how they are written, and what their verdicts carry.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use std::time::Duration;

use common::{event, judge, lines, set};
use mutt_event::{Parser, ParserConfig};
use mutt_rules::{
    Absent, Between, Count, Environment, Environments, Expected, Flapping, Format, Handling,
    Inventory, InventoryEntry, Links, Parent, Rule, RuleSet, Same, Scratch, Stage, parse_rules,
};

const MINUTE: Duration = Duration::from_secs(60);

/// A rule with a clear and these lines.
fn rule(lines: &str) -> String {
    format!(
        "[[rules]]\nid = 'r'\npriority = 1\nhandling = 'log_only'\nwhen.message.contains = 'down'\n{lines}\n"
    )
}

fn read(more: &str) -> Rule {
    let read = parse_rules(&rule(more), Format::Toml);
    read.unwrap_or_else(|faults| panic!("{}", lines(&faults))).remove(0)
}

#[test]
fn counts_and_times_are_read() {
    let rule = read("count = { at_least = 5, within = '2m', distinct = '{host}' }");
    let count = Count { at_least: 5, within: 2 * MINUTE, distinct: "{host}".into() };
    assert_eq!(rule.count, Some(count));
    let rule = read(
        "clear.message.contains = 'up'\nhold_for = '5m'\nearly_clear = '5s'\nreopen_within = '0s'\n\
         across_hosts = true\nstorm_per_minute = 10",
    );
    assert_eq!(rule.hold_for, Some(5 * MINUTE));
    assert_eq!(rule.early_clear, Some(Duration::from_secs(5)));
    assert_eq!((rule.reopen_within, rule.storm_per_minute), (Some(Duration::ZERO), Some(10)));
    assert!(rule.across_hosts);
}

#[test]
fn absence_is_read() {
    let rule = read(
        "absent = { for = '10m', between = { from = '22:00', to = '03:30', zone = 'Europe/Berlin', days = ['tue', 'mon', 'tue'] }, \
         expect = { hosts = ['r1'], inventory = { site = 'fra1', 'labels.role' = 'edge', labels.rack = '7' } } }",
    );
    let between =
        Between { from: 22 * 60, to: 3 * 60 + 30, zone: "Europe/Berlin".into(), days: vec![1, 2] };
    let known = [("site", "fra1"), ("labels.role", "edge"), ("labels.rack", "7")];
    let expect = Expected {
        hosts: vec!["r1".into()],
        inventory: known.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        keys: Vec::new(),
    };
    let absent = Absent { after: Some(10 * MINUTE), between: Some(between), expect };
    assert_eq!(rule.absent, Some(absent));
}

#[test]
fn flapping_and_parents_are_read() {
    let clear = "clear.message.contains = 'up'";
    let flapping = |text: &str| read(&format!("{clear}\nflapping = {text}")).flapping;
    let usual = Flapping {
        suppress_above: 5,
        release_below: 2,
        half_life: 5 * MINUTE,
        object: String::new(),
    };
    assert_eq!(flapping("true"), Some(usual.clone()));
    assert_eq!(flapping("false"), None);
    let other = Flapping { suppress_above: 9, object: "{host}".into(), ..usual };
    assert_eq!(flapping("{ suppress_above = 9, object = '{host}' }"), Some(other));
    let sames = ["host", "site", "upstream", "labels.rack"];
    let text: String =
        sames.iter().map(|same| format!("{{ rule = 'p', same = '{same}' }},")).collect();
    let parents = read(&format!("suppressed_by = [{text}]")).suppressed_by;
    let expected = [Same::Host, Same::Site, Same::Upstream, Same::Label("rack".into())]
        .map(|same| Parent { rule: "p".into(), same });
    assert_eq!(parents, expected);
    assert_eq!(sames, [0, 1, 2, 3].map(|index: usize| parents[index].same.to_string()));
}

const SEQUENCE: &str = "when.message.regex = 'port (?<p>\\d+)'\nkey = '{captures.p}'\n\
    summary = '{captures.p} by {app}'\n\
    sequence = { within = '5m', then.message.regex = 'port (?<p>\\d+) gone', \
    with.message.regex = 'fan on (?<p>\\d+)', without.message.regex = '(?<p>\\d+) is well' }";

/// A rule with a sequence that stands in this mode.
fn sequence(mode: &str) -> RuleSet {
    set(&format!(
        "[[rules]]\nid = 's'\npriority = 9\nhandling = 'log_only'\nmode = '{mode}'\n{SEQUENCE}\n\
         [[rules]]\nid = 'first'\npriority = 1\nhandling = 'log_only'\nwhen.message.contains = 'fan'"
    ))
}

#[test]
fn stages_are_told_whoever_owns_the_event() {
    let set = sequence("live");
    let stages = |text: &str| -> Vec<(Stage, String)> {
        let verdict = judge(&set, &event(text));
        verdict.stages.into_iter().map(|(stage, found)| (stage, found.key)).collect()
    };
    assert_eq!(stages("port 7 is up"), []);
    assert_eq!(stages("fan on 7"), [(Stage::With, "7".to_owned())]);
    let all = [(Stage::With, "1"), (Stage::Without, "2"), (Stage::Then, "3")];
    assert_eq!(
        stages("fan on 1, 2 is well, port 3 gone"),
        all.map(|(stage, key)| (stage, key.to_owned()))
    );
    let verdict = judge(&set, &event("fan on 7"));
    assert_eq!(verdict.owner.unwrap().rule_id, "first");
    let (_, with) = &verdict.stages[0];
    assert!(with.reason.starts_with("sequence.with of rule s (revision "), "{}", with.reason);
    assert_eq!(with.summary, "7 by bgpd");
    // The same event may begin the sequence anew and be what follows.
    let verdict = judge(&set, &event("port 7 gone"));
    assert_eq!((verdict.owner.unwrap().key, verdict.stages.len()), ("7".to_owned(), 1));
}

#[test]
fn only_a_live_rule_tells_stages() {
    for mode in ["shadow", "off"] {
        let verdict = judge(&sequence(mode), &event("3 is well"));
        assert!(verdict.stages.is_empty() && verdict.is_nothing());
        assert_eq!(verdict.shadow_stages.len(), usize::from(mode == "shadow"));
    }
    assert!(!judge(&sequence("live"), &event("3 is well")).is_nothing());
}

#[test]
fn a_clear_is_never_the_problem_and_may_be_a_stage() {
    let text = "[[rules]]\nid = 'r'\npriority = 1\nhandling = 'log_only'\nwhen.message.contains = 'port'\n\
        clear.message.contains = 'port up'\nsequence = { within = '1m', then.message.contains = 'port' }";
    let verdict = judge(&set(text), &event("port up"));
    assert!(verdict.owner.is_none());
    assert_eq!((verdict.clears.len(), verdict.stages.len()), (1, 1));
}

#[test]
fn what_is_counted_and_what_flaps_is_rendered() {
    let text = "[[rules]]\nid = 'r'\npriority = 1\nhandling = 'log_only'\n\
        when.message.regex = 'user (?<u>\\w+)'\nclear.message.contains = 'well'\n\
        count = { at_least = 2, within = '1m', distinct = '{captures.u}' }\n\
        flapping.object = '{host}:{app}'";
    let set = set(text);
    let owner = judge(&set, &event("user eve")).owner.unwrap();
    assert_eq!(owner.distinct.as_deref(), Some("eve"));
    assert_eq!(owner.object.as_deref(), Some("core-rtr-01:bgpd"));
    let long = format!("user {}", "x".repeat(2_000));
    let cut = judge(&set, &event(&long)).owner.unwrap().distinct.unwrap();
    assert!(cut.len() <= 256 && cut.contains('~'), "{cut}");
    let plain = judge(&sequence("live"), &event("port 7")).owner.unwrap();
    assert_eq!((plain.distinct, plain.object), (None, None));
}

const FAMILY: &str = r#"
[[rules]]
id = "power"
priority = 1
handling = "log_only"
when.message.contains = "power lost"

[[rules]]
id = "unreachable"
priority = 2
handling = "log_only"
when.message.contains = "unreachable"
suppressed_by = [{ rule = "power", same = "site" }, { rule = "power", same = "labels.rack" }]

[[rules]]
id = "port"
priority = 3
handling = "log_only"
when.message.contains = "port"
clear.message.contains = "port up"
suppressed_by = [{ rule = "unreachable", same = "upstream" }, { rule = "unreachable", same = "host" }]

[[rules]]
id = "trial"
priority = 4
mode = "shadow"
handling = "log_only"
when.message.contains = "port"
suppressed_by = [{ rule = "power", same = "host" }]
"#;

fn entry(host: &str, site: Option<&str>, labels: &[(&str, &str)]) -> InventoryEntry {
    let label = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    InventoryEntry {
        host: host.to_owned(),
        site: site.map(str::to_owned),
        labels: labels.iter().map(label).collect(),
        ..InventoryEntry::default()
    }
}

#[test]
fn links_join_parents_and_children() {
    let set = set(FAMILY);
    let entries =
        vec![entry("core-*", Some("fra1"), &[("upstream", "Agg-1.")]), entry("agg-1", None, &[])];
    let inventory = Inventory::new(entries, Environments::default()).unwrap();
    let verdict = |host, text| {
        let mut event = event(text);
        event.host = host;
        set.judge(&event, inventory.locate(host, None), &mut Scratch::default())
    };
    let links = |child_of: &[&str], parent_as: &[&str]| Links {
        child_of: child_of.iter().map(|key| (*key).to_owned()).collect(),
        parent_as: parent_as.iter().map(|key| (*key).to_owned()).collect(),
    };
    let of = |host, text| verdict(host, text).owner.unwrap().links;
    // A label that the inventory does not know makes no key.
    assert_eq!(of("core-1", "power lost"), links(&[], &["power site=fra1"]));
    assert_eq!(
        of("core-1", "unreachable"),
        links(&["power site=fra1"], &["unreachable host=core-1"])
    );
    let child = ["unreachable host=agg-1", "unreachable host=core-1"];
    assert_eq!(of("core-1", "port down"), links(&child, &[]));
    assert_eq!(of("agg-1", "unreachable"), links(&[], &["unreachable host=agg-1"]));
    assert_eq!(of("agg-1", "port down"), links(&["unreachable host=agg-1"], &[]));
    let verdict = verdict("core-1", "port up, port down");
    assert!(verdict.clears[0].links.is_empty());
    // A shadow rule knows its parent, but a live parent does not know it.
    assert_eq!(verdict.shadows[0].links, links(&["power host=core-1"], &[]));
}

#[test]
fn plans_are_those_of_live_owners_in_order() {
    let set = set(FAMILY);
    let ids: Vec<&str> = set.plans().map(|plan| plan.rule_id.as_str()).collect();
    assert_eq!(ids, ["power", "unreachable", "port"]);
    let ids: Vec<&str> = set.shadow_plans().map(|plan| plan.rule_id.as_str()).collect();
    assert_eq!(ids, ["trial"]);
}

const ABSENT: &str = r#"
[[rules]]
id = "backup"
priority = 1
team = "dba"
handling = { prod = "page_only", dev = "log_only" }
when.message.regex = 'backup of (?<db>\w+)'
key = "{captures.db}"
absent = { for = "1d", expect = { hosts = ["Z9", "db1"], inventory = { site = "FRA1", "labels.role" = "db" }, keys = ["a", "b", "a"] } }
summary = "{host}: no backup of {key} {{!}}"

[[rules]]
id = "beat"
priority = 2
handling = "log_only"
when.message.contains = "heartbeat"
across_hosts = true
absent.for = "10m"
suppressed_by = [{ rule = "backup", same = "site" }]

[[rules]]
id = "seen-once"
priority = 3
handling = "log_only"
when.message.contains = "hello"
absent.for = "10m"

[[rules]]
id = "trial"
priority = 4
mode = "shadow"
handling = "log_only"
when.message.contains = "bye"
absent = { for = "10m", expect.hosts = ["x"] }
"#;

fn databases() -> Inventory {
    let role = [("role", "db")];
    let mut dev = entry("db2", None, &role);
    dev.environment = Some(Environment::Dev);
    dev.team = Some("nobody".into());
    let entries = vec![
        entry("DB1", Some("fra1"), &role),
        dev,
        entry("db*", Some("fra1"), &[]),
        entry("web1", Some("fra1"), &[]),
        entry("10.0.0.0/8", Some("fra1"), &role),
    ];
    Inventory::new(entries, Environments::default()).unwrap()
}

#[test]
fn what_is_expected_is_known_by_name() {
    let found = set(ABSENT).expected(&databases());
    let told: Vec<_> = found
        .all
        .iter()
        .map(|one| (one.plan.rule_id.as_str(), one.host.as_str(), one.key.as_str()))
        .collect();
    let expected = [
        ("backup", "z9", "a"),
        ("backup", "z9", "b"),
        ("backup", "db1", "a"),
        ("backup", "db1", "b"),
        ("backup", "db2", "a"),
        ("backup", "db2", "b"),
        ("beat", "", ""),
    ];
    assert_eq!((told.as_slice(), found.left_out), (expected.as_slice(), 0));
    let one = &found.all[4];
    assert_eq!((one.environment, one.handling), (Environment::Dev, Handling::LogOnly));
    assert_eq!((one.site.as_deref(), one.team.as_str()), (Some("fra1"), "dba"));
    assert_eq!(one.links.parent_as, ["backup site=fra1"]);
    let summary = one.plan.absent_summary(&one.host, &one.key);
    assert_eq!(summary.as_deref(), Some("db2: no backup of a {!}"));
    assert_eq!(found.all[6].plan.absent_summary("", ""), None);
    let shadows = set(ABSENT).expected_by_shadows(&databases()).all;
    assert_eq!((shadows.len(), shadows[0].host.as_str()), (1, "x"));
}

#[test]
fn what_is_expected_is_bounded() {
    let rules = parse_rules(ABSENT, Format::Toml).unwrap();
    let limits = mutt_rules::Limits { expectations_max: 6, ..mutt_rules::Limits::default() };
    let found = RuleSet::compile_within(rules, &limits).unwrap().0.expected(&databases());
    assert_eq!((found.all.len(), found.left_out), (6, 1));
}

#[test]
fn an_example_that_matches_is_owned_whatever_comes_of_it() {
    let text = rule(
        "count = { at_least = 9, within = '1m' }\n\
         examples = [{ expect = 'match', message = '<13>down' }]",
    ) + "[[rules]]\nid = 's'\npriority = 2\nhandling = 'log_only'\nwhen.message.contains = 'one'\n\
         sequence = { within = '1m', then.message.contains = 'two' }\n\
         examples = [{ expect = 'nothing', message = '<13>two' }, { expect = 'match', message = '<13>one' }]";
    let faults = set(&text).check_examples(&Parser::new(ParserConfig::default()));
    assert!(faults.is_empty(), "{}", lines(&faults));
}

/// A rule as it was before there were rules over several events.
const PLAIN: &str = r#"
[[rules]]
id = "cisco-link-down"
priority = 100
team = "network"
handling = { prod = "page_and_ticket", dev = "log_only" }
severity = "major"
when.mnemonic.equals = "LINK-3-UPDOWN"
when.message.regex = 'Interface (?<ifname>[^\s,]+), changed state to down'
clear.message.regex = 'Interface (?<ifname>[^\s,]+), changed state to up'
key = "{captures.ifname}"
close_after = "1h"
labels = { port = "{captures.ifname}" }
note = "A port that carries a device lost its link."
"#;

#[test]
fn the_revision_of_a_rule_over_single_events_stays() {
    let rule = parse_rules(PLAIN, Format::Toml).unwrap().remove(0);
    assert_eq!(rule.revision(), "a3ed5b9bdc6e");
}
