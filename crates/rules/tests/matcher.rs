//! The matcher, with its index, says what a plain loop over all rules says.
//!
//! The loop here reads the rules' JSON itself and shares no code with the crate: only the regex
//! engine and the network type are the same.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use std::net::IpAddr;

use common::lines;
use common::random::{build, rules, shape};
use ipnet::IpNet;
use mutt_event::{Event, Severity};
use mutt_rules::{
    Environment, Environments, Explanation, Format, Inventory, InventoryEntry, Limits, Match,
    Matched, RuleSet, Scratch, Stage, Verdict, Warning, parse_rules,
};
use proptest::prelude::*;
use regex::bytes::RegexBuilder;
use serde_json::{Value, json};

/// The plain loop's view of a text field.
fn text<'e>(event: &'e Event<'_>, field: &str) -> Option<&'e [u8]> {
    match field {
        "message" => Some(&event.message),
        "raw" => Some(event.raw),
        "host" => Some(event.host.as_bytes()),
        "app" => event.app.as_deref(),
        "msgid" => event.msgid.as_deref(),
        "mnemonic" => event.mnemonic.as_deref(),
        "procid" => event.procid.as_deref(),
        other => panic!("no such field: {other}"),
    }
}

fn glob_fits(pattern: &[u8], value: &[u8]) -> bool {
    match pattern.split_first() {
        None => value.is_empty(),
        Some((b'*', rest)) => (0..=value.len()).any(|from| glob_fits(rest, &value[from..])),
        Some((b'[', rest)) => {
            let end = rest.iter().position(|byte| *byte == b']').unwrap();
            let (not, class) = match rest[..end].split_first() {
                Some((b'!', class)) => (true, class),
                _ => (false, &rest[..end]),
            };
            value.split_first().is_some_and(|(byte, tail)| {
                (class[0] <= *byte && *byte <= class[2]) != not && glob_fits(&rest[end + 1..], tail)
            })
        }
        Some((wanted, rest)) => value.split_first().is_some_and(|(byte, tail)| {
            (*wanted == b'?' || wanted == byte) && glob_fits(rest, tail)
        }),
    }
}

fn text_fits(value: &[u8], operator: &str, wanted: &Value, case: bool) -> bool {
    let fold = |bytes: &[u8]| if case { bytes.to_vec() } else { bytes.to_ascii_lowercase() };
    let value = fold(value);
    if let "at_least" | "between" = operator {
        let number = std::str::from_utf8(&value).ok().and_then(|text| text.trim().parse().ok());
        let (least, most) = match wanted.as_array() {
            Some(ends) => (ends[0].as_i64().unwrap(), ends[1].as_i64().unwrap()),
            None => (wanted.as_i64().unwrap(), i64::MAX),
        };
        return number.is_some_and(|number: i64| least <= number && number <= most);
    }
    let one = |wanted: &Value| fold(wanted.as_str().unwrap().as_bytes());
    match operator {
        "contains" => value.windows(one(wanted).len()).any(|window| window == one(wanted)),
        "starts_with" => value.starts_with(&one(wanted)),
        "ends_with" => value.ends_with(&one(wanted)),
        "equals" => value == one(wanted),
        "in" => wanted.as_array().unwrap().iter().any(|wanted| value == one(wanted)),
        "glob" => glob_fits(&one(wanted), &value),
        other => panic!("no such operator: {other}"),
    }
}

fn test_holds(
    event: &Event<'_>,
    dev: bool,
    field: &str,
    operator: &str,
    wanted: &Value,
    case: bool,
) -> bool {
    let number = |word: &Value| Severity::ALL.iter().position(|s| s.name() == word).unwrap();
    let below = |oid: &str, prefix: &str| oid == prefix || oid.starts_with(&format!("{prefix}."));
    match (field, operator) {
        ("environment", _) => dev == (wanted == "dev"),
        ("severity", _) => event.severity.is_some_and(|severity| {
            let is = usize::from(severity.number());
            match operator {
                "at_least" => is <= number(wanted),
                "at_most" => is >= number(wanted),
                _ => is == number(wanted),
            }
        }),
        ("trap_oid", _) => event.trap_oid().is_some_and(|oid| {
            let (oid, wanted) = (oid.to_string(), wanted.as_str().unwrap());
            if operator == "equals" { oid == wanted } else { below(&oid, wanted) }
        }),
        (_, "cidr") => {
            let ip = if field == "peer" {
                event.peer.map(|peer| peer.ip())
            } else {
                event.host.parse::<IpAddr>().ok()
            };
            let net: IpNet = wanted.as_str().unwrap().parse().unwrap();
            ip.is_some_and(|ip| net.contains(&ip))
        }
        (_, "exists") => text(event, field).is_some() == wanted.as_bool().unwrap(),
        (_, "regex") => {
            let pattern = wanted.as_str().unwrap();
            let regex =
                RegexBuilder::new(pattern).unicode(false).case_insensitive(!case).build().unwrap();
            text(event, field).is_some_and(|value| regex.is_match(value))
        }
        _ => text(event, field).is_some_and(|value| text_fits(value, operator, wanted, case)),
    }
}

