//! Ways out over TLS: the archive, Moogsoft, Redis, PostgreSQL. (Vault's is in `secrets.rs`.)

use std::cell::Cell;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mutt_output::standin::Door;
use mutt_tls::{Acceptor, ServerSettings, Tls};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::archive::{large, nothing_is_missing_after_kills};
use crate::common::mutt::Mutt;
use crate::common::postgres::{Server, ask};
use crate::common::receivers::Receivers;
use crate::common::redis::Redis;
use crate::common::rsyslog::Rsyslog;
use crate::common::tls::{Pair, Pki};
use crate::common::{config, folder, ports, send, wait};
use crate::load;
use crate::world::{LINK, World, link};

const SYSLOG: &str = "archive/syslog";

/// A server that asks for a certificate of this authority, for the name `mutt`.
fn server(pki: &Pki) -> Arc<Acceptor> {
    let Pair { certificate, key } = pki.issue("receiver", &["localhost", "127.0.0.1"]);
    let settings = ServerSettings {
        certificate,
        key,
        client_ca: Some(pki.ca.clone()),
        allowed_peers: vec!["mutt".parse().expect("a name")],
        allowed_peers_file: None,
        http: false,
        handshake_timeout: Duration::from_secs(10),
        handshakes_max: 8,
    };
    Tls::default().server("a receiver", settings).expect("an acceptor")
}

/// Settings of a way out that shows this certificate.
fn way(section: &str, pki: &Pki, pair: &Pair) -> String {
    let Pair { certificate, key } = pair;
    let ca = &pki.ca;
    format!("[{section}]\nca_file = {ca:?}\ncertificate = {certificate:?}\nkey = {key:?}\n")
}

/// MUTT with its archive at a NetIM that speaks TLS; `more` of `[archive.syslog]`.
fn archiving(folder: &Path, (transport, door): (&str, Door), more: &str) -> World {
    let pki = Pki::new(folder, "authority");
    let receivers = Receivers::start_tls(server(&pki));
    let pair = pki.issue("mutt", &["mutt"]);
    World::start_at(receivers, "", |receivers| {
        let trap = receivers.netim.address(Door::Trap);
        let archive = config::archive(transport, receivers.netim.address(door), more);
        let tls = way("archive.syslog.tls", &pki, &pair);
        format!("{archive}{tls}[archive.trap]\naddress = \"{trap}\"\n")
    })
}

#[test]
fn over_tls_the_cursor_moves_past_what_the_receivers_kernel_took_and_no_further() {
    const MESSAGES: usize = 20_000;
    let folder = folder();
    let world = archiving(folder.path(), ("tls", Door::Tcp), "");
    let netim = &world.receivers.netim;
    wait::until_true("MUTT to connect", || netim.connections() == 1);
    netim.reading(false);
    let messages = large(0..MESSAGES);
    send::counted(world.mutt.doors.tcp, &messages);
    // What its kernel has counts as archived, and nothing else does: it comes to a stand.
    let stands = Cell::new((0, Instant::now()));
    let full = world.account_when(SYSLOG, "the receiver's kernel to be full", |account| {
        let archived = account.of("archived");
        if stands.get().0 != archived {
            stands.set((archived, Instant::now()));
        }
        let since = stands.get().1.elapsed();
        account.stored == MESSAGES as u64 && archived > 0 && since > Duration::from_secs(1)
    });
    assert!(full.waiting > 0, "what the kernel did not take waits: {full:?}");
    netim.reading(true);
    assert!(world.receivers.archived(Door::Tcp, MESSAGES) == messages, "all, in order, each once");
    let all = |account: &crate::world::Account| account.of("archived") == MESSAGES as u64;
    world.account_when(SYSLOG, "all to be archived", all);
}

#[test]
fn after_a_broken_tls_connection_an_overlap_is_sent_again_and_nothing_is_missing() {
    let folder = folder();
    let overlap = "overlap_bytes = 2097152\nwindow_bytes = 1048576";
    let world = archiving(folder.path(), ("tls", Door::Tcp), overlap);
    let again = nothing_is_missing_after_kills(&world);
    let connections = world.receivers.netim.connections() as usize;
    // Of messages of 1 kB each connection repeats the overlap at most, and a segment's rounding.
    assert!(again <= connections * 2 * 2_200, "{again} repeats over {connections} connections");
}

