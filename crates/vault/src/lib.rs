//! Vault and OpenBao: how MUTT gets in, stays in, and reads secrets.
//!
//! From: a role, and the places of secrets. To: their fields. [`Client`] makes the calls (login,
//! renew-self, unwrap, read); [`Session`] decides when and what follows from an answer, and knows no
//! clock of its own; `lease` is the arithmetic of it. Whoever drives a session waits between its steps.

mod answer;
mod client;
mod fault;
mod lease;
mod place;
mod session;

pub use answer::Fields;
pub use client::{Api, Client, ClientSettings, Grant};
pub use fault::Fault;
pub use lease::Backoff;
pub use place::{SecretPath, SecretPlace};
pub use session::{Role, SecretId, Session, Tally};
