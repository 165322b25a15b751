//! Every change is a revision: who, when, why, before and after; any can be restored.

use serde_json::{Value, json};

use super::{Way, rule};

#[test]
fn a_revision_tells_who_when_why_before_and_after() {
    let way = Way::start("");
    way.api.post("/rules?why=first%20try", &rule("a", "x")).expect(201);
    way.api.put("/rules/a", &rule("a", "y")).expect(200);
    way.api.put("/teams/net", &json!({ "name": "net" })).expect(200);
    let list = way.api.get("/revisions").expect(200).json();
    let numbers: Vec<_> =
        list["items"].as_array().expect("items").iter().map(|r| r["number"].as_u64()).collect();
    assert_eq!(numbers, [Some(3), Some(2), Some(1)]);
    let first = &list["items"][2];
    assert_eq!((&first["who"], &first["why"]), (&json!("settings"), &json!("first try")));
    assert!(first["at"].as_str().expect("a time").starts_with("20"));
    let second = way.api.get("/revisions/2").expect(200).json();
    let item = &second["items"][0];
    assert_eq!(item["before"]["when"]["message"]["contains"], "x");
    assert_eq!(item["after"]["when"]["message"]["contains"], "y");
    assert_eq!(item["parts"][0]["path"], "when.message.contains");
    let of_rule = way.api.get("/revisions?kind=rule&name=a&limit=1").expect(200).json();
    assert_eq!((&of_rule["items"][0]["number"], &of_rule["next"]), (&json!(2), &json!("2")));
    let rest = way.api.get("/revisions?kind=rule&name=a&limit=1&after=2").expect(200).json();
    assert_eq!((&rest["items"][0]["number"], &rest["next"]), (&json!(1), &Value::Null));
    assert_eq!(way.api.get("/revisions/9").status, 404);
    assert_eq!(way.api.get("/revisions?kind=thing").status, 400);
}

#[test]
fn any_revision_can_be_restored_and_that_is_a_revision_too() {
    let way = Way::start("");
    way.api.put("/rules/a", &rule("a", "one")).expect(200); // 1
    way.api.put("/rules/b", &rule("b", "two")).expect(200); // 2
    way.api.put("/rules/a", &rule("a", "three")).expect(200); // 3
    way.api.ask("DELETE", "/rules/b", &["If-Match: *"], "").expect(200); // 4
    let word = || {
        let rule = way.api.get("/rules/a").expect(200).json();
        rule["rule"]["when"]["message"]["contains"].as_str().expect("a word").to_owned()
    };
    let shown = way.api.post("/revisions/2/restore?dry_run=true", &json!({})).expect(200).json();
    assert_eq!(shown["changes"].as_array().expect("changes").len(), 2);
    assert_eq!(word(), "three");
    way.api.post("/revisions/2/restore", &json!({})).expect(200);
    assert_eq!(word(), "one");
    way.api.get("/rules/b").expect(200);
    let made = way.api.get("/revisions/5").expect(200).json();
    assert_eq!((&made["why"], &made["changes"]), (&json!("as in revision 2"), &json!(2)));
    // One item alone.
    way.api.post("/revisions/3/restore", &json!({ "kind": "rule", "name": "a" })).expect(200);
    assert_eq!(word(), "three");
    way.api.post("/revisions/0/restore", &json!({})).expect(200);
    assert_eq!(way.api.get("/rules").expect(200).json()["items"], json!([]));
    assert_eq!(way.api.post("/revisions/99/restore", &json!({})).status, 404);
    assert_eq!(way.api.post("/revisions/1/restore", &json!({ "kind": "rule" })).status, 400);
}

#[test]
fn history_outlives_a_restart_and_seed_files_count_once() {
    let mut way = Way::start(
        "[[rules]]\nid = \"seed\"\npriority = 1\nhandling = \"log_only\"\n\
         when.message.contains = \"x\"\n",
    );
    let first = way.api.get("/revisions/1").expect(200).json();
    assert_eq!(first["who"], "mutt");
    way.api.ask("DELETE", "/rules/seed", &["If-Match: *"], "").expect(200);
    assert!(way.mutt.stop().success());
    way.mutt.start();
    assert_eq!(way.api.get("/rules/seed").status, 404, "a decision is not undone by a file");
    assert_eq!(
        way.api.get("/revisions").expect(200).json()["items"].as_array().map(Vec::len),
        Some(2)
    );
}
