//! A sender of SNMP informs: each datagram is built once, and sent again until it is answered.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use super::Progress;
use crate::load;

/// Informs on their way.
const WINDOW: usize = 64;
/// About 1,000 messages a second: no faster than traps go to the archive.
const PACE: Duration = Duration::from_millis(30);
/// An inform that is not answered for so long is sent again.
const AGAIN: Duration = Duration::from_millis(150);

/// Sends until it is enough and all is answered.
pub fn run(target: SocketAddr, progress: &Progress) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a UDP socket");
    socket.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
    let mut waiting: BTreeMap<u64, (Vec<u8>, Instant)> = BTreeMap::new();
    let mut buffer = [0; 1_500];
    loop {
        for n in progress.take((WINDOW - waiting.len()) as u64, PACE) {
            let datagram = datagram(Pdu::Inform, n);
            let _ = socket.send_to(&datagram, target); // refused: sent again
            waiting.insert(n, (datagram, Instant::now()));
        }
        if waiting.is_empty() {
            return;
        }
        while let Ok((len, _)) = socket.recv_from(&mut buffer) {
            if waiting.remove(&load::number(&buffer[..len])).is_some() {
                progress.acknowledge(1);
            }
            if waiting.len() <= WINDOW / 2 {
                break;
            }
        }
        for (datagram, sent) in waiting.values_mut().filter(|(_, sent)| sent.elapsed() > AGAIN) {
            let _ = socket.send_to(datagram, target);
            *sent = Instant::now();
            progress.repeat(1);
        }
    }
}

/// What asks for an answer, and what does not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pdu {
    /// InformRequest-PDU.
    Inform = 0xa6,
    /// SNMPv2-Trap-PDU.
    Trap = 0xa7,
}

/// An SNMP v2c notification that holds message `n` (RFC 3416; BER as in X.690).
pub fn datagram(pdu: Pdu, n: u64) -> Vec<u8> {
    const SYS_UP_TIME: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 3, 0];
    const SNMP_TRAP_OID: &[u8] = &[0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0];
    /// 1.3.6.1.4.1.32473 is for examples, RFC 5612.
    const EXAMPLE: &[u8] = &[0x2b, 6, 1, 4, 1, 0x81, 0xfd, 0x59, 1];
    let varbind = |name: &[u8], content: Vec<u8>| ber(0x30, &[ber(0x06, name), content].concat());
    let varbinds = [
        varbind(SYS_UP_TIME, ber(0x43, &[1])),
        varbind(SNMP_TRAP_OID, ber(0x06, EXAMPLE)),
        varbind(EXAMPLE, ber(0x04, load::text(n).as_bytes())),
    ];
    let id = u32::try_from(n + 1).expect("a request id").to_be_bytes();
    let zero = ber(0x02, &[0]);
    let body = [ber(0x02, &id), zero.clone(), zero, ber(0x30, &varbinds.concat())].concat();
    ber(0x30, &[ber(0x02, &[1]), ber(0x04, b"public"), ber(pdu as u8, &body)].concat())
}

/// Tag, length and content, shorter than 128 bytes or with one more byte of length.
fn ber(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = u8::try_from(content.len()).expect("a short element");
    let head = if len < 128 { vec![tag, len] } else { vec![tag, 0x81, len] };
    [head, content.to_vec()].concat()
}
