//! Silences in the model. From: what people decided. To: which alerts are quiet now.

use mutt_event::Timestamp;

use super::{Reference, life::Life};
use crate::{AlertField, Comparison, Holds, Matcher, SilencePlan};

/// Of a rule's alerts nobody is told for a time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hidden {
    /// The silence's name.
    pub name: String,
    /// The rule.
    pub rule_id: String,
    /// Only those of this host; not of a rule over several.
    pub host: Option<String>,
    /// From then on.
    pub start: Timestamp,
    /// Up to, but not at, this time.
    pub end: Timestamp,
}

impl Hidden {
    /// The same for the correlator; nobody is reminded of its end.
    ///
    /// # Errors
    /// A name is too long to be compared with.
    pub fn plan(&self) -> Result<SilencePlan, String> {
        let is = |field, value: &str| Matcher::new(field, Comparison::Equals, value);
        let mut matchers = vec![is(AlertField::Rule, &self.rule_id)?];
        if let Some(host) = &self.host {
            matchers.push(is(AlertField::Host, host)?);
        }
        Ok(SilencePlan {
            name: self.name.clone(),
            matchers,
            holds: Holds::Once { start: self.start, end: self.end },
            reminder: None,
        })
    }
}

impl Reference {
    pub(super) fn is_hidden(&self, life: &Life) -> bool {
        self.hidden.iter().any(|hidden| {
            hidden.start <= self.now
                && self.now < hidden.end
                && hidden.rule_id == life.plan.rule_id
                && hidden.host.as_ref().is_none_or(|host| *host == life.host)
        })
    }
}
