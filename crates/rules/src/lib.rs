//! From: events. To: verdicts: which rule owns an event, which alerts it clears, and why.
//!
//! Pure: no clock, socket, file or runtime. Rules are data ([`Rule`]); a set of them is
//! compiled once ([`RuleSet`]) and then judges events without changing. docs/rules.md is the
//! language's reference.

mod compile;
mod condition;
mod coverage;
mod draft;
mod duration;
mod environment;
mod example;
mod expectation;
mod explain;
mod export;
mod fault;
mod field;
mod found;
mod glob;
mod handling;
mod index;
mod inventory;
mod limits;
mod links;
mod named;
mod number;
mod overlap;
mod parents;
mod plan;
mod read;
mod rule;
mod scenario;
mod sentences;
mod set;
mod source;
mod template;
mod unanchored;
mod verdict;

pub use condition::{Condition, Operator, Test};
pub use coverage::{Coverage, coverage};
pub use draft::{Draft, parse_rules, read_rule};
pub use environment::Environments;
pub use example::trap_datagram;
pub use expectation::{Expectation, Expectations};
pub use explain::{Explanation, Failed, Known, Matched, Near, Origin};
pub use export::export_rules;
pub use fault::{Fault, Warning};
pub use field::Field;
pub use glob::to_regex as glob_to_regex;
pub use handling::{AlertSeverity, Environment, Handling};
pub use inventory::{
    Inventory, InventoryEntry, InventoryLimits, Located, Why, inventory_from_csv, inventory_to_csv,
    read_inventory,
};
pub use limits::Limits;
pub use overlap::Unreachable;
pub use plan::{
    Absent, Between, Count, Expected, Flapping, Links, Parent, Plan, REOPEN_WITHIN_DEFAULT, Same,
    SequencePlan,
};
pub use rule::{
    CLOSE_AFTER_DEFAULT, CloseAfter, Example, Expect, Handlings, Mode, Rule, Sequence, TrapExample,
};
pub use scenario::{
    SCENARIO_EVENTS_MAX, SCENARIO_MAX, Scenario, ScenarioEvent, ScenarioKind, ScenarioNotice,
};
pub use set::{Format, RuleSet, Scratch};
pub use verdict::{Match, RuleIndex, Stage, Verdict};
