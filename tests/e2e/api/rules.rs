//! Rules one by one and as a set: formats, checks, lost updates, pages.

use serde_json::{Value, json};

use super::{Way, rule};

#[test]
fn a_rule_is_made_read_changed_and_taken_away() {
    let way = Way::start("");
    let made = way.api.post("/rules?why=new", &rule("a", "fan failed")).expect(201);
    assert_eq!(made.headers["location"], "/api/v1/rules/a");
    assert_eq!(made.json()["changes"][0]["action"], "added");
    let read = way.api.get("/rules/a").expect(200);
    assert_eq!(read.etag(), made.etag());
    assert_eq!(read.json()["rule"]["when"], json!({ "message": { "contains": "fan failed" } }));
    assert_eq!(way.api.post("/rules", &rule("a", "x")).status, 409);

    let mut other = rule("a", "fan failed");
    other["note"] = "why it is there".into();
    let header = format!("If-Match: {}", read.etag());
    let put = way.api.ask("PUT", "/rules/a", &[&header], &other.to_string()).expect(200);
    let part = &put.json()["changes"][0]["parts"][0];
    assert_eq!((&part["path"], &part["after"]), (&json!("note"), &json!("why it is there")));
    assert_ne!(put.etag(), read.etag());

    assert_eq!(way.api.ask("DELETE", "/rules/a", &[], "").status, 428);
    assert_eq!(way.api.ask("DELETE", "/rules/a", &[&header], "").status, 412);
    let header = format!("If-Match: {}", put.etag());
    way.api.ask("DELETE", "/rules/a", &[&header], "").expect(200);
    assert_eq!(way.api.get("/rules/a").status, 404);
    assert_eq!(way.api.ask("DELETE", "/rules/a", &["If-Match: *"], "").status, 404);
}

#[test]
fn a_put_that_changes_nothing_makes_no_revision() {
    let way = Way::start("");
    let first = way.api.put("/rules/a", &rule("a", "x")).expect(200);
    let again = way.api.put("/rules/a", &rule("a", "x")).expect(200);
    assert_eq!(again.json()["changes"], json!([]));
    assert_eq!((again.etag(), again.json()["revision"].clone()), (first.etag(), json!(1)));
}

#[test]
fn json_yaml_and_toml_go_in_and_out() {
    let way = Way::start("");
    let yaml = "id: a\npriority: 1\nhandling: log_only\nwhen:\n  message: { contains: fan }\n";
    way.api.ask("PUT", "/rules/a", &["Content-Type: application/yaml"], yaml).expect(200);
    let toml = "id = \"b\"\npriority = 2\nhandling = \"log_only\"\nwhen.message.contains = \"x\"\n";
    way.api.ask("PUT", "/rules/b", &["Content-Type: application/toml"], toml).expect(200);
    for (media, word) in [
        ("application/yaml", "contains: fan"),
        ("application/toml", "contains = \"fan\""),
        ("application/json", "\"contains\""),
    ] {
        let accept = format!("Accept: {media}");
        let one = way.api.ask("GET", "/rules/a", &[&accept], "").expect(200);
        assert!(one.text.contains(word), "{}", one.text);
        let all = way.api.ask("GET", "/rules/export", &[&accept], "").expect(200);
        // What goes out comes in again, and nothing differs.
        let (kind, etag) = (format!("Content-Type: {media}"), format!("If-Match: {}", all.etag()));
        let back = way.api.ask("PUT", "/rules", &[&kind, &etag], &all.text).expect(200);
        assert_eq!(back.json()["changes"], json!([]), "{media}");
    }
    let odd = way.api.ask("PUT", "/rules/c", &["Content-Type: text/html"], yaml);
    assert_eq!(odd.status, 415, "{}", odd.text);
}

#[test]
fn every_check_names_the_place_in_the_rule() {
    let way = Way::start("");
    let faults = |rule: &Value| {
        let refused = way.api.ask("PUT", "/rules/a", &[], &rule.to_string()).expect(422).json();
        refused["errors"].as_array().expect("faults").clone()
    };
    let with = |path: &str, value: Value| {
        let mut rule = rule("a", "fan");
        *rule.pointer_mut(path).expect("a part") = value;
        rule
    };
    let cases = [
        (with("/when/message", json!({ "regex": "(" })), "when.message.regex", "regex"),
        (with("/when/message", json!({ "regex": "\\w{500}{500}" })), "when.message.regex", "limit"),
        (with("/when", json!({ "mesage": { "contains": "x" } })), "when.mesage", "Did you mean"),
        (with("/priority", json!("high")), "priority", "whole number"),
        (with("/handling", json!("page")), "handling", "page_only"),
    ];
    for (rule, path, words) in cases {
        let found = faults(&rule);
        let fault = found.iter().find(|fault| fault["path"] == path);
        let fault = fault.unwrap_or_else(|| panic!("no {path} in {found:#?}"));
        assert!(fault["message"].as_str().expect("a sentence").contains(words), "{fault:#}");
        assert_eq!((&fault["kind"], &fault["name"]), (&json!("rule"), &json!("a")));
    }
    let mut example = rule("a", "fan");
    example["examples"] = json!([{ "expect": "match", "message": "<13>no such word" }]);
    assert_eq!(faults(&example)[0]["path"], "examples[0]");
}

