//! The systemd units.

use std::fs;
use std::path::Path;

use crate::common::mutt::Mutt;
use crate::common::{folder, tools};
use crate::files::{check, names, path, run, settings_with_secrets, text};

/// The jobs that `mutt@.service` is for.
const ROLES: [&str; 4] = ["ingest", "alert", "forward", "web"];

/// Copies the units, with the MUTT of this build and the files beside it where they look for them.
fn installed(folder: &Path) -> Vec<String> {
    let mutt = Mutt::command().get_program().to_string_lossy().into_owned();
    for name in names("systemd") {
        let moved = text(&format!("systemd/{name}"))
            .replace("/usr/bin/mutt", &mutt)
            .replace("/etc/mutt", &folder.display().to_string());
        fs::write(folder.join(name), moved).expect("a copy");
    }
    let roles = ROLES.iter().map(|role| format!("mutt@{role}.service"));
    ["mutt.service".to_owned()].into_iter().chain(roles).collect()
}

#[test]
fn systemd_finds_no_mistake_in_the_units() {
    let folder = folder();
    for unit in installed(folder.path()) {
        let verify =
            run(tools::systemd_analyze(folder.path()).args(["verify", "--man=no"]).arg(&unit));
        assert!(!verify.contains("mutt"), "{verify}");
    }
}

#[test]
fn the_units_exposure_is_under_two() {
    for unit in ["mutt.service", "mutt@.service"] {
        let mut command = tools::systemd_analyze(&path("systemd"));
        // The threshold is in tenths.
        command.args(["security", "--offline=true", "--threshold=19", "--no-pager"]);
        run(command.arg(path("systemd").join(unit)));
    }
}

#[test]
fn a_unit_leaves_no_core_file_and_starts_again_unless_its_settings_are_wrong() {
    for unit in ["systemd/mutt.service", "systemd/mutt@.service"] {
        let unit = text(unit);
        for line in ["LimitCORE=0", "Restart=always", "RestartPreventExitStatus=2", "User=mutt"] {
            assert!(unit.lines().any(|written| written == line), "{line} is missing");
        }
    }
    let folder = folder();
    let wrong = folder.path().join("mutt.toml");
    fs::write(&wrong, "no_such = 1\n").expect("settings");
    let mut run = Mutt::command();
    let status = run.arg("run").arg("--config").arg(&wrong).output().expect("mutt").status;
    assert_eq!(status.code(), Some(2), "what RestartPreventExitStatus names");
}

#[test]
fn a_unit_waits_longer_than_mutt_takes_to_stop() {
    let example = run(Mutt::command().args(["config", "example"]));
    assert!(example.contains("\nshutdown_ms = 10_000\n"), "{example}");
    for unit in ["systemd/mutt.service", "systemd/mutt@.service"] {
        assert!(text(unit).contains("\nTimeoutStopSec=30\n"), "{unit}");
    }
}

#[test]
fn the_units_settings_load_for_one_machine_and_for_each_role() {
    let folder = folder();
    let load = |name: &str, environment: &[(String, String)]| {
        let settings = text(&format!("systemd/{name}"))
            .replace("/var/lib/mutt", &folder.path().display().to_string());
        let settings = settings_with_secrets(folder.path(), &settings, "/etc/mutt");
        assert!(check(&settings, environment).contains("no mistakes"), "{name}");
    };
    load("one-machine.toml", &[]);
    let mut addresses = Vec::new();
    for role in ROLES {
        let file = text(&format!("systemd/{role}.env"));
        let lines = file.lines().filter(|line| !line.starts_with('#'));
        let pair = |line: &str| line.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned()));
        let environment: Vec<_> = lines.filter_map(pair).collect();
        load("roles.toml", &environment);
        addresses.push(environment[0].1.clone());
    }
    addresses.dedup();
    assert_eq!(addresses.len(), ROLES.len(), "two roles on one machine share an address");
}
