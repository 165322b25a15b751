//! Secrets from a real OpenBao: its token ends, is revoked, it is sealed, restarted, asked for what is
//! not there; MUTT goes on with what it knows.

use std::path::Path;

use mutt_output::standin::API_KEY;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::mutt::{Mutt, get};
use crate::common::openbao::{OpenBao, Role};
use crate::common::receivers::Receivers;
use crate::common::{config, folder, ports, send, wait};
use crate::world::{LINK, link};

/// Soon again, so that tests need not wait.
pub const SOON: &str =
    "refresh_ms = 100\nretry_first_ms = 20\nretry_max_ms = 100\ntimeout_ms = 1000\n";

/// The section of a configuration that logs in by a role; the secret id comes from a file.
pub fn section(folder: &Path, bao: &OpenBao, role: &Role) -> String {
    let file = folder.join("secret-id");
    std::fs::write(&file, format!("{}\n", role.secret_id)).expect("a secret id's file");
    format!(
        "[vault]\naddress = \"{}\"\nrole_id = \"{}\"\nsecret_id_file = {file:?}\n{SOON}",
        bao.url(),
        role.role_id
    )
}

/// MUTT whose Moogsoft's key is in OpenBao.
struct Site {
    bao: OpenBao,
    receivers: Receivers,
    mutt: Mutt,
    _folders: [TempDir; 2],
}

impl Site {
    /// All of it, MUTT not started yet; `token` are settings of the role's tokens.
    fn new(token: &Value) -> Self {
        let folders = [folder(), folder()];
        let bao = OpenBao::start(folders[0].path(), "");
        bao.put(&json!({ "moogsoft_api_key": API_KEY, "number": 7 }));
        let role = bao.role(token);
        let receivers = Receivers::start();
        let vault = section(folders[1].path(), &bao, &role);
        let to = destination(&receivers, "vault:secret/mutt#moogsoft_api_key");
        let mutt = Mutt::configured(folders[1].path(), LINK, &format!("{vault}{to}"));
        Self { bao, receivers, mutt, _folders: folders }
    }

    fn started(token: &Value) -> Self {
        let mut site = Self::new(token);
        site.mutt.start();
        site
    }

    /// An alert of an interface arrives at Moogsoft.
    fn tells(&self, interface: &str) {
        tells(&self.mutt, &self.receivers, interface);
    }

    fn metric(&self, name: &str) -> f64 {
        self.mutt.metric(name, &[])
    }

    fn wait_metric(&self, name: &str, fits: impl Fn(f64) -> bool) {
        wait_metric(&self.mutt, name, fits);
    }
}

/// The section of a Moogsoft Cloud, whose key is `key`.
pub fn destination(receivers: &Receivers, key: &str) -> String {
    config::cloud("moogsoft", &receivers.moogsoft.cloud_url(), key, "")
}

/// An alert of an interface arrives at Moogsoft.
pub fn tells(mutt: &Mutt, receivers: &Receivers, interface: &str) {
    send::lines(mutt.doors.tcp, &[link(interface, "down")]);
    wait::until(&format!("the alert of {interface}"), || {
        let told = receivers.moogsoft.told();
        let known = || format!("{:?}", told.iter().map(|told| &told.signature).collect::<Vec<_>>());
        told.iter().any(|told| told.signature.ends_with(interface)).then_some(()).ok_or_else(known)
    });
}

/// Waits until a metric is as it should be.
pub fn wait_metric(mutt: &Mutt, name: &str, fits: impl Fn(f64) -> bool) {
    wait::until(&format!("{name} to fit"), || {
        let value = mutt.metric(name, &[]);
        if fits(value) { Ok(()) } else { Err(value.to_string()) }
    });
}

/// Waits until /readyz has these words; MUTT is ready all the time.
fn says(mutt: &Mutt, words: &str) {
    wait::until(&format!("/readyz to say {words}"), || {
        let (status, body) = mutt.get("/readyz?verbose");
        assert_eq!(status, 200, "{body}");
        if body.contains(words) { Ok(()) } else { Err(body) }
    });
}

