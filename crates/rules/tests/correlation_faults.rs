//! What is said of settings over several events that are wrong: each once, with place and remedy.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use common::{faults, lines};
use mutt_rules::{Draft, Format, Limits, Rule, RuleSet};

const HEAD: &str = "[[rules]]\nid = 'r'\npriority = 1\n";

/// The faults of a rule with these lines, which logs.
fn said(more: &str) -> String {
    faults(&format!(
        "{HEAD}handling = 'log_only'\nwhen.message.regex = 'port (?<p>\\d+)'\n{more}\n"
    ))
}

#[track_caller]
fn says_only(said: &str, parts: &[&str]) {
    assert_eq!(said.lines().count(), parts.len(), "{said}");
    for (line, part) in said.lines().zip(parts) {
        assert!(line.contains(part), "`{part}` is not in: {line}\n{said}");
    }
}

const CLEAR: &str = "clear.message.contains = 'well'\n";

#[test]
fn values_out_of_their_limits() {
    let number = |least: &str, most: &str| format!("a whole number from {least} to {most}");
    let time = |least: &str, most: &str| format!("a time from {least} to {most}");
    for (more, part) in [
        ("count = { at_least = 1, within = '1m' }", number("2", "1000")),
        ("count = { at_least = -7, within = '1m' }", number("2", "1000")),
        ("count = { at_least = 5, within = '25h' }", time("1s", "1d")),
        ("count = { at_least = 5, within = '0s' }", time("1s", "1d")),
        ("hold_for = '2d'", time("1s", "1d")),
        ("hold_for = '0s'", time("1s", "1d")),
        ("early_clear = '2m'", time("1s", "1m")),
        ("reopen_within = '25h'", time("0s", "1d")),
        ("sequence = { within = '2d', then.app.equals = 'x' }", time("1s", "1d")),
        ("flapping.half_life = '2h'", time("1s", "1h")),
        ("flapping.suppress_above = 101", number("2", "100")),
        ("flapping.suppress_above = 1", number("2", "100")),
        ("flapping = { suppress_above = 5, release_below = 200 }", number("1", "100")),
        ("flapping.release_below = 0", number("1", "100")),
        ("flapping.release_below = 5", "less than `suppress_above`, which is 5".to_owned()),
        ("storm_per_minute = 0", number("1", "10000")),
        ("storm_per_minute = 10001", number("1", "10000")),
    ] {
        let clear = if more.starts_with("count") { "" } else { CLEAR };
        says_only(&said(&format!("{clear}{more}")), &[&part]);
    }
    says_only(
        &said("absent.for = '32d'"),
        &["line 6: rule r: absent.for: expected a time from 1s"],
    );
}

#[test]
fn values_of_the_wrong_shape() {
    for (more, parts) in [
        ("count = 5", vec!["count: is a whole number: expected a table with at_least, within"]),
        ("count = { at_leats = 5, within = '1m' }", vec!["Did you mean `at_least`?"]),
        (
            "count = {}",
            vec!["count.at_least: `at_least` is missing", "count.within: `within` is missing"],
        ),
        (
            "count = { at_least = '5', within = 60 }",
            vec!["a whole number: expected text", "is text: expected a whole"],
        ),
        ("count = { at_least = 5, within = 'soon' }", vec!["`soon` is no length of time"]),
        (
            "count = { at_least = 5, within = '1m', distinct = '{hots} {captures.q}' }",
            vec!["count.distinct: unknown field `hots`", "count.distinct: `{captures.q}` is never"],
        ),
        ("sequence.within = '1m'", vec!["sequence.then: `then` is missing"]),
        ("sequence = { within = '1m', then = {} }", vec!["sequence.then: is empty"]),
        (
            "sequence = { within = '1m', then.mesage.contains = 'x' }",
            vec!["sequence.then.mesage: unknown field"],
        ),
        (
            "sequence = { within = '1m', then.app.equals = 'x', with.message.regex = '(' }",
            vec!["sequence.with.message.regex: bad regex"],
        ),
        ("across_hosts = 'yes'", vec!["across_hosts: is text: expected true or false"]),
        ("pair = true", vec!["pair: unknown key `pair`: a pair is `clear` with `hold_for`"]),
        ("suppressed_by = 'x'", vec!["suppressed_by: is text: expected a list"]),
        ("suppressed_by = [7]", vec!["suppressed_by[0]: is a whole number: expected a table"]),
        (
            "suppressed_by = [{ rule = 'x', same = 'sit' }]",
            vec!["suppressed_by[0].same: `sit` is not known here. Did you mean `site`?"],
        ),
        (
            "suppressed_by = [{ same = 'labels.a b' }]",
            vec!["suppressed_by[0].rule: `rule` is missing", "`a b` is no name of a label"],
        ),
        ("suppressed_by = [{ rule = 'r', same = 'host' }]", vec!["cannot quiet itself"]),
    ] {
        let found = said(more);
        assert_eq!(found.lines().count(), parts.len(), "{found}");
        for part in parts {
            assert!(found.contains(part), "`{part}` is not in: {found}");
        }
    }
    let object = said(&format!("{CLEAR}flapping = {{ object = '{{hots}}' }}"));
    says_only(&object, &["flapping.object: unknown field `hots`"]);
    says_only(&said(&format!("{CLEAR}flapping = 'yes'")), &["flapping: is text: expected a table"]);
    let many = "{ rule = 'x', same = 'host' },".repeat(17);
    says_only(&said(&format!("suppressed_by = [{many}]")), &["17 rules, the limit is 16"]);
}

