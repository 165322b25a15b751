//! `examples`: messages and traps with what the rule shall make of them.

use std::collections::BTreeMap;

use super::Reader;
use crate::source::{Node, Value};
use crate::{Example, Expect, TrapExample};

const KEYS: [&str; 5] = ["message", "trap", "host", "expect", "key"];
const EXPECTS: [(&str, Expect); 3] =
    [("match", Expect::Match), ("clear", Expect::Clear), ("nothing", Expect::Nothing)];

impl Reader {
    pub(super) fn examples(&mut self, node: Node) -> Vec<Example> {
        let Value::List(items) = node.value else {
            let message = format!("is {}: expected a list of tables", node.value.sort());
            self.fault("examples", node.line, message);
            return Vec::new();
        };
        let mut found = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let path = format!("examples[{index}]");
            self.mark(&path, item.line);
            found.extend(self.example(&path, item));
        }
        found
    }

    fn example(&mut self, path: &str, node: Node) -> Option<Example> {
        let line = node.line;
        let Value::Table(entries) = node.value else {
            self.fault(path, line, "expected a table with `message` or `trap`, and `expect`");
            return None;
        };
        let mut example = Example {
            message: String::new(),
            trap: None,
            host: None,
            expect: Expect::Nothing,
            key: None,
        };
        let mut expect = None;
        for (key, node) in entries {
            let path_of_key = format!("{path}.{key}");
            match key.as_str() {
                "message" => example.message = self.text(&path_of_key, node)?,
                "trap" => example.trap = Some(self.trap(&path_of_key, node)?),
                "host" => example.host = self.text(&path_of_key, node),
                "expect" => {
                    let word = self.one_of(&path_of_key, node, &EXPECTS.map(|(word, _)| word))?;
                    expect = EXPECTS.into_iter().find(|(known, _)| *known == word);
                }
                "key" => example.key = self.text(&path_of_key, node),
                unknown => self.unknown(unknown, path, node.line, &KEYS),
            }
        }
        if example.message.is_empty() == example.trap.is_none() {
            self.fault(path, line, "needs either `message`, a line as received, or `trap`");
        }
        match expect {
            Some((_, expect)) => example.expect = expect,
            None => self.fault(path, line, "`expect` is missing: match, clear or nothing"),
        }
        Some(example)
    }

    fn trap(&mut self, path: &str, node: Node) -> Option<TrapExample> {
        let line = node.line;
        let Value::Table(entries) = node.value else {
            self.fault(path, line, "expected a table with `oid`, and `varbinds` if there are any");
            return None;
        };
        let mut oid = None;
        let mut varbinds = BTreeMap::new();
        for (key, node) in entries {
            let path_of_key = format!("{path}.{key}");
            match (key.as_str(), node.value) {
                ("oid", value) => oid = self.text(&path_of_key, Node { line: node.line, value }),
                ("varbinds", Value::Table(entries)) => {
                    for (oid, node) in entries {
                        let path = format!("{path_of_key}.{oid}");
                        varbinds.insert(oid, self.varbind(&path, node)?);
                    }
                }
                ("varbinds", _) => {
                    self.fault(&path_of_key, node.line, "expected a table from OIDs to values");
                }
                (unknown, _) => self.unknown(unknown, path, node.line, &["oid", "varbinds"]),
            }
        }
        if oid.is_none() {
            self.fault(path, line, "`oid` is missing: the trap's OID as text");
        }
        let oid = oid?;
        for name in std::iter::once(&oid).chain(varbinds.keys()) {
            if let Err(error) = name.parse::<mutt_event::Oid>() {
                self.fault(path, line, error.to_string());
            }
        }
        Some(TrapExample { oid, varbinds })
    }

    fn varbind(&mut self, path: &str, node: Node) -> Option<String> {
        match node.value {
            Value::Text(text) => Some(text),
            Value::Integer(number) => Some(number.to_string()),
            value => {
                self.fault(
                    path,
                    node.line,
                    format!("is {}: expected text or a number", value.sort()),
                );
                None
            }
        }
    }
}
