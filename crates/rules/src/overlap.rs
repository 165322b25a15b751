//! Rules that stand in each other's way, as far as their conditions alone show it.
//!
//! From: a compiled set. To: warnings. Which rules to compare at all, the set's own index tells:
//! it is asked for the candidates of an event made of what a rule needs.

use mutt_event::json::Json;
use mutt_event::{Envelope, Event, Flags, Input, Kind, MessageId, Oid, Severity, Timestamp};

use crate::compile::Role;
use crate::compile::anchor::Slot;
use crate::compile::check::Check;
use crate::compile::logic::{excludes, implies};
use crate::compile::tree::{Node, TestNode};
use crate::index::Found;
use crate::{Rule, RuleIndex, RuleSet, Warning};

/// The most pairs of rules that are compared; a set with more is compared in part.
const PAIRS_MAX: usize = 300_000;

/// A live rule that can never own an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unreachable {
    /// The rule's id.
    pub rule: String,
    /// The id of a rule that is tried before it and takes all that it fits.
    pub by: String,
}

impl RuleSet {
    /// Live rules that can never own an event, as far as their conditions alone show it: what is
    /// named here never wins; what is not may.
    pub fn unreachable(&self) -> Vec<Unreachable> {
        let mut found = Vec::new();
        self.each_owner(|rule, broader| {
            let id = |rule: usize| self.rules()[rule].id.clone();
            let by = self.hidden_by(rule, broader);
            found.extend(by.map(|by| Unreachable { rule: id(rule), by: id(by) }));
        });
        found
    }

    /// Live rules that can never own an event, and those of one priority of which one fits all
    /// that the other fits.
    pub(crate) fn overlaps(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        self.each_owner(|rule, broader| warnings.extend(self.overlap(rule, broader)));
        warnings
    }

    /// Shows each live rule with those that fit all that it fits.
    fn each_owner(&self, mut see: impl FnMut(usize, &[usize])) {
        let mut found = Found::default();
        let mut pairs_left = PAIRS_MAX;
        for rule in (0..self.len()).filter(|rule| self.role(*rule) == Role::Owner) {
            self.find_around(rule, &mut found);
            let others = found.entries.iter().map(|entry| *entry as usize);
            let others = others.filter(|other| {
                *other < self.len() && *other != rule && self.role(*other) == Role::Owner
            });
            let broader: Vec<usize> = others
                .take(pairs_left)
                .filter(|other| {
                    pairs_left -= 1;
                    implies(&self.part(rule).when, &self.part(*other).when)
                })
                .collect();
            see(rule, &broader);
            if pairs_left == 0 {
                break;
            }
        }
    }

    /// The rule that takes all that this one fits, given all that fit whatever it fits.
    fn hidden_by(&self, rule: usize, broader: &[usize]) -> Option<usize> {
        let mut earlier = broader.iter().copied().filter(|other| *other < rule);
        earlier.find(|other| self.always_wins(*other, rule))
    }

    fn role(&self, rule: usize) -> Role {
        self.part(rule).role
    }

    fn part(&self, rule: usize) -> &crate::compile::Compiled {
        self.compiled(RuleIndex(rule as u32))
    }

    /// What is to say of a rule, given all rules that fit whatever it fits.
    fn overlap(&self, rule: usize, broader: &[usize]) -> Option<Warning> {
        if let Some(other) = self.hidden_by(rule, broader) {
            let (this, other) = (&self.rules()[rule], &self.rules()[other]);
            let message = format!(
                "never owns an event: rule {} (priority {}) is tried before it and fits every \
                 event that it fits; give this rule a lower number than {}, or make that rule \
                 narrower",
                other.id, other.priority, other.priority
            );
            return Some(warning(this, "when", message));
        }
        let this = &self.rules()[rule];
        let equal = broader.iter().map(|other| &self.rules()[*other]);
        let other = equal.into_iter().find(|other| other.priority == this.priority)?;
        Some(clash(this, other, "fits every event that this one fits"))
    }