fn holds(event: &Event<'_>, dev: bool, condition: &Value) -> bool {
    condition.as_object().unwrap().iter().all(|(key, value)| match key.as_str() {
        "all" => value.as_array().unwrap().iter().all(|part| holds(event, dev, part)),
        "any" => value.as_array().unwrap().iter().any(|part| holds(event, dev, part)),
        "not" => !holds(event, dev, value),
        "varbind" => event.trap.is_some(),
        // Hosts with a 1 in their name stand there; see `inventory`.
        "site" => event.host.contains('1'),
        "json" => {
            event.json.is_some() && {
                let object: Value = serde_json::from_slice(event.raw).unwrap();
                let text = object.pointer("/a/0/b").unwrap().as_str().unwrap();
                text_fits(text.as_bytes(), "contains", &value["a.0.b"]["contains"], false)
            }
        }
        field => {
            let operators = value.as_object().unwrap();
            let case = operators.get("case").is_some_and(|case| case == true);
            operators
                .iter()
                .filter(|(name, _)| *name != "case")
                .all(|(name, wanted)| test_holds(event, dev, field, name, wanted, case))
        }
    })
}

/// Ids: the owner, clears, stages with their names, rules that label, shadow rules.
#[derive(PartialEq, Debug, Default)]
struct Outcome {
    owner: Option<String>,
    clears: Vec<String>,
    stages: Vec<(String, String)>,
    continues: Vec<String>,
    shadows: Vec<String>,
}

/// The outcome by trying every rule.
fn plain_loop(rules: &[Value], event: &Event<'_>, dev: bool) -> Outcome {
    let mut order: Vec<&Value> = rules.iter().filter(|rule| rule["mode"] != "off").collect();
    order.sort_by_key(|rule| (rule["priority"].as_u64(), rule["id"].as_str()));
    let mut outcome = Outcome::default();
    for rule in order {
        let id = rule["id"].as_str().unwrap().to_owned();
        let shadow = rule["mode"] == "shadow";
        if !shadow {
            for stage in ["with", "without", "then"] {
                let condition = rule.get("sequence").and_then(|sequence| sequence.get(stage));
                if condition.is_some_and(|condition| holds(event, dev, condition)) {
                    outcome.stages.push((id.clone(), format!("sequence.{stage}")));
                }
            }
        }
        if rule.get("clear").is_some_and(|clear| holds(event, dev, clear)) {
            if !shadow {
                outcome.clears.push(id);
            }
            continue;
        }
        match holds(event, dev, &rule["when"]) {
            true if shadow => outcome.shadows.push(id),
            true if rule["continue"] == true => outcome.continues.push(id),
            true if outcome.owner.is_none() => outcome.owner = Some(id),
            _ => {}
        }
    }
    outcome
}

fn judged(verdict: Verdict) -> Outcome {
    let ids = |found: Vec<Match>| found.into_iter().map(|found| found.rule_id).collect();
    let stage = |(stage, found): (Stage, Match)| {
        let name = match stage {
            Stage::With => "sequence.with",
            Stage::Without => "sequence.without",
            Stage::Then => "sequence.then",
        };
        (found.rule_id, name.to_owned())
    };
    Outcome {
        owner: verdict.owner.map(|owner| owner.rule_id),
        clears: ids(verdict.clears),
        stages: verdict.stages.into_iter().map(stage).collect(),
        continues: ids(verdict.continues),
        shadows: ids(verdict.shadows),
    }
}

