//! Who asks, and what they may: keys of the API and sessions of people, each with a role.
//!
//! A key comes in a header, never in a URL. Of a key only its SHA-256 is kept: keys are 256 random
//! bits, which no guessing reaches, so a slow hash would protect nothing more. A session comes in a
//! cookie; see `session`.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mutt_event::Timestamp;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::{Access, Role};
use mutt_store::AuditEntry;
use rand::RngCore as _;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::addresses::Peer;
use crate::cookies;
use crate::problem::Problem;
use crate::session::{self, Signed};
use crate::site::Site;

/// Every key begins so: whoever finds one knows what it is.
const PREFIX: &str = "mutt_";
/// The name of the key that the settings name.
const SETTINGS_KEY: &str = "settings";

/// A new key.
pub fn new_key() -> SecretString {
    format!("{PREFIX}{}", random_text()).into()
}

/// 256 random bits as text.
pub(crate) fn random_text() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether a text looks like a key.
pub(crate) fn is_key(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(|rest| rest.len() == 43)
}

/// What is kept of a key: SHA-256 in hexadecimal.
pub fn digest(key: &str) -> String {
    Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether two texts are the same, without telling by time where they differ.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Whoever sent a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// Their name, or their key's.
    pub name: String,
    /// What they may.
    pub role: Role,
    /// The teams whose alerts, silences and rules they may change; empty: all.
    pub teams: Vec<String>,
    /// The groups of paths that their key opens; empty: all.
    pub scope: Vec<String>,
    /// The address that they ask from.
    pub from: Option<IpAddr>,
    /// Their session; none: they have a key.
    pub session: Option<Signed>,
}

impl Caller {
    /// Refuses those who may less than `role`.
    pub fn must(&self, role: Role) -> Result<(), Problem> {
        if self.role >= role {
            return Ok(());
        }
        Err(Problem::forbidden(format!(
            "this needs the role {}; {} has the role {}",
            role.name(),
            self.called(),
            self.role.name()
        )))
    }

    /// Refuses those who may not change what is of `team`; none: of no team.
    pub fn must_be_of(&self, team: Option<&str>, what: &str) -> Result<(), Problem> {
        let is = |team: &str| self.teams.iter().any(|own| own == team);
        if self.teams.is_empty() || team.is_some_and(is) {
            return Ok(());
        }
        let of = team.filter(|team| !team.is_empty());
        let of = of.map_or("no team".to_owned(), |team| format!("team `{team}`"));
        Err(Problem::forbidden(format!(
            "{what} is of {of}; {} changes what is of {}",
            self.called(),
            self.teams.join(", ")
        )))
    }

    fn called(&self) -> String {
        let sort = if self.session.is_some() { "user" } else { "key" };
        format!("{sort} `{}`", self.name)
    }

    /// Refuses a group of paths that the key does not open.
    fn in_scope(&self, path: &str) -> Result<(), Problem> {
        let group = group_of(path);
        // Whoever asks who they are is told.
        if self.scope.is_empty() || group == "session" || self.scope.iter().any(|one| one == group)
        {
            return Ok(());
        }
        let scope = self.scope.join(", ");
        Err(Problem::forbidden(format!("{} opens {scope}, and not {group}", self.called())))
    }

    /// What the audit says of something that they did.
    pub(crate) fn did(&self, what: &str, item: impl Into<String>) -> AuditEntry {
        AuditEntry {
            at: SystemClock.now(),
            who: self.name.clone(),
            from: self.address(),
            what: what.to_owned(),
            item: item.into(),
            done: true,
            ..AuditEntry::default()
        }
    }

    /// The address that they ask from, as text.
    pub(crate) fn address(&self) -> String {
        self.from.map(|from| from.to_string()).unwrap_or_default()
    }
}

