//! The journal's disk with a bug perhaps. From: the journal. To: the simulated disk.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use mutt_journal::{Disk, File, SimDisk};

use crate::Bug;

/// The journal's disk, perhaps with a sync that does nothing.
#[derive(Clone)]
pub struct PlantedDisk {
    pub inner: SimDisk,
    pub bug: Option<Bug>,
}

/// A file of it.
pub struct PlantedFile {
    inner: <SimDisk as Disk>::File,
    bug: Option<Bug>,
    /// A new file's header is synced even so, else there would be no journal at all.
    new: AtomicBool,
}

impl PlantedDisk {
    fn file(&self, inner: <SimDisk as Disk>::File, new: bool) -> PlantedFile {
        PlantedFile { inner, bug: self.bug, new: AtomicBool::new(new) }
    }
}

impl Disk for PlantedDisk {
    type File = PlantedFile;
    type Lock = <SimDisk as Disk>::Lock;

    fn lock(&self) -> io::Result<Self::Lock> {
        self.inner.lock()
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.inner.list()
    }

    fn open_read(&self, name: &str) -> io::Result<Self::File> {
        Ok(self.file(self.inner.open_read(name)?, false))
    }

    fn open_write(&self, name: &str) -> io::Result<Self::File> {
        Ok(self.file(self.inner.open_write(name)?, false))
    }

    fn create(&self, name: &str, bytes: u64) -> io::Result<Self::File> {
        Ok(self.file(self.inner.create(name, bytes)?, true))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.inner.remove(name)
    }

    fn sync_dir(&self) -> io::Result<()> {
        self.inner.sync_dir()
    }

    fn free_bytes(&self) -> io::Result<u64> {
        self.inner.free_bytes()
    }
}

impl File for PlantedFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.inner.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.inner.write_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        let skips = self.bug == Some(Bug::AcknowledgeBeforeSync);
        if skips && !self.new.swap(false, Ordering::Relaxed) { Ok(()) } else { self.inner.sync() }
    }

    fn bytes(&self) -> io::Result<u64> {
        self.inner.bytes()
    }
}
