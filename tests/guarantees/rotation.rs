//! Passwords change while MUTT runs under load: at the server first, in OpenBao first, or announced as
//! the next one. No message is lost, and no alert.

use mutt_output::standin::{API_KEY, Door};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::common::mutt::Mutt;
use crate::common::openbao::OpenBao;
use crate::common::postgres::{ASKED, Server, execute};
use crate::common::receivers::Receivers;
use crate::common::redis::Redis;
use crate::common::{config, folder, wait};
use crate::load;
use crate::secrets::{section, wait_metric};
use crate::senders::{Sender, relp};

/// Who learns of a new password first.
#[derive(Clone, Copy, Debug)]
enum First {
    /// Both passwords are in OpenBao before the server knows of the new one.
    Announced,
    /// The server; MUTT is refused until OpenBao has it.
    Server,
    /// OpenBao; the old one holds at the server for a while.
    OpenBao,
}

/// Moogsoft's key in OpenBao.
const KEY: &str = "moogsoft_api_key";

const WAYS: [First; 3] = [First::Announced, First::Server, First::OpenBao];

/// MUTT under load, with `field` of OpenBao's as one of its passwords.
struct Site {
    bao: OpenBao,
    receivers: Receivers,
    mutt: Mutt,
    sender: Sender,
    field: &'static str,
    _folders: [TempDir; 2],
}

impl Site {
    /// Starts all with more settings, made with the names of the password and of the next one.
    fn start(field: &'static str, password: &str, more: impl FnOnce(&str, &str) -> String) -> Self {
        let folders = [folder(), folder()];
        let bao = OpenBao::start(folders[0].path(), "");
        bao.put(&json!({ KEY: API_KEY, field: password }));
        let role = bao.role(&json!({ "token_ttl": "1h" }));
        let receivers = Receivers::start();
        let vault = section(folders[1].path(), &bao, &role);
        let name = format!("vault:secret/mutt#{field}");
        let next = format!("{name}_next");
        let pace = "rate_per_s = 10000\nburst = 10000\n";
        let to = match field {
            KEY => format!("{pace}api_key_next = \"{next}\""),
            _ => pace.to_owned(),
        };
        let url = receivers.moogsoft.cloud_url();
        let to = config::cloud("moogsoft", &url, &format!("vault:secret/mutt#{KEY}"), &to);
        let more = more(&name, &next);
        let archive = receivers.config(Door::Relp);
        let archive = archive.split("[[destination]]").next().expect("an archive");
        let config = format!("{vault}{more}\n{archive}\n{to}");
        let mut mutt = Mutt::configured(folders[1].path(), load::RULES, &config);
        mutt.start();
        let sender = Sender::start(mutt.doors.relp, 1, relp::run);
        Self { bao, receivers, mutt, sender, field, _folders: folders }
    }

    /// OpenBao has this password, and perhaps a next one; MUTT has read both.
    fn put(&self, password: &str, next: Option<&str>) {
        let seen = self.mutt.metric("mutt_secret_changes_total", &[]);
        let mut fields = json!({ KEY: API_KEY, self.field: password });
        if let Some(next) = next {
            fields[format!("{}_next", self.field)] = Value::from(next);
        }
        self.bao.put(&fields);
        wait_metric(&self.mutt, "mutt_secret_changes_total", |changes| changes > seen);
    }

    /// Changes the password from `old` to `new`; `server` tells the server, and makes it forget
    /// who was logged in.
    fn change(&self, how: First, old: &str, new: &str, mut server: impl FnMut()) {
        self.sender.wait_for(200);
        match how {
            First::Announced => {
                self.put(old, Some(new));
                server();
                self.goes_on(how);
                self.put(new, None);
            }
            First::Server => {
                server();
                self.put(new, None);
            }
            First::OpenBao => {
                self.put(new, None);
                self.goes_on(how);
                server();
            }
        }
        self.goes_on(how);
    }

    /// Alerts arrive.
    fn goes_on(&self, how: First) {
        let told = self.receivers.moogsoft.told_count();
        wait::until_true(&format!("alerts to go on, {how:?}"), || {
            self.receivers.moogsoft.told_count() > told + 5
        });
    }

    /// Nothing is missing at the archive, and each alert was told once.
    fn nothing_is_missing(self) {
        let acknowledged = self.sender.finish();
        load::none_missing(&self.receivers, Door::Relp, acknowledged);
        load::each_alarm_is_told_once(&self.receivers.moogsoft, acknowledged, 0);
        let mut mutt = self.mutt;
        assert!(mutt.process().ended().is_none(), "the same process all the time");
    }
}

