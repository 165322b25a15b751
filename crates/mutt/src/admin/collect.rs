//! Metrics that are read when they are asked for: ledger, queues, journal, parts.
//!
//! Counts of what was judged and archived come from the cursors, so they survive restarts.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use mutt_journal::COMMIT_TIME_BOUNDS_US;
use mutt_pipeline::Seat;
use mutt_store::Stats;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use super::journal::JournalFigures;
use super::snapshot::{Live, Snapshot};

/// Holds for the registry what was said last.
#[derive(Debug, Default)]
pub struct Latest(Mutex<(Option<Snapshot>, Option<Live>)>);

impl Latest {
    /// Puts what is newer; with none of the database, what it said before stays.
    pub fn put(&self, snapshot: Option<Snapshot>, live: Live) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0 = snapshot.or_else(|| held.0.take());
        held.1 = Some(live);
    }
}

impl Collector for Latest {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (snapshot, live) = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut out = Out(encoder);
        if let Some(snapshot) = snapshot {
            ledger(&mut out, &snapshot)?;
            deliveries(&mut out, &snapshot)?;
        }
        let Some(live) = live else { return Ok(()) };
        journal(&mut out, &live.journal)?;
        if let Some(store) = &live.store {
            database(&mut out, store, live.away.is_none())?;
        }
        parts(&mut out, &live)
    }
}

type Labels<'a> = Vec<(&'static str, &'a str)>;

struct Out<'e>(DescriptorEncoder<'e>);

