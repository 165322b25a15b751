//! Who may ask: keys with a role, made, refused and taken away.

use serde_json::json;

use super::{Way, rule};
use crate::common::api::Api;
use crate::common::mutt::Mutt;
use crate::common::{folder, mutt, wait};

fn make(way: &Way, name: &str, role: &str) -> Api {
    let made = way.api.post("/keys", &json!({ "name": name, "role": role })).expect(201).json();
    Api::with(way.mutt.doors.api, made["key"].as_str().expect("a key"))
}

#[test]
fn each_role_may_do_its_part() {
    let way = Way::start("");
    let [viewer, operator, author, admin] =
        ["viewer", "operator", "author", "admin"].map(|role| make(&way, role, role));
    let nobody = Api::with(way.mutt.doors.api, "mutt_nonsense");
    assert_eq!(nobody.get("/status").status, 401);
    assert_eq!(mutt::get(way.mutt.doors.api, "/api/v1/rules").expect("an answer").0, 401);
    let team = json!({ "name": "net" });
    for (api, reads, writes_rules, administers) in [
        (&viewer, 200, 403, 403),
        (&operator, 200, 403, 403),
        (&author, 200, 200, 403),
        (&admin, 200, 200, 200),
    ] {
        assert_eq!(api.get("/rules").status, reads);
        assert_eq!(api.post("/explain", &json!({ "message": "x" })).status, reads);
        assert_eq!(api.put("/rules/a", &rule("a", "x")).status, writes_rules);
        assert_eq!(api.ask("POST", "/rules/test", &[], "").status, writes_rules);
        assert_eq!(api.put("/teams/net", &team).status, administers);
        assert_eq!(api.get("/keys").status, administers);
    }
    let refused = viewer.put("/rules/b", &rule("b", "x")).json();
    assert!(refused["detail"].as_str().expect("why").contains("author"), "{refused}");
    let revisions = way.api.get("/revisions?kind=rule").expect(200).json();
    assert_eq!(revisions["items"][0]["who"], "author", "the first who put it");
}

#[test]
fn a_key_is_shown_once_and_opens_nothing_when_it_is_gone() {
    let way = Way::start("");
    let author = make(&way, "script", "author");
    author.get("/rules").expect(200);
    let list = way.api.get("/keys").expect(200);
    assert_eq!(list.json()["items"][0]["name"], "script");
    assert!(!list.text.contains("digest"), "{}", list.text);
    let revision = way.api.get("/revisions/1").expect(200);
    assert!(!revision.text.contains("digest"), "{}", revision.text);
    assert_eq!(way.api.post("/keys", &json!({ "name": "script", "role": "viewer" })).status, 409);
    for bad in [
        json!({ "name": "a b", "role": "viewer" }),
        json!({ "name": "a", "role": "viewer", "expires_in_days": 0 }),
    ] {
        assert_eq!(way.api.post("/keys", &bad).status, 422, "{bad}");
    }
    let dry = way.api.post("/keys?dry_run=true", &json!({ "name": "b", "role": "viewer" }));
    assert_eq!(dry.status, 400, "a key that opens nothing is not shown");
    way.api.ask("DELETE", "/keys/script", &["If-Match: *"], "").expect(200);
    assert_eq!(author.get("/rules").status, 401);
    // Bringing back an old state brings back no key.
    way.api.post("/revisions/1/restore", &json!({})).expect(200);
    assert_eq!(author.get("/rules").status, 401);
    let one = json!({ "kind": "key", "name": "script" });
    assert_eq!(way.api.post("/revisions/1/restore", &one).status, 403);
}

#[test]
fn keys_are_made_and_deleted_at_the_terminal_while_mutt_runs() {
    let way = Way::start("");
    let run = |args: &[&str]| {
        let mut command = Mutt::command();
        command.arg("key").args(args).arg("--config").arg(way.mutt.config());
        // A client's environment is none of the settings.
        command.env("MUTT_API_KEY", "k").env("MUTT_URL", "http://127.0.0.1:9");
        let out = command.output().expect("mutt key");
        (out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned())
    };
    let (made, key) = run(&["create", "ci", "--role", "author", "--days", "30"]);
    assert!(made);
    let ci = Api::with(way.mutt.doors.api, key.trim());
    wait::until_true("the key to open", || ci.get("/rules").status == 200);
    let (_, list) = run(&["list"]);
    assert!(list.contains("ci") && list.contains("author") && list.contains("ends 20"), "{list}");
    assert!(!list.contains(key.trim()));
    assert!(!run(&["create", "ci", "--role", "viewer"]).0, "a name is used once");
    assert!(run(&["delete", "ci"]).0);
    wait::until_true("the key to open nothing", || ci.get("/rules").status == 401);
}

#[test]
fn a_key_made_before_the_first_start_keeps_no_seed_file_out() {
    let folder = folder();
    let seed = "[[rules]]\nid = \"seed\"\npriority = 1\nhandling = \"log_only\"\n\
                when.message.contains = \"x\"\n";
    let mut mutt = Mutt::configured(folder.path(), seed, "");
    let mut command = Mutt::command();
    command.args(["key", "create", "first", "--role", "viewer", "--config"]).arg(mutt.config());
    let made = command.output().expect("mutt key");
    assert!(made.status.success(), "{made:?}");
    mutt.start();
    let key = String::from_utf8_lossy(&made.stdout).trim().to_owned();
    Api::with(mutt.doors.api, &key).get("/rules/seed").expect(200);
}

#[test]
fn a_key_comes_as_a_bearer_token_too() {
    let way = Way::start("");
    let headers = "Authorization: Bearer test-admin-key\r\n";
    let body = br#"{"message": "x"}"#;
    let answer =
        mutt::post(way.mutt.doors.api, "/api/v1/explain", headers, body).expect("an answer");
    assert_eq!(answer.0, 200, "{}", answer.1);
}
