//! People look on at one process, and see what all of them do.

use serde_json::Value;

use mutt_output::standin::Door;

use super::fleet::{Cluster, Times};
use super::places::Journal;
use crate::common::receivers::Receivers;
use crate::common::{send, wait};

const RULES: &str = r#"
[[rules]]
id = "link"
priority = 10
team = "net"
handling = "page_only"
when.message.contains = "LINKDOWN"
"#;

#[test]
fn whoever_looks_on_at_one_process_sees_what_all_of_them_do() {
    let receivers = Receivers::start();
    let more = receivers.config(Door::Relp);
    let roles = ["ingest", "alert", "forward", "web"];
    let of = (Journal::single(), receivers);
    let mut cluster = Cluster::of_roles(&roles, of, Times::SHORT, (RULES, &more));
    let web = &cluster.nodes[3].mutt;
    let api = web.api();
    let events = api.events("/live");
    events.wait_for("catalog", |_| true);
    let line = "<187>Nov 23 12:00:00 r1 app: LINKDOWN";
    send::lines(cluster.nodes[0].mutt.doors.tcp, &[line]);
    events.wait_for("alert", |alert| alert["host"] == "r1");
    let is_well = |pulse: &Value| {
        ["archive", "destinations", "journal"].iter().all(|light| pulse[light]["state"] == "ok")
    };
    events.wait_for("pulse", is_well);
    let latency = wait::until("its page", || {
        let latency = api.get("/latency").expect(200).json();
        if latency["all"]["count"] == 1 { Ok(latency) } else { Err(latency.to_string()) }
    });
    assert!(latency["all"]["max_ms"].as_u64() < Some(60_000), "{latency}");
    let ledger = api.get("/ledger").expect(200).json();
    assert_eq!((&ledger["balanced"], &ledger["faults"]), (&true.into(), &Value::Array(vec![])));
    // One without a database says nothing.
    let roles = |health: &Value| {
        let of = |process: &Value| process["role"].as_str().unwrap_or_default().to_owned();
        let mut roles: Vec<_> =
            health["processes"].as_array().into_iter().flatten().map(of).collect();
        roles.sort();
        roles
    };
    let health = api.get("/health").expect(200).json();
    assert_eq!(roles(&health), ["alert", "forward", "web"], "{health}");
    // Who is gone without a word is known to be by its silence.
    cluster.nodes[2].mutt.kill();
    events.forget();
    let down = |pulse: &Value| pulse["destinations"]["state"] == "down";
    let pulse = events.wait_for("pulse", down);
    let words = pulse["destinations"]["words"].as_str().expect("words");
    assert!(words.contains("no process sends there"), "{pulse}");
    let health = api.get("/health").expect(200).json();
    let stale = health["processes"].as_array().into_iter().flatten();
    let stale: Vec<_> = stale.filter(|process| process["stale"] == true).collect();
    assert!(stale.len() == 1 && stale[0]["role"] == "forward", "{health}");
}
