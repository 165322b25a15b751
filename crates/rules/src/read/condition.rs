//! `when` and `clear`: a table whose every entry must hold.

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

impl Reader {
    pub(super) fn condition(&mut self, path: &str, node: Node) -> Option<Condition> {
        let line = node.line;
        let Value::Table(mut entries) = node.value else {
            let message = format!(
                "is {}: expected a table of tests, such as {{ message = {{ contains = \"text\" }} }}",
                node.value.sort()
            );
            self.fault(path, line, message);
            return None;
        };
        if entries.is_empty() {
            self.fault(path, line, "is empty and would fit every event: name a test");
            return None;
        }
        // One order, so that a rule has one revision however it is written.
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let mut parts = Vec::new();
        let mut complete = true;
        for (key, node) in entries {
            let path = format!("{path}.{key}");
            match self.entry(&path, &key, node) {
                Some(found) => parts.extend(found),
                None => complete = false,
            }
        }
        match (complete, parts.len()) {
            (false, _) => None,
            (true, 1) => parts.pop(),
            (true, _) => Some(Condition::All(parts)),
        }
    }

    fn entry(&mut self, path: &str, key: &str, node: Node) -> Option<Vec<Condition>> {
        match key {
            "all" => Some(vec![Condition::All(self.conditions(path, node)?)]),
            "any" => Some(vec![Condition::Any(self.conditions(path, node)?)]),
            "not" => Some(vec![Condition::Not(Box::new(self.condition(path, node)?))]),
            "structured" => self.structured(path, node),
            "varbind" => self.varbinds(path, node),
            "labels" => self.host_labels(path, node),
            "json" => {
                let mut found = self.json(path, "", node)?;
                // One order, whether members are nested or written with dots.
                found.sort_by_key(|part| match part {
                    Condition::Test(test) => test.field.name(),
                    _ => String::new(),
                });
                Some(found)
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
                    None
                }
            },
        }
    }

    /// The list of `all` or `any`.
    fn conditions(&mut self, path: &str, node: Node) -> Option<Vec<Condition>> {
        let items = match node.value {
            Value::List(items) if !items.is_empty() => items,
            value => {
                let message = format!(
                    "is {}: expected a list with at least one test",
                    match value {
                        Value::List(_) => "empty",
                        ref other => other.sort(),
                    }
                );
                self.fault(path, node.line, message);
                return None;
            }
        };
        let count = items.len();
        let mut found = Vec::with_capacity(count);
        for (index, item) in items.into_iter().enumerate() {
            let path = format!("{path}[{index}]");
            found.extend(self.condition(&path, item));
        }
        (found.len() == count).then_some(found)
    }

    /// `structured.ID.PARAM`.
    fn structured(&mut self, path: &str, node: Node) -> Option<Vec<Condition>> {
        let mut found = Vec::new();
        for (id, node) in self.below(path, node, "an SD-ID, then a parameter")? {
            let path = format!("{path}.{id}");
            for (param, node) in self.below(&path, node, "a parameter's name")? {
                let path = format!("{path}.{param}");
                let field = Field::Structured { id: id.clone(), param };
                found.extend(self.tests(&path, &field, node)?);
            }
        }
        Some(found)
    }

    /// `varbind.OID`.
    fn varbinds(&mut self, path: &str, node: Node) -> Option<Vec<Condition>> {
        let mut found = Vec::new();
        for (oid, node) in self.below(path, node, "an OID in quotes")? {
            let path = format!("{path}.{oid}");
            match oid.parse::<Oid>() {
                Ok(oid) => found.extend(self.tests(&path, &Field::Varbind(oid), node)?),
                Err(error) => {
                    self.fault(&path, node.line, error.to_string());
                    return None;
                }
            }
        }
        Some(found)
    }

    /// `labels.NAME`.
    fn host_labels(&mut self, path: &str, node: Node) -> Option<Vec<Condition>> {
        let mut found = Vec::new();
        for (name, node) in self.below(path, node, "a label's name")? {
            let path = format!("{path}.{name}");
            match Field::label(&name) {
                Ok(field) => found.extend(self.tests(&path, &field, node)?),
                Err(message) => {
                    self.fault(&path, node.line, message);
                    return None;
                }
            }
        }
        Some(found)
    }

    /// `json.PATH`: tables lead deeper, anything else is an operator of the path so far.
    fn json(&mut self, path: &str, member: &str, node: Node) -> Option<Vec<Condition>> {
        let line = node.line;
        let entries = self.below(path, node, "a member's name")?;
        let (deeper, operators): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|(_, node)| matches!(node.value, Value::Table(_)));
        let mut found = Vec::new();
        if !operators.is_empty() {
            match Field::json(member) {
                Ok(field) => {
                    let node = Node { line, value: Value::Table(operators) };
                    found.extend(self.tests(path, &field, node)?);
                }
                Err(message) => {
                    self.fault(path, line, message);
                    return None;
                }
            }
        }
        for (name, node) in deeper {
            let member = if member.is_empty() { name.clone() } else { format!("{member}.{name}") };
            found.extend(self.json(&format!("{path}.{name}"), &member, node)?);
        }
        Some(found)
    }

    /// The entries of a table that stands between a field's name and its operators, sorted.
    fn below(&mut self, path: &str, node: Node, what: &str) -> Option<Vec<(String, Node)>> {
        match node.value {
            Value::Table(mut entries) if !entries.is_empty() => {
                entries.sort_by(|a, b| a.0.cmp(&b.0));
                Some(entries)
            }
            _ => {
                self.fault(path, node.line, format!("expected {what}, and then the operators"));
                None
            }
        }
    }

    /// The operators of one field: all must hold.
    fn tests(&mut self, path: &str, field: &Field, node: Node) -> Option<Vec<Condition>> {
        let line = node.line;
        let Value::Table(mut entries) = node.value else {
            let message = format!(
                "is {}: say how to compare, such as {{ equals = … }}; operators are {}",
                node.value.sort(),
                list(OPERATORS)
            );
            self.fault(path, line, message);
            return None;
        };
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let mut case = false;
        let mut operators = Vec::new();
        let mut complete = true;
        for (name, node) in entries {
            let path = format!("{path}.{name}");
            if name == "case" {
                match self.yes_or_no(&path, node) {
                    Some(value) => case = value,
                    None => complete = false,
                }
                continue;
            }
            let place = Place { path: path.clone(), line: node.line };
            match self.operator(&path, &name, node) {
                Some(operator) => operators.push((operator, place)),
                None => complete = false,
            }
        }
        if operators.is_empty() && complete {
            self.fault(path, line, format!("names no operator: operators are {}", list(OPERATORS)));
            return None;
        }
        let test = |(operator, place)| {
            Condition::Test(Test { field: field.clone(), operator, case, place })
        };
        complete.then(|| operators.into_iter().map(test).collect())
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

    fn values(&mut self, path: &str, node: Node) -> Option<Vec<String>> {
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
