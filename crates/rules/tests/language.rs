//! Labels, rules that only label, shadow rules, what the inventory knows, JSON and numbers.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use std::borrow::Cow;

use common::{event, faults, holds, judge, set, trap};
use mutt_event::{Envelope, Event, Flags, Input, Kind, MessageId, Parser, ParserConfig, Timestamp};
use mutt_rules::{
    Environments, Format, Inventory, InventoryEntry, Match, RuleSet, Scratch, Verdict, coverage,
    parse_rules,
};

const LINE: &str = "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down";

fn rule(id: &str, priority: u32, more: &str) -> String {
    format!("[[rules]]\nid = \"{id}\"\npriority = {priority}\n{more}\n")
}

fn inventory() -> Inventory {
    let entry = InventoryEntry {
        host: "core-*".into(),
        site: Some("berlin".into()),
        team: Some("net-b".into()),
        labels: [("rack".to_owned(), "7".to_owned())].into(),
        ..InventoryEntry::default()
    };
    Inventory::new(vec![entry], Environments::default()).unwrap()
}

fn judge_located(set: &RuleSet, event: &Event<'_>) -> Verdict {
    set.judge(event, inventory().locate(event.host, None), &mut Scratch::default())
}

#[test]
fn the_inventory_is_tested_and_named() {
    let set = set(&rule(
        "r",
        1,
        "handling = 'log_only'\nwhen.message.contains = 'changed state'\nwhen.site.equals = 'Berlin'\n\
         when.team.in = ['x', 'net-b']\nwhen.labels.rack.at_least = 7\nwhen.labels.none.exists = false\n\
         key = '{site}/{team}/{labels.rack}/{labels.none}'",
    ));
    let owner = judge_located(&set, &event(LINE)).owner.unwrap();
    assert_eq!(owner.key, "berlin/net-b/7/");
    assert_eq!(owner.team, "net-b", "the host's team where the rule names none");
    assert!(judge(&set, &event(LINE)).owner.is_none(), "nothing is known of the host");
}

#[test]
fn labels_are_templates_and_rules_that_continue_add_theirs() {
    let label = |id: &str, priority, labels: &str| {
        let more = format!("continue = true\nwhen.message.contains = 'state'\nlabels = {labels}");
        rule(id, priority, &more)
    };
    let text = [
        rule(
            "owner",
            10,
            "handling = 'log_only'\nwhen.message.regex = 'Interface (?<ifname>\\S+),'\n\
             labels = { port = '{captures.ifname} of {host}', kind = 'owner' }",
        ),
        label("first", 1, "{ kind = 'first', who = 'first' }"),
        label("second", 20, "{ who = 'second', last = '{mnemonic}' }"),
    ]
    .concat();
    let verdict = judge(&set(&text), &event(LINE));
    let labels: Vec<(&str, &str)> = verdict
        .owner
        .as_ref()
        .map(|owner| owner.labels.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect())
        .unwrap();
    assert_eq!(
        labels,
        [
            ("kind", "owner"),
            ("last", "LINK-3-UPDOWN"),
            ("port", "Gi0/1, of core-rtr-01".replace(',', "").as_str()),
            ("who", "first"),
        ]
    );
    let ids: Vec<_> = verdict.continues.iter().map(|found| found.rule_id.as_str()).collect();
    assert_eq!(ids, ["first", "second"]);
    let alone = judge(&set(&label("only", 1, "{ a = 'b' }")), &event(LINE));
    assert!(alone.is_nothing() && alone.continues.len() == 1);
}

#[test]
fn a_shadow_rule_is_told_of_and_does_nothing() {
    let text = |mode: &str| {
        let first = format!(
            "mode = '{mode}'\nhandling = 'log_only'\nwhen.message.contains = 'to down'\n\
             clear.message.contains = 'to up'"
        );
        let second = "handling = 'suppress'\nwhen.message.contains = 'changed state'";
        rule("new", 1, &first) + &rule("old", 2, second)
    };
    let shadow = set(&text("shadow"));
    let verdict = judge(&shadow, &event(LINE));
    assert_eq!(verdict.owner.as_ref().unwrap().rule_id, "old");
    assert_eq!(verdict.shadows[0].rule_id, "new");
    assert!(verdict.shadows[0].rule < verdict.owner.unwrap().rule, "live, it would own the event");
    let verdict = judge(&shadow, &event("changed state to up"));
    assert_eq!((verdict.clears.len(), verdict.shadow_clears.len()), (0, 1));
    assert_eq!(judge(&set(&text("live")), &event(LINE)).owner.unwrap().rule_id, "new");
    let off = judge(&set(&text("off")), &event(LINE));
    assert_eq!((off.owner.unwrap().rule_id.as_str(), off.shadows.len()), ("old", 0));
}

