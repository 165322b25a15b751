//! How many rules show by examples what they do.
//!
//! From: rules. To: a line for people, and for checks that insist on examples.

use std::fmt;

use serde::Serialize;

use crate::Rule;

/// Which rules have examples.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Coverage {
    /// How many rules.
    pub rules: usize,
    /// How many examples they have together.
    pub examples: usize,
    /// How many scenarios they have together.
    pub scenarios: usize,
    /// The ids of rules without any.
    pub without: Vec<String>,
    /// The ids of rules with `clear`, but without an example that clears.
    pub without_clear: Vec<String>,
}

/// Counts rules and their examples.
pub fn coverage<'r>(rules: impl IntoIterator<Item = &'r Rule>) -> Coverage {
    let rules: Vec<&Rule> = rules.into_iter().collect();
    let ids = |wanted: &dyn Fn(&&&Rule) -> bool| {
        rules.iter().filter(wanted).map(|rule| rule.id.clone()).collect::<Vec<_>>()
    };
    let clears = |rule: &&&Rule| rule.examples.iter().any(|e| e.expect == crate::Expect::Clear);
    Coverage {
        rules: rules.len(),
        examples: rules.iter().map(|rule| rule.examples.len()).sum(),
        scenarios: rules.iter().map(|rule| rule.scenarios.len()).sum(),
        without: ids(&|rule| rule.examples.is_empty()),
        without_clear: ids(&|rule| {
            !rule.examples.is_empty() && rule.clear.is_some() && !clears(rule)
        }),
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = self.rules - self.without.len();
        write!(f, "{with} of {} rules have examples ({})", self.rules, self.examples)?;
        if self.scenarios > 0 {
            write!(f, "; {} scenarios", self.scenarios)?;
        }
        if !self.without.is_empty() {
            write!(f, "; none: {}", self.without.join(", "))?;
        }
        if !self.without_clear.is_empty() {
            write!(f, "; none that clears: {}", self.without_clear.join(", "))?;
        }
        Ok(())
    }
}
