//! A tree of values becomes rules, and everything wrong with it faults.
//!
//! From: a parsed rule file. To: [`Rule`]s as data, as far as they could be read. What the values
//! mean (is this a regex, is that an OID) is the compiler's to check.

mod absent;
mod condition;
mod correlation;
mod example;
mod inventory;
mod parts;
mod scenario;

use std::collections::BTreeMap;

use crate::draft::Sketch;
use crate::fault::{did_you_mean, list, nearest};
use crate::rule::Lines;
use crate::source::{Node, Value};
use crate::{AlertSeverity, CloseAfter, Fault, Handling, Handlings, Mode, Rule};

pub(crate) use inventory::hosts;

const RULE_KEYS: [&str; 28] = [
    "id",
    "priority",
    "when",
    "clear",
    "handling",
    "team",
    "severity",
    "summary",
    "key",
    "close_after",
    "reopen_within",
    "across_hosts",
    "count",
    "hold_for",
    "early_clear",
    "absent",
    "sequence",
    "flapping",
    "suppressed_by",
    "storm_per_minute",
    "labels",
    "continue",
    "mode",
    "runbook",
    "owner",
    "note",
    "examples",
    "scenarios",
];

const HANDLINGS: [Handling; 6] = [
    Handling::PageAndTicket,
    Handling::PageOnly,
    Handling::TicketOnly,
    Handling::EmailOnly,
    Handling::LogOnly,
    Handling::Suppress,
];

const MODES: [Mode; 3] = [Mode::Live, Mode::Shadow, Mode::Off];

const SEVERITIES: [AlertSeverity; 5] = [
    AlertSeverity::Critical,
    AlertSeverity::Major,
    AlertSeverity::Minor,
    AlertSeverity::Warning,
    AlertSeverity::Indeterminate,
];

/// Reads `rules`, a list of rules, and tells what is wrong with the file around them.
pub(crate) fn rules(root: Node) -> (Vec<Sketch>, Vec<Fault>) {
    let read = |index: usize, node| Reader::default().rule(Some(index), node);
    let (found, faults) = items(root, "rules", "a rule file");
    let sketches = found.into_iter().enumerate().map(|(index, node)| read(index, node));
    (sketches.collect(), faults)
}

/// Reads a rule that stands for itself.
pub(crate) fn one(root: Node) -> Sketch {
    Reader::default().rule(None, root)
}

/// The items of a file's one list.
fn items(root: Node, name: &str, file: &str) -> (Vec<Node>, Vec<Fault>) {
    let fault = |line, message: String| Fault { line, ..Fault::at("", message) };
    let Value::Table(entries) = root.value else {
        let message = format!("the file is {}: expected a list named `{name}`", root.value.sort());
        return (Vec::new(), vec![fault(root.line, message)]);
    };
    let mut found = Vec::new();
    let mut faults = Vec::new();
    for (key, node) in entries {
        match node.value {
            Value::List(items) if key == name => found = items,
            value if key == name => faults.push(fault(
                node.line,
                format!("`{name}` is {}: expected a list of {name}", value.sort()),
            )),
            _ => faults.push(fault(
                node.line,
                format!("unknown key `{key}`: {file} has one list, `{name}`."),
            )),
        }
    }
    (found, faults)
}

/// Reads one rule, or another entry of a file; collects its faults and where its parts stand.
#[derive(Default)]
struct Reader {
    faults: Vec<Fault>,
    lines: Lines,
    /// Parts that a misspelt key probably stands for: they are not missing.
    meant: Vec<String>,
}

impl Reader {
    fn fault(&mut self, path: &str, line: Option<u32>, message: impl Into<String>) {
        self.faults.push(Fault { line, ..Fault::at(path, message) });
    }

    /// Remembers where a part stands.
    fn mark(&mut self, path: &str, line: Option<u32>) {
        if let Some(line) = line {
            self.lines.at.push((path.to_owned(), line));
        }
    }

