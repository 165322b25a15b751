//! SNMP messages and their PDUs: RFC 1157 section 4, RFC 3416 section 3.

use std::net::Ipv4Addr;

use super::ber::{self, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE};
use super::value::{IP_ADDRESS, TIME_TICKS};
use super::{Trap, TrapError, Value, VarBind, Version, v3};
use crate::{Oid, Usm};

pub(super) const RESPONSE: u8 = 0xa2;
const TRAP_V1: u8 = 0xa4;
pub(super) const INFORM: u8 = 0xa6;
pub(super) const TRAP_V2: u8 = 0xa7;

/// sysUpTime.0
pub(super) const SYS_UPTIME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 3, 0];
/// snmpTrapOID.0
pub(super) const TRAP_OID: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
/// snmpTrapEnterprise.0
pub(super) const TRAP_ENTERPRISE: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0];
/// snmpTrapAddress.0
pub(super) const TRAP_ADDRESS: &[u32] = &[1, 3, 6, 1, 6, 3, 18, 1, 3, 0];
/// snmpTraps: the generic traps of version 1 stand below it.
const GENERIC_TRAPS: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 5];

/// A message up to its PDU.
pub(super) struct Message<'a> {
    pub version: Version,
    pub community: &'a [u8],
    pub pdu: Element<'a>,
}

pub(super) fn message(raw: &[u8]) -> Result<Message<'_>, TrapError> {
    let malformed = TrapError::Malformed;
    let outer = Reader::new(raw).next().filter(|element| element.tag == SEQUENCE);
    let mut inside = outer.ok_or(malformed("message"))?.inside();
    let version = inside.expect(INTEGER).and_then(|element| ber::integer(element.content));
    let version = match version.ok_or(malformed("version"))? {
        0 => Version::V1,
        1 => Version::V2c,
        3 => return Err(TrapError::Version3),
        other => return Err(TrapError::UnknownVersion(other)),
    };
    let community = inside.expect(OCTET_STRING).ok_or(malformed("community"))?.content;
    let pdu = inside.next().ok_or(malformed("PDU"))?;
    match pdu.tag {
        TRAP_V1 | TRAP_V2 | INFORM => Ok(Message { version, community, pdu }),
        tag => Err(TrapError::NoTrap(tag)),
    }
}

/// Decodes a message of version 3 that was accepted at its receipt.
///
/// # Errors
/// [`TrapError::NotAuthentic`] for one that was not; else why its PDU cannot be read.
pub fn decode_v3<'a>(raw: &'a [u8], usm: &Usm<'a>) -> Result<Trap<'a>, TrapError> {
    if !usm.is_accepted() {
        return Err(TrapError::NotAuthentic(usm.verdict));
    }
    let scoped = match usm.scoped {
        [] => v3::read(raw).and_then(|message| message.plain()),
        scoped => Some(scoped),
    };
    let pdu = scoped.and_then(v3::scoped).ok_or(TrapError::Malformed("scoped PDU"))?.pdu;
    match pdu.tag {
        TRAP_V2 | INFORM => decode_v2(&Message { version: Version::V3, community: b"", pdu }),
        tag => Err(TrapError::NoTrap(tag)),
    }
}

/// Decodes a datagram. What follows the message is not read; a bad variable binding ends the
/// list ([`Trap::complete`]).
pub fn decode(raw: &[u8]) -> Result<Trap<'_>, TrapError> {
    let message = message(raw)?;
    match message.pdu.tag {
        TRAP_V1 => decode_v1(&message),
        _ => decode_v2(&message),
    }
}

fn decode_v1<'a>(message: &Message<'a>) -> Result<Trap<'a>, TrapError> {
    let malformed = TrapError::Malformed;
    let mut pdu = message.pdu.inside();
    let head = HeadV1::read(&mut pdu)?;
    let trap_oid = head.trap_oid()?;
    let (varbinds, complete) = varbinds(pdu.next().ok_or(malformed("variable bindings"))?);
    Ok(Trap {
        version: message.version,
        community: message.community,
        inform: false,
        trap_oid,
        trap_address: address_in(&varbinds),
        enterprise: Some(head.enterprise),
        agent_addr: head.agent_addr,
        uptime_ticks: Some(head.ticks),
        request_id: None,
        varbinds,
        complete,
    })
}

/// Version 1's PDU before its variable bindings.
pub(super) struct HeadV1 {
    pub enterprise: Oid,
    pub agent_addr: Option<Ipv4Addr>,
    generic: i64,
    specific: i64,
    pub ticks: u32,
}

impl HeadV1 {
    pub fn read(pdu: &mut Reader<'_>) -> Result<Self, TrapError> {
        let malformed = TrapError::Malformed;
        let enterprise = pdu.expect(OBJECT_IDENTIFIER).and_then(|e| ber::oid(e.content));
        let enterprise = enterprise.ok_or(malformed("enterprise"))?;
        let agent_addr = pdu.expect(IP_ADDRESS).ok_or(malformed("agent-addr"))?;
        let mut integer = |tag, what| {
            pdu.expect(tag).and_then(|e| ber::integer(e.content)).ok_or(malformed(what))
        };
        let generic = integer(INTEGER, "generic-trap")?;
        let specific = integer(INTEGER, "specific-trap")?;
        let ticks = integer(TIME_TICKS, "time-stamp")? as u32;
        Ok(Self { enterprise, agent_addr: address(agent_addr.content), generic, specific, ticks })
    }