#[test]
fn absence_of_the_wrong_shape() {
    let between = |more: &str| {
        said(&format!("absent.between = {{ from = '02:00', to = '03:00', zone = 'UTC', {more} }}"))
    };
    assert_eq!(between(""), "");
    says_only(&between("days = ['mo']"), &["absent.between.days: `mo` is not known here. Did you"]);
    says_only(&between("days = []"), &["absent.between.days: expected a list of days"]);
    for (more, part) in [
        ("absent = {}", "absent: says not when it is too long"),
        ("absent = { fo = '1m' }", "Did you mean `for`?"),
        (
            "absent.between = { from = '2:00', to = '03:00', zone = 'UTC' }",
            "`2:00` is no time of day",
        ),
        ("absent.between = { from = '02:00', to = '24:00', zone = 'UTC' }", "00:00 to 23:59"),
        (
            "absent.between = { from = '02:00', to = '02:00', zone = 'UTC' }",
            "is the same as `from`",
        ),
        (
            "absent.between = { from = '02:00', to = '03:00', zone = 'Europe/Berln' }",
            "no time zone is called `Europe/Berln`. Did you mean `Europe/Berlin`?",
        ),
        (
            "absent = { for = '2h', between = { from = '23:30', to = '00:30', zone = 'UTC' } }",
            "absent.for: is longer than `between`, which lasts 1h",
        ),
        ("absent = { for = '1m', expect = {} }", "absent.expect: names nobody"),
        ("absent = { for = '1m', expect.host = ['x'] }", "Did you mean `hosts`?"),
        ("absent = { for = '1m', expect.hosts = ['r*'] }", "`r*` is no host's name"),
        ("absent = { for = '1m', expect.inventory.sit = 'x' }", "Did you mean `site`?"),
        ("absent = { for = '1m', expect.inventory.environment = 'x' }", "it is prod or dev"),
        ("absent = { for = '1m', expect = { hosts = ['x'], keys = ['y'] } }", "has no `key`"),
        ("key = '{captures.p}'\nabsent = { for = '1m', expect.hosts = ['x'] }", "in `keys`"),
        ("key = '{captures.p}'\nabsent = { for = '1m', expect.keys = ['x'] }", "names no hosts"),
        ("across_hosts = true\nabsent = { for = '1m', expect.hosts = ['x'] }", "expects no host"),
        ("absent.for = '1m'\nsummary = '{host} {key} {app}'", "`{app}` is not known where nothing"),
    ] {
        says_only(&said(more), &[part]);
    }
    let hosts = "'x',".repeat(10_001);
    let many = said(&format!("absent = {{ for = '1m', expect.hosts = [{hosts}] }}"));
    says_only(&many, &["10001 hosts and keys, the limit is 10000"]);
    assert_eq!(said("summary = '{host}: nothing of {key}'\nabsent.for = '1m'"), "");
}

#[test]
fn what_does_not_go_together() {
    let absent = said(&format!(
        "{CLEAR}count = {{ at_least = 2, within = '1m' }}\nhold_for = '1m'\nearly_clear = '1s'\n\
         sequence = {{ within = '1m', then.app.equals = 'x' }}\nflapping = true\nabsent.for = '1m'"
    ));
    let parts = ["clear", "count", "hold_for", "early_clear", "sequence", "flapping"]
        .map(|part| format!("{part}: `absent` tells what did not come, so `{part}` means nothing"));
    says_only(&absent, &parts.each_ref().map(String::as_str));
    let alone = said("hold_for = '1m'\nearly_clear = '1s'\nflapping = true");
    says_only(&alone, &["`hold_for` needs `clear`", "`early_clear` needs", "`flapping` needs"]);
    let both = "count = { at_least = 2, within = '1m' }\n\
         sequence = { within = '1m', then.app.equals = 'x' }";
    says_only(&said(both), &["sequence: `count` and `sequence` do not go together"]);
    let rule = |more: &str| faults(&format!("{HEAD}when.app.equals = 'x'\n{more}\n"));
    let quiet = rule("handling = 'suppress'\nstorm_per_minute = 1\nabsent.for = '1m'");
    says_only(&quiet, &["`storm_per_minute` means nothing", "`absent` means nothing"]);
    assert_eq!(
        rule("handling = { prod = 'log_only', dev = 'suppress' }\nstorm_per_minute = 1"),
        ""
    );
    let labels = rule("continue = true\nlabels.a = 'b'\nreopen_within = '1m'\nhold_for = 'x'");
    says_only(&labels, &["`reopen_within` means nothing", "hold_for", "hold_for"]);
}

