//! A set of rules, compiled: it judges events and never changes.
//!
//! From: rules as data. To: a [`Verdict`] for each event.

use std::sync::Arc;

use mutt_event::Event;

use crate::compile::anchor::anchor;
use crate::compile::tree::Node;
use crate::compile::{Beside, Compiled, Role};
use crate::field::Seen;
use crate::index::{Entry, Found, Index};
use crate::links::link;
use crate::rule::short_hash;
use crate::unanchored::Unanchored;
use crate::{Draft, Fault, Limits, Located, Match, Plan, Rule, RuleIndex, Verdict, Warning};

/// How a rule file is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)] // the formats' own names
pub enum Format {
    Toml,
    Yaml,
    Json,
}

impl Format {
    /// By a file's name: `.toml`, `.yaml`, `.yml` or `.json`.
    pub fn of_file(name: &str) -> Option<Format> {
        match name.rsplit_once('.')?.1 {
            "toml" => Some(Format::Toml),
            "yaml" | "yml" => Some(Format::Yaml),
            "json" => Some(Format::Json),
            _ => None,
        }
    }
}

/// A condition beside `when`: its rule, and which of [`Compiled::besides`] it is.
type Place = (u32, usize);

/// A compiled set of rules.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// By priority, then id.
    rules: Vec<Rule>,
    compiled: Vec<Compiled>,
    /// Conditions beside `when`: entry number `rules.len() + i` is `besides[i]`.
    besides: Vec<Place>,
    index: Index,
    limits: Limits,
    revision: String,
}

/// Buffers that judging uses again and again: one per thread.
#[derive(Debug, Default)]
pub struct Scratch {
    found: Found,
    /// How many candidates the last event had.
    candidates: usize,
}

impl Scratch {
    /// How many conditions were tried on the last event: the cost of the rule set.
    pub fn candidates(&self) -> usize {
        self.candidates
    }
}

impl RuleSet {
    /// No rules.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Compiles rules, within the default limits.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn compile(rules: Vec<Rule>) -> Result<(RuleSet, Vec<Warning>), Vec<Fault>> {
        Self::compile_within(rules, &Limits::default())
    }

    /// Compiles rules.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn compile_within(
        rules: Vec<Rule>,
        limits: &Limits,
    ) -> Result<(RuleSet, Vec<Warning>), Vec<Fault>> {
        Draft::from(rules).compile(limits)
    }

    /// A set of compiled rules in their order.
    pub(crate) fn assemble(
        rules: Vec<Rule>,
        mut compiled: Vec<Compiled>,
        limits: Limits,
    ) -> Result<(RuleSet, Vec<Warning>), Vec<Fault>> {
        link(&rules, &mut compiled);
        let besides = besides(&compiled);
        let mut anchors = Vec::new();
        let mut bare = Vec::new();
        let mut warnings = Vec::new();
        for (entry, rule, part, node) in conditions(&compiled, &besides) {
            match anchor(node) {
                Some(keys) => anchors.push((entry, keys)),
                None => {
                    bare.push((entry, node));
                    let nth = warnings.len() + 1;
                    let fault = no_anchor(&rules[rule], part, nth, limits.unanchored_max);
                    warnings.push(Warning(fault));
                }
            }
        }
        if warnings.len() > limits.unanchored_max {
            return Err(too_many(warnings, &limits));
        }
        let unanchored = Unanchored::new(bare, &limits);
        let index =
            Index::new(anchors, unanchored).map_err(|message| vec![Fault::at("", message)])?;
        let revision = short_hash(compiled.iter().map(|rule| rule.revision.as_bytes()));
        let set = Self { rules, compiled, besides, index, limits, revision };
        warnings.extend(set.overlaps());
        Ok((set, warnings))
    }

    /// How many rules.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// A hash of all rules, 12 hexadecimal digits; empty for the empty set.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The rule at a place of this set.
    pub fn rule(&self, index: RuleIndex) -> &Rule {
        &self.rules[index.get()]
    }

    /// All rules in the order that they are tried.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub(crate) fn compiled(&self, index: RuleIndex) -> &Compiled {
        &self.compiled[index.get()]
    }

    /// How many conditions the index knows by number.
    pub(crate) fn entries(&self) -> usize {
        self.rules.len() + self.besides.len()
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Which rule owns the event, which alerts it ends, and which sequences it goes on. An event
    /// that no rule wants costs no allocation.
    pub fn judge<'a>(
        &self,
        event: &Event<'_>,
        environment: impl Into<Located<'a>>,
        scratch: &mut Scratch,
    ) -> Verdict {
        let seen = Seen { event, located: environment.into() };
        self.index.find(event, self.entries(), &mut scratch.found);
        scratch.candidates = scratch.found.entries.len();
        let mut verdict = Verdict::default();
        for entry in &scratch.found.entries {
            let entry = *entry as usize;
            match entry.checked_sub(self.rules.len()) {
                None => self.judge_when(entry, &seen, &mut verdict),
                Some(beside) => self.judge_beside(self.besides[beside], &seen, &mut verdict),
            }
        }
        if let Some(owner) = &mut verdict.owner {
            add_labels(owner, &verdict.continues);
        }
        verdict
    }

    fn judge_when(&self, entry: usize, seen: &Seen<'_, '_>, verdict: &mut Verdict) {
        let role = self.compiled[entry].role;
        if (role == Role::Owner && verdict.owner.is_some()) || !self.owns(entry, seen) {
            return;
        }
        let found = self.problem(RuleIndex(entry as u32), seen);
        match role {
            Role::Owner => verdict.owner = Some(found),
            Role::Continue => verdict.continues.push(found),
            Role::Shadow => verdict.shadows.push(found),
            Role::Off => {}
        }
    }

    fn judge_beside(&self, (rule, nth): Place, seen: &Seen<'_, '_>, verdict: &mut Verdict) {
        let rule = RuleIndex(rule);
        let (beside, part) = &self.compiled(rule).besides[nth];
        if !part.node.holds(seen) {
            return;
        }
        let found = self.beside(rule, *beside, part, seen);
        let is_shadow = self.compiled(rule).role == Role::Shadow;
        match beside {
            Beside::Clear if is_shadow => verdict.shadow_clears.push(found),
            Beside::Clear => verdict.clears.push(found),
            Beside::Stage(stage) if is_shadow => verdict.shadow_stages.push((*stage, found)),
            Beside::Stage(stage) => verdict.stages.push((*stage, found)),
        }
    }

    /// Takes out of a verdict of this set what its shadow rules would do if they were live. Of
    /// those that want the event the first owns it, if it comes before the live owner.
    pub fn take_shadow(&self, verdict: &mut Verdict) -> Verdict {
        let live = verdict.owner.as_ref().map(|owner| owner.rule);
        let owns = |found: &Match| {
            !self.rule(found.rule).continues && live.is_none_or(|live| found.rule < live)
        };
        Verdict {
            owner: std::mem::take(&mut verdict.shadows).into_iter().find(owns),
            clears: std::mem::take(&mut verdict.shadow_clears),
            stages: std::mem::take(&mut verdict.shadow_stages),
            ..Verdict::default()
        }
    }

    /// Live rules that own events, in the order that they are tried: how their events become
    /// alerts.
    pub fn plans(&self) -> impl Iterator<Item = &Arc<Plan>> {
        let owners = self.compiled.iter().filter(|compiled| compiled.role == Role::Owner);
        owners.map(|compiled| &compiled.plan)
    }

    /// The same of shadow rules that would own events.
    pub fn shadow_plans(&self) -> impl Iterator<Item = &Arc<Plan>> {
        let all = self.rules.iter().zip(&self.compiled);
        let shadows =
            all.filter(|(rule, compiled)| compiled.role == Role::Shadow && !rule.continues);
        shadows.map(|(_, compiled)| &compiled.plan)
    }

    /// Does the rule want the event as a problem? What fits its `clear` too is the end of one.
    pub(crate) fn owns(&self, rule: usize, seen: &Seen<'_, '_>) -> bool {
        let rule = &self.compiled[rule];
        rule.when.holds(seen) && !rule.clear().is_some_and(|clear| clear.holds(seen))
    }
}

