//! What a verdict says: owner, clears, key, severity, summary, reason, revision.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use std::borrow::Cow;
use std::time::Duration;

use common::{event, judge, set, trap};
use mutt_event::Severity;
use mutt_rules::{
    AlertSeverity, Environment, Environments, Format, Handling, RuleSet, Scratch, parse_rules,
};

const LINK: &str = r#"
[[rules]]
id = "link-down"
priority = 10
team = "network"
handling = { prod = "page_and_ticket", dev = "log_only" }
when.mnemonic.equals = "LINK-3-UPDOWN"
when.message.regex = 'Interface (?<ifname>\S+), changed state to down'
clear.message.regex = 'Interface (?<ifname>\S+), changed state to up'
key = "{captures.ifname}"
summary = "{host}: {captures.ifname} is down {{{severity}}}"
runbook = "https://wiki.example.net/link"

[[rules]]
id = "all-links"
priority = 20
handling = "log_only"
when.mnemonic.starts_with = "LINK-"
"#;

const DOWN: &str = "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down";
const UP: &str = "%LINK-3-UPDOWN: Interface Gi0/1, changed state to up";

#[test]
fn the_lowest_priority_owns_and_says_why() {
    let set = set(LINK);
    let environments = Environments::new(&["lab-*".to_owned()]).unwrap();
    let event = event(DOWN);
    let verdict = set.judge(&event, environments.of(event.host), &mut Scratch::default());
    assert!(verdict.clears.is_empty());
    let owner = verdict.owner.unwrap();
    assert_eq!(owner.rule_id, "link-down");
    assert_eq!(set.rule(owner.rule).id, "link-down");
    assert_eq!(owner.key, "Gi0/1");
    assert_eq!(owner.handling, Handling::PageAndTicket);
    assert_eq!(owner.severity, AlertSeverity::Major);
    assert_eq!(owner.team, "network");
    assert_eq!(owner.summary, "core-rtr-01: Gi0/1 is down {error}");
    assert_eq!(owner.runbook.as_deref(), Some("https://wiki.example.net/link"));
    assert_eq!(owner.plan.close_after, None, "a rule with a clear waits for it");
    assert_eq!(
        owner.reason,
        format!(
            "rule link-down (revision {}): mnemonic is \"LINK-3-UPDOWN\" and message matches \
             \"Interface (?<ifname>\\S+), changed state to down\"; environment prod since no \
             development pattern matches the host",
            owner.revision
        )
    );
}

#[test]
fn handling_follows_the_environment() {
    let owner =
        set(LINK).judge(&event(DOWN), Environment::Dev, &mut Scratch::default()).owner.unwrap();
    assert_eq!(owner.handling, Handling::LogOnly);
    assert!(owner.reason.ends_with("; environment dev"), "{}", owner.reason);
}

#[test]
fn a_clear_is_found_whoever_owns_the_event() {
    let verdict = judge(&set(LINK), &event(UP));
    assert_eq!(verdict.owner.unwrap().rule_id, "all-links");
    let clear = &verdict.clears[0];
    assert_eq!((clear.rule_id.as_str(), clear.key.as_str()), ("link-down", "Gi0/1"));
    assert_eq!(clear.severity, AlertSeverity::Clear);
    assert!(clear.reason.starts_with("clear of rule link-down (revision "), "{}", clear.reason);
}

#[test]
fn what_fits_when_and_clear_of_a_rule_is_a_clear() {
    let set = set(
        "[[rules]]\nid = \"r\"\npriority = 1\nhandling = \"log_only\"\nwhen.message.contains = \"interface\"\nclear.message.contains = \"to up\"\n",
    );
    let verdict = judge(&set, &event(UP));
    assert!(verdict.owner.is_none());
    assert_eq!(verdict.clears.len(), 1);
    assert!(judge(&set, &event(DOWN)).owner.is_some());
    assert!(judge(&set, &event("nothing of that")).is_nothing());
}

#[test]
fn equal_priorities_go_by_id() {
    let rule = |id: &str| {
        format!(
            "[[rules]]\nid = \"{id}\"\npriority = 1\nhandling = \"log_only\"\nwhen.message.contains = \"state\"\n"
        )
    };
    let set = set(&format!("{}{}", rule("b"), rule("a")));
    assert_eq!(judge(&set, &event(DOWN)).owner.unwrap().rule_id, "a");
}

