//! Room on the disk that is given up when it is full, so that cursors still move and what they
//! passed can be trimmed: a commit needs room in SQLite's write-ahead log.
//!
//! From: the writer, when the database is full. To: the disk: a file beside the database, whose
//! bytes are taken while there are enough of them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often it is tried to take the room again.
const AGAIN_AFTER: Duration = Duration::from_secs(10);

/// The file.
#[derive(Debug)]
pub(super) struct Ballast {
    path: PathBuf,
    bytes: u64,
    held: bool,
    again_at: Instant,
}

impl Ballast {
    /// Takes the room, if the disk has it. 0 bytes: none is wanted.
    pub(super) fn take(database: &Path, bytes: u64) -> Self {
        let mut name = database.file_name().unwrap_or_default().to_os_string();
        name.push("-ballast");
        let path = database.with_file_name(name);
        let mut this = Self { path, bytes, held: false, again_at: Instant::now() };
        this.hold();
        this
    }

    /// Gives the room up; answers whether there was any.
    pub(super) fn release(&mut self) -> bool {
        if !self.held {
            return false;
        }
        self.again_at = Instant::now() + AGAIN_AFTER;
        match fs::remove_file(&self.path) {
            Ok(()) => {
                tracing::error!(bytes = self.bytes, "the disk is full: the database uses its last");
                self.held = false;
                true
            }
            Err(error) => {
                tracing::warn!(path = %self.path.display(), %error, "ballast not given up");
                false
            }
        }
    }

    /// Takes the room again once the disk has twice as much.
    pub(super) fn restore(&mut self) {
        if self.held || self.bytes == 0 || Instant::now() < self.again_at {
            return;
        }
        self.again_at = Instant::now() + AGAIN_AFTER;
        if self.path.parent().and_then(free_bytes).is_some_and(|free| free >= 2 * self.bytes) {
            self.hold();
        }
    }

    fn hold(&mut self) {
        match self.allocate() {
            Ok(()) => self.held = self.bytes > 0,
            Err(error) => {
                tracing::warn!(path = %self.path.display(), %error, "no ballast: no room for it");
                // What there is of it would only take room from others.
                let _ = fs::remove_file(&self.path);
            }
        }
    }

    fn allocate(&self) -> io::Result<()> {
        if self.bytes == 0 {
            return Ok(());
        }
        let file = File::options().create(true).truncate(false).write(true).open(&self.path)?;
        let bytes = i64::try_from(self.bytes).map_err(io::Error::other)?;
        nix::fcntl::posix_fallocate(&file, 0, bytes)?;
        Ok(())
    }
}

fn free_bytes(folder: &Path) -> Option<u64> {
    // The folder of a bare file name is the current one.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let stat = nix::sys::statvfs::statvfs(folder).ok()?;
    Some(stat.blocks_available().saturating_mul(stat.fragment_size()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_taken_given_up_once_and_taken_again() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("mutt.db");
        let file = folder.path().join("mutt.db-ballast");
        let mut ballast = Ballast::take(&database, 1 << 20);
        assert_eq!(fs::metadata(&file).unwrap().len(), 1 << 20);
        // A restart finds it.
        assert!(Ballast::take(&database, 1 << 20).held);
        assert!(ballast.release());
        assert!(!file.exists());
        assert!(!ballast.release(), "there is nothing left to give");
        ballast.restore();
        assert!(!file.exists(), "not at once");
        ballast.again_at = Instant::now();
        ballast.restore();
        assert_eq!(fs::metadata(&file).unwrap().len(), 1 << 20);
        assert!(ballast.release());
    }

    #[test]
    fn without_bytes_there_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut ballast = Ballast::take(&folder.path().join("mutt.db"), 0);
        ballast.restore();
        assert!(!ballast.release());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn more_than_the_disk_has_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let mut ballast = Ballast::take(&folder.path().join("mutt.db"), 1 << 62);
        assert!(!ballast.release());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
