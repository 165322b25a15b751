//! Who may do what: people, roles, teams, keys, and the audit of what they did.

mod audit;
mod fuzz;
mod oidc;
mod roles;
mod sessions;
mod sign_in;
mod web;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use crate::common::api::Api;
use crate::common::browser::Browser;
use crate::common::folder;
use crate::common::mutt::Mutt;

/// A password that nobody guesses.
const PASSWORD: &str = "correct horse battery staple";

/// A MUTT that runs, with the admin's key of the settings.
fn started(rules: &str, more: &str) -> (tempfile::TempDir, Mutt) {
    let folder = folder();
    let mut mutt = Mutt::configured(folder.path(), rules, more);
    mutt.start();
    (folder, mutt)
}

/// Makes a user by the API, who has set [`PASSWORD`], and answers their browser.
fn person(mutt: &Mutt, name: &str, role: &str, teams: &[&str]) -> Browser {
    let new = json!({ "name": name, "role": role, "teams": teams });
    let made = mutt.api().post("/users", &new).expect(201).json();
    let mut browser = Browser::new(mutt.doors.api);
    let once = made["one_time_password"].as_str().expect("a password");
    browser.sign_in(name, once).expect(201);
    browser.set_password(once, PASSWORD).expect(200);
    browser
}

/// Makes a key by the API.
fn key(mutt: &Mutt, new: &serde_json::Value) -> Api {
    let made = mutt.api().post("/keys", new).expect(201).json();
    Api::with(mutt.doors.api, made["key"].as_str().expect("a key"))
}

/// Runs a command of the program under test on a MUTT's settings.
fn command(mutt: &Mutt, args: &[&str]) -> Output {
    let mut command: Command = Mutt::command();
    command.args(args).arg("--config").arg(mutt.config());
    command.output().expect("the command line")
}

/// Statements upon a MUTT's database, past all of its code.
fn sql(folder: &Path, statements: &str) -> Result<u64, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let path = folder.join("mutt.db");
        let mut raw = SqliteConnection::connect(path.to_str().expect("a path")).await.expect("it");
        let done =
            sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned())).execute(&mut raw).await;
        done.map(|done| done.rows_affected()).map_err(|error| error.to_string())
    })
}
