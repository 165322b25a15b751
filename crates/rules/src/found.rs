//! A rule that fits an event becomes a [`Match`]: key, summary, severity, and why.
//!
//! From: the matcher. To: alerts.

use std::sync::Arc;

use crate::compile::tree::Node;
use crate::compile::{Beside, Part};
use crate::field::Seen;
use crate::rule::short_hash;
use crate::template::{Captures, Template};
use crate::{AlertSeverity, Links, Located, Match, Rule, RuleIndex, RuleSet, Stage};

/// The severity of an event that has none of its own, such as a trap.
const SEVERITY_DEFAULT: AlertSeverity = AlertSeverity::Major;

/// A condition that fits, and how its event is told.
struct Fit<'s> {
    /// The part of the rule, in words.
    what: &'static str,
    node: &'s Node,
    /// None: the event's message.
    summary: Option<&'s Template>,
    severity: AlertSeverity,
}

impl RuleSet {
    /// The rule owns the event.
    pub(crate) fn problem(&self, index: RuleIndex, seen: &Seen<'_, '_>) -> Match {
        let compiled = self.compiled(index);
        let templates = &compiled.templates;
        let captures = captures(&compiled.when, seen);
        let fit = Fit {
            what: "rule",
            node: &compiled.when,
            summary: templates.summary.as_ref(),
            severity: self.severity(index, seen),
        };
        let value = |template: &Option<Template>| {
            template.as_ref().map(|template| self.key(template, seen, &captures))
        };
        Match {
            distinct: value(&templates.distinct),
            object: value(&templates.object),
            links: self.links(index, seen.event.host, &seen.located),
            ..self.build(index, fit, seen, &captures)
        }
    }

    /// The event is a later one of the rule's alert.
    pub(crate) fn beside(
        &self,
        index: RuleIndex,
        beside: Beside,
        part: &Part,
        seen: &Seen<'_, '_>,
    ) -> Match {
        let (what, severity) = match beside {
            Beside::Clear => ("clear of rule", AlertSeverity::Clear),
            Beside::Stage(stage) => {
                let what = match stage {
                    Stage::With => "sequence.with of rule",
                    Stage::Without => "sequence.without of rule",
                    Stage::Then => "sequence.then of rule",
                };
                (what, self.severity(index, seen))
            }
        };
        let fit = Fit { what, node: &part.node, summary: part.summary.as_ref(), severity };
        self.build(index, fit, seen, &captures(&part.node, seen))
    }

    /// The rule's, else the event's.
    fn severity(&self, index: RuleIndex, seen: &Seen<'_, '_>) -> AlertSeverity {
        self.rule(index)
            .severity
            .or_else(|| seen.event.severity.map(AlertSeverity::from))
            .unwrap_or(SEVERITY_DEFAULT)
    }

    fn build(
        &self,
        index: RuleIndex,
        fit: Fit<'_>,
        seen: &Seen<'_, '_>,
        captures: &Captures,
    ) -> Match {
        let (rule, compiled) = (self.rule(index), self.compiled(index));
        let located = seen.located;
        let summary = match fit.summary {
            Some(template) => template.render(seen, captures),
            None => one_line(&seen.event.message),
        };
        let (what, words) = (fit.what, fit.node.words(seen));
        let label = |(name, value): &(String, Template)| {
            let value = value.render(seen, captures);
            (name.clone(), cut(value, self.limits().label_bytes_max))
        };
        Match {
            rule: index,
            rule_id: rule.id.clone(),
            revision: compiled.revision.clone(),
            key: self.key(&compiled.templates.key, seen, captures),
            handling: rule.handling.of(located.environment),
            severity: fit.severity,
            team: team(rule, &located),
            summary: cut(summary, self.limits().summary_bytes_max),
            reason: format!(
                "{what} {} (revision {}): {words}; {located}",
                rule.id, compiled.revision
            ),
            labels: compiled.templates.labels.iter().map(label).collect(),
            runbook: rule.runbook.clone(),
            plan: Arc::clone(&compiled.plan),
            distinct: None,
            object: None,
            links: Links::default(),
        }
    }

    /// A key over its limit ends in a hash of the whole: two that differ stay two.
    fn key(&self, template: &Template, seen: &Seen<'_, '_>, captures: &Captures) -> String {
        if template.is_empty() {
            return String::new();
        }
        let key = template.render(seen, captures);
        if key.len() <= self.limits().key_bytes_max {
            return key;
        }
        let hash = short_hash([key.as_bytes()]);
        let room = self.limits().key_bytes_max.saturating_sub(hash.len() + 1);
        format!("{}~{hash}", cut(key, room))
    }
}

/// What the condition's regexes captured.
fn captures(node: &Node, seen: &Seen<'_, '_>) -> Captures {
    let mut captures = Captures::new();
    node.capture(seen, &mut captures);
    captures
}

/// The rule's team, else the inventory's of the host.
pub(crate) fn team(rule: &Rule, located: &Located<'_>) -> String {
    if rule.team.is_empty() {
        return located.team().map(|(team, _)| team.to_owned()).unwrap_or_default();
    }
    rule.team.clone()
}

/// The bytes as text without control characters.
fn one_line(bytes: &[u8]) -> String {
    let blank = |character: char| if character.is_control() { ' ' } else { character };
    let text: String = String::from_utf8_lossy(bytes).chars().map(blank).collect();
    text.trim().to_owned()
}

/// At most so many bytes, cut at a character's edge.
fn cut(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}
