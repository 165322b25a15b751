//! Several Redis servers that keep one set of data: a master with replicas under Sentinel, or a
//! Cluster of three masters.

use std::fs;

use redis::{Client, Value, cmd};
use tempfile::TempDir;

use super::child::Running;
use super::redis::{Program, Redis};
use super::{ports, tools, wait};

/// What a journal asks of a server, and replicas that follow at once.
const STRICT: [&str; 2] = ["maxmemory-policy noeviction", "repl-diskless-sync-delay 0"];

/// A server, its files removed after the test.
pub struct Server {
    /// The server.
    pub redis: Redis,
    folder: TempDir,
}

impl Server {
    /// Starts one that is as strict as a journal asks, with more settings.
    pub fn start(settings: &[&str]) -> Self {
        Self::start_program(tools::redis_server, settings)
    }

    /// The same with another program than Debian's.
    pub fn start_program(program: Program, settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = [&STRICT, settings].concat();
        let redis = Redis::start_program(program, folder.path(), &settings);
        Self { redis, folder }
    }

    /// Its folder.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The setting that makes another its replica.
    pub fn replica_of(&self) -> String {
        format!("replicaof {} {}", self.redis.address.ip(), self.redis.address.port())
    }

    /// Waits until so many replicas follow.
    pub fn wait_replicas(&self, count: usize) {
        wait::until_true("replicas", || {
            let about: String = self.redis.ask(&["INFO", "replication"]);
            about.matches("state=online").count() >= count
        });
    }

    fn host_and_port(&self) -> [String; 2] {
        [self.redis.address.ip().to_string(), self.redis.address.port().to_string()]
    }
}

/// A master, two replicas, and a Sentinel that fails over when the master is gone for half a second.
pub struct Sentinel {
    /// The master that was, and its replicas.
    pub servers: Vec<Server>,
    /// The Sentinel's URL.
    pub url: String,
    _process: Running,
    _folder: TempDir,
}

impl Sentinel {
    /// The name of what it watches.
    pub const MASTER: &str = "main";

    /// Starts all four.
    pub fn start() -> Self {
        let replicas = "min-replicas-to-write 1";
        let master = Server::start(&[replicas]);
        let follow = master.replica_of();
        let others = [(); 2].map(|()| Server::start(&[replicas, &follow]));
        master.wait_replicas(2);
        let (process, url, folder) = watch(&master);
        let servers = [master].into_iter().chain(others).collect();
        Self { servers, url, _process: process, _folder: folder }
    }

    /// The place of the present master among the servers.
    pub fn master(&self) -> usize {
        wait::until("a master", || {
            let mut link = Client::open(&*self.url).and_then(|c| c.get_connection());
            let link = link.as_mut().map_err(|error| error.to_string())?;
            let mut ask = cmd("SENTINEL");
            ask.arg("get-master-addr-by-name").arg(Self::MASTER);
            let address: [String; 2] = ask.query(link).map_err(|error| error.to_string())?;
            let is_it = |server: &Server| server.host_and_port() == address;
            self.servers.iter().position(is_it).ok_or_else(|| format!("{address:?}"))
        })
    }
}

fn watch(master: &Server) -> (Running, String, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let address = ports::free();
    let file = folder.path().join("sentinel.conf");
    let name = Sentinel::MASTER;
    let text = format!(
        "bind 127.0.0.1\nport {}\ndir {}\nsentinel monitor {name} {} 1\n\
         sentinel down-after-milliseconds {name} 500\nsentinel failover-timeout {name} 3000\n",
        address.port(),
        folder.path().display(),
        master.host_and_port().join(" "),
    );
    fs::write(&file, text).expect("its configuration");
    let mut command = tools::redis_server();
    let process = Running::start("sentinel", command.arg(&file).arg("--sentinel"), folder.path());
    let url = format!("redis://{address}");
    wait::until_true("Sentinel to know the replicas", || {
        let about = Client::open(&*url).and_then(|client| client.get_connection());
        let replicas = about.and_then(|mut link| {
            cmd("SENTINEL").arg("replicas").arg(name).query::<Vec<Value>>(&mut link)
        });
        replicas.is_ok_and(|replicas| replicas.len() == 2)
    });
    (process, url, folder)
}

/// Three masters that share the slots, each with so many replicas.
pub struct Cluster {
    /// The three that were masters first, then the replicas.
    pub servers: Vec<Server>,
}

impl Cluster {
    /// How many masters it has.
    pub const MASTERS: usize = 3;

    /// Starts all of them.
    pub fn start(replicas: usize) -> Self {
        let least = format!("min-replicas-to-write {}", replicas.min(1));
        let servers: Vec<Server> = (0..Self::MASTERS * (1 + replicas))
            .map(|_| {
                let bus = format!("cluster-port {}", ports::free().port());
                Server::start(&["cluster-enabled yes", &bus, "cluster-node-timeout 2000", &least])
            })
            .collect();
        let this = Self { servers };
        this.meet();
        for (n, replica) in this.servers.iter().enumerate().skip(Self::MASTERS) {
            let master = &this.servers[n % Self::MASTERS];
            let id: String = master.redis.ask(&["CLUSTER", "MYID"]);
            let _: String = replica.redis.ask(&["CLUSTER", "REPLICATE", &id]);
        }
        this.masters().for_each(|master| master.wait_replicas(replicas));
        this.wait_whole();
        this
    }

    /// The URLs of all.
    pub fn urls(&self) -> Vec<String> {
        self.servers.iter().map(|server| server.redis.url()).collect()
    }

    fn masters(&self) -> impl Iterator<Item = &Server> {
        self.servers[..Self::MASTERS].iter()
    }

    /// Gives each master its slots, and makes all known to each other.
    fn meet(&self) {
        let first = &self.servers[0];
        let bus: Vec<String> = first.redis.ask(&["CONFIG", "GET", "cluster-port"]);
        let [ip, port] = first.host_and_port();
        for (n, master) in self.masters().enumerate() {
            let slots = (16_384 * n / Self::MASTERS)..(16_384 * (n + 1) / Self::MASTERS);
            let slots: Vec<String> = slots.map(|slot| slot.to_string()).collect();
            let slots = slots.iter().map(String::as_str);
            let words: Vec<&str> = ["CLUSTER", "ADDSLOTS"].into_iter().chain(slots).collect();
            let _: String = master.redis.ask(&words);
        }
        for server in &self.servers[1..] {
            let _: String = server.redis.ask(&["CLUSTER", "MEET", &ip, &port, &bus[1]]);
        }
        self.wait_whole();
    }

    /// Waits until each server that runs knows that all slots are served.
    pub fn wait_whole(&self) {
        let known = format!("cluster_known_nodes:{}", self.servers.len());
        for server in &self.servers {
            wait::until("the cluster", || {
                let about: String = server.redis.ask(&["CLUSTER", "INFO"]);
                let is_whole = about.contains("cluster_state:ok") && about.contains(&known);
                if is_whole { Ok(()) } else { Err(about) }
            });
        }
    }
}
