//! SIGTERM: no new messages, what is under way is finished, exit 0.

use mutt_output::standin::Door;

use crate::load;
use crate::senders::{Sender, http};
use crate::world::World;

#[test]
fn sigterm_drains_and_exits_with_0() {
    let mut world = World::start(load::RULES, Door::Relp, "");
    let sender = Sender::start(world.mutt.doors.http, 4, http::run);
    sender.wait_for(2_000);
    let acknowledged_before = sender.acknowledged();
    let status = world.mutt.stop();
    assert_eq!(status.code(), Some(0), "{}", world.mutt.process().output());
    // At its end all that it had acknowledged was at NetIM already.
    let archived = world.receivers.netim.count(Door::Relp);
    assert!(archived >= acknowledged_before, "{archived} of {acknowledged_before}");
    let told = world.receivers.moogsoft.told_count() as u64;
    assert!(told >= load::alarms(acknowledged_before) - 1, "{told} told");

    world.mutt.start();
    let acknowledged = sender.finish();
    let again = load::none_missing(&world.receivers, Door::Relp, acknowledged);
    load::each_alarm_is_told_once(&world.receivers.moogsoft, acknowledged, 0);
    eprintln!("{acknowledged} acknowledged, {again} came again");
}

#[test]
fn sigterm_exits_with_0_while_netim_and_moogsoft_are_down() {
    let mut world = World::start(load::RULES, Door::Relp, "shutdown_ms = 3000");
    world.receivers.stop_netim();
    world.receivers.moogsoft_answers(mutt_output::standin::Reply::Hang);
    world.accepted(&(0..100).map(load::line).collect::<Vec<_>>());
    assert_eq!(world.mutt.stop().code(), Some(0));
    world.receivers.start_netim();
    world.receivers.moogsoft_answers(mutt_output::standin::Reply::Well);
    world.mutt.start();
    load::none_missing(&world.receivers, Door::Relp, 100);
    load::each_alarm_is_told_once(&world.receivers.moogsoft, 100, 0);
}
