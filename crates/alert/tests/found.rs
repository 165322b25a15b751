//! Stories of what was wrong once: each names what happened.

mod common;

use std::sync::Arc;

use common::{Story, at, but, clear, expected, of, plan, problem, secs};
use mutt_alert::NoticeKind::{Clear, Open};
use mutt_alert::{
    AlertState, Decided, Decision, Effect, Ending, Quiet, Signal, SignalKind, StormLimits,
};
use mutt_rules::{Absent, Count, Expected, Flapping, Handling, Plan, SequencePlan};

fn absent(plan: &mut Plan) {
    let expect = Expected::default();
    plan.absent = Some(Absent { after: Some(secs(600)), between: None, expect });
}

fn suppressed(signal: Signal) -> Signal {
    but(signal, |facts| facts.handling = Handling::Suppress)
}

/// Somebody closes the open alert of a host.
fn close(story: &mut Story, host: &str, seconds: i64) {
    let alert = story.of(host);
    let (alert_id, signature) = (alert.id.clone(), alert.signature.clone());
    let decision = Decision::Close { why: "known".into() };
    let decided = Decided { alert_id, signature, who: "ada".into(), at: at(seconds), decision };
    story.tick(seconds);
    assert!(story.correlator.decide(decided, at(seconds)));
    story.commit();
}

#[test]
fn an_absence_that_closed_for_quiet_was_told_again_at_each_change_of_rules() {
    let rule = plan("heartbeat", |plan| {
        absent(plan);
        plan.close_after = Some(secs(60));
    });
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 0));
    story.tick(700);
    story.follow(&[&rule], &[], 700);
    story.restart();
    story.tick(10_000);
    assert_eq!(story.alert().ending, Some(Ending::Quiet));
    assert_eq!(story.told(), [(600, Open, "a".into())]);
}

#[test]
fn who_was_expected_had_no_time_again_after_a_restart_when_somebody_closed_its_absence() {
    let rule = plan("backup", absent);
    let mut story = Story::new(&[&rule]);
    story.follow(&[&rule], &[expected(&rule, "a")], 0);
    story.tick(600);
    close(&mut story, "a", 1_000);
    story.restart();
    story.tick(10_000);
    let kinds: Vec<_> = story.told().into_iter().map(|(second, kind, _)| (second, kind)).collect();
    assert_eq!(kinds, [(600, Open), (1_000, Clear), (1_600, Open)]);
}

#[test]
fn who_is_expected_was_told_as_its_last_event_said_until_a_restart() {
    let rule = plan("backup", absent);
    for restarts in [false, true] {
        let mut story = Story::new(&[&rule]);
        story.follow(&[&rule], &[expected(&rule, "a")], 0);
        story.apply(problem(&rule, "a", 10));
        if restarts {
            story.restart();
        }
        story.tick(1_000);
        let alert = story.alert();
        assert_eq!((alert.handling, alert.team.as_str()), (Handling::PageOnly, "backup"));
    }
}

#[test]
fn an_absence_that_was_told_did_not_end_once_its_rule_suppressed() {
    let rule = plan("heartbeat", absent);
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 0));
    story.tick(600);
    assert_eq!(story.apply(suppressed(problem(&rule, "a", 700))), Effect::Cleared);
    story.tick(10_000);
    assert_eq!(story.told(), [(600, Open, "a".into()), (700, Clear, "a".into())]);
}

fn storm_of_three(rule: &Arc<Plan>) -> Story {
    let limits = StormLimits { rule_per_minute: 1, ..StormLimits::default() };
    let mut story = Story::new(&[rule]).with_storms(limits);
    for (n, host) in ["a", "b", "c"].iter().enumerate() {
        story.apply(problem(rule, host, n as i64));
    }
    assert_eq!(story.of("mutt").count, 2);
    story
}

#[test]
fn the_storm_after_one_that_somebody_closed_had_its_id_and_its_alerts() {
    let rule = plan("link", |_| {});
    let mut story = storm_of_three(&rule);
    let first = story.of("mutt").id.clone();
    close(&mut story, "mutt", 10);
    story.restart();
    let second = story.of("mutt").clone();
    assert_ne!(second.id, first);
    assert_eq!((story.alerts[&first].state, second.count), (AlertState::Closed, 2));
    for (n, host) in ["b", "c"].iter().enumerate() {
        story.apply(clear(&rule, host, 100 + n as i64));
    }
    assert_eq!(story.of("mutt").state, AlertState::Cleared);
}

