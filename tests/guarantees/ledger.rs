//! The ledger is exact: stored = archived + sent unconfirmed + waiting + lost, over kills and
//! restarts; and for each input, received = stored + refused.

use std::net::UdpSocket;

use mutt_output::standin::Door;
use serde_json::Value;

use crate::common::mutt::post;
use crate::common::{send, wait};
use crate::load;
use crate::senders::inform::{Pdu, datagram};
use crate::senders::relp::Session;
use crate::world::{World, account};

/// The sum of a line's parts.
fn parts(line: &Value) -> u64 {
    let done = line["done"].as_object().expect("done");
    let done: u64 = done.values().filter_map(Value::as_u64).sum();
    done + line["waiting"].as_u64().expect("waiting")
}

#[test]
fn the_ledger_balances_exactly_after_kills_and_over_restarts() {
    let mut world = World::start(load::RULES, Door::Relp, "");
    let mut sent = 0;
    for round in 0..6u64 {
        if round % 3 == 1 {
            world.receivers.stop_netim();
        } else {
            world.receivers.start_netim();
        }
        let lines: Vec<String> = (sent..sent + 700).map(load::line).collect();
        world.accepted(&lines);
        let traps: Vec<Vec<u8>> = (0..50).map(|n| datagram(Pdu::Trap, sent + n)).collect();
        send::datagrams(world.mutt.doors.snmp, &traps);
        sent += 750;
        wait::until_true("all to be stored", || world.account("judge").stored == sent);
        match round % 2 {
            0 => world.mutt.kill(),
            _ => assert_eq!(world.mutt.stop().code(), Some(0)),
        }
        world.mutt.start();
        let ledger = world.mutt.ledger();
        assert_eq!(ledger["balanced"], true, "{ledger:#}");
        assert_eq!(ledger["stored"], sent, "nothing lost, nothing added: {ledger:#}");
        for reader in ledger["readers"].as_array().expect("readers") {
            assert_eq!(parts(&reader["all"]), sent, "{reader:#}");
            for partition in reader["partitions"].as_array().expect("partitions") {
                assert_eq!(partition["stored"], parts(partition), "{reader:#}");
            }
        }
    }
    world.receivers.start_netim();
    let ledger = world.settled();
    let syslog = account(&ledger, "archive/syslog");
    assert_eq!((syslog.of("archived"), syslog.of("elsewhere")), (6 * 700, 6 * 50));
    let trap = account(&ledger, "archive/trap");
    assert_eq!((trap.of("unconfirmed"), trap.of("elsewhere")), (6 * 50, 6 * 700));
    assert_eq!(parts(&ledger["archive"]), sent);
    assert_eq!(ledger["archive"]["waiting"], 0);
}

#[test]
fn for_each_input_received_equals_stored_plus_refused() {
    let top = "input.snmp.communities = [\"public\"]\ninput.http.batch_messages_max = 100";
    let world = World::start("", Door::Relp, top);
    let doors = world.mutt.doors;
    let messages = send::numbered(0..100);
    send::lines(doors.tcp, &messages);
    send::datagrams(doors.udp, &messages);
    let lines: Vec<String> = (0..100).map(load::line).collect();
    let mut relp = Session::open(doors.relp).expect("a session");
    relp.send(&lines).expect("sent");
    relp.all_answered().expect("answers");
    // Refused: too many, no JSON, no such type; no trap, another community, no datagram at all.
    world.accepted(&lines);
    assert_eq!(world.post("", &(0..101).map(load::line).collect::<Vec<_>>()), 413);
    for (content, body, expected) in [("application/json", "{", 400), ("image/png", "x", 415)] {
        let headers = format!("Content-Type: {content}\r\n");
        let answer = post(doors.http, "/api/v2/ingest", &headers, body.as_bytes());
        assert_eq!(answer.expect("an answer").0, expected);
    }
    let mut stranger = datagram(Pdu::Trap, 1);
    let community = stranger.windows(6).position(|w| w == b"public").expect("a community");
    stranger[community..community + 6].copy_from_slice(b"secret");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a UDP socket");
    for datagram in [datagram(Pdu::Trap, 1), stranger, b"no BER".to_vec()] {
        socket.send_to(&datagram, doors.snmp).expect("sent");
    }
    for (input, stored, refused) in [
        ("syslog_tcp", 100, 0),
        ("syslog_udp", 100, 0),
        ("relp", 100, 0),
        ("http", 100, 3),
        ("snmp", 1, 2),
    ] {
        wait::until(&format!("{input} to add up"), || {
            let metric = |name: &str| {
                world.mutt.metric(&format!("mutt_input_{name}_total"), &[&format!("\"{input}\"")])
            };
            let seen = [metric("received"), metric("stored"), metric("refused")];
            let expected = [stored + refused, stored, refused].map(f64::from);
            if seen == expected { Ok(()) } else { Err(format!("{seen:?}, not {expected:?}")) }
        });
    }
    assert_eq!(account(&world.settled(), "judge").stored, 401);
}
