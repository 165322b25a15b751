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
        let read = |(index, item): (usize, Node)| {
            let path = format!("examples[{index}]");
            self.mark(&path, item.line);
            self.example(&path, item)
        };
        items.into_iter().enumerate().map(read).collect()
    }

    /// An example at fault comes back too, so that the others keep their numbers.
    fn example(&mut self, path: &str, node: Node) -> Example {
        let line = node.line;
        let mut example = Example {
            message: String::new(),
            trap: None,
            host: None,
            expect: Expect::Nothing,
            key: None,
        };
        let Value::Table(entries) = node.value else {
            self.fault(path, line, "expected a table with `message` or `trap`, and `expect`");
            return example;
        };
        let has = |name: &str| entries.iter().any(|(key, _)| key == name);
        let (has_expect, has_message, has_trap) = (has("expect"), has("message"), has("trap"));
        for (key, node) in entries {
            let path_of_key = format!("{path}.{key}");
            match key.as_str() {
                "message" => example.message = self.text(&path_of_key, node).unwrap_or_default(),
                "trap" => example.trap = self.trap(&path_of_key, node),
                "host" => example.host = self.text(&path_of_key, node),
                "expect" => {
                    let word = self.one_of(&path_of_key, node, &EXPECTS.map(|(word, _)| word));
                    let known = EXPECTS.into_iter().find(|(known, _)| Some(*known) == word);
                    example.expect = known.map_or(Expect::Nothing, |(_, expect)| expect);
                }
                "key" => example.key = self.text(&path_of_key, node),
                unknown => self.unknown(unknown, path, node.line, &KEYS),
            }
        }
        let is_meant = |name: &str| self.meant.contains(&format!("{path}.{name}"));
        let needs_one = !has_message && !has_trap && !is_meant("message") && !is_meant("trap");
        if needs_one || (has_message && has_trap) {
            self.fault(path, line, "needs either `message`, a line as received, or `trap`");
        }
        if !has_expect {
            let path = format!("{path}.expect");
            self.missing(&path, "expect", line, "match, clear or nothing");
        }
        example
    }

    pub(super) fn trap(&mut self, path: &str, node: Node) -> Option<TrapExample> {
        let line = node.line;
        let Value::Table(entries) = node.value else {
            self.fault(path, line, "expected a table with `oid`, and `varbinds` if there are any");
            return None;
        };
        let has_oid = entries.iter().any(|(key, _)| key == "oid");
        let mut trap = TrapExample { oid: String::new(), varbinds: BTreeMap::new() };
        for (key, node) in entries {
            let path_of_key = format!("{path}.{key}");
            match (key.as_str(), node.value) {
                ("oid", value) => {
                    let text = self.text(&path_of_key, Node { line: node.line, value });
                    trap.oid =
                        text.inspect(|oid| self.check_oid(oid, path, line)).unwrap_or_default();
                }
                ("varbinds", Value::Table(entries)) => {
                    for (oid, node) in entries {
                        let path_of_varbind = format!("{path_of_key}.{oid}");
                        self.check_oid(&oid, path, line);
                        let value = self.varbind(&path_of_varbind, node);
                        trap.varbinds.insert(oid, value.unwrap_or_default());
                    }
                }
                ("varbinds", _) => {
                    self.fault(&path_of_key, node.line, "expected a table from OIDs to values");
                }
                (unknown, _) => self.unknown(unknown, path, node.line, &["oid", "varbinds"]),
            }
        }
        if !has_oid {
            self.missing(&format!("{path}.oid"), "oid", line, "the trap's OID as text");
        }
        Some(trap)
    }

    fn check_oid(&mut self, oid: &str, path: &str, line: Option<u32>) {
        if let Err(error) = oid.parse::<mutt_event::Oid>() {
            self.fault(path, line, error.to_string());
        }
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
