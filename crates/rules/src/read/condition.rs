//! `when`, `clear` and what a sequence is made of: a table whose every entry must hold.

use mutt_event::Oid;

use super::Reader;
use crate::condition::Place;
use crate::fault::{did_you_mean, list};
use crate::field::Field;
use crate::source::{Node, Value};
use crate::{Condition, Operator, Test};

pub(super) const OPERATORS: [&str; 14] = [
    "contains",
    "equals",
    "in",
    "starts_with",
    "ends_with",
    "glob",
    "regex",
    "oid_prefix",
    "cidr",
    "at_least",
    "at_most",
    "between",
    "exists",
    "case",
];

/// Signs that may be written for an operator; the canonical form has its name.
const SIGNS: [(&str, &str); 2] = [(">=", "at_least"), ("<=", "at_most")];

impl Reader {
    /// A condition of the tests that could be read.
    pub(super) fn condition(&mut self, path: &str, node: Node) -> Condition {
        let line = node.line;
        let mut parts = Vec::new();
        match node.value {
            Value::Table(entries) if entries.is_empty() => {
                self.fault(path, line, "is empty and would fit every event: name a test");
            }
            Value::Table(mut entries) => {
                // One order, so that a rule has one revision however it is written.
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                for (key, node) in entries {
                    parts.extend(self.entry(&format!("{path}.{key}"), &key, node));
                }
            }
            value => {
                let message = format!(
                    "is {}: expected a table of tests, such as {{ message = {{ contains = \"text\" }} }}",
                    value.sort()
                );
                self.fault(path, line, message);
            }
        }
        match parts.pop() {
            Some(only) if parts.is_empty() => only,
            last => {
                parts.extend(last);
                Condition::All(parts)
            }
        }
    }

    fn entry(&mut self, path: &str, key: &str, node: Node) -> Vec<Condition> {
        match key {
            "all" => vec![Condition::All(self.conditions(path, node))],
            "any" => vec![Condition::Any(self.conditions(path, node))],
            "not" => vec![Condition::Not(Box::new(self.condition(path, node)))],
            "structured" => self.structured(path, node),
            "varbind" => self.by_name(path, node, "an OID in quotes", |oid| {
                oid.parse::<Oid>().map(Field::Varbind).map_err(|error| error.to_string())
            }),
            "labels" => self.by_name(path, node, "a label's name", Field::label),
            "json" => {
                let mut found = self.json(path, "", node);
                // One order, whether members are nested or written with dots.
                found.sort_by_key(|part| match part {
                    Condition::Test(test) => test.field.name(),
                    _ => String::new(),
                });
                found
            }
            name => match Field::plain(name) {
                Some(field) => self.tests(path, &field, node),
                None => {
                    let words = || Field::names().chain(["all", "any", "not"]);
                    let message = format!(
                        "unknown field `{name}`.{} Fields are {}.",
                        did_you_mean(name, words()),
                        list(Field::names())
                    );
                    self.fault(path, node.line, message);
                    Vec::new()
                }
            },
        }
    }

    /// The list of `all` or `any`.
    fn conditions(&mut self, path: &str, node: Node) -> Vec<Condition> {
        let what = match node.value {
            Value::List(items) if !items.is_empty() => {
                let read = |(index, item)| self.condition(&format!("{path}[{index}]"), item);
                return items.into_iter().enumerate().map(read).collect();
            }
            Value::List(_) => "empty",
            value => value.sort(),
        };
        self.fault(path, node.line, format!("is {what}: expected a list with at least one test"));
        Vec::new()
    }

    /// `structured.ID.PARAM`.
    fn structured(&mut self, path: &str, node: Node) -> Vec<Condition> {
        let mut found = Vec::new();
        for (id, node) in self.below(path, node, "an SD-ID, then a parameter") {
            let path = format!("{path}.{id}");
            found.extend(self.by_name(&path, node, "a parameter's name", |param| {
                Ok(Field::Structured { id: id.clone(), param: param.to_owned() })
            }));
        }
        found
    }

    /// Fields of which the last part is any name that `field` takes.
    fn by_name(
        &mut self,
        path: &str,
        node: Node,
        what: &str,
        field: impl Fn(&str) -> Result<Field, String>,
    ) -> Vec<Condition> {
        let mut found = Vec::new();
        for (name, node) in self.below(path, node, what) {
            let path = format!("{path}.{name}");
            match field(&name) {
                Ok(field) => found.extend(self.tests(&path, &field, node)),
                Err(message) => self.fault(&path, node.line, message),
            }
        }
        found
    }

