//! What an operator may choose about the journal, and what can go wrong when it is opened.

use std::io;
use std::time::Duration;

use thiserror::Error;

use crate::segment;

/// What happens when the journal has reached its limit and nothing may be trimmed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum WhenJournalFull {
    /// Nothing more is taken until there is room; senders feel it.
    #[default]
    Block,
    /// The oldest messages make room, read or not; readers report the range as lost.
    DropOldest,
}

/// The journal's settings.
#[derive(Clone, Debug)]
pub struct Options {
    /// P, fixed when the journal is made: 1 to 1,024.
    pub partitions: u16,
    /// The size of one segment file, in bytes, its room taken when it is created.
    pub segment_bytes: u64,
    /// The most that all segments together may take, in bytes: at least two segments.
    pub retain_bytes: u64,
    /// How long messages are kept after all have read them.
    pub retain_age: Duration,
    /// Messages younger than this are never trimmed, since a database may come back older.
    pub keep_behind: Duration,
    /// Bytes of the disk that the journal leaves free.
    pub reserve_bytes: u64,
    /// What happens at the limit.
    pub when_full: WhenJournalFull,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            partitions: 16,
            segment_bytes: 32 << 20,
            retain_bytes: 10 << 30,
            retain_age: Duration::from_secs(24 * 3600),
            keep_behind: Duration::from_secs(600),
            reserve_bytes: 256 << 20,
            when_full: WhenJournalFull::Block,
        }
    }
}

impl Options {
    /// Says what cannot work.
    ///
    /// # Errors
    /// [`OpenError::Options`] names the setting and its bounds.
    pub fn check(&self) -> Result<(), OpenError> {
        if !(1..=segment::PARTITIONS_MAX).contains(&self.partitions) {
            return Err(OpenError::Options(format!(
                "partitions is {}, but must be 1 to {}",
                self.partitions,
                segment::PARTITIONS_MAX
            )));
        }
        let least = segment::data_start(self.partitions) + segment::RECORD_MIN as u64 * 2;
        if !(least..=segment::SEGMENT_MAX).contains(&self.segment_bytes) {
            return Err(OpenError::Options(format!(
                "segment_bytes is {}, but must be {least} to {}",
                self.segment_bytes,
                segment::SEGMENT_MAX
            )));
        }
        if self.retain_bytes / 2 < self.segment_bytes {
            return Err(OpenError::Options(format!(
                "retain_bytes is {}, but must be at least two segments of {}",
                self.retain_bytes, self.segment_bytes
            )));
        }
        Ok(())
    }
}

/// The journal could not be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// A setting that cannot work.
    #[error("journal: {0}")]
    Options(String),
    /// Another process holds the folder.
    #[error("journal: another process has this folder open; stop it, or name another folder")]
    Locked,
    /// The journal was made with another number of partitions.
    #[error(
        "journal: made with {has} partitions, but the configuration says {wants}; set partitions \
         back to {has}, or drain it (stop the inputs, run until archive and judge have read \
         everything) and start with an empty journal folder"
    )]
    Partitions {
        /// P of the journal on disk.
        has: u16,
        /// P of the configuration.
        wants: u16,
    },
    /// The journal in Redis was made with another number of partitions.
    #[error(
        "journal: {key} was made with {has} partitions, but the configuration says {wants}; set \
         partitions back to {has}, or drain it (stop the inputs, run until archive and judge have \
         read everything) and choose another prefix"
    )]
    RedisPartitions {
        /// The journal's key.
        key: String,
        /// P of the journal in Redis.
        has: u16,
        /// P of the configuration.
        wants: u16,
    },
    /// A segment of another journal lies in the folder.
    #[error("journal: {file} belongs to journal {identity}, not to {expected}; move it elsewhere")]
    Foreign {
        /// The file's name.
        file: String,
        /// Whose it is.
        identity: String,
        /// The journal that this folder holds.
        expected: String,
    },
    /// A segment written by a version that this one does not know.
    #[error(
        "journal: {file} has format {version}, this MUTT reads {known}; use the MUTT that wrote it"
    )]
    Version {
        /// The file's name.
        file: String,
        /// Its format.
        version: u32,
        /// The format that this program reads.
        known: u32,
    },
    /// The disk said no.
    #[error("journal: cannot {what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// The system's error.
        source: io::Error,
    },
}

impl OpenError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}
