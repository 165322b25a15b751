//! What can be wrong with entries of the inventory.
//!
//! From: entries of any source. To: faults, with the place in that source.

use std::collections::HashMap;

use ipnet::IpNet;

use super::InventoryEntry;
use crate::Fault;
use crate::glob::is_pattern;

/// The limits of an inventory; more is a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InventoryLimits {
    /// The most entries.
    pub entries_max: usize,
    /// The most labels of one entry.
    pub labels_max: usize,
    /// The longest host, site, team or value of a label, in bytes.
    pub value_bytes_max: usize,
}

impl Default for InventoryLimits {
    fn default() -> Self {
        Self { entries_max: 100_000, labels_max: 32, value_bytes_max: 256 }
    }
}

/// Where entries stand in their source.
pub(crate) enum Places {
    /// In a list.
    Numbers,
    /// In a list of a file that tells lines.
    List(Vec<Option<u32>>),
    /// In a table with a line for each.
    Lines(Vec<u32>),
}

impl Places {
    fn fault(&self, index: usize, part: &str, message: String) -> Fault {
        let path = match self {
            Places::Lines(_) => part.to_owned(),
            _ => format!("hosts[{index}].{part}"),
        };
        Fault { line: self.line(index), ..Fault::at(path, message) }
    }

    fn line(&self, index: usize) -> Option<u32> {
        match self {
            Places::Numbers => None,
            Places::List(lines) => *lines.get(index)?,
            Places::Lines(lines) => lines.get(index).copied(),
        }
    }

    fn name(&self, index: usize) -> String {
        self.line(index).map_or_else(|| format!("hosts[{index}]"), |line| format!("line {line}"))
    }
}

/// Everything that is wrong with entries, each for itself and beside the others.
pub(crate) fn check_entries(
    entries: &[InventoryEntry],
    limits: &InventoryLimits,
    places: &Places,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    if entries.len() > limits.entries_max {
        let message = format!("{} hosts, the limit is {}", entries.len(), limits.entries_max);
        faults.push(Fault::at("hosts", message));
    }
    let mut known: HashMap<String, usize> = HashMap::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let mut fault =
            |part: &str, message: String| faults.push(places.fault(index, part, message));
        check_values(entry, limits, &mut fault);
        let host = entry.host.as_str();
        if host.trim().is_empty() {
            continue;
        }
        let network = network(host);
        match network {
            Some(_) => {}
            None if host.contains('/') => fault(
                "host",
                format!(
                    "`{host}` is no network: write an address and the length of its prefix, like \
                     10.1.0.0/16"
                ),
            ),
            None if is_pattern(host) => {
                if let Err(message) = crate::glob::to_regex(host) {
                    fault("host", message);
                }
            }
            None => {}
        }
        let one_form = network.map_or_else(|| host.to_ascii_lowercase(), |net| net.to_string());
        if let Some(first) = known.get(&one_form) {
            let place = places.name(*first);
            fault("host", format!("`{host}` stands in {place} too: join the two"));
        } else {
            known.insert(one_form, index);
        }
    }
    faults
}

/// The network that a host's name is, if it is one.
pub(super) fn network(host: &str) -> Option<IpNet> {
    // Parsing is dear, and almost no name has a slash.
    host.contains('/').then(|| host.parse::<IpNet>().ok().map(|net| net.trunc())).flatten()
}

/// What is wrong with one entry's own values.
fn check_values(
    entry: &InventoryEntry,
    limits: &InventoryLimits,
    fault: &mut impl FnMut(&str, String),
) {
    let host = std::iter::once(("host", Some(&entry.host)));
    let others = [("site", entry.site.as_ref()), ("team", entry.team.as_ref())];
    for (name, text) in host.chain(others) {
        if let Some(message) = text.and_then(|text| wrong_with(name, text, limits)) {
            fault(name, message);
        }
    }
    if entry.labels.len() > limits.labels_max {
        let message = format!("{} labels, the limit is {}", entry.labels.len(), limits.labels_max);
        fault("labels", message);
    }
    for (name, value) in &entry.labels {
        if let Err(message) = check_label(name) {
            fault(&format!("labels.{name}"), message);
        }
        if let Some(message) = wrong_with(name, value, limits) {
            fault(&format!("labels.{name}"), message);
        }
    }
}

fn wrong_with(name: &str, text: &str, limits: &InventoryLimits) -> Option<String> {
    if text.trim().is_empty() {
        return Some(match name {
            "host" => "`host` is empty: write a name, a pattern or a network".to_owned(),
            _ => format!("`{name}` is empty: fill it in, or leave it out"),
        });
    }
    if text.trim().len() != text.len() {
        return Some(format!("`{text}` has blanks at an end: leave them out"));
    }
    let most = limits.value_bytes_max;
    (text.len() > most).then(|| format!("has {} bytes, the limit is {most}", text.len()))
}

/// A label's name stands in rules and templates.
pub(crate) fn check_label(name: &str) -> Result<(), String> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.len() <= 64 && name.bytes().all(is_good) {
        return Ok(());
    }
    Err(format!("`{name}` is no name of a label: use 1 to 64 letters, digits, `-` and `_`"))
}
