//! One alert of the model: how it begins, goes on, ends and is told. From: events and time. To:
//! notices.

use std::sync::Arc;

use mutt_event::Timestamp;
use mutt_rules::{AlertSeverity, Handling, Links, Plan};

use super::{Notice, Reference, Summary};
use crate::{AlertState, Ending, Facts, NoticeKind};

/// An alert, from its beginning until nobody remembers it.
#[derive(Debug)]
pub(super) struct Life {
    pub signature: String,
    pub plan: Arc<Plan>,
    pub host: String,
    pub object: Option<String>,
    pub links: Links,
    pub team: String,
    pub handling: Handling,
    pub severity: AlertSeverity,
    pub worst: AlertSeverity,
    pub state: AlertState,
    pub count: u64,
    pub reopened: u32,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// The last event that was no clear.
    pub repeated: Timestamp,
    /// When it opened last.
    pub began: Timestamp,
    /// When it did not flap any more.
    pub calmed: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub ending: Option<Ending>,
    pub notices: u32,
    pub known: Option<Known>,
    /// It flaps; whether the problem is there.
    pub flapping: Option<bool>,
    /// The storm's alert that stands for it.
    pub storm: Option<usize>,
    /// Of a storm's alert: when it grew.
    pub grew: Vec<Timestamp>,
}

/// What destinations know of an open alert.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub severity: AlertSeverity,
    pub flapping: bool,
    pub count: u64,
}

impl Life {
    /// Of which nothing is known yet.
    pub fn new(signature: &str, plan: &Arc<Plan>, at: Timestamp) -> Self {
        Self {
            signature: signature.to_owned(),
            plan: plan.clone(),
            host: String::new(),
            object: None,
            links: Links::default(),
            team: String::new(),
            handling: Handling::LogOnly,
            severity: AlertSeverity::Clear,
            worst: AlertSeverity::Clear,
            state: AlertState::Open,
            count: 0,
            reopened: 0,
            first_seen: at,
            last_seen: at,
            repeated: at,
            began: at,
            calmed: at,
            ended_at: None,
            ending: None,
            notices: 0,
            known: None,
            flapping: None,
            storm: None,
            grew: Vec::new(),
        }
    }

    pub fn is_open(&self) -> bool {
        self.state.is_open()
    }

    pub fn is_own(&self) -> bool {
        self.plan.shape.is_empty()
    }

    pub fn held_until(&self) -> Timestamp {
        self.began.after(self.plan.hold_for)
    }

    /// What flaps is not over because nothing more comes.
    pub fn closes_at(&self) -> Option<Timestamp> {
        let last = self.repeated.max(self.calmed);
        let quiet = self.plan.close_after.filter(|_| self.flapping.is_none());
        quiet.map(|quiet| last.after(quiet))
    }

    /// Whether its problem, coming now, is the same again.
    fn reopens(&self, plan: &Plan, now: Timestamp) -> bool {
        let in_time = |ended: Timestamp| ended.after(self.plan.reopen_within) > now;
        let comes_back = matches!(self.ending, Some(Ending::Clear | Ending::Hand { .. }));
        self.plan.shape == plan.shape && comes_back && self.ended_at.is_some_and(in_time)
    }

    /// What destinations do not know of it, if it is open.
    fn news(&self) -> Option<NoticeKind> {
        let Some(known) = self.known else { return self.is_open().then_some(NoticeKind::Open) };
        if self.severity > known.severity {
            Some(NoticeKind::Worse)
        } else {
            (self.flapping.is_some() != known.flapping).then_some(NoticeKind::Update)
        }
    }

    pub fn summary(&self) -> Summary {
        Summary {
            signature: self.signature.clone(),
            state: self.state,
            count: self.count,
            reopened: self.reopened,
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            severity: self.severity,
            worst: self.worst,
            ended_at: self.ended_at,
            ending: self.ending.clone(),
            notices: self.notices,
        }
    }
}

impl Reference {
    /// The open alert of a signature.
    pub(super) fn open(&self, signature: &str) -> Option<usize> {
        self.lives.iter().rposition(|life| life.is_open() && life.signature == signature)
    }

    /// A problem begins, with so many events: a new alert, or one that is back.
    pub(super) fn begin(
        &mut self,
        signature: &str,
        plan: &Arc<Plan>,
        facts: &Facts,
        (events, first_seen): (u64, Timestamp),
    ) -> usize {
        let last = self.lives.iter().rposition(|life| life.signature == signature);
        let i = match last.filter(|i| self.lives[*i].reopens(plan, self.now)) {
            Some(i) => {
                self.lives[i].reopened += 1;
                let life = &mut self.lives[i];
                life.storm = None;
                (life.object, life.links) = (facts.object.clone(), facts.links.clone());
                i
            }
            None => self.add(signature, plan, facts, first_seen),
        };
        let life = &mut self.lives[i];
        life.state = AlertState::Open;
        life.began = self.now;
        (life.ended_at, life.ending) = (None, None);
        self.goes_on(i, plan, facts, events);
        i
    }

