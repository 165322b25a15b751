//! Many processes over Redis and PostgreSQL: whoever dies, hangs or is away, what was acknowledged is
//! at the archive, and each alert is told once.

use mutt_output::standin::Door;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::common::mutt::Mutt;
use crate::common::postgres::{Server, execute};
use crate::common::receivers::Receivers;
use crate::common::redis::Redis;
use crate::common::{folder, wait};
use crate::load;
use crate::senders::{Sender, relp};
use crate::world::{account, settled};

/// Leases that are soon over, and answers that are soon given up.
const LIMITS: &str = "[lease]\nttl_ms = 2000\narchive_ttl_ms = 2000\n";

/// One process, and its role.
struct Node {
    role: &'static str,
    mutt: Mutt,
    _folder: TempDir,
}

impl Node {
    fn launch(&mut self) {
        self.mutt.start_role(self.role, &mut Mutt::command());
    }

    fn start(&mut self) {
        self.launch();
        self.mutt.wait_ready();
    }
}

/// All of them, and what they work with.
struct Cluster {
    nodes: Vec<Node>,
    redis: Redis,
    database: Server,
    runtime: Runtime,
    receivers: Receivers,
    _folder: TempDir,
}

const ROLES: [&str; 8] =
    ["ingest", "ingest", "alert", "alert", "alert", "forward", "forward", "web"];

/// Whether messages are archived.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Archive {
    On,
    Off,
}

impl Cluster {
    fn start() -> Self {
        Self::of_roles(&ROLES, Archive::On)
    }

    fn of_roles(roles: &[&'static str], archive: Archive) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let database = runtime.block_on(async {
            let server = Server::start().await;
            execute(&server.url("postgres"), "CREATE DATABASE cluster").await;
            server
        });
        let of_redis = folder();
        let redis = Redis::start(of_redis.path(), &["maxmemory-policy noeviction"]);
        let receivers = Receivers::start();
        let more = format!(
            "[redis_journal]\nurl = \"{}\"\nresponse_ms = 1000\nconnect_ms = 500\n\
             [database]\nurl = \"{}\"\nacquire_ms = 500\nstatement_ms = 500\nbusy_ms = 500\n\
             {LIMITS}{}",
            redis.url(),
            database.url("cluster"),
            match archive {
                Archive::On => receivers.config(Door::Relp),
                Archive::Off => String::new(),
            },
        );
        let node = |role: &'static str| {
            let folder = folder();
            let mutt = Mutt::configured(folder.path(), load::RULES, &more);
            Node { role, mutt, _folder: folder }
        };
        let nodes = roles.iter().copied().map(node).collect();
        let mut this = Self { nodes, redis, database, runtime, receivers, _folder: of_redis };
        // All at once, though none has made the journal, the tables or the first revision yet.
        this.nodes.iter_mut().for_each(Node::launch);
        this.nodes.iter_mut().for_each(|node| node.mutt.wait_ready());
        this
    }

    /// The places of a role's processes.
    fn of(&self, role: &str) -> Vec<usize> {
        (0..self.nodes.len()).filter(|place| self.nodes[*place].role == role).collect()
    }

    /// A sender over RELP to each process that takes messages.
    fn under_load(&self) -> Sender {
        let door = |place: usize| self.nodes[place].mutt.doors.relp;
        let doors: Vec<_> = self.of("ingest").into_iter().map(door).collect();
        Sender::start_at(&doors, relp::run)
    }

    /// How many leases of a kind a process holds.
    fn holds(&self, place: usize, worker: &str) -> usize {
        let metrics = self.nodes[place].mutt.metrics().unwrap_or_default();
        let named = format!("lease=\"{worker}");
        let held = metrics.iter().filter(|(name, value)| {
            name.starts_with("mutt_lease_held{") && name.contains(&named) && **value == 1.0
        });
        held.count()
    }

    /// Waits until a role's processes share the workers of a kind evenly, `all` in sum.
    fn spread(&self, role: &str, worker: &str, all: usize) {
        wait::until(&format!("{worker} spread over {role}"), || {
            let held: Vec<usize> =
                self.of(role).into_iter().map(|place| self.holds(place, worker)).collect();
            let (most, least) = (held.iter().max(), held.iter().min());
            let even = most.zip(least).is_some_and(|(most, least)| most - least <= 1);
            let sum: usize = held.iter().sum();
            if even && sum == all { Ok(()) } else { Err(format!("{held:?}")) }
        });
    }

    /// Waits until the others of its role have taken over from a process that hangs.
    fn others_work(&self, hangs: usize) {
        let role = self.nodes[hangs].role;
        let others: Vec<usize> = self.of(role).into_iter().filter(|one| *one != hangs).collect();
        let workers: &[(&str, usize)] = match role {
            "alert" => &[("judge/", 16), ("correlate", 1)],
            "forward" => &[("archive/", 32), ("deliver/", 1)],
            _ => &[],
        };
        for (worker, all) in workers {
            wait::until(&format!("the others to have {worker}"), || {
                let held: usize = others.iter().map(|place| self.holds(*place, worker)).sum();
                if held == *all { Ok(()) } else { Err(format!("{held} of {all}")) }
            });
        }
    }

    /// The processor time that a process took, in seconds.
    fn seconds(&mut self, place: usize) -> f64 {
        let pid = self.nodes[place].mutt.process().pid();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("its times");
        let of_all = stat.rsplit(')').next().expect("its fields").split_whitespace();
        let ticks: f64 =
            of_all.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
        ticks / 100.0
    }

    /// Nothing is missing, nothing told twice, and the ledger balances.
    fn nothing_is_missing(&self, acknowledged: u64, cuts: usize) {
        let again = load::none_missing(&self.receivers, Door::Relp, acknowledged);
        let told = load::each_alarm_is_told_once(&self.receivers.moogsoft, acknowledged, cuts);
        eprintln!("{again} came again at the archive, {told} alerts were told again");
        let web = &self.nodes[self.of("web")[0]].mutt;
        let ledger = settled(web);
        assert_eq!(ledger["balanced"], true, "{ledger:#}");
        let (judge, alarms) = (account(&ledger, "judge"), load::alarms(acknowledged));
        eprintln!("{} were repeats", judge.of("repeated"));
        assert_eq!(judge.of("alerting"), alarms, "each alarm counts once: {judge:?}");
        assert_eq!(judge.of("unhandled"), acknowledged - alarms, "and so does all else: {judge:?}");
    }
}

