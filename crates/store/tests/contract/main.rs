//! What a database of MUTT does: `suite` over each of them, `twins` one against the other on random
//! steps, `file` what only the one in a file can show.

#![allow(clippy::unwrap_used, clippy::panic)] // clippy lets tests, but not what they call

mod file;
mod suite;
mod twins;
mod values;
