//! What the rules say of an event.
//!
//! From: the matcher. To: alerts.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{AlertSeverity, Handling, Links, Plan};

/// A rule's place in its set, in the order that rules are tried.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RuleIndex(pub(crate) u32);

impl RuleIndex {
    /// From 0.
    pub fn get(self) -> usize {
        self.0 as usize
    }
}

/// The one rule that owns an event, and all whose alerts it ends.
///
/// An event that fits both `when` and `clear` of one rule is a clear of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verdict {
    /// The first rule by priority whose `when` holds.
    pub owner: Option<Match>,
    /// Every rule whose `clear` holds, whoever owns the event.
    pub clears: Vec<Match>,
    /// Every rule with a `sequence` of which the event is a later part, whoever owns it.
    pub stages: Vec<(Stage, Match)>,
    /// Every rule with `continue` whose `when` holds, whoever owns the event. The owner has
    /// their labels already.
    pub continues: Vec<Match>,
    /// Every shadow rule that wants the event. One with a lower [`RuleIndex`] than the owner's
    /// would own the event if it were live.
    pub shadows: Vec<Match>,
    /// Every shadow rule whose `clear` holds.
    pub shadow_clears: Vec<Match>,
    /// Every shadow rule with a `sequence` of which the event is a later part.
    pub shadow_stages: Vec<(Stage, Match)>,
}

impl Verdict {
    /// Whether no rule wants the event: nothing comes of it. Shadow rules and those that only
    /// label do not count.
    pub fn is_nothing(&self) -> bool {
        self.owner.is_none() && self.clears.is_empty() && self.stages.is_empty()
    }

    /// Whether a shadow rule wants the event.
    pub fn has_shadow(&self) -> bool {
        let by_parts = !self.shadow_clears.is_empty() || !self.shadow_stages.is_empty();
        by_parts || !self.shadows.is_empty()
    }
}

/// A later part of a sequence.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Stage {
    /// What has to come between.
    With,
    /// What must not come between.
    Without,
    /// What has to follow.
    Then,
}

/// A rule that fits an event, with all that an alert needs of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Match {
    /// The rule's place in the set that judged.
    pub rule: RuleIndex,
    /// Its id.
    pub rule_id: String,
    /// Its revision: 12 hexadecimal digits.
    pub revision: String,
    /// What tells one alert of the rule from another on the same host; may be empty.
    pub key: String,
    /// What shall happen, in the host's environment.
    pub handling: Handling,
    /// How bad it is; [`AlertSeverity::Clear`] for a clear.
    pub severity: AlertSeverity,
    /// Who is responsible: by the rule, else by the inventory.
    pub team: String,
    /// One line for a person.
    pub summary: String,
    /// Why this rule fits, in words.
    pub reason: String,
    /// What else an alert shall carry; for an owner, what rules with `continue` add too.
    pub labels: BTreeMap<String, String>,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// How its events become alerts.
    pub plan: Arc<Plan>,
    /// The value of `count.distinct`, if the rule counts different ones.
    pub distinct: Option<String>,
    /// The value of `flapping.object`, if the rule names one.
    pub object: Option<String>,
    /// What its alert has in common with others.
    pub links: Links,
}

impl Match {
    /// A match of no rule of a set: of MUTT's own, by its plan; the rest of what is known is left to
    /// be said.
    pub fn own(plan: Arc<Plan>) -> Self {
        Self {
            rule: RuleIndex(u32::MAX),
            rule_id: plan.rule_id.clone(),
            revision: plan.revision.clone(),
            key: String::new(),
            handling: plan.handling.prod,
            severity: AlertSeverity::Indeterminate,
            team: String::new(),
            summary: String::new(),
            reason: String::new(),
            labels: BTreeMap::new(),
            runbook: None,
            plan,
            distinct: None,
            object: None,
            links: Links::default(),
        }
    }
}
