//! A simulated [`Disk`] in memory, with the faults of real ones.
//!
//! What was written and not synced is lost, kept, or torn by sector at [`SimDisk::crash`], by a
//! seed; names that were not synced come and go. A sync can fail, a bit can flip, room can end.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::{Disk, File};

/// What a real disk writes whole or not at all, in bytes.
const SECTOR: usize = 512;

/// A folder in memory. Clones are the same folder, seen by the same process.
#[derive(Clone)]
pub struct SimDisk {
    state: Arc<Mutex<State>>,
    /// The process that this clone belongs to; a dead one's calls fail.
    life: u64,
}

/// A file of a [`SimDisk`].
pub struct SimFile {
    disk: SimDisk,
    inode: u64,
}

/// Held while the folder is locked.
pub struct SimLock(SimDisk);

#[derive(Default)]
struct State {
    /// The process that lives.
    life: u64,
    lives: u64,
    locked: bool,
    next_inode: u64,
    names: BTreeMap<String, u64>,
    durable_names: BTreeMap<String, u64>,
    inodes: BTreeMap<u64, Inode>,
    capacity: Option<u64>,
    failing_syncs: u32,
    failed_syncs: u64,
    /// Calls until the process dies.
    calls_left: Option<u64>,
    /// Bytes of the next write that are taken before the disk is full.
    short_write: Option<usize>,
}

#[derive(Default)]
struct Inode {
    bytes: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Write>,
    /// Sectors that cannot be read.
    bad: Vec<usize>,
    /// Not in the folder any more; what is open can still be read.
    removed: bool,
}

struct Write {
    offset: usize,
    bytes: Vec<u8>,
}

/// Plain numbers from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n.max(1)
    }
}

impl Default for SimDisk {
    fn default() -> Self {
        Self::new()
    }
}

impl SimDisk {
    /// An empty folder on a disk without limit.
    pub fn new() -> Self {
        Self { state: Arc::default(), life: 0 }
    }

    /// The power fails: what was not synced is lost, kept or torn, by `seed`. Answers the folder
    /// as the next process sees it; calls of this one fail from now on.
    #[must_use]
    pub fn crash(&self, seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut state = self.state();
        let state = &mut *state;
        for inode in state.inodes.values_mut() {
            inode.settle(&mut dice);
            inode.bytes.clone_from(&inode.durable);
        }
        let changed: Vec<String> = state
            .names
            .keys()
            .chain(state.durable_names.keys())
            .filter(|name| state.names.get(*name) != state.durable_names.get(*name))
            .cloned()
            .collect();
        for name in changed {
            if dice.below(2) == 0 {
                match state.names.get(&name) {
                    Some(inode) => state.durable_names.insert(name, *inode),
                    None => state.durable_names.remove(&name),
                };
            }
        }
        state.names = state.durable_names.clone();
        Self { state: Arc::clone(&self.state), life: state.next_life() }
    }

    /// The process is killed and started again: all that was written is still there, synced or
    /// not. Answers the folder as the next process sees it; calls of this one fail from now on.
    #[must_use]
    pub fn restart(&self) -> Self {
        let life = self.state().next_life();
        Self { state: Arc::clone(&self.state), life }
    }

    /// Flips one bit of a file, on disk and in memory. Whether the file has that byte.
    pub fn flip_bit(&self, name: &str, offset: usize, bit: u8) -> bool {
        let mut state = self.state();
        let Some(inode) = state.inode_of(name) else { return false };
        let mask = 1 << (bit % 8);
        match inode.bytes.get_mut(offset) {
            Some(byte) => *byte ^= mask,
            None => return false,
        }
        if let Some(byte) = inode.durable.get_mut(offset) {
            *byte ^= mask;
        }
        true
    }

