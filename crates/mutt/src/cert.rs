//! `mutt cert dev`: an authority, and certificates for a trial.
//!
//! From: the command line. To: a folder of PEM files, and the lines that go into `mutt.toml`.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};

const DAY: Duration = Duration::from_secs(86_400);
/// A clock that is a little behind shall take them all the same.
const EARLIER: Duration = Duration::from_secs(3_600);
const FILES: [&str; 6] =
    ["ca.pem", "ca.key", "server.pem", "server.key", "client.pem", "client.key"];

/// What is done with certificates.
#[derive(Subcommand)]
pub enum CertCommand {
    /// Make an authority, a server's and a client's certificate, for a trial: in production take those
    /// of your own authority.
    Dev(Dev),
}

/// `mutt cert dev`.
#[derive(Args)]
pub struct Dev {
    /// The folder for the files; nothing in it is overwritten.
    folder: PathBuf,
    /// Another name or address of the server, beside localhost, 127.0.0.1 and ::1; may be repeated.
    #[arg(long = "name")]
    names: Vec<String>,
    /// For how many days they are valid.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=825))]
    days: u64,
}

/// Does it; answers what to say.
///
/// # Errors
/// A name that is none, or a file that cannot be written or is there already.
pub fn run(command: &CertCommand) -> Result<String> {
    let CertCommand::Dev(dev) = command;
    let folder = &dev.folder;
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    if let Some(file) = FILES.iter().map(|file| folder.join(file)).find(|file| file.exists()) {
        bail!("{} is there already, and stays as it is: name another folder", file.display());
    }
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    names.extend(dev.names.iter().cloned());
    let authority = authority(dev.days)?;
    write(folder, "ca", &authority.1, &authority.0)?;
    let issuer = Issuer::new(authority.2, authority.0);
    use ExtendedKeyUsagePurpose::{ClientAuth, ServerAuth};
    // A server's may be shown as a client's too: `mutt healthcheck` does, and so do relays.
    leaf(folder, "server", (names, &[ServerAuth, ClientAuth], dev.days), &issuer)?;
    leaf(folder, "client", (vec!["client".to_owned()], &[ClientAuth], dev.days), &issuer)?;
    Ok(lines(folder, dev.days))
}

fn params(name: &str, sans: Vec<String>, days: u64) -> Result<CertificateParams> {
    let mut params = CertificateParams::new(sans).context("a name that no certificate can have")?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let start = date_time_ymd(1970, 1, 1);
    params.not_before = start + now.saturating_sub(EARLIER);
    params.not_after = start + now + DAY * u32::try_from(days).unwrap_or(u32::MAX);
    Ok(params)
}

/// Its key, its certificate as PEM, and what it was made from.
fn authority(days: u64) -> Result<(KeyPair, String, CertificateParams)> {
    let mut params = params("MUTT trial authority", Vec::new(), days)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok((key, pem, params))
}

fn leaf(
    folder: &Path,
    name: &str,
    (sans, usages, days): (Vec<String>, &[ExtendedKeyUsagePurpose], u64),
    issuer: &Issuer<'_, KeyPair>,
) -> Result<()> {
    let mut params = params(&format!("MUTT trial {name}"), sans, days)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = usages.to_vec();
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let pem = params.signed_by(&key, issuer)?.pem();
    write(folder, name, &pem, &key)
}

/// A certificate for everybody, and a key for its owner alone.
fn write(folder: &Path, name: &str, pem: &str, key: &KeyPair) -> Result<()> {
    let key = key.serialize_pem();
    for (kind, mode, text) in [("pem", 0o644, pem), ("key", 0o600, &key)] {
        let path = folder.join(format!("{name}.{kind}"));
        let file = File::options().write(true).create_new(true).mode(mode).open(&path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn lines(folder: &Path, days: u64) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let at = folder.display();
    format!(
        "# For a trial, valid for {days} days. In mutt.toml, of each listener that shall speak TLS:\n\
         [input.syslog_tls]\n\
         enabled = true\n\
         [input.syslog_tls.tls]\n\
         certificate = \"{at}/server.pem\"\n\
         key = \"{at}/server.key\"\n\
         # Only those who show a certificate of this authority, such as client.pem, may send:\n\
         client_ca = \"{at}/ca.pem\"\n\
         # Senders need {at}/ca.pem to know the server, and client.pem with client.key.\n"
    )
}
