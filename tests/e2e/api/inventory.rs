//! The inventory: what is known of hosts decides handling, team and labels.

use serde_json::json;

use super::{Way, rule};
use crate::common::{database, send, wait};

const CSV: &str = "host,environment,site,team,labels.rack\n\
                   core-1,prod,berlin,backbone,r7\n\
                   lab-*,dev,lab,,\n\
                   10.1.0.0/16,,hamburg,branch,\n";

fn put_csv(way: &Way, path: &str, csv: &str) -> crate::common::api::Answer {
    way.api.ask("PUT", path, &["Content-Type: text/csv", "If-Match: *"], csv)
}

#[test]
fn csv_goes_in_and_comes_out_the_same() {
    let way = Way::start("");
    let saved = put_csv(&way, "/inventory", CSV).expect(200).json();
    assert_eq!(saved["changes"].as_array().expect("changes").len(), 3);
    let out = way.api.ask("GET", "/inventory", &["Accept: text/csv"], "").expect(200);
    let back = put_csv(&way, "/inventory", &out.text).expect(200).json();
    assert_eq!(back["changes"], json!([]), "{}", out.text);
    let page = way.api.get("/inventory?limit=2").expect(200).json();
    assert_eq!(page["items"].as_array().expect("items").len(), 2);
    assert!(page["next"].is_string());
}

#[test]
fn a_bad_file_changes_nothing_and_every_fault_has_its_line() {
    let way = Way::start("");
    let bad = "host,environment,sight\ncore-1,production,x\n10.0.0.0/99,prod,\n,prod,\n";
    let refused = put_csv(&way, "/inventory", bad).expect(422).json();
    assert!(refused["errors"].as_array().expect("faults").len() >= 3, "{refused:#}");
    assert_eq!(way.api.get("/inventory").expect(200).json()["items"], json!([]));
}

#[test]
fn what_is_known_of_a_host_tells_where_it_comes_from() {
    let way = Way::start("");
    put_csv(&way, "/inventory", CSV).expect(200);
    let known = way.api.get("/inventory/locate?host=CORE-1").expect(200).json();
    assert_eq!(
        (&known["environment"], &known["site"]["value"]),
        (&json!("prod"), &json!("berlin"))
    );
    assert!(known["labels"]["rack"]["from"].as_str().expect("why").contains("core-1"));
    let lab = way.api.get("/inventory/locate?host=lab-9&peer=10.1.2.3").expect(200).json();
    assert_eq!(lab["environment"], "dev");
    assert_eq!(lab["site"]["value"], "lab", "a pattern counts before a network");
    assert_eq!(lab["team"]["value"], "branch", "what the pattern lacks the network has");
}

#[test]
fn an_entry_is_changed_by_its_network_too() {
    let way = Way::start("");
    let entry = json!({ "host": "10.2.0.0/16", "site": "koeln" });
    way.api.put("/inventory/hosts/10.2.0.0%2F16", &entry).expect(200);
    let read = way.api.get("/inventory/hosts/10.2.0.0%2F16").expect(200);
    assert_eq!(read.json()["entry"], entry);
    let other = way.api.put("/inventory/hosts/other", &entry);
    assert_eq!(other.status, 422, "{}", other.text);
    let header = format!("If-Match: {}", read.etag());
    way.api.ask("DELETE", "/inventory/hosts/10.2.0.0%2F16", &[&header], "").expect(200);
    assert_eq!(way.api.get("/inventory/hosts/10.2.0.0%2F16").status, 404);
}