    /// Puts `bytes` into a file at `offset`, on disk and in memory, as far as the file goes.
    pub fn overwrite(&self, name: &str, offset: usize, bytes: &[u8]) {
        let mut state = self.state();
        let Some(inode) = state.inode_of(name) else { return };
        for content in [&mut inode.bytes, &mut inode.durable] {
            let room = content.len().saturating_sub(offset).min(bytes.len());
            if room > 0 {
                content[offset..offset + room].copy_from_slice(&bytes[..room]);
            }
        }
    }

    /// A file's bytes as the process sees them.
    pub fn bytes_of(&self, name: &str) -> Option<Vec<u8>> {
        self.state().inode_of(name).map(|inode| inode.bytes.clone())
    }

    /// The sector of a file that holds the byte at `offset` cannot be read any more (EIO).
    pub fn break_sector(&self, name: &str, offset: usize) {
        if let Some(inode) = self.state().inode_of(name) {
            inode.bad.push(offset / SECTOR);
        }
    }

    /// Takes a file away, durably.
    pub fn lose_file(&self, name: &str) {
        let mut state = self.state();
        state.names.remove(name);
        state.durable_names.remove(name);
    }

    /// The next `count` syncs fail.
    pub fn fail_syncs(&self, count: u32) {
        self.state().failing_syncs = count;
    }

    /// The next write takes `bytes` bytes, then finds the disk full.
    pub fn fill_in_next_write(&self, bytes: usize) {
        self.state().short_write = Some(bytes);
    }

    /// The process dies at the call after the next `calls`: that one and all later ones fail.
    pub fn die_after(&self, calls: u64) {
        self.state().calls_left = Some(calls);
    }

    /// How many bytes all files may have together; none: no limit.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.state().capacity = bytes;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, for a process that still lives.
    fn alive(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        if let Some(left) = state.calls_left {
            match left.checked_sub(1) {
                Some(left) => state.calls_left = Some(left),
                None => state.life = u64::MAX,
            }
        }
        if state.life == self.life {
            Ok(state)
        } else {
            Err(io::Error::other("simulated: this process has died"))
        }
    }

    fn open(&self, name: &str) -> io::Result<SimFile> {
        let state = self.alive()?;
        let inode = *state.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(SimFile { disk: self.clone(), inode })
    }
}

impl State {
    fn next_life(&mut self) -> u64 {
        self.lives += 1;
        self.life = self.lives;
        self.calls_left = None;
        self.locked = false;
        self.short_write = None;
        self.failing_syncs = 0;
        self.life
    }

    fn inode_of(&mut self, name: &str) -> Option<&mut Inode> {
        let inode = self.names.get(name)?;
        self.inodes.get_mut(inode)
    }

    fn free(&self) -> u64 {
        let kept = self.inodes.values().filter(|inode| !inode.removed);
        let taken: u64 = kept.map(|inode| inode.bytes.len() as u64).sum();
        self.capacity.map_or(u64::MAX, |capacity| capacity.saturating_sub(taken))
    }

    /// Whether this sync is to fail.
    fn sync_fails(&mut self) -> bool {
        let fails = self.failing_syncs > 0;
        self.failing_syncs = self.failing_syncs.saturating_sub(1);
        fails
    }
}

impl Inode {
    fn write(&mut self, bytes: &[u8], offset: usize) {
        put(&mut self.bytes, bytes, offset);
        self.unsynced.push(Write { offset, bytes: bytes.to_vec() });
    }

    fn sync(&mut self) {
        if self.durable.len() < self.bytes.len() {
            self.durable.resize(self.bytes.len(), 0);
        }
        for write in self.unsynced.drain(..) {
            put(&mut self.durable, &write.bytes, write.offset);
        }
    }

    /// Each write not synced is lost, kept, or kept in some of its sectors, for ever.
    fn settle(&mut self, dice: &mut Dice) {
        if self.durable.is_empty() && dice.below(2) == 0 {
            self.durable.resize(self.bytes.len(), 0);
        }
        for write in self.unsynced.drain(..) {
            let fate = dice.below(3);
            let mut at = 0;
            while at < write.bytes.len() {
                let offset = write.offset + at;
                let sector_end = (offset / SECTOR + 1) * SECTOR - write.offset;
                let end = sector_end.min(write.bytes.len());
                if fate == 1 || fate == 2 && dice.below(2) == 0 {
                    let room = self.durable.len().saturating_sub(offset).min(end - at);
                    if room > 0 {
                        put(&mut self.durable, &write.bytes[at..at + room], offset);
                    }
                }
                at = end;
            }
        }
    }
}

