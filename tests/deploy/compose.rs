//! compose.yaml: held against the schema of the Compose specification, since Debian's podman-compose has no
//! command that only reads; and what it mounts, by the programs that read that.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::common::child::Running;
use crate::common::mutt::{Mutt, get};
use crate::common::openbao::OpenBao;
use crate::common::postgres::Server;
use crate::common::{folder, ports, send, tools, wait};
use crate::files::{check, path, run, settings_with_secrets, text, yaml};

const ROLES: [&str; 4] = ["alert", "forward", "ingest", "web"];

fn compose() -> Value {
    yaml(&text("compose/compose.yaml"))
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn compose_yaml_is_valid_by_the_compose_specification() {
    let schema = fs::read_to_string(tools::compose_schema()).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let compose = compose();
    let faults: Vec<String> =
        validator.iter_errors(&compose).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let services = compose["services"].as_object().expect("services");
    for name in ["redis", "postgresql", "openbao", "prometheus", "rsyslog"].iter().chain(&ROLES) {
        assert!(services.contains_key(*name), "{name}");
    }
    for (name, service) in services {
        for (needed, how) in service["depends_on"].as_object().into_iter().flatten() {
            let ends = how["condition"] == "service_completed_successfully";
            let healthy = services[needed].get("healthcheck").is_some();
            assert!(ends || healthy, "{name} waits for {needed}");
        }
        for secret in texts(&service["secrets"]) {
            assert!(compose["secrets"].get(secret).is_some(), "{name}: {secret}");
        }
        for volume in texts(&service["volumes"]) {
            let source = volume.split(':').next().expect("a source");
            let known = match source.strip_prefix('.') {
                Some(_) => path("compose").join(source).is_file(),
                None => compose["volumes"].get(source).is_some(),
            };
            assert!(known, "{name}: {volume}");
        }
    }
}

#[test]
fn each_role_of_compose_yaml_is_confined_and_its_settings_load() {
    let compose = compose();
    for role in ROLES {
        let service = &compose["services"][role];
        assert_eq!(service["command"], json!([role]));
        assert_eq!(service["user"], "65532:65532");
        assert_eq!((&service["read_only"], &service["cap_drop"]), (&json!(true), &json!(["ALL"])));
        assert_eq!(texts(&service["healthcheck"]["test"]), ["CMD", "/usr/bin/mutt", "healthcheck"]);
    }
    let folder = folder();
    let settings = settings_with_secrets(folder.path(), &text("compose/mutt.toml"), "/run/openbao");
    assert!(check(&settings, &[]).contains("no mistakes"));
}

#[test]
fn the_secrets_that_compose_yaml_names_are_made_once() {
    let folder = folder();
    let script = folder.path().join("secrets.sh");
    fs::copy(path("compose/secrets.sh"), &script).expect("a copy");
    run(&mut Command::new(&script));
    let read = |name: &str| fs::read_to_string(folder.path().join("secrets").join(name));
    let compose = compose();
    let names = compose["secrets"].as_object().expect("secrets").keys();
    let made: Vec<String> = names.map(|name| read(name).expect("a secret")).collect();
    assert!(made.len() == 3 && made.iter().all(|secret| secret.len() == 64), "{made:?}");
    assert!(made[0] != made[1] && made[1] != made[2] && made[2] != made[0]);
    run(&mut Command::new(&script));
    assert!(made.contains(&read("redis-password").expect("a secret")), "it stays as it was");
}

#[test]
fn prometheus_and_rsyslog_find_no_mistake_in_their_settings() {
    let mut promtool = tools::promtool();
    promtool.args(["check", "config", "--syntax-only"]).arg(path("compose/prometheus.yml"));
    run(&mut promtool);
    let folder = folder();
    let conf = rsyslog(folder.path(), ["514", "2514", "2515"]);
    run(rsyslogd().args(["-N1", "-f"]).arg(conf));
}

fn rsyslogd() -> Command {
    let mut command = tools::rsyslogd();
    command.env("LD_LIBRARY_PATH", tools::libraries()).arg("-M").arg(tools::rsyslog_modules());
    command
}

/// rsyslog's settings with its files in `folder`, all on this machine, by these ports: where it listens,
/// MUTT's, and that of what stands in for NetIM.
fn rsyslog(folder: &Path, [inlet, mutt, netim]: [&str; 3]) -> std::path::PathBuf {
    let at = folder.display().to_string();
    let moved = text("compose/rsyslog/rsyslog.conf")
        .replace("/var/spool/rsyslog", &at)
        .replace("/var/log/netim", &at)
        .replace("target=\"ingest\"", "target=\"127.0.0.1\"")
        .replace("port=\"514\"", &format!("port=\"{inlet}\""))
        .replace("port=\"2514\"", &format!("port=\"{mutt}\""))
        .replace("port=\"2515\"", &format!("port=\"{netim}\""))
        .replace("resumeInterval=\"5\"", "resumeInterval=\"1\"");
    let path = folder.join("rsyslog.conf");
    fs::write(&path, moved).expect("its settings");
    path
}

/// Debian's Redis with the settings of compose.yaml, and its password.
fn redis(folder: &Path, port: u16) -> Running {
    let mut command = tools::redis_server();
    command.arg(path("compose/redis.conf"));
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--requirepass", "secret"]);
    let redis = Running::start("redis", command.arg("--dir").arg(folder), folder);
    wait::until_true("Redis to listen", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    redis
}

/// A real OpenBao, filled by the script that compose.yaml runs; what lets MUTT in goes to `to`.
fn openbao(folder: &Path, to: &Path) -> OpenBao {
    let bao = OpenBao::start(folder, "");
    let secrets = folder.join("secrets");
    fs::create_dir(&secrets).expect("a folder for secrets");
    for (name, secret) in [
        ("openbao-token", bao.root()),
        ("redis-password", "secret"),
        ("database-password", "nobody asks for it"),
    ] {
        fs::write(secrets.join(name), secret).expect("a secret");
    }
    let program = tools::bao();
    let beside = Path::new(program.get_program()).parent().expect("its folder").display();
    let programs = format!("{beside}:{}", std::env::var("PATH").expect("a PATH"));
    let mut script = Command::new("sh");
    script.arg(path("compose/openbao.sh")).arg(&secrets).arg(to);
    run(script.env("PATH", programs).env("BAO_ADDR", bao.url()).env("HOME", folder));
    bao
}

#[test]
fn with_the_settings_of_compose_yaml_a_message_goes_from_rsyslog_to_the_archive() {
    let runtime = Runtime::new().expect("a runtime");
    let postgresql = runtime.block_on(Server::start());
    let folder = folder();
    let [redis_port, inlet, relp, netim, admin] = [(); 5].map(|()| ports::free());
    let _redis = redis(folder.path(), redis_port.port());
    let text_of = |address: std::net::SocketAddr| address.port().to_string();
    let conf = rsyslog(
        folder.path(),
        [text_of(inlet), text_of(relp), text_of(netim)].each_ref().map(String::as_str),
    );
    let pid = folder.path().join("rsyslog.pid");
    let mut rsyslogd = rsyslogd();
    let _rsyslog = Running::start(
        "rsyslog",
        rsyslogd.arg("-n").arg("-f").arg(conf).arg("-i").arg(pid),
        folder.path(),
    );

    let settings = settings_with_secrets(folder.path(), &text("compose/mutt.toml"), "/run/openbao");
    let of_openbao = crate::common::folder();
    let bao = openbao(of_openbao.path(), folder.path());
    let mut mutt = Mutt::command();
    mutt.arg("run").arg("--config").arg(settings);
    for (name, value) in [
        ("VAULT__ADDRESS", bao.url()),
        ("REDIS_JOURNAL__URL", format!("redis://{redis_port}/0")),
        ("DATABASE__URL", postgresql.url("postgres")),
        ("INPUT__SYSLOG_UDP__LISTEN", ports::free().to_string()),
        ("INPUT__SYSLOG_TCP__LISTEN", ports::free().to_string()),
        ("INPUT__RELP__LISTEN", relp.to_string()),
        ("INPUT__SNMP__LISTEN", ports::free().to_string()),
        ("ARCHIVE__SYSLOG__ADDRESS", netim.to_string()),
        ("ADMIN__LISTEN", admin.to_string()),
        ("API__LISTEN", ports::free().to_string()),
    ] {
        mutt.env(format!("MUTT_{name}"), value);
    }
    let _mutt = Running::start("mutt", &mut mutt, folder.path());
    wait::until("MUTT to be ready", || match get(admin, "/readyz?verbose") {
        Ok((200, _)) => Ok(()),
        other => Err(format!("{other:?}")),
    });
    let message = "<187>Nov 23 12:00:00 core-1 link eth0 is down";
    send::lines(inlet, &[message]);
    wait::until("the message at the archive", || {
        let archived = fs::read_to_string(folder.path().join("messages")).unwrap_or_default();
        if archived == format!("{message}\n") { Ok(()) } else { Err(archived) }
    });
}