    /// Another alert of which nothing is known but what it is about.
    pub(super) fn add(
        &mut self,
        signature: &str,
        plan: &Arc<Plan>,
        facts: &Facts,
        first_seen: Timestamp,
    ) -> usize {
        self.lives.push(Life {
            host: facts.host.clone(),
            object: facts.object.clone(),
            links: facts.links.clone(),
            team: facts.team.clone(),
            ..Life::new(signature, plan, first_seen)
        });
        self.lives.len() - 1
    }

    /// More events of an open alert.
    pub(super) fn goes_on(&mut self, i: usize, plan: &Arc<Plan>, facts: &Facts, events: u64) {
        let life = &mut self.lives[i];
        life.plan = plan.clone();
        life.count += events;
        (life.last_seen, life.repeated) = (self.now, self.now);
        life.handling = facts.handling;
        life.severity = facts.severity;
        if facts.severity > life.worst {
            life.worst = facts.severity;
            // Who acknowledged it does not know this.
            life.state = AlertState::Open;
        }
    }

    /// An alert ends; who knows of it is told, unless it only was quiet for long.
    pub(super) fn end(&mut self, i: usize, ending: Ending) {
        let is_told = ending != Ending::Quiet;
        let life = &mut self.lives[i];
        let cleared = ending == Ending::Clear;
        life.state = if cleared { AlertState::Cleared } else { AlertState::Closed };
        life.ended_at = Some(self.now);
        life.ending = Some(ending);
        life.flapping = None;
        if life.known.take().is_some() && is_told {
            self.notice(i, NoticeKind::Clear);
        }
        if !self.lives[i].grew.is_empty() {
            // Nobody belongs to a storm that is over.
            for life in self.lives.iter_mut().filter(|life| life.storm == Some(i)) {
                life.storm = None;
            }
        }
    }

    pub(super) fn close_the_quiet(&mut self) {
        for i in 0..self.lives.len() {
            let life = &self.lives[i];
            let is_due = life.closes_at().is_some_and(|due| due <= self.now);
            if life.is_open() && is_due {
                self.end(i, Ending::Quiet);
            }
        }
    }

    /// Alerts of rules that are gone or tell their alerts apart otherwise end, and all that was
    /// remembered for them is forgotten.
    pub(super) fn end_what_has_no_rule(&mut self) {
        for i in 0..self.lives.len() {
            let life = &self.lives[i];
            let Some(ending) = self.lost_its_rule(&life.plan) else { continue };
            if self.lives[i].is_open() {
                if ending == Ending::RuleGone {
                    self.forget_flapping(i);
                }
                self.end(i, ending);
            }
        }
        self.forget_the_past();
    }

    /// Why a rule's alerts end, if they do.
    pub(super) fn lost_its_rule(&self, plan: &Plan) -> Option<Ending> {
        if plan.shape.is_empty() {
            return None;
        }
        match self.plans.iter().find(|now| now.rule_id == plan.rule_id) {
            None => Some(Ending::RuleGone),
            Some(now) => (now.shape != plan.shape).then_some(Ending::RuleKeyed),
        }
    }

    /// Tells all that destinations do not know yet and may know now.
    pub(super) fn settle(&mut self) {
        loop {
            let mut has_news = self.end_storms();
            let mut all: Vec<usize> =
                (0..self.lives.len()).filter(|i| self.lives[*i].news().is_some()).collect();
            all.sort_by(|one, two| self.lives[*one].signature.cmp(&self.lives[*two].signature));
            for i in all {
                has_news |= !self.is_quiet(i) && self.tell(i);
            }
            if !has_news {
                return;
            }
        }
    }

    /// Tells what there is to tell of an alert; whether something came of it.
    pub(super) fn tell(&mut self, i: usize) -> bool {
        match self.lives[i].news() {
            None => false,
            Some(NoticeKind::Open) if self.is_too_much(i) => true,
            Some(kind) => {
                self.notice(i, kind);
                true
            }
        }
    }

    pub(super) fn notice(&mut self, i: usize, kind: NoticeKind) {
        let scopes = self.scopes(i).into_iter().map(|(scope, _)| scope).collect();
        let life = &mut self.lives[i];
        life.notices += 1;
        let scopes = if kind == NoticeKind::Open { scopes } else { Vec::new() };
        if kind != NoticeKind::Clear {
            let flapping = life.flapping.is_some();
            let before = life.known.map_or(life.severity, |known| known.severity);
            let severity = before.max(life.severity);
            life.known = Some(Known { severity, flapping, count: life.count });
        }
        self.notices.push(Notice { at: self.now, kind, signature: life.signature.clone(), scopes });
    }

    /// Whether nobody is to know of an open alert.
    fn is_quiet(&self, i: usize) -> bool {
        let life = &self.lives[i];
        !life.handling.tells()
            || life.held_until() > self.now
            || life.storm.is_some()
            || self.is_hidden(life)
            || self.has_parent(i)
            || self.another_flaps(i)
    }

    fn has_parent(&self, i: usize) -> bool {
        let child_of = &self.lives[i].links.child_of;
        if child_of.is_empty() {
            return false;
        }
        self.lives.iter().enumerate().any(|(other, parent)| {
            let is_linked = || parent.links.parent_as.iter().any(|link| child_of.contains(link));
            other != i && parent.is_open() && parent.handling.tells() && is_linked()
        })
    }
}