fn put(content: &mut Vec<u8>, bytes: &[u8], offset: usize) {
    let end = offset + bytes.len();
    if content.len() < end {
        content.resize(end, 0);
    }
    content[offset..end].copy_from_slice(bytes);
}

impl Disk for SimDisk {
    type File = SimFile;
    type Lock = SimLock;

    fn lock(&self) -> io::Result<SimLock> {
        let mut state = self.alive()?;
        if state.locked {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        state.locked = true;
        Ok(SimLock(self.clone()))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.alive()?.names.keys().cloned().collect())
    }

    fn open_read(&self, name: &str) -> io::Result<SimFile> {
        self.open(name)
    }

    fn open_write(&self, name: &str) -> io::Result<SimFile> {
        self.open(name)
    }

    fn create(&self, name: &str, bytes: u64) -> io::Result<SimFile> {
        let mut state = self.alive()?;
        if state.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if state.free() < bytes {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let length = usize::try_from(bytes).map_err(|_| io::ErrorKind::FileTooLarge)?;
        state.next_inode += 1;
        let inode = state.next_inode;
        state.inodes.insert(inode, Inode { bytes: vec![0; length], ..Inode::default() });
        state.names.insert(name.to_owned(), inode);
        drop(state);
        Ok(SimFile { disk: self.clone(), inode })
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.alive()?;
        let inode = state.names.remove(name).ok_or(io::ErrorKind::NotFound)?;
        if let Some(inode) = state.inodes.get_mut(&inode) {
            inode.removed = true;
        }
        Ok(())
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut state = self.alive()?;
        if state.sync_fails() {
            return Err(io::Error::other("simulated: the folder's sync failed"));
        }
        state.durable_names = state.names.clone();
        Ok(())
    }

    fn free_bytes(&self) -> io::Result<u64> {
        Ok(self.alive()?.free())
    }
}

impl File for SimFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let state = self.disk.alive()?;
        let inode = state.inodes.get(&self.inode).ok_or(io::ErrorKind::NotFound)?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(inode.bytes.len());
        let length = (inode.bytes.len() - start).min(buffer.len());
        let sectors = start / SECTOR..(start + length).div_ceil(SECTOR);
        if inode.bad.iter().any(|bad| sectors.contains(bad)) {
            return Err(io::Error::from_raw_os_error(nix::errno::Errno::EIO as i32));
        }
        buffer[..length].copy_from_slice(&inode.bytes[start..start + length]);
        Ok(length)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.disk.alive()?;
        let room = state.short_write.take().unwrap_or(bytes.len()).min(bytes.len());
        let offset = usize::try_from(offset).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let inode = state.inodes.get_mut(&self.inode).ok_or(io::ErrorKind::NotFound)?;
        inode.write(&bytes[..room], offset);
        if room < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.alive()?;
        let fails = state.sync_fails();
        state.failed_syncs += u64::from(fails);
        let seed = state.failed_syncs;
        let inode = state.inodes.get_mut(&self.inode).ok_or(io::ErrorKind::NotFound)?;
        if fails {
            // As Linux does: the pages count as clean now, whether they reached the disk or not.
            inode.settle(&mut Dice(seed));
            return Err(io::Error::other("simulated: the sync failed"));
        }
        inode.sync();
        Ok(())
    }

    fn bytes(&self) -> io::Result<u64> {
        let state = self.disk.alive()?;
        let inode = state.inodes.get(&self.inode).ok_or(io::ErrorKind::NotFound)?;
        Ok(inode.bytes.len() as u64)
    }
}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if state.life == self.0.life {
            state.locked = false;
        }
    }
}
