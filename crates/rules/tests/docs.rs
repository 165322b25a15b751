//! docs/rules.md tells the truth: its rules compile, its examples hold, its names are the code's.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use common::lines;
use mutt_event::{Parser, ParserConfig};
use mutt_rules::{Format, RuleSet, inventory_from_csv, inventory_to_csv, parse_rules};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");

/// The code blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    text.split(fence.as_str())
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

fn compile(text: &str, format: Format) -> RuleSet {
    let rules = parse_rules(text, format).unwrap_or_else(|faults| panic!("{}", lines(&faults)));
    let (set, warnings) =
        RuleSet::compile(rules).unwrap_or_else(|faults| panic!("{}", lines(&faults)));
    assert!(warnings.is_empty(), "{warnings:?}");
    set
}

#[test]
fn the_code_blocks_of_the_reference_compile_and_their_examples_hold() {
    let text = std::fs::read_to_string(DOCS).unwrap();
    let toml = blocks(&text, "toml");
    let yaml = blocks(&text, "yaml");
    assert!(toml.len() >= 3 && !yaml.is_empty());
    let parser = Parser::new(ParserConfig::default());
    let sets = toml.iter().map(|block| compile(block, Format::Toml));
    for set in sets.chain(yaml.iter().map(|block| compile(block, Format::Yaml))) {
        let faults = set.check_examples(&parser);
        assert!(faults.is_empty(), "{}", lines(&faults));
    }
}

#[test]
fn the_table_of_the_reference_is_an_inventory() {
    let text = std::fs::read_to_string(DOCS).unwrap();
    let tables = blocks(&text, "csv");
    assert_eq!(tables.len(), 1);
    assert_eq!(inventory_to_csv(&inventory_from_csv(&tables[0]).unwrap()), tables[0]);
}

#[test]
fn the_reference_names_every_key_field_and_operator() {
    let text = std::fs::read_to_string(DOCS).unwrap();
    // The faults list what there is, so they are asked for the names.
    let said = |toml: &str| common::faults(toml);
    let keys = said("[[rules]]\nnonsense = 1");
    let fields = said("[[rules]]\nwhen.nonsense.equals = 1");
    let operators = said("[[rules]]\nwhen.host.nonsense = 1");
    for (said, before) in
        [(keys, "Keys here are "), (fields, "Fields are "), (operators, "Operators are ")]
    {
        let names = said.split(before).nth(1).and_then(|rest| rest.split('.').next()).unwrap();
        for name in names.split(", ") {
            let known = [format!("`{name}`"), format!("`{name}."), format!("`{name} = ")];
            assert!(
                known.iter().any(|known| text.contains(known.as_str())),
                "{name} is not in docs/rules.md"
            );
        }
    }
}
