//! A network's traffic, made from a seed: a dozen sites' noise, and incidents that begin and end.
//!
//! From: a seed and the time. To: the demo, which plays it at MUTT's real sockets.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use mutt_event::Timestamp;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::lines;

/// How a device sends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Door {
    /// Syslog over UDP.
    Udp,
    /// Syslog over TCP.
    Tcp,
    /// Syslog over RELP, as a relay sends.
    Relp,
    /// A JSON object over HTTP.
    Http,
    /// An SNMP v2c trap.
    Snmp,
}

/// One message on its way to MUTT.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// How it is sent.
    pub door: Door,
    /// Without framing.
    pub bytes: Vec<u8>,
}

/// A kind of device: what its lines look like, and how it sends them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vendor {
    /// Cisco IOS routers and switches.
    Ios,
    /// Cisco ASA firewalls.
    Asa,
    /// Junos routers.
    Junos,
    /// Arista EOS switches.
    Eos,
    /// F5 BIG-IP load balancers.
    F5,
    /// Palo Alto firewalls.
    PanOs,
    /// A Linux application that posts JSON.
    App,
}

impl Vendor {
    const ALL: [(Vendor, &'static str, u32); 7] = [
        (Vendor::Ios, "rtr", 30),
        (Vendor::Asa, "asa", 20),
        (Vendor::Junos, "mx", 15),
        (Vendor::Eos, "leaf", 15),
        (Vendor::F5, "lb", 8),
        (Vendor::PanOs, "pan", 10),
        (Vendor::App, "app", 2),
    ];

    fn door(self) -> Door {
        match self {
            Vendor::Ios | Vendor::Asa => Door::Udp,
            Vendor::Junos | Vendor::Eos => Door::Tcp,
            Vendor::F5 | Vendor::PanOs => Door::Relp,
            Vendor::App => Door::Http,
        }
    }
}

/// A device of the network.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Device {
    /// Its host name, `rtr2-ams`; one in eight is of development, `…-lab`.
    pub host: String,
    /// What it is.
    pub vendor: Vendor,
    /// Its own address, as its traps name it.
    pub address: [u8; 4],
}

/// Something that breaks, and what heals it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Due {
    at: Timestamp,
    device: usize,
    incident: lines::Incident,
    over: bool,
    detail: u16,
}

/// The generator.
pub struct Traffic {
    rng: SmallRng,
    devices: Vec<Device>,
    due: BinaryHeap<Reverse<Due>>,
    next_incident: Option<Timestamp>,
    sequence: u64,
}

const SITES: [&str; 8] = ["ams", "fra", "lon", "par", "mad", "nyc", "sin", "lab"];

impl Traffic {
    /// The same seed makes the same traffic for the same times.
    pub fn new(seed: u64) -> Self {
        let mut devices = Vec::new();
        for (site_number, site) in SITES.iter().enumerate() {
            for (vendor_number, (vendor, stem, _)) in Vendor::ALL.iter().enumerate() {
                for number in 1..=2u8 {
                    devices.push(Device {
                        host: format!("{stem}{number}-{site}"),
                        vendor: *vendor,
                        address: [
                            192,
                            0,
                            2,
                            site_number as u8 * 32 + vendor_number as u8 * 4 + number,
                        ],
                    });
                }
            }
        }
        let rng = SmallRng::seed_from_u64(seed);
        Self { rng, devices, due: BinaryHeap::new(), next_incident: None, sequence: 0 }
    }

    /// The devices of the network.
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// What is sent between the last call and `now`: `noise` lines, and what incidents say.
    pub fn until(&mut self, now: Timestamp, noise: usize) -> Vec<Sent> {
        let mut sent: Vec<Sent> = (0..noise).map(|_| self.noise(now)).collect();
        self.begin_incidents(now);
        while self.due.peek().is_some_and(|Reverse(due)| due.at <= now) {
            if let Some(Reverse(due)) = self.due.pop() {
                sent.extend(self.tell(&due, now));
            }
        }
        sent
    }

    fn noise(&mut self, now: Timestamp) -> Sent {
        self.sequence += 1;
        let mut ticket = self.rng.random_range(0..100u32);
        let vendor = Vendor::ALL.iter().find(|(_, _, weight)| {
            let found = ticket < *weight;
            ticket = ticket.saturating_sub(*weight);
            found
        });
        let vendor = vendor.map_or(Vendor::Ios, |(vendor, _, _)| *vendor);
        let of_vendor: Vec<&Device> = self.devices.iter().filter(|d| d.vendor == vendor).collect();
        let device = of_vendor.choose(&mut self.rng).copied().unwrap_or(&self.devices[0]);
        let bytes = lines::noise(device, now, self.sequence, &mut self.rng);
        Sent { door: vendor.door(), bytes }
    }

    /// Every one to three seconds something breaks; most of it heals half a minute later.
    fn begin_incidents(&mut self, now: Timestamp) {
        let next = *self.next_incident.get_or_insert(now);
        if next > now {
            return;
        }
        let seconds = |n: u64| std::time::Duration::from_secs(n);
        self.next_incident = Some(now.after(seconds(self.rng.random_range(1..=3))));
        let device = self.rng.random_range(0..self.devices.len());
        let kinds = lines::Incident::of(self.devices[device].vendor);
        let Some(incident) = kinds.choose(&mut self.rng).copied() else { return };
        let detail = self.rng.random_range(1..=48);
        let mut push =
            |at, over| self.due.push(Reverse(Due { at, device, incident, over, detail }));
        push(now, false);
        for repeat in 1..self.rng.random_range(1..6u64) {
            push(now.after(seconds(repeat * 2)), false);
        }
        if self.rng.random_ratio(4, 5) {
            push(now.after(seconds(self.rng.random_range(12..30))), true);
        }
    }

    fn tell(&mut self, due: &Due, now: Timestamp) -> Vec<Sent> {
        self.sequence += 1;
        let device = &self.devices[due.device];
        let line = lines::incident(device, due.incident, due.over, due.detail, now, self.sequence);
        let mut sent = vec![Sent { door: device.vendor.door(), bytes: line }];
        if due.incident == lines::Incident::Link {
            let ticks = self.sequence as u32 * 100;
            let bytes = super::trap::link(device.address, due.over, u32::from(due.detail), ticks);
            sent.push(Sent { door: Door::Snmp, bytes });
        }
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(seed: u64) -> Vec<Sent> {
        let mut traffic = Traffic::new(seed);
        let start = 1_795_000_000_000;
        (0..60).flat_map(|s| traffic.until(Timestamp::from_millis(start + s * 1_000), 50)).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_traffic() {
        assert_eq!(minute(7), minute(7));
        assert_ne!(minute(7), minute(8));
    }

    #[test]
    fn a_minute_uses_every_door() {
        let doors: std::collections::BTreeSet<Door> = minute(1).iter().map(|s| s.door).collect();
        assert_eq!(doors.len(), 5, "{doors:?}");
    }
}
