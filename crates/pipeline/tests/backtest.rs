//! A draft rule set beside the live one, over a journal in memory and over lines.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests, too

mod common;

use std::sync::Arc;

use common::{Bench, Message, RULES, at, http, now, relp, rulebook, syslog, until_idle};
use mutt_event::{Hosts, HostsConfig, Parser, ParserConfig};
use mutt_journal::Position;
use mutt_pipeline::backtest::{
    Backtest, Compared, Difference, Lines, Place, Report, Sample, Sets, Settings, Tally,
};
use mutt_pipeline::{JUDGE, Rulebook};
use mutt_rules::{Handling, Inventory, InventoryEntry};
use mutt_store::{Database, Outcome};

const ALL: std::ops::Range<Position> = Position(0)..Position(u64::MAX);

fn sets(live: &str, draft: &str) -> Sets {
    Sets {
        live: Arc::new(rulebook(live)),
        draft: Arc::new(rulebook(draft)),
        parser: Arc::new(Parser::new(ParserConfig::default())),
    }
}

fn finish(mut backtest: Backtest) -> Report {
    for _ in 0..10_000 {
        if backtest.step().unwrap().finished() {
            return backtest.report();
        }
    }
    panic!("it never ends");
}

fn over(bench: &Bench, sets: Sets, range: std::ops::Range<Position>) -> Report {
    let settings = Settings { batch_bytes: 1, ..Settings::default() };
    finish(Backtest::over_journal(sets, &[(bench.journal.handle(), range)], settings).unwrap())
}

fn over_lines(sets: Sets, text: &str, settings: Settings) -> Report {
    let hosts = Arc::new(Hosts::new(HostsConfig::default()));
    let lines = Lines { text: text.as_bytes().to_vec(), hosts, received: at(0) };
    finish(Backtest::over_lines(sets, lines, settings))
}

fn rule(id: &str, text: &str, more: &str) -> String {
    format!(
        "[[rules]]\nid = \"{id}\"\npriority = 1\nteam = \"noc\"\nhandling = \"page_only\"\n\
         key = \"k\"\nwhen.message.contains = \"{text}\"\n{more}\n"
    )
}

fn of(report: &Report, difference: Difference) -> Vec<&Sample> {
    report.samples.iter().filter(|sample| sample.difference == difference).collect()
}

/// Each kind of message that the judge knows, repeats of several kinds among them.
fn mixed(bench: &mut Bench) {
    for hour in 0..3 {
        let time = |ms: i64| at(hour * 3_600_000 + ms);
        let session = 10 * hour as u64;
        let store = &mut bench.journal;
        store.store(time(0), &[syslog("r1", "LINKDOWN"), syslog("r2", "NOISE"), syslog("r3", "x")]);
        store.store(time(1), &[http("LINKDOWN", hour as u8), http("LINKUP", 100 + hour as u8)]);
        store.store(time(2), &["a", "b", "c"].map(|t| relp(session + 1, &format!("LINKDOWN {t}"))));
        store.store(time(3), &[http("LINKDOWN", hour as u8), syslog("r2", "LINKDOWN")]);
        let again = ["b", "c", "d"].map(|t| relp(session + 2, &format!("LINKDOWN {t}")));
        store.store(time(100), &again);
        let many: Vec<Message> = (0..700).map(|n| syslog("r4", &format!("line {n}"))).collect();
        many.chunks(100).for_each(|part| store.store(time(200), part));
        // Undecided for ever: it could be the beginning of a resend.
        store.store(time(4_000), &[relp(session + 3, "LINKDOWN c"), syslog("r1", "LINKUP")]);
    }
}

fn judged(bench: &Bench) -> (mutt_store::Counts, u64) {
    let later = at(10 * 3_600_000);
    let mut judge = bench.judge(at(0));
    until_idle(|| now(judge.step(later)));
    now(judge.stop(later)).unwrap();
    let opened = now(bench.store.latest_alerts(1_000)).unwrap().len() as u64;
    (bench.done(JUDGE), opened)
}

