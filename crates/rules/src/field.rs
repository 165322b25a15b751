//! The fields of an event that rules test and templates name.
//!
//! From: names in rules. To: the value in an event.

use std::borrow::Cow;
use std::net::IpAddr;

use mutt_event::{Event, Oid};

use crate::Located;
use crate::fault::{did_you_mean, list};
use crate::inventory::check_label;

/// What is judged: an event, and what is known of its host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'e, 'r> {
    pub event: &'e Event<'r>,
    pub located: Located<'e>,
}

/// A field of an event.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Field {
    /// The text behind header and tag.
    Message,
    /// The message as received.
    Raw,
    /// The device's one name.
    Host,
    /// APP-NAME, or the name in the tag.
    App,
    /// Cisco's `FAC-SEV-MNEMONIC`.
    Mnemonic,
    /// Syslog facility by name, such as `local7`.
    Facility,
    /// Syslog severity.
    Severity,
    /// MSGID.
    Msgid,
    /// A trap's OID.
    TrapOid,
    /// A trap's name by the MIBs, such as `IF-MIB::linkDown`.
    TrapName,
    /// The address that the message came from.
    Peer,
    /// The input that it came through.
    Input,
    /// Where the host belongs: `prod` or `dev`.
    Environment,
    /// PROCID, or what stands in brackets in the tag.
    Procid,
    /// Who sent a trap of SNMP version 3.
    SnmpUser,
    /// How that was protected: noAuthNoPriv, authNoPriv or authPriv.
    SnmpLevel,
    /// The place where the host stands, by the inventory.
    Site,
    /// Who is responsible for the host, by the inventory.
    Team,
    /// A label of the host, by the inventory.
    Label(String),
    /// A member of a JSON object, by its dotted path.
    Json(String),
    /// A parameter of RFC 5424 structured data.
    Structured {
        /// The element, SD-ID.
        id: String,
        /// The parameter, PARAM-NAME.
        param: String,
    },
    /// A trap's first variable at or below this OID.
    Varbind(Oid),
}

/// What sort of value a field has: it decides which operators it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sort {
    Text,
    /// One of a few words.
    Word,
    Severity,
    Oid,
    Address,
}

/// Fields named by one word.
const PLAIN: [(&str, Field); 18] = [
    ("message", Field::Message),
    ("raw", Field::Raw),
    ("host", Field::Host),
    ("app", Field::App),
    ("mnemonic", Field::Mnemonic),
    ("facility", Field::Facility),
    ("severity", Field::Severity),
    ("msgid", Field::Msgid),
    ("trap_oid", Field::TrapOid),
    ("trap_name", Field::TrapName),
    ("peer", Field::Peer),
    ("input", Field::Input),
    ("environment", Field::Environment),
    ("procid", Field::Procid),
    ("snmp_user", Field::SnmpUser),
    ("snmp_level", Field::SnmpLevel),
    ("site", Field::Site),
    ("team", Field::Team),
];

/// Names that a path follows.
const WITH_PATH: [&str; 4] = ["structured", "varbind", "json", "labels"];

/// Facilities by number, RFC 5424 section 6.2.1, in syslog's usual short names.
pub(crate) const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

impl Field {
    /// The field of that one-word name.
    pub(crate) fn plain(name: &str) -> Option<Field> {
        PLAIN.iter().find(|(known, _)| *known == name).map(|(_, field)| field.clone())
    }

