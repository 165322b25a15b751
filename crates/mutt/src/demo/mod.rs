//! `mutt demo`: the whole thing on one machine, to look at.
//!
//! From: a seed. To: the terminal. A real MUTT runs in this process over a temporary folder;
//! [`traffic`] makes a network's messages, [`play`] sends them to its real sockets, a stand-in
//! NetIM and a stand-in Moogsoft receive, and [`screen`] shows what became of everything.

mod figures;
mod lines;
mod packs;
mod play;
mod screen;
mod traffic;
mod trap;

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use mutt_api::passwords;
use mutt_journal::{Clock, SystemClock};
use mutt_output::standin::{Door, Keep, Moogsoft, NetIm};
use secrecy::ExposeSecret;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::config::kinds::Secret;
use crate::config::{self, Settings};
use crate::run::{Machine, open_store, runtime};
use crate::secrets::Secrets;
use crate::{telemetry, users};
use figures::Figures;
pub use play::Doors;
use play::Player;
use screen::{Screen, WaysIn};
use traffic::{Device, Traffic};

/// What the demo's own application needs beside them.
const MORE_RULES: &str = r#"
[[rules]]
id = "demo-database-lost"
priority = 5000
team = "application"
handling = { prod = "page_and_ticket", dev = "log_only" }
severity = "critical"
when.message.starts_with = "database connection lost"
clear.message.starts_with = "database connection restored"
summary = "{host}: {message}"
note = "The application cannot serve without its database."
"#;

/// What is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Demo {
    /// How long it plays; none: until Ctrl-C.
    pub time: Option<Duration>,
    /// Messages a second.
    pub rate: u32,
    /// What the traffic is made from.
    pub seed: u64,
}

/// How often traffic is played.
const BEATS_PER_SECOND: u32 = 10;
/// Who signs in to its pages.
const USER: &str = "demo";
/// How long everything may take to arrive once the traffic has ended.
const DRAIN: Duration = Duration::from_secs(20);

/// The rules that fit the demo's traffic.
pub fn rules() -> String {
    let packs = packs::PACKS.iter().map(|(_, text)| *text);
    packs.chain([MORE_RULES]).collect::<Vec<_>>().join("\n")
}

/// Reads `90s`, `5m` or `1h`.
///
/// # Errors
/// What is expected.
pub fn duration(text: &str) -> Result<Duration, String> {
    let bad = || format!("`{text}` is no duration: expected a number with s, m or h, as in 60s");
    let (number, unit) = text.split_at(text.floor_char_boundary(text.len().saturating_sub(1)));
    let number: u64 = number.parse().map_err(|_| bad())?;
    let seconds = match unit {
        "s" => Some(number),
        "m" => number.checked_mul(60),
        "h" => number.checked_mul(3_600),
        _ => None,
    };
    seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs).ok_or_else(bad)
}

/// Runs the demo to its end.
///
/// # Errors
/// When a part cannot start, or something was lost.
pub fn run(demo: &Demo) -> Result<()> {
    let folder = tempfile::tempdir().context("a temporary folder")?;
    telemetry::start_in(&folder.path().join("mutt.log"))?;
    runtime()?.block_on(show(demo, folder.path()))
}

async fn show(demo: &Demo, folder: &Path) -> Result<()> {
    let netim = NetIm::start(Keep::Nothing).await.context("the stand-in NetIM")?;
    let moogsoft = Moogsoft::start().await.context("the stand-in Moogsoft")?;
    let traffic = Traffic::new(demo.seed);
    let (settings, doors) = settings(folder, &netim, &moogsoft, &network_of(&traffic))?;
    let key = settings.api.admin_key.clone();
    let key = key.as_ref().map(Secret::text).unwrap_or_default();
    let password = passwords::one_time();
    let ways_in = WaysIn { key: key.expose_secret(), password: password.expose_secret() };
    let screen = Screen::new(demo, settings.admin.listen, settings.api.listen, &ways_in);
    let store = open_store(&settings.database).await?;
    let people = store.clone();
    let machine = Machine::start(settings.into(), store, Secrets::default(), None).await?;
    // Rules are read into a database that has no revision yet.
    users::add_lasting(&people, USER, &password).await?;
    let player = Player::connect(doors).await?;
    let mut show = Show { machine, player, netim, moogsoft, screen };
    let played = show.play(demo, traffic).await;
    show.player.close().await;
    let summary = match played {
        Ok(()) => show.drain().await,
        Err(error) => Err(error),
    };
    show.machine.stop().await;
    show.screen.summary(&summary?)
}

/// A running demo.
struct Show {
    machine: Machine,
    player: Player,
    netim: NetIm,
    moogsoft: Moogsoft,
    screen: Screen,
}

impl Show {
    /// Plays until the time is over or Ctrl-C.
    async fn play(&mut self, demo: &Demo, mut traffic: Traffic) -> Result<()> {
        let start = Instant::now();
        let mut beat = interval(Duration::from_secs(1) / BEATS_PER_SECOND);
        beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut end = std::pin::pin!(ended(demo.time));
        for beats in 0u64.. {
            tokio::select! {
                _ = beat.tick() => {}
                result = &mut end => return result,
                why = self.machine.broken() => return Err(why),
            }
            let noise = per_beat(demo.rate, beats);
            self.player.play(&traffic.until(SystemClock.now(), noise)).await?;
            if beats % u64::from(BEATS_PER_SECOND / 2) == 0 {
                let figures = self.figures().await?;
                self.screen.show(&figures, start.elapsed());
            }
        }
        Ok(())
    }

