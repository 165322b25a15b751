//! The inputs: all bound first, so that a wrong address stops the start; then served. Redis lists
//! have nothing to bind: they connect while they serve, and say how that goes.
//!
//! From: sockets, Redis. To: the [`Intake`], which they share; to the status, how Redis lists are.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use mutt_input::{
    ApiKeys, ConnectionLimits, Http, HttpConfig, InputError, Intake, RedisList, RedisListConfig,
    Relp, RelpConfig, Snmp, SnmpConfig, SocketLimits, Tcp, TcpConfig, Udp, UdpConfig, Usm,
};
use mutt_secrets::{ExposeSecret, SecretString};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::build::passwords;
use crate::config::kinds::Secret;
use crate::config::settings::{
    HttpSettings, InputSettings, RedisListSettings, RelpSettings, SnmpSettings, TcpSettings,
    UdpSettings,
};
use crate::config::value::size;
use crate::status::Status;

/// All inputs that are enabled, listening.
pub struct Bound {
    udp: Option<Udp>,
    tcp: Option<Tcp>,
    relp: Option<Relp>,
    http: Option<Http>,
    snmp: Option<Snmp>,
    redis_lists: Vec<(String, RedisList)>,
}

/// Opens the sockets of all enabled inputs; `usm` checks SNMP version 3.
///
/// # Errors
/// The first address that cannot be bound.
pub fn bind(settings: &InputSettings, usm: Usm) -> Result<Bound> {
    let InputSettings { syslog_udp: udp, syslog_tcp: tcp, relp, http, snmp: traps, redis_list: _ } =
        settings;
    Ok(Bound {
        udp: udp
            .enabled
            .then(|| Udp::bind(udp_config(udp)))
            .transpose()
            .context("input.syslog_udp")?,
        tcp: tcp
            .enabled
            .then(|| Tcp::bind(tcp_config(tcp)))
            .transpose()
            .context("input.syslog_tcp")?,
        relp: relp
            .enabled
            .then(|| Relp::bind(relp_config(relp)))
            .transpose()
            .context("input.relp")?,
        http: http
            .enabled
            .then(|| Http::bind(http_config(http)))
            .transpose()
            .context("input.http")?,
        snmp: traps
            .enabled
            .then(|| Snmp::bind(snmp_config(traps), usm))
            .transpose()
            .context("input.snmp")?,
        redis_lists: Vec::new(),
    })
}

impl Bound {
    /// Adds the Redis lists; `identity` is the journal's, by which other readers of a list know
    /// this one unless it was given a name.
    ///
    /// # Errors
    /// Settings that no list can have.
    pub fn add_redis_lists(&mut self, settings: &InputSettings, identity: &str) -> Result<()> {
        for from in &settings.redis_list {
            let name = format!("redis_list/{}", from.name);
            let list = RedisList::new(redis_list_config(from, &name, identity))
                .with_context(|| format!("input.{name}"))?;
            self.redis_lists.push((name, list));
        }
        Ok(())
    }

    /// Each input's name and where it listens.
    pub fn addresses(&self) -> Vec<(&'static str, SocketAddr)> {
        let all = [
            ("syslog_udp", self.udp.as_ref().map(Udp::address)),
            ("syslog_tcp", self.tcp.as_ref().map(Tcp::address)),
            ("relp", self.relp.as_ref().map(Relp::address)),
            ("http", self.http.as_ref().map(Http::address)),
            ("snmp", self.snmp.as_ref().map(Snmp::address)),
        ];
        all.into_iter().filter_map(|(name, address)| Some((name, address?))).collect()
    }

    /// Serves them all until `stop`; the tasks end when what they read is stored and answered.
    pub fn serve(
        self,
        intake: &Arc<Intake>,
        status: &Status,
        stop: &CancellationToken,
    ) -> JoinSet<Result<(), InputError>> {
        let mut tasks = JoinSet::new();
        let (intake, stop) = (|| Arc::clone(intake), || stop.clone());
        if let Some(input) = self.udp {
            tasks.spawn(input.serve(intake(), stop()));
        }
        if let Some(input) = self.tcp {
            tasks.spawn(input.serve(intake(), stop()));
        }
        if let Some(input) = self.relp {
            tasks.spawn(input.serve(intake(), stop()));
        }
        if let Some(input) = self.http {
            tasks.spawn(input.serve(intake(), stop()));
        }
        if let Some(input) = self.snmp {
            tasks.spawn(input.serve(intake(), stop()));
        }
        for (name, input) in self.redis_lists {
            tokio::spawn(tell(name, input.health(), status.clone()));
            tasks.spawn(input.serve(intake(), stop()));
        }
        tasks
    }
}

