//! Signing in: the first start, passwords, and the limit on attempts.

use serde_json::json;

use super::{PASSWORD, command, person, started};
use crate::common::browser::Browser;
use crate::common::mutt::Mutt;
use crate::common::{folder, wait};

/// A MUTT whose settings name no key, so that nobody can get in.
fn without_key(folder: &std::path::Path) -> Mutt {
    let mutt = Mutt::configured(folder, "", "");
    let text = std::fs::read_to_string(mutt.config()).expect("the settings");
    let lines = text.lines().filter(|line| !line.starts_with("api.admin_key"));
    let text = lines.collect::<Vec<_>>().join("\n").replace("\"human\"", "\"json\"");
    std::fs::write(mutt.config(), text).expect("the settings");
    mutt
}

fn one_time(output: &str) -> Vec<String> {
    let lines = output.lines().filter(|line| line.starts_with("    "));
    lines.map(|line| line.trim().to_owned()).filter(|word| word.len() == 20).collect()
}

#[test]
fn the_first_start_makes_an_admin_with_a_one_time_password_on_the_terminal() {
    let folder = folder();
    let mut mutt = without_key(folder.path());
    mutt.start();
    let output = mutt.process().output();
    let passwords = one_time(&output);
    let [once] = passwords.as_slice() else { panic!("one password: {output}") };
    assert_eq!(output.matches(once.as_str()).count(), 1, "in no log line");
    let mut browser = Browser::new(mutt.doors.api);
    for default in ["admin", "password", "mutt", "changeme"] {
        browser.sign_in("admin", default).expect(401);
    }
    let me = browser.sign_in("admin", once).expect(201).json();
    assert_eq!((&me["role"], &me["must_change"]), (&json!("admin"), &json!(true)));
    let refused = browser.get("/alerts").expect(403);
    assert!(refused.text.contains("/session/password"), "{}", refused.text);
    browser.set_password(once, PASSWORD).expect(200);
    browser.get("/users").expect(200);
    Browser::new(mutt.doors.api).sign_in("admin", once).expect(401);
    // Once: neither a restart nor the end of that user makes another.
    assert!(mutt.stop().success());
    mutt.start();
    assert_eq!(one_time(&mutt.process().output()).len(), 1, "{}", mutt.process().output());
    // The settings name no key, and a made-up one opens nothing.
    mutt.api().get("/users").expect(401);
}

#[test]
fn a_one_time_password_opens_for_a_day() {
    let (folder, mut mutt) = started("", "");
    let new = json!({ "name": "ann", "role": "viewer" });
    let made = mutt.api().post("/users", &new).expect(201).json();
    let once = made["one_time_password"].as_str().expect("a password").to_owned();
    let mut browser = Browser::new(mutt.doors.api);
    browser.sign_in("ann", &once).expect(201);
    assert!(mutt.stop().success());
    let past = "UPDATE items SET body = json_set(body, '$.one_time_until', 1) WHERE kind = 'user'";
    assert_eq!(super::sql(folder.path(), past), Ok(1), "as if the day were over");
    mutt.start();
    assert_eq!(browser.get("/session").status, 401);
    browser.sign_in("ann", &once).expect(401);
    let reset = command(&mutt, &["user", "reset", "ann"]);
    assert!(reset.status.success(), "{reset:?}");
    let once = String::from_utf8_lossy(&reset.stdout).trim().to_owned();
    browser.sign_in("ann", &once).expect(201);
}

#[test]
fn passwords_are_long_and_not_easily_guessed_and_kept_as_argon2id() {
    let (folder, mutt) = started("", "");
    let mut ann = person(&mutt, "ann", "viewer", &[]);
    for bad in ["short", "123456789012", "passwordpassword", "ann-went-to-the-sea", PASSWORD] {
        let refused = ann.set_password(PASSWORD, bad).expect(422);
        assert!(refused.text.contains("\"new\""), "{bad}: {}", refused.text);
        assert!(!refused.text.contains(bad), "{}", refused.text);
    }
    let kept = "UPDATE items SET body = body WHERE kind = 'user' \
                AND body LIKE '%$argon2id$v=19$m=19456,t=2,p=1$%'";
    assert_eq!(super::sql(folder.path(), kept), Ok(1));
}

#[test]
fn sign_in_is_limited_by_rate_until_an_admin_lifts_it() {
    let (_folder, mutt) = started("", "");
    person(&mutt, "ann", "viewer", &[]);
    for name in ["ann", "nobody"] {
        let mut browser = Browser::new(mutt.doors.api);
        let mut told = Vec::new();
        for _ in 0..5 {
            told.push(browser.sign_in(name, "wrong password").expect(401).text);
        }
        assert!(told.iter().all(|one| one == &told[0]), "{told:?}");
        let refused = browser.sign_in(name, PASSWORD).expect(429);
        let seconds: u64 = refused.headers["retry-after"].parse().expect("seconds");
        assert!((1..=31).contains(&seconds), "{seconds}");
    }
    let mut browser = Browser::new(mutt.doors.api);
    mutt.api().ask("DELETE", "/users/ann/lock", &[], "").expect(204);
    browser.sign_in("ann", PASSWORD).expect(201);
}

#[test]
fn a_user_who_is_disabled_at_the_terminal_is_out_within_two_seconds() {
    let (_folder, mutt) = started("", "");
    let ann = person(&mutt, "ann", "operator", &[]);
    ann.get("/alerts").expect(200);
    let done = command(&mutt, &["user", "disable", "ann"]);
    assert!(done.status.success(), "{done:?}");
    let since = std::time::Instant::now();
    wait::until("the session to be over", || match ann.get("/alerts").status {
        401 => Ok(()),
        other => Err(other.to_string()),
    });
    assert!(since.elapsed().as_millis() < 2_000, "{:?}", since.elapsed());
    Browser::new(mutt.doors.api).sign_in("ann", PASSWORD).expect(401);
    assert!(command(&mutt, &["user", "enable", "ann"]).status.success());
    Browser::new(mutt.doors.api).sign_in("ann", PASSWORD).expect(201);
    let list = command(&mutt, &["user", "list"]);
    assert!(String::from_utf8_lossy(&list.stdout).contains("operator"), "{list:?}");
}

#[test]
fn no_password_and_no_hash_is_shown_anywhere() {
    let (_folder, mut mutt) = started("", "");
    let ann = person(&mutt, "ann", "viewer", &[]);
    let (session, csrf) = (ann.cookie.clone(), ann.csrf.clone());
    let id = session.split_once('=').expect("a cookie").1;
    let api = mutt.api();
    let last = api.get("/revisions").json()["items"][0]["number"].as_u64().expect("a number");
    let mut said = vec![mutt.process().output()];
    said.extend((1..=last).map(|number| api.get(&format!("/revisions/{number}")).text));
    said.extend(["/users", "/audit", "/keys", "/revisions"].map(|path| api.get(path).text));
    let export = command(&mutt, &["audit", "export"]);
    said.push(String::from_utf8_lossy(&export.stdout).into_owned());
    for text in &said {
        for secret in [PASSWORD, id, csrf.as_str(), "$argon2id"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}
