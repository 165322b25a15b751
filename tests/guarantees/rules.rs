//! Rules are data: a change is whole and soon in force, and what a test of a rule says is true.

use std::time::{Duration, Instant};

use mutt_output::standin::Door;
use serde_json::{Value, json};

use crate::common::wait;
use crate::world::{LINK, World, account, link};

fn rule(id: &str, word: &str) -> Value {
    json!({
        "id": id, "priority": 10, "team": "noc", "handling": "page_only",
        "when": { "message": { "contains": word } },
    })
}

fn line(text: &str) -> String {
    format!("<187>Nov 23 12:00:00 core-1 {text}")
}

#[test]
fn a_change_of_rules_is_in_force_within_two_seconds() {
    const PROMISED: Duration = Duration::from_secs(2);
    let world = World::start("", Door::Relp, "");
    let mut took = Vec::new();
    // The machine may be busy with something else for once, but not always.
    for round in 0..5 {
        let id = format!("round-{round}");
        let start = Instant::now();
        world.mutt.api().put(&format!("/rules/{id}"), &rule(&id, &id)).expect(200);
        wait::until("the change to judge", || {
            let status = world.mutt.api().get("/status").expect(200).json();
            let (in_force, last) = (&status["in_force"]["revision"], &status["revision"]);
            if in_force == last { Ok(()) } else { Err(status.to_string()) }
        });
        world.accepted(&[line(&id)]);
        world.told("by the new rule", |told| told.signature == format!("core-1::{id}"));
        took.push(start.elapsed());
        if start.elapsed() < PROMISED {
            return;
        }
    }
    panic!("{took:?}");
}

#[test]
fn no_message_is_judged_by_a_half_loaded_set() {
    const ROUNDS: usize = 30;
    let world = World::start("", Door::Relp, "");
    // Two rules that belong together: one owns, the other labels. Sets take turns.
    let set = |name: &str| {
        let mut owner = rule("owner", "alarm");
        owner["key"] = format!("{name}-{{captures.n}}").into();
        owner["when"] = json!({ "message": { "regex": "alarm (?<n>[0-9]+)" } });
        let label = json!({
            "id": "label", "priority": 1, "continue": true, "labels": { "set": name },
            "when": { "message": { "contains": "alarm" } },
        });
        json!({ "rules": [owner, label] }).to_string()
    };
    for round in 0..ROUNDS {
        let body = set(if round % 2 == 0 { "even" } else { "odd" });
        world.mutt.api().ask("PUT", "/rules", &["If-Match: *"], &body).expect(200);
        let lines: Vec<String> = (0..20).map(|n| line(&format!("alarm {round}{n:02}"))).collect();
        world.accepted(&lines);
    }
    let told = wait::until("every alert", || {
        // A set that keys its alerts otherwise ends those of the one before.
        let mut told = world.receivers.moogsoft.told();
        told.retain(|told| told.kind == "open");
        if told.len() == ROUNDS * 20 { Ok(told) } else { Err(told.len().to_string()) }
    });
    for told in &told {
        let label = told.event["custom_info"]["mutt"]["labels"]["set"].as_str();
        let label = label.unwrap_or_else(|| panic!("no label: {:#}", told.event));
        let key = told.signature.rsplit("::").next().unwrap_or_default();
        assert!(key.starts_with(&format!("{label}-")), "{} with {label}", told.signature);
    }
    let sets =
        ["even", "odd"].map(|set| told.iter().any(|t| t.signature.contains(&format!("::{set}-"))));
    assert_eq!(sets, [true, true], "both sets have judged");
}

#[test]
fn an_import_with_one_bad_rule_of_500_changes_nothing_and_lists_every_fault() {
    let world = World::start(LINK, Door::Relp, "");
    let mut rules: Vec<Value> =
        (0..500).map(|n| rule(&format!("r{n}"), &format!("word-{n}"))).collect();
    rules[250]["when"] = json!({ "message": { "regex": "(" } });
    rules[250]["severity"] = "terrible".into();
    rules[250]["summary"] = "{captures.nothing}".into();
    rules[250]["examples"] = json!([{ "expect": "perhaps", "message": "x" }]);
    let body = json!({ "rules": rules }).to_string();
    let before = world.mutt.api().get("/rules/export").expect(200);
    let refused = world.mutt.api().ask("PUT", "/rules", &["If-Match: *"], &body).expect(422).json();
    let faults = refused["errors"].as_array().expect("faults");
    let mut places: Vec<&str> =
        faults.iter().map(|f| f["path"].as_str().unwrap_or_default()).collect();
    places.sort_unstable();
    for place in ["examples[0].expect", "severity", "when.message.regex"] {
        assert!(places.contains(&place), "{place} is not among {places:?}");
    }
    assert!(faults.iter().all(|fault| fault["name"] == "r250"), "{refused:#}");
    let after = world.mutt.api().get("/rules/export").expect(200);
    assert_eq!(
        (after.text, after.headers["etag"].clone()),
        (before.text, before.headers["etag"].clone())
    );
}

