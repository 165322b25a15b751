//! Drills by the command line and over the API: to each door, and what is refused.

use std::thread;

use mutt_output::standin::Door;
use serde_json::{Value, json};

use super::Way;
use crate::common::api::{ADMIN_KEY, Api};
use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;

#[test]
fn a_drill_of_the_command_line_arrives_by_each_door() {
    let receivers = Receivers::start();
    let way = Way::start_with("", &receivers.config(Door::Tcp));
    let doors = way.mutt.doors;
    let url = format!("http://{}", doors.api);
    let to = [
        String::new(),
        format!("udp://{}", doors.udp),
        format!("relp://{}", doors.relp),
        format!("http://{}", doors.http),
    ];
    let running = to.map(|to| {
        let mut command = Mutt::command();
        command.args(["drill"]).env("MUTT_URL", &url).env("MUTT_API_KEY", ADMIN_KEY);
        if !to.is_empty() {
            command.args(["--to", &to]);
        }
        thread::spawn(move || (to, command.output().expect("mutt drill")))
    });
    for one in running {
        let (to, done) = one.join().expect("a drill");
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success(), "{to}: {said}{}", String::from_utf8_lossy(&done.stderr));
        for step in ["made", "received", "stored", "archived", "judged", "told", "closed"] {
            assert!(said.lines().any(|line| line.contains(step)), "{to}: no {step} in {said}");
        }
    }
    let list = way.api.get("/drills").expect(200).json();
    let items = list["items"].as_array().expect("items");
    assert_eq!(items.len(), 4);
    assert!(items.iter().all(|one| one["state"] == "arrived"), "{list:#}");
    assert_eq!(list["last_arrived"], items[0]);
    assert!(items[0]["arrived"].is_string() && items[0]["alert_id"].is_string());
}

#[test]
fn a_drill_that_nobody_sends_waits_and_too_many_are_refused() {
    let way = Way::start("");
    let made: Vec<Value> = (0..5)
        .map(|_| way.api.post("/drills", &json!({ "send": false })).expect(201).json())
        .collect();
    assert!(made[0]["sent"].is_null() && !made[0]["doors"].as_array().expect("doors").is_empty());
    let message = made[0]["message"].as_str().expect("a message");
    let id = made[0]["id"].as_str().expect("an id");
    assert!(message.contains(&format!("mutt-drill - - - Drill {id}: a test of MUTT")), "{message}");
    let one = way.api.get(&format!("/drills/{id}")).expect(200).json();
    assert_eq!(
        (&one["drill"]["state"], &one["drill"]["who"]),
        (&json!("under_way"), &json!("settings"))
    );
    assert_eq!(
        (&one["steps"][0]["step"], &one["steps"][0]["state"]),
        (&json!("made"), &json!("done"))
    );
    assert_eq!(
        (&one["steps"][1]["step"], &one["steps"][1]["state"]),
        (&json!("stored"), &json!("waiting"))
    );
    let list = way.api.get("/drills").expect(200).json();
    assert_eq!((&list["items"][4]["id"], &list["last_arrived"]), (&json!(id), &Value::Null));
    let refused = way.api.post("/drills", &json!({})).expect(429).json();
    assert!(refused["detail"].as_str().expect("why").contains("5 drills are open"), "{refused}");
    assert_eq!(way.api.get("/drills/nothing").status, 404);
    assert_eq!(way.api.post("/drills", &json!({ "sent": true })).status, 400);
    // Whoever only reads makes none; it is in the audit who made one.
    let key = way.api.post("/keys", &json!({ "name": "reader", "role": "viewer" })).expect(201);
    let reader = Api::with(way.mutt.doors.api, key.json()["key"].as_str().expect("a key"));
    assert_eq!(reader.post("/drills", &json!({})).status, 403);
    reader.get("/drills").expect(200);
    let audit = way.api.get("/audit").expect(200).json();
    assert!(audit["items"].to_string().contains(id), "{audit:#}");
}
