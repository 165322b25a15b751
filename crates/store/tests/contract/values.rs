//! Values for tests of the store.

use mutt_alert::{Alert, AlertState, Decided, Decision, Facts, Notice, NoticeKind, own_plan};
use mutt_event::{MessageId, Timestamp};
use mutt_patterns::{Miner, Pattern, Seen};
use mutt_rules::{AlertSeverity, Environment, Handling, Links};
use mutt_store::{
    Change, Counts, Cursor, CursorMove, Delivered, Delivery, DeliveryState, Edit, ItemEdit, Kind,
    Outcome, PatternChange, StoreError,
};

pub const JOURNAL: &str = "journal-1";

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

pub fn alert(id: &str, signature: &str, first_seen: i64) -> Alert {
    let facts = Facts {
        key: "Gi0/1".to_owned(),
        host: "core-1".to_owned(),
        environment: Environment::Prod,
        site: Some("fra1".to_owned()),
        handling: Handling::PageAndTicket,
        severity: AlertSeverity::Major,
        team: "network".to_owned(),
        summary: "link \"down\" \u{1f525}".to_owned(),
        text: "%LINK-3-UPDOWN:\tit's down\u{0}".to_owned(),
        raw: String::new(),
        reason: "mnemonic".to_owned(),
        labels: [("rack".to_owned(), "a \"7\"".to_owned())].into(),
        object: None,
        links: Links::default(),
        cause: MessageId { appended: at(first_seen), partition: 3, position: 77 },
        syslog_severity: Some(mutt_event::Severity::Error),
        received: at(first_seen),
        at: at(first_seen),
    };
    Alert {
        id: id.to_owned(),
        count: 1,
        notices: 1,
        runbook: Some("https://wiki.example/link".to_owned()),
        ..Alert::new(signature, &own_plan("link-down", None), &facts)
    }
}

pub fn ended(alert: &Alert, seconds: i64) -> Alert {
    Alert { state: AlertState::Cleared, ended_at: Some(at(seconds)), ..alert.clone() }
}

pub fn notice(alert: &Alert, number: u32, seconds: i64) -> Notice {
    Notice {
        id: format!("{}-{number}", alert.id),
        kind: NoticeKind::Open,
        at: at(seconds),
        received: at(seconds),
        cause: alert.cause,
        alert: alert.clone(),
        late: false,
    }
}

pub fn to(notice: Notice, destinations: &[&str]) -> (Notice, Vec<String>) {
    (notice, destinations.iter().map(|name| (*name).to_owned()).collect())
}

/// An alert with one notice for each of `destinations`.
pub fn told(id: &str, seconds: i64, destinations: &[&str]) -> Change {
    let alert = alert(id, &format!("host::{id}"), seconds);
    let notices = vec![to(notice(&alert, 1, seconds), destinations)];
    Change { alerts: vec![alert], notices, ..Change::default() }
}

/// A move of a claimed cursor to `to`, with that many messages archived.
pub fn step(cursor: &Cursor, target: u64) -> CursorMove {
    let mut counts = Counts::default();
    counts.add(Outcome::Archived, target);
    CursorMove {
        reader: cursor.reader.clone(),
        partition: cursor.partition,
        epoch: cursor.epoch,
        from: cursor.position,
        to: target,
        time: Timestamp::from_micros(i64::try_from(target).unwrap_or(i64::MAX)),
        counts,
    }
}

pub fn moves(moves: Vec<CursorMove>) -> Change {
    Change { cursors: moves, ..Change::default() }
}

pub fn fenced(reader: &str, partition: u16) -> Result<(), StoreError> {
    Err(StoreError::Fenced { reader: reader.to_owned(), partition })
}

pub fn done(delivery: &Delivery, state: DeliveryState, seconds: i64) -> Delivered {
    Delivered {
        number: delivery.number,
        state,
        attempts: delivery.attempts + 1,
        answer: Some(format!("answer '{}'", state.name())),
        at: at(seconds),
    }
}

pub fn delivered(delivered: Vec<Delivered>) -> Change {
    Change { delivered, ..Change::default() }
}

/// An edit by somebody, `base` seconds after the start.
pub fn edit(base: u64, items: &[(Kind, &str, Option<&str>)]) -> Edit {
    let item = |(kind, name, body): &(Kind, &str, Option<&str>)| ItemEdit {
        kind: *kind,
        name: (*name).to_owned(),
        body: body.map(str::to_owned),
    };
    Edit {
        base,
        at: at(i64::try_from(base).unwrap()),
        who: "ann".to_owned(),
        from: "192.0.2.1".to_owned(),
        why: format!("it's \"{base}\""),
        items: items.iter().map(item).collect(),
    }
}

/// Somebody says something of an alert.
pub fn decided(alert_id: &str, text: &str) -> Decided {
    Decided {
        alert_id: alert_id.to_owned(),
        signature: format!("host::{alert_id}"),
        who: "ada".to_owned(),
        at: at(5),
        decision: Decision::Comment { text: text.to_owned() },
    }
}

/// A pattern of so many messages of this text, by a host, the first after so many seconds and each
/// a second after the one before.
pub fn pattern(key: &str, text: &str, host: &str, seconds: i64, times: i64) -> Pattern {
    let mut miner = Miner::new(mutt_patterns::Limits::default());
    for at in (seconds..seconds + times).map(at) {
        let id = MessageId { appended: at, partition: 1, position: 7 };
        let (key, text, severity) = (key.as_bytes(), text.as_bytes(), None);
        miner.observe(&Seen { key, host, text, severity, team: Some("Network"), at, id });
    }
    miner.take_changes().remove(0)
}

pub fn kept(kept: Vec<Pattern>) -> Change {
    Change { patterns: PatternChange { kept, ..PatternChange::default() }, ..Change::default() }
}
