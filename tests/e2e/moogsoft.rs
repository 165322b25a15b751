//! Moogsoft answers badly, then well: no alert is lost, each has one notice id for ever, and what
//! is refused for good is kept with the answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use mutt_output::standin::{API_KEY, Product, Reply, Told};

use crate::common::mutt::{Mutt, get};
use crate::common::receivers::Receivers;
use crate::common::{config, database, folder, send, wait};

const RULES: &str = r#"
[[rules]]
id = "link-down"
priority = 10
team = "net"
handling = "page_and_ticket"
key = "{captures.ifname}"
summary = "{host}: {captures.ifname} is down"
when.message.regex = 'Interface (?<ifname>\S+), changed state to down'
clear.message.regex = 'Interface (?<ifname>\S+), changed state to up'
"#;

fn line(interface: usize, state: &str) -> String {
    format!("<187>Nov 23 12:00:00 rtr1 45: Interface Gi0/{interface}, changed state to {state}")
}

fn down(interfaces: std::ops::Range<usize>) -> Vec<String> {
    interfaces.map(|interface| line(interface, "down")).collect()
}

struct Way {
    receivers: Receivers,
    mutt: Mutt,
    folder: tempfile::TempDir,
}

impl Way {
    /// MUTT with an on-prem Moogsoft, more settings of that destination, and more sections.
    fn start(destination: &str, sections: &str) -> Self {
        let folder = folder();
        let receivers = Receivers::start();
        let webhook = config::webhook("moogsoft", &receivers.moogsoft.webhook_url(), destination);
        let mut mutt = Mutt::configured(folder.path(), RULES, &(sections.to_owned() + &webhook));
        mutt.start();
        Self { receivers, mutt, folder }
    }

    fn send(&self, lines: &[String]) {
        send::lines(self.mutt.doors.tcp, lines);
    }

    /// Waits until Moogsoft was told of so many alerts; answers all that it was told.
    fn told(&self, alerts: usize) -> Vec<Told> {
        wait::until(&format!("{alerts} alerts at Moogsoft"), || {
            let told = self.receivers.moogsoft.told();
            let signatures: BTreeSet<_> = told.iter().map(|told| &told.signature).collect();
            if signatures.len() >= alerts { Ok(told) } else { Err(signatures.len().to_string()) }
        })
    }

    fn asked(&self, requests: usize) {
        wait::until(&format!("{requests} requests at Moogsoft"), || {
            let asked = self.receivers.moogsoft.asked().len();
            if asked >= requests { Ok(()) } else { Err(asked.to_string()) }
        });
    }

    fn output(&self, name: &str, label: &str) -> f64 {
        self.mutt.metric(name, &["destination=\"moogsoft\"", label])
    }

    fn wait_output(&self, name: &str, label: &str, value: f64) {
        wait::until(&format!("{name} {label} to be {value}"), || {
            let found = self.output(name, label);
            if found == value { Ok(()) } else { Err(found.to_string()) }
        });
    }

    fn deliveries(&self, state: &str, count: f64) {
        self.wait_output("mutt_deliveries", &format!("state=\"{state}\""), count);
    }

    fn gate(&self, state: &str) {
        self.wait_output("mutt_output_gate_state", &format!("state=\"{state}\""), 1.0);
    }
}

/// How often each notice id was told, by signature.
fn ids(told: &[Told]) -> BTreeMap<&str, BTreeMap<&str, usize>> {
    let mut ids: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for told in told {
        *ids.entry(&told.signature).or_default().entry(&told.notice_id).or_default() += 1;
    }
    ids
}

