//! SNMP traps and informs, versions 1 and 2c.

use std::borrow::Cow;
use std::net::Ipv4Addr;

use thiserror::Error;

use crate::Oid;

/// SNMP version of a message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Version {
    V1,
    V2c,
}

/// A decoded notification; version 1 is mapped to version 2 by RFC 3584 section 3.1.
#[derive(Clone, PartialEq, Debug)]
pub struct Trap<'a> {
    /// As it came.
    pub version: Version,
    /// As it came.
    pub community: &'a [u8],
    /// Does its sender wait for an answer?
    pub inform: bool,
    /// snmpTrapOID.0, or mapped from version 1.
    pub trap_oid: Oid,
    /// Version 1's enterprise, or snmpTrapEnterprise.0.
    pub enterprise: Option<Oid>,
    /// Version 1's agent-addr, if not 0.0.0.0.
    pub agent_addr: Option<Ipv4Addr>,
    /// snmpTrapAddress.0: the address of the true sender, written by a proxy.
    pub trap_address: Option<Ipv4Addr>,
    /// sysUpTime.0 or version 1's time-stamp, in hundredths of a second.
    pub uptime_ticks: Option<u32>,
    /// Version 2's request-id.
    pub request_id: Option<i32>,
    /// All others, in order.
    pub varbinds: Vec<VarBind<'a>>,
}

/// A name and its value.
#[derive(Clone, PartialEq, Debug)]
pub struct VarBind<'a> {
    /// The object's name, instance included.
    pub oid: Oid,
    /// Its value.
    pub value: Value<'a>,
}

/// A value, RFC 3416 section 3.
#[derive(Clone, PartialEq, Debug)]
#[allow(missing_docs)]
pub enum Value<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    Null,
    Oid(Oid),
    IpAddress(Ipv4Addr),
    Counter32(u32),
    Gauge32(u32),
    TimeTicks(u32),
    Opaque(&'a [u8]),
    Counter64(u64),
    /// noSuchObject, noSuchInstance, endOfMibView, or a type unknown here: its tag and bytes.
    Other(u8, &'a [u8]),
}

impl Value<'_> {
    /// As a rule or a person sees it: numbers in decimals, printable bytes as text, others in hex.
    pub fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }
}

/// Why a datagram is no trap that can be read here.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TrapError {
    #[error("SNMP version 3: kept as received, not decoded")]
    Version3,
    #[error("not SNMP: bad or cut short at {0}")]
    Malformed(&'static str),
    #[error("SNMP version number {0} is unknown")]
    UnknownVersion(i64),
    #[error("SNMP PDU with tag {0:#04x} is no trap")]
    NoTrap(u8),
    #[error("trap without snmpTrapOID.0")]
    NoTrapOid,
}

/// Decodes a datagram.
pub fn decode(_raw: &[u8]) -> Result<Trap<'_>, TrapError> {
    Err(TrapError::Malformed("message"))
}

/// Is it an INFORM, whose sender waits for an answer?
pub fn is_inform(_raw: &[u8]) -> bool {
    false
}

/// Is it a trap of NetIM's own (1.3.6.1.4.1.21359)?
pub fn is_netim_own(_raw: &[u8]) -> bool {
    false
}

/// The answer to an INFORM: the same with a Response PDU.
pub fn inform_response(_raw: &[u8]) -> Option<Vec<u8>> {
    None
}

/// An INFORM as a trap: the same with a Trap PDU.
pub fn inform_to_trap(_raw: &[u8]) -> Option<Vec<u8>> {
    None
}
