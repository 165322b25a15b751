//! No message is judged by a half-loaded set: sets are swapped whole.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use common::{event, set};
use mutt_rules::{Environment, RuleSet, Scratch};

/// A set in which every part of a verdict names the set.
fn named(name: &str, count: usize) -> RuleSet {
    let rule = |n: usize| {
        let word = if n == 0 { "changed".to_owned() } else { format!("other {n}") };
        format!(
            "[[rules]]\nid = \"{name}-{n}\"\npriority = {n}\nhandling = \"log_only\"\nkey = \"{name}\"\n\
             when.message.contains = \"{word}\"\nlabels.set = \"{name}\"\n\
             [[rules]]\nid = \"{name}-clear-{n}\"\npriority = {n}\nhandling = \"log_only\"\nkey = \"{name}\"\n\
             when.message.contains = \"never\"\nclear.message.contains = \"{word} state\"\n"
        )
    };
    set(&(0..count).map(rule).collect::<String>())
}

#[test]
fn every_verdict_is_of_one_whole_set() {
    let sets = [("small", 1), ("large", 40)].map(|(name, count)| Arc::new(named(name, count)));
    let current = ArcSwap::new(Arc::clone(&sets[0]));
    let done = AtomicBool::new(false);
    let started = AtomicBool::new(false);
    let event = event("%LINK-3-UPDOWN: Interface Gi0/1, changed state to down");
    std::thread::scope(|threads| {
        let judge = threads.spawn(|| {
            let mut scratch = Scratch::default();
            let mut judged = [0usize; 2];
            while !done.load(Ordering::Acquire) {
                let set = current.load_full();
                let verdict = set.judge(&event, Environment::Prod, &mut scratch);
                let owner = verdict.owner.as_ref();
                let key = owner.map(|owner| owner.key.clone()).unwrap_or_default();
                assert_eq!(owner.map(|o| o.rule_id.clone()), Some(format!("{key}-0")));
                assert_eq!(owner.and_then(|o| o.labels.get("set")), Some(&key));
                assert_eq!(verdict.clears.len(), 1);
                assert_eq!(verdict.clears[0].rule_id, format!("{key}-clear-0"));
                assert_eq!(verdict.clears[0].key, key);
                assert_eq!(owner.map(|o| &set.rule(o.rule).id), owner.map(|o| &o.rule_id));
                judged[usize::from(key == "large")] += 1;
                started.store(true, Ordering::Release);
            }
            judged
        });
        // A judge that failed is done, too: the threads' end tells of it.
        while !started.load(Ordering::Acquire) && !judge.is_finished() {
            std::thread::yield_now();
        }
        for swap in 1..=1_000 {
            current.store(Arc::clone(&sets[swap % 2]));
            std::thread::yield_now();
        }
        done.store(true, Ordering::Release);
        let judged = judge.join().map(|judged| judged.iter().sum::<usize>());
        assert!(judged.is_ok_and(|judged| judged > 0));
    });
}
