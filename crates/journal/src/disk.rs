//! What the journal asks of a disk: a folder of files, reached by name.
//!
//! [`RealDisk`](crate::RealDisk) is the file system, [`SimDisk`](crate::SimDisk) a simulated one
//! with faults. Nothing here buffers: a write is durable once [`File::sync`] has answered, a
//! name once [`Disk::sync_dir`] has.

use std::io;

/// A folder that holds one journal.
pub trait Disk: Clone + Send + Sync + 'static {
    /// An open file.
    type File: File;
    /// Held as long as the journal is open; dropping it frees the folder.
    type Lock: Send + 'static;

    /// Takes the folder for this process, making it if it does not exist.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when another process has it.
    fn lock(&self) -> io::Result<Self::Lock>;

    /// The names of all files in the folder.
    ///
    /// # Errors
    /// Any of the file system.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Opens a file for reading.
    ///
    /// # Errors
    /// Any of the file system.
    fn open_read(&self, name: &str) -> io::Result<Self::File>;

    /// Opens a file for reading and writing.
    ///
    /// # Errors
    /// Any of the file system.
    fn open_write(&self, name: &str) -> io::Result<Self::File>;

    /// Creates a file of `bytes` zeros whose room on disk is taken at once.
    ///
    /// # Errors
    /// [`io::ErrorKind::StorageFull`] when there is no room; then no file is left.
    fn create(&self, name: &str, bytes: u64) -> io::Result<Self::File>;

    /// Removes a file. Whoever has it open may go on reading.
    ///
    /// # Errors
    /// Any of the file system.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes created and removed names durable.
    ///
    /// # Errors
    /// Any of the file system.
    fn sync_dir(&self) -> io::Result<()>;

    /// Bytes that are free for this process.
    ///
    /// # Errors
    /// Any of the file system.
    fn free_bytes(&self) -> io::Result<u64>;
}

/// An open file: positions are given with each call, so it can be shared.
pub trait File: Send + Sync + 'static {
    /// Reads into `buffer` from `offset`; fewer bytes than asked only at the end of the file.
    ///
    /// # Errors
    /// Any of the file system.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`. After an error any part of it may have been written.
    ///
    /// # Errors
    /// Any of the file system.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Makes all that was written durable (fdatasync).
    ///
    /// # Errors
    /// Any of the file system. What was written is then in an unknown state for ever.
    fn sync(&self) -> io::Result<()>;

    /// The file's length in bytes.
    ///
    /// # Errors
    /// Any of the file system.
    fn bytes(&self) -> io::Result<u64>;
}
