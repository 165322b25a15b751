//! The API as a document: OpenAPI 3.1, made from the code of the handlers.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi as Document, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::lights::Pulse;
use crate::live::Why;
use crate::problem::Problem;
use crate::watcher::{LiveCatalog, LiveDelivery};

/// Where the API stands.
pub const BASE: &str = "/api/v1";

/// What the document says of all paths.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "MUTT",
        description = "Alerts, rules, inventory, teams and settings of MUTT, and why each message came out \
                       as it did. Errors are application/problem+json (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/api/v1")),
    components(schemas(Problem, Pulse, LiveCatalog, LiveDelivery, Why)),
    security(("key" = []), ("bearer" = []), ("session" = [])),
    modifiers(&Common)
)]
pub struct Api;

/// Security schemes.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut Document) {
        if let Some(components) = &mut document.components {
            let key = SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new("X-API-KEY")));
            components.add_security_scheme("key", key);
            let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
            components.add_security_scheme("bearer", bearer);
            let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("mutt")));
            components.add_security_scheme("session", cookie);
        }
    }
}

/// Says of every operation that what is not a success is a problem.
pub fn with_problems(mut document: Document) -> Document {
    let problem = ResponseBuilder::new()
        .description("It was not done, and why")
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build(),
        )
        .build();
    for item in document.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete].into_iter();
        for operation in operations.flatten() {
            let responses = &mut operation.responses.responses;
            responses.insert("default".to_owned(), RefOr::T(problem.clone()));
        }
    }
    document
}

/// The document as it is served.
pub struct Served(pub String);

/// The document; whoever asks may read it.
pub async fn serve(State(document): State<Arc<Served>>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document.0.clone()).into_response()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_pages_types_are_made_from_what_is_served() {
        let pages = include_str!("../../../ui/openapi.json").trim_end();
        assert!(pages == crate::document().trim_end(), "ui/openapi.json is old: `make example`");
    }
}
