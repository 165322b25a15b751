//! A backtest: what a draft rule set makes of messages, beside what the live one makes of them.
//!
//! From: the journal's recent past, or lines of text. To: a [`Report`]: counts of each set, what
//! differs by rule, by team and by hour, and samples of it.
//!
//! Each message is parsed once and judged by both sets, with the code that judges in earnest, and
//! each set has a correlator of its own. Nothing is written: no cursor moves, no alert is kept,
//! nobody is told. What the judge leaves out is left out here too: a sender's repeats, and what is
//! lost. MUTT's own alerts do not come from messages, and so are not here.
//!
//! Both correlators begin without any alert, and are warmed up: what stands in the journal before
//! the first message, for as long as the longest window of a rule, is judged and not counted. An
//! alert that was open before even that is known to neither, so a repeat of it counts as opened,
//! and its clear tells nobody. The memory of repeats does not begin empty either.
//!
//! [`Backtest::step`] does about a mebibyte at a time. Who wants no more of it does not step on.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use mutt_alert::{Alert, Correlator, Notice, NoticeKind, State, Totals};
use mutt_event::{Event, Parser, Timestamp};
use mutt_journal::{Lane, Position, ReadError};
use mutt_rules::{Located, Verdict};
use mutt_store::Counts;

use crate::Rulebook;
use crate::engine::{self, Engine};
use crate::repeats::Limits;
use crate::tallies::opened;

mod alerts;
mod compare;
mod journal;
mod lines;
mod report;
mod source;

use alerts::{ByAlert, Of};
use compare::Findings;
use source::Source;

pub use alerts::{AlertSample, Compared};
pub use lines::Lines;
pub use report::{
    Alerts, AlertsOfRule, Difference, Notices, Place, Report, Sample, SetReport, Tallies, Tally,
    Wanted,
};
pub use source::Progress;

/// The limits of a backtest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Bytes in one step, about.
    pub batch_bytes: usize,
    /// How many alerts each set may have open at once; the quietest closes to make room.
    pub open_max: usize,
    /// How many rules, teams and hours are counted one by one, of each.
    pub groups_max: usize,
    /// How many alerts of both sets are compared one by one.
    pub alerts_max: usize,
    /// How many alerts that differ are named at most.
    pub alert_samples_max: usize,
    /// How many samples of one kind one rule has at most.
    pub samples_of_rule_max: usize,
    /// How many samples there are at most.
    pub samples_max: usize,
    /// How much of a line a sample shows, in bytes.
    pub text_bytes_max: usize,
    /// Where a line is cut, in bytes, as an input cuts it.
    pub line_bytes_max: usize,
    /// The memory for repeats; the judge's own, so that both know the same.
    pub repeats: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            batch_bytes: 1 << 20,
            open_max: 100_000,
            groups_max: 2_000,
            alerts_max: 100_000,
            alert_samples_max: 200,
            samples_of_rule_max: 10,
            samples_max: 1_000,
            text_bytes_max: 500,
            line_bytes_max: 64 << 10,
            repeats: Limits::default(),
        }
    }
}

/// The two sets that judge, and what reads messages for both.
#[derive(Clone, Debug)]
pub struct Sets {
    /// What is in force.
    pub live: Arc<Rulebook>,
    /// What is tried.
    pub draft: Arc<Rulebook>,
    /// Reads the fields of messages.
    pub parser: Arc<Parser>,
}

/// A backtest under way; see the [module](self).
pub struct Backtest {
    sets: Sets,
    batch_bytes: usize,
    source: Box<dyn Source>,
    live: Side,
    draft: Side,
    findings: Findings,
    alerts: ByAlert,
    alerts_max: usize,
    alert_samples_max: usize,
}

/// What one set has made of the messages so far.
struct Side {
    engine: Engine,
    outcomes: Counts,
    told: Told,
}

/// What came of one set's alerts.
#[derive(Default)]
struct Told {
    notices: Notices,
    /// Alerts and notices by rule.
    rules: BTreeMap<String, Alerts>,
    /// What the correlator had counted when the first message came.
    before: Totals,
}

