//! Who is signed in, who tried to, and the audit of what was done by whom.
//!
//! From: the API and the command line. To: every process over the database, which share sessions
//! and the limit on attempts to sign in; and whoever reads the audit, which is only appended to.

use std::future::Future;
use std::time::Duration;

use mutt_event::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{ItemChange, StoreError};

/// So many attempts without a success are free.
pub const FREE_ATTEMPTS: u32 = 5;
/// After so long without an attempt they are forgotten.
pub const ATTEMPTS_FORGOTTEN: Duration = Duration::from_secs(15 * 60);
/// A person has at most so many sessions; the oldest end first.
pub const SESSIONS_MAX: u32 = 20;
/// What stands before the first row of the audit.
pub const AUDIT_START: &str = "";

/// A session, as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    /// SHA-256 of its id, in hexadecimal.
    pub digest: String,
    /// Whose.
    pub who: String,
    /// When it began.
    pub made_at: Timestamp,
    /// When it was last used, to a minute.
    pub used_at: Timestamp,
    /// When it ends, however it is used.
    pub ends_at: Timestamp,
    /// JSON, which is not understood here.
    pub body: String,
}

/// Which sessions end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ending {
    /// The one of this digest.
    One(String),
    /// All of a person.
    AllOf(String),
}

/// Something that was done, or tried.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who: a person, a key, `terminal:USER`, or the name that was tried.
    pub who: String,
    /// The address that it came from; empty: none, such as from a terminal.
    pub from: String,
    /// What: `sign-in`, `change`, `decision`, …
    pub what: String,
    /// Of what; empty where the revision says it.
    pub item: String,
    /// Whether it was done.
    pub done: bool,
    /// Why, in their words or in MUTT's.
    pub why: String,
    /// The revision that holds before and after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
    /// SHA-256 over what that revision changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// JSON; before and after where no revision holds them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// See `before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A row of the audit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRow {
    /// Its number; they are dense, from 1.
    pub number: u64,
    /// The entry in JSON, as its hash has it.
    pub body: String,
    /// SHA-256 over the hash before, its number and its body, in hexadecimal.
    pub hash: String,
}

impl AuditRow {
    /// The row behind one with this number and hash.
    pub(crate) fn next(last: u64, last_hash: &str, entry: &AuditEntry) -> Self {
        // Texts and numbers always serialise; an empty text would be found by whoever verifies.
        let body = serde_json::to_string(entry).unwrap_or_default();
        let number = last + 1;
        let hash = chained(last_hash, number, &body);
        Self { number, body, hash }
    }

    /// Whether it is what was written behind a row of this hash.
    pub fn follows(&self, last_hash: &str) -> bool {
        chained(last_hash, self.number, &self.body) == self.hash
    }

    /// What it says.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if it is no entry.
    pub fn entry(&self) -> Result<AuditEntry, StoreError> {
        serde_json::from_str(&self.body).map_err(|error| {
            StoreError::Damaged(format!("row {} of the audit: {error}", self.number))
        })
    }
}

fn chained(last_hash: &str, number: u64, body: &str) -> String {
    hex(Sha256::new().chain_update(format!("{last_hash}\n{number}\n")).chain_update(body))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 over what a revision changed, so that the audit vouches for it.
pub fn content_digest(changes: &[ItemChange]) -> String {
    let mut lines: Vec<String> = changes
        .iter()
        .map(|ItemChange { kind, name, before, after }| {
            // Lists of texts always serialise.
            let row = (kind.name(), name, before, after);
            serde_json::to_string(&row).unwrap_or_default()
        })
        .collect();
    lines.sort_unstable();
    let add = |hash: Sha256, line: String| hash.chain_update(line).chain_update("\n");
    hex(lines.into_iter().fold(Sha256::new(), add))
}

/// Which rows of the audit are wanted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AuditQuery {
    /// Only those above this number, oldest first; none: newest first.
    pub above: Option<u64>,
    /// Only those below this number.
    pub below: Option<u64>,
    /// Only those of that time or later.
    pub since: Option<Timestamp>,
    /// Only those before that time.
    pub until: Option<Timestamp>,
    /// Only those by them.
    pub who: Option<String>,
    /// Only those that say this was done.
    pub what: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// Changes of sessions with their audit, made true wholly or not at all.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PeopleChange {
    /// A session that begins.
    pub open: Option<Session>,
    /// Sessions that end.
    pub end: Option<Ending>,
    /// A session that was used, and when.
    pub used: Option<(String, Timestamp)>,
    /// Whose attempts to sign in are forgotten.
    pub forgive: Option<String>,
    /// What the audit says of it.
    pub audit: Vec<AuditEntry>,
}

/// What becomes of an attempt to sign in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignInAttempt {
    /// It may be made. It counts as a failure until it is forgiven.
    Free,
    /// It is not looked at before this time.
    Locked(Timestamp),
}

/// How long nothing is looked at after so many failures.
pub fn lock_after(failures: u32) -> Duration {
    match failures.checked_sub(FREE_ATTEMPTS) {
        None => Duration::ZERO,
        Some(more) => Duration::from_secs(30 << more.min(5)).min(ATTEMPTS_FORGOTTEN),
    }
}

/// The part of the database that knows people.
pub trait People: Clone + Send + Sync + 'static {
    /// Makes a change true; answers how many sessions ended.
    fn people(&self, change: PeopleChange) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// A session by its digest, also one that is over but not yet deleted.
    fn session(
        &self,
        digest: &str,
    ) -> impl Future<Output = Result<Option<Session>, StoreError>> + Send;

    /// Counts an attempt to sign in under a name, whoever has it, over all processes.
    fn attempt(
        &self,
        name: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<SignInAttempt, StoreError>> + Send;

    /// Rows of the audit.
    fn audit(
        &self,
        query: AuditQuery,
    ) -> impl Future<Output = Result<Vec<AuditRow>, StoreError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn the_lock_grows_and_has_an_end() {
        let seconds: Vec<u64> = (4..12).map(|failures| lock_after(failures).as_secs()).collect();
        assert_eq!(seconds, [0, 30, 60, 120, 240, 480, 900, 900]);
        assert_eq!(lock_after(u32::MAX).as_secs(), 900);
    }

    #[test]
    fn a_row_that_was_touched_does_not_follow() {
        let row = AuditRow::next(0, AUDIT_START, &AuditEntry::default());
        assert!(row.follows(AUDIT_START));
        assert!(!row.follows("00"));
        let body = row.body.replace("false", "true");
        assert!(!AuditRow { body, ..row.clone() }.follows(AUDIT_START));
        assert!(!AuditRow { number: 2, ..row }.follows(AUDIT_START));
    }

    #[test]
    fn the_order_of_changes_makes_no_other_digest() {
        let change = |name: &str, after: &str| ItemChange {
            kind: Kind::Rule,
            name: name.to_owned(),
            before: None,
            after: Some(after.to_owned()),
        };
        let (a, b) = (change("a", "1"), change("b", "2"));
        assert_eq!(content_digest(&[a.clone(), b.clone()]), content_digest(&[b.clone(), a]));
        assert_ne!(content_digest(&[b]), content_digest(&[change("b", "3")]));
    }
}
