//! What Moogsoft takes: the contract of both products, checked field by field.
//!
//! From: a request's body. To: [`super::Told`] for each event, or what is wrong.

use serde_json::{Map, Value};

use super::moogsoft::{Product, Told};

const SIGNATURE_BYTES_MAX: usize = 767;
const LONG_BYTES_MAX: usize = 32_500;
const WEBHOOK_TEXTS: [&str; 10] = [
    "source",
    "source_id",
    "external_id",
    "manager",
    "class",
    "type",
    "agent",
    "agent_location",
    "description",
    "signature",
];
const WEBHOOK_NEEDED: [&str; 7] =
    ["signature", "source", "manager", "class", "type", "agent", "description"];
const CLOUD_WORDS: [&str; 6] = ["clear", "unknown", "warning", "minor", "major", "critical"];
const CLOUD_TEXTS: [&str; 9] = [
    "source",
    "check",
    "class",
    "type",
    "alias",
    "manager",
    "manager_id",
    "description",
    "deduplication_key",
];

/// The events of a body for `product`.
pub(super) fn check(product: Product, body: &[u8]) -> Result<Vec<Told>, String> {
    let body: Value = serde_json::from_slice(body).map_err(|why| format!("no JSON: {why}"))?;
    let events = match product {
        Product::Webhook => body.get("events").and_then(Value::as_array),
        Product::Cloud => body.as_array(),
    };
    let events = events.ok_or("no list of events")?;
    if events.is_empty() {
        return Err("an empty list of events".to_owned());
    }
    let told = events.iter().enumerate().map(|(number, event)| {
        let event = event.as_object().ok_or("no object");
        let told = event.map_err(str::to_owned).and_then(|event| match product {
            Product::Webhook => webhook(event),
            Product::Cloud => cloud(event),
        });
        told.map_err(|what| format!("event {number}: {what}"))
    });
    told.collect()
}

fn webhook(event: &Map<String, Value>) -> Result<Told, String> {
    for (name, value) in event {
        match name.as_str() {
            "severity" | "agent_time" | "custom_info" => {}
            name if WEBHOOK_TEXTS.contains(&name) => {
                text(name, value)?;
            }
            other => return Err(format!("unknown field `{other}`")),
        }
    }
    for name in WEBHOOK_NEEDED {
        needed(event, name)?;
    }
    let signature = needed(event, "signature")?;
    if signature.len() > SIGNATURE_BYTES_MAX {
        return Err(format!("signature of {} bytes", signature.len()));
    }
    let severity = event.get("severity").and_then(Value::as_u64).filter(|number| *number <= 5);
    let severity = severity.ok_or("severity is no number from 0 to 5")?;
    let time = event.get("agent_time").and_then(Value::as_i64).ok_or("agent_time is no number")?;
    seconds(time)?;
    let info = event.get("custom_info").and_then(|info| info.get("mutt"));
    let info = info.and_then(Value::as_object).ok_or("no custom_info.mutt")?;
    Ok(Told {
        product: Product::Webhook,
        signature: signature.to_owned(),
        severity: severity as u8,
        source: needed(event, "source")?.to_owned(),
        description: needed(event, "description")?.to_owned(),
        notice_id: needed(info, "notice_id")?.to_owned(),
        kind: needed(info, "kind")?.to_owned(),
        correlation_id: needed(info, "correlation_id")?.to_owned(),
        event: Value::Object(event.clone()),
    })
}

fn cloud(event: &Map<String, Value>) -> Result<Told, String> {
    for (name, value) in event {
        match name.as_str() {
            "severity" | "time" | "services" | "tags" | "namespace" | "utc_offset" => {}
            name if CLOUD_TEXTS.contains(&name) => {
                text(name, value)?;
            }
            other => return Err(format!("unknown field `{other}`")),
        }
    }
    for name in ["source", "description"] {
        if needed(event, name)?.len() > LONG_BYTES_MAX {
            return Err(format!("{name} too long"));
        }
    }
    needed(event, "check")?;
    let word = needed(event, "severity")?.to_ascii_lowercase();
    let severity = CLOUD_WORDS.iter().position(|known| *known == word);
    let severity = severity.ok_or_else(|| format!("unknown severity `{word}`"))?;
    if let Some(time) = event.get("time") {
        seconds(time.as_i64().ok_or("time is no number")?)?;
    }
    let tags = event.get("tags").and_then(Value::as_object).ok_or("no tags")?;
    for (name, value) in tags {
        if value.is_object() || value.is_array() && name != "labels" {
            return Err(format!("tag `{name}` is not flat"));
        }
    }
    Ok(Told {
        product: Product::Cloud,
        signature: needed(event, "deduplication_key")?.to_owned(),
        severity: severity as u8,
        source: needed(event, "source")?.to_owned(),
        description: needed(event, "description")?.to_owned(),
        notice_id: needed(tags, "mutt_notice_id")?.to_owned(),
        kind: needed(tags, "mutt_kind")?.to_owned(),
        correlation_id: needed(tags, "mutt_correlation_id")?.to_owned(),
        event: Value::Object(event.clone()),
    })
}

fn text<'a>(name: &str, value: &'a Value) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| format!("{name} is no string"))
}

fn needed<'a>(event: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    let value = event.get(name).ok_or_else(|| format!("no {name}"))?;
    Some(text(name, value)?).filter(|text| !text.is_empty()).ok_or(format!("{name} is empty"))
}

/// Seconds since the epoch, and not milliseconds taken for them.
fn seconds(time: i64) -> Result<(), String> {
    if (0..100_000_000_000).contains(&time) {
        Ok(())
    } else {
        Err(format!("{time} are no seconds since the epoch"))
    }
}
