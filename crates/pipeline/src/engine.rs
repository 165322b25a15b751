//! The engine: what it means to judge one message. One code for the judge, which works in earnest,
//! and for the backtest, which only tries.
//!
//! From: a parsed message and a rulebook. To: its outcome, and the correlator, which makes alerts
//! of what rules want.
//!
//! Three parts, so that who compares rulebooks sees the verdicts before they have an effect, and a
//! judge of one partition leaves the effect to another process: [`Rulebook::locate`] says what is
//! known of the host, [`Asker::ask`] asks the rules, and [`Asker::signals`] says what they want.
//! An [`Engine`] is an asker that shows that to a correlator.

use std::sync::Arc;
use std::time::Duration;

use mutt_alert::{Correlator, Drills, Signal, Silences, StormLimits};
use mutt_event::trap::Names;
use mutt_event::{Event, Timestamp};
use mutt_rules::{Expectation, Inventory, Located, Match, RuleSet, Scratch, Verdict};
use mutt_store::Outcome;

mod drills;
mod signals;

pub(crate) use signals::text;

/// What judging goes by, swapped as one.
#[derive(Debug)]
pub struct Rulebook {
    /// The rules.
    pub rules: RuleSet,
    /// What is known of hosts, and which of them are development.
    pub inventory: Inventory,
    /// Alerts are written, but nobody is told: notices made meanwhile go to no destination.
    pub observe: bool,
    /// The catalog's revision that it was made from; 0: from none.
    pub revision: u64,
    /// How many alerts a minute are told one by one.
    pub storms: StormLimits,
    /// Who is expected to be heard, by the rules and the inventory.
    pub expected: Vec<Expectation>,
    /// Who would be expected by shadow rules.
    pub shadow_expected: Vec<Expectation>,
    /// Of which alerts nobody is told, and when.
    pub silences: Arc<Silences>,
    /// Tests of the whole way: whose messages are no rule's.
    pub drills: Drills,
    /// By which traps are read.
    pub names: Arc<Names>,
}

/// Asks the rules about messages, one after the other.
pub(crate) struct Asker {
    scratch: Scratch,
    text_bytes_max: usize,
}

/// Judges messages, one after the other.
pub(crate) struct Engine {
    /// Where alerts come from.
    pub correlator: Correlator,
    asker: Asker,
}

impl Rulebook {
    /// Of rules and an inventory; it tells, and knows no storm.
    pub fn new(rules: RuleSet, inventory: Inventory) -> Self {
        Self {
            expected: rules.expected(&inventory).all,
            shadow_expected: rules.expected_by_shadows(&inventory).all,
            rules,
            inventory,
            observe: false,
            revision: 0,
            storms: StormLimits::default(),
            silences: Arc::default(),
            drills: Drills::default(),
            names: Arc::default(),
        }
    }

    /// How far back a message may matter for what becomes of another.
    pub(crate) fn longest_window(&self) -> Duration {
        self.rules.plans().map(|plan| plan.window()).max().unwrap_or_default()
    }

    /// What is made of a drill's message; none: it is not one.
    pub fn drill(&self, event: &Event<'_>) -> Option<Match> {
        drills::verdict(&self.drills, event)?.owner
    }

    /// What becomes of a message by these rules, and the rule that owns it.
    pub fn outcome(&self, event: &Event<'_>, scratch: &mut Scratch) -> (Outcome, Option<String>) {
        let verdict = match drills::verdict(&self.drills, event) {
            Some(verdict) => verdict,
            None => self.rules.judge(event, self.locate(event), scratch),
        };
        let outcome = match verdict.is_nothing() {
            true => Outcome::Unhandled,
            false => signals::outcome(&verdict),
        };
        (outcome, verdict.owner.map(|owner| owner.rule_id))
    }

    /// What is known of the host of a message.
    #[inline]
    pub(crate) fn locate(&self, event: &Event<'_>) -> Located<'_> {
        self.inventory.locate(event.host, event.peer.map(|peer| peer.ip()))
    }
}

impl Asker {
    /// A signal keeps so many bytes of its message's text.
    pub fn new(text_bytes_max: usize) -> Self {
        Self { scratch: Scratch::default(), text_bytes_max }
    }

    /// What the rules say of a message; nothing comes of it yet.
    #[inline]
    pub fn ask(&mut self, rulebook: &Rulebook, event: &Event<'_>, located: Located<'_>) -> Verdict {
        match drills::verdict(&rulebook.drills, event) {
            Some(verdict) => verdict,
            None => rulebook.rules.judge(event, located, &mut self.scratch),
        }
    }

