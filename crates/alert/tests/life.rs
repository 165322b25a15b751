//! An alert's life, as a reader would ask for it.

mod common;

use common::{Story, at, but, clear, plan, problem, secs};
use mutt_alert::NoticeKind::{Clear, Open, Worse};
use mutt_alert::{
    AlertState, Correlator, Decided, Decision, Effect, Ending, Quiet, State, StormLimits, What,
};
use mutt_rules::{AlertSeverity, Handling};

fn no_change(_: &mut mutt_rules::Plan) {}

#[test]
fn a_problem_its_repeats_and_its_end_are_one_alert_and_two_notices() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    assert_eq!(story.apply(problem(&rule, "a", 1)), Effect::Opened);
    for seconds in 2..100 {
        assert_eq!(story.apply(problem(&rule, "a", seconds)), Effect::Repeated);
    }
    assert_eq!(story.apply(clear(&rule, "a", 100)), Effect::Cleared);
    assert_eq!(story.apply(clear(&rule, "a", 101)), Effect::Nothing);
    let alert = story.alert();
    assert_eq!((alert.count, alert.state), (99, AlertState::Cleared));
    assert_eq!((alert.last_seen, alert.ended_at), (at(99), Some(at(100))));
    assert_eq!(alert.cleared_by, Some(clear(&rule, "a", 100).facts.cause));
    assert_eq!(story.told(), [(1, Open, "a".into()), (100, Clear, "a".into())]);
    assert_eq!(story.notices[0].alert.count, 1);
    assert_eq!(story.correlator.open(), 0);
}

#[test]
fn severity_is_of_now_and_of_the_worst_and_only_a_rise_is_told() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    let with = |severity, seconds| but(problem(&rule, "a", seconds), |f| f.severity = severity);
    story.apply(with(AlertSeverity::Major, 1));
    assert_eq!(story.apply(with(AlertSeverity::Critical, 2)), Effect::Worse);
    assert_eq!(story.apply(with(AlertSeverity::Warning, 3)), Effect::Repeated);
    assert_eq!(story.apply(with(AlertSeverity::Critical, 4)), Effect::Repeated);
    story.apply(with(AlertSeverity::Minor, 5));
    let alert = story.alert();
    assert_eq!((alert.severity, alert.worst), (AlertSeverity::Minor, AlertSeverity::Critical));
    assert_eq!(story.told(), [(1, Open, "a".into()), (2, Worse, "a".into())]);
    assert_eq!(story.notices[1].id, format!("{}-2", alert.id));
}

#[test]
fn log_only_is_kept_and_not_told_until_its_rule_tells() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    let logged = |seconds| but(problem(&rule, "a", seconds), |f| f.handling = Handling::LogOnly);
    assert_eq!(story.apply(logged(1)), Effect::Opened);
    assert_eq!(story.alert().quiet, [Quiet::Logged]);
    assert_eq!(story.apply(problem(&rule, "a", 2)), Effect::Repeated);
    story.apply(problem(&rule, "a", 3));
    assert_eq!(story.told(), [(2, Open, "a".into())]);
    assert_eq!(story.alert().handling, Handling::PageAndTicket);
}

#[test]
fn who_was_told_of_a_problem_is_told_of_its_end_whatever_the_rule_says_by_then() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 1));
    let noise = |signal| but(signal, |f| f.handling = Handling::Suppress);
    assert_eq!(story.apply(noise(problem(&rule, "a", 2))), Effect::Nothing);
    assert_eq!(story.apply(noise(clear(&rule, "a", 3))), Effect::Cleared);
    assert_eq!(story.told(), [(1, Open, "a".into()), (3, Clear, "a".into())]);
    assert_eq!(story.alert().count, 1);
}

#[test]
fn a_quiet_alert_closes_untold_and_the_next_event_opens_another() {
    let rule = plan("link", |plan| plan.close_after = Some(secs(60)));
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 0));
    story.apply(problem(&rule, "a", 50));
    assert_eq!(story.correlator.next_timer(), Some(at(110)));
    story.tick(109);
    assert_eq!(story.correlator.open(), 1);
    story.tick(500);
    assert_eq!((story.correlator.open(), story.correlator.next_timer()), (0, None));
    let old = story.alert().clone();
    // The same end whenever the tick came.
    assert_eq!((old.state, old.ended_at), (AlertState::Closed, Some(at(110))));
    assert_eq!(old.ending, Some(Ending::Quiet));
    assert_eq!(story.apply(problem(&rule, "a", 501)), Effect::Opened);
    assert_ne!(story.of("a").id, old.id);
    assert_eq!(story.told(), [(0, Open, "a".into()), (501, Open, "a".into())]);
}

#[test]
fn a_problem_that_is_back_in_time_reopens_its_alert_and_later_is_another() {
    let rule = plan("link", |plan| plan.reopen_within = secs(300));
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 1));
    story.apply(clear(&rule, "a", 10));
    story.restart();
    assert_eq!(story.apply(problem(&rule, "a", 309)), Effect::Reopened);
    let alert = story.alert();
    assert_eq!((alert.state, alert.count, alert.reopened), (AlertState::Open, 2, 1));
    assert_eq!((alert.ended_at, alert.first_seen), (None, at(1)));
    story.apply(clear(&rule, "a", 320));
    assert_eq!(story.apply(problem(&rule, "a", 620)), Effect::Opened);
    assert_eq!(story.alerts.len(), 2);
    let kinds: Vec<_> = story.told().into_iter().map(|(_, kind, _)| kind).collect();
    assert_eq!(kinds, [Open, Clear, Open, Clear, Open]);
}

