//! Signing in at a real provider of OpenID Connect: npm's oidc-provider.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::common::browser::Browser;
use crate::common::child::Running;
use crate::common::mutt::Mutt;
use crate::common::{folder, ports, tools, wait};

const SECRET: &str = "a-secret-that-only-mutt-and-the-provider-know";
const PEOPLE: &str = r#"{"ann":["noc","net-team"],"bob":["ops"],"eve":["guests"]}"#;

/// A browser that goes where it is led, with the cookies of each host.
#[derive(Default)]
struct Guest {
    cookies: BTreeMap<(SocketAddr, String), String>,
    /// Every URL that it was led to.
    seen: Vec<String>,
}

struct Page {
    status: u16,
    location: Option<String>,
    body: String,
    cookies: Vec<String>,
}

impl Guest {
    fn with(provider: SocketAddr, person: &str) -> Self {
        let cookie = ((provider, "person".to_owned()), person.to_owned());
        Self { cookies: [cookie].into(), seen: Vec::new() }
    }

    fn get(&mut self, url: &str) -> Page {
        self.seen.push(url.to_owned());
        let rest = url.strip_prefix("http://").expect("a URL");
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let address: SocketAddr = host.parse().expect("an address");
        let own = self.cookies.iter().filter(|((of, _), _)| *of == address);
        let pairs: Vec<String> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        let head = format!(
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nConnection: close\r\n\r\n",
            pairs.join("; ")
        );
        stream.write_all(head.as_bytes()).expect("a request");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).and_then(|one| one.parse().ok()).expect("a status");
        let headers: Vec<(String, String)> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let all = |wanted: &str| {
            let found = headers.iter().filter(move |(name, _)| name == wanted);
            found.map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        let cookies = all("set-cookie");
        for cookie in &cookies {
            let pair = cookie.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie");
            self.cookies.insert((address, name.to_owned()), value.to_owned());
        }
        let location = all("location").pop().map(|to| match to.starts_with('/') {
            true => format!("http://{host}{to}"),
            false => to,
        });
        Page { status, location, body: body.to_owned(), cookies }
    }

    /// Goes on until nobody leads further.
    fn follow(&mut self, url: &str) -> Page {
        let mut page = self.get(url);
        while let Some(to) = page.location.take() {
            assert!(self.seen.len() < 20, "{:?}", self.seen);
            page = self.get(&to);
        }
        page
    }
}

struct Way {
    mutt: Mutt,
    provider: SocketAddr,
    _process: Running,
    _folder: tempfile::TempDir,
}

impl Way {
    fn start() -> Self {
        let folder = folder();
        let provider = ports::free();
        let mutt = Mutt::configured(folder.path(), "", "");
        let more = format!(
            "api.public_url = \"http://{}\"\n[oidc]\nissuer = \"http://{provider}\"\n\
             client_secret = \"{SECRET}\"\nroles = {{ noc = \"operator\", ops = \"admin\" }}\n\
             teams = {{ net-team = \"net\" }}\n",
            mutt.doors.api
        );
        mutt.write(&more);
        let process = launch(folder.path(), &mutt, provider);
        let mut this = Self { mutt, provider, _process: process, _folder: folder };
        this.mutt.start();
        this
    }

    fn begin(&self) -> String {
        format!("http://{}/api/v1/session/oidc", self.mutt.doors.api)
    }

    /// A browser of the API with the session that a guest has.
    fn browser(&self, guest: &Guest) -> Browser {
        let mut browser = Browser::new(self.mutt.doors.api);
        let id = &guest.cookies[&(self.mutt.doors.api, "mutt".to_owned())];
        browser.cookie = format!("mutt={id}");
        browser
    }
}

fn launch(folder: &Path, mutt: &Mutt, provider: SocketAddr) -> Running {
    let mut command = tools::oidc_provider();
    command
        .env("PORT", provider.port().to_string())
        .env("REDIRECT", format!("http://{}/api/v1/session/oidc/callback", mutt.doors.api))
        .env("SECRET", SECRET)
        .env("PEOPLE", PEOPLE);
    let mut process = Running::start("provider", &mut command, folder);
    wait::until("the provider to listen", || {
        if let Some(status) = process.ended() {
            panic!("the provider ended with {status}:\n{}", process.output());
        }
        TcpStream::connect(provider).map(drop).map_err(|error| error.to_string())
    });
    process
}

#[test]
fn people_sign_in_by_openid_connect_and_their_groups_become_roles() {
    let way = Way::start();
    let mut ann = Guest::with(way.provider, "ann");
    let page = ann.follow(&way.begin());
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("url=/") && !page.body.contains("<script"), "{}", page.body);
    let cookie = page.cookies.iter().find(|one| one.starts_with("mutt=")).expect("a session");
    assert!(cookie.contains("SameSite=Strict") && cookie.contains("HttpOnly"), "{cookie}");
    let asked = &ann.seen[1];
    for part in ["code_challenge_method=S256", "state=", "nonce=", "response_type=code"] {
        assert!(asked.contains(part), "{asked}");
    }
    let browser = way.browser(&ann);
    let me = browser.get("/session").expect(200).json();
    assert_eq!(
        (&me["name"], &me["role"], &me["teams"], &me["by"]),
        (&json!("oidc:ann"), &json!("operator"), &json!(["net"]), &json!("oidc"))
    );
    browser.get("/alerts").expect(200);
    browser.get("/users").expect(403);
    let mut bob = Guest::with(way.provider, "bob");
    assert_eq!(bob.follow(&way.begin()).status, 200);
    let audit = way.browser(&bob).get("/audit?what=sign-in&who=oidc:ann").expect(200).json();
    assert_eq!(audit["items"][0]["item"], "OpenID Connect");
    // An admin ends the sessions of whoever came so.
    way.mutt.api().ask("DELETE", "/users/oidc:ann/sessions", &[], "").expect(200);
    assert_eq!(browser.get("/session").status, 401);
}

#[test]
fn who_is_in_no_group_or_did_not_begin_here_is_refused() {
    let way = Way::start();
    let mut eve = Guest::with(way.provider, "eve");
    let refused = eve.follow(&way.begin());
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(refused.body.contains("in no group"), "{}", refused.body);
    let mut nobody = Guest::with(way.provider, "nobody");
    assert_eq!(nobody.follow(&way.begin()).status, 403);
    // A sign-in of somebody else's cannot be finished in this browser, nor one's own twice.
    let mut ann = Guest::with(way.provider, "ann");
    assert_eq!(ann.follow(&way.begin()).status, 200);
    let back = ann.seen.last().expect("the way back").clone();
    let mut victim = Guest::default();
    assert_eq!(victim.get(&back).status, 400, "no cookie of a sign-in");
    victim.get(&way.begin());
    assert_eq!(victim.get(&back).status, 400, "another state");
    assert!(ann.get(&back).status >= 400, "a code opens once");
    let last = way.mutt.api().get("/audit?what=sign-in").json();
    assert!(last["items"].as_array().expect("rows").iter().any(|row| row["done"] == false));
}
