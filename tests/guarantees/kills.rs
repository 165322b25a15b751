//! Twenty times SIGKILL in the middle of the load: what its sender was told to be safe is at the
//! archive, each alert is told, and none twice.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};

use mutt_output::standin::Door;

use crate::common::mutt::{Doors, Mutt};
use crate::common::rsyslog::Rsyslog;
use crate::common::{tools, wait};
use crate::load;
use crate::senders::{Progress, Sender, http, inform, relp};
use crate::world::{World, account};

pub const KILLS: usize = 20;

/// One acknowledging input.
struct Input {
    door: fn(&Doors) -> SocketAddr,
    run: fn(SocketAddr, &Progress),
    /// Threads that send.
    threads: usize,
    /// Messages between two kills, about.
    between: u64,
    /// Where the archive has them.
    archive: Door,
}

#[test]
fn a_message_over_relp_is_safe_when_its_sender_has_the_acknowledgement() {
    let door = |doors: &Doors| doors.relp;
    survives(&Input { door, run: relp::run, threads: 1, between: 1_500, archive: Door::Relp });
}

#[test]
fn a_message_over_http_is_safe_when_its_sender_has_the_acknowledgement() {
    let door = |doors: &Doors| doors.http;
    survives(&Input { door, run: http::run, threads: 4, between: 1_500, archive: Door::Relp });
}

#[test]
fn an_snmp_inform_is_safe_when_its_sender_has_the_acknowledgement() {
    let door = |doors: &Doors| doors.snmp;
    // Few, since traps to NetIM are sent no faster than its kernel can hold them.
    survives(&Input { door, run: inform::run, threads: 1, between: 250, archive: Door::Trap });
}

fn survives(input: &Input) {
    let mut world = World::start(load::RULES, Door::Relp, "");
    let sender = Sender::start((input.door)(&world.mutt.doors), input.threads, input.run);
    for kill in 0..KILLS as u64 {
        // Another place in the work each time: one in four in the middle of the start, one after
        // the archive has come on for good.
        match kill % 4 {
            1 => wait_for_the_archive(&world.mutt),
            3 => wait_for_a_sign_of_life(&mut world.mutt),
            _ => sender.wait_for(input.between / 2 + (kill * 7_919) % input.between),
        }
        world.mutt.kill();
        world.mutt.start_with(&mut Mutt::command());
    }
    let repeated = sender.repeated();
    let acknowledged = sender.finish();
    eprintln!("{acknowledged} messages acknowledged, {repeated} sent again by their sender");
    nothing_is_missing(&world, input.archive, acknowledged);
}

/// Waits for what MUTT says while it starts.
fn wait_for_a_sign_of_life(mutt: &mut Mutt) {
    let before = mutt.process().output().len();
    wait::until_true("a sign of life", || mutt.process().output().len() > before);
}

/// Waits until the archive has written down that it came further.
fn wait_for_the_archive(mutt: &Mutt) {
    let done = || mutt.try_metric("mutt_reader_messages_total", &["archive"]);
    wait::until_true("the archive's cursor to move", || done() > Some(0.0));
}

/// All that was acknowledged is at the archive, each alarm was told under one id, and no message
/// was counted twice by the judge.
pub fn nothing_is_missing(world: &World, archive: Door, acknowledged: u64) {
    let again = load::none_missing(&world.receivers, archive, acknowledged);
    let told_again = load::each_alarm_is_told_once(&world.receivers.moogsoft, acknowledged, KILLS);
    eprintln!("{again} came again at the archive, {told_again} alerts were told again");
    let judge = account(&world.settled(), "judge");
    eprintln!("{} were repeats", judge.of("repeated"));
    let alarms = load::alarms(acknowledged);
    assert_eq!(judge.of("alerting"), alarms, "each alarm counts once: {judge:?}");
    assert_eq!(judge.of("unhandled"), acknowledged - alarms, "and so does all else: {judge:?}");
    assert_eq!(judge.of("lost"), 0, "{judge:?}");
}

#[test]
fn rsyslog_over_relp_loses_nothing_when_mutt_is_killed() {
    const LINES_BETWEEN: u64 = 1_000;
    let mut world = World::start(load::RULES, Door::Relp, "");
    let sender = Rsyslog::sender(
        world.folder(),
        "sender",
        &["omrelp"],
        "type=\"omrelp\"",
        world.mutt.doors.relp,
    );
    let mut inlet = TcpStream::connect(sender.inlet).expect("rsyslog's inlet");
    let mut fed = 0;
    for kill in 0..KILLS as u64 {
        let lines: Vec<String> = (fed..fed + LINES_BETWEEN).map(load::line).collect();
        fed += LINES_BETWEEN;
        inlet.write_all((lines.join("\n") + "\n").as_bytes()).expect("rsyslog reads");
        let stored = (kill * 7_919 % LINES_BETWEEN / 2) as f64;
        wait::until("rsyslog to send again", || {
            let now = world.mutt.try_metric("mutt_input_stored_total", &["relp"]);
            if now > Some(stored) { Ok(()) } else { Err(format!("{now:?}")) }
        });
        world.mutt.kill();
        world.mutt.start_with(&mut Mutt::command());
    }
    world.mutt.wait_ready();
    nothing_is_missing(&world, Door::Relp, fed);
}

#[test]
fn an_inform_that_snmptrap_calls_delivered_is_safe_when_mutt_is_killed() {
    let mut world = World::start(load::RULES, Door::Relp, "");
    let agent = world.mutt.doors.snmp.to_string();
    for kill in 0..KILLS as u64 {
        // It sends again by itself while MUTT is not back yet.
        let output = tools::snmptrap(world.folder())
            .args(["-v2c", "-Ci", "-r", "20", "-t", "0.5", "-c", "public", &agent, ""])
            .args(["1.3.6.1.4.1.32473.1", "1.3.6.1.4.1.32473.1", "s", &load::text(kill)])
            .output()
            .expect("snmptrap");
        assert!(output.status.success(), "{output:?}");
        world.mutt.kill();
        world.mutt.start_with(&mut Mutt::command());
    }
    world.mutt.wait_ready();
    nothing_is_missing(&world, Door::Trap, KILLS as u64);
}
