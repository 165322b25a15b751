//! The types of settings that are MUTT's own: secrets, hosts with ports, URLs (Redis' in a file of
//! its own), names.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};

use super::node::Value;
use super::value::{SettingType, from_str_setting, quoted, wrong};

from_str_setting!(HostPort, "a host and port such as \"netim.example.net:514\"");
from_str_setting!(Url, "a URL such as \"https://moogsoft.example.net/events/webhook_webhook1\"");
from_str_setting!(Name, "a name of letters, digits, `_`, `-` and `.`");

/// Text that is never printed.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The text itself; for the one place that sends or compares it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl SettingType for Secret {
    const SECRET: bool = true;
    fn expected() -> String {
        "a string (a secret)".to_owned()
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Self::from_text(text),
            other => Err(wrong::<Self>(other)),
        }
    }
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("an empty secret".to_owned());
        }
        Ok(Self(SecretString::from(text)))
    }
    fn to_toml(&self) -> Option<String> {
        Some(quoted(self.expose()))
    }
}

/// A host (name or address) and a port, to connect to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostPort(String);

impl FromStr for HostPort {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (host, port) = text.rsplit_once(':').ok_or(())?;
        let bracketed = host.starts_with('[') && host.ends_with(']');
        let plain = !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        let port_fits = port.parse::<u16>().is_ok_and(|port| port != 0);
        let address_fits = !bracketed || text.parse::<SocketAddr>().is_ok();
        if (plain || bracketed) && port_fits && address_fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(())
        }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address to send HTTP requests to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Url(url::Url);

impl FromStr for Url {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let url = url::Url::parse(text).map_err(|_| ())?;
        let fits = matches!(url.scheme(), "http" | "https") && url.has_host();
        if fits { Ok(Self(url)) } else { Err(()) }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A name that metrics, cursors and environment variables can carry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Name(String);

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A default, known to fit.
    pub fn literal(name: &'static str) -> Self {
        Self(name.to_owned())
    }
}

impl FromStr for Name {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        if fits { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
