//! Which servers are refused, and why; what a journal remembers of how it was made.

use mutt_journal::{Durability, OpenError, RedisJournal, RedisOptions, Topology};

use crate::common::*;

fn refusal(options: RedisOptions) -> OpenError {
    let runtime = runtime();
    let handle = runtime.handle().clone();
    runtime.block_on(RedisJournal::connect(options, handle)).expect_err("refused")
}

#[test]
fn a_weak_server_is_refused_by_the_name_of_the_setting() {
    for (setting, name, must) in [
        ("appendonly no", "appendonly is no", "must be yes"),
        ("appendfsync everysec", "appendfsync is everysec", "must be always"),
        ("maxmemory-policy allkeys-lru", "maxmemory-policy is allkeys-lru", "must be noeviction"),
    ] {
        let server = server(&[setting]);
        let error = refusal(single(&server)).to_string();
        for word in [name, must, "durability = \"relaxed\""] {
            assert!(error.contains(word), "{error}");
        }
        let relaxed = RedisOptions { durability: Durability::Relaxed, ..single(&server) };
        let journal = open(relaxed);
        journal.append(&numbered("a", 0..3));
        let health = journal.journal.health();
        assert!(health.relaxed);
        assert!(health.reasons.iter().any(|reason| reason.contains(name)), "{health:?}");
    }
}

#[test]
fn a_server_that_hides_its_settings_is_refused_unless_declared() {
    let server = server(&["rename-command CONFIG \"\""]);
    let error = refusal(single(&server)).to_string();
    assert!(error.contains("forbids CONFIG GET") && error.contains("declared"), "{error}");
    let journal = open(RedisOptions { declared: true, ..single(&server) });
    journal.append(&numbered("a", 0..3));
}

#[test]
fn a_master_with_a_replica_must_wait_for_it_and_the_replica_must_be_durable() {
    let master = server(&["min-replicas-to-write 0"]);
    let weak = server(&["appendfsync no", &master.replica_of()]);
    master.wait_replicas(1);
    let error = refusal(single(&master)).to_string();
    for word in ["min-replicas-to-write is 0", "replicas is 0", "appendfsync is no"] {
        assert!(error.contains(word), "{error}");
    }
    let _: String = master.redis.ask(&["CONFIG", "SET", "min-replicas-to-write", "1"]);
    let _: String = weak.redis.ask(&["CONFIG", "SET", "appendfsync", "always"]);
    let journal = open(RedisOptions { replicas: 1, ..single(&master) });
    journal.append(&numbered("a", 0..3));
    assert_eq!(weak.redis.ask::<u64>(&["XLEN", &key(0)]), 1, "WAIT was asked");
    // Itself, the replica is none to write to.
    let error = refusal(single(&weak)).to_string();
    assert!(error.contains("replica"), "{error}");
}

#[test]
fn another_number_of_partitions_or_format_is_refused() {
    let server = server(&[]);
    drop(open(single(&server)));
    let error = refusal(RedisOptions { partitions: 4, ..single(&server) });
    assert!(matches!(error, OpenError::RedisPartitions { has: 3, wants: 4, .. }), "{error}");
    let _: u64 = server.redis.ask(&["HSET", "mutt:journal", "version", "2"]);
    let error = refusal(single(&server));
    assert!(matches!(error, OpenError::Version { version: 2, known: 1, .. }), "{error}");
    // Another prefix is another journal.
    let other = open(RedisOptions { prefix: "other".into(), partitions: 4, ..single(&server) });
    other.append(&numbered("a", 0..3));
}

#[test]
fn a_lane_that_is_gone_is_not_begun_anew() {
    let server = server(&[]);
    let journal = open(single(&server));
    journal.append(&numbered("a", 0..3));
    let _: u64 = server.redis.ask(&["DEL", &key(1), "mutt:{1}:state"]);
    let error = refusal(single(&server)).to_string();
    assert!(error.contains("mutt:{1}:state is gone"), "{error}");
    wait::until_true("the reason", || {
        journal.journal.health().reasons.iter().any(|why| why.contains("is gone"))
    });
}

#[test]
fn passwords_are_used_and_never_shown() {
    let server = server(&["requirepass s3cret"]);
    let with = |user: &str| {
        let url = format!("redis://{user}{}", server.redis.address);
        options(Topology::Single(url.into()))
    };
    let journal = open(with(":s3cret@"));
    journal.append(&numbered("a", 0..3));
    let error = refusal(with(":wr0ng@")).to_string();
    assert!(error.contains("password") && !error.contains("wr0ng"), "{error}");
    assert!(refusal(with("")).to_string().contains("password"));
    let shown = format!("{:?} {:?}", with(":s3cret@"), journal.journal);
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn settings_that_cannot_work_are_said() {
    let url = || Topology::Single("redis://127.0.0.1:1".to_owned().into());
    let with = |change: fn(&mut RedisOptions)| {
        let mut options = options(url());
        change(&mut options);
        refusal(options).to_string()
    };
    assert!(with(|options| options.partitions = 0).contains("partitions"));
    assert!(with(|options| options.prefix = "a{b".into()).contains("prefix"));
    assert!(with(|options| options.poll_ms = 0).contains("poll_ms"));
    assert!(with(|_| ()).contains("127.0.0.1:1"));
    let tls = |options: &mut RedisOptions| {
        options.topology = Topology::Single("rediss://h".to_owned().into());
    };
    assert!(with(tls).contains("URL"));
}