    /// All first words of fields.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        PLAIN.iter().map(|(name, _)| *name).chain(WITH_PATH)
    }

    /// From a template's name: `host`, `structured.ID.PARAM`, `varbind.OID`.
    pub(crate) fn from_name(name: &str) -> Result<Field, String> {
        if let Some(field) = Field::plain(name) {
            return Ok(field);
        }
        if let Some(path) = name.strip_prefix("structured.") {
            let Some((id, param)) = path.rsplit_once('.') else {
                return Err(format!("`{name}` lacks its parameter: write structured.ID.PARAMETER"));
            };
            return Ok(Field::Structured { id: id.to_owned(), param: param.to_owned() });
        }
        if let Some(path) = name.strip_prefix("varbind.") {
            return path.parse().map(Field::Varbind).map_err(|error| error.to_string());
        }
        if let Some(path) = name.strip_prefix("json.") {
            return Field::json(path);
        }
        if let Some(label) = name.strip_prefix("labels.") {
            return Field::label(label);
        }
        Err(format!(
            "unknown field `{name}`.{} Fields are {}.",
            did_you_mean(name, Field::names()),
            list(Field::names())
        ))
    }

    /// A member of a JSON object.
    pub(crate) fn json(path: &str) -> Result<Field, String> {
        if path.split('.').any(str::is_empty) {
            return Err(format!(
                "`{path}` is no path into a JSON object: write the members' names with dots \
                 between, like device.ports.0.name"
            ));
        }
        Ok(Field::Json(path.to_owned()))
    }

    /// A label of the host.
    pub(crate) fn label(name: &str) -> Result<Field, String> {
        check_label(name).map(|()| Field::Label(name.to_owned()))
    }

    /// The keys that lead to the field in a rule: never empty.
    pub(crate) fn path(&self) -> Vec<String> {
        match self {
            Field::Structured { id, param } => {
                vec!["structured".to_owned(), id.clone(), param.clone()]
            }
            Field::Varbind(oid) => vec!["varbind".to_owned(), oid.to_string()],
            Field::Json(path) => vec!["json".to_owned(), path.clone()],
            Field::Label(name) => vec!["labels".to_owned(), name.clone()],
            plain => PLAIN
                .iter()
                .find(|(_, field)| field == plain)
                .map(|(name, _)| vec![(*name).to_owned()])
                .unwrap_or_default(),
        }
    }

    /// The name in templates and sentences.
    pub(crate) fn name(&self) -> String {
        self.path().join(".")
    }

    pub(crate) fn sort(&self) -> Sort {
        match self {
            Field::Message
            | Field::Raw
            | Field::Host
            | Field::App
            | Field::Mnemonic
            | Field::Msgid
            | Field::Procid
            | Field::SnmpUser
            | Field::TrapName
            | Field::Site
            | Field::Team
            | Field::Label(_)
            | Field::Json(_)
            | Field::Structured { .. }
            | Field::Varbind(_) => Sort::Text,
            Field::Facility | Field::Input | Field::Environment | Field::SnmpLevel => Sort::Word,
            Field::Severity => Sort::Severity,
            Field::TrapOid => Sort::Oid,
            Field::Peer => Sort::Address,
        }
    }

    /// The value as text; `None` where the event lacks it.
    pub(crate) fn text<'e>(&self, seen: &Seen<'e, '_>) -> Option<Cow<'e, [u8]>> {
        let (event, located) = (seen.event, &seen.located);
        let word = |text: &'static str| Some(Cow::Borrowed(text.as_bytes()));
        match self {
            Field::Message => Some(Cow::Borrowed(event.message.as_ref())),
            Field::Raw => Some(Cow::Borrowed(event.raw)),
            Field::Host => Some(Cow::Borrowed(event.host.as_bytes())),
            Field::App => event.app.as_deref().map(Cow::Borrowed),
            Field::Mnemonic => event.mnemonic.as_deref().map(Cow::Borrowed),
            Field::Msgid => event.msgid.as_deref().map(Cow::Borrowed),
            Field::Facility => word(FACILITIES.get(usize::from(event.facility?))?),
            Field::Severity => word(event.severity?.name()),
            Field::Input => word(event.input.name()),
            Field::Environment => word(located.environment.name()),
            Field::Procid => event.procid.as_deref().map(Cow::Borrowed),
            Field::TrapName => event.trap_name().map(Cow::Borrowed),
            Field::SnmpUser => Some(Cow::Borrowed(event.usm?.user)),
            Field::SnmpLevel => word(event.usm?.level.name()),
            Field::Site => located.site().map(|(site, _)| Cow::Borrowed(site.as_bytes())),
            Field::Team => located.team().map(|(team, _)| Cow::Borrowed(team.as_bytes())),
            Field::Label(name) => {
                located.label(name).map(|(value, _)| Cow::Borrowed(value.as_bytes()))
            }
            Field::Json(path) => event.json_text(path).map(bytes),
            Field::TrapOid => Some(Cow::Owned(event.trap_oid()?.to_string().into_bytes())),
            Field::Peer => Some(Cow::Owned(peer(event)?.to_string().into_bytes())),
            Field::Structured { id, param } => {
                event.structured.as_ref()?.get(id.as_bytes(), param.as_bytes())
            }
            Field::Varbind(prefix) => {
                let varbinds = &event.trap.as_deref()?.varbinds;
                let found = varbinds.iter().find(|varbind| varbind.oid.starts_with(prefix))?;
                Some(bytes(found.value.text()))
            }
        }
    }
}

fn bytes(text: Cow<'_, str>) -> Cow<'_, [u8]> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// The sender's address; an IPv4 address mapped into IPv6 is that IPv4 address.
pub(crate) fn peer(event: &Event<'_>) -> Option<IpAddr> {
    event.peer.map(|peer| peer.ip().to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_by_its_name() {
        for (name, field) in PLAIN {
            assert_eq!(field.name(), name);
            assert_eq!(Field::from_name(name).unwrap(), field);
        }
        for name in [
            "structured.junos@2636.1.1.1.2.29.interface",
            "varbind.1.3.6.1.2.1.2.2.1.1",
            "json.device.ports.0.name",
            "labels.rack",
        ] {
            assert_eq!(Field::from_name(name).unwrap().name(), name);
        }
    }

    #[test]
    fn an_unknown_name_gets_a_hint() {
        let said = Field::from_name("mnemonics").unwrap_err();
        assert!(said.contains("Did you mean `mnemonic`?"), "{said}");
        assert!(Field::from_name("structured.x").unwrap_err().contains("PARAMETER"));
        assert!(Field::from_name("varbind.ifIndex").unwrap_err().contains("OID"));
        assert!(Field::from_name("json.a..b").unwrap_err().contains("dots between"));
        assert!(Field::from_name("labels.a b").unwrap_err().contains("letters"));
    }
}
