//! A drill goes the whole way, and nobody can pass a message off as one.

use std::time::Duration;

use mutt_journal::{Clock, SystemClock};
use mutt_output::standin::Door;
use mutt_store::Kind;
use serde_json::json;

use crate::common::{database, send, wait};
use crate::world::{LINK, World};

fn marked(id: &str) -> String {
    format!("<187>1 - core-1 mutt-drill - - - link a is down, says drill {id}")
}

#[test]
fn a_drill_goes_the_whole_way_and_each_step_of_it_is_shown() {
    let world = World::start(LINK, Door::Relp, "");
    let api = world.mutt.api();
    // Nothing silences it, not even what silences all.
    let all = json!({
        "name": "all", "matchers": [{ "field": "rule", "operator": "glob", "value": "*" }],
        "start": "2026-01-01T00:00:00Z", "end": "2026-12-31T00:00:00Z", "reason": "a test",
    });
    api.put("/silences/all", &all).expect(200);
    let made = api.post("/drills", &json!({})).expect(201).json();
    assert_eq!(made["sent"]["input"], "syslog_tcp", "{made:#}");
    let id = made["id"].as_str().expect("an id");
    let signature = format!("mutt-drill::mutt/drill::{id}");
    let told = world.told("the drill", |told| told.signature == signature && told.kind == "open");
    assert_eq!(told.description, format!("Drill {id}: a test of MUTT, nothing to do"));
    world.told("its end", |told| told.signature == signature && told.kind == "clear");
    let shown = wait::until("the drill to have arrived", || {
        let shown = api.get(&format!("/drills/{id}")).expect(200).json();
        let has_arrived = shown["drill"]["state"] == "arrived";
        if has_arrived { Ok(shown) } else { Err(format!("{shown:#}")) }
    });
    let steps = shown["steps"].as_array().expect("steps");
    let names: Vec<_> = steps.iter().filter_map(|step| step["step"].as_str()).collect();
    let expected =
        ["made", "received", "stored", "archived", "judged", "alert", "told", "told", "closed"];
    assert_eq!(names, expected, "{shown:#}");
    assert!(steps.iter().all(|step| step["state"] == "done"), "{shown:#}");
    for told in steps.iter().filter(|step| step["step"] == "told") {
        assert!(told["at"].is_string() && told["name"] == "moogsoft", "{told:#}");
    }
    let archived = world.receivers.archived(Door::Relp, 1);
    assert!(String::from_utf8_lossy(&archived[0]).contains(id));
    assert_eq!(api.get("/drills").expect(200).json()["last_arrived"]["id"], id);
    // It is no noise.
    let noise = api.get("/noise").expect(200).json();
    assert_eq!((&noise["funnel"]["messages"], &noise["funnel"]["pages"]), (&json!(1), &json!(0)));
    assert_eq!((&noise["rules"], &noise["funnel"]["matched"]), (&json!([]), &json!(0)));
    world.settled();
}

#[test]
fn a_message_with_the_marker_and_no_open_drill_is_judged_as_any_other() {
    let world = World::start(LINK, Door::Relp, "");
    let now = SystemClock.now();
    let old = json!({
        "id": "0ld", "who": "ann", "team": "noc",
        "made_at": now.before(Duration::from_secs(1_200)),
        "until": now.before(Duration::from_secs(600)),
    });
    database::write_item(world.folder(), Kind::Drill, "0ld", Some(&old.to_string()));
    let api = world.mutt.api();
    wait::until("the old drill to be known", || {
        let status = api.get("/status").expect(200).json();
        let is_known = status["in_force"]["revision"] == status["revision"];
        if is_known { Ok(()) } else { Err(status.to_string()) }
    });
    for id in ["0123456789abcdef0123456789abcdef", "0ld"] {
        send::lines(world.mutt.doors.tcp, &[marked(id)]);
    }
    let told = world.told("the link", |told| told.signature.starts_with("core-1::link::a"));
    assert_eq!((told.kind.as_str(), told.severity), ("open", 4));
    let alert = wait::until("both to be counted", || {
        let alerts = api.get("/alerts").expect(200).json();
        let is_two = alerts["items"][0]["count"] == 2;
        if is_two { Ok(alerts) } else { Err(alerts.to_string()) }
    });
    assert_eq!(alert["items"].as_array().map(Vec::len), Some(1), "{alert:#}");
    assert!(world.receivers.moogsoft.told().iter().all(|told| !told.signature.contains("drill")));
}
