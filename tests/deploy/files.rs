//! The files of `deploy/`, and programs asked about them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::common::mutt::Mutt;
use crate::common::tools;

/// A path in `deploy/`.
pub fn path(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    root.canonicalize().expect("the folder deploy").join(name)
}

/// A file of `deploy/`.
pub fn text(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The names of the files in a folder of `deploy/`.
pub fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(path(folder)).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
    let mut names: Vec<String> =
        entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Runs a program that must succeed; what it printed on both outputs.
pub fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let printed = printed(&output);
    assert!(output.status.success(), "{command:?} ended with {}:\n{printed}", output.status);
    printed
}

/// What a program printed, on both outputs.
pub fn printed(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// Asks Helm's library; its refusal as it words it.
pub fn helm(arguments: &[&str], input: &str) -> Result<Value, String> {
    let mut command = tools::helm();
    command.args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("python3");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("its end");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).expect("JSON"))
}

/// The one document of a YAML text.
pub fn yaml(text: &str) -> Value {
    let documents = helm(&["yaml"], text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
    documents.as_array().expect("documents")[0].clone()
}

/// Asks `mutt check` about settings, in which `/etc/mutt/` and the like are `from`, and secrets are
/// beside them.
pub fn check(settings: &Path, environment: &[(String, String)]) -> String {
    let mut command = Mutt::command();
    command.env_clear().arg("check").arg("--config").arg(settings);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    run(&mut command)
}

/// Writes settings into `folder`, with all files that they name under `from` there, each a secret.
pub fn settings_with_secrets(folder: &Path, settings: &str, from: &str) -> PathBuf {
    let moved = settings.replace(from, &folder.display().to_string());
    for line in moved.lines().filter(|line| line.contains("_file = ")) {
        let secret = line.split('"').nth(1).expect("a path in quotes");
        fs::write(secret, "secret\n").expect("a secret's file");
    }
    let path = folder.join("mutt.toml");
    fs::write(&path, moved).expect("the settings");
    path
}
