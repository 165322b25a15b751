//! Messages become patterns. From: a worker's events that no rule wants, in the journal's order.
//! To: that worker's transaction, as changed patterns, and triggers to tell.
//!
//! Mining is Drain's (He et al. 2017) in what it keeps, one template for messages of one key and
//! length, but not in how it widens one: not by likeness, but where enough different words were
//! seen at one place, as Brain (Yu et al. 2023) counts them. So the order of messages hardly
//! counts. All state is in the patterns, so a miner made anew from the database goes on as the
//! old one would have. Time is [`Seen::at`] and nothing else.

use std::borrow::Cow;
use std::collections::VecDeque;

use mutt_event::{MessageId, Severity, Timestamp};

use crate::cache::Cache;
use crate::held::Patterns;
use crate::keys::Keys;
use crate::kin::{Kin, kin_of};
use crate::load::Load;
use crate::mask::Masked;
use crate::templates::{Slot, Templates};
use crate::{Account, Gone, Hours, Limits, Pattern, PatternId, Sample, State, Stats, Tally, Told};
use crate::{Trigger, form, trigger};

/// An event that no rule wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen<'e> {
    /// The vendor's mnemonic, else the program; may be empty.
    pub key: &'e [u8],
    /// The device's one name.
    pub host: &'e str,
    /// The message.
    pub text: &'e [u8],
    /// Syslog severity.
    pub severity: Option<Severity>,
    /// The host's team, if the inventory knows one.
    pub team: Option<&'e str>,
    /// When it was appended to the journal: the time that the miner runs on.
    pub at: Timestamp,
    /// The message's id.
    pub id: MessageId,
}

/// The patterns, and what changed among them.
#[derive(Debug)]
pub struct Miner {
    limits: Limits,
    templates: Templates,
    patterns: Patterns,
    keys: Keys,
    cache: Cache,
    masked: Masked,
    load: Load,
    triggers: VecDeque<Trigger>,
    /// Those that are not held any more, in the order in which they went.
    gone: Vec<(PatternId, Gone)>,
    account: Account,
    stats: Stats,
}

impl Miner {
    /// A miner that knows nothing.
    pub fn new(limits: Limits) -> Self {
        let limits = limits.possible();
        Self {
            limits,
            templates: Templates::default(),
            patterns: Patterns::default(),
            keys: Keys::default(),
            cache: Cache::new(limits.cache_max),
            masked: Masked::default(),
            load: Load::default(),
            triggers: VecDeque::new(),
            gone: Vec::new(),
            account: Account::default(),
            stats: Stats::default(),
        }
    }

    /// Goes on from what the database knows, under the same ids. With more than the limits allow,
    /// those seen last are kept.
    pub fn restore(limits: Limits, mut known: Vec<Pattern>, account: Account) -> Self {
        let mut miner = Self::new(limits);
        miner.account = account;
        known.sort_by_key(|pattern| {
            let open = pattern.state == State::Open;
            (open, std::cmp::Reverse(pattern.last_seen), pattern.id)
        });
        let kept = known.len().min(miner.limits.patterns_max);
        for pattern in known.drain(kept..) {
            miner.gone.push((pattern.id, Gone::MadeRoom));
        }
        // Whoever is older wins when two become one.
        known.sort_by_key(|pattern| (pattern.first_seen, pattern.id));
        for pattern in known {
            miner.restore_one(pattern);
        }
        miner
    }

    fn restore_one(&mut self, pattern: Pattern) {
        if self.keys.patterns(&pattern.key) >= self.limits.key_patterns_max {
            return self.gone.push((pattern.id, Gone::MadeRoom));
        }
        if self.patterns.slot_of(pattern.id).is_some() {
            return;
        }
        let (text, places) = match form::read(&pattern.form, &mut self.masked) {
            Some(places) => (pattern.form.clone(), places),
            None => {
                let (text, limits) = (pattern.template.clone(), self.limits);
                let bytes = text.as_bytes();
                self.masked.read("", bytes, limits.text_bytes_max, limits.tokens_max);
                (text, 0)
            }
        };
        let number = self.keys.hold(&pattern.key);
        if let Some(slot) = self.templates.find(number, text.as_bytes(), &self.masked) {
            return self.absorb(slot, pattern);
        }
        let slot = self.templates.add(number, text.as_bytes(), &self.masked, places);
        self.patterns.put(slot, pattern);
    }

