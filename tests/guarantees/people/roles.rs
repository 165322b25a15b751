//! Roles, teams, and what a key opens.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{key, person, sql, started};
use crate::common::{mutt, send, wait};

const ROLES: [&str; 4] = ["viewer", "operator", "author", "admin"];

/// What docs/security.md says: of each operation the least role.
fn table() -> BTreeMap<String, String> {
    let text = include_str!("../../../docs/security.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once("` | "))
        .filter(|(operation, _)| operation.contains(" /"))
        .map(|(operation, rest)| {
            let role = rest.split(' ').next().unwrap_or_default();
            (operation.to_owned(), role.to_owned())
        })
        .collect()
}

#[test]
fn each_role_may_do_what_the_table_says_and_nothing_else() {
    let (_folder, mutt) = started("", "");
    let document: Value = serde_json::from_str(&mutt_api::document()).expect("JSON");
    let keys = ROLES.map(|role| key(&mutt, &json!({ "name": role, "role": role })));
    let mut table = table();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys() {
            let operation = format!("{} {path}", method.to_uppercase());
            let least = table.remove(&operation);
            let least = least.unwrap_or_else(|| panic!("`{operation}` is not in the table"));
            let asked = path.replace("{number}", "1").replace("{name}", "nobody").replace('{', "x");
            let asked = asked.replace('}', "");
            for (place, key) in keys.iter().enumerate() {
                // A stream has no end: its status is all that is looked at.
                let (status, text) = match path == "/live" {
                    true => (key.events(&asked).status(), String::new()),
                    false => {
                        let method = method.to_uppercase();
                        let answer = key.ask(&method, &asked, &["If-Match: *"], "{}");
                        (answer.status, answer.text)
                    }
                };
                let may = match least.as_str() {
                    "anyone" => true,
                    least => ROLES.iter().position(|role| *role == least) <= Some(place),
                };
                let refused = status == 403;
                assert_eq!(refused, !may, "{operation} by {}: {text}", ROLES[place]);
            }
            if least != "anyone" {
                let (status, _) =
                    mutt::get(mutt.doors.api, &format!("/api/v1{asked}")).expect("it");
                assert!([401, 405].contains(&status), "{operation} without a key: {status}");
            }
        }
    }
    assert!(table.is_empty(), "the table has what the API has not: {table:?}");
}

#[test]
fn who_works_for_a_team_changes_what_is_of_that_team_and_nothing_else() {
    let (_folder, mutt) = started("", "");
    let rule = |team: &str| {
        json!({ "id": "down", "priority": 10, "team": team, "handling": "page_only",
            "when": { "message": { "contains": "down" } } })
    };
    mutt.api().put("/rules/down", &rule("net")).expect(200);
    let net = person(&mutt, "ned", "author", &["net"]);
    let lab = person(&mutt, "lea", "author", &["lab"]);
    send::lines(mutt.doors.tcp, &["<187>Nov 23 12:00:00 core-1 port is down"]);
    let mut id = String::new();
    wait::until("an alert", || {
        let alerts = net.get("/alerts").json();
        alerts["items"][0]["id"].as_str().unwrap_or_default().clone_into(&mut id);
        if id.is_empty() { Err(alerts.to_string()) } else { Ok(()) }
    });
    let decide = format!("/alerts/{id}/decisions");
    let acknowledge = json!({ "do": "acknowledge" }).to_string();
    let refused = lab.ask("POST", &decide, &acknowledge).expect(403);
    assert!(refused.text.contains("`net`"), "{}", refused.text);
    assert!(net.ask("POST", &decide, &acknowledge).status < 203);
    // Rules: before and after have to be theirs.
    // Another priority, since what is so already is no change.
    let put = |who: &crate::common::browser::Browser, team: &str| {
        let token = format!("X-MUTT-CSRF: {}", who.csrf);
        who.ask_with(
            "PUT",
            "/rules/down",
            &[&token, "If-Match: *"],
            &rule(team).to_string().replace("10", "11"),
        )
        .status
    };
    assert_eq!([put(&lab, "net"), put(&lab, "lab"), put(&net, "lab")], [403, 403, 403]);
    assert_eq!(put(&net, "net"), 200);
    // Silences: what they hide has to be theirs, whoever they say that it belongs to.
    let silence = |matchers: Value| {
        json!({ "name": "s", "matchers": matchers, "start": "2099-11-28T00:00:00Z",
            "end": "2099-11-28T01:00:00Z", "team": "net", "reason": "work" })
        .to_string()
    };
    let host = json!({ "field": "host", "value": "core-1" });
    let team = json!({ "field": "team", "value": "net" });
    net.ask("PUT", "/silences/s", &silence(json!([host]))).expect(403);
    lab.ask("PUT", "/silences/s", &silence(json!([host, team]))).expect(403);
    net.ask("PUT", "/silences/s", &silence(json!([host, team]))).expect(200);
    let token = format!("X-MUTT-CSRF: {}", lab.csrf);
    lab.ask_with("DELETE", "/silences/s", &[&token, "If-Match: *"], "").expect(403);
    // An admin of one team makes no sense.
    let bad = json!({ "name": "x", "role": "admin", "teams": ["net"] });
    mutt.api().post("/users", &bad).expect(422);
}

#[test]
fn a_key_opens_its_scope_until_its_end() {
    let (folder, mut mutt) = started("", "");
    let new = json!({ "name": "script", "role": "author", "scope": ["rules", "explain"],
        "expires_in_days": 1 });
    let script = key(&mutt, &new);
    script.get("/rules").expect(200);
    script.post("/explain", &json!({ "message": "x" })).expect(200);
    for path in ["/alerts", "/silences", "/revisions", "/keys", "/status"] {
        script.get(path).expect(403);
    }
    let me = script.get("/session").expect(200).json();
    assert_eq!((&me["by"], &me["scope"]), (&json!("key"), &json!(["rules", "explain"])));
    let bad = json!({ "name": "x", "role": "viewer", "scope": ["everything"] });
    mutt.api().post("/keys", &bad).expect(422);
    // A day later.
    assert!(mutt.stop().success());
    let past = "UPDATE items SET body = json_set(body, '$.expires_at', 1) WHERE kind = 'key'";
    assert_eq!(sql(folder.path(), past), Ok(1));
    mutt.start();
    script.get("/rules").expect(401);
}

#[test]
fn every_group_of_paths_can_be_a_scope() {
    let document: Value = serde_json::from_str(&mutt_api::document()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths").keys();
    let groups = paths.filter_map(|path| path.split('/').nth(1)).filter(|one| *one != "session");
    let groups: std::collections::BTreeSet<&str> = groups.collect();
    assert_eq!(groups, mutt_api::keys::SCOPES.into_iter().collect());
}
