//! A rule file that is written reads back as the same rules.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use common::lines;
use common::random::rules;
use mutt_rules::{Format, Rule, export_rules, parse_rules};
use proptest::prelude::*;
use serde_json::{Value, json};

const FORMATS: [Format; 3] = [Format::Toml, Format::Yaml, Format::Json];

const ODD: &[&str] = &[
    "true",
    "No",
    "~",
    "1.5",
    "12",
    "- a",
    "a: b",
    "# x",
    "'",
    "\"",
    "\\",
    "a\tb",
    "a\nb\n",
    "x\r",
    "\u{0}x",
    "\u{7f}",
    "\u{85}x",
    "\u{2028}x",
    "\u{feff}x",
    " lead",
    "trail ",
    "{{x}}",
    "%C",
    "&a",
    "*b",
    "é",
    "\u{1f600}",
    "'''",
    "\"\"\"",
];

fn read(text: &str, format: Format) -> Result<Vec<Rule>, String> {
    parse_rules(text, format).map_err(|faults| format!("{}\n{text}", lines(&faults)))
}

/// Text as people and devices write it.
fn text() -> impl Strategy<Value = String> {
    let any = "[ -~]{1,20}".prop_map(|text| text.replace(['{', '}'], "x"));
    prop_oneof![2 => prop::sample::select(ODD).prop_map(str::to_owned), 1 => any]
        .prop_filter("texts of rules are not empty", |text| !text.trim().is_empty())
}

/// The parts of a rule that are for people.
fn words() -> impl Strategy<Value = Value> {
    (text(), text(), text(), prop::option::of(text())).prop_map(|(note, label, line, host)| {
        let mut example = json!({"expect": "nothing", "message": line});
        if let Some(host) = host {
            example["host"] = json!(host);
        }
        json!({
            "note": note, "summary": label, "labels": {"a-1": label, "no": "x"},
            "examples": [example, {"expect": "match", "key": note,
                "trap": {"oid": "1.3.6.1", "varbinds": {"1.3.6.1.2": line, "1.3.6.1.3": 7}}}],
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn what_is_exported_reads_back_equal(
        rules in rules(),
        words in prop::collection::vec(words(), 14),
    ) {
        let mut rules = rules;
        for (rule, words) in rules.iter_mut().zip(words) {
            for (key, value) in words.as_object().unwrap() {
                if rule["continue"] != true || key != "summary" {
                    rule[key] = value.clone();
                }
            }
        }
        let rules = read(&json!({ "rules": rules }).to_string(), Format::Json)
            .map_err(TestCaseError::fail)?;
        for format in FORMATS {
            let text = export_rules(&rules, format);
            let again = read(&text, format).map_err(TestCaseError::fail)?;
            prop_assert_eq!(&again, &rules, "{}", text);
            // Equal rules make equal text: nothing changes by going to and fro.
            prop_assert_eq!(export_rules(&again, format), text);
        }
    }
}

#[test]
fn an_empty_set_is_a_file_too() {
    for format in FORMATS {
        assert_eq!(read(&export_rules(&[], format), format), Ok(Vec::new()));
    }
}

const YAML: &str = r"rules:
  - id: fan
    priority: 7
    when:
      all:
        - host:
            in:
              - a
              - 'b 1'
        - message:
            regex: 'fan (?<n>\d+) failed'
    handling:
      prod: page_only
      dev: page_only
    team: dc
    key: '{captures.n}'
    labels:
      part: fan
    examples:
      - message: '<13>it''s fan 3 failed'
        host: a
        expect: match
        key: '3'
";

#[test]
fn yaml_is_for_reading() {
    let rules = read(YAML, Format::Yaml).unwrap();
    assert_eq!(export_rules(&rules, Format::Yaml), YAML);
}
