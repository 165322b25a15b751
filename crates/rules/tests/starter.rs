//! The packs of starter rules load without a warning, alone and together, and do what their
//! examples say.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;

use common::lines;
use mutt_event::{Parser, ParserConfig};
use mutt_rules::{Expect, Format, Handling, Rule, RuleSet, parse_rules};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules");
/// What the packs hold at least.
const RULES_MIN: usize = 120;

/// The packs' file names and rules.
fn packs() -> Vec<(String, Vec<Rule>)> {
    let mut paths: Vec<_> =
        std::fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let rules = parse_rules(&text, Format::Toml)
            .unwrap_or_else(|faults| panic!("{name}: {}", lines(&faults)));
        (name, rules)
    };
    paths.into_iter().map(read).collect()
}

fn all() -> Vec<Rule> {
    packs().into_iter().flat_map(|(_, rules)| rules).collect()
}

/// Loads without a warning, and all examples hold.
fn check(name: &str, rules: Vec<Rule>) {
    let (set, warnings) =
        RuleSet::compile(rules).unwrap_or_else(|faults| panic!("{name}: {}", lines(&faults)));
    assert!(warnings.is_empty(), "{name}: {warnings:#?}");
    let faults = set.check_examples(&Parser::new(ParserConfig::default()));
    assert!(faults.is_empty(), "{name}: {}", lines(&faults));
}

#[test]
fn every_pack_holds_alone() {
    for (name, rules) in packs() {
        check(&name, rules);
    }
}

#[test]
fn the_packs_hold_together() {
    let rules = all();
    assert!(rules.len() >= RULES_MIN, "{} rules", rules.len());
    check("all packs", rules);
}

#[test]
fn no_two_rules_have_one_priority() {
    let mut seen = BTreeMap::new();
    for rule in all() {
        if let Some(other) = seen.insert(rule.priority, rule.id.clone()) {
            panic!("{} and {other} have priority {}", rule.id, rule.priority);
        }
    }
}

#[test]
fn every_rule_says_why_and_shows_what_it_does() {
    for rule in all() {
        let id = &rule.id;
        assert!(rule.note.is_some(), "{id} has no note");
        assert!(rule.examples.len() >= 2, "{id} has fewer than two examples");
        let has = |expect| rule.examples.iter().any(|example| example.expect == expect);
        assert!(has(Expect::Match), "{id} has no example that matches");
        assert!(rule.clear.is_none() || has(Expect::Clear), "{id} has no example that clears");
        let tells = [rule.handling.prod, rule.handling.dev]
            .iter()
            .any(|handling| !matches!(handling, Handling::Suppress | Handling::LogOnly));
        assert!(!tells || rule.severity.is_some(), "{id} has no severity");
        assert!(!tells || rule.summary.is_some(), "{id} has no summary");
    }
}

#[test]
fn an_example_that_does_not_hold_is_a_fault_with_its_line() {
    let toml = r#"[[rules]]
id = "first"
priority = 1
handling = "suppress"
when.message.contains = "link"

[[rules]]
id = "second"
priority = 2
handling = "log_only"
when.message.regex = 'port (?<port>\d+)'
clear.message.regex = 'port (?<port>\d+) is well'
key = "{captures.port}"
examples = [
  { expect = "match", message = "<13>port 7 broke" },
  { expect = "match", message = "<13>the link of port 7 broke" },
  { expect = "match", message = "<13>nothing here" },
  { expect = "match", message = "<13>port 7 is well" },
  { expect = "clear", message = "<13>port 7 is ill" },
  { expect = "nothing", message = "<13>port 7 broke" },
  { expect = "clear", key = "8", message = "<13>port 7 is well" },
]
"#;
    let set = RuleSet::compile(parse_rules(toml, Format::Toml).unwrap()).unwrap().0;
    let faults = set.check_examples(&Parser::new(ParserConfig::default()));
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    let parts = [
        "line 16: rule second: examples[1]: was to match, but another rule owns it: rule first",
        "line 17: rule second: examples[2]: was to match, but no rule does",
        "line 18: rule second: examples[3]: was to match, but is a clear of this rule",
        "line 19: rule second: examples[4]: was to clear, but `clear` does not hold",
        "line 20: rule second: examples[5]: was to be left alone, but: rule second",
        "line 21: rule second: examples[6]: was to have the key `8`, but has `7`",
    ];
    assert_eq!(said.len(), parts.len(), "{said:#?}");
    for (said, part) in said.iter().zip(parts) {
        assert!(said.starts_with(part), "{said}");
    }
}
