//! Which revision is in force, and why a newer one is not.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use mutt_pipeline::book::BookFault;
use mutt_store::CatalogStore;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::problem::{Fault, Problem};
use crate::site::Site;

/// The path of the status.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(status))
}

/// What is in force here.
#[derive(Serialize, ToSchema)]
struct Status {
    /// This MUTT's version.
    version: &'static str,
    /// The catalog's last revision.
    revision: u64,
    /// What this process goes by.
    in_force: InForceView,
    /// The newer revision that it refuses, if it does.
    refused: Option<RefusedView>,
}

/// What this process goes by.
#[derive(Serialize, ToSchema)]
struct InForceView {
    /// The revision; 0: none whole.
    revision: u64,
    /// A hash of all rules.
    rules_hash: String,
    /// How many rules.
    rules: usize,
    /// How many entries the inventory has.
    hosts: usize,
    /// Whether nobody is told of alerts.
    observe: bool,
    /// Since when, in RFC 3339.
    since: String,
}

/// A revision with faults.
#[derive(Serialize, ToSchema)]
struct RefusedView {
    /// The revision.
    revision: u64,
    /// Its faults.
    faults: Vec<Fault>,
}

/// Which revision is in force in this process, and why a newer one is not.
#[utoipa::path(get, path = "/status", tag = "status", responses(
    (status = 200, description = "What is in force", body = Status),
))]
async fn status(State(site): State<Arc<Site>>, _: Caller) -> Result<Json<Status>, Problem> {
    let revision = site.store.head().await?;
    let (state, book) = (site.in_force.now(), site.in_force.book());
    let fault = |fault: BookFault| Fault::from(fault);
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        revision,
        in_force: InForceView {
            revision: state.revision,
            rules_hash: state.rules_revision,
            rules: state.rules,
            hosts: book.rulebook.inventory.len(),
            observe: book.rulebook.observe,
            since: state.since.to_string(),
        },
        refused: state.refused.map(|refused| RefusedView {
            revision: refused.revision,
            faults: refused.faults.into_iter().map(fault).collect(),
        }),
    }))
}
