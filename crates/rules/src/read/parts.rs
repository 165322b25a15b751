//! The values that settings are made of: tables with known keys, numbers and times.

use std::time::Duration;

use super::Reader;
use crate::fault::list;
use crate::source::{Node, Value};

/// The entries of a table that are not read yet.
pub(super) struct Parts {
    path: String,
    line: Option<u32>,
    entries: Vec<(String, Node)>,
}

impl Parts {
    fn path_of(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }
}

impl Reader {
    /// The entries of a table that has these keys and no others.
    pub(super) fn parts(&mut self, path: &str, node: Node, keys: &[&str]) -> Option<Parts> {
        let line = node.line;
        let Value::Table(entries) = node.value else {
            let keys = list(keys.iter().copied());
            let message = format!("is {}: expected a table with {keys}", node.value.sort());
            self.fault(path, line, message);
            return None;
        };
        let (known, unknown): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|(key, _)| keys.contains(&key.as_str()));
        for (key, node) in unknown {
            self.unknown(&key, path, node.line, keys);
        }
        for (key, node) in &known {
            self.mark(&format!("{path}.{key}"), node.line);
        }
        Some(Parts { path: path.to_owned(), line, entries: known })
    }

    /// Reads an entry, if it is there.
    pub(super) fn given<T>(
        &mut self,
        parts: &mut Parts,
        key: &str,
        read: impl FnOnce(&mut Self, &str, Node) -> Option<T>,
    ) -> Option<T> {
        let index = parts.entries.iter().position(|(known, _)| known == key)?;
        let (_, node) = parts.entries.swap_remove(index);
        read(self, &parts.path_of(key), node)
    }

    /// Reads an entry that has to be there; `what` it is.
    pub(super) fn needed<T>(
        &mut self,
        parts: &mut Parts,
        key: &str,
        what: &str,
        read: impl FnOnce(&mut Self, &str, Node) -> Option<T>,
    ) -> Option<T> {
        if !parts.entries.iter().any(|(known, _)| known == key) {
            self.missing(&parts.path_of(key), key, parts.line, what);
        }
        self.given(parts, key, read)
    }

    /// A whole number; one that is too small or too large for any setting stays so.
    pub(super) fn number(&mut self, path: &str, node: Node) -> Option<u32> {
        if let Value::Integer(number) = node.value {
            return Some(u32::try_from(number.max(0)).unwrap_or(u32::MAX));
        }
        self.fault(path, node.line, format!("is {}: expected a whole number", node.value.sort()));
        None
    }

    /// A length of time.
    pub(super) fn time(&mut self, path: &str, node: Node) -> Option<Duration> {
        let line = node.line;
        let text = self.text(path, node)?;
        crate::duration::parse(&text).map_err(|message| self.fault(path, line, message)).ok()
    }
}