#[test]
fn a_rule_that_is_deleted_or_keyed_otherwise_closes_its_alerts_with_that_reason() {
    let (one, other) = (plan("one", no_change), plan("other", no_change));
    let mut story = Story::new(&[&one, &other]);
    story.apply(problem(&one, "a", 1));
    story.apply(but(problem(&one, "logged", 1), |f| f.handling = Handling::LogOnly));
    story.apply(problem(&other, "b", 1));
    let rekeyed = plan("other", |plan| plan.shape = "other shape".into());
    story.correlator.follow([rekeyed], &[], StormLimits::default(), &Default::default(), at(9));
    story.commit();
    assert_eq!(story.of("a").ending, Some(Ending::RuleGone));
    assert_eq!(story.of("b").ending, Some(Ending::RuleKeyed));
    assert_eq!(story.of("logged").state, AlertState::Closed);
    let told = story.told();
    assert_eq!(told[2..], [(9, Clear, "a".into()), (9, Clear, "b".into())]);
}

#[test]
fn a_full_correlator_closes_the_quietest_untold_then_the_quietest() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.correlator = Correlator::new(State::default()).with_limit(2);
    story.apply(problem(&rule, "told", 1));
    story.apply(but(problem(&rule, "untold", 2), |f| f.handling = Handling::LogOnly));
    assert_eq!(story.apply(problem(&rule, "new", 3)), Effect::Opened);
    story.apply(problem(&rule, "told", 4));
    assert_eq!(story.apply(problem(&rule, "newer", 5)), Effect::Opened);
    assert_eq!(story.correlator.open(), 2);
    let totals = story.correlator.totals();
    assert_eq!((totals.evicted_logged, totals.evicted_told, totals.opened), (1, 1, 4));
    assert_eq!(story.of("untold").ended_at, Some(at(3)));
    assert_eq!(story.of("new").ended_at, Some(at(5)));
    assert_eq!(story.notices.len(), 3);
}

#[test]
fn the_first_events_and_then_fewer_are_kept_with_their_text() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    for seconds in 1..=100 {
        story.apply(problem(&rule, "a", seconds));
    }
    let numbers: Vec<u64> = story
        .moments
        .iter()
        .filter_map(|moment| match &moment.what {
            What::Event { number, raw, .. } => {
                assert_eq!(raw, "<187>a changed state to down");
                Some(*number)
            }
            _ => None,
        })
        .collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 8, 16, 32, 64]);
}

#[test]
fn of_two_open_alerts_of_one_problem_the_younger_goes_on() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 1));
    let older = story.alert().clone();
    let younger = mutt_alert::Alert { id: "another".to_owned(), last_seen: at(9), ..older.clone() };
    let state = State { alerts: vec![older.clone(), younger], tracks: Vec::new() };
    let mut correlator = Correlator::new(state);
    assert_eq!(correlator.open(), 1);
    let changes = correlator.take_changes();
    assert_eq!(changes.alerts.len(), 1);
    assert_eq!((&changes.alerts[0].id, changes.alerts[0].state), (&older.id, AlertState::Closed));
}

fn decided(story: &Story, decision: Decision) -> Decided {
    let alert = story.of("a");
    Decided {
        alert_id: alert.id.clone(),
        signature: alert.signature.clone(),
        who: "ada".into(),
        at: at(5),
        decision,
    }
}

#[test]
fn people_acknowledge_take_comment_and_close() {
    let rule = plan("link", |plan| plan.reopen_within = secs(300));
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 1));
    let does = |story: &mut Story, decision| {
        let decided = decided(story, decision);
        let done = story.correlator.decide(decided, at(5));
        story.commit();
        done
    };
    assert!(does(&mut story, Decision::Acknowledge));
    assert_eq!(story.alert().state, AlertState::Acknowledged);
    story.apply(problem(&rule, "a", 6));
    assert_eq!(story.alert().state, AlertState::Acknowledged, "a repeat is known");
    story.apply(but(problem(&rule, "a", 7), |f| f.severity = AlertSeverity::Critical));
    assert_eq!(story.alert().state, AlertState::Open, "worse is not");
    assert!(does(&mut story, Decision::Take));
    assert!(does(&mut story, Decision::Ticket { ticket: "INC1".into() }));
    assert!(does(&mut story, Decision::Comment { text: "cable".into() }));
    assert!(does(&mut story, Decision::Close { why: "fixed".into() }));
    assert!(!does(&mut story, Decision::Acknowledge), "it is over");
    let alert = story.alert();
    assert_eq!(alert.taken_by.as_deref(), Some("ada"));
    assert_eq!(alert.ticket.as_deref(), Some("INC1"));
    assert_eq!(alert.ending, Some(Ending::Hand { who: "ada".into(), why: "fixed".into() }));
    assert_eq!(story.notices.last().map(|n| n.kind), Some(Clear));
    assert_eq!(story.apply(problem(&rule, "a", 20)), Effect::Reopened);
    assert_eq!(story.alert().state, AlertState::Open);
}
