//! The one name of the device that a message is from. Partition, key and environment hang on it.
//!
//! From: raw bytes and the peer's address, once for each message. To: the envelope's `host`.
//!
//! Candidates, the first that is a device's wins:
//! 1. the header's host, if the peer is a trusted relay (a syslog header; JSON's `hostname`,
//!    from any sender, else the header of its `raw`);
//! 2. snmpTrapAddress.0 of a trap;
//! 3. agent-addr of a version 1 trap;
//! 4. the header's host, whoever sent it; without one, the name that Cisco writes behind the header
//!    (`logging origin-id`, ASA's `device-id`);
//! 5. the peer.
//!
//! Names in `never` and trusted relays' own addresses win only when nothing better is known, and
//! `localhost`, loopback and unspecified addresses only when not even that is. Without any: `unknown`.
//!
//! A name is ASCII lower case, without a dot at its end; an address is in its shortest form, IPv4
//! mapped into IPv6 as IPv4. At the end, the alias for that name or address replaces it.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use ipnet::IpNet;

use crate::parse::{host_like, syslog};
use crate::{Envelope, Kind, Usm, json, trap};

const UNKNOWN: &str = "unknown";

/// What decides on names.
#[derive(Clone, Debug, Default)]
pub struct HostsConfig {
    /// Name or address (any case) → the device's one name (made lower case).
    pub aliases: BTreeMap<String, String>,
    /// Peers that pass on others' messages. A single address (/32, /128) is also no device's
    /// when a header names it.
    pub trusted_relays: Vec<IpNet>,
    /// Names (any case, whole) that win only when nothing better is known: MUTT's and the relays'
    /// own. `localhost` always is one.
    pub never: Vec<String>,
}

/// Finds the one name of the device that a message is from.
#[derive(Clone, Debug)]
pub struct Hosts {
    trusted_relays: Vec<IpNet>,
    /// By name in its one form.
    known: HashMap<String, Known>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    never: bool,
    alias: Option<String>,
}

/// How much a candidate says; a lower one wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Worth {
    Device,
    /// A relay, or MUTT itself.
    Own,
    /// `localhost` and its like.
    Nobody,
}

/// The best candidate so far.
struct Best<'a> {
    worth: Worth,
    name: Cow<'a, str>,
    alias: Option<&'a str>,
}

impl<'a> Best<'a> {
    fn into_name(self) -> Cow<'a, str> {
        match self.alias {
            Some(alias) => Cow::Borrowed(alias),
            None => self.name,
        }
    }
}

impl Hosts {
    /// From its configuration.
    pub fn new(config: HostsConfig) -> Self {
        let mut known: HashMap<String, Known> = HashMap::new();
        for name in &config.never {
            known.entry(one_form(name).into_owned()).or_default().never = true;
        }
        for (name, alias) in &config.aliases {
            let alias = one_form(alias).into_owned();
            if alias.is_empty() {
                continue; // a device without a name is none
            }
            known.entry(one_form(name).into_owned()).or_default().alias = Some(alias);
        }
        Self { trusted_relays: config.trusted_relays, known }
    }

    /// The device's one name, by the order above. Allocates only for a name that is not in the
    /// raw bytes in its one form.
    pub fn find<'a>(&'a self, kind: Kind, raw: &'a [u8], peer: Option<IpAddr>) -> Cow<'a, str> {
        self.find_of(kind, raw, peer, None)
    }

