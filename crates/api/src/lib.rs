//! From: people and programs over HTTP, `/api/v1`. To: the catalog, where every change is a
//! revision; the engine, which explains, tests and backtests; the journal, which is only read.
//!
//! `listen` and `server` listen, `guard` has what every answer carries, `auth` knows who asks (`session`, `sign_in`,
//! `oidc`, `cookies`, `passwords`, `addresses` know people), `site` is the one way in which anything is changed.
//! Each group of paths is a file: `alerts`, `rules`, `examples`, `explain`, `backtests`,
//! `inventory`, `patterns`, `teams`, `settings`, `silences`, `maintenance`, `revisions`, `keys`,
//! `users`, `audit`, `hours`, `status`, `processes`, `ledger`, `destinations`, `deliveries`, `latency`; `live`
//! tells what changes, as `watcher` finds it and `lights` sums it up. `openapi` describes them from their code.

mod addresses;
mod alert_view;
mod alerts;
pub mod audit;
pub mod auth;
mod backtests;
mod became;
mod change;
mod cookies;
mod decided;
mod deliveries;
mod destinations;
mod etag;
mod examples;
mod explain;
mod guard;
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
mod oidc;
mod oidc_sign_in;
mod openapi;
mod page;
pub mod passwords;
mod pattern_view;
mod patterns;
mod problem;
mod processes;
mod proposals;
pub mod report;
mod request;
mod revisions;
mod rules;
mod schema;
mod server;
mod session;
mod settings;
mod sign_in;
mod silences;
mod site;
mod status;
mod teams;
mod teamwork;
pub mod users;
mod watcher;

pub use cookies::Cookies;
pub use listen::{HttpListener, ListenConfig};
pub use oidc::OidcSettings;
pub use server::{Api, BindError, ServerConfig, document};
pub use session::SessionLimits;
pub use site::{Decisions, JournalFigures, Limits, SiteParts};
