//! Silences and maintenance windows, as a reader would ask for them.

#![allow(clippy::unwrap_used)] // helpers of tests fail as tests do

mod common;

use std::time::Duration;

use common::{Story, at, but, clear, plan, problem, secs};
use mutt_alert::NoticeKind::{Clear, Open, Worse};
use mutt_alert::{
    AlertField, Comparison, Holds, Matcher, NoticeKind, Quiet, Recurrence, Reminder, SILENCE_RULE,
    SilencePlan, What, WindowText,
};
use mutt_rules::AlertSeverity;

fn no_change(_: &mut mutt_rules::Plan) {}

fn fits(field: &str, comparison: Comparison, value: &str) -> Matcher {
    Matcher::new(AlertField::from_name(field).unwrap(), comparison, value).unwrap()
}

/// A silence of a host.
fn silence(name: &str, host: &str, start: i64, end: i64) -> SilencePlan {
    SilencePlan {
        name: name.to_owned(),
        matchers: vec![fits("host", Comparison::Glob, host)],
        holds: Holds::Once { start: at(start), end: at(end) },
        reminder: None,
    }
}

fn by(name: &str) -> Quiet {
    Quiet::Silenced { by: name.to_owned() }
}

type Told = (i64, NoticeKind, String);

fn told(seconds: i64, kind: NoticeKind, who: &str) -> Told {
    (seconds, kind, who.to_owned())
}

#[test]
fn a_silence_hides_what_it_is_about_and_nothing_else() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.hush(vec![silence("s", "lab-*", 0, 100)], 0);
    story.apply(problem(&rule, "lab-1", 1));
    story.apply(problem(&rule, "core", 2));
    story.apply(clear(&rule, "lab-1", 3));
    assert_eq!(story.of("lab-1").quiet, [by("s")]);
    assert_eq!(story.told(), [told(2, Open, "core")]);
}

#[test]
fn it_ends_by_itself_and_what_outlives_it_is_told_at_its_end() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.hush(vec![silence("s", "a", 10, 100)], 0);
    assert_eq!(story.correlator.next_timer(), Some(at(10)));
    story.apply(problem(&rule, "a", 10));
    assert_eq!(story.correlator.next_timer(), Some(at(100)));
    story.tick(99);
    assert_eq!(story.told(), []);
    story.tick(500);
    assert_eq!(story.told(), [told(100, Open, "a")], "at the end, whenever the tick came");
    assert!(story.alert().quiet.is_empty());
    assert_eq!(story.correlator.next_timer(), None);
    assert!(story.moments.iter().any(|moment| moment.what == What::Audible));
    story.apply(problem(&rule, "b", 501));
    assert_eq!(story.told().len(), 2);
}

#[test]
fn at_the_last_moment_it_holds_and_at_its_end_no_more() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.hush(vec![silence("s", "*", 10, 20)], 0);
    for (who, second) in [("before", 9), ("first", 10), ("last", 19), ("after", 20)] {
        story.apply(problem(&rule, who, second));
    }
    let expected = [
        told(9, Open, "before"),
        told(20, Open, "first"),
        told(20, Open, "last"),
        told(20, Open, "after"),
    ];
    assert_eq!(story.told(), expected);
}

#[test]
fn the_end_of_what_was_told_before_it_is_told_during_it() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 1));
    story.hush(vec![silence("s", "a", 10, 100)], 2);
    story.apply(but(problem(&rule, "a", 20), |f| f.severity = AlertSeverity::Critical));
    assert_eq!(story.told().len(), 1, "worse is hidden");
    story.apply(clear(&rule, "a", 30));
    assert_eq!(story.told()[1..], [told(30, Clear, "a")]);
    story.apply(problem(&rule, "a", 40));
    story.apply(clear(&rule, "a", 50));
    story.tick(200);
    assert_eq!(story.told().len(), 2, "nobody knew of the other");
}

#[test]
fn what_became_worse_during_it_is_told_at_its_end() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 1));
    story.hush(vec![silence("s", "a", 10, 100)], 2);
    story.apply(but(problem(&rule, "a", 20), |f| f.severity = AlertSeverity::Critical));
    story.tick(100);
    assert_eq!(story.told()[1..], [told(100, Worse, "a")]);
}

