//! The one name of the device that a message is from.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::Kind;

/// What decides on names.
#[derive(Clone, Debug, Default)]
pub struct HostsConfig {
    /// Name or address (any case) → the device's one name.
    pub aliases: BTreeMap<String, String>,
    /// Peers whose header names the true host.
    pub trusted_relays: Vec<IpNet>,
    /// Names that never win while another is known: MUTT's and the relays' own. `localhost` always.
    pub never: Vec<String>,
}

/// Finds the one name of the device that a message is from.
#[derive(Clone, Debug)]
pub struct Hosts {
    config: HostsConfig,
}

impl Hosts {
    /// From its configuration.
    pub fn new(config: HostsConfig) -> Self {
        Self { config }
    }

    /// The device's one name.
    pub fn find<'a>(&'a self, _kind: Kind, _raw: &'a [u8], peer: Option<IpAddr>) -> Cow<'a, str> {
        let name = peer.map_or_else(|| "unknown".to_owned(), |peer| peer.to_canonical().to_string());
        match self.config.aliases.get(&name) {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(name),
        }
    }
}
