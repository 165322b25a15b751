//! Which of MUTT's four jobs a process does.

use std::sync::Arc;

use crate::config::Settings;
use crate::config::doors::{self, Door};

/// A process's jobs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// All of them.
    All,
    /// Messages in: inputs, to the journal. It needs no database.
    Ingest,
    /// Rules, alerts, patterns; and the journal's trimming.
    Alert,
    /// Out: archive and destinations.
    Forward,
    /// The API.
    Web,
}

impl Role {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Role::All => "run",
            Role::Ingest => "ingest",
            Role::Alert => "alert",
            Role::Forward => "forward",
            Role::Web => "web",
        }
    }

    /// The names of its jobs.
    pub(super) fn jobs(self) -> Vec<&'static str> {
        match self {
            Role::All => {
                [Role::Ingest, Role::Alert, Role::Forward, Role::Web].map(Role::name).to_vec()
            }
            one => vec![one.name()],
        }
    }

    pub(super) fn takes_messages(self) -> bool {
        matches!(self, Role::All | Role::Ingest)
    }

    pub(super) fn judges(self) -> bool {
        matches!(self, Role::All | Role::Alert)
    }

    pub(super) fn forwards(self) -> bool {
        matches!(self, Role::All | Role::Forward)
    }

    pub(super) fn serves_people(self) -> bool {
        matches!(self, Role::All | Role::Web)
    }

    /// What a process with these jobs listens on.
    pub(super) fn doors(self, settings: &Settings) -> Arc<[Door]> {
        let inputs = self.takes_messages().then(|| doors::inputs(settings));
        let api = self.serves_people().then(|| doors::api(settings));
        let admin = doors::admin(settings);
        inputs.into_iter().chain(api).flatten().chain(admin).collect()
    }

    pub(super) fn needs_database(self) -> bool {
        self != Role::Ingest
    }
}
