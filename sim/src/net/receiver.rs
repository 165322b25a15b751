//! NetIM's receivers, which are slow, go away and are killed with bytes unread. From: archivers.
//! To: what they have read.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mutt_output::{Certainty, Channel, ChannelError, Outgoing};

use super::Watchman;
use crate::Bug;
use crate::dice::Dice;
use crate::store::Weather;

/// How a receiver is spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// Its kernel acknowledges what it has not read.
    Tcp,
    /// It acknowledges what it has read.
    Relp,
    /// It says nothing.
    Datagrams,
}

/// So much may stand unread at a receiver, in messages; over TCP the overlap covers it.
const UNREAD_MAX: usize = 32;

/// A receiver and the wire to it.
#[derive(Clone)]
pub struct Receiver {
    state: Arc<Mutex<Wire>>,
    pub protocol: Protocol,
    dice: Dice,
    weather: Weather,
    bug: Option<Bug>,
}

/// A receiver's way for each partition that is archived by itself, or one for all. Each connection
/// is a sequence of its own to NetIM.
#[derive(Clone)]
pub struct Receivers(Vec<Receiver>);

impl Receivers {
    /// So many ways.
    pub fn new(ways: u16, way: impl Fn() -> Receiver) -> Self {
        Self((0..ways).map(|_| way()).collect())
    }

    /// The way of a partition.
    pub fn of(&self, partition: Option<u16>) -> Receiver {
        self.0[usize::from(partition.unwrap_or_default())].clone()
    }

    /// NetIM is killed: what it had not read is gone.
    pub fn kill(&self) {
        self.0.iter().for_each(Receiver::kill);
    }

    pub fn start(&self) {
        self.0.iter().for_each(Receiver::start);
    }

    /// MUTT is gone; what was on the wire may arrive or not.
    pub fn sender_is_gone(&self) {
        self.0.iter().for_each(Receiver::sender_is_gone);
    }

    /// It reads on.
    pub fn reads(&self) {
        self.0.iter().for_each(Receiver::reads);
    }

    /// All that it has read, in order of each way.
    pub fn archive(&self) -> Vec<Vec<u8>> {
        self.0.iter().flat_map(Receiver::archive).collect()
    }
}

#[derive(Default)]
struct Wire {
    up: bool,
    /// The connection that stands; one that broke is never this again.
    connection: u64,
    unread: VecDeque<Vec<u8>>,
    read: Vec<Vec<u8>>,
}

impl Receiver {
    pub fn new(protocol: Protocol, dice: Dice, weather: Weather, bug: Option<Bug>) -> Self {
        let state = Arc::new(Mutex::new(Wire { up: true, ..Wire::default() }));
        Self { state, protocol, dice, weather, bug }
    }

    fn wire(&self) -> MutexGuard<'_, Wire> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A way to it, not open yet, for one who may send as long as his lease lasts.
    pub fn channel(&self, watchman: Watchman) -> SimChannel {
        SimChannel { receiver: self.clone(), watchman, connection: None, sent: 0, read_before: 0 }
    }

    fn kill(&self) {
        let mut wire = self.wire();
        wire.unread.clear();
        wire.connection += 1;
        wire.up = false;
    }

    fn start(&self) {
        self.wire().up = true;
    }

    fn sender_is_gone(&self) {
        let mut wire = self.wire();
        let arrive = self.dice.below(wire.unread.len() as u64 + 1) as usize;
        wire.read_some(arrive);
        wire.unread.clear();
        wire.connection += 1;
    }

    fn reads(&self) {
        let mut wire = self.wire();
        let some = match self.weather.is_bad() {
            true => self.dice.below(8) as usize,
            false => usize::MAX,
        };
        if wire.up {
            wire.read_some(some);
        }
    }

    fn archive(&self) -> Vec<Vec<u8>> {
        self.wire().read.clone()
    }
}

impl Wire {
    fn read_some(&mut self, count: usize) {
        let count = count.min(self.unread.len());
        self.read.extend(self.unread.drain(..count));
    }
}

/// One connection after the other to a receiver.
pub struct SimChannel {
    receiver: Receiver,
    watchman: Watchman,
    connection: Option<u64>,
    sent: u64,
    /// How much the receiver had read when the connection was made.
    read_before: usize,
}

impl SimChannel {
    fn stands(&mut self) -> Result<(), ChannelError> {
        let current = self.receiver.wire().connection;
        match self.connection {
            None => Err(ChannelError::NotOpen("sim".to_owned())),
            Some(connection) if connection == current => Ok(()),
            Some(_) => {
                self.connection = None;
                Err(ChannelError::Closed("sim".to_owned()))
            }
        }
    }
}

impl Channel for SimChannel {
    fn certainty(&self) -> Certainty {
        match self.receiver.protocol {
            Protocol::Datagrams => Certainty::Unconfirmed,
            _ => Certainty::Confirmed,
        }
    }

    async fn open(&mut self) -> Result<(), ChannelError> {
        let mut wire = self.receiver.wire();
        if !wire.up {
            let why = io::Error::from(io::ErrorKind::ConnectionRefused);
            return Err(ChannelError::Connect { destination: "sim".to_owned(), why });
        }
        wire.connection += 1;
        wire.read_some(usize::MAX);
        self.connection = Some(wire.connection);
        self.read_before = wire.read.len();
        self.sent = 0;
        Ok(())
    }

    async fn send(&mut self, messages: &[Outgoing<'_>]) -> Result<usize, ChannelError> {
        self.stands()?;
        self.watchman.sends(Duration::ZERO);
        self.receiver.reads();
        let mut wire = self.receiver.wire();
        let room = UNREAD_MAX - wire.unread.len().min(UNREAD_MAX);
        let room = match self.receiver.weather.is_bad() {
            true => room.min(self.receiver.dice.below(UNREAD_MAX as u64 + 1) as usize),
            false => room,
        };
        let taken = messages.iter().take(room).map(|message| message.raw.to_vec());
        let before = wire.unread.len();
        wire.unread.extend(taken);
        let taken = match self.receiver.bug {
            Some(Bug::EarlyCursor) => messages.len(),
            _ => wire.unread.len() - before,
        };
        if self.receiver.protocol == Protocol::Datagrams {
            wire.read_some(usize::MAX);
        }
        self.sent += taken as u64;
        Ok(taken)
    }

    async fn confirmed(&mut self) -> Result<u64, ChannelError> {
        self.stands()?;
        self.receiver.reads();
        let read = (self.receiver.wire().read.len() - self.read_before) as u64;
        Ok(match self.receiver.protocol {
            Protocol::Relp if self.receiver.bug != Some(Bug::ConfirmOnSend) => read,
            _ => self.sent,
        })
    }

    async fn wait(&mut self, _most: Duration) {
        self.receiver.reads();
    }

    async fn close(&mut self) {
        self.connection = None;
    }
}
