//! Rules as far as they could be read, so that one pass tells every fault.
//!
//! From: rule files, or rules as data. To: a compiled set, or all that is wrong with reading,
//! with values, and with examples as far as the rules that are good prove it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use mutt_event::Parser;

use crate::compile::Compiled;
use crate::fault::is_within;
use crate::named::with_any_names;
use crate::parents::check_parents;
use crate::{Fault, Format, Limits, Rule, RuleSet, Warning};

/// A rule as far as it could be read: what could not be read is as if it were left out.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    pub rule: Rule,
    /// The rule's id, or what else to call it.
    pub name: Option<String>,
    pub faults: Vec<Fault>,
    /// Parts that a misspelt key probably stands for.
    pub meant: Vec<String>,
}

impl Sketch {
    /// Whether a part was written and could not be read, or is missing: what follows from its
    /// value is not known.
    pub fn is_doubtful(&self, part: &str) -> bool {
        self.faults.iter().map(|fault| &fault.path).chain(&self.meant).any(|path| {
            // A fault of the whole rule leaves nothing known.
            path.is_empty() || is_within(path, part)
        })
    }

    /// All that is wrong with it, whatever the MIBs name.
    fn faults_alone(&self, limits: &Limits) -> Vec<Fault> {
        Sketch { rule: with_any_names(&self.rule), ..self.clone() }.compile(limits).1
    }

    /// Compiles it; the faults are those of its values and those of reading.
    fn compile(&mut self, limits: &Limits) -> (Option<Compiled>, Vec<Fault>) {
        let (compiled, mut found) = Compiled::new(self, limits);
        for fault in &mut found {
            fault.rule.clone_from(&self.name);
        }
        found.extend_from_slice(&self.faults);
        (compiled, found)
    }
}

impl From<Rule> for Sketch {
    fn from(rule: Rule) -> Self {
        Self { name: Some(rule.id.clone()), rule, faults: Vec::new(), meant: Vec::new() }
    }
}

/// Rules that may have faults, of one file or of several.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    sketches: Vec<Sketch>,
    /// Faults of a file that are no rule's.
    faults: Vec<Fault>,
}

impl Draft {
    /// Reads a rule file; whatever is wrong with it is told when the draft is compiled.
    pub fn read(text: &str, format: Format) -> Self {
        match crate::source::parse(text, format) {
            Ok(root) => {
                let (sketches, faults) = crate::read::rules(root);
                Self { sketches, faults }
            }
            Err(faults) => Self { sketches: Vec::new(), faults },
        }
    }

    /// Says which file this was, for faults and warnings.
    #[must_use]
    pub fn of_file(mut self, name: &str) -> Self {
        let shared: Arc<str> = name.into();
        for sketch in &mut self.sketches {
            sketch.rule.lines.file = Some(Arc::clone(&shared));
        }
        let found = self.sketches.iter_mut().flat_map(|sketch| &mut sketch.faults);
        for fault in found.chain(&mut self.faults) {
            fault.file = Some(name.to_owned());
        }
        self
    }

    /// The rules of both.
    #[must_use]
    pub fn join(mut self, mut other: Draft) -> Self {
        self.sketches.append(&mut other.sketches);
        self.faults.append(&mut other.faults);
        self
    }