    /// RFC 3584 section 3.1.
    pub fn trap_oid(&self) -> Result<Oid, TrapError> {
        if let generic @ 0..=5 = self.generic {
            return Ok(Oid::new([GENERIC_TRAPS, &[generic as u32 + 1]].concat()));
        }
        let specific = u32::try_from(self.specific);
        let specific = specific.map_err(|_| TrapError::Malformed("specific-trap"))?;
        Ok(Oid::new([self.enterprise.arcs(), &[0, specific]].concat()))
    }
}

fn decode_v2<'a>(message: &Message<'a>) -> Result<Trap<'a>, TrapError> {
    let malformed = TrapError::Malformed;
    let mut pdu = message.pdu.inside();
    let mut integer =
        |what| pdu.expect(INTEGER).and_then(|e| ber::integer(e.content)).ok_or(malformed(what));
    let request_id = integer("request-id")?;
    let (_status, _index) = (integer("error-status")?, integer("error-index")?);
    let list = pdu.next().ok_or(malformed("variable bindings"))?;
    let (mut varbinds, complete) = varbinds(list);
    let mut trap = Trap {
        version: message.version,
        community: message.community,
        inform: message.pdu.tag == INFORM,
        trap_oid: Oid::default(),
        enterprise: None,
        agent_addr: None,
        trap_address: address_in(&varbinds),
        uptime_ticks: None,
        request_id: Some(request_id as i32),
        varbinds: Vec::new(),
        complete,
    };
    varbinds.retain_mut(|varbind| match (varbind.oid.arcs(), &mut varbind.value) {
        (SYS_UPTIME, Value::TimeTicks(ticks)) => {
            trap.uptime_ticks = Some(*ticks);
            false
        }
        (TRAP_OID, Value::Oid(oid)) => {
            trap.trap_oid = std::mem::take(oid);
            false
        }
        (TRAP_ENTERPRISE, Value::Oid(oid)) => {
            trap.enterprise = Some(oid.clone());
            true
        }
        _ => true,
    });
    if trap.trap_oid.arcs().is_empty() {
        return Err(TrapError::NoTrapOid);
    }
    trap.varbinds = varbinds;
    Ok(trap)
}

/// The bindings, and whether all could be read.
fn varbinds(list: Element<'_>) -> (Vec<VarBind<'_>>, bool) {
    let mut varbinds = Vec::new();
    let mut rest = list.inside();
    while let Some(varbind) = rest.next().filter(|e| !e.cut).and_then(|e| VarBind::read(e.inside()))
    {
        varbinds.push(varbind);
    }
    (varbinds, rest.is_empty() && !list.cut && list.tag == SEQUENCE)
}

fn address(content: &[u8]) -> Option<Ipv4Addr> {
    let octets: [u8; 4] = content.try_into().ok()?;
    Some(Ipv4Addr::from(octets)).filter(|address| !address.is_unspecified())
}

fn address_in(varbinds: &[VarBind<'_>]) -> Option<Ipv4Addr> {
    varbinds.iter().find_map(|varbind| match varbind.value {
        Value::IpAddress(ip) if varbind.oid.arcs() == TRAP_ADDRESS && !ip.is_unspecified() => {
            Some(ip)
        }
        _ => None,
    })
}

/// The true sender, as far as the datagram names it: snmpTrapAddress.0, and version 1's agent-addr.
pub(crate) fn sources(
    raw: &[u8],
    usm: Option<&Usm<'_>>,
) -> Option<(Option<Ipv4Addr>, Option<Ipv4Addr>)> {
    let trap = match usm {
        None => decode(raw).ok()?,
        Some(usm) => decode_v3(raw, usm).ok()?,
    };
    Some((trap.trap_address, trap.agent_addr))
}

/// Is it an INFORM of version 2c, whose sender waits for an answer?
pub fn is_inform(raw: &[u8]) -> bool {
    message(raw).is_ok_and(|message| message.pdu.tag == INFORM)
}

/// Is it a trap of NetIM's own (below 1.3.6.1.4.1.21359)? Sent back to NetIM it would go round. Of
/// version 3 only one that was accepted can be known.
pub fn is_netim_own(raw: &[u8], usm: Option<&Usm<'_>>) -> bool {
    let trap = match usm {
        None => decode(raw),
        Some(usm) => decode_v3(raw, usm),
    };
    trap.is_ok_and(|trap| trap.trap_oid.is_netim_own())
}

/// The answer to an INFORM: the same message with a Response PDU (RFC 3416 section 4.2.7).
/// `None` if it is no INFORM.
pub fn inform_response(raw: &[u8]) -> Option<Vec<u8>> {
    with_tag(raw, RESPONSE)
}

/// An INFORM as a trap: the same message with a Trap PDU. `None` if it is no INFORM.
pub fn inform_to_trap(raw: &[u8]) -> Option<Vec<u8>> {
    with_tag(raw, TRAP_V2)
}

fn with_tag(raw: &[u8], tag: u8) -> Option<Vec<u8>> {
    let pdu = message(raw).ok()?.pdu;
    if pdu.tag != INFORM || pdu.cut {
        return None;
    }
    let mut patched = raw.to_vec();
    patched[pdu.at] = tag;
    Some(patched)
}
