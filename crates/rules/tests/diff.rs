//! What changed between two sets of rules is told part by part.

#![allow(clippy::unwrap_used)] // helpers of tests fail as tests do

use mutt_rules::{Format, Rule, RulesDiff, diff_rules, parse_rules};
use serde_json::json;

fn rules(text: &str) -> Vec<Rule> {
    parse_rules(text, Format::Yaml).unwrap()
}

const BEFORE: &str = r"
rules:
- { id: gone, priority: 1, handling: log_only, when: { host: { equals: h } } }
- { id: same, priority: 1, handling: log_only, when: { host: { equals: h } } }
- id: fan
  priority: 7
  handling: { prod: page_only, dev: log_only }
  team: dc
  note: old
  when: { any: [ { message: { contains: fan a } }, { message: { contains: fan b } } ] }
  examples:
  - { expect: match, message: fan a }
  - { expect: match, message: fan b }
";

const AFTER: &str = r"
rules:
- id: fan
  priority: 9
  handling: { prod: ticket_only, dev: log_only }
  team: dc
  runbook: https://wiki/fan
  when: { any: [ { message: { contains: fan a } }, { message: { contains: fan c, case: true } } ] }
  examples:
  - { expect: match, message: fan a }
  - { expect: nothing, message: psu }
  - { expect: match, message: fan b }
- { id: same, priority: 1, handling: log_only, when: { host: { equals: h } } }
- { id: also, priority: 1, handling: log_only, when: { host: { equals: h } } }
";

#[test]
fn a_diff_is_for_reading() {
    let diff = diff_rules(&rules(BEFORE), &rules(AFTER));
    assert_eq!(
        diff.to_string(),
        r#"+ also
~ fan
    examples[1]: (nothing) -> {"expect":"nothing","message":"psu"}
    handling.prod: "page_only" -> "ticket_only"
    note: "old" -> (nothing)
    priority: 7 -> 9
    runbook: (nothing) -> "https://wiki/fan"
    when.any[1].message.case: (nothing) -> true
    when.any[1].message.contains: "fan b" -> "fan c"
- gone
"#
    );
}

#[test]
fn a_diff_is_data_too() {
    let diff = diff_rules(&rules(BEFORE), &rules(AFTER));
    let value = serde_json::to_value(&diff).unwrap();
    assert_eq!(value["added"], json!(["also"]));
    assert_eq!(value["removed"], json!(["gone"]));
    assert_eq!(value["changed"][0]["id"], "fan");
    assert_eq!(value["changed"][0]["parts"][2], json!({"path": "note", "before": "\"old\""}));
}

#[test]
fn equal_sets_differ_in_nothing_whatever_their_order() {
    let mut rules = rules(BEFORE);
    let before = rules.clone();
    rules.reverse();
    let diff = diff_rules(&before, &rules);
    assert_eq!((diff.is_empty(), diff.to_string()), (true, String::new()));
    assert_eq!(diff, RulesDiff::default());
}

#[test]
fn a_long_value_is_cut() {
    let long = BEFORE.replace("note: old", &format!("note: {}", "é".repeat(300)));
    let diff = diff_rules(&rules(BEFORE), &rules(&long));
    let after = diff.changed[0].parts[0].after.as_ref().unwrap();
    assert!(after.len() < 210 && after.ends_with("é…"), "{after}");
}
