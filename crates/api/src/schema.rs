//! What rules and files look like, for the OpenAPI document. Read and checked they are by
//! `mutt-rules`; docs/rules.md is the language's reference.
#![allow(dead_code)] // only their shapes are used

use std::collections::BTreeMap;

use mutt_rules::InventoryEntry;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A rule: which events it owns, and what becomes of them.
#[derive(Serialize, ToSchema)]
#[schema(as = Rule)]
pub struct RuleSchema {
    /// Unique; letters, digits, `-`, `_`, `.`.
    id: String,
    /// The lowest is tried first; equal ones go by id.
    priority: u32,
    /// Which events it owns: a tree of `all`, `any`, `not` over tests `{field: {operator: value}}`.
    when: BTreeMap<String, Value>,
    /// Which events end its alert of the same host and key.
    #[schema(nullable = false)]
    clear: Option<BTreeMap<String, Value>>,
    /// A handling for both environments, or one for each: `{"prod": …, "dev": …}`.
    handling: Value,
    /// Who is responsible.
    #[schema(nullable = false)]
    team: Option<String>,
    /// `critical`, `major`, `minor`, `warning` or `indeterminate`.
    #[schema(nullable = false)]
    severity: Option<String>,
    /// A template: one line for people.
    #[schema(nullable = false)]
    summary: Option<String>,
    /// A template: what tells one alert of the rule from another on the same host.
    #[schema(nullable = false)]
    key: Option<String>,
    /// An alert with no repeat for this long closes itself: `90s`, `15m`, `24h`, `never`.
    #[schema(nullable = false)]
    close_after: Option<String>,
    /// An ended alert whose problem is back within this time is opened again: `5m`.
    #[schema(nullable = false)]
    reopen_within: Option<String>,
    /// One alert for each key over all hosts.
    #[schema(nullable = false)]
    across_hosts: Option<bool>,
    /// At least so many within a time: `{"at_least": 5, "within": "2m", "distinct": "{host}"}`.
    #[schema(nullable = false)]
    count: Option<BTreeMap<String, Value>>,
    /// It is told only if it is not cleared within this time.
    #[schema(nullable = false)]
    hold_for: Option<String>,
    /// A clear that comes at most so long before its problem ends it too.
    #[schema(nullable = false)]
    early_clear: Option<String>,
    /// What does not come: `{"for": "10m", "between": {…}, "expect": {…}}`.
    #[schema(nullable = false)]
    absent: Option<BTreeMap<String, Value>>,
    /// Its event, then another: `{"then": {…}, "within": "5m", "with": {…}, "without": {…}}`.
    #[schema(nullable = false)]
    sequence: Option<BTreeMap<String, Value>>,
    /// How what comes and goes is damped: `{"suppress_above": 5, "release_below": 2, "half_life":
    /// "5m", "object": "{host}"}`, or `true`.
    #[schema(nullable = false)]
    flapping: Option<Value>,
    /// Rules whose open alerts quiet this one's: `[{"rule": "site-power", "same": "site"}]`.
    #[schema(nullable = false)]
    suppressed_by: Option<Vec<BTreeMap<String, String>>>,
    /// So many alerts a minute are told one by one.
    #[schema(nullable = false)]
    storm_per_minute: Option<u32>,
    /// Templates for what else the alert shall carry.
    #[schema(nullable = false)]
    labels: Option<BTreeMap<String, String>>,
    /// It owns nothing and only gives its labels.
    #[serde(rename = "continue")]
    #[schema(nullable = false)]
    continues: Option<bool>,
    /// `live`, `shadow` or `off`.
    #[schema(nullable = false)]
    mode: Option<String>,
    /// Where to read what to do.
    #[schema(nullable = false)]
    runbook: Option<String>,
    /// Who answers for the rule itself.
    #[schema(nullable = false)]
    owner: Option<String>,
    /// Why the rule is there.
    #[schema(nullable = false)]
    note: Option<String>,
    /// Messages and traps, with what the rule makes of them.
    #[schema(nullable = false)]
    examples: Option<Vec<ExampleSchema>>,
    /// Messages over time, and what is told then.
    #[schema(nullable = false)]
    scenarios: Option<Vec<ScenarioSchema>>,
}

/// Messages over time, and all that is told of the rule's alerts then.
#[derive(Serialize, ToSchema)]
#[schema(as = Scenario)]
pub struct ScenarioSchema {
    /// What it shows.
    name: String,
    /// When it begins, in RFC 3339; missing: 2026-01-01T00:00:00Z.
    #[schema(nullable = false)]
    start: Option<String>,
    /// What comes, in order.
    #[schema(max_items = 1000)]
    events: Vec<ScenarioEventSchema>,
    /// How long it lasts, such as `5m`; missing: until the last event.
    #[schema(nullable = false)]
    until: Option<String>,
    /// All notices, in order.
    told: Vec<ScenarioNoticeSchema>,
}

/// A message or trap at a time.
#[derive(Serialize, ToSchema)]
#[schema(as = ScenarioEvent)]
pub struct ScenarioEventSchema {
    /// How long after the begin, such as `20s`.
    at: String,
    /// A syslog message as received.
    #[schema(nullable = false)]
    message: Option<String>,
    /// A trap.
    #[schema(nullable = false)]
    trap: Option<TrapSchema>,
    /// The device.
    #[schema(nullable = false)]
    host: Option<String>,
}

/// A notice at a time.
#[derive(Serialize, ToSchema)]
#[schema(as = ScenarioNotice)]
pub struct ScenarioNoticeSchema {
    /// How long after the begin, in whole seconds.
    at: String,
    /// `open`, `worse`, `update` or `clear`.
    kind: String,
    /// The alert's host, if that shall be checked too.
    #[schema(nullable = false)]
    host: Option<String>,
    /// The alert's key, if that shall be checked too.
    #[schema(nullable = false)]
    key: Option<String>,
}

/// A message or trap, and what its rule makes of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Example)]
pub struct ExampleSchema {
    /// A syslog message as received.
    #[schema(nullable = false)]
    message: Option<String>,
    /// A trap.
    #[schema(nullable = false)]
    trap: Option<TrapSchema>,
    /// The device.
    #[schema(nullable = false)]
    host: Option<String>,
    /// `match`, `clear` or `nothing`.
    expect: String,
    /// The key that comes out.
    #[schema(nullable = false)]
    key: Option<String>,
}

/// A trap.
#[derive(Serialize, ToSchema)]
#[schema(as = Trap)]
pub struct TrapSchema {
    /// snmpTrapOID.
    oid: String,
    /// Variables by OID; a whole number is sent as an integer, all else as text.
    #[schema(nullable = false)]
    varbinds: Option<BTreeMap<String, Value>>,
}

/// A rule file.
#[derive(Serialize, ToSchema)]
pub struct RuleFile {
    /// Its rules.
    rules: Vec<RuleSchema>,
}

/// An inventory file.
#[derive(Serialize, ToSchema)]
pub struct InventoryFile {
    /// Its entries.
    hosts: Vec<InventoryEntry>,
}

/// An event of a backtest's progress.
#[derive(Serialize, ToSchema)]
pub struct BacktestEvent {
    /// `progress` or `end`.
    event: String,
    /// The backtest in JSON; with its report at the end.
    data: String,
}