impl Backtest {
    /// Over the messages of each lane of the journal, from the range's start up to, not including,
    /// its end; [`Lane::seek_time`] finds both by time. It reads by itself and moves no cursor.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn over_journal<L: Lane>(
        sets: Sets,
        lanes: &[(L, Range<Position>)],
        settings: Settings,
    ) -> Result<Self, ReadError> {
        let window = sets.live.longest_window().max(sets.draft.longest_window());
        let source = journal::FromLanes::new(lanes, window, &settings)?;
        Ok(Self::new(sets, Box::new(source), settings))
    }

    /// Over lines of text, each a syslog message as it comes over TCP.
    pub fn over_lines(sets: Sets, lines: Lines, settings: Settings) -> Self {
        let source = lines::FromLines::new(lines, settings.line_bytes_max);
        Self::new(sets, Box::new(source), settings)
    }

    fn new(sets: Sets, source: Box<dyn Source>, settings: Settings) -> Self {
        let side = |rulebook: &Rulebook| {
            let correlator = Correlator::new(State::default()).with_limit(settings.open_max);
            // An alert's text is for whoever is told; here nobody is.
            let mut engine = Engine::new(correlator, 0);
            engine::follow(&mut engine.correlator, rulebook, source.begins());
            Side { engine, outcomes: Counts::default(), told: Told::default() }
        };
        let (live, draft) = (side(&sets.live), side(&sets.draft));
        Self {
            sets,
            batch_bytes: settings.batch_bytes,
            source,
            live,
            draft,
            alerts: ByAlert::default(),
            alerts_max: settings.alerts_max,
            alert_samples_max: settings.alert_samples_max,
            findings: Findings::new(settings),
        }
    }

    /// Judges the next batch, and tells how far it is.
    ///
    /// # Errors
    /// The journal cannot be read; stepping again may help, and counts nothing twice.
    pub fn step(&mut self) -> Result<Progress, ReadError> {
        let Self { sets, source, live, draft, findings, .. } = self;
        source.next(self.batch_bytes, &mut |message| {
            let event = sets.parser.parse_by(&sets.draft.names, message.id, &message.envelope);
            let (here, there) = (sets.live.locate(&event), sets.draft.locate(&event));
            let by_live = live.engine.judge(&sets.live, &event, here);
            let by_draft = draft.engine.judge(&sets.draft, &event, there);
            if message.warms_up {
                live.warm_up(by_live, &event, &here, message.at);
                draft.warm_up(by_draft, &event, &there, message.at);
                return;
            }
            findings.compare(message, &by_live, &by_draft);
            live.outcomes.add(live.engine.apply(by_live, &event, &here, message.at), 1);
            draft.outcomes.add(draft.engine.apply(by_draft, &event, &there, message.at), 1);
        })?;
        let most = self.alerts_max;
        for (of, side) in [(Of::Live, live), (Of::Draft, draft)] {
            side.settle(findings.last(), &mut |opened, notices| {
                self.alerts.add(of, opened, notices, most);
            });
        }
        Ok(self.progress())
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.source.progress()
    }

    /// What is known so far; of all once it has [finished](Progress::finished).
    pub fn report(&self) -> Report {
        let (live, draft) = (&self.sets.live, &self.sets.draft);
        let (live, draft) = (self.live.report(live), self.draft.report(draft));
        let mut report = Report::new(self.progress(), live, draft);
        report.alerts_by_rule = self.alerts_by_rule();
        let found = self.alerts.tell(self.alert_samples_max);
        (report.alerts, report.pages) = (found.alerts, found.pages);
        (report.alert_samples, report.alerts_left_out) = (found.samples, found.left_out);
        report.repeated = self.source.repeated();
        report.unauthenticated = self.source.unauthenticated();
        report.unreadable = self.source.unreadable();
        self.findings.tell(&mut report);
        report
    }
}

impl Backtest {
    /// What each rule would have alerted and told, by both sets.
    fn alerts_by_rule(&self) -> BTreeMap<String, AlertsOfRule> {
        let mut by_rule: BTreeMap<String, AlertsOfRule> = BTreeMap::new();
        for (rule, alerts) in &self.live.told.rules {
            by_rule.entry(rule.clone()).or_default().live = *alerts;
        }
        for (rule, alerts) in &self.draft.told.rules {
            by_rule.entry(rule.clone()).or_default().draft = *alerts;
        }
        by_rule
    }
}

impl Side {
    /// Judges a message from before the first.
    fn warm_up(&mut self, by: Verdict, event: &Event<'_>, located: &Located<'_>, at: Timestamp) {
        self.engine.apply(by, event, located, at);
        self.engine.correlator.take_changes();
        self.told.before = self.engine.correlator.totals();
    }

    /// Counts alerts and notices of a batch that ended at `last`, and forgets them.
    fn settle(&mut self, last: Option<Timestamp>, count: &mut dyn FnMut(&[&Alert], &[Notice])) {
        let Some(last) = last else { return };
        self.engine.correlator.tick(last);
        let changes = self.engine.correlator.take_changes();
        let opened: Vec<&Alert> = opened(&changes).into_iter().map(|(alert, _)| alert).collect();
        count(&opened, &changes.notices);
        for alert in opened {
            self.told.of(&alert.rule.id).alerts += 1;
        }
        for notice in changes.notices {
            self.told.notices.add(notice.alert.handling);
            let of = self.told.of(&notice.alert.rule.id);
            of.notices += 1;
            of.opens += u64::from(notice.kind == NoticeKind::Open);
        }
    }

    fn report(&self, rulebook: &Rulebook) -> SetReport {
        let (totals, before) = (self.engine.correlator.totals(), self.told.before);
        let evicted = |totals: &Totals| totals.evicted_logged + totals.evicted_told;
        SetReport {
            rules: rulebook.rules.revision().to_owned(),
            revision: rulebook.revision,
            outcomes: self.outcomes,
            opened: totals.opened - before.opened,
            worse: totals.worse - before.worse,
            cleared: totals.cleared - before.cleared,
            closed: totals.closed - before.closed,
            evicted: evicted(&totals) - evicted(&before),
            still_open: self.engine.correlator.open() as u64,
            notices: self.told.notices,
        }
    }
}

impl Told {
    fn of(&mut self, rule: &str) -> &mut Alerts {
        self.rules.entry(rule.to_owned()).or_default()
    }
}
