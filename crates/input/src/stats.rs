//! What the inputs count, for Prometheus and for the ledger.
//!
//! From: every input, a few additions a batch. To: `/metrics`. Once an input is drained,
//! received = stored + refused (all reasons) holds for it, since the start of the process.

use std::fmt;

use mutt_event::{Input, UsmVerdict};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::snmp::UsmMeter;

/// Why a received message was not stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Refusal {
    /// Its sender's address is not among the allowed sources.
    Source,
    /// Its SNMP community is not on the allow list.
    Community,
    /// An SNMP message, but neither a trap nor an inform.
    NotATrap,
    /// Not BER, as SNMP must be (snmpInASNParseErrs).
    NotBer,
    /// A datagram without a byte.
    Empty,
    /// An SNMP engine was asked who it is: answered, and nothing to store.
    Discovery,
    /// An inform that was stored before, or is on its way: answered, not stored again.
    Repeated,
    /// HTTP 400: the body is not what it says, or a field has the wrong type.
    BadBody,
    /// HTTP 401: no API key, or an unknown one.
    Unauthorized,
    /// HTTP 413: too many bytes or messages.
    TooLarge,
    /// HTTP 415: a content type or encoding that is not taken.
    ContentType,
    /// HTTP 408: the body came too slowly.
    TooSlow,
    /// HTTP 503: no room in the queue before the journal.
    BackPressure,
    /// The journal or its disk is full.
    JournalFull,
    /// The journal was closing.
    JournalClosed,
    /// A write or a sync of the journal failed.
    JournalFailed,
    /// The journal cannot hold such a batch.
    JournalInvalid,
}

impl Refusal {
    /// All reasons.
    pub const ALL: [Refusal; 17] = [
        Refusal::Source,
        Refusal::Community,
        Refusal::NotATrap,
        Refusal::NotBer,
        Refusal::Empty,
        Refusal::Discovery,
        Refusal::Repeated,
        Refusal::BadBody,
        Refusal::Unauthorized,
        Refusal::TooLarge,
        Refusal::ContentType,
        Refusal::TooSlow,
        Refusal::BackPressure,
        Refusal::JournalFull,
        Refusal::JournalClosed,
        Refusal::JournalFailed,
        Refusal::JournalInvalid,
    ];

