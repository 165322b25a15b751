//! A set of rules, compiled: it judges events and never changes.
//!
//! From: rules as data. To: a [`Verdict`] for each event.

use mutt_event::Event;

use crate::compile::anchor::anchor;
use crate::compile::{Compiled, Role};
use crate::field::Seen;
use crate::index::{Entry, Found, Index};
use crate::rule::short_hash;
use crate::unanchored::Unanchored;
use crate::{Draft, Fault, Limits, Located, Match, Rule, RuleIndex, Verdict, Warning};

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

/// A compiled set of rules.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// By priority, then id.
    rules: Vec<Rule>,
    compiled: Vec<Compiled>,
    /// Rules that have a `clear`; entry number `rules.len() + i` is the clear of `clears[i]`.
    clears: Vec<u32>,
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
        compiled: Vec<Compiled>,
        limits: Limits,
    ) -> Result<(RuleSet, Vec<Warning>), Vec<Fault>> {
        let mut anchors = Vec::new();
        let mut bare = Vec::new();
        let mut warnings = Vec::new();
        let clears: Vec<u32> = (0u32..)
            .zip(&compiled)
            .filter(|(_, compiled)| compiled.clears())
            .map(|(rule, _)| rule)
            .collect();
        let conditions = |entry: usize| match entry.checked_sub(rules.len()) {
            None => (entry, "when", Some(&compiled[entry].when)),
            Some(clear) => {
                let rule = clears[clear] as usize;
                (rule, "clear", compiled[rule].clear.as_ref())
            }
        };
        for entry in 0..rules.len() + clears.len() {
            let (rule, part, Some(node)) = conditions(entry) else { continue };
            if compiled[rule].role == Role::Off {
                continue;
            }
            match anchor(node) {
                Some(keys) => anchors.push((entry as Entry, keys)),
                None => {
                    bare.push((entry as Entry, node));
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
        let set = Self { rules, compiled, clears, index, limits, revision };
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
        self.rules.len() + self.clears.len()
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Which rule owns the event, and which alerts it ends. An event that no rule wants costs
    /// no allocation.
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
            if entry < self.rules.len() {
                self.judge_when(entry, &seen, &mut verdict);
            } else {
                let rule = RuleIndex(self.clears[entry - self.rules.len()]);
                let clear = self.compiled(rule).clear.as_ref();
                if let Some(clear) = clear.filter(|node| node.holds(&seen)) {
                    verdict.clears.push(self.clear(rule, clear, &seen));
                }
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

    /// Does the rule want the event as a problem? What fits its `clear` too is the end of one.
    pub(crate) fn owns(&self, rule: usize, seen: &Seen<'_, '_>) -> bool {
        let rule = &self.compiled[rule];
        rule.when.holds(seen) && !rule.clear.as_ref().is_some_and(|clear| clear.holds(seen))
    }
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
