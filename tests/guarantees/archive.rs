//! The archive's cursor moves only past bytes that the receiver has taken.

use std::collections::HashSet;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use mutt_output::standin::Door;

use crate::common::{config, frames, send, wait};
use crate::senders::inform::{Pdu, datagram};
use crate::world::{World, account};

const SYSLOG: &str = "archive/syslog";
const TRAP: &str = "archive/trap";

/// Messages of 1 kB, so that few fill the kernel's buffers.
pub fn large(numbers: std::ops::Range<usize>) -> Vec<Vec<u8>> {
    let pad = [b'.'; 1_000];
    send::numbered(numbers).into_iter().map(|message| [&message[..], &pad].concat()).collect()
}

#[test]
fn over_relp_the_cursor_moves_past_what_was_answered_and_no_further() {
    let world = World::start("", Door::Relp, "");
    world.receivers.netim.reading(false);
    let messages = send::numbered(0..1_000);
    send::lines(world.mutt.doors.tcp, &messages);
    let waiting = world.account_when(SYSLOG, "all to wait", |account| account.waiting == 1_000);
    assert_eq!(waiting.of("archived"), 0, "nothing was answered");
    // Refused first: not archived either, but sent again.
    world.receivers.netim.reject(5);
    world.receivers.netim.reading(true);
    wait::until("all to be archived", || {
        // In this order, so that NetIM's count can only be the higher one.
        let archived = world.account(SYSLOG).of("archived");
        let answered = world.receivers.netim.count(Door::Relp);
        assert!(archived <= answered, "{archived} archived, {answered} answered");
        if archived == 1_000 { Ok(()) } else { Err(archived.to_string()) }
    });
    let seen: HashSet<_> = world.receivers.archived(Door::Relp, 1_000).into_iter().collect();
    assert!(messages.iter().all(|message| seen.contains(message)));
}

#[test]
fn over_tcp_the_cursor_moves_past_what_the_receivers_kernel_took_and_no_further() {
    const MESSAGES: usize = 20_000;
    let netim = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = netim.local_addr().expect("its address");
    let world = World::start_with("", |_| config::archive("tcp", address, ""));
    let messages = large(0..MESSAGES);
    send::counted(world.mutt.doors.tcp, &messages);
    // It accepts, and reads nothing: all that it has is in its kernel.
    let (first, _) = netim.accept().expect("MUTT connects");
    let mut held = Vec::new();
    wait::until("the receiver's kernel to be full", || {
        let account = world.account(SYSLOG);
        let (archived, taken) = (account.of("archived"), taken(&first, &mut held));
        assert!(archived <= taken, "{archived} archived, but the receiver's kernel took {taken}");
        let full = account.stored == MESSAGES as u64 && archived > 0 && archived == taken;
        if full { Ok(()) } else { Err(format!("{account:?}, {taken} taken")) }
    });
    assert!(world.account(SYSLOG).waiting > 0, "what the kernel did not take waits");

    // Killed: what it had not read is gone, and sent again over the next connection.
    drop(first);
    let (mut second, _) = netim.accept().expect("MUTT connects again");
    let bytes: usize = messages.iter().map(|message| message.len() + 5).sum();
    let mut stream = vec![0; bytes];
    second.read_exact(&mut stream).expect("all of it");
    assert!(frames::octet_counted(&stream) == messages, "all messages, in order, nothing missing");
    let all = |account: &crate::world::Account| account.of("archived") == MESSAGES as u64;
    world.account_when(SYSLOG, "all to be archived", all);
}

/// How many whole messages the receiver's kernel holds.
fn taken(stream: &TcpStream, held: &mut Vec<u8>) -> u64 {
    held.resize(32 << 20, 0);
    stream.set_read_timeout(Some(Duration::from_millis(1))).expect("a timeout");
    let n = stream.peek(held).unwrap_or(0);
    let (mut count, mut rest) = (0, &held[..n]);
    while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
        let len: usize = std::str::from_utf8(&rest[..space]).expect("ASCII").parse().expect("n");
        let Some(after) = rest.get(space + 1 + len..) else { break };
        (count, rest) = (count + 1, after);
    }
    count
}

#[test]
fn after_a_broken_connection_tcp_sends_an_overlap_again_and_nothing_is_missing() {
    nothing_is_missing_after_kills(&World::start("", Door::Tcp, ""));
}

/// NetIM is killed again and again with messages that only its kernel has: none is missing in the end.
/// Answers how many came more than once.
pub fn nothing_is_missing_after_kills(world: &World) -> usize {
    const ROUNDS: usize = 4;
    const BATCH: usize = 1_500;
    let netim = &world.receivers.netim;
    let messages = large(0..ROUNDS * BATCH);
    let all: HashSet<&Vec<u8>> = messages.iter().collect();
    for (round, batch) in messages.chunks(BATCH).enumerate() {
        netim.reading(false);
        let read = netim.messages(Door::Tcp);
        let unread = all.len() - all.intersection(&read.iter().collect()).count();
        send::counted(world.mutt.doors.tcp, batch);
        // The cursor passes what only NetIM's kernel has; then NetIM is killed.
        world.account_when("archive/syslog", "the kernel's part archived", |account| {
            account.stored as usize == (round + 1) * BATCH
                && account.of("archived") as usize > all.len() - unread
        });
        let connections = netim.connections();
        netim.hang_up();
        netim.reading(true);
        wait::until_true("MUTT to connect again", || netim.connections() > connections);
    }
    let seen = wait::until("all messages at NetIM", || {
        let messages = netim.messages(Door::Tcp);
        let missing = all.difference(&messages.iter().collect()).count();
        if missing == 0 { Ok(messages.len()) } else { Err(format!("{missing} missing")) }
    });
    eprintln!("{seen} messages at NetIM, {} sent: the rest came again", messages.len());
    let syslog = account(&world.settled(), SYSLOG);
    assert_eq!(syslog.of("archived"), messages.len() as u64, "each counted once");
    seen - messages.len()
}

#[test]
fn udp_is_sent_unconfirmed_and_never_called_archived() {
    let world = World::start("", Door::Udp, "");
    send::lines(world.mutt.doors.tcp, &send::numbered(0..200));
    world.receivers.archived(Door::Udp, 200);
    let syslog = account(&world.settled(), SYSLOG);
    assert_eq!((syslog.of("unconfirmed"), syslog.of("archived")), (200, 0));
}

#[test]
fn traps_are_sent_unconfirmed_and_never_called_archived() {
    let world = World::start("", Door::Relp, "");
    let traps: Vec<Vec<u8>> = (0..100).map(|n| datagram(Pdu::Trap, n)).collect();
    send::datagrams(world.mutt.doors.snmp, &traps);
    let archived = world.receivers.archived(Door::Trap, 100);
    assert_eq!(archived, traps, "as they came, in order");
    let ledger = world.settled();
    let trap = account(&ledger, TRAP);
    assert_eq!((trap.of("unconfirmed"), trap.of("archived")), (100, 0));
    let all = &ledger["archive"]["done"];
    assert_eq!((all["unconfirmed"].as_u64(), all["archived"].as_u64()), (Some(100), None));
}
