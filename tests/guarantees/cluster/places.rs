//! Where a cluster of processes keeps its journal and all else, and how that goes away.

use std::net::SocketAddr;
use std::path::PathBuf;

use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::common::postgres::{self, Server};
use crate::common::proxy::{Proxy, Way};
use crate::common::redis::{Program, Redis};
use crate::common::redis_fleet::{self, Sentinel};
use crate::common::{folder, tools};

/// How a server goes away, and comes back.
#[derive(Clone, Copy, Debug)]
pub enum Outage {
    /// It is ended and begun anew.
    Restarted,
    /// SIGKILL.
    Killed,
    /// The network to it swallows all.
    Unreachable,
}

impl Outage {
    pub const ALL: [Self; 3] = [Self::Restarted, Self::Killed, Self::Unreachable];
}

/// The journal's servers.
pub enum Journal {
    /// One server, and the way to it.
    Single(Single),
    /// A master and two replicas, and a Sentinel.
    Sentinel(Sentinel),
    /// Three masters with two replicas each: one may take over, and one still follows.
    Cluster(redis_fleet::Cluster),
}

/// One server and the way to it.
pub struct Single {
    redis: Redis,
    proxy: Proxy,
    _folder: TempDir,
}

impl Journal {
    /// One server of Debian's.
    pub fn single() -> Self {
        Self::of(tools::redis_server)
    }

    /// One server that is Valkey's.
    pub fn valkey() -> Self {
        Self::of(tools::valkey_server)
    }

    fn of(program: Program) -> Self {
        let folder = folder();
        let socket: PathBuf = folder.path().join("socket");
        let settings = ["maxmemory-policy noeviction", &format!("unixsocket {}", socket.display())];
        let redis = Redis::start_program(program, folder.path(), &settings);
        Self::Single(Single { redis, proxy: Proxy::start(socket, Way::Open), _folder: folder })
    }

    /// Its settings.
    pub fn config(&self) -> String {
        let place = match self {
            Self::Single(single) => format!("url = \"redis://{}\"", single.proxy.address),
            Self::Sentinel(sentinel) => format!(
                "sentinels = [\"{}\"]\nmaster = \"{}\"\nreplicas = 1",
                sentinel.url,
                Sentinel::MASTER
            ),
            Self::Cluster(cluster) => format!("cluster = {:?}\nreplicas = 1", cluster.urls()),
        };
        format!("[redis_journal]\n{place}\nresponse_ms = 1000\nconnect_ms = 500\n")
    }

    /// The one server.
    pub fn one(&mut self) -> &mut Single {
        match self {
            Self::Single(single) => single,
            _ => panic!("there are several"),
        }
    }

    /// Kills a master. Another takes its place; it comes back as a replica with
    /// [`Journal::start_again`].
    pub fn kill_a_master(&mut self) -> usize {
        let (servers, master) = match self {
            Self::Single(_) => panic!("nobody would take its place"),
            Self::Sentinel(sentinel) => {
                let master = sentinel.master();
                (&mut sentinel.servers, master)
            }
            Self::Cluster(cluster) => (&mut cluster.servers, 0),
        };
        servers[master].redis.kill();
        master
    }

    /// Starts a killed server of several again.
    pub fn start_again(&mut self, place: usize) {
        match self {
            Self::Single(_) => panic!("there is one"),
            Self::Sentinel(sentinel) => sentinel.servers[place].redis.start_again(),
            Self::Cluster(cluster) => cluster.servers[place].redis.start_again(),
        }
    }
}

impl Single {
    pub fn goes_away(&mut self, how: Outage) {
        match how {
            Outage::Restarted => {
                self.redis.process.terminate();
            }
            Outage::Killed => self.redis.kill(),
            Outage::Unreachable => self.proxy.set(Way::Silent),
        }
    }

    pub fn comes_back(&mut self, how: Outage) {
        match how {
            Outage::Restarted | Outage::Killed => self.redis.start_again(),
            Outage::Unreachable => self.proxy.set(Way::Open),
        }
    }
}

/// PostgreSQL and the way to it.
pub struct Database {
    server: Server,
    proxy: Proxy,
    runtime: Runtime,
}

impl Database {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let server = runtime.block_on(Server::start());
        let proxy = Proxy::start(server.socket(), Way::Open);
        let this = Self { server, proxy, runtime };
        this.create("cluster");
        this
    }

    /// Makes an empty database.
    pub fn create(&self, name: &str) {
        let of_all = self.server.url("postgres");
        self.runtime.block_on(postgres::execute(&of_all, &format!("CREATE DATABASE {name}")));
    }

    /// The settings of one.
    pub fn config(&self, name: &str) -> String {
        let address: SocketAddr = self.proxy.address;
        format!(
            "[database]\nurl = \"postgres://mutt@{address}/{name}\"\n\
             acquire_ms = 500\nstatement_ms = 1000\nbusy_ms = 1000\n"
        )
    }

    /// One column of one of them.
    pub fn ask(&self, name: &str, sql: &str) -> Vec<String> {
        self.runtime.block_on(postgres::ask(&self.server.url(name), sql))
    }

    pub fn goes_away(&mut self, how: Outage) {
        match how {
            Outage::Restarted => self.server.stop_immediately(),
            Outage::Killed => self.server.kill(),
            Outage::Unreachable => self.proxy.set(Way::Silent),
        }
    }

    pub fn comes_back(&mut self, how: Outage) {
        match how {
            Outage::Restarted | Outage::Killed => self.runtime.block_on(self.server.run()),
            Outage::Unreachable => self.proxy.set(Way::Open),
        }
    }
}
