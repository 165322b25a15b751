//! Whether this process can take messages now, check by check.
//!
//! A destination that is down makes nothing unready, nor does the database: messages wait for them
//! in the journal. Whoever sends nothing to a process that is unready would lose what it can take.
//! Nor does a Redis that is down: messages wait at their senders, and other inputs take theirs.

use std::fmt::Write;

use mutt_pipeline::Seat;
use mutt_pipeline::book::Refused;
use mutt_tls::{Health, Tls};

use crate::config::doors::Door;
use crate::status::Parts;

/// One check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// What is wrong; none: nothing.
    pub wrong: Option<String>,
    /// Whether it makes the process unready.
    pub needed: bool,
    /// What else there is to say.
    pub note: Option<String>,
}

/// All checks; `stuck` is why the journal takes nothing now, `weak` what of it is weaker than it
/// should be, `database` what is wrong with that, `secrets` how those are that settings name.
pub fn checks(
    parts: &Parts,
    refused: Option<&Refused>,
    (stuck, weak): (Option<String>, Option<String>),
    database: Option<String>,
    secrets: Option<Result<(), String>>,
) -> Vec<Check> {
    let check = |name: &str, needed: bool, wrong: Option<String>| Check {
        name: name.to_owned(),
        wrong,
        needed,
        note: None,
    };
    let not_up = "not all inputs take messages".to_owned();
    let mut checks = vec![
        check("inputs", true, parts.inputs_up_since.is_none().then_some(not_up)),
        check("journal", true, parts.journal_failed.clone()),
        check("journal_room", true, stuck),
        check("journal_durability", false, weak),
        check("database", false, database),
        check("rules", false, refused.map(Refused::words)),
    ];
    // Those that are known stay in use.
    checks.extend(secrets.map(|well| check("secrets", false, well.err())));
    for (input, down) in &parts.inputs {
        checks.push(check(&format!("input {input}"), false, down.clone()));
    }
    for (worker, wrong) in &parts.workers {
        let note = parts.seats.get(worker).and_then(standing_by);
        checks.push(Check { note, ..check(&format!("worker {worker}"), false, wrong.clone()) });
    }
    for (destination, down) in &parts.destinations {
        checks.push(check(&format!("destination {destination}"), false, down.clone()));
    }
    checks
}

/// How the files of TLS are, and which listeners do without it. None makes the process unready: the
/// last good files stay in use, and plain text was allowed.
pub fn of_tls(tls: &Tls, doors: &[Door]) -> Vec<Check> {
    let files = tls.health().into_iter().map(|Health { name, wrong }| Check {
        name: format!("tls {name}"),
        wrong,
        needed: false,
        note: None,
    });
    let doors = doors.iter().filter_map(|door| {
        let (note, wrong) = match door.says()? {
            Ok(note) => (Some(note), None),
            Err(wrong) => (None, Some(wrong)),
        };
        Some(Check { name: format!("door {}", door.name), wrong, needed: false, note })
    });
    files.chain(doors).collect()
}

/// Of a worker whose job another process does: that is as it should be.
fn standing_by(seat: &Seat) -> Option<String> {
    match seat {
        Seat::Standby { holder, until } => {
            Some(format!("standing by; {holder} holds it until {until}"))
        }
        Seat::Unsure { why } => Some(format!("waiting for its lease: {why}")),
        Seat::Held { .. } | Seat::Lost => None,
    }
}

/// Whether every needed check is well.
pub fn ready(checks: &[Check]) -> bool {
    checks.iter().all(|check| !check.needed || check.wrong.is_none())
}

/// A line for each check, as Kubernetes' own endpoints write them.
pub fn verbose(checks: &[Check]) -> String {
    let mut text = String::new();
    for check in checks {
        let _ = match (&check.wrong, check.needed) {
            (None, _) => match &check.note {
                None => writeln!(text, "[+]{} ok", check.name),
                Some(note) => writeln!(text, "[+]{} ok, {note}", check.name),
            },
            (Some(wrong), true) => writeln!(text, "[-]{} failed: {wrong}", check.name),
            (Some(wrong), false) => writeln!(text, "[~]{} degraded: {wrong}", check.name),
        };
    }
    text.push_str(if ready(checks) { "readyz check passed\n" } else { "readyz check failed\n" });
    text
}

#[cfg(test)]
mod tests {
    use mutt_event::Timestamp;

    use super::*;

    fn parts() -> Parts {
        Parts { inputs_up_since: Some(Timestamp::ZERO), ..Parts::default() }
    }

    #[test]
    fn what_messages_wait_for_in_the_journal_makes_nothing_unready() {
        let mut parts = parts();
        parts.destinations.insert("moogsoft".into(), Some("503".into()));
        parts.inputs.insert("redis_list/syslog".into(), Some("cannot reach it".into()));
        let refused = Refused { revision: 7, faults: Vec::new() };
        let (away, sealed) = ("no answer for 7 s".to_owned(), Err("vault: sealed".to_owned()));
        let found = checks(&parts, Some(&refused), (None, None), Some(away), Some(sealed));
        assert!(ready(&found));
        assert!(verbose(&found).contains("[~]database degraded: no answer for 7 s"));
        assert!(verbose(&found).contains("[~]rules degraded: revision 7"));
        assert!(verbose(&found).contains("[~]secrets degraded: vault: sealed"));
        assert!(verbose(&found).contains("[~]destination moogsoft degraded: 503"));
        assert!(verbose(&found).contains("[~]input redis_list/syslog degraded: cannot reach it"));
        assert!(
            !ready(&checks(&parts, None, (Some("no room".into()), None), None, None)),
            "the journal is full"
        );
    }

    #[test]
    fn standing_by_is_well() {
        let mut parts = parts();
        parts.workers.insert("judge".into(), None);
        let until = Timestamp::ZERO;
        parts.seats.insert("judge".into(), Seat::Standby { holder: "mutt-2/ab".into(), until });
        let found = checks(&parts, None, (None, None), None, None);
        assert!(ready(&found));
        let line = "[+]worker judge ok, standing by; mutt-2/ab holds it until 1970-01-01T00:00:00";
        assert!(verbose(&found).contains(line), "{}", verbose(&found));
    }

    #[test]
    fn a_failed_journal_makes_it_unready() {
        let mut parts = parts();
        parts.journal_failed = Some("sync: EIO".into());
        let found = checks(&parts, None, (None, None), None, None);
        assert!(verbose(&found).contains("[-]journal failed: sync: EIO"));
        assert!(!ready(&found));
    }
}
