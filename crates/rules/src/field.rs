//! The fields of an event that rules test and templates name.
//!
//! From: names in rules. To: the value in an event.

use std::borrow::Cow;
use std::net::IpAddr;

use mutt_event::{Event, Oid};

use crate::Environment;
use crate::fault::{did_you_mean, list};

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
    /// The address that the message came from.
    Peer,
    /// The input that it came through.
    Input,
    /// Where the host belongs: `prod` or `dev`.
    Environment,
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
const PLAIN: [(&str, Field); 12] = [
    ("message", Field::Message),
    ("raw", Field::Raw),
    ("host", Field::Host),
    ("app", Field::App),
    ("mnemonic", Field::Mnemonic),
    ("facility", Field::Facility),
    ("severity", Field::Severity),
    ("msgid", Field::Msgid),
    ("trap_oid", Field::TrapOid),
    ("peer", Field::Peer),
    ("input", Field::Input),
    ("environment", Field::Environment),
];

/// Names that a path follows.
const WITH_PATH: [&str; 2] = ["structured", "varbind"];

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
        Err(format!(
            "unknown field `{name}`.{} Fields are {}.",
            did_you_mean(name, Field::names()),
            list(Field::names())
        ))
    }

    /// The keys that lead to the field in a rule: never empty.
    pub(crate) fn path(&self) -> Vec<String> {
        match self {
            Field::Structured { id, param } => {
                vec!["structured".to_owned(), id.clone(), param.clone()]
            }
            Field::Varbind(oid) => vec!["varbind".to_owned(), oid.to_string()],
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
            | Field::Structured { .. }
            | Field::Varbind(_) => Sort::Text,
            Field::Facility | Field::Input | Field::Environment => Sort::Word,
            Field::Severity => Sort::Severity,
            Field::TrapOid => Sort::Oid,
            Field::Peer => Sort::Address,
        }
    }

    /// The value as text; `None` where the event lacks it.
    pub(crate) fn text<'e>(
        &self,
        event: &'e Event<'_>,
        environment: Environment,
    ) -> Option<Cow<'e, [u8]>> {
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
            Field::Environment => word(environment.name()),
            Field::TrapOid => Some(Cow::Owned(event.trap_oid()?.to_string().into_bytes())),
            Field::Peer => Some(Cow::Owned(peer(event)?.to_string().into_bytes())),
            Field::Structured { id, param } => {
                event.structured.as_ref()?.get(id.as_bytes(), param.as_bytes())
            }
            Field::Varbind(prefix) => {
                let varbinds = &event.trap.as_deref()?.varbinds;
                let found = varbinds.iter().find(|varbind| varbind.oid.starts_with(prefix))?;
                Some(match found.value.text() {
                    Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                    Cow::Owned(text) => Cow::Owned(text.into_bytes()),
                })
            }
        }
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
        for name in ["structured.junos@2636.1.1.1.2.29.interface", "varbind.1.3.6.1.2.1.2.2.1.1"] {
            assert_eq!(Field::from_name(name).unwrap().name(), name);
        }
    }

    #[test]
    fn an_unknown_name_gets_a_hint() {
        let said = Field::from_name("mnemonics").unwrap_err();
        assert!(said.contains("Did you mean `mnemonic`?"), "{said}");
        assert!(Field::from_name("structured.x").unwrap_err().contains("PARAMETER"));
        assert!(Field::from_name("varbind.ifIndex").unwrap_err().contains("OID"));
    }
}
