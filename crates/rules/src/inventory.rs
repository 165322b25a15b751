//! What is known of hosts: environment, site, team and labels, and from where.
//!
//! From: a list of entries, each for a host's name, a pattern or a network. To: rules, which
//! test these, and have a handling for each environment.

mod check;
mod csv;
mod file;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::environment::Environments;
use crate::glob::{Globs, is_pattern};
use crate::{Environment, Fault};
use check::{Places, check_entries, network};

pub use check::InventoryLimits;
pub(crate) use check::check_label;
pub use csv::{inventory_from_csv, inventory_to_csv};
pub use file::read_inventory;

/// What is known of the hosts that one name, pattern or network stands for.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InventoryEntry {
    /// A name, a pattern (`*` any text, `?` one character, `[a-z]` one of these), or a network
    /// such as `10.1.0.0/16`. The case of ASCII letters does not matter.
    pub host: String,
    /// Where these hosts belong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// The place where they stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Who is responsible for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Anything else: names of letters, digits, `-` and `_`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// All entries, ready to be asked; it never changes.
///
/// A host is looked for by its exact name, then among the patterns (the one with the most
/// characters that are no wildcard wins), then by its address among the networks (the smallest
/// wins). Each of environment, site, team and every label comes from the first of these three
/// that names it.
#[derive(Debug, Default)]
pub struct Inventory {
    entries: Vec<InventoryEntry>,
    /// In lower case.
    names: HashMap<String, usize>,
    /// The most telling first.
    globs: Globs,
    patterns: Vec<usize>,
    /// The longest prefix first.
    networks: Vec<(u8, HashMap<IpNet, usize>)>,
    environments: Environments,
}

/// What is known of one event's host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Located<'a> {
    /// Where the host belongs.
    pub environment: Environment,
    /// Why.
    pub why: Why<'a>,
    /// Its entries in the inventory, the one that counts most first.
    entries: [Option<(&'a InventoryEntry, Why<'a>)>; 3],
}

/// Where something that is known of a host comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why<'a> {
    /// It stands in the list of development hosts.
    Named,
    /// It matches this pattern of development hosts.
    Pattern(&'a str),
    /// No name and no pattern of development hosts fits.
    NoPattern,
    /// The caller said so.
    Given,
    /// The inventory has the host by this name.
    Entry(&'a str),
    /// The host matches this pattern of the inventory.
    EntryPattern(&'a str),
    /// The host's address is in this network of the inventory.
    EntryNetwork(&'a str),
}

impl Inventory {
    /// From entries, within the default limits, and the development hosts of the settings, which
    /// count where no entry names an environment.
    ///
    /// # Errors
    /// Every fault of every entry; its path is `hosts[INDEX].PART`.
    pub fn new(
        entries: Vec<InventoryEntry>,
        environments: Environments,
    ) -> Result<Self, Vec<Fault>> {
        Self::new_within(entries, environments, &InventoryLimits::default())
    }

    /// The same within other limits.
    ///
    /// # Errors
    /// As with [`Inventory::new`].
    pub fn new_within(
        entries: Vec<InventoryEntry>,
        environments: Environments,
        limits: &InventoryLimits,
    ) -> Result<Self, Vec<Fault>> {
        let faults = check_entries(&entries, limits, &Places::Numbers);
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut names: HashMap<String, usize> = HashMap::with_capacity(entries.len());
        let mut patterns = Vec::new();
        let mut networks: BTreeMap<u8, HashMap<IpNet, usize>> = BTreeMap::new();
        for (index, entry) in entries.iter().enumerate() {
            match network(&entry.host) {
                Some(net) => {
                    networks.entry(net.prefix_len()).or_default().insert(net, index);
                }
                None if is_pattern(&entry.host) => patterns.push(index),
                None => {
                    names.insert(entry.host.to_ascii_lowercase(), index);
                }
            }
        }
        patterns.sort_by_cached_key(|index| {
            let text = &entries[*index].host;
            (std::cmp::Reverse(crate::glob::telling(text)), text.clone())
        });
        let texts: Vec<String> = patterns.iter().map(|i| entries[*i].host.clone()).collect();
        Ok(Self {
            globs: Globs::new(&texts)?,
            entries,
            names,
            patterns,
            networks: networks.into_iter().rev().collect(),
            environments,
        })
    }

    /// How many entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All entries.
    pub fn entries(&self) -> &[InventoryEntry] {
        &self.entries
    }

    /// The hosts that have an entry by name, in the order of entries.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let is_name = |host: &&str| network(host).is_none() && !is_pattern(host);
        self.entries.iter().map(|entry| entry.host.as_str()).filter(is_name)
    }

    /// What is known of a host. The address for networks is the host's own, if it is named by
    /// one, else the peer's.
    pub fn locate(&self, host: &str, peer: Option<IpAddr>) -> Located<'_> {
        if self.entries.is_empty() {
            return self.environments.of(host);
        }
        let entries = [self.by_name(host), self.by_pattern(host), self.by_network(host, peer)];
        let named = entries
            .iter()
            .flatten()
            .find_map(|(entry, why)| entry.environment.map(|environment| (environment, *why)));
        let (environment, why) = named.unwrap_or_else(|| {
            let located = self.environments.of(host);
            (located.environment, located.why)
        });
        Located { environment, why, entries }
    }

    fn by_name(&self, host: &str) -> Option<(&InventoryEntry, Why<'_>)> {
        if self.names.is_empty() {
            return None;
        }
        let index = if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            self.names.get(&host.to_ascii_lowercase())
        } else {
            self.names.get(host)
        };
        let entry = &self.entries[*index?];
        Some((entry, Why::Entry(&entry.host)))
    }

    fn by_pattern(&self, host: &str) -> Option<(&InventoryEntry, Why<'_>)> {
        let entry = &self.entries[self.patterns[self.globs.first_match(host.as_bytes())?]];
        Some((entry, Why::EntryPattern(&entry.host)))
    }

    fn by_network(&self, host: &str, peer: Option<IpAddr>) -> Option<(&InventoryEntry, Why<'_>)> {
        if self.networks.is_empty() {
            return None;
        }
        let address = host.parse().ok().or(peer)?.to_canonical();
        let index = self.networks.iter().find_map(|(length, networks)| {
            networks.get(&IpNet::new(address, *length).ok()?.trunc())
        });
        let entry = &self.entries[*index?];
        Some((entry, Why::EntryNetwork(&entry.host)))
    }
}

