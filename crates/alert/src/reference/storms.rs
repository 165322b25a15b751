//! The storm valve of the model. From: alerts that would be told. To: one alert that stands for
//! those that are too many.

use std::sync::Arc;
use std::time::Duration;

use mutt_event::Timestamp;

use super::Reference;
use super::life::Life;
use crate::{Ending, NoticeKind, STORM_RULE, own_plan, signature};

const MINUTE: Duration = Duration::from_secs(60);

impl Life {
    /// The first look at a storm after that time, if one is to come: each minute from its growth,
    /// until nothing was added for a minute.
    pub(super) fn next_look(&self, now: Timestamp) -> Option<Timestamp> {
        let mut growths = self.grew.iter().copied().peekable();
        let mut look = growths.next()?.after(MINUTE);
        while look <= now {
            let mut grew = false;
            while let Some(growth) = growths.next_if(|growth| *growth < look) {
                grew |= growth.after(MINUTE) > look;
            }
            look = if grew { look.after(MINUTE) } else { growths.next()?.after(MINUTE) };
        }
        Some(look)
    }
}

impl Reference {
    /// Whether an alert is one too many to be told; then a storm's alert stands for it.
    pub(super) fn is_too_much(&mut self, i: usize) -> bool {
        let scopes = self.scopes(i);
        let full = scopes.iter().find(|(scope, limit)| self.told_lately(scope) >= *limit as usize);
        if let Some((scope, _)) = full {
            self.join(i, scope);
        }
        full.is_some()
    }

    /// Where an alert that opens counts, and how many may a minute.
    pub(super) fn scopes(&self, i: usize) -> Vec<(String, u32)> {
        let life = &self.lives[i];
        if life.is_own() {
            return Vec::new();
        }
        let (rule, team) = (&life.plan.rule_id, &life.team);
        let now = self.plans.iter().find(|plan| plan.rule_id == *rule);
        let of_rule = now.and_then(|plan| plan.storm_per_minute);
        let all = [
            (format!("rule {rule}"), of_rule.unwrap_or(self.limits.rule_per_minute)),
            (format!("team {team}"), self.limits.team_per_minute),
            ("all".to_owned(), self.limits.total_per_minute),
        ];
        all.into_iter().filter(|(_, limit)| *limit > 0).collect()
    }

    fn told_lately(&self, scope: &str) -> usize {
        let lately = self.notices.iter().rev().take_while(|told| told.at.after(MINUTE) > self.now);
        lately.filter(|told| told.scopes.iter().any(|name| name == scope)).count()
    }

    fn join(&mut self, i: usize, scope: &str) {
        let name = signature("mutt", STORM_RULE, scope);
        let storm = self.open(&name).unwrap_or_else(|| {
            let plan = Arc::new(own_plan(STORM_RULE, None));
            let handling = self.lives[i].handling;
            self.lives.push(Life { handling, ..Life::new(&name, &plan, self.now) });
            self.lives.len() - 1
        });
        let severity = self.lives[i].severity;
        let alert = &mut self.lives[storm];
        alert.count += 1;
        alert.last_seen = self.now;
        alert.grew.push(self.now);
        alert.severity = alert.severity.max(severity);
        alert.worst = alert.worst.max(severity);
        self.lives[i].storm = Some(storm);
        self.tell(storm);
    }

    /// A storm that has no end yet tells once a minute how much it grew.
    pub(super) fn look_at_storms(&mut self) {
        for i in 0..self.lives.len() {
            let life = &self.lives[i];
            let looked = life.next_look(Timestamp::from_micros(self.now.as_micros() - 1));
            if !life.is_open() || looked != Some(self.now) || self.is_over(i) {
                continue;
            }
            if life.known.is_some_and(|known| known.count != life.count) {
                self.notice(i, NoticeKind::Update);
            }
        }
    }

    /// Whether all of a storm's alerts have ended and no look is to come.
    fn is_over(&self, i: usize) -> bool {
        let has_open = self.lives.iter().any(|life| life.is_open() && life.storm == Some(i));
        !has_open && self.lives[i].next_look(self.now).is_none()
    }

    /// Whether a storm is over, which its alert tells.
    pub(super) fn end_storms(&mut self) -> bool {
        let is_storm = |life: &Life| life.is_open() && !life.grew.is_empty();
        let over = (0..self.lives.len()).find(|i| is_storm(&self.lives[*i]) && self.is_over(*i));
        if let Some(i) = over {
            self.end(i, Ending::Clear);
        }
        over.is_some()
    }
}
