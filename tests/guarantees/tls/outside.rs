//! What other machines reach: encrypted, or allowed to be plain and shown; and a trial from nothing.

use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;
use crate::common::tls::SClient;
use crate::common::{folder, ports, wait};

use mutt_output::standin::Door;

use super::line;

/// `mutt check` of a MUTT's settings: whether they are right, and what it says.
fn check(mutt: &Mutt) -> (bool, String) {
    let mut command = Mutt::command();
    let Output { status, stdout, stderr } =
        command.arg("check").arg("--config").arg(mutt.config()).output().expect("mutt check");
    let said = [stdout, stderr].concat();
    (status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn plain_text_from_outside_must_be_allowed_and_is_shown() {
    let folder = folder();
    let mut mutt = Mutt::configured(folder.path(), "", "");
    let doors = ["input.syslog_tcp", "input.relp", "input.http", "admin", "api"];
    let outside = |allow: &str| -> String {
        let key = |door: &str| match door {
            "input.http" => "api_keys = [\"a-long-random-text\"]\n",
            _ => "",
        };
        let one = |door: &&str| {
            format!("[{door}]\nlisten = \"0.0.0.0:{}\"\n{allow}{}", ports::free().port(), key(door))
        };
        doors.iter().map(one).collect()
    };
    let write = |text: &str| std::fs::write(mutt.config(), text).expect("a configuration");
    write(&outside(""));
    let (right, said) = check(&mutt);
    assert!(!right, "{said}");
    for door in doors {
        assert!(said.contains(&format!("{door}.allow_plaintext: missing: 0.0.0.0:")), "{said}");
    }
    assert!(said.contains("[input.syslog_tls]") && said.contains("[api.tls]"), "{said}");

    write(&outside("allow_plaintext = true\n"));
    let (right, said) = check(&mutt);
    assert!(right, "{said}");

    // It runs, and says which doors are plain.
    let plain = format!("0.0.0.0:{}", mutt.doors.tcp.port());
    let tcp = mutt.doors.tcp;
    mutt.write("");
    let text = std::fs::read_to_string(mutt.config()).expect("a configuration");
    let text = text.replacen(
        &format!("input.syslog_tcp.listen = \"{tcp}\""),
        &format!("input.syslog_tcp.listen = \"{plain}\"\ninput.syslog_tcp.allow_plaintext = true"),
        1,
    );
    std::fs::write(mutt.config(), text).expect("a configuration");
    mutt.start();
    let (status, body) = mutt.get("/readyz?verbose");
    let shown = format!("[+]door input.syslog_tcp ok, {plain} is plain text (allow_plaintext)");
    assert!(status == 200 && body.contains(&shown), "{body}");
    assert!(!body.contains("door input.relp"), "on loopback there is nothing to say: {body}");
    assert!(mutt.process().output().contains("input.syslog_tcp: 0.0.0.0:"), "and in the log");
}

#[test]
fn datagrams_of_anybody_are_warned_of_and_a_list_keeps_others_out() {
    let folder = folder();
    let mut mutt = Mutt::configured(folder.path(), "", "");
    let (udp, snmp) = (mutt.doors.udp, mutt.doors.snmp);
    let text = std::fs::read_to_string(mutt.config()).expect("a configuration");
    let outside = |text: &str, section: &str, at: std::net::SocketAddr, more: &str| {
        let (old, new) = (format!("\"{at}\""), format!("\"0.0.0.0:{}\"", at.port()));
        text.replacen(
            &format!("{section}.listen = {old}"),
            &format!("{section}.listen = {new}{more}"),
            1,
        )
    };
    let text = outside(&text, "input.syslog_udp", udp, "");
    let text =
        outside(&text, "input.snmp", snmp, "\ninput.snmp.allowed_sources = [\"192.0.2.0/24\"]");
    std::fs::write(mutt.config(), text).expect("a configuration");
    mutt.start();
    let (status, body) = mutt.get("/readyz?verbose");
    let said = "[~]door input.syslog_udp degraded: 0.0.0.0:";
    assert!(status == 200 && body.contains(said), "{body}");
    assert!(body.contains("input.syslog_udp.allowed_sources"), "{body}");
    assert!(!body.contains("door input.snmp"), "{body}");
    assert!(mutt.process().output().contains("takes datagrams of anybody"));
    crate::common::send::datagrams(snmp, &["from 127.0.0.1, which is not in the list"]);
    wait::until_true("it to be refused and counted", || {
        mutt.metric("mutt_input_refused_total", &["snmp", "source"]) == 1.0
    });
}

#[test]
fn mutt_cert_dev_makes_what_a_trial_needs() {
    let (folder, at) = (folder(), ports::free());
    let made = folder.path().join("certificates");
    let dev = || {
        let mut command = Mutt::command();
        command.args(["cert", "dev", "--name", "mutt.example.net", "--days", "7"]).arg(&made);
        command.output().expect("mutt cert dev")
    };
    let output = dev();
    assert!(output.status.success(), "{output:?}");
    for key in ["ca.key", "server.key", "client.key"] {
        let mode = made.join(key).metadata().expect("a key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{key}");
    }
    // What it prints is a configuration as it stands.
    let said = String::from_utf8(output.stdout).expect("text");
    let said = said.replacen("enabled = true", &format!("enabled = true\nlisten = \"{at}\""), 1);
    let admin = format!(
        "[admin.tls]\ncertificate = {0:?}\nkey = {1:?}\nclient_ca = {2:?}\n",
        made.join("server.pem"),
        made.join("server.key"),
        made.join("ca.pem"),
    );
    let receivers = Receivers::start();
    let config = format!("{said}{admin}{}", receivers.config(Door::Relp));
    let mut mutt = Mutt::configured(folder.path(), "", &config);
    mutt.start_with(&mut Mutt::command());
    // `mutt healthcheck` asks over TLS, and is known by the listener's own certificate.
    wait::until("mutt healthcheck to say that it is ready", || {
        let mut command = Mutt::command();
        let command = command.arg("healthcheck").arg("--config").arg(mutt.config());
        let output = command.output().expect("mutt healthcheck");
        if output.status.success() { Ok(()) } else { Err(format!("{output:?}")) }
    });
    let pair = |name: &str| crate::common::tls::Pair {
        certificate: made.join(format!("{name}.pem")),
        key: made.join(format!("{name}.key")),
    };
    for name in ["localhost", "mutt.example.net"] {
        let client = SClient::to(at, &made.join("ca.pem")).showing(&pair("client"));
        let output = client.with(&["-verify_hostname", name]).send(&line(name));
        assert!(output.status.success(), "{output:?}");
    }
    receivers.archived(Door::Relp, 2);
    let metrics = crate::common::tls::curl(
        &format!("https://localhost:{}/metrics", mutt.doors.admin.port()),
        &made.join("ca.pem"),
        Some(&pair("client")),
        &[],
    );
    let (status, body) = metrics.expect("metrics over https");
    let wanted = "mutt_tls_certificate_expiry_days{of=\"input.syslog_tls\"} 6.9";
    assert!(status == 200 && body.contains(wanted), "{body}");
    assert!(mutt.stop().success());
    // A second time it overwrites nothing.
    let before = std::fs::read(made.join("ca.key")).expect("a key");
    let output = dev();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("is there already"), "{output:?}");
    assert_eq!(std::fs::read(made.join("ca.key")).expect("a key"), before);
}