/// The one form of a host's name that events have: in lower case, without dots at the end; an
/// address in its shortest form.
pub(crate) fn one_form(host: &str) -> String {
    let name = host.trim_end_matches('.');
    match name.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().to_string(),
        Err(_) => name.to_ascii_lowercase(),
    }
}

impl From<Environments> for Inventory {
    fn from(environments: Environments) -> Self {
        Self { environments, ..Self::default() }
    }
}

impl<'a> Located<'a> {
    /// An environment of which this is the reason, and nothing else.
    pub(crate) fn only(environment: Environment, why: Why<'a>) -> Self {
        Self { environment, why, entries: [None; 3] }
    }

    fn first<T>(&self, of: impl Fn(&'a InventoryEntry) -> Option<T>) -> Option<(T, Why<'a>)> {
        self.entries.iter().flatten().find_map(|(entry, why)| Some((of(entry)?, *why)))
    }

    /// Where the host stands, and from where that is known.
    pub fn site(&self) -> Option<(&'a str, Why<'a>)> {
        self.first(|entry| entry.site.as_deref())
    }

    /// Who is responsible for the host, and from where that is known.
    pub fn team(&self) -> Option<(&'a str, Why<'a>)> {
        self.first(|entry| entry.team.as_deref())
    }

    /// The host's label of that name, and from where that is known.
    pub fn label(&self, name: &str) -> Option<(&'a str, Why<'a>)> {
        self.first(|entry| entry.labels.get(name).map(String::as_str))
    }

    /// All labels of the host.
    pub fn labels(&self) -> BTreeMap<&'a str, &'a str> {
        let entries = self.entries.iter().rev().flatten();
        entries
            .flat_map(|(entry, _)| &entry.labels)
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

impl From<Environment> for Located<'static> {
    fn from(environment: Environment) -> Self {
        Located::only(environment, Why::Given)
    }
}

impl fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "environment {}", self.environment.name())?;
        match self.why {
            Why::Given => Ok(()),
            why => write!(f, " since {why}"),
        }
    }
}

impl fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Named => f.write_str("the host is listed as development"),
            Why::Pattern(pattern) => {
                write!(f, "the host matches the development pattern \"{pattern}\"")
            }
            Why::NoPattern => f.write_str("no development pattern matches the host"),
            Why::Given => f.write_str("it was given"),
            Why::Entry(name) => write!(f, "the inventory lists the host as \"{name}\""),
            Why::EntryPattern(pattern) => {
                write!(f, "the host matches the inventory's pattern \"{pattern}\"")
            }
            Why::EntryNetwork(network) => {
                write!(f, "the host's address is in the inventory's network {network}")
            }
        }
    }
}

#[cfg(test)]
mod tests;
