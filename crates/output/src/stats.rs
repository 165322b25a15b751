//! What goes out, in numbers, for `/metrics`. Names carry their unit; the binary adds the prefix.

use mutt_event::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::GateState;

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
}

impl Default for OutputStats {
    fn default() -> Self {
        Self {
            delivered: Family::default(),
            retries: Family::default(),
            dead: Family::default(),
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
        }
    }
}

impl OutputStats {
    /// Makes them visible in `registry`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("delivered", "Notices that a destination took", self.delivered.clone());
        registry.register(
            "delivery_retries",
            "Requests that have to be sent again, by reason",
            self.retries.clone(),
        );
        registry.register("dead", "Notices that a destination refused", self.dead.clone());
        registry.register("gate_state", "1 for the state that a gate is in", self.gate.clone());
        registry.register_with_unit(
            "received_to_delivered",
            "From a message's receipt to its notice taken",
            Unit::Seconds,
            self.received_to_delivered.clone(),
        );
        self.register_archive(registry);
    }

    fn register_archive(&self, registry: &mut Registry) {
        let mut add = |name: &str, help: &str, family: &Family<Destination, Counter>| {
            registry.register(name, help, family.clone());
        };
        add("archive_sent_messages", "Messages handed to the system", &self.sent);
        add("archive_sent_bytes", "Bytes handed to the system, framing included", &self.sent_bytes);
        add("archive_confirmed_messages", "Messages that the receiver has", &self.confirmed);
        add("archive_confirmed_bytes", "Bytes that the receiver has", &self.confirmed_bytes);
        registry.register(
            "archive_changed_messages",
            "Messages that could not be sent byte for byte, by reason",
            self.changed.clone(),
        );
        registry.register(
            "archive_dropped_messages",
            "Messages that cannot be sent at all, by reason",
            self.dropped.clone(),
        );
        registry.register(
            "archive_errors",
            "Times that a channel was lost or not to be had, by reason",
            self.errors.clone(),
        );
        registry.register("archive_channel_open", "1 while a channel is open", self.open.clone());
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