/// The conditions beside `when` of all live and shadow rules, in the order of rules.
fn besides(compiled: &[Compiled]) -> Vec<Place> {
    let judge = |compiled: &Compiled| matches!(compiled.role, Role::Owner | Role::Shadow);
    let judging = (0u32..).zip(compiled).filter(|(_, compiled)| judge(compiled));
    judging
        .flat_map(|(rule, compiled)| (0..compiled.besides.len()).map(move |n| (rule, n)))
        .collect()
}

/// All conditions that judge: the entry's number, the rule's place, the part's path.
fn conditions<'c>(
    compiled: &'c [Compiled],
    besides: &[Place],
) -> impl Iterator<Item = (Entry, usize, &'static str, &'c Node)> {
    let whens = compiled.iter().enumerate().filter(|(_, compiled)| compiled.role != Role::Off);
    let whens = whens.map(|(rule, compiled)| (rule as Entry, rule, "when", &compiled.when));
    let besides = besides.iter().enumerate().map(|(number, (rule, nth))| {
        let rule = *rule as usize;
        let (beside, part) = &compiled[rule].besides[*nth];
        ((compiled.len() + number) as Entry, rule, beside.path(), &part.node)
    });
    whens.chain(besides)
}

/// What the owner does not say itself, rules that only label say; the first by priority counts.
pub(crate) fn add_labels(owner: &mut Match, continues: &[Match]) {
    for (name, value) in continues.iter().flat_map(|found| &found.labels) {
        owner.labels.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

/// The faults for more conditions without an anchor than there may be.
fn too_many(warnings: Vec<Warning>, limits: &Limits) -> Vec<Fault> {
    let message = format!(
        "{} conditions have no anchor, the limit is {}: each costs time on every event",
        warnings.len(),
        limits.unanchored_max
    );
    let each = warnings.into_iter().map(|warning| warning.0);
    std::iter::once(Fault::at("", message)).chain(each).collect()
}

/// The warning for a condition that is tried on every event, with what it costs.
fn no_anchor(rule: &Rule, part: &str, nth: usize, most: usize) -> Fault {
    let message = format!(
        "has no anchor, so it is tried on every event ({nth} of at most {most} such conditions): \
         add a test of mnemonic, msgid, host, trap_oid, or a text of three letters or more that \
         the message must contain (every branch of `any` needs one; `not` is none)"
    );
    rule.fault(part, message)
}
