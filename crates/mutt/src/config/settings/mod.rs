//! All settings, each declared once. From here come `mutt check`, `mutt config example` and
//! `mutt config show`.

mod input;
mod oidc;
mod output;
mod patterns;
mod redis_journal;
mod redis_list;
mod service;
mod snmp;
mod tls;
mod vault;

pub use input::{
    HttpSettings, InputSettings, RelpSettings, RelpTlsSettings, SyslogTlsSettings, TcpSettings,
    UdpSettings,
};
pub use oidc::OidcSettings;
pub use output::{
    AfterAbsence, ArchiveMode, ArchiveSettings, Backlog, Destination, DestinationKind, Framing,
    HeartbeatSettings, Newline, OwnHandling, SyslogOutSettings, SyslogSource, Transport,
    TrapOutSettings, TrapSource, WatchSettings,
};
pub use patterns::{OwnSeverity, PatternsSettings};
pub use redis_journal::{Durability, RedisJournalSettings};
pub use redis_list::RedisListSettings;
pub use service::{
    AdminSettings, AlertsSettings, ApiSettings, DatabaseSettings, EnvironmentSettings,
    HostsSettings, InstanceSettings, JournalSettings, JudgeSettings, LeaseSettings, LogFormat,
    LogSettings, RulesSettings, TimeSettings, WhenFull,
};
pub use snmp::{
    AuthProtocol, MibsSettings, PrivProtocol, SecurityLevel, SnmpSettings, SnmpUserSettings,
};
pub use tls::{DoorTlsSettings, WayTlsSettings};
pub use vault::VaultSettings;

use super::kinds::Name;
use super::reader::Reader;
use super::secret::Held;
use super::section::{Entry, Section, section};

section! {
    /// Every setting can be overridden from the environment: MUTT_ and its path in capitals, parts
    /// joined by two underscores; a list is separated by commas. MUTT_JOURNAL__RETAIN_HOURS=48
    /// A secret may be named instead of written: "vault:MOUNT/PATH#FIELD" (see [vault]), "file:/path",
    /// "env:NAME"; password_file = "/path" is the same as password = "file:/path".
    /// What is written below are the defaults: a trial on one machine, on unprivileged ports.
    Main {
        /// Judge and archive all, but send nothing to any destination: a parallel run starts so.
        observe: bool = false;
        /// How long MUTT may take to stop on SIGTERM, in milliseconds.
        shutdown_ms: u64 = 10_000, in 100..=600_000;
    }
    tables {
        instance: InstanceSettings,
        vault: VaultSettings,
        journal: JournalSettings,
        redis_journal: RedisJournalSettings,
        database: DatabaseSettings,
        lease: LeaseSettings,
        input: InputSettings,
        mibs: MibsSettings,
        hosts: HostsSettings,
        time: TimeSettings,
        environment: EnvironmentSettings,
        rules: RulesSettings,
        judge: JudgeSettings,
        alerts: AlertsSettings,
        patterns: PatternsSettings,
        archive: ArchiveSettings,
        heartbeat: HeartbeatSettings,
        watch: WatchSettings,
        admin: AdminSettings,
        api: ApiSettings,
        oidc: OidcSettings,
        log: LogSettings,
    }
}

/// All settings of one MUTT.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Those that are there once.
    pub main: Main,
    /// Where alerts go: one for each `[[destination]]`.
    pub destinations: Vec<Destination>,
}

impl std::ops::Deref for Settings {
    type Target = Main;

    fn deref(&self) -> &Main {
        &self.main
    }
}

/// What holds with no file and no environment.
impl Default for Settings {
    fn default() -> Self {
        Self { main: Main::defaults(), destinations: Vec::new() }
    }
}

impl Settings {
    /// All settings from file and environment.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let main = Main::read(reader, "");
        let destinations = Vec::<Destination>::read(reader, "destination");
        reader.named("destination", &names(&destinations, |to| &to.name));
        let lists = names(&main.input.redis_list, |list| &list.name);
        reader.named("input.redis_list", &lists);
        let users = names(&main.input.snmp.user, |user| &user.name);
        reader.named("input.snmp.user", &users);
        Self { main, destinations }
    }

    /// All settings as text.
    pub fn entries(&self) -> Vec<Entry> {
        let mut out = Vec::new();
        self.main.entries("", &mut out);
        self.destinations.entries("destination", &mut out);
        out
    }

    /// All secrets, each with its setting's path.
    pub fn secrets(&self) -> Vec<(String, Held)> {
        let mut all = Vec::new();
        for entry in self.entries() {
            if let Entry::Setting(setting) = entry {
                all.extend(setting.secrets.into_iter().map(|held| (setting.path.clone(), held)));
            }
        }
        all
    }
}

fn names<T>(of: &[T], name: impl Fn(&T) -> &Name) -> Vec<Name> {
    of.iter().map(|one| name(one).clone()).collect()
}
