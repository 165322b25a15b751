//! What is shown of secrets: never one, but how old each is and whether Vault answers.
//!
//! From: the keeper. To: /metrics, /readyz; and whoever waits for a change.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use mutt_vault::Tally;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;
use tokio::sync::watch;

/// How secrets are. Cheap to clone; by default there are none that are named.
#[derive(Clone, Debug)]
pub struct Secrets {
    shown: Arc<Mutex<Shown>>,
    changes: watch::Sender<u64>,
}

impl Default for Secrets {
    fn default() -> Self {
        Self { shown: Arc::default(), changes: watch::Sender::new(0) }
    }
}

#[derive(Debug, Default)]
struct Shown {
    vault: bool,
    /// When each setting's secret was read last.
    read: BTreeMap<String, Instant>,
    wrong: Option<String>,
    answers: bool,
    errors: BTreeMap<&'static str, u64>,
    tally: Tally,
}

impl Secrets {
    pub(super) fn new(vault: bool) -> Self {
        let secrets = Self::default();
        secrets.lock().vault = vault;
        secrets
    }

    /// What is wrong, and how old what is in use is; none: no secret is named, or none was read.
    pub fn health(&self) -> Option<Result<(), String>> {
        let shown = self.lock();
        let oldest = shown.read.values().min()?;
        Some(shown.wrong.as_ref().map_or(Ok(()), |why| {
            let age = oldest.elapsed().as_secs();
            Err(format!("{why}; those read {age} s ago are in use"))
        }))
    }

    /// Counts changes; whoever holds this can wait for one.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn read(&self, setting: &str) {
        self.lock().read.insert(setting.to_owned(), Instant::now());
    }

    pub(super) fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// What is wrong, and whether Vault gave what it was asked for.
    pub(super) fn well(&self, wrong: Option<String>, answers: bool) {
        let mut shown = self.lock();
        shown.wrong = wrong;
        shown.answers = answers;
    }

    pub(super) fn failed(&self, reason: &'static str) {
        *self.lock().errors.entry(reason).or_default() += 1;
    }

    pub(super) fn tally(&self, tally: Tally) {
        self.lock().tally = tally;
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Collector for Secrets {
    fn encode(&self, mut out: DescriptorEncoder<'_>) -> fmt::Result {
        let shown = self.lock();
        if shown.read.is_empty() {
            return Ok(());
        }
        let help = "How long ago a setting's secret was read from where it is";
        let mut ages =
            out.encode_descriptor("secret_age", help, Some(&Unit::Seconds), MetricType::Gauge)?;
        for (setting, at) in &shown.read {
            let labels = [("secret", setting.as_str())];
            ConstGauge::new(at.elapsed().as_secs_f64()).encode(ages.encode_family(&labels)?)?;
        }
        let changes = *self.changes.borrow();
        counter(&mut out, "secret_changes", "Secrets that became other ones", changes)?;
        let help = "Failures to read secrets, or to stay logged in, by reason";
        let mut errors = out.encode_descriptor("secret_errors", help, None, MetricType::Counter)?;
        for (reason, count) in &shown.errors {
            let labels = [("reason", *reason)];
            ConstCounter::new(*count).encode(errors.encode_family(&labels)?)?;
        }
        if !shown.vault {
            return Ok(());
        }
        let up = f64::from(u8::from(shown.answers));
        let help = "1 while Vault gives the secrets that it is asked for";
        let metric = out.encode_descriptor("vault_up", help, None, MetricType::Gauge)?;
        ConstGauge::new(up).encode(metric)?;
        counter(&mut out, "vault_logins", "Logins to Vault", shown.tally.logins)?;
        counter(&mut out, "vault_renewals", "Renewals of Vault's token", shown.tally.renewals)
    }
}

fn counter(out: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let metric = out.encode_descriptor(name, help, None, MetricType::Counter)?;
    ConstCounter::new(value).encode(metric)
}