#[test]
fn failing_in_every_way_and_then_well_each_alert_is_told_under_its_one_id() {
    const ALERTS: usize = 20;
    let way = Way::start("", "");
    let moogsoft = &way.receivers.moogsoft;
    moogsoft.script([
        Reply::Status(500),
        Reply::RetryAfter(429, 1),
        Reply::Hang,
        Reply::TakeAndHang,
    ]);
    way.send(&down(0..ALERTS));
    way.told(ALERTS);
    way.deliveries("delivered", ALERTS as f64);
    let (told, asked) = (moogsoft.told(), moogsoft.asked());
    // What was taken and not answered must come again, under the same id; nothing else may.
    let unanswered: BTreeSet<&str> = asked[3].notice_ids.iter().map(String::as_str).collect();
    for (signature, ids) in ids(&told) {
        assert_eq!(ids.len(), 1, "{signature} was told under {ids:?}");
        for (id, times) in ids {
            assert_eq!(times, 1 + usize::from(unanswered.contains(id)), "{signature} {id}");
        }
    }
    assert_eq!(moogsoft.faults(), [] as [&str; 0]);
    assert_eq!(way.output("mutt_output_delivered_total", "kind=\"open\""), ALERTS as f64);
    assert_eq!(way.output("mutt_output_retries_total", "reason=\"again\""), 4.0);
    assert_eq!(way.output("mutt_output_dead_total", ""), 0.0);
}

#[test]
fn retry_after_is_honoured() {
    let way = Way::start("", "");
    way.receivers.moogsoft.script([Reply::RetryAfter(429, 2)]);
    let start = Instant::now();
    way.send(&down(0..1));
    way.told(1);
    // Its own wait would be 20 ms at most.
    assert!(start.elapsed() >= Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(way.receivers.moogsoft.asked().len(), 2);
}

#[test]
fn refused_credentials_pause_it_and_say_so() {
    let other = Receivers::start();
    let watch = "[watch]\ndown_after_ms = 0\n";
    let second = config::webhook("second", &other.moogsoft.webhook_url(), "");
    let way = Way::start("forbidden_pause_ms = 300", &format!("{watch}{second}"));
    way.receivers.moogsoft_answers(Reply::Status(401));
    way.send(&down(0..3));
    way.gate("paused");
    wait::until("/readyz to say it", || {
        let (status, body) = get(way.mutt.doors.admin, "/readyz?verbose").expect("/readyz");
        assert_eq!(status, 200, "a destination makes nothing unready: {body}");
        let said = "[~]destination moogsoft degraded: paused, it does not accept our credentials";
        if body.contains(said) && body.contains("401") { Ok(()) } else { Err(body) }
    });
    wait::until_true("MUTT's own alert at the other destination", || {
        let told = other.moogsoft.told();
        let own = told.iter().find(|told| told.signature.contains("mutt/destination-down"));
        own.is_some_and(|own| own.description.contains("credentials") && own.severity == 5)
    });
    wait::until_true("it to be asked again", || {
        way.output("mutt_output_retries_total", "reason=\"forbidden\"") >= 2.0
    });
    let alone = way.receivers.moogsoft.asked().iter().skip(1).all(|a| a.notice_ids.len() == 1);
    assert!(alone, "a paused destination is asked with one notice");
    assert_eq!(way.output("mutt_deliveries", "state=\"dead\""), 0.0);

    way.receivers.moogsoft_answers(Reply::Well);
    way.told(4);
    way.gate("closed");
    wait::until_true("the own alert to be cleared", || {
        let told = other.moogsoft.told();
        told.iter().any(|t| t.signature.contains("mutt/destination-down") && t.severity == 0)
    });
    way.deliveries("waiting", 0.0);
}

#[test]
fn what_is_refused_goes_to_the_dead_letters_with_the_answer() {
    let mut way = Way::start("breaker_failures = 1000", "shutdown_ms = 500\n");
    way.receivers.moogsoft_answers(Reply::Status(500));
    way.send(&down(0..3));
    way.deliveries("waiting", 3.0);
    way.mutt.stop();
    // One batch of three, refused; then one by one, of which the second is refused.
    way.receivers.moogsoft.script([Reply::Status(400), Reply::Well, Reply::Status(400)]);
    way.receivers.moogsoft_answers(Reply::Well);
    way.mutt.start();
    way.deliveries("delivered", 2.0);
    way.deliveries("dead", 1.0);
    assert_eq!(way.output("mutt_output_dead_total", ""), 1.0);
    let told: Vec<String> =
        way.receivers.moogsoft.told().into_iter().map(|told| told.description).collect();
    assert_eq!(told, ["rtr1: Gi0/0 is down", "rtr1: Gi0/2 is down"]);
    let log = way.mutt.process().output();
    assert!(log.contains("notice refused") && log.contains("HTTP 400"), "{log}");
    let dead = database::dead_letters(way.folder.path());
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].notice.alert.summary, "rtr1: Gi0/1 is down");
    assert_eq!(dead[0].answer.as_deref(), Some("HTTP 400: {\"message\":\"as told\"}"));
}

