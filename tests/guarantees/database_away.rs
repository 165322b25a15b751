//! MUTT over a real PostgreSQL that is killed, stopped, frozen, cut off and unreachable in the
//! middle of the load, or loses its answers.

use std::net::TcpStream;

use mutt_output::standin::Door;
use tokio::runtime::Runtime;

use crate::common::mutt::{Mutt, get};
use crate::common::postgres::{ASKED, Server, execute};
use crate::common::proxy::{Proxy, Way};
use crate::common::{folder, wait};
use crate::kills::nothing_is_missing;
use crate::load;
use crate::senders::{Sender, relp};
use crate::world::World;

/// Short limits, so that a hang is over soon; and of all leases the archive's alone outlasts it.
const LIMITS: &str = "acquire_ms = 300\nstatement_ms = 300\nbusy_ms = 300\n\
                      [lease]\nttl_ms = 1000\narchive_ttl_ms = 900000\n";

/// The password of the role that MUTT connects as.
const PASSWORD: &str = "p/a:s@s %41";

/// A server with MUTT's role and database, and the way to it.
struct Database {
    runtime: Runtime,
    server: Server,
    proxy: Proxy,
}

impl Database {
    fn start(way: Way) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let server = runtime.block_on(async {
            let server = Server::start().await;
            let of_all = server.url("postgres");
            execute(&of_all, &format!("CREATE ROLE {ASKED} LOGIN PASSWORD '{PASSWORD}'")).await;
            execute(&of_all, &format!("CREATE DATABASE mutt OWNER {ASKED}")).await;
            server
        });
        let proxy = Proxy::start(server.socket(), way);
        Self { runtime, server, proxy }
    }

    /// The section of a configuration; the password comes from a file.
    fn config(&self, folder: &std::path::Path) -> String {
        let file = folder.join("password");
        std::fs::write(&file, format!("{PASSWORD}\n")).expect("a password file");
        let url = format!("postgres://{ASKED}@{}/mutt", self.proxy.address);
        format!("[database]\nurl = \"{url}\"\npassword_file = {file:?}\n{LIMITS}")
    }

    fn execute(&self, sql: &str) {
        self.runtime.block_on(execute(&self.server.url("mutt"), sql));
    }

    fn goes_away(&mut self, how: Outage) {
        match how {
            Outage::Killed => self.server.kill(),
            Outage::Stopped => self.server.stop_immediately(),
            Outage::Frozen => self.server.freeze(),
            Outage::Cut => self.proxy.set(Way::Cut),
            Outage::Unreachable => self.proxy.set(Way::Silent),
        }
    }

    fn comes_back(&mut self, how: Outage) {
        match how {
            Outage::Killed | Outage::Stopped => self.runtime.block_on(self.server.run()),
            Outage::Frozen => self.server.thaw(),
            Outage::Cut | Outage::Unreachable => self.proxy.set(Way::Open),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Outage {
    Killed,
    Stopped,
    Frozen,
    Cut,
    Unreachable,
}

fn world(database: &Database, secrets: &tempfile::TempDir) -> World {
    let config = database.config(secrets.path());
    World::start_with(load::RULES, |receivers| {
        format!("{config}\n{}", receivers.config(Door::Relp))
    })
}

/// What /readyz says of all parts; it answers whatever the database does.
fn ready(world: &World) -> (u16, String) {
    get(world.mutt.doors.admin, "/readyz?verbose").expect("/readyz")
}

fn says(world: &World, words: &[&str]) {
    wait::until(&format!("/readyz to say {words:?}"), || {
        let (status, body) = ready(world);
        assert_eq!(status, 200, "messages are taken all the time: {body}");
        if words.iter().all(|words| body.contains(words)) { Ok(()) } else { Err(body) }
    });
}

#[test]
fn while_postgresql_is_away_messages_are_taken_and_archived_and_alerts_wait() {
    let mut database = Database::start(Way::Open);
    let secrets = folder();
    let world = world(&database, &secrets);
    let sender = Sender::start(world.mutt.doors.relp, 1, relp::run);
    let outages =
        [Outage::Killed, Outage::Stopped, Outage::Frozen, Outage::Cut, Outage::Unreachable];
    for how in outages {
        sender.wait_for(500);
        database.goes_away(how);
        // Longer than all leases last but the archive's.
        says(&world, &["[~]database degraded: ", "[+]worker judge ok, waiting for its lease"]);
        let told = world.receivers.moogsoft.told().len();
        let archived = world.receivers.netim.count(Door::Relp);
        sender.wait_for(500);
        wait::until_true("the archive to go on", || {
            world.receivers.netim.count(Door::Relp) >= archived + 500
        });
        assert_eq!(world.mutt.metric("mutt_database_up", &[]), 0.0, "{how:?}");
        assert_eq!(world.receivers.moogsoft.told().len(), told, "{how:?}: alerts wait");
        database.comes_back(how);
        says(
            &world,
            &["[+]database ok", "[+]worker judge ok\n", "[+]worker deliver/moogsoft ok\n"],
        );
        wait::until_true("alerts to go on", || world.receivers.moogsoft.told().len() > told);
    }
    nothing_is_missing(&world, Door::Relp, sender.finish(), 0);
    assert!(world.mutt.metric("mutt_database_reconnects_total", &[]) >= outages.len() as f64);
    assert_eq!(world.mutt.metric("mutt_database_up", &[]), 1.0);
}

#[test]
fn a_commit_whose_answer_was_lost_is_made_once() {
    const ROUNDS: u64 = 20;
    let database = Database::start(Way::Open);
    let secrets = folder();
    let world = world(&database, &secrets);
    let sender = Sender::start(world.mutt.doors.relp, 1, relp::run);
    for round in 1..=ROUNDS {
        sender.wait_for(100 + round * 7_919 % 100);
        database.proxy.lose_an_answer();
        wait::until_true("an answer to be lost", || database.proxy.lost() == round);
        sender.wait_for(100 + round * 7_907 % 100);
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE application_name = 'mutt'",
        );
    }
    nothing_is_missing(&world, Door::Relp, sender.finish(), 0);
    let refused = world.mutt.metric("mutt_database_refused_changes_total", &[]);
    assert!(refused > 0.0, "what was true already was not refused");
}

#[test]
fn mutt_run_waits_for_postgresql_and_says_so() {
    let database = Database::start(Way::Cut);
    let folder = folder();
    let mut mutt = Mutt::configured(folder.path(), "", &database.config(folder.path()));
    // One that waits ends when it is told to, and well.
    mutt.start_with(&mut Mutt::command());
    waits(&mut mutt);
    assert!(mutt.stop().success());
    mutt.start_with(&mut Mutt::command());
    waits(&mut mutt);
    database.proxy.set(Way::Open);
    mutt.wait_ready();
    assert!(TcpStream::connect(mutt.doors.tcp).is_ok());
    let metric = |name: &str| mutt.metric(&format!("mutt_database_{name}"), &[]);
    assert!(metric("transactions_total") > 0.0);
    assert_eq!((metric("up"), metric("connections_max")), (1.0, 4.0));
    assert!(metric("connections") >= 1.0);
    // It fails where there is none.
    let sessions = "SELECT 1 / COUNT(*) FROM pg_stat_activity WHERE application_name = 'mutt'";
    database.execute(sessions);
    let log = mutt.process().output();
    assert!(!log.contains(PASSWORD) && !log.contains("p%2Fa"), "the log has the password: {log}");
}

/// It is alive, not ready, and says why; and nobody can take its listening for more.
fn waits(mutt: &mut Mutt) {
    wait::until("a MUTT that waits", || match get(mutt.doors.admin, "/readyz") {
        Ok((503, body)) if body.contains("[-]database failed: database.url: ") => Ok(()),
        other => Err(format!("{other:?}")),
    });
    assert_eq!(mutt.get("/livez").0, 200);
    assert!(TcpStream::connect(mutt.doors.tcp).is_err());
    assert!(mutt.process().output().contains("waiting for the database"));
}