/// Starts it, waits until it ends by itself, and answers what it said.
fn ends(mutt: &mut Mutt) -> String {
    mutt.start_with(&mut Mutt::command());
    let process = mutt.process();
    let status = wait::until("MUTT to end", || process.ended().ok_or_else(|| process.output()));
    assert_eq!(status.code(), Some(1), "{}", process.output());
    process.output()
}

#[test]
fn mutt_reads_its_secrets_from_vault_and_stays_logged_in() {
    // Renewed at two thirds, and after eight seconds no renewal helps.
    let site = Site::started(&json!({ "token_ttl": "4s", "token_max_ttl": "8s" }));
    site.tells("eth1");
    assert_eq!(site.metric("mutt_vault_up"), 1.0);
    says(&site.mutt, "[+]secrets ok");
    site.wait_metric("mutt_vault_renewals_total", |renewals| renewals >= 2.0);
    site.wait_metric("mutt_vault_logins_total", |logins| logins >= 2.0);
    site.tells("eth2");
    assert_eq!(site.metric("mutt_secret_errors_total"), 0.0, "no gap between two tokens");
    assert!(site.metric("mutt_secret_age_seconds") < 30.0);
}

#[test]
fn a_revoked_token_leads_to_a_new_login() {
    let site = Site::started(&json!({ "token_ttl": "1h" }));
    assert_eq!(site.metric("mutt_vault_logins_total"), 1.0);
    for logins in 2..4 {
        site.bao.revoke_tokens();
        site.wait_metric("mutt_vault_logins_total", |seen| seen == f64::from(logins));
    }
    site.bao.put(&json!({ "moogsoft_api_key": "another" }));
    site.receivers.moogsoft.wants("another");
    site.tells("eth1");
    assert_eq!(site.metric("mutt_secret_errors_total"), 0.0);
}

#[test]
fn a_secret_id_may_be_replaced_in_its_file() {
    let site = Site::started(&json!({ "token_ttl": "1h" }));
    let file = site.mutt.folder.join("secret-id");
    let old = std::fs::read_to_string(&file).expect("the secret id");
    let new = site.bao.another_secret_id(old.trim());
    site.bao.revoke_tokens();
    says(&site.mutt, "refuses the login at auth/approle");
    std::fs::write(&file, new).expect("another secret id");
    says(&site.mutt, "[+]secrets ok");
    site.tells("eth1");
}

#[test]
fn while_vault_is_sealed_or_away_the_last_good_secrets_stay() {
    let mut site = Site::started(&json!({ "token_ttl": "2s", "token_max_ttl": "4s" }));
    site.tells("eth1");
    site.bao.seal();
    says(&site.mutt, "unseal it; those read ");
    says(&site.mutt, "[~]secrets degraded: ");
    assert_eq!(site.metric("mutt_vault_up"), 0.0);
    assert!(site.mutt.metric("mutt_secret_errors_total", &["reason=\"sealed\""]) > 0.0);
    // Longer than the token lasts.
    site.wait_metric("mutt_secret_age_seconds", |age| age > 5.0);
    site.tells("eth2");
    site.bao.unseal();
    says(&site.mutt, "[+]secrets ok");
    site.bao.process.kill();
    says(&site.mutt, "cannot reach");
    assert!(site.mutt.metric("mutt_secret_errors_total", &["reason=\"unreachable\""]) > 0.0);
    site.tells("eth3");
    // It comes back sealed, and then well.
    site.bao.start_again();
    says(&site.mutt, "unseal it");
    site.bao.unseal();
    says(&site.mutt, "[+]secrets ok");
    site.bao.put(&json!({ "moogsoft_api_key": "another" }));
    site.receivers.moogsoft.wants("another");
    site.tells("eth4");
    assert_eq!(site.metric("mutt_vault_up"), 1.0);
}

