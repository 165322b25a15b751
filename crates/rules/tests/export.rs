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

/// Settings of rules over several events.
fn correlation() -> impl Strategy<Value = Value> {
    let time = || prop::sample::select(vec!["1s", "59s", "1m", "60s"]);
    let expect = json!({"hosts": ["r1", "R2."], "inventory": {"labels.role": "edge", "site": "1"}});
    let between = json!({"from": "23:05", "to": "00:00", "zone": "Europe/Berlin", "days": ["sun"]});
    let counted = (2u32..1_000, time(), any::<bool>()).prop_map(|(least, within, is_distinct)| {
        let mut count = json!({"at_least": least, "within": within});
        if is_distinct {
            count["distinct"] = json!("{host} {{x}}");
        }
        json!({"count": count, "across_hosts": true})
    });
    let paired = (time(), time(), 2u32..100).prop_map(|(hold, early, above)| {
        json!({"hold_for": hold, "early_clear": early, "clear": {"app": {"equals": "x"}},
            "flapping": {"suppress_above": above, "release_below": 1, "object": "{host}"}})
    });
    let parents = prop::collection::vec(
        prop::sample::select(vec!["host", "site", "upstream", "labels.a-1"]),
        0..3,
    );
    let parents = (parents, time(), 1u32..99).prop_map(|(sames, time, storm)| {
        let parents: Vec<_> =
            sames.into_iter().map(|same| json!({"rule": "p", "same": same})).collect();
        json!({"suppressed_by": parents, "reopen_within": time, "storm_per_minute": storm})
    });
    let event = |at| json!({"at": at, "message": "<13>x", "host": "r1"});
    let trap = json!({"at": "1m", "trap": {"oid": "1.3.6.1"}});
    let played = (time(), prop::option::of(text())).prop_map(move |(until, key)| {
        let mut notice = json!({"at": "1s", "kind": "open"});
        if let Some(key) = key {
            notice["key"] = json!(key);
        }
        let start = "2026-01-05T02:00:00Z";
        json!({"scenarios": [
            {"name": "a", "events": [], "until": until, "told": [], "start": start},
            {"name": "b", "events": [event("0s"), event("1s"), trap], "told": [notice]},
        ]})
    });
    prop_oneof![
        counted,
        paired,
        parents,
        played,
        Just(json!({"reopen_within": "0s"})),
        Just(json!({"absent": {"for": "10m", "between": between, "expect": expect}})),
        Just(json!({"absent": {"between": between}})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn settings_over_several_events_read_back_equal(settings in correlation()) {
        let mut rule = json!({"id": "r", "priority": 1, "handling": "log_only",
            "when": {"app": {"equals": "y"}}});
        rule.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let text = json!({ "rules": [rule] }).to_string();
        let rules = read(&text, Format::Json).map_err(TestCaseError::fail)?;
        for format in FORMATS {
            let text = export_rules(&rules, format);
            prop_assert_eq!(&read(&text, format).map_err(TestCaseError::fail)?, &rules, "{}", text);
        }
        let again = Rule::from_canonical_json(&rules[0].canonical_json()).unwrap();
        prop_assert_eq!((again.revision(), &again), (rules[0].revision(), &rules[0]));
    }

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