#[test]
fn severity_comes_from_rule_or_event_or_is_major() {
    let rule = |more: &str| {
        set(&format!("[[rules]]\nid = \"r\"\npriority = 1\nhandling = \"log_only\"\n{more}\n"))
    };
    let by_text = rule("when.message.contains = \"state\"");
    let mut event = event(DOWN);
    event.severity = Some(Severity::Warning);
    assert_eq!(judge(&by_text, &event).owner.unwrap().severity, AlertSeverity::Minor);
    let overridden = rule("when.message.contains = \"state\"\nseverity = \"critical\"");
    assert_eq!(judge(&overridden, &event).owner.unwrap().severity, AlertSeverity::Critical);
    let by_oid = rule("when.trap_oid.oid_prefix = \"1.3.6\"");
    let owner = judge(&by_oid, &trap("1.3.6.1.6.3.1.1.5.3")).owner.unwrap();
    assert_eq!(owner.severity, AlertSeverity::Major);
    assert_eq!(owner.plan.close_after, Some(Duration::from_secs(86_400)));
}

#[test]
fn varbinds_and_missing_values_in_templates() {
    let set = set(
        "[[rules]]\nid = \"r\"\npriority = 1\nhandling = \"log_only\"\nwhen.trap_oid.exists = true\nkey = \"{varbind.1.3.6.1.2.1.2.2.1.1}/{varbind.1.3.6.1.9}/{app}\"\n",
    );
    assert_eq!(judge(&set, &trap("1.2.3")).owner.unwrap().key, "7//");
}

#[test]
fn summaries_are_one_line_and_keys_are_cut_with_a_hash() {
    let set = set(
        "[[rules]]\nid = \"r\"\npriority = 1\nhandling = \"log_only\"\nwhen.message.regex = 'BEGIN(?<rest>[^!]*)'\nkey = \"{captures.rest}\"\n",
    );
    let key_of = |text: &str| judge(&set, &event(text)).owner.unwrap().key;
    let long = format!("BEGIN{}", "é".repeat(400));
    let key = key_of(&long);
    assert!(key.len() <= 256 && key.starts_with("éé") && key.contains('~'), "{key}");
    assert_ne!(key, key_of(&format!("{long}x")), "two long keys that differ stay two");
    let owner = judge(&set, &event("BEGIN a\n\tb\u{7}")).owner.unwrap();
    assert_eq!(owner.summary, "BEGIN a  b");
    let mut odd = event("x");
    odd.message = Cow::Borrowed(b"BEGIN \xff!");
    assert_eq!(judge(&set, &odd).owner.unwrap().summary, "BEGIN \u{fffd}!");
}

#[test]
fn a_revision_is_of_the_content_alone() {
    let toml = "[[rules]]\nid = 'a'\npriority = 1\nhandling = 'log_only'\nwhen.message.contains = 'x y'\nwhen.host.glob = 'r*'\n";
    let yaml = "# a comment\nrules:\n  - handling: log_only\n    when: { host: { glob: 'r*' }, message: { contains: x y } }\n    priority: 1\n    id: a\n";
    let revision = |text: &str, format| parse_rules(text, format).unwrap()[0].revision();
    let first = revision(toml, Format::Toml);
    assert_eq!((first.len(), &first), (12, &revision(yaml, Format::Yaml)));
    assert_ne!(first, revision(&toml.replace("x y", "x z"), Format::Toml));
    let of_set = |text: &str| set(text).revision().to_owned();
    assert_ne!(of_set(LINK), of_set(&LINK.replace("priority = 20", "priority = 21")));
    assert_eq!(RuleSet::empty().revision(), "");
}

#[test]
fn canonical_json_is_a_rule_file_again() {
    for rule in set(LINK).rules() {
        let text = format!("{{\"rules\": [{}]}}", rule.canonical_json());
        assert_eq!(parse_rules(&text, Format::Json).unwrap()[0], *rule);
    }
}

#[test]
fn reasons_name_what_held() {
    let set = common::when(
        r#"{ any = [{ host.equals = "x9" }, { message.contains = "state", severity.at_least = "error" }], not = { any = [{ app.in = ["a", "b"] }, { msgid.exists = false }] } }"#,
    );
    let reason = judge(&set, &event(DOWN)).owner.unwrap().reason;
    for part in [
        "severity is at least error and message contains \"state\"",
        "not (app is one of \"a\", \"b\" or msgid is missing)",
    ] {
        assert!(reason.contains(part), "{reason}");
    }
    assert!(!reason.contains("x9"), "{reason}");
}

#[test]
fn the_empty_set_wants_nothing() {
    assert!(judge(&RuleSet::empty(), &event(DOWN)).is_nothing());
    assert!(RuleSet::empty().is_empty());
}

#[test]
fn one_scratch_serves_sets_of_any_size() {
    let mut scratch = Scratch::default();
    let (small, large) = (common::when(r#"{ message = { contains = "state" } }"#), set(LINK));
    for _ in 0..3 {
        for set in [&small, &large, &RuleSet::empty()] {
            let found = set.judge(&event(DOWN), Environment::Prod, &mut scratch).owner.is_some();
            assert_eq!(found, !set.is_empty());
        }
    }
}
