//! An alert's life: it opens, counts, ends, comes back; and destinations are told so that what
//! they know is what is so, unless there is a reason to be quiet. From and to: the correlator.

use std::sync::Arc;

use mutt_event::Timestamp;

use crate::alert::HOSTS_MAX;
use crate::correlator::Why;
use crate::live::Held;
use crate::moment::MOMENTS_MAX;
use crate::track::Counted;
use crate::{
    Alert, AlertState, Correlator, Effect, Ending, Moment, Notice, NoticeKind, PATTERN_RULE, Quiet,
    RuleRef, Signal, Told, What,
};

impl Correlator {
    /// A problem is there; `made_up_of` are the events that it took, with this one, if it took
    /// several.
    pub(crate) fn problem(
        &mut self,
        signature: Arc<str>,
        signal: &Signal,
        made_up_of: Option<Vec<Counted>>,
    ) -> Effect {
        let before = match self.take_out(&signature) {
            Some((signature, held)) if held.alert.state.is_open() => {
                return self.repeat(signature, held, signal);
            }
            before => before.map(|(_, held)| held),
        };
        let clear = self.take_early_clear(&signature, signal);
        match before {
            Some(held) if clear.is_none() && comes_back(&held.alert, signal) => {
                return self.reopen(signature, held, signal, made_up_of);
            }
            Some(held) => self.comes_back_no_more(held),
            None => {}
        }
        match clear {
            Some(clear) => self.is_over_already(&signature, signal, made_up_of, clear),
            None => self.begin(signature, signal, made_up_of),
        }
    }

    fn begin(
        &mut self,
        signature: Arc<str>,
        signal: &Signal,
        made_up_of: Option<Vec<Counted>>,
    ) -> Effect {
        let alert = self.new_alert(&signature, signal, made_up_of);
        self.opens(signature, Box::new(Held { alert, touched: None }), signal);
        Effect::Opened
    }

    /// A new alert with its first events.
    pub(crate) fn new_alert(
        &mut self,
        signature: &str,
        signal: &Signal,
        made_up_of: Option<Vec<Counted>>,
    ) -> Alert {
        let alert = Alert::new(signature, &signal.plan, &signal.facts);
        let mut alert = self.opened(alert, signal.facts.at);
        self.add_events(&mut alert, signal, made_up_of);
        alert
    }

    /// Notes that an alert opened, and makes room for it.
    pub(crate) fn opened(&mut self, mut alert: Alert, at: Timestamp) -> Alert {
        self.make_room(at);
        self.totals.opened += 1;
        let reason = alert.reason.clone();
        self.note(&mut alert, at, What::Opened { reason });
        alert
    }

    fn reopen(
        &mut self,
        signature: Arc<str>,
        mut held: Box<Held>,
        signal: &Signal,
        made_up_of: Option<Vec<Counted>>,
    ) -> Effect {
        let (facts, alert) = (&signal.facts, &mut held.alert);
        alert.state = AlertState::Open;
        alert.rule = RuleRef::of(&signal.plan);
        alert.reopened += 1;
        (alert.reopens_until, alert.ended_at, alert.ending) = (None, None, None);
        (alert.cleared_by, alert.acknowledged_by, alert.storm) = (None, None, None);
        alert.handling = facts.handling;
        alert.links = facts.links.clone();
        alert.object.clone_from(&facts.object);
        alert.summary.clone_from(&facts.summary);
        let at = facts.at;
        self.note(&mut held.alert, at, What::Reopened);
        self.add_events(&mut held.alert, signal, made_up_of);
        self.totals.reopened += 1;
        self.opens(signature, held, signal);
        Effect::Reopened
    }

