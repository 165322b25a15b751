//! A running `mutt run` for tests: its own folder, its own ports, waits on conditions.

#![allow(clippy::unwrap_used, clippy::panic)] // clippy lets tests, but not what they call
#![allow(dead_code)] // no test uses all of it

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Mutt {
    pub child: Child,
    pub folder: tempfile::TempDir,
    pub syslog: u16,
    pub admin: u16,
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Answers status and body of a GET.
pub fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
}

impl Mutt {
    pub fn settings(folder: &Path, syslog: u16, admin: u16, more: &str) -> PathBuf {
        let file = folder.join("mutt.toml");
        let text = format!(
            "{more}\n[journal]\nfolder = {journal:?}\n[database]\npath = {database:?}\n\
             [input.syslog_udp]\nenabled = false\n[input.relp]\nenabled = false\n\
             [input.http]\nenabled = false\n[input.snmp]\nenabled = false\n\
             [input.syslog_tcp]\nlisten = \"127.0.0.1:{syslog}\"\n\
             [admin]\nlisten = \"127.0.0.1:{admin}\"\n[api]\nenabled = false\n",
            journal = folder.join("journal"),
            database = folder.join("mutt.db"),
        );
        fs::write(&file, text).unwrap();
        file
    }

    pub fn start(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (syslog, admin) = (free_port(), free_port());
        let file = Self::settings(folder.path(), syslog, admin, more);
        let child = Self::spawn(&file, folder.path());
        Self { child, folder, syslog, admin }.wait_ready()
    }

    pub fn spawn(file: &Path, folder: &Path) -> Child {
        let log = fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
        Command::new(env!("CARGO_BIN_EXE_mutt"))
            .args(["run", "--config", file.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    pub fn wait_ready(mut self) -> Self {
        until("readiness", || {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("mutt ended ({status}): {}", self.log());
            }
            get(self.admin, "/readyz").filter(|(status, _)| *status == 200)
        });
        self
    }

    pub fn restart(mut self) -> Self {
        self.terminate();
        self.child = Self::spawn(&self.folder.path().join("mutt.toml"), self.folder.path());
        self.wait_ready()
    }

    pub fn terminate(&mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
        let child = &mut self.child;
        let status = until("the end", || child.try_wait().unwrap());
        assert_eq!(status.code(), Some(0), "{}", self.log());
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    pub fn metric(&self, line: &str) -> Option<f64> {
        let (_, body) = get(self.admin, "/metrics")?;
        body.lines().find_map(|text| text.strip_prefix(line)?.trim().parse().ok())
    }

    pub fn send(&self, text: &str) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.syslog)).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
    }
}

impl Drop for Mutt {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
