//! What is expected before anything was seen of it.
//!
//! From: rules with `absent`, and the inventory. To: alerts, which tell what does not come.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::compile::Role;
use crate::inventory::one_form;
use crate::{
    Absent, Environment, Expected, Handling, Inventory, Links, Located, Plan, RuleIndex, RuleSet,
};

/// Something that a rule expects, with all that an alert needs of it if it does not come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expectation {
    /// What is told of it.
    pub plan: Arc<Plan>,
    /// The host; empty: all of them.
    pub host: String,
    /// What tells it from other things expected of the host.
    pub key: String,
    /// Where the host belongs.
    pub environment: Environment,
    /// The place where it stands, if the inventory knows it.
    pub site: Option<String>,
    /// Who is responsible: by the rule, else by the inventory.
    pub team: String,
    /// What shall happen, in the host's environment.
    pub handling: Handling,
    /// What its alert has in common with others.
    pub links: Links,
}

/// All that the rules of a set expect.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Expectations {
    /// In the order of rules; each host and key of a rule once.
    pub all: Vec<Expectation>,
    /// How many more there are than the limit lets in.
    pub left_out: usize,
}

impl RuleSet {
    /// What is expected from the start: of live rules with `absent` the hosts and keys that they
    /// name. One over all hosts and without a key expects its one event always.
    pub fn expected(&self, inventory: &Inventory) -> Expectations {
        self.expected_by(Role::Owner, inventory)
    }

    /// What shadow rules would expect.
    pub fn expected_by_shadows(&self, inventory: &Inventory) -> Expectations {
        self.expected_by(Role::Shadow, inventory)
    }

    fn expected_by(&self, role: Role, inventory: &Inventory) -> Expectations {
        let mut found = Expectations::default();
        for (index, rule) in (0u32..).map(RuleIndex).zip(self.rules()) {
            let Some(absent) = &rule.absent else { continue };
            if self.compiled(index).role != role {
                continue;
            }
            let hosts = match rule.across_hosts {
                true => vec![String::new()],
                false => hosts(&absent.expect, inventory),
            };
            let keys = keys(absent, rule.key.is_empty());
            for host in &hosts {
                let located = locate(host, inventory);
                for key in &keys {
                    if found.all.len() < self.limits().expectations_max {
                        found.all.push(self.expectation(index, host, key, &located));
                    } else {
                        found.left_out += 1;
                    }
                }
            }
        }
        found
    }

    fn expectation(
        &self,
        index: RuleIndex,
        host: &str,
        key: &str,
        located: &Located<'_>,
    ) -> Expectation {
        let rule = self.rule(index);
        Expectation {
            plan: Arc::clone(&self.compiled(index).plan),
            host: host.to_owned(),
            key: key.to_owned(),
            environment: located.environment,
            site: located.site().map(|(site, _)| site.to_owned()),
            team: crate::found::team(rule, located),
            handling: rule.handling.of(located.environment),
            links: self.links(index, host, located),
        }
    }
}

/// All hosts together are of production.
fn locate<'a>(host: &str, inventory: &'a Inventory) -> Located<'a> {
    match host {
        "" => Environment::Prod.into(),
        host => inventory.locate(host, None),
    }
}

/// Those named, then those that the inventory has by name; each once.
fn hosts(expected: &Expected, inventory: &Inventory) -> Vec<String> {
    let named = expected.hosts.iter().map(String::as_str);
    let known = Some(&expected.inventory)
        .filter(|parts| !parts.is_empty())
        .map(|parts| inventory.names().filter(move |host| is_known_by(parts, host, inventory)));
    let mut seen = HashSet::new();
    named
        .chain(known.into_iter().flatten())
        .map(one_form)
        .filter(|host| seen.insert(host.clone()))
        .collect()
}

fn is_known_by(parts: &BTreeMap<String, String>, host: &str, inventory: &Inventory) -> bool {
    let located = inventory.locate(host, None);
    parts.iter().all(|(name, wanted)| {
        let value = match name.as_str() {
            "environment" => Some(located.environment.name()),
            "site" => located.site().map(|(site, _)| site),
            "team" => located.team().map(|(team, _)| team),
            name => name
                .strip_prefix("labels.")
                .and_then(|label| located.label(label))
                .map(|(value, _)| value),
        };
        value.is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    })
}

/// Each once; without any the empty one, if the rule's alerts have no key.
fn keys(absent: &Absent, has_no_key: bool) -> Vec<&str> {
    if absent.expect.keys.is_empty() && has_no_key {
        return vec![""];
    }
    let mut seen = HashSet::new();
    absent.expect.keys.iter().map(String::as_str).filter(|key| seen.insert(*key)).collect()
}
