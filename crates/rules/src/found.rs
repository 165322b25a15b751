//! A rule that fits an event becomes a [`Match`]: key, summary, severity, and why.
//!
//! From: the matcher. To: alerts.

use crate::compile::tree::Node;
use crate::field::Seen;
use crate::rule::short_hash;
use crate::template::{Captures, Template};
use crate::{AlertSeverity, Located, Match, Rule, RuleIndex, RuleSet};

/// The severity of an event that has none of its own, such as a trap.
const SEVERITY_DEFAULT: AlertSeverity = AlertSeverity::Major;

impl RuleSet {
    /// The rule owns the event.
    pub(crate) fn problem(&self, index: RuleIndex, seen: &Seen<'_, '_>) -> Match {
        let compiled = self.compiled(index);
        let severity = self
            .rule(index)
            .severity
            .or_else(|| seen.event.severity.map(AlertSeverity::from))
            .unwrap_or(SEVERITY_DEFAULT);
        self.build(index, &compiled.when, compiled.summary.as_ref(), severity, seen)
    }

    /// The event ends the rule's alert.
    pub(crate) fn clear(&self, index: RuleIndex, clear: &Node, seen: &Seen<'_, '_>) -> Match {
        let summary = self.compiled(index).clear_summary.as_ref();
        self.build(index, clear, summary, AlertSeverity::Clear, seen)
    }

    fn build(
        &self,
        index: RuleIndex,
        node: &Node,
        summary: Option<&Template>,
        severity: AlertSeverity,
        seen: &Seen<'_, '_>,
    ) -> Match {
        let (rule, compiled) = (self.rule(index), self.compiled(index));
        let located = seen.located;
        let mut captures = Captures::new();
        node.capture(seen, &mut captures);
        let summary = match summary {
            Some(template) => template.render(seen, &captures),
            None => one_line(&seen.event.message),
        };
        let what = if severity == AlertSeverity::Clear { "clear of rule" } else { "rule" };
        let words = node.words(seen);
        Match {
            rule: index,
            rule_id: rule.id.clone(),
            revision: compiled.revision.clone(),
            key: self.key(&compiled.key, seen, &captures),
            handling: rule.handling.of(located.environment),
            severity,
            team: team(rule, &located),
            summary: cut(summary, self.limits().summary_bytes_max),
            reason: format!(
                "{what} {} (revision {}): {words}; {located}",
                rule.id, compiled.revision
            ),
            labels: compiled
                .labels
                .iter()
                .map(|(name, value)| {
                    let value = value.render(seen, &captures);
                    (name.clone(), cut(value, self.limits().label_bytes_max))
                })
                .collect(),
            runbook: rule.runbook.clone(),
            close_after: compiled.close_after,
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

/// The rule's team, else the inventory's of the host.
fn team(rule: &Rule, located: &Located<'_>) -> String {
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
