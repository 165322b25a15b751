//! Shadow rules at work: what they would alert and tell if they were live. From: the judge, which
//! shows what shadow rules want of each message. To: its change, as numbers by the hour, and
//! metrics.
//!
//! They have a correlator of their own, with the limits on storms and the silences of the live
//! one, so that what they would tell is what somebody would have been told. Nothing of it is
//! written and nobody is told. It is kept in memory only: a judge that begins, and the first
//! shadow rule after none, begin without an alert. A live alert is no parent here.

use std::collections::BTreeMap;

use mutt_alert::{Correlator, Ending, Notice, NoticeKind, SILENCE_RULE, Signal, State};
use mutt_event::Timestamp;
use mutt_rules::Handling;
use mutt_store::hour_of;

use crate::Rulebook;
use crate::tallies::opened;

/// How many of their alerts may be live at once; the quietest closes to make room.
const OPEN_MAX: usize = 100_000;

/// The shadow rules, and what they would have done since it was asked last.
pub(crate) struct Shadow {
    /// None: the rulebook has no shadow rules.
    correlator: Option<Correlator>,
    up_since: Timestamp,
    counted: Counted,
}

/// What shadow rules would have done.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    /// Alerts by hour and rule.
    pub alerts: BTreeMap<(i64, String), u64>,
    /// Notices.
    pub notices: BTreeMap<Told, u64>,
}

/// Notices that are counted together.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Told {
    pub hour: i64,
    pub rule: String,
    pub kind: &'static str,
    pub handling: &'static str,
    /// Whether it would have paged: a problem began or came back.
    pub pages: bool,
}

impl Told {
    fn of(notice: &Notice) -> Self {
        let handling: Handling = notice.alert.handling;
        Self {
            hour: hour_of(notice.at),
            rule: notice.alert.rule.id.clone(),
            kind: notice.kind.name(),
            handling: handling.name(),
            pages: handling.pages() && notice.kind == NoticeKind::Open,
        }
    }
}

impl Counted {
    fn is_empty(&self) -> bool {
        self.alerts.is_empty() && self.notices.is_empty()
    }
}

impl Shadow {
    /// Inputs are up since then: what was not heard before is not called absent.
    pub fn new(up_since: Timestamp) -> Self {
        Self { correlator: None, up_since, counted: Counted::default() }
    }

    /// Goes by a rulebook's shadow rules from `at` on.
    pub fn follow(&mut self, rulebook: &Rulebook, at: Timestamp) {
        self.tick(at);
        let Rulebook { rules, shadow_expected, storms, silences, .. } = rulebook;
        if rules.shadow_plans().next().is_none() {
            self.correlator = None;
            return;
        }
        let up_since = self.up_since;
        let correlator = self.correlator.get_or_insert_with(|| {
            let mut correlator = Correlator::new(State::default()).with_limit(OPEN_MAX);
            correlator.resume(up_since);
            correlator
        });
        let plans = rules.shadow_plans().cloned();
        correlator.follow(plans, shadow_expected, *storms, silences, at);
        self.count();
    }

    /// Takes what a shadow rule wants of a message.
    pub fn apply(&mut self, signal: Signal) {
        if let Some(correlator) = &mut self.correlator {
            correlator.apply(signal);
        }
    }

    /// Does what is due until `now`, and counts what came of everything so far.
    pub fn tick(&mut self, now: Timestamp) {
        if let Some(correlator) = &mut self.correlator {
            correlator.tick(now);
            self.count();
        }
    }

    fn count(&mut self) {
        let Some(correlator) = &mut self.correlator else { return };
        let changes = correlator.take_changes();
        // The live correlator reminds of the silences.
        for (alert, at) in opened(&changes) {
            if alert.rule.id != SILENCE_RULE {
                let of = (hour_of(at), alert.rule.id.clone());
                *self.counted.alerts.entry(of).or_default() += 1;
            }
        }
        for notice in changes.notices.iter().filter(|notice| is_its_own(notice)) {
            *self.counted.notices.entry(Told::of(notice)).or_default() += 1;
        }
    }

    /// Whether there is something to take.
    pub fn has_news(&self) -> bool {
        !self.counted.is_empty()
    }

    /// What would have been done since the last call.
    pub fn take(&mut self) -> Counted {
        std::mem::take(&mut self.counted)
    }
}

/// Whether a shadow rule would have told it: not that its trial is over, nor of a silence.
fn is_its_own(notice: &Notice) -> bool {
    notice.alert.ending != Some(Ending::RuleGone) && notice.alert.rule.id != SILENCE_RULE
}
