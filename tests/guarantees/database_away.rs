//! MUTT over a real PostgreSQL that is killed, stopped, frozen, cut off and unreachable in the
//! middle of the load, or loses its answers.

use mutt_output::standin::Door;
use tokio::runtime::Runtime;

use crate::common::mutt::get;
use crate::common::postgres::{ASKED, Server, execute};
use crate::common::proxy::{Proxy, Way};
use crate::common::wait;
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
    let secrets = tempfile::tempdir().expect("a folder");
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
        says(&world, &["[+]database ok", "[+]worker judge ok\n", "[+]worker deliver/moogsoft ok\n"]);
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
    let secrets = tempfile::tempdir().expect("a folder");
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