#[test]
fn stages_capture_what_the_key_names() {
    let found = said(
        "key = '{captures.p}'\nsequence = { within = '1m', then.app.equals = 'x', \
         with.message.regex = '(?<p>x+)', without.app.equals = 'x' }",
    );
    says_only(
        &found,
        &[
            "sequence.without: the key names `{captures.p}`, which `sequence.without` does not",
            "sequence.then: the key names `{captures.p}`",
        ],
    );
}

#[test]
fn what_could_not_be_read_causes_no_other_fault() {
    says_only(&said("claer.message.contains = 'x'\nhold_for = '1m'"), &["Did you mean `clear`?"]);
    says_only(&said("absnt.for = '1m'\nsummary = '{key}'"), &["Did you mean `absent`?"]);
    says_only(&said("absent = 7\nsummary = '{key}'"), &["absent: is a whole number"]);
    let odd = said(&format!("{CLEAR}flapping = {{ suppress_above = 'x', release_below = 7 }}"));
    says_only(&odd, &["flapping.suppress_above: is text"]);
}

/// All faults of a set.
fn of_set(text: &str) -> String {
    let compiled = Draft::read(text, Format::Toml).compile(&Limits::default());
    compiled.err().map(|faults| lines(&faults)).unwrap_or_default()
}

fn child(id: &str, parents: &[&str], more: &str) -> String {
    let parents: String =
        parents.iter().map(|parent| format!("{{ rule = '{parent}', same = 'site' }},")).collect();
    format!(
        "[[rules]]\nid = '{id}'\npriority = 1\n{more}\nwhen.message.contains = '{id} down'\n\
         suppressed_by = [{parents}]\n"
    )
}

#[test]
fn parents_are_in_the_set_and_have_alerts() {
    let log = "handling = 'log_only'";
    let one = child("power", &["powr", "label", "quiet", "site-power"], log);
    let labels = "[[rules]]\nid = 'label'\npriority = 2\ncontinue = true\nlabels.a = 'b'\nwhen.app.equals = 'x'\n";
    let quiet =
        "[[rules]]\nid = 'quiet'\npriority = 3\nhandling = 'suppress'\nwhen.app.equals = 'x'\n";
    let text = format!("{one}{labels}{quiet}{}", child("site-power", &[], log));
    let told = of_set(&text);
    says_only(
        &told,
        &[
            "line 6: rule power: suppressed_by[0].rule: no rule is called `powr`. Did you mean `power`?",
            "suppressed_by[1].rule: rule label only labels",
            "suppressed_by[2].rule: rule quiet suppresses",
        ],
    );
    assert_eq!(faults(&text), "", "each rule for itself is good");
    // A file that could not be read may have it.
    let unread = Draft::read(&one, Format::Toml).join(Draft::read("rule = 1", Format::Toml));
    let told = lines(&unread.compile(&Limits::default()).unwrap_err());
    says_only(&told, &["unknown key `rule`"]);
    // A rule whose id is at fault may be the one.
    assert!(!of_set(&format!("{one}{}", child("", &[], log))).contains("powr"));
}

#[test]
fn circles_of_parents_are_faults() {
    let log = "handling = 'log_only'";
    let rules = [
        child("a", &["b", "x"], log),
        child("b", &["c"], log),
        child("c", &["a"], log),
        child("x", &["y"], log),
        child("y", &["x"], log),
        child("z", &["a", "x"], log),
    ];
    says_only(
        &of_set(&rules.concat()),
        &[
            "line 6: rule a: suppressed_by: rules quiet each other in a circle, so none could be told: a by b by c by a; take",
            "rule x: suppressed_by: rules quiet each other in a circle, so none could be told: x by y by x",
        ],
    );
    assert_eq!(of_set(&[child("a", &["b"], log), child("b", &[], log)].concat()), "");
    let many: String =
        (0..20_000).map(|n| child(&format!("r{n}"), &[&format!("r{}", n + 1)], log)).collect();
    let told = of_set(&format!("{many}{}", child("r20000", &["r0"], log)));
    assert!(told.contains("r0 by r1 by r2") && told.contains("by …"), "{told}");
}

#[test]
fn rules_as_data_are_checked_too() {
    let json = r#"{"id":"a","priority":1,"handling":"log_only","when":{"app":{"equals":"x"}},"count":{"at_least":1,"within":"1m"}}"#;
    let rule = Rule::from_canonical_json(json).unwrap();
    says_only(&lines(&RuleSet::compile(vec![rule]).unwrap_err()), &["count.at_least: expected"]);
}
