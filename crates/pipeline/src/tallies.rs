//! Numbers by the hour, for people: how much came, what the rules made of it, from whom. From: a
//! front, a message at a time, and a back, a step at a time. To: their change, as how much each
//! number grew.
//!
//! They are as exact as the cursor that they are written with.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::RandomState;
use mutt_alert::{Alert, Changes, DRILL_RULE, What};
use mutt_event::{Input, Severity, Timestamp};
use mutt_store::{Outcome, Tally, TallyKind, hour_of};

use crate::shadow::Counted;

/// How many hosts are counted one by one between two commits; more are counted together.
const HOSTS_MAX: usize = 10_000;

/// The name of what is counted together.
const OTHERS: &str = "";

/// The name of the severity of a message that has none.
const NO_SEVERITY: &str = "none";

type Names = HashMap<String, u64, RandomState>;

/// How much the numbers grew since the last commit.
#[derive(Debug, Default)]
pub(crate) struct Tallies {
    hour: i64,
    severities: [u64; 9],
    outcomes: [u64; Outcome::ALL.len()],
    inputs: [u64; Input::ALL.len()],
    hosts: Names,
    matched: Names,
    /// Of hours before this one.
    grown: Grown,
}

fn add(names: &mut Names, name: &str, most: usize) {
    if let Some(count) = names.get_mut(name) {
        *count += 1;
    } else if names.len() < most {
        names.insert(name.to_owned(), 1);
    } else {
        *names.entry(OTHERS.to_owned()).or_default() += 1;
    }
}

/// The alerts that opened, and when.
pub(crate) fn opened(changes: &Changes) -> Vec<(&Alert, Timestamp)> {
    let alerts: HashMap<&str, &Alert> =
        changes.alerts.iter().map(|alert| (alert.id.as_str(), alert)).collect();
    let opened = changes.moments.iter().filter(|m| matches!(m.what, What::Opened { .. }));
    let alert = |moment: &mutt_alert::Moment| alerts.get(moment.alert_id.as_str()).copied();
    opened.filter_map(|moment| Some((alert(moment)?, moment.at))).collect()
}

impl Tallies {
    /// Counts a message, and the rule that owns it.
    pub(crate) fn count(
        &mut self,
        at: Timestamp,
        host: &str,
        severity: Option<Severity>,
        owner: Option<&str>,
    ) {
        self.begin_hour(at);
        let place = severity.map_or(8, |severity| usize::from(severity.number()));
        self.severities[place] += 1;
        add(&mut self.hosts, host, HOSTS_MAX);
        if let Some(rule) = owner {
            add(&mut self.matched, rule, usize::MAX);
        }
    }

    /// What became of so many messages.
    pub(crate) fn outcome(&mut self, at: Timestamp, outcome: Outcome, count: u64) {
        self.begin_hour(at);
        self.outcomes[outcome as usize] += count;
    }

    /// Which door a message came through.
    pub(crate) fn input(&mut self, at: Timestamp, input: Input) {
        self.begin_hour(at);
        for (place, one) in self.inputs.iter_mut().zip(Input::ALL) {
            *place += u64::from(one == input);
        }
    }

    fn begin_hour(&mut self, at: Timestamp) {
        let hour = hour_of(at);
        if hour != self.hour {
            self.end_hour();
            self.hour = hour;
        }
    }

    fn end_hour(&mut self) {
        let hour = self.hour;
        for (place, count) in std::mem::take(&mut self.severities).into_iter().enumerate() {
            let severity = u8::try_from(place).ok().and_then(Severity::from_number);
            self.grown.grow(
                hour,
                TallyKind::Received,
                severity.map_or(NO_SEVERITY, Severity::name),
                count,
            );
        }
        for (outcome, count) in Outcome::ALL.into_iter().zip(std::mem::take(&mut self.outcomes)) {
            self.grown.grow(hour, TallyKind::Outcome, outcome.name(), count);
        }
        for (input, count) in Input::ALL.into_iter().zip(std::mem::take(&mut self.inputs)) {
            self.grown.grow(hour, TallyKind::Input, input.name(), count);
        }
        for (kind, names) in [
            (TallyKind::Host, std::mem::take(&mut self.hosts)),
            (TallyKind::Matched, std::mem::take(&mut self.matched)),
        ] {
            for (name, count) in names {
                self.grown.grow(hour, kind, &name, count);
            }
        }
    }

    /// How much the numbers grew since the last call.
    pub(crate) fn take(&mut self) -> Vec<Tally> {
        self.end_hour();
        std::mem::take(&mut self.grown).into_rows()
    }
}

/// How much numbers grew, by hour.
#[derive(Debug, Default)]
struct Grown(BTreeMap<(i64, TallyKind, String), u64>);

impl Grown {
    fn grow(&mut self, hour: i64, kind: TallyKind, name: &str, by: u64) {
        if by > 0 {
            *self.0.entry((hour, kind, name.to_owned())).or_default() += by;
        }
    }

    fn into_rows(self) -> Vec<Tally> {
        let row = |((hour, kind, name), value)| Tally { hour, kind, name, value };
        self.0.into_iter().map(row).collect()
    }
}

/// A test of MUTT is no noise.
fn is_drill(alert: &Alert) -> bool {
    alert.rule.id == DRILL_RULE
}

/// Somebody is paged for an alert.
fn page(grown: &mut Grown, hour: i64, alert: &Alert) {
    grown.grow(hour, TallyKind::Pages, &alert.rule.id, 1);
    grown.grow(hour, TallyKind::HostPages, &alert.host, 1);
    let severity = alert.syslog_severity.map_or(NO_SEVERITY, Severity::name);
    grown.grow(hour, TallyKind::PageSeverity, severity, 1);
}

/// How much numbers of alerts and notices grow by a step, and by what shadow rules would have done.
pub(crate) fn of_alerts(changes: &Changes, shadowed: &Counted) -> Vec<Tally> {
    let mut grown = Grown::default();
    for (alert, at) in opened(changes).into_iter().filter(|(alert, _)| !is_drill(alert)) {
        grown.grow(hour_of(at), TallyKind::Alerts, &alert.rule.id, 1);
        grown.grow(hour_of(at), TallyKind::HostAlerts, &alert.host, 1);
    }
    for notice in changes.notices.iter().filter(|notice| !is_drill(&notice.alert)) {
        let hour = hour_of(notice.at);
        grown.grow(hour, TallyKind::Notices, &notice.alert.rule.id, 1);
        let how = format!("{} {}", notice.kind.name(), notice.alert.handling.name());
        grown.grow(hour, TallyKind::Handling, &how, 1);
        if notice.pages() {
            page(&mut grown, hour, &notice.alert);
        }
    }
    for ((hour, rule), count) in &shadowed.alerts {
        grown.grow(*hour, TallyKind::ShadowAlerts, rule, *count);
    }
    for (told, count) in &shadowed.notices {
        grown.grow(told.hour, TallyKind::ShadowNotices, &told.rule, *count);
        let pages = if told.pages { *count } else { 0 };
        grown.grow(told.hour, TallyKind::ShadowPages, &told.rule, pages);
    }
    grown.into_rows()
}
