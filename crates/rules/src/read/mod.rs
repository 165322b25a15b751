//! A tree of values becomes rules, and everything wrong with it faults.
//!
//! From: a parsed rule file. To: [`Rule`]s as data. What the values mean (is this a regex, is
//! that an OID) is the compiler's to check.

mod condition;
mod example;

use std::collections::BTreeMap;

use crate::fault::{did_you_mean, list};
use crate::rule::Lines;
use crate::source::{Node, Value};
use crate::{
    AlertSeverity, CloseAfter, Condition, Example, Fault, Handling, Handlings, Mode, Rule,
};

const RULE_KEYS: [&str; 17] = [
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
    "labels",
    "continue",
    "mode",
    "runbook",
    "owner",
    "note",
    "examples",
];

const HANDLINGS: [Handling; 6] = [
    Handling::PageAndTicket,
    Handling::PageOnly,
    Handling::TicketOnly,
    Handling::EmailOnly,
    Handling::LogOnly,
    Handling::Suppress,
];

/// Parts that rules will have: nothing else may take their names.
const RESERVED: [&str; 4] = ["count", "pair", "absent", "flapping"];

const MODES: [Mode; 3] = [Mode::Live, Mode::Shadow, Mode::Off];

const SEVERITIES: [AlertSeverity; 5] = [
    AlertSeverity::Critical,
    AlertSeverity::Major,
    AlertSeverity::Minor,
    AlertSeverity::Warning,
    AlertSeverity::Indeterminate,
];

/// Reads `rules`, a list of rules. Good rules come back even if others are at fault.
pub(crate) fn rules(root: Node) -> (Vec<Rule>, Vec<Fault>) {
    let mut faults = Vec::new();
    let mut rules = Vec::new();
    let file_fault = |line, message: String| Fault { line, ..Fault::at("", message) };
    let Value::Table(entries) = root.value else {
        let message = format!("the file is {}: expected a list named `rules`", root.value.sort());
        return (rules, vec![file_fault(root.line, message)]);
    };
    for (key, node) in entries {
        match node.value {
            Value::List(items) if key == "rules" => {
                for (index, item) in items.into_iter().enumerate() {
                    let (rule, found) = Reader::default().rule(index, item);
                    rules.extend(rule);
                    faults.extend(found);
                }
            }
            value if key == "rules" => faults.push(file_fault(
                node.line,
                format!("`rules` is {}: expected a list of rules", value.sort()),
            )),
            _ => faults.push(file_fault(
                node.line,
                format!("unknown key `{key}`: a rule file has one list, `rules`."),
            )),
        }
    }
    (rules, faults)
}

/// Reads one rule; collects its faults and where its parts stand.
#[derive(Default)]
struct Reader {
    faults: Vec<Fault>,
    lines: Lines,
}

/// A rule's parts as far as they were read.
#[derive(Default)]
struct Parts {
    id: Option<String>,
    priority: Option<u32>,
    when: Option<Condition>,
    clear: Option<Condition>,
    handling: Option<Handlings>,
    team: String,
    severity: Option<AlertSeverity>,
    summary: Option<String>,
    key: String,
    close_after: CloseAfter,
    labels: BTreeMap<String, String>,
    continues: bool,
    mode: Mode,
    runbook: Option<String>,
    owner: Option<String>,
    note: Option<String>,
    examples: Vec<Example>,
}

impl Reader {
    fn fault(&mut self, path: &str, line: Option<u32>, message: impl Into<String>) {
        self.faults.push(Fault { line, ..Fault::at(path, message) });
    }

    /// Remembers where a part stands.
    fn mark(&mut self, path: &str, line: Option<u32>) {
        if let Some(line) = line {
            self.lines.0.push((path.to_owned(), line));
        }
    }

    fn rule(mut self, index: usize, node: Node) -> (Option<Rule>, Vec<Fault>) {
        self.mark("", node.line);
        let line = node.line;
        let mut parts = Parts::default();
        match node.value {
            Value::Table(entries) => {
                let found: Vec<String> = entries.iter().map(|(key, _)| key.clone()).collect();
                for (key, node) in entries {
                    self.mark(&key, node.line);
                    self.part(&mut parts, &key, node);
                }
                if parts.continues && parts.handling.is_none() {
                    let both = Handling::LogOnly;
                    parts.handling = Some(Handlings { prod: both, dev: both });
                }
                for needed in ["id", "priority", "when", "handling"] {
                    if needed == "handling" && parts.continues {
                        continue;
                    }
                    if !found.iter().any(|key| key == needed) {
                        self.fault(
                            needed,
                            line,
                            format!("`{needed}` is missing: every rule has one"),
                        );
                    }
                }
            }
            value => self.fault("", line, format!("a rule is a table, not {}", value.sort())),
        }
        let name = parts.id.clone().unwrap_or_else(|| format!("number {}", index + 1));
        for fault in &mut self.faults {
            fault.rule = Some(name.clone());
        }
        (self.finish(parts), self.faults)
    }