#[test]
fn whichever_process_of_several_is_killed_nothing_acknowledged_is_missing() {
    let mut cluster = Cluster::start();
    cluster.spread("alert", "judge/", 16);
    cluster.spread("forward", "archive/", 32);
    let sender = cluster.under_load();
    let mut kills = 0;
    for role in ["ingest", "alert", "alert", "alert", "forward", "forward", "web"] {
        sender.wait_for(300);
        let places = cluster.of(role);
        let place = places[kills % places.len()];
        cluster.nodes[place].mutt.kill();
        kills += 1;
        sender.wait_for(300);
        cluster.nodes[place].start();
    }
    let acknowledged = sender.finish();
    cluster.nothing_is_missing(acknowledged, kills);
    cluster.spread("alert", "judge/", 16);
}

#[test]
fn a_process_that_hangs_past_its_lease_and_goes_on_sends_nothing_twice() {
    let mut cluster = Cluster::start();
    let sender = cluster.under_load();
    let mut hangs = 0;
    for role in ["ingest", "alert", "alert", "alert", "forward", "forward", "web"] {
        sender.wait_for(200);
        let places = cluster.of(role);
        let place = places[hangs % places.len()];
        let process = cluster.nodes[place].mutt.process();
        process.signal("STOP");
        cluster.others_work(place);
        cluster.nodes[place].mutt.process().signal("CONT");
        hangs += 1;
    }
    let acknowledged = sender.finish();
    cluster.nothing_is_missing(acknowledged, hangs);
}

#[test]
fn redis_and_postgresql_may_be_killed_and_come_back() {
    let mut cluster = Cluster::start();
    // One sender, so that its order is known.
    let door = cluster.nodes[cluster.of("ingest")[0]].mutt.doors.relp;
    let sender = Sender::start(door, 1, relp::run);
    for _ in 0..2 {
        sender.wait_for(300);
        cluster.redis.kill();
        cluster.redis.start_again();
        sender.wait_for(300);
        cluster.database.kill();
        // Messages are taken all the same.
        sender.wait_for(300);
        cluster.runtime.block_on(cluster.database.run());
    }
    let acknowledged = sender.finish();
    cluster.nothing_is_missing(acknowledged, 8);
    load::bytes_and_order_are_kept(&cluster.receivers, Door::Relp);
}

#[test]
fn every_role_can_be_restarted_under_load() {
    let mut cluster = Cluster::start();
    let sender = cluster.under_load();
    for place in 0..cluster.nodes.len() {
        sender.wait_for(100);
        assert!(cluster.nodes[place].mutt.stop().success());
        cluster.nodes[place].start();
    }
    let acknowledged = sender.finish();
    cluster.nothing_is_missing(acknowledged, 0);
}

/// Prints the processor time of a million messages at 1, 2 and 4 `mutt alert`, and how evenly
/// partitions spread over them. `make scaling` runs it.
#[test]
#[ignore = "measures, and holds nothing: make scaling"]
fn how_judging_scales() {
    const MESSAGES: u64 = 200_000;
    for workers in [1, 2, 4] {
        let roles: Vec<&'static str> = ["ingest"]
            .into_iter()
            .chain(std::iter::repeat_n("alert", workers))
            .chain(["web"])
            .collect();
        let mut cluster = Cluster::of_roles(&roles, Archive::Off);
        for place in cluster.of("alert") {
            cluster.nodes[place].mutt.stop();
        }
        let door = cluster.nodes[cluster.of("ingest")[0]].mutt.doors.tcp;
        let lines: Vec<u8> =
            (0..MESSAGES).flat_map(|n| (load::line(n) + "\n").into_bytes()).collect();
        std::io::Write::write_all(&mut std::net::TcpStream::connect(door).expect("TCP"), &lines)
            .expect("all lines sent");
        let web = cluster.of("web")[0];
        wait::until("all messages stored", || {
            let stored = cluster.nodes[web].mutt.ledger()["stored"].as_u64();
            if stored == Some(MESSAGES) { Ok(()) } else { Err(format!("{stored:?}")) }
        });
        for place in cluster.of("alert") {
            cluster.nodes[place].start();
        }
        cluster.spread("alert", "judge/", 16);
        let held: Vec<usize> =
            cluster.of("alert").into_iter().map(|place| cluster.holds(place, "judge/")).collect();
        let judged = || {
            let ledger = cluster.nodes[web].mutt.ledger();
            let judge = account(&ledger, "judge");
            if judge.waiting == 0 { Ok(()) } else { Err(format!("{judge:?}")) }
        };
        wait::until("all messages judged", judged);
        let seconds: f64 = cluster.of("alert").into_iter().map(|p| cluster.seconds(p)).sum();
        let million = seconds * 1e6 / MESSAGES as f64;
        println!("{workers} mutt alert: {million:.1} CPU-seconds a million, partitions {held:?}");
    }
}
