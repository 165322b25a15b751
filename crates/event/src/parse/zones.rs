//! Which zone a device's clock is in, when its times do not say.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;

use super::ParserConfig;
use super::time::Zone;

#[derive(Clone, Debug)]
pub(crate) struct Zones {
    default: Zone,
    /// Longest prefix first.
    nets: Vec<(IpNet, Zone)>,
    hosts: HashMap<String, Zone>,
}

impl Zones {
    pub(crate) fn new(config: ParserConfig) -> Self {
        let mut nets: Vec<_> =
            config.zones.iter().map(|(net, zone)| (*net, Zone::new(zone))).collect();
        nets.sort_by_key(|(net, _)| std::cmp::Reverse(net.prefix_len()));
        let hosts = config
            .host_zones
            .iter()
            .map(|(host, zone)| (host.to_ascii_lowercase(), Zone::new(zone)))
            .collect();
        Self { default: Zone::new(&config.zone), nets, hosts }
    }

    /// By the device's one name (lower case), else by the peer's network, else the default.
    pub(crate) fn of(&self, host: &str, peer: Option<IpAddr>) -> &Zone {
        if !self.hosts.is_empty()
            && let Some(zone) = self.hosts.get(host)
        {
            return zone;
        }
        if !self.nets.is_empty()
            && let Some(peer) = peer.map(|peer| peer.to_canonical())
            && let Some((_, zone)) = self.nets.iter().find(|(net, _)| net.contains(&peer))
        {
            return zone;
        }
        &self.default
    }
}
