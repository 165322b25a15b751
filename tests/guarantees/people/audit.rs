//! The audit: everything is in it, with before and after, and nobody changes it.

use serde_json::{Value, json};

use super::{command, person, sql, started};
use crate::common::browser::Browser;
use crate::common::mutt::Mutt;

fn rows(mutt: &Mutt, query: &str) -> Vec<Value> {
    let page = mutt.api().get(&format!("/audit?{query}")).expect(200).json();
    page["items"].as_array().expect("rows").clone()
}

/// The export: whether it is whole, its lines, and what it said.
fn export(mutt: &Mutt, args: &[&str]) -> (bool, Vec<Value>, String) {
    let all: Vec<&str> = ["audit", "export"].iter().chain(args).copied().collect();
    let done = command(mutt, &all);
    let text = String::from_utf8(done.stdout).expect("text");
    let lines = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    (done.status.success(), lines, String::from_utf8(done.stderr).expect("text"))
}

#[test]
fn every_change_and_every_sign_in_is_in_the_audit_with_before_and_after() {
    let (_folder, mutt) = started("", "");
    let ann = person(&mutt, "ann", "admin", &[]);
    Browser::new(mutt.doors.api).sign_in("ann", "wrong password").expect(401);
    Browser::new(mutt.doors.api).sign_in("who", "wrong password").expect(401);
    ann.ask("PUT", "/teams/net?why=new", &json!({ "name": "net" }).to_string()).expect(200);
    let token = format!("X-MUTT-CSRF: {}", ann.csrf);
    let team = json!({ "name": "net", "email": "net@example.net" }).to_string();
    // Whoever says to be a proxy is believed nothing: see `from` below.
    let headers = [token.as_str(), "If-Match: *", "X-Forwarded-For: 192.0.2.7"];
    ann.ask_with("PUT", "/teams/net", &headers, &team).expect(200);
    // A dry run and what was refused change nothing.
    ann.ask("PUT", "/teams/lab?dry_run=true", &json!({ "name": "lab" }).to_string()).expect(200);
    ann.ask("DELETE", "/session", "").expect(204);
    assert!(command(&mutt, &["user", "disable", "ann"]).status.success());
    let last = &rows(&mutt, "limit=1")[0];
    assert!(last["who"].as_str().expect("who").starts_with("terminal:"), "{last}");
    assert_eq!(last["items"][0]["parts"][0]["path"], "disabled", "{last}");

    let of_ann = rows(&mutt, "who=ann");
    let what: Vec<(&str, bool)> = of_ann
        .iter()
        .rev()
        .map(|row| (row["what"].as_str().expect("what"), row["done"] == true))
        .collect();
    let expected = [
        ("sign-in", true),
        ("change", true), // the password's item
        ("password", true),
        ("sign-in", false),
        ("change", true),
        ("change", true),
        ("sign-out", true),
    ];
    assert_eq!(what, expected);
    assert!(of_ann.iter().all(|row| row["from"] == "127.0.0.1"), "{of_ann:?}");
    let change = &of_ann[1];
    assert_eq!(change["item"], "team net");
    assert_eq!(change["items"][0]["before"], json!({ "name": "net" }));
    assert_eq!(change["items"][0]["after"]["email"], "net@example.net");
    assert_eq!(rows(&mutt, "who=who&what=sign-in")[0]["done"], false);
    assert!(rows(&mutt, "since=2100-01-01T00:00:00Z").is_empty());
    // Only admins read it.
    let bob = person(&mutt, "bob", "author", &[]);
    bob.get("/audit").expect(403);
}

#[test]
fn the_audit_is_exported_and_tells_whether_it_is_whole() {
    let (folder, mut mutt) = started("", "");
    person(&mutt, "ann", "viewer", &[]);
    let (whole, lines, said) = export(&mutt, &[]);
    assert!(whole && said.contains("whole"), "{said}");
    let numbers: Vec<u64> = lines.iter().map(|line| line["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=lines.len() as u64).collect::<Vec<_>>());
    assert_eq!(export(&mutt, &["--since", "2100-01-01T00:00:00Z"]).1.len(), 0);
    assert_eq!(export(&mutt, &["--until", "2100-01-01T00:00:00Z"]).1.len(), lines.len());
    // Nobody changes it by accident.
    for tried in ["UPDATE audit SET who = 'x'", "DELETE FROM audit WHERE number = 1"] {
        let refused = sql(folder.path(), tried).expect_err("refused");
        assert!(refused.contains("only ever appended to"), "{refused}");
    }
    // And who takes the guard away, or changes what it refers to, is found.
    assert!(mutt.stop().success());
    let revision = "UPDATE revision_items SET after = replace(after, 'viewer', 'admin')";
    assert!(sql(folder.path(), revision).expect("by hand") > 0);
    let (whole, _, said) = export(&mutt, &[]);
    assert!(!whole && said.contains("revision 1 is not what was written"), "{said}");
    sql(folder.path(), &revision.replace("'viewer', 'admin'", "'admin', 'viewer'")).expect("back");
    assert!(export(&mutt, &[]).0, "as it was");
    let row = "DROP TRIGGER audit_is_not_changed; \
               UPDATE audit SET body = replace(body, 'ann', 'bob') WHERE number = 2";
    sql(folder.path(), row).expect("by hand");
    let (whole, _, said) = export(&mutt, &[]);
    assert!(!whole && said.contains("broken: row 2"), "{said}");
    let gone = "DROP TRIGGER audit_is_not_deleted; DELETE FROM audit WHERE number = 1";
    sql(folder.path(), gone).expect("by hand");
    assert!(!export(&mutt, &[]).0);
}
