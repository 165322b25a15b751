//! A real `mutt run` with a folder and ports of its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use super::api::{ADMIN_KEY, Api};
use super::child::Running;
use super::{ports, wait};

/// Where a MUTT under test listens.
#[derive(Clone, Copy, Debug)]
pub struct Doors {
    /// Syslog over UDP.
    pub udp: SocketAddr,
    /// Syslog over TCP.
    pub tcp: SocketAddr,
    /// RELP.
    pub relp: SocketAddr,
    /// `POST /api/v2/ingest`.
    pub http: SocketAddr,
    /// SNMP traps.
    pub snmp: SocketAddr,
    /// `/metrics` and the like.
    pub admin: SocketAddr,
    /// `/api/v1`.
    pub api: SocketAddr,
}

/// A configuration, and the process that runs on it.
pub struct Mutt {
    /// Where it listens; the same over restarts.
    pub doors: Doors,
    /// Its folder.
    pub folder: PathBuf,
    process: Option<Running>,
}

impl Mutt {
    /// Writes a configuration: the doors, the folder, and `more`, TOML in full sections.
    pub fn configured(folder: &Path, rules: &str, more: &str) -> Self {
        let doors = Doors {
            udp: ports::free(),
            tcp: ports::free(),
            relp: ports::free(),
            http: ports::free(),
            snmp: ports::free(),
            admin: ports::free(),
            api: ports::free(),
        };
        fs::write(folder.join("rules.toml"), rules).expect("rules");
        let this = Self { doors, folder: folder.to_owned(), process: None };
        this.write(more);
        this
    }

    /// Writes the configuration anew, with another `more`.
    pub fn write(&self, more: &str) {
        let doors = self.doors;
        let at = self.folder.display();
        let mut text = String::new();
        let mut set = |key: &str, value: String| {
            let _ = writeln!(text, "{key} = {value}");
        };
        set("journal.folder", format!("\"{at}/journal\""));
        if !more.contains("[database]") {
            set("database.path", format!("\"{at}/mutt.db\""));
        }
        set("rules.seed_files", format!("[\"{at}/rules.toml\"]"));
        for (section, address) in [
            ("input.syslog_udp", doors.udp),
            ("input.syslog_tcp", doors.tcp),
            ("input.relp", doors.relp),
            ("input.http", doors.http),
            ("input.snmp", doors.snmp),
            ("admin", doors.admin),
            ("api", doors.api),
        ] {
            set(&format!("{section}.listen"), format!("\"{address}\""));
        }
        set("hosts.trusted_relays", "[\"127.0.0.0/8\"]".to_owned());
        set("api.admin_key", format!("\"{ADMIN_KEY}\""));
        set("log.format", "\"human\"".to_owned());
        // Tests send in a second what is a storm anywhere else.
        for of in ["rule", "team", "total"] {
            set(&format!("alerts.storm_{of}_per_minute"), "0".to_owned());
        }
        // They send the same words over and over, too: patterns are mined, and told where it is asked.
        if !more.contains("[patterns]") {
            let _ = writeln!(text, "patterns.threshold_count = 0");
        }
        fs::write(self.config(), format!("{text}{more}\n")).expect("the configuration");
    }

    /// The configuration's path.
    pub fn config(&self) -> PathBuf {
        self.folder.join("mutt.toml")
    }

    /// Starts it and waits until it is ready.
    pub fn start(&mut self) {
        self.start_with(&mut Self::command());
        self.wait_ready();
    }

    /// Starts it by `command` (a MUTT, with what surrounds it) and does not wait.
    pub fn start_with(&mut self, command: &mut Command) {
        self.start_role("run", command);
    }

    /// The same with the jobs of a role.
    pub fn start_role(&mut self, role: &str, command: &mut Command) {
        command.arg(role).arg("--config").arg(self.config());
        self.process = Some(Running::start("mutt", command, &self.folder));
    }

    /// The program under test.
    pub fn command() -> Command {
        Command::new(env!("CARGO_BIN_EXE_mutt"))
    }

    /// Waits until it says that it is ready.
    pub fn wait_ready(&mut self) {
        let admin = self.doors.admin;
        let process = self.process.as_mut().expect("a started MUTT");
        wait::until("MUTT to be ready", || {
            if let Some(status) = process.ended() {
                panic!("MUTT ended with {status}:\n{}", process.output());
            }
            match get(admin, "/readyz?verbose") {
                Ok((200, _)) => Ok(()),
                Ok((status, body)) => Err(format!("{status}: {body}")),
                Err(error) => Err(error.to_string()),
            }
        });
    }

    /// Its API, asked as an admin.
    pub fn api(&self) -> Api {
        Api::admin(self.doors.api)
    }

    /// A page of its admin endpoint: status and body.
    pub fn get(&self, path: &str) -> (u16, String) {
        get(self.doors.admin, path).expect("an answer")
    }

    /// Whether it says that it is ready.
    pub fn is_ready(&self) -> bool {
        get(self.doors.admin, "/readyz").is_ok_and(|(status, _)| status == 200)
    }

    /// The running process.
    pub fn process(&mut self) -> &mut Running {
        self.process.as_mut().expect("a started MUTT")
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.process().kill();
    }

    /// SIGTERM, and how it ended.
    pub fn stop(&mut self) -> ExitStatus {
        self.process().terminate()
    }

    /// All metrics, by name with labels; none while it does not answer.
    pub fn metrics(&self) -> Option<BTreeMap<String, f64>> {
        let (status, body) = get(self.doors.admin, "/metrics").ok()?;
        assert_eq!(status, 200, "{body}");
        let lines = body.lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.rsplit_once(' '));
        Some(
            pairs
                .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
                .collect(),
        )
    }

    /// The sum of the metric's samples whose labels contain each of `labels`.
    pub fn metric(&self, name: &str, labels: &[&str]) -> f64 {
        self.try_metric(name, labels).expect("/metrics")
    }

    /// The same; none while it does not answer.
    pub fn try_metric(&self, name: &str, labels: &[&str]) -> Option<f64> {
        let metrics = self.metrics()?;
        let wanted = metrics.iter().filter(|(key, _)| {
            key.split('{').next() == Some(name) && labels.iter().all(|label| key.contains(label))
        });
        Some(wanted.map(|(_, value)| value).sum())
    }

    /// The ledger as `/ledger` gives it.
    pub fn ledger(&self) -> serde_json::Value {
        let (status, body) = get(self.doors.admin, "/ledger").expect("/ledger");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).expect("a JSON ledger")
    }
}

/// GET over plain HTTP/1.1: status and body.
pub fn get(address: SocketAddr, path: &str) -> std::io::Result<(u16, String)> {
    request(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: mutt\r\nConnection: close\r\n\r\n"),
        b"",
    )
}

/// POST over plain HTTP/1.1 with more `headers`, each ended by CRLF: status and the whole answer.
pub fn post(
    address: SocketAddr,
    path: &str,
    headers: &str,
    body: &[u8],
) -> std::io::Result<(u16, String)> {
    let len = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: mutt\r\nConnection: close\r\nContent-Length: {len}\r\n{headers}\r\n"
    );
    request(address, &head, body)
}

fn request(address: SocketAddr, head: &str, body: &[u8]) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let bad = || std::io::Error::other(format!("no HTTP answer: {answer:?}"));
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(bad)?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).ok_or_else(bad)?;
    Ok((status, body))
}
