//! What a lane's watcher, readers and writer share: its keys, its reading connection, and what the
//! watcher saw last.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mutt_event::Timestamp;
use redis::{Cmd, Pipeline};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use uuid::Uuid;

use super::keys::Keys;
use super::link::Answers;
use super::options::RedisOptions;
use super::script::{Script, Scripted};
use super::topology::Masters;
use super::trouble::Trouble;
use crate::append::Position;
use crate::reader::ReadError;

/// Damaged entries are remembered, so that each is counted once; beyond so many the oldest are
/// forgotten.
const DAMAGED_MAX: usize = 65_536;

/// What a question may take beyond its time limit, on a busy machine.
const SLACK: Duration = Duration::from_secs(1);

/// What all lanes share.
#[derive(Debug)]
pub(super) struct Site {
    pub options: RedisOptions,
    pub masters: Masters,
    pub identity: Uuid,
    /// Where questions are asked and answers unpacked.
    pub runtime: Handle,
}

impl Site {
    /// Asks something on the runtime; the answer comes through the channel.
    pub fn begin<T: Send + 'static>(
        &self,
        ask: impl Future<Output = T> + Send + 'static,
    ) -> Receiver<T> {
        let (send, answer) = sync_channel(1);
        self.runtime.spawn(async move {
            // Whoever asked may have gone elsewhere.
            let _ = send.send(ask.await);
        });
        answer
    }

    /// Waits on this thread for an answer.
    pub fn wait<T>(&self, answer: &Receiver<T>) -> Result<T, Trouble> {
        let patience = self.options.patience() + SLACK;
        answer.recv_timeout(patience).map_err(|error| match error {
            RecvTimeoutError::Timeout => Trouble::Silent(patience.as_millis()),
            RecvTimeoutError::Disconnected => {
                Trouble::Broken("the runtime that asks it has ended".to_owned())
            }
        })
    }
}

/// What a lane is, at one moment.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    pub end: u64,
    /// How far somebody has read, perhaps another process.
    pub reached: u64,
    /// The server's time, taken before the look.
    pub seen: Timestamp,
    pub last_append: Timestamp,
    pub stored: u64,
    pub free: u64,
    /// Bytes of blobs since the lane's birth.
    pub bytes: u64,
    /// What is looked at less often.
    pub kept: Kept,
    /// Bytes that could not be trimmed when it was last tried.
    pub held: u64,
    /// The server that was looked at.
    pub server: String,
}

/// What is looked at once a second.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    /// The oldest position.
    pub start: u64,
    /// Bytes of blobs before it, since the lane's birth.
    pub bytes_before: u64,
    /// What the server's memory holds, and its limit (0 is none), in bytes.
    pub memory_used: u64,
    pub memory_max: u64,
}

impl View {
    /// Up to where reading goes.
    pub fn readable(&self) -> u64 {
        self.end.max(self.reached)
    }

    /// Bytes of blobs that are kept.
    pub fn bytes_kept(&self) -> u64 {
        self.bytes.saturating_sub(self.kept.bytes_before)
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Core {
    pub site: Arc<Site>,
    pub partition: u16,
    pub keys: Keys,
    pub end: watch::Sender<Position>,
    /// Asks the watcher to look now.
    pub wake: Notify,
    pub view: Mutex<View>,
    link: tokio::sync::Mutex<Option<Arc<Scripted>>>,
    /// First positions of damaged entries, with the most positions that a reader lost by it.
    damaged: Mutex<(BTreeMap<u64, u64>, u64)>,
    withdrawn: AtomicU64,
    pub reading: Reason,
    pub writing: Reason,
    /// What is weak in the server's settings, where that is allowed.
    pub weak: Mutex<Vec<String>>,
}

/// Why something does not go on, if it does not.
#[derive(Debug, Default)]
pub(super) struct Reason(Mutex<Option<String>>);

impl Reason {
    pub fn get(&self) -> Option<String> {
        locked(&self.0).clone()
    }

    /// Answers whether it is news.
    fn set(&self, trouble: Option<&Trouble>) -> bool {
        let why = trouble.map(ToString::to_string);
        let mut known = locked(&self.0);
        std::mem::replace(&mut *known, why.clone()) != why
    }
}

/// A lock that a panic elsewhere does not close.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    pub fn new(site: Arc<Site>, partition: u16) -> Self {
        let keys = Keys::new(&site.options.prefix, partition);
        Self {
            site,
            partition,
            keys,
            end: watch::Sender::new(Position::FIRST),
            wake: Notify::new(),
            view: Mutex::default(),
            link: tokio::sync::Mutex::default(),
            damaged: Mutex::default(),
            withdrawn: AtomicU64::new(0),
            reading: Reason::default(),
            writing: Reason::default(),
            weak: Mutex::default(),
        }
    }

