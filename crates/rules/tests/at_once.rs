//! One pass tells every fault that can be known, and none that is only another's consequence.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use common::{faults, lines};
use mutt_event::{Parser, ParserConfig};
use mutt_rules::{Draft, Format, Limits, Rule, RuleSet, export_rules, parse_rules, read_rule};

/// All faults of TOML, those of examples too.
fn checked(toml: &str) -> String {
    let parser = Parser::new(ParserConfig::default());
    let checked = Draft::read(toml, Format::Toml).check(&Limits::default(), &parser);
    checked.err().map(|faults| lines(&faults)).unwrap_or_default()
}

#[track_caller]
fn says_only(said: &str, parts: &[&str]) {
    assert_eq!(said.lines().count(), parts.len(), "{said}");
    for (line, part) in said.lines().zip(parts) {
        assert!(line.contains(part), "`{part}` is not in: {line}\n{said}");
    }
}

#[test]
fn reading_compiling_and_examples_are_told_together() {
    let said = checked(
        r#"
[[rules]]
id = "a"
priority = -1
handling = "log_only"
when.any = [{ message.regex = '[' }, { hots.equals = "x" }, { peer.cidr = "10" }]
key = "{captures.n}/{hots}"
summary = "{mesage} {raww}"
labels = { "a b" = "{captures.x}" }
colour = "red"

[[rules]]
id = "b"
priority = 2
handling = "page_only"
when.message.contains = "fan failed"
examples = [
  { expect = "match", message = "<13>psu failed" },
  { expect = "mach", message = "<13>fan failed" },
  { expect = "nothing", message = "<13>fan failed" },
  { expect = "match", key = "x", message = "<13>fan failed" },
]
"#,
    );
    let parts = [
        "line 4: rule a: priority: ",
        "line 6: rule a: when.any[0].message.regex: bad regex",
        "line 6: rule a: when.any[2].peer.cidr: ",
        "line 6: rule a: when.any[1].hots: unknown field",
        "line 7: rule a: key: unknown field `hots`",
        "line 8: rule a: summary: unknown field `mesage`",
        "line 8: rule a: summary: unknown field `raww`",
        "line 9: rule a: labels.a b: `a b` is no name",
        "line 10: rule a: colour: unknown key",
        "line 12: rule b: team: `team` is missing",
        "line 18: rule b: examples[0]: was to match",
        "line 19: rule b: examples[1].expect: `mach` is not known",
        "line 21: rule b: examples[3]: was to have the key `x`",
    ];
    // That example 2 owns its message is not told: rule a may take it once it is whole.
    let sorted: String = parts.iter().map(|part| format!("{part}\n")).collect();
    assert_eq!(said.lines().count(), parts.len(), "{said}\n{sorted}");
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
}

#[test]
fn what_could_not_be_read_causes_no_other_fault() {
    let rule = |lines: &str| {
        faults(&format!(
            "[[rules]]\nid = \"r\"\npriority = 1\nwhen.message.regex = '(?<n>x+)'\n{lines}"
        ))
    };
    // A misspelt part is not missing too.
    says_only(&rule("handlng = \"log_only\""), &["Did you mean `handling`?"]);
    says_only(&rule("handling = \"page_only\"\ntaem = \"t\""), &["Did you mean `team`?"]);
    says_only(&rule("handling = \"page_only\"\nteam = 7"), &["team: is a whole number"]);
    says_only(
        &rule("handling = { prod = \"page_only\", devl = \"log_only\" }\nteam = \"t\""),
        &["Did you mean `dev`?"],
    );
    // Whether it continues is not known, so neither is whether it needs the rest.
    says_only(&rule("continue = \"yes\"\nlabels.a = \"b\""), &["continue: is text"]);
    says_only(&rule("continue = true\nlables.a = \"b\""), &["Did you mean `labels`?"]);
    says_only(&rule("continue = true\nlabels.a = 7"), &["labels.a: is a whole number"]);
    // What a condition at fault captures is not known.
    says_only(
        &rule("handling = \"log_only\"\nkey = \"{captures.n}\"\nclear.mesage.regex = '(?<n>x)'"),
        &["clear.mesage: unknown field"],
    );
    says_only(
        &rule("handling = \"log_only\"\nclear.message.regex = '('\nkey = \"{captures.n}\""),
        &["clear.message.regex: bad regex"],
    );
    let example = "handling = \"log_only\"\nexamples = [{ mesage = \"x\", expct = \"match\" }]";
    says_only(&rule(example), &["Did you mean `expect`?", "Did you mean `message`?"]);
    says_only(&faults("rules = [7]"), &["a rule is a table"]);
}

