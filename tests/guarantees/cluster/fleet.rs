//! Eight processes over one journal and one database, under load.

use std::time::Duration;

use mutt_output::standin::Door;
use tempfile::TempDir;

use super::places::{Database, Journal};
use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;
use crate::common::{folder, wait};
use crate::load::{self, Sent};
use crate::senders::rsyslog::Fed;
use crate::senders::{Sender, relp};
use crate::world::{account, settled};

/// How long leases, stops and outages last.
#[derive(Clone, Copy)]
pub struct Times {
    pub lease_ms: u64,
    /// Three leases.
    pub stop: Duration,
    pub outage: Duration,
    /// Between a sender's batches.
    pub pace: Duration,
}

impl Times {
    /// Of the tests.
    pub const SHORT: Self = Self {
        lease_ms: 2_000,
        stop: Duration::from_secs(6),
        outage: Duration::from_secs(20),
        pace: Duration::from_millis(200),
    };
    /// As in production, with few messages.
    pub const LONG: Self = Self {
        lease_ms: 7_000,
        stop: Duration::from_secs(21),
        outage: Duration::from_secs(600),
        pace: Duration::from_millis(500),
    };
}

/// The rules: each alarm is told; what else there is makes alerts over many messages and hosts,
/// kept and not told.
const RULES: &str = r#"
[[rules]]
id = "few"
priority = 20
across_hosts = true
handling = "log_only"
team = "noc"
when.message.regex = 'number [0-9]{6}(?<hundred>[0-9])[0-9]7 quiet'
key = "{captures.hundred}"
count = { at_least = 5, within = "2s" }

[[rules]]
id = "pair"
priority = 30
across_hosts = true
handling = "log_only"
team = "noc"
when.message.regex = 'number [0-9]{7}(?<ten>[0-9])1 quiet'
clear.message.regex = 'number [0-9]{7}(?<ten>[0-9])3 quiet'
key = "{captures.ten}"
"#;

/// The rules of all processes.
pub fn rules() -> String {
    format!("{}{RULES}", load::RULES)
}

/// One process, and its role.
pub struct Node {
    role: &'static str,
    pub mutt: Mutt,
    _folder: TempDir,
}

impl Node {
    fn launch(&mut self) {
        self.mutt.start_role(self.role, &mut Mutt::command());
    }

    pub fn start(&mut self) {
        self.launch();
        self.mutt.wait_ready();
    }
}

/// All of them, and what they work with.
pub struct Cluster {
    pub nodes: Vec<Node>,
    pub journal: Journal,
    pub database: Database,
    pub receivers: Receivers,
    times: Times,
}

const ROLES: [&str; 8] =
    ["ingest", "ingest", "alert", "alert", "alert", "forward", "forward", "web"];

/// What is sent to a cluster: by our generator to each process that takes messages, and by rsyslog
/// to the first.
pub struct Load {
    senders: Vec<Sender>,
    rsyslog: Fed,
    _folder: TempDir,
}

impl Load {
    /// How many messages of the generator are acknowledged.
    pub fn acknowledged(&self) -> u64 {
        self.senders.iter().map(Sender::acknowledged).sum()
    }

    /// Waits until so many more are.
    pub fn wait_for(&self, more: u64) {
        let goal = self.acknowledged() + more;
        wait::until(&format!("{goal} acknowledgements"), || {
            let now = self.acknowledged();
            if now >= goal { Ok(()) } else { Err(now.to_string()) }
        });
    }
}

impl Cluster {
    pub fn start(journal: Journal, times: Times) -> Self {
        let receivers = Receivers::start();
        let archive = receivers.config(Door::Relp);
        Self::of_roles(&ROLES, (journal, receivers), times, (&rules(), &archive))
    }