#[test]
fn a_change_of_the_set_counts_at_once() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.apply(problem(&rule, "a", 1));
    story.hush(vec![silence("s", "*", 0, 100), silence("t", "b", 0, 100)], 10);
    assert_eq!(story.of("a").quiet, [by("s")], "what is told already is quiet from now on");
    story.apply(problem(&rule, "b", 11));
    story.apply(problem(&rule, "c", 12));
    assert_eq!(story.of("b").quiet, [by("s"), by("t")]);
    story.hush(vec![silence("t", "b", 0, 200)], 20);
    assert_eq!(story.told(), [told(1, Open, "a"), told(20, Open, "c")]);
    assert_eq!(story.of("b").quiet, [by("t")]);
    story.hush(Vec::new(), 30);
    assert_eq!(story.told()[2..], [told(30, Open, "b")]);
}

#[test]
fn after_a_restart_all_goes_on() {
    let rule = plan("link", no_change);
    let story = |restarts: &[i64]| {
        let mut story = Story::new(&[&rule]);
        story.hush(vec![silence("s", "a", 10, 100), silence("u", "b", 10, 300)], 0);
        for second in 1..40 {
            story.apply(problem(&rule, ["a", "b", "c"][second as usize % 3], second * 10));
            if restarts.contains(&second) {
                story.restart_at(second * 10);
                assert!(story.correlator.take_changes().alerts.is_empty(), "nothing is new");
            }
        }
        (story.told(), story.alerts, story.moments)
    };
    assert_eq!(story(&[]), story(&[2, 5, 9, 10, 11, 29, 30, 31]));
}

#[test]
fn what_ended_while_mutt_was_away_ended_at_its_own_time() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.hush(vec![silence("s", "a", 0, 100)], 0);
    story.apply(problem(&rule, "a", 1));
    story.restart_at(150);
    assert_eq!(story.told(), [told(100, Open, "a")]);
}

#[test]
fn what_began_and_ended_while_mutt_was_away_hid_what_was_due_in_it() {
    let rule = plan("link", |plan| {
        plan.hold_for = secs(10);
        plan.close_after = Some(secs(30));
    });
    let mut story = Story::new(&[&rule]);
    story.hush(vec![silence("s", "a", 5, 50)], 0);
    story.apply(problem(&rule, "a", 1));
    story.restart_at(100);
    assert_eq!(story.told(), [], "it was quiet when its hold ended, and closed before the silence");
}

#[test]
fn a_silence_that_was_taken_away_meanwhile_hides_nothing_more() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.hush(vec![silence("s", "a", 0, 100)], 0);
    story.apply(problem(&rule, "a", 1));
    story.silences(Vec::new());
    story.restart_at(50);
    assert_eq!(story.told(), [told(50, Open, "a")]);
}

#[test]
fn all_matchers_have_to_fit() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    let matchers = |list: &[(&str, Comparison, &str)]| SilencePlan {
        matchers: list.iter().map(|(field, how, value)| fits(field, *how, value)).collect(),
        ..silence("s", "*", 0, 100)
    };
    use Comparison::{Equals, Glob, Regex};
    let hides = |story: &mut Story, list: &[(&str, Comparison, &str)]| {
        story.hush(vec![matchers(list)], 10);
        !story.of("r1").quiet.is_empty()
    };
    story.apply(problem(&rule, "r1/eth0", 1));
    for fits in [
        ("host", Equals, "R1"),
        ("site", Glob, "fra*"),
        ("labels.rack", Regex, "^[67]$"),
        ("severity", Equals, "major"),
        ("environment", Equals, "prod"),
        ("rule", Regex, "lin"),
        ("team", Equals, "network"),
        ("key", Glob, "eth?"),
        ("summary", Regex, "is down$"),
    ] {
        assert!(hides(&mut story, &[fits]), "{fits:?}");
        assert!(!hides(&mut story, &[fits, ("host", Equals, "r2")]), "{fits:?}");
    }
    assert!(!hides(&mut story, &[("labels.row", Glob, "*")]), "it has no such label");
}