#[test]
fn mutt_run_waits_for_vault_and_says_so() {
    let mut site = Site::new(&json!({ "token_ttl": "1h" }));
    site.bao.seal();
    site.mutt.start_with(&mut Mutt::command());
    wait::until("a MUTT that waits", || match get(site.mutt.doors.admin, "/readyz") {
        Ok((503, body)) if body.contains("[-]secrets failed: ") && body.contains("unseal it") => {
            Ok(())
        }
        other => Err(format!("{other:?}")),
    });
    assert_eq!(site.mutt.get("/livez").0, 200);
    assert!(std::net::TcpStream::connect(site.mutt.doors.tcp).is_err(), "no input listens");
    assert!(site.mutt.process().output().contains("waiting for the secrets"));
    site.bao.unseal();
    site.mutt.wait_ready();
    site.tells("eth1");
}

#[test]
fn a_wrong_path_in_vault_stops_the_start_and_is_said() {
    let site = Site::new(&json!({ "token_ttl": "1h" }));
    let Site { bao, receivers, mut mutt, _folders: folders } = site;
    let role = bao.role(&json!({ "token_ttl": "1h" }));
    let vault = section(folders[1].path(), &bao, &role);
    for (reference, words) in [
        // The policy says nothing of it: OpenBao tells it from no other path.
        ("vault:secret/mut#moogsoft_api_key", "allow to read secret/data/mut"),
        ("vault:other/mutt#moogsoft_api_key", "allow to read other/data/mutt"),
        ("vault:secret/mutt#moogsoft", "no field of this name, only moogsoft_api_key, number"),
        ("vault:secret/mutt#number", "expected a text"),
    ] {
        mutt.write(&format!("{vault}{}", destination(&receivers, reference)));
        let said = ends(&mut mutt);
        assert!(said.contains("destination.0.api_key: vault: "), "{reference}: {said}");
        assert!(said.contains(words), "{reference}: `{words}` is not in {said}");
    }
    let good = destination(&receivers, "vault:secret/mutt#moogsoft_api_key");
    bao.must("DELETE", "secret/data/mutt", &Value::Null);
    mutt.write(&format!("{vault}{good}"));
    assert!(ends(&mut mutt).contains("there is no secret secret/mutt"));
    let wrong = Role { secret_id: "00000000-0000-0000-0000-000000000000".to_owned(), ..role };
    mutt.write(&format!("{}{good}", section(folders[1].path(), &bao, &wrong)));
    let said = ends(&mut mutt);
    assert!(said.contains("refuses the login at auth/approle"), "{said}");
    assert!(!said.contains(&wrong.secret_id) && !said.contains(&wrong.role_id), "{said}");
}

#[test]
fn a_wrapped_secret_id_opens_once_over_tls_in_a_namespace() {
    let folders = [folder(), folder()];
    let at = folders[0].path();
    let signed =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (certificate, key) = (at.join("cert.pem"), at.join("key.pem"));
    std::fs::write(&certificate, signed.cert.pem()).expect("a certificate's file");
    std::fs::write(&key, signed.signing_key.serialize_pem()).expect("a key's file");
    let port = ports::free().port();
    let listener = format!(
        "listener \"tcp\" {{\n address = \"127.0.0.1:{port}\"\n tls_cert_file = {certificate:?}\n \
         tls_key_file = {key:?}\n}}\n"
    );
    let mut bao = OpenBao::start(at, &listener);
    bao.in_namespace("network");
    bao.put(&json!({ "moogsoft_api_key": API_KEY }));
    let role = bao.role(&json!({ "token_ttl": "2s", "token_max_ttl": "4s" }));
    let receivers = Receivers::start();
    let wrapped = folders[1].path().join("wrapped");
    let write = |token: &str| std::fs::write(&wrapped, token).expect("a wrapping token's file");
    write(&bao.wrapped_secret_id());
    let more = format!(
        "[vault]\naddress = \"https://localhost:{port}\"\nrole_id = \"{}\"\n\
         wrapped_secret_id_file = {wrapped:?}\nca_file = {certificate:?}\nnamespace = \"network\"\n\
         {SOON}{}",
        role.role_id,
        destination(&receivers, "vault:secret/mutt#moogsoft_api_key"),
    );
    let mut mutt = Mutt::configured(folders[1].path(), LINK, &more);
    mutt.start();
    tells(&mutt, &receivers, "eth1");
    // It logs in again by what was in it.
    wait_metric(&mutt, "mutt_vault_logins_total", |logins| logins >= 2.0);
    assert!(mutt.stop().success());
    let said = ends(&mut mutt);
    assert!(said.contains("does not unwrap vault.wrapped_secret_id"), "{said}");
    assert!(said.contains("used before"), "{said}");
    write(&bao.wrapped_secret_id());
    mutt.start();
    tells(&mutt, &receivers, "eth2");
    assert!(mutt.stop().success());
    // Whoever has another certificate is no Vault of ours.
    let other =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(&certificate, other.cert.pem()).expect("a certificate's file");
    mutt.start_with(&mut Mutt::command());
    wait::until("MUTT to refuse it", || match get(mutt.doors.admin, "/readyz") {
        Ok((503, body)) if body.contains("certificate") => Ok(()),
        other => Err(format!("{other:?}")),
    });
}

