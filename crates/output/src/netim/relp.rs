//! Syslog over RELP, the way that loses nothing: each message is answered.
//!
//! From: the archiver. To: a RELP receiver (rsyslog's imrelp). Answers may come in any order;
//! only a prefix without gaps is confirmed. The wire is described at
//! <https://github.com/rsyslog/librelp/blob/master/doc/relp.html>.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use mutt_tls::Connector;
use tokio::time::{Instant, sleep_until};

use super::frame::text;
use super::relp_wire::{self, Frame, TXNR_MAX};
use super::wire::{Read, Wire};
use crate::{Certainty, Channel, ChannelError, ChannelStats, Outgoing};

const OFFER: &[u8] =
    concat!("relp_version=0\nrelp_software=mutt,", env!("CARGO_PKG_VERSION"), "\ncommands=syslog")
        .as_bytes();
/// How long a goodbye may take.
const CLOSE_MOST: Duration = Duration::from_secs(1);

/// Where to and how.
#[derive(Clone, Debug)]
pub struct RelpSettings {
    /// `host:port`.
    pub address: String,
    /// Messages under way and not answered, at most. Default 128, as librelp has it.
    pub window: usize,
    /// The TLS of connections. Default none.
    pub tls: Option<Arc<Connector>>,
    /// The time for a connection and for the session's opening, each. Default 5 s.
    pub connect_timeout: Duration,
    /// The receiver may leave messages without any answer for this long. Default 60 s.
    pub stall_timeout: Duration,
}

impl RelpSettings {
    /// The defaults, to `address`.
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            window: 128,
            tls: None,
            connect_timeout: Duration::from_secs(5),
            stall_timeout: Duration::from_secs(60),
        }
    }
}

/// Syslog over RELP.
#[derive(Debug)]
pub struct RelpChannel {
    settings: RelpSettings,
    stats: ChannelStats,
    session: Option<Session>,
}

#[derive(Debug)]
struct Session {
    wire: Wire,
    inbox: Vec<u8>,
    /// The transaction number of the oldest message that is not confirmed.
    oldest: u32,
    /// For it and those after it: the frame's length, and whether it is answered.
    under_way: VecDeque<(u32, bool)>,
    confirmed: u64,
    moved: Instant,
    failure: Option<ChannelError>,
}

fn next(txnr: u32) -> u32 {
    txnr % TXNR_MAX + 1
}

impl RelpChannel {
    /// Connects to nothing yet.
    pub fn new(settings: RelpSettings, stats: ChannelStats) -> Self {
        Self { settings, stats, session: None }
    }

    async fn opening(&self) -> Result<Session, ChannelError> {
        let RelpSettings { address, connect_timeout, tls, .. } = &self.settings;
        let wire = Wire::connect(address, *connect_timeout, tls.as_deref()).await?;
        let mut session = Session {
            wire,
            inbox: Vec::new(),
            oldest: 2,
            under_way: VecDeque::new(),
            confirmed: 0,
            moved: Instant::now(),
            failure: None,
        };
        relp_wire::render(1, "open", OFFER, session.wire.out());
        let deadline = Instant::now() + self.settings.connect_timeout;
        loop {
            session.flush(&self.settings)?;
            let ended = session.read(&self.settings)?;
            if session.greeted(&self.settings)? {
                return Ok(session);
            }
            if ended {
                return Err(self.settings.closed());
            }
            if Instant::now() >= deadline {
                return Err(self.settings.protocol("no answer to `open` in time"));
            }
            session.wait_until(deadline).await;
        }
    }

    fn taking(&mut self, messages: &[Outgoing<'_>]) -> Result<usize, ChannelError> {
        let Some(session) = &mut self.session else { return Err(self.settings.not_open()) };
        session.listen(&self.settings, &self.stats)?;
        if session.under_way.is_empty() {
            session.moved = Instant::now();
        }
        let room = self.settings.window.max(1).saturating_sub(session.under_way.len());
        let taken = room.min(messages.len());
        let mut txnr = session.txnr_after_last();
        for message in &messages[..taken] {
            let before = session.wire.queued();
            relp_wire::render(txnr, "syslog", &text(message, &self.stats), session.wire.out());
            let len = session.wire.queued() - before;
            self.stats.sent_bytes.inc_by(len);
            session.under_way.push_back((u32::try_from(len).unwrap_or(u32::MAX), false));
            txnr = next(txnr);
        }
        self.stats.sent.inc_by(taken as u64);
        session.flush(&self.settings)?;
        Ok(taken)
    }

    fn confirming(&mut self) -> Result<u64, ChannelError> {
        let Some(session) = &mut self.session else { return Err(self.settings.not_open()) };
        session.listen(&self.settings, &self.stats)?;
        Ok(session.confirmed)
    }

    fn after<T>(&mut self, result: Result<T, ChannelError>) -> Result<T, ChannelError> {
        if let Err(error) = &result {
            self.session = None;
            self.stats.error(error);
        }
        result
    }
}

impl RelpSettings {
    fn not_open(&self) -> ChannelError {
        ChannelError::NotOpen(self.address.clone())
    }

