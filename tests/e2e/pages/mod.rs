//! The pages in a real browser, over a real `mutt run` under the demo's traffic.
//!
//! What people do in them is told by scripts beside the pages, `ui/tests/`, which Debian's Chromium
//! plays; here MUTT, its receivers and the traffic are.

mod load;
mod served;
mod story;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mutt_output::standin::Door;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::browser::Browser;
use crate::common::folder;
use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;

/// A password that nobody guesses.
const PASSWORD: &str = "correct horse battery staple";

/// A MUTT, its receivers, and one person of each role.
struct World {
    folder: TempDir,
    mutt: Mutt,
    receivers: Receivers,
}

impl World {
    fn start(rules: &str, more: &str) -> Self {
        let (folder, receivers) = (folder(), Receivers::start());
        let more = format!("{more}{}", receivers.config(Door::Tcp));
        let mut mutt = Mutt::configured(folder.path(), rules, &more);
        mutt.start();
        let this = Self { folder, mutt, receivers };
        for role in ["viewer", "operator", "author", "admin"] {
            this.person(role);
        }
        this
    }

    /// Makes a person, called as their role is, who has set [`PASSWORD`].
    fn person(&self, role: &str) {
        let new = json!({ "name": role, "role": role, "teams": [] });
        let made = self.mutt.api().post("/users", &new).expect(201).json();
        let once = made["one_time_password"].as_str().expect("a password");
        let mut browser = Browser::new(self.mutt.doors.api);
        browser.sign_in(role, once).expect(201);
        browser.set_password(once, PASSWORD).expect(200);
    }

    /// Plays a script in a browser to its end, which must be good; answers what it found.
    fn play(&self, script: &str, more: &Value) -> Value {
        let doors = self.mutt.doors;
        let given = json!({
            "url": format!("http://{}", doors.api),
            "password": PASSWORD,
            "tcp": { "host": doors.tcp.ip(), "port": doors.tcp.port() },
            "screens": screens(self.folder.path()),
            "more": more,
        });
        let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui");
        let done = Command::new("node")
            .arg(format!("tests/{script}"))
            .arg(given.to_string())
            .current_dir(ui)
            .stdin(Stdio::null())
            .output()
            .expect("node: run `make tools`");
        let said = String::from_utf8_lossy(&done.stdout);
        let wrong = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{script}:\n{said}\n{wrong}");
        println!("{said}");
        let last = said.lines().last().unwrap_or_default();
        serde_json::from_str(last).expect("what it found, as JSON in its last line")
    }
}

/// Where pictures of the pages go: with the documents, if that is asked for.
fn screens(otherwise: &Path) -> PathBuf {
    std::env::var_os("UI_SCREENS").map_or_else(|| otherwise.join("screens"), PathBuf::from)
}
