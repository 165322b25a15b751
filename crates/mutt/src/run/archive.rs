//! The archivers: one for syslog, one for traps. From: the journal. To: NetIM.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use mutt_event::{Hosts, Timestamp};
use mutt_journal::{AnyLane, Clock, Lane, SystemClock};
use mutt_output::{
    AnyChannel, ChannelStats, OutputStats, Probe, RelpChannel, RelpSettings, Source, TcpChannel,
    TcpSettings, TrapChannel, UdpChannel, UdpSettings, may_spoof,
};
use mutt_pipeline::{
    ARCHIVE_SYSLOG, ARCHIVE_TRAP, Archiver, ArchiverParts, ArchiverSettings, PipelineStats,
    ReaderStats, Step, StepError, Takes, WhenBehind, Worker,
};
use mutt_store::SqlStore;
use mutt_tls::Connector;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::build::ms;
use super::lease::Leasing;
use super::share::Share;
use super::worker::{self, Running, Wake};
use crate::config::settings::{
    ArchiveMode, ArchiveSettings, Backlog, Framing, Newline, SyslogSource, Transport, TrapSource,
};
use crate::config::value::size;
use crate::status::Status;

/// How long an archiver waits at its end for what it has sent to be confirmed.
const LAST_CONFIRMATIONS: Duration = Duration::from_secs(2);

/// One archiver before it runs.
pub struct Plan {
    /// The reader's counters and progress.
    pub stats: ReaderStats,
    settings: ArchiverSettings,
    way: Way,
    channel_stats: ChannelStats,
    clean: Option<CleanMark>,
}

impl Plan {
    /// The reader's name.
    pub fn name(&self) -> &str {
        &self.settings.name
    }
}

#[derive(Clone)]
enum Way {
    Tcp(TcpSettings),
    Udp(UdpSettings),
    Relp(RelpSettings),
    /// With whom the true sender is known by, if it is to be written into traps.
    Trap(UdpSettings, Option<Arc<Hosts>>),
}

impl Way {
    fn channel(&self, stats: ChannelStats) -> AnyChannel {
        match self.clone() {
            Way::Tcp(settings) => AnyChannel::Tcp(TcpChannel::new(settings, stats)),
            Way::Udp(settings) => AnyChannel::Udp(UdpChannel::new(settings, stats)),
            Way::Relp(settings) => AnyChannel::Relp(RelpChannel::new(settings, stats)),
            Way::Trap(settings, origin) => {
                AnyChannel::Trap(TrapChannel::new(settings, origin, stats))
            }
        }
    }
}

/// The names of the readers that the settings ask for.
pub fn names(settings: &ArchiveSettings) -> Vec<String> {
    let is_on = settings.mode != ArchiveMode::Off;
    let (syslog, trap) = (settings.syslog.address.is_some(), settings.trap.address.is_some());
    let all = [(syslog, ARCHIVE_SYSLOG), (trap, ARCHIVE_TRAP)];
    all.into_iter().filter(|(wanted, _)| is_on && *wanted).map(|(_, name)| name.into()).collect()
}

/// Refuses an archive that is to send under devices' addresses where the system forbids it.
///
/// # Errors
/// CAP_NET_RAW is missing.
pub fn check(settings: &ArchiveSettings) -> Result<()> {
    let (syslog, trap) = (&settings.syslog, &settings.trap);
    let asks = [
        (syslog.source == SyslogSource::Spoof && syslog.address.is_some(), "archive.syslog.source"),
        (trap.source == TrapSource::Spoof && trap.address.is_some(), "archive.trap.source"),
    ];
    let asking = asks.into_iter().find(|(asks, _)| *asks && settings.mode != ArchiveMode::Off);
    let Some((_, setting)) = asking else { return Ok(()) };
    may_spoof().with_context(|| {
        format!(
            "{setting} is \"spoof\", and this process may not send under other addresses: give it \
             CAP_NET_RAW (systemd: add it to AmbientCapabilities and CapabilityBoundingSet; a \
             container: capabilities.add: NET_RAW), or set \"plain\""
        )
    })
}