    /// Hands over what the rules want of a message, appended at `at`; answers what became of it.
    #[inline]
    pub fn signals(
        &self,
        verdict: Verdict,
        event: &Event<'_>,
        located: &Located<'_>,
        at: Timestamp,
        take: impl FnMut(Signal),
    ) -> Outcome {
        if verdict.is_nothing() {
            return Outcome::Unhandled;
        }
        let outcome = signals::outcome(&verdict);
        signals::of(verdict, event, located, at, self.text_bytes_max).for_each(take);
        outcome
    }
}

/// Goes by a rulebook from `at` on; see [`Correlator::follow`].
pub(crate) fn follow(correlator: &mut Correlator, rulebook: &Rulebook, at: Timestamp) {
    let Rulebook { rules, expected, storms, silences, .. } = rulebook;
    correlator.follow(rules.plans().cloned(), expected, *storms, silences, at);
}

impl Engine {
    /// Goes on from this correlator's alerts; a new one keeps so many bytes of its message's text.
    pub fn new(correlator: Correlator, text_bytes_max: usize) -> Self {
        Self { correlator, asker: Asker::new(text_bytes_max) }
    }

    /// What the rules say of a message; nothing comes of it yet.
    #[inline]
    pub fn judge(
        &mut self,
        rulebook: &Rulebook,
        event: &Event<'_>,
        located: Located<'_>,
    ) -> Verdict {
        self.asker.ask(rulebook, event, located)
    }

    /// Shows the correlator what the rules want of the message, appended at `at`; answers what
    /// became of it.
    #[inline]
    pub fn apply(
        &mut self,
        verdict: Verdict,
        event: &Event<'_>,
        located: &Located<'_>,
        at: Timestamp,
    ) -> Outcome {
        let Self { correlator, asker } = self;
        asker.signals(verdict, event, located, at, |signal| {
            correlator.apply(signal);
        })
    }
}

#[cfg(test)]
mod tests {
    use allocation_counter::measure;
    use mutt_alert::State;
    use mutt_event::{Envelope, Flags, Input, Kind, MessageId, Parser, ParserConfig, Timestamp};
    use mutt_rules::{Format, parse_rules};

    use super::*;

    const RULES: &str = r#"
[[rules]]
id = "down"
priority = 1
team = "noc"
handling = "page_only"
when.message.contains = "down"
clear.message.contains = "up"

[[rules]]
id = "tried"
priority = 2
mode = "shadow"
team = "noc"
handling = "page_only"
when.message.contains = "broken"
clear.message.contains = "mended"
"#;

    #[test]
    fn an_unhandled_message_allocates_nothing_from_its_bytes_to_its_outcome() {
        let rules = parse_rules(RULES, Format::Toml).unwrap();
        let (rules, _) = RuleSet::compile(rules).unwrap();
        let rulebook = Rulebook::new(rules, Inventory::default());
        let parser = Parser::new(ParserConfig::default());
        let mut engine = Engine::new(Correlator::new(State::default()), 100);
        let mut judge = |raw: &'static [u8]| {
            let envelope = Envelope {
                input: Input::SyslogTcp,
                kind: Kind::Syslog,
                flags: Flags::default(),
                received: Timestamp::ZERO,
                session: 0,
                peer: "10.0.0.1:514".parse().ok(),
                host: "r1",
                dedup: None,
                usm: None,
                raw,
            };
            let id = MessageId { appended: Timestamp::ZERO, partition: 0, position: 1 };
            let event = parser.parse(id, &envelope);
            let located = rulebook.locate(&event);
            let verdict = engine.judge(&rulebook, &event, located);
            assert!(!verdict.has_shadow());
            engine.apply(verdict, &event, &located, Timestamp::ZERO)
        };
        let calm: &[u8] = b"<13>Nov 23 12:00:00 r1 app: all is calm";
        let wanted: &[u8] = b"<13>Nov 23 12:00:00 r1 app: the line is down";
        // The first ones fill the buffers.
        assert_eq!((judge(calm), judge(wanted)), (Outcome::Unhandled, Outcome::Alerting));
        assert_eq!(measure(|| assert_eq!(judge(calm), Outcome::Unhandled)).count_total, 0);
        assert!(measure(|| assert_eq!(judge(wanted), Outcome::Alerting)).count_total > 0);
    }
}
