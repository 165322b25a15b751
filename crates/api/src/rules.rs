//! Rules: one by one, and the whole set as a file of JSON, YAML or TOML.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mutt_pipeline::book::{BookFault, Role};
use mutt_rules::{Draft, Format, Mode, Rule, export_rules, read_rule};
use mutt_store::{Item, Kind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::etag::{self, Condition};
use crate::page::Page;
use crate::problem::{Fault, Problem};
use crate::request::{
    Body, EditQuery, Name, PageQuery, Query, accepted_format, content_format, media_type,
};
use crate::schema::{RuleFile, RuleSchema};
use crate::site::{Latest, Saved, Site, blocking};

/// The paths of rules.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(list, create, replace_all))
        .routes(routes!(get, put, delete))
        .routes(routes!(export))
}

/// A rule, and what is known of it.
#[derive(Serialize, ToSchema)]
struct RuleView {
    /// The rule itself.
    #[schema(value_type = RuleSchema)]
    rule: Rule,
    /// The catalog's revision that made it what it is: its ETag.
    revision: u64,
    /// A hash of its content, as alerts carry it.
    hash: String,
    /// Not wrong, but perhaps not meant; of rules in force.
    warnings: Vec<Fault>,
}

/// Which rules are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RuleQuery {
    /// Only those of this team.
    team: Option<String>,
    /// Only those of this mode: `live`, `shadow` or `off`.
    mode: Option<String>,
    /// Only those whose JSON contains this text, whatever its case.
    text: Option<String>,
}

impl RuleQuery {
    fn wants(&self, rule: &Rule) -> bool {
        let text = self.text.as_ref().map(|text| text.to_lowercase());
        self.team.as_ref().is_none_or(|team| rule.team == *team)
            && self.mode.as_ref().is_none_or(|mode| rule.mode.name() == mode)
            && text.is_none_or(|text| rule.canonical_json().to_lowercase().contains(&text))
    }

    fn check(&self) -> Result<(), Problem> {
        let known = [Mode::Live, Mode::Shadow, Mode::Off].map(Mode::name);
        match &self.mode {
            Some(mode) if !known.contains(&mode.as_str()) => {
                Err(Problem::unreadable(format!("mode is {mode}: it is {}", known.join(", "))))
            }
            _ => Ok(()),
        }
    }
}

/// All rules, in the order in which they are tried: by priority, then by id.
#[utoipa::path(get, path = "/rules", tag = "rules", params(PageQuery, RuleQuery), responses(
    (status = 200, description = "A page of rules; its ETag is that of the whole set",
     body = Page<RuleView>),
))]
async fn list(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(page): Query<PageQuery>,
    Query(query): Query<RuleQuery>,
) -> Result<Response, Problem> {
    query.check()?;
    let latest = site.latest().await?;
    let mut rules: Vec<&Rule> = latest.parts.rules.iter().filter(|r| query.wants(r)).collect();
    rules.sort_by_key(|rule| (rule.priority, rule.id.as_str()));
    let warnings = Warnings::of(&site);
    let page = Page::of(
        rules.into_iter(),
        &page,
        |rule| (rule.priority, rule.id.clone()),
        |rule| warnings.view(rule, &latest),
    )?;
    Ok(([etag::header(latest.catalog.revision)], Json(page)).into_response())
}

/// Warnings of the book in force, by rule.
struct Warnings(HashMap<String, Vec<Fault>>);

impl Warnings {
    fn of(site: &Site) -> Self {
        let mut by_rule: HashMap<String, Vec<Fault>> = HashMap::new();
        for warning in &site.in_force.book().warnings {
            let rule = warning.0.rule.clone().unwrap_or_default();
            by_rule.entry(rule).or_default().push(BookFault::from(warning.0.clone()).into());
        }
        Self(by_rule)
    }

    fn view(&self, rule: &Rule, latest: &Latest) -> RuleView {
        RuleView {
            revision: latest.revision_of(Kind::Rule, &rule.id).unwrap_or_default(),
            hash: rule.revision(),
            warnings: self.0.get(&rule.id).cloned().unwrap_or_default(),
            rule: rule.clone(),
        }
    }
}

/// The whole set as one file that reads back as the same rules.
#[utoipa::path(get, path = "/rules/export", tag = "rules", responses(
    (status = 200, description = "A rule file in the format that Accept names: JSON, YAML or TOML",
     content((RuleFile = "application/json"), (String = "application/yaml"),
             (String = "application/toml"))),
))]
async fn export(
    State(site): State<Arc<Site>>,
    _: Caller,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let latest = site.latest().await?;
    let mut rules = latest.parts.rules.clone();
    rules.sort_by(|a, b| (a.priority, &a.id).cmp(&(b.priority, &b.id)));
    let format = accepted_format(&headers);
    let etag = etag::header(latest.catalog.revision);
    Ok(([etag, media(format)], export_rules(&rules, format)).into_response())
}

fn media(format: Format) -> (header::HeaderName, HeaderValue) {
    (header::CONTENT_TYPE, HeaderValue::from_static(media_type(format)))
}

/// One rule.
#[utoipa::path(get, path = "/rules/{id}", tag = "rules",
    params(("id" = String, Path, description = "The rule's id")),
    responses(
        (status = 200, description = "The rule; with Accept: application/yaml or application/toml \
         a rule file with it alone",
         content((RuleView = "application/json"), (String = "application/yaml"),
                 (String = "application/toml"))),
    ))]
async fn get(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(id): Name,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let latest = site.latest().await?;
    let Some(rule) = latest.parts.rules.iter().find(|rule| rule.id == id) else {
        return Err(missing(&latest, &id));
    };
    let view = Warnings::of(&site).view(rule, &latest);
    let etag = etag::header(view.revision);
    Ok(match accepted_format(&headers) {
        Format::Json => ([etag], Json(view)).into_response(),
        format => {
            let text = export_rules(std::slice::from_ref(rule), format);
            ([etag, media(format)], text).into_response()
        }
    })
}

