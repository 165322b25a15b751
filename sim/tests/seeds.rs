//! A hundred stories hold every promise, and each planted bug is found among them.

use mutt_sim::{Bug, run};

#[test]
fn hundred_seeds() {
    let mut all = mutt_sim::Summary::default();
    for seed in 0..100 {
        match run(seed, None) {
            Ok(summary) => {
                all.stored += summary.stored;
                all.repeated += summary.repeated;
                all.delivered += summary.delivered;
                all.crashes += summary.crashes;
            }
            Err(failure) => panic!("\n{failure}"),
        }
    }
    // Stories in which nothing happens prove nothing.
    assert!(all.stored > 20_000 && all.repeated > 200, "{all:?}");
    assert!(all.delivered > 2_000 && all.crashes > 500, "{all:?}");
}

/// What the first of a hundred stories that fails says; nothing if none does.
fn found(bug: Bug) -> String {
    (0..100).find_map(|seed| run(seed, Some(bug)).err()).map_or(String::new(), |found| found.broken)
}

#[test]
fn finds_an_acknowledgement_before_the_sync() {
    let broken = found(Bug::AcknowledgeBeforeSync);
    assert!(broken.contains("acknowledged and is not stored"), "{broken}");
}

#[test]
fn finds_a_cursor_apart_from_its_alerts() {
    let broken = found(Bug::CursorApart);
    assert!(broken.contains("count"), "{broken}");
}

#[test]
fn finds_a_confirmation_of_what_was_only_sent() {
    let broken = found(Bug::ConfirmOnSend);
    assert!(broken.contains("did not reach the archive"), "{broken}");
}

#[test]
fn the_same_seed_is_the_same_story() {
    assert_eq!(run(7, None).unwrap(), run(7, None).unwrap());
}