#[test]
fn moogsofts_key_may_change_without_a_restart() {
    let site = Site::start(KEY, API_KEY, |_, _| String::new());
    let keys = [API_KEY, "k2", "k3", "k4"];
    for (how, pair) in WAYS.into_iter().zip(keys.windows(2)) {
        let (old, new) = (pair[0], pair[1]);
        site.change(how, old, new, || site.receivers.moogsoft.wants(new));
    }
    let refused = site.receivers.moogsoft.asked().iter().filter(|one| one.status == 401).count();
    assert!(refused > 0, "the old key was refused at least once");
    site.nothing_is_missing();
}

#[test]
fn postgresqls_password_may_change_without_a_restart() {
    let (runtime, server) = postgres("p1");
    let url = server.url("mutt").replace("mutt@", &format!("{ASKED}@"));
    let site = Site::start("database_password", "p1", |password, next| {
        format!(
            "[database]\nurl = \"{url}\"\npassword = \"{password}\"\npassword_next = \"{next}\"\n\
             acquire_ms = 1000\nstatement_ms = 1000\nreaders_max = 2"
        )
    });
    let passwords = ["p1", "p2", "p3", "p4"];
    for (how, pair) in WAYS.into_iter().zip(passwords.windows(2)) {
        let (old, new) = (pair[0], pair[1]);
        site.change(how, old, new, || {
            runtime.block_on(async {
                let all = server.url("mutt");
                execute(&all, &format!("ALTER ROLE {ASKED} PASSWORD '{new}'")).await;
                let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                           WHERE application_name = 'mutt'";
                execute(&all, cut).await;
            });
        });
        assert_eq!(site.mutt.metric("mutt_database_up", &[]), 1.0);
        // Readers, too.
        site.mutt.api().get("/alerts").expect(200);
    }
    site.nothing_is_missing();
}

/// Gives Redis another password, and breaks all connections: Redis leaves those logged in that are.
pub fn tell_redis(redis: &Redis, old: &str, new: &str) -> redis::Connection {
    let old = old.replace('/', "%2F").replace(' ', "%20");
    let client = redis::Client::open(format!("redis://:{old}@{}", redis.address)).expect("a URL");
    let mut connection = client.get_connection().expect("a connection");
    let mut told = redis::pipe();
    told.cmd("CONFIG").arg("SET").arg("requirepass").arg(new).ignore();
    told.cmd("CLIENT").arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes").ignore();
    let _: () = told.query(&mut connection).expect("another password");
    connection
}

/// A server with a database of a role that is asked for its password.
fn postgres(password: &str) -> (Runtime, Server) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let server = runtime.block_on(async {
        let server = Server::start().await;
        let of_all = server.url("postgres");
        execute(&of_all, &format!("CREATE ROLE {ASKED} LOGIN PASSWORD '{password}'")).await;
        execute(&of_all, &format!("CREATE DATABASE mutt OWNER {ASKED}")).await;
        server
    });
    (runtime, server)
}

#[test]
fn redis_password_may_change_without_a_restart() {
    let of_redis = folder();
    let redis = Redis::start(of_redis.path(), &["requirepass p1", "maxmemory-policy noeviction"]);
    // The journal, and an input.
    let site = Site::start("redis_password", "p1", |password, next| {
        let (url, passwords) =
            (redis.url(), format!("password = \"{password}\"\npassword_next = \"{next}\"\n"));
        format!(
            "[redis_journal]\nurl = \"{url}\"\n{passwords}response_ms = 1000\n\
             [[input.redis_list]]\nname = \"in\"\nurl = \"{url}\"\n{passwords}list = \"in\"\n\
             timeout_ms = 1000\nretry_first_ms = 10\nretry_max_ms = 100\n\
             [lease]\nttl_ms = 2000\narchive_ttl_ms = 2000\n"
        )
    });
    let passwords = ["p1", "p2", "p3", "p4"];
    // Alarms that the load does not have.
    let numbers = [999_999_900, 999_999_920, 999_999_940];
    for ((how, pair), n) in WAYS.into_iter().zip(passwords.windows(2)).zip(numbers) {
        let (old, new) = (pair[0], pair[1]);
        site.change(how, old, new, || {
            let mut connection = tell_redis(&redis, old, new);
            let push = redis::cmd("LPUSH").arg("in").arg(load::line(n)).to_owned();
            let _: u64 = push.query(&mut connection).expect("a message in the list");
        });
        wait::until(&format!("the alert from the list, {how:?}"), || {
            let told = site.receivers.moogsoft.told();
            let found = told.iter().any(|told| told.signature.ends_with(&n.to_string()));
            if found { Ok(()) } else { Err(site.mutt.get("/readyz?verbose").1) }
        });
    }
    site.nothing_is_missing();
}
