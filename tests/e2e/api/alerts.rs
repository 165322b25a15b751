//! Alerts over the API: found, looked at, decided; rules over several events, and why it was quiet.

use serde_json::{Value, json};

use super::Way;
use crate::common::{send, wait};

const RULES: &str = r#"
[[rules]]
id = "link"
priority = 10
team = "net"
handling = "page_only"
when.message.contains = "LINKDOWN"
clear.message.contains = "LINKUP"

[[rules]]
id = "auth"
priority = 20
team = "sec"
handling = "ticket_only"
when.message.contains = "AUTHFAIL"
count = { at_least = 3, within = "10m" }

[[rules]]
id = "held"
priority = 30
team = "net"
handling = "page_only"
when.message.contains = "BGPDOWN"
clear.message.contains = "BGPUP"
hold_for = "1h"
"#;

fn line(host: &str, text: &str) -> String {
    format!("<187>Nov 23 12:00:00 {host} app: {text}")
}

impl Way {
    fn says(&self, host: &str, text: &str) {
        send::lines(self.mutt.doors.tcp, &[&line(host, text)]);
    }

    /// The alerts of a query, once there are so many.
    fn alerts(&self, query: &str, count: usize) -> Vec<Value> {
        wait::until("alerts", || {
            let page = self.api.get(&format!("/alerts?{query}")).expect(200).json();
            let items = page["items"].as_array().expect("items").clone();
            if items.len() == count { Ok(items) } else { Err(format!("{page}")) }
        })
    }
}

#[test]
fn an_alert_is_found_acknowledged_commented_and_closed_by_hand() {
    let way = Way::start(RULES);
    way.says("r1", "LINKDOWN Gi0/1");
    way.says("r2", "LINKDOWN Gi0/2");
    way.alerts("state=open", 2);
    let alert = way.alerts("host=r1&text=gi0/1&rule=link&team=net&severity=major", 1).remove(0);
    assert_eq!((&alert["state"], &alert["count"]), (&json!("open"), &json!(1)));
    let cause = alert["correlation_id"].as_str().expect("an id");
    assert_eq!(way.alerts(&format!("correlation_id={cause}"), 1)[0], alert);
    let path = format!("/alerts/{}/decisions", alert["id"].as_str().expect("an id"));
    let done = way.api.post(&path, &json!({ "do": "acknowledge" })).expect(200).json();
    assert_eq!(
        (&done["state"], &done["acknowledged_by"]),
        (&json!("acknowledged"), &json!("settings"))
    );
    way.api.post(&path, &json!({ "do": "ticket", "ticket": "INC1" })).expect(200);
    way.api.post(&path, &json!({ "do": "comment", "text": "a cable" })).expect(200);
    let done = way.api.post(&path, &json!({ "do": "close", "why": "replaced" })).expect(200).json();
    assert_eq!((&done["state"], &done["ticket"]), (&json!("closed"), &json!("INC1")));
    let refused = way.api.post(&path, &json!({ "do": "acknowledge" })).expect(409).json();
    assert!(refused["detail"].as_str().expect("why").contains("closed"), "{refused}");
    let path = format!("/alerts/{}", alert["id"].as_str().expect("an id"));
    let moments = way.api.get(&path).expect(200).json()["moments"].clone();
    let moments = moments.as_array().expect("moments");
    let what: Vec<_> =
        moments.iter().map(|one| one["moment"]["what"].as_str().unwrap_or("")).collect();
    assert_eq!(what[..3], ["opened", "event", "told"]);
    assert_eq!(what.iter().filter(|what| **what == "decided").count(), 4);
    let event = &moments[1]["moment"];
    assert_eq!(event["raw"], line("r1", "LINKDOWN Gi0/1"));
    way.api.post("/alerts/nobody/decisions", &json!({ "do": "take" })).expect(404);
    way.api.get("/alerts?state=opened").expect(400);
}

#[test]
fn explain_says_why_it_was_quiet() {
    let way = Way::start(RULES);
    for _ in 0..3 {
        way.says("r1", "AUTHFAIL root");
    }
    let counted = way.alerts("rule=auth", 1).remove(0);
    assert_eq!(counted["count"], 3);
    way.says("r1", "BGPDOWN peer");
    let held = way.alerts("rule=held", 1).remove(0);
    assert!(held["quiet"][0].as_str().expect("why").starts_with("held until"), "{held}");
    assert_eq!(held["told"], false);
    let why = |id: &Value| {
        let answer = way.api.post("/explain", &json!({ "id": id })).expect(200).json();
        answer["became"][0].clone()
    };
    let became = why(&held["correlation_id"]);
    assert_eq!((&became["what"], &became["alert_id"]), (&json!("opened"), &held["id"]));
    assert!(became["quiet"][0].as_str().expect("why").starts_with("held until"), "{became}");
    way.says("r2", "AUTHFAIL root");
    let hours = wait::until("the numbers of this hour", || {
        let hours = way.api.get("/hours?kind=matched").expect(200).json();
        let of = |rule: &str| {
            let all = hours.as_array().expect("hours").iter();
            all.filter(|hour| hour["name"] == rule).filter_map(|hour| hour["count"].as_u64()).sum()
        };
        let counts: [u64; 2] = [of("auth"), of("held")];
        if counts == [4, 1] { Ok(counts) } else { Err(format!("{hours}")) }
    });
    assert_eq!(hours, [4, 1]);
}

#[test]
fn what_a_shadow_rule_would_do_is_told_by_the_hour_and_makes_no_alert() {
    let shadow = RULES.replace("priority = ", "mode = \"shadow\"\npriority = ");
    let way = Way::start(&shadow);
    let texts =
        ["LINKDOWN Gi0/1", "AUTHFAIL root", "AUTHFAIL root", "BGPDOWN peer", "LINKUP Gi0/1"];
    let lines = texts.map(|text| line("r1", text));
    send::lines(way.mutt.doors.tcp, &lines);
    let of = |kind: &str, rule: &str| -> u64 {
        let hours = way.api.get(&format!("/hours?kind={kind}")).expect(200).json();
        let all = hours.as_array().expect("hours").iter().filter(|hour| hour["name"] == rule);
        all.filter_map(|hour| hour["count"].as_u64()).sum()
    };
    let kinds = ["shadow_alerts", "shadow_notices", "shadow_pages"];
    wait::until("the numbers of this hour", || {
        let found = ["link", "auth", "held"].map(|rule| kinds.map(|kind| of(kind, rule)));
        // Told of its begin and its end; below its threshold; held.
        let is_so = found == [[1, 2, 1], [0, 0, 0], [1, 0, 0]];
        if is_so { Ok(()) } else { Err(format!("{found:?}")) }
    });
    way.alerts("", 0);
    let refused = way.api.get("/hours?kind=shadows").expect(400).json();
    assert!(refused["detail"].as_str().expect("why").contains("shadow_pages"), "{refused}");
}
