//! From: events. To: verdicts: which rule owns an event, which alerts it clears, and why.
//!
//! Pure: no clock, socket, file or runtime. Rules are data ([`Rule`]); a set of them is
//! compiled once ([`RuleSet`]) and then judges events without changing. docs/rules.md is the
//! language's reference.

mod compile;
mod condition;
mod duration;
mod environment;
mod example;
mod fault;
mod field;
mod found;
mod glob;
mod handling;
mod index;
mod limits;
mod read;
mod rule;
mod set;
mod source;
mod template;
mod unanchored;
mod verdict;

pub use condition::{Condition, Operator, Test};
pub use environment::{Environments, Located, Why};
pub use fault::{Fault, Warning};
pub use field::Field;
pub use handling::{AlertSeverity, Environment, Handling};
pub use limits::Limits;
pub use rule::{CLOSE_AFTER_DEFAULT, CloseAfter, Example, Expect, Handlings, Rule, TrapExample};
pub use set::{Format, RuleSet, Scratch, parse_rules};
pub use verdict::{Match, RuleIndex, Verdict};
