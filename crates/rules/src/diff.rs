//! What changed between two sets of rules, for people.
//!
//! From: rules before and after. To: whoever is to agree to a change, or reads of one.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::Rule;

/// The longest value that is told whole, in bytes.
const VALUE_BYTES_MAX: usize = 200;

/// What is different, each list by id.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct RulesDiff {
    /// Ids of rules that are new.
    pub added: Vec<String>,
    /// Ids of rules that are gone.
    pub removed: Vec<String>,
    /// Rules of which something changed.
    pub changed: Vec<ChangedRule>,
}

/// A rule that changed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ChangedRule {
    /// The rule's id.
    pub id: String,
    /// What changed of it.
    pub parts: Vec<ChangedPart>,
}

/// A part that changed: it is new, gone, or another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ChangedPart {
    /// The place inside the rule, such as `when.any[1].message.regex`.
    pub path: String,
    /// JSON, cut if it is long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// JSON, cut if it is long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What is different between two sets of rules.
pub fn diff_rules(before: &[Rule], after: &[Rule]) -> RulesDiff {
    fn by_id(rules: &[Rule]) -> BTreeMap<&str, &Rule> {
        rules.iter().map(|rule| (rule.id.as_str(), rule)).collect()
    }
    let (before, after) = (by_id(before), by_id(after));
    let only = |these: &BTreeMap<&str, &Rule>, those: &BTreeMap<&str, &Rule>| {
        these.keys().filter(|id| !those.contains_key(*id)).map(|id| (*id).to_owned()).collect()
    };
    let changed = |(id, rule): (&&str, &&Rule)| {
        let old = before.get(id).filter(|old| *old != rule)?;
        let mut parts = Vec::new();
        compare("", Some(&value(old)), Some(&value(rule)), &mut parts);
        Some(ChangedRule { id: (*id).to_owned(), parts })
    };
    RulesDiff {
        added: only(&after, &before),
        removed: only(&before, &after),
        changed: after.iter().filter_map(changed).collect(),
    }
}

/// A rule as JSON. Maps with text keys always serialise.
fn value(rule: &Rule) -> Value {
    serde_json::to_value(rule).unwrap_or_default()
}

/// Walks down both as far as they have the same shape.
fn compare(path: &str, old: Option<&Value>, new: Option<&Value>, parts: &mut Vec<ChangedPart>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
            names.sort_unstable();
            names.dedup();
            for name in names {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                compare(&path, old.get(name), new.get(name), parts);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            compare_lists(path, old, new, parts);
        }
        (old, new) => {
            let (before, after) = (old.map(short), new.map(short));
            parts.push(ChangedPart { path: path.to_owned(), before, after });
        }
    }
}

/// What both begin and end with is left out, so that an item put in between is the only change.
fn compare_lists(path: &str, old: &[Value], new: &[Value], parts: &mut Vec<ChangedPart>) {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[start..], &new[start..]);
    let same = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[..old.len() - same], &new[..new.len() - same]);
    for index in 0..old.len().max(new.len()) {
        let path = format!("{path}[{}]", start + index);
        compare(&path, old.get(index), new.get(index), parts);
    }
}

/// JSON of at most so many bytes.
fn short(value: &Value) -> String {
    let mut text = value.to_string();
    if text.len() > VALUE_BYTES_MAX {
        text.truncate(text.floor_char_boundary(VALUE_BYTES_MAX));
        text.push('…');
    }
    text
}

impl RulesDiff {
    /// Whether both sets are the same.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

impl fmt::Display for RulesDiff {
    /// A line for each rule by id, `+` new, `-` gone, `~` changed, and below it what changed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let added = self.added.iter().map(|id| (id, '+', [].as_slice()));
        let removed = self.removed.iter().map(|id| (id, '-', [].as_slice()));
        let changed = self.changed.iter().map(|rule| (&rule.id, '~', rule.parts.as_slice()));
        let mut lines: Vec<_> = added.chain(removed).chain(changed).collect();
        lines.sort_by_key(|(id, ..)| *id);
        for (id, sign, parts) in lines {
            writeln!(f, "{sign} {id}")?;
            for part in parts {
                writeln!(f, "    {part}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for ChangedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "(nothing)".to_owned());
        write!(f, "{}: {} -> {}", self.path, text(&self.before), text(&self.after))
    }
}