    /// The same of a message with the findings of SNMP version 3: only what was accepted names a
    /// device.
    pub fn find_of<'a>(
        &'a self,
        kind: Kind,
        raw: &'a [u8],
        peer: Option<IpAddr>,
        usm: Option<&Usm<'_>>,
    ) -> Cow<'a, str> {
        let mut best = None;
        let found = match kind {
            Kind::Syslog => self.syslog(raw, &mut best),
            Kind::Trap => self.trap(raw, usm, &mut best),
            Kind::Json => self.json(raw, &mut best),
        };
        found
            .or_else(|| self.peer(peer?, &mut best))
            .or(best)
            .map_or(Cow::Borrowed(UNKNOWN), Best::into_name)
    }

    /// Is this peer a relay whose header names the true host?
    pub fn is_trusted_relay(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted_relays.iter().any(|net| net.contains(&peer))
    }

    /// The header counts before the peer, trusted or not, and a line has no other names.
    fn syslog<'a>(&'a self, raw: &'a [u8], best: &mut Option<Best<'a>>) -> Option<Best<'a>> {
        let (_, header) = syslog::header(raw);
        self.text(header.host, best)
            .or_else(|| self.text(syslog::origin(&header).filter(|name| host_like(name)), best))
    }

    fn trap<'a>(
        &'a self,
        raw: &[u8],
        usm: Option<&Usm<'_>>,
        best: &mut Option<Best<'a>>,
    ) -> Option<Best<'a>> {
        let (proxied, agent) = trap::sources(raw, usm)?;
        let mut address = |ip: std::net::Ipv4Addr| self.offer(Cow::Owned(ip.to_string()), best);
        proxied.and_then(&mut address).or_else(|| agent.and_then(&mut address))
    }

    fn json<'a>(&'a self, raw: &'a [u8], best: &mut Option<Best<'a>>) -> Option<Best<'a>> {
        let object = json::read(raw)?;
        let hostname = object.hostname.filter(|name| host_like(name.as_bytes()));
        if let Some(found) = hostname.and_then(|name| self.offer(name, best)) {
            return Some(found);
        }
        match object.raw? {
            Cow::Borrowed(line) => self.syslog(line.as_bytes(), best),
            Cow::Owned(line) => {
                let (_, header) = syslog::header(line.as_bytes());
                let names = [header.host, syslog::origin(&header)];
                let mut names = names.into_iter().flatten().filter(|name| host_like(name));
                names.find_map(|name| {
                    self.offer(Cow::Owned(String::from_utf8(name.to_vec()).ok()?), best)
                })
            }
        }
    }

    fn peer<'a>(&'a self, peer: IpAddr, best: &mut Option<Best<'a>>) -> Option<Best<'a>> {
        let peer = peer.to_canonical();
        let relay = !peer.is_loopback() && self.is_trusted_relay(peer);
        let name: Cow<'a, str> = Cow::Owned(peer.to_string());
        let worth = if relay { Worth::Own } else { Worth::Device };
        self.weigh(name, worth, best)
    }

    fn text<'a>(&'a self, host: Option<&'a [u8]>, best: &mut Option<Best<'a>>) -> Option<Best<'a>> {
        let host = std::str::from_utf8(host?).ok()?;
        self.offer(Cow::Borrowed(host), best)
    }

    fn offer<'a>(&'a self, name: Cow<'a, str>, best: &mut Option<Best<'a>>) -> Option<Best<'a>> {
        self.weigh(name, Worth::Device, best)
    }

    /// The candidate, if it is a device's; else it is kept if it is the best so far.
    fn weigh<'a>(
        &'a self,
        name: Cow<'a, str>,
        worth: Worth,
        best: &mut Option<Best<'a>>,
    ) -> Option<Best<'a>> {
        let name = match name {
            Cow::Borrowed(name) => one_form(name),
            Cow::Owned(name) => match one_form(&name) {
                Cow::Borrowed(same) if same.len() == name.len() => Cow::Owned(name),
                other => Cow::Owned(other.into_owned()),
            },
        };
        let known = if self.known.is_empty() { None } else { self.known.get(name.as_ref()) };
        let worth = worth.max(self.worth(&name, known));
        let candidate = Best { worth, name, alias: known.and_then(|known| known.alias.as_deref()) };
        if worth == Worth::Device {
            return Some(candidate);
        }
        if best.as_ref().is_none_or(|best| worth < best.worth) {
            *best = Some(candidate);
        }
        None
    }

    fn worth(&self, name: &str, known: Option<&Known>) -> Worth {
        if is_localhost(name) {
            return Worth::Nobody;
        }
        if known.is_some_and(|known| known.never) {
            return Worth::Own;
        }
        // Only what may be an address is tried as one.
        let digit_first = name.as_bytes().first().is_some_and(u8::is_ascii_digit);
        if !digit_first && !name.contains(':') {
            return Worth::Device;
        }
        match name.parse::<IpAddr>() {
            Ok(ip) if ip.is_loopback() || ip.is_unspecified() => Worth::Nobody,
            Ok(ip) if self.is_a_relay(ip) => Worth::Own,
            _ => Worth::Device,
        }
    }

    /// Only single addresses: a whole network of relays may hold devices too.
    fn is_a_relay(&self, ip: IpAddr) -> bool {
        self.trusted_relays
            .iter()
            .any(|net| net.prefix_len() == net.max_prefix_len() && net.addr() == ip)
    }
}

/// `localhost`, `localhost.localdomain`, `localhost4`, `localhost6`, …
fn is_localhost(name: &str) -> bool {
    name.strip_prefix("localhost")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest == "4" || rest == "6")
}

/// ASCII lower case, without dots at the end, at most as long as an envelope holds; an address in
/// its shortest form.
fn one_form(name: &str) -> Cow<'_, str> {
    let name = &name[..name.floor_char_boundary(Envelope::HOST_BYTES_MAX)];
    let name = name.trim_end_matches('.');
    if name.contains(':')
        && let Ok(ip) = name.parse::<IpAddr>()
    {
        let shortest = ip.to_canonical().to_string();
        return if shortest == name { Cow::Borrowed(name) } else { Cow::Owned(shortest) };
    }
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

#[cfg(test)]
mod tests;
