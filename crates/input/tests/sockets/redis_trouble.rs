//! A Redis that is old, gone, full, or wants something else: said in words, and gone on from.

use mutt_input::{RedisList, RedisListConfig};
use mutt_secrets::SecretString;
use tokio::sync::watch;

use crate::common::redis::Redis;
use crate::common::tools;
use crate::journal::{Journal, Mode, Running, raws, run, until, within};
use crate::redis_list::{INPUT, LIST, config, redis, start, taken_by};

/// An input at work, and what is wrong with it.
fn watched(
    journal: &Journal,
    config: RedisListConfig,
) -> (Running, watch::Receiver<Option<String>>) {
    let input = RedisList::new(config).unwrap();
    let health = input.health();
    (run(journal, INPUT, |intake, stop| input.serve(intake, stop)), health)
}

async fn ill(health: &mut watch::Receiver<Option<String>>, words: &str) {
    let says = |why: &Option<String>| why.as_ref().is_some_and(|why| why.contains(words));
    within(health.wait_for(says)).await.unwrap();
}

async fn well(health: &mut watch::Receiver<Option<String>>) {
    within(health.wait_for(Option::is_none)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_older_than_6_2_is_asked_in_its_own_words() {
    let folder = tempfile::tempdir().unwrap();
    let redis = Redis::start_program(tools::old_redis_server, folder.path(), &[]);
    let journal = Journal::new(Mode::Store);
    redis.push(&taken_by("dead"), ["<13>recovered"]);
    let _: u64 = redis.ask(&["SADD", "mutt:{syslog}:workers", "dead"]);
    let running = start(&journal, config(&redis, "a"));
    journal.stored(1).await;
    redis.push(LIST, ["<13>a", "<13>b", "<13>c"]);
    let stored = journal.stored(4).await;
    assert_eq!(raws(&stored), [&b"<13>recovered"[..], b"<13>a", b"<13>b", b"<13>c"]);
    running.stop().await;
    assert_eq!((redis.len(LIST), redis.len(&taken_by("a"))), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_goes_and_comes_back() {
    let (_folder, mut redis) = redis(&[]);
    let journal = Journal::new(Mode::Store);
    let (running, mut health) = watched(&journal, config(&redis, "a"));
    redis.push(LIST, ["<13>before"]);
    journal.stored(1).await;
    well(&mut health).await;
    redis.kill();
    ill(&mut health, "Redis").await;
    redis.start_again();
    well(&mut health).await;
    redis.push(LIST, ["<13>after"]);
    until("it is stored", || raws(&journal.now()).contains(&&b"<13>after"[..])).await;
    running.stop().await;
    let meter = journal.meter(INPUT);
    assert!(meter.connections_closed("broken") + meter.connections_refused("unreachable") > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_type_is_told() {
    let (_folder, redis) = redis(&[]);
    let journal = Journal::new(Mode::Store);
    let _: String = redis.ask(&["SET", LIST, "no list"]);
    let (running, mut health) = watched(&journal, config(&redis, "a"));
    ill(&mut health, "check `list`").await;
    let _: u64 = redis.ask(&["DEL", LIST]);
    redis.push(LIST, ["<13>a"]);
    journal.stored(1).await;
    well(&mut health).await;
    running.stop().await;
    assert!(journal.meter(INPUT).connections_closed("wrong_type") > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_asked_for_and_given() {
    let (_folder, redis) = redis(&["requirepass secret"]);
    let journal = Journal::new(Mode::Store);
    let with = |password: &str| RedisListConfig {
        password: Some(SecretString::from(password).into()),
        ..config(&redis, "a")
    };
    for (config, words) in [(config(&redis, "a"), "`password_file`"), (with("x"), "check `user`")] {
        let (running, mut health) = watched(&journal, config);
        ill(&mut health, words).await;
        running.stop().await;
    }
    let (running, mut health) = watched(&journal, with("secret"));
    well(&mut health).await;
    running.stop().await;
}

/// As docs/redis.md has it.
const COMMANDS: &str = "+select +lmove +blmove +lrange +llen +ltrim +get +set +exists +del +sadd \
                        +srem +srandmember +watch +unwatch +multi +exec";

#[tokio::test(flavor = "multi_thread")]
async fn a_user_needs_no_more_than_the_documents_say() {
    let user = format!("user mutt on >secret ~{LIST} ~mutt:* {COMMANDS}");
    let (_folder, redis) = redis(&[&user]);
    let journal = Journal::new(Mode::Store);
    redis.push(&taken_by("dead"), ["<13>recovered"]);
    let _: u64 = redis.ask(&["SADD", "mutt:{syslog}:workers", "dead"]);
    let (user, password) = (Some("mutt".to_owned()), Some(SecretString::from("secret").into()));
    let running = start(&journal, RedisListConfig { user, password, ..config(&redis, "a") });
    journal.stored(1).await;
    redis.push(LIST, ["<13>a"]);
    journal.stored(2).await;
    running.stop().await;
    assert_eq!(redis.ask::<Vec<String>>(&["KEYS", "*"]), ["mutt:{syslog}:workers"]);
    assert_eq!(redis.ask::<Vec<String>>(&["SMEMBERS", "mutt:{syslog}:workers"]), ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_its_maxmemory_it_is_told_and_gone_on_from() {
    let (_folder, redis) = redis(&["maxmemory-policy noeviction"]);
    let journal = Journal::new(Mode::Hold);
    let (running, mut health) = watched(&journal, config(&redis, "a"));
    redis.push(LIST, (0..1_000).map(|n| format!("<13>message {n}")));
    until("a batch is on its way", || redis.len(&taken_by("a")) > 0).await;
    let _: String = redis.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    journal.set(Mode::Store);
    ill(&mut health, "raise maxmemory").await;
    let kept = journal.now().len();
    assert!(redis.len(LIST) + redis.len(&taken_by("a")) + kept >= 1_000);
    let _: String = redis.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    well(&mut health).await;
    until("all is stored", || redis.len(LIST) + redis.len(&taken_by("a")) == 0).await;
    running.stop().await;
    assert_eq!(journal.now().len(), 1_000 + kept, "one batch came again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_is_told() {
    let (_folder, first) = redis(&[]);
    let of = format!("replicaof 127.0.0.1 {}", first.address.port());
    let (_other, replica): (_, Redis) = redis(&[&of]);
    let journal = Journal::new(Mode::Store);
    let (running, mut health) = watched(&journal, config(&replica, "a"));
    ill(&mut health, "name the primary").await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_one_name_are_told() {
    let (_folder, redis) = redis(&[]);
    let journal = Journal::new(Mode::Store);
    let (one, mut health) = watched(&journal, config(&redis, "a"));
    well(&mut health).await;
    let beside = Journal::new(Mode::Store);
    let (two, mut other) = watched(&beside, config(&redis, "a"));
    let told = async { tokio::join!(ill(&mut health, "its own name"), well(&mut other)) };
    within(told).await;
    redis.push(LIST, ["<13>a"]);
    until("one of them stores it", || !(journal.now().is_empty() && beside.now().is_empty())).await;
    one.stop().await;
    two.stop().await;
}
