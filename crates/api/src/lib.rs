//! From: people and programs over HTTP, `/api/v1`. To: the catalog, where every change is a
//! revision; the engine, which explains, tests and backtests; the journal, which is only read.
//!
//! `listen` and `server` listen, `auth` knows who asks, `site` is the one way in which anything is changed.
//! Each group of paths is a file: `alerts`, `rules`, `examples`, `explain`, `backtests`,
//! `inventory`, `patterns`, `teams`, `settings`, `silences`, `maintenance`, `revisions`, `keys`,
//! `hours`, `status`. `openapi` describes them from their code.

mod alert_view;
mod alerts;
pub mod auth;
mod backtests;
mod became;
mod change;
mod decided;
mod etag;
mod examples;
mod explain;
mod hours;
mod hushing;
mod inventory;
mod items;
pub mod keys;
mod listen;
mod maintenance;
mod message;
mod mibs;
mod openapi;
mod page;
mod pattern_view;
mod patterns;
mod problem;
mod proposals;
mod request;
mod revisions;
mod rules;
mod schema;
mod server;
mod settings;
mod silences;
mod site;
mod status;
mod teams;

pub use listen::{HttpListener, ListenConfig};
pub use server::{Api, BindError, ServerConfig, document};
pub use site::{Decisions, Limits, SiteParts};
