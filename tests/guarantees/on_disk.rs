//! TCP, UDP and traps: a message is safe once it is on disk, which the metric `stored` says; what
//! the kernel dropped is counted and shown.

use std::collections::{BTreeSet, HashSet};
use std::io::Write;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::ops::Range;

use mutt_output::standin::Door;

use crate::common::mutt::Mutt;
use crate::common::wait;
use crate::load;
use crate::senders::inform::{Pdu, datagram};
use crate::world::{World, account};

const KILLS: usize = 5;

#[test]
fn a_message_over_tcp_is_safe_when_it_is_on_disk() {
    let send = |to: SocketAddr, numbers: Range<u64>| {
        let lines: Vec<String> = numbers.map(load::line).collect();
        let mut stream = TcpStream::connect(to).expect("MUTT's TCP port");
        stream.write_all((lines.join("\n") + "\n").as_bytes()).expect("MUTT reads");
    };
    stored_is_safe("syslog_tcp", |mutt| mutt.doors.tcp, 5_000, Door::Relp, send);
}

#[test]
fn a_message_over_udp_is_safe_when_it_is_on_disk() {
    let send = |to: SocketAddr, numbers: Range<u64>| {
        flood(to, numbers.map(|n| load::line(n).into_bytes()));
    };
    stored_is_safe("syslog_udp", |mutt| mutt.doors.udp, 100, Door::Relp, send);
}

#[test]
fn an_snmp_trap_is_safe_when_it_is_on_disk() {
    let send = |to: SocketAddr, numbers: Range<u64>| {
        flood(to, numbers.map(|n| datagram(Pdu::Trap, n)));
    };
    stored_is_safe("snmp", |mutt| mutt.doors.snmp, 100, Door::Trap, send);
}

/// Sends `batch` messages at a time, kills MUTT as soon as some are stored, and asks for as many
/// of each batch at the archive as were stored: they arrive in order, so these are the first.
fn stored_is_safe(
    input: &str,
    door: fn(&Mutt) -> SocketAddr,
    batch: u64,
    archive: Door,
    send: impl Fn(SocketAddr, Range<u64>),
) {
    let mut world = World::start(load::RULES, Door::Relp, "");
    let mut safe = Vec::new();
    // So that what is at the archive in the end has come over the disk.
    world.receivers.stop_netim();
    for kill in 0..KILLS as u64 {
        let first = kill * batch;
        send(door(&world.mutt), first..first + batch);
        let stored = wait::until("messages to be stored", || {
            let stored = world.mutt.metric("mutt_input_stored_total", &[input]);
            if stored > 0.0 { Ok(stored as u64) } else { Err(stored.to_string()) }
        });
        world.mutt.kill();
        safe.extend(first..first + stored);
        world.mutt.start();
    }
    world.receivers.start_netim();
    wait::until(&format!("{} messages that were stored", safe.len()), || {
        let seen = world.receivers.netim.messages(archive);
        let seen: HashSet<u64> = seen.iter().map(|m| load::number(m)).collect();
        let missing: Vec<&u64> = safe.iter().filter(|n| !seen.contains(n)).collect();
        if missing.is_empty() { Ok(()) } else { Err(format!("{} missing", missing.len())) }
    });
    let stored = account(&world.settled(), "judge").stored;
    let seen = world.receivers.netim.messages(archive);
    let seen: BTreeSet<u64> = seen.iter().map(|message| load::number(message)).collect();
    assert_eq!(seen.len() as u64, stored);
    for first in (0..KILLS as u64).map(|kill| kill * batch) {
        // What was lost was in flight: of each batch the end, and nothing in between.
        let arrived: Vec<u64> = seen.range(first..first + batch).copied().collect();
        let end = first + arrived.len() as u64;
        assert_eq!(arrived, (first..end).collect::<Vec<_>>());
    }
}

#[test]
fn what_the_kernel_dropped_over_udp_is_counted_and_shown() {
    let world = World::start("", Door::Relp, "input.syslog_udp.receive_buffer_bytes = 4096");
    drops_are_counted(world, "syslog_udp", |mutt| mutt.doors.udp, |n| load::line(n).into_bytes());
}

#[test]
fn traps_that_the_kernel_dropped_are_counted_and_shown() {
    let world = World::start("", Door::Relp, "input.snmp.receive_buffer_bytes = 4096");
    drops_are_counted(world, "snmp", |mutt| mutt.doors.snmp, |n| datagram(Pdu::Trap, n));
}

/// Floods a stopped MUTT: every datagram sent is received or counted as dropped.
fn drops_are_counted(
    mut world: World,
    input: &str,
    door: fn(&Mutt) -> SocketAddr,
    message: fn(u64) -> Vec<u8>,
) {
    const FLOOD: u64 = 2_000;
    world.mutt.process().signal("STOP");
    let socket = flood(door(&world.mutt), (0..FLOOD).map(message));
    world.mutt.process().signal("CONT");
    let mut sent = FLOOD;
    let (received, dropped) = wait::until("all datagrams to be accounted for", || {
        // The kernel tells what it dropped along with the next datagram.
        socket.send_to(&message(sent), door(&world.mutt)).expect("a datagram sent");
        sent += 1;
        let received = world.mutt.metric("mutt_input_received_total", &[input]);
        let dropped = world.mutt.metric("mutt_input_kernel_dropped_total", &[input]);
        let seen = (received as u64, dropped as u64);
        if seen.0 + seen.1 == sent { Ok(seen) } else { Err(format!("{seen:?} of {sent}")) }
    });
    assert!(dropped > FLOOD / 2, "{dropped} dropped, {received} received");
}

/// Sends datagrams from one socket, which it returns.
fn flood(to: SocketAddr, datagrams: impl Iterator<Item = Vec<u8>>) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a UDP socket");
    for datagram in datagrams {
        socket.send_to(&datagram, to).expect("a datagram sent");
    }
    socket
}