impl Out<'_> {
    fn counters(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (u64, Vec<(&'static str, String)>)>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (value, labels) in values {
            ConstCounter::new(value).encode(metric.encode_family(&borrow(&labels))?)?;
        }
        Ok(())
    }

    fn gauges(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<&Unit>,
        values: impl IntoIterator<Item = (f64, Vec<(&'static str, String)>)>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, unit, MetricType::Gauge)?;
        for (value, labels) in values {
            ConstGauge::new(value).encode(metric.encode_family(&borrow(&labels))?)?;
        }
        Ok(())
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let metric = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        ConstCounter::new(value).encode(metric)
    }

    fn gauge(&mut self, name: &str, help: &str, unit: Option<&Unit>, value: f64) -> fmt::Result {
        let metric = self.0.encode_descriptor(name, help, unit, MetricType::Gauge)?;
        ConstGauge::new(value).encode(metric)
    }
}

fn borrow<'a>(labels: &'a [(&'static str, String)]) -> Labels<'a> {
    labels.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

fn ledger(out: &mut Out<'_>, snapshot: &Snapshot) -> fmt::Result {
    let ledger = &snapshot.ledger;
    out.counter(
        "ledger_stored_messages",
        "Messages stored since the journal began",
        ledger.stored,
    )?;
    let done = ledger.readers.iter().flat_map(|account| {
        account.all.done.iter().map(|(outcome, count)| {
            let outcome = outcome.name().to_owned();
            (count, vec![("reader", account.reader.clone()), ("outcome", outcome)])
        })
    });
    let help = "What became of stored messages, since the journal began, by reader";
    out.counters("ledger_messages", help, done)?;
    let waiting = ledger
        .readers
        .iter()
        .map(|account| (account.all.waiting as f64, vec![("reader", account.reader.clone())]));
    out.gauges("reader_waiting_messages", "Messages that a reader has not done", None, waiting)?;
    let oldest = snapshot
        .oldest
        .iter()
        .map(|(reader, age)| (age.as_secs_f64(), vec![("reader", reader.clone())]));
    let help = "Age of the oldest message that a reader has not done";
    out.gauges("reader_oldest_age", help, Some(&Unit::Seconds), oldest)?;
    let balanced = f64::from(u8::from(ledger.balances().is_ok()));
    out.gauge("ledger_balanced", "1 while every account of the ledger balances", None, balanced)
}

fn deliveries(out: &mut Out<'_>, snapshot: &Snapshot) -> fmt::Result {
    let lengths = snapshot.queues.iter().flat_map(|queue| {
        queue.lengths.iter().map(|length| {
            let state = length.state.name().to_owned();
            let labels = vec![("destination", queue.destination.clone()), ("state", state)];
            (length.count as f64, labels)
        })
    });
    out.gauges("deliveries", "Notices by destination and state", None, lengths)?;
    let oldest = snapshot.queues.iter().map(|queue| {
        let age = queue.oldest_waiting.map(|oldest| snapshot.at.since(oldest)).unwrap_or_default();
        (age.as_secs_f64(), vec![("destination", queue.destination.clone())])
    });
    let help = "Age of the oldest notice that a destination has not taken";
    out.gauges("delivery_oldest_age", help, Some(&Unit::Seconds), oldest)
}

fn journal(out: &mut Out<'_>, journal: &JournalFigures) -> fmt::Result {
    out.gauge("journal_size", "The journal on disk", Some(&Unit::Bytes), journal.bytes as f64)?;
    out.gauge(
        "journal_used",
        "What may not be trimmed, of the limit",
        Some(&Unit::Ratios),
        journal.usage,
    )?;
    out.gauge(
        "journal_full",
        "1 while appends find no room",
        None,
        f64::from(u8::from(journal.stuck.is_some())),
    )?;
    out.counter(
        "journal_lost_positions",
        "Positions that never held a readable message",
        journal.lost,
    )?;
    out.counter(
        "journal_damaged_messages",
        "Messages found damaged since the start",
        journal.damaged,
    )?;
    out.counter("journal_dropped_messages", "Messages dropped unread by choice", journal.dropped)?;
    out.counter(
        "journal_withdrawn_messages",
        "Messages read that a failover of Redis then lost",
        journal.withdrawn,
    )?;
    let writer = &journal.writer;
    out.counter("journal_commits", "Writes with one sync each", writer.commits)?;
    out.counter("journal_records", "Messages written", writer.records)?;
    out.counter("journal_written_bytes", "Bytes written", writer.bytes)?;
    out.counter(
        "journal_refused_full_batches",
        "Batches refused for want of room",
        writer.refused_full,
    )?;
    out.counter("journal_segments_created", "Segments created", writer.segments_created)?;
    out.counter("journal_segments_trimmed", "Segments trimmed", writer.segments_trimmed)?;
    let bounds = COMMIT_TIME_BOUNDS_US.iter().map(|us| *us as f64 / 1e6).chain([f64::INFINITY]);
    let buckets: Vec<(f64, u64)> = bounds.zip(writer.times.iter().copied()).collect();
    let mut metric = out.0.encode_descriptor(
        "journal_commit_time",
        "How long a write and its sync took",
        Some(&Unit::Seconds),
        MetricType::Histogram,
    )?;
    metric.encode_histogram::<NoLabelSet>(
        writer.time_us as f64 / 1e6,
        writer.commits,
        &buckets,
        None,
    )
}

fn database(out: &mut Out<'_>, store: &Stats, answers: bool) -> fmt::Result {
    let up = f64::from(u8::from(answers));
    out.gauge("database_up", "0 while the database's server does not answer", None, up)?;
    out.counter("database_transactions", "Transactions with one sync each", store.transactions)?;
    out.counter(
        "database_failed_transactions",
        "Transactions that failed whole, also for want of a connection",
        store.failed_transactions,
    )?;
    out.counter("database_changes", "Changes made true", store.done)?;
    out.counter(
        "database_refused_changes",
        "Changes refused alone, such as fenced",
        store.refused,
    )?;
    let failed = "Changes that the database failed to make";
    out.counter("database_failed_changes", failed, store.failed)?;
    connections(out, store)
}

fn connections(out: &mut Out<'_>, store: &Stats) -> fmt::Result {
    let states = [("in_use", store.readers_in_use), ("idle", store.readers_idle)];
    let states = states.map(|(state, count)| (count as f64, vec![("state", state.to_owned())]));
    out.gauges("database_connections", "Connections that read, by state", None, states)?;
    let most = store.readers_max as f64;
    out.gauge("database_connections_max", "The most connections that read", None, most)?;
    let waits = "Reads that found all connections in use";
    out.counter("database_connection_waits", waits, store.waits)?;
    let timeouts = "Reads that got no connection in time";
    out.counter("database_connection_timeouts", timeouts, store.timeouts)?;
    let again = "Connections that the writer made anew";
    out.counter("database_reconnects", again, store.reconnects)
}

fn parts(out: &mut Out<'_>, live: &Live) -> fmt::Result {
    let parts = &live.parts;
    let up = |wrong: &Option<String>| f64::from(u8::from(wrong.is_none()));
    let workers =
        parts.workers.iter().map(|(name, wrong)| (up(wrong), vec![("worker", name.clone())]));
    out.gauges("worker_healthy", "1 while a worker's last step succeeded", None, workers)?;
    let inputs = parts.inputs.iter().map(|(name, down)| (up(down), vec![("input", name.clone())]));
    let help = "1 while an input that connects by itself takes messages";
    out.gauges("input_connected", help, None, inputs)?;
    let destinations = parts
        .destinations
        .iter()
        .map(|(name, down)| (up(down), vec![("destination", name.clone())]));
    out.gauges(
        "destination_up",
        "1 while a destination takes what it is sent",
        None,
        destinations,
    )?;
    leases(out, live)?;
    rules(out, live)
}

fn leases(out: &mut Out<'_>, live: &Live) -> fmt::Result {
    let seats = &live.parts.seats;
    let of = |lease: &String| vec![("lease", lease.clone())];
    let held = seats.iter().map(|(lease, seat)| {
        let held = f64::from(u8::from(matches!(seat, Seat::Held { .. })));
        (held, of(lease))
    });
    out.gauges("lease_held", "1 while this process holds a lease", None, held)?;
    let epochs = seats.iter().filter_map(|(lease, seat)| match seat {
        Seat::Held { epoch } => Some((*epoch as f64, of(lease))),
        _ => None,
    });
    out.gauges("lease_epoch", "How often a lease that is held was taken", None, epochs)
}

fn rules(out: &mut Out<'_>, live: &Live) -> fmt::Result {
    let Some(rules) = &live.rules else { return Ok(()) };
    out.gauge("rules", "Rules that judge", None, rules.rules as f64)?;
    let help = "The catalog's revision that is in force here";
    out.gauge("rule_set_revision", help, None, rules.revision as f64)?;
    out.counter("rule_set_loads", "Rule sets loaded since the start", rules.loads)?;
    out.counter("rule_set_refusals", "Rule sets refused since the start", rules.refusals)?;
    let refused = f64::from(u8::from(rules.refused.is_some()));
    out.gauge("rule_set_refused", "1 while a newer revision has a fault", None, refused)
}
