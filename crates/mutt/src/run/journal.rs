//! The journal: opened, and its writer on a thread of its own, since a sync blocks.
//!
//! From: the inputs' queue. To: segment files, and the handle that readers read by.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use mutt_journal::{
    Appender, Control, Handle, Log, Options, Position, RealDisk, Step, SystemClock,
    WhenJournalFull, Writer, queue,
};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::config::settings::{JournalSettings, WhenFull};
use crate::config::value::size;
use crate::status::Status;

/// An open journal.
pub struct Journal {
    /// The reading side.
    pub handle: Handle<RealDisk>,
    /// The inputs' side; the writer ends when all clones are gone.
    pub appender: Appender,
    /// Where readers' progress is told, so that the past can be trimmed.
    pub control: Control,
    writer: Writer<RealDisk, SystemClock>,
}

/// The writer's thread.
pub struct Running {
    ended: oneshot::Receiver<()>,
}

impl Journal {
    /// Opens the journal, above all cursors that the database knows.
    ///
    /// # Errors
    /// With the way out: another process has it, P differs, the disk refuses.
    pub fn open(settings: &JournalSettings, cursors_at_least: Position) -> Result<Self> {
        std::fs::create_dir_all(&settings.folder).with_context(|| {
            format!("journal.folder: cannot make {}", settings.folder.display())
        })?;
        let disk = RealDisk::new(&settings.folder);
        let options = options(settings);
        let (log, _) = Log::open(disk, options, cursors_at_least)
            .with_context(|| format!("journal in {}", settings.folder.display()))?;
        let handle = log.handle();
        let (appender, waiting) = queue(handle.partitions(), size(settings.queue_bytes));
        let writer = Writer::new(log, waiting, SystemClock);
        let control = writer.control();
        Ok(Self { handle, appender, control, writer })
    }

    /// Starts the writer; `failed` is cancelled when the journal takes nothing more.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(
        self,
        status: Status,
        failed: CancellationToken,
    ) -> Result<(Handle<RealDisk>, Appender, Control, Running)> {
        let (done, ended) = oneshot::channel();
        let mut writer = self.writer;
        thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                write(&mut writer, &status, &failed);
                // Whoever waits may have given up at the time limit.
                let _ = done.send(());
            })
            .context("a thread for the journal's writer")?;
        Ok((self.handle, self.appender, self.control, Running { ended }))
    }
}

impl Running {
    /// Waits until the writer has stored all that was handed to it, at most `most`.
    pub async fn ended(self, most: Duration) -> bool {
        tokio::time::timeout(most, self.ended).await.is_ok()
    }
}

fn options(settings: &JournalSettings) -> Options {
    Options {
        partitions: u16::try_from(settings.partitions).unwrap_or(u16::MAX),
        segment_bytes: settings.segment_bytes,
        retain_bytes: settings.retain_bytes,
        retain_age: Duration::from_secs(settings.retain_hours * 3_600),
        keep_behind: Duration::from_millis(settings.keep_behind_ms),
        reserve_bytes: settings.reserve_bytes,
        when_full: match settings.when_full {
            WhenFull::Block => WhenJournalFull::Block,
            WhenFull::DropOldest => WhenJournalFull::DropOldest,
        },
    }
}

fn write(writer: &mut Writer<RealDisk, SystemClock>, status: &Status, failed: &CancellationToken) {
    let mut full = false;
    loop {
        match writer.step() {
            Step::Stored { .. } => {
                if full {
                    tracing::info!("journal: there is room again");
                }
                full = false;
            }
            Step::Idle => {}
            Step::Full { held, why } => {
                if !full {
                    tracing::error!(held, why, "journal: full, senders are held back");
                }
                full = true;
            }
            Step::Failed { why } => {
                if !failed.is_cancelled() {
                    tracing::error!(
                        why,
                        "journal: failed; MUTT stops, since it can promise nothing"
                    );
                }
                status.journal_failed(why);
                failed.cancel();
            }
            Step::Closed => return,
        }
    }
}
