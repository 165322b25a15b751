//! Few alerts, all true: what is remembered of events outlives a crash, and who was away is told
//! what is so.

use jiff::{SignedDuration, Timestamp};
use mutt_output::standin::{Door, Reply, Told};
use serde_json::json;

use crate::common::{database, wait};
use crate::world::{LINK, World, link};

fn kinds(told: &[Told]) -> Vec<(&str, &str)> {
    told.iter().map(|one| (one.signature.as_str(), one.kind.as_str())).collect()
}

fn told(world: &World, count: usize) -> Vec<Told> {
    wait::until(&format!("{count} notices"), || {
        let told = world.receivers.moogsoft.told();
        if told.len() >= count { Ok(told) } else { Err(format!("{:?}", kinds(&told))) }
    })
}

#[test]
fn what_is_held_and_lasts_is_told_once_even_over_a_kill() {
    let rules = format!("{LINK}hold_for = \"3s\"\n");
    let mut world = World::start(&rules, Door::Relp, "");
    world.accepted(&[link("short", "down"), link("long", "down")]);
    wait::until_true("both alerts", || database::open_alerts(world.folder()).len() == 2);
    world.accepted(&[link("short", "up")]);
    wait::until_true("its end", || database::open_alerts(world.folder()).len() == 1);
    assert_eq!(kinds(&world.receivers.moogsoft.told()), [] as [(&str, &str); 0]);
    world.mutt.kill();
    world.mutt.start();
    let all = told(&world, 1);
    world.accepted(&[link("long", "up")]);
    let all = [all, told(&world, 2)[1..].to_vec()].concat();
    let signature = "core-1::link::long";
    assert_eq!(kinds(&all), [(signature, "open"), (signature, "clear")]);
}

#[test]
fn what_outlives_its_silence_is_told_at_its_end_even_over_a_kill() {
    let mut world = World::start(LINK, Door::Relp, "");
    let start = Timestamp::now();
    let end = start + SignedDuration::from_secs(5);
    let silence = json!({
        "name": "work", "start": start.to_string(), "end": end.to_string(), "reason": "a new card",
        "matchers": [{ "field": "host", "value": "core-1" }],
    });
    world.mutt.api().put("/silences/work", &silence).expect(200);
    wait::until_true("the silence", || {
        let status = world.mutt.api().get("/status").expect(200).json();
        status["in_force"]["revision"] == status["revision"]
    });
    world.accepted(&[link("short", "down"), link("long", "down"), link("short", "up")]);
    wait::until_true("both alerts", || {
        let alerts = world.mutt.api().get("/alerts?rule=link").expect(200).json();
        alerts["items"].as_array().is_some_and(|items| items.len() == 2)
    });
    assert_eq!(kinds(&world.receivers.moogsoft.told()), [] as [(&str, &str); 0]);
    world.mutt.kill();
    world.mutt.start();
    let all = told(&world, 1);
    assert!(Timestamp::now() >= end, "the silence holds over the kill");
    assert_eq!(kinds(&all), [("core-1::link::long", "open")]);
}

#[test]
fn a_count_goes_on_over_a_kill() {
    let rules = format!("{LINK}count = {{ at_least = 3, within = \"1h\" }}\n");
    let mut world = World::start(&rules, Door::Relp, "");
    world.accepted(&[link("eth0", "down"), link("eth0", "down")]);
    world.account_when("judge", "all judged", |account| account.waiting == 0);
    world.mutt.kill();
    world.mutt.start();
    assert_eq!(database::open_alerts(world.folder()).len(), 0, "two are not enough");
    world.accepted(&[link("eth0", "down")]);
    assert_eq!(kinds(&told(&world, 1)), [("core-1::link::eth0", "open")]);
    assert_eq!(database::open_alerts(world.folder())[0].count, 3);
}

#[test]
fn after_a_destinations_absence_only_the_latest_of_each_alert_is_sent() {
    let world = World::start_with(LINK, |receivers| {
        format!("{}late_after_ms = 1000\n", receivers.config(Door::Relp))
    });
    world.accepted(&[link("known", "down")]);
    told(&world, 1);
    // It takes nothing, and nothing is tried but the first.
    world.receivers.moogsoft_answers(Reply::Status(503));
    world.accepted(&[link("first", "down")]);
    let queued = |count: usize| {
        wait::until_true("what waits", || {
            let waiting = world.mutt.metric("mutt_deliveries", &["state=\"waiting\""]);
            waiting as usize >= count
        });
    };
    queued(1);
    world.accepted(&[link("lasts", "down"), link("over", "down")]);
    world.accepted(&[link("over", "up"), link("known", "up"), link("known", "down")]);
    queued(6);
    let oldest = "mutt_delivery_oldest_age_seconds";
    wait::until_true("an absence", || world.mutt.metric(oldest, &[]) > 1.5);
    world.receivers.moogsoft_answers(Reply::Well);
    wait::until_true("nothing waits", || {
        world.mutt.metric("mutt_deliveries", &["state=\"waiting\""]) as usize == 0
    });
    let all = world.receivers.moogsoft.told();
    let after: Vec<_> = kinds(&all).into_iter().skip(1).collect();
    let count = |name: &str| after.iter().filter(|(of, _)| of.ends_with(name)).count();
    assert_eq!((count("::first"), count("::lasts"), count("::over")), (1, 1, 0), "{after:?}");
    // Of what was known only what is so by now: it is there.
    assert_eq!(after.iter().filter(|(of, _)| of.ends_with("::known")).count(), 1, "{after:?}");
    assert!(after.contains(&("core-1::link::known", "open")), "{after:?}");
    assert!(world.mutt.metric("mutt_output_superseded_total", &[]) >= 3.0);
}
