//! No text makes reading rules panic: it gives rules, or faults that say something.

mod common;

use mutt_rules::{Format, RuleSet, parse_rules};
use proptest::prelude::*;

const TOML: &str = "[[rules]]\nid = \"a\"\npriority = 1\nhandling = { prod = \"page_only\", dev = \"log_only\" }\nteam = \"t\"\nclose_after = \"1h\"\ncount = { at_least = 3, within = \"1m\", distinct = \"{host}\" }\nsuppressed_by = [{ rule = \"b\", same = \"labels.x\" }]\nwhen.any = [{ message.regex = 'x(?<n>\\d+) [a-z]{2}' }, { host.glob = \"r[0-9]*\", not.peer.cidr = \"10.0.0.0/8\" }]\nkey = \"{captures.n}/{{{varbind.1.3.6}\"\nexamples = [{ expect = \"match\", message = \"x7 ab\" }]\n";
const YAML: &str = "rules:\n  - id: a\n    priority: 1\n    handling: log_only\n    when: { all: [ { trap_oid: { oid_prefix: 1.3.6.1 } }, { severity: { at_least: error } } ] }\n    absent: { for: 5m, between: { from: '01:00', to: '02:00', zone: UTC, days: [mon] }, expect: { hosts: [x] } }\n    note: |\n      two\n      lines\n";
const JSON: &str = r#"{"rules":[{"id":"a","priority":1,"handling":"log_only","when":{"not":{"app":{"in":["x","y"],"case":true}}}}]}"#;
const PIECES: &[&str] = &[
    "{", "}", "[", "]", "\"", "'", ":", "-", "\n", "&a", "*a", "!", "|", "#", "é", "\u{0}", "1e9",
    " ", "(?<", "..", "=",
];

/// Reads, compiles, and asks each fault for its text.
fn read(text: &str, format: Format) {
    let faults = match parse_rules(text, format) {
        Ok(rules) => RuleSet::compile(rules).err().unwrap_or_default(),
        Err(faults) => {
            assert!(!faults.is_empty());
            faults
        }
    };
    assert!(faults.iter().all(|fault| fault.message.len() > 5), "{faults:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_read_or_refused(
        which in 0usize..3,
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..6, prop::sample::select(PIECES)), 1..4),
    ) {
        let (text, format) = [(TOML, Format::Toml), (YAML, Format::Yaml), (JSON, Format::Json)][which];
        let mut characters: Vec<char> = text.chars().collect();
        for (at, cut, piece) in cuts {
            let at = at.index(characters.len());
            let end = (at + cut).min(characters.len());
            characters.splice(at..end, piece.chars());
        }
        read(&characters.into_iter().collect::<String>(), format);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
        for format in [Format::Toml, Format::Yaml, Format::Json] {
            read(&text, format);
        }
    }
}

#[test]
fn the_undamaged_files_are_good() {
    for (text, format) in [(TOML, Format::Toml), (YAML, Format::Yaml), (JSON, Format::Json)] {
        assert_eq!(parse_rules(text, format).map(|rules| rules.len()), Ok(1));
    }
}

#[test]
fn formats_are_known_by_a_files_name() {
    assert_eq!(Format::of_file("a/b.toml"), Some(Format::Toml));
    assert_eq!(Format::of_file("b.yml"), Some(Format::Yaml));
    assert_eq!(Format::of_file("b.yaml"), Some(Format::Yaml));
    assert_eq!(Format::of_file("b.c.json"), Some(Format::Json));
    assert_eq!(Format::of_file("toml"), None);
}
