//! RELP, the server's side (librelp's doc/relp.html): each message is answered, in order, once
//! it is on disk; while the journal is full the answer is withheld.
//!
//! From: rsyslog's omrelp and others. To: the journal, one batch a read; and answers to the
//! sender, which keeps and repeats what was not answered.

mod frame;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use mutt_event::{Flags, Input, Kind};
use mutt_journal::WhenFull;
use mutt_tls::Acceptor;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::intake::{Arrival, Door, InputError, Intake, Round, Waiting};
use crate::stream::{self, ConnectionLimits, Read, ReadBuffer};
use frame::{Decoded, Decoder, Frame, write_rsp};

const INPUT: Input = Input::Relp;
const OFFERS: &str = "200 OK\nrelp_version=0\nrelp_software=mutt\ncommands=syslog";
/// A sender that does not read its answers for so long is cut off.
const ANSWER_PATIENCE: Duration = Duration::from_secs(60);

/// Settings of the RELP input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RelpConfig {
    /// Where to listen. Default `0.0.0.0:2514`; `[::]` takes IPv4 too.
    pub bind: SocketAddr,
    /// A longer message is cut (and answered), in bytes. Default 65,536.
    pub message_bytes_max: usize,
    /// Limits on connections.
    pub limits: ConnectionLimits,
    /// Networks that may send; none given: all.
    pub allowed_sources: Vec<IpNet>,
}

impl Default for RelpConfig {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from(([0, 0, 0, 0], 2514)),
            message_bytes_max: 64 * 1024,
            limits: ConnectionLimits::default(),
            allowed_sources: Vec::new(),
        }
    }
}

/// The RELP input, listening.
#[derive(Debug)]
pub struct Relp {
    tls: Option<Arc<Acceptor>>,
    listener: TcpListener,
    address: SocketAddr,
    config: RelpConfig,
}

impl Relp {
    /// Opens the socket; without `tls` all is plain.
    ///
    /// # Errors
    /// [`InputError::Bind`].
    pub fn bind(config: RelpConfig, tls: Option<Arc<Acceptor>>) -> Result<Self, InputError> {
        let listener = stream::listen(INPUT, config.bind)?;
        let address = stream::address_of(INPUT, &listener)?;
        Ok(Self { tls, listener, address, config })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is cancelled; returns when all that was read is answered.
    ///
    /// # Errors
    /// [`InputError::Journal`] when the journal takes nothing more.
    pub async fn serve(
        self,
        intake: Arc<Intake>,
        shutdown: CancellationToken,
    ) -> Result<(), InputError> {
        let Self { tls, listener, config, .. } = self;
        let door = Door::new(INPUT, intake, &config.allowed_sources);
        let config = Arc::new(config);
        let serve_one = |socket: TcpStream, peer, stop| {
            let (door, config, tls) = (door.clone(), Arc::clone(&config), tls.clone());
            async move {
                // An answer of a few bytes must not wait for the acknowledgement of the last.
                let _ = socket.set_nodelay(true);
                let session = door.intake.session();
                let serving = Session { door, config, peer, session, open: false };
                let Some(tls) = tls else {
                    let (read, write) = socket.into_split();
                    return serving.serve(read, write, stop).await;
                };
                match stream::shake(&tls, socket, peer, &stop).await {
                    Ok(socket) => {
                        let (read, write) = tokio::io::split(socket);
                        serving.serve(read, write, stop).await
                    }
                    Err(reason) => reason,
                }
            }
        };
        stream::accept(listener, &door, config.limits.connections_max, &shutdown, serve_one).await
    }
}

/// An answer, in the order of the frames that it answers.
enum Answer {
    /// 200 for each of these transactions, once the batch is stored.
    Stored(Waiting, Vec<u32>),
    /// These bytes.
    Now(Vec<u8>),
}

/// One connection, from open to close.
struct Session {
    door: Door,
    config: Arc<RelpConfig>,
    peer: SocketAddr,
    session: u64,
    open: bool,
}

/// Messages of a read that are not handed on yet, and the transactions to answer for them.
struct Collected {
    round: Round,
    txnrs: Vec<u32>,
}

impl Session {
    async fn serve<R, W>(self, read: R, write: W, stop: CancellationToken) -> &'static str
    where
        R: AsyncRead + Unpin,
        W: AsyncWrite + Unpin,
    {
        let (send, answers) = mpsc::channel(self.config.limits.batches_in_flight.max(1));
        // Whichever side ends first ends the other: a sender that is gone, or does not read.
        let (reason, answered) =
            tokio::join!(self.read(read, send, stop), answer_all(answers, write));
        if answered { reason } else { "answer_failed" }
    }