    fn closed(&self) -> ChannelError {
        ChannelError::Closed(self.address.clone())
    }

    fn protocol(&self, what: impl Into<String>) -> ChannelError {
        ChannelError::Protocol { destination: self.address.clone(), what: what.into() }
    }

    fn rejected(&self, answer: &[u8]) -> ChannelError {
        let line = answer.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let answer = String::from_utf8_lossy(line).into_owned();
        ChannelError::Rejected { destination: self.address.clone(), answer }
    }

    fn io(&self, why: std::io::Error) -> ChannelError {
        ChannelError::Io { destination: self.address.clone(), why }
    }
}

impl Session {
    fn flush(&mut self, settings: &RelpSettings) -> Result<(), ChannelError> {
        self.wire.flush().map_err(|why| settings.io(why))
    }

    /// Reads what is there. A close is only told once all that came before it is heard.
    fn read(&mut self, settings: &RelpSettings) -> Result<bool, ChannelError> {
        let mut bytes = [0; 8192];
        loop {
            match self.wire.read_now(&mut bytes).map_err(|why| settings.io(why))? {
                Read::Some(n) => self.inbox.extend_from_slice(&bytes[..n]),
                Read::Nothing => return Ok(false),
                Read::Closed => return Ok(true),
            }
        }
    }

    /// Writes, reads, and brings `confirmed` up to date. What was answered before an error is
    /// told first; the error comes with the next call.
    fn listen(
        &mut self,
        settings: &RelpSettings,
        stats: &ChannelStats,
    ) -> Result<(), ChannelError> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        let heard = self.hear_all(settings);
        let before = self.confirmed;
        while let Some((len, true)) = self.under_way.front() {
            stats.confirmed_bytes.inc_by(u64::from(*len));
            self.under_way.pop_front();
            self.oldest = next(self.oldest);
            self.confirmed += 1;
        }
        stats.confirmed.inc_by(self.confirmed - before);
        if let Err(error) = heard {
            if self.confirmed == before {
                return Err(error);
            }
            self.failure = Some(error);
        }
        Ok(())
    }

    fn hear_all(&mut self, settings: &RelpSettings) -> Result<(), ChannelError> {
        self.flush(settings)?;
        let ended = self.read(settings)?;
        let mut done = 0;
        while let Some((frame, len)) =
            relp_wire::parse(&self.inbox[done..]).map_err(|what| settings.protocol(what))?
        {
            answered(&frame, self.oldest, &mut self.under_way, settings)?;
            done += len;
            self.moved = Instant::now();
        }
        self.inbox.drain(..done);
        if ended {
            return Err(settings.closed());
        }
        if !self.under_way.is_empty() && self.moved.elapsed() >= settings.stall_timeout {
            let (destination, after) = (settings.address.clone(), settings.stall_timeout);
            return Err(ChannelError::Stalled { destination, after });
        }
        Ok(())
    }

    /// Whether the receiver has answered `open`, and takes syslog.
    fn greeted(&mut self, settings: &RelpSettings) -> Result<bool, ChannelError> {
        let Some((frame, len)) =
            relp_wire::parse(&self.inbox).map_err(|what| settings.protocol(what))?
        else {
            return Ok(false);
        };
        if frame.command != b"rsp" || frame.txnr != 1 {
            return Err(settings.protocol("something else than an answer to `open`"));
        }
        if !frame.data.starts_with(b"200") {
            return Err(settings.rejected(frame.data));
        }
        let text = String::from_utf8_lossy(frame.data);
        let mut commands = text.lines().filter_map(|line| line.strip_prefix("commands="));
        if !commands.any(|names| names.split(',').any(|name| name == "syslog")) {
            return Err(settings.protocol("the receiver does not take the command `syslog`"));
        }
        self.inbox.drain(..len);
        Ok(true)
    }

