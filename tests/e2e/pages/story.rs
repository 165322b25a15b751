//! What people come for, from signing in to a dead letter that arrives after all.

use std::thread;

use ::mutt::demo::{self, Doors};
use mutt_output::standin::{Door, Reply};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::World;
use crate::common::{mutt, send, wait};

/// What the traffic is made from.
const SEED: u64 = 7;
/// Messages a second.
const RATE: u32 = 60;
/// A rule of its own, so that no traffic of the demo's comes between.
const LINE_DOWN: &str = r#"
[[rules]]
id = "leased-line-down"
priority = 10
team = "network"
handling = "page_and_ticket"
severity = "major"
when.message.regex = 'leased line (?<line>\d+) down'
clear.message.regex = 'leased line (?<line>\d+) up'
key = "{captures.line}"
summary = "{host}: leased line {captures.line} is down"
runbook = "https://wiki.example.net/leased-lines"
"#;

#[test]
fn the_pages_lead_people_from_an_alert_to_its_why_and_from_a_pattern_to_a_rule_and_back() {
    let rules = format!("{}\n{LINE_DOWN}", demo::rules());
    let more = format!("{}[patterns]\nthreshold_count = 5\n", demo::network(SEED));
    let world = World::start(&rules, &more);
    // A letter that Moogsoft did not want.
    world.receivers.moogsoft_answers(Reply::Status(400));
    send::lines(world.mutt.doors.tcp, &["<187>Nov 28 12:00:00 dead-1 line: leased line 1 down"]);
    wait::until_true("a dead letter", || {
        world.mutt.try_metric("mutt_output_dead_total", &[]).is_some_and(|dead| dead >= 1.0)
    });
    world.receivers.moogsoft_answers(Reply::Well);

    let stop = CancellationToken::new();
    let traffic = traffic(world.mutt.doors, stop.clone());
    let found = world.play("story.mjs", &json!({ "rule": "leased-line-down" }));
    stop.cancel();
    traffic.join().expect("the traffic");
    assert_eq!(found["violations"], 0, "{found}");
    assert_eq!(found["console_errors"], 0, "{found}");
    let told = world.receivers.moogsoft.told_count();
    assert!(told > 0, "{found}");
    let archived = world.receivers.netim.count(Door::Tcp);
    assert!(archived > 0, "NetIM has all of it");
}

/// Plays the demo's traffic until `stop`.
fn traffic(to: mutt::Doors, stop: CancellationToken) -> thread::JoinHandle<()> {
    let mutt::Doors { udp, tcp, relp, http, snmp, .. } = to;
    let doors = Doors { udp, tcp, relp, http, snmp };
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let played = runtime.expect("a runtime").block_on(demo::play_at(doors, SEED, RATE, stop));
        played.expect("the traffic is played");
    })
}
