//! Patterns of messages that no rule wants: found, one with its hours and samples, what people make
//! of them, and a rule proposed for one.
//!
//! From: people and programs. To: the database, where the judge finds a decision and does it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use mutt_journal::{Clock, SystemClock};
use mutt_patterns::{Pattern, PatternDecided, PatternId};
use mutt_pipeline::book::Role;
use mutt_store::{
    AuditEntry, Database, History, PAGE_ROWS_MAX, PatternQuery, PatternSort, hour_of,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::auth::Caller;
use crate::decided;
use crate::page;
use crate::pattern_view::{MiningView, PatternDetail, PatternView};
use crate::problem::{Fault, Problem};
use crate::proposals::{NewProposal, RuleProposal, propose};
use crate::request::{Body, Name, PageQuery, Query};
use crate::site::Site;

/// The longest reason, in bytes.
const REASON_BYTES_MAX: usize = 4_000;

/// The states that there are.
const STATES: [&str; 3] = ["open", "handled", "ignored"];

/// The paths of patterns.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(set_state))
        .routes(routes!(rule))
}

/// Which patterns are wanted; all that is said must hold.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PatternsQuery {
    /// States, separated by commas: open, handled, ignored.
    state: Option<String>,
    /// The key: a mnemonic, a trap's OID or a program.
    key: Option<String>,
    /// A device's one name, among those that the pattern knows.
    host: Option<String>,
    /// A team, among those that the pattern knows.
    team: Option<String>,
    /// A text in key, template or first message, in any case of letters.
    text: Option<String>,
    /// What comes first: the most by `count` (default) or `last_hour`, the latest by `last_seen` or
    /// `first_seen`.
    sort: Option<String>,
    /// At most so many, 1 to 1,000; default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Those behind this cursor: `next` of the page before.
    after: Option<String>,
}

impl PatternsQuery {
    fn read(self, hour: i64) -> Result<(PatternQuery, usize), Problem> {
        let page = PageQuery { limit: self.limit, after: self.after };
        let limit = page.limit()?;
        let before: Option<(i64, Uuid)> = page.after.as_deref().map(page::decode).transpose()?;
        let states = self.state.iter().flat_map(|states| states.split(','));
        let states = states.map(|name| one_of("state", name, &STATES));
        let sort = match self.sort.as_deref() {
            None => PatternSort::Count,
            Some(name) => {
                const SORTS: [(&str, PatternSort); 4] = [
                    ("count", PatternSort::Count),
                    ("first_seen", PatternSort::FirstSeen),
                    ("last_seen", PatternSort::LastSeen),
                    ("last_hour", PatternSort::LastHour),
                ];
                let name = one_of("sort", name, &SORTS.map(|(name, _)| name))?;
                let found = SORTS.iter().find(|(known, _)| *known == name);
                found.map(|(_, sort)| *sort).unwrap_or_default()
            }
        };
        let query = PatternQuery {
            states: states.collect::<Result<_, _>>()?,
            key: self.key,
            host: self.host,
            team: self.team,
            text: self.text.filter(|text| !text.is_empty()),
            sort,
            hour,
            before: before.map(|(value, id)| (value, PatternId::from(id))),
            limit: u32::try_from(limit + 1).unwrap_or(PAGE_ROWS_MAX),
        };
        Ok((query, limit))
    }
}

fn one_of(what: &str, name: &str, all: &[&'static str]) -> Result<&'static str, Problem> {
    let found = all.iter().copied().find(|one| *one == name.trim());
    found.ok_or_else(|| {
        let names = all.join(", ");
        Problem::unreadable(format!("{what} is `{name}`: it is one of {names}"))
    })
}

/// A part of all patterns.
#[derive(Serialize, ToSchema)]
struct PatternPage {
    /// The patterns of this page.
    items: Vec<PatternView>,
    /// The cursor of the next page, for `after`; none: this is the last.
    next: Option<String>,
    /// What was counted, and whether every message is at the moment.
    mining: MiningView,
}

/// Patterns of messages that no rule wants.
#[utoipa::path(get, path = "/patterns", tag = "patterns", params(PatternsQuery), responses(
    (status = 200, description = "A page of patterns", body = PatternPage),
))]
async fn list(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(query): Query<PatternsQuery>,
) -> Result<Json<PatternPage>, Problem> {
    let now = SystemClock.now();
    let (query, limit) = query.read(hour_of(now))?;
    let mut patterns = site.store.found_patterns(&query).await?;
    let more = patterns.len() > limit;
    patterns.truncate(limit);
    let last = patterns.last().filter(|_| more);
    let next = last.map(|last| page::encode(&(query.sorted_by(last), last.id.as_uuid())));
    let account = site.store.mining().await?;
    Ok(Json(PatternPage {
        items: patterns.iter().map(|pattern| PatternView::of(pattern, query.hour)).collect(),
        next,
        mining: MiningView::of(&account, site.mines, now),
    }))
}