    fn txnr_after_last(&self) -> u32 {
        let after =
            (u64::from(self.oldest) - 1 + self.under_way.len() as u64) % u64::from(TXNR_MAX);
        after as u32 + 1
    }

    /// Returns when there is something to read or room to write, at the latest at `deadline`.
    async fn wait_until(&mut self, deadline: Instant) {
        let pending = self.wire.is_pending();
        loop {
            tokio::select! {
                () = self.wire.writable(), if pending => return,
                () = self.wire.readable() => {
                    let mut bytes = [0; 8192];
                    match self.wire.read_ready(&mut bytes) {
                        Ok(Read::Some(n)) => self.inbox.extend_from_slice(&bytes[..n]),
                        Ok(Read::Nothing) => continue,
                        // The next read finds it again.
                        Ok(Read::Closed) | Err(_) => {}
                    }
                    return;
                }
                () = sleep_until(deadline) => return,
            }
        }
    }
}

/// Notes one answer.
fn answered(
    frame: &Frame<'_>,
    oldest: u32,
    under_way: &mut VecDeque<(u32, bool)>,
    settings: &RelpSettings,
) -> Result<(), ChannelError> {
    match frame.command {
        b"rsp" => {}
        b"serverclose" => return Err(settings.closed()),
        other => {
            let name = String::from_utf8_lossy(other);
            return Err(settings.protocol(format!("unexpected command `{name}`")));
        }
    }
    if !frame.data.starts_with(b"200") {
        return Err(settings.rejected(frame.data));
    }
    let (txnr, oldest, all) = (u64::from(frame.txnr), u64::from(oldest), u64::from(TXNR_MAX));
    let ahead = (txnr + all - oldest) % all;
    match under_way.get_mut(ahead as usize) {
        Some((_, done @ false)) => {
            *done = true;
            Ok(())
        }
        _ => Err(settings.protocol(format!("an answer to {txnr}, which is not under way"))),
    }
}

impl Channel for RelpChannel {
    fn certainty(&self) -> Certainty {
        Certainty::Confirmed
    }

    async fn open(&mut self) -> Result<(), ChannelError> {
        self.session = None;
        let result = self.opening().await;
        let session = self.after(result)?;
        self.stats.open.set(1);
        self.session = Some(session);
        Ok(())
    }

    async fn send(&mut self, messages: &[Outgoing<'_>]) -> Result<usize, ChannelError> {
        let result = self.taking(messages);
        self.after(result)
    }

    async fn confirmed(&mut self) -> Result<u64, ChannelError> {
        let result = self.confirming();
        self.after(result)
    }

    async fn wait(&mut self, most: Duration) {
        let deadline = Instant::now() + most;
        match &mut self.session {
            Some(session) => session.wait_until(deadline).await,
            None => sleep_until(deadline).await,
        }
    }

    async fn close(&mut self) {
        let Some(mut session) = self.session.take() else { return };
        self.stats.open.set(0);
        let txnr = session.txnr_after_last();
        relp_wire::render(txnr, "close", b"", session.wire.out());
        let deadline = Instant::now() + CLOSE_MOST;
        // The goodbye is a courtesy: whatever goes wrong with it, the connection ends here.
        while Instant::now() < deadline
            && session.flush(&self.settings).is_ok()
            && session.read(&self.settings).is_ok_and(|ended| !ended)
            && session.inbox.is_empty()
        {
            session.wait_until(deadline).await;
        }
        session.wire.goodbye();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OutputStats;
    use crate::netim::tests::syslog;
    use crate::standin::{Door, Keep, NetIm};

    #[tokio::test]
    async fn transaction_numbers_go_on_at_one() {
        let netim = NetIm::start(Keep::All).await.unwrap();
        let settings = RelpSettings::new(netim.address(Door::Relp).to_string());
        let mut channel = RelpChannel::new(settings, OutputStats::default().channel("test"));
        channel.open().await.unwrap();
        channel.session.as_mut().unwrap().oldest = TXNR_MAX - 2;
        let messages = [b"a", b"b", b"c", b"d", b"e"].map(|raw| syslog(raw));
        assert_eq!(channel.send(&messages).await.unwrap(), 5);
        while channel.confirmed().await.unwrap() < 5 {
            channel.wait(Duration::from_millis(50)).await;
        }
        assert_eq!(channel.session.as_ref().unwrap().oldest, 3);
    }
}