    /// Counts one event. The pattern that it belongs to, or `None` if the load is so high that
    /// another event counts for it.
    pub fn observe(&mut self, seen: &Seen<'_>) -> Option<PatternId> {
        self.stats.observed += 1;
        self.account.observed += 1;
        self.account.began.get_or_insert(seen.at);
        let Some(weight) = self.load.weigh(seen.at, &self.limits) else {
            self.stats.skipped += 1;
            self.account.skipped += 1;
            self.account.sampled_at = Some(seen.at);
            return None;
        };
        self.stats.sampled += u64::from(weight > 1);
        let limits = self.limits;
        let key = text_of(seen.key, limits.key_bytes_max);
        self.masked.read(&key, seen.text, limits.text_bytes_max, limits.tokens_max);
        let known = self.cache.find(&self.masked.canon);
        let slot = match known.filter(|(slot, life)| self.patterns.life(*slot) == *life) {
            Some((slot, _)) => {
                self.stats.cached += 1;
                slot
            }
            None => {
                let slot = self.look_up(&key, seen);
                self.cache.keep(&self.masked.canon, slot, self.patterns.life(slot));
                slot
            }
        };
        self.count(slot, seen, weight)
    }

    fn look_up(&mut self, key: &str, seen: &Seen<'_>) -> Slot {
        let found = self.keys.find(key);
        found
            .and_then(|number| self.templates.find(number, seen.text, &self.masked))
            .unwrap_or_else(|| self.begin(key, seen))
    }

    /// A new pattern, which may at once become one with others.
    fn begin(&mut self, key: &str, seen: &Seen<'_>) -> Slot {
        self.make_room(key);
        let number = self.keys.hold(key);
        let slot = self.templates.add(number, seen.text, &self.masked, 0);
        let template = self.templates.text(slot);
        let mut again = 0;
        let mut id = PatternId::new(key, &template, again);
        while self.patterns.slot_of(id).is_some() {
            again += 1;
            id = PatternId::new(key, &template, again);
        }
        let pattern = Pattern {
            id,
            key: key.to_owned(),
            template,
            form: form::write(&self.templates.interner, self.templates.row(slot)),
            count: 0,
            first_seen: seen.at,
            last_seen: seen.at,
            hosts: Tally::default(),
            teams: Tally::default(),
            severities: [0; 8],
            hours: Hours::default(),
            samples: Vec::new(),
            state: State::Open,
            aliases: Vec::new(),
            told: Told::default(),
        };
        self.patterns.put(slot, pattern);
        self.stats.created += 1;
        let joined = self.join(slot);
        let began = self.account.began.unwrap_or(seen.at);
        let learned = seen.at >= began.after(self.limits.learning);
        if let Some(pattern) = self.patterns.get(slot).filter(|_| joined == slot && learned) {
            let new = trigger::new(pattern, seen.at, seen.id);
            self.tell([Some(new)]);
        }
        joined
    }

    /// Makes one pattern of those that are kin, as long as there are any.
    fn join(&mut self, mut slot: Slot) -> Slot {
        while let Some(Kin { slots, places }) = kin_of(&self.templates, slot) {
            let Some((winner, losers)) = slots.split_first() else { break };
            for loser in losers {
                self.templates.remove(*loser);
                if let Some(pattern) = self.patterns.take(*loser) {
                    self.absorb(*winner, pattern);
                    self.stats.merged += 1;
                }
            }
            slot = *winner;
            self.templates.widen(slot, places);
            if let Some(held) = self.patterns.change(slot) {
                held.pattern.template = self.templates.text(slot);
                held.pattern.form = form::write(&self.templates.interner, self.templates.row(slot));
            }
        }
        slot
    }

    fn absorb(&mut self, winner: Slot, loser: Pattern) {
        self.keys.release(&loser.key);
        if let Some(held) = self.patterns.change(winner) {
            // One that was never counted was never stored or told of.
            if loser.count > 0 {
                self.gone.push((loser.id, Gone::Joined { with: held.pattern.id }));
            }
            held.pattern.absorb(loser, &self.limits);
            held.bar = trigger::Bar::default();
        }
        self.patterns.name(winner, self.limits.aliases_max);
    }

    fn make_room(&mut self, key: &str) {
        if self.keys.patterns(key) >= self.limits.key_patterns_max {
            // Some at once, since each search looks at all.
            let some = self.limits.key_patterns_max.div_ceil(16);
            self.let_go(self.patterns.oldest(some, |pattern| pattern.key == key), Gone::MadeRoom);
        }
        if self.patterns.len() >= self.limits.patterns_max {
            let some = self.limits.patterns_max.div_ceil(16);
            self.let_go(self.patterns.oldest(some, |_| true), Gone::MadeRoom);
        }
    }

    /// Forgets the open patterns that were not seen since `at`. What people decided on is kept:
    /// else they were asked again.
    pub fn forget_before(&mut self, at: Timestamp) {
        let is_old = |pattern: &Pattern| pattern.state == State::Open && pattern.last_seen < at;
        self.let_go(self.patterns.oldest(usize::MAX, is_old), Gone::Old);
    }

