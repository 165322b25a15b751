//! Secrets are nowhere but where they are used: not in logs at their most talkative, metrics, answers,
//! errors, or any file that a cluster wrote while everything that can be refused was refused.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::json;

use crate::common::api::Api;
use crate::common::mutt::{Mutt, get};
use crate::common::openbao::OpenBao;
use crate::common::postgres::{ASKED, Server, execute};
use crate::common::receivers::Receivers;
use crate::common::redis::Redis;
use crate::common::{config, folder, wait};
use crate::load;
use crate::rotation::tell_redis;
use crate::secrets::section;
use crate::senders::{Sender, relp};

/// In OpenBao: a setting's name there, and the secret.
const SECRETS: [(&str, &str); 12] = [
    ("moogsoft", "nowhere/moogsoft 1"),
    ("moogsoft_next", "nowhere/moogsoft 2"),
    ("database", "nowhere/database 1"),
    ("database_next", "nowhere/database 2"),
    ("redis", "nowhere/redis 1"),
    ("redis_next", "nowhere/redis 2"),
    ("admin", "nowhere/admin 1"),
    ("ingest", "nowhere/ingest 1"),
    ("community", "nowhere/community 1"),
    ("snmp_auth", "nowhere/snmp auth 1"),
    ("snmp_privacy", "nowhere/snmp privacy 1"),
    ("oidc", "nowhere/oidc 1"),
];

/// What begins the settings: secrets of traps and of a provider that nobody asks.
const TRAPS_AND_PEOPLE: &str = r#"
api.public_url = "https://mutt.example.net"
input.snmp.communities = ["vault:secret/mutt#community"]
[[input.snmp.user]]
name = "u1"
auth_password = "vault:secret/mutt#snmp_auth"
privacy_password = "vault:secret/mutt#snmp_privacy"
[oidc]
issuer = "https://localhost:9"
client_secret = "vault:secret/mutt#oidc"
roles = { noc = "viewer" }
"#;

const ROLES: [&str; 4] = ["ingest", "alert", "forward", "web"];

fn secret(name: &str) -> &'static str {
    SECRETS.iter().find(|(known, _)| *known == name).expect("a secret").1
}

fn settings(redis: &Redis, database: &str, receivers: &Receivers) -> String {
    let two = |key: &str, name: &str| {
        format!(
            "{key} = \"vault:secret/mutt#{name}\"\n{key}_next = \"vault:secret/mutt#{name}_next\""
        )
    };
    let moogsoft = "api_key_next = \"vault:secret/mutt#moogsoft_next\"\nforbidden_pause_ms = 50";
    format!(
        "[redis_journal]\nurl = \"{}\"\n{}\nresponse_ms = 1000\n\
         [database]\nurl = \"{database}\"\n{}\nacquire_ms = 500\nstatement_ms = 500\n\
         [lease]\nttl_ms = 2000\narchive_ttl_ms = 2000\n{}",
        redis.url(),
        two("password", "redis"),
        two("password", "database"),
        config::cloud(
            "moogsoft",
            &receivers.moogsoft.cloud_url(),
            "vault:secret/mutt#moogsoft",
            moogsoft
        ),
    )
}

/// All that MUTT says to whoever asks.
fn answers(mutt: &Mutt, key: &str) -> String {
    let mut all = String::new();
    for page in ["/metrics", "/readyz?verbose", "/livez", "/ledger"] {
        all += &get(mutt.doors.admin, page).map(|(_, body)| body).unwrap_or_default();
    }
    let api = Api::with(mutt.doors.api, key);
    for page in ["/status", "/alerts", "/rules", "/settings", "/keys", "/revisions", "/teams"] {
        all += &api.get(page).text;
    }
    all + &Api::with(mutt.doors.api, "wrong").get("/status").text
}

/// What a command says.
fn says(mutt: &Mutt, command: &[&str]) -> String {
    let said = Mutt::command().args(command).arg("--config").arg(mutt.config()).output();
    let said = said.expect("a command's output");
    String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned()
}

