//! Where messages and alerts go out.

use super::tls::WayTlsSettings;
use crate::config::kinds::{HostPort, Name, Secret, SecretUrl, Url};
use crate::config::section::section;
use crate::config::value::choice;

choice! {
    /// What is sent after a destination was away.
    AfterAbsence {
        /// Of each alert what is so by then.
        Latest = "latest",
        /// Every notice, in order.
        All = "all",
    }
}

choice! {
    /// Whether messages are archived.
    ArchiveMode {
        /// All are sent to NetIM.
        On = "on",
        /// None: somebody else copies them there.
        Off = "off",
    }
}

choice! {
    /// What carries syslog to the archive.
    Transport {
        /// Confirmed by the receiver's kernel; an overlap is sent again after a break.
        Tcp = "tcp",
        /// The same within TLS.
        Tls = "tls",
        /// Sent, never confirmed.
        Udp = "udp",
        /// Confirmed by the receiver itself: loses nothing.
        Relp = "relp",
        /// The same within TLS.
        RelpTls = "relp_tls",
    }
}

choice! {
    /// Whose address syslog datagrams come from.
    SyslogSource {
        /// MUTT's.
        Plain = "plain",
        /// The device's.
        Spoof = "spoof",
    }
}

choice! {
    /// How the archive's receiver of traps knows the device.
    TrapSource {
        /// It sees MUTT's address.
        Plain = "plain",
        /// It sees the device's address.
        Spoof = "spoof",
        /// It reads the device's address in the trap.
        Rfc3584 = "rfc3584",
    }
}

choice! {
    /// How messages are told apart on TCP (RFC 6587).
    Framing {
        /// The length before each.
        OctetCounted = "octet_counted",
        /// LF after each.
        Lf = "lf",
    }
}

choice! {
    /// What becomes of a LF inside a message that LF framing would cut in two.
    Newline {
        /// It is written as `#012`, as rsyslog does.
        Escape = "escape",
        /// That message alone is octet-counted.
        OctetCounted = "octet_counted",
    }
}

choice! {
    /// What happens when the archive is too far behind.
    Backlog {
        /// The journal fills up, and senders are held back.
        Block = "block",
        /// The oldest messages are not archived, and counted as skipped.
        Skip = "skip",
    }
}

choice! {
    /// What is spoken to a destination.
    DestinationKind {
        /// Moogsoft on-prem: webhook or REST LAM.
        MoogsoftWebhook = "moogsoft_webhook",
        /// Moogsoft Cloud: the events API.
        MoogsoftCloud = "moogsoft_cloud",
    }
}

choice! {
    /// What MUTT's own alerts ask for.
    OwnHandling {
        /// Page somebody and open a ticket.
        PageAndTicket = "page_and_ticket",
        /// Page somebody.
        PageOnly = "page_only",
        /// Open a ticket.
        TicketOnly = "ticket_only",
        /// Send a mail.
        EmailOnly = "email_only",
        /// Keep the alert, tell nobody.
        LogOnly = "log_only",
    }
}

section! {
    /// NetIM: every message, byte for byte, in order per partition.
    ArchiveSettings {
        /// "on", or "off" where rsyslog already copies to NetIM (and for a trial).
        mode: ArchiveMode = ArchiveMode::Off;
        /// When NetIM is behind by backlog_bytes: "block" holds the senders back, "skip" leaves the
        /// oldest out of the archive and counts them, so that paging goes on.
        backlog: Backlog = Backlog::Block;
        /// How far behind the archive may be with backlog = "skip", in bytes.
        backlog_bytes: u64 = 8_589_934_592, in 1_048_576..=1_099_511_627_776;
        /// How often its cursor is committed at most, in milliseconds.
        commit_every_ms: u64 = 1_000, in 1..=60_000;
        /// The first wait after a broken connection, in milliseconds; it doubles.
        retry_first_ms: u64 = 100, in 1..=600_000;
        /// The longest wait between connections, in milliseconds.
        retry_max_ms: u64 = 30_000, in 1..=3_600_000;
    }
    tables { syslog: SyslogOutSettings, trap: TrapOutSettings }
}

