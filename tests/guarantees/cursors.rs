//! Each reader has its own cursor: who does not take what it is sent slows nobody else.

use mutt_output::standin::{Door, Reply};

use crate::common::wait;
use crate::load;
use crate::world::{LINK, World, link};

#[test]
fn netim_being_down_slows_neither_alerts_nor_what_comes_in() {
    let world = World::start(load::RULES, Door::Relp, "");
    world.receivers.stop_netim();
    let lines: Vec<String> = (0..2_000).map(load::line).collect();
    for lines in lines.chunks(500) {
        world.accepted(lines);
    }
    load::each_alarm_is_told_once(&world.receivers.moogsoft, 2_000, 0);
    let judge = world.account_when("judge", "all judged", |account| account.waiting == 0);
    assert_eq!(judge.stored, 2_000);
    assert_eq!(world.account("archive/syslog").waiting, 2_000);
    assert!(world.mutt.is_ready(), "a destination that is down makes nothing unready");
    world.receivers.start_netim();
    load::none_missing(&world.receivers, Door::Relp, 2_000);
}

#[test]
fn moogsoft_being_down_slows_neither_the_archive_nor_what_comes_in() {
    let world = World::start(LINK, Door::Relp, "");
    world.receivers.moogsoft_answers(Reply::Hang);
    let lines: Vec<String> = (0..500).map(|n| link(&format!("if-{n}"), "down")).collect();
    world.accepted(&lines);
    world.receivers.archived(Door::Relp, 500);
    world.account_when("judge", "all judged", |account| account.waiting == 0);
    assert!(world.mutt.is_ready());
    let waiting = || world.mutt.metric("mutt_deliveries", &["state=\"waiting\""]);
    assert_eq!(waiting() as u64, 500);
    world.receivers.moogsoft_answers(Reply::Well);
    wait::until_true("all alerts told", || world.receivers.moogsoft.open().len() == 500);
}
