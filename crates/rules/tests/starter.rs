//! The starter rules load without a warning, and do what their examples say.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use common::lines;
use mutt_event::{Parser, ParserConfig};
use mutt_rules::{Expect, Format, RuleSet, parse_rules};

const STARTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/starter.toml");

fn starter() -> RuleSet {
    let text = std::fs::read_to_string(STARTER).unwrap();
    let rules =
        parse_rules(&text, Format::Toml).unwrap_or_else(|faults| panic!("{}", lines(&faults)));
    let (set, warnings) =
        RuleSet::compile(rules).unwrap_or_else(|faults| panic!("{}", lines(&faults)));
    assert!(warnings.is_empty(), "{warnings:?}");
    set
}

#[test]
fn every_starter_rule_has_a_note_and_an_example_that_matches() {
    for rule in starter().rules() {
        assert!(rule.note.is_some(), "{} has no note", rule.id);
        let has = |expect| rule.examples.iter().any(|example| example.expect == expect);
        assert!(has(Expect::Match), "{} has no example that matches", rule.id);
        assert!(
            rule.clear.is_none() || has(Expect::Clear),
            "{} has no example that clears",
            rule.id
        );
    }
}

#[test]
fn the_examples_of_the_starter_rules_hold() {
    let faults = starter().check_examples(&Parser::new(ParserConfig::default()));
    assert!(faults.is_empty(), "{}", lines(&faults));
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
