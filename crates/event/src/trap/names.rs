//! Names of well-known OIDs, without MIB files: standard notifications, the objects that they
//! carry, and the roots of the vendors most seen.

use crate::Oid;

/// The longest known prefix of an OID.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Name<'a> {
    /// The MIB module.
    pub module: &'static str,
    /// The object's or notification's name.
    pub name: &'static str,
    /// The numbers behind the prefix: an instance, or what is not known.
    pub rest: &'a [u32],
}

/// The longest known prefix of `oid`; `None` if none is known.
pub fn name_of(oid: &Oid) -> Option<Name<'_>> {
    let mut key = oid.arcs();
    // The greatest entry not above the key is its prefix, or shares with it all that any
    // prefix of the key in the table can have.
    loop {
        let at = TABLE.partition_point(|(arcs, ..)| *arcs <= key);
        let (arcs, module, name) = TABLE.get(at.checked_sub(1)?)?;
        let common = arcs.iter().zip(key).take_while(|(a, b)| a == b).count();
        if common == arcs.len() {
            return Some(Name { module, name, rest: &oid.arcs()[common..] });
        }
        key = &key[..common];
    }
}

type Entry = (&'static [u32], &'static str, &'static str);

/// In order of the OIDs.
#[rustfmt::skip]
const TABLE: &[Entry] = &[
    (&[1, 3, 6, 1, 2, 1, 1, 1], "SNMPv2-MIB", "sysDescr"),
    (&[1, 3, 6, 1, 2, 1, 1, 2], "SNMPv2-MIB", "sysObjectID"),
    (&[1, 3, 6, 1, 2, 1, 1, 3], "SNMPv2-MIB", "sysUpTime"),
    (&[1, 3, 6, 1, 2, 1, 1, 4], "SNMPv2-MIB", "sysContact"),
    (&[1, 3, 6, 1, 2, 1, 1, 5], "SNMPv2-MIB", "sysName"),
    (&[1, 3, 6, 1, 2, 1, 1, 6], "SNMPv2-MIB", "sysLocation"),
    (&[1, 3, 6, 1, 2, 1, 2, 2, 1, 1], "IF-MIB", "ifIndex"),
    (&[1, 3, 6, 1, 2, 1, 2, 2, 1, 2], "IF-MIB", "ifDescr"),
    (&[1, 3, 6, 1, 2, 1, 2, 2, 1, 3], "IF-MIB", "ifType"),
    (&[1, 3, 6, 1, 2, 1, 2, 2, 1, 7], "IF-MIB", "ifAdminStatus"),
    (&[1, 3, 6, 1, 2, 1, 2, 2, 1, 8], "IF-MIB", "ifOperStatus"),
    (&[1, 3, 6, 1, 2, 1, 14, 1, 1], "OSPF-MIB", "ospfRouterId"),
    (&[1, 3, 6, 1, 2, 1, 14, 7, 1, 1], "OSPF-MIB", "ospfIfIpAddress"),
    (&[1, 3, 6, 1, 2, 1, 14, 7, 1, 12], "OSPF-MIB", "ospfIfState"),
    (&[1, 3, 6, 1, 2, 1, 14, 10, 1, 1], "OSPF-MIB", "ospfNbrIpAddr"),
    (&[1, 3, 6, 1, 2, 1, 14, 10, 1, 3], "OSPF-MIB", "ospfNbrRtrId"),
    (&[1, 3, 6, 1, 2, 1, 14, 10, 1, 6], "OSPF-MIB", "ospfNbrState"),
    (&[1, 3, 6, 1, 2, 1, 14, 16, 2, 1], "OSPF-TRAP-MIB", "ospfVirtIfStateChange"),
    (&[1, 3, 6, 1, 2, 1, 14, 16, 2, 2], "OSPF-TRAP-MIB", "ospfNbrStateChange"),
    (&[1, 3, 6, 1, 2, 1, 14, 16, 2, 3], "OSPF-TRAP-MIB", "ospfVirtNbrStateChange"),
    (&[1, 3, 6, 1, 2, 1, 14, 16, 2, 4], "OSPF-TRAP-MIB", "ospfIfConfigError"),
    (&[1, 3, 6, 1, 2, 1, 14, 16, 2, 6], "OSPF-TRAP-MIB", "ospfIfAuthFailure"),
    (&[1, 3, 6, 1, 2, 1, 14, 16, 2, 16], "OSPF-TRAP-MIB", "ospfIfStateChange"),
    (&[1, 3, 6, 1, 2, 1, 15, 0, 1], "BGP4-MIB", "bgpEstablishedNotification"),
    (&[1, 3, 6, 1, 2, 1, 15, 0, 2], "BGP4-MIB", "bgpBackwardTransNotification"),
    (&[1, 3, 6, 1, 2, 1, 15, 3, 1, 2], "BGP4-MIB", "bgpPeerState"),
    (&[1, 3, 6, 1, 2, 1, 15, 3, 1, 7], "BGP4-MIB", "bgpPeerRemoteAddr"),
    (&[1, 3, 6, 1, 2, 1, 15, 3, 1, 14], "BGP4-MIB", "bgpPeerLastError"),
    (&[1, 3, 6, 1, 2, 1, 15, 7, 1], "BGP4-MIB", "bgpEstablished"),
    (&[1, 3, 6, 1, 2, 1, 15, 7, 2], "BGP4-MIB", "bgpBackwardTransition"),
    (&[1, 3, 6, 1, 2, 1, 16, 0, 1], "RMON-MIB", "risingAlarm"),
    (&[1, 3, 6, 1, 2, 1, 16, 0, 2], "RMON-MIB", "fallingAlarm"),
    (&[1, 3, 6, 1, 2, 1, 17, 0, 1], "BRIDGE-MIB", "newRoot"),
    (&[1, 3, 6, 1, 2, 1, 17, 0, 2], "BRIDGE-MIB", "topologyChange"),
    (&[1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1], "IF-MIB", "ifName"),
    (&[1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18], "IF-MIB", "ifAlias"),
    (&[1, 3, 6, 1, 2, 1, 33, 2, 1], "UPS-MIB", "upsTrapOnBattery"),
    (&[1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 2], "ENTITY-MIB", "entPhysicalDescr"),
    (&[1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 7], "ENTITY-MIB", "entPhysicalName"),
    (&[1, 3, 6, 1, 2, 1, 47, 2, 0, 1], "ENTITY-MIB", "entConfigChange"),
    (&[1, 3, 6, 1, 2, 1, 68, 0, 1], "VRRP-MIB", "vrrpTrapNewMaster"),
    (&[1, 3, 6, 1, 2, 1, 68, 0, 2], "VRRP-MIB", "vrrpTrapAuthFailure"),
    (&[1, 3, 6, 1, 4, 1, 9], "CISCO-SMI", "cisco"),
    (&[1, 3, 6, 1, 4, 1, 9, 9], "CISCO-SMI", "ciscoMgmt"),
    (&[1, 3, 6, 1, 4, 1, 9, 9, 41, 2, 0, 1], "CISCO-SYSLOG-MIB", "clogMessageGenerated"),
    (&[1, 3, 6, 1, 4, 1, 9, 9, 43, 2, 0, 1], "CISCO-CONFIG-MAN-MIB", "ciscoConfigManEvent"),
    (&[1, 3, 6, 1, 4, 1, 11], "HP-SMI", "hp"),
    (&[1, 3, 6, 1, 4, 1, 318], "PowerNet-MIB", "apc"),
    (&[1, 3, 6, 1, 4, 1, 1991], "FOUNDRY-SN-ROOT-MIB", "foundry"),
    (&[1, 3, 6, 1, 4, 1, 2011], "HUAWEI-MIB", "huawei"),
    (&[1, 3, 6, 1, 4, 1, 2636], "JUNIPER-SMI", "juniperMIB"),
    (&[1, 3, 6, 1, 4, 1, 2636, 4, 1], "JUNIPER-MIB", "jnxChassisTraps"),
    (&[1, 3, 6, 1, 4, 1, 3375], "F5-BIGIP-COMMON-MIB", "f5"),
    (&[1, 3, 6, 1, 4, 1, 6876], "VMWARE-ROOT-MIB", "vmware"),
    (&[1, 3, 6, 1, 4, 1, 8072], "NET-SNMP-MIB", "netSnmp"),
    (&[1, 3, 6, 1, 4, 1, 8072, 4, 0, 2], "NET-SNMP-AGENT-MIB", "nsNotifyShutdown"),
    (&[1, 3, 6, 1, 4, 1, 8072, 4, 0, 3], "NET-SNMP-AGENT-MIB", "nsNotifyRestart"),
    (&[1, 3, 6, 1, 4, 1, 12356], "FORTINET-CORE-MIB", "fortinet"),
    (&[1, 3, 6, 1, 4, 1, 21359], "OPNET-MIB", "opnet"),
    (&[1, 3, 6, 1, 4, 1, 25461], "PAN-GLOBAL-REG", "panRoot"),
    (&[1, 3, 6, 1, 4, 1, 30065], "ARISTA-SMI-MIB", "arista"),
    (&[1, 3, 6, 1, 6, 3, 1, 1, 4, 1], "SNMPv2-MIB", "snmpTrapOID"),
    (&[1, 3, 6, 1, 6, 3, 1, 1, 4, 3], "SNMPv2-MIB", "snmpTrapEnterprise"),
    (&[1, 3, 6, 1, 6, 3, 1, 1, 5, 1], "SNMPv2-MIB", "coldStart"),
    (&[1, 3, 6, 1, 6, 3, 1, 1, 5, 2], "SNMPv2-MIB", "warmStart"),
    (&[1, 3, 6, 1, 6, 3, 1, 1, 5, 3], "IF-MIB", "linkDown"),
    (&[1, 3, 6, 1, 6, 3, 1, 1, 5, 4], "IF-MIB", "linkUp"),
    (&[1, 3, 6, 1, 6, 3, 1, 1, 5, 5], "SNMPv2-MIB", "authenticationFailure"),
    (&[1, 3, 6, 1, 6, 3, 1, 1, 5, 6], "RFC1213-MIB", "egpNeighborLoss"),
    (&[1, 3, 6, 1, 6, 3, 18, 1, 3], "SNMP-COMMUNITY-MIB", "snmpTrapAddress"),
    (&[1, 3, 6, 1, 6, 3, 18, 1, 4], "SNMP-COMMUNITY-MIB", "snmpTrapCommunity"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order() {
        assert!(TABLE.is_sorted_by(|(a, ..), (b, ..)| a < b));
    }

    #[test]
    fn finds_the_longest_prefix() {
        let named = |text: &str| {
            let oid: Oid = text.parse().unwrap();
            name_of(&oid).map(|name| (name.name, name.rest.to_vec()))
        };
        assert_eq!(named("1.3.6.1.6.3.1.1.5.3"), Some(("linkDown", vec![])));
        assert_eq!(named("1.3.6.1.2.1.2.2.1.2.10101"), Some(("ifDescr", vec![10101])));
        assert_eq!(named("1.3.6.1.4.1.9.9.41.2.0.1"), Some(("clogMessageGenerated", vec![])));
        assert_eq!(named("1.3.6.1.4.1.9.9.41.2.0.2"), Some(("ciscoMgmt", vec![41, 2, 0, 2])));
        assert_eq!(named("1.3.6.1.4.1.9.10"), Some(("cisco", vec![10])));
        assert_eq!(named("1.3.6.1.4.1.99.1"), None);
        assert_eq!(named("1.3"), None);
        for (arcs, _, name) in TABLE {
            let below = Oid::new([*arcs, &[u32::MAX]].concat());
            assert_eq!(name_of(&below).map(|name| name.name), Some(*name), "{below}");
        }
    }
}
