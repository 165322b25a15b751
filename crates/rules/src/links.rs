//! Which alerts quiet which: keys that an alert shares with its parents and its children.
//!
//! From: `suppressed_by` of all rules, and what is known of a host. To: [`Links`] of an alert.

use std::collections::HashMap;

use crate::compile::{Compiled, Role};
use crate::inventory::one_form;
use crate::{Links, Located, Rule, RuleIndex, RuleSet, Same};

/// The inventory's label that names the host through which another is reached.
const UPSTREAM: &str = "upstream";

/// Tells each rule what the rules that it quiets have in common with it. An alert of a live rule
/// knows nothing of shadow rules that it would quiet.
pub(crate) fn link(rules: &[Rule], compiled: &mut [Compiled]) {
    let places: HashMap<&str, usize> =
        rules.iter().enumerate().map(|(place, rule)| (rule.id.as_str(), place)).collect();
    for (place, rule) in rules.iter().enumerate() {
        let child = compiled[place].role;
        for parent in &rule.suppressed_by {
            let Some(place) = places.get(parent.rule.as_str()) else { continue };
            let compiled = &mut compiled[*place];
            match (child, compiled.role) {
                (Role::Owner, _) | (Role::Shadow, Role::Shadow) => {
                    compiled.quiets.push(parent.same.clone());
                }
                _ => {}
            }
        }
    }
    for compiled in compiled {
        compiled.quiets.sort_unstable();
        compiled.quiets.dedup();
    }
}

impl RuleSet {
    /// What an alert of a live or a shadow rule for this host has in common with others.
    pub(crate) fn links(&self, index: RuleIndex, host: &str, located: &Located<'_>) -> Links {
        let (rule, compiled) = (self.rule(index), self.compiled(index));
        if !matches!(compiled.role, Role::Owner | Role::Shadow) {
            return Links::default();
        }
        let mut links = Links::default();
        for parent in &rule.suppressed_by {
            let host = match parent.same {
                Same::Upstream => located.label(UPSTREAM).map(|(host, _)| host),
                _ => Some(host),
            };
            add(&mut links.child_of, key(&parent.rule, &parent.same, host, located));
        }
        for same in &compiled.quiets {
            add(&mut links.parent_as, key(&rule.id, same, Some(host), located));
        }
        links
    }
}

/// The key of what a rule's alert has in common with others; `host`: the parent's.
fn key(rule: &str, same: &Same, host: Option<&str>, located: &Located<'_>) -> Option<String> {
    Some(match same {
        Same::Host | Same::Upstream => {
            format!("{rule} host={}", one_form(host.filter(|host| !host.is_empty())?))
        }
        Same::Site => format!("{rule} site={}", located.site()?.0),
        Same::Label(name) => format!("{rule} labels.{name}={}", located.label(name)?.0),
    })
}

fn add(keys: &mut Vec<String>, key: Option<String>) {
    keys.extend(key.filter(|key| !keys.contains(key)));
}
