//! Rules over several events, one story for each sentence of the documentation.

mod common;

use common::{Story, at, but, clear, expected, of, plan, problem, secs};
use mutt_alert::NoticeKind::{Clear, Open, Update, Worse};
use mutt_alert::{AlertState, Effect, Ending, Quiet, SignalKind, StormLimits, What};
use mutt_rules::{
    Absent, AlertSeverity, Count, Expectation, Expected, Flapping, Handling, Plan, SequencePlan,
};

fn count(at_least: u32, within: u64, distinct: &str) -> Option<Count> {
    Some(Count { at_least, within: secs(within), distinct: distinct.to_owned() })
}

#[test]
fn so_many_events_in_a_sliding_window_open_an_alert_both_edges_included() {
    let rule = plan("auth", |plan| plan.count = count(3, 60, ""));
    let mut story = Story::new(&[&rule]);
    assert_eq!(story.apply(problem(&rule, "a", 0)), Effect::BelowThreshold { have: 1, need: 3 });
    story.apply(problem(&rule, "a", 30));
    // The first left the window one second ago.
    assert_eq!(story.apply(problem(&rule, "a", 61)), Effect::BelowThreshold { have: 2, need: 3 });
    assert_eq!(story.apply(problem(&rule, "a", 90)), Effect::Opened);
    let alert = story.alert();
    assert_eq!((alert.count, alert.first_seen, alert.last_seen), (3, at(30), at(90)));
    let made_up_of = story.moments.iter().find_map(|moment| match &moment.what {
        What::MadeUpOf { ids } => Some(ids.iter().map(|id| id.position).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(made_up_of, Some(vec![30, 61, 90]));
    assert_eq!(story.apply(problem(&rule, "a", 95)), Effect::Repeated);
    story.apply(clear(&rule, "a", 96));
    assert_eq!(
        story.apply(problem(&rule, "a", 97)),
        Effect::BelowThreshold { have: 1, need: 3 },
        "a clear empties the window"
    );
}

#[test]
fn five_routers_of_one_site_in_two_minutes_are_one_alert_however_often_one_of_them_speaks() {
    let rule = plan("site-down", |plan| {
        plan.across_hosts = true;
        plan.count = count(5, 120, "{host}");
    });
    let mut story = Story::new(&[&rule]);
    let says = |story: &mut Story, host: &str, seconds| {
        let mut signal = problem(&rule, &format!("{host}/fra1"), seconds);
        signal.distinct = Some(host.to_owned());
        story.apply(signal)
    };
    for seconds in 0..20 {
        says(&mut story, "r1", seconds);
    }
    for (host, seconds) in [("r2", 30), ("r3", 60), ("r4", 90)] {
        says(&mut story, host, seconds);
    }
    story.restart();
    assert!(story.alerts.is_empty());
    assert_eq!(says(&mut story, "r5", 139), Effect::Opened);
    let alert = story.alert();
    assert_eq!(alert.hosts, ["r5", "r1", "r2", "r3", "r4"]);
    assert_eq!(alert.signature, "*::site-down::fra1");
    assert_eq!(story.notices.len(), 1);
}

#[test]
fn a_held_problem_is_told_only_if_it_lasts() {
    let rule = plan("link", |plan| plan.hold_for = secs(60));
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "short", 0));
    story.apply(problem(&rule, "long", 5));
    assert_eq!(story.of("short").quiet, [Quiet::Held { until: at(60) }]);
    story.apply(clear(&rule, "short", 59));
    story.restart();
    story.tick(70);
    assert_eq!(story.told(), [(65, Open, "long".into())]);
    assert_eq!(story.of("short").state, AlertState::Cleared);
    assert_eq!(story.of("short").notices, 0);
    story.apply(clear(&rule, "long", 80));
    assert_eq!(story.told()[1..], [(80, Clear, "long".into())]);
}

#[test]
fn a_clear_just_before_its_problem_is_a_pair_too() {
    let rule = plan("link", |plan| plan.early_clear = secs(5));
    let mut story = Story::new(&[&rule]);
    assert_eq!(story.apply(clear(&rule, "a", 10)), Effect::Nothing);
    story.restart();
    assert_eq!(story.apply(problem(&rule, "a", 15)), Effect::ClearedEarly);
    assert_eq!(story.alert().state, AlertState::Cleared);
    assert_eq!(story.alert().cleared_by, Some(clear(&rule, "a", 10).facts.cause));
    assert_eq!(story.apply(problem(&rule, "a", 16)), Effect::Opened, "one clear, one problem");
    story.apply(clear(&rule, "b", 20));
    assert_eq!(story.apply(problem(&rule, "b", 26)), Effect::Opened, "too late");
    assert_eq!(story.told(), [(16, Open, "a".into()), (26, Open, "b".into())]);
}

fn absent(after: u64) -> Option<Absent> {
    Some(Absent { after: Some(secs(after)), between: None, expect: Expected::default() })
}

#[test]
fn who_was_seen_once_and_then_not_for_so_long_is_absent_until_seen_again() {
    let rule = plan("heartbeat", |plan| plan.absent = absent(600));
    let mut story = Story::new(&[&rule]);
    assert_eq!(story.apply(problem(&rule, "a", 0)), Effect::Seen);
    story.apply(problem(&rule, "a", 500));
    story.restart();
    story.tick(1_099);
    assert!(story.alerts.is_empty());
    story.tick(2_000);
    let alert = story.alert();
    assert_eq!((alert.state, alert.severity), (AlertState::Open, AlertSeverity::Major));
    assert!(alert.summary.contains("nothing from a"), "{}", alert.summary);
    assert_eq!(story.apply(problem(&rule, "a", 2_100)), Effect::Cleared);
    assert_eq!(story.told(), [(1_100, Open, "a".into()), (2_100, Clear, "a".into())]);
    story.tick(2_700);
    assert_eq!(story.of("a").state, AlertState::Open, "and so on");
}

#[test]
fn who_is_expected_is_absent_even_if_never_seen() {
    let rule = plan("backup", |plan| {
        plan.absent = absent(600);
        plan.summary = Some("no backup of {host}".into());
    });
    let mut story = Story::new(&[&rule]);
    let two = [expected(&rule, "a"), expected(&rule, "b")];
    let follow = |story: &mut Story, expected: &[Expectation], seconds| {
        let plans = [rule.clone()];
        let (storms, silences) = (StormLimits::default(), Default::default());
        story.correlator.follow(plans, expected, storms, &silences, at(seconds));
        story.commit();
    };
    follow(&mut story, &two, 100);
    story.apply(problem(&rule, "b", 300));
    story.tick(800);
    assert_eq!(story.told(), [(700, Open, "a".into())]);
    assert_eq!(story.alert().summary, "no backup of a");
    assert!(story.alert().reason.contains("never seen since"), "{}", story.alert().reason);
    assert_eq!(story.alert().team, "backup");
    // Nobody expects it any more.
    follow(&mut story, &two[1..], 850);
    assert_eq!(story.of("a").ending, Some(Ending::RuleGone));
    story.tick(900);
    assert_eq!(story.told()[1..], [(850, Clear, "a".into()), (900, Open, "b".into())]);
}

#[test]
fn what_was_not_heard_since_inputs_were_down_is_not_absent() {
    let rule = plan("heartbeat", |plan| plan.absent = absent(600));
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 0));
    story.restart();
    story.correlator.resume(at(5_000));
    story.tick(5_599);
    assert!(story.alerts.is_empty());
    story.tick(5_600);
    assert_eq!(story.told(), [(5_600, Open, "a".into())]);
}

