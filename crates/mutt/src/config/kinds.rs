//! The types of settings that are MUTT's own: hosts with ports, URLs, names. Redis' URL and secrets
//! have files of their own.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;

use mutt_secrets::{ExposeSecret, Live, SecretString};

use super::node::Value;
use super::secret::Held;
pub use super::secret::Secret;
use super::value::{SettingType, from_str_setting, wrong};

from_str_setting!(HostPort, "a host and port such as \"netim.example.net:514\"");
from_str_setting!(Url, "a URL such as \"https://moogsoft.example.net/events/webhook_webhook1\"");
from_str_setting!(EngineId, "5 to 32 bytes in hexadecimal such as \"80007ed905012345678a\"");
from_str_setting!(Name, "a name of letters, digits, `_`, `-` and `.`");

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

impl Url {
    /// Itself.
    pub fn url(&self) -> &url::Url {
        &self.0
    }
}

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

/// Makes a secret of a form that `check` knows a setting: what is known by now is checked now, what is
/// read later when it is read.
macro_rules! secret_setting {
    ($type:ty, $expected:literal) => {
        impl $type {
            fn checked(secret: Secret) -> Result<Self, String> {
                match secret.live().get() {
                    Some(text) => Self::check(text.expose_secret()).map(|()| Self(secret)),
                    None => Ok(Self(secret)),
                }
            }
        }

        impl SettingType for $type {
            const SECRET: bool = true;
            fn expected() -> String {
                $expected.to_owned()
            }
            fn from_toml(value: &Value) -> Result<Self, String> {
                match value {
                    Value::Text(text) => Self::from_text(text),
                    other => Err(wrong::<Self>(other)),
                }
            }
            fn from_text(text: &str) -> Result<Self, String> {
                Self::checked(Secret::from_text(text)?)
            }
            fn from_path(path: &Path) -> Result<Self, String> {
                Self::checked(Secret::from_path(path)?)
            }
            fn to_toml(&self) -> Option<String> {
                self.0.to_toml()
            }
            fn secrets(&self, out: &mut Vec<Held>) {
                out.push(Held { secret: self.0.clone(), check: Self::check });
            }
        }
    };
}

/// An address to send HTTP requests to that is a secret in itself: never printed.
#[derive(Clone, Debug)]
pub struct SecretUrl(Secret);

impl SecretUrl {
    /// The whole URL as it is from now on, for the one place that asks there.
    pub fn live(&self) -> Live {
        self.0.live()
    }

    /// Whether a text is one; what does not fit is not said again.
    fn check(text: &str) -> Result<(), String> {
        text.parse::<Url>().map(|_| ()).map_err(|()| format!("expected {}", Self::expected()))
    }
}

secret_setting!(SecretUrl, "a URL such as \"https://watchdog.example.net/mutt\"");

/// Where a PostgreSQL server is, and as whom to speak to it. May hold a password: never printed.
#[derive(Clone, Debug)]
pub struct DatabaseUrl(Secret);

impl DatabaseUrl {
    /// The whole URL as it is from now on, for the one place that connects.
    pub fn live(&self) -> Live {
        self.0.live()
    }

    /// The whole URL as it is now; `password` goes in place of its own.
    pub fn with_password(&self, password: Option<&SecretString>) -> SecretString {
        let text = self.0.text();
        let Ok(mut url) = url::Url::parse(text.expose_secret()) else { return text };
        if let Some(password) = password {
            let password = password.expose_secret();
            // A URL would take `%41` for an `A`; all else is escaped, which cannot fail with a host.
            let _ = url.set_password(Some(&password.replace('%', "%25")));
        }
        SecretString::from(url.as_str())
    }

    /// Whether it has a password, as far as it is known.
    pub fn has_password(&self) -> bool {
        let Ok(url) = url::Url::parse(self.0.text().expose_secret()) else { return false };
        url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password")
    }

    /// Whether a text is one; what does not fit is said in words that tell nothing of the password.
    fn check(text: &str) -> Result<(), String> {
        let parsed = url::Url::parse(text).map_err(|error| error.to_string());
        let fits = parsed.and_then(|url| Self::fault(&url).map_or(Ok(()), Err));
        fits.map_err(|fault| format!("expected {}: {fault}", Self::expected()))
    }

    fn fault(url: &url::Url) -> Option<String> {
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Some(format!("it begins with `{}:`", url.scheme()));
        }
        if !url.has_host() || url.host_str().is_some_and(str::is_empty) {
            return Some("it names no host".to_owned());
        }
        if url.path().trim_matches('/').is_empty() {
            return Some("it names no database".to_owned());
        }
        let unknown = |(key, value): &(Cow<'_, str>, Cow<'_, str>)| {
            let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
            matches!(key.as_ref(), "sslmode" | "ssl-mode") && !modes.contains(&value.as_ref())
        };
        let mode = url.query_pairs().find(unknown)?.1;
        Some(format!("sslmode is `{mode}`, and there is disable, prefer, require, verify-full ..."))
    }
}

secret_setting!(DatabaseUrl, "a URL such as \"postgres://mutt@db.example.net:5432/mutt\"");

/// An SNMP engine's id (RFC 3411 section 5), in hexadecimal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EngineId(String);

impl FromStr for EngineId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.strip_prefix("0x").unwrap_or(text).to_ascii_lowercase();
        let id = engine_id(&text).ok_or(())?;
        if mutt_input::Engine::fits_as_id(&id) { Ok(Self(text)) } else { Err(()) }
    }
}

impl fmt::Display for EngineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The bytes of an engine's id; none if it is no hexadecimal.
pub fn engine_id(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let fits = digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
    if fits { digits.chunks(2).map(byte).collect() } else { None }
}

/// A password of an SNMP user, of which keys are made (RFC 3414 section 11.2). Never printed.
#[derive(Clone, Debug)]
pub struct SnmpPassword(Secret);

impl SnmpPassword {
    /// As it is from now on.
    pub fn live(&self) -> Live {
        self.0.live()
    }

    fn check(text: &str) -> Result<(), String> {
        match text.len() {
            0..8 => Err("shorter than 8 characters: SNMP makes no key of it".to_owned()),
            _ => Ok(()),
        }
    }

    /// One that is known by now is checked now.
    fn checked(secret: Secret) -> Result<Self, String> {
        match secret.live().get() {
            Some(text) => Self::check(text.expose_secret()).map(|()| Self(secret)),
            None => Ok(Self(secret)),
        }
    }
}

impl SettingType for SnmpPassword {
    const SECRET: bool = true;
    fn expected() -> String {
        "a string (a secret) of 8 characters or more".to_owned()
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Self::from_text(text),
            other => Err(wrong::<Self>(other)),
        }
    }
    fn from_text(text: &str) -> Result<Self, String> {
        Self::checked(Secret::from_text(text)?)
    }
    fn from_line(text: &str) -> Result<Self, String> {
        Self::checked(Secret::from_line(text)?)
    }
    fn from_path(path: &Path) -> Result<Self, String> {
        Self::checked(Secret::from_path(path)?)
    }
    fn to_toml(&self) -> Option<String> {
        self.0.to_toml()
    }
    fn secrets(&self, out: &mut Vec<Held>) {
        out.push(Held { secret: self.0.clone(), check: Self::check });
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
