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
use mutt_tls::Tls;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::build::passwords;
use super::tls;
use crate::config::kinds::Secret;
use crate::config::settings::{
    HttpSettings, InputSettings, RedisListSettings, RelpSettings, RelpTlsSettings, SnmpSettings,
    SyslogTlsSettings, TcpSettings, UdpSettings,
};
use crate::config::value::size;
use crate::status::Status;

/// All inputs that are enabled, listening.
#[derive(Default)]
pub struct Bound {
    udp: Option<Udp>,
    tcp: Option<Tcp>,
    syslog_tls: Option<Tcp>,
    relp: Option<Relp>,
    relp_tls: Option<Relp>,
    http: Option<Http>,
    snmp: Option<Snmp>,
    redis_lists: Vec<(String, RedisList)>,
}

/// Opens the sockets of all enabled inputs; `usm` checks SNMP version 3, `tls` watches
/// files of TLS.
///
/// # Errors
/// The first address that cannot be bound, or files of TLS that cannot be used.
pub fn bind(settings: &InputSettings, usm: Usm, tls: &Tls) -> Result<Bound> {
    let InputSettings { syslog_udp: udp, syslog_tcp: tcp, relp, http, snmp, .. } = settings;
    let (syslog_tls, relp_tls) = (&settings.syslog_tls, &settings.relp_tls);
    let acceptor = |name, of, http| tls::acceptor(tls, name, of, http);
    let mut bound = Bound::default();
    if udp.enabled {
        bound.udp = Some(Udp::bind(udp_config(udp)).context("input.syslog_udp")?);
    }
    if tcp.enabled {
        bound.tcp = Some(Tcp::bind(tcp_config(tcp), None).context("input.syslog_tcp")?);
    }
    if syslog_tls.enabled {
        let door = acceptor("input.syslog_tls", &syslog_tls.tls, false)?;
        let input = Tcp::bind(syslog_tls_config(syslog_tls), door);
        bound.syslog_tls = Some(input.context("input.syslog_tls")?);
    }
    if relp.enabled {
        bound.relp = Some(Relp::bind(relp_config(relp), None).context("input.relp")?);
    }
    if relp_tls.enabled {
        let door = acceptor("input.relp_tls", &relp_tls.tls, false)?;
        let input = Relp::bind(relp_tls_config(relp_tls), door);
        bound.relp_tls = Some(input.context("input.relp_tls")?);
    }
    if http.enabled {
        let door = acceptor("input.http", &http.tls, true)?;
        bound.http = Some(Http::bind(http_config(http), door).context("input.http")?);
    }
    if snmp.enabled {
        bound.snmp = Some(Snmp::bind(snmp_config(snmp), usm).context("input.snmp")?);
    }
    Ok(bound)
}

impl Bound {
    /// Adds the Redis lists; `identity` is the journal's, by which other readers of a list know
    /// this one unless it was given a name.
    ///
    /// # Errors
    /// Settings that no list can have, or files of TLS that cannot be used.
    pub fn add_redis_lists(
        &mut self,
        settings: &InputSettings,
        identity: &str,
        tls: &Tls,
    ) -> Result<()> {
        for from in &settings.redis_list {
            let name = format!("redis_list/{}", from.name);
            let speaks = from.url.as_ref().is_some_and(|url| url.tls);
            let open = || tls::connector(tls, &format!("input.{name}"), &from.tls);
            let mut config = redis_list_config(from, &name, identity);
            config.tls = speaks.then(open).transpose()?;
            let list = RedisList::new(config).with_context(|| format!("input.{name}"))?;
            self.redis_lists.push((name, list));
        }
        Ok(())
    }

    /// Each input's name and where it listens.
    pub fn addresses(&self) -> Vec<(&'static str, SocketAddr)> {
        let all = [
            ("syslog_udp", self.udp.as_ref().map(Udp::address)),
            ("syslog_tcp", self.tcp.as_ref().map(Tcp::address)),
            ("syslog_tls", self.syslog_tls.as_ref().map(Tcp::address)),
            ("relp", self.relp.as_ref().map(Relp::address)),
            ("relp_tls", self.relp_tls.as_ref().map(Relp::address)),
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
        for input in [self.tcp, self.syslog_tls].into_iter().flatten() {
            tasks.spawn(input.serve(intake(), stop()));
        }
        for input in [self.relp, self.relp_tls].into_iter().flatten() {
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

/// Four sections have them, each as a type of its own.
macro_rules! limits {
    ($from:ident) => {
        ConnectionLimits {
            connections_max: size($from.connections_max),
            first_byte_timeout_ms: $from.first_byte_ms,
            idle_timeout_ms: $from.idle_ms,
            read_buffer_bytes: size($from.read_buffer_bytes),
            batches_in_flight: size($from.batches_in_flight),
        }
    };
}

fn tcp_config(from: &TcpSettings) -> TcpConfig {
    TcpConfig {
        bind: from.listen,
        message_bytes_max: size(from.message_bytes_max),
        limits: limits!(from),
        allowed_sources: from.allowed_sources.clone(),
    }
}

fn syslog_tls_config(from: &SyslogTlsSettings) -> TcpConfig {
    TcpConfig {
        bind: from.listen,
        message_bytes_max: size(from.message_bytes_max),
        limits: limits!(from),
        allowed_sources: from.allowed_sources.clone(),
    }
}

fn relp_config(from: &RelpSettings) -> RelpConfig {
    RelpConfig {
        bind: from.listen,
        message_bytes_max: size(from.message_bytes_max),
        limits: limits!(from),
        allowed_sources: from.allowed_sources.clone(),
    }
}

fn relp_tls_config(from: &RelpTlsSettings) -> RelpConfig {
    RelpConfig {
        bind: from.listen,
        message_bytes_max: size(from.message_bytes_max),
        limits: limits!(from),
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
        tls: None,
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