#[test]
fn live_alerts_have_environment_team_site_and_labels_from_the_inventory() {
    let way = Way::start("");
    put_csv(&way, "/inventory", CSV).expect(200);
    let mut rule = rule("fan", "fan failed");
    rule["handling"] = json!({ "prod": "page_only", "dev": "log_only" });
    rule["labels"] = json!({ "rack": "{labels.rack}" });
    rule.as_object_mut().expect("a rule").remove("team");
    rule["team"] = "dc".into();
    rule["when"] = json!({ "message": { "contains": "fan failed" } });
    way.api.put("/rules/fan", &rule).expect(200);
    let lines =
        ["core-1", "lab-3"].map(|host| format!("<187>Nov 23 12:00:00 {host} env: fan failed"));
    send::lines(way.mutt.doors.tcp, &lines);
    let alerts = wait::until("two alerts", || {
        let open = database::open_alerts(way.folder.path());
        if open.len() == 2 { Ok(open) } else { Err(open.len().to_string()) }
    });
    let of = |host: &str| alerts.iter().find(|alert| alert.host == host).expect("its alert");
    let core = of("core-1");
    assert_eq!((core.environment.name(), core.handling.name()), ("prod", "page_only"));
    assert_eq!((core.site.as_deref(), core.labels["rack"].as_str()), (Some("berlin"), "r7"));
    assert_eq!((of("lab-3").environment.name(), of("lab-3").handling.name()), ("dev", "log_only"));
}

#[test]
fn once_there_are_teams_no_other_may_be_named() {
    let way = Way::start("");
    way.api.put("/rules/a", &rule("a", "x")).expect(200);
    let team = |name: &str| json!({ "name": name, "email": format!("{name}@example.net") });
    let refused = way.api.put("/teams/dc", &team("dc")).expect(422).json();
    assert_eq!(
        (&refused["errors"][0]["name"], &refused["errors"][0]["path"]),
        (&json!("a"), &json!("team"))
    );
    way.api.put("/teams/net", &team("net")).expect(200);
    way.api.put("/teams/dc", &team("dc")).expect(200);
    let mut other = rule("b", "y");
    other["team"] = "nett".into();
    assert_eq!(way.api.put("/rules/b", &other).status, 422);
    assert_eq!(way.api.ask("DELETE", "/teams/net", &["If-Match: *"], "").status, 422);
    way.api.ask("DELETE", "/teams/dc", &["If-Match: *"], "").expect(200);
    assert_eq!(
        way.api.get("/teams").expect(200).json()["items"].as_array().expect("teams").len(),
        1
    );
    assert_eq!(way.api.get("/teams/dc").status, 404);
    way.api.get("/teams/net").expect(200);
}

#[test]
fn settings_change_at_run_time_and_go_back_to_the_file() {
    let way = Way::start_with("", "[environment]\ndevelopment = [\"lab-*\"]\n");
    let environment = |host: &str| {
        let known = way.api.get(&format!("/inventory/locate?host={host}")).expect(200).json();
        known["environment"].as_str().expect("an environment").to_owned()
    };
    assert_eq!((environment("lab-1"), environment("test-1")), ("dev".into(), "prod".into()));
    let path = "/settings/environment.development";
    way.api.ask("PUT", path, &["If-Match: \"0\""], r#"{"value": ["test-*"]}"#).expect(200);
    assert_eq!((environment("lab-1"), environment("test-1")), ("prod".into(), "dev".into()));
    way.api.ask("DELETE", path, &["If-Match: *"], "").expect(200);
    assert_eq!(environment("lab-1"), "dev");
    for (name, value) in [("observe", "1"), ("log.level", "\"loud=very\""), ("nonsense", "true")] {
        let body = format!("{{\"value\": {value}}}");
        let refused = way.api.ask("PUT", &format!("/settings/{name}"), &["If-Match: *"], &body);
        assert_eq!(refused.status, 422, "{name}: {}", refused.text);
    }
    way.api.put("/settings/log.level", &json!({ "value": "debug" })).expect(200);
    wait::until_true("the log to say more", || {
        let log = std::fs::read_to_string(way.folder.path().join("mutt.log")).unwrap_or_default();
        log.contains("log: another level")
    });
    assert_eq!(way.api.get("/settings/nonsense").status, 404);
    let all = way.api.get("/settings").expect(200).json();
    let level = &all["items"][1];
    assert_eq!(
        (&level["name"], &level["value"], &level["set"]),
        (&json!("log.level"), &json!("debug"), &json!(true))
    );
}