fn sequence(within: u64, needs_with: bool) -> Option<SequencePlan> {
    Some(SequencePlan { within: secs(within), needs_with })
}

#[test]
fn a_sequence_is_one_event_and_then_another_in_time() {
    let rule = plan("config", |plan| plan.sequence = sequence(60, false));
    let mut story = Story::new(&[&rule]);
    let then = |seconds| of(SignalKind::Then, problem(&rule, "a", seconds));
    assert_eq!(story.apply(then(0)), Effect::Nothing);
    assert_eq!(story.apply(problem(&rule, "a", 1)), Effect::Waiting);
    assert_eq!(story.apply(then(62)), Effect::Nothing, "too late");
    story.apply(problem(&rule, "a", 100));
    story.restart();
    assert_eq!(story.apply(then(160)), Effect::Opened);
    let alert = story.alert();
    assert_eq!((alert.count, alert.first_seen), (2, at(100)));
    assert_eq!(alert.cause.position, 160);
    assert_eq!(story.told(), [(160, Open, "a".into())]);
}

#[test]
fn what_comes_between_breaks_a_sequence_or_is_needed() {
    let rule = plan("config", |plan| plan.sequence = sequence(60, true));
    let mut story = Story::new(&[&rule]);
    let signal = |kind, seconds| of(kind, problem(&rule, "a", seconds));
    story.apply(problem(&rule, "a", 0));
    assert_eq!(story.apply(signal(SignalKind::Then, 1)), Effect::Waiting);
    assert_eq!(story.apply(signal(SignalKind::With, 2)), Effect::Waiting);
    assert_eq!(story.apply(signal(SignalKind::Without, 3)), Effect::Broken);
    assert_eq!(story.apply(signal(SignalKind::Then, 4)), Effect::Nothing);
    story.apply(problem(&rule, "a", 10));
    story.apply(signal(SignalKind::With, 11));
    assert_eq!(story.apply(signal(SignalKind::Then, 12)), Effect::Opened);
}

