//! What goes out, in numbers, for `/metrics`. Names carry their unit; the binary adds the prefix.

use std::collections::BTreeMap;

use mutt_event::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::facts::{Asked, ChannelFigures, Facts};
use crate::{Answer, Gate, GateState};

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Destination {
    destination: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct OfKind {
    destination: String,
    kind: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct WithReason {
    destination: String,
    reason: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct InState {
    destination: String,
    state: &'static str,
}

/// From receipt to delivery: 1 ms to about 17 min, doubling.
fn seconds() -> Histogram {
    Histogram::new((0..21).map(|step| 0.001 * f64::from(1u32 << step)))
}

/// All families of this crate.
#[derive(Clone, Debug)]
pub struct OutputStats {
    delivered: Family<OfKind, Counter>,
    retries: Family<WithReason, Counter>,
    dead: Family<Destination, Counter>,
    superseded: Family<Destination, Counter>,
    gate: Family<InState, Gauge>,
    received_to_delivered: Family<Destination, Histogram, fn() -> Histogram>,
    sent: Family<Destination, Counter>,
    sent_bytes: Family<Destination, Counter>,
    confirmed: Family<Destination, Counter>,
    confirmed_bytes: Family<Destination, Counter>,
    changed: Family<WithReason, Counter>,
    dropped: Family<WithReason, Counter>,
    errors: Family<WithReason, Counter>,
    open: Family<Destination, Gauge>,
    facts: Facts,
}

impl Default for OutputStats {
    fn default() -> Self {
        Self {
            delivered: Family::default(),
            retries: Family::default(),
            dead: Family::default(),
            superseded: Family::default(),
            gate: Family::default(),
            received_to_delivered: Family::new_with_constructor(seconds),
            sent: Family::default(),
            sent_bytes: Family::default(),
            confirmed: Family::default(),
            confirmed_bytes: Family::default(),
            changed: Family::default(),
            dropped: Family::default(),
            errors: Family::default(),
            open: Family::default(),
            facts: Facts::default(),
        }
    }
}

impl OutputStats {
    /// Makes them visible in `registry`, under `output` and `archive`.
    pub fn register(&self, registry: &mut Registry) {
        let output = registry.sub_registry_with_prefix("output");
        output.register("delivered", "Notices that a destination took", self.delivered.clone());
        output.register(
            "retries",
            "Requests that have to be sent again, by reason",
            self.retries.clone(),
        );
        output.register("dead", "Notices that a destination refused", self.dead.clone());
        output.register(
            "superseded",
            "Notices never sent, since a later one told all after a destination's absence",
            self.superseded.clone(),
        );
        output.register("gate_state", "1 for the state that a gate is in", self.gate.clone());
        output.register_with_unit(
            "received_to_delivered",
            "From a message's receipt to its notice taken",
            Unit::Seconds,
            self.received_to_delivered.clone(),
        );
        self.register_archive(registry.sub_registry_with_prefix("archive"));
    }

    fn register_archive(&self, archive: &mut Registry) {
        let bytes = || Unit::Bytes;
        archive.register("sent", "Messages handed to the system", self.sent.clone());
        archive.register_with_unit(
            "sent",
            "Bytes handed to the system, framing included",
            bytes(),
            self.sent_bytes.clone(),
        );
        archive.register("confirmed", "Messages that the receiver has", self.confirmed.clone());
        archive.register_with_unit(
            "confirmed",
            "Bytes that the receiver has, framing included",
            bytes(),
            self.confirmed_bytes.clone(),
        );
        archive.register(
            "changed",
            "Messages that could not be sent byte for byte, by reason",
            self.changed.clone(),
        );
        archive.register(
            "dropped",
            "Messages that cannot be sent at all, by reason",
            self.dropped.clone(),
        );
        archive.register(
            "errors",
            "Times that a channel was lost or not to be had, by reason",
            self.errors.clone(),
        );
        archive.register("channel_open", "1 while a channel is open", self.open.clone());
    }

    /// How the destinations' last requests went that this process made, by name.
    pub fn asked(&self) -> BTreeMap<String, Asked> {
        self.facts.all()
    }

    /// What a channel did; none: there is none of this name.
    pub fn channel_figures(&self, name: &str) -> Option<ChannelFigures> {
        let of = Destination { destination: name.to_owned() };
        let errors = |reason| {
            let of = WithReason { destination: name.to_owned(), reason };
            self.errors.get(&of).map_or(0, |count| count.get())
        };
        Some(ChannelFigures {
            open: self.open.get(&of)?.get() == 1,
            sent: self.sent.get(&of)?.get(),
            confirmed: self.confirmed.get(&of)?.get(),
            confirmed_bytes: self.confirmed_bytes.get(&of)?.get(),
            errors: crate::ChannelError::REASONS.into_iter().map(errors).sum(),
        })
    }

    /// The counters of one destination of notices.
    pub fn destination(&self, name: &str) -> DestinationStats {
        DestinationStats { all: self.clone(), name: name.to_owned() }
    }

    /// The counters of one archive channel.
    pub fn channel(&self, name: &str) -> ChannelStats {
        let of = Destination { destination: name.to_owned() };
        let why = |reason| WithReason { destination: name.to_owned(), reason };
        ChannelStats {
            sent: self.sent.get_or_create_owned(&of),
            sent_bytes: self.sent_bytes.get_or_create_owned(&of),
            confirmed: self.confirmed.get_or_create_owned(&of),
            confirmed_bytes: self.confirmed_bytes.get_or_create_owned(&of),
            escaped: self.changed.get_or_create_owned(&why("escaped")),
            octet_counted: self.changed.get_or_create_owned(&why("octet_counted")),
            cut: self.changed.get_or_create_owned(&why("cut")),
            rendered: self.changed.get_or_create_owned(&why("rendered")),
            inform_as_trap: self.changed.get_or_create_owned(&why("inform_as_trap")),
            spoofed: self.changed.get_or_create_owned(&why("spoofed")),
            not_spoofed: self.changed.get_or_create_owned(&why("not_spoofed")),
            origin_added: self.changed.get_or_create_owned(&why("origin_added")),
            empty: self.dropped.get_or_create_owned(&why("empty")),
            too_long: self.dropped.get_or_create_owned(&why("too_long")),
            open: self.open.get_or_create_owned(&of),
            errors: self.errors.clone(),
            name: name.to_owned(),
        }
    }
}

/// One destination's view on the notices' families.
#[derive(Clone, Debug)]
pub struct DestinationStats {
    all: OutputStats,
    name: String,
}

impl DestinationStats {
    /// A notice of `kind`, caused by a message received at `received`, was taken at `now`.
    pub fn delivered(&self, kind: &'static str, received: Timestamp, now: Timestamp) {
        let of = OfKind { destination: self.name.clone(), kind };
        self.all.delivered.get_or_create(&of).inc();
        let of = Destination { destination: self.name.clone() };
        let seconds = now.since(received).as_secs_f64();
        self.all.received_to_delivered.get_or_create(&of).observe(seconds);
    }

    /// A request has to be sent again: `again` or `forbidden`.
    pub fn retry(&self, reason: &'static str) {
        let of = WithReason { destination: self.name.clone(), reason };
        self.all.retries.get_or_create(&of).inc();
    }

    /// `n` notices were refused for good.
    pub fn dead(&self, n: u64) {
        let of = Destination { destination: self.name.clone() };
        self.all.dead.get_or_create(&of).inc_by(n);
    }

    /// `n` notices need not be sent any more.
    pub fn superseded(&self, n: u64) {
        let of = Destination { destination: self.name.clone() };
        self.all.superseded.get_or_create(&of).inc_by(n);
    }

    /// A request was answered so, and the gate has recorded it.
    pub fn asked(&self, now: Timestamp, gate: &Gate, answer: &Answer) {
        self.gate(gate.state());
        self.all.facts.asked(&self.name, now, gate, answer);
    }

    /// The gate's state now.
    pub fn gate(&self, now: GateState) {
        for state in GateState::ALL {
            let of = InState { destination: self.name.clone(), state: state.name() };
            self.all.gate.get_or_create(&of).set(i64::from(state == now));
        }
    }
}

/// One archive channel's counters, looked up once.
#[derive(Clone, Debug)]
pub struct ChannelStats {
    pub(crate) sent: Counter,
    pub(crate) sent_bytes: Counter,
    pub(crate) confirmed: Counter,
    pub(crate) confirmed_bytes: Counter,
    pub(crate) escaped: Counter,
    pub(crate) octet_counted: Counter,
    pub(crate) cut: Counter,
    pub(crate) rendered: Counter,
    pub(crate) inform_as_trap: Counter,
    pub(crate) spoofed: Counter,
    pub(crate) not_spoofed: Counter,
    pub(crate) origin_added: Counter,
    pub(crate) empty: Counter,
    pub(crate) too_long: Counter,
    pub(crate) open: Gauge,
    errors: Family<WithReason, Counter>,
    name: String,
}

impl ChannelStats {
    pub(crate) fn error(&self, error: &crate::ChannelError) {
        let reason = error.reason();
        let of = WithReason { destination: self.name.clone(), reason };
        self.errors.get_or_create(&of).inc();
        self.open.set(0);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn metrics_have_their_names_and_units() {
        let stats = OutputStats::default();
        let mut registry = Registry::with_prefix("mutt");
        stats.register(&mut registry);
        let destination = stats.destination("moogsoft");
        let now = Timestamp::from_millis(5_000);
        destination.delivered("open", now.before(Duration::from_millis(10)), now);
        destination.retry("again");
        destination.dead(2);
        destination.gate(GateState::Open);
        destination.gate(GateState::Closed);
        let channel = stats.channel("syslog");
        channel.confirmed_bytes.inc_by(7);
        channel.error(&crate::ChannelError::Closed("x".into()));
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
        for line in [
            r#"mutt_output_delivered_total{destination="moogsoft",kind="open"} 1"#,
            r#"mutt_output_retries_total{destination="moogsoft",reason="again"} 1"#,
            r#"mutt_output_dead_total{destination="moogsoft"} 2"#,
            r#"mutt_output_gate_state{destination="moogsoft",state="open"} 0"#,
            r#"mutt_output_gate_state{destination="moogsoft",state="closed"} 1"#,
            r#"mutt_output_received_to_delivered_seconds_sum{destination="moogsoft"} 0.01"#,
            r#"mutt_archive_confirmed_bytes_total{destination="syslog"} 7"#,
            r#"mutt_archive_sent_total{destination="syslog"} 0"#,
            r#"mutt_archive_changed_total{destination="syslog",reason="escaped"} 0"#,
            r#"mutt_archive_errors_total{destination="syslog",reason="closed"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }
}