/// Passes on how an input is, until it ends.
async fn tell(name: String, mut health: watch::Receiver<Option<String>>, status: Status) {
    loop {
        let down = health.borrow_and_update().clone();
        status.input(&name, down);
        if health.changed().await.is_err() {
            return;
        }
    }
}

fn udp_config(from: &UdpSettings) -> UdpConfig {
    UdpConfig {
        bind: from.listen,
        limits: SocketLimits {
            sockets: size(from.sockets),
            receive_buffer_bytes: size(from.receive_buffer_bytes),
            message_bytes_max: size(from.message_bytes_max),
        },
        allowed_sources: from.allowed_sources.clone(),
    }
}

fn tcp_config(from: &TcpSettings) -> TcpConfig {
    TcpConfig {
        bind: from.listen,
        message_bytes_max: size(from.message_bytes_max),
        limits: ConnectionLimits {
            connections_max: size(from.connections_max),
            first_byte_timeout_ms: from.first_byte_ms,
            idle_timeout_ms: from.idle_ms,
            read_buffer_bytes: size(from.read_buffer_bytes),
            batches_in_flight: size(from.batches_in_flight),
        },
        allowed_sources: from.allowed_sources.clone(),
    }
}

fn relp_config(from: &RelpSettings) -> RelpConfig {
    RelpConfig {
        bind: from.listen,
        message_bytes_max: size(from.message_bytes_max),
        limits: ConnectionLimits {
            connections_max: size(from.connections_max),
            first_byte_timeout_ms: from.first_byte_ms,
            idle_timeout_ms: from.idle_ms,
            read_buffer_bytes: size(from.read_buffer_bytes),
            batches_in_flight: size(from.batches_in_flight),
        },
        allowed_sources: from.allowed_sources.clone(),
    }
}

fn http_config(from: &HttpSettings) -> HttpConfig {
    let keys: Vec<SecretString> = from.api_keys.iter().map(Secret::text).collect();
    HttpConfig {
        bind: from.listen,
        api_keys: ApiKeys::new(keys.iter().map(ExposeSecret::expose_secret)),
        body_bytes_max: size(from.body_bytes_max),
        batch_messages_max: size(from.batch_messages_max),
        message_bytes_max: size(from.message_bytes_max),
        connections_max: size(from.connections_max),
        requests_max: size(from.requests_max),
        head_timeout_ms: from.head_ms,
        body_timeout_ms: from.body_ms,
        room_timeout_ms: from.room_ms,
        retry_after_s: u32::try_from(from.retry_after_s).unwrap_or(u32::MAX),
        allowed_sources: from.allowed_sources.clone(),
    }
}

fn snmp_config(from: &SnmpSettings) -> SnmpConfig {
    SnmpConfig {
        bind: from.listen,
        limits: SocketLimits {
            sockets: size(from.sockets),
            receive_buffer_bytes: size(from.receive_buffer_bytes),
            message_bytes_max: size(from.message_bytes_max),
        },
        allowed_sources: from.allowed_sources.clone(),
        communities: from
            .communities
            .iter()
            .map(|one| one.text().expose_secret().to_owned())
            .collect(),
    }
}

fn redis_list_config(from: &RedisListSettings, name: &str, identity: &str) -> RedisListConfig {
    let (address, database) = from.url.clone().map(|url| (url.address, url.database)).unzip();
    let worker = from.worker.as_ref().map_or(identity, |worker| worker.as_str());
    RedisListConfig {
        name: name.to_owned(),
        address: address.unwrap_or_default(),
        database: database.unwrap_or_default(),
        user: from.user.clone(),
        password: from
            .password
            .is_some()
            .then(|| passwords(format!("{name}: password"), [&from.password, &from.password_next])),
        list: from.list.clone().unwrap_or_default(),
        worker: worker.to_owned(),
        message_bytes_max: size(from.message_bytes_max),
        batch_messages_max: size(from.batch_messages_max),
        batch_bytes_max: size(from.batch_bytes_max),
        answer_timeout_ms: from.timeout_ms,
        ttl_ms: from.dead_after_ms,
        retry_first_ms: from.retry_first_ms,
        retry_max_ms: from.retry_max_ms,
    }
}
