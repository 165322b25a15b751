//! Rules as data become conditions, templates and keys that are ready to use.
//!
//! From: [`Rule`]s. To: the index and the matcher. All that can be wrong with a single rule's
//! values is found here.

mod absent;
pub(crate) mod anchor;
pub(crate) mod check;
mod correlation;
pub(crate) mod literal;
pub(crate) mod logic;
pub(crate) mod pattern;
mod templates;
pub(crate) mod tree;

use std::sync::Arc;

use crate::draft::Sketch;
use crate::inventory::check_label;
use crate::template::Template;
use crate::{CloseAfter, Condition, Fault, Handling, Limits, Mode, Plan, Rule, Same, Stage};
use templates::Templates;
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

/// A condition of a rule beside its `when`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Beside {
    Clear,
    Stage(Stage),
}

impl Beside {
    /// Its place in a rule.
    pub fn path(self) -> &'static str {
        match self {
            Beside::Clear => "clear",
            Beside::Stage(Stage::With) => "sequence.with",
            Beside::Stage(Stage::Without) => "sequence.without",
            Beside::Stage(Stage::Then) => "sequence.then",
        }
    }
}

/// A condition beside `when`, ready to be asked.
#[derive(Debug)]
pub(crate) struct Part {
    pub node: Node,
    /// None: the event's message, since the condition does not capture what the summary names.
    pub summary: Option<Template>,
}

/// A rule, ready to judge.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub role: Role,
    pub when: Node,
    /// The clear first, then the stages.
    pub besides: Vec<(Beside, Part)>,
    pub templates: Templates,
    pub revision: String,
    pub plan: Arc<Plan>,
    /// What rules have in common that this one quiets; known once the set is whole.
    pub quiets: Vec<Same>,
}

impl Compiled {
    /// Compiles one rule, if it is known what it judges, and tells everything that is wrong with
    /// its values. What could not be read causes no fault here.
    pub fn new(sketch: &Sketch, limits: &Limits) -> (Option<Compiled>, Vec<Fault>) {
        let rule = &sketch.rule;
        let mut faults = Vec::new();
        check_plain(sketch, &mut faults);
        correlation::check(sketch, limits, &mut faults);
        check_labels(rule, limits, &mut faults);
        let (when, names) = part(sketch, &rule.when, "when", limits, &mut faults);
        let templates = Templates::new(sketch, names.as_deref(), &mut faults);
        let besides = besides(sketch, templates.as_ref(), limits, &mut faults);
        let has_clear = besides.iter().any(|(beside, _)| *beside == Beside::Clear);
        let is_judging = !JUDGING.iter().any(|part| sketch.is_doubtful(part))
            && rule.clear.is_some() == has_clear;
        let parts = when.zip(templates).filter(|_| is_judging);
        let compiled = parts.map(|(when, templates)| Compiled {
            role: Role::of(rule),
            when,
            besides,
            templates,
            plan: Arc::new(Plan::of(rule, rule.revision())),
            revision: rule.revision(),
            quiets: Vec::new(),
        });
        let faults = faults.into_iter().map(|fault| placed(rule, fault)).collect();
        (compiled, faults)
    }

    /// Which events end its alerts.
    pub fn clear(&self) -> Option<&Node> {
        let first = self.besides.first().filter(|(beside, _)| *beside == Beside::Clear);
        first.map(|(_, part)| &part.node)
    }
}

/// Compiles the conditions beside `when`; each finds its alert by key.
fn besides(
    sketch: &Sketch,
    templates: Option<&Templates>,
    limits: &Limits,
    faults: &mut Vec<Fault>,
) -> Vec<(Beside, Part)> {
    let rule = &sketch.rule;
    let sequence = rule.sequence.as_ref();
    let conditions = [
        (Beside::Clear, rule.clear.as_ref()),
        (Beside::Stage(Stage::With), sequence.and_then(|sequence| sequence.with.as_ref())),
        (Beside::Stage(Stage::Without), sequence.and_then(|sequence| sequence.without.as_ref())),
        (Beside::Stage(Stage::Then), sequence.map(|sequence| &sequence.then)),
    ];
    let mut found = Vec::new();
    for (beside, condition) in conditions {
        let Some(condition) = condition else { continue };
        let (node, names) = part(sketch, condition, beside.path(), limits, faults);
        if let (Some(templates), Some(known)) = (templates, &names) {
            check_captures(beside, &templates.key, known, faults);
        }
        let captures_all = |summary: &&Template| {
            names.as_ref().is_some_and(|known| summary.captures().all(|name| has(known, name)))
        };
        let summary = templates.and_then(|templates| templates.summary.as_ref());
        let summary = summary.filter(captures_all).cloned();
        found.extend(node.map(|node| (beside, Part { node, summary })));
    }
    found
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
    ]
    .into_iter()
    .chain(correlation::settings(rule))
    {
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

/// A later event finds its alert by key, so it must capture what the key names.
fn check_captures(beside: Beside, key: &Template, known: &[String], faults: &mut Vec<Fault>) {
    let path = beside.path();
    let lacking = match beside {
        Beside::Clear => "no clear would find its alert",
        Beside::Stage(_) => "no event would be found to follow",
    };
    for name in key.captures().filter(|name| !has(known, name)) {
        faults.push(Fault::at(
            path,
            format!(
                "the key names `{{captures.{name}}}`, which `{path}` does not capture, so \
                 {lacking}: give `{path}` a regex with a group (?<{name}>…)"
            ),
        ));
    }
}
