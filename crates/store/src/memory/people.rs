//! Sessions, attempts to sign in and the audit, in memory.

use std::collections::BTreeMap;

use mutt_event::Timestamp;

use crate::people::{ATTEMPTS_FORGOTTEN, AUDIT_START, FREE_ATTEMPTS, lock_after};
use crate::{
    AuditEntry, AuditQuery, AuditRow, Ending, MemoryStore, People, PeopleChange, SESSIONS_MAX,
    Session, SignInAttempt, StoreError,
};

#[derive(Debug, Default)]
pub(super) struct Table {
    sessions: BTreeMap<String, Session>,
    attempts: BTreeMap<String, (u32, Timestamp)>,
    audit: Vec<(AuditRow, AuditEntry)>,
}

impl Table {
    pub fn append(&mut self, entries: Vec<AuditEntry>) {
        for entry in entries {
            let last = self.audit.last().map(|(row, _)| (row.number, row.hash.as_str()));
            let (number, hash) = last.unwrap_or((0, AUDIT_START));
            let row = AuditRow::next(number, hash, &entry);
            self.audit.push((row, entry));
        }
    }

    fn apply(&mut self, change: PeopleChange) -> u64 {
        let before = self.sessions.len();
        match &change.end {
            Some(Ending::One(digest)) => self.sessions.retain(|key, _| key != digest),
            Some(Ending::AllOf(who)) => self.sessions.retain(|_, one| one.who != *who),
            None => {}
        }
        let ended = before - self.sessions.len();
        if let Some(session) = change.open {
            self.open(session);
        }
        if let Some((digest, at)) = change.used
            && let Some(session) = self.sessions.get_mut(&digest)
        {
            session.used_at = at;
        }
        if let Some(name) = change.forgive {
            self.attempts.remove(&name);
        }
        self.append(change.audit);
        ended as u64
    }

    fn open(&mut self, session: Session) {
        self.sessions.retain(|_, one| one.ends_at > session.made_at);
        let who = session.who.clone();
        self.sessions.insert(session.digest.clone(), session);
        let mut theirs: Vec<_> = self.sessions.values().filter(|one| one.who == who).collect();
        theirs.sort_by_key(|one| (std::cmp::Reverse(one.made_at), one.digest.clone()));
        let many = theirs.into_iter().skip(SESSIONS_MAX as usize);
        for digest in many.map(|one| one.digest.clone()).collect::<Vec<_>>() {
            self.sessions.remove(&digest);
        }
    }

    fn attempt(&mut self, name: &str, at: Timestamp) -> SignInAttempt {
        let forgotten = at.before(ATTEMPTS_FORGOTTEN);
        self.attempts.retain(|_, (_, last_at)| *last_at >= forgotten);
        let (failures, last_at) = self.attempts.entry(name.to_owned()).or_insert((0, at));
        let until = last_at.after(lock_after(*failures));
        if *failures >= FREE_ATTEMPTS && until > at {
            return SignInAttempt::Locked(until);
        }
        *failures += 1;
        *last_at = at;
        SignInAttempt::Free
    }

    fn rows(&self, query: &AuditQuery) -> Vec<AuditRow> {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        let fits = |(row, entry): &&(AuditRow, AuditEntry)| {
            query.above.is_none_or(|above| row.number > above)
                && query.below.is_none_or(|below| row.number < below)
                && query.since.is_none_or(|since| entry.at >= since)
                && query.until.is_none_or(|until| entry.at < until)
                && is(&query.who, &entry.who)
                && is(&query.what, &entry.what)
        };
        let mut rows: Vec<AuditRow> =
            self.audit.iter().filter(fits).map(|(row, _)| row.clone()).collect();
        if query.above.is_none() {
            rows.reverse();
        }
        rows.truncate(query.limit as usize);
        rows
    }
}

impl People for MemoryStore {
    async fn people(&self, change: PeopleChange) -> Result<u64, StoreError> {
        Ok(self.tables().people.apply(change))
    }

    async fn session(&self, digest: &str) -> Result<Option<Session>, StoreError> {
        Ok(self.tables().people.sessions.get(digest).cloned())
    }

    async fn attempt(&self, name: &str, at: Timestamp) -> Result<SignInAttempt, StoreError> {
        Ok(self.tables().people.attempt(name, at))
    }

    async fn audit(&self, query: AuditQuery) -> Result<Vec<AuditRow>, StoreError> {
        Ok(self.tables().people.rows(&query))
    }
}
