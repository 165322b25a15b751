//! Who works for some teams changes what is of these teams, and nothing else.
//!
//! From: a change that is ready to be written, with what was before. To: a refusal, if a rule, a
//! silence or a maintenance window is of another team before or after.

use mutt_pipeline::book::{Maintenance, Silence, SilenceMatcher, SilenceOperator};
use mutt_rules::Rule;
use mutt_store::{Catalog, ItemEdit, Kind};

use crate::auth::Caller;
use crate::problem::Problem;

/// Refuses a change of what is of other teams than the caller's.
pub fn check(caller: &Caller, catalog: &Catalog, items: &[ItemEdit]) -> Result<(), Problem> {
    if caller.teams.is_empty() {
        return Ok(());
    }
    for item in items {
        let before = catalog.get(item.kind, &item.name).map(|item| item.body.as_str());
        if before == item.body.as_deref() {
            continue;
        }
        for body in [before, item.body.as_deref()].into_iter().flatten() {
            one(caller, item, body)?;
        }
    }
    Ok(())
}

fn one(caller: &Caller, item: &ItemEdit, body: &str) -> Result<(), Problem> {
    let what = format!("{} `{}`", item.kind.name(), item.name);
    match item.kind {
        Kind::Rule => {
            let rule = Rule::from_canonical_json(body).ok();
            caller.must_be_of(rule.as_ref().map(|rule| rule.team.as_str()), &what)
        }
        Kind::Silence => {
            let silence: Option<Silence> = serde_json::from_str(body).ok();
            let matchers = silence.map(|silence| silence.matchers).unwrap_or_default();
            caller.must_be_of(hidden_team(&matchers), &what)
        }
        Kind::Maintenance => {
            let window: Option<Maintenance> = serde_json::from_str(body).ok();
            let matchers = window.map(|window| window.matchers).unwrap_or_default();
            caller.must_be_of(hidden_team(&matchers), &what)
        }
        // One's own password.
        Kind::User if item.name == caller.name => Ok(()),
        // A drill is of whoever makes it.
        Kind::Drill => Ok(()),
        // Who may change these is an admin, who is of all teams; and MIB files are of no team.
        _ => caller.must_be_of(None, &what),
    }
}

/// The one team whose alerts a silence hides: only a matcher on it says so, whoever it belongs to.
fn hidden_team(matchers: &[SilenceMatcher]) -> Option<&str> {
    let is_team = |matcher: &&SilenceMatcher| {
        matcher.field == "team" && matcher.operator == SilenceOperator::Equals
    };
    matchers.iter().find(is_team).map(|matcher| matcher.value.as_str())
}
