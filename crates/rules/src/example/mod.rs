//! Examples are judged by the set that their rules stand in, as live messages would be.
//!
//! From: messages and traps that rules carry. To: a fault for each that comes out otherwise.

mod datagram;

pub use datagram::of as trap_datagram;

use std::collections::HashSet;

use mutt_event::{Envelope, Event, Flags, Input, Kind, MessageId, Parser, Timestamp};

use crate::compile::Role;
use crate::field::Seen;
use crate::index::Found;
use crate::overlap::clash;
use crate::{
    Environment, Example, Expect, Fault, Mode, Rule, RuleIndex, RuleSet, ScenarioEvent, Scratch,
    TrapExample, Verdict, Warning,
};

/// The device of an example that names none.
pub(crate) const HOST_DEFAULT: &str = "example";

impl RuleSet {
    /// Judges all examples, in production. An example that another rule takes away is a fault
    /// of its rule.
    pub fn check_examples(&self, parser: &Parser) -> Vec<Fault> {
        self.example_faults(parser, true, &|_, _| true)
    }

    /// Judges the examples that `is_read`; `whole`: no rule is missing in this set.
    pub(crate) fn example_faults(
        &self,
        parser: &Parser,
        whole: bool,
        is_read: &dyn Fn(&Rule, usize) -> bool,
    ) -> Vec<Fault> {
        let mut scratch = Scratch::default();
        let mut faults = Vec::new();
        for rule in self.rules().iter().filter(|rule| rule.mode != Mode::Off) {
            for (index, example) in rule.examples.iter().enumerate() {
                if !is_read(rule, index) {
                    continue;
                }
                let mut verdict = self.judge_example(example, parser, &mut scratch);
                if !whole && example.expect == Expect::Nothing {
                    // A rule that is missing here may take it.
                    verdict.owner = None;
                }
                if let Err(message) = compare(rule, example, &verdict) {
                    faults.push(rule.fault(format!("examples[{index}]"), message));
                }
            }
        }
        faults
    }

    /// Live rules of one priority that both want an example of one of them: only their ids
    /// decide. Each pair is told once.
    pub fn check_clashes(&self, parser: &Parser) -> Vec<Warning> {
        let mut found = Found::default();
        let mut told = HashSet::new();
        let mut warnings = Vec::new();
        let is_owner = |rule: usize| self.compiled(RuleIndex(rule as u32)).role == Role::Owner;
        for (index, rule) in self.rules().iter().enumerate().filter(|(index, _)| is_owner(*index)) {
            for example in rule.examples.iter().filter(|e| e.expect == Expect::Match) {
                let same = with_event(example, parser, |event| {
                    self.index().find(event, self.entries(), &mut found);
                    let seen = Seen { event, located: Environment::Prod.into() };
                    let others = found.entries.iter().map(|entry| *entry as usize);
                    others
                        .filter(|other| *other < self.len() && *other != index && is_owner(*other))
                        .filter(|other| self.rules()[*other].priority == rule.priority)
                        .filter(|other| self.owns(*other, &seen))
                        .collect::<Vec<usize>>()
                });
                for other in same {
                    if told.insert((index.min(other), index.max(other))) {
                        let why = "fits an example of this rule too";
                        warnings.push(clash(rule, &self.rules()[other], why));
                    }
                }
            }
        }
        warnings
    }

    fn judge_example(&self, example: &Example, parser: &Parser, scratch: &mut Scratch) -> Verdict {
        with_event(example, parser, |event| self.judge(event, Environment::Prod, scratch))
    }
}

/// Does something with the event that an example is.
fn with_event<T>(example: &Example, parser: &Parser, act: impl FnOnce(&Event<'_>) -> T) -> T {
    let id = MessageId { appended: Timestamp::ZERO, partition: 0, position: 0 };
    let host = example.host.as_deref().unwrap_or(HOST_DEFAULT);
    as_received((&example.message, example.trap.as_ref(), host), id, parser, act)
}

impl ScenarioEvent {
    /// Does something with the event that it is, as a message of this id.
    pub fn with_event<T>(
        &self,
        id: MessageId,
        parser: &Parser,
        act: impl FnOnce(&Event<'_>) -> T,
    ) -> T {
        as_received((&self.message, self.trap.as_ref(), self.host()), id, parser, act)
    }
}

/// A trap, or else a message, as it comes from a host.
fn as_received<T>(
    (message, trap, host): (&str, Option<&TrapExample>, &str),
    id: MessageId,
    parser: &Parser,
    act: impl FnOnce(&Event<'_>) -> T,
) -> T {
    let (kind, input, raw) = match trap {
        Some(trap) => (Kind::Trap, Input::Snmp, datagram::of(trap)),
        None => (Kind::Syslog, Input::SyslogTcp, message.as_bytes().to_vec()),
    };
    let envelope = Envelope {
        input,
        kind,
        flags: Flags::default(),
        received: id.appended,
        session: 0,
        peer: None,
        host,
        dedup: None,
        usm: None,
        raw: &raw,
    };
    act(&parser.parse(id, &envelope))
}

/// Is the verdict what the example expects of its rule?
fn compare(rule: &Rule, example: &Example, verdict: &Verdict) -> Result<(), String> {
    let wanting = verdict.owner.iter().chain(&verdict.continues).chain(&verdict.shadows);
    let owned = wanting.into_iter().find(|found| found.rule_id == rule.id);
    let clears = verdict.clears.iter().chain(&verdict.shadow_clears);
    let cleared = clears.into_iter().find(|clear| clear.rule_id == rule.id);
    let found = match example.expect {
        Expect::Match => owned.ok_or_else(|| match &verdict.owner {
            Some(other) => format!(
                "was to match, but another rule owns it: {} (priority and conditions decide)",
                other.reason
            ),
            None if cleared.is_some() => "was to match, but is a clear of this rule".to_owned(),
            None => "was to match, but no rule does".to_owned(),
        })?,
        Expect::Clear => cleared.ok_or("was to clear, but `clear` does not hold")?,
        Expect::Nothing => {
            return match owned.or(cleared) {
                Some(found) => Err(format!("was to be left alone, but: {}", found.reason)),
                None => Ok(()),
            };
        }
    };
    match &example.key {
        Some(key) if *key != found.key => {
            Err(format!("was to have the key `{key}`, but has `{}`", found.key))
        }
        _ => Ok(()),
    }
}
