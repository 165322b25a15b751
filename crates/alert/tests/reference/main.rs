//! The correlator against the model of what it means, and against itself with restarts.

#![allow(clippy::unwrap_used)] // clippy lets tests, but not what they call

mod run;
mod world;

use std::fmt::Debug;

use mutt_alert::reference::{Reference, Summary, Told};
use mutt_event::Timestamp;
use proptest::prelude::*;

use run::{Restarts, by_signature, run};
use world::world;

/// The end of flapping is a broken number: the model's may be off by as much.
const ABOUT_MICROS: u64 = 1_000;

fn is_about(one: Timestamp, other: Timestamp) -> bool {
    one.as_micros().abs_diff(other.as_micros()) <= ABOUT_MICROS
}

fn is_told_alike(one: &Told, other: &Told) -> bool {
    is_about(one.0, other.0) && one.1 == other.1
}

fn is_alike(one: &Summary, other: &Summary) -> bool {
    let ended = match (one.ended_at, other.ended_at) {
        (Some(one), Some(other)) => is_about(one, other),
        (one, other) => one == other,
    };
    let same = Summary { ended_at: other.ended_at, ..one.clone() };
    let times =
        is_about(one.first_seen, other.first_seen) && is_about(one.last_seen, other.last_seen);
    let same = Summary { first_seen: other.first_seen, last_seen: other.last_seen, ..same };
    ended && times && same == *other
}

/// Some thousand worlds, or more if `PROPTEST_CASES` says so.
fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    let cases = config.cases.max(4_000);
    ProptestConfig { cases, max_shrink_iters: 20_000, failure_persistence: None, ..config }
}

/// Tells the first that is not the same.
fn are_equal<T: PartialEq + Debug>(
    what: &str,
    again: &[T],
    plain: &[T],
) -> Result<(), TestCaseError> {
    for (one, other) in again.iter().zip(plain) {
        prop_assert_eq!(one, other, "{}: with restarts, and without", what);
    }
    prop_assert_eq!(again.len(), plain.len(), "{}", what);
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_correlator_does_what_the_model_says(world in world()) {
        let mut model = Reference::new();
        let real = run(&world, Restarts::Never, Some(&mut model));
        let told = real.notices.iter().map(|n| (n.at, n.kind, n.alert.signature.clone()));
        let (told, meant) = (by_signature(told), by_signature(model.notices()));
        let mut alerts: Vec<Summary> = real.alerts().iter().map(Summary::from).collect();
        let mut model_alerts = model.alerts();
        alerts.sort_by(|a, b| a.signature.cmp(&b.signature));
        model_alerts.sort_by(|a, b| a.signature.cmp(&b.signature));
        for (one, other) in alerts.iter().zip(&model_alerts) {
            prop_assert!(is_alike(one, other), "real {one:#?}\nmodel {other:#?}\nreal {told:#?}\nmodel {meant:#?}");
        }
        prop_assert_eq!(alerts.len(), model_alerts.len(), "real {:#?}\nmodel {:#?}", alerts, model_alerts);
        let real_names: Vec<_> = told.keys().collect();
        prop_assert_eq!(real_names, meant.keys().collect::<Vec<_>>());
        for (name, told) in &told {
            let meant = &meant[name];
            let alike = told.len() == meant.len()
                && told.iter().zip(meant).all(|(one, other)| is_told_alike(one, other));
            prop_assert!(alike, "real {told:#?}\nmodel {meant:#?}");
        }
    }

    #[test]
    fn commits_and_restarts_change_nothing(world in world(), which: u64) {
        let plain = run(&world, Restarts::Never, None);
        for restarts in [Restarts::Always, Restarts::Some(which)] {
            let again = run(&world, restarts, None);
            are_equal("notices", &again.notices, &plain.notices)?;
            are_equal("alerts", &again.alerts(), &plain.alerts())?;
            are_equal("moments", &again.moments, &plain.moments)?;
        }
    }
}
