//! Plays traffic at MUTT's real sockets, as devices and relays would.
//!
//! From: [`Traffic`](super::traffic). To: the doors of a running MUTT.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use mutt_event::{Flags, Input, Kind, Timestamp};
use mutt_output::{
    AnyChannel, Channel, Http, HttpSettings, Method, Outgoing, OutputStats, RelpChannel,
    RelpSettings, Request, ReqwestHttp, TcpChannel, TcpSettings, TrapChannel, UdpChannel,
    UdpSettings,
};

use super::traffic::{Door, Sent};

/// Where the doors of the MUTT under play are.
#[derive(Clone, Copy, Debug)]
pub struct Doors {
    /// Syslog over UDP.
    pub udp: SocketAddr,
    /// Syslog over TCP.
    pub tcp: SocketAddr,
    /// RELP.
    pub relp: SocketAddr,
    /// HTTP.
    pub http: SocketAddr,
    /// SNMP traps.
    pub snmp: SocketAddr,
}

/// One sender for each door, and how much each has sent.
pub struct Player {
    channels: BTreeMap<Door, AnyChannel>,
    http: ReqwestHttp,
    ingest: String,
    sent: BTreeMap<Door, u64>,
    shouting: u64,
}

/// The time that a message may take to be acknowledged.
const PATIENCE: Duration = Duration::from_secs(10);

impl Player {
    /// Connects to all doors.
    ///
    /// # Errors
    /// A door cannot be reached.
    pub async fn connect(doors: Doors) -> anyhow::Result<Self> {
        let stats = OutputStats::default();
        let stats = |name: &str| stats.channel(name);
        let mut channels = BTreeMap::from([
            (
                Door::Udp,
                AnyChannel::Udp(UdpChannel::new(
                    UdpSettings::new(doors.udp.to_string()),
                    stats("udp"),
                )),
            ),
            (
                Door::Tcp,
                AnyChannel::Tcp(TcpChannel::new(
                    TcpSettings::new(doors.tcp.to_string()),
                    stats("tcp"),
                )),
            ),
            (
                Door::Relp,
                AnyChannel::Relp(RelpChannel::new(
                    RelpSettings::new(doors.relp.to_string()),
                    stats("relp"),
                )),
            ),
            (
                Door::Snmp,
                AnyChannel::Trap(TrapChannel::new(
                    UdpSettings::new(doors.snmp.to_string()),
                    None,
                    stats("snmp"),
                )),
            ),
        ]);
        for (door, channel) in &mut channels {
            channel.open().await.with_context(|| format!("the demo's {door:?} sender"))?;
        }
        let http = ReqwestHttp::new(&HttpSettings::default())?;
        let ingest = format!("http://{}/api/v2/ingest", doors.http);
        Ok(Self { channels, http, ingest, sent: BTreeMap::new(), shouting: 0 })
    }

    /// Sends all of it; returns when the doors that acknowledge have acknowledged.
    ///
    /// # Errors
    /// A door is lost, or does not answer in time.
    pub async fn play(&mut self, traffic: &[Sent]) -> anyhow::Result<()> {
        self.shouting += traffic.iter().filter(|sent| shouts(&sent.bytes)).count() as u64;
        for (door, channel) in &mut self.channels {
            let messages: Vec<Outgoing<'_>> =
                traffic.iter().filter(|sent| sent.door == *door).map(outgoing).collect();
            *self.sent.entry(*door).or_default() += messages.len() as u64;
            tokio::time::timeout(PATIENCE, send_all(channel, &messages))
                .await
                .with_context(|| format!("the {door:?} door took too long"))??;
        }
        self.post(traffic).await
    }

    /// How many messages each door was sent.
    pub fn sent(&self) -> &BTreeMap<Door, u64> {
        &self.sent
    }

    /// How many messages of severity Critical or worse were sent.
    pub fn shouting(&self) -> u64 {
        self.shouting
    }

    /// Says goodbye.
    pub async fn close(&mut self) {
        for channel in self.channels.values_mut() {
            channel.close().await;
        }
    }

    async fn post(&mut self, traffic: &[Sent]) -> anyhow::Result<()> {
        let objects: Vec<&[u8]> = traffic
            .iter()
            .filter(|sent| sent.door == Door::Http)
            .map(|sent| sent.bytes.as_slice())
            .collect();
        if objects.is_empty() {
            return Ok(());
        }
        let request = Request {
            method: Method::Post,
            url: self.ingest.clone(),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned().into())],
            body: objects.join(&b'\n'),
            timeout: PATIENCE,
        };
        let response = self.http.send(request).await.context("the Http door")?;
        if !(200..300).contains(&response.status) {
            bail!("the Http door answered {}: {}", response.status, response.body);
        }
        *self.sent.entry(Door::Http).or_default() += objects.len() as u64;
        Ok(())
    }
}

/// Whether a syslog line's priority says Critical, Alert or Emergency.
fn shouts(line: &[u8]) -> bool {
    let digits = line.strip_prefix(b"<").and_then(|rest| rest.split(|b| *b == b'>').next());
    let priority = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse::<u16>().ok());
    priority.is_some_and(|priority| priority % 8 <= 2)
}

fn outgoing(sent: &Sent) -> Outgoing<'_> {
    Outgoing {
        kind: if sent.door == Door::Snmp { Kind::Trap } else { Kind::Syslog },
        input: Input::SyslogTcp,
        flags: Flags::default(),
        received: Timestamp::ZERO,
        host: "",
        peer: None,
        raw: &sent.bytes,
    }
}

async fn send_all(channel: &mut AnyChannel, messages: &[Outgoing<'_>]) -> anyhow::Result<()> {
    let mut rest = messages;
    while !rest.is_empty() {
        let taken = channel.send(rest).await?;
        rest = &rest[taken..];
        channel.confirmed().await?;
        if taken == 0 {
            channel.wait(Duration::from_millis(10)).await;
        }
    }
    Ok(())
}