#[test]
fn over_relp_and_tls_the_cursor_moves_past_what_was_answered_and_no_further() {
    let folder = folder();
    let world = archiving(folder.path(), ("relp_tls", Door::Relp), "");
    world.receivers.netim.reading(false);
    let messages = send::numbered(0..1_000);
    send::lines(world.mutt.doors.tcp, &messages);
    let waiting = world.account_when(SYSLOG, "all to wait", |account| account.waiting == 1_000);
    assert_eq!(waiting.of("archived"), 0, "nothing was answered");
    world.receivers.netim.reject(5);
    world.receivers.netim.reading(true);
    wait::until("all to be archived", || {
        let archived = world.account(SYSLOG).of("archived");
        let answered = world.receivers.netim.count(Door::Relp);
        assert!(archived <= answered, "{archived} archived, {answered} answered");
        if archived == 1_000 { Ok(()) } else { Err(archived.to_string()) }
    });
    let seen: HashSet<_> = world.receivers.archived(Door::Relp, 1_000).into_iter().collect();
    assert!(messages.iter().all(|message| seen.contains(message)));
}

#[test]
fn rsyslog_takes_the_archive_over_tls() {
    let folder = folder();
    let pki = Pki::new(folder.path(), "authority");
    let (receiver, pair) = (pki.issue("rsyslog", &["localhost"]), pki.issue("mutt", &["mutt"]));
    let at = ports::free();
    let input = format!(
        "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"{}\" StreamDriver.Name=\"gtls\" \
         StreamDriver.Mode=\"1\" StreamDriver.AuthMode=\"x509/name\" PermittedPeer=[\"mutt\"] \
         StreamDriver.CAFile=\"{}\" StreamDriver.CertFile=\"{}\" StreamDriver.KeyFile=\"{}\")",
        at.port(),
        pki.ca.display(),
        receiver.certificate.display(),
        receiver.key.display(),
    );
    let rsyslog = Rsyslog::receiver(folder.path(), "receiver", &[], &input);
    let archive = format!(
        "[archive]\nmode = \"on\"\n[archive.syslog]\ntransport = \"tls\"\n\
         address = \"localhost:{}\"\n{}",
        at.port(),
        way("archive.syslog.tls", &pki, &pair)
    );
    let mut mutt = Mutt::configured(folder.path(), "", &archive);
    mutt.start();
    let messages = send::numbered(0..2_000);
    send::lines(mutt.doors.tcp, &messages);
    let seen = wait::until("all messages at rsyslog", || {
        let seen = rsyslog.received();
        if seen.len() >= 2_000 { Ok(seen) } else { Err(seen.len().to_string()) }
    });
    let seen: HashSet<_> = seen.into_iter().collect();
    assert!(messages.iter().all(|message| seen.contains(message)));
    // It is no NetIM of ours without a certificate of our authority.
    let stranger = Pki::new(folder.path(), "stranger");
    assert!(mutt.stop().success());
    mutt.write(&archive.replace("authority.pem", "stranger.pem"));
    mutt.start();
    send::lines(mutt.doors.tcp, &send::numbered(2_000..2_001));
    wait::until("MUTT to refuse it", || {
        let (_, body) = mutt.get("/readyz?verbose");
        if body.contains("UnknownIssuer") { Ok(()) } else { Err(body) }
    });
    drop(stranger);
}

/// TLS before a plain server.
struct Front {
    address: SocketAddr,
    _runtime: Runtime,
}

impl Front {
    fn start(target: SocketAddr, tls: Arc<Acceptor>) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("its address");
        runtime.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let tls = Arc::clone(&tls);
                tokio::spawn(async move {
                    let Ok(mut outside) = tls.accept(socket).await else { return };
                    let Ok(mut inside) = TcpStream::connect(target).await else { return };
                    let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
                });
            }
        });
        Self { address, _runtime: runtime }
    }
}

#[test]
fn moogsoft_is_told_over_https_with_a_client_certificate_that_may_change() {
    let folder = folder();
    let pki = Pki::new(folder.path(), "authority");
    // What MUTT shows at first is nobody's whom Moogsoft knows.
    let (first, second) = (pki.issue("first", &["stranger"]), pki.issue("second", &["mutt"]));
    let receivers = Receivers::start();
    let plain = receivers.moogsoft.webhook_url();
    let authority = plain.strip_prefix("http://").and_then(|rest| rest.split('/').next());
    let target = authority.expect("an address").parse().expect("an address");
    let front = Front::start(target, server(&pki));
    let at = format!("https://localhost:{}", front.address.port());
    let to = receivers.destination().replace(&format!("http://{target}"), &at);
    let Pair { certificate, key } = &first;
    let ca = &pki.ca;
    let tls = format!("ca_file = {ca:?}\ncertificate = {certificate:?}\nkey = {key:?}\n");
    let config =
        format!("{}{to}{tls}", config::archive("relp", receivers.netim.address(Door::Relp), ""));
    let world = World::start_at(receivers, LINK, |_| config);
    world.accepted(&[link("eth1", "down")]);
    wait::until("Moogsoft to refuse it", || {
        let (_, body) = world.mutt.get("/readyz?verbose");
        let down = body.contains("[~]destination moogsoft degraded");
        if down { Ok(()) } else { Err(body) }
    });
    second.replaces(&first);
    world.told("eth1", |told| told.signature.contains("eth1"));
}

