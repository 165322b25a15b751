//! Settings that may change at run time; without a value here the settings file's holds.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use mutt_pipeline::book::{BookFault, Role, RunSettings, SETTINGS, SettingInfo};
use mutt_store::Kind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::etag::{self, Condition};
use crate::problem::Problem;
use crate::request::{Body, EditQuery, Name, Query};
use crate::rules::answer;
use crate::site::{Latest, Saved, Site};

/// The paths of settings.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get, put, delete))
}

/// A setting that may change at run time.
#[derive(Serialize, ToSchema)]
struct SettingView {
    /// Its name: the path that it has in the settings file.
    name: &'static str,
    /// What it does.
    about: &'static str,
    /// What a value looks like.
    expected: &'static str,
    /// What its numbers count; null: it is no number.
    unit: Option<&'static str>,
    /// The value without one that is set here: that of the settings file, or MUTT's own.
    default: Option<Value>,
    /// The least number, or the fewest items of a list; null: it is neither.
    least: Option<u64>,
    /// The largest number, or the most items of a list; null: it is neither.
    most: Option<u64>,
    /// The value in force.
    value: Option<Value>,
    /// Whether it is set here; else the settings file's value holds.
    set: bool,
    /// The catalog's revision that set it: its ETag; 0: it is not set here.
    revision: u64,
}

/// All settings that may change at run time.
#[derive(Serialize, ToSchema)]
struct Settings {
    /// By name.
    items: Vec<SettingView>,
}

/// A setting's new value.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewValue {
    /// The value.
    value: Value,
}

/// All settings that may change at run time, with the values in force.
#[utoipa::path(get, path = "/settings", tag = "settings", responses(
    (status = 200, description = "The settings", body = Settings),
))]
async fn list(State(site): State<Arc<Site>>, _: Caller) -> Result<Json<Settings>, Problem> {
    let latest = site.latest().await?;
    Ok(Json(Settings { items: SETTINGS.iter().map(|info| view(&site, &latest, info)).collect() }))
}

fn view(site: &Site, latest: &Latest, info: &SettingInfo) -> SettingView {
    let set = latest.revision_of(Kind::Setting, info.name);
    SettingView {
        name: info.name,
        about: info.about,
        expected: info.expected,
        unit: info.unit,
        default: RunSettings::default_of(info.name, &site.ground),
        least: info.least,
        most: info.most,
        value: site.in_force.book().settings.get(info.name),
        set: set.is_some(),
        revision: set.unwrap_or_default(),
    }
}

/// One setting that may change at run time.
#[utoipa::path(get, path = "/settings/{name}", tag = "settings",
    params(("name" = String, Path, description = "The setting's name")),
    responses((status = 200, description = "The setting", body = SettingView)))]
async fn get(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(name): Name,
) -> Result<Response, Problem> {
    let info = SETTINGS.iter().find(|info| info.name == name);
    let info = info.ok_or_else(|| Problem::not_found(format!("there is no setting `{name}`")))?;
    let view = view(&site, &*site.latest().await?, info);
    Ok(([etag::header(view.revision)], Json(view)).into_response())
}

/// Sets a setting.
#[utoipa::path(put, path = "/settings/{name}", tag = "settings",
    params(("name" = String, Path, description = "The setting's name"), EditQuery),
    request_body = NewValue,
    responses((status = 200, description = "It is so", body = Saved, headers(("ETag" = String)))))]
async fn put(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Admin)?;
    let new: NewValue = body.json()?;
    let condition = Condition::of(&headers);
    let saved = site
        .edit(&caller, &query, |latest, proposal| {
            // A setting always has a value; one that is not set here is of revision 0.
            let found = latest.revision_of(Kind::Setting, &name).unwrap_or_default();
            condition.check(&format!("setting `{name}`"), Some(found))?;
            let fault = |fault: BookFault| Problem::faults(vec![fault]);
            proposal.set(&name, &new.value).map_err(fault)
        })
        .await?;
    answer(&site, Kind::Setting, &name, saved).await
}

/// Takes a value away, so that the settings file's holds again.
#[utoipa::path(delete, path = "/settings/{name}", tag = "settings",
    params(("name" = String, Path, description = "The setting's name"), EditQuery),
    responses((status = 200, description = "The settings file's value holds", body = Saved)))]
async fn delete(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(name): Name,
    Query(query): Query<EditQuery>,
    headers: HeaderMap,
) -> Result<Json<Saved>, Problem> {
    caller.must(Role::Admin)?;
    let kind = Kind::Setting;
    let saved = crate::items::remove(&site, &caller, &query, &headers, kind, &name).await?;
    Ok(Json(saved))
}
