//! MUTT between the stand-ins, and what its ledger says.

use std::path::Path;

use mutt_output::standin::{Door, Told};
use serde_json::Value;

use crate::common::mutt::{Mutt, post};
use crate::common::receivers::Receivers;
use crate::common::{folder, wait};

/// A link that goes down and comes up again: one alert by interface.
pub const LINK: &str = r#"
[[rules]]
id = "link"
priority = 10
handling = "page_and_ticket"
team = "noc"
severity = "major"
when.message.regex = 'link (?<name>\S+) is down'
clear.message.regex = 'link (?<name>\S+) is up'
key = "{captures.name}"
"#;

/// A line of the rule `link`.
pub fn link(name: &str, state: &str) -> String {
    format!("<187>Nov 23 12:00:00 core-1 link {name} is {state}")
}

/// One MUTT, NetIM and Moogsoft.
pub struct World {
    /// NetIM and Moogsoft.
    pub receivers: Receivers,
    /// The process under test.
    pub mutt: Mutt,
    folder: tempfile::TempDir,
}

impl World {
    /// Starts all, the archive over `door`; `top` are settings above all sections.
    pub fn start(rules: &str, door: Door, top: &str) -> Self {
        Self::start_with(rules, |receivers| format!("{top}\n{}", receivers.config(door)))
    }

    /// Starts all with settings that name the receivers.
    pub fn start_with(rules: &str, config: impl FnOnce(&Receivers) -> String) -> Self {
        Self::start_at(Receivers::start(), rules, config)
    }

    /// The same with receivers that are there.
    pub fn start_at(
        receivers: Receivers,
        rules: &str,
        config: impl FnOnce(&Receivers) -> String,
    ) -> Self {
        let folder = folder();
        let mut mutt = Mutt::configured(folder.path(), rules, &config(&receivers));
        mutt.start();
        Self { receivers, mutt, folder }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Posts lines as one batch; the status of the answer.
    pub fn post(&self, headers: &str, lines: &[String]) -> u16 {
        let headers = format!("Content-Type: text/plain\r\n{headers}");
        let body = lines.join("\n");
        let answer = post(self.mutt.doors.http, "/api/v2/ingest", &headers, body.as_bytes());
        answer.expect("an answer to a POST").0
    }

    /// Posts lines that must be accepted.
    pub fn accepted(&self, lines: &[String]) {
        assert_eq!(self.post("", lines), 202);
    }

    /// A reader's account in the ledger; a reader has none before its first step.
    pub fn account(&self, reader: &str) -> Account {
        wait::until(&format!("the account of {reader}"), || {
            let ledger = self.mutt.ledger();
            assert_eq!(ledger["balanced"], true, "{ledger:#}");
            find(&ledger, reader).ok_or_else(|| format!("{ledger:#}"))
        })
    }

    /// Waits until a reader's account fits.
    pub fn account_when(
        &self,
        reader: &str,
        what: &str,
        fits: impl Fn(&Account) -> bool,
    ) -> Account {
        wait::until(&format!("{reader}: {what}"), || {
            let account = self.account(reader);
            if fits(&account) { Ok(account) } else { Err(format!("{account:?}")) }
        })
    }

    /// Waits until no message waits for any reader, and the ledger balances.
    pub fn settled(&self) -> Value {
        settled(&self.mutt)
    }

    /// Waits for an event at Moogsoft.
    pub fn told(&self, what: &str, fits: impl Fn(&Told) -> bool) -> Told {
        wait::until(&format!("Moogsoft to be told: {what}"), || {
            let told = self.receivers.moogsoft.told();
            let known = || told.iter().map(|t| (&t.signature, &t.kind)).collect::<Vec<_>>();
            told.iter().find(|told| fits(told)).cloned().ok_or_else(|| format!("{:?}", known()))
        })
    }

    /// Waits until Moogsoft is told of MUTT's own alert `rule`, or of its end.
    pub fn told_of_itself(&self, rule: &str, kind: &str) -> Told {
        let signature = format!("mutt::mutt/{rule}");
        self.told(&format!("{rule} {kind}"), |told| {
            told.signature.starts_with(&signature) && told.kind == kind
        })
    }
}

/// How often the message of an alert was counted, as told with a notice.
pub fn count(told: &Told) -> u64 {
    told.event["custom_info"]["mutt"]["count"].as_u64().expect("a count")
}

/// A reader's account.
#[derive(Clone, PartialEq, Debug)]
pub struct Account {
    /// Messages stored.
    pub stored: u64,
    /// Messages not done.
    pub waiting: u64,
    done: Value,
}

impl Account {
    /// How many messages had an outcome.
    pub fn of(&self, outcome: &str) -> u64 {
        self.done.get(outcome).and_then(Value::as_u64).unwrap_or(0)
    }
}

/// A reader's account in a ledger that has one.
pub fn account(ledger: &Value, reader: &str) -> Account {
    find(ledger, reader).unwrap_or_else(|| panic!("no {reader} in {ledger:#}"))
}

fn find(ledger: &Value, reader: &str) -> Option<Account> {
    let readers = ledger["readers"].as_array().expect("readers");
    let all = &readers.iter().find(|account| account["reader"] == reader)?["all"];
    let number = |name: &str| all[name].as_u64().expect("a number");
    Some(Account {
        stored: number("stored"),
        waiting: number("waiting"),
        done: all["done"].clone(),
    })
}

/// Waits until no message waits for any reader, and the ledger balances.
pub fn settled(mutt: &Mutt) -> Value {
    wait::until_none_left("the ledger to show all as done", || {
        let ledger = mutt.ledger();
        let readers = ledger["readers"].as_array().expect("readers");
        let all = readers.len() == 3; // the judge, and the archive of syslog and of traps
        let waiting = readers.iter().filter_map(|reader| reader["all"]["waiting"].as_u64());
        let waiting: u64 = waiting.sum();
        if !all || waiting > 0 || ledger["balanced"] != true {
            Err((usize::try_from(waiting).unwrap_or(usize::MAX), format!("{ledger:#}")))
        } else {
            Ok(ledger)
        }
    })
}
