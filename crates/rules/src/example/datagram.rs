//! A trap as it comes over the wire: SNMP version 2c, RFC 3416, in BER.
//!
//! From: a trap example. To: the parser that reads live traps.

use mutt_event::Oid;

use crate::TrapExample;

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const TIME_TICKS: u8 = 0x43;
const TRAP_V2: u8 = 0xa7;

const SYS_UP_TIME_0: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 3, 0];
const SNMP_TRAP_OID_0: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];

/// The datagram. The example's OIDs were checked when it was read; one that is none is left out.
pub fn of(trap: &TrapExample) -> Vec<u8> {
    let mut varbinds = varbind(SYS_UP_TIME_0, element(TIME_TICKS, &[1]));
    if let Ok(oid) = trap.oid.parse::<Oid>() {
        varbinds.extend(varbind(SNMP_TRAP_OID_0, object_id(oid.arcs())));
    }
    for (oid, value) in &trap.varbinds {
        let Ok(oid) = oid.parse::<Oid>() else { continue };
        let value = match value.parse::<i32>() {
            Ok(number) => integer(number),
            Err(_) => element(OCTET_STRING, value.as_bytes()),
        };
        varbinds.extend(varbind(oid.arcs(), value));
    }
    let pdu = [integer(1), integer(0), integer(0), element(SEQUENCE, &varbinds)].concat();
    let version_2c = integer(1);
    let community = element(OCTET_STRING, b"public");
    element(SEQUENCE, &[version_2c, community, element(TRAP_V2, &pdu)].concat())
}

fn varbind(oid: &[u32], value: Vec<u8>) -> Vec<u8> {
    element(SEQUENCE, &[object_id(oid), value].concat())
}

fn integer(number: i32) -> Vec<u8> {
    element(INTEGER, &number.to_be_bytes())
}

fn object_id(arcs: &[u32]) -> Vec<u8> {
    let (first, rest) = match arcs {
        [first, second, rest @ ..] => (first.saturating_mul(40).saturating_add(*second), rest),
        [first] => (first.saturating_mul(40), [].as_slice()),
        [] => (0, [].as_slice()),
    };
    let mut bytes = Vec::new();
    for arc in std::iter::once(&first).chain(rest) {
        let groups = (1..5).rev().filter(|group| arc >> (7 * group) != 0);
        bytes.extend(groups.map(|group| 0x80 | (arc >> (7 * group)) as u8 & 0x7f));
        bytes.push((arc & 0x7f) as u8);
    }
    element(OBJECT_ID, &bytes)
}

/// Tag, length, content.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..=0x7f => out.push(short as u8),
        long => {
            out.push(0x84);
            out.extend((long as u32).to_be_bytes());
        }
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use mutt_event::trap::decode;

    use super::*;

    #[test]
    fn the_parser_reads_it_back() {
        let trap = TrapExample {
            oid: "1.3.6.1.4.1.9.9.43.2.0.1".into(),
            varbinds: [("1.3.6.1.2.1.2.2.1.1.7", "-7"), ("1.3.6.1.2.1.2.2.1.2.300000", "Gi0/7")]
                .map(|(oid, value)| (oid.to_owned(), value.to_owned()))
                .into(),
        };
        let datagram = of(&trap);
        let read = decode(&datagram).unwrap();
        assert!(read.complete);
        assert_eq!(read.trap_oid.to_string(), trap.oid);
        let varbinds: Vec<_> = read
            .varbinds
            .iter()
            .map(|v| (v.oid.to_string(), v.value.text().into_owned()))
            .collect();
        assert_eq!(varbinds, trap.varbinds.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn long_content_has_a_long_length() {
        assert_eq!(element(4, &[7; 200])[..6], [4, 0x84, 0, 0, 0, 200]);
    }
}
