//! A Redis list as an input: nothing that Redis has acknowledged is lost, and nothing counted twice,
//! whoever is killed; real redis-server, real rsyslog.

use std::io::Write;
use std::net::TcpStream;
use std::sync::PoisonError;

use mutt_output::standin::Door;
use tempfile::TempDir;

use crate::common::mutt::Mutt;
use crate::common::redis::Redis;
use crate::common::rsyslog::Rsyslog;
use crate::common::{config, folder, wait};
use crate::full::Full;
use crate::kills::{KILLS, nothing_is_missing};
use crate::load;
use crate::senders::Sender;
use crate::senders::redis::{self as sender, LIST, PUSHING};
use crate::world::{World, account};

fn start_redis() -> (TempDir, Redis) {
    let folder = folder();
    let redis = Redis::start(folder.path(), &[]);
    (folder, redis)
}

fn start_mutt(redis: &Redis) -> World {
    World::start_with(load::RULES, |receivers| {
        config::redis_list(LIST, redis.address, "a") + &receivers.config(Door::Relp)
    })
}

/// The list of what a worker took.
fn taken_by(worker: &str) -> String {
    format!("mutt:{{{LIST}}}:worker:{worker}")
}

/// Messages of the list that a MUTT has stored since its start.
fn stored(mutt: &Mutt) -> Option<f64> {
    mutt.try_metric("mutt_input_stored_total", &["redis_list"])
}

fn push(redis: &Redis, numbers: std::ops::Range<u64>) {
    sender::push(redis.address, numbers.map(load::line)).expect("LPUSH");
}

/// All is stored, and both lists are empty.
fn wait_taken(redis: &Redis) {
    wait::until("the list to be taken", || {
        let left = (redis.len(LIST), redis.len(&taken_by("a")));
        if left == (0, 0) { Ok(()) } else { Err(format!("{left:?}")) }
    });
}

#[test]
fn a_message_in_a_redis_list_is_safe_when_its_sender_has_the_acknowledgement() {
    let (_folder, mut redis) = start_redis();
    let mut world = start_mutt(&redis);
    let sender = Sender::start(redis.address, 1, sender::run);
    for kill in 0..KILLS as u64 {
        let goal = (kill * 7_919 % 4_000) as f64;
        wait::until("MUTT to take messages", || {
            let now = stored(&world.mutt);
            if now > Some(goal) { Ok(()) } else { Err(format!("{now:?}")) }
        });
        if matches!(kill % 4, 1 | 2) {
            let _at_rest = PUSHING.lock().unwrap_or_else(PoisonError::into_inner);
            redis.kill();
            redis.start_again();
        }
        if kill % 4 != 1 {
            world.mutt.kill();
            world.mutt.start_with(&mut Mutt::command());
        }
    }
    let pushed = sender.finish();
    eprintln!("{pushed} messages pushed");
    world.mutt.wait_ready();
    wait_taken(&redis);
    nothing_is_missing(&world, Door::Relp, pushed, KILLS);
}

#[test]
fn what_is_read_again_from_a_redis_list_makes_a_repeat_in_the_archive_and_no_second_count() {
    let (_folder, redis) = start_redis();
    let mut world = start_mutt(&redis);
    push(&redis, 0..1_500);
    world.receivers.archived(Door::Relp, 1_500);
    wait_taken(&redis);
    for life in 1..=2 {
        world.mutt.kill();
        // Killed between the sync of its last batch and taking it out, it would have left this.
        let end = 1_400 + life * 100;
        redis.push(&taken_by("a"), (end - 1_000..end).map(load::line));
        push(&redis, end..end + 100);
        world.mutt.start();
        world.receivers.archived(Door::Relp, 1_500 + life as usize * 1_100);
        wait_taken(&redis);
    }
    nothing_is_missing(&world, Door::Relp, 1_700, KILLS);
    let judge = account(&world.settled(), "judge");
    assert_eq!(judge.of("repeated"), 2_000, "{judge:?}");
}

#[test]
fn another_worker_takes_over_what_a_dead_one_had_taken() {
    let (_folder, redis) = start_redis();
    let mut world = start_mutt(&redis);
    let sender = Sender::start(redis.address, 1, sender::run);
    wait::until("it to be stopped with messages in hand", || {
        world.mutt.process().signal("STOP");
        if redis.len(&taken_by("a")) > 0 {
            return Ok(());
        }
        world.mutt.process().signal("CONT");
        Err("it had none".to_owned())
    });
    let beside = folder();
    let list = config::redis_list(LIST, redis.address, "b");
    let more = list + &world.receivers.config(Door::Relp);
    let mut other = Mutt::configured(beside.path(), load::RULES, &more);
    other.start();
    wait::until_true("it to take over", || {
        other.metric("mutt_input_recovered_total", &["redis_list"]) > 0.0
    });
    world.mutt.kill();
    let pushed = sender.finish();
    // What the dead one had stored is in its journal.
    world.mutt.start();
    load::none_missing(&world.receivers, Door::Relp, pushed);
    wait_taken(&redis);
    assert_eq!(redis.len(&taken_by("b")), 0);
}

