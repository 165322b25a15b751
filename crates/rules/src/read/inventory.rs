//! `hosts`: entries of the inventory.

use super::{Reader, items};
use crate::source::{Node, Value};
use crate::{Environment, Fault, InventoryEntry};

const KEYS: [&str; 5] = ["host", "environment", "site", "team", "labels"];
const ENVIRONMENTS: [Environment; 2] = [Environment::Prod, Environment::Dev];

/// What stands in a file of hosts.
pub(crate) struct Hosts {
    /// Each with its line, even if it is at fault.
    pub entries: Vec<(InventoryEntry, Option<u32>)>,
    pub faults: Vec<Fault>,
    /// Parts that a misspelt key probably stands for.
    pub meant: Vec<String>,
}

/// Reads `hosts`, a list of entries.
pub(crate) fn hosts(root: Node) -> Hosts {
    let (found, faults) = items(root, "hosts", "an inventory file");
    let mut reader = Reader { faults, ..Reader::default() };
    let read = |(index, node): (usize, Node)| {
        let line = node.line;
        (reader.host(&format!("hosts[{index}]"), node), line)
    };
    let entries = found.into_iter().enumerate().map(read).collect();
    Hosts { entries, faults: reader.faults, meant: reader.meant }
}

impl Reader {
    fn host(&mut self, path: &str, node: Node) -> InventoryEntry {
        let line = node.line;
        let mut entry = InventoryEntry::default();
        let path_of_host = format!("{path}.host");
        let Value::Table(entries) = node.value else {
            let message = format!("is {}: expected a table with `host`", node.value.sort());
            self.fault(&path_of_host, line, message);
            return entry;
        };
        let has_host = entries.iter().any(|(key, _)| key == "host");
        for (key, node) in entries {
            let path_of_key = format!("{path}.{key}");
            match key.as_str() {
                "host" => entry.host = self.text(&path_of_key, node).unwrap_or_default(),
                "environment" => entry.environment = self.environment(&path_of_key, node),
                "site" => entry.site = self.text(&path_of_key, node),
                "team" => entry.team = self.text(&path_of_key, node),
                "labels" => entry.labels = self.labels(&path_of_key, node),
                unknown => self.unknown(unknown, path, node.line, &KEYS),
            }
        }
        if !has_host {
            let what = "a name, a pattern or a network";
            self.missing(&path_of_host, "host", line, what);
        }
        entry
    }

    fn environment(&mut self, path: &str, node: Node) -> Option<Environment> {
        let word = self.one_of(path, node, &ENVIRONMENTS.map(Environment::name))?;
        ENVIRONMENTS.into_iter().find(|environment| environment.name() == word)
    }
}
