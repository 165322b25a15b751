//! A Redis server on a port of its own, with all that it was told on disk.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use redis::{Client, Connection, FromRedisValue, cmd};

use super::child::Running;
use super::{ports, tools, wait};

/// Which server: one of [`tools`].
pub type Program = fn() -> Command;

/// A running server.
pub struct Redis {
    pub process: Running,
    /// Where it listens.
    pub address: SocketAddr,
    folder: PathBuf,
    settings: Vec<String>,
    program: Program,
}

impl Redis {
    /// Starts Debian's with its files in `folder` and these settings, each as one line of redis.conf.
    pub fn start(folder: &Path, settings: &[&str]) -> Self {
        Self::start_program(tools::redis_server, folder, settings)
    }

    /// The same with another server.
    pub fn start_program(program: Program, folder: &Path, settings: &[&str]) -> Self {
        let address = ports::free();
        let settings: Vec<String> = settings.iter().map(|line| (*line).to_owned()).collect();
        let process = launch(program, folder, address, &settings);
        let this = Self { process, address, folder: folder.to_owned(), settings, program };
        this.wait_listening();
        this
    }

    /// Its URL, without a database's number.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// A connection to it.
    pub fn connection(&self) -> Connection {
        let client = Client::open(self.url()).expect("a URL");
        client.get_connection().expect("a connection")
    }

    /// LPUSH, one after the other.
    pub fn push<T: AsRef<[u8]>>(&self, list: &str, elements: impl IntoIterator<Item = T>) {
        let mut connection = self.connection();
        let mut pushes = redis::pipe();
        for element in elements {
            pushes.cmd("LPUSH").arg(list).arg(element.as_ref());
        }
        let _: Vec<u64> = pushes.query(&mut connection).expect("LPUSH");
    }

    /// One command.
    pub fn ask<T: FromRedisValue>(&self, words: &[&str]) -> T {
        let mut command = cmd(words[0]);
        for word in &words[1..] {
            command.arg(*word);
        }
        command.query(&mut self.connection()).unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    /// How many elements a list has.
    pub fn len(&self, list: &str) -> usize {
        self.ask(&["LLEN", list])
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again with what it had.
    pub fn start_again(&mut self) {
        self.process = launch(self.program, &self.folder, self.address, &self.settings);
        self.wait_listening();
    }

    fn wait_listening(&self) {
        wait::until("redis-server to answer", || {
            let client = Client::open(self.url()).expect("a URL");
            let mut connection = client.get_connection().map_err(|error| error.to_string())?;
            // One with a password answers that it wants it.
            match cmd("PING").query::<String>(&mut connection) {
                Err(error) if error.code() != Some("NOAUTH") => Err(error.to_string()),
                _ => Ok(()),
            }
        });
    }
}

fn launch(program: Program, folder: &Path, address: SocketAddr, settings: &[String]) -> Running {
    let mut text = format!(
        "bind 127.0.0.1\nport {}\ndir {}\nappendonly yes\nappendfsync always\nsave \"\"\n",
        address.port(),
        folder.display(),
    );
    for line in settings {
        text.push_str(line);
        text.push('\n');
    }
    let file = folder.join(format!("redis-{}.conf", address.port()));
    std::fs::write(&file, text).expect("its configuration");
    Running::start("redis", program().arg(file), folder)
}