    /// `index`: its place in a list.
    fn rule(mut self, index: Option<usize>, node: Node) -> Sketch {
        self.mark("", node.line);
        let line = node.line;
        let mut rule = Rule::blank();
        match node.value {
            Value::Table(entries) => {
                let found: Vec<String> = entries.iter().map(|(key, _)| key.clone()).collect();
                for (key, node) in entries {
                    self.mark(&key, node.line);
                    self.part(&mut rule, &key, node);
                }
                self.check_needed(&rule, &found, line);
            }
            value => self.fault("", line, format!("a rule is a table, not {}", value.sort())),
        }
        let id = Some(rule.id.clone()).filter(|id| !id.is_empty());
        let name = id.or_else(|| index.map(|index| format!("number {}", index + 1)));
        for fault in &mut self.faults {
            fault.rule.clone_from(&name);
        }
        rule.lines = self.lines;
        Sketch { rule, name, faults: self.faults, meant: self.meant }
    }

    fn check_needed(&mut self, rule: &Rule, found: &[String], line: Option<u32>) {
        let perhaps_continues =
            rule.continues || self.faults.iter().any(|fault| fault.path == "continue");
        for needed in ["id", "priority", "when", "handling"] {
            let is_needed = needed != "handling" || !perhaps_continues;
            if is_needed && !found.iter().any(|key| key == needed) {
                self.missing(needed, needed, line, "every rule has one");
            }
        }
    }

    /// A key that has to be there and is not, not even misspelt.
    fn missing(&mut self, path: &str, name: &str, line: Option<u32>, what: &str) {
        if !self.meant.iter().any(|meant| meant == path) {
            self.fault(path, line, format!("`{name}` is missing: {what}"));
        }
    }

    fn part(&mut self, rule: &mut Rule, key: &str, node: Node) {
        match key {
            "id" => rule.id = self.text(key, node).unwrap_or_default(),
            "priority" => rule.priority = self.priority(node),
            "when" => rule.when = self.condition(key, node),
            "clear" => rule.clear = Some(self.condition(key, node)),
            "handling" => rule.handling = self.handlings(node),
            "team" => rule.team = self.text(key, node).unwrap_or_default(),
            "severity" => rule.severity = self.severity(node),
            "summary" => rule.summary = self.text(key, node),
            "key" => rule.key = self.text(key, node).unwrap_or_default(),
            "close_after" => rule.close_after = self.close_after(node),
            "reopen_within" => rule.reopen_within = self.time(key, node),
            "across_hosts" => rule.across_hosts = self.yes_or_no(key, node).unwrap_or_default(),
            "count" => rule.count = self.count(node),
            "hold_for" => rule.hold_for = self.time(key, node),
            "early_clear" => rule.early_clear = self.time(key, node),
            "absent" => rule.absent = self.absent(node),
            "sequence" => rule.sequence = self.sequence(node),
            "flapping" => rule.flapping = self.flapping(node),
            "suppressed_by" => rule.suppressed_by = self.parents(node),
            "storm_per_minute" => rule.storm_per_minute = self.number(key, node),
            "labels" => rule.labels = self.labels(key, node),
            "continue" => rule.continues = self.yes_or_no(key, node).unwrap_or_default(),
            "mode" => rule.mode = self.mode(node),
            "runbook" => rule.runbook = self.text(key, node),
            "owner" => rule.owner = self.text(key, node),
            "note" => rule.note = self.text(key, node),
            "examples" => rule.examples = self.examples(node),
            "scenarios" => rule.scenarios = self.scenarios(node),
            "pair" => {
                let message = "unknown key `pair`: a pair is `clear` with `hold_for`";
                self.fault(key, node.line, message);
            }
            unknown => self.unknown(unknown, "", node.line, &RULE_KEYS),
        }
    }

    /// A key that does not belong where it stands.
    fn unknown(&mut self, key: &str, inside: &str, line: Option<u32>, known: &[&str]) {
        let path = if inside.is_empty() { key.to_owned() } else { format!("{inside}.{key}") };
        let meant = nearest(key, known.iter().copied());
        let hint = meant.map(|known| format!(" Did you mean `{known}`?")).unwrap_or_default();
        if let Some(known) = meant {
            let inside = path.strip_suffix(key).unwrap_or_default();
            self.meant.push(format!("{inside}{known}"));
        }
        let message =
            format!("unknown key `{key}`.{hint} Keys here are {}.", list(known.iter().copied()));
        self.fault(&path, line, message);
    }

