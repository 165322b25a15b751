//! Random rules and events.

use std::borrow::Cow;

use mutt_event::{Event, Input, Severity};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{event, trap};

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
    let field =
        prop::sample::select(vec!["message", "raw", "app", "msgid", "host", "mnemonic", "procid"]);
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
        (-1i32..8).prop_map(|least| ("at_least", json!(least))),
        (-1i32..4, 0i32..5).prop_map(|(least, more)| ("between", json!([least, least + more]))),
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
        1 => Just(json!({"site": {"equals": "berlin"}})),
        1 => words(1..2).prop_map(|text| json!({"json": {"a.0.b": {"contains": text}}})),
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

/// What may follow the first event of a rule.
fn sequence() -> impl Strategy<Value = Value> {
    let between = || prop::option::of(condition());
    (condition(), between(), between()).prop_map(|(then, with, without)| {
        let mut sequence = json!({"within": "5m", "then": then});
        for (name, part) in [("with", with), ("without", without)] {
            if let Some(part) = part {
                sequence[name] = part;
            }
        }
        sequence
    })
}

/// A rule without an id.
fn rule() -> impl Strategy<Value = Value> {
    let clear = prop::option::weighted(0.3, condition());
    let sequence = prop::option::weighted(0.2, sequence());
    (condition(), clear, sequence, 0u32..4, 0usize..12).prop_map(
        |(when, clear, sequence, priority, mode)| {
            let mut rule = json!({"priority": priority, "handling": "log_only", "when": when});
            if let Some(mode) = ["shadow", "off"].get(mode) {
                rule["mode"] = json!(mode);
            }
            if mode == 2 {
                rule["continue"] = json!(true);
                rule["labels"] = json!({"by": "{host}"});
                return rule;
            }
            for (name, part) in [("clear", clear), ("sequence", sequence)] {
                if let Some(part) = part {
                    rule[name] = part;
                }
            }
            rule
        },
    )
}

/// Rules as JSON, with conditions that nest.
pub fn rules() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(rule(), 1..14).prop_map(|mut rules| {
        for (number, rule) in rules.iter_mut().enumerate() {
            rule["id"] = json!(format!("r{number:02}"));
        }
        rules
    })
}

/// What an event is made of.
#[derive(Clone, Debug)]
pub struct Shape {
    pub message: String,
    pub host: &'static str,
    pub mnemonic: Option<&'static str>,
    pub app: Option<String>,
    pub severity: u8,
    pub trap: Option<&'static str>,
    pub odd_byte: bool,
    pub json: Option<String>,
}

/// Any event that the rules may fit.
pub fn shape() -> impl Strategy<Value = Shape> {
    (
        words(0..8),
        prop::sample::select(&HOSTS[..]),
        prop::option::of(prop::sample::select(&MNEMONICS[..])),
        prop::option::of(words(1..2)),
        0u8..8,
        prop::option::weighted(0.3, prop::sample::select(&OIDS[..])),
        any::<bool>(),
        prop::option::weighted(0.3, words(0..3)),
    )
        .prop_map(|(message, host, mnemonic, app, severity, trap, odd_byte, text)| Shape {
            message,
            host,
            mnemonic,
            app,
            severity,
            trap,
            odd_byte,
            json: text.map(|text| json!({"a": [{"b": text}], "c": 1}).to_string()),
        })
}

/// The event of a shape.
pub fn build(shape: &Shape) -> Event<'_> {
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
    event.procid = event.app.clone();
    if let Some(json) = &shape.json {
        event.raw = json.as_bytes();
        event.json = Some(Box::default());
    }
    event
}