    /// An alert that is open from now on.
    fn opens(&mut self, signature: Arc<str>, mut held: Box<Held>, signal: &Signal) {
        let (plan, facts) = (&signal.plan, &signal.facts);
        let alert = &mut held.alert;
        alert.closes_at = plan.close_after.map(|after| facts.at.after(after));
        alert.held_until = (!plan.hold_for.is_zero()).then(|| facts.at.after(plan.hold_for));
        self.changes_side(&signature, &mut held.alert, plan, facts.at, true);
        self.review_children(&held.alert);
        self.settle(&signature, &mut held.alert, Why::signal(signal));
        self.put_back(signature, held);
    }

    fn repeat(&mut self, signature: Arc<str>, mut held: Box<Held>, signal: &Signal) -> Effect {
        let (plan, facts) = (&signal.plan, &signal.facts);
        let alert = &mut held.alert;
        let comes_back = alert.flapping.as_ref().is_some_and(|flap| !flap.is_there);
        let worse = facts.severity > alert.worst;
        alert.severity = facts.severity;
        alert.worst = alert.worst.max(facts.severity);
        if worse {
            alert.summary.clone_from(&facts.summary);
            // Who knew of it knew of something less.
            if alert.state == AlertState::Acknowledged {
                alert.state = AlertState::Open;
            }
        }
        let told = std::mem::replace(&mut alert.handling, facts.handling).tells();
        if told != facts.handling.tells() {
            self.review_children(&held.alert);
        }
        self.add_events(&mut held.alert, signal, None);
        let last = held.alert.last_seen;
        let close_after = plan.close_after.filter(|_| held.alert.flapping.is_none());
        // The window of a pattern begins when it is told.
        if held.alert.rule.id != PATTERN_RULE {
            held.alert.closes_at = close_after.map(|after| last.after(after));
        }
        if comes_back {
            self.changes_side(&signature, &mut held.alert, plan, facts.at, true);
        }
        self.settle(&signature, &mut held.alert, Why::signal(signal));
        self.put_back(signature, held);
        self.totals.repeated += 1;
        self.totals.worse += u64::from(worse);
        match (comes_back, worse) {
            (true, _) => Effect::Flapped,
            (false, true) => Effect::Worse,
            (false, false) => Effect::Repeated,
        }
    }

    /// Ends an open alert by an event, unless it flaps.
    pub(crate) fn clear(&mut self, signature: Arc<str>, signal: &Signal) -> Effect {
        let Some((signature, mut held)) = self.take_out(&signature) else {
            return Effect::Nothing;
        };
        let facts = &signal.facts;
        let was_there = held.alert.flapping.as_ref().is_none_or(|flap| flap.is_there);
        if was_there {
            self.changes_side(&signature, &mut held.alert, &signal.plan, facts.at, false);
        }
        let what = What::ClearEvent { id: facts.cause, raw: facts.raw.clone() };
        self.note(&mut held.alert, facts.at, what);
        if held.alert.flapping.is_some() {
            held.alert.last_seen = held.alert.last_seen.max(facts.at);
            self.settle(&signature, &mut held.alert, Why::signal(signal));
            self.put_back(signature, held);
            return Effect::Flapped;
        }
        held.alert.cleared_by = Some(facts.cause);
        self.end(signature, held, Ending::Clear, Why::signal(signal));
        Effect::Cleared
    }

