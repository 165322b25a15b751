//! What is neither way in nor way out: where things are kept, how names and times are found,
//! and how MUTT is watched.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;

use super::tls::DoorTlsSettings;
use crate::config::kinds::{DatabaseUrl, Name, Secret, Url};
use crate::config::section::section;
use crate::config::value::choice;

choice! {
    /// What happens when the journal is full.
    WhenFull {
        /// Senders are held back; nothing that was accepted is thrown away.
        Block = "block",
        /// The oldest segment goes, read or not, and what it held is counted as lost.
        DropOldest = "drop_oldest",
    }
}

choice! {
    /// How log lines look.
    LogFormat {
        /// One JSON object a line.
        Json = "json",
        /// For a person at a terminal.
        Human = "human",
    }
}

section! {
    /// This MUTT.
    InstanceSettings {
        /// Its name in its own alerts and to its peers.
        name: Name = Name::literal("mutt");
    }
}

section! {
    /// Every message on disk, until all who read have read it and its time is over.
    JournalSettings {
        /// Its folder.
        folder: PathBuf = PathBuf::from("mutt-data/journal");
        /// Partitions: order holds within one. Fixed once the journal exists.
        partitions: u64 = 16, in 1..=4_095;
        /// Size of a segment file, in bytes.
        segment_bytes: u64 = 33_554_432, in 1_048_576..=1_073_741_824;
        /// The journal's limit, in bytes.
        retain_bytes: u64 = 10_737_418_240, in 4_194_304..=1_099_511_627_776_000;
        /// How long messages are kept once all have read them, in hours.
        retain_hours: u64 = 24, in 1..=87_600;
        /// What is always kept behind the slowest reader, in milliseconds.
        keep_behind_ms: u64 = 600_000, in 0..=86_400_000;
        /// Free disk that the journal leaves alone, in bytes.
        reserve_bytes: u64 = 268_435_456, in 0..=1_099_511_627_776;
        /// When it is full: "block" holds senders back, "drop_oldest" loses the oldest, counted.
        when_full: WhenFull = WhenFull::Block;
        /// Messages on their way to disk, in bytes; a full queue holds senders back.
        queue_bytes: u64 = 16_777_216, in 1_048_576..=1_073_741_824;
    }
}

section! {
    /// Cursors, alerts and deliveries: in a file of MUTT's own (SQLite), or on a PostgreSQL server.
    DatabaseSettings {
        /// Its file.
        path: PathBuf = PathBuf::from("mutt-data/mutt.db");
        /// Its server, instead of a path; see docs/postgresql.md.
        url: Option<DatabaseUrl> = None, like "\"postgres://mutt@db.example.net:5432/mutt\"";
        /// The server's password, if the URL has none.
        password: Option<Secret> = None, like "\"a-long-random-text\"";
        /// The password that is to replace it, or the URL's: tried when the other is refused.
        password_next: Option<Secret> = None, like "\"another-long-random-text\"";
        /// Connections that read at once; one more writes.
        readers_max: u64 = 4, in 1..=64;
        /// Changes that may wait to be written, of people and of workers each; more wait to be
        /// let in.
        queue_changes_max: u64 = 256, in 1..=65_536;
        /// How long to wait for a connection: for a free one of those that read, or for a server to
        /// take a new one, in milliseconds.
        acquire_ms: u64 = 10_000, in 100..=600_000;
        /// A server's: how long a statement may take, in milliseconds.
        statement_ms: u64 = 10_000, in 100..=600_000;
        /// How long alerts that a clear ended are kept, and what was delivered, in days.
        keep_days: u64 = 30, in 1..=3_650;
        /// How long alerts that ended otherwise are kept, in days.
        keep_closed_days: u64 = 90, in 1..=3_650;
        /// How long what a destination refused is kept, in days.
        keep_dead_days: u64 = 365, in 1..=3_650;
        /// How long numbers by the hour are kept, in days.
        keep_hours_days: u64 = 400, in 1..=3_650;
        /// How long to wait for another process that has the file, or a row on a server, locked, in
        /// milliseconds.
        busy_ms: u64 = 5_000, in 0..=600_000;
        /// A file's: its write-ahead log is cut back to this when it was longer, in bytes.
        wal_bytes: u64 = 67_108_864, in 1_048_576..=4_294_967_296;
        /// A file's: room on the disk that is given up when it is full, so that cursors still move and the
        /// journal can be trimmed, in bytes.
        ballast_bytes: u64 = 8_388_608, in 0..=1_073_741_824;
    }
}

