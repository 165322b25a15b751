//! Rules as data become conditions, templates and keys that are ready to use.
//!
//! From: [`Rule`]s. To: the index and the matcher. All that can be wrong with a single rule's
//! values is found here.

pub(crate) mod anchor;
pub(crate) mod check;
pub(crate) mod literal;
pub(crate) mod logic;
pub(crate) mod pattern;
pub(crate) mod tree;

use std::time::Duration;

use crate::draft::Sketch;
use crate::inventory::check_label;
use crate::template::Template;
use crate::{CloseAfter, Condition, Fault, Handling, Limits, Mode, Rule};
use tree::Node;

/// Parts without which it is not known which events a rule takes.
const JUDGING: [&str; 7] = ["id", "priority", "when", "clear", "key", "continue", "mode"];

/// What a rule does with an event that it wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Owner,
    /// It only labels.
    Continue,
    Shadow,
    Off,
}

impl Role {
    fn of(rule: &Rule) -> Role {
        match rule.mode {
            Mode::Live if rule.continues => Role::Continue,
            Mode::Live => Role::Owner,
            Mode::Shadow => Role::Shadow,
            Mode::Off => Role::Off,
        }
    }
}

/// A rule, ready to judge.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub role: Role,
    pub when: Node,
    pub clear: Option<Node>,
    /// None: the event's message.
    pub summary: Option<Template>,
    /// For a clear: none if the clear does not capture what the summary names.
    pub clear_summary: Option<Template>,
    pub key: Template,
    pub labels: Vec<(String, Template)>,
    pub revision: String,
    pub close_after: Option<Duration>,
}

impl Compiled {
    /// Compiles one rule, if it is known what it judges, and tells everything that is wrong with
    /// its values. What could not be read causes no fault here.
    pub fn new(sketch: &Sketch, limits: &Limits) -> (Option<Compiled>, Vec<Fault>) {
        let rule = &sketch.rule;
        let mut faults = Vec::new();
        check_plain(sketch, &mut faults);
        let (when, when_names) = part(sketch, &rule.when, "when", limits, &mut faults);
        let (clear, clear_names) = match &rule.clear {
            None => (Some(None), None),
            Some(clear) => {
                let (node, names) = part(sketch, clear, "clear", limits, &mut faults);
                (node.map(Some), names)
            }
        };
        let mut read = |path: &str, text: &str| {
            Template::parse(text, when_names.as_deref())
                .map_err(|found| {
                    faults.extend(found.into_iter().map(|message| Fault::at(path, message)));
                })
                .ok()
        };
        let summary = rule.summary.as_ref().and_then(|text| read("summary", text));
        let key = read("key", &rule.key);
        let label = |(name, text): (&String, &String)| {
            Some((name.clone(), read(&format!("labels.{name}"), text)?))
        };
        let labels = rule.labels.iter().filter_map(label).collect();
        check_labels(rule, limits, &mut faults);
        if let (Some(key), Some(known)) = (&key, &clear_names) {
            check_clear_captures(key, known, &mut faults);
        }
        let is_judging = !JUDGING.iter().any(|part| sketch.is_doubtful(part));
        let parts = when.zip(key).zip(clear);
        let compiled = parts.filter(|_| is_judging).map(|((when, key), clear)| Compiled {
            role: Role::of(rule),
            when,
            clear,
            clear_summary: summary.clone().filter(|summary| {
                clear_names.is_some_and(|known| summary.captures().all(|name| has(&known, name)))
            }),
            summary,
            key,
            labels,
            revision: rule.revision(),
            close_after: rule.close_after.resolve(rule.clear.is_some()),
        });
        let faults = faults.into_iter().map(|fault| placed(rule, fault)).collect();
        (compiled, faults)
    }
}

impl Compiled {
    /// Whether its `clear` ends alerts.
    pub fn clears(&self) -> bool {
        self.role == Role::Owner && self.clear.is_some()
    }
}

