//! Deliveries over the API: found, looked at, and dead letters put back so that Moogsoft comes to know
//! what is so, and nothing that is over.

use mutt_output::standin::Reply;
use serde_json::{Value, json};

use crate::common::api::Api;
use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;
use crate::common::{folder, send, wait};

const RULES: &str = r#"
[[rules]]
id = "link"
priority = 10
team = "net"
handling = "page_only"
key = "{captures.port}"
when.message.regex = 'LINKDOWN (?<port>\S+)'
clear.message.regex = 'LINKUP (?<port>\S+)'
"#;

struct Way {
    receivers: Receivers,
    mutt: Mutt,
    api: Api,
    _folder: tempfile::TempDir,
}

impl Way {
    fn start() -> Self {
        let (folder, receivers) = (folder(), Receivers::start());
        let mut mutt = Mutt::configured(folder.path(), RULES, &receivers.destination());
        mutt.start();
        let api = mutt.api();
        Self { receivers, mutt, api, _folder: folder }
    }

    fn says(&self, text: &str) {
        send::lines(self.mutt.doors.tcp, &[&format!("<187>Nov 23 12:00:00 r1 app: {text}")]);
    }

    /// The deliveries of a query, once there are so many.
    fn deliveries(&self, query: &str, count: usize) -> Vec<Value> {
        wait::until(&format!("{count} deliveries {query}"), || {
            let page = self.api.get(&format!("/deliveries?{query}")).expect(200).json();
            let items = page["items"].as_array().expect("items").clone();
            if items.len() == count { Ok(items) } else { Err(format!("{page}")) }
        })
    }

    /// What Moogsoft takes for open now.
    fn open(&self) -> usize {
        self.receivers.moogsoft.open().len()
    }
}

fn path(delivery: &Value) -> String {
    format!("/deliveries/{}", delivery["number"])
}

#[test]
fn a_dead_letter_is_looked_at_and_sent_again() {
    let way = Way::start();
    let events = way.api.events("/live");
    way.receivers.moogsoft_answers(Reply::Status(400));
    way.says("LINKDOWN Gi0/1");
    let dead = way.deliveries("state=dead&destination=moogsoft", 1).remove(0);
    assert!(dead["answer"].as_str().expect("an answer").starts_with("HTTP 400"), "{dead}");
    events.wait_for("delivery", |one| one["number"] == dead["number"] && one["state"] == "dead");
    let alert = format!("alert={}", dead["alert_id"].as_str().expect("an id"));
    assert_eq!(way.deliveries(&alert, 1)[0], dead);
    let whole = way.api.get(&path(&dead)).expect(200);
    assert!(!whole.text.contains("secret"), "{}", whole.text);
    let sent = whole.json()["payload"]["events"][0].clone();
    assert_eq!(sent["custom_info"]["mutt"]["notice_id"], dead["notice_id"]);
    way.receivers.moogsoft_answers(Reply::Well);
    let replay = format!("{}/replay", path(&dead));
    let back = way.api.post(&replay, &json!({})).expect(200).json();
    assert_eq!(back["replays"], 1, "{back}");
    let done = way.deliveries("state=delivered", 1).remove(0);
    assert_eq!((&done["number"], &done["notice_id"]), (&dead["number"], &dead["notice_id"]));
    events.wait_for("delivery", |one| one["replays"] == 1 && one["state"] == "delivered");
    assert_eq!(way.open(), 1);
    // Asked again, nothing is sent again, and the audit has one line of it.
    let again = way.api.post(&replay, &json!({})).expect(200).json();
    assert_eq!((&again["state"], &again["replays"]), (&json!("delivered"), &json!(1)));
    let audit = way.api.get("/audit?what=replay").expect(200).json();
    assert_eq!(audit["items"].as_array().map(Vec::len), Some(1), "{audit}");
    let latency = way.api.get("/latency").expect(200).json();
    assert_eq!(latency["all"]["count"], 1, "{latency}");
    assert!(latency["all"]["p99_ms"].as_u64() >= latency["all"]["p50_ms"].as_u64(), "{latency}");
    assert_eq!(latency["hours"].as_array().map(Vec::len), Some(1), "{latency}");
    way.api.get("/deliveries/10000").expect(404);
    way.api.get("/deliveries/one").expect(400);
    way.api.get("/deliveries?state=gone").expect(400);
}

#[test]
fn a_dead_begin_does_not_open_again_what_was_cleared_meanwhile() {
    let way = Way::start();
    way.receivers.moogsoft_answers(Reply::Status(400));
    way.says("LINKDOWN Gi0/1");
    way.says("LINKDOWN Gi0/2");
    way.deliveries("state=dead", 2);
    way.receivers.moogsoft_answers(Reply::Well);
    way.says("LINKUP Gi0/1");
    way.deliveries("state=delivered", 1);
    let wanted = json!({ "destination": "moogsoft" });
    let done = way.api.post("/deliveries/replay", &wanted).expect(200).json();
    let counts = ["replayed", "superseded", "left"].map(|name| done[name].as_u64());
    assert_eq!(counts, [Some(1), Some(1), Some(0)], "{done}");
    way.deliveries("state=delivered", 2);
    let not_sent = way.deliveries("state=superseded", 1).remove(0);
    assert!(not_sent["answer"].as_str().expect("why").contains("delivered since"), "{not_sent}");
    let open = way.receivers.moogsoft.open();
    assert!(open.keys().all(|signature| signature.contains("Gi0/2")), "{open:?}");
    assert_eq!(open.len(), 1);
    // Nothing is left; nobody sends to what is not there.
    let done = way.api.post("/deliveries/replay", &wanted).expect(200).json();
    assert_eq!(done["replayed"], 0, "{done}");
    way.api.post("/deliveries/replay", &json!({ "destination": "nobody" })).expect(409);
}

#[test]
fn a_destination_says_what_waits_and_what_it_answered() {
    let way = Way::start();
    let destination = || way.api.get("/destinations").expect(200).json()["destinations"][0].clone();
    way.says("LINKDOWN Gi0/1");
    let well = wait::until("a destination that is well", || {
        let found = destination();
        let is_so = found["delivered"] == 1 && found["sender"]["last_answer"] == "taken";
        if is_so { Ok(found) } else { Err(found.to_string()) }
    });
    assert_eq!((&well["name"], &well["state"]), (&json!("moogsoft"), &json!("ok")), "{well}");
    assert_eq!(
        (&well["adapter"], &well["sender"]["breaker"]),
        (&json!("moogsoft_webhook"), &json!("closed"))
    );
    way.receivers.moogsoft_answers(Reply::Status(503));
    way.says("LINKDOWN Gi0/2");
    let down = wait::until("a destination that is down", || {
        let found = destination();
        if found["state"] == "down" { Ok(found) } else { Err(found.to_string()) }
    });
    assert_eq!(down["waiting"], 1, "{down}");
    assert!(down["words"].as_str().expect("words").contains("503"), "{down}");
    let error = down["sender"]["last_error"].as_str().expect("an error");
    assert!(error.contains("503") && down["sender"]["last_success_at"].is_string(), "{down}");
}