#[test]
fn rsyslog_over_a_redis_list_loses_nothing_when_mutt_is_killed() {
    const LINES_BETWEEN: u64 = 1_000;
    let (_folder, redis) = start_redis();
    let mut world = start_mutt(&redis);
    let body = format!(
        "template(name=\"raw\" type=\"string\" string=\"%rawmsg%\")\n\
         action(type=\"omhiredis\" server=\"127.0.0.1\" serverport=\"{}\" mode=\"queue\" \
         key=\"{LIST}\" template=\"raw\" action.resumeRetryCount=\"-1\" \
         action.resumeInterval=\"1\" queue.type=\"LinkedList\" queue.size=\"500000\" \
         queue.timeoutEnqueue=\"600000\")",
        redis.address.port()
    );
    let sender = Rsyslog::start(world.folder(), "sender", &["omhiredis"], &body);
    let mut inlet = TcpStream::connect(sender.inlet).expect("rsyslog's inlet");
    let mut fed = 0;
    for kill in 0..KILLS as u64 / 2 {
        let lines: Vec<String> = (fed..fed + LINES_BETWEEN).map(load::line).collect();
        fed += LINES_BETWEEN;
        inlet.write_all((lines.join("\n") + "\n").as_bytes()).expect("rsyslog reads");
        let goal = (kill * 7_919 % (LINES_BETWEEN / 2)) as f64;
        wait::until("MUTT to take messages", || {
            let now = stored(&world.mutt);
            if now > Some(goal) { Ok(()) } else { Err(format!("{now:?}")) }
        });
        world.mutt.kill();
        world.mutt.start_with(&mut Mutt::command());
    }
    world.mutt.wait_ready();
    nothing_is_missing(&world, Door::Relp, fed, KILLS);
}

#[test]
fn with_a_full_journal_nothing_more_is_taken_from_a_redis_list() {
    let (_folder, redis) = start_redis();
    let mut full = Full::brimful(&config::redis_list(LIST, redis.address, "a"));
    let (from, to) = (full.accepted, full.accepted + 5_000);
    push(&redis, from..to);
    wait::until_true("a batch on its way", || redis.len(&taken_by("a")) > 0);
    let alive = format!("mutt:{{{LIST}}}:alive:a");
    let beats = || redis.ask::<i64>(&["PTTL", &alive]);
    for _ in 0..3 {
        // It says that it is alive a third of the time before that would be over.
        wait::until_true("most of a heartbeat", || beats() < 800);
        wait::until_true("the next one", || beats() > 900);
    }
    assert_eq!(full.post(), 503, "it is full still");
    assert_eq!(redis.len(LIST) + redis.len(&taken_by("a")), 5_000);
    assert!(redis.len(&taken_by("a")) <= 1_000);
    full.world.receivers.start_netim();
    wait_taken(&redis);
    full.accepted = to;
    full.all_arrives();
}

#[test]
fn a_redis_that_is_down_is_told_and_makes_nothing_unready() {
    let (_folder, mut redis) = start_redis();
    let world = World::start_with(load::RULES, |receivers| {
        let list = config::redis_list(LIST, redis.address, "a");
        list + &receivers.config(Door::Relp) + "\n[watch]\ndown_after_ms = 300\n"
    });
    let connected = || world.mutt.metric("mutt_input_connected", &["redis_list/syslog"]);
    let says = |words: &str| {
        let page = || world.mutt.get("/readyz?verbose").1;
        wait::until(words, || if page().contains(words) { Ok(()) } else { Err(page()) });
    };
    says("[+]input redis_list/syslog ok");
    assert_eq!(connected(), 1.0);
    redis.kill();
    says("[~]input redis_list/syslog degraded: cannot reach Redis at 127.0.0.1:");
    assert!(world.mutt.is_ready());
    assert_eq!(connected(), 0.0);
    world.told_of_itself("input-down::redis_list/syslog", "open");
    redis.start_again();
    world.told_of_itself("input-down::redis_list/syslog", "clear");
    push(&redis, 0..100);
    says("[+]input redis_list/syslog ok");
    world.receivers.archived(Door::Relp, 100);
}
