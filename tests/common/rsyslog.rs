//! Debian's rsyslog as sender or receiver, without root: own folder, own pid file.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::child::Running;
use super::{ports, tools};

/// A running rsyslogd.
pub struct Rsyslog {
    pub process: Running,
    /// Where it takes messages in, over TCP with LF framing and over UDP.
    pub inlet: SocketAddr,
    folder: PathBuf,
    name: String,
}

/// Syslog facilities and modules that every instance has.
fn head(folder: &Path, inlet: SocketAddr, modules: &[&str]) -> String {
    let mut conf = format!(
        "global(workDirectory=\"{work}\" maxMessageSize=\"64k\" \
         parser.escapeControlCharactersOnReceive=\"off\")\n\
         module(load=\"imtcp\")\nmodule(load=\"imudp\")\n",
        work = folder.display(),
    );
    for module in modules {
        conf.push_str(&format!("module(load=\"{module}\")\n"));
    }
    conf.push_str(&format!(
        "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"{port}\")\n\
         input(type=\"imudp\" address=\"127.0.0.1\" port=\"{port}\")\n",
        port = inlet.port(),
    ));
    conf
}

impl Rsyslog {
    /// Starts an instance whose rules are `body` (templates and actions).
    pub fn start(folder: &Path, name: &str, modules: &[&str], body: &str) -> Self {
        let folder = folder.join(name);
        fs::create_dir_all(&folder).expect("its folder");
        let inlet = ports::free();
        let conf = head(&folder, inlet, modules) + body + "\n";
        fs::write(folder.join("rsyslog.conf"), conf).expect("its configuration");
        let process = launch(&folder, name);
        let this = Self { process, inlet, folder, name: name.to_owned() };
        this.wait_listening();
        this
    }

    /// A sender that forwards all it takes in to `target` by `action`, e.g. `type="omrelp"`.
    pub fn sender(
        folder: &Path,
        name: &str,
        modules: &[&str],
        action: &str,
        target: SocketAddr,
    ) -> Self {
        let body = format!(
            "template(name=\"raw\" type=\"string\" string=\"%rawmsg%\")\n\
             action({action} target=\"127.0.0.1\" port=\"{port}\" \
             action.resumeRetryCount=\"-1\" action.resumeInterval=\"1\" action.resumeIntervalMax=\"1\" \
             queue.type=\"LinkedList\" queue.size=\"500000\" queue.timeoutEnqueue=\"600000\")",
            port = target.port(),
        );
        Self::start(folder, name, modules, &body)
    }

    /// A receiver that writes each message's raw bytes and a LF into a file.
    pub fn receiver(folder: &Path, name: &str, modules: &[&str], input: &str) -> Self {
        let file = folder.join(name).join("received");
        let body = format!(
            "template(name=\"raw\" type=\"string\" string=\"%rawmsg%\\n\")\n{input}\n\
             action(type=\"omfile\" file=\"{}\" template=\"raw\" flushOnTXEnd=\"on\")",
            file.display(),
        );
        Self::start(folder, name, modules, &body)
    }

    /// What a receiver has written: each message and a LF.
    pub fn written(&self) -> Vec<u8> {
        fs::read(self.folder.join("received")).unwrap_or_default()
    }

    /// The lines that a receiver has written.
    pub fn received(&self) -> Vec<Vec<u8>> {
        self.written()
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(<[u8]>::to_vec)
            .collect()
    }

    /// SIGKILL, then the same instance again with its folder.
    pub fn restart_killed(&mut self) {
        self.process.kill();
        let _ = fs::remove_file(self.folder.join("pid"));
        self.process = launch(&self.folder, &self.name);
        self.wait_listening();
    }

    fn wait_listening(&self) {
        super::wait::until_true(&format!("{} to listen", self.name), || {
            std::net::TcpStream::connect(self.inlet).is_ok()
        });
    }
}

fn launch(folder: &Path, name: &str) -> Running {
    let mut command = tools::rsyslogd();
    command
        // For those modules whose libraries are not installed.
        .env("LD_LIBRARY_PATH", tools::libraries())
        .arg("-n")
        .args(["-f", &folder.join("rsyslog.conf").display().to_string()])
        .args(["-i", &folder.join("pid").display().to_string()])
        .args(["-M", &tools::rsyslog_modules().display().to_string()]);
    Running::start(name, &mut command, folder)
}
