//! A hostile network: forged requests, headers, secrets in URLs, limits.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{PASSWORD, key, person, started};
use crate::common::api::{Api, exchange};
use crate::common::browser::Browser;

#[test]
fn a_change_by_a_session_needs_its_token_and_comes_from_this_site() {
    let (_folder, mutt) = started("", "");
    let ann = person(&mutt, "ann", "admin", &[]);
    let other = person(&mutt, "bob", "admin", &[]);
    let team = json!({ "name": "net" }).to_string();
    let (own, others) =
        (format!("X-MUTT-CSRF: {}", ann.csrf), format!("X-MUTT-CSRF: {}", other.csrf));
    for headers in [
        &[][..],
        &["X-MUTT-CSRF: "],
        &[others.as_str()],
        &[own.as_str(), "Sec-Fetch-Site: cross-site"],
        &[own.as_str(), "Sec-Fetch-Site: same-site"],
        &[own.as_str(), "Origin: https://evil.example"],
        &[own.as_str(), "Origin: null"],
    ] {
        let refused = ann.ask_with("PUT", "/teams/net", headers, &team);
        assert_eq!(refused.status, 403, "{headers:?}: {}", refused.text);
        assert_eq!(ann.ask_with("DELETE", "/session", headers, "").status, 403, "{headers:?}");
    }
    ann.ask_with("PUT", "/teams/net", &[&own, "Origin: http://mutt"], &team).expect(200);
    // Nobody is signed in by another site's form, either.
    let body = json!({ "name": "ann", "password": PASSWORD }).to_string();
    let forged = ["Sec-Fetch-Site: cross-site"];
    exchange(mutt.doors.api, "POST", "/session", &forged, &body).expect(403);
}

#[test]
fn every_answer_carries_the_headers_and_no_other_site_reads_one() {
    let (_folder, mutt) = started("", "");
    let key = format!("X-API-KEY: {}", crate::common::api::ADMIN_KEY);
    for (method, path) in [
        ("GET", "/status"),
        ("GET", "/openapi.json"),
        ("GET", "/nothing"),
        ("PATCH", "/rules"),
        ("GET", "/rules?limit=x"),
        ("OPTIONS", "/rules"),
    ] {
        let asked = [key.as_str(), "Origin: https://evil.example"];
        let answer = exchange(mutt.doors.api, method, path, &asked, "");
        let policy = &answer.headers["content-security-policy"];
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.headers.get(name).map(String::as_str), Some(value), "{path}: {name}");
        }
        let saved = answer.headers.get("content-disposition").map(String::as_str);
        assert_eq!(saved, Some("attachment; filename=\"api.json\""), "{path}");
        let cors = answer.headers.keys().find(|name| name.starts_with("access-control"));
        assert_eq!(cors, None);
        assert!(!answer.headers.contains_key("server"), "which program it is, is not told");
    }
}

#[test]
fn what_is_refused_is_logged_with_who_asked_for_what() {
    let (_folder, mut mutt) = started("", "");
    let reader = key(&mutt, &json!({ "name": "reader", "role": "viewer" }));
    reader.get("/users").expect(403);
    let wrong = format!("mutt_{}", "x".repeat(43));
    Api::with(mutt.doors.api, &wrong).get("/rules").expect(401);
    let log = mutt.process().output();
    for words in [["/api/v1/users", "key `reader`"], ["/api/v1/rules", "a key is needed"]] {
        let fits = |line: &&str| {
            line.contains("api: refused")
                && line.contains("127.0.0.1:")
                && words.iter().all(|word| line.contains(word))
        };
        assert!(log.lines().any(|line| fits(&line)), "{words:?}: {log}");
    }
    assert!(!log.contains(&wrong), "{log}");
}

#[test]
fn no_key_stands_in_a_url() {
    let (_folder, mutt) = started("", "");
    let made = mutt.api().post("/keys", &json!({ "name": "k", "role": "viewer" })).json();
    let made = made["key"].as_str().expect("a key").to_owned();
    for query in [
        format!("api_key={made}"),
        format!("x={made}"),
        "access_token=x".to_owned(),
        "limit=1&password=x".to_owned(),
    ] {
        for headers in [&[][..], &[format!("X-API-KEY: {made}").as_str()]] {
            let path = format!("/rules?{query}");
            let refused = exchange(mutt.doors.api, "GET", &path, headers, "").expect(400);
            assert!(!refused.text.contains(&made), "{}", refused.text);
        }
    }
}

#[test]
fn a_body_that_says_to_be_something_else_than_json_is_refused() {
    let (_folder, mutt) = started("", "");
    let body = json!({ "name": "ann", "password": PASSWORD }).to_string();
    for kind in ["text/plain", "application/xml", "application/x-www-form-urlencoded"] {
        let said = format!("Content-Type: {kind}");
        let refused = exchange(mutt.doors.api, "POST", "/session", &[&said], &body).expect(415);
        assert!(refused.text.contains("send application/json"), "{}", refused.text);
    }
    let said = "Content-Type: application/json; charset=utf-8";
    exchange(mutt.doors.api, "POST", "/session", &[said], &body).expect(401);
}

#[test]
fn bodies_heads_and_requests_have_limits() {
    let more = "api.body_bytes_max = 65536\napi.head_ms = 500\napi.request_ms = 500";
    let (_folder, mutt) = started("", more);
    let long = "x".repeat(65_537);
    let body = json!({ "name": "ann", "password": long }).to_string();
    Browser::new(mutt.doors.api).ask("POST", "/session", &body).expect(413);
    let body = json!({ "name": "ann", "password": "x".repeat(2_000) }).to_string();
    Browser::new(mutt.doors.api).ask("POST", "/session", &body).expect(400);
    // A head that never ends, and a body that never comes.
    for (sent, status) in [
        ("GET /api/v1/status HTTP/1.1\r\nHost: mutt\r\n", None),
        (
            "POST /api/v1/session HTTP/1.1\r\nHost: mutt\r\nConnection: close\r\n\
             Content-Length: 100\r\n\r\n{",
            Some("503"),
        ),
    ] {
        let mut stream = TcpStream::connect(mutt.doors.api).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
        let since = Instant::now();
        stream.write_all(sent.as_bytes()).expect("a part");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(since.elapsed() < Duration::from_secs(15), "{:?}", since.elapsed());
        assert!(status.is_none_or(|status| answer.contains(status)), "{answer}");
    }
}