/// The archivers that the settings ask for, of one of so many `lanes`, each with its part of the
/// rate, over `tls` if they speak it, with devices' addresses by `hosts`; none with the archive off.
/// Beside `marks` they leave word of a clean end.
pub fn plan(
    settings: &ArchiveSettings,
    marks: Option<&Path>,
    lanes: usize,
    (pipeline, output): (&PipelineStats, &OutputStats),
    (hosts, tls): (&Arc<Hosts>, Option<Arc<Connector>>),
) -> Vec<Plan> {
    if settings.mode == ArchiveMode::Off {
        return Vec::new();
    }
    let plan = |settings: ArchiverSettings, way| Plan {
        stats: pipeline.reader(&settings.name),
        channel_stats: output.channel(&settings.name),
        clean: marks.map(|marks| CleanMark::new(marks, &settings.name)),
        settings: ArchiverSettings {
            per_second: settings.per_second / lanes.max(1) as f64,
            ..settings
        },
        way,
    };
    let mut plans = Vec::new();
    if let Some(address) = &settings.syslog.address {
        let way = syslog_way(settings, &address.to_string(), tls, hosts);
        plans.push(plan(syslog_settings(settings), way));
    }
    if let Some(address) = &settings.trap.address {
        let probe = settings.trap.probe.as_ref().map(|probe| Probe::new(probe.to_string()));
        let source = match settings.trap.source {
            TrapSource::Spoof => Source::Spoof(Arc::clone(hosts)),
            TrapSource::Plain | TrapSource::Rfc3584 => Source::Plain,
        };
        let origin = (settings.trap.source == TrapSource::Rfc3584).then(|| Arc::clone(hosts));
        let to = UdpSettings { probe, source, ..UdpSettings::new(address.to_string()) };
        let way = Way::Trap(to, origin);
        let mut of = ArchiverSettings::new(ARCHIVE_TRAP, Takes::Traps);
        of.per_second = settings.trap.rate_per_s as f64;
        plans.push(plan(limits(of, settings), way));
    }
    plans
}

fn syslog_settings(settings: &ArchiveSettings) -> ArchiverSettings {
    let mut of = ArchiverSettings::new(ARCHIVE_SYSLOG, Takes::Syslog);
    of.per_second = settings.syslog.rate_per_s as f64;
    if matches!(settings.syslog.transport, Transport::Tcp | Transport::Tls) {
        of.overlap_bytes = settings.syslog.overlap_bytes;
    }
    limits(of, settings)
}

fn limits(mut of: ArchiverSettings, settings: &ArchiveSettings) -> ArchiverSettings {
    of.when_behind = match settings.backlog {
        Backlog::Block => WhenBehind::Block,
        Backlog::Skip => WhenBehind::Skip,
    };
    of.backlog_bytes = settings.backlog_bytes;
    of.commit_every = ms(settings.commit_every_ms);
    of.backoff_first = ms(settings.retry_first_ms);
    of.backoff_max = ms(settings.retry_max_ms);
    of
}

fn syslog_way(
    settings: &ArchiveSettings,
    address: &str,
    tls: Option<Arc<Connector>>,
    hosts: &Arc<Hosts>,
) -> Way {
    let from = &settings.syslog;
    match from.transport {
        Transport::Tcp | Transport::Tls => Way::Tcp(TcpSettings {
            framing: match from.framing {
                Framing::OctetCounted => mutt_output::Framing::OctetCounted,
                Framing::Lf => mutt_output::Framing::Lf,
            },
            newline: match from.newline {
                Newline::Escape => mutt_output::Newline::Escape,
                Newline::OctetCounted => mutt_output::Newline::OctetCounted,
            },
            window_bytes: from.window_bytes,
            tls,
            connect_timeout: ms(from.connect_ms),
            stall_timeout: ms(from.stall_ms),
            ..TcpSettings::new(address)
        }),
        Transport::Relp | Transport::RelpTls => Way::Relp(RelpSettings {
            tls,
            window: size(from.window_messages),
            connect_timeout: ms(from.connect_ms),
            stall_timeout: ms(from.stall_ms),
            ..RelpSettings::new(address)
        }),
        Transport::Udp => Way::Udp(UdpSettings {
            max_datagram_bytes: size(from.datagram_bytes_max),
            probe: from.probe.as_ref().map(|probe| Probe::new(probe.to_string())),
            source: match from.source {
                SyslogSource::Plain => Source::Plain,
                SyslogSource::Spoof => Source::Spoof(Arc::clone(hosts)),
            },
            ..UdpSettings::new(address)
        }),
    }
}

