//! All parts joined: what comes in is archived, judged, and told; MUTT's own alerts go the same way.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)] // so a test fails

mod support;

use std::fs;
use std::time::Duration;

use mutt_output::standin::{Door, Keep, Moogsoft, NetIm, Reply, Told, until};
use support::Mutt;

const PATIENCE: Duration = Duration::from_secs(30);

const RULES: &str = r#"
[[rules]]
id = "link-down"
priority = 10
team = "network"
handling = { prod = "page_only", dev = "log_only" }
when = { message = { contains = "changed state to down" } }
clear = { message = { contains = "changed state to up" } }
"#;

const DOWN: &str =
    "<187>Nov 23 12:00:00 r1 %LINK-3-UPDOWN: Interface Gi0/1, changed state to down\n";
const UP: &str = "<189>Nov 23 12:00:09 r1 %LINK-3-UPDOWN: Interface Gi0/1, changed state to up\n";

struct World {
    mutt: Mutt,
    moogsoft: Moogsoft,
    netim: NetIm,
    _rules: tempfile::NamedTempFile,
}

/// MUTT between the stand-ins; `top` and `more` go to the beginning and end of its settings.
async fn world(top: &str, more: &str) -> World {
    let moogsoft = Moogsoft::start().await.unwrap();
    let netim = NetIm::start(Keep::All).await.unwrap();
    let rules = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    fs::write(rules.path(), RULES).unwrap();
    let settings = format!(
        "{top}\n[rules]\nseed_files = [{:?}]\n[archive]\nmode = \"on\"\n\
         [archive.syslog]\naddress = \"{}\"\n[archive.trap]\naddress = \"{}\"\n\
         [[destination]]\nname = \"moogsoft\"\nurl = \"{}\"\nretry_first_ms = 10\n\
         retry_max_ms = 50\n{more}\n",
        rules.path(),
        netim.address(Door::Tcp),
        netim.address(Door::Trap),
        moogsoft.webhook_url(),
    );
    let mutt = tokio::task::spawn_blocking(move || Mutt::start(&settings)).await.unwrap();
    World { mutt, moogsoft, netim, _rules: rules }
}

async fn told(world: &World, what: &str, fits: impl Fn(&Told) -> bool) -> Told {
    let found = || world.moogsoft.told().into_iter().find(|told| fits(told));
    assert!(until(PATIENCE, || found().is_some()).await, "{what}: {}", world.mutt.log());
    found().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_archived_and_its_alert_told_and_cleared() {
    let world = world("", "").await;
    world.mutt.send(DOWN);
    let open = told(&world, "the alert", |told| told.severity > 0).await;
    world.mutt.send(UP);
    let clear = told(&world, "the clear", |told| told.severity == 0).await;
    assert_eq!(open.signature, clear.signature);
    assert_eq!(open.source, "r1");
    let archived = || world.netim.messages(Door::Tcp);
    assert!(until(PATIENCE, || archived().len() >= 2).await, "{}", world.mutt.log());
    assert_eq!(archived(), [DOWN.trim_end().as_bytes(), UP.trim_end().as_bytes()]);
    assert_eq!(world.moogsoft.faults(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn observing_archives_and_tells_nobody() {
    let world = world("observe = true", "").await;
    world.mutt.send(DOWN);
    let observed = || world.mutt.metric("mutt_observed_notices_total") == Some(1.0);
    assert!(until(PATIENCE, observed).await, "{}", world.mutt.log());
    assert!(until(PATIENCE, || world.netim.count(Door::Tcp) == 1).await);
    assert_eq!(world.moogsoft.told_count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_while_both_were_down_arrives_after_a_restart() {
    let mut world = world("shutdown_ms = 1000", "").await;
    world.netim.stop().await;
    world.moogsoft.answer(Reply::Status(503));
    world.mutt.send(DOWN);
    let alerting = "mutt_ledger_messages_total{reader=\"judge\",outcome=\"alerting\"}";
    assert!(until(PATIENCE, || world.mutt.metric(alerting) == Some(1.0)).await);
    let mutt = world.mutt;
    world.mutt = tokio::task::spawn_blocking(move || mutt.restart()).await.unwrap();
    assert_eq!(world.moogsoft.told_count(), 0);
    world.netim.start_again().await.unwrap();
    world.moogsoft.answer(Reply::Well);
    told(&world, "the alert", |told| told.severity > 0).await;
    assert!(until(PATIENCE, || world.netim.count(Door::Tcp) >= 1).await, "{}", world.mutt.log());
}