#[test]
fn a_template_is_read_whatever_the_condition_is() {
    let said = faults(
        "[[rules]]\nid = \"r\"\npriority = 1\nhandling = \"log_only\"\nwhen.message.regex = '('\nkey = \"{captures.x} {hots}\"\nclear.message.contains = \"abc\"\n",
    );
    says_only(&said, &["when.message.regex", "key: unknown field `hots`"]);
}

#[test]
fn examples_are_told_only_where_the_faulty_rules_cannot_matter() {
    let said = checked(
        r#"
[[rules]]
id = "narrow"
priority = 1
handling = "log_only"
when.message.regex = 'fan \d failed ('
examples = [{ expect = "match", message = "<13>nothing of it" }]

[[rules]]
id = "wide"
priority = 2
handling = "log_only"
when.message.contains = "fan"
clear.message.contains = "fan is well"
note = 7
examples = [
  { expect = "nothing", message = "<13>fan 1 failed" },
  { expect = "nothing", message = "<13>fan is well" },
  { expect = "match", message = "<13>fan is well" },
]
"#,
    );
    says_only(
        &said,
        &[
            "rule narrow: when.message.regex",
            "rule wide: note: is a whole number",
            "rule wide: examples[1]: was to be left alone, but: clear",
            "rule wide: examples[2]: was to match, but is a clear",
        ],
    );
}

#[test]
fn several_files_are_one_set_and_each_fault_names_its_file() {
    let rule = |id: &str, more: &str| {
        format!("[[rules]]\nid = \"{id}\"\npriority = 1\nhandling = \"log_only\"\n{more}\n")
    };
    let a = Draft::read(&rule("x", "when.host.equals = \"h1\""), Format::Toml).of_file("a.toml");
    let b = rule("x", "when.host.equals = \"h2\"") + &rule("y", "when.host.eqals = \"h\"");
    let b = Draft::read(&b, Format::Toml).of_file("b.toml");
    let c = Draft::read("rule = 1", Format::Toml).of_file("c.toml");
    let parser = Parser::new(ParserConfig::default());
    let faults = a.join(b).join(c).check(&Limits::default(), &parser).unwrap_err();
    says_only(
        &lines(&faults),
        &[
            "b.toml:2: rule x: id: another rule in line 2 of a.toml has this id",
            "b.toml:10: rule y: when.host.eqals: unknown operator",
            "c.toml:1: unknown key `rule`",
        ],
    );
}

const ONE: &str = "id: a\npriority: 3\nhandling: log_only\nwhen: { message: { contains: abc } }\n";

#[test]
fn one_rule_is_read_as_an_object() {
    let rule = read_rule(ONE, Format::Yaml).unwrap();
    let list = "rules:\n- ".to_owned() + &ONE.trim_end().replace('\n', "\n  ");
    assert_eq!(parse_rules(&list, Format::Yaml).unwrap(), [rule]);
    let bad = r#"{"id": "a", "when": {"message": {"regex": "("}}, "handling": "log"}"#;
    let said = lines(&read_rule(bad, Format::Json).unwrap_err());
    assert_eq!(said.lines().filter(|line| line.starts_with("rule a: ")).count(), 3, "{said}");
    let said = lines(&read_rule("priority: 1", Format::Yaml).unwrap_err());
    assert!(said.starts_with("line 1: id: `id` is missing"), "{said}");
    says_only(&lines(&read_rule("7", Format::Json).unwrap_err()), &["a rule is a table"]);
    says_only(&lines(&read_rule("{", Format::Json).unwrap_err()), &["not JSON"]);
}

#[test]
fn canonical_json_reads_back() {
    let rules = parse_rules(include_str!("../../../rules/junos.toml"), Format::Toml).unwrap();
    for rule in &rules {
        let again = Rule::from_canonical_json(&rule.canonical_json()).unwrap();
        assert_eq!(&again, rule);
        assert_eq!(again.revision(), rule.revision());
    }
    assert!(!export_rules(&rules, Format::Json).is_empty());
    // Values are not looked at before the whole set is compiled.
    let odd = r#"{"id":"a","priority":1,"when":{"message":{"regex":"("}},"handling":"log_only"}"#;
    let rule = Rule::from_canonical_json(odd).unwrap();
    says_only(&lines(&RuleSet::compile(vec![rule]).unwrap_err()), &["rule a: when.message.regex"]);
    says_only(&lines(&Rule::from_canonical_json("{}").unwrap_err()), &["id", "prio", "when", "ha"]);
}
