//! What a message means to the rules of a revision, in slow words of its own.
//!
//! From: a stored message. To: its outcome, and the signal for the reference. It asks neither the
//! rules' conditions nor the inventory; of a rule it takes nothing but its plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use mutt_alert::{Facts, Signal, SignalKind};
use mutt_event::MessageId;
use mutt_rules::{AlertSeverity, Environment, Handling, Links, Plan};
use mutt_store::Outcome;

use super::InJournal;
use crate::messages::Word;

/// The plans of a revision, by rule.
pub(super) type Plans = BTreeMap<String, Arc<Plan>>;

/// What a word says of which rule.
fn rule_of(word: Word) -> Option<(SignalKind, &'static str)> {
    use SignalKind::{Clear, Problem, Then, Without};
    Some(match word {
        Word::LinkDown => (Problem, "link"),
        Word::LinkUp => (Clear, "link"),
        Word::AuthFail => (Problem, "auth"),
        Word::FanFail => (Problem, "fan"),
        Word::Noise => (Problem, "noise"),
        Word::LoginFail => (Problem, "login"),
        Word::CrcError => (Problem, "crc"),
        Word::CrcFine => (Clear, "crc"),
        Word::BgpDown => (Problem, "bgp"),
        Word::BgpUp => (Clear, "bgp"),
        Word::Heartbeat => (Problem, "beat"),
        Word::Config => (Problem, "config"),
        Word::Saved => (Without, "config"),
        Word::Reload => (Then, "config"),
        Word::PortDown => (Problem, "flap"),
        Word::PortOk => (Clear, "flap"),
        Word::PowerLost => (Problem, "power"),
        Word::PowerBack => (Clear, "power"),
        Word::HostDown => (Problem, "host"),
        Word::HostOk => (Clear, "host"),
        Word::Duplex => (Problem, "duplex"),
        Word::Nothing => return None,
    })
}

fn handling(rule: &str, is_dev: bool, revision: u64) -> Handling {
    match rule {
        "link" | "bgp" if is_dev => Handling::LogOnly,
        "fan" if revision == 2 => Handling::LogOnly,
        "auth" => Handling::LogOnly,
        "noise" => Handling::Suppress,
        "link" | "bgp" | "beat" | "power" => Handling::PageOnly,
        "fan" | "login" | "config" | "duplex" => Handling::TicketOnly,
        _ => Handling::PageAndTicket,
    }
}

fn team(rule: &str) -> &'static str {
    match rule {
        "auth" | "noise" => "",
        "fan" => "field",
        "login" => "security",
        "power" => "facility",
        _ => "noc",
    }
}

fn is_keyed(rule: &str, revision: u64) -> bool {
    matches!(rule, "login" | "bgp" | "duplex") || (rule == "auth" && revision == 3)
}

fn site(host: &str) -> Option<&'static str> {
    match host {
        "core1" | "core2" | "lab-1" => Some("a"),
        "edge1" => Some("b"),
        _ => None,
    }
}

fn links(rule: &str, host: &str) -> Links {
    let key = site(host).map(|site| format!("power site={site}")).into_iter();
    match rule {
        "power" => Links { parent_as: key.collect(), ..Links::default() },
        "host" => Links { child_of: key.collect(), ..Links::default() },
        _ => Links::default(),
    }
}

/// What becomes of a message that is no repeat, under a revision.
pub(super) fn says(message: &InJournal, revision: u64, plans: &Plans) -> (Outcome, Option<Signal>) {
    let found = rule_of(message.said.word).and_then(|(kind, rule)| {
        let plan = plans.get(rule)?;
        Some((kind, rule, plan.clone()))
    });
    let Some((kind, rule, plan)) = found else { return (Outcome::Unhandled, None) };
    let host = message.host.as_str();
    let is_dev = host.starts_with("lab-") || (host == "edge1" && revision == 2);
    let handling = handling(rule, is_dev, revision);
    let outcome = match handling {
        Handling::Suppress => return (Outcome::Suppressed, None),
        Handling::LogOnly => Outcome::Logged,
        _ => Outcome::Alerting,
    };
    let facts = Facts {
        key: if is_keyed(rule, revision) { message.said.key.to_string() } else { String::new() },
        environment: if is_dev { Environment::Dev } else { Environment::Prod },
        site: site(host).map(str::to_owned),
        handling,
        severity: match message.said.severity {
            0..=2 => AlertSeverity::Critical,
            3 => AlertSeverity::Major,
            _ => AlertSeverity::Minor,
        },
        team: team(rule).to_owned(),
        links: links(rule, host),
        ..Facts::bare(host, id(message), message.time)
    };
    let distinct = (rule == "login").then(|| host.to_owned());
    (outcome, Some(Signal { kind, plan, distinct, facts }))
}

fn id(message: &InJournal) -> MessageId {
    MessageId { appended: message.time, partition: message.partition, position: message.position }
}