#[test]
fn a_lost_update_is_refused() {
    let world = World::start("", Door::Relp, "");
    let api = world.mutt.api();
    api.put("/rules/a", &rule("a", "one")).expect(200);
    // Two people read the same state; the one who writes last is told.
    let etag = format!("If-Match: {}", api.get("/rules/a").expect(200).etag());
    api.ask("PUT", "/rules/a", &[&etag], &rule("a", "two").to_string()).expect(200);
    let late = api.ask("PUT", "/rules/a", &[&etag], &rule("a", "three").to_string()).expect(412);
    assert!(late.json()["detail"].as_str().expect("why").contains("changed meanwhile"));
    let word = api.get("/rules/a").expect(200).json();
    assert_eq!(word["rule"]["when"]["message"]["contains"], "two");
    // Without saying which state is meant, nothing that is there is changed.
    api.ask("PUT", "/rules/a", &[], &rule("a", "three").to_string()).expect(428);
}

#[test]
fn any_revision_can_be_restored() {
    let world = World::start("", Door::Relp, "");
    let api = world.mutt.api();
    let states: Vec<String> = (0..5)
        .map(|n| {
            let set = json!({ "rules": [rule(&format!("r{n}"), &format!("word-{n}")), rule("all", &format!("number-{n}"))] });
            api.ask("PUT", "/rules", &["If-Match: *"], &set.to_string()).expect(200);
            api.get("/rules/export").expect(200).text
        })
        .collect();
    for number in [3, 1, 5, 2, 4] {
        api.post(&format!("/revisions/{number}/restore"), &json!({})).expect(200);
        assert_eq!(
            api.get("/rules/export").expect(200).text,
            states[number - 1],
            "revision {number}"
        );
    }
    world.accepted(&[line("word-3 is here")]);
    world.told("by the rule that was brought back", |told| told.signature == "core-1::r3");
}

#[test]
fn a_backtest_of_the_rules_in_force_says_what_they_did() {
    let world = World::start(LINK, Door::Relp, "");
    let lines: Vec<String> = (0..600)
        .map(|n| match n % 6 {
            0 => line(&format!("link p{} is down", n % 24)),
            3 => line(&format!("link p{} is up", n % 36)),
            _ => line("nothing of note"),
        })
        .collect();
    lines.chunks(50).for_each(|chunk| world.accepted(chunk));
    let live = account(&world.settled(), "judge");
    let rules: Value =
        serde_json::from_str(&world.mutt.api().get("/rules/export").expect(200).text)
            .expect("JSON");
    let wanted = json!({ "rules": rules["rules"] });
    let started = world.mutt.api().post("/backtests", &wanted).expect(202).json();
    let path = format!("/backtests/{}", started["id"].as_str().expect("an id"));
    let report = wait::until("the backtest's end", || {
        let view = world.mutt.api().get(&path).expect(200).json();
        if view["status"] == "finished" {
            Ok(view["report"].clone())
        } else {
            Err(view.to_string())
        }
    });
    assert_eq!((&report["events"], &report["all"]["same"]), (&json!(600), &json!(600)));
    for set in ["live", "draft"] {
        for outcome in ["alerting", "logged", "suppressed", "unhandled"] {
            let found = report[set]["outcomes"][outcome].as_u64().unwrap_or(0);
            assert_eq!(found, live.of(outcome), "{set} {outcome}: {report:#}");
        }
    }
    let told = world.receivers.moogsoft.told();
    let opened = told.iter().filter(|told| told.kind == "open").count() as u64;
    assert_eq!(report["live"]["opened"], opened);
}

#[test]
fn a_backtest_moves_nobodys_cursor() {
    let world = World::start(LINK, Door::Relp, "");
    let lines: Vec<String> = (0..200).map(|n| line(&format!("link p{n} is down"))).collect();
    world.accepted(&lines);
    let before = world.settled();
    let wanted = json!({ "rules": [rule("other", "down")] });
    let started = world.mutt.api().post("/backtests", &wanted).expect(202).json();
    let path = format!("/backtests/{}", started["id"].as_str().expect("an id"));
    wait::until_true("the backtest's end", || {
        world.mutt.api().get(&path).expect(200).json()["status"] == "finished"
    });
    assert_eq!(world.settled(), before);
    assert_eq!(world.receivers.moogsoft.told().len(), 200, "and tells nobody");
}

#[test]
fn a_shadow_rule_judges_and_counts_and_pages_nobody() {
    let world = World::start("", Door::Relp, "");
    let mut shadow = rule("tried", "alarm");
    shadow["mode"] = "shadow".into();
    shadow["priority"] = 1.into();
    world.mutt.api().put("/rules/tried", &shadow).expect(200);
    world.mutt.api().put("/rules/live", &rule("live", "alarm two")).expect(200);
    world.accepted(&[line("alarm one"), line("alarm two")]);
    world.told("the live rule", |told| told.signature == "core-1::live");
    world.settled();
    assert_eq!(world.mutt.metric("mutt_shadow_matches_total", &["rule=\"tried\""]), 2.0);
    assert_eq!(world.receivers.moogsoft.told().len(), 1);
}

