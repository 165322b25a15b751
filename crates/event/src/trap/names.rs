//! Names of OIDs: those of MIB files that somebody gave, and without any those of standard
//! notifications, the objects that they carry, and the roots of the vendors most seen.
//!
//! From: whoever reads MIB files. To: a trap in words, and rules that name what they look for.

use std::collections::HashMap;

use crate::Oid;

/// The longest known prefix of an OID.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Name<'a> {
    /// The MIB module.
    pub module: &'a str,
    /// The object's or notification's name.
    pub name: &'a str,
    /// The numbers behind the prefix: an instance, or what is not known.
    pub rest: &'a [u32],
}

/// What a MIB names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// What.
    pub oid: Oid,
    /// By which module.
    pub module: String,
    /// How.
    pub name: String,
}

/// All names that are known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Names {
    /// In order of the OIDs, each once.
    table: Vec<Named>,
    /// `MODULE::name`, and the name alone where only one OID has it.
    by_name: HashMap<String, Option<Oid>>,
}

/// Those that need no MIB file.
impl Default for Names {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Names {
    /// These, and those that need no MIB file; of two names for one OID the first holds.
    pub fn new(mut named: Vec<Named>) -> Self {
        named.extend(TABLE.iter().map(|(arcs, module, name)| Named {
            oid: Oid::new(*arcs),
            module: (*module).to_owned(),
            name: (*name).to_owned(),
        }));
        named.retain(|one| !one.oid.arcs().is_empty());
        let mut by_name: HashMap<String, Option<Oid>> = HashMap::new();
        for one in &named {
            let whole = format!("{}::{}", one.module, one.name);
            by_name.entry(whole).or_insert_with(|| Some(one.oid.clone()));
            let alone = by_name.entry(one.name.clone()).or_insert_with(|| Some(one.oid.clone()));
            if alone.as_ref().is_some_and(|oid| *oid != one.oid) {
                *alone = None; // of two things: nobody can know which is meant
            }
        }
        named.sort_by(|a, b| a.oid.cmp(&b.oid)); // stable: the first of each stays the first
        named.dedup_by(|later, first| later.oid == first.oid);
        Self { table: named, by_name }
    }

    /// The longest known prefix of `oid`; `None` if none is known.
    pub fn of<'a>(&'a self, oid: &'a Oid) -> Option<Name<'a>> {
        let mut key = oid.arcs();
        // The greatest entry not above the key is its prefix, or shares with it all that any
        // prefix of the key in the table can have.
        loop {
            let at = self.table.partition_point(|one| one.oid.arcs() <= key);
            let one = self.table.get(at.checked_sub(1)?)?;
            let arcs = one.oid.arcs();
            let common = arcs.iter().zip(key).take_while(|(a, b)| a == b).count();
            if common == arcs.len() {
                let rest = &oid.arcs()[common..];
                return Some(Name { module: &one.module, name: &one.name, rest });
            }
            key = &key[..common];
        }
    }

    /// The OID that `IF-MIB::linkDown` names, or `linkDown` where only one thing is called so;
    /// numbers may follow, as in `IF-MIB::ifDescr.7`.
    pub fn oid(&self, text: &str) -> Option<Oid> {
        let (name, instance) = match text.split_once('.') {
            Some((name, instance)) => (name, Some(instance.parse::<Oid>().ok()?)),
            None => (text, None),
        };
        let oid = self.by_name.get(name)?.as_ref()?;
        let rest = instance.as_ref().map_or(&[][..], Oid::arcs);
        Some(Oid::new([oid.arcs(), rest].concat()))
    }

    /// An OID as people read it: `IF-MIB::ifDescr.7`, or its numbers.
    pub fn text(&self, oid: &Oid) -> String {
        let Some(Name { module, name, rest }) = self.of(oid) else { return oid.to_string() };
        let rest: String = rest.iter().map(|arc| format!(".{arc}")).collect();
        format!("{module}::{name}{rest}")
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

    fn oid(text: &str) -> Oid {
        text.parse().unwrap()
    }

    #[test]
    fn finds_the_longest_prefix() {
        let names = Names::default();
        let named = |text: &str| {
            let oid = oid(text);
            names.of(&oid).map(|name| (name.name.to_owned(), name.rest.to_vec()))
        };
        let known = |name: &str, rest: &[u32]| Some((name.to_owned(), rest.to_vec()));
        assert_eq!(named("1.3.6.1.6.3.1.1.5.3"), known("linkDown", &[]));
        assert_eq!(named("1.3.6.1.2.1.2.2.1.2.10101"), known("ifDescr", &[10101]));
        assert_eq!(named("1.3.6.1.4.1.9.9.41.2.0.1"), known("clogMessageGenerated", &[]));
        assert_eq!(named("1.3.6.1.4.1.9.9.41.2.0.2"), known("ciscoMgmt", &[41, 2, 0, 2]));
        assert_eq!(named("1.3.6.1.4.1.9.10"), known("cisco", &[10]));
        assert_eq!(named("1.3.6.1.4.1.99.1"), None);
        assert_eq!(named("1.3"), None);
        for (arcs, _, name) in TABLE {
            let below = Oid::new([*arcs, &[u32::MAX]].concat());
            assert_eq!(names.of(&below).map(|name| name.name), Some(*name), "{below}");
        }
    }

    #[test]
    fn standard_traps_are_known_without_any_file() {
        let names = Names::default();
        for (n, name) in (1..).zip([
            "SNMPv2-MIB::coldStart",
            "SNMPv2-MIB::warmStart",
            "IF-MIB::linkDown",
            "IF-MIB::linkUp",
            "SNMPv2-MIB::authenticationFailure",
            "RFC1213-MIB::egpNeighborLoss",
        ]) {
            let trap = oid(&format!("1.3.6.1.6.3.1.1.5.{n}"));
            assert_eq!(names.text(&trap), name);
            assert_eq!(names.oid(name), Some(trap.clone()));
            let (_, alone) = name.split_once("::").unwrap();
            assert_eq!(names.oid(alone), Some(trap));
        }
    }

    #[test]
    fn a_mibs_names_count_before_those_that_are_built_in() {
        let of = |text: &str, module: &str, name: &str| Named {
            oid: oid(text),
            module: module.to_owned(),
            name: name.to_owned(),
        };
        let names = Names::new(vec![
            of("1.3.6.1.4.1.32473.1", "ACME-MIB", "acmeAlarm"),
            of("1.3.6.1.4.1.32473.2", "ACME-MIB", "linkDown"),
            of("1.3.6.1.6.3.1.1.5.3", "OWN-MIB", "portDown"),
        ]);
        assert_eq!(names.text(&oid("1.3.6.1.4.1.32473.1.7")), "ACME-MIB::acmeAlarm.7");
        assert_eq!(names.oid("acmeAlarm.7"), Some(oid("1.3.6.1.4.1.32473.1.7")));
        assert_eq!(names.text(&oid("1.3.6.1.6.3.1.1.5.3")), "OWN-MIB::portDown");
        assert_eq!(names.oid("IF-MIB::linkDown"), Some(oid("1.3.6.1.6.3.1.1.5.3")));
        assert_eq!(names.oid("linkDown"), None, "two things are called so");
        for unknown in ["ACME-MIB::none", "", ".", "acmeAlarm.x", "1.3.6"] {
            assert_eq!(names.oid(unknown), None, "{unknown}");
        }
    }
}
