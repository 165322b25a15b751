//! A PostgreSQL server of a test's own: in a temporary folder, on a Unix socket in it, gone when it
//! is dropped, and when the test is killed.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, PgConnection, query_scalar};
use tempfile::TempDir;

/// Durable writes are not what these tests are about; the rest is as a server has it.
const SETTINGS: [&str; 5] = [
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    // What a careless administrator may have set; MUTT says otherwise for itself.
    "synchronous_commit=off",
    // In its folder, so that it goes with that.
    "dynamic_shared_memory_type=mmap",
];

/// The one role that is asked for its password, if there is one.
pub const ASKED: &str = "asked";

pub struct Server {
    folder: TempDir,
    running: Option<Child>,
    port: u16,
    more: Vec<String>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(5432, |_| Vec::new()).await
    }

    /// One that also listens on a port of 127.0.0.1, over TLS alone and for those alone whose
    /// certificate is of `ca` and for the role's name.
    pub async fn start_tls(port: u16, [certificate, key, ca]: [&Path; 3]) -> Self {
        Self::start_with(port, |data| {
            let copy = |from: &Path, name: &str| {
                fs::copy(from, data.join(name)).unwrap();
                if is_root() {
                    let mut chown = Command::new("chown");
                    assert!(
                        chown.arg("postgres:").arg(data.join(name)).status().unwrap().success()
                    );
                }
                fs::set_permissions(data.join(name), fs::Permissions::from_mode(0o600)).unwrap();
            };
            copy(certificate, "server.crt");
            copy(key, "server.key");
            copy(ca, "root.crt");
            let trusted = fs::read_to_string(data.join("pg_hba.conf")).unwrap();
            let by_tls = "hostssl all all 127.0.0.1/32 trust clientcert=verify-ca\n";
            let local: String = trusted
                .lines()
                .filter(|line| line.starts_with("local"))
                .map(|l| format!("{l}\n"))
                .collect();
            fs::write(data.join("pg_hba.conf"), format!("{by_tls}{local}")).unwrap();
            let settings = ["listen_addresses=127.0.0.1", "ssl=on", "ssl_ca_file=root.crt"];
            settings.map(str::to_owned).to_vec()
        })
        .await
    }

    async fn start_with(port: u16, prepare: impl FnOnce(&Path) -> Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            let owned = Command::new("chown").arg("postgres:").arg(folder.path()).status();
            assert!(owned.unwrap().success(), "chown failed");
        }
        let mut server = Self { folder, running: None, port, more: Vec::new() };
        // It sorts by a language, not by bytes, as most servers do.
        let made = server
            .program("initdb", "initdb.log")
            .args(["--no-sync", "--auth=trust", "--username=mutt", "--encoding=UTF8", "--locale=C"])
            .args(["--locale-provider=icu", "--icu-locale=en-US", "--pgdata"])
            .arg(server.path("data"))
            .status();
        assert!(made.unwrap().success(), "initdb failed: {}", server.output("initdb.log"));
        // Of all roles one is asked for its password.
        let trusted = fs::read_to_string(server.path("data/pg_hba.conf")).unwrap();
        let asked = format!("local all {ASKED} scram-sha-256\n{trusted}");
        fs::write(server.path("data/pg_hba.conf"), asked).unwrap();
        server.more = prepare(&server.path("data"));
        server.run().await;
        server
    }

    /// Starts it again after [`Server::kill`].
    pub async fn run(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            // Right after a kill, what the old one left behind may still be in use: it ends.
            let ended = self.running.as_mut().is_none_or(|one| one.try_wait().unwrap().is_some());
            if ended {
                self.running = Some(self.spawn());
            }
            if PgConnection::connect(&self.url("postgres")).await.is_ok() {
                return;
            }
            let output = self.output("postgres.log");
            assert!(Instant::now() < deadline, "PostgreSQL did not start: {output}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// SIGKILL, to all of its processes.
    pub fn kill(&mut self) {
        let processes = self.processes();
        let Some(mut running) = self.running.take() else { return };
        signal("KILL", &processes);
        running.wait().unwrap();
        let gone = |process: &String| !Path::new("/proc").join(process).exists();
        while !processes.iter().all(gone) {
            std::thread::sleep(Duration::from_millis(5));
        }
        // It could not give its shared memory back: line 7 holds key and id.
        let pid_file = fs::read_to_string(self.path("data/postmaster.pid")).unwrap();
        if let Some(memory) = pid_file.lines().nth(6).and_then(|line| words(line).pop()) {
            let _ = Command::new("ipcrm").args(["-m", memory]).status();
        }
    }

    /// An immediate stop: it cuts all connections, and writes nothing more.
    pub fn stop_immediately(&mut self) {
        let Some(mut running) = self.running.take() else { return };
        signal("QUIT", &[running.id().to_string()]);
        running.wait().unwrap();
    }

    /// SIGSTOP, to all of its processes: connections stay, and nothing answers.
    pub fn freeze(&self) {
        let Some(running) = &self.running else { return };
        // First the one that begins others.
        signal("STOP", &[running.id().to_string()]);
        signal("STOP", &self.processes());
    }

    /// Lets it go on after [`Server::freeze`].
    pub fn thaw(&self) {
        signal("CONT", &self.processes());
    }

    /// Its own process, and those that it has begun.
    fn processes(&self) -> Vec<String> {
        let Some(running) = &self.running else { return Vec::new() };
        let id = running.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        let children = words(&children).into_iter().map(str::to_owned);
        [id.to_string()].into_iter().chain(children).collect()
    }

    /// The Unix socket that it listens on.
    pub fn socket(&self) -> PathBuf {
        self.path(&format!(".s.PGSQL.{}", self.port))
    }

    /// Makes a place for tables and answers its URL: a schema, since a whole database takes time.
    pub async fn database(&self, name: &str) -> String {
        let url = self.url("postgres");
        execute(&url, &format!("CREATE SCHEMA {name}")).await;
        format!("{url}?options[search_path]={name}")
    }

    /// The URL of a whole database.
    pub fn url(&self, database: &str) -> String {
        let folder = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://mutt@{folder}:{}/{database}", self.port)
    }

    fn spawn(&self) -> Child {
        let mut command = self.program("postgres", "postgres.log");
        command.arg("-D").arg(self.path("data")).arg("-k").arg(self.folder.path());
        command.arg("-p").arg(self.port.to_string());
        for setting in SETTINGS.into_iter().chain(self.more.iter().map(String::as_str)) {
            command.args(["-c", setting]);
        }
        command.spawn().unwrap()
    }

    /// One of PostgreSQL's programs, which refuse to run as root, and shall not outlive the test.
    fn program(&self, name: &str, log: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "QUIT"]);
        if is_root() {
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        }
        let log = File::options().create(true).append(true).open(self.path(log)).unwrap();
        command.arg("--").arg(installed(name)).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        command
    }

    fn output(&self, log: &str) -> String {
        fs::read_to_string(self.path(log)).unwrap_or_default()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that is frozen could not end.
        self.thaw();
        if let Some(mut running) = self.running.take() {
            // It ends at once, and takes its shared memory with it, as after SIGKILL it cannot.
            signal("QUIT", &[running.id().to_string()]);
            let _ = running.wait();
        }
    }
}

/// Executes commands over a connection of their own.
pub async fn execute(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Asks for one column over a connection of its own.
pub async fn ask(url: &str, sql: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let rows = query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await;
    connection.close().await.unwrap();
    rows.unwrap()
}

/// Sends a signal to processes; some may be gone.
fn signal(name: &str, processes: &[String]) {
    let mut kill = Command::new("kill");
    let _ = kill.args(["-s", name]).args(processes).stderr(Stdio::null()).status();
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Where Debian has it, of the newest version there is.
fn installed(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = versions.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut versions: Vec<u32> = versions.collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    let path = |version| Path::new("/usr/lib/postgresql").join(format!("{version}/bin/{name}"));
    let found = versions.into_iter().map(path).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("PostgreSQL's {name} is missing: run `make tools`"))
}
