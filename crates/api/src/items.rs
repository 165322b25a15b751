//! What all kinds of items have in common: they are taken away in one way.

use axum::http::HeaderMap;
use mutt_store::Kind;

use crate::auth::Caller;
use crate::etag::Condition;
use crate::problem::Problem;
use crate::request::EditQuery;
use crate::site::{Saved, Site};

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