fn flapping(object: &str) -> impl FnOnce(&mut Plan) {
    let object = object.to_owned();
    move |plan| {
        plan.flapping =
            Some(Flapping { suppress_above: 4, release_below: 1, half_life: secs(60), object });
        plan.reopen_within = secs(300);
    }
}

#[test]
fn what_comes_and_goes_is_one_alert_that_says_so_and_how_it_ended() {
    let rule = plan("link", flapping(""));
    let mut story = Story::new(&[&rule]);
    for seconds in 0..20 {
        let signal = if seconds % 2 == 0 { problem } else { clear };
        story.apply(signal(&rule, "a", seconds));
        if seconds == 7 {
            story.restart();
        }
    }
    // Open, Clear, Open, Clear, and with the fifth change it flaps.
    let kinds: Vec<_> = story.told().into_iter().map(|(_, kind, _)| kind).collect();
    assert_eq!(kinds, [Open, Clear, Open, Clear, Open]);
    let alert = story.alert();
    assert!(alert.state.is_open() && alert.flapping.is_some());
    assert!(!alert.flapping.as_ref().is_some_and(|flap| flap.is_there));
    story.tick(1_000);
    assert_eq!(story.alert().state, AlertState::Cleared, "it ended as cleared");
    let (calm, kind, _) = story.told().last().cloned().unwrap_or((0, Open, String::new()));
    assert_eq!((kind, story.notices.len()), (Clear, 6));
    assert!((100..400).contains(&calm), "{calm}");
}

#[test]
fn what_flapped_and_is_still_there_when_calm_goes_on_as_a_plain_alert() {
    let rule = plan("link", flapping(""));
    let mut story = Story::new(&[&rule]);
    for seconds in 0..11 {
        let signal = if seconds % 2 == 0 { problem } else { clear };
        story.apply(signal(&rule, "a", seconds));
    }
    story.tick(1_000);
    let alert = story.alert();
    assert!(alert.state.is_open() && alert.flapping.is_none());
    assert_eq!(story.told().last().map(|(_, kind, _)| *kind), Some(Update));
}

#[test]
fn one_object_flaps_once_across_syslog_and_traps() {
    let (syslog, trap) = (plan("syslog", flapping("x")), plan("trap", flapping("x")));
    let mut story = Story::new(&[&syslog, &trap]);
    let on = |signal| but(signal, |facts| facts.object = Some("a:Gi0/1".into()));
    for round in 0..6 {
        story.apply(on(problem(&syslog, "a", 10 * round)));
        story.apply(on(problem(&trap, "a", 10 * round + 1)));
        story.apply(on(clear(&syslog, "a", 10 * round + 5)));
        story.apply(on(clear(&trap, "a", 10 * round + 6)));
    }
    let flaps: Vec<_> = story.alerts.values().filter(|alert| alert.flapping.is_some()).collect();
    assert_eq!(flaps.len(), 1, "one of them says so");
    let told = story.notices.len();
    story.apply(on(problem(&trap, "a", 70)));
    story.apply(on(problem(&syslog, "a", 71)));
    assert_eq!(story.notices.len(), told, "{:?}", story.told());
    story.tick(2_000);
    // Both are still down: one tells that it is calm, the other for the first time since.
    let kinds: Vec<_> = story.told()[told..].iter().map(|(_, kind, _)| *kind).collect();
    assert_eq!(kinds.len(), 2, "{:?}", story.told());
    assert!(kinds.contains(&Update) && kinds.contains(&Open), "{kinds:?}");
}

