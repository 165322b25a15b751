//! The devices and relays: they send, wait for acknowledgements where the protocol has them, and
//! send again what was not acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use mutt_event::{Timestamp, partition_of};
use mutt_journal::{AppendError, Appender, Batch, Receipt, WhenFull};

use crate::dice::Dice;
use crate::messages::{Door, Message};

/// What a RELP sender keeps unacknowledged at most.
const WINDOW: usize = 24;

type Answer = Pin<Box<dyn Future<Output = Result<Receipt, AppendError>>>>;

struct Waiting {
    answer: Answer,
    door: Door,
    numbers: Vec<u64>,
}

/// A sender that sends again, and what it has to.
#[derive(Default)]
struct Careful {
    unacknowledged: Vec<Message>,
    again: bool,
}

/// All senders.
pub struct Senders {
    dice: Dice,
    next_number: u64,
    next_session: u64,
    http: Careful,
    relp: Vec<(u64, Careful)>,
    waiting: Vec<Waiting>,
    /// Everything that was ever sent, by number.
    pub sent: BTreeMap<u64, Message>,
    /// How often.
    times: BTreeMap<u64, u32>,
    /// What MUTT has acknowledged: its obligations.
    pub acknowledged: BTreeSet<u64>,
}

impl Senders {
    /// With or without senders that speak RELP.
    pub fn new(dice: Dice, with_relp: bool) -> Self {
        let relp = (1..=if with_relp { 3 } else { 0 })
            .map(|session| (session, Careful::default()))
            .collect();
        Self {
            dice,
            next_number: 1,
            next_session: 4,
            http: Careful::default(),
            relp,
            waiting: Vec::new(),
            sent: BTreeMap::new(),
            times: BTreeMap::new(),
            acknowledged: BTreeSet::new(),
        }
    }

    /// One of them sends a few messages; answers what it did, for the story.
    pub fn send(&mut self, appender: &Appender, now: Timestamp) -> Result<String, String> {
        let door = match self.dice.below(8) {
            0..3 => Door::Tcp,
            3 => Door::Http,
            4 => Door::Trap,
            _ if self.relp.is_empty() => Door::Http,
            _ => self.relp_door(self.dice.below(self.relp.len() as u64) as usize),
        };
        let messages = self.next(door);
        self.submit(appender, door, messages, now)
    }

    /// What was not acknowledged is sent again now; whether there was any.
    pub fn send_again(&mut self, appender: &Appender, now: Timestamp) -> Result<bool, String> {
        let relp = (0..self.relp.len()).map(|n| self.relp_door(n));
        let doors: Vec<Door> = relp.chain([Door::Http]).collect();
        let mut any = false;
        for door in doors {
            let messages = self.again(door);
            any |= !messages.is_empty();
            self.submit(appender, door, messages, now)?;
        }
        Ok(any || !self.waiting.is_empty())
    }

    /// How often a message was sent.
    pub fn times(&self, number: u64) -> u32 {
        self.times.get(&number).copied().unwrap_or_default()
    }

    /// Takes the answers that have come; over RELP each after those to all that was sent before.
    pub fn hear(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        let mut late = Vec::new();
        for mut waiting in std::mem::take(&mut self.waiting) {
            if late.contains(&waiting.door) {
                self.waiting.push(waiting);
                continue;
            }
            match waiting.answer.as_mut().poll(&mut context) {
                Poll::Pending => {
                    if let Door::Relp { .. } = waiting.door {
                        late.push(waiting.door);
                    }
                    self.waiting.push(waiting);
                }
                Poll::Ready(Ok(_)) => self.acknowledge(waiting.door, &waiting.numbers),
                Poll::Ready(Err(_)) => {}
            }
        }
    }

    /// MUTT is gone: every connection breaks, no answer will come.
    pub fn lose_connections(&mut self) {
        self.waiting.clear();
        self.http.again = true;
        for n in 0..self.relp.len() {
            self.break_relp(n);
        }
    }

    /// One RELP sender loses its connection; what MUTT has of it is still stored.
    pub fn break_one(&mut self) {
        if !self.relp.is_empty() {
            self.break_relp(self.dice.below(self.relp.len() as u64) as usize);
        }
    }

    fn break_relp(&mut self, n: usize) {
        let (session, sender) = &mut self.relp[n];
        *session = self.next_session;
        self.next_session += 1;
        sender.again = true;
    }

    fn relp_door(&self, n: usize) -> Door {
        // Two senders share an address.
        Door::Relp { peer: (n / 2) as u8, session: self.relp[n].0 }
    }

    fn careful(&mut self, door: Door) -> Option<&mut Careful> {
        match door {
            Door::Http => Some(&mut self.http),
            Door::Relp { session, .. } => {
                let sender = self.relp.iter_mut().find(|(current, _)| *current == session);
                sender.map(|(_, sender)| sender)
            }
            Door::Tcp | Door::Trap => None,
        }
    }

    fn again(&mut self, door: Door) -> Vec<Message> {
        match self.careful(door) {
            Some(sender) if sender.again => {
                sender.again = false;
                sender.unacknowledged.clone()
            }
            _ => Vec::new(),
        }
    }

    fn next(&mut self, door: Door) -> Vec<Message> {
        let again = self.again(door);
        if !again.is_empty() {
            return again;
        }
        let count = 1 + self.dice.below(6);
        let first = self.next_number;
        if self.careful(door).is_some_and(|sender| sender.unacknowledged.len() >= WINDOW) {
            return Vec::new();
        }
        self.next_number += count;
        let dice = self.dice.clone();
        let numbers = first..first + count;
        let new: Vec<Message> =
            numbers.map(|number| Message::any(&dice, number, door == Door::Trap)).collect();
        if let Some(sender) = self.careful(door) {
            sender.unacknowledged.extend(new.iter().cloned());
        }
        self.sent.extend(new.iter().map(|message| (message.number, message.clone())));
        new
    }

    fn submit(
        &mut self,
        appender: &Appender,
        door: Door,
        messages: Vec<Message>,
        now: Timestamp,
    ) -> Result<String, String> {
        let numbers: Vec<u64> = messages.iter().map(|message| message.number).collect();
        if numbers.is_empty() {
            return Ok(format!("{door:?} waits"));
        }
        for number in &numbers {
            *self.times.entry(*number).or_default() += 1;
        }
        let mut batch = Batch::default();
        for message in &messages {
            let partition = partition_of(message.host, appender.partitions());
            batch.push(partition, |out| message.envelope(door, now).encode_into(out));
        }
        let pending = crate::world::now(appender.submit(batch, WhenFull::Wait))?;
        let pending = pending.map_err(|error| error.to_string())?;
        let story = format!("{door:?} sends {numbers:?}");
        self.waiting.push(Waiting { answer: Box::pin(pending.stored()), door, numbers });
        Ok(story)
    }

    fn acknowledge(&mut self, door: Door, numbers: &[u64]) {
        // The answer to a connection that broke reaches nobody.
        if let Door::Relp { .. } = door
            && self.careful(door).is_none()
        {
            return;
        }
        self.acknowledged.extend(numbers);
        if let Some(sender) = self.careful(door) {
            sender.unacknowledged.retain(|message| !numbers.contains(&message.number));
        }
    }
}
