//! What is wrong with the settings of TLS.

use std::process::Command;

use super::{load, mistakes};

#[test]
fn what_is_wrong_with_tls_is_said_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut made = Command::new(env!("CARGO_BIN_EXE_mutt"));
    assert!(made.args(["cert", "dev"]).arg(folder.path()).output().unwrap().status.success());
    let at = |file: &str| folder.path().join(file);
    let pair = format!("certificate = {:?}\nkey = {:?}\n", at("server.pem"), at("server.key"));
    let other = format!("certificate = {:?}\nkey = {:?}\n", at("server.pem"), at("client.key"));
    let archive = "[archive]\nmode = \"on\"\n[archive.syslog]\naddress = \"127.0.0.1:6514\"\n";
    let ca = format!("ca_file = {:?}\n", at("ca.pem"));
    for (text, words) in [
        ("[input.syslog_tls]\nenabled = true\n".to_owned(), "`mutt cert dev` makes some"),
        (format!("[api.tls]\ncertificate = {:?}\n", at("server.pem")), "belong together"),
        (format!("[api.tls]\n{other}"), "is not the key of"),
        ("[api.tls]\ncertificate = \"/none.pem\"\nkey = \"/none.key\"\n".to_owned(), "/none.pem"),
        (format!("[api.tls]\nclient_ca = {:?}\n", at("ca.pem")), "over TLS alone"),
        (format!("[api.tls]\n{pair}allowed_peers = [\"a.net\"]\n"), "fingerprints need none"),
        (format!("[api.tls]\n{pair}allowed_peers = [\"*\"]\n"), "expected a DNS name"),
        (format!("{archive}[archive.syslog.tls]\n{ca}"), "TLS is not spoken there"),
        (
            format!("{archive}transport = \"tls\"\n[archive.syslog.tls]\nca_file = \"/none\"\n"),
            "/none",
        ),
        (
            "[redis_journal]\ncluster = [\"redis://a:1\", \"rediss://b:1\"]\n".to_owned(),
            "all connections are alike",
        ),
    ] {
        let found = mistakes(&text, &[]);
        assert!(found.len() == 1 && found[0].1.contains(words), "{text}: {found:#?}");
    }
    let right = format!(
        "[input.syslog_tls]\nenabled = true\nlisten = \"0.0.0.0:6514\"\n[input.syslog_tls.tls]\n{pair}\
         {archive}transport = \"tls\"\n[archive.syslog.tls]\n{ca}"
    );
    load(&right, &[]).0.unwrap();
}