#[test]
fn a_secret_in_a_file_may_change_without_a_restart() {
    let folder = folder();
    let receivers = Receivers::start();
    let key = folder.path().join("key");
    std::fs::write(&key, format!("{API_KEY}\n")).expect("a key's file");
    let to = destination(&receivers, &format!("file:{}", key.display()));
    let more = format!("[vault]\nrefresh_ms = 100\n{to}");
    let mut mutt = Mutt::configured(folder.path(), LINK, &more);
    mutt.start();
    tells(&mutt, &receivers, "eth1");
    receivers.moogsoft.wants("another");
    std::fs::write(&key, "another\n").expect("a key's file");
    tells(&mutt, &receivers, "eth2");
    std::fs::remove_file(&key).expect("no file");
    says(&mutt, "[~]secrets degraded: destination.0.api_key: cannot read ");
    tells(&mutt, &receivers, "eth3");
    assert!(mutt.metric("mutt_secret_errors_total", &["reason=\"file\""]) > 0.0);
}

#[test]
fn a_secret_may_come_from_the_environment() {
    let folder = folder();
    let receivers = Receivers::start();
    let to = destination(&receivers, "env:MOOGSOFTS_KEY");
    let mut mutt = Mutt::configured(folder.path(), LINK, &to);
    mutt.start_with(Mutt::command().env("MOOGSOFTS_KEY", API_KEY));
    mutt.wait_ready();
    tells(&mutt, &receivers, "eth1");
    let metrics = mutt.get("/metrics").1;
    assert!(!metrics.contains("mutt_vault_up") && !metrics.contains(API_KEY), "{metrics}");
}

#[test]
fn secrets_that_cannot_be_read_anew_are_told() {
    let folder = folder();
    let receivers = Receivers::start();
    let key = folder.path().join("key");
    std::fs::write(&key, API_KEY).expect("a key's file");
    let to = destination(&receivers, &format!("file:{}", key.display()));
    let more = format!("[vault]\nrefresh_ms = 100\n[watch]\ndown_after_ms = 100\n{to}");
    let mut mutt = Mutt::configured(folder.path(), LINK, &more);
    mutt.start();
    std::fs::remove_file(&key).expect("no file");
    let told = |kind: &str| {
        wait::until(&format!("the alert of its own to be told: {kind}"), || {
            let told = receivers.moogsoft.told();
            let signature = "mutt::mutt/secrets-stale";
            let fits = |kind_of: &str, of: &str| kind_of == kind && of.starts_with(signature);
            let found = told.iter().find(|told| fits(&told.kind, &told.signature)).cloned();
            found.ok_or_else(|| format!("{told:?}"))
        })
    };
    let open = told("open");
    assert!(open.description.contains("destination.0.api_key: cannot read "), "{open:?}");
    std::fs::write(&key, API_KEY).expect("a key's file");
    told("clear");
}
