//! What fails: the database now and then, and bugs planted by name to see that the oracles bite.

use std::io;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mutt_alert::{Alert, Decided, Track};
use mutt_event::Timestamp;
use mutt_journal::{Clock, Disk, File, SimDisk};
use mutt_store::{
    Call, Change, Cursor, Database, Delivery, Fault, FaultyStore, Grant, Keep, Lease, LeaseRef,
    Leases, MemoryStore, Pruned, Queue, StoreError,
};

use crate::dice::Dice;
use crate::node::SimClock;

/// A bug that an oracle must find.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bug {
    /// The journal answers before its bytes are synced.
    AcknowledgeBeforeSync,
    /// Alerts and cursor are two transactions, with room for a crash between them.
    CursorApart,
    /// What was handed to the connection counts as archived, whatever the receiver has.
    ConfirmOnSend,
}

impl Bug {
    /// All of them.
    pub const ALL: [Bug; 3] = [Bug::AcknowledgeBeforeSync, Bug::CursorApart, Bug::ConfirmOnSend];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Bug::AcknowledgeBeforeSync => "acknowledge-before-sync",
            Bug::CursorApart => "cursor-apart",
            Bug::ConfirmOnSend => "confirm-on-send",
        }
    }
}

impl FromStr for Bug {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Bug::ALL.into_iter().find(|bug| bug.name() == name);
        found.ok_or_else(|| {
            format!("no such bug; there are: {}", Bug::ALL.map(Bug::name).join(", "))
        })
    }
}

/// Whether things fail now; all is well for the drain at the end.
#[derive(Clone, Debug)]
pub struct Weather(Arc<AtomicBool>);

impl Weather {
    pub fn bad() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    pub fn is_bad(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub fn clear_up(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

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

/// The database, which loses a connection now and then, and perhaps commits in two parts.
#[derive(Clone)]
pub struct PlantedStore {
    inner: FaultyStore<MemoryStore>,
    bug: Option<Bug>,
}

impl PlantedStore {
    pub fn new(dice: Dice, weather: Weather, clock: SimClock, bug: Option<Bug>) -> Self {
        let inner = MemoryStore::with_clock(move || clock.now());
        let decide = move |_: Call| {
            if !weather.is_bad() {
                return Fault::None;
            }
            match dice.below(100) {
                0 => Fault::LoseAfter,
                1 => Fault::LoseBefore,
                2 => Fault::Refuse(StoreError::Full("no space left".to_owned())),
                _ => Fault::None,
            }
        };
        Self { inner: FaultyStore::new(inner, decide), bug }
    }
}

impl Database for PlantedStore {
    async fn claim(
        &self,
        reader: &str,
        journal: &str,
        partitions: u16,
    ) -> Result<Vec<Cursor>, StoreError> {
        self.inner.claim(reader, journal, partitions).await
    }

    async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        self.inner.cursors().await
    }

    async fn commit(&self, mut change: Change) -> Result<(), StoreError> {
        if self.bug == Some(Bug::CursorApart) && !change.alerts.is_empty() {
            let cursors = std::mem::take(&mut change.cursors);
            self.inner.commit(change).await?;
            change = Change { cursors, ..Change::default() };
        }
        self.inner.commit(change).await
    }

    async fn live_alerts(&self, at: Timestamp) -> Result<Vec<Alert>, StoreError> {
        self.inner.live_alerts(at).await
    }

    async fn tracks(&self) -> Result<Vec<(String, Track)>, StoreError> {
        self.inner.tracks().await
    }

    async fn decisions(&self, limit: u32) -> Result<Vec<(i64, Decided)>, StoreError> {
        self.inner.decisions(limit).await
    }

    async fn open_alerts(&self) -> Result<Vec<Alert>, StoreError> {
        self.inner.open_alerts().await
    }

    async fn latest_alerts(&self, limit: u32) -> Result<Vec<Alert>, StoreError> {
        self.inner.latest_alerts(limit).await
    }

    async fn waiting(&self, destination: &str, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        self.inner.waiting(destination, limit).await
    }

    async fn dead_letters(&self, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        self.inner.dead_letters(limit).await
    }

    async fn queues(&self) -> Result<Vec<Queue>, StoreError> {
        self.inner.queues().await
    }

    async fn prune(&self, keep: Keep) -> Result<Pruned, StoreError> {
        self.inner.prune(keep).await
    }
}

impl Leases for PlantedStore {
    async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        ttl: Duration,
    ) -> Result<Grant, StoreError> {
        self.inner.take_lease(name, holder, ttl).await
    }

    async fn renew_lease(
        &self,
        lease: &LeaseRef,
        ttl: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        self.inner.renew_lease(lease, ttl).await
    }

    async fn release_lease(&self, lease: &LeaseRef) -> Result<(), StoreError> {
        self.inner.release_lease(lease).await
    }

    async fn leases(&self) -> Result<Vec<Lease>, StoreError> {
        self.inner.leases().await
    }
}