    /// The same with other processes, rules, and more settings.
    pub fn of_roles(
        roles: &[&'static str],
        (journal, receivers): (Journal, Receivers),
        times: Times,
        (rules, more): (&str, &str),
    ) -> Self {
        let database = Database::start();
        let lease_ms = times.lease_ms;
        let config = format!(
            "{}{}[lease]\nttl_ms = {lease_ms}\n{more}",
            journal.config(),
            database.config("cluster"),
        );
        let node = |role: &'static str| {
            let folder = folder();
            let mutt = Mutt::configured(folder.path(), rules, &config);
            Node { role, mutt, _folder: folder }
        };
        let nodes = roles.iter().copied().map(node).collect();
        let mut this = Self { nodes, journal, database, receivers, times };
        // All at once, though none has made the journal, the tables or the first revision yet.
        this.nodes.iter_mut().for_each(Node::launch);
        this.nodes.iter_mut().for_each(|node| node.mutt.wait_ready());
        this
    }

    /// The places of a role's processes.
    pub fn of(&self, role: &str) -> Vec<usize> {
        (0..self.nodes.len()).filter(|place| self.nodes[*place].role == role).collect()
    }

    pub fn under_load(&self) -> Load {
        let doors: Vec<_> =
            self.of("ingest").into_iter().map(|place| self.nodes[place].mutt.doors.relp).collect();
        let pace = self.times.pace;
        let sender =
            |(n, door): (u64, &_)| Sender::start_from(n * load::SENDER, *door, relp::run, pace);
        let folder = folder();
        Load {
            senders: (0..).zip(&doors).map(sender).collect(),
            rsyslog: Fed::start(folder.path(), doors[0], pace),
            _folder: folder,
        }
    }

    /// How many leases of a kind a process holds.
    pub fn holds(&self, place: usize, worker: &str) -> usize {
        let metrics = self.nodes[place].mutt.metrics().unwrap_or_default();
        let named = format!("lease=\"{worker}");
        let held = metrics.iter().filter(|(name, value)| {
            name.starts_with("mutt_lease_held{") && name.contains(&named) && **value == 1.0
        });
        held.count()
    }

    /// Waits until a role's processes share the workers of a kind evenly, `all` in sum.
    pub fn spread(&self, role: &str, worker: &str, all: usize) {
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
    pub fn others_work(&self, hangs: usize) {
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

    /// Ends the load. Nothing is missing, what came is what was sent and in order, nothing is told
    /// twice, the ledger balances, and alerts are those of one process over the same journal.
    /// `cuts`: how many POSTs to Moogsoft can have been cut off.
    pub fn nothing_is_missing(mut self, load: Load, cuts: usize) {
        let Load { senders, mut rsyslog, _folder } = load;
        let ends = senders.into_iter().map(Sender::finish);
        let of_generator = (0..).zip(ends).map(|(n, count)| {
            let first: u64 = n * load::SENDER;
            first..first + count
        });
        let sent = Sent::by(of_generator.chain([rsyslog.finish()]));
        let again = load::none_missing(&self.receivers, Door::Relp, sent.clone());
        load::bytes_and_order_are_kept(&self.receivers, Door::Relp);
        let told = load::each_alarm_is_told_once(&self.receivers.moogsoft, sent.clone(), cuts);
        let ledger = settled(&self.nodes[self.of("web")[0]].mutt);
        assert_eq!(ledger["balanced"], true, "{ledger:#}");
        let (judge, alarms) = (account(&ledger, "judge"), sent.alarms());
        eprintln!(
            "{} messages, {again} again at the archive, {told} alerts told again, {} repeats",
            sent.count(),
            judge.of("repeated")
        );
        assert_eq!(judge.of("alerting"), alarms, "each alarm counts once: {judge:?}");
        let else_ = judge.of("unhandled") + judge.of("logged");
        assert_eq!(else_, sent.count() - alarms, "and so does all else: {judge:?}");
        assert_eq!(judge.of("lost"), 0, "{judge:?}");
        for node in &mut self.nodes {
            assert!(node.mutt.stop().success());
        }
        super::alone::makes_the_same_alerts(&self, &sent);
    }
}