fn missing(latest: &Latest, id: &str) -> Problem {
    let unread = latest.parts.unread.iter();
    match unread.clone().find(|item| item.kind == Kind::Rule && item.name == id) {
        Some(item) => Problem::faults(item.faults.clone()),
        None => Problem::not_found(format!("there is no rule `{id}`")),
    }
}

/// Adds a rule.
#[utoipa::path(post, path = "/rules", tag = "rules", params(EditQuery),
    request_body(content((RuleSchema = "application/json"), (String = "application/yaml"),
                         (String = "application/toml")), description = "One rule"),
    responses(
        (status = 201, description = "It is there", body = Saved,
         headers(("Location" = String), ("ETag" = String))),
        (status = 200, description = "What it would be: dry_run", body = Saved),
    ))]
async fn create(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Author)?;
    let rule = one(&headers, &body)?;
    let id = rule.id.clone();
    let saved = site
        .edit(&caller, &query, |latest, proposal| {
            if latest.revision_of(Kind::Rule, &rule.id).is_some() {
                let id = &rule.id;
                return Err(Problem::conflict(format!("rule `{id}` is there already: PUT it")));
            }
            proposal.put_rules(vec![rule.clone()].into());
            Ok(())
        })
        .await?;
    if query.dry_run {
        return Ok(Json(saved).into_response());
    }
    let location = HeaderValue::from_str(&format!("/api/v1/rules/{id}"));
    let mut response = created(saved);
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

fn created(saved: Saved) -> Response {
    (StatusCode::CREATED, [etag::header(saved.revision)], Json(saved)).into_response()
}

fn one(headers: &HeaderMap, body: &Body) -> Result<Rule, Problem> {
    read_rule(body.text()?, content_format(headers)?).map_err(faults)
}

fn faults(faults: Vec<mutt_rules::Fault>) -> Problem {
    Problem::faults(faults.into_iter().map(BookFault::from).collect())
}

/// Replaces a rule, or adds it.
#[utoipa::path(put, path = "/rules/{id}", tag = "rules",
    params(("id" = String, Path, description = "The rule's id"), EditQuery),
    request_body(content((RuleSchema = "application/json"), (String = "application/yaml"),
                         (String = "application/toml")), description = "One rule"),
    responses((status = 200, description = "It is so", body = Saved, headers(("ETag" = String)))))]
async fn put(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(id): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Author)?;
    let rule = one(&headers, &body)?;
    if rule.id != id {
        let message = format!("the rule's id is `{}`, but the path names `{id}`", rule.id);
        return Err(Problem::invalid(vec![Fault::of_request("id", message)]));
    }
    let condition = Condition::of(&headers);
    let saved = site
        .edit(&caller, &query, |latest, proposal| {
            let found = latest.revision_of(Kind::Rule, &id);
            condition.check(&format!("rule `{id}`"), found)?;
            proposal.put_rules(vec![rule.clone()].into());
            Ok(())
        })
        .await?;
    answer(&site, Kind::Rule, &id, saved).await
}

/// An item's answer carries the item's own ETag.
pub(crate) async fn answer(
    site: &Site,
    kind: Kind,
    name: &str,
    saved: Saved,
) -> Result<Response, Problem> {
    let revision = match saved.changes.is_empty() {
        false => saved.revision,
        true => site.latest().await?.catalog.get(kind, name).map_or(0, |item: &Item| item.revision),
    };
    Ok(([etag::header(revision)], Json(saved)).into_response())
}

/// Takes a rule away.
#[utoipa::path(delete, path = "/rules/{id}", tag = "rules",
    params(("id" = String, Path, description = "The rule's id"), EditQuery),
    responses((status = 200, description = "It is gone", body = Saved)))]
async fn delete(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(id): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
) -> Result<Json<Saved>, Problem> {
    caller.must(Role::Author)?;
    let saved = crate::items::remove(&site, &caller, &query, &headers, Kind::Rule, &id).await?;
    Ok(Json(saved))
}

/// Puts a whole set in the place of all rules, wholly or not at all.
#[utoipa::path(put, path = "/rules", tag = "rules", params(EditQuery, ApplyQuery),
    request_body(content((RuleFile = "application/json"), (String = "application/yaml"),
                         (String = "application/toml")), description = "A rule file"),
    responses((status = 200, description = "All is so; `changes` tells what differed",
               body = Saved, headers(("ETag" = String)))))]
async fn replace_all(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Query(query): Query<EditQuery>,
    Query(apply): Query<ApplyQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Author)?;
    let draft = read_file(&headers, &body).await?;
    let condition = Condition::of(&headers);
    let saved = site
        .edit(&caller, &query, |latest, proposal| {
            if !query.dry_run {
                condition.check("the set of rules", Some(latest.catalog.revision))?;
            }
            match apply.keep {
                true => proposal.put_rules(draft.clone()),
                false => proposal.replace_rules(draft.clone()),
            }
            Ok(())
        })
        .await?;
    Ok(([etag::header(saved.revision)], Json(saved)).into_response())
}

/// Reads a rule file; what is wrong with it is told with all else that is.
pub(crate) async fn read_file(headers: &HeaderMap, body: &Body) -> Result<Draft, Problem> {
    let format = content_format(headers)?;
    let text = body.text()?.to_owned();
    blocking(move || Draft::read(&text, format)).await
}

/// What becomes of rules that a new set does not name.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ApplyQuery {
    /// Rules that the file does not name stay; without it they are removed.
    #[serde(default)]
    pub keep: bool,
}
