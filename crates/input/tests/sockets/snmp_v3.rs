//! SNMP version 3 with Net-SNMP's snmptrap: checked at receipt, answered after the store.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use mutt_event::{Input, SecurityLevel, UsmVerdict};
use mutt_input::{AuthProtocol, Engine, PrivProtocol, Refusal, Snmp, SnmpConfig, SnmpUser, Usm};
use tokio::net::UdpSocket;

use crate::common::tools;
use crate::journal::{Journal, Mode, Running, loopback, run, until, within};
use crate::snmp::{INFORM, RESPONSE, message};

const COLD_START: &str = "1.3.6.1.6.3.1.1.5.1";

fn usm() -> Usm {
    let password = |text: &str| mutt_secrets::Live::new(text.into());
    let user = SnmpUser {
        name: "u1".to_owned(),
        auth: Some((AuthProtocol::Sha256, password("authpass123"))),
        privacy: Some((PrivProtocol::Aes128, password("privpass123"))),
        level_min: SecurityLevel::AuthPriv,
    };
    let id = vec![0x80, 0, 0x7e, 0xd9, 5, 1, 2, 3, 4];
    Usm::new(vec![user], Some(Engine::new(id, 7, Duration::from_secs(1_000)))).unwrap()
}

fn start(journal: &Journal, bind: SocketAddr) -> (SocketAddr, Running) {
    let snmp = Snmp::bind(SnmpConfig { bind, ..SnmpConfig::default() }, usm()).unwrap();
    (snmp.address(), run(journal, Input::Snmp, |intake, stop| snmp.serve(intake, stop)))
}

/// snmptrap on its way with an inform of user `u1`.
fn inform(folder: &Path, to: SocketAddr) -> Child {
    let keys = ["-l", "authPriv", "-a", "SHA-256", "-A", "authpass123", "-x", "AES"];
    tools::snmptrap(folder)
        .args(["-v3", "-Ci", "-u", "u1", "-r", "8", "-t", "1"])
        .args(keys)
        .args(["-X", "privpass123", &to.to_string(), "5", COLD_START])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// It is sent again and again meanwhile, each time under another head and encrypted anew.
#[tokio::test]
async fn an_inform_of_version_3_is_answered_after_the_store_and_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::new(Mode::Hold);
    let (address, running) = start(&journal, loopback());
    let mut sender = inform(folder.path(), address);
    let meter = journal.meter(Input::Snmp);
    until("it was sent again", || meter.refused(Refusal::Repeated) >= 2).await;
    assert!(sender.try_wait().unwrap().is_none(), "answered before the store");
    journal.set(Mode::Store);
    let ended = tokio::task::spawn_blocking(move || sender.wait().unwrap()).await.unwrap();
    assert!(ended.success(), "snmptrap had no answer");
    let stored = journal.now();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].verdict, Some(UsmVerdict::Accepted));
    assert!(stored[0].flags.inform && stored[0].dedup.is_some());
    assert_eq!(meter.refused(Refusal::Discovery), 1);
    running.stop().await;
}

/// What is sent again after the store is answered again, and not stored again.
#[tokio::test]
async fn an_inform_that_comes_again_is_answered_again_and_not_stored() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, loopback());
    let sender = UdpSocket::bind(loopback()).await.unwrap();
    let mut answer = [0; 1500];
    for _ in 0..3 {
        sender.send_to(&message(INFORM), address).await.unwrap();
        let (len, _) = within(sender.recv_from(&mut answer)).await.unwrap();
        assert_eq!(&answer[..len], &message(RESPONSE)[..]);
    }
    assert_eq!(journal.now().len(), 1);
    running.stop().await;
    let meter = journal.meter(Input::Snmp);
    assert_eq!((meter.received.get(), meter.stored.get()), (3, 1));
    assert_eq!(meter.refused(Refusal::Repeated), 2);
}

/// A connected socket takes an answer from no other address.
#[tokio::test]
async fn an_inform_is_answered_from_the_address_that_it_was_sent_to() {
    for any in ["0.0.0.0:0", "[::]:0"] {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(Mode::Store);
        let (address, running) = start(&journal, any.parse().unwrap());
        for ip in [[127, 0, 0, 2], [127, 0, 0, 3]] {
            let sender = UdpSocket::bind(loopback()).await.unwrap();
            let to = SocketAddr::from((ip, address.port()));
            sender.connect(to).await.unwrap();
            sender.send(&message(INFORM)).await.unwrap();
            let mut answer = [0; 1500];
            let len = within(sender.recv(&mut answer)).await.unwrap();
            assert_eq!(&answer[..len], &message(RESPONSE)[..], "{any}: {to}");
        }
        let to = SocketAddr::from(([127, 0, 0, 4], address.port()));
        let mut sender = inform(folder.path(), to);
        let ended = tokio::task::spawn_blocking(move || sender.wait().unwrap()).await.unwrap();
        assert!(ended.success(), "{any}: snmptrap had no answer");
        running.stop().await;
    }
}