/// The fault with its rule, file and line.
fn placed(rule: &Rule, fault: Fault) -> Fault {
    let line = fault.line;
    let placed = rule.fault(fault.path, fault.message);
    Fault { line: line.or(placed.line), ..placed }
}

fn has(known: &[String], name: &str) -> bool {
    known.iter().any(|known| known == name)
}

fn names(node: &Node) -> Vec<String> {
    let mut names = Vec::new();
    node.capture_names(&mut names);
    names
}

/// Compiles a condition; the names that it captures come only if all of it is known.
fn part(
    sketch: &Sketch,
    condition: &Condition,
    name: &str,
    limits: &Limits,
    faults: &mut Vec<Fault>,
) -> (Option<Node>, Option<Vec<String>>) {
    let before = faults.len();
    let node = Node::new(condition, 0, limits, faults);
    for fault in faults.iter_mut().skip(before).filter(|fault| fault.path.is_empty()) {
        fault.path = name.to_owned();
    }
    let names = node.as_ref().filter(|_| !sketch.is_doubtful(name)).map(names);
    (node, names)
}

/// Names of labels, and how many.
fn check_labels(rule: &Rule, limits: &Limits, faults: &mut Vec<Fault>) {
    if rule.labels.len() > limits.labels_max {
        let message = format!("{} labels, the limit is {}", rule.labels.len(), limits.labels_max);
        faults.push(Fault::at("labels", message));
    }
    for name in rule.labels.keys() {
        if let Err(message) = check_label(name) {
            faults.push(Fault::at(format!("labels.{name}"), message));
        }
    }
}

/// What needs no compiling.
fn check_plain(sketch: &Sketch, faults: &mut Vec<Fault>) {
    let rule = &sketch.rule;
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_id = !rule.id.is_empty() && rule.id.len() <= 100 && rule.id.bytes().all(is_good);
    if !is_id && !sketch.is_doubtful("id") {
        let message =
            "an id has 1 to 100 letters, digits, `-`, `_` and `.`: it stands in signatures";
        faults.push(Fault::at("id", message));
    }
    if sketch.is_doubtful("continue") {
        return;
    }
    if rule.continues {
        check_continue(sketch, faults);
    }
    let tells = rule.handling.prod.tells() || rule.handling.dev.tells();
    if tells && rule.team.is_empty() && !sketch.is_doubtful("team") {
        let message = "`team` is missing: the handling tells somebody, so say who is responsible";
        faults.push(Fault::at("team", message));
    }
}

/// A rule that only labels has no alert of its own.
fn check_continue(sketch: &Sketch, faults: &mut Vec<Fault>) {
    let rule = &sketch.rule;
    if rule.labels.is_empty() && !sketch.is_doubtful("labels") {
        let message = "a rule with `continue` only labels, and this one has no `labels`: add some";
        faults.push(Fault::at("continue", message));
    }
    let tells = [rule.handling.prod, rule.handling.dev].iter().any(|h| *h != Handling::LogOnly);
    for (part, there) in [
        ("handling", tells),
        ("clear", rule.clear.is_some()),
        ("severity", rule.severity.is_some()),
        ("summary", rule.summary.is_some()),
        ("key", !rule.key.is_empty()),
        ("close_after", rule.close_after != CloseAfter::Default),
        ("team", !rule.team.is_empty()),
    ] {
        // What cannot be read stands there too.
        if there || (part != "handling" && sketch.is_doubtful(part)) {
            let message = format!(
                "a rule with `continue` owns nothing and only labels, so `{part}` means nothing: \
                 leave it out"
            );
            faults.push(Fault::at(part, message));
        }
    }
}

/// A clear finds its alert by key, so it must capture what the key names.
fn check_clear_captures(key: &Template, known: &[String], faults: &mut Vec<Fault>) {
    for name in key.captures().filter(|name| !has(known, name)) {
        faults.push(Fault::at(
            "clear",
            format!(
                "the key names `{{captures.{name}}}`, which `clear` does not capture, so no clear \
                 would find its alert: give `clear` a regex with a group (?<{name}>…)"
            ),
        ));
    }
}
