//! A message as people look at it: where and when it came, its bytes, and the fields that were read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mutt_event::{Event, Kind};
use serde::Serialize;
use utoipa::ToSchema;

/// A message and the fields that rules see.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct MessageView {
    /// Its id, which alerts carry as correlation id; null: it is not stored.
    pub id: Option<String>,
    /// When it was appended to the journal, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appended: Option<String>,
    /// When MUTT received it, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<String>,
    /// When the device says that it was sent, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<String>,
    /// `syslog`, `trap` or `json`.
    pub kind: &'static str,
    /// The door it came through.
    pub input: &'static str,
    /// The address it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// The device's one name.
    pub host: String,
    /// Whether it was longer than the limit.
    pub truncated: bool,
    /// The bytes as received, as text; what is no UTF-8 is replaced.
    pub raw: String,
    /// The bytes in Base64, where they are no UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_base64: Option<String>,
    /// The text behind header and tag.
    pub message: String,
    /// The syslog facility's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facility: Option<u8>,
    /// The syslog severity's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<&'static str>,
    /// APP-NAME, or the name in the tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// PROCID, or what stands in brackets in the tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procid: Option<String>,
    /// MSGID, or the vendor's event tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msgid: Option<String>,
    /// Cisco's and Arista's mnemonic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mnemonic: Option<String>,
    /// The trap's OID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trap_oid: Option<String>,
    /// The trap's name by the MIBs, or its numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trap_name: Option<String>,
    /// The trap's variables, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub varbinds: Vec<Varbind>,
    /// Who sent a trap of SNMP version 3, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snmp_user: Option<String>,
    /// How it was protected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snmp_level: Option<&'static str>,
    /// What the checks at its receipt found: only what was accepted is judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snmp_verdict: Option<&'static str>,
    /// Why a trap could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trap_error: Option<String>,
}

/// What a kind of message is called.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Syslog => "syslog",
        Kind::Trap => "trap",
        Kind::Json => "json",
    }
}

/// A variable of a trap.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct Varbind {
    /// Its OID.
    pub oid: String,
    /// Its value as text.
    pub value: String,
}

impl MessageView {
    /// From an event; `stored`: it has an id and times of its own.
    pub fn of(event: &Event<'_>, stored: bool) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let field = |field: &Option<std::borrow::Cow<'_, [u8]>>| field.as_deref().map(text);
        let varbinds = event.trap.iter().flat_map(|trap| &trap.varbinds);
        Self {
            id: stored.then(|| event.id.to_string()),
            appended: stored.then(|| event.id.appended.to_string()),
            received: stored.then(|| event.received.to_string()),
            sent: event.sent.map(|at| at.to_string()),
            kind: kind(event.kind),
            input: event.input.name(),
            peer: event.peer.map(|peer| peer.to_string()),
            host: event.host.to_owned(),
            truncated: event.flags.truncated,
            raw: text(event.raw),
            raw_base64: std::str::from_utf8(event.raw).err().map(|_| STANDARD.encode(event.raw)),
            message: text(&event.message),
            facility: event.facility,
            severity: event.severity.map(mutt_event::Severity::name),
            app: field(&event.app),
            procid: field(&event.procid),
            msgid: field(&event.msgid),
            mnemonic: field(&event.mnemonic),
            trap_oid: event.trap_oid().map(ToString::to_string),
            trap_name: event.trap_name().map(text),
            varbinds: varbinds
                .map(|varbind| Varbind {
                    oid: varbind.oid.to_string(),
                    value: varbind.value.text().into_owned(),
                })
                .collect(),
            snmp_user: event.usm.map(|usm| text(usm.user)),
            snmp_level: event.usm.map(|usm| usm.level.name()),
            snmp_verdict: event.usm.map(|usm| usm.verdict.name()),
            trap_error: event.trap_error.as_ref().map(ToString::to_string),
        }
    }
}