    /// `json.PATH`: tables lead deeper, anything else is an operator of the path so far.
    fn json(&mut self, path: &str, member: &str, node: Node) -> Vec<Condition> {
        let line = node.line;
        let entries = self.below(path, node, "a member's name");
        let (deeper, operators): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|(_, node)| matches!(node.value, Value::Table(_)));
        let mut found = Vec::new();
        if !operators.is_empty() {
            match Field::json(member) {
                Ok(field) => {
                    let node = Node { line, value: Value::Table(operators) };
                    found.extend(self.tests(path, &field, node));
                }
                Err(message) => self.fault(path, line, message),
            }
        }
        for (name, node) in deeper {
            let member = if member.is_empty() { name.clone() } else { format!("{member}.{name}") };
            found.extend(self.json(&format!("{path}.{name}"), &member, node));
        }
        found
    }

    /// The entries of a table that stands between a field's name and its operators, sorted.
    fn below(&mut self, path: &str, node: Node, what: &str) -> Vec<(String, Node)> {
        match node.value {
            Value::Table(mut entries) if !entries.is_empty() => {
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                entries
            }
            _ => {
                self.fault(path, node.line, format!("expected {what}, and then the operators"));
                Vec::new()
            }
        }
    }

    /// The operators of one field: all must hold.
    fn tests(&mut self, path: &str, field: &Field, node: Node) -> Vec<Condition> {
        let line = node.line;
        let Value::Table(mut entries) = node.value else {
            let message = format!(
                "is {}: say how to compare, such as {{ equals = … }}; operators are {}",
                node.value.sort(),
                list(OPERATORS)
            );
            self.fault(path, line, message);
            return Vec::new();
        };
        if entries.iter().all(|(name, _)| name == "case") {
            self.fault(path, line, format!("names no operator: operators are {}", list(OPERATORS)));
        }
        for (sign, name) in SIGNS {
            let is_both = [sign, name].iter().all(|one| entries.iter().any(|(key, _)| key == one));
            if is_both {
                let message = format!("`{sign}` and `{name}` are one operator: write one of them");
                self.fault(path, line, message);
            }
            let signs = entries.iter_mut().filter(|(key, _)| key == sign);
            signs.for_each(|(key, _)| name.clone_into(key));
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let mut case = false;
        let mut operators = Vec::new();
        for (name, node) in entries {
            let path = format!("{path}.{name}");
            let place = Place { path: path.clone(), line: node.line };
            if name == "case" {
                case = self.yes_or_no(&path, node).unwrap_or_default();
            } else if let Some(operator) = self.operator(&path, &name, node) {
                operators.push((operator, place));
            }
        }
        let test = |(operator, place)| {
            Condition::Test(Test { field: field.clone(), operator, case, place })
        };
        operators.into_iter().map(test).collect()
    }

    fn operator(&mut self, path: &str, name: &str, node: Node) -> Option<Operator> {
        Some(match name {
            "contains" => Operator::Contains(self.value(path, node)?),
            "equals" => Operator::Equals(self.value(path, node)?),
            "in" => Operator::In(self.values(path, node)?),
            "starts_with" => Operator::StartsWith(self.value(path, node)?),
            "ends_with" => Operator::EndsWith(self.value(path, node)?),
            "glob" => Operator::Glob(self.value(path, node)?),
            "regex" => Operator::Regex(self.value(path, node)?),
            "oid_prefix" => Operator::OidPrefix(self.value(path, node)?),
            "cidr" => Operator::Cidr(self.value(path, node)?),
            "at_least" => Operator::AtLeast(self.value(path, node)?),
            "at_most" => Operator::AtMost(self.value(path, node)?),
            "between" => self.between(path, node)?,
            "exists" => Operator::Exists(self.yes_or_no(path, node)?),
            unknown => {
                let message = format!(
                    "unknown operator `{unknown}`.{} Operators are {}.",
                    did_you_mean(unknown, OPERATORS),
                    list(OPERATORS)
                );
                self.fault(path, node.line, message);
                return None;
            }
        })
    }

    fn between(&mut self, path: &str, node: Node) -> Option<Operator> {
        let line = node.line;
        let values = self.values(path, node)?;
        if let Ok([least, most]) = <[String; 2]>::try_from(values) {
            return Some(Operator::Between(least, most));
        }
        self.fault(path, line, "expected two numbers, the smaller first, such as [10, 20]");
        None
    }

    /// Text, or a whole number as text.
    fn value(&mut self, path: &str, node: Node) -> Option<String> {
        match node.value {
            Value::Integer(number) => Some(number.to_string()),
            Value::Text(text) if !text.is_empty() => Some(text),
            Value::Text(_) => {
                self.fault(path, node.line, "is empty: say what to look for");
                None
            }
            value => {
                let message = format!("is {}: expected text; put it in quotes", value.sort());
                self.fault(path, node.line, message);
                None
            }
        }
    }

    pub(super) fn values(&mut self, path: &str, node: Node) -> Option<Vec<String>> {
        match node.value {
            Value::List(items) if !items.is_empty() => {
                let count = items.len();
                let found: Vec<String> =
                    items.into_iter().filter_map(|item| self.value(path, item)).collect();
                (found.len() == count).then_some(found)
            }
            _ => {
                self.fault(path, node.line, "expected a list of texts with at least one");
                None
            }
        }
    }

    pub(super) fn yes_or_no(&mut self, path: &str, node: Node) -> Option<bool> {
        if let Value::Bool(value) = node.value {
            return Some(value);
        }
        self.fault(path, node.line, format!("is {}: expected true or false", node.value.sort()));
        None
    }
}