#[test]
fn a_draft_like_the_live_set_differs_in_nothing() {
    let mut bench = Bench::new();
    mixed(&mut bench);
    let report = over(&bench, sets(RULES, RULES), ALL);
    assert!(report.progress.finished());
    assert_eq!(report.events + report.repeated, bench.journal.handle().end().0 - 1);
    assert_eq!(report.all.same, report.events);
    let quiet = Tally {
        live: report.all.live,
        draft: report.all.live,
        same: report.events,
        ..Tally::default()
    };
    assert_eq!(report.all, quiet);
    assert_eq!(report.live, report.draft);
    assert!(report.samples.is_empty() && report.alert_samples.is_empty());
    let differs = |of: Compared| (of.same > 0, of.gained, of.lost);
    assert_eq!((differs(report.alerts), differs(report.pages)), ((true, 0, 0), (true, 0, 0)));
    assert_eq!(report.by_hour.of.len(), 3);
    let hours: u64 = report.by_hour.of.values().map(|tally| tally.same).sum();
    assert_eq!(hours, report.events);
    assert_eq!(*report.by_hour.of.keys().next().unwrap(), at(0).as_secs() / 3_600 * 3_600);
    assert_eq!(report.by_rule.of["noise"].same, 3);
    assert_eq!(report.by_team.of["noc"].live, report.by_rule.of["link"].live);
    assert_eq!((report.first, report.last), (Some(at(0)), Some(at(2 * 3_600_000 + 4_000))));
}

#[test]
fn the_live_side_is_what_the_judge_made_of_the_same_journal() {
    let mut bench = Bench::new();
    mixed(&mut bench);
    let (counts, opened) = judged(&bench);
    assert!(counts.get(Outcome::Repeated) >= 9, "{counts:?}");
    let report = over(&bench, sets(RULES, RULES), ALL);
    for (outcome, count) in report.live.outcomes.iter() {
        let skipped = matches!(outcome, Outcome::Repeated | Outcome::Lost);
        assert_eq!(count, if skipped { 0 } else { counts.get(outcome) }, "{}", outcome.name());
    }
    assert_eq!(report.repeated, counts.get(Outcome::Repeated));
    assert_eq!(report.unreadable, counts.get(Outcome::Lost));
    assert_eq!(report.live.opened, opened);
    let told = now(bench.store.waiting("moogsoft", 1_000)).unwrap().len() as u64;
    assert_eq!((report.live.notices.page_only, report.live.notices.total()), (told, told));
    assert_eq!(bench.done(JUDGE), counts, "and nothing has moved");
}

#[test]
fn repeats_of_what_stands_before_the_range_are_known() {
    let mut bench = Bench::new();
    bench
        .journal
        .store(at(0), &[http("LINKDOWN", 1), relp(1, "LINKDOWN a"), relp(1, "LINKDOWN b")]);
    let from = bench.journal.handle().end();
    bench.journal.store(at(60_000), &[relp(2, "LINKDOWN b"), http("LINKDOWN", 1), http("x", 2)]);
    let to = bench.journal.handle().end();
    bench.journal.store(at(61_000), &[http("LINKDOWN", 3)]);
    let report = over(&bench, sets(RULES, RULES), from..to);
    assert_eq!((report.events, report.repeated, report.progress.total), (1, 2, to.0 - 1));
    let start = bench.journal.handle().seek_time(at(60_500)).unwrap();
    assert_eq!(over(&bench, sets(RULES, RULES), start..Position(u64::MAX)).live.opened, 1);
}