#[test]
fn a_shadow_rule_counts_the_alerts_and_pages_that_it_makes_once_it_is_live() {
    let world = World::start("", Door::Relp, "");
    let mut tried = json!({
        "id": "tried", "priority": 1, "team": "noc", "handling": "page_only", "mode": "shadow",
        "when": { "message": { "regex": "alarm (?<n>[0-9]+)" } },
        "clear": { "message": { "regex": "calm (?<n>[0-9]+)" } },
        "key": "{captures.n}", "count": { "at_least": 2, "within": "10m" },
    });
    world.mutt.api().put("/rules/tried", &tried).expect(200);
    // Seven alarms, five of them twice, three of which are over.
    let lines: Vec<String> = (0..7)
        .chain(0..5)
        .map(|n| line(&format!("alarm {n}")))
        .chain((0..3).map(|n| line(&format!("calm {n}"))))
        .collect();
    world.accepted(&lines);
    world.settled();
    let counted = |name: &str, label: &str| world.mutt.metric(name, &["rule=\"tried\"", label]);
    wait::until("the metrics, which follow the commit", || {
        let opened = counted("mutt_shadow_alerts_total", "");
        let [open, clear] = ["kind=\"open\",handling=\"page_only\"", "kind=\"clear\""]
            .map(|label| counted("mutt_shadow_notices_total", label));
        let found = [opened, open, clear];
        if found == [5.0, 5.0, 3.0] { Ok(()) } else { Err(format!("{found:?}")) }
    });
    let pages = world.mutt.api().get("/hours?kind=shadow_pages").expect(200).json();
    let hours = pages.as_array().expect("hours").iter();
    assert_eq!(hours.filter_map(|hour| hour["count"].as_u64()).sum::<u64>(), 5);
    assert!(world.receivers.moogsoft.told().is_empty());

    tried["mode"] = "live".into();
    let body = tried.to_string();
    world.mutt.api().ask("PUT", "/rules/tried", &["If-Match: *"], &body).expect(200);
    wait::until_true("the change to judge", || {
        let status = world.mutt.api().get("/status").expect(200).json();
        status["in_force"]["revision"] == status["revision"]
    });
    world.accepted(&lines);
    wait::until("what it tells now", || {
        let told = world.receivers.moogsoft.told();
        let count = |kind: &str| told.iter().filter(|told| told.kind == kind).count();
        let counts = [count("open"), count("clear")];
        if counts == [5, 3] { Ok(()) } else { Err(format!("{counts:?}")) }
    });
    assert_eq!(counted("mutt_shadow_alerts_total", ""), 5.0, "nothing is in shadow any more");
}

#[test]
fn every_alert_says_by_which_rule_and_why_and_explain_says_the_same() {
    let world = World::start(LINK, Door::Relp, "");
    world.accepted(&[line("link a is down")]);
    let told = world.told("the link", |told| told.signature == "core-1::link::a");
    let question = json!({ "id": told.correlation_id });
    let answer = world.mutt.api().post("/explain", &question).expect(200).json();
    let owner = &answer["explanation"]["owner"];
    let mutt = &told.event["custom_info"]["mutt"];
    assert_eq!(
        (&owner["rule"], &owner["revision"]),
        (&mutt["rule"], &mutt["revision"]),
        "{mutt:#}"
    );
    assert_eq!(owner["reason"], mutt["reason"], "{mutt:#}");
}

#[test]
fn a_scenario_tells_what_a_live_mutt_tells() {
    let (down, up) = (link("eth0", "down"), link("eth0", "up"));
    let held = format!("{LINK}hold_for = \"1s\"\n");
    let with = |told: &str| {
        format!(
            "{held}[[rules.scenarios]]\nname = \"it lasts\"\ntold = [{told}]\nevents = [\
             {{ at = \"0s\", message = \"{down}\" }}, {{ at = \"3s\", message = \"{up}\" }}]\n"
        )
    };
    let told = "{ at = \"1s\", kind = \"open\" }, { at = \"3s\", kind = \"clear\" }";
    let world = World::start(&with(told), Door::Relp, "");
    world.accepted(std::slice::from_ref(&down));
    world.told("of the problem", |told| told.kind == "open");
    world.accepted(std::slice::from_ref(&up));
    world.told("of its end", |told| told.kind == "clear");
    assert_eq!(world.receivers.moogsoft.told().len(), 2);
    let otherwise = with("{ at = \"0s\", kind = \"open\" }");
    let refused = world.mutt.api().put_rules(&otherwise);
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(refused.text.contains("tells [1s open"), "{}", refused.text);
}
