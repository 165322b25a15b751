//! Where a Redis is, as its own tools write it. A password has no place in it: a URL is shown.

use super::node::Value;
use super::value::{SettingType, quoted, wrong};

/// The port where none is given.
const PORT: u16 = 6379;

/// A Redis and one of its databases.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedisUrl {
    /// Host and port, to connect to.
    pub address: String,
    /// The database's number.
    pub database: i64,
    /// Whether TLS is spoken.
    pub tls: bool,
}

impl RedisUrl {
    /// No message repeats the text: it may hold a password.
    fn parse(text: &str) -> Result<Self, String> {
        let expected = || format!("expected {}", Self::expected());
        let url = url::Url::parse(text).map_err(|_| expected())?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(expected)?;
        let tls = url.scheme() == "rediss";
        if !(tls || url.scheme() == "redis") || url.query().is_some() || url.fragment().is_some() {
            return Err(expected());
        }
        if !url.username().is_empty() || url.password().is_some() {
            let message = "holds a user or a password: those are the settings `user` and `password` \
                           (or `password_file`), of which a password is never shown";
            return Err(message.to_owned());
        }
        let database = match url.path().trim_start_matches('/') {
            "" => 0,
            number => number.parse::<u16>().map_err(|_| expected())?,
        };
        let address = format!("{host}:{}", url.port().unwrap_or(PORT));
        Ok(Self { address, database: i64::from(database), tls })
    }
}

impl SettingType for RedisUrl {
    fn expected() -> String {
        "a URL such as \"redis://redis.example.net:6379/0\", or rediss:// for TLS".to_owned()
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Self::parse(text),
            other => Err(wrong::<Self>(other)),
        }
    }
    fn from_text(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
    fn to_toml(&self) -> Option<String> {
        let scheme = if self.tls { "rediss" } else { "redis" };
        Some(quoted(&format!("{scheme}://{}/{}", self.address, self.database)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_port_and_database() {
        for (text, address, database) in [
            ("redis://127.0.0.1", "127.0.0.1:6379", 0),
            ("redis://redis.example.net:6380/3", "redis.example.net:6380", 3),
            ("redis://[::1]:7/", "[::1]:7", 0),
            ("rediss://redis.example.net/1", "redis.example.net:6379", 1),
        ] {
            let url = RedisUrl::parse(text).unwrap();
            assert_eq!((url.address.as_str(), url.database), (address, database), "{text}");
            assert_eq!(url.tls, text.starts_with("rediss:"));
            let written = url.to_toml().unwrap();
            assert_eq!(RedisUrl::parse(written.trim_matches('"')).unwrap(), url);
        }
    }

    #[test]
    fn what_is_wrong_is_said_and_no_password_with_it() {
        for (text, words) in [
            ("redis://u:s3cret@host/0", "`password_file`"),
            ("redis://:s3cret@host/0", "`password_file`"),
            ("rediss://:s3cret@host/0", "`password_file`"),
            ("redissx://:s3cret@host/0", "expected a URL"),
            ("http://:s3cret@host/", "expected a URL"),
            ("redis://host/s3cret", "expected a URL"),
            ("redis://host/?password=s3cret", "expected a URL"),
            ("s3cret", "expected a URL"),
            ("redis:///0", "expected a URL"),
        ] {
            let fault = RedisUrl::parse(text).unwrap_err();
            assert!(fault.contains(words) && !fault.contains("s3cret"), "{text}: {fault}");
        }
    }
}