#[test]
fn what_works_but_is_perhaps_not_meant_is_a_warning() {
    let way = Way::start("");
    let mut bare = rule("bare", "x");
    bare["when"] = json!({ "message": { "regex": "^[0-9]+$" } });
    let saved = way.api.put("/rules/bare", &bare).expect(200).json();
    assert_eq!(saved["warnings"][0]["path"], "when", "{saved:#}");
    let read = way.api.get("/rules/bare").expect(200).json();
    assert_eq!(read["warnings"][0]["path"], "when", "{read:#}");
    way.api.put("/rules/wide", &rule("wide", "fan")).expect(200);
    let mut narrow = rule("narrow", "fan failed");
    narrow["priority"] = 20.into();
    let saved = way.api.put("/rules/narrow", &narrow).expect(200).json();
    let words = saved["warnings"][0]["message"].as_str().unwrap_or_default();
    assert!(words.contains("never owns an event") && words.contains("wide"), "{saved:#}");
}

#[test]
fn what_no_database_takes_is_refused_with_a_reason() {
    let way = Way::start("");
    let long = "r".repeat(2_000);
    for (path, id) in
        [(format!("/rules/{long}"), long.as_str()), ("/rules/a?why=%00".to_owned(), "a")]
    {
        let refused = way.api.ask("PUT", &path, &[], &rule(id, "x").to_string()).expect(422).json();
        assert!(refused["detail"].as_str().is_some_and(|why| !why.is_empty()), "{refused}");
    }
    assert_eq!(way.api.get("/status").expect(200).json()["revision"], 0);
}

#[test]
fn a_dry_run_shows_the_difference_and_changes_nothing() {
    let way = Way::start("");
    way.api.put("/rules/a", &rule("a", "x")).expect(200);
    let set = json!({ "rules": [rule("b", "y")] }).to_string();
    let shown = way.api.ask("PUT", "/rules?dry_run=true", &[], &set).expect(200).json();
    let actions: Vec<_> = shown["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| (change["name"].as_str().unwrap(), change["action"].as_str().unwrap()))
        .collect();
    assert_eq!(actions, [("a", "removed"), ("b", "added")]);
    assert_eq!((&shown["dry_run"], &shown["revision"]), (&json!(true), &json!(1)));
    assert_eq!(way.api.get("/rules/b").status, 404);
    let kept = way.api.ask("PUT", "/rules?keep=true", &["If-Match: *"], &set).expect(200).json();
    assert_eq!(kept["changes"].as_array().expect("changes").len(), 1);
    way.api.get("/rules/a").expect(200);
}

#[test]
fn rules_come_in_pages_in_the_order_in_which_they_are_tried() {
    let way = Way::start("");
    let rules: Vec<Value> = (0..25)
        .map(|n| {
            let mut rule = rule(&format!("r{n:02}"), &format!("word-{n:02}"));
            rule["priority"] = (100 - n / 5).into();
            rule["team"] = (if n % 2 == 0 { "even" } else { "odd" }).into();
            rule
        })
        .collect();
    let set = json!({ "rules": rules }).to_string();
    way.api.ask("PUT", "/rules", &["If-Match: *"], &set).expect(200);
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = way.api.get(&format!("/rules?limit=10{after}")).expect(200).json();
        for item in page["items"].as_array().expect("items") {
            let rule = &item["rule"];
            seen.push((
                rule["priority"].as_u64().unwrap(),
                rule["id"].as_str().unwrap().to_owned(),
            ));
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let mut sorted = seen.clone();
    sorted.sort();
    assert_eq!((seen.len(), &seen), (25, &sorted));
    let odd = way.api.get("/rules?team=odd").expect(200).json();
    assert_eq!(odd["items"].as_array().expect("items").len(), 12);
    let found = way.api.get("/rules?text=WORD-07").expect(200).json();
    assert_eq!(found["items"][0]["rule"]["id"], "r07");
    for bad in ["limit=0", "limit=x", "after=x", "mode=sometimes"] {
        assert_eq!(way.api.get(&format!("/rules?{bad}")).status, 400, "{bad}");
    }
}

#[test]
fn a_body_over_the_limit_a_missing_path_and_another_method_are_problems() {
    let way = Way::start_with("", "api.body_bytes_max = 65536\n");
    let large = "x".repeat(100_000);
    assert_eq!(way.api.ask("PUT", "/rules", &["If-Match: *"], &large).status, 413);
    assert_eq!(way.api.get("/nowhere").status, 404);
    assert_eq!(way.api.ask("DELETE", "/status", &[], "").status, 405);
    assert_eq!(way.api.ask("PUT", "/rules/a", &[], "{").status, 422);
    let document = way.api.get("/openapi.json").expect(200).json();
    assert_eq!(document["openapi"], "3.1.0");
}