    /// Ends an open alert that was taken out, and tells it where it was told.
    pub(crate) fn end(
        &mut self,
        signature: Arc<str>,
        mut held: Box<Held>,
        ending: Ending,
        why: Why,
    ) {
        let tells = !matches!(ending, Ending::Quiet | Ending::Evicted | Ending::Twin);
        let reopens = matches!(ending, Ending::Clear | Ending::Hand { .. });
        match ending {
            Ending::Clear => self.totals.cleared += 1,
            Ending::Quiet | Ending::Pattern { .. } => self.totals.closed += 1,
            Ending::RuleGone | Ending::RuleKeyed => self.totals.rule_gone += 1,
            Ending::Evicted | Ending::Twin | Ending::Hand { .. } => {}
        }
        self.stops_flapping(&signature, &mut held.alert);
        let alert = &mut held.alert;
        let within = self.plans.get(&alert.rule.id).map_or(Default::default(), |p| p.reopen_within);
        alert.state = AlertState::ended(&ending);
        alert.ended_at = Some(alert.last_seen.max(why.at));
        alert.reopens_until = (reopens && !within.is_zero()).then(|| why.at.after(within));
        alert.held_until = None;
        alert.ending = Some(ending.clone());
        self.note_always(&mut held.alert, why.at, What::Ended { ending });
        if held.alert.told.take().is_some() && tells {
            self.tell(&mut held.alert, NoticeKind::Clear, why);
        }
        self.review_children(&held.alert);
        self.release_storm(&held.alert, &signature);
        let storm = held.alert.storm.clone();
        if held.alert.reopens_until.is_some() {
            self.put_back(signature, held);
        } else {
            self.let_go(held);
        }
        if let Some(storm) = storm {
            self.storm_shrinks(&storm, why.at);
        }
    }

    /// Something is due of an alert that was taken out.
    pub(crate) fn alert_is_due(&mut self, signature: Arc<str>, mut held: Box<Held>, at: Timestamp) {
        self.family.leave(&held.alert, &signature);
        let alert = &mut held.alert;
        if !alert.state.is_open() {
            self.forget(held);
            return;
        }
        if alert.closes_at.is_some_and(|closes| closes <= at) {
            let ending = crate::unhandled::ending_by_time(alert);
            self.end(signature, held, ending, Why::time(at));
            return;
        }
        if alert.held_until.is_some_and(|until| until <= at) {
            alert.held_until = None;
            self.review.insert(signature.clone());
            self.put_back(signature, held);
            return;
        }
        if self.storm_is_over(&mut held.alert, &signature, at) {
            self.end(signature, held, Ending::Clear, Why::time(at));
            return;
        }
        self.settle(&signature, &mut held.alert, Why::time(at));
        self.put_back(signature, held);
    }

    /// Looks again at all alerts whose reasons to be quiet may have changed.
    pub(crate) fn settle_all(&mut self) {
        while let Some(signature) = self.review.pop_first() {
            let Some((signature, mut held)) = self.take_out(&signature) else { continue };
            let was = |alert: &Alert| (alert.quiet.clone(), alert.notices, alert.moments);
            let before = was(&held.alert);
            if held.alert.state.is_open() {
                let at = self.now.max(held.alert.last_seen);
                self.settle(&signature, &mut held.alert, Why::time(at));
            }
            if was(&held.alert) != before {
                self.put_back(signature, held);
            } else {
                self.family.join(&held.alert, &signature);
                self.live.insert(signature, held);
            }
        }
    }

    /// Brings what destinations know of an open alert in line with what is so.
    pub(crate) fn settle(&mut self, signature: &Arc<str>, alert: &mut Alert, why: Why) {
        self.set_quiet(signature, alert, why.at);
        if !alert.quiet.is_empty() {
            return;
        }
        let kind = match &alert.told {
            None => {
                if let Some(storm) = self.joins_storm(alert, why) {
                    alert.storm = Some(storm);
                    self.set_quiet(signature, alert, why.at);
                    return;
                }
                NoticeKind::Open
            }
            Some(told) if alert.severity > told.severity => NoticeKind::Worse,
            Some(told) if told.flapping != alert.flapping.is_some() => NoticeKind::Update,
            Some(told) if self.storm_has_news(alert, told) => NoticeKind::Update,
            Some(_) => return,
        };
        let before = alert.told.as_ref().map_or(alert.severity, |told| told.severity);
        alert.told = Some(Told {
            severity: before.max(alert.severity),
            flapping: alert.flapping.is_some(),
            storm: alert.storm_of.as_ref().map_or(0, |_| alert.count),
        });
        self.tell(alert, kind, why);
    }

