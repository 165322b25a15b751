//! Plain events, counts, pairs and sequences in the model. From: signals, and those before them.
//! To: alerts that begin, go on and end.

use mutt_event::Timestamp;
use mutt_rules::{Count, Handling, Plan};

use super::Reference;
use crate::{Ending, Facts, Signal, SignalKind, signature};

/// Something that a later signal of the same problem looks back at.
#[derive(Debug)]
pub(super) struct Past {
    rule_id: String,
    shape: String,
    signature: String,
    at: Timestamp,
    what: What,
}

#[derive(Clone, PartialEq, Debug)]
enum What {
    /// A problem that is counted.
    Counted { value: Option<String> },
    /// A sequence's first event, of which its alert will tell.
    When(Box<Facts>),
    /// What had to come between.
    With,
    /// What had not to come between.
    Without,
    /// A clear of what was not open.
    EarlyClear,
    /// What came before counts no more.
    Cut,
}

/// The name of the problem that an event is about.
pub(super) fn name(plan: &Plan, facts: &Facts) -> String {
    let host = if plan.across_hosts { "*" } else { &facts.host };
    signature(host, &plan.rule_id, &facts.key)
}

impl Reference {
    /// An event of a rule without absence and sequence.
    pub(super) fn event(&mut self, signal: &Signal) {
        let name = name(&signal.plan, &signal.facts);
        match signal.kind {
            SignalKind::Problem if signal.facts.handling == Handling::Suppress => {}
            SignalKind::Problem => self.problem(&name, signal),
            SignalKind::Clear => self.clear(&name, signal),
            SignalKind::With | SignalKind::Without | SignalKind::Then => {}
        }
    }

    fn problem(&mut self, name: &str, signal: &Signal) {
        let (plan, facts) = (&signal.plan, &signal.facts);
        if let Some(i) = self.open(name) {
            self.goes_on(i, plan, facts, 1);
            self.is_back(i);
            return;
        }
        let mut events = (1, facts.at);
        if let Some(count) = &plan.count {
            self.remember(name, signal, What::Counted { value: signal.distinct.clone() });
            events = self.in_window(name, count);
            if events.0 < u64::from(count.at_least) {
                return;
            }
        }
        self.opens(name, signal, facts, events);
    }

    /// A problem is there that was not: it begins, unless its clear came just before.
    fn opens(&mut self, name: &str, signal: &Signal, facts: &Facts, events: (u64, Timestamp)) {
        let plan = &signal.plan;
        let is_over = self.has_early_clear(name, plan);
        self.remember(name, signal, What::Cut);
        if !is_over {
            let i = self.begin(name, plan, facts, events);
            self.comes(i);
            return;
        }
        // It is kept for itself, and nothing came and went.
        let i = self.add(name, plan, facts, events.1);
        self.goes_on(i, plan, facts, events.0);
        self.end(i, Ending::Clear);
    }

    pub(super) fn clear(&mut self, name: &str, signal: &Signal) {
        self.remember(name, signal, What::Cut);
        match self.open(name) {
            Some(i) => self.goes(i),
            None => self.remember(name, signal, What::EarlyClear),
        }
    }

    /// One part of a sequence.
    pub(super) fn part(&mut self, signal: &Signal) {
        let (plan, facts) = (&signal.plan, &signal.facts);
        let name = name(plan, facts);
        match signal.kind {
            SignalKind::Clear => self.clear(&name, signal),
            _ if facts.handling == Handling::Suppress => {}
            SignalKind::Problem => {
                self.remember(&name, signal, What::When(Box::new(facts.clone())))
            }
            SignalKind::With => self.remember(&name, signal, What::With),
            SignalKind::Without => self.remember(&name, signal, What::Without),
            SignalKind::Then => self.then(&name, signal),
        }
    }

    fn then(&mut self, name: &str, signal: &Signal) {
        let Some(sequence) = signal.plan.sequence else { return };
        let parts = self.since_cut(name);
        let is_when = |part: &&Past| matches!(part.what, What::When(_));
        let Some(start) = parts.iter().rposition(is_when) else { return };
        let came = |what: What| parts[start..].iter().any(|part| part.what == what);
        let first = parts[start].at;
        let in_time = first.after(sequence.within) >= self.now;
        let has_with = came(What::With) || !sequence.needs_with;
        let What::When(facts) = &parts[start].what else { return };
        if !in_time || !has_with || came(What::Without) {
            return;
        }
        let facts = Facts { at: self.now, ..facts.as_ref().clone() };
        if let Some(i) = self.open(name) {
            self.remember(name, signal, What::Cut);
            self.goes_on(i, &signal.plan, &facts, 1);
            self.is_back(i);
        } else {
            self.opens(name, signal, &facts, (2, first));
        }
    }

    fn remember(&mut self, name: &str, signal: &Signal, what: What) {
        self.past.push(Past {
            rule_id: signal.plan.rule_id.clone(),
            shape: signal.plan.shape.clone(),
            signature: name.to_owned(),
            at: self.now,
            what,
        });
    }

    /// What is remembered of a problem since its last cut, the oldest first.
    fn since_cut(&self, name: &str) -> Vec<&Past> {
        let of_it = self.past.iter().rev().filter(|past| past.signature == name);
        let mut since: Vec<&Past> = of_it.take_while(|past| past.what != What::Cut).collect();
        since.reverse();
        since
    }

    fn has_early_clear(&self, name: &str, plan: &Plan) -> bool {
        let is_one = |past: &&Past| {
            past.what == What::EarlyClear && past.at.after(plan.early_clear) >= self.now
        };
        !plan.early_clear.is_zero() && self.since_cut(name).into_iter().any(|past| is_one(&past))
    }

    /// How many events lie in the window that ends now, and the oldest of them.
    fn in_window(&self, name: &str, count: &Count) -> (u64, Timestamp) {
        let mut events: Vec<(Timestamp, &Option<String>)> = Vec::new();
        for past in self.since_cut(name) {
            let What::Counted { value } = &past.what else { continue };
            if past.at.after(count.within) < self.now {
                continue;
            }
            if !count.distinct.is_empty() {
                // Of each value the latest.
                events.retain(|(_, known)| *known != value);
            }
            events.push((past.at, value));
        }
        let first = events.first().map_or(self.now, |(at, _)| *at);
        (events.len() as u64, first)
    }

    pub(super) fn forget_the_past(&mut self) {
        let plans = self.plans.clone();
        let stays = |rule: &str, shape: &str| {
            plans.iter().any(|plan| plan.rule_id == rule && plan.shape == shape)
        };
        self.past.retain(|past| stays(&past.rule_id, &past.shape));
        self.watches.retain(|watch| stays(&watch.plan.rule_id, &watch.plan.shape));
    }
}
