//! On-prem Moogsoft: Webhook LAM and REST LAM. `POST {"events":[{…}, …]}`.
//!
//! | field | from |
//! |---|---|
//! | `signature` | the alert's signature: host, rule and key; the same for its clear |
//! | `source`, `source_id` | the device's one name |
//! | `external_id` | the alert's id |
//! | `manager`, `agent` | settings |
//! | `agent_location` | setting; left out when empty |
//! | `class` | the rule's id |
//! | `type` | the alert's key; `alert` if it has none |
//! | `severity` | 0 clear, 1 indeterminate, 2 warning, 3 minor, 4 major, 5 critical |
//! | `description` | the alert's summary |
//! | `agent_time` | when the notice was made, whole seconds since the epoch |
//! | `custom_info.mutt` | `notice_id`, `kind`, `alert_id`, `correlation_id` (the message that opened the alert), `message_id` (the one that caused this notice), `rule`, `revision`, `reason`, `environment`, `site`, `handling`, `team`, `labels` (an object, each by its name), `count`, `first_seen`, `last_seen` (RFC 3339), `runbook`, `text` |
//!
//! Strings are cut to `text_bytes_max`, `description`, `reason` and `text` to
//! `description_bytes_max`; the signature is never cut (it is at most 767 bytes when made).

use std::time::Duration;

use mutt_alert::{Notice, NoticeKind};
use mutt_rules::AlertSeverity;
use mutt_secrets::{Passwords, SecretString};
use serde_json::{Map, Value, json};

use super::description;
use super::limits::{cut, or};
use crate::classify::describe;
use crate::{Answer, Method, Request, Response};

/// Where to and how.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// The whole URL, like `https://moogsoft.example/events/webhook_webhook1`.
    pub url: String,
    /// User and passwords of [`WebhookSettings::basic`]; none: no authentication.
    pub login: Option<(String, Passwords)>,
    /// The most notices in one request. Default 50.
    pub batch_max: usize,
    /// From the first packet to the answer's end. Default 10 s.
    pub timeout: Duration,
    /// `manager`. Default `MUTT`.
    pub manager: String,
    /// `agent`. Default `MUTT`.
    pub agent: String,
    /// `agent_location`. Default none.
    pub agent_location: String,
    /// The longest description, in bytes. Default 32,500.
    pub description_bytes_max: usize,
    /// The longest other string, in bytes. Default 255.
    pub text_bytes_max: usize,
}

impl WebhookSettings {
    /// The defaults, to `url`.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            login: None,
            batch_max: 50,
            timeout: Duration::from_secs(10),
            manager: "MUTT".to_owned(),
            agent: "MUTT".to_owned(),
            agent_location: String::new(),
            description_bytes_max: 32_500,
            text_bytes_max: 255,
        }
    }

    /// With Basic authentication, RFC 7617.
    pub fn basic(mut self, user: &str, password: impl Into<Passwords>) -> Self {
        self.login = Some((user.to_owned(), password.into()));
        self
    }
}

pub(super) fn render(
    settings: &WebhookSettings,
    notices: &[&Notice],
    password: Option<&SecretString>,
) -> Request {
    let events: Vec<Value> = notices.iter().map(|notice| event(settings, notice)).collect();
    let mut headers = Vec::new();
    if let (Some((user, _)), Some(password)) = (&settings.login, password) {
        headers.push(crate::http::basic(user, password));
    }
    headers.push(("content-type".to_owned(), SecretString::from("application/json")));
    Request {
        method: Method::Post,
        url: settings.url.clone(),
        headers,
        body: json!({ "events": events }).to_string().into_bytes(),
        timeout: settings.timeout,
    }
}

fn event(settings: &WebhookSettings, notice: &Notice) -> Value {
    let alert = &notice.alert;
    let short = |text: &str| cut(text, settings.text_bytes_max);
    let long = |text: &str| cut(text, settings.description_bytes_max);
    let severity = match notice.kind {
        NoticeKind::Clear => AlertSeverity::Clear,
        NoticeKind::Open | NoticeKind::Worse | NoticeKind::Update => alert.severity,
    };
    let labels: Map<String, Value> = alert
        .labels
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(short(value))))
        .collect();
    let mut event = json!({
        "signature": alert.signature,
        "source": short(&alert.host),
        "source_id": short(&alert.host),
        "external_id": short(&alert.id),
        "manager": short(&settings.manager),
        "class": short(&alert.rule.id),
        "type": short(or(&alert.key, "alert")),
        "agent": short(&settings.agent),
        "severity": severity.number(),
        "description": long(&description(alert)),
        "agent_time": notice.at.as_secs(),
        "custom_info": { "mutt": {
            "notice_id": notice.id,
            "kind": notice.kind.name(),
            "alert_id": alert.id,
            "correlation_id": alert.cause.to_string(),
            "message_id": notice.cause.to_string(),
            "rule": alert.rule.id,
            "revision": alert.rule.revision,
            "reason": long(&alert.reason),
            "environment": alert.environment.name(),
            "site": alert.site.as_deref().map(short),
            "handling": alert.handling.name(),
            "team": short(&alert.team),
            "labels": labels,
            "count": alert.count,
            "first_seen": alert.first_seen.to_string(),
            "last_seen": alert.last_seen.to_string(),
            "runbook": alert.runbook,
            "worst": alert.worst.name(),
            "reopened": alert.reopened,
            "hosts": alert.hosts,
            "flapping": alert.flapping.is_some(),
            "late": notice.late,
            "text": long(&alert.text),
        }},
    });
    if !settings.agent_location.is_empty() {
        event["agent_location"] = Value::from(short(&settings.agent_location));
    }
    event
}

/// The LAM answers `{"success":false,…}` with status 200 to what it does not take.
pub(super) fn classify(response: &Response) -> Answer {
    let answer = crate::classify(&Ok(response.clone()));
    let refused = || {
        let body: Value = serde_json::from_str(&response.body).ok()?;
        (body.get("success") == Some(&Value::Bool(false))).then_some(())
    };
    if answer == Answer::Taken && refused().is_some() {
        return Answer::Refused { why: describe(response) };
    }
    answer
}
