//! Events and rules for tests.
#![allow(dead_code)] // each test file uses some of it
#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

pub mod random;

use std::borrow::Cow;

use mutt_event::trap::{Trap, Value, VarBind, Version};
use mutt_event::{Envelope, Event, Flags, Input, Kind, MessageId, Severity, Timestamp};
use mutt_rules::{Environment, Fault, Format, RuleSet, Scratch, Verdict, parse_rules};

/// An event with this text, of a router, through syslog over UDP.
pub fn event(message: &str) -> Event<'_> {
    let envelope = Envelope {
        input: Input::SyslogUdp,
        kind: Kind::Syslog,
        flags: Flags::default(),
        received: Timestamp::ZERO,
        session: 0,
        peer: Some("10.1.2.3:514".parse().unwrap()),
        host: "core-rtr-01",
        dedup: None,
        usm: None,
        raw: message.as_bytes(),
    };
    let id = MessageId { appended: Timestamp::ZERO, partition: 0, position: 1 };
    let mut event = Event::unparsed(id, &envelope);
    event.severity = Some(Severity::Error);
    event.facility = Some(23);
    event.app = Some(Cow::Borrowed(b"bgpd"));
    event.msgid = Some(Cow::Borrowed(b"RPD_BGP_DOWN"));
    event.mnemonic = Some(Cow::Borrowed(b"LINK-3-UPDOWN"));
    event
}

/// A version 2c trap with one variable.
pub fn trap(oid: &str) -> Event<'static> {
    let mut event = event("trap");
    event.kind = Kind::Trap;
    event.severity = None;
    event.facility = None;
    event.app = None;
    event.msgid = None;
    event.mnemonic = None;
    event.trap = Some(Box::new(Trap {
        version: Version::V2c,
        community: b"public",
        inform: false,
        trap_oid: oid.parse().unwrap(),
        enterprise: None,
        agent_addr: None,
        trap_address: None,
        uptime_ticks: None,
        request_id: None,
        complete: true,
        varbinds: vec![VarBind {
            oid: "1.3.6.1.2.1.2.2.1.1.7".parse().unwrap(),
            value: Value::Integer(7),
        }],
    }));
    event
}

/// A rule set of one rule whose `when` is this TOML value.
pub fn when(when: &str) -> RuleSet {
    set(&format!("[[rules]]\nid = \"r\"\npriority = 1\nhandling = \"log_only\"\nwhen = {when}\n"))
}

/// A rule set from TOML.
pub fn set(toml: &str) -> RuleSet {
    let rules =
        parse_rules(toml, Format::Toml).unwrap_or_else(|faults| panic!("{}", lines(&faults)));
    RuleSet::compile(rules).unwrap_or_else(|faults| panic!("{}", lines(&faults))).0
}

/// The faults of a TOML file, one in a line.
pub fn faults(toml: &str) -> String {
    match parse_rules(toml, Format::Toml) {
        Ok(_) => String::new(),
        Err(faults) => lines(&faults),
    }
}

/// Faults, one in a line.
pub fn lines(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

/// What a set says of an event in production.
pub fn judge(set: &RuleSet, event: &Event<'_>) -> Verdict {
    set.judge(event, Environment::Prod, &mut Scratch::default())
}

/// Does the condition hold of the event?
pub fn holds(condition: &str, event: &Event<'_>) -> bool {
    judge(&when(condition), event).owner.is_some()
}
