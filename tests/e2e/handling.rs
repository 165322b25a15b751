//! What a rule asks for: who is told, how severe it is, in production and in development.

use mutt_output::standin::Told;

use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;
use crate::common::{database, folder, send, wait};

/// One rule for each handling and severity; the word in the message chooses it.
const RULES: &str = r#"
[[rules]]
id = "paged"
priority = 10
team = "net"
handling = { prod = "page_and_ticket", dev = "log_only" }
when.message.contains = "alarm-paged"

[[rules]]
id = "override"
priority = 11
team = "net"
handling = "ticket_only"
severity = "critical"
when.message.contains = "alarm-override"

[[rules]]
id = "logged"
priority = 12
handling = "log_only"
when.message.contains = "alarm-logged"

[[rules]]
id = "noise"
priority = 13
handling = "suppress"
when.message.contains = "alarm-noise"

[[rules]]
id = "last"
priority = 99
team = "net"
handling = "email_only"
when.message.contains = "alarm-last"
"#;

struct Way {
    receivers: Receivers,
    mutt: Mutt,
    folder: tempfile::TempDir,
}

impl Way {
    fn start(sections: &str) -> Self {
        let folder = folder();
        let receivers = Receivers::start();
        let more = format!("{sections}{}", receivers.destination());
        let mut mutt = Mutt::configured(folder.path(), RULES, &more);
        mutt.start();
        Self { receivers, mutt, folder }
    }

    /// Sends messages, and one that tells Moogsoft for sure after all of them; answers what it
    /// was told.
    fn told(&self, messages: &[&str]) -> Vec<Told> {
        let last = ["<189>Nov 23 12:00:00 core-1 app: alarm-last"];
        send::lines(self.mutt.doors.tcp, &[messages, &last].concat());
        wait::until("the last one at Moogsoft", || {
            let told = self.receivers.moogsoft.told();
            match told.last().is_some_and(|last| last.signature.contains("::last")) {
                true => Ok(told),
                false => Err(format!("{told:?}")),
            }
        })
    }

    fn judged(&self, outcome: &str) -> f64 {
        let labels = ["reader=\"judge\"", &format!("outcome=\"{outcome}\"")];
        self.mutt.metric("mutt_ledger_messages_total", &labels)
    }
}

fn signatures(told: &[Told]) -> Vec<&str> {
    told.iter().map(|told| told.signature.as_str()).collect()
}

#[test]
fn the_environment_chooses_the_handling() {
    let way = Way::start("[environment]\ndevelopment = [\"lab-*\", \"test-1\"]\n");
    let told = way.told(&[
        "<187>Nov 23 12:00:00 lab-7 app: alarm-paged",
        "<187>Nov 23 12:00:00 test-1 app: alarm-paged",
        "<187>Nov 23 12:00:00 core-1 app: alarm-paged",
        "<187>Nov 23 12:00:00 test-10 app: alarm-paged",
    ]);
    assert_eq!(signatures(&told), ["core-1::paged", "test-10::paged", "core-1::last"]);
    let info = &told[0].event["custom_info"]["mutt"];
    assert_eq!(
        (&info["environment"], &info["handling"]),
        (&"prod".into(), &"page_and_ticket".into())
    );
    wait::until_true("the judge to count", || way.judged("alerting") == 3.0);
    assert_eq!(way.judged("logged"), 2.0);
    let mut open: Vec<String> =
        database::open_alerts(way.folder.path()).into_iter().map(|alert| alert.signature).collect();
    open.sort();
    let all = ["core-1::last", "core-1::paged", "lab-7::paged", "test-10::paged", "test-1::paged"];
    assert_eq!(open, all, "what is only logged has an alert all the same");
}

#[test]
fn suppressed_and_logged_tell_nobody() {
    let way = Way::start("");
    let told = way.told(&[
        "<184>Nov 23 12:00:00 core-1 app: alarm-noise",
        "<184>Nov 23 12:00:00 core-1 app: alarm-logged",
        "<184>Nov 23 12:00:00 core-1 app: no rule wants this",
    ]);
    assert_eq!(signatures(&told), ["core-1::last"]);
    wait::until_true("the judge to count", || way.judged("alerting") == 1.0);
    assert_eq!(
        ["suppressed", "logged", "unhandled"].map(|outcome| way.judged(outcome)),
        [1.0, 1.0, 1.0]
    );
    let open = database::open_alerts(way.folder.path());
    let mut rules: Vec<&str> = open.iter().map(|alert| alert.rule.id.as_str()).collect();
    rules.sort();
    assert_eq!(rules, ["last", "logged"], "noise has no alert");
}

#[test]
fn a_rules_severity_wins_over_the_messages() {
    let way = Way::start("");
    // Facility local7; severity 6 (info) and, for the other rule, each of the eight.
    let by_message: Vec<String> =
        (0..8).map(|n| format!("<{}>Nov 23 12:00:00 sev-{n} app: alarm-paged", 184 + n)).collect();
    let mut messages: Vec<&str> = by_message.iter().map(String::as_str).collect();
    messages.push("<190>Nov 23 12:00:00 core-1 app: alarm-override");
    let told = way.told(&messages);
    let severities: Vec<(&str, u8)> =
        told.iter().map(|told| (told.source.as_str(), told.severity)).collect();
    let expected = [
        ("sev-0", 5),
        ("sev-1", 5),
        ("sev-2", 5),
        ("sev-3", 4),
        ("sev-4", 3),
        ("sev-5", 2),
        ("sev-6", 1),
        ("sev-7", 1),
        ("core-1", 5),
        ("core-1", 2),
    ];
    assert_eq!(severities, expected);
}

#[test]
fn with_observe_alerts_exist_and_nothing_is_sent() {
    let folder = folder();
    let receivers = Receivers::start();
    let more = format!("observe = true\n{}", receivers.destination());
    let mut mutt = Mutt::configured(folder.path(), RULES, &more);
    mutt.start();
    send::lines(
        mutt.doors.tcp,
        &[
            "<187>Nov 23 12:00:00 core-1 app: alarm-paged",
            "<187>Nov 23 12:00:00 core-1 app: alarm-override",
        ],
    );
    wait::until_true("both notices to be counted as observed", || {
        mutt.metric("mutt_observed_notices_total", &[]) == 2.0
    });
    assert_eq!(database::open_alerts(folder.path()).len(), 2);
    assert_eq!(mutt.metric("mutt_deliveries", &[]), 0.0);
    // The same database without observe: what was only observed stays untold, what comes is told.
    mutt.stop();
    assert_eq!(receivers.moogsoft.asked(), []);
    mutt.write(&receivers.destination());
    mutt.start();
    send::lines(mutt.doors.tcp, &["<187>Nov 23 12:00:00 core-2 app: alarm-paged"]);
    wait::until_true("the new alert at Moogsoft", || receivers.moogsoft.told_count() > 0);
    assert_eq!(signatures(&receivers.moogsoft.told()), ["core-2::paged"]);
}
