//! A rule that fits an event becomes a [`Match`]: key, summary, severity, and why.
//!
//! From: the matcher. To: alerts.

use mutt_event::Event;

use crate::compile::tree::Node;
use crate::rule::short_hash;
use crate::template::{Captures, Template};
use crate::{AlertSeverity, Environment, Located, Match, RuleIndex, RuleSet};

/// The severity of an event that has none of its own, such as a trap.
const SEVERITY_DEFAULT: AlertSeverity = AlertSeverity::Major;

impl RuleSet {
    /// The rule owns the event.
    pub(crate) fn problem(
        &self,
        index: RuleIndex,
        event: &Event<'_>,
        located: Located<'_>,
    ) -> Match {
        let compiled = self.compiled(index);
        let severity = self
            .rule(index)
            .severity
            .or_else(|| event.severity.map(AlertSeverity::from))
            .unwrap_or(SEVERITY_DEFAULT);
        self.build(index, &compiled.when, compiled.summary.as_ref(), severity, event, located)
    }

    /// The event ends the rule's alert.
    pub(crate) fn clear(
        &self,
        index: RuleIndex,
        clear: &Node,
        event: &Event<'_>,
        located: Located<'_>,
    ) -> Match {
        let summary = self.compiled(index).clear_summary.as_ref();
        self.build(index, clear, summary, AlertSeverity::Clear, event, located)
    }

    fn build(
        &self,
        index: RuleIndex,
        node: &Node,
        summary: Option<&Template>,
        severity: AlertSeverity,
        event: &Event<'_>,
        located: Located<'_>,
    ) -> Match {
        let (rule, compiled) = (self.rule(index), self.compiled(index));
        let environment = located.environment;
        let mut captures = Captures::new();
        node.capture(event, environment, &mut captures);
        let summary = match summary {
            Some(template) => template.render(event, environment, &captures),
            None => one_line(&event.message),
        };
        let what = if severity == AlertSeverity::Clear { "clear of rule" } else { "rule" };
        let words = node.words(event, environment);
        Match {
            rule: index,
            rule_id: rule.id.clone(),
            revision: compiled.revision.clone(),
            key: self.key(&compiled.key, event, environment, &captures),
            handling: rule.handling.of(environment),
            severity,
            team: rule.team.clone(),
            summary: cut(summary, self.limits().summary_bytes_max),
            reason: format!(
                "{what} {} (revision {}): {words}; {located}",
                rule.id, compiled.revision
            ),
            runbook: rule.runbook.clone(),
            close_after: compiled.close_after,
        }
    }

    /// A key over its limit ends in a hash of the whole: two that differ stay two.
    fn key(
        &self,
        template: &Template,
        event: &Event<'_>,
        environment: Environment,
        captures: &Captures,
    ) -> String {
        if template.is_empty() {
            return String::new();
        }
        let key = template.render(event, environment, captures);
        if key.len() <= self.limits().key_bytes_max {
            return key;
        }
        let hash = short_hash([key.as_bytes()]);
        let room = self.limits().key_bytes_max.saturating_sub(hash.len() + 1);
        format!("{}~{hash}", cut(key, room))
    }
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
