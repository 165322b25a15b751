//! All messages of a journal judged once more, one after the other, without batches, crashes or
//! cursors, by the slow model of correlation.
//!
//! From: the journal, and between which messages rules changed, people decided and processes
//! began. To: the alerts, the notices and the counts that must have come of it.
//!
//! Of one log that is its order. Of lanes it is the correlator's: all that was found, by time, as
//! far as the slowest judge had come; and by which rules it was found its judge's trail says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use mutt_alert::reference::{Hidden, Reference, Summary};
use mutt_alert::{Decided, NoticeKind};
use mutt_event::Timestamp;
use mutt_pipeline::Rulebook;
use mutt_store::{Counts, Outcome};

use mutt_pipeline::{JUDGE, MINE};

use super::says::{Plans, says};
use super::{InJournal, lanes};
use crate::rules::{book, hidden_in};
use crate::tale::Form;
use crate::trail::{Did, Event, Key, Whose};

/// What must come of a journal.
pub(crate) struct Expected {
    pub alerts: Vec<Summary>,
    /// Of each signature its notices, in order.
    pub notices: BTreeMap<String, Vec<(Timestamp, NoticeKind)>>,
    pub counts: Counts,
    /// How many messages no rule wants, as the one who mines judged.
    pub mined: u64,
    /// The numbers of decisions that were done.
    pub decided: BTreeSet<i64>,
}

/// A message in the order in which it is judged.
pub(super) struct Next<'a> {
    pub message: &'a InJournal,
    pub key: Key,
    /// By which it was found; none: by the one that is followed then.
    pub revision: Option<u64>,
}

/// The reference at work.
struct Judging<'a> {
    reference: Reference,
    left: &'a [Next<'a>],
    /// All below is judged.
    before: Key,
    /// Of the last message, or the last that a judge did.
    at: Timestamp,
    revision: u64,
    hidden: Vec<Hidden>,
    plans: Plans,
    counts: Counts,
    decided: BTreeSet<i64>,
    /// Which of the reference's alerts has which id, as far as somebody decided about it.
    ids: BTreeMap<String, usize>,
    /// When the alert that each decision is about was first seen.
    about: &'a BTreeMap<String, Timestamp>,
}

/// Judges every message of the journal, up to the journal's time `end`.
///
/// # Errors
/// A judge did what no judge may, by its own trail.
pub(crate) fn judge(
    form: Form,
    journal: &[InJournal],
    history: &[Event],
    (end, about): (Timestamp, &BTreeMap<String, Timestamp>),
) -> Result<Expected, String> {
    match form {
        Form::Log => {
            let next = |message: &'_ InJournal| (Timestamp::ZERO, 0, message.position);
            let next = |message| Next { message, key: next(message), revision: None };
            let all: Vec<Next<'_>> = journal.iter().map(next).collect();
            correlate(&all, history, end, about)
        }
        Form::Lanes => {
            let ruled = lanes::ruled(journal, history, JUDGE)?;
            let mined = lanes::counts(journal, &lanes::ruled(journal, history, MINE)?)?;
            let found = lanes::found(journal, &ruled)?;
            let expected = correlate(&found, history, end, about)?;
            let counts = lanes::counts(journal, &ruled)?;
            Ok(Expected { counts, mined: mined.get(Outcome::Unhandled), ..expected })
        }
    }
}

/// The plans of a revision.
///
/// # Errors
/// There is no such revision.
pub(super) fn plans(revision: u64) -> Result<Plans, String> {
    let book = book(revision)?;
    Ok(book.rules.plans().map(|plan| (plan.rule_id.clone(), plan.clone())).collect())
}