#[test]
fn an_alert_over_several_hosts_is_hidden_only_if_all_of_them_are() {
    let rule = plan("link", |plan| plan.across_hosts = true);
    let mut story = Story::new(&[&rule]);
    story.hush(vec![silence("s", "lab-*", 0, 100)], 0);
    story.apply(problem(&rule, "lab-1", 1));
    story.apply(problem(&rule, "lab-2", 2));
    assert_eq!(story.told(), []);
    story.apply(problem(&rule, "core", 3));
    assert_eq!(story.told(), [told(3, Open, "lab-1")]);
}

/// From 22:00 for an hour, each day, from 1970-01-02 on.
fn nightly() -> SilencePlan {
    let text = WindowText {
        start: "1970-01-02T22:00",
        zone: "UTC",
        rule: Some("FREQ=DAILY"),
        except: &["1970-01-04".to_owned()],
        length: Duration::from_secs(3_600),
    };
    let holds = Holds::Again(Box::new(Recurrence::read(text).unwrap()));
    SilencePlan { holds, ..silence("nightly", "a", 0, 0) }
}

#[test]
fn a_window_comes_again_and_what_broke_in_it_and_is_still_broken_is_told_at_its_end() {
    const DAY: i64 = 86_400;
    const TEN: i64 = 22 * 3_600;
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.hush(vec![nightly()], 0);
    assert_eq!(story.correlator.next_timer(), Some(at(DAY + TEN)));
    story.apply(problem(&rule, "a", DAY + TEN + 60));
    story.apply(clear(&rule, "a", DAY + TEN + 120));
    story.apply(problem(&rule, "a", 2 * DAY + TEN + 60));
    let end = 2 * DAY + TEN + 3_600;
    story.tick(end);
    assert_eq!(story.told(), [told(end, Open, "a")]);
    story.apply(clear(&rule, "a", end + 10));
    story.apply(problem(&rule, "a", 3 * DAY + TEN + 60));
    assert_eq!(story.told().len(), 3, "a day without a window");
    assert_eq!(story.correlator.next_timer(), Some(at(4 * DAY + TEN)));
}

fn reminding(start: i64, end: i64) -> SilencePlan {
    let (owner, team) = ("ada".to_owned(), "network".to_owned());
    let reminder = Some(Reminder { owner, team, before: secs(30) });
    SilencePlan { reminder, ..silence("s", "*", start, end) }
}

#[test]
fn its_owner_is_reminded_before_it_ends_if_it_hides_something() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.hush(vec![reminding(0, 100)], 0);
    story.apply(problem(&rule, "a", 1));
    story.tick(69);
    assert_eq!(story.told(), []);
    story.tick(70);
    story.restart_at(75);
    let reminder = story.of("mutt");
    assert_eq!((reminder.rule.id.as_str(), reminder.team.as_str()), (SILENCE_RULE, "network"));
    assert!(reminder.summary.contains("hides 1"), "{}", reminder.summary);
    story.tick(200);
    let expected = [told(70, Open, "mutt/s"), told(100, Clear, "mutt/s"), told(100, Open, "a")];
    assert_eq!(story.told(), expected);
}

#[test]
fn he_is_reminded_after_a_restart_too_if_that_was_due_meanwhile() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.hush(vec![reminding(0, 100)], 0);
    story.apply(problem(&rule, "a", 1));
    story.restart_at(75);
    assert_eq!(story.told(), [told(70, Open, "mutt/s")]);
}

#[test]
fn nobody_is_reminded_of_what_hides_nothing_is_short_or_goes_on() {
    let rule = plan("link", no_change);
    let mut story = Story::new(&[&rule]);
    story.hush(vec![reminding(0, 100)], 0);
    story.tick(90);
    story.hush(vec![reminding(0, 20)], 91);
    story.apply(problem(&rule, "a", 92));
    assert_eq!(story.told(), [told(92, Open, "a")]);
    story.hush(vec![reminding(0, 200)], 100);
    story.tick(170);
    story.hush(vec![reminding(0, 400)], 180);
    assert_eq!(story.told()[1..], [told(170, Open, "mutt/s"), told(180, Clear, "mutt/s")]);
}
