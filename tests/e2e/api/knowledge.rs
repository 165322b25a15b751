//! What people learn from the past: noise, what rules are good for, patterns by the hour, times of
//! quiet, and what settings may be.

use serde_json::{Value, json};

use super::{Way, rule};
use crate::common::{send, wait};

const RULES: &str = r#"
[[rules]]
id = "link"
priority = 10
team = "net"
handling = "page_only"
when.message.contains = "LINKDOWN"

[[rules]]
id = "narrow"
priority = 20
team = "net"
handling = "page_only"
when.message.contains = "LINKDOWN Gi"

[[rules]]
id = "fan"
priority = 30
team = "dc"
handling = "ticket_only"
when.message.contains = "fan failed"

[[rules]]
id = "tried"
priority = 40
team = "dc"
mode = "shadow"
handling = "page_only"
when.message.contains = "nobody knows"
"#;

/// Two pages, one of them below critical; a ticket; one that is critical and nobody is paged for.
fn say(way: &Way) {
    send::lines(
        way.mutt.doors.tcp,
        &[
            "<187>Nov 23 12:00:00 r1 app: LINKDOWN Gi0/1",
            "<186>Nov 23 12:00:00 r2 app: LINKDOWN Gi0/2",
            "<187>Nov 23 12:00:00 r1 app: fan failed",
            "<184>Nov 23 12:00:00 r3 app: nobody knows this",
        ],
    );
}

fn once(way: &Way, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
    wait::until(path, || {
        let answer = way.api.get(path).expect(200).json();
        if fits(&answer) { Ok(answer) } else { Err(format!("{answer:#}")) }
    })
}

fn sum(days: &Value, key: &str) -> u64 {
    days.as_array().expect("days").iter().filter_map(|day| day[key].as_u64()).sum()
}

#[test]
fn noise_tells_from_messages_to_pages_and_what_severity_alone_would_have_done() {
    let way = Way::start(RULES);
    let before = way.api.get("/noise").expect(200).json();
    assert_eq!(before["since"]["pages_by_name"], Value::Null);
    assert_eq!(before["below_critical"], json!({ "since": null, "items": [], "truncated": false }));
    say(&way);
    let noise = once(&way, "/noise?days=2&zone=Europe/Berlin", |noise| {
        noise["funnel"] == json!({ "messages": 4, "matched": 3, "alerts": 3, "pages": 2 })
    });
    let days = &noise["days"];
    assert_eq!(days.as_array().map(Vec::len), Some(2));
    assert_eq!(sum(days, "pages_day") + sum(days, "pages_night"), 2);
    assert_eq!(sum(days, "severe_day") + sum(days, "severe_night"), 2);
    assert_eq!((sum(days, "messages"), sum(days, "alerts")), (4, 3));
    assert_eq!(
        noise["rules"],
        json!([
            { "name": "link", "messages": 2, "alerts": 2, "pages": 2 },
            { "name": "fan", "messages": 1, "alerts": 1, "pages": 0 },
        ])
    );
    assert_eq!(
        noise["hosts"],
        json!([
            { "name": "r1", "messages": 2, "alerts": 2, "pages": 1 },
            { "name": "r2", "messages": 1, "alerts": 1, "pages": 1 },
            { "name": "r3", "messages": 1, "alerts": 0, "pages": 0 },
        ])
    );
    assert_eq!(noise["page_severities"], json!({ "critical": 1, "error": 1 }));
    let below = &noise["below_critical"];
    assert_eq!(below["items"].as_array().map(Vec::len), Some(1), "{below:#}");
    let one = &below["items"][0];
    assert_eq!((&one["rule"], &one["host"]), (&json!("link"), &json!("r1")));
    assert_eq!((&one["syslog_severity"], &one["worst"]), (&json!("error"), &json!("major")));
    for (name, since) in noise["since"].as_object().expect("since") {
        assert!(since.is_string(), "{name} is known: {noise:#}");
    }
    for bad in ["days=0", "days=32", "zone=Nowhere/Else", "days=x"] {
        assert_eq!(way.api.get(&format!("/noise?{bad}")).status, 400, "{bad}");
    }
}

#[test]
fn a_rules_usage_tells_hits_by_day_the_last_one_and_what_can_never_hit() {
    let way = Way::start(RULES);
    say(&way);
    let usage = once(&way, "/rules/usage?days=3", |usage| {
        usage["items"][0]["pages"] == 2 && usage["items"][3]["pages"] == 1
    });
    assert_eq!(usage["days"].as_array().map(Vec::len), Some(3));
    assert!(usage["known_since"].is_string(), "{usage:#}");
    let [link, narrow, fan, tried] = [0, 1, 2, 3].map(|place| usage["items"][place].clone());
    assert_eq!(
        (&link["rule"], &link["hits"], &link["alerts"]),
        (&json!("link"), &json!(2), &json!(2))
    );
    assert_eq!(sum(&link["per_day"], "hits"), 2);
    assert_eq!(link["per_day"].as_array().map(Vec::len), Some(3));
    assert!(link["last_hit"].is_string() && link["unreachable_by"].is_null());
    assert_eq!((&narrow["hits"], &narrow["last_hit"]), (&json!(0), &Value::Null));
    assert_eq!(narrow["unreachable_by"], "link");
    assert_eq!((&fan["hits"], &fan["pages"]), (&json!(1), &json!(0)));
    assert_eq!(
        (&tried["mode"], &tried["hits"], &tried["alerts"]),
        (&json!("shadow"), &json!(0), &json!(1))
    );
    // Page by page, in the order of priority.
    let first = way.api.get("/rules/usage?limit=3").expect(200).json();
    let next = first["next"].as_str().expect("a cursor");
    let rest = way.api.get(&format!("/rules/usage?limit=3&after={next}")).expect(200).json();
    assert_eq!((&rest["items"][0]["rule"], &rest["next"]), (&json!("tried"), &Value::Null));
    // Whoever saves such a rule is told.
    let mut hidden = rule("hidden", "LINKDOWN Gi0/9");
    hidden["priority"] = 50.into();
    let saved = way.api.put("/rules/hidden", &hidden).expect(200).json();
    let warning = saved["warnings"][0]["message"].as_str().expect("a warning");
    assert!(warning.contains("never owns an event: rule link"), "{warning}");
    assert_eq!(way.api.get("/rules/usage?days=99").status, 400);
}

