//! Sessions: their cookie, their limits and their end.

use serde_json::json;

use super::{PASSWORD, person, sql, started};
use crate::common::browser::Browser;

#[test]
fn a_session_is_a_cookie_that_no_script_reads_and_no_other_site_sends() {
    let (_folder, mutt) = started("", "");
    person(&mutt, "ann", "viewer", &[]);
    let signed = Browser::new(mutt.doors.api).sign_in("ann", PASSWORD).expect(201);
    let cookie = &signed.headers["set-cookie"];
    assert!(cookie.starts_with("mutt=") && cookie.len() > 43, "{cookie}");
    for how in ["; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(cookie.contains(how), "{cookie}");
    }
    drop(mutt);
    // Over TLS it is for this host alone.
    let (_folder, mutt) = started("", "api.public_url = \"https://mutt.example.net\"");
    person(&mutt, "ann", "viewer", &[]);
    let signed = Browser::new(mutt.doors.api).sign_in("ann", PASSWORD).expect(201);
    let cookie = &signed.headers["set-cookie"];
    assert!(cookie.starts_with("__Host-mutt=") && cookie.contains("; Secure"), "{cookie}");
    let hsts = &signed.headers["strict-transport-security"];
    assert!(hsts.contains("max-age=") && hsts.contains("includeSubDomains"), "{hsts}");
}

#[test]
fn a_session_rotates_at_sign_in_and_at_another_password() {
    let (_folder, mutt) = started("", "");
    let first = person(&mutt, "ann", "viewer", &[]);
    let mut second = first.clone();
    second.sign_in("ann", PASSWORD).expect(201);
    assert_ne!(first.cookie, second.cookie);
    assert_eq!(first.get("/session").status, 401, "the one before is over");
    let mut other = Browser::new(mutt.doors.api);
    other.sign_in("ann", PASSWORD).expect(201);
    let mut third = second.clone();
    third.set_password(PASSWORD, "seven green elephants swim").expect(200);
    assert_ne!(second.cookie, third.cookie);
    for over in [&second, &other] {
        assert_eq!(over.get("/session").status, 401);
    }
    third.get("/session").expect(200);
    // Another role ends it, too.
    let rights = json!({ "role": "operator" });
    mutt.api().ask("PUT", "/users/ann", &["If-Match: *"], &rights.to_string()).expect(200);
    assert_eq!(third.get("/session").status, 401);
}

#[test]
fn a_session_ends_when_it_is_not_used_and_after_its_time() {
    let (folder, mutt) = started("", "");
    let ann = person(&mutt, "ann", "viewer", &[]);
    let age = |column: &str, minutes: u64| {
        let micros = minutes * 60_000_000;
        let sql_text = format!("UPDATE sessions SET {column} = {column} - {micros}");
        assert!(sql(folder.path(), &sql_text).expect("by hand") > 0);
    };
    age("used_at", 29);
    ann.get("/session").expect(200);
    age("used_at", 29);
    ann.get("/session").expect(200); // its use was written down
    age("used_at", 31);
    assert_eq!(ann.get("/session").status, 401, "30 minutes without use");
    let mut ann = ann;
    ann.sign_in("ann", PASSWORD).expect(201);
    age("ends_at", 11 * 60 + 59);
    ann.get("/session").expect(200);
    age("ends_at", 2);
    assert_eq!(ann.get("/session").status, 401, "12 hours");
}

#[test]
fn whoever_signs_out_is_out_everywhere_they_say() {
    let (_folder, mutt) = started("", "");
    let one = person(&mutt, "ann", "viewer", &[]);
    let mut two = Browser::new(mutt.doors.api);
    two.sign_in("ann", PASSWORD).expect(201);
    let mut three = Browser::new(mutt.doors.api);
    three.sign_in("ann", PASSWORD).expect(201);
    let out = one.ask("DELETE", "/session", "").expect(204);
    assert!(out.headers["set-cookie"].contains("Max-Age=0"));
    assert_eq!(one.get("/session").status, 401);
    two.get("/session").expect(200);
    two.ask("DELETE", "/session?all=true", "").expect(204);
    for over in [&two, &three] {
        assert_eq!(over.get("/session").status, 401);
    }
    let mut again = Browser::new(mutt.doors.api);
    again.sign_in("ann", PASSWORD).expect(201);
    let ended = mutt.api().ask("DELETE", "/users/ann/sessions", &[], "").expect(200);
    assert_eq!(ended.json()["sessions"], 1);
    assert_eq!(again.get("/session").status, 401);
}