/// The first part of a path, which a key's scope names.
fn group_of(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

impl FromRequestParts<Arc<Site>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Arc<Site>) -> Result<Self, Problem> {
        let from = parts.extensions.get::<Peer>().map(|peer| peer.0.ip().to_canonical());
        let path = parts.uri.path();
        if let Some(key) = given(&parts.headers) {
            let keys = site.in_force.keys();
            let found = find(key, site.admin_key.as_ref(), &keys, SystemClock.now());
            let caller = Caller { from, ..found.ok_or_else(Problem::unauthorized)? };
            caller.in_scope(path)?;
            return Ok(caller);
        }
        let caller = session::caller(site, &parts.headers).await?;
        let caller = Caller { from, ..caller.ok_or_else(Problem::unauthorized)? };
        if let (true, Some(signed)) = (cookies::changes(&parts.method), &caller.session) {
            cookies::same_site(&parts.headers)?;
            let given = parts.headers.get(cookies::CSRF_HEADER).and_then(|text| text.to_str().ok());
            if !given.is_some_and(|given| same(given, &signed.csrf)) {
                return Err(Problem::forbidden(
                    "a change by a session needs the header X-MUTT-CSRF with `csrf` of \
                     GET /session",
                ));
            }
        }
        if caller.session.as_ref().is_some_and(|signed| signed.must_change)
            && group_of(path) != "session"
        {
            return Err(Problem::forbidden(
                "the password is for once: set another by PUT /session/password first",
            ));
        }
        Ok(caller)
    }
}

/// Whether a key or a session is still good; to look is no use of a session.
pub(crate) async fn still_holds(site: &Site, headers: &HeaderMap) -> bool {
    if let Some(key) = given(headers) {
        let keys = site.in_force.keys();
        return find(key, site.admin_key.as_ref(), &keys, SystemClock.now()).is_some();
    }
    match session::known(site, headers).await {
        Ok(known) => known.is_some(),
        // It is not known to be over, and the stream tells that the database is away.
        Err(_) => true,
    }
}

fn given(headers: &HeaderMap) -> Option<&str> {
    if let Some(key) = headers.get("x-api-key") {
        return Some(key.to_str().unwrap_or_default());
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
    let caller = |name: &str, role, scope: &[String], teams: &[String]| Caller {
        name: name.to_owned(),
        role,
        teams: teams.to_vec(),
        scope: scope.to_vec(),
        from: None,
        session: None,
    };
    let mut found = None;
    for access in keys {
        if same(&access.digest, &given) && access.is_valid(now) {
            found = Some(caller(&access.name, access.role, &access.scope, &access.teams));
        }
    }
    if admin.is_some_and(|admin| same(&digest(admin.expose_secret()), &given)) {
        found = Some(caller(SETTINGS_KEY, Role::Admin, &[], &[]));
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
            scope: vec!["rules".to_owned()],
            teams: vec!["net".to_owned()],
        }
    }

    fn viewer() -> Caller {
        find("k", None, &[access("x", "k", None)], Timestamp::ZERO)
            .map(|caller| Caller { role: Role::Viewer, ..caller })
            .unwrap()
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
        let caller = viewer();
        assert!(caller.must(Role::Viewer).is_ok());
        let problem = caller.must(Role::Author).unwrap_err();
        assert_eq!(problem.status, 403);
        assert!(problem.detail.contains("author") && problem.detail.contains("viewer"));
    }

    #[test]
    fn a_key_opens_its_scope_and_changes_what_is_of_its_teams() {
        let caller = viewer();
        assert!(caller.in_scope("/rules/export").is_ok());
        let problem = caller.in_scope("/alerts").unwrap_err();
        assert!(problem.status == 403 && problem.detail.contains("alerts"), "{problem:?}");
        assert!(caller.must_be_of(Some("net"), "rule `a`").is_ok());
        for team in [Some("lab"), Some(""), None] {
            assert_eq!(caller.must_be_of(team, "rule `a`").unwrap_err().status, 403);
        }
        let of_all = Caller { teams: Vec::new(), scope: Vec::new(), ..caller };
        assert!(of_all.must_be_of(None, "rule `a`").is_ok() && of_all.in_scope("/x").is_ok());
    }

    #[test]
    fn a_key_is_known_by_its_looks() {
        assert!(is_key(new_key().expose_secret()));
        assert!(!is_key("mutt_x") && !is_key("viewer"));
    }
}
