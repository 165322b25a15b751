//! Scenarios of rules: what somebody is told over a time.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

use mutt_event::{Parser, ParserConfig};
use mutt_pipeline::scenario_faults;
use mutt_rules::{Draft, Format, Inventory, Limits, RuleSet, read_inventory};

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");

fn rules(toml: &str) -> RuleSet {
    let draft = Draft::read(toml, Format::Toml);
    let checked = draft.check(&Limits::default(), &Parser::new(ParserConfig::default()));
    checked.unwrap_or_else(|faults| panic!("{faults:?}")).0
}

/// What is wrong with the scenarios.
fn faults_with(toml: &str, inventory: &Inventory) -> Vec<String> {
    let parser = Parser::new(ParserConfig::default());
    let faults = scenario_faults(&rules(toml), inventory, &Limits::default(), &parser);
    faults.iter().map(ToString::to_string).collect()
}

fn faults(toml: &str) -> Vec<String> {
    faults_with(toml, &Inventory::default())
}

/// A rule with the rest of it.
fn rule(id: &str, rest: &str) -> String {
    format!(
        "[[rules]]\nid = \"{id}\"\npriority = 1\nteam = \"noc\"\nhandling = \"page_only\"\n\
         when.message.contains = \"{id}-down\"\n{rest}\n"
    )
}

/// A scenario: seconds and messages, until when, and what is told.
fn scenario(events: &[(u64, &str)], until: u64, told: &str) -> String {
    let event = |(at, message): &(u64, &str)| {
        format!("{{ at = \"{at}s\", message = \"<13>Nov 23 12:00:00 r1 a: {message}\" }}")
    };
    let events: Vec<String> = events.iter().map(event).collect();
    format!(
        "[[rules.scenarios]]\nname = \"it\"\nevents = [{}]\nuntil = \"{until}s\"\ntold = [{told}]\n",
        events.join(", ")
    )
}

#[test]
fn the_scenarios_of_the_reference_hold() {
    let text = std::fs::read_to_string(DOCS).unwrap();
    let blocks = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let with: Vec<&str> = blocks.filter(|block| block.contains("scenarios")).collect();
    assert_eq!(with.len(), 1);
    assert_eq!(faults(with[0]), Vec::<String>::new());
    let other = with[0].replace("{ at = \"30s\"", "{ at = \"31s\"");
    assert!(faults(&other)[0].contains("tells [30s open"), "{:?}", faults(&other));
}

#[test]
fn counts_holds_and_clears_are_played() {
    let rest = "clear.message.contains = \"up\"\ncount = { at_least = 2, within = \"10s\" }\n\
                hold_for = \"5s\"\n";
    let events = [(0, "x-down"), (20, "x-down"), (25, "x-down"), (40, "x up")];
    let told =
        "{ at = \"30s\", kind = \"open\", host = \"r1\" }, { at = \"40s\", kind = \"clear\" }";
    // The host of an example is not read out of its message.
    let told = told.replace("r1", "example");
    let text = rule("x", rest) + &scenario(&events, 60, &told);
    assert_eq!(faults(&text), Vec::<String>::new());
    let text = rule("x", rest) + &scenario(&events[..3], 29, "");
    assert_eq!(faults(&text), Vec::<String>::new(), "it is held until 30 s");
    let text = rule("x", rest) + &scenario(&events, 60, "");
    let found = faults(&text);
    assert!(found[0].contains("was to tell nothing, but tells [30s open example"), "{found:?}");
    assert!(found[0].contains("scenarios[0]"), "{found:?}");
}

#[test]
fn who_is_expected_is_missed_if_the_scenario_names_it() {
    let rest = "absent = { for = \"1m\", expect = { hosts = [\"r1\", \"r2\"] } }";
    let told = "{ at = \"60s\", kind = \"open\", host = \"r1\" }";
    let text = rule("beat", rest) + &scenario(&[], 90, told);
    assert_eq!(faults(&text), Vec::<String>::new());
}

#[test]
fn a_rule_that_takes_the_event_and_a_parent_count() {
    let first = "[[rules]]\nid = \"first\"\npriority = 0\nhandling = \"log_only\"\n\
                 when.message.contains = \"link-down\"\n";
    let events = [(0, "link-down")];
    let told = "{ at = \"0s\", kind = \"open\" }";
    let text = rule("link", "") + &scenario(&events, 9, told);
    assert_eq!(faults(&text), Vec::<String>::new());
    assert_eq!(faults(&format!("{first}\n{text}")).len(), 1, "another rule owns it");

    let parent = "suppressed_by = [{ rule = \"power\", same = \"site\" }]";
    let events = [(0, "power-down"), (1, "link-down")];
    let text = rule("power", "") + &rule("link", parent) + &scenario(&events, 9, "");
    let hosts = "[[hosts]]\nhost = \"example\"\nsite = \"a\"\n";
    let hosts = read_inventory(hosts, Format::Toml).unwrap();
    let inventory = Inventory::new(hosts, Default::default()).unwrap();
    assert_eq!(faults_with(&text, &inventory), Vec::<String>::new());
    assert_eq!(faults(&text).len(), 1, "without a site there is no parent");
}

#[test]
fn a_rule_in_shadow_is_played_as_if_live_and_one_that_is_off_is_not() {
    let events = [(0, "x-down")];
    let told = "{ at = \"0s\", kind = \"open\" }";
    let text = |mode: &str, told: &str| {
        rule("x", &format!("mode = \"{mode}\"")) + &scenario(&events, 9, told)
    };
    assert_eq!(faults(&text("shadow", told)), Vec::<String>::new());
    assert_eq!(faults(&text("shadow", "")).len(), 1);
    assert_eq!(faults(&text("off", "")), Vec::<String>::new());
}

#[test]
fn what_is_wrong_with_a_scenario_is_told_with_its_place() {
    let read = |scenario: &str| {
        let text = format!("{}[[rules.scenarios]]\n{scenario}\n", rule("x", ""));
        let draft = Draft::read(&text, Format::Toml);
        let faults = draft.compile(&Limits::default()).unwrap_err();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    for (scenario, expected) in [
        ("name = \"a\"", "`events` is missing"),
        ("events = []\ntold = []", "`name` is missing"),
        ("name = \"a\"\nevents = [{ at = \"1s\" }]\ntold = []", "needs either `message`"),
        ("name = \"a\"\nevents = []\ntold = [{ at = \"1s\", kind = \"page\" }]", "`page` is not"),
        ("name = \"a\"\nevents = []\ntold = []\nuntil = \"32d\"", "longer than 31 days"),
        ("name = \"a\"\nevents = []\ntold = []\nstart = \"noon\"", "`noon` is no time"),
        (
            "name = \"a\"\nevents = [{ at = \"2s\", message = \"a\" }, { at = \"1s\", message = \"b\" }]\ntold = []",
            "not in the order",
        ),
        (
            "name = \"a\"\nevents = [{ at = \"2s\", message = \"a\" }]\nuntil = \"1s\"\ntold = []",
            "before its last event",
        ),
    ] {
        let found = read(scenario);
        assert!(found.contains(expected) && found.contains("scenarios[0]"), "{scenario}: {found}");
    }
}
