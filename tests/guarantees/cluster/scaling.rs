//! What judging costs by the number of processes.

use std::io::Write;
use std::net::TcpStream;

use super::fleet::{Cluster, Times};
use super::places::Journal;
use crate::common::receivers::Receivers;
use crate::common::wait;
use crate::load;
use crate::world::account;

/// Prints the processor time of a million messages at 1, 2 and 4 `mutt alert`, and how evenly
/// partitions spread over them. `make scaling` runs it.
#[test]
#[ignore = "measures, and holds nothing: make scaling"]
fn how_judging_scales() {
    const MESSAGES: u64 = 1_000_000;
    for workers in [1, 2, 4] {
        let roles: Vec<&'static str> = ["ingest"]
            .into_iter()
            .chain(std::iter::repeat_n("alert", workers))
            .chain(["web"])
            .collect();
        let places = (Journal::single(), Receivers::start());
        let mut cluster = Cluster::of_roles(&roles, places, Times::SHORT, (load::RULES, ""));
        for place in cluster.of("alert") {
            cluster.nodes[place].mutt.stop();
        }
        let door = cluster.nodes[cluster.of("ingest")[0]].mutt.doors.tcp;
        let lines: Vec<u8> =
            (0..MESSAGES).flat_map(|n| (load::line(n) + "\n").into_bytes()).collect();
        let mut sender = TcpStream::connect(door).expect("TCP");
        sender.write_all(&lines).expect("all lines sent");
        let web = cluster.of("web")[0];
        wait::until("all messages stored", || {
            let stored = cluster.nodes[web].mutt.ledger()["stored"].as_u64();
            if stored == Some(MESSAGES) { Ok(()) } else { Err(format!("{stored:?}")) }
        });
        for place in cluster.of("alert") {
            cluster.nodes[place].start();
        }
        cluster.spread("alert", "judge/", 16);
        let held: Vec<usize> =
            cluster.of("alert").into_iter().map(|place| cluster.holds(place, "judge/")).collect();
        // However slow the machine is, it goes on.
        wait::until_none_left("all messages judged", || {
            let judge = account(&cluster.nodes[web].mutt.ledger(), "judge");
            let left = usize::try_from(judge.waiting).expect("a number");
            if left == 0 { Ok(()) } else { Err((left, format!("{judge:?}"))) }
        });
        let alerts = cluster.of("alert");
        let seconds: f64 = alerts.into_iter().map(|place| seconds(&mut cluster, place)).sum();
        let million = seconds * 1e6 / MESSAGES as f64;
        println!("{workers} mutt alert: {million:.1} CPU-seconds a million, partitions {held:?}");
    }
}

/// The processor time that a process took, in seconds.
fn seconds(cluster: &mut Cluster, place: usize) -> f64 {
    let pid = cluster.nodes[place].mutt.process().pid();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("its times");
    let of_all = stat.rsplit(')').next().expect("its fields").split_whitespace();
    let ticks: f64 = of_all.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}
