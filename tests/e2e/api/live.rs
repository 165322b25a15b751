//! What changes while somebody looks on: events of a real stream.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Way, rule};
use crate::common::api::Api;
use crate::common::browser::Browser;
use crate::common::events::Events;
use crate::common::{send, wait};

const RULES: &str = r#"
[[rules]]
id = "link"
priority = 10
team = "net"
handling = "page_only"
when.message.contains = "LINKDOWN"
clear.message.contains = "LINKUP"
"#;

impl Way {
    fn listen(&self) -> Events {
        self.api.events("/live")
    }

    fn hears(&self, text: &str) {
        send::lines(self.mutt.doors.tcp, &[&format!("<187>Nov 23 12:00:00 r1 app: {text}")]);
    }
}

#[test]
fn whoever_listens_hears_alerts_their_repeats_the_catalog_and_the_lights() {
    let way = Way::start(RULES);
    let (one, other) = (way.listen(), way.listen());
    assert_eq!([one.status(), other.status()], [200, 200]);
    let revision = one.wait_for("catalog", |_| true)["revision"].clone();
    way.hears("LINKDOWN Gi0/1");
    let begun = one.wait_for("alert", |alert| alert["count"] == 1);
    let path = format!("/alerts/{}", begun["id"].as_str().expect("an id"));
    assert_eq!(way.api.get(&path).expect(200).json()["alert"], begun, "as /alerts shows it");
    // A repeat makes the alert count on, also where its time line has no moment for it.
    way.hears("LINKDOWN Gi0/1");
    one.wait_for("alert", |alert| alert["id"] == begun["id"] && alert["count"] == 2);
    way.hears("LINKUP Gi0/1");
    for stream in [&one, &other] {
        stream.wait_for("alert", |alert| alert["id"] == begun["id"] && alert["state"] == "cleared");
    }
    way.api.put("/rules/other", &rule("other", "OTHER")).expect(200);
    other.wait_for("catalog", |catalog| catalog["revision"].as_u64() > revision.as_u64());
    let pulse = one.wait_for("pulse", |pulse| pulse["journal"]["state"] == "ok");
    assert_eq!(pulse["archive"]["words"], "there is no archive in the settings", "{pulse}");
    assert_eq!(pulse["destinations"]["waiting"], 0, "{pulse}");
    // Who comes later is told at once what is so.
    let late = way.listen();
    late.wait_for("pulse", |_| true);
    late.wait_for("catalog", |catalog| catalog["revision"].as_u64() > revision.as_u64());
}

#[test]
fn a_stream_begins_anew_after_all_have_gone() {
    let way = Way::start(RULES);
    let first = way.listen();
    first.wait_for("pulse", |_| true);
    drop(first);
    way.hears("LINKDOWN Gi0/1");
    let again = way.listen();
    again.wait_for("pulse", |_| true);
    way.hears("LINKDOWN Gi0/1");
    again.wait_for("alert", |alert| alert["count"] == 2);
}

#[test]
fn a_stream_ends_with_its_key_with_its_session_and_with_mutt() {
    let mut way = Way::start(RULES);
    let address = way.mutt.doors.api;
    let made = way.api.post("/keys", &json!({ "name": "k", "role": "viewer" })).expect(201).json();
    let key = made["key"].as_str().expect("a key");
    let by_key = Api::with(address, key).events("/live");
    let made = way.api.post("/users", &json!({ "name": "ann", "role": "viewer" })).expect(201);
    let once = made.json()["one_time_password"].as_str().expect("a password").to_owned();
    let mut browser = Browser::new(address);
    browser.sign_in("ann", &once).expect(201);
    browser.set_password(&once, "correct horse battery staple").expect(200);
    let by_session = Events::listen(address, "/live", &format!("Cookie: {}", browser.cookie));
    let stays = way.listen();
    for stream in [&by_key, &by_session, &stays] {
        stream.wait_for("pulse", |_| true);
    }
    way.api.ask("DELETE", "/keys/k", &["If-Match: *"], "").expect(200);
    browser.ask("DELETE", "/session", "").expect(204);
    for stream in [&by_key, &by_session] {
        let end = stream.wait_for("end", |_| true);
        assert!(end["why"].as_str().expect("why").contains("is over"), "{end}");
        stream.wait_over();
    }
    assert_eq!(Events::listen(address, "/live", "X-API-KEY: nobody").status(), 401);
    let since = Instant::now();
    assert!(way.mutt.stop().success());
    stays.wait_for("end", |_| true);
    stays.wait_over();
    assert!(since.elapsed() < Duration::from_secs(20), "nobody who looks on holds the end up");
}

#[test]
fn there_are_64_streams_and_no_more() {
    let way = Way::start_with(RULES, "api.connections_max = 200");
    let mut all: Vec<_> = (0..64).map(|_| way.listen()).collect();
    assert!(all.iter().all(|stream| stream.status() == 200));
    let refused = Api::admin(way.mutt.doors.api).get("/live").expect(503);
    assert!(refused.text.contains("64 streams"), "{}", refused.text);
    all.pop();
    wait::until("room for another", || {
        let status = way.listen().status();
        if status == 200 { Ok(()) } else { Err(status.to_string()) }
    });
}