impl DatabaseSettings {
    /// Its file; none: it is on a server.
    pub fn file(&self) -> Option<&PathBuf> {
        self.url.is_none().then_some(&self.path)
    }
}

section! {
    /// Of several MUTTs over one database one does a job at a time, by a lease; others stand by.
    LeaseSettings {
        /// How long a lease lasts without a renewal, in milliseconds: after that another takes over
        /// from one that hangs. A destination's lasts twice its timeout_ms if that is longer.
        ttl_ms: u64 = 7_000, in 1_000..=600_000;
        /// How long an archiver's lasts, if that is longer, in milliseconds: so long the archive goes
        /// on, less a tenth, while the database is away. While it is there another takes over from one
        /// that is gone after ttl_ms all the same.
        archive_ttl_ms: u64 = 900_000, in 1_000..=86_400_000;
    }
}

section! {
    /// How a message's device is found.
    HostsSettings {
        /// Other names and addresses of a device, and the one name that it shall have.
        aliases: BTreeMap<String, String> = BTreeMap::new(), like "{ \"10.0.0.1\" = \"core-1\" }";
        /// Relays whose header tells the device; of others the sender's address counts.
        trusted_relays: Vec<IpNet> = Vec::new(), like "[\"10.0.9.5/32\"]";
        /// Names that are no device: MUTT's and the relays' own. "localhost" never is one.
        own_names: Vec<String> = Vec::new(), like "[\"rsyslog-1\"]";
    }
}

section! {
    /// How a device's time is read that names no zone.
    TimeSettings {
        /// The zone of all others (IANA).
        zone: String = "UTC".to_owned();
        /// By network, the nearest wins.
        zones: BTreeMap<String, String> = BTreeMap::new(), like "{ \"10.2.0.0/16\" = \"Europe/Berlin\" }";
        /// By the device's name; this wins over its network.
        host_zones: BTreeMap<String, String> = BTreeMap::new(), like "{ \"core-1\" = \"America/New_York\" }";
    }
}

section! {
    /// Where a device belongs: rules have a handling for production and one for development.
    EnvironmentSettings {
        /// Development hosts: names, or patterns with * and ?. All others are production.
        development: Vec<String> = Vec::new(), like "[\"lab-*\", \"test-1\"]";
    }
}

section! {
    /// The rules. They live in the database, and are changed by the API and `mutt rules apply`.
    RulesSettings {
        /// Files (.toml, .yaml, .json) with rules for a first start: taken over at a start while no
        /// rule was ever saved, and not looked at later.
        seed_files: Vec<PathBuf> = Vec::new(), like "[\"/etc/mutt/rules.toml\"]";
        /// The most rules in a set.
        rules_max: u64 = 50_000, in 1..=1_000_000;
        /// The most memory that one compiled regular expression may take, in bytes.
        regex_bytes_max: u64 = 262_144, in 4_096..=67_108_864;
        /// The most conditions without any text to look for first; each is tried on every message.
        unanchored_max: u64 = 64, in 0..=100_000;
        /// A longer summary of an alert is cut, in bytes.
        summary_bytes_max: u64 = 512, in 64..=32_500;
        /// A longer key of an alert is cut and ends in a hash of the whole, in bytes.
        key_bytes_max: u64 = 256, in 64..=512;
    }
}

