//! SNMP: stored first, informs answered after.

use std::io::ErrorKind;
use std::net::SocketAddr;

use mutt_event::{Input, Kind};
use mutt_input::{Refusal, Snmp, SnmpConfig, Usm};
use tokio::net::UdpSocket;

use crate::journal::{Journal, Mode, Running, loopback, raws, run, until, within};

fn start(journal: &Journal, config: SnmpConfig) -> (SocketAddr, Running) {
    let usm = Usm::new(Vec::new(), None).unwrap();
    let snmp = Snmp::bind(SnmpConfig { bind: loopback(), ..config }, usm).unwrap();
    (snmp.address(), run(journal, Input::Snmp, |intake, stop| snmp.serve(intake, stop)))
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
}

/// linkDown of version 2c in a PDU with this tag, request 777, community "public".
pub fn message(tag: u8) -> Vec<u8> {
    let uptime = [
        element(6, &[0x2b, 6, 1, 2, 1, 1, 3, 0]), // sysUpTime.0
        element(0x43, &[1]),
    ];
    let trap = [
        element(6, &[0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0]), // snmpTrapOID.0
        element(6, &[0x2b, 6, 1, 6, 3, 1, 1, 5, 3]),
    ];
    let binds = [element(0x30, &uptime.concat()), element(0x30, &trap.concat())].concat();
    let pdu = [element(2, &[3, 9]), element(2, &[0]), element(2, &[0]), element(0x30, &binds)];
    let whole = [element(2, &[1]), element(4, b"public"), element(tag, &pdu.concat())];
    element(0x30, &whole.concat())
}

const TRAP: u8 = 0xa7;
pub const INFORM: u8 = 0xa6;
pub const RESPONSE: u8 = 0xa2;
const GET: u8 = 0xa0;

/// An inform is answered after the store, not before; a trap is not answered.
#[tokio::test]
async fn an_inform_is_answered_after_the_store() {
    let journal = Journal::new(Mode::Hold);
    let (address, running) = start(&journal, SnmpConfig::default());
    let sender = UdpSocket::bind(loopback()).await.unwrap();
    sender.send_to(&message(TRAP), address).await.unwrap();
    sender.send_to(&message(INFORM), address).await.unwrap();
    let meter = journal.meter(Input::Snmp);
    until("both are read", || meter.received.get() == 2).await;
    let mut answer = [0; 1500];
    let early = sender.try_recv_from(&mut answer).unwrap_err();
    assert_eq!(early.kind(), ErrorKind::WouldBlock);
    journal.set(Mode::Store);
    let (len, from) = within(sender.recv_from(&mut answer)).await.unwrap();
    assert_eq!((&answer[..len], from), (&message(RESPONSE)[..], address));
    let stored = journal.now();
    assert_eq!(raws(&stored), [message(TRAP), message(INFORM)]);
    assert_eq!((stored[0].flags.inform, stored[1].flags.inform), (false, true));
    assert!(stored.iter().all(|message| message.kind == Kind::Trap));
    running.stop().await;
    assert_eq!(sender.try_recv_from(&mut answer).unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[tokio::test]
async fn an_inform_that_is_not_stored_is_not_answered() {
    let journal = Journal::new(Mode::Fail);
    let (address, running) = start(&journal, SnmpConfig::default());
    let sender = UdpSocket::bind(loopback()).await.unwrap();
    sender.send_to(&message(INFORM), address).await.unwrap();
    running.ended().await.unwrap_err();
    let mut answer = [0; 1500];
    assert!(sender.try_recv_from(&mut answer).is_err());
}

#[tokio::test]
async fn what_is_no_notification_is_refused_by_reason() {
    let journal = Journal::new(Mode::Store);
    let config = SnmpConfig { communities: vec!["public".to_owned()], ..SnmpConfig::default() };
    let (address, running) = start(&journal, config);
    let sender = UdpSocket::bind(loopback()).await.unwrap();
    let mut stranger = message(TRAP);
    let public = stranger.windows(6).position(|window| window == b"public").unwrap();
    stranger[public] = b'P';
    let mut version_3 = message(TRAP);
    version_3[4] = 3;
    for raw in [&b"garbage"[..], &message(GET), &message(RESPONSE), &stranger, &version_3] {
        sender.send_to(raw, address).await.unwrap();
    }
    assert_eq!(raws(&journal.stored(1).await), [version_3]);
    running.stop().await;
    let meter = journal.meter(Input::Snmp);
    assert_eq!(meter.refused(Refusal::NotBer), 1);
    assert_eq!(meter.refused(Refusal::NotATrap), 2);
    assert_eq!(meter.refused(Refusal::Community), 1);
}
