//! Why a message came out as it did, for stored and for pasted ones.

use serde_json::json;

use super::{Way, rule};
use crate::common::{database, send, wait};

fn start() -> Way {
    let way = Way::start("");
    let mut late = rule("late", "fan failed");
    late["priority"] = 20.into();
    let mut near = rule("near", "fan failed");
    near["when"] =
        json!({ "message": { "contains": "fan failed" }, "app": { "equals": "chassisd" } });
    near["priority"] = 5.into();
    let set = json!({ "rules": [rule("first", "fan failed"), late, near] }).to_string();
    way.api.ask("PUT", "/rules", &["If-Match: *"], &set).expect(200);
    way
}

const LINE: &str = "<187>Nov 23 12:00:00 core-1 env: fan failed in slot 3";

#[test]
fn a_stored_message_is_explained_by_its_id() {
    let way = start();
    send::lines(way.mutt.doors.tcp, &[LINE]);
    let alert = wait::until("an alert", || {
        database::open_alerts(way.folder.path()).pop().ok_or_else(|| "none".to_owned())
    });
    let id = alert.cause.to_string();
    let message = way.api.get(&format!("/messages/{id}")).expect(200).json();
    assert_eq!((&message["raw"], &message["host"]), (&json!(LINE), &json!("core-1")));
    assert_eq!((&message["input"], &message["severity"]), (&json!("syslog_tcp"), &json!("error")));
    let answer = way.api.post("/explain", &json!({ "id": id })).expect(200).json();
    let why = &answer["explanation"];
    assert_eq!((&why["owner"]["rule"], &why["lost"][0]["rule"]), (&json!("first"), &json!("late")));
    assert_eq!(why["owner"]["reason"], alert.reason);
    let near = &why["near"][0];
    assert_eq!(
        (&near["rule"], &near["held"], &near["tests"]),
        (&json!("near"), &json!(1), &json!(2))
    );
    assert_eq!(near["failed"][0]["actual"], "env");
    assert_eq!(why["environment"], "prod");
    assert!(why["environment_from"].as_str().expect("why").contains("development"));
    // The same bytes pasted come out the same.
    let pasted = way.api.post("/explain", &json!({ "message": LINE })).expect(200).json();
    assert_eq!(&pasted["explanation"], why);
}

#[test]
fn traps_and_json_can_be_pasted_and_nonsense_is_refused() {
    let way = start();
    let trap = json!({ "trap": { "oid": "1.3.6.1.6.3.1.1.5.3", "varbinds": { "1.3.6.1.2.1.2.2.1.1.3": 3 } }, "peer": "192.0.2.7" });
    let answer = way.api.post("/explain", &trap).expect(200).json();
    assert_eq!(
        (&answer["message"]["kind"], &answer["message"]["host"]),
        (&json!("trap"), &json!("192.0.2.7"))
    );
    assert_eq!(answer["message"]["varbinds"][0]["value"], "3");
    let object = json!({ "json": { "message": "fan failed", "hostname": "sw-9", "timestamp": "2026-11-23T12:00:00Z" } });
    let answer = way.api.post("/explain", &object).expect(200).json();
    assert_eq!(answer["message"]["host"], "sw-9");
    assert_eq!(answer["explanation"]["owner"]["rule"], "first");
    let gone = "01935f2e-0000-8000-8000-000000000009";
    for (body, status) in [
        (json!({}), 422),
        (json!({ "message": "a", "json": {} }), 422),
        (json!({ "id": "x" }), 400),
        (json!({ "id": gone }), 404),
        (json!({ "id": gone, "host": "a" }), 400),
        (json!({ "trap": { "oid": "fan" } }), 422),
        (json!({ "massage": "a" }), 400),
    ] {
        assert_eq!(way.api.post("/explain", &body).status, status, "{body}");
    }
    assert_eq!(way.api.get(&format!("/messages/{gone}")).status, 404);
}

#[test]
fn the_examples_of_rules_are_tested_live_and_as_a_draft() {
    let way = start();
    let tested = way.api.ask("POST", "/rules/test", &[], "").expect(200).json();
    assert_eq!((&tested["passed"], &tested["coverage"]["rules"]), (&json!(true), &json!(3)));
    assert_eq!(tested["coverage"]["without"].as_array().map(Vec::len), Some(3));
    let mut draft = rule("draft", "fan failed");
    draft["examples"] = json!([{ "expect": "match", "message": LINE }]);
    let file = json!({ "rules": [draft] });
    let alone = way.api.post("/rules/test", &file).expect(200).json();
    assert_eq!(alone["passed"], true, "{alone:#}");
    // Beside the others the first of them takes its example away.
    let beside = way.api.post("/rules/test?keep=true", &file).expect(200).json();
    assert_eq!(beside["passed"], true, "`draft` comes before `first`: {beside:#}");
    let mut last = file.clone();
    last["rules"][0]["priority"] = 30.into();
    let beside = way.api.post("/rules/test?keep=true", &last).expect(200).json();
    assert_eq!(
        (&beside["passed"], &beside["faults"][0]["path"]),
        (&json!(false), &json!("examples[0]"))
    );
    assert_eq!(way.api.get("/rules/draft").status, 404, "nothing was saved");
}
