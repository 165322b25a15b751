//! How processes are, and what became of messages, over the API.

use super::Way;
use crate::common::{send, wait};

#[test]
fn a_process_says_how_it_is_until_it_ends() {
    let mut way = Way::start("");
    send::lines(way.mutt.doors.tcp, &["<187>Nov 23 12:00:00 r1 app: one"]);
    let health = wait::until("a report with what came in", || {
        let health = way.api.get("/health").expect(200).json();
        let inputs = health["processes"][0]["inputs"].as_array().cloned().unwrap_or_default();
        let is_so = inputs.iter().any(|one| one["input"] == "syslog_tcp" && one["stored"] == 1);
        if is_so { Ok(health) } else { Err(health.to_string()) }
    });
    let process = &health["processes"][0];
    assert_eq!(health["processes"].as_array().map(Vec::len), Some(1), "{health}");
    assert_eq!((&process["role"], &process["ready"]), (&"run".into(), &true.into()), "{process}");
    assert_eq!(process["roles"], serde_json::json!(["ingest", "alert", "forward", "web"]));
    assert_eq!(process["stale"], false, "{process}");
    let checks = process["checks"].as_array().expect("checks");
    let journal = checks.iter().find(|check| check["name"] == "journal").expect("the journal's");
    assert_eq!((&journal["ok"], &journal["needed"]), (&true.into(), &true.into()));
    let (_, text) = way.mutt.get("/readyz?verbose");
    let names = checks.iter().filter_map(|check| check["name"].as_str());
    for name in names {
        assert!(text.contains(&format!("]{name} ")), "`{name}` is no check of {text}");
    }
    // One that was killed and started again says it anew, under its name.
    way.mutt.kill();
    way.mutt.start();
    let way_again = way.mutt.api();
    wait::until("one process, in its place", || {
        let health = way_again.get("/health").expect(200).json();
        let processes = health["processes"].as_array().cloned().unwrap_or_default();
        let is_new = processes.len() == 1 && processes[0]["started"] != process["started"];
        if is_new { Ok(()) } else { Err(health.to_string()) }
    });
}

#[test]
fn the_ledger_balances_and_counts_by_input() {
    let mut way = Way::start("");
    let lines: Vec<String> =
        (0..20).map(|n| format!("<187>Nov 23 12:00:00 r{n} app: line {n}")).collect();
    send::lines(way.mutt.doors.tcp, &lines);
    send::datagrams(way.mutt.doors.udp, &[b"<187>Nov 23 12:00:00 r1 app: by udp".to_vec()]);
    let of = |ledger: &serde_json::Value, input: &str| {
        let inputs = ledger["inputs"].as_array().cloned().unwrap_or_default();
        inputs.iter().find(|one| one["input"] == input).and_then(|one| one["messages"].as_u64())
    };
    let all_of_it = |api: &crate::common::api::Api| {
        wait::until("all of it judged", || {
            let ledger = api.get("/ledger").expect(200).json();
            let counts = [of(&ledger, "syslog_tcp"), of(&ledger, "syslog_udp")];
            if counts == [Some(20), Some(1)] { Ok(ledger) } else { Err(ledger.to_string()) }
        })
    };
    let ledger = all_of_it(&way.api);
    assert_eq!((&ledger["stored"], &ledger["balanced"]), (&21.into(), &true.into()), "{ledger}");
    let judge = &ledger["readers"].as_array().expect("readers").last().expect("one").clone();
    assert_eq!((&judge["reader"], &judge["all"]["waiting"]), (&"judge".into(), &0.into()));
    assert_eq!(judge["all"]["done"]["unhandled"], 21, "{judge}");
    assert_eq!((&ledger["losses"]["lost"], &ledger["losses"]["last"]), (&0.into(), &().into()));
    // As the admin page has it.
    let page = way.mutt.ledger();
    assert_eq!((&page["stored"], &page["balanced"]), (&ledger["stored"], &ledger["balanced"]));
    // It survives a kill, exactly.
    way.mutt.kill();
    way.mutt.start();
    all_of_it(&way.mutt.api());
}
