//! What is said of bad rules: all at once, with place and remedy.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use common::{faults, lines};
use mutt_rules::{Format, Limits, RuleSet, Warning, parse_rules};

/// The one fault of a rule with these lines in it.
fn fault_of(lines: &str) -> String {
    let text = format!(
        "[[rules]]\nid = \"r1\"\npriority = 1\nhandling = \"page_only\"\nteam = \"net\"\n{lines}\n"
    );
    let said = faults(&text);
    assert_eq!(said.lines().count(), 1, "expected one fault: {said}");
    said
}

fn fault_of_when(when: &str) -> String {
    fault_of(&format!("when = {when}"))
}

#[track_caller]
fn says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

#[test]
fn bad_values_of_tests() {
    let line = "line 6: rule r1: ";
    says(
        &fault_of_when(r#"{ message = { regex = '(unclosed' } }"#),
        &[line, "when.message.regex: ", "bad regex: unclosed group, at character 1"],
    );
    says(
        &fault_of_when(r#"{ message = { regex = '(\w{1,500} ){1,500}' } }"#),
        &[line, "262144 bytes", "smaller counts"],
    );
    says(&fault_of_when(r#"{ message = { regex = '(?u)k' } }"#), &["(?u)", "ASCII"]);
    says(
        &fault_of_when(r#"{ json.n = { ">=" = 1, at_least = 2 } }"#),
        &[line, "when.json.n: ", "one operator"],
    );
    says(
        &fault_of_when(r#"{ trap_oid = { oid_prefix = "1.3.six" } }"#),
        &["when.trap_oid.oid_prefix: ", "`1.3.six` is no OID", "write numbers"],
    );
    says(
        &fault_of_when(r#"{ peer = { cidr = "10.0.0.0/33" } }"#),
        &["when.peer.cidr: ", "`10.0.0.0/33` is no network", "10.1.0.0/16"],
    );
    says(
        &fault_of_when(r#"{ severity = { at_least = "eror" } }"#),
        &["no severity is called `eror`", "Did you mean `error`?", "emergency"],
    );
    says(&fault_of_when(r#"{ input = { equals = "udp" } }"#), &["syslog_udp"]);
    says(&fault_of_when(r#"{ facility = { equals = "loca17" } }"#), &["Did you mean `local7`?"]);
    says(
        &fault_of_when(r#"{ host = { glob = "lab-[" } }"#),
        &["when.host.glob: ", "without its `]`"],
    );
    says(
        &fault_of_when(r#"{ varbind = { ifIndex = { equals = 1 } } }"#),
        &["when.varbind.ifIndex"],
    );
    says(&fault_of_when(r#"{ message = { contains = "" } }"#), &["is empty"]);
}

#[test]
fn unknown_fields_and_operators_get_a_hint() {
    says(
        &fault_of_when(r#"{ mesage = { contains = "x y" } }"#),
        &["when.mesage: ", "unknown field `mesage`", "Did you mean `message`?", "mnemonic"],
    );
    says(
        &fault_of_when(r#"{ message = { contain = "x y" } }"#),
        &["when.message.contain: ", "Did you mean `contains`?", "starts_with"],
    );
    says(
        &fault_of_when(
            r#"{ any = [{ message = { contains = "xyz" } }, { hots = { equals = "x" } }] }"#,
        ),
        &["when.any[1].hots: ", "Did you mean `host`?"],
    );
    says(
        &fault_of("when.message.contains = \"xyz\"\npriorty = 3"),
        &["line 7: ", "unknown key `priorty`", "Did you mean `priority`?"],
    );
    says(
        &fault_of_when(r#"{ severity = { regex = "err" } }"#),
        &["`regex` cannot be asked of severity", "at_least"],
    );
    says(
        &fault_of_when(r#"{ trap_oid = { equals = "1.2", case = true } }"#),
        &["`case` means nothing for trap_oid"],
    );
}

#[test]
fn conditions_of_the_wrong_shape() {
    says(&fault_of_when("{}"), &["would fit every event"]);
    says(&fault_of_when("\"text\""), &["when: is text", "table of tests"]);
    says(&fault_of_when("{ any = [] }"), &["when.any: is empty"]);
    says(&fault_of_when("{ all = { message = { contains = \"abc\" } } }"), &["expected a list"]);
    says(&fault_of_when("{ message = \"text\" }"), &["say how to compare"]);
    says(&fault_of_when("{ message = { case = true } }"), &["names no operator"]);
    says(&fault_of_when("{ message = { in = \"x\" } }"), &["expected a list of texts"]);
    says(&fault_of_when("{ message = { exists = \"yes\" } }"), &["expected true or false"]);
    let deep =
        format!("{}{{ host = {{ equals = \"x\" }} }}{}", "{ not = ".repeat(20), " }".repeat(20));
    says(&fault_of_when(&deep), &["when: nested deeper than 16"]);
}

#[test]
fn bad_templates() {
    let when = r#"when.message.regex = 'Interface (?<ifname>\S+) down'"#;
    says(
        &fault_of(&format!("{when}\nsummary = \"{{captures.ifnam}} down\"")),
        &["line 7: rule r1: summary: ", "never captured", "Did you mean `ifname`?"],
    );
    says(&fault_of(&format!("{when}\nkey = \"{{hots}}\"")), &["key: ", "Did you mean `host`?"]);
    says(&fault_of(&format!("{when}\nkey = \"{{host\"")), &["stands alone"]);
    says(
        &fault_of(&format!(
            "{when}\nkey = \"{{captures.ifname}}\"\nclear.message.contains = \"is up\""
        )),
        &["line 8: rule r1: clear: ", "no clear would find its alert", "(?<ifname>"],
    );
}

#[test]
fn bad_parts_of_a_rule() {
    let when = "when.message.contains = \"abc\"";
    says(&fault_of(&format!("{when}\nseverity = \"error\"")), &["severity: ", "critical, major"]);
    says(
        &fault_of(&format!("{when}\nclose_after = \"1 day\"")),
        &["close_after: ", "24h", "never"],
    );
    says(&fault_of(&format!("{when}\nnote = \"\"")), &["note: is empty"]);
    says(&fault_of(&format!("{when}\nrunbook = 7")), &["runbook: is a whole number"]);
    says(
        &faults(
            "[[rules]]\nid = \"a\"\npriority = 1\nhandling = { prod = \"page_only\" }\nteam = \"t\"\nwhen.host.equals = \"x\"\n",
        ),
        &["line 4: rule a: handling: ", "both `prod` and `dev`"],
    );
    says(
        &faults(
            "[[rules]]\nid = \"a\"\npriority = 1\nhandling = \"page\"\nteam = \"t\"\nwhen.host.equals = \"x\"\n",
        ),
        &["`page` is not known here", "page_and_ticket"],
    );
    says(
        &faults(
            "[[rules]]\nid = \"a b\"\npriority = -1\nhandling = \"log_only\"\nwhen.host.equals = \"x\"\n",
        ),
        &["line 3: rule a b: priority: ", "lowest is tried first"],
    );
    says(
        &faults(
            "[[rules]]\nid = \"a::b\"\npriority = 1\nhandling = \"log_only\"\nwhen.host.equals = \"x\"\n",
        ),
        &["line 2: rule a::b: id: ", "letters, digits"],
    );
    says(
        &faults(
            "[[rules]]\nid = \"a\"\npriority = 1\nhandling = \"page_only\"\nwhen.host.equals = \"x\"\n",
        ),
        &["rule a: team: ", "who is responsible"],
    );
}

#[test]
fn examples_of_the_wrong_shape() {
    let when = "when.message.contains = \"abc\"";
    let fault = |example: &str| fault_of(&format!("{when}\nexamples = [{example}]"));
    says(&fault("{ message = \"abc\" }"), &["examples[0].expect: ", "`expect` is missing"]);
    says(&fault("{ expect = \"match\" }"), &["either `message`"]);
    says(&fault("{ message = \"abc\", expect = \"matches\" }"), &["Did you mean `match`?"]);
    says(&fault("{ trap = { oid = \"x\" }, expect = \"match\" }"), &["is not an OID"]);
}

#[test]
fn all_faults_of_a_file_come_at_once() {
    let said = faults(
        r#"
[[rules]]
id = "a"
priority = 1
handling = "log_only"
when.message.regex = '['

[[rules]]
priority = 1
handling = "log_only"
when.hosst.equals = "x"

[[rules]]
id = "ok"
priority = 1
handling = "log_only"
when.host.equals = "x"

[[rules]]
id = "ok"
priority = 2
handling = "log_only"
when.host.equals = "y"
"#,
    );
    says(
        &said,
        &[
            "line 6: rule a: when.message.regex: ",
            "rule number 2: id: `id` is missing",
            "line 11: rule number 2: when.hosst: ",
            "line 20: rule ok: id: another rule in line 14 has this id",
        ],
    );
    assert_eq!(said.lines().filter(|line| line.contains("rule ")).count(), 4, "{said}");
}

#[test]
fn yaml_tells_lines_too() {
    let yaml = "rules:\n  - id: a\n    priority: 1\n    handling: log_only\n    when:\n      any:\n        - message: { contains: abc }\n        - message: { regex: '(' }\n";
    let said = lines(&parse_rules(yaml, Format::Yaml).unwrap_err());
    says(&said, &["line 8: rule a: when.any[1].message.regex: "]);
}

#[test]
fn a_file_of_the_wrong_shape() {
    says(&faults("rule = []"), &["unknown key `rule`", "`rules`"]);
    says(&faults("rules = 1"), &["line 1: ", "expected a list of rules"]);
    says(
        &lines(&parse_rules("- a", Format::Yaml).unwrap_err()),
        &["expected a list named `rules`"],
    );
    assert!(parse_rules("", Format::Toml).unwrap().is_empty());
    assert!(parse_rules("rules: []", Format::Yaml).unwrap().is_empty());
}

#[test]
fn a_condition_without_an_anchor_is_a_warning_and_too_many_are_a_fault() {
    let rule = |n: usize| {
        format!(
            "[[rules]]\nid = \"r{n}\"\npriority = {n}\nhandling = \"log_only\"\nwhen.message.regex = '\\d+ x'\n"
        )
    };
    let many = |count: usize| {
        let text: String = (0..count).map(rule).collect();
        RuleSet::compile(parse_rules(&text, Format::Toml).unwrap())
    };
    let no_anchor = |warnings: Vec<Warning>| -> Vec<Warning> {
        warnings.into_iter().filter(|warning| warning.0.message.contains("no anchor")).collect()
    };
    let warnings = no_anchor(many(64).unwrap().1);
    assert_eq!(warnings.len(), 0, "` x` is an anchor of two bytes");
    let bare = |count: usize| {
        let text: String = (0..count).map(|n| rule(n).replace("\\d+ x", "\\d+")).collect();
        RuleSet::compile(parse_rules(&text, Format::Toml).unwrap())
    };
    let warnings = no_anchor(bare(64).unwrap().1);
    assert_eq!(warnings.len(), 64);
    says(
        &warnings[0].to_string(),
        &["line 5: rule r0: when: ", "tried on every event", "mnemonic"],
    );
    let faults = bare(65).unwrap_err();
    says(&lines(&faults), &["65 conditions have no anchor, the limit is 64", "rule r64"]);
}

#[test]
fn too_many_rules_are_a_fault() {
    let text: String = (0..3)
        .map(|n| format!("[[rules]]\nid = \"r{n}\"\npriority = 1\nhandling = \"log_only\"\nwhen.host.equals = \"h{n}\"\n"))
        .collect();
    let rules = parse_rules(&text, Format::Toml).unwrap();
    let limits = Limits { rules_max: 2, ..Limits::default() };
    says(
        &lines(&RuleSet::compile_within(rules, &limits).unwrap_err()),
        &["3 rules, the limit is 2"],
    );
}
