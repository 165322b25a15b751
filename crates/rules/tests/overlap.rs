//! Rules in each other's way are told, where their conditions alone show it.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use common::{lines, set};
use mutt_event::{Parser, ParserConfig};
use mutt_rules::{Format, RuleSet, parse_rules};

/// The warnings of rules with these lines, in order of priority 1, 2, …
fn warnings(rules: &[&str]) -> Vec<String> {
    let text: String = (1..)
        .zip(rules)
        .map(|(n, more)| {
            format!("[[rules]]\nid = \"r{n}\"\npriority = {n}\nhandling = \"log_only\"\n{more}\n")
        })
        .collect();
    of_file(&text)
}

fn of_file(text: &str) -> Vec<String> {
    let rules = parse_rules(text, Format::Toml).unwrap_or_else(|f| panic!("{}", lines(&f)));
    let (_, warnings) = RuleSet::compile(rules).unwrap_or_else(|f| panic!("{}", lines(&f)));
    warnings.iter().map(ToString::to_string).filter(|said| !said.contains("no anchor")).collect()
}

#[test]
fn a_rule_behind_a_broader_one_never_owns_an_event() {
    for (broad, narrow) in [
        ("when.message.contains = 'down'", "when.message.contains = 'link down'"),
        ("when.message.contains = 'down'", "when.message.ends_with = 'went DOWN'"),
        ("when.message.contains = 'fan'", r"when.message.regex = 'fan \d+ (failed|missing)'"),
        (r"when.message.regex = 'fan \d'", "when.message.regex = 'fan \\d'\nwhen.app.equals = 'x'"),
        ("when.mnemonic.in = ['A-1-B', 'c']", "when.mnemonic.equals = 'a-1-b'"),
        ("when.mnemonic.glob = 'LINK-*'", "when.mnemonic.equals = 'LINK-3-UPDOWN'"),
        (
            "when.trap_oid.oid_prefix = '1.3.6.1.4.1.9'",
            "when.trap_oid.equals = '1.3.6.1.4.1.9.9.1'",
        ),
        ("when.severity.at_least = 'error'", "when.severity.equals = 'critical'"),
        (
            "when.app.exists = true\nwhen.severity.at_least = 'error'",
            "when.app.equals = 'x'\nwhen.severity.at_least = 'alert'",
        ),
        ("when.any = [{ app.equals = 'x' }, { app.equals = 'y' }]", "when.app.equals = 'y'"),
        (
            "when.app.in = ['x', 'y', 'z']",
            "when.any = [{ app.equals = 'x' }, { app.equals = 'z' }]",
        ),
        (
            "when.app.equals = 'x'\nwhen.peer.cidr = '10.0.0.0/8'",
            "when.app.equals = 'x'\nwhen.peer.cidr = '10.1.0.0/16'",
        ),
        (
            "when.app.equals = 'x'\nwhen.procid.at_least = 5",
            "when.app.equals = 'x'\nwhen.procid.between = [6, 7]",
        ),
        (
            "when.app.equals = 'x'\nwhen.not.host.equals = 'a'",
            "when.app.equals = 'x'\nwhen.host.equals = 'b'",
        ),
        (
            "when.app.equals = 'x'\nclear.message.contains = 'up'",
            "when.app.equals = 'x'\nclear.message.contains = 'up'",
        ),
    ] {
        let said = warnings(&[broad, narrow]);
        assert_eq!(said.len(), 1, "{broad} | {narrow}: {said:?}");
        assert!(
            said[0].contains("rule r2: when: never owns an event: rule r1 (priority 1)"),
            "{said:?}"
        );
        assert!(said[0].starts_with("line "), "{said:?}");
    }
}

#[test]
fn what_may_own_an_event_is_not_called_unreachable() {
    for (first, second) in [
        ("when.message.contains = 'link down'", "when.message.contains = 'down'"),
        (
            "when.message = { contains = 'down', case = true }",
            "when.message.contains = 'link down'",
        ),
        ("when.message.regex = '(?-i:Fan) x'", "when.message.equals = 'fan x'"),
        ("when.app.equals = 'x'\nwhen.host.equals = 'a'", "when.app.equals = 'x'"),
        ("when.app.equals = 'x'\nclear.message.contains = 'up'", "when.app.equals = 'x'"),
        ("mode = 'shadow'\nwhen.app.equals = 'x'", "when.app.equals = 'x'"),
        ("mode = 'off'\nwhen.app.equals = 'x'", "when.app.equals = 'x'"),
        ("continue = true\nlabels.a = 'b'\nwhen.app.equals = 'x'", "when.app.equals = 'x'"),
        (
            "when.all = [{ app.equals = 'x' }, { message.regex = 'a+' }]",
            "when.all = [{ app.equals = 'x' }, { message.regex = 'a' }]",
        ),
    ] {
        assert_eq!(warnings(&[first, second]), Vec::<String>::new(), "{first} | {second}");
    }
}

#[test]
fn one_priority_for_overlapping_rules_is_a_clash() {
    let rule = |id: &str, more: &str| {
        format!("[[rules]]\nid = \"{id}\"\npriority = 7\nhandling = \"log_only\"\n{more}\n")
    };
    let narrow = rule("a", "when.message.contains = 'link down'");
    let broad = rule("b", "when.message.contains = 'down'");
    let said = of_file(&format!("{narrow}{broad}"));
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("rule a: priority: rule b has the same priority, 7"), "{said:?}");
    assert!(of_file(&format!("{narrow}{}", broad.replace("= 7", "= 8"))).is_empty());
}

#[test]
fn an_example_that_two_rules_of_one_priority_want_is_a_clash() {
    let rule = |id: &str, priority: u32, word: &str| {
        format!(
            "[[rules]]\nid = \"{id}\"\npriority = {priority}\nhandling = \"log_only\"\nwhen.message.contains = '{word}'\n\
             examples = [{{ expect = 'match', message = '<13>the fan of the unit failed' }}]\n"
        )
    };
    let parser = Parser::new(ParserConfig::default());
    let clashes = |second: u32| {
        set(&(rule("a", 1, "the fan") + &rule("b", second, "unit failed"))).check_clashes(&parser)
    };
    let said = clashes(1);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].to_string().contains("rule a: priority: rule b has the same priority"),
        "{said:?}"
    );
    assert!(clashes(2).is_empty());
}
