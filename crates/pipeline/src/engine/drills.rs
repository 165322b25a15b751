//! A drill's message: it is no rule's, and always an alert. From: the drills that are known. To: a
//! verdict like that of a rule, so that all that comes after is a live alert's way.

use std::sync::Arc;

use mutt_alert::{Drill, Drills, drill_plan, drill_words};
use mutt_event::Event;
use mutt_rules::{AlertSeverity, Match, Verdict};

/// What becomes of a drill's message; none: it is not one.
#[inline]
pub(super) fn verdict(drills: &Drills, event: &Event<'_>) -> Option<Verdict> {
    drills.of(event).map(of)
}

fn of(drill: &Drill) -> Verdict {
    let owner = Match {
        key: drill.id.clone(),
        severity: AlertSeverity::Warning,
        team: drill.team.clone(),
        summary: drill_words(&drill.id),
        reason: "it names a drill that is open".to_owned(),
        ..Match::own(Arc::new(drill_plan()))
    };
    Verdict { owner: Some(owner), ..Verdict::default() }
}
