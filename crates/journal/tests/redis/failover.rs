//! A Sentinel failover, and a cluster of three masters.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use mutt_journal::{RedisOptions, Topology};

use crate::common::*;

#[test]
fn after_a_failover_nothing_acknowledged_is_missing() {
    let mut sentinel = Sentinel::start();
    let master_name = Sentinel::MASTER.into();
    let topology = Topology::Sentinel { urls: vec![sentinel.url.clone().into()], master_name };
    let journal = open(RedisOptions {
        replicas: 1,
        connect_timeout_ms: 500,
        response_timeout_ms: 1_000,
        ..options(topology)
    });
    let (stop, acknowledged) = (AtomicBool::new(false), AtomicU64::new(0));
    let wait_more = || {
        let before = acknowledged.load(Ordering::SeqCst);
        wait::until_true("more", || acknowledged.load(Ordering::SeqCst) > before + 20);
    };
    let sent = thread::scope(|scope| {
        let sender = scope.spawn(|| {
            let mut next = 0;
            while !stop.load(Ordering::SeqCst) {
                journal.append(&numbered("a", next..next + 3));
                next += 3;
                acknowledged.store(next, Ordering::SeqCst);
            }
            next
        });
        wait_more();
        sentinel.servers[0].redis.kill();
        wait_more();
        stop.store(true, Ordering::SeqCst);
        sender.join().unwrap()
    });
    for partition in 0..PARTITIONS {
        let lane = journal.lane(partition);
        wait::until_true("all to be seen", || lane.figures().stored >= sent / 3);
        let read = read_all(&journal, partition, 1);
        assert!(read.lost.is_empty(), "{:?}", read.lost);
        assert_eq!(read.free.len(), 1, "the failover left positions free");
        let wanted: Vec<Vec<u8>> = numbered("a", 0..sent)
            .into_iter()
            .filter(|(p, _)| *p == partition)
            .map(|(_, payload)| payload)
            .collect();
        assert_eq!(read.payloads(), wanted);
    }
}

#[test]
fn a_cluster_spreads_the_lanes_over_its_masters() {
    let cluster = Cluster::start(0);
    let nodes = &cluster.servers;
    let urls = cluster.urls().into_iter().map(Into::into).collect();
    let relaxed = mutt_journal::Durability::Relaxed;
    let journal = open(RedisOptions { durability: relaxed, ..options(Topology::Cluster { urls }) });
    let records = numbered("a", 0..300);
    journal.append(&records);
    for partition in 0..PARTITIONS {
        journal.wait_end(partition, 101);
        let read = read_all(&journal, partition, 1);
        assert_eq!(read.records.len(), 100);
        let owners = nodes.iter().filter(|node| {
            let key = key(partition);
            let mut connection = node.redis.connection();
            ::redis::cmd("XLEN").arg(key).query::<u64>(&mut connection).is_ok_and(|len| len > 0)
        });
        assert_eq!(owners.count(), 1);
    }
    move_a_slot(nodes, &journal);
}

/// The lane goes on at the slot's new master.
fn move_a_slot(nodes: &[Server], journal: &Journal) {
    let slot: u64 = nodes[0].redis.ask(&["CLUSTER", "KEYSLOT", &key(0)]);
    let slot = slot.to_string();
    let holds = |node: &&Server| node.redis.ask::<u64>(&["CLUSTER", "COUNTKEYSINSLOT", &slot]) > 0;
    let from = nodes.iter().find(holds).unwrap();
    let to = nodes.iter().find(|node| !holds(node)).unwrap();
    let id = |node: &Server| node.redis.ask::<String>(&["CLUSTER", "MYID"]);
    let (from_id, to_id) = (id(from), id(to));
    let _: String = to.redis.ask(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &from_id]);
    let _: String = from.redis.ask(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &to_id]);
    let address = to.redis.address;
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let keys: Vec<String> = from.redis.ask(&["CLUSTER", "GETKEYSINSLOT", &slot, "100"]);
    for key in keys {
        let _: String = from.redis.ask(&["MIGRATE", &ip, &port, &key, "0", "5000"]);
    }
    for node in [to, from].into_iter().chain(nodes) {
        let _: String = node.redis.ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &to_id]);
    }
    journal.append(&[(0, b"after the move".to_vec())]);
    wait::until_true("the record after the move", || {
        read_all(journal, 0, 100).records.last().is_some_and(|(_, p)| p == b"after the move")
    });
}
