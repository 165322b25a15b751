//! The matcher, with its index, says what a plain loop over all rules says.
//!
//! The loop here reads the rules' JSON itself and shares no code with the crate: only the regex
//! engine and the network type are the same.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

mod common;

use std::borrow::Cow;
use std::net::IpAddr;

use common::{event, lines, trap};
use ipnet::IpNet;
use mutt_event::{Event, Input, Severity};
use mutt_rules::{Environment, Format, Limits, RuleSet, Scratch, parse_rules};
use proptest::prelude::*;
use regex::bytes::RegexBuilder;
use serde_json::{Value, json};

const WORDS: &[&str] = &[
    "link",
    "LINK",
    "Link",
    "down",
    "Up",
    "state to ",
    "fail",
    "x",
    " ",
    "é",
    "K",
    "k",
    "\u{212a}",
    "1",
    "wn",
    "lxnk",
    "stage",
    "up1",
];
const PIECES: &[&str] = &[
    "link",
    "Up",
    "down",
    "(up|down)",
    "(?:fail|link|x)",
    "l.nk",
    "[a-k]",
    "[^l]",
    "\\d",
    "\\s?",
    "x*",
    "(?:do)?wn",
    "k+",
    "é",
    "^",
    "$",
    "\\b",
    "(?i:STATE)",
    "(?-i:Up)",
    ".*",
    "(?:|up)",
    "k{2}",
    "(?:link)?",
    "(?:down)*",
    "(?:state){0,1}",
    "(?:x|link)+",
    "stage",
];
const HOSTS: [&str; 5] = ["core-1", "CORE-2", "lab-1", "10.1.2.3", "10.2.0.9"];
const MNEMONICS: [&str; 4] = ["LINK-3-UPDOWN", "Link-3-Updown", "OSPF-5-ADJCHG", "FAIL-1-X"];
const OIDS: [&str; 5] =
    ["1.3.6.1.4.1.9", "1.3.6.1.4.1.99", "1.3.6.1.4.1.9.9.43", "1.3.6", "1.3.6.1.6"];
const NETS: [&str; 3] = ["10.1.0.0/16", "10.0.0.0/8", "0.0.0.0/0"];
const GLOBS: [&str; 6] = ["*", "link*", "*down", "*l?nk*up*", "core-[0-9]", "*[!a-z]"];

fn words(count: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(WORDS), count).prop_map(|words| words.concat())
}

fn text_test() -> impl Strategy<Value = Value> {
    let field = prop::sample::select(vec!["message", "raw", "app", "msgid", "host", "mnemonic"]);
    let pattern = prop::collection::vec(prop::sample::select(PIECES), 1..4)
        .prop_map(|pieces| pieces.concat());
    let operator = prop_oneof![
        words(1..3).prop_map(|text| ("contains", json!(text))),
        words(1..3).prop_map(|text| ("starts_with", json!(text))),
        words(1..3).prop_map(|text| ("ends_with", json!(text))),
        words(1..2).prop_map(|text| ("equals", json!(text))),
        prop::sample::select(&MNEMONICS[..]).prop_map(|text| ("equals", json!(text))),
        prop::sample::select(&HOSTS[..]).prop_map(|text| ("equals", json!(text))),
        prop::collection::vec(words(1..2), 1..4).prop_map(|texts| ("in", json!(texts))),
        prop::sample::select(&GLOBS[..]).prop_map(|text| ("glob", json!(text))),
        pattern.prop_map(|text| ("regex", json!(text))),
        any::<bool>().prop_map(|there| ("exists", json!(there))),
    ];
    (field, operator, prop::bool::weighted(0.2)).prop_map(|(field, (name, value), case)| {
        if case {
            json!({field: {name: value, "case": true}})
        } else {
            json!({field: {name: value}})
        }
    })
}

fn test() -> impl Strategy<Value = Value> {
    let severity = prop::sample::select(Severity::ALL.map(Severity::name).to_vec());
    let oid = prop::sample::select(&OIDS[..]);
    let net = prop::sample::select(&NETS[..]);
    prop_oneof![
        8 => text_test(),
        1 => (prop::sample::select(vec!["at_least", "at_most", "equals"]), severity)
            .prop_map(|(name, word)| json!({"severity": {name: word}})),
        1 => (prop::sample::select(vec!["oid_prefix", "equals"]), oid)
            .prop_map(|(name, oid)| json!({"trap_oid": {name: oid}})),
        1 => (prop::sample::select(vec!["peer", "host"]), net)
            .prop_map(|(field, net)| json!({field: {"cidr": net}})),
        1 => Just(json!({"environment": {"equals": "dev"}})),
        1 => Just(json!({"varbind": {"1.3.6.1.2.1.2.2.1.1": {"contains": "7"}}})),
    ]
}

