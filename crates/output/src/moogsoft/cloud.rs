//! Moogsoft Cloud: the events API. `POST [{…}, …]` with the header `apiKey`.
//!
//! | field | from |
//! |---|---|
//! | `deduplication_key` (name is a setting; older: `dedupe_key`) | the alert's signature: host, rule and key; the same for its clear |
//! | `source` | the device's one name |
//! | `check` | the rule's id |
//! | `class` | the environment, `prod` or `dev` |
//! | `type` | the alert's key; `alert` if it has none |
//! | `manager` | setting |
//! | `severity` | `clear`, `unknown` (indeterminate), `warning`, `minor`, `major`, `critical` |
//! | `description` | the alert's summary; of what flaps, that it does |
//! | `time` | when the notice was made, whole seconds since the epoch |
//! | `services` (name is a setting; older: `service`) | setting; left out when empty |
//! | `tags` | flat: `mutt_notice_id`, `mutt_kind`, `mutt_alert_id`, `mutt_correlation_id` (the message that opened the alert), `mutt_message_id` (the one that caused this notice), `mutt_rule`, `mutt_revision`, `mutt_reason`, `mutt_environment`, `mutt_site` (if known), `mutt_handling`, `mutt_team`, `mutt_label_NAME` for each label, `mutt_count`, `mutt_first_seen`, `mutt_last_seen` (RFC 3339), `mutt_runbook` (if any), `mutt_text`, `mutt_worst` (the severity at worst), `mutt_hosts` (of an alert over several), `mutt_flapping`, `mutt_late` (only where `true`) |
//!
//! `source` and `description` are at most 32,500 bytes, tags at most `tag_bytes_max`.

use std::time::Duration;

use mutt_alert::{Notice, NoticeKind};
use mutt_rules::AlertSeverity;
use mutt_secrets::{Passwords, SecretString};
use serde_json::{Map, Value, json};

use super::description;
use super::limits::{cut, or};
use crate::{Method, Request};

/// The API's own limit for source and description.
const LONG_BYTES_MAX: usize = 32_500;

/// Where to and how.
#[derive(Clone, Debug)]
pub struct CloudSettings {
    /// The whole URL. Default `https://api.moogsoft.ai/v1/integrations/events`.
    pub url: String,
    /// The header `apiKey`: that in force, and those that may be.
    pub api_key: Passwords,
    /// The most notices in one request. Default 50.
    pub batch_max: usize,
    /// From the first packet to the answer's end. Default 10 s.
    pub timeout: Duration,
    /// `manager`. Default `MUTT`.
    pub manager: String,
    /// The name of the field with the signature. Default `deduplication_key`.
    pub deduplication_field: String,
    /// The services that an alert belongs to. Default none.
    pub services: Vec<String>,
    /// The name of their field. Default `services`.
    pub services_field: String,
    /// The longest tag, in bytes. Default 1,000.
    pub tag_bytes_max: usize,
}

impl CloudSettings {
    /// The defaults, with this key.
    pub fn new(api_key: impl Into<Passwords>) -> Self {
        Self {
            url: "https://api.moogsoft.ai/v1/integrations/events".to_owned(),
            api_key: api_key.into(),
            batch_max: 50,
            timeout: Duration::from_secs(10),
            manager: "MUTT".to_owned(),
            deduplication_field: "deduplication_key".to_owned(),
            services: Vec::new(),
            services_field: "services".to_owned(),
            tag_bytes_max: 1_000,
        }
    }
}

pub(super) fn render(
    settings: &CloudSettings,
    notices: &[&Notice],
    key: Option<&SecretString>,
) -> Request {
    let events = notices.iter().map(|notice| event(settings, notice)).collect();
    let json_type = SecretString::from("application/json");
    Request {
        method: Method::Post,
        url: settings.url.clone(),
        headers: vec![
            ("apiKey".to_owned(), key.cloned().unwrap_or_default()),
            ("content-type".to_owned(), json_type),
        ],
        body: Value::Array(events).to_string().into_bytes(),
        timeout: settings.timeout,
    }
}

fn severity(notice: &Notice) -> &'static str {
    match (notice.kind, notice.alert.severity) {
        (NoticeKind::Clear, _) => "clear",
        (_, AlertSeverity::Indeterminate) => "unknown",
        (_, severity) => severity.name(),
    }
}

fn event(settings: &CloudSettings, notice: &Notice) -> Value {
    let alert = &notice.alert;
    let mut event = json!({
        "source": cut(&alert.host, LONG_BYTES_MAX),
        "check": alert.rule.id,
        "class": alert.environment.name(),
        "type": cut(or(&alert.key, "alert"), settings.tag_bytes_max),
        "manager": settings.manager,
        "severity": severity(notice),
        "description": cut(&description(alert), LONG_BYTES_MAX),
        "time": notice.at.as_secs(),
        "tags": tags(settings, notice),
    });
    event[settings.deduplication_field.as_str()] = Value::from(alert.signature.as_str());
    if !settings.services.is_empty() {
        event[settings.services_field.as_str()] = json!(settings.services);
    }
    event
}

fn tags(settings: &CloudSettings, notice: &Notice) -> Map<String, Value> {
    let alert = &notice.alert;
    let mut tags = Map::new();
    let mut add = |name: &str, text: &str| {
        tags.insert(format!("mutt_{name}"), Value::from(cut(text, settings.tag_bytes_max)));
    };
    add("notice_id", &notice.id);
    add("kind", notice.kind.name());
    add("alert_id", &alert.id);
    add("correlation_id", &alert.cause.to_string());
    add("message_id", &notice.cause.to_string());
    add("rule", &alert.rule.id);
    add("revision", &alert.rule.revision);
    add("reason", &alert.reason);
    add("environment", alert.environment.name());
    add("handling", alert.handling.name());
    add("team", &alert.team);
    add("first_seen", &alert.first_seen.to_string());
    add("last_seen", &alert.last_seen.to_string());
    add("text", &alert.text);
    add("worst", alert.worst.name());
    if !alert.hosts.is_empty() {
        add("hosts", &alert.hosts.join(" "));
    }
    for (name, is_so) in [("flapping", alert.flapping.is_some()), ("late", notice.late)] {
        if is_so {
            add(name, "true");
        }
    }
    for (name, value) in &alert.labels {
        add(&format!("label_{name}"), value);
    }
    for (name, value) in [("runbook", &alert.runbook), ("site", &alert.site)] {
        if let Some(value) = value {
            add(name, value);
        }
    }
    tags.insert("mutt_count".to_owned(), Value::from(alert.count));
    tags
}
