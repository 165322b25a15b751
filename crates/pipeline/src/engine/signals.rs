//! What a verdict means: the message's outcome, and the signals for the correlator.

use mutt_alert::{Facts, Signal, SignalKind};
use mutt_event::{Event, MessageId, Severity, Timestamp};
use mutt_rules::{Environment, Handling, Located, Match, Stage, Verdict};
use mutt_store::Outcome;

/// What became of a message with this verdict. One that no rule owns, but that clears or
/// belongs to a sequence, is that rule's: of several the one that does most.
pub(super) fn outcome(verdict: &Verdict) -> Outcome {
    let of = |handling: Handling| match handling {
        Handling::Suppress => Outcome::Suppressed,
        Handling::LogOnly => Outcome::Logged,
        _ => Outcome::Alerting,
    };
    match &verdict.owner {
        Some(owner) => of(owner.handling),
        None => {
            let stages = verdict.stages.iter().map(|(_, stage)| stage);
            let others = verdict.clears.iter().chain(stages).map(|found| of(found.handling));
            others.min().unwrap_or(Outcome::Unhandled)
        }
    }
}

/// The signals of a verdict, clears first: an event that ends one problem may begin another. What
/// follows in a sequence comes before what begins one: it follows what was before.
pub(super) fn of(
    verdict: Verdict,
    event: &Event<'_>,
    located: &Located<'_>,
    at: Timestamp,
    text_bytes_max: usize,
) -> impl Iterator<Item = Signal> {
    let about = About {
        text: text(&event.message, text_bytes_max),
        raw: text(event.raw, text_bytes_max),
        site: located.site().map(|(site, _)| site.to_owned()),
        environment: located.environment,
        host: event.host.to_owned(),
        cause: event.id,
        syslog_severity: event.severity,
        received: event.received,
        at,
    };
    let clears = verdict.clears.into_iter().map(|found| (SignalKind::Clear, found));
    let stages = verdict.stages.into_iter().map(|(stage, found)| (of_stage(stage), found));
    let owner = verdict.owner.filter(|owner| owner.handling != Handling::Suppress);
    let problem = owner.map(|found| (SignalKind::Problem, found));
    let all = clears.chain(stages).chain(problem);
    all.map(move |(kind, found)| about.signal(kind, found))
}

fn of_stage(stage: Stage) -> SignalKind {
    match stage {
        Stage::With => SignalKind::With,
        Stage::Without => SignalKind::Without,
        Stage::Then => SignalKind::Then,
    }
}

/// What all signals of an event have in common.
struct About {
    text: String,
    raw: String,
    site: Option<String>,
    environment: Environment,
    host: String,
    cause: MessageId,
    syslog_severity: Option<Severity>,
    received: Timestamp,
    at: Timestamp,
}

impl About {
    fn signal(&self, kind: SignalKind, found: Match) -> Signal {
        let facts = Facts {
            key: found.key,
            host: self.host.clone(),
            environment: self.environment,
            site: self.site.clone(),
            handling: found.handling,
            severity: found.severity,
            team: found.team,
            summary: found.summary,
            text: self.text.clone(),
            raw: self.raw.clone(),
            reason: found.reason,
            labels: found.labels,
            object: found.object,
            links: found.links,
            cause: self.cause,
            syslog_severity: self.syslog_severity,
            received: self.received,
            at: self.at,
        };
        Signal { kind, plan: found.plan, distinct: found.distinct, facts }
    }
}

/// Text for a person: bytes that are no UTF-8 are replaced, the rest is cut at the limit.
pub(crate) fn text(message: &[u8], bytes_max: usize) -> String {
    let mut text = String::from_utf8_lossy(&message[..message.len().min(bytes_max)]).into_owned();
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_a_character() {
        assert_eq!(text("aäö".as_bytes(), 10), "aäö");
        assert!(text("aäö".as_bytes(), 4).len() <= 4);
        assert_eq!(text(b"a\xffb", 10), "a\u{fffd}b");
    }
}
