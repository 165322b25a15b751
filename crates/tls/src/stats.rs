//! All of a process's TLS: what is watched, and how it is.
//!
//! From: acceptors and connectors. To: /metrics (days to expiry, handshakes, reloads), and /readyz.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::reload::State;
use crate::{Acceptor, ClientSettings, Connector, ServerSettings, TlsError};

const DAY_S: f64 = 86_400.0;

/// A process's TLS. Cheap to clone; clones share all.
#[derive(Clone, Debug, Default)]
pub struct Tls(Arc<Mutex<Vec<Held>>>);

#[derive(Clone, Debug)]
enum Held {
    Door(Arc<Acceptor>),
    Way(Arc<Connector>),
}

impl Held {
    fn name(&self) -> &str {
        match self {
            Held::Door(door) => door.config.name(),
            Held::Way(way) => way.config.name(),
        }
    }

    fn state(&self) -> State {
        match self {
            Held::Door(door) => door.config.state(),
            Held::Way(way) => way.config.state(),
        }
    }

    fn look(&self) {
        match self {
            Held::Door(door) => door.config.look(),
            Held::Way(way) => way.config.look(),
        }
    }
}

/// How the files of a door or a way out are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Health {
    /// Whose files.
    pub name: String,
    /// What is wrong: they cannot be used as they are now, or a certificate has expired.
    pub wrong: Option<String>,
}

impl Tls {
    /// A door's TLS, watched from now on.
    ///
    /// # Errors
    /// Files that cannot be used.
    pub fn server(&self, name: &str, settings: ServerSettings) -> Result<Arc<Acceptor>, TlsError> {
        let door = Arc::new(Acceptor::new(name, settings)?);
        self.lock().push(Held::Door(Arc::clone(&door)));
        Ok(door)
    }

    /// A way out's TLS, watched from now on.
    ///
    /// # Errors
    /// Files that cannot be used.
    pub fn client(&self, name: &str, settings: ClientSettings) -> Result<Arc<Connector>, TlsError> {
        let way = Arc::new(Connector::new(name, settings)?);
        self.lock().push(Held::Way(Arc::clone(&way)));
        Ok(way)
    }

    /// Looks at all files `every` so often, until `stop`.
    pub async fn watch(self, every: Duration, stop: CancellationToken) {
        let mut timer = tokio::time::interval(every);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(timer.tick()).await.is_some() {
            let all = self.all();
            // Files may be on a disk that does not answer.
            let looked = tokio::task::spawn_blocking(move || all.iter().for_each(Held::look));
            if looked.await.is_err() {
                tracing::error!("TLS: looking at files failed");
            }
        }
    }

    /// How all files are.
    pub fn health(&self) -> Vec<Health> {
        let expired = |state: &State| {
            let days = days_left(state.not_after_s?);
            (days < 0.0).then(|| format!("the certificate expired {:.1} days ago", -days))
        };
        let health = |held: &Held| {
            let state = held.state();
            let wrong = state.wrong.clone().or_else(|| expired(&state));
            Health { name: held.name().to_owned(), wrong }
        };
        self.all().iter().map(health).collect()
    }

    fn all(&self) -> Vec<Held> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn days_left(not_after_s: i64) -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (not_after_s as f64 - now.as_secs_f64()) / DAY_S
}

impl Collector for Tls {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let all: Vec<(Held, State)> =
            self.all().into_iter().map(|held| (held.clone(), held.state())).collect();
        let states = || all.iter().map(|(held, state)| (held.name(), state));
        let days = states().filter_map(|(of, state)| Some((of, days_left(state.not_after_s?))));
        let help = "Days until the first certificate of a chain expires; below 0 after that";
        gauges(&mut encoder, "tls_certificate_expiry_days", help, days)?;
        let wrong = states().map(|(of, state)| (of, f64::from(u8::from(state.wrong.is_some()))));
        let help = "1 while changed files cannot be used, and the last good ones stay in use";
        gauges(&mut encoder, "tls_files_wrong", help, wrong)?;
        let reloads = states().map(|(of, state)| (vec![("of", of)], state.reloads));
        counters(&mut encoder, "tls_reloads", "Changed files taken into use", reloads)?;
        let failures = states().map(|(of, state)| (vec![("of", of)], state.reload_failures));
        let help = "Changed files that could not be used";
        counters(&mut encoder, "tls_reload_failures", help, failures)?;
        let doors = || {
            all.iter().filter_map(|(held, _)| match held {
                Held::Door(door) => Some((held.name(), door)),
                Held::Way(_) => None,
            })
        };
        let done = doors().map(|(of, door)| (vec![("of", of)], door.handshakes()));
        counters(&mut encoder, "tls_handshakes", "Handshakes of a door that succeeded", done)?;
        let failed = doors().flat_map(|(of, door)| {
            door.failures().map(move |(why, count)| (vec![("of", of), ("reason", why)], count))
        });
        let help = "Handshakes of a door that came to nothing";
        counters(&mut encoder, "tls_handshake_failures", help, failed)
    }
}

fn gauges<'a>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: impl Iterator<Item = (&'a str, f64)>,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (of, value) in values {
        ConstGauge::new(value).encode(metric.encode_family(&vec![("of", of)])?)?;
    }
    Ok(())
}

fn counters<'a>(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: impl Iterator<Item = (Vec<(&'static str, &'a str)>, u64)>,
) -> fmt::Result {
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, value) in values {
        ConstCounter::new(value).encode(metric.encode_family(&labels)?)?;
    }
    Ok(())
}
