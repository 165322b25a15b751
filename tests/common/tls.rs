//! Certificates for tests, and openssl(1) as a client that shows what it likes.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType, date_time_ymd,
};

/// A certificate's file and its key's.
#[derive(Clone, Debug)]
pub struct Pair {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Pair {
    /// The fingerprint, as openssl(1) says it: `SHA256:AB:CD:...`.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", self.shows(&["-fingerprint", "-sha256"]))
    }

    /// The serial number, as openssl(1) says it.
    pub fn serial(&self) -> String {
        self.shows(&["-serial"])
    }

    fn shows(&self, what: &[&str]) -> String {
        let mut openssl = Command::new("openssl");
        let said = openssl.args(["x509", "-noout", "-in"]).arg(&self.certificate).args(what);
        let said = String::from_utf8(said.output().expect("openssl").stdout).expect("text");
        said.trim().split_once('=').expect("name=value").1.to_owned()
    }

    /// Takes the place of another one's files, at once, as Kubernetes does it: by a link that is swapped.
    pub fn replaces(&self, other: &Pair) {
        for (new, old) in [(&self.key, &other.key), (&self.certificate, &other.certificate)] {
            let link = old.with_extension("new");
            std::os::unix::fs::symlink(new, &link).expect("a link");
            fs::rename(link, old).expect("a link in its place");
        }
    }
}

/// An authority of a test's own.
pub struct Pki {
    folder: PathBuf,
    /// Its certificate.
    pub ca: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Pki {
    /// Makes one, with its files in `folder`, which must exist.
    pub fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let ca = folder.join(format!("{name}.pem"));
        fs::write(&ca, params.self_signed(&key).expect("a certificate").pem()).expect("a file");
        Self { folder: folder.to_owned(), ca, issuer: Issuer::new(params, key) }
    }

    /// A certificate for these names and addresses.
    pub fn issue(&self, file: &str, sans: &[&str]) -> Pair {
        self.issue_with(file, params(sans))
    }

    /// One that expired at the end of last century.
    pub fn issue_expired(&self, file: &str, sans: &[&str]) -> Pair {
        let mut params = params(sans);
        params.not_before = date_time_ymd(1999, 1, 1);
        params.not_after = date_time_ymd(1999, 12, 31);
        self.issue_with(file, params)
    }

    /// One for a URI.
    pub fn issue_uri(&self, file: &str, uri: &str) -> Pair {
        let mut params = params(&[]);
        params.subject_alt_names.push(SanType::URI(uri.try_into().expect("a URI")));
        self.issue_with(file, params)
    }

    /// One that is valid from long ago until so many days from now.
    pub fn issue_for_days(&self, file: &str, sans: &[&str], days: u32) -> Pair {
        let mut params = params(sans);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let day = std::time::Duration::from_secs(86_400);
        params.not_after = date_time_ymd(1970, 1, 1) + now.expect("a clock") + day * days;
        self.issue_with(file, params)
    }

    fn issue_with(&self, file: &str, params: CertificateParams) -> Pair {
        let key = KeyPair::generate().expect("a key");
        let made = params.signed_by(&key, &self.issuer).expect("a certificate");
        write(&self.folder, file, &made.pem(), &key)
    }
}

/// A certificate that nobody vouches for.
pub fn self_signed(folder: &Path, file: &str, sans: &[&str]) -> Pair {
    let key = KeyPair::generate().expect("a key");
    let made = params(sans).self_signed(&key).expect("a certificate");
    write(folder, file, &made.pem(), &key)
}

fn params(sans: &[&str]) -> CertificateParams {
    let sans: Vec<String> = sans.iter().map(|san| (*san).to_owned()).collect();
    let mut params = CertificateParams::new(sans).expect("names");
    params.distinguished_name.push(DnType::CommonName, "common.example.net");
    params
}

fn write(folder: &Path, file: &str, pem: &str, key: &KeyPair) -> Pair {
    let (certificate, place) =
        (folder.join(format!("{file}.pem")), folder.join(format!("{file}.key")));
    fs::write(&certificate, pem).expect("a certificate's file");
    fs::write(&place, key.serialize_pem()).expect("a key's file");
    Pair { certificate, key: place }
}

/// openssl's s_client, which asks that the server's certificate is one of `ca`.
pub struct SClient(Command);

impl SClient {
    /// To a listener.
    pub fn to(address: SocketAddr, ca: &Path) -> Self {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-verify_return_error", "-no_ign_eof", "-connect"]);
        command.arg(address.to_string()).arg("-CAfile").arg(ca);
        Self(command)
    }

    /// With a certificate.
    pub fn showing(mut self, pair: &Pair) -> Self {
        self.0.arg("-cert").arg(&pair.certificate).arg("-key").arg(&pair.key);
        self
    }

    /// With more arguments.
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.0.args(arguments);
        self
    }

    /// Sends this and ends.
    pub fn send(self, text: &str) -> Output {
        let mut child = self.open();
        // Whoever is refused may be gone before it is sent.
        let _ = child.stdin.take().expect("its input").write_all(text.as_bytes());
        child.wait_with_output().expect("its end")
    }

    /// Connects, and sends what is written to its standard input.
    pub fn open(mut self) -> Child {
        let command = self.0.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("openssl")
    }
}

/// The serial number of the certificate that a listener shows.
pub fn serial_at(address: SocketAddr, ca: &Path) -> String {
    let output = SClient::to(address, ca).send("");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let begin = text.find("-----BEGIN CERTIFICATE").unwrap_or_else(|| panic!("none in {text}"));
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = folder.path().join("shown.pem");
    fs::write(&certificate, &text[begin..]).expect("a file");
    Pair { key: certificate.clone(), certificate }.serial()
}

/// curl(1) as a client that trusts `ca` alone: the status, and the body.
pub fn curl(
    url: &str,
    ca: &Path,
    pair: Option<&Pair>,
    more: &[&str],
) -> Result<(u16, String), String> {
    let mut command = Command::new("curl");
    command.args(["-sS", "-m", "20", "-w", "\n%{http_code}", "--cacert"]).arg(ca).arg(url);
    if let Some(pair) = pair {
        command.arg("--cert").arg(&pair.certificate).arg("--key").arg(&pair.key);
    }
    let output = command.args(more).output().expect("curl");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let (body, status) = said.rsplit_once('\n').expect("a status");
    Ok((status.parse().expect("a number"), body.to_owned()))
}