/// Every file below a folder but the configuration, which the test wrote.
fn files(folder: &Path, all: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, all);
        } else if !path.extension().is_some_and(|end| end == "toml" || end == "conf") {
            all.push((path.display().to_string(), fs::read(&path).unwrap_or_default()));
        }
    }
}

/// A secret as it is, and as URLs, JSON and Basic authentication have it.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let url: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let path = url.replace('+', "%20");
    let half = path.replace("%2F", "/");
    let base64 = BASE64_STANDARD.encode(secret);
    [secret, &url, &path, &half, &base64].map(|form| form.as_bytes().to_vec()).to_vec()
}

#[test]
fn no_secret_is_written_anywhere() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let folders: Vec<_> = (0..ROLES.len() + 3).map(|_| folder()).collect();
    let bao = OpenBao::start(folders[4].path(), "");
    bao.put(&SECRETS.into_iter().collect());
    let role = bao.role(&json!({ "token_ttl": "1h" }));
    let receivers = Receivers::start();
    receivers.moogsoft.wants(secret("moogsoft_next"));
    let password = format!("requirepass \"{}\"", secret("redis"));
    let redis = Redis::start(folders[5].path(), &[&password, "maxmemory-policy noeviction"]);
    let database = runtime.block_on(async {
        let server = Server::start().await;
        let create = format!("CREATE ROLE {ASKED} LOGIN PASSWORD '{}'", secret("database_next"));
        execute(&server.url("postgres"), &create).await;
        execute(&server.url("postgres"), &format!("CREATE DATABASE mutt OWNER {ASKED}")).await;
        server
    });
    let url = database.url("mutt").replace("mutt@", &format!("{ASKED}@"));
    let more = settings(&redis, &url, &receivers);
    let vault = section(folders[6].path(), &bao, &role);
    let mut nodes: Vec<Mutt> = ROLES
        .iter()
        .zip(&folders)
        .map(|(role, folder)| {
            let more = format!("{TRAPS_AND_PEOPLE}{vault}{more}");
            let mut mutt = Mutt::configured(folder.path(), load::RULES, &more);
            let mut command = Mutt::command();
            command.env("MUTT_LOG__LEVEL", "trace");
            command.env("MUTT_API__ADMIN_KEY", "vault:secret/mutt#admin");
            command.env("MUTT_INPUT__HTTP__API_KEYS", "vault:secret/mutt#ingest");
            mutt.start_role(role, &mut command);
            mutt
        })
        .collect();
    nodes.iter_mut().for_each(Mutt::wait_ready);
    let sender = Sender::start(nodes[0].doors.relp, 1, relp::run);
    wait::until_true("alerts by the next key", || receivers.moogsoft.told_count() > 5);
    // Everything that can be refused is.
    receivers.moogsoft.wants("another");
    bao.seal();
    runtime.block_on(async {
        execute(&database.url("mutt"), &format!("ALTER ROLE {ASKED} PASSWORD 'another'")).await;
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE application_name = 'mutt'";
        execute(&database.url("mutt"), cut).await;
    });
    tell_redis(&redis, secret("redis"), "another");
    let degraded = [
        (0, "WRONGPASS"),
        (1, "[~]database degraded: "),
        (2, "[~]destination moogsoft degraded: paused, it does not accept our credentials"),
        (3, "[~]secrets degraded: "),
    ];
    for (place, words) in degraded {
        wait::until(&format!("{} to say {words}", ROLES[place]), || {
            let (_, body) = nodes[place].get("/readyz?verbose");
            if body.contains(words) { Ok(()) } else { Err(body) }
        });
    }
    let mut written = Vec::new();
    for mutt in &mut nodes {
        for page in ["/metrics", "/readyz?verbose", "/ledger"] {
            written.push((page.to_owned(), mutt.get(page).1.into_bytes()));
        }
        for command in [&["config", "show"][..], &["config", "show", "--redacted"], &["check"]] {
            written.push((format!("{command:?}"), says(mutt, command).into_bytes()));
        }
    }
    // And all is well again.
    tell_redis(&redis, "another", secret("redis"));
    runtime.block_on(async {
        let back = format!("ALTER ROLE {ASKED} PASSWORD '{}'", secret("database_next"));
        execute(&database.url("mutt"), &back).await;
    });
    receivers.moogsoft.wants(secret("moogsoft_next"));
    bao.unseal();
    let seen = receivers.moogsoft.told_count();
    wait::until_true("alerts to go on", || receivers.moogsoft.told_count() > seen + 5);
    wait::until("the API to answer", || {
        let answer = Api::with(nodes[3].doors.api, secret("admin")).get("/status");
        if answer.status == 200 { Ok(()) } else { Err(answer.text) }
    });
    written.push(("answers".to_owned(), answers(&nodes[3], secret("admin")).into_bytes()));
    written.push(("mutt key".to_owned(), says(&nodes[3], &["key", "list"]).into_bytes()));
    sender.finish();
    for mutt in &mut nodes {
        assert!(mutt.stop().success());
    }
    for folder in &folders[..ROLES.len()] {
        files(folder.path(), &mut written);
    }
    files(folders[5].path(), &mut written);
    files(database.socket().parent().expect("the server's folder"), &mut written);
    let log = fs::read_to_string(folders[0].path().join("mutt.log")).expect("a log");
    assert!(log.contains("TRACE"), "it says all that it can");
    let all = SECRETS.map(|(_, secret)| secret).into_iter();
    for secret in all.chain([role.secret_id.as_str(), role.role_id.as_str()]) {
        for form in forms(secret) {
            for (name, text) in &written {
                if let Some(at) = memchr::memmem::find(text, &form) {
                    let around = &text[at.saturating_sub(200)..(at + 100).min(text.len())];
                    let around = String::from_utf8_lossy(around);
                    assert!(
                        secret == role.role_id && name.contains("config"),
                        "`{secret}` is in {name}: {around}"
                    );
                }
            }
        }
    }
}

