//! Many processes over Redis and PostgreSQL: whoever dies, hangs or is away, what was acknowledged is
//! at the archive, each alert is told once, and alerts are those that one process makes.

mod alone;
mod fleet;
mod looking_on;
mod places;
mod scaling;

use std::net::TcpStream;
use std::thread;

use fleet::{Cluster, Times};
use mutt_output::standin::Door;
use places::{Journal, Outage};

use crate::common::mutt::{Mutt, get};
use crate::common::receivers::Receivers;
use crate::common::{folder, wait};
use crate::snmp_v3;

/// Two senders' windows: what may still be answered when Redis goes away.
const ON_THE_WAY: u64 = 2 * 128;

/// The roles in the order in which their processes are killed and stopped.
const VICTIMS: [&str; 7] = ["ingest", "alert", "alert", "alert", "forward", "forward", "web"];

#[test]
fn whichever_process_of_several_is_killed_nothing_acknowledged_is_missing() {
    let mut cluster = Cluster::start(Journal::single(), Times::SHORT);
    cluster.spread("alert", "judge/", 16);
    cluster.spread("forward", "archive/", 32);
    let load = cluster.under_load();
    for (n, role) in VICTIMS.iter().enumerate() {
        load.wait_for(300);
        let places = cluster.of(role);
        let place = places[n % places.len()];
        cluster.nodes[place].mutt.kill();
        load.wait_for(300);
        cluster.nodes[place].start();
    }
    cluster.spread("alert", "judge/", 16);
    cluster.nothing_is_missing(load, VICTIMS.len());
}

#[test]
fn a_process_that_hangs_past_its_lease_and_goes_on_sends_nothing_twice() {
    hangs(Times::SHORT);
}

fn hangs(times: Times) {
    let mut cluster = Cluster::start(Journal::single(), times);
    let load = cluster.under_load();
    for (n, role) in VICTIMS.iter().enumerate() {
        load.wait_for(100);
        let places = cluster.of(role);
        let place = places[n % places.len()];
        cluster.nodes[place].mutt.process().signal("STOP");
        // The time is what is tested here.
        thread::sleep(times.stop);
        cluster.others_work(place);
        cluster.nodes[place].mutt.process().signal("CONT");
    }
    cluster.nothing_is_missing(load, VICTIMS.len());
}

#[test]
fn redis_may_be_restarted_killed_and_out_of_reach_and_comes_back() {
    redis_goes_away(Times::SHORT);
}

fn redis_goes_away(times: Times) {
    let mut cluster = Cluster::start(Journal::single(), times);
    let load = cluster.under_load();
    for how in Outage::ALL {
        load.wait_for(300);
        cluster.journal.one().goes_away(how);
        let acknowledged = load.acknowledged();
        if !matches!(how, Outage::Restarted) {
            thread::sleep(times.outage);
            let more = load.acknowledged() - acknowledged;
            assert!(more <= ON_THE_WAY, "{more} were acknowledged without a journal");
        }
        cluster.journal.one().comes_back(how);
        load.wait_for(300);
    }
    cluster.nothing_is_missing(load, 2 * Outage::ALL.len());
}

#[test]
fn postgresql_may_be_restarted_killed_and_out_of_reach_and_comes_back() {
    postgresql_goes_away(Times::SHORT);
}

fn postgresql_goes_away(times: Times) {
    let mut cluster = Cluster::start(Journal::single(), times);
    // What is on its way from one process to another while the database is away waits for it.
    cluster.spread("forward", "archive/", 32);
    let load = cluster.under_load();
    for how in Outage::ALL {
        load.wait_for(300);
        cluster.database.goes_away(how);
        // Messages are taken all the same.
        load.wait_for(300);
        if !matches!(how, Outage::Restarted) {
            let (archived, before) =
                (cluster.receivers.netim.count(Door::Relp), load.acknowledged());
            thread::sleep(times.outage);
            let acknowledged = load.acknowledged() - before;
            load.wait_for(300);
            // The archive goes on.
            let more = cluster.receivers.netim.count(Door::Relp) - archived;
            assert!(more > acknowledged / 4, "{more} archived of {acknowledged}");
        }
        cluster.database.comes_back(how);
    }
    cluster.nothing_is_missing(load, 2 * Outage::ALL.len());
}

#[test]
fn every_role_can_be_restarted_under_load() {
    let mut cluster = Cluster::start(Journal::valkey(), Times::SHORT);
    let load = cluster.under_load();
    for node in &mut cluster.nodes {
        load.wait_for(100);
        assert!(node.mutt.stop().success());
        node.start();
    }
    cluster.nothing_is_missing(load, 0);
}

#[test]
fn after_a_failover_by_sentinel_all_roles_go_on() {
    fails_over(Journal::Sentinel(crate::common::redis_fleet::Sentinel::start()));
}

#[test]
fn after_a_failover_in_a_redis_cluster_all_roles_go_on() {
    fails_over(Journal::Cluster(crate::common::redis_fleet::Cluster::start(2)));
}

#[test]
fn a_process_waits_for_redis_and_says_so() {
    let mut journal = Journal::single();
    journal.one().goes_away(Outage::Killed);
    let folder = folder();
    let mut mutt = Mutt::configured(folder.path(), "", &journal.config());
    mutt.start_role("ingest", &mut Mutt::command());
    wait::until("a process that waits", || match get(mutt.doors.admin, "/readyz") {
        Ok((503, body)) if body.contains("[-]journal failed: redis_journal: ") => Ok(()),
        other => Err(format!("{other:?}")),
    });
    // It is alive, and nobody can take its listening for more.
    assert_eq!(mutt.get("/livez").0, 200);
    assert!(TcpStream::connect(mutt.doors.tcp).is_err());
    assert!(mutt.process().output().contains("waiting for the journal"));
    journal.one().comes_back(Outage::Killed);
    mutt.wait_ready();
    assert!(TcpStream::connect(mutt.doors.tcp).is_ok());
    assert!(mutt.stop().success());
}

fn fails_over(journal: Journal) {
    let mut cluster = Cluster::start(journal, Times::SHORT);
    let load = cluster.under_load();
    load.wait_for(500);
    let killed = cluster.journal.kill_a_master();
    load.wait_for(500);
    cluster.journal.start_again(killed);
    load.wait_for(500);
    cluster.nothing_is_missing(load, 0);
}

#[test]
#[ignore = "takes an hour: make outages"]
fn a_process_may_hang_for_three_leases_of_production() {
    hangs(Times::LONG);
}

#[test]
#[ignore = "takes an hour: make outages"]
fn redis_may_be_away_for_ten_minutes() {
    redis_goes_away(Times::LONG);
}

#[test]
#[ignore = "takes an hour: make outages"]
fn postgresql_may_be_away_for_ten_minutes() {
    postgresql_goes_away(Times::LONG);
}

#[test]
fn all_processes_that_take_messages_are_one_snmp_engine() {
    let users = snmp_v3::user("u1", "SHA-256", "AES-128");
    let places = (Journal::single(), Receivers::start());
    let cluster = Cluster::of_roles(&["ingest", "ingest"], places, Times::SHORT, ("", &users));
    let engines: Vec<_> =
        cluster.nodes.iter().map(|node| snmp_v3::discover(node.mutt.doors.snmp)).collect();
    assert_eq!((&engines[0].0, engines[0].1), (&engines[1].0, engines[1].1));
    assert!(engines[0].2.abs_diff(engines[1].2) <= 2, "{engines:?}");
}