#[test]
fn gained_lost_and_changed_are_told_apart() {
    let mut bench = Bench::new();
    let texts = ["GAIN", "LOSE", "STAY", "TEAM", "MOVE", "calm", "STAY", "GAIN"];
    let messages: Vec<Message> = texts.iter().map(|text| syslog("r1", text)).collect();
    bench.journal.store(at(0), &messages);
    let stay = rule("stay", "STAY", "");
    let team = rule("team", "TEAM", "");
    let live = [&stay, &team, &rule("lose", "LOSE", ""), &rule("old", "MOVE", "")]
        .map(String::as_str)
        .concat();
    let other_team = team.replace("noc", "wan");
    let draft = [&stay, &other_team, &rule("gain", "GAIN", ""), &rule("new", "MOVE", "")];
    let draft = draft.map(String::as_str).concat();
    let report = over(&bench, sets(&live, &draft), ALL);

    let expected =
        Tally { live: 5, draft: 6, same: 3, changed: 2, gained: 2, lost: 1, ..Tally::default() };
    assert_eq!(report.all, expected);
    let by_rule = |id: &str| report.by_rule.of[id];
    assert_eq!(by_rule("stay"), Tally { live: 2, draft: 2, same: 2, ..Tally::default() });
    assert_eq!(by_rule("team"), Tally { live: 1, draft: 1, changed: 1, ..Tally::default() });
    assert_eq!(by_rule("gain"), Tally { draft: 2, gained: 2, ..Tally::default() });
    assert_eq!(by_rule("lose"), Tally { live: 1, lost: 1, ..Tally::default() });
    assert_eq!(by_rule("old"), Tally { live: 1, changed: 1, ..Tally::default() });
    assert_eq!(by_rule("new"), Tally { draft: 1, changed: 1, ..Tally::default() });
    assert_eq!(report.by_team.of["wan"], Tally { draft: 1, changed: 1, ..Tally::default() });

    assert_eq!(of(&report, Difference::Gained).len(), 2);
    let lost = of(&report, Difference::Lost)[0];
    let id = lost.live.as_ref().map(|wanted| (wanted.rule.as_str(), wanted.handling));
    assert_eq!((id, lost.draft.is_none()), (Some(("lose", Handling::PageOnly)), true));
    assert_eq!((lost.host.as_str(), lost.time), ("r1", at(0)));
    let Place::Message { message_id } = lost.place else { panic!("{lost:?}") };
    assert_eq!(message_id.position, 2);
    let changed: Vec<_> = of(&report, Difference::Changed)
        .iter()
        .map(|sample| (sample.live.clone().unwrap().rule, sample.draft.clone().unwrap().rule))
        .collect();
    assert_eq!(changed, [("team".into(), "team".into()), ("old".into(), "new".into())]);
}

#[test]
fn clears_are_told_apart_whoever_owns_the_message() {
    let mut bench = Bench::new();
    bench
        .journal
        .store(at(0), &[syslog("r1", "LINKDOWN"), syslog("r1", "LINKUP"), syslog("r1", "OK")]);
    let draft = RULES.replace("LINKUP", "OK");
    let report = over(&bench, sets(RULES, &draft), ALL);
    let expected =
        Tally { live: 1, draft: 1, same: 3, clears_gained: 1, clears_lost: 1, ..Tally::default() };
    assert_eq!(report.all, expected);
    assert_eq!(report.by_rule.of["link"].clears_gained, 1);
    assert_eq!(of(&report, Difference::ClearLost)[0].live.as_ref().unwrap().rule, "link");
    assert!(of(&report, Difference::ClearLost)[0].draft.is_none());
    assert_eq!(report.live.cleared, report.draft.cleared);
}

#[test]
fn each_set_has_its_own_inventory() {
    let mut bench = Bench::new();
    bench.journal.store(at(0), &[syslog("r1", "LINKDOWN")]);
    let rules = RULES.replacen("team = \"noc\"", "", 1).replace("\"page_only\"", "\"log_only\"");
    let entry = |team: &str| InventoryEntry {
        host: "r1".into(),
        team: Some(team.into()),
        ..InventoryEntry::default()
    };
    let with = |team| Rulebook {
        inventory: Inventory::new(vec![entry(team)], Default::default()).unwrap(),
        ..rulebook(&rules)
    };
    let both = Sets { live: with("a").into(), draft: with("b").into(), ..sets("", "") };
    let report = over(&bench, both, ALL);
    assert_eq!((report.all.changed, report.by_team.of.len()), (1, 2));
}

#[test]
fn samples_and_groups_are_bounded_and_say_what_is_missing() {
    let text: String =
        (0..40).map(|n| format!("<13>Nov 23 12:00:00 r{n} a: GAIN LONG\n")).collect();
    let gain = [rule("gain", "GAIN", ""), rule("other", "nothing", "")].concat();
    let settings = Settings { text_bytes_max: 30, ..Settings::default() };
    let report = over_lines(sets(RULES, &gain), &text, settings.clone());
    assert_eq!((report.samples.len(), report.samples_left_out), (10, 30));
    let Place::Line { line, text: shown } = &report.samples[9].place else { panic!() };
    assert_eq!((*line, shown.as_str()), (10, "<13>Nov 23 12:00:00 r9 a: GAIN"));
    assert_eq!(report.samples[9].host, "r9");

    let few = Settings { samples_max: 3, groups_max: 0, ..settings };
    let report = over_lines(sets(RULES, &gain), &text, few);
    assert_eq!((report.samples.len(), report.samples_left_out), (3, 37));
    assert_eq!((report.by_rule.of.len(), report.by_rule.left_out), (0, 40));
    assert_eq!((report.by_hour.of.len(), report.by_hour.left_out), (0, 40));
    assert_eq!(report.all.gained, 40);
}