/// An archiver, and where it leaves word that it ended with everything confirmed.
struct Marked {
    archiver: Archiver<AnyLane, SqlStore, AnyChannel>,
    clean: Option<CleanMark>,
}

impl Worker for Marked {
    async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        self.archiver.step(now).await
    }

    async fn stop(&mut self, _: Timestamp) -> Result<(), StepError> {
        if self.archiver.stop(&SystemClock, LAST_CONFIRMATIONS).await?
            && let Some(clean) = &self.clean
        {
            clean.leave();
        }
        Ok(())
    }
}

/// The name of a reader's worker, and of its lease: of a lane of one partition with its number.
pub fn worker_name(reader: &str, lane: &AnyLane) -> String {
    match lane {
        AnyLane::Log(_) => reader.to_owned(),
        AnyLane::Redis(lane) => format!("{reader}/{}", lane.partitions().start),
    }
}

/// Starts an archiver's thread.
///
/// # Errors
/// If the system gives no thread.
pub fn start(
    plan: Plan,
    (lane, share): (AnyLane, Option<Arc<Share>>),
    store: SqlStore,
    leasing: &Leasing,
    status: Status,
    stop: CancellationToken,
) -> Result<Running> {
    let wake = Wake { journal: Some(lane.notify()), called: Arc::new(Notify::new()) };
    let name = worker_name(&plan.settings.name, &lane);
    let tenancy = (leasing.archive(&name), share);
    worker::start(&name, wake, status, stop, tenancy, move |tenure| {
        let parts = ArchiverParts {
            journal: lane.clone(),
            database: store.clone(),
            channel: plan.way.channel(plan.channel_stats.clone()),
            stats: plan.stats.clone(),
            tenure,
        };
        let clean = plan.clean.clone();
        let clean_start = clean.as_ref().is_some_and(CleanMark::take);
        let settings = ArchiverSettings { clean_start, ..plan.settings.clone() };
        async move {
            let archiver = Archiver::open(parts, settings, SystemClock.now()).await?;
            Ok(Marked { archiver, clean })
        }
    })
}

/// A file beside the database's, or with a server beside the journal: the last run ended with
/// everything confirmed, so that nothing needs to be sent again. It is gone as soon as the next run
/// has seen it.
#[derive(Clone)]
struct CleanMark(PathBuf);

impl CleanMark {
    fn new(beside: &Path, reader: &str) -> Self {
        let mut name = beside.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.clean", reader.replace('/', "-")));
        Self(beside.with_file_name(name))
    }

    /// Whether it was there. It counts only if it could be removed: it must never be seen twice.
    fn take(&self) -> bool {
        std::fs::remove_file(&self.0).is_ok()
    }

    fn leave(&self) {
        if let Err(error) = std::fs::write(&self.0, "") {
            // Only the price of sending the overlap again at the next start.
            tracing::warn!(path = %self.0.display(), %error, "archive: no mark of a clean end");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clean_mark_is_seen_once() {
        let folder = tempfile::tempdir().unwrap();
        let mark = CleanMark::new(&folder.path().join("mutt.db"), ARCHIVE_SYSLOG);
        assert!(!mark.take());
        mark.leave();
        assert!(mark.take());
        assert!(!mark.take());
    }
}
