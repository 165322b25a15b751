//! `mutt healthcheck`: asks a running MUTT whether it is ready, for a container without a shell.
//! Its small client serves the benchmark too.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use mutt_tls::to_own_listener;

use crate::config::settings::AdminSettings;

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks `/readyz`; an error says what is wrong.
///
/// # Errors
/// If nobody answers in time, or the answer is not 200.
pub fn ask(admin: &AdminSettings) -> Result<()> {
    let (Some(certificate), Some(key)) = (&admin.tls.certificate, &admin.tls.key) else {
        return get(admin.listen, "/readyz").map(drop);
    };
    let (socket, address) = connect(admin.listen)?;
    let stream = to_own_listener(certificate, key, socket).context("admin.tls")?;
    exchange(stream, address, "/readyz").map(drop)
}

/// The body of an admin page.
///
/// # Errors
/// If nobody answers in time, or the answer is not 200.
pub fn get(admin: SocketAddr, page: &str) -> Result<String> {
    let (stream, address) = connect(admin)?;
    exchange(stream, address, page)
}

fn connect(admin: SocketAddr) -> Result<(TcpStream, SocketAddr)> {
    let address = reachable(admin);
    let stream = TcpStream::connect_timeout(&address, PATIENCE)
        .with_context(|| format!("nobody answers on {address}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok((stream, address))
}

fn exchange(mut stream: impl Read + Write, address: SocketAddr, page: &str) -> Result<String> {
    let request = format!("GET {page} HTTP/1.1\r\nHost: mutt\r\nConnection: close\r\n\r\n");
    let asked = stream.write_all(request.as_bytes()).and_then(|()| stream.flush());
    asked.with_context(|| format!("cannot ask {address}"))?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).with_context(|| format!("no answer from {address}"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    ensure!(answer.starts_with("HTTP/1.1 200"), "not ready:\n{body}");
    Ok(body.to_owned())
}

/// A listener on all addresses is asked on this machine's own.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
