//! `mutt run` as a process: starts, takes a message, shows itself, stops on SIGTERM.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

struct Mutt {
    child: Child,
    folder: tempfile::TempDir,
    syslog: u16,
    admin: u16,
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
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
fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
}

impl Mutt {
    fn settings(folder: &Path, syslog: u16, admin: u16, more: &str) -> PathBuf {
        let file = folder.join("mutt.toml");
        let text = format!(
            "{more}\n[journal]\nfolder = {journal:?}\n[database]\npath = {database:?}\n\
             [input.syslog_udp]\nenabled = false\n[input.relp]\nenabled = false\n\
             [input.http]\nenabled = false\n[input.snmp]\nenabled = false\n\
             [input.syslog_tcp]\nlisten = \"127.0.0.1:{syslog}\"\n\
             [admin]\nlisten = \"127.0.0.1:{admin}\"\n",
            journal = folder.join("journal"),
            database = folder.join("mutt.db"),
        );
        fs::write(&file, text).unwrap();
        file
    }

    fn start(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (syslog, admin) = (free_port(), free_port());
        let file = Self::settings(folder.path(), syslog, admin, more);
        let child = Self::spawn(&file, folder.path());
        Self { child, folder, syslog, admin }.wait_ready()
    }

    fn spawn(file: &Path, folder: &Path) -> Child {
        let log = fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
        Command::new(env!("CARGO_BIN_EXE_mutt"))
            .args(["run", "--config", file.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    fn wait_ready(self) -> Self {
        let admin = self.admin;
        until("readiness", || get(admin, "/readyz").filter(|(status, _)| *status == 200));
        self
    }

    fn restart(mut self) -> Self {
        self.terminate();
        self.child = Self::spawn(&self.folder.path().join("mutt.toml"), self.folder.path());
        self.wait_ready()
    }

    fn terminate(&mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
        let child = &mut self.child;
        let status = until("the end", || child.try_wait().unwrap());
        assert_eq!(status.code(), Some(0), "{}", self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    fn metric(&self, line: &str) -> Option<f64> {
        let (_, body) = get(self.admin, "/metrics")?;
        body.lines().find_map(|text| text.strip_prefix(line)?.trim().parse().ok())
    }

    fn send(&self, text: &str) {
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

const JUDGED: &str = "mutt_ledger_messages_total{reader=\"judge\",outcome=\"unhandled\"}";

#[test]
fn takes_a_message_shows_it_and_stops_on_sigterm() {
    let mut mutt = Mutt::start("");
    mutt.send("<189>Nov 23 12:00:00 r1 test: hello\n");
    until("the judged message", || mutt.metric(JUDGED).filter(|count| *count == 1.0));
    assert_eq!(mutt.metric("mutt_ledger_stored_messages_total"), Some(1.0));
    assert_eq!(mutt.metric("mutt_ledger_balanced"), Some(1.0));
    assert_eq!(mutt.metric("mutt_input_stored_total{input=\"syslog_tcp\"}"), Some(1.0));

    let (status, ready) = get(mutt.admin, "/readyz?verbose").unwrap();
    assert_eq!(status, 200);
    assert!(ready.contains("[+]journal ok") && ready.contains("[+]database ok"), "{ready}");
    assert_eq!(get(mutt.admin, "/livez").unwrap().0, 200);
    let (_, ledger) = get(mutt.admin, "/ledger").unwrap();
    assert!(ledger.contains("\"balanced\": true"), "{ledger}");

    mutt.terminate();
    let log = mutt.log();
    assert!(log.contains("no [[destination]]"), "it must say that alerts go nowhere: {log}");
    assert!(log.contains("archive.mode is"), "it must say that messages go nowhere: {log}");
}

#[test]
fn counts_survive_a_restart() {
    let mutt = Mutt::start("");
    mutt.send("<189>Nov 23 12:00:00 r1 test: one\n<189>Nov 23 12:00:00 r1 test: two\n");
    until("two judged messages", || mutt.metric(JUDGED).filter(|count| *count == 2.0));
    let mutt = mutt.restart();
    assert_eq!(mutt.metric("mutt_ledger_stored_messages_total"), Some(2.0));
    until("the counts", || mutt.metric(JUDGED).filter(|count| *count == 2.0));
}

const RULES: &str = "[[rule]]\nid = \"a\"\nname = \"A\"\nteam = \"net\"\npriority = 1\n";

#[test]
fn a_bad_rule_set_is_refused_and_the_last_good_one_goes_on() {
    let rules = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    fs::write(rules.path(), "").unwrap();
    let mutt = Mutt::start(&format!("[rules]\nfiles = [{:?}]", rules.path()));
    assert_eq!(mutt.metric("mutt_rule_set_refused"), Some(0.0));
    fs::write(rules.path(), format!("{RULES}nonsense = 3\n")).unwrap();
    until("the refusal", || mutt.metric("mutt_rule_set_refused").filter(|refused| *refused == 1.0));
    let (status, ready) = get(mutt.admin, "/readyz?verbose").unwrap();
    assert_eq!(status, 200, "the last good set judges on");
    assert!(ready.contains("[~]rules degraded"), "{ready}");
    fs::write(rules.path(), "# none").unwrap();
    until("the good set", || {
        mutt.metric("mutt_rule_set_refused").filter(|refused| *refused == 0.0)
    });
}

#[test]
fn a_taken_port_stops_the_start_and_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let file = Mutt::settings(folder.path(), port, free_port(), "");
    let mut child = Mutt::spawn(&file, folder.path());
    let status = until("the end", || child.try_wait().unwrap());
    assert_eq!(status.code(), Some(1));
    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains(&format!("127.0.0.1:{port}")), "{log}");
}