    fn let_go(&mut self, slots: Vec<Slot>, why: Gone) {
        for slot in slots {
            self.templates.remove(slot);
            let Some(pattern) = self.patterns.take(slot) else { continue };
            self.keys.release(&pattern.key);
            if why == Gone::MadeRoom {
                self.stats.evicted += 1;
                self.account.evicted += 1;
            }
            self.gone.push((pattern.id, why));
        }
    }

    fn count(&mut self, slot: Slot, seen: &Seen<'_>, weight: u64) -> Option<PatternId> {
        let limits = self.limits;
        let held = self.patterns.change(slot)?;
        let pattern = &mut held.pattern;
        pattern.count += weight;
        pattern.first_seen = pattern.first_seen.min(seen.at);
        pattern.last_seen = pattern.last_seen.max(seen.at);
        pattern.hosts.add(seen.host, weight, limits.hosts_max);
        if let Some(team) = seen.team {
            pattern.teams.add(team, weight, limits.teams_max);
        }
        if let Some(severity) = seen.severity {
            pattern.severities[usize::from(severity.number())] += weight;
        }
        pattern.hours.add(Hours::of(seen.at), weight);
        sample(pattern, seen, &limits);
        let cause = (seen.at, seen.id);
        let surging = trigger::surging(pattern, &mut held.bar, cause, &limits);
        let threshold = trigger::threshold(pattern, cause, &limits);
        let id = pattern.id;
        self.tell([surging, threshold]);
        Some(id)
    }

    fn tell<const N: usize>(&mut self, triggers: [Option<Trigger>; N]) {
        for trigger in triggers.into_iter().flatten() {
            self.triggers.push_back(trigger);
            if self.triggers.len() > self.limits.waiting_max {
                self.triggers.pop_front();
                self.stats.triggers_lost += 1;
            }
        }
    }

    /// The patterns that changed since the last call, each once, as they are now. Of those that
    /// are not held any more [`Miner::take_gone`] tells.
    pub fn take_changes(&mut self) -> Vec<Pattern> {
        self.patterns.take_changes()
    }

    /// The patterns that are not held any more since the last call, in order. One of them may have
    /// begun anew since, under the same id: then it is among the changes.
    ///
    /// It has no bound but what is observed between two calls: an id that was lost here would
    /// stay in the database for ever.
    pub fn take_gone(&mut self) -> Vec<(PatternId, Gone)> {
        std::mem::take(&mut self.gone)
    }

    /// What shall be told since the last call, in order.
    pub fn take_triggers(&mut self) -> Vec<Trigger> {
        self.triggers.drain(..).collect()
    }

    /// A pattern by its id or by that of one that became one with it.
    pub fn get(&self, id: PatternId) -> Option<&Pattern> {
        self.patterns.get(self.patterns.slot_of(id)?)
    }

    /// Says what people made of a pattern; `false` if there is none of that id. What was told of
    /// it may be told again if it is open after that.
    pub fn set_state(&mut self, id: PatternId, state: State) -> bool {
        let slot = self.patterns.slot_of(id);
        let Some(held) = slot.and_then(|slot| self.patterns.change(slot)) else { return false };
        held.pattern.state = state;
        held.pattern.told = Told::default();
        true
    }

    /// What it goes on from beside the patterns.
    pub fn account(&self) -> Account {
        self.account
    }

    /// What happened since it was made, and how much it holds.
    pub fn stats(&self) -> Stats {
        Stats { patterns: self.patterns.len(), keys: self.keys.len(), ..self.stats }
    }
}

/// Bytes as text that a database takes, no more than `bytes_max` of them.
fn text_of(bytes: &[u8], bytes_max: usize) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(bytes.get(..bytes_max).unwrap_or(bytes));
    // PostgreSQL has no NUL in text.
    if text.contains('\0') { Cow::Owned(text.replace('\0', " ")) } else { text }
}

/// Keeps the first messages that differ; later ones take their turns ever more rarely.
fn sample(pattern: &mut Pattern, seen: &Seen<'_>, limits: &Limits) {
    if pattern.count >= 64 && !pattern.count.is_power_of_two() {
        return;
    }
    let place = match pattern.samples.len() {
        free if free < limits.samples_max => free,
        _ if pattern.count < 64 => return,
        // The first message is kept: it opened the pattern.
        _ => 1 + pattern.count.trailing_zeros() as usize % limits.samples_max.max(1),
    };
    if place >= limits.samples_max {
        return;
    }
    let text = text_of(seen.text, limits.sample_bytes_max);
    if pattern.samples.iter().any(|sample| sample.text == text) {
        return;
    }
    let (id, at, host) = (seen.id, seen.at, seen.host.to_owned());
    let sample = Sample { id, at, host, text: text.into_owned() };
    match pattern.samples.get_mut(place) {
        Some(old) => *old = sample,
        None => pattern.samples.push(sample),
    }
}

#[cfg(test)]
#[path = "miner_tests.rs"]
mod tests;