#[test]
fn a_redis_list_and_a_journal_in_redis_are_reached_over_tls_with_a_client_certificate() {
    let (folder, tls) = (folder(), ports::free());
    let pki = Pki::new(folder.path(), "authority");
    let (server, pair) = (pki.issue("redis", &["127.0.0.1"]), pki.issue("mutt", &["mutt"]));
    let settings = [
        format!("tls-port {}", tls.port()),
        format!("tls-cert-file {}", server.certificate.display()),
        format!("tls-key-file {}", server.key.display()),
        format!("tls-ca-cert-file {}", pki.ca.display()),
        "tls-auth-clients yes".to_owned(),
        "maxmemory-policy noeviction".to_owned(),
    ];
    let redis = Redis::start(folder.path(), &settings.each_ref().map(String::as_str));
    let list = config::redis_list("syslog", tls, "a").replace("redis://", "rediss://");
    let list = list + &way("input.redis_list.tls", &pki, &pair);
    let journal = format!(
        "[redis_journal]\nurl = \"rediss://{tls}\"\n{}",
        way("redis_journal.tls", &pki, &pair)
    );
    let world = World::start_with("", |receivers| {
        format!("{list}{journal}{}", receivers.config(Door::Relp))
    });
    let lines: Vec<String> = (0..500).map(load::line).collect();
    redis.push("syslog", &lines);
    let mut seen = world.receivers.archived(Door::Relp, 500);
    seen.sort();
    let mut sent: Vec<Vec<u8>> = lines.into_iter().map(String::into_bytes).collect();
    sent.sort();
    assert!(seen == sent);
    let days = |of: &str| world.mutt.metric("mutt_tls_certificate_expiry_days", &[of]);
    assert!(days("redis_journal") > 0.0 && days("input.redis_list/syslog") > 0.0);
}

#[test]
fn postgresql_is_reached_over_tls_and_known_by_its_name() {
    let folder = folder();
    let pki = Pki::new(folder.path(), "authority");
    let (server, pair) = (pki.issue("postgresql", &["localhost"]), pki.issue("mutt", &["mutt"]));
    let port = ports::free().port();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let files = [server.certificate.as_path(), server.key.as_path(), pki.ca.as_path()];
    let database = runtime.block_on(Server::start_tls(port, files));
    let url = |host: &str, ca: &Path| {
        format!(
            "[database]\nurl = \"postgres://mutt@{host}:{port}/postgres?sslmode=verify-full&\
             sslrootcert={}&sslcert={}&sslkey={}\"\n",
            ca.display(),
            pair.certificate.display(),
            pair.key.display(),
        )
    };
    let mut world = World::start_with(LINK, |receivers| {
        url("localhost", &pki.ca) + &receivers.config(Door::Relp)
    });
    world.accepted(&[link("eth1", "down")]);
    world.told("eth1", |told| told.signature.contains("eth1"));
    let sql = "SELECT DISTINCT s.version FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) \
               WHERE a.client_port > 0 AND a.usename = 'mutt'";
    let spoken = runtime.block_on(ask(&database.url("postgres"), sql));
    assert_eq!(spoken, ["TLSv1.3"], "all of MUTT's connections, and nothing else");
    // Another name, or another authority: it is waited for, and said.
    let stranger = Pki::new(folder.path(), "stranger");
    for (host, ca, words) in
        [("127.0.0.1", &pki.ca, "not valid for name"), ("localhost", &stranger.ca, "UnknownIssuer")]
    {
        assert!(world.mutt.stop().success());
        let config = url(host, ca) + &world.receivers.config(Door::Relp);
        world.mutt.write(&config);
        world.mutt.start_with(&mut Mutt::command());
        wait::until("MUTT to refuse it", || {
            match crate::common::mutt::get(world.mutt.doors.admin, "/readyz") {
                Ok((503, body)) if body.contains(words) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        });
    }
}