#[test]
fn an_alert_of_a_storm_that_somebody_closed_was_quiet_in_the_next_one() {
    let rule = plan("link", |_| {});
    let mut story = storm_of_three(&rule);
    // Long after, b and c are told for themselves or by the next storm's alert.
    close(&mut story, "mutt", 100);
    assert_eq!(story.told().last(), Some(&(100, Open, "mutt/rule link".into())));
    assert_eq!((story.of("b").quiet.len(), &story.of("b").storm), (0, &None));
    story.apply(clear(&rule, "c", 101));
    story.tick(300);
    story.apply(problem(&rule, "d", 300));
    story.apply(problem(&rule, "e", 301));
    assert_eq!((story.of("b").quiet.len(), story.of("mutt").count), (0, 1));
}

fn rekeyed(rule: &Arc<Plan>) -> Arc<Plan> {
    let mut plan = rule.as_ref().clone();
    plan.shape = "another shape".to_owned();
    Arc::new(plan)
}

#[test]
fn what_was_counted_under_another_key_counted_on() {
    let rule = plan("auth", |plan| {
        plan.count = Some(Count { at_least: 2, within: secs(60), distinct: String::new() });
    });
    let other = rekeyed(&rule);
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 0));
    story.follow(&[&other], &[], 1);
    let effect = story.apply(problem(&other, "a", 2));
    assert_eq!(effect, Effect::BelowThreshold { have: 1, need: 2 });
}

#[test]
fn a_sequence_that_began_under_another_key_went_on() {
    let rule = plan("config", |plan| {
        plan.sequence = Some(SequencePlan { within: secs(60), needs_with: false });
    });
    let other = rekeyed(&rule);
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 0));
    story.follow(&[&other], &[], 1);
    assert_eq!(story.apply(of(SignalKind::Then, problem(&other, "a", 2))), Effect::Nothing);
}

#[test]
fn an_alert_that_ended_under_another_key_was_opened_again() {
    let rule = plan("link", |plan| plan.reopen_within = secs(300));
    let other = rekeyed(&rule);
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 0));
    story.apply(clear(&rule, "a", 1));
    story.follow(&[&other], &[], 2);
    assert_eq!(story.apply(problem(&other, "a", 3)), Effect::Opened);
    story.apply(clear(&other, "a", 4));
    story.restart();
    assert_eq!(story.apply(problem(&other, "a", 5)), Effect::Reopened);
    assert_eq!(story.alerts.len(), 2);
}

#[test]
fn an_early_clear_made_an_alert_of_too_few_events() {
    let rule = plan("auth", |plan| {
        plan.count = Some(Count { at_least: 2, within: secs(60), distinct: String::new() });
        plan.early_clear = secs(5);
    });
    let mut story = Story::new(&[&rule]);
    story.apply(clear(&rule, "a", 0));
    story.apply(problem(&rule, "a", 1));
    assert!(story.alerts.is_empty());
    assert_eq!(story.apply(problem(&rule, "a", 2)), Effect::ClearedEarly);
    assert_eq!((story.alert().count, story.alert().first_seen), (2, at(1)));
}

#[test]
fn an_early_clear_made_an_alert_of_a_sequence_that_only_began() {
    let rule = plan("config", |plan| {
        plan.sequence = Some(SequencePlan { within: secs(60), needs_with: false });
        plan.early_clear = secs(5);
    });
    let mut story = Story::new(&[&rule]);
    story.apply(clear(&rule, "a", 0));
    assert_eq!(story.apply(problem(&rule, "a", 1)), Effect::Waiting);
    assert!(story.alerts.is_empty());
    assert_eq!(story.apply(of(SignalKind::Then, problem(&rule, "a", 20))), Effect::Opened);
}

#[test]
fn an_alert_that_an_early_cleared_one_replaced_came_back_after_a_restart() {
    let rule = plan("link", |plan| {
        plan.reopen_within = secs(300);
        plan.early_clear = secs(5);
        plan.close_after = Some(secs(10));
    });
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 0));
    story.apply(clear(&rule, "a", 1));
    story.apply(clear(&rule, "a", 2));
    assert_eq!(story.apply(problem(&rule, "a", 3)), Effect::ClearedEarly);
    assert_eq!(story.apply(problem(&rule, "a", 4)), Effect::Reopened);
    story.tick(20);
    story.restart();
    assert_eq!(story.apply(problem(&rule, "a", 21)), Effect::Opened);
}

fn flapping(plan: &mut Plan) {
    let half_life = secs(60);
    let object = String::new();
    plan.flapping = Some(Flapping { suppress_above: 4, release_below: 1, half_life, object });
}

/// A problem that comes and goes each second until it flaps; it is over at the last.
fn flap(story: &mut Story, rule: &Arc<Plan>) {
    for seconds in 0..6 {
        let signal = if seconds % 2 == 0 { problem } else { clear };
        story.apply(signal(rule, "a", seconds));
    }
    assert!(story.of("a").flapping.is_some());
}

