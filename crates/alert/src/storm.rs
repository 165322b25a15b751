//! The storm valve: past so many alerts a minute, of a rule, of a team or in total, the rest are
//! one alert that names how many and of what. From and to: the correlator.
//!
//! The alert of a storm opens with the first alert that is too much, and is told; what it grew by
//! is told once a minute. It ends when all alerts that it stands for have ended and nothing was
//! added for a minute. MUTT's own alerts are part of no storm, but those of patterns: a new sort of
//! device says many things that no rule knows.

use std::collections::BTreeMap;
use std::sync::Arc;

use mutt_event::Timestamp;
use serde::{Deserialize, Serialize};

use crate::correlator::Why;
use crate::live::Held;
use crate::signal::{no_message, own_plan};
use crate::track::{Kind, MINUTE, Track};
use crate::{Alert, Correlator, Ending, Facts, PATTERN_RULE, Told, signature};

/// The rule of storms' alerts.
pub const STORM_RULE: &str = "mutt/storm";

/// The host of storms' alerts.
const STORM_HOST: &str = "mutt";

/// How many rules a storm names.
const NAMES_MAX: usize = 20;

/// How many alerts a minute are told one by one; 0: all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StormLimits {
    /// Of one rule, where it says nothing else.
    pub rule_per_minute: u32,
    /// Of one team.
    pub team_per_minute: u32,
    /// Of all.
    pub total_per_minute: u32,
}

/// What a storm's alert stands for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StormOf {
    /// How many a minute are told one by one.
    pub limit_per_minute: u32,
    /// How many alerts of each rule it stands for; of the first rules only.
    pub rules: BTreeMap<String, u64>,
    /// When it grew last.
    pub grew_at: Timestamp,
    /// When it tells how much it grew, or ends.
    pub looks_at: Option<Timestamp>,
    /// Whether it is time to tell how much it grew.
    pub has_news: bool,
}

impl Correlator {
    /// Whether the alert is one too many: then the signature of the alert that stands for it.
    pub(crate) fn joins_storm(&mut self, alert: &Alert, why: Why) -> Option<String> {
        // MUTT's own alerts.
        if alert.rule.shape.is_empty() && alert.rule.id != PATTERN_RULE {
            return None;
        }
        let rule = self.plans.get(&alert.rule.id).and_then(|plan| plan.storm_per_minute);
        let scopes = [
            (format!("rule {}", alert.rule.id), rule.unwrap_or(self.storms.rule_per_minute)),
            (format!("team {}", alert.team), self.storms.team_per_minute),
            ("all".to_owned(), self.storms.total_per_minute),
        ];
        let mut valves = Vec::with_capacity(scopes.len());
        for (scope, limit) in scopes.iter().filter(|(_, limit)| *limit > 0) {
            let key = Kind::Valve.key("", scope);
            let mut told = self.told_in_minute(&key, why.at);
            if told.len() >= *limit as usize {
                return Some(self.storm_grows(scope, *limit, alert, why));
            }
            told.push(why.at);
            valves.push((key, told));
        }
        for (key, told) in valves {
            self.keep(key.into(), Track::Valve { told });
        }
        None
    }

    fn told_in_minute(&self, valve: &str, at: Timestamp) -> Vec<Timestamp> {
        match self.tracks.get(valve) {
            Some(Track::Valve { told }) => {
                told.iter().copied().filter(|then| at.since(*then) < MINUTE).collect()
            }
            _ => Vec::new(),
        }
    }

    fn storm_grows(&mut self, scope: &str, limit: u32, child: &Alert, why: Why) -> String {
        let name = signature(STORM_HOST, STORM_RULE, scope);
        let (signature, mut held) = self.take_out(&name).unwrap_or_else(|| {
            let alert = self.opened(storm(&name, scope, limit, child, why), why.at);
            (name.as_str().into(), Box::new(Held { alert, touched: None }))
        });
        let alert = &mut held.alert;
        alert.count += 1;
        alert.last_seen = alert.last_seen.max(why.at);
        alert.severity = alert.severity.max(child.severity);
        alert.worst = alert.worst.max(child.severity);
        if let Some(of) = &mut alert.storm_of {
            of.grew_at = why.at;
            of.has_news = false;
            of.looks_at.get_or_insert(why.at.after(MINUTE));
            if of.rules.len() < NAMES_MAX || of.rules.contains_key(&child.rule.id) {
                *of.rules.entry(child.rule.id.clone()).or_default() += 1;
            }
        }
        alert.summary = words(alert);
        self.settle(&signature, &mut held.alert, why);
        self.put_back(signature, held);
        name
    }

    /// The open alert that tells of the storm that this one is part of.
    pub(crate) fn storm_told_by(&self, alert: &Alert) -> Option<String> {
        alert.storm.clone().filter(|storm| self.is_open(storm))
    }

    /// A minute is over: whether the storm is; if not, what it grew by is told.
    pub(crate) fn storm_is_over(
        &mut self,
        alert: &mut Alert,
        signature: &Arc<str>,
        at: Timestamp,
    ) -> bool {
        let Some(of) = &mut alert.storm_of else { return false };
        let grew = of.grew_at.after(MINUTE) > at;
        of.has_news = true;
        of.looks_at = grew.then(|| at.after(MINUTE));
        !grew && !self.family.has_storm(signature)
    }

    /// Whether a storm's alert has to tell how much it grew.
    pub(crate) fn storm_has_news(&self, alert: &Alert, told: &Told) -> bool {
        alert.storm_of.as_ref().is_some_and(|of| of.has_news) && alert.count != told.storm
    }

    /// An alert of a storm ended; with the last the storm is over, if it did not grow just now.
    pub(crate) fn storm_shrinks(&mut self, storm: &str, at: Timestamp) {
        let waits = |alert: &Alert| alert.storm_of.as_ref().is_some_and(|of| of.looks_at.is_some());
        if self.family.has_storm(storm) || self.live.get(storm).is_none_or(waits) {
            return;
        }
        self.end_open(storm, Ending::Clear, Why::time(at));
    }
}

fn storm(name: &str, scope: &str, limit: u32, child: &Alert, why: Why) -> Alert {
    let plan = own_plan(STORM_RULE, None);
    // Its child's is perhaps that of an earlier storm.
    let cause = why.cause.unwrap_or_else(|| no_message(why.at));
    let facts = Facts {
        key: scope.to_owned(),
        environment: child.environment,
        handling: child.handling,
        severity: child.severity,
        team: child.team.clone(),
        text: format!("storm: {scope}"),
        reason: format!("more than {limit} alerts a minute: {scope}"),
        received: why.received,
        ..Facts::bare(STORM_HOST, cause, why.at)
    };
    let mut alert = Alert::new(name, &plan, &facts);
    alert.storm_of = Some(Box::new(StormOf {
        limit_per_minute: limit,
        rules: BTreeMap::new(),
        grew_at: why.at,
        looks_at: None,
        has_news: false,
    }));
    alert
}

/// How many, and of what.
fn words(alert: &Alert) -> String {
    let Some(of) = &alert.storm_of else { return String::new() };
    let mut rules: Vec<_> = of.rules.iter().collect();
    rules.sort_by_key(|(rule, count)| (std::cmp::Reverse(**count), rule.as_str()));
    let names: Vec<String> = rules.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
    format!(
        "storm: {} alerts over {} a minute ({}): {}",
        alert.count,
        of.limit_per_minute,
        alert.key,
        names.join(", ")
    )
}