#[test]
fn what_shadow_rules_would_do_is_taken_out_of_a_verdict() {
    let owns = "handling = 'log_only'\nwhen.message.contains = 'state'";
    let shadow = format!("mode = 'shadow'\n{owns}\nclear.message.contains = 'to up'");
    let labels =
        "mode = 'shadow'\ncontinue = true\nlabels.a = 'b'\nwhen.message.contains = 'state'";
    let early = [
        rule("label", 1, labels),
        rule("early", 2, &shadow),
        rule("second", 3, &shadow),
        rule("live", 4, owns),
        rule("late", 5, &shadow),
    ];
    let ids = |found: &[Match]| found.iter().map(|m| m.rule_id.clone()).collect::<Vec<_>>();
    let early = set(&early.concat());
    let mut verdict = judge(&early, &event(LINE));
    assert_eq!(ids(&verdict.shadows), ["label", "early", "second", "late"]);
    let tried = early.take_shadow(&mut verdict);
    assert_eq!(tried.owner.unwrap().rule_id, "early", "the first that could own it");
    assert_eq!(verdict.owner.as_ref().unwrap().rule_id, "live");
    assert!(early.take_shadow(&mut verdict).is_nothing(), "it is taken out");
    let mut verdict = judge(&early, &event("changed state to up"));
    let tried = early.take_shadow(&mut verdict);
    assert_eq!((tried.owner, ids(&tried.clears).len()), (None, 3), "clears count whoever owns it");
    // What a live rule owns before them, they would not get.
    let late = set(&[rule("live", 1, owns), rule("late", 2, &shadow)].concat());
    assert!(late.take_shadow(&mut judge(&late, &event(LINE))).is_nothing());
}

#[test]
fn a_clear_of_a_shadow_rule_is_an_example_too() {
    let more = "mode = 'shadow'\nhandling = 'log_only'\nwhen.message.contains = 'fan failed'\n\
                clear.message.contains = 'fan is well'\n\
                examples = [{ expect = 'clear', message = '<13>fan is well' }]";
    let faults = set(&rule("r", 1, more)).check_examples(&Parser::new(ParserConfig::default()));
    assert_eq!(faults, []);
}

#[test]
fn examples_of_shadow_rules_and_those_that_label_are_checked() {
    let example = |mode: &str, line: &str| {
        let more = format!(
            "mode = '{mode}'\nhandling = 'log_only'\nwhen.message.contains = 'fan failed'\n\
             examples = [{{ expect = 'match', message = '<13>{line}' }}]"
        );
        set(&rule("r", 1, &more)).check_examples(&Parser::new(ParserConfig::default())).len()
    };
    assert_eq!((example("shadow", "fan failed"), example("shadow", "fan is well")), (0, 1));
    assert_eq!(example("off", "fan is well"), 0, "a rule that is off may be a draft");
}

#[test]
fn what_makes_no_sense_together_is_a_fault() {
    let said = |more: &str| faults(&rule("r", 1, &format!("when.app.equals = 'x'\n{more}")));
    for (more, part) in [
        ("continue = true", "has no `labels`"),
        (
            "continue = true\nlabels.a = 'b'\nhandling = 'page_only'\nteam = 't'",
            "`handling` means nothing",
        ),
        ("continue = true\nlabels.a = 'b'\nclear.app.equals = 'y'", "`clear` means nothing"),
        ("continue = true\nlabels.a = 'b'\nkey = 'y'", "`key` means nothing"),
        ("handling = 'log_only'\nlabels.\"a b\" = 'c'", "labels.a b: `a b` is no name of a label"),
        ("handling = 'log_only'\nlabels.a = '{hots}'", "labels.a: unknown field `hots`"),
        ("handling = 'log_only'\nlabels = 'a'", "expected a table"),
        ("handling = 'log_only'\nmode = 'shadwo'", "live, shadow, off"),
        ("handling = 'log_only'\ncontinue = 'yes'", "expected true or false"),
        ("labels.a = 'b'", "`handling` is missing"),
    ] {
        assert!(said(more).contains(part), "`{part}` is not in: {}", said(more));
    }
}