#[test]
fn nobody_was_told_of_the_end_of_what_flapped_and_was_quiet() {
    let rule = plan("link", |plan| {
        flapping(plan);
        plan.close_after = Some(secs(20));
    });
    let mut story = Story::new(&[&rule]);
    flap(&mut story, &rule);
    story.restart();
    story.tick(1_000);
    assert_eq!(story.of("a").state, AlertState::Cleared);
    assert_eq!(story.told().last().map(|(_, kind, _)| *kind), Some(Clear));
}

#[test]
fn what_flapped_and_is_there_when_calm_closes_after_the_whole_quiet_time() {
    let rule = plan("link", |plan| {
        flapping(plan);
        plan.close_after = Some(secs(20));
    });
    let mut story = Story::new(&[&rule]);
    flap(&mut story, &rule);
    story.apply(problem(&rule, "a", 6));
    story.tick(1_000);
    let calm = story.notices.last().map(|notice| notice.at.after(secs(20)));
    assert_eq!((&story.of("a").ending, story.of("a").ended_at), (&Some(Ending::Quiet), calm));
}

#[test]
fn the_penalty_was_forgotten_early_when_somebody_closed_what_flapped() {
    let rule = plan("link", flapping);
    let mut story = Story::new(&[&rule]);
    flap(&mut story, &rule);
    story.apply(problem(&rule, "a", 6));
    close(&mut story, "a", 7);
    // The penalty is above 6 and falls to 1 within 3 minutes; at 200 seconds it is still 0.7.
    for seconds in 200..204 {
        let signal = if story.of("a").state.is_open() { clear } else { problem };
        story.apply(signal(&rule, "a", seconds));
    }
    assert!(story.of("a").flapping.is_some(), "0.7 and 4 are above 4");
}

fn link(mut signal: Signal, child_of: &[&str], parent_as: &[&str]) -> Signal {
    let links = &mut signal.facts.links;
    links.child_of = child_of.iter().map(|name| (*name).to_owned()).collect();
    links.parent_as = parent_as.iter().map(|name| (*name).to_owned()).collect();
    signal
}

#[test]
fn a_parent_that_is_only_logged_from_now_on_kept_its_children_quiet() {
    let (power, down) = (plan("power", |_| {}), plan("down", |_| {}));
    let mut story = Story::new(&[&power, &down]);
    story.apply(link(problem(&power, "ups", 0), &[], &["power"]));
    story.apply(link(problem(&down, "a", 1), &["power"], &[]));
    assert_eq!(story.of("a").quiet, [Quiet::ChildOf { parent: "ups::power".into() }]);
    story.apply(but(problem(&power, "ups", 2), |facts| facts.handling = Handling::LogOnly));
    assert_eq!(story.told(), [(0, Open, "ups".into()), (2, Open, "a".into())]);
}

#[test]
fn a_child_that_closed_for_quiet_together_with_its_parent_was_told_just_then() {
    let quiet = |plan: &mut Plan| plan.close_after = Some(secs(60));
    let (power, down) = (plan("power", quiet), plan("down", quiet));
    let mut story = Story::new(&[&power, &down]);
    story.apply(link(problem(&power, "a", 0), &[], &["power"]));
    story.apply(link(problem(&down, "b", 0), &["power"], &[]));
    story.tick(100);
    assert_eq!(story.told(), [(0, Open, "a".into())]);
}

#[test]
fn what_was_due_before_a_restart_was_overtaken_by_new_rules() {
    let rule = plan("power", |plan| plan.close_after = Some(secs(60)));
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 0));
    // It restarts at 100, and the rule is gone by then.
    story.restart();
    story.follow(&[], &[], 100);
    let alert = story.alert();
    assert_eq!((&alert.ending, alert.ended_at), (&Some(Ending::Quiet), Some(at(60))));
    assert_eq!(story.told(), [(0, Open, "a".into())]);
}

#[test]
fn a_decision_after_a_restart_overtook_what_was_due_before() {
    let rule = plan("power", |plan| {
        plan.close_after = Some(secs(60));
        plan.reopen_within = secs(600);
    });
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 0));
    story.restart();
    story.follow(&[&rule], &[], 100);
    let alert = story.alert();
    let (alert_id, signature) = (alert.id.clone(), alert.signature.clone());
    let decision = Decision::Close { why: "known".into() };
    let decided = Decided { alert_id, signature, who: "ada".into(), at: at(100), decision };
    assert!(!story.correlator.decide(decided, at(100)), "it closed at 60");
    // So it does not come back, but is another.
    assert_eq!(story.apply(problem(&rule, "a", 110)), Effect::Opened);
}
