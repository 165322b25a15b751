//! What a verdict means: the message's outcome, and the signals for the correlator.

use mutt_alert::{RuleRef, Signal, SignalKind};
use mutt_event::{Event, Timestamp};
use mutt_rules::{Handling, Located, Match, Verdict};
use mutt_store::Outcome;

/// What became of a message with this verdict. One that no rule owns, but that clears, is the
/// clearing rule's: of several the one that does most.
pub(super) fn outcome(verdict: &Verdict) -> Outcome {
    let of = |handling: Handling| match handling {
        Handling::Suppress => Outcome::Suppressed,
        Handling::LogOnly => Outcome::Logged,
        _ => Outcome::Alerting,
    };
    match &verdict.owner {
        Some(owner) => of(owner.handling),
        None => {
            let clears = verdict.clears.iter().map(|clear| of(clear.handling));
            clears.min().unwrap_or(Outcome::Unhandled)
        }
    }
}

/// The signals of a verdict, clears first: an event that ends one problem may begin another.
pub(super) fn of(
    verdict: Verdict,
    event: &Event<'_>,
    located: &Located<'_>,
    at: Timestamp,
    text_bytes_max: usize,
) -> impl Iterator<Item = Signal> {
    let text = text(&event.message, text_bytes_max);
    let clears = verdict.clears.into_iter().map(|found| (SignalKind::Clear, found));
    let owner = verdict.owner.filter(|owner| owner.handling != Handling::Suppress);
    let problem = owner.map(|found| (SignalKind::Problem, found));
    let site = located.site().map(|(site, _)| site.to_owned());
    let environment = located.environment;
    let (host, cause, received) = (event.host.to_owned(), event.id, event.received);
    clears.chain(problem).map(move |(kind, found)| {
        let Match {
            rule_id,
            revision,
            key,
            handling,
            severity,
            team,
            summary,
            reason,
            runbook,
            labels,
            close_after,
            rule: _,
        } = found;
        Signal {
            kind,
            rule: RuleRef { id: rule_id, revision },
            key,
            host: host.clone(),
            environment,
            site: site.clone(),
            handling,
            severity,
            team,
            summary,
            text: text.clone(),
            reason,
            runbook,
            labels,
            cause,
            received,
            at,
            close_after,
        }
    })
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