/// One pattern: its hours, its hosts, samples of its messages. An id of one that became one with
/// another leads to that.
#[utoipa::path(get, path = "/patterns/{id}", tag = "patterns",
    params(("id" = String, Path, description = "The pattern's id")),
    responses((status = 200, description = "The pattern", body = PatternDetail)))]
async fn get(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(id): Name,
) -> Result<Json<PatternDetail>, Problem> {
    let pattern = found(&site, &id).await?;
    Ok(Json(PatternDetail::of(&pattern, hour_of(SystemClock.now()))))
}

async fn found(site: &Site, id: &str) -> Result<Pattern, Problem> {
    let none = || Problem::not_found(format!("there is no pattern `{id}`"));
    let parsed: Uuid = id.parse().map_err(|_| none())?;
    site.store.pattern(parsed.into()).await?.ok_or_else(none)
}

/// What people may make of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PatternStateName {
    /// Nothing: it is told again.
    Open,
    /// A rule was made of it.
    Handled,
    /// It needs no rule.
    Ignored,
}

/// What a pattern shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPatternState {
    /// The state.
    state: PatternStateName,
    /// Why it is ignored; needed there, and only there.
    #[schema(max_length = 4000)]
    reason: Option<String>,
}

impl NewPatternState {
    fn checked(self) -> Result<mutt_patterns::State, Problem> {
        let wrong = |text: String| Problem::invalid(vec![Fault::of_request("reason", text)]);
        let reason = self.reason.filter(|reason| !reason.trim().is_empty());
        match (self.state, reason) {
            (PatternStateName::Open, None) => Ok(mutt_patterns::State::Open),
            (PatternStateName::Handled, None) => Ok(mutt_patterns::State::Handled),
            (PatternStateName::Ignored, Some(reason)) if reason.len() <= REASON_BYTES_MAX => {
                Ok(mutt_patterns::State::Ignored { reason })
            }
            (PatternStateName::Ignored, _) => {
                Err(wrong(format!("say why, in at most {REASON_BYTES_MAX} bytes")))
            }
            (_, Some(_)) => Err(wrong("only what is ignored has a reason".to_owned())),
        }
    }
}

/// The team of all its hosts, if it is one.
fn only_team(pattern: &Pattern) -> Option<&str> {
    match (pattern.teams.names.len(), pattern.teams.others) {
        (1, 0) => pattern.teams.names.keys().next().map(String::as_str),
        _ => None,
    }
}

/// Says what was made of a pattern: its alert ends if it is handled or ignored.
#[utoipa::path(put, path = "/patterns/{id}/state", tag = "patterns",
    params(("id" = String, Path, description = "The pattern's id")),
    request_body = NewPatternState,
    responses(
        (status = 200, description = "It is done", body = PatternView),
        (status = 202, description = "It is written down, and done as soon as the judge works",
            body = PatternView),
    ))]
async fn set_state(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(id): Name,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Author)?;
    let state = body.json::<NewPatternState>()?.checked()?;
    if !site.mines {
        let why = "patterns are off here (patterns.enabled): nobody would do it";
        return Err(Problem::conflict(why));
    }
    let found_now = found(&site, &id).await?;
    caller.must_be_of(only_team(&found_now), &format!("pattern `{id}`"))?;
    let pattern = found_now.id;
    let at = SystemClock.now();
    let decision = PatternDecided { pattern, state, who: caller.name.clone(), at };
    let audit = AuditEntry {
        before: serde_json::to_string(&found_now.state).ok(),
        after: serde_json::to_string(&decision.state).ok(),
        ..caller.did("pattern-state", format!("pattern {id}"))
    };
    site.store.decide_pattern(decision.clone(), audit).await?;
    site.decisions.tell();
    let status = decided::status(|| async {
        let waiting = site.store.pattern_decisions(PAGE_ROWS_MAX).await?;
        Ok(waiting.iter().any(|(_, waits)| *waits == decision))
    })
    .await?;
    let pattern = found(&site, &id).await?;
    Ok((status, Json(PatternView::of(&pattern, hour_of(at)))).into_response())
}

/// Proposes a rule that would own a pattern's messages, compiled with all others, its examples
/// judged, and begins a backtest of it. Nothing is saved: put the rule to /rules/{id} for that.
#[utoipa::path(post, path = "/patterns/{id}/rule", tag = "patterns",
    params(("id" = String, Path, description = "The pattern's id")),
    request_body(content = NewProposal, description = "What the rule shall have, or nothing"),
    responses((status = 200, description = "The proposal", body = RuleProposal)))]
async fn rule(
    State(site): State<Arc<Site>>,
    caller: Caller,
    Name(id): Name,
    body: Body,
) -> Result<Json<RuleProposal>, Problem> {
    caller.must(Role::Author)?;
    let wanted = if body.0.is_empty() { NewProposal::default() } else { body.json()? };
    let pattern = found(&site, &id).await?;
    propose(&site, &caller, pattern, wanted).await.map(Json)
}