fn explained(explanation: &Explanation) -> Outcome {
    let ids = |found: &[Matched]| found.iter().map(|found| found.rule.clone()).collect();
    // The reason begins with the part that fits.
    let stage = |found: &Matched| {
        (found.rule.clone(), found.reason.split(' ').next().unwrap_or_default().to_owned())
    };
    Outcome {
        owner: explanation.owner.as_ref().map(|owner| owner.rule.clone()),
        clears: ids(&explanation.clears),
        stages: explanation.stages.iter().map(stage).collect(),
        continues: ids(&explanation.continues),
        shadows: ids(&explanation.shadows),
    }
}

/// All hosts are of this environment.
fn inventory(dev: bool) -> Inventory {
    let environment = Some(if dev { Environment::Dev } else { Environment::Prod });
    let entry = |host: &str, site: Option<&str>| InventoryEntry {
        host: host.to_owned(),
        environment,
        site: site.map(str::to_owned),
        ..InventoryEntry::default()
    };
    let entries = vec![entry("*", None), entry("*1*", Some("berlin"))];
    Inventory::new(entries, Environments::default()).unwrap()
}

fn compile(rules: &[Value]) -> Result<(RuleSet, Vec<Warning>), TestCaseError> {
    let fail = |faults: Vec<mutt_rules::Fault>| TestCaseError::fail(lines(&faults));
    let parsed = parse_rules(&json!({ "rules": rules }).to_string(), Format::Json).map_err(fail)?;
    let limits = Limits { unanchored_max: usize::MAX, ..Limits::default() };
    RuleSet::compile_within(parsed, &limits).map_err(fail)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn the_matcher_equals_the_plain_loop(
        rules in rules(),
        shapes in prop::collection::vec(shape(), 1..12),
        dev: bool,
    ) {
        let (set, _) = compile(&rules)?;
        let inventory = inventory(dev);
        let mut scratch = Scratch::default();
        for shape in &shapes {
            let event = build(shape);
            let located = inventory.locate(event.host, None);
            let found = judged(set.judge(&event, located, &mut scratch));
            prop_assert_eq!(found, plain_loop(&rules, &event, dev), "{:?}", shape);
        }
    }

    #[test]
    fn an_explanation_tells_what_the_matcher_did(
        rules in rules(),
        shapes in prop::collection::vec(shape(), 1..6),
        dev: bool,
    ) {
        let (set, _) = compile(&rules)?;
        let inventory = inventory(dev);
        for shape in &shapes {
            let event = build(shape);
            let located = inventory.locate(event.host, None);
            let verdict = set.judge(&event, located, &mut Scratch::default());
            let explanation = set.explain(&event, located);
            let owner = verdict.owner.as_ref().map(|owner| (&owner.reason, &owner.labels));
            let told = explanation.owner.as_ref().map(|owner| (&owner.reason, &owner.labels));
            prop_assert_eq!(owner, told);
            for near in &explanation.near {
                prop_assert!(!near.failed.is_empty() && near.held < near.tests);
            }
            prop_assert_eq!(judged(verdict), explained(&explanation), "{:?}", shape);
        }
    }

    #[test]
    fn what_is_called_unreachable_is(
        rules in rules(),
        shapes in prop::collection::vec(shape(), 1..24),
    ) {
        let (set, warnings) = compile(&rules)?;
        let said: Vec<&str> = warnings
            .iter()
            .filter(|warning| warning.0.message.starts_with("never owns"))
            .filter_map(|warning| warning.0.rule.as_deref())
            .collect();
        let unreachable = set.unreachable();
        let never: Vec<&str> = unreachable.iter().map(|one| one.rule.as_str()).collect();
        prop_assert_eq!(&said, &never, "what is called so is warned of");
        for one in &unreachable {
            let place = |id: &str| set.rules().iter().position(|rule| rule.id == id);
            prop_assert!(place(&one.by) < place(&one.rule), "{:?}", one);
        }
        for shape in &shapes {
            let event = build(shape);
            let verdict = set.judge(&event, Environment::Prod, &mut Scratch::default());
            let owner = verdict.owner.map(|owner| owner.rule_id).unwrap_or_default();
            prop_assert!(!never.contains(&owner.as_str()), "{}", owner);
        }
    }
}