section! {
    /// The syslog receiver of the archive. RELP is the way that loses nothing.
    SyslogOutSettings {
        /// "tcp", "tls" (RFC 5425), "udp", "relp" or "relp_tls".
        transport: Transport = Transport::Tcp;
        /// Where it is.
        address: Option<HostPort> = None, like "\"netim.example.net:514\"";
        /// TCP and TLS: "octet_counted", or "lf" for a receiver that knows no other.
        framing: Framing = Framing::OctetCounted;
        /// TCP and TLS with framing = "lf": what becomes of a LF inside a message, "escape" or
        /// "octet_counted".
        newline: Newline = Newline::Escape;
        /// TCP and TLS: how much is sent again after a broken connection, in bytes; a receiver that was
        /// killed loses what it had not read.
        overlap_bytes: u64 = 8_388_608, in 0..=1_073_741_824;
        /// TCP and TLS: sent but not yet confirmed, never more than this, in bytes.
        window_bytes: u64 = 4_194_304, in 65_536..=268_435_456;
        /// RELP: sent but not yet answered, never more than this, in messages.
        window_messages: u64 = 128, in 1..=65_536;
        /// UDP: a longer message is cut to this, in bytes, and counted.
        datagram_bytes_max: u64 = 65_507, in 480..=65_507;
        /// UDP: whose address the datagrams come from: "plain", MUTT's; "spoof", the device's, which
        /// needs CAP_NET_RAW and IPv4 (docs/snmp.md).
        source: SyslogSource = SyslogSource::Plain;
        /// UDP: a TCP port that answers while the receiver is well; unset: it is not asked.
        probe: Option<HostPort> = None, like "\"netim.example.net:443\"";
        /// Messages a second at most, which bounds catching up; 0: no limit.
        rate_per_s: u64 = 0, in 0..=10_000_000;
        /// Connecting may take this long, in milliseconds.
        connect_ms: u64 = 5_000, in 10..=600_000;
        /// An unconfirmed window that does not move for this long ends the connection, in
        /// milliseconds.
        stall_ms: u64 = 30_000, in 100..=3_600_000;
    }
    tables { tls: WayTlsSettings }
}

section! {
    /// The trap receiver of the archive: datagrams as they came, an inform as a trap.
    TrapOutSettings {
        /// Where it is; unset: traps are not archived, and counted so.
        address: Option<HostPort> = None, like "\"netim.example.net:162\"";
        /// How it knows the device: "plain", not at all, MUTT's address sends; "spoof", the device's
        /// address sends, which needs CAP_NET_RAW and IPv4; "rfc3584", traps of v1 and v2c go as v2c
        /// with snmpTrapAddress.0 and snmpTrapCommunity.0, those of v3 as they came (docs/snmp.md).
        source: TrapSource = TrapSource::Plain;
        /// A TCP port that answers while the receiver is well; unset: it is not asked.
        probe: Option<HostPort> = None, like "\"netim.example.net:443\"";
        /// Traps a second at most, which bounds catching up; 0: no limit.
        rate_per_s: u64 = 1_000, in 0..=1_000_000;
    }
}