    /// The name in metrics and logs.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::Source => "source",
            Refusal::Community => "community",
            Refusal::NotATrap => "not_a_trap",
            Refusal::NotBer => "not_ber",
            Refusal::Empty => "empty",
            Refusal::Discovery => "discovery",
            Refusal::Repeated => "repeated",
            Refusal::BadBody => "bad_body",
            Refusal::Unauthorized => "unauthorized",
            Refusal::TooLarge => "too_large",
            Refusal::ContentType => "content_type",
            Refusal::TooSlow => "too_slow",
            Refusal::BackPressure => "back_pressure",
            Refusal::JournalFull => "journal_full",
            Refusal::JournalClosed => "journal_closed",
            Refusal::JournalFailed => "journal_failed",
            Refusal::JournalInvalid => "journal_invalid",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Of {
    input: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Because {
    input: &'static str,
    reason: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Found {
    verdict: &'static str,
}

/// Receipt to disk: 100 µs to 26 s, each bound double the last.
#[derive(Clone, Debug)]
struct ReceiptToDisk;

impl MetricConstructor<Histogram> for ReceiptToDisk {
    fn new_metric(&self) -> Histogram {
        Histogram::new((0..19).map(|step| 0.000_1 * f64::from(1 << step)))
    }
}

/// The counters of all inputs. Cheap to clone; clones share the counters.
#[derive(Clone, Debug)]
pub struct InputStats {
    received: Family<Of, Counter>,
    received_bytes: Family<Of, Counter>,
    stored: Family<Of, Counter>,
    refused: Family<Because, Counter>,
    truncated: Family<Of, Counter>,
    kernel_dropped: Family<Of, Counter>,
    bad_frames: Family<Because, Counter>,
    connections: Family<Of, Gauge>,
    connections_refused: Family<Because, Counter>,
    connections_closed: Family<Because, Counter>,
    receive_buffer: Family<Of, Gauge>,
    recovered: Family<Of, Counter>,
    reread: Family<Of, Counter>,
    snmp_v3: Family<Found, Counter>,
    snmp_engines_forgotten: Counter,
    receipt_to_disk: Family<Of, Histogram, ReceiptToDisk>,
}

impl Default for InputStats {
    fn default() -> Self {
        Self {
            received: Family::default(),
            received_bytes: Family::default(),
            stored: Family::default(),
            refused: Family::default(),
            truncated: Family::default(),
            kernel_dropped: Family::default(),
            bad_frames: Family::default(),
            connections: Family::default(),
            connections_refused: Family::default(),
            connections_closed: Family::default(),
            receive_buffer: Family::default(),
            recovered: Family::default(),
            reread: Family::default(),
            snmp_v3: Family::default(),
            snmp_engines_forgotten: Counter::default(),
            receipt_to_disk: Family::new_with_constructor(ReceiptToDisk),
        }
    }
}

impl InputStats {
    /// All at zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts all families into `registry`, as `mutt_input_…` if its prefix is `mutt`.
    pub fn register(&self, registry: &mut Registry) {
        let r = registry.sub_registry_with_prefix("input");
        r.register("received", "Messages received", self.received.clone());
        r.register_with_unit(
            "received",
            "Bytes of the messages received",
            Unit::Bytes,
            self.received_bytes.clone(),
        );
        r.register("stored", "Messages stored and synced", self.stored.clone());
        r.register("refused", "Messages received and not stored", self.refused.clone());
        r.register("truncated", "Messages cut at the limit", self.truncated.clone());
        r.register(
            "kernel_dropped",
            "Datagrams that the kernel dropped (SO_RXQ_OVFL)",
            self.kernel_dropped.clone(),
        );
        r.register("bad_frames", "Frames that closed a connection", self.bad_frames.clone());
        r.register("connections", "Connections open", self.connections.clone());
        r.register(
            "connections_refused",
            "Connections refused when they came",
            self.connections_refused.clone(),
        );
        r.register("connections_closed", "Connections closed", self.connections_closed.clone());
        r.register_with_unit(
            "receive_buffer",
            "Socket receive buffers that the kernel granted, summed",
            Unit::Bytes,
            self.receive_buffer.clone(),
        );
        r.register(
            "recovered",
            "Elements of dead workers that were put back into their list",
            self.recovered.clone(),
        );
        r.register(
            "reread",
            "Elements read again, since it was not sure that they were stored and taken out",
            self.reread.clone(),
        );
        r.register(
            "snmp_v3",
            "Messages of SNMP version 3, by what their checks found",
            self.snmp_v3.clone(),
        );
        r.register(
            "snmp_engines_forgotten",
            "SNMP engines whose time was forgotten to make room for others",
            self.snmp_engines_forgotten.clone(),
        );
        r.register_with_unit(
            "receipt_to_disk",
            "From the read of a batch to its sync",
            Unit::Seconds,
            self.receipt_to_disk.clone(),
        );
    }

    /// Elements of dead workers that an input put back into their list.
    pub fn recovered(&self, input: Input) -> Counter {
        self.recovered.get_or_create(&Of { input: input.name() }).clone()
    }

    /// Elements that an input reads again.
    pub fn reread(&self, input: Input) -> Counter {
        self.reread.get_or_create(&Of { input: input.name() }).clone()
    }

    /// The counters of SNMP version 3.
    pub fn usm(&self) -> UsmMeter {
        let of = |verdict: UsmVerdict| {
            self.snmp_v3.get_or_create(&Found { verdict: verdict.name() }).clone()
        };
        let verdicts = UsmVerdict::ALL.map(of);
        UsmMeter::new(verdicts, self.snmp_engines_forgotten.clone())
    }

    /// What an input counted since the start; none: it did not listen.
    pub fn figures(&self, input: Input) -> Option<InputFigures> {
        let of = Of { input: input.name() };
        let refused = Refusal::ALL.into_iter().filter_map(|reason| {
            let of = Because { input: input.name(), reason: reason.name() };
            let count = self.refused.get(&of)?.get();
            (count > 0).then_some((reason.name(), count))
        });
        Some(InputFigures {
            received: self.received.get(&of)?.get(),
            stored: self.stored.get(&of)?.get(),
            kernel_dropped: self.kernel_dropped.get(&of)?.get(),
            refused: refused.collect(),
        })
    }

    /// The counters of one input.
    pub fn meter(&self, input: Input) -> Meter {
        let of = Of { input: input.name() };
        Meter {
            received: self.received.get_or_create(&of).clone(),
            received_bytes: self.received_bytes.get_or_create(&of).clone(),
            stored: self.stored.get_or_create(&of).clone(),
            truncated: self.truncated.get_or_create(&of).clone(),
            kernel_dropped: self.kernel_dropped.get_or_create(&of).clone(),
            connections: self.connections.get_or_create(&of).clone(),
            receive_buffer: self.receive_buffer.get_or_create(&of).clone(),
            receipt_to_disk: self.receipt_to_disk.get_or_create(&of).clone(),
            refused: self.refused.clone(),
            bad_frames: self.bad_frames.clone(),
            connections_refused: self.connections_refused.clone(),
            connections_closed: self.connections_closed.clone(),
            input: input.name(),
        }
    }
}

/// What an input counted since the start of the process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InputFigures {
    /// Messages received.
    pub received: u64,
    /// Messages stored and synced.
    pub stored: u64,
    /// Datagrams that the kernel dropped.
    pub kernel_dropped: u64,
    /// Messages received and not stored, by reason; those that are not 0.
    pub refused: Vec<(&'static str, u64)>,
}

/// The counters of one input, found once and then added to without a look-up.
#[derive(Clone, Debug)]
pub struct Meter {
    /// Messages received.
    pub received: Counter,
    /// Their bytes.
    pub received_bytes: Counter,
    /// Messages stored and synced.
    pub stored: Counter,
    /// Messages cut at the limit.
    pub truncated: Counter,
    /// Datagrams that the kernel dropped.
    pub kernel_dropped: Counter,
    /// Connections open now.
    pub connections: Gauge,
    /// Bytes of socket receive buffer that the kernel granted.
    pub receive_buffer: Gauge,
    /// Seconds from the read of a batch to its sync.
    pub receipt_to_disk: Histogram,
    refused: Family<Because, Counter>,
    bad_frames: Family<Because, Counter>,
    connections_refused: Family<Because, Counter>,
    connections_closed: Family<Because, Counter>,
    input: &'static str,
}

impl Meter {
    fn because(&self, reason: &'static str) -> Because {
        Because { input: self.input, reason }
    }

    /// `count` received messages were not stored.
    pub fn refuse(&self, reason: Refusal, count: u64) {
        self.refused.get_or_create(&self.because(reason.name())).inc_by(count);
    }

    /// A frame closed its connection.
    pub fn bad_frame(&self, reason: &'static str) {
        self.bad_frames.get_or_create(&self.because(reason)).inc();
    }

    /// A connection was refused as it came.
    pub fn refuse_connection(&self, reason: &'static str) {
        self.connections_refused.get_or_create(&self.because(reason)).inc();
    }

    /// A connection was closed.
    pub fn close_connection(&self, reason: &'static str) {
        self.connections_closed.get_or_create(&self.because(reason)).inc();
    }

    /// Messages refused for `reason`.
    pub fn refused(&self, reason: Refusal) -> u64 {
        self.refused.get_or_create(&self.because(reason.name())).get()
    }

    /// Messages refused for any reason.
    pub fn refused_in_all(&self) -> u64 {
        Refusal::ALL.into_iter().map(|reason| self.refused(reason)).sum()
    }

    /// Frames that closed a connection for `reason`.
    pub fn bad_frames(&self, reason: &'static str) -> u64 {
        self.bad_frames.get_or_create(&self.because(reason)).get()
    }

    /// Connections refused for `reason`.
    pub fn connections_refused(&self, reason: &'static str) -> u64 {
        self.connections_refused.get_or_create(&self.because(reason)).get()
    }

    /// Connections closed for `reason`.
    pub fn connections_closed(&self, reason: &'static str) -> u64 {
        self.connections_closed.get_or_create(&self.because(reason)).get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_its_families_by_input_and_reason() {
        let stats = InputStats::new();
        let mut registry = Registry::with_prefix("mutt");
        stats.register(&mut registry);
        let meter = stats.meter(Input::SyslogUdp);
        meter.received.inc_by(3);
        meter.stored.inc_by(2);
        meter.refuse(Refusal::Source, 1);
        meter.receipt_to_disk.observe(0.002);
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for line in [
            r#"mutt_input_received_total{input="syslog_udp"} 3"#,
            r#"mutt_input_stored_total{input="syslog_udp"} 2"#,
            r#"mutt_input_refused_total{input="syslog_udp",reason="source"} 1"#,
            r#"mutt_input_received_bytes_total{input="syslog_udp"} 0"#,
            r#"mutt_input_receipt_to_disk_seconds_count{input="syslog_udp"} 1"#,
        ] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
        assert_eq!(meter.refused_in_all(), 1);
    }
}