    /// The rules as far as they could be read.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.sketches.iter().map(|sketch| &sketch.rule)
    }

    /// The rules, to be changed.
    pub(crate) fn rules_mut(&mut self) -> impl Iterator<Item = &mut Rule> {
        self.sketches.iter_mut().map(|sketch| &mut sketch.rule)
    }

    /// The rules, if each for itself is good; what only MIBs can name is not looked at.
    ///
    /// # Errors
    /// Every fault at once, in the order of the file.
    pub fn into_rules(mut self, limits: &Limits) -> Result<Vec<Rule>, Vec<Fault>> {
        let mut faults = self.set_faults(limits);
        for sketch in &self.sketches {
            faults.append(&mut sketch.faults_alone(limits));
        }
        ended(faults, || self.sketches.into_iter().map(|sketch| sketch.rule).collect())
    }

    /// Compiles the rules, and does not look at their examples.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn compile(self, limits: &Limits) -> Result<(RuleSet, Vec<Warning>), Vec<Fault>> {
        let trial = self.trial(limits);
        ended(trial.faults, || (trial.set, trial.warnings))
    }

    /// Compiles the rules and judges their examples.
    ///
    /// # Errors
    /// Every fault at once. Where some rules are at fault, the examples of the others are judged
    /// by the others: only what holds whatever becomes of the faulty ones is told.
    pub fn check(
        self,
        limits: &Limits,
        parser: &Parser,
    ) -> Result<(RuleSet, Vec<Warning>), Vec<Fault>> {
        let Trial { set, mut warnings, mut faults, whole, unread } = self.trial(limits);
        faults.extend(set.example_faults(parser, whole, &|rule, example| {
            unread.is_empty() || !unread.contains(&(rule.id.clone(), example))
        }));
        ended(faults, || {
            warnings.extend(set.check_clashes(parser));
            (set, warnings)
        })
    }

    /// A set of the rules that are good enough to judge, and all faults but those of examples.
    fn trial(mut self, limits: &Limits) -> Trial {
        let is_read = self.faults.is_empty();
        let mut faults = self.set_faults(limits);
        faults.extend(check_parents(&self.sketches, is_read));
        let mut unread = HashSet::new();
        let by_rank = |sketch: &Sketch| (sketch.rule.priority, sketch.rule.id.clone());
        self.sketches.sort_by_cached_key(by_rank);
        let mut ids = HashSet::new();
        let (mut rules, mut compiled) = (Vec::new(), Vec::new());
        let count = self.sketches.len();
        for mut sketch in self.sketches {
            let (good, mut found) = sketch.compile(limits);
            let is_unread = |index: &usize| sketch.is_doubtful(&format!("examples[{index}]"));
            if !found.is_empty() {
                let indices = (0..sketch.rule.examples.len()).filter(is_unread);
                unread.extend(indices.map(|index| (sketch.rule.id.clone(), index)));
            }
            faults.append(&mut found);
            if let Some(good) = good.filter(|_| ids.insert(sketch.rule.id.clone())) {
                rules.push(sketch.rule);
                compiled.push(good);
            }
        }
        let whole = rules.len() == count;
        let (set, warnings) =
            RuleSet::assemble(rules, compiled, *limits).unwrap_or_else(|mut found| {
                faults.append(&mut found);
                Default::default()
            });
        Trial { set, warnings, faults, whole, unread }
    }

    /// Faults of the files, and of the rules beside each other.
    fn set_faults(&mut self, limits: &Limits) -> Vec<Fault> {
        let mut faults = std::mem::take(&mut self.faults);
        if self.sketches.len() > limits.rules_max {
            let message =
                format!("{} rules, the limit is {}", self.sketches.len(), limits.rules_max);
            faults.push(Fault::at("", message));
        }
        faults.extend(twice(&self.sketches));
        faults
    }
}

impl From<Vec<Rule>> for Draft {
    fn from(rules: Vec<Rule>) -> Self {
        Self { sketches: rules.into_iter().map(Sketch::from).collect(), faults: Vec::new() }
    }
}

struct Trial {
    set: RuleSet,
    warnings: Vec<Warning>,
    faults: Vec<Fault>,
    /// Whether every rule is in the set.
    whole: bool,
    /// Examples that could not be read, by their rule's id and number.
    unread: HashSet<(String, usize)>,
}

fn ended<T>(mut faults: Vec<Fault>, good: impl FnOnce() -> T) -> Result<T, Vec<Fault>> {
    if faults.is_empty() {
        return Ok(good());
    }
    faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    Err(faults)
}

/// Ids that more than one rule has.
fn twice(sketches: &[Sketch]) -> Vec<Fault> {
    let mut first: HashMap<&str, &Rule> = HashMap::new();
    let mut faults = Vec::new();
    for sketch in sketches.iter().filter(|sketch| !sketch.is_doubtful("id")) {
        let rule = &sketch.rule;
        let Some(other) = first.get(rule.id.as_str()) else {
            first.insert(&rule.id, rule);
            continue;
        };
        let place =
            other.lines.find("id").map(|line| format!(" in line {line}")).unwrap_or_default();
        let file = other.lines.file.as_ref().filter(|_| other.lines.file != rule.lines.file);
        let file = file.map(|file| format!(" of {file}")).unwrap_or_default();
        let message = format!("another rule{place}{file} has this id: give each its own");
        faults.push(rule.fault("id", message));
    }
    faults
}

/// Reads a rule file and checks each rule, within the default limits.
///
/// # Errors
/// Every fault at once, in the order of the file.
pub fn parse_rules(text: &str, format: Format) -> Result<Vec<Rule>, Vec<Fault>> {
    Draft::read(text, format).into_rules(&Limits::default())
}

/// Reads one rule that stands for itself, not in a list, and checks it within the default limits.
///
/// # Errors
/// Every fault at once.
pub fn read_rule(text: &str, format: Format) -> Result<Rule, Vec<Fault>> {
    let sketch = crate::read::one(crate::source::parse(text, format)?);
    let faults = sketch.faults_alone(&Limits::default());
    ended(faults, || sketch.rule)
}

impl Rule {
    /// Reads what [`Rule::canonical_json`] wrote. Values are not checked: compiling does that.
    ///
    /// # Errors
    /// Every fault of reading.
    pub fn from_canonical_json(text: &str) -> Result<Rule, Vec<Fault>> {
        let sketch = crate::read::one(crate::source::parse(text, Format::Json)?);
        ended(sketch.faults, || sketch.rule)
    }
}
