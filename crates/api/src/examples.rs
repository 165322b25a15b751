//! The examples of rules, judged: of the last revision, or of a draft that nobody saves.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use mutt_pipeline::book::{Book, BookFault, Proposal, Role};
use mutt_rules::{Coverage, coverage};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::problem::{Fault, Problem};
use crate::request::{Body, Query};
use crate::rules::ApplyQuery;
use crate::site::{Site, blocking};

/// The path of rule tests.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(test))
}

/// What came of the examples of all rules.
#[derive(Serialize, ToSchema)]
struct Tested {
    /// Whether there is no fault.
    passed: bool,
    /// Every fault: of the rules themselves, and of examples and scenarios that come out otherwise.
    faults: Vec<Fault>,
    /// Not wrong, but perhaps not meant.
    warnings: Vec<Fault>,
    /// Which rules have examples.
    coverage: Coverage,
}

/// Judges the examples of all rules and plays their scenarios. An empty body tests the rules as they are; a rule file tests
/// them with that file in their place (`keep=true`: beside them). Nothing is saved.
#[utoipa::path(post, path = "/rules/test", tag = "rules", params(ApplyQuery),
    request_body(content((crate::schema::RuleFile = "application/json"),
                         (String = "application/yaml"), (String = "application/toml")),
                 description = "A rule file, or nothing"),
    responses((status = 200, description = "What came of it", body = Tested)))]
async fn test(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(apply): Query<ApplyQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Tested>, Problem> {
    caller.must(Role::Author)?;
    let latest = site.latest().await?;
    let mut proposal = Proposal::of(latest.parts.clone());
    if !body.0.is_empty() {
        let draft = crate::rules::read_file(&headers, &body).await?;
        match apply.keep {
            true => proposal.put_rules(draft),
            false => proposal.replace_rules(draft),
        }
    }
    let ground = Arc::clone(&site.ground);
    let test = move || {
        let compiled = Book::compile(&proposal, latest.catalog.revision, &ground);
        (compiled, coverage(proposal.rules()))
    };
    let (compiled, coverage) = blocking(test).await?;
    let warnings = compiled.as_ref().map(|book| book.warnings.clone()).unwrap_or_default();
    let found = compiled.err().unwrap_or_default();
    Ok(Json(Tested {
        passed: found.is_empty(),
        faults: found.into_iter().map(Fault::from).collect(),
        warnings: warnings.into_iter().map(|w| BookFault::from(w.0).into()).collect(),
        coverage,
    }))
}