    async fn read<R: AsyncRead + Unpin>(
        mut self,
        mut socket: R,
        answers: mpsc::Sender<Answer>,
        stop: CancellationToken,
    ) -> &'static str {
        let config = Arc::clone(&self.config);
        let mut decoder = Decoder::new(config.message_bytes_max);
        let mut buffer = ReadBuffer::new(config.limits.read_buffer_bytes, decoder.buffer_bytes());
        let mut first = true;
        let reason = loop {
            // With as many batches in flight as allowed, nothing more is read.
            let read = tokio::select! {
                biased;
                () = stop.cancelled() => Read::Over("shutdown"),
                place = answers.reserve() => match place {
                    Err(_) => Read::Over("answer_failed"),
                    Ok(place) => {
                        drop(place);
                        tokio::select! {
                            read = buffer.read(&mut socket, &config.limits, first, &stop) => read,
                            () = answers.closed() => Read::Over("answer_failed"),
                        }
                    }
                },
            };
            first = false;
            match read {
                Read::Bytes => {}
                Read::End => break "peer",
                Read::Over(reason) => break reason,
            }
            if let Some(reason) = self.take(&mut decoder, &mut buffer, &answers).await {
                break reason;
            }
        };
        if matches!(reason, "shutdown" | "idle_timeout") {
            let _ = answers.send(Answer::Now(b"0 serverclose 0\n".to_vec())).await;
        }
        reason
    }