/// As who is no root: what runs as its own user is theirs, unless it makes no core dumps.
#[test]
fn core_dumps_are_off() {
    const NOBODY: u32 = 65_534;
    let is_root = fs::metadata("/proc/self").expect("/proc").uid() == 0;
    let folder = folder();
    let program = folder.path().join("mutt");
    fs::copy(env!("CARGO_BIN_EXE_mutt"), &program).expect("a copy");
    let as_nobody = |program: &Path| {
        let mut command = Command::new("setpriv");
        if is_root {
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        }
        command.arg("--").arg(program);
        command
    };
    let mut mutt = Mutt::configured(folder.path(), "", "");
    if is_root {
        let owned = Command::new("chown").arg("-R").arg("65534:65534").arg(folder.path()).status();
        assert!(owned.expect("chown").success());
    }
    mutt.start_with(&mut as_nobody(&program));
    mutt.wait_ready();
    let pid = mutt.process().pid();
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).expect("its limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let words: Vec<&str> = core.expect("its limit").split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{limits}");
    let owner = |pid: u32| fs::metadata(format!("/proc/{pid}/environ")).expect("its files").uid();
    let mut other = as_nobody(Path::new("/bin/sleep")).arg("60").spawn().expect("sleep");
    wait::until_true("a program that may be dumped", || !is_root || owner(other.id()) == NOBODY);
    other.kill().expect("SIGKILL");
    other.wait().expect("its end");
    assert_eq!(owner(pid), 0, "nobody but root looks into it");
    // And what `mutt bench` reads of it anybody may.
    for page in ["stat", "status"] {
        let mut cat = as_nobody(Path::new("/bin/cat"));
        let read = cat.arg(format!("/proc/{pid}/{page}")).output().expect("cat");
        assert!(read.status.success() && !read.stdout.is_empty(), "{read:?}");
    }
}
