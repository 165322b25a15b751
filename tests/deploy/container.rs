//! The Containerfile's last stage: built by Debian's buildah from the MUTT under test, without a base image,
//! and run with a read-only root.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::child::Running;
use crate::common::mutt::{Mutt, get};
use crate::common::{folder, ports, send, tools, wait};
use crate::files::{path, printed, run};

/// Runs buildah's `run` over a root that is read-only, as container runtimes do: with a tmpfs on /run, and a
/// state folder. All of it ends with its first process.
const READ_ONLY: &str = r#"
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && mount -t tmpfs tmpfs "$1/run" || exit 9
shift
exec "$@"
"#;

/// An image in a storage of its own, and a container of it.
struct Container {
    folder: tempfile::TempDir,
    /// Where its root is seen from outside.
    root: PathBuf,
}

impl Container {
    /// Collects what belongs to the binary, and builds the last stage from it.
    fn build() -> Self {
        let id = run(Command::new("id").arg("-u"));
        assert_eq!(
            id.trim(),
            "0",
            "buildah's storage and a read-only mount need root: sudo make test"
        );
        let folder = folder();
        let at = folder.path().display();
        let storage = format!(
            "[storage]\ndriver = \"vfs\"\ngraphroot = \"{at}/storage\"\nrunroot = \"{at}/run\"\n"
        );
        fs::write(folder.path().join("storage.conf"), storage).expect("its storage");
        fs::write(folder.path().join("registries.conf"), "").expect("no registry");
        let policy = "{\"default\": [{\"type\": \"insecureAcceptAnything\"}]}";
        fs::write(folder.path().join("policy.json"), policy).expect("its policy");
        for name in ["context", "state", "etc"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        let mut collect = Command::new(path("container/collect.sh"));
        run(collect.arg(Mutt::command().get_program()).arg(folder.path()));

        let mut this = Self { folder, root: PathBuf::new() };
        let file = path("container/Containerfile");
        let mut build = this.buildah(&["bud", "--format", "docker", "--tag", "mutt"]);
        build.args(["--isolation", "chroot", "--signature-policy"]).arg(this.path("policy.json"));
        build.arg("--build-context").arg(format!("build={}", this.folder.path().display()));
        let steps = run(build.arg("--file").arg(file).arg(this.path("context")));
        assert!(!steps.contains("rust:"), "the last stage alone:\n{steps}");
        let mut from = this.buildah(&["from", "--name", "mutt", "--signature-policy"]);
        run(from.arg(this.path("policy.json")).arg("localhost/mutt"));
        this.root = PathBuf::from(run(&mut this.buildah(&["mount", "mutt"])).trim());
        this
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn buildah(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(tools::buildah());
        command
            .env("CONTAINERS_STORAGE_CONF", self.folder.path().join("storage.conf"))
            .env("CONTAINERS_REGISTRIES_CONF", self.folder.path().join("registries.conf"))
            .env("TMPDIR", self.folder.path())
            .args(arguments);
        command
    }

    /// Its command with other `arguments`, over the read-only root, with this environment.
    fn command(&self, arguments: &[&str], environment: &[(&str, String)]) -> Command {
        let state = self.path("state");
        chown(&state, Some(65_532), Some(65_532)).expect("the state is the container's user's");
        let buildah = self.buildah(&[]);
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c"])
            .args([READ_ONLY, "sh"])
            .arg(&self.root)
            .arg(buildah.get_program())
            .args(["run", "--isolation", "chroot", "--cap-drop", "all", "--volume"])
            .arg(format!("{}:/var/lib/mutt", state.display()))
            .arg("--volume")
            .arg(format!("{}:/etc/mutt:ro", self.path("etc").display()));
        for (name, value) in buildah.get_envs() {
            command.env(name, value.expect("a value"));
        }
        for (name, value) in environment {
            command.arg("--env").arg(format!("{name}={value}"));
        }
        command.args(["mutt", "--", "/usr/bin/mutt"]).args(arguments);
        command
    }

    /// What the image says of itself.
    fn says(&self, field: &str) -> String {
        let format = format!("{{{{.Docker.Config.{field}}}}}");
        let inspect = ["inspect", "--type", "image", "--format", &format, "localhost/mutt"];
        run(&mut self.buildah(&inspect)).trim().to_owned()
    }
}

/// Settings by the environment: where MUTT listens and keeps things.
fn settings(udp: SocketAddr, admin: SocketAddr) -> Vec<(&'static str, String)> {
    let mut settings = vec![
        ("MUTT_JOURNAL__FOLDER", "/var/lib/mutt/journal".to_owned()),
        ("MUTT_DATABASE__PATH", "/var/lib/mutt/mutt.db".to_owned()),
        ("MUTT_INPUT__SYSLOG_UDP__LISTEN", udp.to_string()),
        ("MUTT_ADMIN__LISTEN", admin.to_string()),
    ];
    for door in ["INPUT__SYSLOG_TCP", "INPUT__RELP", "INPUT__HTTP", "INPUT__SNMP", "API"] {
        let name: &'static str = Box::leak(format!("MUTT_{door}__LISTEN").into_boxed_str());
        settings.push((name, ports::free().to_string()));
    }
    settings
}

fn stored(admin: SocketAddr) -> bool {
    let page = get(admin, "/metrics").map(|(_, page)| page).unwrap_or_default();
    page.contains("mutt_input_stored_total{input=\"syslog_udp\"} 1\n")
}

#[test]
fn the_containers_last_stage_builds_alone_and_takes_a_message_with_a_read_only_root() {
    let container = Container::build();
    // A name is asked for, too: of the file of hosts, by the libraries that came along.
    let watchdog = TcpListener::bind("127.0.0.1:0").expect("a port");
    watchdog.set_nonblocking(true).expect("a listener that does not wait");
    let port = watchdog.local_addr().expect("its address").port();
    let toml = format!("[heartbeat]\nurl = \"http://localhost:{port}/alive\"\nevery_ms = 100\n");
    fs::write(container.path("etc").join("mutt.toml"), toml).expect("the settings");
    let (udp, admin) = (ports::free(), ports::free());
    let settings = settings(udp, admin);

    let mut command = container.command(&["run"], &settings);
    let mut running = Running::start("container", &mut command, container.folder.path());
    wait::until("/livez and /readyz", || {
        assert!(running.ended().is_none(), "it ended:\n{}", running.output());
        let answers = ["/livez", "/readyz"].map(|page| get(admin, page).map(|(status, _)| status));
        if answers.iter().all(|answer| matches!(answer, Ok(200))) {
            Ok(())
        } else {
            Err(running.output())
        }
    });
    send::datagrams(udp, &["<187>Nov 23 12:00:00 core-1 link down"]);
    wait::until_true("the message to be stored", || stored(admin));
    wait::until("a heartbeat, for which a name is resolved", || {
        watchdog.accept().map(drop).map_err(|error| error.to_string())
    });

    let healthy = container.command(&["healthcheck"], &settings).output().expect("unshare");
    assert!(healthy.status.success(), "{}", printed(&healthy));
    let journal = fs::metadata(container.path("state").join("journal")).expect("the journal");
    assert_eq!((journal.uid(), journal.gid()), (65_532, 65_532), "who runs it");

    let mut elsewhere = settings.clone();
    elsewhere[0].1 = "/var/elsewhere".to_owned();
    elsewhere[1].1 = "/var/lib/mutt/elsewhere.db".to_owned();
    for (_, value) in elsewhere.iter_mut().skip(2) {
        *value = ports::free().to_string();
    }
    let refused = printed(&container.command(&["run"], &elsewhere).output().expect("unshare"));
    assert!(refused.contains("Read-only file system"), "{refused}");
    holds_nothing_else(&container);
}

/// The image has MUTT, what it needs, and nothing else: no shell, nothing that is root's to run.
fn holds_nothing_else(container: &Container) {
    assert_eq!(container.says("User"), "65532:65532");
    assert_eq!(container.says("Entrypoint"), "[/usr/bin/mutt]");
    assert!(container.says("Healthcheck.Test").contains("healthcheck"));
    let root = &container.root;
    let roots = fs::read(root.join("etc/ssl/certs/ca-certificates.crt")).expect("CA certificates");
    assert!(roots.starts_with(b"-----BEGIN CERTIFICATE-----"));
    let users = fs::read_to_string(root.join("etc/passwd")).expect("users");
    assert!(users.starts_with("mutt:x:65532:65532:"), "{users}");
    let owner = fs::metadata(root.join("var/lib/mutt")).expect("the state's place").uid();
    assert_eq!(owner, 65_532);
    let programs = fs::read_dir(root.join("usr/bin")).expect("programs").count();
    assert_eq!(programs, 1, "MUTT alone");
    assert!(!root.join("bin").exists() && !Path::new(root).join("usr/lib").exists());
}
