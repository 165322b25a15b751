//! What a backup says of itself, and what can be wrong with one.

use std::io;
use std::path::Path;

use mutt_secrets::Passwords;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::StoreError;

/// The format's number, raised when an older program could not read it.
pub(crate) const FORMAT: u32 = 1;

/// Where a database is.
#[derive(Clone, Debug)]
pub enum Place<'a> {
    /// In a file.
    File(&'a Path),
    /// On a PostgreSQL server, by its URL with each password that may be in force.
    Server(Passwords),
}

/// How much was written or restored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Copied {
    /// Tables.
    pub tables: u64,
    /// Rows of all tables.
    pub rows: u64,
}

/// Why a backup was not made or not restored.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The database.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The backup itself could not be read or written.
    #[error("the backup: {0}")]
    Io(#[from] io::Error),
    /// Something is there that a restore would mix with.
    #[error(
        "the database is not empty: `{0}` has rows; restore into a new one (another database.path, \
         or a database made for it), or remove the old one first"
    )]
    NotEmpty(String),
    /// The tables have other columns.
    #[error(
        "the backup has tables of version {found}, this program of version {expected}: restore it \
         with a program of the version that made it ({program}), and then start this one, which \
         brings the tables up to date"
    )]
    Version {
        /// The backup's.
        found: i64,
        /// This program's.
        expected: i64,
        /// Which program made the backup.
        program: String,
    },
    /// It is none, or not whole.
    #[error("line {line} of the backup: {why}; nothing was restored")]
    Format {
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
}

/// One line that is no row.
#[derive(Serialize, Deserialize, Debug)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Line {
    /// The first.
    Backup {
        /// [`FORMAT`].
        format: u32,
        /// The number of the last migration.
        tables: i64,
        /// The version of the program.
        program: String,
        /// RFC 3339.
        made_at: String,
    },
    /// Rows of this table follow, each a list of the columns' values.
    Table {
        /// Its name.
        name: String,
        /// Its columns.
        columns: Vec<String>,
        /// The number last given to a row, where the database counts them.
        last: Option<i64>,
    },
    /// The last.
    End {
        /// How many rows there are in all.
        rows: u64,
    },
}
