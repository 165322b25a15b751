//! `absent`: for how long, between which times, and who is expected.

use std::collections::BTreeMap;

use super::Reader;
use crate::plan::DAYS;
use crate::source::{Node, Value};
use crate::{Absent, Between, Expected};

impl Reader {
    pub(super) fn absent(&mut self, node: Node) -> Option<Absent> {
        let mut parts = self.parts("absent", node, &["for", "between", "expect"])?;
        Some(Absent {
            after: self.given(&mut parts, "for", Reader::time),
            between: self.given(&mut parts, "between", Reader::window),
            expect: self.given(&mut parts, "expect", Reader::expected).unwrap_or_default(),
        })
    }

    /// `between`: two times of day.
    fn window(&mut self, path: &str, node: Node) -> Option<Between> {
        let mut parts = self.parts(path, node, &["from", "to", "zone", "days"])?;
        let from = self.needed(&mut parts, "from", "a time of day, like 02:00", Reader::clock);
        let to = self.needed(&mut parts, "to", "a time of day, like 03:00", Reader::clock);
        let zone = self.needed(&mut parts, "zone", "a time zone, like Europe/Berlin", Reader::text);
        let days = self.given(&mut parts, "days", Reader::days);
        Some(Between {
            from: from.unwrap_or_default(),
            to: to.unwrap_or_default(),
            zone: zone.unwrap_or_default(),
            days: days.unwrap_or_default(),
        })
    }

    /// A time of day, in minutes after midnight.
    fn clock(&mut self, path: &str, node: Node) -> Option<u16> {
        let line = node.line;
        let text = self.text(path, node)?;
        let minutes = minutes(&text);
        if minutes.is_none() {
            let message = format!("`{text}` is no time of day: write 00:00 to 23:59");
            self.fault(path, line, message);
        }
        minutes
    }

    /// Days by their names; Monday is 1.
    fn days(&mut self, path: &str, node: Node) -> Option<Vec<u8>> {
        let items = match node.value {
            Value::List(items) if !items.is_empty() => items,
            _ => {
                self.fault(path, node.line, "expected a list of days with at least one");
                return None;
            }
        };
        let mut days = Vec::new();
        for item in items {
            let name = self.one_of(path, item, &DAYS)?;
            days.extend((1u8..).zip(DAYS).find(|(_, day)| *day == name).map(|(day, _)| day));
        }
        // One order, so that a rule has one revision however it is written.
        days.sort_unstable();
        days.dedup();
        Some(days)
    }

    /// `expect`: hosts and keys.
    fn expected(&mut self, path: &str, node: Node) -> Option<Expected> {
        if matches!(&node.value, Value::Table(entries) if entries.is_empty()) {
            self.fault(path, node.line, "names nobody: give it hosts, inventory or keys");
            return None;
        }
        let mut parts = self.parts(path, node, &["hosts", "inventory", "keys"])?;
        let hosts = self.given(&mut parts, "hosts", Reader::values);
        let inventory = self.given(&mut parts, "inventory", Reader::known_by);
        let keys = self.given(&mut parts, "keys", Reader::values);
        Some(Expected {
            hosts: hosts.unwrap_or_default(),
            inventory: inventory.unwrap_or_default(),
            keys: keys.unwrap_or_default(),
        })
    }

    /// `inventory`: what hosts have in common; labels with a dot, or in a table of their own.
    fn known_by(&mut self, path: &str, node: Node) -> Option<BTreeMap<String, String>> {
        let entries = match node.value {
            Value::Table(entries) if !entries.is_empty() => entries,
            _ => {
                let message = "expected a table such as { site = \"fra1\" }";
                self.fault(path, node.line, message);
                return None;
            }
        };
        let mut found = BTreeMap::new();
        for (name, node) in entries {
            let path = format!("{path}.{name}");
            self.mark(&path, node.line);
            if name == "labels" {
                let labels = self.labels(&path, node);
                found.extend(labels.into_iter().map(|(key, text)| (format!("labels.{key}"), text)));
            } else if let Some(text) = self.text(&path, node) {
                found.insert(name, text);
            }
        }
        Some(found)
    }
}

fn minutes(text: &str) -> Option<u16> {
    let number = |text: &str, below: u16| -> Option<u16> {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| is_number && *number < below)
    };
    let (hours, minutes) = text.split_once(':')?;
    Some(number(hours, 24)? * 60 + number(minutes, 60)?)
}