#[test]
fn patterns_by_the_hour_are_those_with_the_most_messages() {
    let way = Way::start("");
    let lines: Vec<String> = (0..5)
        .map(|n| format!("<187>Nov 23 12:00:00 r{n} diskd: disk {n} is slow"))
        .chain(["<187>Nov 23 12:00:00 r1 cron: it ran".to_owned()])
        .collect();
    send::lines(way.mutt.doors.tcp, &lines);
    let heat = once(&way, "/patterns/hours?hours=3&limit=1", |heat| {
        heat["looked_at"] == 2 && heat["rows"][0]["count"] == 5
    });
    assert_eq!(heat["hours"].as_array().map(Vec::len), Some(3));
    let row = &heat["rows"][0];
    assert_eq!((&row["template"], &row["key"]), (&json!("disk <*> is slow"), &json!("diskd")));
    let counts = row["counts"].as_array().expect("counts");
    assert_eq!((counts.len(), counts.iter().filter_map(Value::as_u64).sum::<u64>()), (3, 5));
    assert_eq!(
        (heat["rows"].as_array().map(Vec::len), &heat["truncated"]),
        (Some(1), &json!(false))
    );
    for bad in ["hours=0", "hours=169", "limit=0", "limit=201"] {
        assert_eq!(way.api.get(&format!("/patterns/hours?{bad}")).status, 400, "{bad}");
    }
}

#[test]
fn times_of_quiet_are_told_one_by_one_between_two_times() {
    let way = Way::start("");
    let lab = json!([{ "field": "host", "operator": "glob", "value": "lab-*" }]);
    let silence = json!({
        "name": "lab", "matchers": lab, "start": "2026-12-01T10:00:00Z",
        "end": "2026-12-01T12:00:00Z", "owner": "ann", "team": "net", "reason": "new switch",
    });
    way.api.put("/silences/lab", &silence).expect(200);
    let window = json!({
        "name": "patches", "matchers": lab, "start": "2026-11-29T22:00", "zone": "Europe/Berlin",
        "duration_minutes": 180, "rule": "FREQ=WEEKLY;BYDAY=SU", "except": ["2026-12-13"],
        "owner": "bob", "reason": "patches",
    });
    way.api.put("/maintenance/patches", &window).expect(200);
    // The first window begins before and still lasts.
    let path = "/quiet?from=2026-11-29T22:30:00Z&to=2026-12-21T00:00:00Z";
    let quiet = way.api.get(path).expect(200).json();
    let items = quiet["items"].as_array().expect("items");
    let short: Vec<_> = items
        .iter()
        .map(|one| ["kind", "name", "start", "end"].map(|key| one[key].as_str().expect("text")))
        .collect();
    assert_eq!(
        short,
        [
            [
                "maintenance",
                "patches",
                "2026-11-29T21:00:00.000000Z",
                "2026-11-30T00:00:00.000000Z"
            ],
            ["silence", "lab", "2026-12-01T10:00:00.000000Z", "2026-12-01T12:00:00.000000Z"],
            [
                "maintenance",
                "patches",
                "2026-12-06T21:00:00.000000Z",
                "2026-12-07T00:00:00.000000Z"
            ],
            [
                "maintenance",
                "patches",
                "2026-12-20T21:00:00.000000Z",
                "2026-12-21T00:00:00.000000Z"
            ],
        ]
    );
    assert_eq!((&items[1]["owner"], &items[1]["team"]), (&json!("ann"), &json!("net")));
    assert_eq!((&items[0]["reason"], &items[0]["team"]), (&json!("patches"), &Value::Null));
    assert_eq!(quiet["truncated"], false);
    let now = way.api.get("/quiet").expect(200).json();
    assert!(now["from"].is_string() && now["items"].is_array());
    for bad in [
        "from=2026-12-01T00:00:00Z&to=2026-11-01T00:00:00Z",
        "from=x",
        "from=2026-01-01T00:00:00Z&to=2026-12-01T00:00:00Z",
    ] {
        assert_eq!(way.api.get(&format!("/quiet?{bad}")).status, 400, "{bad}");
    }
}

#[test]
fn a_setting_tells_its_default_and_its_limits() {
    let way = Way::start_with("", "[environment]\ndevelopment = [\"lab-*\"]");
    let set = json!({ "value": ["dev-*"] });
    way.api.put("/settings/environment.development", &set).expect(200);
    let items = way.api.get("/settings").expect(200).json()["items"].clone();
    let of = |name: &str| {
        let all = items.as_array().expect("items");
        all.iter().find(|one| one["name"] == name).cloned().expect("a setting")
    };
    let development = of("environment.development");
    assert_eq!(development["default"], json!(["lab-*"]), "that of the settings file");
    assert_eq!((&development["value"], &development["set"]), (&json!(["dev-*"]), &json!(true)));
    assert_eq!((&development["least"], &development["most"]), (&json!(0), &json!(10_000)));
    let observe = of("observe");
    assert_eq!((&observe["default"], &observe["most"]), (&json!(false), &Value::Null));
    let many = json!({ "value": vec!["a"; 10_001] });
    way.api.put("/settings/environment.development", &many).expect(422);
}
