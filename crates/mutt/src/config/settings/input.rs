//! Where messages come in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

use crate::config::section::section;
use crate::config::value::Secret;

/// An address of this machine alone: what a trial listens on.
const fn local(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

section! {
    /// Where messages come in.
    InputSettings {}
    tables {
        syslog_udp: UdpSettings,
        syslog_tcp: TcpSettings,
        relp: RelpSettings,
        http: HttpSettings,
        snmp: SnmpSettings,
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
        message_bytes_max: u64 = 65_536, in 480..=1_048_576;
        /// Networks that may send; empty: all. Others are counted and dropped.
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
        /// A connection that sends nothing at all for this long is closed, in milliseconds.
        first_byte_ms: u64 = 60_000, in 10..=86_400_000;
        /// A connection that falls silent for this long is closed, in milliseconds; 0: never.
        idle_ms: u64 = 0, in 0..=604_800_000;
        /// Networks that may connect; empty: all.
        allowed_sources: Vec<IpNet> = Vec::new(), like "[\"10.0.0.0/8\"]";
    }
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
        /// A longer frame closes its connection, in bytes.
        frame_bytes_max: u64 = 1_048_576, in 1_024..=16_777_216;
        /// Connections at a time; one more is closed and counted.
        connections_max: u64 = 256, in 1..=65_536;
        /// A connection that sends nothing at all for this long is closed, in milliseconds.
        first_byte_ms: u64 = 60_000, in 10..=86_400_000;
        /// Networks that may connect; empty: all.
        allowed_sources: Vec<IpNet> = Vec::new(), like "[\"10.0.0.0/8\"]";
    }
}

section! {
    /// HTTP: POST /api/v2/ingest with one JSON object, an array, or objects a line; gzip allowed.
    /// Answers 2xx once the whole batch is on disk, 503 with Retry-After while it cannot be.
    HttpSettings {
        /// Whether it listens.
        enabled: bool = true;
        /// Where it listens. In production "0.0.0.0:8080", TLS in front of it.
        listen: SocketAddr = local(8080);
        /// Keys of which a request carries one as X-API-KEY; empty: none is asked for, which only
        /// a listener on this machine's own address may do.
        api_keys: Vec<Secret> = Vec::new(), like "[\"a-long-random-text\"]";
        /// A larger request, unpacked, is answered 413, in bytes.
        body_bytes_max: u64 = 16_777_216, in 1_024..=268_435_456;
        /// A longer message is refused, in bytes.
        message_bytes_max: u64 = 65_536, in 480..=1_048_576;
        /// Requests in work at a time; one more is answered 503.
        requests_max: u64 = 256, in 1..=65_536;
        /// A request must be read whole within this, in milliseconds.
        request_ms: u64 = 30_000, in 100..=600_000;
        /// Networks that may connect; empty: all.
        allowed_sources: Vec<IpNet> = Vec::new(), like "[\"10.0.0.0/8\"]";
    }
}

section! {
    /// SNMP traps and informs, v1 and v2c, over UDP. An inform is answered once it is on disk.
    SnmpSettings {
        /// Whether it listens.
        enabled: bool = true;
        /// Where it listens. In production "0.0.0.0:162".
        listen: SocketAddr = local(5162);
        /// Communities that are taken; empty: all.
        communities: Vec<Secret> = Vec::new(), like "[\"public\"]";
        /// How many sockets share the port (SO_REUSEPORT), each with its own reader.
        sockets: u64 = 1, in 1..=64;
        /// The kernel's receive buffer of each socket, in bytes; net.core.rmem_max limits it.
        receive_buffer_bytes: u64 = 4_194_304, in 4_096..=1_073_741_824;
        /// Networks that may send; empty: all. Others are counted and dropped.
        allowed_sources: Vec<IpNet> = Vec::new(), like "[\"10.0.0.0/8\"]";
    }
}