#[test]
fn lines_are_judged_as_received_over_tcp() {
    let text = "<187>Nov 23 12:00:00 R1 app: LINKDOWN\r\n\n<187>Nov 23 12:00:00 r2 app: LINKUP\n";
    let report =
        over_lines(sets("", RULES), text, Settings { batch_bytes: 1, ..Settings::default() });
    assert_eq!(
        (report.events, report.draft.opened, report.progress.total),
        (2, 1, text.len() as u64)
    );
    assert_eq!(report.samples[0].host, "r1");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["samples"][0]["difference"], "gained");
    assert_eq!(json["samples"][0]["line"], 1);
    assert_eq!(json["by_hour"]["of"][(at(0).as_secs() / 3_600 * 3_600).to_string()]["gained"], 1);
    assert_eq!(json["draft"]["outcomes"]["alerting"], 2);
    assert_eq!(json["draft"]["notices"]["page_only"], 1);
}

#[test]
fn what_the_journal_lost_is_counted() {
    let mut bench = Bench::new();
    for n in 0..400 {
        bench.journal.store(at(n), &vec![syslog("r1", &"x".repeat(300)); 4]);
    }
    bench.journal.disk.lose_file("00000000000000000001.seg");
    let report = over(&bench, sets(RULES, RULES), ALL);
    assert!(report.unreadable > 100);
    assert_eq!(report.events + report.unreadable, 1_600);
    let end = Position(report.unreadable);
    let part = over(&bench, sets(RULES, RULES), Position(3)..end);
    assert_eq!((part.events, part.unreadable), (0, report.unreadable - 3));
}

#[test]
fn an_alert_closes_on_the_messages_time() {
    let mut bench = Bench::new();
    bench.journal.store(at(0), &[syslog("r1", "LINKDOWN")]);
    bench.journal.store(at(10_000), &[syslog("r1", "x")]);
    let closes = rule("link", "LINKDOWN", "close_after = \"10s\"");
    let report = over(&bench, sets(RULES, &closes), ALL);
    assert_eq!((report.live.closed, report.live.still_open), (0, 1));
    assert_eq!((report.draft.closed, report.draft.still_open), (1, 0));
}

#[test]
fn it_may_be_driven_by_any_thread() {
    fn is_send<T: Send>() {}
    is_send::<Backtest>();
}

#[test]
fn an_empty_range_is_done_at_once() {
    let bench = Bench::new();
    let report = over(&bench, sets(RULES, RULES), Position(5)..Position(2));
    assert_eq!((report.events, report.first), (0, None));
}

#[test]
fn alerts_and_pages_are_gained_and_lost_by_what_they_are_about() {
    let mut bench = Bench::new();
    // Each pages at once; the draft waits for a second one, and asks of others for a ticket only.
    let live = rule("a", "fan", "") + &rule("b", "disk", "") + &rule("c", "lamp", "");
    let twice = "count = { at_least = 2, within = \"1h\" }";
    let draft = rule("a", "fan", twice)
        + &rule("b", "disk", "").replace("page_only", "ticket_only")
        + &rule("d", "door", "");
    for (second, (host, text)) in [
        ("r1", "fan"),
        ("r2", "fan"),
        ("r2", "fan"),
        ("r3", "disk"),
        ("r4", "lamp"),
        ("r5", "door"),
    ]
    .into_iter()
    .enumerate()
    {
        bench.journal.store(at(second as i64 * 1_000), &[syslog(host, text)]);
    }
    let report = over(&bench, sets(&live, &draft), ALL);
    // The same: r2's fan, r3's disk. Gained: the door. Lost: r1's fan, the lamp.
    assert_eq!(report.alerts, Compared { same: 2, gained: 1, lost: 2 });
    assert_eq!(report.pages, Compared { same: 1, gained: 1, lost: 3 });
    let named: Vec<_> = report
        .alert_samples
        .iter()
        .map(|one| {
            let counts = (one.live_alerts, one.draft_alerts, one.live_pages, one.draft_pages);
            (one.signature.as_str(), counts)
        })
        .collect();
    let expected = [
        ("r1::a::k", (1, 0, 1, 0)),
        ("r3::b::k", (1, 1, 1, 0)),
        ("r4::c::k", (1, 0, 1, 0)),
        ("r5::d::k", (0, 1, 0, 1)),
    ];
    assert_eq!(named, expected);
}