    fn finish(&mut self, parts: Parts) -> Option<Rule> {
        if !self.faults.is_empty() {
            return None;
        }
        Some(Rule {
            id: parts.id?,
            priority: parts.priority?,
            when: parts.when?,
            clear: parts.clear,
            handling: parts.handling?,
            team: parts.team,
            severity: parts.severity,
            summary: parts.summary,
            key: parts.key,
            close_after: parts.close_after,
            labels: parts.labels,
            continues: parts.continues,
            mode: parts.mode,
            runbook: parts.runbook,
            owner: parts.owner,
            note: parts.note,
            examples: parts.examples,
            lines: std::mem::take(&mut self.lines),
        })
    }

    fn part(&mut self, parts: &mut Parts, key: &str, node: Node) {
        match key {
            "id" => parts.id = self.text(key, node),
            "priority" => parts.priority = self.priority(node),
            "when" => parts.when = self.condition(key, node),
            "clear" => parts.clear = self.condition(key, node),
            "handling" => parts.handling = self.handlings(node),
            "team" => parts.team = self.text(key, node).unwrap_or_default(),
            "severity" => parts.severity = self.severity(node),
            "summary" => parts.summary = self.text(key, node),
            "key" => parts.key = self.text(key, node).unwrap_or_default(),
            "close_after" => parts.close_after = self.close_after(node),
            "labels" => parts.labels = self.labels(node),
            "continue" => parts.continues = self.yes_or_no(key, node).unwrap_or_default(),
            "mode" => parts.mode = self.mode(node),
            reserved if RESERVED.contains(&reserved) => {
                let message = format!(
                    "`{reserved}` is a name kept for rules over several events, which cannot be \
                     written yet: leave it out"
                );
                self.fault(key, node.line, message);
            }
            "runbook" => parts.runbook = self.text(key, node),
            "owner" => parts.owner = self.text(key, node),
            "note" => parts.note = self.text(key, node),
            "examples" => parts.examples = self.examples(node),
            unknown => self.unknown(unknown, "", node.line, &RULE_KEYS),
        }
    }

    /// A key that does not belong where it stands.
    fn unknown(&mut self, key: &str, inside: &str, line: Option<u32>, known: &[&str]) {
        let path = if inside.is_empty() { key.to_owned() } else { format!("{inside}.{key}") };
        let hint = did_you_mean(key, known.iter().copied());
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

    fn priority(&mut self, node: Node) -> Option<u32> {
        let number = match node.value {
            Value::Integer(number) => u32::try_from(number).ok(),
            _ => None,
        };
        if number.is_none() {
            let message = "expected a whole number from 0 on; the lowest is tried first";
            self.fault("priority", node.line, message);
        }
        number
    }

    fn handlings(&mut self, node: Node) -> Option<Handlings> {
        let Value::Table(entries) = node.value else {
            let both = self.handling("handling", node)?;
            return Some(Handlings { prod: both, dev: both });
        };
        let (mut prod, mut dev) = (None, None);
        let complete =
            ["prod", "dev"].iter().all(|name| entries.iter().any(|(key, _)| key == name));
        for (key, value) in entries {
            match key.as_str() {
                "prod" => prod = self.handling("handling.prod", value),
                "dev" => dev = self.handling("handling.dev", value),
                unknown => self.unknown(unknown, "handling", value.line, &["prod", "dev"]),
            }
        }
        if !complete {
            let message =
                "names only one environment: say both `prod` and `dev`, or one word for both";
            self.fault("handling", node.line, message);
        }
        Some(Handlings { prod: prod?, dev: dev? })
    }

    fn handling(&mut self, path: &str, node: Node) -> Option<Handling> {
        let names = HANDLINGS.map(Handling::name);
        let word = self.one_of(path, node, &names)?;
        HANDLINGS.into_iter().find(|handling| handling.name() == word)
    }

    fn mode(&mut self, node: Node) -> Mode {
        let word = self.one_of("mode", node, &MODES.map(Mode::name));
        MODES.into_iter().find(|mode| Some(mode.name()) == word).unwrap_or_default()
    }

    /// `labels`: names with templates.
    fn labels(&mut self, node: Node) -> BTreeMap<String, String> {
        let Value::Table(entries) = node.value else {
            let message = format!("is {}: expected a table of names and texts", node.value.sort());
            self.fault("labels", node.line, message);
            return BTreeMap::new();
        };
        let mut found = BTreeMap::new();
        for (name, node) in entries {
            let path = format!("labels.{name}");
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