#[test]
fn the_breaker_opens_and_closes_and_uses_up_nobody() {
    let way = Way::start("breaker_failures = 3\nbreaker_open_ms = 50", "");
    way.receivers.moogsoft_answers(Reply::Status(503));
    way.send(&down(0..10));
    way.gate("open");
    way.asked(8);
    let asked = way.receivers.moogsoft.asked();
    let single = asked[3..].iter().all(|asked| asked.notice_ids.len() == 1);
    assert!(single, "an open breaker lets a single notice try: {asked:?}");
    let probed: BTreeSet<_> = asked[3..].iter().flat_map(|asked| &asked.notice_ids).collect();
    assert_eq!(probed.len(), 1, "the first in the queue goes first, always");
    way.receivers.moogsoft_answers(Reply::Well);
    let told = way.told(10);
    way.gate("closed");
    way.deliveries("delivered", 10.0);
    assert!(ids(&told).values().all(|ids| ids.values().eq([&1])), "{:?}", ids(&told));
}

#[test]
fn a_rate_limit_delays_and_never_drops() {
    const ALERTS: usize = 60;
    let way = Way::start("rate_per_s = 20\nburst = 10\nbatch_max = 5", "");
    let start = Instant::now();
    way.send(&down(0..ALERTS));
    wait::until("all alerts at Moogsoft", || {
        let told = way.receivers.moogsoft.told_count();
        let most = 10.0 + 20.0 * start.elapsed().as_secs_f64();
        assert!(told as f64 <= most.ceil(), "{told} alerts told, of at most {most}");
        if told >= ALERTS { Ok(()) } else { Err(told.to_string()) }
    });
    way.deliveries("delivered", ALERTS as f64);
    assert_eq!(ids(&way.receivers.moogsoft.told()).len(), ALERTS);
}

#[test]
fn both_adapters_tell_a_problem_and_its_clear_under_one_signature() {
    let folder = folder();
    let receivers = Receivers::start();
    let moogsoft = &receivers.moogsoft;
    let destinations = config::webhook("on-prem", &moogsoft.webhook_url(), "")
        + &config::cloud("cloud", &moogsoft.cloud_url(), API_KEY, "");
    let mut mutt = Mutt::configured(folder.path(), RULES, &destinations);
    mutt.start();
    send::lines(mutt.doors.tcp, &[line(7, "down"), line(7, "down")]);
    wait::until_true("both to know of the problem", || moogsoft.told_count() == 2);
    send::lines(mutt.doors.tcp, &[line(7, "up")]);
    wait::until_true("both to know of its end", || moogsoft.told_count() == 4);
    let told = moogsoft.told();
    let signatures: BTreeSet<&str> = told.iter().map(|told| told.signature.as_str()).collect();
    assert_eq!(signatures.into_iter().collect::<Vec<_>>(), ["rtr1::link-down::Gi0/7"]);
    for product in [Product::Webhook, Product::Cloud] {
        let of = told.iter().filter(|told| told.product == product);
        let stages: Vec<_> = of.clone().map(|told| (told.kind.as_str(), told.severity)).collect();
        assert_eq!(stages, [("open", 4), ("clear", 0)], "{product:?}: a repeat tells nobody");
        let ids: BTreeSet<_> = of.clone().map(|told| &told.notice_id).collect();
        assert_eq!(ids.len(), 2);
        let causes: BTreeSet<_> = of.map(|told| &told.correlation_id).collect();
        assert_eq!(causes.len(), 1, "both name the message that opened the alert");
    }
    assert_eq!(moogsoft.faults(), [] as [&str; 0]);
}