    /// Waits until all that was sent has arrived everywhere.
    async fn drain(&mut self) -> Result<Figures> {
        let start = Instant::now();
        loop {
            let figures = self.figures().await?;
            if figures.settled() {
                return Ok(figures);
            }
            if start.elapsed() > DRAIN {
                return Err(anyhow!("not all arrived within {DRAIN:?}: {}", figures.behind()));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn figures(&self) -> Result<Figures> {
        let archived = Door::ALL.iter().map(|door| self.netim.count(*door)).sum();
        let told = self.moogsoft.told_count() as u64;
        let sources = self.machine.sources();
        Figures::read(sources, &self.player, archived, told).await
    }
}

/// Returns after `time`, or at Ctrl-C.
async fn ended(time: Option<Duration>) -> Result<()> {
    let over = async {
        match time {
            Some(time) => sleep(time).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = over => Ok(()),
        asked = tokio::signal::ctrl_c() => asked.context("Ctrl-C"),
    }
}

/// The settings by which another MUTT knows the network of this seed.
pub fn network(seed: u64) -> String {
    network_of(&Traffic::new(seed))
}

fn network_of(traffic: &Traffic) -> String {
    let aliases = aliases(traffic);
    format!("hosts.aliases = {aliases}\nenvironment.development = [\"*-lab\"]\n")
}

/// Plays the traffic of a seed at the doors of another MUTT until `stop`.
///
/// # Errors
/// When a door cannot be reached.
pub async fn play_at(doors: Doors, seed: u64, rate: u32, stop: CancellationToken) -> Result<()> {
    let (mut traffic, mut player) = (Traffic::new(seed), Player::connect(doors).await?);
    let mut beat = interval(Duration::from_secs(1) / BEATS_PER_SECOND);
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for beats in 0u64.. {
        tokio::select! {
            _ = beat.tick() => {}
            () = stop.cancelled() => break,
        }
        player.play(&traffic.until(SystemClock.now(), per_beat(rate, beats))).await?;
    }
    player.close().await;
    Ok(())
}

/// How many of `rate` messages a second belong to this beat: they add up exactly.
fn per_beat(rate: u32, beat: u64) -> usize {
    let until = |beat: u64| beat * u64::from(rate) / u64::from(BEATS_PER_SECOND);
    (until(beat + 1) - until(beat)) as usize
}

/// The default settings, in a temporary folder, with receivers.
fn settings(
    folder: &Path,
    netim: &NetIm,
    moogsoft: &Moogsoft,
    network: &str,
) -> Result<(Settings, Doors)> {
    let load =
        |file| config::load(file, &BTreeMap::new()).map_err(|problems| anyhow!("{problems}"));
    let trial = load(None)?;
    let doors = Doors {
        udp: free(trial.input.syslog_udp.listen)?,
        tcp: free(trial.input.syslog_tcp.listen)?,
        relp: free(trial.input.relp.listen)?,
        http: free(trial.input.http.listen)?,
        snmp: free(trial.input.snmp.listen)?,
    };
    let (admin, api) = (free(trial.admin.listen)?, free(trial.api.listen)?);
    let key = mutt_api::auth::new_key();
    let rules = folder.join("rules.toml");
    fs::write(&rules, self::rules())?;
    let text = format!(
        "journal.folder = {journal:?}\ndatabase.path = {database:?}\nrules.seed_files = [{rules:?}]\n\
         hosts.trusted_relays = [\"127.0.0.0/8\"]\n{network}\
         input.syslog_udp.listen = \"{udp}\"\ninput.syslog_tcp.listen = \"{tcp}\"\n\
         input.relp.listen = \"{relp}\"\ninput.http.listen = \"{http}\"\n\
         input.snmp.listen = \"{snmp}\"\nadmin.listen = \"{admin}\"\n\
         api.listen = \"{api}\"\napi.admin_key = \"{key}\"\n\
         archive.mode = \"on\"\narchive.syslog.address = \"{syslog}\"\n\
         archive.trap.address = \"{trap}\"\n\
         [[destination]]\nname = \"moogsoft\"\nkind = \"moogsoft_webhook\"\nurl = \"{webhook}\"\n",
        journal = folder.join("journal"),
        database = folder.join("mutt.db"),
        udp = doors.udp,
        tcp = doors.tcp,
        relp = doors.relp,
        http = doors.http,
        snmp = doors.snmp,
        syslog = netim.address(Door::Tcp),
        trap = netim.address(Door::Trap),
        webhook = moogsoft.webhook_url(),
        key = key.expose_secret(),
    );
    let file = folder.join("mutt.toml");
    fs::write(&file, text)?;
    Ok((load(Some(&file))?, doors))
}

/// The devices' addresses as aliases of their names: traps carry only the address.
fn aliases(traffic: &Traffic) -> String {
    let alias =
        |device: &Device| format!("\"{}\" = {:?}", Ipv4Addr::from(device.address), device.host);
    let aliases: Vec<String> = traffic.devices().iter().map(alias).collect();
    format!("{{ {} }}", aliases.join(", "))
}

/// The address if nobody listens there, else another port of the same machine.
fn free(wanted: SocketAddr) -> Result<SocketAddr> {
    let open = |address| {
        let tcp = TcpListener::bind(address)?;
        let address = tcp.local_addr()?;
        UdpSocket::bind(address).map(|_| address)
    };
    open(wanted)
        .or_else(|_| open(SocketAddr::new(wanted.ip(), 0)))
        .with_context(|| format!("no free port on {}", wanted.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_a_unit() {
        assert_eq!(duration("60s"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for bad in ["", "60", "s", "-1s", "0s", "1d", "é"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn beats_add_up_to_the_rate() {
        for rate in [1, 7, 300, 4_999] {
            let second: usize = (0..10).map(|beat| per_beat(rate, beat)).sum();
            assert_eq!(second, rate as usize);
        }
    }
}
