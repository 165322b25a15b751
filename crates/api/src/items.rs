//! What kinds of items have in common: they are put under their name, and taken away, in one way.

use axum::http::HeaderMap;
use axum::response::Response;
use mutt_pipeline::book::Proposal;
use mutt_store::Kind;

use crate::auth::Caller;
use crate::etag::Condition;
use crate::problem::{Fault, Problem};
use crate::request::EditQuery;
use crate::rules::answer;
use crate::site::{Saved, Site};

/// Refuses a body whose item has another name than its path; `whose` name it is.
pub fn check_name(whose: &str, found: &str, name: &str) -> Result<(), Problem> {
    if found == name {
        return Ok(());
    }
    let message = format!("{whose} is `{found}`, but the path says `{name}`");
    Err(Problem::invalid(vec![Fault::of_request("name", message)]))
}

/// Puts an item under its name by `change`, if it is in the state that the caller saw; `called` is
/// what people call its kind.
pub async fn put(
    site: &Site,
    caller: &Caller,
    query: &EditQuery,
    headers: &HeaderMap,
    (kind, called, name): (Kind, &str, &str),
    change: impl Fn(&mut Proposal),
) -> Result<Response, Problem> {
    let condition = Condition::of(headers);
    let saved = site
        .edit(caller, query, |latest, proposal| {
            condition.check(&format!("{called} `{name}`"), latest.revision_of(kind, name))?;
            change(proposal);
            Ok(())
        })
        .await?;
    answer(site, kind, name, saved).await
}

/// Takes an item away, if it is in the state that the caller saw.
pub async fn remove(
    site: &Site,
    caller: &Caller,
    query: &EditQuery,
    headers: &HeaderMap,
    kind: Kind,
    name: &str,
) -> Result<Saved, Problem> {
    let condition = Condition::of(headers);
    site.edit(caller, query, |latest, proposal| {
        let what = format!("{} `{name}`", kind.name());
        let found = latest.revision_of(kind, name);
        if found.is_none() {
            return Err(Problem::not_found(format!("there is no {what}")));
        }
        condition.check(&what, found)?;
        proposal.remove(kind, name);
        Ok(())
    })
    .await
}
