//! Who is responsible, and who may ask: teams, people who sign in, and keys of the API, with roles.

use mutt_event::Timestamp;
use serde::{Deserialize, Serialize};

/// A team that rules and hosts name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// Who they are, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where mail reaches them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Team {
    /// What is wrong with it: a place and a sentence.
    pub(crate) fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        if self.name.trim().is_empty() || self.name.trim() != self.name {
            let message = "a team's name is not empty and has no blanks around it";
            faults.push(("name", message.to_owned()));
        }
        if self.email.as_ref().is_some_and(|email| !email.contains('@')) {
            faults.push(("email", "is no address of mail: it has no `@`".to_owned()));
        }
        faults
    }
}

/// What a caller may do; each may do what those before it may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Read all but keys; ask why a message came out as it did.
    Viewer,
    /// Work with alerts and silences.
    Operator,
    /// Change rules, test and backtest them; decide on patterns.
    Author,
    /// Change everything: users, keys, inventory, teams, settings; read the audit.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Operator, Role::Author, Role::Admin];

    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Author => "author",
            Role::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A key of the API. The key itself is shown once, when it is made, and kept nowhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Its name: the author of what is done with it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// SHA-256 of the key, in hexadecimal.
    pub digest: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// From when on it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The groups of paths that it opens, such as `alerts`; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<String>,
    /// The teams whose alerts, silences and rules it may change; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
}

/// A person who may sign in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name that they sign in with: the author of what they do.
    pub name: String,
    /// What people call them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub display_name: String,
    /// What they may do.
    pub role: Role,
    /// The teams whose alerts, silences and rules they may change; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
    /// Argon2id of the password, as a PHC string.
    pub password: String,
    /// The password is one for once: with it, until then, they set another and do nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_time_until: Option<Timestamp>,
    /// They may not sign in.
    #[serde(default)]
    pub disabled: bool,
}

impl User {
    /// Whether the password opens at `now`.
    pub fn may_sign_in(&self, now: Timestamp) -> bool {
        !self.disabled && self.one_time_until.is_none_or(|end| now < end)
    }
}

impl Access {
    /// Whether it opens at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}