#[test]
fn numbers_in_text_are_compared() {
    let mut seven = event(LINE);
    seven.procid = Some(Cow::Borrowed(b"7"));
    for (condition, fits) in [
        ("{ procid = { at_least = 7 } }", true),
        ("{ procid = { at_least = \"7.01\" } }", false),
        ("{ procid = { at_most = 7 } }", true),
        ("{ procid = { at_most = 6 } }", false),
        ("{ procid = { between = [5, 7] } }", true),
        ("{ procid = { between = [8, 9] } }", false),
        ("{ procid = { between = [-1, \"1e3\"] } }", true),
        ("{ message = { at_least = 0 } }", false),
    ] {
        assert_eq!(holds(condition, &seven), fits, "{condition}");
    }
    assert!(holds(r#"{ varbind."1.3.6.1.2.1.2.2.1.1" = { between = [7, 7] } }"#, &trap("1.3.6")));
    for (condition, part) in [
        ("{ app = { at_least = \"5 %\" } }", "`5 %` is no number"),
        ("{ app = { between = [9, 1] } }", "9 is more than 1"),
        ("{ app = { between = [1] } }", "two numbers"),
        ("{ peer = { between = [1, 2] } }", "cannot be asked of peer"),
        ("{ severity = { between = [1, 2] } }", "cannot be asked of severity"),
    ] {
        let said = faults(&rule("r", 1, &format!("handling = 'log_only'\nwhen = {condition}")));
        assert!(said.contains(part), "`{part}` is not in: {said}");
    }
}

fn json_event<'a>(parser: &Parser, raw: &'a [u8]) -> Event<'a> {
    let envelope = Envelope {
        input: Input::Http,
        kind: Kind::Json,
        flags: Flags::default(),
        received: Timestamp::ZERO,
        session: 0,
        peer: None,
        host: "core-rtr-01",
        dedup: None,
        usm: None,
        raw,
    };
    parser.parse(MessageId { appended: Timestamp::ZERO, partition: 0, position: 0 }, &envelope)
}

#[test]
fn json_members_are_fields_by_path() {
    let parser = Parser::new(ParserConfig::default());
    let raw =
        br#"{"message": "m", "device": {"name": "Fan 1", "in": 3, "ports": [{"up": false}]}}"#;
    let event = json_event(&parser, raw);
    for (condition, fits) in [
        (r#"{ json.device.name.equals = "fan 1" }"#, true),
        (r#"{ json."device.name" = { equals = "fan 1", case = true } }"#, false),
        (r#"{ json.device.in.between = [3, 4] }"#, true),
        (r#"{ json.device = { exists = true, ports.0.up.equals = "false" } }"#, true),
        (r#"{ json.device.name.exists = false }"#, false),
        (r#"{ json.device.none.exists = false }"#, true),
        (r#"{ json.device.name.regex = '^fan (?<n>\d)$' }"#, true),
    ] {
        assert_eq!(holds(condition, &event), fits, "{condition}");
    }
    assert!(!holds(r#"{ json.device.name.contains = "fan" }"#, &common::event(LINE)));
    let said = |when: &str| faults(&rule("r", 1, &format!("handling = 'log_only'\nwhen.{when}")));
    assert!(said("json.a.contain = 'x'").contains("Did you mean `contains`?"));
    assert!(said("json.equals = 'x'").contains("no path into a JSON object"));
    let revision = |when: &str| {
        let text = rule("r", 1, &format!("handling = 'log_only'\n{when}"));
        parse_rules(&text, Format::Toml).unwrap()[0].revision()
    };
    assert_eq!(
        revision("when.json.a.b.equals = 'x'\nwhen.json.a-b.equals = 'x'"),
        revision("when.json.\"a-b\".equals = 'x'\nwhen.json.\"a.b\".equals = 'x'")
    );
}

#[test]
fn coverage_names_rules_without_examples() {
    let line = "examples = [{ expect = 'match', message = 'x' }]";
    let base = "handling = 'log_only'\nwhen.app.equals = 'x'";
    let text = rule("a", 1, &format!("{base}\n{line}"))
        + &rule("b", 2, base)
        + &rule("c", 3, &format!("{base}\nclear.app.equals = 'y'\n{line}"));
    let found = coverage(&parse_rules(&text, Format::Toml).unwrap());
    assert_eq!(found.to_string(), "2 of 3 rules have examples (2); none: b; none that clears: c");
}

#[test]
fn one_bad_rule_of_many_lists_every_fault() {
    let good = |n: u32| rule(&format!("r{n}"), n, "handling = 'log_only'\nwhen.app.equals = 'x'");
    let mut text: String = (0..499).map(good).collect();
    text += "[[rules]]\nid = 'bad one'\npriority = 'x'\nhandling = 'pge_only'\n\
             when.message.regex = '('\nwhen.mesage.contains = 'x'\nlabels = { 'a b' = '{x}' }\n";
    let said = faults(&text);
    // Values that cannot be read come first; what they mean is checked once they can.
    assert!(said.lines().count() >= 3, "{said}");
    for part in ["priority", "Did you mean `page_only`", "Did you mean `message`"] {
        assert!(said.contains(part), "{said}");
    }
}
