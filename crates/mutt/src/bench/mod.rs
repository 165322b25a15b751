//! `mutt bench`: how fast this build is on this machine.
//!
//! From: a generator in this process, over loopback. To: figures on standard output. A real
//! `mutt run` is started beside it, in a temporary folder, with a synced journal; so generator,
//! MUTT and receivers share the machine, and MUTT's own CPU time and memory are read from /proc.

mod latency;
mod server;
mod throughput;

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Bench {
    /// Messages of a throughput run.
    pub messages: u64,
    /// Rules in force.
    pub rules: u32,
    /// Messages a second of the latency run.
    pub rate: u32,
    /// The latency run's length.
    pub latency_time: Duration,
}

/// The length of a message, in bytes.
const MESSAGE_BYTES: usize = 200;
/// How long MUTT may take to start, and what was sent to arrive.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs all benchmarks and prints their figures.
///
/// # Errors
/// When MUTT does not start, or something does not arrive.
pub fn run(bench: &Bench) -> Result<()> {
    println!("{MESSAGE_BYTES}-byte messages, synced journal, archived over TCP to a counting sink");
    for rules in [0, bench.rules] {
        throughput::run(bench.messages, rules)?;
    }
    latency::run(bench)
}

/// A `mutt run` of this build, in a folder of its own.
struct Mutt {
    child: Child,
    tcp: SocketAddr,
    admin: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Mutt {
    /// Starts it with `rules` and the sections `more`; waits until it is ready.
    fn start(rules: &str, more: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (tcp, admin) = (free()?, free()?);
        let file = folder.path().join("mutt.toml");
        fs::write(folder.path().join("rules.toml"), rules)?;
        fs::write(&file, config(folder.path(), tcp, admin) + more)?;
        let child = Command::new(std::env::current_exe()?)
            .args(["run", "--config"])
            .arg(&file)
            .stdin(Stdio::null())
            .stderr(fs::File::create(folder.path().join("mutt.log"))?)
            .spawn()
            .context("mutt run")?;
        let mut mutt = Self { child, tcp, admin, _folder: folder };
        mutt.wait_ready()?;
        Ok(mutt)
    }

    fn wait_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while crate::healthcheck::get(self.admin, "/readyz").is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("mutt run ended: {status}");
            }
            if start.elapsed() > PATIENCE {
                bail!("mutt run is not ready after {PATIENCE:?}");
            }
            sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn connect(&self) -> Result<TcpStream> {
        Ok(TcpStream::connect(self.tcp)?)
    }

    /// How many stored messages a reader of the journal has not done.
    fn waiting(&self) -> Result<u64> {
        let ledger = crate::healthcheck::get(self.admin, "/ledger")?;
        let ledger: serde_json::Value = serde_json::from_str(&ledger)?;
        let readers = ledger["readers"].as_array().context("the ledger's readers")?;
        Ok(readers.iter().filter_map(|reader| reader["all"]["waiting"].as_u64()).max().unwrap_or(0))
    }

    /// User and system time so far.
    fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // Behind the name's closing parenthesis: utime and stime are the 12th and 13th field.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u64 =
            fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(Duration::from_millis(ticks * 10)) // 100 a second on Linux, by its ABI
    }

    /// The most memory that was resident, in bytes.
    fn memory_max(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        Ok(kib.context("VmHWM in /proc")? * 1_024)
    }
}

impl Drop for Mutt {
    fn drop(&mut self) {
        // Its folder goes with it: there is nothing to end in order.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Every alert is told one by one: the time to each is measured.
fn config(folder: &Path, tcp: SocketAddr, admin: SocketAddr) -> String {
    format!(
        "journal.folder = {:?}\ndatabase.path = {:?}\nrules.seed_files = [{:?}]\n\
         hosts.trusted_relays = [\"127.0.0.0/8\"]\nlog.level = \"warn\"\n\
         input.syslog_tcp.listen = \"{tcp}\"\nadmin.listen = \"{admin}\"\n\
         input.syslog_udp.enabled = false\ninput.relp.enabled = false\n\
         input.http.enabled = false\ninput.snmp.enabled = false\napi.enabled = false\n\
         alerts.storm_rule_per_minute = 0\nalerts.storm_team_per_minute = 0\n\
         alerts.storm_total_per_minute = 0\n",
        folder.join("journal"),
        folder.join("mutt.db"),
        folder.join("rules.toml"),
    )
}

fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Rules that look for a text each; no message of the generator holds any but its own.
fn rules(count: u32) -> String {
    let rule = |n: u32| {
        format!(
            "[[rules]]\nid = \"bench-{n}\"\npriority = {n}\nteam = \"bench\"\n\
             handling = \"page_only\"\nseverity = \"major\"\nsummary = \"{{message}}\"\n\
             when.message.contains = \"fault code {n:05}\"\nkey = \"{{host}}\"\n\n"
        )
    };
    (0..count).map(rule).collect()
}

/// One message of exactly [`MESSAGE_BYTES`] with a LF behind it.
fn message(number: u64, what: &str) -> Vec<u8> {
    let host = number % 500;
    let mut line = format!(
        "<189>1 2026-11-23T12:00:00.000Z rtr{host} app {number} - - interface GigabitEthernet0/{} {what} ",
        number % 48,
    )
    .into_bytes();
    line.resize(MESSAGE_BYTES, b'.');
    line.push(b'\n');
    line
}
