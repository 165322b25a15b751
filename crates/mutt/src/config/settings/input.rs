//! Where messages come in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

use super::redis_list::RedisListSettings;
use super::snmp::SnmpSettings;
use super::tls::DoorTlsSettings;
use crate::config::kinds::Secret;
use crate::config::section::section;

/// An address of this machine alone: what a trial listens on.
pub(super) const fn local(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

section! {
    /// Where messages come in.
    InputSettings {}
    tables {
        syslog_udp: UdpSettings,
        syslog_tcp: TcpSettings,
        syslog_tls: SyslogTlsSettings,
        relp: RelpSettings,
        relp_tls: RelpTlsSettings,
        http: HttpSettings,
        snmp: SnmpSettings,
        redis_list: Vec<RedisListSettings>,
    }
}

section! {
    /// Syslog over UDP (RFC 5426). Safe once on disk; what the kernel drops before is counted.
    UdpSettings {
        /// Whether it listens.
        enabled: bool = true;
        /// Where it listens. In production "0.0.0.0:514" or "[::]:514".
        listen: SocketAddr = local(5514);
        /// How many sockets share the port (SO_REUSEPORT), each with its own reader.
        sockets: u64 = 2, in 1..=64;
        /// The kernel's receive buffer of each socket, in bytes; net.core.rmem_max limits it.
        receive_buffer_bytes: u64 = 8_388_608, in 4_096..=1_073_741_824;
        /// A longer message is cut to this many bytes, marked and counted.
        message_bytes_max: u64 = 65_535, in 480..=65_535;
        /// Networks that may send; others are counted and dropped. Empty: all, which is warned of where
        /// it can be reached from outside, since a datagram's sender is whoever it says.
        allowed_sources: Vec<IpNet> = Vec::new(), like "[\"10.0.0.0/8\"]";
    }
}

section! {
    /// Syslog over TCP (RFC 6587), octet-counted or ended by LF, told apart per message.
    TcpSettings {
        /// Whether it listens.
        enabled: bool = true;
        /// Where it listens. In production "0.0.0.0:514" or "[::]:514".
        listen: SocketAddr = local(5514);
        /// A longer message is cut to this many bytes, marked and counted.
        message_bytes_max: u64 = 65_536, in 480..=1_048_576;
        /// Connections at a time; one more is closed and counted.
        connections_max: u64 = 1_024, in 1..=65_536;
        /// A new connection that sends nothing for this long is closed, in milliseconds.
        first_byte_ms: u64 = 300_000, in 10..=86_400_000;
        /// A connection that falls silent for this long is closed, in milliseconds. A device that
        /// is cut off for its silence loses what it says next, so this is long.
        idle_ms: u64 = 86_400_000, in 10..=2_678_400_000;
        /// The read buffer of a busy connection, in bytes.
        read_buffer_bytes: u64 = 131_072, in 4_096..=16_777_216;
        /// Batches of one connection that wait for the disk; with more it is not read.
        batches_in_flight: u64 = 4, in 1..=1_024;
        /// Networks that may connect; empty: all.
        allowed_sources: Vec<IpNet> = Vec::new(), like "[\"10.0.0.0/8\"]";
        /// Whether it may be reached from outside, plain as it is; without this only loopback.
        allow_plaintext: bool = false;
    }
}

section! {
    /// Syslog over TLS (RFC 5425), octet-counted or ended by LF, told apart per message.
    SyslogTlsSettings {
        /// Whether it listens; it needs a certificate.
        enabled: bool = false;
        /// Where it listens. In production "0.0.0.0:6514" or "[::]:6514".
        listen: SocketAddr = local(6514);
        /// A longer message is cut to this many bytes, marked and counted.
        message_bytes_max: u64 = 65_536, in 480..=1_048_576;
        /// Connections at a time; one more is closed and counted.
        connections_max: u64 = 1_024, in 1..=65_536;
        /// A new connection that sends nothing for this long is closed, in milliseconds.
        first_byte_ms: u64 = 300_000, in 10..=86_400_000;
        /// A connection that falls silent for this long is closed, in milliseconds. A device that
        /// is cut off for its silence loses what it says next, so this is long.
        idle_ms: u64 = 86_400_000, in 10..=2_678_400_000;
        /// The read buffer of a busy connection, in bytes.
        read_buffer_bytes: u64 = 131_072, in 4_096..=16_777_216;
        /// Batches of one connection that wait for the disk; with more it is not read.
        batches_in_flight: u64 = 4, in 1..=1_024;
        /// Networks that may connect; empty: all.
        allowed_sources: Vec<IpNet> = Vec::new(), like "[\"10.0.0.0/8\"]";
    }
    tables { tls: DoorTlsSettings }
}

section! {
    /// RELP, rsyslog's own protocol: answered once the message is on disk, so that nothing is lost.
    RelpSettings {
        /// Whether it listens.
        enabled: bool = true;
        /// Where it listens. In production "0.0.0.0:2514".
        listen: SocketAddr = local(2514);
        /// A longer message is cut to this many bytes, marked and counted.
        message_bytes_max: u64 = 65_536, in 480..=1_048_576;
        /// Connections at a time; one more is closed and counted.
        connections_max: u64 = 1_024, in 1..=65_536;
        /// A new connection that sends nothing for this long is closed, in milliseconds.
        first_byte_ms: u64 = 300_000, in 10..=86_400_000;
        /// A connection that falls silent for this long is closed, in milliseconds. A device that
        /// is cut off for its silence loses what it says next, so this is long.
        idle_ms: u64 = 86_400_000, in 10..=2_678_400_000;
        /// The read buffer of a busy connection, in bytes.
        read_buffer_bytes: u64 = 131_072, in 4_096..=16_777_216;
        /// Batches of one connection that wait for the disk; with more it is not read.
        batches_in_flight: u64 = 4, in 1..=1_024;
        /// Networks that may connect; empty: all.
        allowed_sources: Vec<IpNet> = Vec::new(), like "[\"10.0.0.0/8\"]";
        /// Whether it may be reached from outside, plain as it is; without this only loopback.
        allow_plaintext: bool = false;
    }
}

section! {
    /// RELP over TLS (omrelp with tls="on"), beside or instead of the plain one.
    RelpTlsSettings {
        /// Whether it listens; it needs a certificate.
        enabled: bool = false;
        /// Where it listens. In production "0.0.0.0:2515".
        listen: SocketAddr = local(2515);
        /// A longer message is cut to this many bytes, marked and counted.
        message_bytes_max: u64 = 65_536, in 480..=1_048_576;
        /// Connections at a time; one more is closed and counted.
        connections_max: u64 = 1_024, in 1..=65_536;
        /// A new connection that sends nothing for this long is closed, in milliseconds.
        first_byte_ms: u64 = 300_000, in 10..=86_400_000;
        /// A connection that falls silent for this long is closed, in milliseconds. A device that
        /// is cut off for its silence loses what it says next, so this is long.
        idle_ms: u64 = 86_400_000, in 10..=2_678_400_000;
        /// The read buffer of a busy connection, in bytes.
        read_buffer_bytes: u64 = 131_072, in 4_096..=16_777_216;
        /// Batches of one connection that wait for the disk; with more it is not read.
        batches_in_flight: u64 = 4, in 1..=1_024;
        /// Networks that may connect; empty: all.
        allowed_sources: Vec<IpNet> = Vec::new(), like "[\"10.0.0.0/8\"]";
    }
    tables { tls: DoorTlsSettings }
}

section! {
    /// HTTP: POST /api/v2/ingest with one JSON object, an array, or objects a line; gzip allowed.
    /// Answers 2xx once the whole batch is on disk, 503 with Retry-After while it cannot be.
    HttpSettings {
        /// Whether it listens.
        enabled: bool = true;
        /// Where it listens. In production "0.0.0.0:8514", with TLS.
        listen: SocketAddr = local(8514);
        /// Keys of which a request carries one as X-API-KEY; empty: none is asked for, which only
        /// a listener on this machine's own address may do.
        api_keys: Vec<Secret> = Vec::new(), like "[\"a-long-random-text\"]";
        /// A larger body is refused, also after inflation, in bytes.
        body_bytes_max: u64 = 8_388_608, in 1_024..=268_435_456;
        /// A batch of more messages is refused.
        batch_messages_max: u64 = 10_000, in 1..=1_000_000;
        /// A longer JSON message is refused, a longer line of text is cut, in bytes.
        message_bytes_max: u64 = 65_536, in 480..=1_048_576;
        /// Connections at a time; one more is closed and counted.
        connections_max: u64 = 1_024, in 1..=65_536;
        /// Bodies that are read and stored at a time; more wait.
        requests_max: u64 = 32, in 1..=65_536;
        /// How long a request's head may take, and a connection be idle between two, in
        /// milliseconds.
        head_ms: u64 = 60_000, in 10..=3_600_000;
        /// How long a body may take, in milliseconds.
        body_ms: u64 = 30_000, in 10..=3_600_000;
        /// How long a batch may wait for room before it is answered 503, in milliseconds.
        room_ms: u64 = 2_000, in 10..=600_000;
        /// What a 503 tells its sender to wait (Retry-After), in seconds.
        retry_after_s: u64 = 5, in 1..=3_600;
        /// Networks that may connect; empty: all.
        allowed_sources: Vec<IpNet> = Vec::new(), like "[\"10.0.0.0/8\"]";
        /// Whether it may be reached from outside, plain as it is; without this only loopback.
        allow_plaintext: bool = false;
    }
    tables { tls: DoorTlsSettings }
}
