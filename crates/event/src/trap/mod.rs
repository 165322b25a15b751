//! SNMP traps and informs: versions 1 and 2c, and version 3 as far as it was accepted at its receipt.
//!
//! From: raw datagrams. To: events, the answer to an INFORM, and the archive's traps.

mod ber;
mod names;
mod origin;
mod pdu;
mod render;
pub mod v3;
mod value;

#[cfg(test)]
pub(crate) mod tests;

use std::net::Ipv4Addr;

use thiserror::Error;

use crate::{Oid, UsmVerdict};
pub use names::{Name, Named, Names};
pub use origin::with_origin;
pub(crate) use pdu::sources;
pub use pdu::{decode, decode_v3, inform_response, inform_to_trap, is_inform, is_netim_own};
pub use render::render;
pub use value::{Value, VarBind};

/// The SNMP version that a message says it has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)] // the names say it
pub enum Version {
    V1,
    V2c,
    V3,
}

/// A decoded notification; version 1 is mapped to version 2 by RFC 3584 section 3.1.
#[derive(Clone, PartialEq, Debug)]
pub struct Trap<'a> {
    /// As it came.
    pub version: Version,
    /// As it came; empty for version 3, which has none.
    pub community: &'a [u8],
    /// Does its sender wait for an answer?
    pub inform: bool,
    /// snmpTrapOID.0; of version 1, mapped: generic traps 0 to 5 to 1.3.6.1.6.3.1.1.5.1 to .6,
    /// others to enterprise.0.specific.
    pub trap_oid: Oid,
    /// snmpTrapEnterprise.0, or version 1's enterprise.
    pub enterprise: Option<Oid>,
    /// Version 1's agent-addr, if not 0.0.0.0.
    pub agent_addr: Option<Ipv4Addr>,
    /// snmpTrapAddress.0: the true sender's address, written by a proxy; if not 0.0.0.0.
    pub trap_address: Option<Ipv4Addr>,
    /// sysUpTime.0, or version 1's time-stamp; in hundredths of a second.
    pub uptime_ticks: Option<u32>,
    /// Version 2's request-id.
    pub request_id: Option<i32>,
    /// All variable bindings but sysUpTime.0 and snmpTrapOID.0, in order.
    pub varbinds: Vec<VarBind<'a>>,
    /// Could all variable bindings be read? If not, `varbinds` has those before the bad one.
    pub complete: bool,
}

/// Why a datagram is no trap that can be read here.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[allow(missing_docs)] // the messages say it
pub enum TrapError {
    #[error("SNMP version 3: kept as received, not decoded")]
    Version3,
    #[error("SNMP version 3: not judged, since its check at receipt said {0}")]
    NotAuthentic(UsmVerdict),
    #[error("not SNMP: bad or cut short at its {0}")]
    Malformed(&'static str),
    #[error("SNMP version number {0} is unknown; 0 is v1, 1 is v2c, 3 is v3")]
    UnknownVersion(i64),
    #[error("SNMP PDU with tag {0:#04x} is no trap and no inform")]
    NoTrap(u8),
    #[error("trap without snmpTrapOID.0")]
    NoTrapOid,
}
