//! How long it takes to go on after a restart with 100,000 open alerts, from the file to a
//! correlator that works: `cargo bench -p mutt-store --bench restart`.
#![allow(clippy::unwrap_used)] // a benchmark may fail

use std::time::Instant;

use mutt_alert::{Alert, Correlator, Facts, State, StormLimits, own_plan};
use mutt_event::{MessageId, Timestamp};
use mutt_rules::Handling;
use mutt_store::{Change, Database, Options, SqlStore};

const ALERTS: u64 = 100_000;

fn alert(n: u64) -> Alert {
    let at = Timestamp::from_millis(1_795_608_000_000 + n as i64);
    let cause = MessageId { appended: at, partition: 3, position: n };
    let host = format!("edge-{}.example.net", n / 100);
    let facts = Facts {
        key: format!("GigabitEthernet1/0/{}", n % 100),
        handling: Handling::PageAndTicket,
        team: "network".to_owned(),
        summary: format!("{host}: GigabitEthernet1/0/{} is down", n % 100),
        text: "%LINK-3-UPDOWN: Interface GigabitEthernet1/0/1, changed state to down".to_owned(),
        reason: "rule cisco-link-down (revision 0123456789ab): mnemonic equals".to_owned(),
        ..Facts::bare(&host, cause, at)
    };
    let signature = mutt_alert::signature(&host, "cisco-link-down", &facts.key);
    Alert { count: 3, ..Alert::new(&signature, &own_plan("cisco-link-down", None), &facts) }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mutt.db");
    let store = SqlStore::open(&path, Options::default()).await.unwrap();
    for from in (0..ALERTS).step_by(10_000) {
        let alerts = (from..from + 10_000).map(alert).collect();
        store.commit(Change { alerts, ..Change::default() }).await.unwrap();
    }
    store.close().await;
    for _ in 0..3 {
        let began = Instant::now();
        let store = SqlStore::open(&path, Options::default()).await.unwrap();
        let alerts = store.live_alerts(Timestamp::ZERO).await.unwrap();
        let tracks = store.tracks().await.unwrap();
        let mut correlator = Correlator::new(State { alerts, tracks });
        correlator.follow([], &[], StormLimits::default(), &Default::default(), Timestamp::ZERO);
        println!("{} open alerts, ready in {:.2?}", correlator.open(), began.elapsed());
        store.close().await;
    }
}