section! {
    /// The judge: rules, and how a sender's repeats are known.
    JudgeSettings {
        /// How much of a message's text an alert keeps, in bytes.
        text_bytes_max: u64 = 2_048, in 64..=32_500;
        /// How long its cursor may move without a commit, in milliseconds; alerts are committed at
        /// once.
        commit_delay_ms: u64 = 200, in 1..=60_000;
        /// How long a message is remembered, to know it when its sender repeats it, in milliseconds.
        /// A time of up to an hour in which nothing was stored counts a minute at most.
        repeats_ms: u64 = 600_000, in 1_000..=86_400_000;
        /// How many HTTP and INFORM messages are remembered.
        repeats_keys_max: u64 = 500_000, in 1_000..=100_000_000;
        /// How many RELP messages are remembered over all senders.
        repeats_relp_max: u64 = 2_000_000, in 1_000..=100_000_000;
        /// How far back it reads at a start to remember them, in bytes.
        rebuild_bytes: u64 = 268_435_456, in 0..=1_099_511_627_776;
    }
}

section! {
    /// Alerts, over all rules.
    AlertsSettings {
        /// So many alerts of one rule are told one by one in a minute, unless it says otherwise
        /// (storm_per_minute); the rest become one alert. 0: no limit.
        storm_rule_per_minute: u64 = 60, in 0..=1_000_000;
        /// The same of one team.
        storm_team_per_minute: u64 = 120, in 0..=1_000_000;
        /// The same of all.
        storm_total_per_minute: u64 = 300, in 0..=1_000_000;
        /// A silence or a maintenance window that lasts longer, in hours, only an admin may save.
        silence_hours_max: u64 = 24, in 1..=8_784;
        /// So many minutes before a silence ends its owner is reminded, if it hides open alerts.
        silence_reminder_minutes: u64 = 15, in 1..=1_440;
    }
}

section! {
    /// /metrics, /livez, /readyz and /ledger.
    AdminSettings {
        /// Whether it listens.
        enabled: bool = true;
        /// Where it listens. In production an address that only monitoring reaches.
        listen: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9514);
        /// Connections at a time; more wait.
        connections_max: u64 = 64, in 1..=65_536;
        /// How long a request's head may take, and a connection be idle between two, in
        /// milliseconds.
        head_ms: u64 = 60_000, in 10..=3_600_000;
        /// Whether it may be reached from outside, plain as it is; without this only loopback.
        allow_plaintext: bool = false;
    }
    tables { tls: DoorTlsSettings }
}

section! {
    /// The API, /api/v1: rules, inventory, teams, settings, and why a message came out as it did.
    ApiSettings {
        /// Whether it listens.
        enabled: bool = true;
        /// Where it listens. In production with TLS.
        listen: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8515);
        /// Where people reach it, if they come over TLS: cookies are then sent over TLS alone.
        public_url: Option<Url> = None, like "\"https://mutt.example.net\"";
        /// How long a session lasts without use, in minutes.
        session_idle_minutes: u64 = 30, in 1..=1_440;
        /// How long a session lasts however it is used, in hours.
        session_hours: u64 = 12, in 1..=168;
        /// A key with the role admin, for a first start without people: then no user is made;
        /// `mutt key create` makes others.
        admin_key: Option<Secret> = None, like "\"a-long-random-text\"";
        /// The largest body of a request, in bytes.
        body_bytes_max: u64 = 67_108_864, in 65_536..=1_073_741_824;
        /// Connections at a time; more wait.
        connections_max: u64 = 256, in 1..=65_536;
        /// How long a request's head may take, and a connection be idle between two, in
        /// milliseconds.
        head_ms: u64 = 60_000, in 10..=3_600_000;
        /// How long an answer may take, in milliseconds.
        request_ms: u64 = 60_000, in 100..=3_600_000;
        /// Backtests that run at a time; one more is refused.
        backtests_max: u64 = 1, in 1..=64;
        /// Ended backtests that are kept to be looked at.
        backtests_kept: u64 = 16, in 1..=1_000;
        /// Whether it may be reached from outside, plain as it is; without this only loopback.
        allow_plaintext: bool = false;
    }
    tables { tls: DoorTlsSettings }
}

section! {
    /// What MUTT says of itself, on standard error.
    LogSettings {
        /// "json" or "human".
        format: LogFormat = LogFormat::Json;
        /// "error", "warn", "info", "debug" or "trace", or by module: "info,mutt_input=debug".
        level: String = "info".to_owned();
    }
}
