//! Whose a trap is, written into it for whoever gets it from MUTT (RFC 3584 sections 3.1 and 4).
//!
//! From: the archive, with a trap of version 1 or 2c as it came. To: a trap of version 2c that ends
//! with snmpTrapAddress.0 and snmpTrapCommunity.0. Variable bindings are copied as they are.

use std::net::Ipv4Addr;

use super::ber::{self, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE};
use super::pdu::{self, HeadV1, SYS_UPTIME, TRAP_ADDRESS, TRAP_ENTERPRISE, TRAP_OID, TRAP_V2};
use super::value::{IP_ADDRESS, TIME_TICKS};
use super::{Version, pdu::Message};

/// snmpTrapCommunity.0
const TRAP_COMMUNITY: &[u32] = &[1, 3, 6, 1, 6, 3, 18, 1, 4, 0];
const VERSION_2C: &[u8] = &[1];

/// The trap with what is not in it yet: the address of its device, its community, and of version 1
/// the enterprise. Of version 1 the device's address is agent-addr unless that is 0.0.0.0, else it is
/// `device`; without one none is written. `None` if it is no whole trap of version 1 or 2c.
pub fn with_origin(raw: &[u8], device: Option<Ipv4Addr>) -> Option<Vec<u8>> {
    let message = pdu::message(raw).ok().filter(|message| !message.pdu.cut)?;
    let (head, mut varbinds, enterprise, device) = match message.version {
        Version::V1 => version_1(&message, device)?,
        Version::V2c => version_2(&message, device)?,
        Version::V3 => return None,
    };
    let known = names(&varbinds)?;
    let mut add = |name: &[u32], tag, content: &[u8]| {
        if !known.iter().any(|known| known == name) {
            varbinds.extend(varbind(name, tag, content));
        }
    };
    if let Some(device) = device {
        add(TRAP_ADDRESS, IP_ADDRESS, &device.octets());
    }
    add(TRAP_COMMUNITY, OCTET_STRING, message.community);
    if let Some(enterprise) = &enterprise {
        add(TRAP_ENTERPRISE, OBJECT_IDENTIFIER, enterprise);
    }
    let pdu = [head, element(SEQUENCE, &varbinds)].concat();
    let community = element(OCTET_STRING, message.community);
    let parts = [element(INTEGER, VERSION_2C), community, element(TRAP_V2, &pdu)];
    Some(element(SEQUENCE, &parts.concat()))
}

type Parts = (Vec<u8>, Vec<u8>, Option<Vec<u8>>, Option<Ipv4Addr>);

/// Section 3.1: what version 1 says in its head is said in variable bindings.
fn version_1(message: &Message<'_>, device: Option<Ipv4Addr>) -> Option<Parts> {
    let mut pdu = message.pdu.inside();
    let head = HeadV1::read(&mut pdu).ok()?;
    let list = pdu.expect(SEQUENCE)?;
    let mut enterprise = Vec::new();
    ber::write_oid(&mut enterprise, head.enterprise.arcs());
    let mut trap_oid = Vec::new();
    ber::write_oid(&mut trap_oid, head.trap_oid().ok()?.arcs());
    // Five bytes, so that none of them says that it is negative.
    let ticks = [&[0][..], &head.ticks.to_be_bytes()].concat();
    let mut varbinds = varbind(SYS_UPTIME, TIME_TICKS, &ticks);
    varbinds.extend(varbind(TRAP_OID, OBJECT_IDENTIFIER, &trap_oid));
    varbinds.extend_from_slice(list.content);
    let request = [element(INTEGER, &(head.ticks >> 1).to_be_bytes()), zero(), zero()].concat();
    Some((request, varbinds, Some(enterprise), head.agent_addr.or(device)))
}

fn version_2(message: &Message<'_>, device: Option<Ipv4Addr>) -> Option<Parts> {
    let mut pdu = message.pdu.inside();
    let mut head = Vec::new();
    for _ in 0..3 {
        head.extend(element(INTEGER, pdu.expect(INTEGER)?.content));
    }
    Some((head, pdu.expect(SEQUENCE)?.content.to_vec(), None, device))
}

/// The names of all bindings; `None` if one cannot be read.
fn names(varbinds: &[u8]) -> Option<Vec<Vec<u32>>> {
    let (mut rest, mut names) = (Reader::new(varbinds), Vec::new());
    while !rest.is_empty() {
        let name = rest.expect(SEQUENCE)?.inside().expect(OBJECT_IDENTIFIER)?;
        names.push(ber::oid(name.content)?.arcs().to_vec());
    }
    Some(names)
}

fn varbind(name: &[u32], tag: u8, content: &[u8]) -> Vec<u8> {
    let mut oid = Vec::new();
    ber::write_oid(&mut oid, name);
    element(SEQUENCE, &[element(OBJECT_IDENTIFIER, &oid), element(tag, content)].concat())
}

fn zero() -> Vec<u8> {
    element(INTEGER, &[0])
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    ber::write(&mut out, tag, content);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::{V1_ENTERPRISE, V2C, bytes_of};
    use super::super::{Value, decode};
    use super::*;

    const DEVICE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 7);

    fn value<'a>(trap: &'a super::super::Trap<'_>, name: &[u32]) -> Vec<&'a Value<'a>> {
        trap.varbinds.iter().filter(|v| v.oid.arcs() == name).map(|v| &v.value).collect()
    }

    #[test]
    fn version_1_becomes_version_2c_with_all_that_its_head_said() {
        let raw = bytes_of(V1_ENTERPRISE);
        let before = decode(&raw).unwrap();
        let proxied = with_origin(&raw, Some(DEVICE)).unwrap();
        let trap = decode(&proxied).unwrap();
        assert_eq!((trap.version, trap.community), (Version::V2c, &b"public"[..]));
        assert_eq!((&trap.trap_oid, trap.uptime_ticks), (&before.trap_oid, before.uptime_ticks));
        assert_eq!(trap.varbinds[..before.varbinds.len()], before.varbinds);
        assert_eq!(trap.trap_address, before.agent_addr, "agent-addr counts before the sender");
        assert_eq!(value(&trap, TRAP_COMMUNITY), [&Value::Bytes(b"public")]);
        assert_eq!(trap.enterprise, before.enterprise);
        assert!(trap.complete);
    }

    #[test]
    fn what_is_there_already_stays_and_is_not_written_twice() {
        let raw = bytes_of(V2C);
        let trap = with_origin(&raw, Some(DEVICE)).unwrap();
        let trap = decode(&trap).unwrap();
        let address = Value::IpAddress(Ipv4Addr::new(198, 51, 100, 9));
        assert_eq!(value(&trap, TRAP_ADDRESS), [&address]);
        assert_eq!(value(&trap, TRAP_COMMUNITY), [&Value::Bytes(b"public")]);
        let once = with_origin(&raw, Some(DEVICE)).unwrap();
        assert_eq!(with_origin(&once, Some(DEVICE)), Some(once.clone()));
    }

    #[test]
    fn without_an_ipv4_address_none_is_written() {
        let trap = with_origin(&bytes_of(V2C), None).unwrap();
        assert!(decode(&trap).unwrap().trap_address.is_some(), "its own");
        assert_eq!(with_origin(b"0\x03\x02\x01\x03", Some(DEVICE)), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(raw: Vec<u8>, cut in 0usize..125) {
            let _ = with_origin(&raw, Some(DEVICE));
            let whole = bytes_of(V2C);
            let _ = with_origin(&whole[..cut], None);
        }
    }
}
