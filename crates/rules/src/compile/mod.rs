//! Rules as data become conditions, templates and keys that are ready to use.
//!
//! From: [`Rule`]s. To: the index and the matcher. All that can be wrong with a single rule's
//! values is found here.

pub(crate) mod anchor;
pub(crate) mod check;
pub(crate) mod literal;
pub(crate) mod logic;
pub(crate) mod tree;

use std::time::Duration;

use crate::inventory::check_label;
use crate::template::Template;
use crate::{CloseAfter, Condition, Fault, Handling, Limits, Mode, Rule};
use tree::Node;

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
    /// Compiles one rule.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with the rule's id and the line if it is known.
    pub fn new(rule: &Rule, limits: &Limits) -> Result<Compiled, Vec<Fault>> {
        let mut faults = Vec::new();
        check_plain(rule, &mut faults);
        let when = tree(&rule.when, "when", limits, &mut faults);
        let clear = rule.clear.as_ref().map(|clear| tree(clear, "clear", limits, &mut faults));
        let when_names = when.as_ref().map(names).unwrap_or_default();
        let summary = rule
            .summary
            .as_ref()
            .and_then(|text| template("summary", text, when.is_some(), &when_names, &mut faults));
        let key = template("key", &rule.key, when.is_some(), &when_names, &mut faults);
        let labels = labels(rule, when.is_some(), &when_names, limits, &mut faults);
        let clear_names = clear.as_ref().map(|node| node.as_ref().map(names).unwrap_or_default());
        if let (Some(key), Some(Some(_)), Some(known)) = (&key, &clear, &clear_names) {
            check_clear_captures(key, known, &mut faults);
        }
        if !faults.is_empty() {
            for fault in &mut faults {
                fault.rule = Some(rule.id.clone());
                fault.line = fault.line.or_else(|| rule.lines.find(&fault.path));
            }
            return Err(faults);
        }
        let clear_summary = summary.clone().filter(|summary| {
            clear_names.is_some_and(|known| summary.captures().all(|name| has(&known, name)))
        });
        match (when, key) {
            (Some(when), Some(key)) => Ok(Compiled {
                role: Role::of(rule),
                when,
                clear: clear.flatten(),
                summary,
                clear_summary,
                key,
                labels,
                revision: rule.revision(),
                close_after: rule.close_after.resolve(rule.clear.is_some()),
            }),
            // Whatever is missing has left a fault above.
            _ => Err(faults),
        }
    }
}

impl Compiled {
    /// Whether its `clear` ends alerts.
    pub fn clears(&self) -> bool {
        self.role == Role::Owner && self.clear.is_some()
    }
}

fn has(known: &[String], name: &str) -> bool {
    known.iter().any(|known| known == name)
}

fn names(node: &Node) -> Vec<String> {
    let mut names = Vec::new();
    node.capture_names(&mut names);
    names
}

fn tree(
    condition: &Condition,
    part: &str,
    limits: &Limits,
    faults: &mut Vec<Fault>,
) -> Option<Node> {
    let before = faults.len();
    let node = Node::new(condition, 0, limits, faults);
    for fault in faults.iter_mut().skip(before).filter(|fault| fault.path.is_empty()) {
        fault.path = part.to_owned();
    }
    node
}

/// Reads a template. Where the condition itself is at fault its captures are not known, and
/// saying that they are missing would be wrong.
fn template(
    path: &str,
    text: &str,
    captures_known: bool,
    captures: &[String],
    faults: &mut Vec<Fault>,
) -> Option<Template> {
    if !captures_known {
        return None;
    }
    match Template::parse(text, captures) {
        Ok(template) => Some(template),
        Err(message) => {
            faults.push(Fault::at(path, message));
            None
        }
    }
}

/// A rule's labels by name.
fn labels(
    rule: &Rule,
    captures_known: bool,
    captures: &[String],
    limits: &Limits,
    faults: &mut Vec<Fault>,
) -> Vec<(String, Template)> {
    if rule.labels.len() > limits.labels_max {
        let message = format!("{} labels, the limit is {}", rule.labels.len(), limits.labels_max);
        faults.push(Fault::at("labels", message));
    }
    let mut found = Vec::with_capacity(rule.labels.len());
    for (name, text) in &rule.labels {
        let path = format!("labels.{name}");
        if let Err(message) = check_label(name) {
            faults.push(Fault::at(path.clone(), message));
        }
        let value = template(&path, text, captures_known, captures, faults);
        found.extend(value.map(|value| (name.clone(), value)));
    }
    found
}

/// What needs no compiling.
fn check_plain(rule: &Rule, faults: &mut Vec<Fault>) {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if rule.id.is_empty() || rule.id.len() > 100 || !rule.id.bytes().all(is_good) {
        let message =
            "an id has 1 to 100 letters, digits, `-`, `_` and `.`: it stands in signatures";
        faults.push(Fault::at("id", message));
    }
    if rule.continues {
        check_continue(rule, faults);
    }
    let tells = rule.handling.prod.tells() || rule.handling.dev.tells();
    if tells && rule.team.is_empty() {
        let message = "`team` is missing: the handling tells somebody, so say who is responsible";
        faults.push(Fault::at("team", message));
    }
}

/// A rule that only labels has no alert of its own.
fn check_continue(rule: &Rule, faults: &mut Vec<Fault>) {
    if rule.labels.is_empty() {
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
        if there {
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
