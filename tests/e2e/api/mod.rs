//! The API of a running MUTT. Every answer is held against the OpenAPI document as well.

mod alerts;
mod backtests;
mod cli;
mod deliveries;
mod drills;
mod explain;
mod health;
mod history;
mod inventory;
mod keys;
mod knowledge;
mod live;
mod messages;
mod patterns;
mod rules;
mod silences;

use serde_json::{Value, json};

use crate::common::api::Api;
use crate::common::folder;
use crate::common::mutt::Mutt;

/// A MUTT without receivers.
struct Way {
    mutt: Mutt,
    api: Api,
    folder: tempfile::TempDir,
}

impl Way {
    fn start(rules: &str) -> Self {
        Self::start_with(rules, "")
    }

    fn start_with(rules: &str, more: &str) -> Self {
        let folder = folder();
        let mut mutt = Mutt::configured(folder.path(), rules, more);
        mutt.start();
        let api = mutt.api();
        Self { mutt, api, folder }
    }
}

/// A rule that looks for a word.
fn rule(id: &str, word: &str) -> Value {
    json!({
        "id": id, "priority": 10, "team": "net", "handling": "ticket_only",
        "when": { "message": { "contains": word } },
    })
}