    /// A text that is not empty.
    fn text(&mut self, path: &str, node: Node) -> Option<String> {
        match node.value {
            Value::Text(text) if !text.trim().is_empty() => Some(text),
            Value::Text(_) => {
                self.fault(path, node.line, "is empty: fill it in, or leave it out");
                None
            }
            value => {
                let message = format!("is {}: expected text; put it in quotes", value.sort());
                self.fault(path, node.line, message);
                None
            }
        }
    }

    fn priority(&mut self, node: Node) -> u32 {
        let number = match node.value {
            Value::Integer(number) => u32::try_from(number).ok(),
            _ => None,
        };
        number.unwrap_or_else(|| {
            let message = "expected a whole number from 0 on; the lowest is tried first";
            self.fault("priority", node.line, message);
            0
        })
    }

    fn handlings(&mut self, node: Node) -> Handlings {
        let Value::Table(entries) = node.value else {
            let both = self.handling("handling", node);
            return Handlings { prod: both, dev: both };
        };
        let mut handlings = Rule::blank().handling;
        let has = |name: &str| entries.iter().any(|(key, _)| key == name);
        let lacking: Vec<_> = ["prod", "dev"].into_iter().filter(|name| !has(name)).collect();
        for (key, value) in entries {
            match key.as_str() {
                "prod" => handlings.prod = self.handling("handling.prod", value),
                "dev" => handlings.dev = self.handling("handling.dev", value),
                unknown => self.unknown(unknown, "handling", value.line, &["prod", "dev"]),
            }
        }
        let is_meant = |name: &&str| self.meant.contains(&format!("handling.{name}"));
        if !lacking.iter().all(is_meant) {
            let message =
                "names only one environment: say both `prod` and `dev`, or one word for both";
            self.fault("handling", node.line, message);
        }
        handlings
    }

    fn handling(&mut self, path: &str, node: Node) -> Handling {
        let word = self.one_of(path, node, &HANDLINGS.map(Handling::name));
        let known = HANDLINGS.into_iter().find(|handling| Some(handling.name()) == word);
        known.unwrap_or(Rule::blank().handling.prod)
    }

    fn mode(&mut self, node: Node) -> Mode {
        let word = self.one_of("mode", node, &MODES.map(Mode::name));
        MODES.into_iter().find(|mode| Some(mode.name()) == word).unwrap_or_default()
    }

    /// `labels`: names with texts.
    fn labels(&mut self, path: &str, node: Node) -> BTreeMap<String, String> {
        let Value::Table(entries) = node.value else {
            let message = format!("is {}: expected a table of names and texts", node.value.sort());
            self.fault(path, node.line, message);
            return BTreeMap::new();
        };
        let mut found = BTreeMap::new();
        for (name, node) in entries {
            let path = format!("{path}.{name}");
            self.mark(&path, node.line);
            if let Some(text) = self.text(&path, node) {
                found.insert(name, text);
            }
        }
        found
    }

    fn severity(&mut self, node: Node) -> Option<AlertSeverity> {
        let names = SEVERITIES.map(AlertSeverity::name);
        let word = self.one_of("severity", node, &names)?;
        SEVERITIES.into_iter().find(|severity| severity.name() == word)
    }

    /// One of a few words.
    fn one_of(&mut self, path: &str, node: Node, words: &[&'static str]) -> Option<&'static str> {
        let line = node.line;
        let text = self.text(path, node)?;
        let found = words.iter().copied().find(|word| *word == text);
        if found.is_none() {
            let hint = did_you_mean(&text, words.iter().copied());
            let choices = list(words.iter().copied());
            self.fault(
                path,
                line,
                format!("`{text}` is not known here.{hint} It is one of {choices}."),
            );
        }
        found
    }

    fn close_after(&mut self, node: Node) -> CloseAfter {
        let line = node.line;
        let Some(text) = self.text("close_after", node) else { return CloseAfter::Default };
        if text == "never" {
            return CloseAfter::Never;
        }
        match crate::duration::parse(&text) {
            Ok(time) if !time.is_zero() => return CloseAfter::After(time),
            Ok(_) => {
                self.fault("close_after", line, "an alert cannot close at once: give it some time")
            }
            Err(message) => self.fault("close_after", line, format!("{message}, or `never`")),
        }
        CloseAfter::Default
    }
}