fn link(
    mut signal: mutt_alert::Signal,
    child_of: &[&str],
    parent_as: &[&str],
) -> mutt_alert::Signal {
    signal.facts.links.child_of = child_of.iter().map(|name| (*name).to_owned()).collect();
    signal.facts.links.parent_as = parent_as.iter().map(|name| (*name).to_owned()).collect();
    signal
}

#[test]
fn an_open_parent_quiets_its_children_and_who_outlives_it_is_told() {
    let (power, down) = (plan("power", |_| {}), plan("down", |_| {}));
    let mut story = Story::new(&[&power, &down]);
    let parent = |signal| link(signal, &[], &["power site=fra1"]);
    let child = |signal| link(signal, &["power site=fra1"], &[]);
    story.apply(child(problem(&down, "before", 0)));
    story.apply(parent(problem(&power, "ups", 1)));
    story.apply(child(problem(&down, "short", 2)));
    story.apply(child(problem(&down, "long", 3)));
    assert_eq!(story.of("long").quiet, [Quiet::ChildOf { parent: "ups::power".into() }]);
    story.restart();
    story.apply(child(clear(&down, "short", 4)));
    story.apply(child(clear(&down, "before", 5)));
    story.apply(parent(clear(&power, "ups", 6)));
    assert_eq!(
        story.told(),
        [
            (0, Open, "before".into()),
            (1, Open, "ups".into()),
            (5, Clear, "before".into()),
            (6, Clear, "ups".into()),
            (6, Open, "long".into()),
        ]
    );
    assert_eq!(story.of("short").notices, 0);
}

#[test]
fn a_parent_that_nobody_is_told_of_quiets_nobody() {
    let (power, down) = (plan("power", |_| {}), plan("down", |_| {}));
    let mut story = Story::new(&[&power, &down]);
    let logged = but(problem(&power, "ups", 1), |facts| facts.handling = Handling::LogOnly);
    story.apply(link(logged, &[], &["power site=fra1"]));
    story.apply(link(problem(&down, "a", 2), &["power site=fra1"], &[]));
    assert_eq!(story.told(), [(2, Open, "a".into())]);
}

#[test]
fn past_so_many_alerts_a_minute_the_rest_are_one_alert_that_names_how_many_and_of_what() {
    let rule = plan("link", |_| {});
    let limits = StormLimits { rule_per_minute: 3, ..StormLimits::default() };
    let mut story = Story::new(&[&rule]).with_storms(limits);
    for n in 0..10 {
        story.apply(problem(&rule, &format!("r{n}"), n));
        if n == 5 {
            story.restart();
        }
    }
    let storm = story.of("mutt").clone();
    assert_eq!(storm.count, 7);
    assert!(storm.summary.contains("7 alerts") && storm.summary.contains("link 7"), "{storm:?}");
    assert_eq!(story.of("r5").quiet, [Quiet::Storm { told_by: storm.signature.clone() }]);
    story.tick(63);
    let kinds: Vec<_> = story.told().into_iter().map(|(_, kind, who)| (kind, who)).collect();
    let name = "mutt/rule link".to_owned();
    let one = |n: u8| (Open, format!("r{n}"));
    assert_eq!(kinds, [one(0), one(1), one(2), (Open, name.clone()), (Update, name.clone())]);
    // A minute later others are told one by one again.
    story.apply(problem(&rule, "later", 80));
    assert_eq!(story.told().last(), Some(&(80, Open, "later".into())));
    for n in 0..10 {
        story.apply(clear(&rule, &format!("r{n}"), 200 + n));
    }
    assert_eq!(story.of("mutt").state, AlertState::Cleared);
    let cleared = story.told().iter().filter(|(_, kind, _)| *kind == Clear).count();
    assert_eq!(cleared, 4, "the three that were told, and the storm");
}

#[test]
fn a_storm_becomes_worse_with_the_worst_of_it() {
    let rule = plan("link", |_| {});
    let limits = StormLimits { total_per_minute: 1, ..StormLimits::default() };
    let mut story = Story::new(&[&rule]).with_storms(limits);
    for (n, severity) in [(0, AlertSeverity::Major), (1, AlertSeverity::Minor)] {
        story.apply(but(problem(&rule, &format!("r{n}"), n), |f| f.severity = severity));
    }
    story.apply(but(problem(&rule, "r2", 2), |f| f.severity = AlertSeverity::Critical));
    assert_eq!(story.told().last(), Some(&(2, Worse, "mutt/all".into())));
}
