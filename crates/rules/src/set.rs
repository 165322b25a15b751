//! A set of rules, compiled: it judges events and never changes.

use mutt_event::Event;

use crate::{Fault, Limits, Located, Rule, RuleIndex, Verdict, Warning};

/// How a rule file is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)] // the formats' own names
pub enum Format {
    Toml,
    Yaml,
    Json,
}

/// Reads a rule file.
///
/// # Errors
/// Every fault at once.
pub fn parse_rules(_text: &str, _format: Format) -> Result<Vec<Rule>, Vec<Fault>> {
    Ok(Vec::new())
}

/// A compiled set of rules.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    revision: String,
}

/// Buffers that judging uses again and again: one per thread.
#[derive(Debug, Default)]
pub struct Scratch {}

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
        _limits: &Limits,
    ) -> Result<(RuleSet, Vec<Warning>), Vec<Fault>> {
        Ok((Self { rules, revision: String::new() }, Vec::new()))
    }

    /// How many rules.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// A hash of all rules.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The rule at a place.
    pub fn rule(&self, index: RuleIndex) -> &Rule {
        &self.rules[index.get()]
    }

    /// Which rule owns the event, and which alerts it ends.
    pub fn judge<'a>(
        &self,
        _event: &Event<'_>,
        environment: impl Into<Located<'a>>,
        _scratch: &mut Scratch,
    ) -> Verdict {
        let _ = environment.into();
        Verdict::default()
    }
}
