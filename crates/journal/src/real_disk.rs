//! The file system as a [`Disk`]: one folder, preallocated files, fdatasync.

use std::fs::{self, File as StdFile, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::errno::Errno;

use crate::disk::{Disk, File};

/// The file whose lock says that a process has the journal.
const LOCK: &str = "lock";

/// A folder of the file system.
#[derive(Clone, Debug)]
pub struct RealDisk {
    folder: Arc<Path>,
}

impl RealDisk {
    /// The journal's folder; it is made when the journal is opened.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into().into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Disk for RealDisk {
    type File = StdFile;
    type Lock = StdFile;

    fn lock(&self) -> io::Result<StdFile> {
        if !self.folder.exists() {
            fs::create_dir_all(&self.folder)?;
            if let Some(parent) = self.folder.parent().filter(|p| !p.as_os_str().is_empty()) {
                StdFile::open(parent)?.sync_all()?;
            }
        }
        let path = self.folder.join(LOCK);
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o640).open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::ErrorKind::WouldBlock.into(),
            TryLockError::Error(error) => error,
        })?;
        Ok(file)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn open_read(&self, name: &str) -> io::Result<StdFile> {
        StdFile::open(self.folder.join(name))
    }

    fn open_write(&self, name: &str) -> io::Result<StdFile> {
        OpenOptions::new().read(true).write(true).open(self.folder.join(name))
    }

    fn create(&self, name: &str, bytes: u64) -> io::Result<StdFile> {
        let path = self.folder.join(name);
        let file =
            OpenOptions::new().read(true).write(true).create_new(true).mode(0o640).open(&path)?;
        let length = i64::try_from(bytes).map_err(|_| io::ErrorKind::FileTooLarge)?;
        loop {
            match nix::fcntl::posix_fallocate(&file, 0, length) {
                Ok(()) => return Ok(file),
                Err(Errno::EINTR) => {}
                Err(error) => {
                    fs::remove_file(&path)?;
                    return Err(error.into());
                }
            }
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.folder.join(name))
    }

    fn sync_dir(&self) -> io::Result<()> {
        StdFile::open(&self.folder)?.sync_all()
    }

    fn free_bytes(&self) -> io::Result<u64> {
        let stat = nix::sys::statvfs::statvfs(&*self.folder)?;
        Ok(stat.blocks_available().saturating_mul(stat.fragment_size()))
    }
}

impl File for StdFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match FileExt::read_at(self, &mut buffer[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}
