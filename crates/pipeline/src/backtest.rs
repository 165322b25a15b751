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
//! Both correlators begin without any alert. One that was open before the first message is known
//! to neither, so a repeat of it counts as opened, and its clear tells nobody. The memory of
//! repeats does not begin empty: the minutes before the first message are read for it.
//!
//! [`Backtest::step`] does about a mebibyte at a time. Who wants no more of it does not step on.

use std::ops::Range;
use std::sync::Arc;

use mutt_alert::Correlator;
use mutt_event::{Parser, Timestamp};
use mutt_journal::{Disk, Handle, Position, ReadError};
use mutt_store::Counts;

use crate::Rulebook;
use crate::engine::Engine;
use crate::repeats::Limits;

mod compare;
mod journal;
mod lines;
mod report;
mod source;

use compare::Findings;
use source::Source;

pub use lines::Lines;
pub use report::{Difference, Notices, Place, Report, Sample, SetReport, Tallies, Tally, Wanted};
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
}

/// What one set has made of the messages so far.
struct Side {
    engine: Engine,
    outcomes: Counts,
    notices: Notices,
}

impl Backtest {
    /// Over the journal's messages from `range.start` up to, not including, `range.end`;
    /// [`Handle::seek_time`] finds a start by time. It reads by itself and moves no cursor.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn over_journal<D: Disk>(
        sets: Sets,
        journal: &Handle<D>,
        range: Range<Position>,
        settings: Settings,
    ) -> Result<Self, ReadError> {
        let source = journal::FromJournal::new(journal, range, &settings)?;
        Ok(Self::new(sets, Box::new(source), settings))
    }

    /// Over lines of text, each a syslog message as it comes over TCP.
    pub fn over_lines(sets: Sets, lines: Lines, settings: Settings) -> Self {
        let source = lines::FromLines::new(lines, settings.line_bytes_max);
        Self::new(sets, Box::new(source), settings)
    }

    fn new(sets: Sets, source: Box<dyn Source>, settings: Settings) -> Self {
        let side = || Side {
            // An alert's text is for whoever is told; here nobody is.
            engine: Engine::new(Correlator::new(Vec::new()).with_limit(settings.open_max), 0),
            outcomes: Counts::default(),
            notices: Notices::default(),
        };
        Self {
            sets,
            batch_bytes: settings.batch_bytes,
            source,
            live: side(),
            draft: side(),
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
            let event = sets.parser.parse(message.id, &message.envelope);
            let (here, there) = (sets.live.locate(&event), sets.draft.locate(&event));
            let by_live = live.engine.judge(&sets.live, &event, here);
            let by_draft = draft.engine.judge(&sets.draft, &event, there);
            findings.compare(message, &by_live, &by_draft);
            live.outcomes.add(live.engine.apply(by_live, &event, &here, message.at), 1);
            draft.outcomes.add(draft.engine.apply(by_draft, &event, &there, message.at), 1);
        })?;
        live.settle(findings.last());
        draft.settle(findings.last());
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
        report.repeated = self.source.repeated();
        report.unreadable = self.source.unreadable();
        self.findings.tell(&mut report);
        report
    }
}

impl Side {
    /// Counts the notices of a batch that ended at `last`, and forgets its alerts.
    fn settle(&mut self, last: Option<Timestamp>) {
        self.engine.correlator.tick(last.unwrap_or_default());
        for notice in self.engine.correlator.take_changes().notices {
            self.notices.add(notice.alert.handling);
        }
    }

    fn report(&self, rulebook: &Rulebook) -> SetReport {
        let totals = self.engine.correlator.totals();
        SetReport {
            rules: rulebook.rules.revision().to_owned(),
            revision: rulebook.revision,
            outcomes: self.outcomes,
            opened: totals.opened,
            worse: totals.worse,
            cleared: totals.cleared,
            closed: totals.closed,
            evicted: totals.evicted_logged + totals.evicted_told,
            still_open: self.engine.correlator.open() as u64,
            notices: self.notices,
        }
    }
}
