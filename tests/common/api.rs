//! Asks the API of a MUTT under test, as any program would.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use super::events::Events;
use super::schema;

/// The key with the role admin that the tests' configuration names.
pub const ADMIN_KEY: &str = "test-admin-key";

/// An answer of the API.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Header values by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The answer, if its status is this.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The ETag.
    pub fn etag(&self) -> String {
        self.headers.get("etag").unwrap_or_else(|| panic!("no ETag: {self:?}")).clone()
    }
}

/// Whoever asks, by their key.
#[derive(Clone, Debug)]
pub struct Api {
    address: SocketAddr,
    key: String,
}

/// One request without a key, with these headers, each as `Name: value`.
pub fn exchange(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[&str],
    body: &str,
) -> Answer {
    let mut head = format!(
        "{method} /api/v1{path} HTTP/1.1\r\nHost: mutt\r\nConnection: close\r\n\
         Content-Length: {}\r\n",
        body.len()
    );
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(address).expect("a connection to the API");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
    stream.write_all(head.as_bytes()).expect("a request's head");
    // An answer may come before the whole body was read: a refusal by its length.
    let _ = stream.write_all(body.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = parse(&String::from_utf8_lossy(&answer));
    schema::check(method, path, &answer);
    answer
}

impl Api {
    /// The API at an address, asked with the key of the configuration.
    pub fn admin(address: SocketAddr) -> Self {
        Self::with(address, ADMIN_KEY)
    }

    /// The API at an address, asked with this key.
    pub fn with(address: SocketAddr, key: &str) -> Self {
        Self { address, key: key.to_owned() }
    }

    /// One request, with more headers, each as `Name: value`.
    pub fn ask(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let key = format!("X-API-KEY: {}", self.key);
        let headers: Vec<&str> =
            [key.as_str()].into_iter().chain(headers.iter().copied()).collect();
        exchange(self.address, method, path, &headers, body)
    }

    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// Listens to server-sent events.
    pub fn events(&self, path: &str) -> Events {
        Events::listen(self.address, path, &format!("X-API-KEY: {}", self.key))
    }

    /// POST of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, &["Content-Type: application/json"], &body.to_string())
    }

    /// PUT of JSON, whatever the state was.
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        let new = self.get(path).status == 404;
        let any: &[&str] = if new { &[] } else { &["If-Match: *"] };
        self.ask("PUT", path, any, &body.to_string())
    }

    /// Makes the rules those of a TOML file, whatever they were.
    pub fn put_rules(&self, toml: &str) -> Answer {
        self.ask("PUT", "/rules", &["Content-Type: application/toml", "If-Match: *"], toml)
    }
}

fn parse(answer: &str) -> Answer {
    let bad = || panic!("no HTTP answer: {answer:?}");
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return bad() };
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let chunked = headers.get("transfer-encoding").is_some_and(|how| how == "chunked");
    let text = if chunked { unchunked(body) } else { body.to_owned() };
    Answer { status: status.unwrap_or_else(|| panic!("no status: {head}")), headers, text }
}

/// The body without the lengths of its chunks (RFC 9112 section 7.1).
fn unchunked(mut body: &str) -> String {
    let mut text = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let length = usize::from_str_radix(length.trim(), 16).expect("a chunk's length");
        if length == 0 {
            break;
        }
        text.push_str(&rest[..length]);
        body = rest[length..].trim_start_matches("\r\n");
    }
    text
}
