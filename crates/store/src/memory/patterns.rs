//! Patterns, in memory. From: changes. To: the judge and people's questions, as the real tables
//! answer them.

use std::collections::BTreeMap;

use mutt_patterns::{Account, Pattern, PatternDecided, PatternId};

use crate::history::PAGE_ROWS_MAX;
use crate::patterns::{PatternChange, PatternQuery};

#[derive(Debug, Default)]
pub(super) struct Table {
    patterns: BTreeMap<PatternId, Pattern>,
    account: Account,
    decisions: BTreeMap<i64, PatternDecided>,
    last_decision: i64,
}

impl Table {
    pub fn apply(&mut self, change: PatternChange) {
        for id in change.gone {
            self.patterns.remove(&id);
        }
        self.patterns.extend(change.kept.into_iter().map(|pattern| (pattern.id, pattern)));
        self.account = change.account.unwrap_or(self.account);
        for decided in change.decide {
            self.last_decision += 1;
            self.decisions.insert(self.last_decision, decided);
        }
        for number in change.decided {
            self.decisions.remove(&number);
        }
    }

    pub fn all(&self) -> Vec<Pattern> {
        self.patterns.values().cloned().collect()
    }

    pub fn account(&self) -> Account {
        self.account
    }

    pub fn decisions(&self, limit: u32) -> Vec<(i64, PatternDecided)> {
        let waiting = self.decisions.iter().take(limit as usize);
        waiting.map(|(number, decided)| (*number, decided.clone())).collect()
    }

    pub fn find(&self, query: &PatternQuery) -> Vec<Pattern> {
        let key = |pattern: &Pattern| (query.sorted_by(pattern), pattern.id);
        let is_behind = |pattern: &Pattern| query.before.is_none_or(|last| key(pattern) < last);
        let all = self.patterns.values().filter(|pattern| query.fits(pattern));
        let mut found: Vec<&Pattern> = all.filter(|pattern| is_behind(pattern)).collect();
        found.sort_by_key(|pattern| std::cmp::Reverse(key(pattern)));
        found.truncate(query.limit.min(PAGE_ROWS_MAX) as usize);
        found.into_iter().cloned().collect()
    }

    pub fn one(&self, id: PatternId) -> Option<Pattern> {
        let has = |pattern: &&Pattern| pattern.aliases.contains(&id);
        let last = |pattern: &&Pattern| (pattern.last_seen, std::cmp::Reverse(pattern.id));
        let alias = || self.patterns.values().filter(has).max_by_key(last);
        self.patterns.get(&id).or_else(alias).cloned()
    }
}
