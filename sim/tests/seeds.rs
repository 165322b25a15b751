//! Sixteen hundred stories hold every promise, in eight parts that run beside each other; by turns over
//! one log and over lanes.

use mutt_sim::{Summary, Tale, play};

/// How many stories a part plays.
const STORIES: u64 = 200;

fn part(number: u64) {
    let mut all = Summary::default();
    for seed in number * STORIES..(number + 1) * STORIES {
        let played = play(&Tale::new(seed));
        let failure = played.as_ref().err().map(ToString::to_string);
        assert!(failure.is_none(), "\n{}", failure.unwrap_or_default());
        all += played.unwrap_or_default();
    }
    // Stories in which nothing happens prove nothing.
    assert!(all.stored > 50_000 && all.repeated > 250 && all.lost > 5, "{all}");
    assert!(all.alerts > 10_000 && all.notices > 10_000 && all.delivered > 8_000, "{all}");
    assert!(all.rule_changes > 250 && all.decisions > 250, "{all}");
    assert!(all.crashes > 900 && all.restarts > 250 && all.stalls > 300, "{all}");
    assert!(all.database_faults > 1_000 && all.disk_faults > 150, "{all}");
    assert!(all.network_faults > 900 && all.destination_faults > 300, "{all}");
    assert!(all.clock_jumps > 120, "{all}");
    assert!(all.redis_faults > 1_500 && all.moves > 200, "{all}");
}

#[test]
fn seeds_0() {
    part(0);
}

#[test]
fn seeds_200() {
    part(1);
}

#[test]
fn seeds_400() {
    part(2);
}

#[test]
fn seeds_600() {
    part(3);
}

#[test]
fn seeds_800() {
    part(4);
}

#[test]
fn seeds_1000() {
    part(5);
}

#[test]
fn seeds_1200() {
    part(6);
}

#[test]
fn seeds_1400() {
    part(7);
}

#[test]
fn the_same_seed_is_the_same_story() {
    for seed in [6, 7] {
        assert_eq!(play(&Tale::new(seed)).unwrap(), play(&Tale::new(seed)).unwrap());
    }
}