    /// Does the earlier rule take each event that fits `when` of the later? Not one that the
    /// earlier rule takes as a clear, unless that is a clear of the later too.
    fn always_wins(&self, earlier: usize, later: usize) -> bool {
        let (earlier, later) = (self.part(earlier), self.part(later));
        let Some(veto) = earlier.clear() else { return true };
        excludes(&later.when, veto) || later.clear().is_some_and(|own| implies(veto, own))
    }

    fn find_around(&self, rule: usize, found: &mut Found) {
        let mut needs = Needs::default();
        needs.collect(&self.part(rule).when);
        let text = |slot: Slot| needs.texts[slot as usize].clone();
        let host = String::from_utf8_lossy(&text(Slot::Host).unwrap_or_default()).into_owned();
        let raw = text(Slot::Raw).unwrap_or_default();
        let envelope = Envelope {
            input: Input::SyslogTcp,
            kind: Kind::Syslog,
            flags: Flags::default(),
            received: Timestamp::ZERO,
            session: 0,
            peer: None,
            host: &host,
            dedup: None,
            usm: None,
            raw: &raw,
        };
        let id = MessageId { appended: Timestamp::ZERO, partition: 0, position: 0 };
        let mut event = Event::unparsed(id, &envelope);
        event.message = text(Slot::Message).unwrap_or_default().into();
        event.app = text(Slot::App).map(Into::into);
        event.mnemonic = text(Slot::Mnemonic).map(Into::into);
        event.msgid = text(Slot::Msgid).map(Into::into);
        event.severity = needs.severity;
        if needs.json || needs.oid.is_some() {
            event.json = Some(Box::new(Json { trap_oid: needs.oid, ..Json::default() }));
        }
        self.index().find(&event, self.entries(), found);
    }
}

pub(crate) fn clash(rule: &Rule, other: &Rule, why: &str) -> Warning {
    let message = format!(
        "rule {} has the same priority, {}, and {why}: only their ids decide which of the two \
         owns it; give one of them another priority",
        other.id, rule.priority
    );
    warning(rule, "priority", message)
}

fn warning(rule: &Rule, path: &str, message: String) -> Warning {
    Warning(rule.fault(path, message))
}

/// What every event has that a condition holds of; of several choices the first.
#[derive(Default)]
struct Needs {
    /// By [`Slot`].
    texts: [Option<Vec<u8>>; 6],
    exact: [bool; 6],
    severity: Option<Severity>,
    oid: Option<Oid>,
    json: bool,
}

impl Needs {
    fn collect(&mut self, node: &Node) {
        match node {
            Node::All(parts) => parts.iter().for_each(|part| self.collect(part)),
            Node::Any(branches) => branches.first().into_iter().for_each(|b| self.collect(b)),
            Node::Not(_) => {}
            Node::Test(test) => self.collect_test(test),
        }
    }

    fn collect_test(&mut self, node: &TestNode) {
        let field = &node.test.field;
        if matches!(field, crate::Field::Json(_)) {
            self.json = true;
        }
        if matches!(field, crate::Field::Varbind(_)) && self.oid.is_none() {
            self.oid = Some(Oid::default());
        }
        match (&node.check, Slot::of(field)) {
            (Check::Severities(bits), _) => {
                self.severity = Severity::from_number(bits.trailing_zeros() as u8);
            }
            (Check::OidPrefix(oid), _) => self.oid = Some(oid.clone()),
            (Check::OidIn(oids), _) => self.oid = oids.first().cloned(),
            (Check::Exists(true), _) if *field == crate::Field::TrapOid && self.oid.is_none() => {
                self.oid = Some(Oid::default());
            }
            (Check::Equals(texts), Some(slot)) => {
                self.texts[slot as usize] = texts.first().cloned();
                self.exact[slot as usize] = true;
            }
            (
                Check::Contains(text) | Check::StartsWith(text) | Check::EndsWith(text),
                Some(slot),
            ) => {
                self.add(slot, text);
            }
            (Check::Regex(_), Some(slot)) => {
                for literal in node.literals().into_iter().flatten() {
                    self.add(slot, literal);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, slot: Slot, text: &[u8]) {
        if !self.exact[slot as usize] {
            let all = self.texts[slot as usize].get_or_insert_default();
            all.extend_from_slice(text);
            all.push(b'\n');
        }
    }
}
