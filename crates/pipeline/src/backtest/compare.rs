//! Two verdicts on one message, compared and counted. From: both sets. To: the report.
//!
//! Most messages are wanted by neither: they cost an addition to the tally of their hour.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use foldhash::fast::RandomState;
use mutt_event::Timestamp;
use mutt_rules::{Match, Verdict};

use super::Settings;
use super::report::{Difference, Place, Report, Sample, Tallies, Tally, Wanted};
use super::source::Message;
use crate::engine::text;

/// What the live set and the draft want, if they do.
type Pair<'a> = (Option<&'a Match>, Option<&'a Match>);

const HOUR_MICROS: i64 = 3_600_000_000;

/// What was found so far.
pub(super) struct Findings {
    settings: Settings,
    /// The hour of the last message: when it begins, in microseconds, and its messages.
    hour_begins: i64,
    hour: Tally,
    hours: Groups<i64>,
    rules: Groups<String>,
    teams: Groups<String>,
    events: u64,
    all: Tally,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    samples: Samples,
}

impl Findings {
    pub fn new(settings: Settings) -> Self {
        Self {
            hour_begins: 0,
            hour: Tally::default(),
            hours: Groups::default(),
            rules: Groups::default(),
            teams: Groups::default(),
            events: 0,
            all: Tally::default(),
            first: None,
            last: None,
            samples: Samples::default(),
            settings,
        }
    }

    /// Counts one message.
    pub fn compare(&mut self, message: &Message<'_>, live: &Verdict, draft: &Verdict) {
        self.time(message.at);
        self.events += 1;
        let owners = (live.owner.as_ref(), draft.owner.as_ref());
        let difference = differ(owners);
        self.hour.add(difference);
        if owners.0.is_some() || owners.1.is_some() {
            self.owners(message, owners, difference);
        }
        if !(live.clears.is_empty() && draft.clears.is_empty()) {
            self.clears(message, &live.clears, &draft.clears);
        }
    }

    fn owners(&mut self, message: &Message<'_>, owners: Pair<'_>, difference: Option<Difference>) {
        let (live, draft) = owners;
        self.hour.live += u64::from(live.is_some());
        self.hour.draft += u64::from(draft.is_some());
        let most = self.settings.groups_max;
        self.rules.count(owners, |found| &found.rule_id, difference, most);
        self.teams.count(owners, |found| &found.team, difference, most);
        if let Some(difference) = difference {
            self.samples.offer(difference, message, owners, &self.settings);
        }
    }

    fn clears(&mut self, message: &Message<'_>, live: &[Match], draft: &[Match]) {
        let missing = |found: &Match, among: &[Match]| {
            !among.iter().any(|other| (&other.rule_id, &other.key) == (&found.rule_id, &found.key))
        };
        for found in draft.iter().filter(|found| missing(found, live)) {
            self.clear(message, Difference::ClearGained, (None, Some(found)));
        }
        for found in live.iter().filter(|found| missing(found, draft)) {
            self.clear(message, Difference::ClearLost, (Some(found), None));
        }
    }

    fn clear(&mut self, message: &Message<'_>, difference: Difference, pair: Pair<'_>) {
        self.hour.add(Some(difference));
        let most = self.settings.groups_max;
        if let Some(found) = pair.0.or(pair.1) {
            self.rules.with(found.rule_id.as_str(), most, 1, |tally| tally.add(Some(difference)));
            self.teams.with(found.team.as_str(), most, 1, |tally| tally.add(Some(difference)));
        }
        self.samples.offer(difference, message, pair, &self.settings);
    }

    /// It is the hour of `at` now.
    fn time(&mut self, at: Timestamp) {
        let into = at.as_micros().wrapping_sub(self.hour_begins);
        if !(0..HOUR_MICROS).contains(&into) {
            self.end_hour();
            self.hour_begins = at.as_micros().div_euclid(HOUR_MICROS) * HOUR_MICROS;
        }
        self.first.get_or_insert(at);
        self.last = Some(at);
    }

    fn end_hour(&mut self) {
        self.hours = self.hours_with_this();
        self.all.merge(&std::mem::take(&mut self.hour));
    }

    fn hours_with_this(&self) -> Groups<i64> {
        let mut hours = self.hours.clone();
        if self.hour != Tally::default() {
            let begins = self.hour_begins / 1_000_000;
            hours.with(&begins, self.settings.groups_max, self.hour.messages(), |tally| {
                tally.merge(&self.hour);
            });
        }
        hours
    }

