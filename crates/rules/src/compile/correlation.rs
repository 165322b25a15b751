//! What is wrong with the settings of rules over several events.
//!
//! From: a rule as far as it could be read. To: faults: values out of their limits, and settings
//! that mean nothing together.

use std::time::Duration;

use super::absent::check_absent;
use crate::draft::Sketch;
use crate::{Fault, Limits, Rule};

const SECOND: Duration = Duration::from_secs(1);

/// What a rule that tells of absence has no use for.
const NOT_WITH_ABSENT: [&str; 6] =
    ["clear", "count", "hold_for", "early_clear", "sequence", "flapping"];

/// What means nothing in a rule that nothing ends.
const NEED_CLEAR: [(&str, &str); 3] = [
    ("hold_for", "it waits whether a clear comes"),
    ("early_clear", "it is about clears that come first"),
    ("flapping", "without one nothing comes and goes"),
];

/// All settings over several events, and whether the rule has them.
pub(super) fn settings(rule: &Rule) -> [(&'static str, bool); 10] {
    [
        ("reopen_within", rule.reopen_within.is_some()),
        ("across_hosts", rule.across_hosts),
        ("count", rule.count.is_some()),
        ("hold_for", rule.hold_for.is_some()),
        ("early_clear", rule.early_clear.is_some()),
        ("absent", rule.absent.is_some()),
        ("sequence", rule.sequence.is_some()),
        ("flapping", rule.flapping.is_some()),
        ("suppressed_by", !rule.suppressed_by.is_empty()),
        ("storm_per_minute", rule.storm_per_minute.is_some()),
    ]
}

/// Tells what is wrong with them. A rule that only labels has none, and is told so elsewhere.
pub(super) fn check(sketch: &Sketch, limits: &Limits, faults: &mut Vec<Fault>) {
    if sketch.rule.continues {
        return;
    }
    let mut checks = Checks { sketch, limits, faults };
    checks.values();
    if !sketch.is_doubtful("continue") && !sketch.is_doubtful("handling") {
        checks.together();
    }
}

/// One rule's checks.
pub(super) struct Checks<'a> {
    pub sketch: &'a Sketch,
    pub limits: &'a Limits,
    pub faults: &'a mut Vec<Fault>,
}

impl Checks<'_> {
    /// A fault, unless the part could not be read.
    pub fn fault(&mut self, path: &str, message: impl Into<String>) {
        if !self.sketch.is_doubtful(path) {
            self.faults.push(Fault::at(path, message));
        }
    }

    /// Is the time within its limits?
    pub fn time(&mut self, path: &str, time: Duration, least: Duration, most: Duration) {
        if !(least..=most).contains(&time) {
            let [least, most] = [least, most].map(crate::duration::text);
            self.fault(path, format!("expected a time from {least} to {most}"));
        }
    }

    fn number(&mut self, path: &str, number: u32, least: u32, most: u32) {
        if !(least..=most).contains(&number) {
            self.fault(path, format!("expected a whole number from {least} to {most}"));
        }
    }

    fn values(&mut self) {
        let (rule, limits) = (&self.sketch.rule, self.limits);
        if let Some(count) = &rule.count {
            self.number("count.at_least", count.at_least, 2, limits.count_max);
            self.time("count.within", count.within, SECOND, limits.window_max);
        }
        if let Some(time) = rule.reopen_within {
            self.time("reopen_within", time, Duration::ZERO, limits.window_max);
        }
        if let Some(time) = rule.hold_for {
            self.time("hold_for", time, SECOND, limits.window_max);
        }
        if let Some(time) = rule.early_clear {
            self.time("early_clear", time, SECOND, limits.early_clear_max);
        }
        if let Some(sequence) = &rule.sequence {
            self.time("sequence.within", sequence.within, SECOND, limits.window_max);
        }
        if let Some(number) = rule.storm_per_minute {
            self.number("storm_per_minute", number, 1, limits.storm_max);
        }
        if let Some(absent) = &rule.absent {
            check_absent(self, absent);
        }
        self.flapping();
        self.parents();
    }

    fn flapping(&mut self) {
        let Some(flapping) = &self.sketch.rule.flapping else { return };
        let (above, below) = (flapping.suppress_above, flapping.release_below);
        let most = self.limits.penalty_max;
        self.number("flapping.suppress_above", above, 2, most);
        self.number("flapping.release_below", below, 1, most);
        self.time("flapping.half_life", flapping.half_life, SECOND, self.limits.half_life_max);
        let is_known = !self.sketch.is_doubtful("flapping.suppress_above") && above >= 2;
        if is_known && (above..=most).contains(&below) {
            let message = format!("must be less than `suppress_above`, which is {above}");
            self.fault("flapping.release_below", message);
        }
    }

    /// Those that can be told without the other rules.
    fn parents(&mut self) {
        let rule = &self.sketch.rule;
        let (count, most) = (rule.suppressed_by.len(), self.limits.parents_max);
        if count > most {
            self.fault("suppressed_by", format!("{count} rules, the limit is {most}"));
        }
        for (index, parent) in rule.suppressed_by.iter().enumerate() {
            if parent.rule == rule.id && !self.sketch.is_doubtful("id") {
                let message = "a rule cannot quiet itself: name another";
                self.fault(&format!("suppressed_by[{index}].rule"), message);
            }
        }
    }

    /// What does not go together.
    fn together(&mut self) {
        let rule = &self.sketch.rule;
        if rule.handling.suppresses() {
            for (part, _) in settings(rule) {
                self.useless(part, "a rule that suppresses has no alert");
            }
            return;
        }
        if self.stands("absent") {
            for part in NOT_WITH_ABSENT {
                self.useless(part, "`absent` tells what did not come");
            }
            return;
        }
        if !self.stands("clear") {
            for (part, why) in NEED_CLEAR {
                if self.stands(part) {
                    let message = format!("`{part}` needs `clear`: {why}");
                    self.faults.push(Fault::at(part, message));
                }
            }
        }
        if self.stands("count") && self.stands("sequence") {
            let message = "`count` and `sequence` do not go together: leave one of them out";
            self.faults.push(Fault::at("sequence", message));
        }
    }

    /// A fault for a part that stands there and means nothing.
    fn useless(&mut self, part: &str, why: &str) {
        if self.stands(part) {
            let message = format!("{why}, so `{part}` means nothing: leave it out");
            self.faults.push(Fault::at(part, message));
        }
    }

    /// Whether a part was written; what cannot be read stands there too.
    fn stands(&self, part: &str) -> bool {
        let rule = &self.sketch.rule;
        let clear = [("clear", rule.clear.is_some())];
        let mut known = settings(rule).into_iter().chain(clear);
        known.any(|(name, is_there)| name == part && is_there) || self.sketch.is_doubtful(part)
    }
}