    /// Takes all whole frames; returns the reason if the connection is to be closed.
    async fn take(
        &mut self,
        decoder: &mut Decoder,
        buffer: &mut ReadBuffer,
        answers: &mpsc::Sender<Answer>,
    ) -> Option<&'static str> {
        let mut collected =
            Collected { round: self.door.round(buffer.rest().len()), txnrs: Vec::new() };
        let mut done = 0;
        let over = loop {
            let (used, decoded) = decoder.next(&buffer.rest()[done..]);
            done += used;
            let frame = match decoded {
                Decoded::Frame(frame) => frame,
                Decoded::More => break None,
                Decoded::Bad(error) => {
                    self.door.meter.bad_frame(error.name());
                    tracing::debug!(input = INPUT.name(), peer = %self.peer, %error, "bad frame");
                    break Some("bad_frame");
                }
            };
            if self.open && frame.command == b"syslog" {
                self.push(&mut collected, frame);
                continue;
            }
            let (answer, over) = self.command(frame);
            if !self.hand_on(&mut collected, answers).await {
                return Some("journal");
            }
            let _ = answers.send(Answer::Now(answer)).await; // gone: noticed at the next read
            if over.is_some() {
                break over;
            }
        };
        buffer.consume(done);
        if self.hand_on(&mut collected, answers).await { over } else { Some("journal") }
    }

    fn push(&self, collected: &mut Collected, frame: Frame<'_>) {
        collected.txnrs.push(frame.txnr);
        if frame.data.is_empty() {
            return; // no message, as in TCP; answered all the same
        }
        let flags = Flags { truncated: frame.truncated, ..Flags::default() };
        let (session, peer) = (self.session, Some(self.peer));
        let arrival = Arrival {
            kind: Kind::Syslog,
            flags,
            session,
            peer,
            dedup: None,
            usm: None,
            raw: frame.data,
        };
        self.door.push(&mut collected.round, &arrival);
    }

    /// Hands what was collected to the journal, and its transactions to the answering side.
    async fn hand_on(&self, collected: &mut Collected, answers: &mpsc::Sender<Answer>) -> bool {
        let txnrs = std::mem::take(&mut collected.txnrs);
        let answer = if collected.round.batch.is_empty() {
            if txnrs.is_empty() {
                return true;
            }
            Answer::Now(acknowledge(&txnrs))
        } else {
            let round = std::mem::replace(&mut collected.round, self.door.round(0));
            match self.door.submit(round, WhenFull::Wait, None).await {
                Ok(waiting) => Answer::Stored(waiting, txnrs),
                Err(_) => return false,
            }
        };
        if let Err(mpsc::error::SendError(Answer::Stored(waiting, _))) = answers.send(answer).await
        {
            let _ = waiting.stored().await; // nobody to answer; it is counted all the same
        }
        true
    }

    /// The answer to a command that is no message, and the reason if it ends the connection.
    fn command(&mut self, frame: Frame<'_>) -> (Vec<u8>, Option<&'static str>) {
        let mut answer = Vec::new();
        let Frame { txnr, command, data, .. } = frame;
        let over = match command {
            b"open" if self.open => {
                write_rsp(&mut answer, txnr, "500 session is open already");
                Some("bad_command")
            }
            b"open" if !offers_syslog(data) => {
                write_rsp(&mut answer, txnr, "500 offer relp_version=0 and commands=syslog");
                Some("bad_offer")
            }
            b"open" => {
                self.open = true;
                write_rsp(&mut answer, txnr, OFFERS);
                None
            }
            b"close" => {
                write_rsp(&mut answer, txnr, "");
                answer.extend_from_slice(b"0 serverclose 0\n");
                Some("peer")
            }
            b"syslog" => {
                write_rsp(&mut answer, txnr, "500 open the session first");
                Some("bad_command")
            }
            _ => {
                write_rsp(&mut answer, txnr, "500 unknown command: this server takes syslog");
                None
            }
        };
        if let Some(reason @ ("bad_command" | "bad_offer")) = over {
            self.door.meter.bad_frame(reason);
        }
        (answer, over)
    }
}

/// Does an open offer what is spoken here? What it does not name is taken as offered.
fn offers_syslog(offers: &[u8]) -> bool {
    offers.split(|byte| *byte == b'\n').all(|offer| {
        if let Some(commands) = offer.strip_prefix(b"commands=") {
            return commands.split(|byte| *byte == b',').any(|command| command == b"syslog");
        }
        offer.strip_prefix(b"relp_version=").is_none_or(|version| version == b"0")
    })
}

fn acknowledge(txnrs: &[u32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(txnrs.len() * 20);
    for txnr in txnrs {
        write_rsp(&mut out, *txnr, "200 OK");
    }
    out
}

/// Writes each answer in order, the 200s once their batch is stored. Returns false if the sender
/// cannot be answered; what it has sent is then still waited for, and counted.
async fn answer_all<W: AsyncWrite + Unpin>(
    mut answers: mpsc::Receiver<Answer>,
    mut socket: W,
) -> bool {
    let mut reachable = true;
    while let Some(answer) = answers.recv().await {
        let bytes = match answer {
            Answer::Now(bytes) => Some(bytes),
            Answer::Stored(waiting, txnrs) => {
                waiting.stored().await.ok().map(|_| acknowledge(&txnrs))
            }
        };
        let written = match bytes {
            Some(bytes) if reachable => {
                let write = async {
                    socket.write_all(&bytes).await?;
                    socket.flush().await // TLS may hold the last of it back
                };
                matches!(tokio::time::timeout(ANSWER_PATIENCE, write).await, Ok(Ok(())))
            }
            Some(_) | None => false, // not stored: an answer that comes later would be out of order
        };
        if !written {
            reachable = false;
            answers.close();
        }
    }
    // The peer may be gone already, or read no more.
    let _ = tokio::time::timeout(ANSWER_PATIENCE, socket.shutdown()).await;
    reachable
}
