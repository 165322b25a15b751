//! From: people and programs over HTTP, `/api/v1`. To: the catalog, where every change is a
//! revision; the engine, which explains, tests and backtests; the journal, which is only read.
//!
//! `listen` and `server` listen, `guard` has what every answer carries, `auth` knows who asks (`session`, `sign_in`,
//! `oidc`, `cookies`, `passwords`, `addresses` know people), `site` is the one way in which anything is changed.
//! Each group of paths is a file: `alerts`, `rules`, `examples`, `explain`, `backtests`,
//! `inventory`, `patterns`, `teams`, `settings`, `silences`, `maintenance`, `revisions`, `keys`,
//! `users`, `audit`, `hours`, `status`, `search` and `way` (messages), `usage` (of rules), `noise`,
//! `heat` (patterns by the hour), `quiet`, `drills`, `processes`, `ledger`, `destinations`, `deliveries`,
//! `latency`; `live` tells what changes, as `watcher` finds it and `lights` sums it up. `openapi` describes
//! them from their code.

mod addresses;
mod alert_view;
mod alerts;
pub mod audit;
pub mod auth;
mod backtests;
mod backwards;
mod became;
mod change;
mod cookies;
mod days;
mod decided;
mod deliveries;
mod destinations;
mod drill_view;
mod drills;
mod etag;
mod examples;
mod explain;
mod guard;
mod heat;
mod hours;
mod hushing;
mod inventory;
mod items;
pub mod keys;
mod latency;
mod ledger;
mod lights;
mod listen;
mod live;
mod maintenance;
mod message;
mod mibs;
mod noise;
mod oidc;
mod oidc_sign_in;
mod openapi;
mod page;
mod pages;
pub mod passwords;
mod pattern_view;
mod patterns;
mod problem;
mod processes;
mod proposals;
mod quiet;
pub mod report;
mod request;
mod revisions;
mod rules;
mod schema;
mod search;
mod server;
mod session;
mod settings;
mod sign_in;
mod silences;
mod site;
mod status;
mod teams;
mod teamwork;
mod usage;
pub mod users;
mod watcher;
mod way;

pub use cookies::Cookies;
pub use drills::DrillParts;
pub use listen::{HttpListener, ListenConfig};
pub use oidc::OidcSettings;
pub use server::{Api, BindError, ServerConfig, document};
pub use session::SessionLimits;
pub use site::{Decisions, JournalFigures, Limits, SiteParts};