/// Goes through messages in this order, and what was done between them.
fn correlate(
    all: &[Next<'_>],
    history: &[Event],
    end: Timestamp,
    about: &BTreeMap<String, Timestamp>,
) -> Result<Expected, String> {
    let mut judging = Judging {
        reference: Reference::new(),
        left: all,
        before: Key::default(),
        at: Timestamp::ZERO,
        revision: 0,
        hidden: Vec::new(),
        plans: Plans::new(),
        counts: Counts::default(),
        decided: BTreeSet::new(),
        ids: BTreeMap::new(),
        about,
    };
    for event in history.iter().filter(|event| event.whose == Whose::All) {
        judging.up_to(event)?;
        judging.does(event)?;
        (judging.before, judging.at) = (judging.before.max(event.before), event.at);
    }
    if !judging.left.is_empty() {
        return Err(format!("no judge says that it judged the last {}", judging.left.len()));
    }
    judging.reference.tick(end);
    let mut notices: BTreeMap<String, Vec<(Timestamp, NoticeKind)>> = BTreeMap::new();
    for (at, kind, signature) in judging.reference.notices() {
        notices.entry(signature).or_default().push((at, kind));
    }
    let Judging { reference, counts, decided, .. } = judging;
    let mined = counts.get(Outcome::Unhandled);
    Ok(Expected { alerts: reference.alerts(), notices, counts, mined, decided })
}

impl Judging<'_> {
    /// Judges all before an event, and sees that its time is between the messages around it.
    fn up_to(&mut self, event: &Event) -> Result<(), String> {
        // A correlator that begins has done what another had, and says nothing of it.
        let is_of_log = event.before.0 == Timestamp::ZERO && self.before.0 == Timestamp::ZERO;
        if is_of_log && event.before < self.before {
            let (again, done) = (event.before.2, self.before.2);
            return Err(format!(
                "a judge judged again from {again}, and all below {done} was done"
            ));
        }
        while let Some((next, left)) = self.left.split_first() {
            if next.key >= event.before {
                break;
            }
            self.one(next);
            self.left = left;
        }
        let next = self.left.first().map(|next| next.message.time);
        if event.at < self.at || next.is_some_and(|next| event.at > next) {
            return Err(format!(
                "{event} is not between the messages around it, of {} and {next:?}",
                self.at
            ));
        }
        Ok(())
    }

    fn one(&mut self, next: &Next<'_>) {
        let message = next.message;
        self.at = self.at.max(message.time);
        if message.repeated {
            return self.counts.add(Outcome::Repeated, 1);
        }
        let (outcome, signal) = says(message, next.revision.unwrap_or(self.revision), &self.plans);
        self.counts.add(outcome, 1);
        if let Some(signal) = signal {
            self.reference.apply(&signal);
        }
    }

    fn does(&mut self, event: &Event) -> Result<(), String> {
        match &event.what {
            Did::Opened { up_since, book } => {
                self.reference.resume(*up_since);
                self.catch_up(book, event.at)?;
                self.follow(book, event.at)
            }
            Did::Followed { book } => self.follow(book, event.at),
            Did::Decided(number, decided) => {
                if !self.decided.insert(*number) {
                    return Err(format!("decision {number} was done twice: {decided:?}"));
                }
                self.reference.tick(event.at);
                if self.is_open(decided) {
                    self.reference.decide(decided, event.at);
                }
                Ok(())
            }
            Did::Judged => {
                self.reference.tick(event.at);
                Ok(())
            }
        }
    }

    /// What was due while no judge worked is done by the rules of the one that goes on, since
    /// nobody knows others any more; but alerts of rules that are gone are there until it begins,
    /// and what a silence that is gone hid is hidden until then.
    fn catch_up(&mut self, opened: &Rulebook, at: Timestamp) -> Result<(), String> {
        if self.revision == 0 {
            return Ok(());
        }
        let (before, book) = (book(self.revision)?, book(opened.revision)?);
        let mut hidden = match self.hidden.is_empty() {
            // Of nothing it is not known until when it held.
            true => Vec::new(),
            false => hidden_in(opened),
        };
        for old in std::mem::take(&mut self.hidden) {
            let is_gone = hidden.iter().all(|new| new.name != old.name);
            if is_gone && old.start <= self.at && self.at < old.end {
                // Alerts of rules that are gone end before anybody is told of what it hid.
                hidden.push(Hidden { end: at.after(Duration::from_micros(1)), ..old });
            }
        }
        let mut plans = self.plans.clone();
        for plan in book.rules.plans() {
            let is_same = plans.get(&plan.rule_id).is_some_and(|old| old.shape == plan.shape);
            if is_same {
                plans.insert(plan.rule_id.clone(), plan.clone());
            }
        }
        let plans = plans.into_values();
        self.reference.follow(plans, &before.expected, book.storms, &hidden, self.at);
        Ok(())
    }

    fn follow(&mut self, follows: &Rulebook, at: Timestamp) -> Result<(), String> {
        self.revision = follows.revision;
        self.hidden = hidden_in(follows);
        self.plans = plans(self.revision)?;
        let book = book(self.revision)?;
        let plans = book.rules.plans().cloned();
        self.reference.follow(plans, &book.expected, book.storms, &self.hidden, at);
        Ok(())
    }

    /// Whether the alert that a decision is about is the one that is open now. Another of its
    /// signature may have been first seen at the same time.
    fn is_open(&mut self, decided: &Decided) -> bool {
        let alerts = self.reference.alerts();
        let open = alerts
            .iter()
            .rposition(|alert| alert.state.is_open() && alert.signature == decided.signature);
        let Some(open) = open else { return false };
        if let Some(known) = self.ids.get(&decided.alert_id) {
            return *known == open;
        }
        let is_it = self.about.get(&decided.alert_id) == Some(&alerts[open].first_seen);
        if is_it {
            self.ids.insert(decided.alert_id.clone(), open);
        }
        is_it
    }
}