    pub fn view(&self) -> MutexGuard<'_, View> {
        locked(&self.view)
    }

    /// Runs a script on the lane's reading connection, after the check that it leads to a master.
    /// Tries a second time, over a new connection: the first may have been idle for too long, or
    /// lead to a server that forgot the scripts or was replaced.
    pub async fn ask(
        &self,
        script: Script,
        arguments: &[&str],
        more: Option<&Cmd>,
    ) -> Result<Answers, Trouble> {
        let twice = async {
            match self.ask_once(script, arguments, more).await {
                Err(Trouble::Gone(key)) => Err(Trouble::Gone(key)),
                Err(_) => self.ask_once(script, arguments, more).await,
                answers => answers,
            }
        };
        let patience = self.site.options.patience();
        timeout(patience, twice).await.unwrap_or(Err(Trouble::Silent(patience.as_millis())))
    }

    async fn ask_once(
        &self,
        script: Script,
        arguments: &[&str],
        more: Option<&Cmd>,
    ) -> Result<Answers, Trouble> {
        let scripted = self.link().await?;
        let mut call = scripted.call(script, &[&self.keys.events, &self.keys.state]);
        call.arg(self.site.identity.to_string()).arg(arguments);
        let mut commands = Pipeline::new();
        commands.cmd("ROLE").add_command(call);
        if let Some(more) = more {
            commands.add_command(more.clone());
        }
        let asked = scripted.link.ask(&commands).await;
        let answers = asked.and_then(|mut answers| {
            let master = answers.list()?.text()? == "master";
            if master { Ok(answers) } else { Err(Trouble::Replica(scripted.link.address.clone())) }
        });
        if answers.is_err() {
            self.drop_link(&scripted).await;
        }
        answers
    }

    async fn link(&self) -> Result<Arc<Scripted>, Trouble> {
        let mut link = self.link.lock().await;
        if let Some(scripted) = &*link {
            return Ok(Arc::clone(scripted));
        }
        let opened = self.site.masters.open(self.keys.slot).await?;
        self.view().server.clone_from(&opened.address);
        let scripted = Arc::new(Scripted::load(opened).await?);
        *link = Some(Arc::clone(&scripted));
        Ok(scripted)
    }

    /// Forgets a connection that failed, unless there is another by now.
    async fn drop_link(&self, failed: &Arc<Scripted>) {
        let mut link = self.link.lock().await;
        if link.as_ref().is_some_and(|link| Arc::ptr_eq(link, failed)) {
            *link = None;
        }
    }

    /// Says why the lane cannot be read now, or that it can.
    pub fn note_reading(&self, trouble: Option<&Trouble>) {
        if self.reading.set(trouble) {
            self.tell("read", trouble);
        }
    }

    /// Says why the lane cannot be written to now, or that it can.
    pub fn note_writing(&self, trouble: Option<&Trouble>) {
        if self.writing.set(trouble) {
            self.tell("write", trouble);
        }
    }

    fn tell(&self, what: &str, trouble: Option<&Trouble>) {
        let key = &self.keys.events;
        match trouble {
            Some(why) => tracing::warn!(key, %why, "journal: cannot {what}, it is tried again"),
            None => tracing::info!(key, "journal: can {what} again"),
        }
    }

    pub fn read_error(&self, trouble: Trouble) -> ReadError {
        ReadError { file: self.keys.events.clone(), source: trouble.into_io() }
    }

    /// Counts `lost` positions of the damaged entry at `first`.
    pub fn note_damaged(&self, first: u64, lost: u64) {
        let (known, count) = &mut *locked(&self.damaged);
        let before = known.entry(first).or_default();
        let added = lost.saturating_sub(*before);
        *before += added;
        *count += added;
        if known.len() > DAMAGED_MAX {
            known.pop_first();
        }
        if added > 0 {
            let key = &self.keys.events;
            tracing::error!(
                key,
                first,
                lost,
                "journal: stored records are damaged and were skipped"
            );
        }
    }

    /// Counts positions that a reader has read and a failover has lost.
    pub fn note_withdrawn(&self, count: u64) {
        self.withdrawn.fetch_add(count, Ordering::Relaxed);
        let key = &self.keys.events;
        tracing::warn!(key, count, "journal: a failover lost records that had been read");
    }

    pub fn damaged(&self) -> u64 {
        locked(&self.damaged).1
    }

    pub fn withdrawn(&self) -> u64 {
        self.withdrawn.load(Ordering::Relaxed)
    }
}