    fn set_quiet(&mut self, signature: &Arc<str>, alert: &mut Alert, at: Timestamp) {
        let quiet = self.reasons(signature, alert);
        if quiet == alert.quiet {
            return;
        }
        let what = match quiet.is_empty() {
            true => What::Audible,
            false => What::Quiet { why: quiet.clone() },
        };
        alert.quiet = quiet;
        self.note(alert, at, what);
    }

    /// Why nobody is told of it.
    fn reasons(&self, signature: &Arc<str>, alert: &Alert) -> Vec<Quiet> {
        let mut reasons = Vec::new();
        if !alert.handling.tells() {
            reasons.push(Quiet::Logged);
        }
        reasons.extend(alert.held_until.map(|until| Quiet::Held { until }));
        reasons.extend(self.hush.reasons(alert));
        reasons.extend(self.parent(signature, alert).map(|parent| Quiet::ChildOf { parent }));
        reasons.extend(self.flaps_with(signature, alert));
        reasons.extend(self.storm_told_by(alert).map(|told_by| Quiet::Storm { told_by }));
        reasons
    }

    fn tell(&mut self, alert: &mut Alert, kind: NoticeKind, why: Why) {
        alert.notices += 1;
        let id = format!("{}-{}", alert.id, alert.notices);
        self.note(alert, why.at, What::Told { notice_id: id.clone(), kind });
        self.notices.push(Notice {
            id,
            kind,
            at: why.at,
            received: why.received,
            cause: why.cause.unwrap_or(alert.cause),
            alert: alert.clone(),
            late: false,
        });
    }

    /// Counts the events that came to an alert.
    pub(crate) fn add_events(
        &mut self,
        alert: &mut Alert,
        signal: &Signal,
        made_up_of: Option<Vec<Counted>>,
    ) {
        let (facts, across) = (&signal.facts, signal.plan.across_hosts);
        if across {
            add_host(alert, &facts.host);
        }
        alert.count += 1;
        if let Some(events) = made_up_of {
            alert.count += events.len().saturating_sub(1) as u64;
            if let Some(first) = events.first().filter(|_| alert.reopened == 0) {
                alert.first_seen = first.at;
            }
            for host in events.iter().filter(|_| across).filter_map(|event| event.value.as_ref()) {
                add_host(alert, host);
            }
            let ids = events.into_iter().map(|event| event.id).collect();
            self.note(alert, facts.at, What::MadeUpOf { ids });
        }
        alert.last_seen = alert.last_seen.max(facts.at);
        alert.severity = facts.severity;
        alert.worst = alert.worst.max(facts.severity);
        if is_sample(alert.count) {
            let what = What::Event {
                number: alert.count,
                id: facts.cause,
                host: facts.host.clone(),
                severity: facts.severity,
                raw: facts.raw.clone(),
            };
            self.note(alert, facts.at, what);
        }
    }

    /// Writes a moment down, unless there are many already.
    pub(crate) fn note(&mut self, alert: &mut Alert, at: Timestamp, what: What) {
        if alert.moments < MOMENTS_MAX {
            self.note_always(alert, at, what);
        }
    }

    pub(crate) fn note_always(&mut self, alert: &mut Alert, at: Timestamp, what: What) {
        alert.moments = alert.moments.saturating_add(1);
        self.moments.push(Moment { alert_id: alert.id.clone(), at, what });
    }
}

/// Each of the first, then fewer and fewer.
fn is_sample(number: u64) -> bool {
    number <= 5 || number.is_power_of_two()
}

/// Whether an alert that ended is the same problem as what comes now.
fn comes_back(alert: &Alert, signal: &Signal) -> bool {
    let is_in_time = alert.reopens_until.is_some_and(|until| signal.facts.at < until);
    is_in_time && alert.rule.shape == signal.plan.shape
}

fn add_host(alert: &mut Alert, host: &str) {
    if alert.hosts.len() < HOSTS_MAX && !alert.hosts.iter().any(|known| known == host) {
        alert.hosts.push(host.to_owned());
    }
}