    /// When the last message was.
    pub fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// Writes what was found into a report.
    pub fn tell(&self, report: &mut Report) {
        report.events = self.events;
        (report.first, report.last) = (self.first, self.last);
        report.all = self.all;
        report.all.merge(&self.hour);
        report.by_rule = self.rules.tell();
        report.by_team = self.teams.tell();
        report.by_hour = self.hours_with_this().tell();
        report.samples.clone_from(&self.samples.all);
        report.samples_left_out = self.samples.left_out;
    }
}

/// How the owners differ; none: not at all.
fn differ((live, draft): Pair<'_>) -> Option<Difference> {
    match (live, draft) {
        (None, None) => None,
        (None, Some(_)) => Some(Difference::Gained),
        (Some(_), None) => Some(Difference::Lost),
        (Some(live), Some(draft)) => {
            let same = live.rule_id == draft.rule_id
                && live.key == draft.key
                && live.handling == draft.handling
                && live.severity == draft.severity
                && live.team == draft.team;
            (!same).then_some(Difference::Changed)
        }
    }
}

/// Tallies by something, as many as the limit lets in.
#[derive(Clone)]
struct Groups<K> {
    of: HashMap<K, Tally, RandomState>,
    left_out: u64,
}

impl<K> Default for Groups<K> {
    fn default() -> Self {
        Self { of: HashMap::default(), left_out: 0 }
    }
}

impl<K: Hash + Ord + Clone> Groups<K> {
    /// Counts so many messages in the tally of `key`, or as left out.
    fn with<Q>(&mut self, key: &Q, most: usize, messages: u64, count: impl FnOnce(&mut Tally))
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let full = self.of.len() >= most;
        match self.of.get_mut(key) {
            Some(tally) => count(tally),
            None if full => self.left_out += messages,
            None => count(self.of.entry(key.to_owned()).or_default()),
        }
    }

    fn tell(&self) -> Tallies<K> {
        let of: BTreeMap<K, Tally> =
            self.of.iter().map(|(key, tally)| (key.clone(), *tally)).collect();
        Tallies { of, left_out: self.left_out }
    }
}

impl Groups<String> {
    /// Counts a message at its owner of each set; once, if they are one.
    fn count(
        &mut self,
        (live, draft): Pair<'_>,
        name: impl Fn(&Match) -> &String,
        difference: Option<Difference>,
        most: usize,
    ) {
        let (live, draft) = (live.map(&name), draft.map(&name));
        let one = live == draft;
        if let Some(live) = live {
            self.with(live.as_str(), most, 1, |tally| {
                tally.live += 1;
                tally.draft += u64::from(one);
                tally.add(difference);
            });
        }
        if let Some(draft) = draft.filter(|_| !one) {
            self.with(draft.as_str(), most, 1, |tally| {
                tally.draft += 1;
                tally.add(difference);
            });
        }
    }
}

/// Some messages of each kind of difference for each rule; the draft's rule, if it has one.
#[derive(Default)]
struct Samples {
    all: Vec<Sample>,
    by_rule: HashMap<String, [usize; Difference::COUNT], RandomState>,
    left_out: u64,
}

impl Samples {
    fn offer(
        &mut self,
        difference: Difference,
        message: &Message<'_>,
        (live, draft): Pair<'_>,
        limits: &Settings,
    ) {
        let Some(rule) = draft.or(live).map(|found| found.rule_id.as_str()) else { return };
        let taken = self.by_rule.get(rule).map_or(0, |taken| taken[difference as usize]);
        if self.all.len() >= limits.samples_max || taken >= limits.samples_of_rule_max {
            self.left_out += 1;
            return;
        }
        self.by_rule.entry(rule.to_owned()).or_default()[difference as usize] += 1;
        let place = match message.line {
            None => Place::Message { message_id: message.id },
            Some(line) => {
                Place::Line { line, text: text(message.envelope.raw, limits.text_bytes_max) }
            }
        };
        self.all.push(Sample {
            difference,
            host: message.envelope.host.to_owned(),
            time: message.at,
            place,
            live: live.map(Wanted::from),
            draft: draft.map(Wanted::from),
        });
    }
}
