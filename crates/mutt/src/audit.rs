//! `mutt audit export`: the audit as lines of JSON, with before and after, held against its chain of
//! hashes.
//!
//! From: the database itself. To: standard output; on standard error whether it is whole, and its
//! last hash, which tells a later export whether its end was cut off.

use std::io::{self, BufWriter, Write};

use anyhow::{Context, Result, anyhow};
use clap::Subcommand;
use mutt_api::audit::AuditView;
use mutt_event::Timestamp;
use mutt_store::{
    AUDIT_START, AuditQuery, AuditRow, CatalogStore, People, SqlStore, content_digest,
};

use crate::config::Settings;
use crate::run::open_store;

/// So many rows are read at a time.
const ROWS: u32 = 500;

/// The audit.
#[derive(Subcommand)]
pub enum AuditCommand {
    /// Write it as lines of JSON, oldest first; exit 1 if it is not what was written.
    Export {
        /// Only what was done at this time or later, in RFC 3339.
        #[arg(long, value_parser = time)]
        since: Option<Timestamp>,
        /// Only what was done before this time, in RFC 3339.
        #[arg(long, value_parser = time)]
        until: Option<Timestamp>,
    },
}

fn time(text: &str) -> Result<Timestamp, String> {
    let read: Result<jiff::Timestamp, _> = text.parse();
    let time = read.map_err(|error| format!("no time such as 2026-11-23T12:00:00Z: {error}"))?;
    Ok(Timestamp::from_micros(time.as_microsecond()))
}

/// Does what was asked; answers whether the audit is whole.
///
/// # Errors
/// If it cannot be read or written.
pub fn run(settings: &Settings, command: &AuditCommand) -> Result<bool> {
    let AuditCommand::Export { since, until } = command;
    crate::client::block_on(async {
        crate::secrets::read_once(settings).await?;
        let store = open_store(&settings.database).await?;
        let mut out = BufWriter::new(io::stdout().lock());
        let done = export(&store, (*since, *until), &mut out).await;
        let done = done.and_then(|whole| out.flush().map(|()| whole).context("standard output"));
        store.close().await;
        done
    })
}

/// How far the chain was followed.
struct Chain {
    number: u64,
    hash: String,
    faults: u64,
}

impl Chain {
    /// Holds the next row against the one before, and against the revision that it names.
    async fn follow(&mut self, store: &SqlStore, row: &AuditRow) -> Result<()> {
        if row.number != self.number + 1 {
            self.fault(row.number, &format!("comes behind row {}", self.number));
        } else if !row.follows(&self.hash) {
            self.fault(row.number, "or one before it is not what was written");
        }
        (self.number, self.hash) = (row.number, row.hash.clone());
        let entry = row.entry()?;
        if let (Some(revision), Some(content)) = (entry.revision, entry.content) {
            let found = store.revision(revision).await?;
            if found.is_none_or(|(_, changes)| content_digest(&changes) != content) {
                self.fault(row.number, &format!("revision {revision} is not what was written"));
            }
        }
        Ok(())
    }

    fn fault(&mut self, row: u64, what: &str) {
        self.faults += 1;
        eprintln!("broken: row {row}: {what}");
    }
}

async fn export(
    store: &SqlStore,
    (since, until): (Option<Timestamp>, Option<Timestamp>),
    out: &mut impl Write,
) -> Result<bool> {
    let mut chain = Chain { number: 0, hash: AUDIT_START.to_owned(), faults: 0 };
    loop {
        // All of it, whatever is wanted: the chain begins at the first row.
        let query = AuditQuery { above: Some(chain.number), limit: ROWS, ..AuditQuery::default() };
        let rows = store.audit(query).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            chain.follow(store, &row).await?;
            let at = row.entry()?.at;
            if since.is_some_and(|since| at < since) || until.is_some_and(|until| at >= until) {
                continue;
            }
            let view = AuditView::of(store, row).await?;
            let line = serde_json::to_string(&view).map_err(|error| anyhow!(error))?;
            writeln!(out, "{line}").context("standard output")?;
        }
    }
    let Chain { number, hash, faults } = &chain;
    match faults {
        0 => eprintln!("{number} rows, whole; the last hash is {hash}"),
        faults => eprintln!("{number} rows, broken at {faults} places"),
    }
    Ok(*faults == 0)
}
