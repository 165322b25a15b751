//! How the pages are served: to whom, under which policy, and how long a browser keeps them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::common::folder;
use crate::common::mutt::Mutt;

/// The head of an answer in lower case, and its body.
fn ask(address: SocketAddr, method: &str, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let head = format!("{method} {path} HTTP/1.1\r\nHost: mutt\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    (head.to_lowercase(), body.to_owned())
}

#[test]
fn the_pages_come_under_a_policy_with_a_nonce_that_is_another_each_time() {
    let folder = folder();
    let mut mutt = Mutt::configured(folder.path(), "", "");
    mutt.start();
    let get = |path: &str| ask(mutt.doors.api, "GET", path);
    let nonces: Vec<String> = ["/", "/rules/some-rule"]
        .map(|path| {
            let (head, page) = get(path);
            assert!(
                head.starts_with("http/1.1 200") && head.contains("cache-control: no-store"),
                "{head}"
            );
            let (_, rest) = page.split_once("csp-nonce\" content=\"").expect("a nonce");
            let nonce = rest.split('"').next().unwrap_or_default().to_owned();
            let policy = format!("style-src 'self' 'nonce-{}'", nonce.to_lowercase());
            assert!(nonce.len() >= 22 && head.contains(&policy), "{nonce}: {head}");
            assert!(
                head.contains("script-src 'self';") && head.contains("frame-ancestors 'none'"),
                "{head}"
            );
            assert!(!page.contains("<script>") && !page.contains("style=\""), "{page}");
            nonce
        })
        .into();
    assert_ne!(nonces[0], nonces[1]);
    let (_, page) = get("/");
    let (_, rest) = page.split_once("src=\"/assets/").expect("a script");
    let script = format!("/assets/{}", rest.split('"').next().unwrap_or_default());
    let (head, body) = get(&script);
    assert!(head.contains("immutable") && head.contains("text/javascript"), "{head}");
    assert!(body.len() > 100_000, "whole for who reads no gzip: {}", body.len());
    for (method, path) in [("GET", "/assets/none.js"), ("GET", "/mutt.toml"), ("POST", "/")] {
        let (head, _) = ask(mutt.doors.api, method, path);
        assert!(head.starts_with("http/1.1 404"), "{method} {path}: {head}");
    }
}