fn condition() -> impl Strategy<Value = Value> {
    test().prop_recursive(4, 16, 3, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            3 => list.clone().prop_map(|parts| json!({"all": parts})),
            3 => list.prop_map(|parts| json!({"any": parts})),
            2 => inner.prop_map(|part| json!({"not": part})),
        ]
    })
}

fn rules() -> impl Strategy<Value = Vec<Value>> {
    let rule = (condition(), prop::option::weighted(0.3, condition()), 0u32..4);
    prop::collection::vec(rule, 1..14).prop_map(|rules| {
        let rule = |(n, (when, clear, priority)): (usize, (Value, Option<Value>, u32))| {
            let mut rule = json!({"id": format!("r{n:02}"), "priority": priority, "handling": "log_only", "when": when});
            if let Some(clear) = clear {
                rule["clear"] = clear;
            }
            rule
        };
        rules.into_iter().enumerate().map(rule).collect()
    })
}

#[derive(Clone, Debug)]
struct Shape {
    message: String,
    host: &'static str,
    mnemonic: Option<&'static str>,
    app: Option<String>,
    severity: u8,
    trap: Option<&'static str>,
    odd_byte: bool,
}

fn shape() -> impl Strategy<Value = Shape> {
    (
        words(0..8),
        prop::sample::select(&HOSTS[..]),
        prop::option::of(prop::sample::select(&MNEMONICS[..])),
        prop::option::of(words(1..2)),
        0u8..8,
        prop::option::weighted(0.3, prop::sample::select(&OIDS[..])),
        any::<bool>(),
    )
        .prop_map(|(message, host, mnemonic, app, severity, trap, odd_byte)| Shape {
            message,
            host,
            mnemonic,
            app,
            severity,
            trap,
            odd_byte,
        })
}

fn build(shape: &Shape) -> Event<'_> {
    let mut event = match shape.trap {
        Some(oid) => trap(oid),
        None => event(&shape.message),
    };
    event.host = shape.host;
    event.msgid = None;
    event.mnemonic = shape.mnemonic.map(|text| Cow::Borrowed(text.as_bytes()));
    event.app = shape.app.as_ref().map(|text| Cow::Borrowed(text.as_bytes()));
    event.severity =
        if shape.trap.is_some() { None } else { Severity::from_number(shape.severity) };
    event.input = Input::SyslogTcp;
    let mut message = shape.message.clone().into_bytes();
    if shape.odd_byte {
        message.push(0xff);
    }
    event.message = Cow::Owned(message);
    event
}

/// The plain loop's view of a text field.
fn text<'e>(event: &'e Event<'_>, field: &str) -> Option<&'e [u8]> {
    match field {
        "message" => Some(&event.message),
        "raw" => Some(event.raw),
        "host" => Some(event.host.as_bytes()),
        "app" => event.app.as_deref(),
        "msgid" => event.msgid.as_deref(),
        "mnemonic" => event.mnemonic.as_deref(),
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

/// Owner and clears by trying every rule.
fn plain_loop(rules: &[Value], event: &Event<'_>, dev: bool) -> (Option<String>, Vec<String>) {
    let mut order: Vec<&Value> = rules.iter().collect();
    order.sort_by_key(|rule| (rule["priority"].as_u64(), rule["id"].as_str()));
    let id = |rule: &&Value| rule["id"].as_str().unwrap().to_owned();
    let clears = |rule: &&Value| rule.get("clear").is_some_and(|clear| holds(event, dev, clear));
    let owner = order.iter().find(|rule| holds(event, dev, &rule["when"]) && !clears(rule)).map(id);
    (owner, order.iter().filter(|rule| clears(rule)).map(id).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn the_matcher_equals_the_plain_loop(
        rules in rules(),
        shapes in prop::collection::vec(shape(), 1..12),
        dev: bool,
    ) {
        let text = json!({ "rules": rules }).to_string();
        let parsed = parse_rules(&text, Format::Json).map_err(|faults| TestCaseError::fail(lines(&faults)))?;
        let limits = Limits { unanchored_max: usize::MAX, ..Limits::default() };
        let (set, _) = RuleSet::compile_within(parsed, &limits)
            .map_err(|faults| TestCaseError::fail(lines(&faults)))?;
        let environment = if dev { Environment::Dev } else { Environment::Prod };
        let mut scratch = Scratch::default();
        for shape in &shapes {
            let event = build(shape);
            let verdict = set.judge(&event, environment, &mut scratch);
            let found = (
                verdict.owner.map(|owner| owner.rule_id),
                verdict.clears.into_iter().map(|clear| clear.rule_id).collect::<Vec<_>>(),
            );
            prop_assert_eq!(found, plain_loop(&rules, &event, dev), "{:?}", shape);
        }
    }
}