section! {
    /// A destination of alerts. Take the # away from what it needs; repeat it for another.
    Destination {
        /// Its name in metrics and deliveries.
        name: Name = Name::literal("unnamed"), like "\"moogsoft\"";
        /// "moogsoft_webhook" (on-prem) or "moogsoft_cloud" (events API).
        kind: DestinationKind = DestinationKind::MoogsoftWebhook;
        /// Where it is; moogsoft_cloud has a default.
        url: Option<Url> = None, like "\"https://moogsoft.example.net/events/webhook_webhook1\"";
        /// moogsoft_webhook: the user of HTTP Basic authentication.
        user: Option<String> = None, like "\"mutt\"";
        /// moogsoft_webhook: that user's password.
        password: Option<Secret> = None, like "\"secret\"";
        /// The password that is to replace it: tried when the other is refused.
        password_next: Option<Secret> = None, like "\"secret\"";
        /// moogsoft_cloud: the API key.
        api_key: Option<Secret> = None, like "\"secret\"";
        /// The key that is to replace it: tried when the other is refused.
        api_key_next: Option<Secret> = None, like "\"secret\"";
        /// moogsoft_cloud: the name of the field with the signature; "dedupe_key" in older ones.
        deduplication_field: String = "deduplication_key".to_owned();
        /// moogsoft_cloud: the services that alerts belong to.
        services: Vec<String> = Vec::new();
        /// moogsoft_webhook: agent_location in each alert.
        agent_location: String = String::new();
        /// A file with the certificates (PEM) that the server's is checked against, beside the system's
        /// own.
        ca_file: Option<std::path::PathBuf> = None, like "\"/etc/mutt/ca.pem\"";
        /// A certificate's chain (PEM), for a server that asks for one.
        certificate: Option<std::path::PathBuf> = None, like "\"/etc/mutt/client.pem\"";
        /// Its key (PEM).
        key: Option<std::path::PathBuf> = None, like "\"/etc/mutt/client.key\"";
        /// What is sent after the destination was away: "latest", of each alert what is so by then
        /// and nothing of what began and ended meanwhile; or "all".
        after_absence: AfterAbsence = AfterAbsence::Latest;
        /// What is sent so long after its cause is late, and marked so, in milliseconds.
        late_after_ms: u64 = 60_000, in 1_000..=86_400_000;
        /// Alerts in one request.
        batch_max: u64 = 50, in 1..=1_000;
        /// An answer must come within this, in milliseconds.
        timeout_ms: u64 = 10_000, in 10..=600_000;
        /// Alerts a second at most; more wait, none is dropped.
        rate_per_s: u64 = 50, in 1..=100_000;
        /// Alerts that may go at once after a quiet time.
        burst: u64 = 100, in 1..=100_000;
        /// The first wait before another try, in milliseconds; it doubles, with jitter.
        retry_first_ms: u64 = 1_000, in 1..=600_000;
        /// The longest wait between tries, in milliseconds.
        retry_max_ms: u64 = 300_000, in 1..=86_400_000;
        /// The longest wait that the destination may ask for (Retry-After), in milliseconds.
        retry_after_max_ms: u64 = 3_600_000, in 1..=86_400_000;
        /// After 401 or 403 nothing is sent for this long, in milliseconds.
        forbidden_pause_ms: u64 = 60_000, in 1..=86_400_000;
        /// Failures in a row that open the circuit breaker.
        breaker_failures: u64 = 5, in 1..=1_000;
        /// An open breaker lets one request through after this, in milliseconds.
        breaker_open_ms: u64 = 30_000, in 1..=3_600_000;
    }
}

section! {
    /// A sign of life: a request that another system can page on when it stays away.
    HeartbeatSettings {
        /// Where it is sent, often a secret in itself; unset: nowhere.
        url: Option<SecretUrl> = None, like "\"https://watchdog.example.net/mutt\"";
        /// Time between two, in milliseconds.
        every_ms: u64 = 30_000, in 100..=86_400_000;
    }
}

section! {
    /// MUTT's own alerts.
    WatchSettings {
        /// Hosts that must not fall silent.
        hosts: Vec<String> = Vec::new(), like "[\"core-1\", \"core-2\"]";
        /// How long a watched host may be silent, in milliseconds.
        silent_after_ms: u64 = 900_000, in 100..=604_800_000;
        /// How long a destination or a Redis must be down before an alert says so, in milliseconds.
        down_after_ms: u64 = 60_000, in 0..=86_400_000;
        /// The team that MUTT's own alerts are for.
        team: String = "mutt".to_owned();
        /// What they ask for: "page_and_ticket", "page_only", "ticket_only", "email_only" or
        /// "log_only".
        handling: OwnHandling = OwnHandling::PageAndTicket;
    }
}
