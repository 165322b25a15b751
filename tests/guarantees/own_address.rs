//! The archive's receiver sees each device's own address, or reads it in the trap.

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::Duration;

use mutt_event::trap;

use crate::common::mutt::Mutt;
use crate::common::wait;
use crate::load;
use crate::senders::inform::{Pdu, datagram};
use crate::world::World;

/// A receiver of datagrams that knows who sent them.
struct Receiver(UdpSocket);

impl Receiver {
    fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a UDP socket");
        socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        Self(socket)
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().expect("its address")
    }

    /// So many datagrams, in order of who sent them.
    fn take(&self, count: usize) -> Vec<(SocketAddr, Vec<u8>)> {
        let mut buffer = vec![0; 65_536];
        let mut one = || {
            let (len, from) = self.0.recv_from(&mut buffer).expect("a datagram");
            (from, buffer[..len].to_vec())
        };
        let mut all: Vec<_> = (0..count).map(|_| one()).collect();
        all.sort();
        all
    }
}

fn device(ip: [u8; 4]) -> UdpSocket {
    UdpSocket::bind(SocketAddr::from((ip, 0))).expect("an address of this machine")
}

fn world(syslog: &Receiver, traps: &Receiver, trap_source: &str) -> World {
    let (syslog, traps) = (syslog.address(), traps.address());
    World::start_with(load::RULES, |_| {
        format!(
            "[archive]\nmode = \"on\"\n\
             [archive.syslog]\ntransport = \"udp\"\nsource = \"spoof\"\naddress = \"{syslog}\"\n\
             [archive.trap]\nsource = \"{trap_source}\"\naddress = \"{traps}\"\n"
        )
    })
}

#[test]
fn the_archive_can_send_under_each_devices_own_address() {
    let (syslog, traps) = (Receiver::new(), Receiver::new());
    let world = world(&syslog, &traps, "spoof");
    let devices = [device([127, 0, 0, 2]), device([127, 0, 0, 3])];
    let (mut lines, mut datagrams) = (Vec::new(), Vec::new());
    for (n, device) in (0..).zip(&devices) {
        let from = device.local_addr().expect("its address");
        let line = load::line(n).into_bytes();
        device.send_to(&line, world.mutt.doors.udp).expect("sent");
        lines.push((from, line));
        let trap = datagram(Pdu::Trap, n);
        device.send_to(&trap, world.mutt.doors.snmp).expect("sent");
        datagrams.push((from, trap));
    }
    assert_eq!(syslog.take(2), lines);
    assert_eq!(traps.take(2), datagrams);
    for reader in ["archive/syslog", "archive/trap"] {
        let labels = [&format!("destination=\"{reader}\"")[..], "reason=\"spoofed\""];
        assert_eq!(world.mutt.metric("mutt_archive_changed_total", &labels), 2.0, "{reader}");
    }
}

#[test]
fn traps_can_say_whose_they_are_by_rfc_3584() {
    let (syslog, traps) = (Receiver::new(), Receiver::new());
    let world = world(&syslog, &traps, "rfc3584");
    let device = device([127, 0, 0, 2]);
    let trap = datagram(Pdu::Trap, 1);
    device.send_to(&trap, world.mutt.doors.snmp).expect("sent");
    let (from, raw) = traps.take(1).remove(0);
    assert_eq!(from.ip(), SocketAddr::from(([127, 0, 0, 1], 0)).ip(), "MUTT's own");
    let decoded = trap::decode(&raw).expect("a trap");
    assert_eq!(decoded.trap_address, Some([127, 0, 0, 2].into()));
    let community = decoded.varbinds.last().expect("a variable");
    assert_eq!(community.oid.to_string(), "1.3.6.1.6.3.18.1.4.0");
    assert_eq!(community.value.text(), "public");
    let before = trap::decode(&trap).expect("a trap");
    assert_eq!(decoded.varbinds[..before.varbinds.len()], before.varbinds, "the rest is as it was");
}

#[test]
fn an_archive_that_may_not_send_under_other_addresses_does_not_start_and_says_what_to_do() {
    let folder = crate::common::folder();
    let config = "[archive]\nmode = \"on\"\n[archive.syslog]\ntransport = \"udp\"\n\
                  source = \"spoof\"\naddress = \"127.0.0.1:9\"\n";
    let mut mutt = Mutt::configured(folder.path(), load::RULES, config);
    let mut without = Command::new("setpriv");
    without.args(["--bounding-set=-net_raw", "--inh-caps=-net_raw", env!("CARGO_BIN_EXE_mutt")]);
    mutt.start_with(&mut without);
    let process = mutt.process();
    let status = wait::until("MUTT to end", || process.ended().ok_or_else(|| process.output()));
    assert!(!status.success());
    let said = process.output();
    assert!(said.contains("archive.syslog.source") && said.contains("CAP_NET_RAW"), "{said}");
}
