//! Who asks, and what they may: keys of the API, each with a role.
//!
//! A key comes in a header, never in a URL. Of a key only its SHA-256 is kept: keys are 256 random
//! bits, which no guessing reaches, so a slow hash would protect nothing more.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mutt_event::Timestamp;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::{Access, Role};
use rand::RngCore as _;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::problem::Problem;
use crate::site::Site;

/// Every key begins so: whoever finds one knows what it is.
const PREFIX: &str = "mutt_";
/// The name of the key that the settings name.
const SETTINGS_KEY: &str = "settings";

/// A new key.
pub fn new_key() -> SecretString {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)).into()
}

/// What is kept of a key: SHA-256 in hexadecimal.
pub fn digest(key: &str) -> String {
    Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whoever sent a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// Their key's name.
    pub name: String,
    /// What they may.
    pub role: Role,
}

impl Caller {
    /// Refuses those who may less than `role`.
    pub fn must(&self, role: Role) -> Result<(), Problem> {
        if self.role >= role {
            return Ok(());
        }
        Err(Problem::forbidden(format!(
            "this needs the role {}; key `{}` has the role {}",
            role.name(),
            self.name,
            self.role.name()
        )))
    }
}

impl FromRequestParts<Arc<Site>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let key = given(&parts.headers).ok_or_else(Problem::unauthorized)?;
        let keys = site.in_force.keys();
        find(key, site.admin_key.as_ref(), &keys, SystemClock.now())
            .ok_or_else(Problem::unauthorized)
    }
}

fn given(headers: &HeaderMap) -> Option<&str> {
    if let Some(key) = headers.get("x-api-key") {
        return key.to_str().ok();
    }
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// Whose key this is. Digests are compared, all of them, in constant time.
fn find(
    key: &str,
    admin: Option<&SecretString>,
    keys: &[Access],
    now: Timestamp,
) -> Option<Caller> {
    let given = digest(key);
    let same = |known: &str| bool::from(known.as_bytes().ct_eq(given.as_bytes()));
    let mut found = None;
    for access in keys {
        if same(&access.digest) && access.is_valid(now) {
            found = Some(Caller { name: access.name.clone(), role: access.role });
        }
    }
    if admin.is_some_and(|admin| same(&digest(admin.expose_secret()))) {
        found = Some(Caller { name: SETTINGS_KEY.to_owned(), role: Role::Admin });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(name: &str, key: &str, expires_at: Option<i64>) -> Access {
        Access {
            name: name.to_owned(),
            role: Role::Author,
            digest: digest(key),
            made_at: Timestamp::ZERO,
            expires_at: expires_at.map(Timestamp::from_micros),
        }
    }

    #[test]
    fn a_key_opens_until_its_end() {
        let keys = [access("a", "one", None), access("b", "two", Some(10))];
        let who =
            |key, at| find(key, None, &keys, Timestamp::from_micros(at)).map(|caller| caller.name);
        assert_eq!(who("one", 0).as_deref(), Some("a"));
        assert_eq!(who("two", 9).as_deref(), Some("b"));
        assert_eq!(who("two", 10), None);
        assert_eq!(who("three", 0), None);
        let admin = SecretString::from("root");
        let caller = find("root", Some(&admin), &keys, Timestamp::ZERO).unwrap();
        assert_eq!((caller.name.as_str(), caller.role), ("settings", Role::Admin));
    }

    #[test]
    fn keys_are_long_and_never_the_same() {
        let (one, other) = (new_key(), new_key());
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert!(one.expose_secret().starts_with(PREFIX));
        assert_eq!(one.expose_secret().len(), PREFIX.len() + 43);
    }

    #[test]
    fn a_lower_role_is_told_what_it_lacks() {
        let caller = Caller { name: "x".to_owned(), role: Role::Viewer };
        assert!(caller.must(Role::Viewer).is_ok());
        let problem = caller.must(Role::Author).unwrap_err();
        assert_eq!(problem.status, 403);
        assert!(problem.detail.contains("author") && problem.detail.contains("viewer"));
    }
}
