//! From the catalog to the book in force: what is read, refused, mended, and swapped.
#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail as tests do

use std::sync::Arc;

use mutt_event::{Parser, ParserConfig, Timestamp};
use mutt_pipeline::book::{
    Book, BookFault, Ground, InForce, Maintenance, MibBase, Parts, Proposal, Refused, Silence, Team,
};
use mutt_rules::{Draft, Format, Limits};
use mutt_store::{Catalog, CatalogStore, Edit, ItemEdit, Kind, MemoryStore};
use serde_json::json;

fn ground() -> Ground {
    Ground {
        limits: Limits::default(),
        parser: Arc::new(Parser::new(ParserConfig::default())),
        development: vec!["lab-*".to_owned()],
        log_level: "info".to_owned(),
        observe: false,
        storms: Default::default(),
        silences: Default::default(),
        mibs: MibBase::default(),
        check_log_level: |level| match level {
            "loud" => Err("no such level".to_owned()),
            _ => Ok(()),
        },
    }
}

fn rules(rules: &[(&str, &str)]) -> Draft {
    let rule = |(id, word): &(&str, &str)| {
        json!({
            "id": id, "priority": 1, "handling": "ticket_only", "team": "net",
            "when": { "message": { "contains": word } },
        })
    };
    let file = json!({ "rules": rules.iter().map(rule).collect::<Vec<_>>() });
    Draft::read(&file.to_string(), Format::Json)
}

/// Saves what somebody proposes; it must be good.
async fn save(store: &MemoryStore, change: impl FnOnce(&mut Proposal)) -> Catalog {
    let catalog = store.catalog().await.unwrap();
    let mut proposal = Proposal::of(Parts::read(&catalog));
    change(&mut proposal);
    Book::compile(&proposal, catalog.revision + 1, &ground()).unwrap();
    write(store, catalog.revision, proposal.edits()).await
}

async fn write(store: &MemoryStore, base: u64, items: Vec<ItemEdit>) -> Catalog {
    let edit = Edit {
        base,
        at: Timestamp::ZERO,
        who: "test".into(),
        from: String::new(),
        why: String::new(),
        items,
    };
    store.edit(edit).await.unwrap();
    store.catalog().await.unwrap()
}

fn places(faults: &[BookFault]) -> Vec<(&str, &str)> {
    faults.iter().map(|fault| (fault.name.as_deref().unwrap_or(""), fault.path.as_str())).collect()
}

#[tokio::test]
async fn what_is_saved_is_what_is_compiled_from_the_catalog() {
    let store = MemoryStore::new();
    let catalog = save(&store, |proposal| {
        proposal.put_rules(rules(&[("b", "two"), ("a", "one")]));
        proposal.put_team(Team { name: "net".into(), description: None, email: None });
        proposal.set("observe", &json!(true)).unwrap();
    })
    .await;
    let book = Book::read(&catalog, &ground()).unwrap();
    assert_eq!((book.revision, book.rulebook.revision, book.rulebook.rules.len()), (1, 1, 2));
    assert!(book.rulebook.observe && book.teams.contains_key("net"));
    // What was not touched is not written again.
    let before = catalog.get(Kind::Rule, "a").unwrap().revision;
    let after = save(&store, |proposal| proposal.put_rules(rules(&[("b", "three")]))).await;
    assert_eq!(after.get(Kind::Rule, "a").unwrap().revision, before);
    assert_eq!(after.get(Kind::Rule, "b").unwrap().revision, 2);
}

#[tokio::test]
async fn an_item_that_cannot_be_read_refuses_the_set_until_somebody_replaces_it() {
    let store = MemoryStore::new();
    save(&store, |proposal| proposal.put_rules(rules(&[("good", "one")]))).await;
    let bad =
        ItemEdit { kind: Kind::Rule, name: "bad".into(), body: Some("{\"id\":\"bad\"}".into()) };
    let catalog = write(&store, 1, vec![bad]).await;
    let faults = Book::read(&catalog, &ground()).unwrap_err();
    assert!(faults.iter().all(|fault| fault.name.as_deref() == Some("bad")), "{faults:?}");
    assert_eq!(Book::without_faulty(&catalog, &ground()).unwrap().rulebook.rules.len(), 1);
    // Another's change does not hide it; a new rule of that name does away with it.
    let mut other = Proposal::of(Parts::read(&catalog));
    other.put_rules(rules(&[("other", "x")]));
    assert!(Book::compile(&other, 3, &ground()).is_err());
    let mended = save(&store, |proposal| proposal.put_rules(rules(&[("bad", "two")]))).await;
    assert_eq!(Book::read(&mended, &ground()).unwrap().rulebook.rules.len(), 2);
}

#[tokio::test]
async fn every_fault_of_every_kind_is_told_at_once() {
    let mut proposal = Proposal::default();
    proposal.put_rules(rules(&[("a", "x")]));
    proposal.put_rules(Draft::read(
        r#"{"rules":[{"id":"b","priority":2,"handling":"log_only","when":{"message":{"regex":"("}}}]}"#,
        Format::Json,
    ));
    proposal.put_team(Team { name: "dc".into(), description: None, email: Some("nowhere".into()) });
    proposal.put_host(serde_json::from_value(json!({ "host": "10.0.0.0/99" })).unwrap());
    proposal.set("log.level", &json!("loud")).unwrap();
    let faults = Book::compile(&proposal, 1, &ground()).unwrap_err();
    let places = places(&faults);
    for place in [
        ("a", "team"),
        ("b", "when.message.regex"),
        ("dc", "email"),
        ("10.0.0.0/99", "host"),
        ("log.level", ""),
    ] {
        assert!(places.contains(&place), "{place:?} is not among {places:?}");
    }
}

#[tokio::test]
async fn an_old_state_comes_back_item_by_item_or_whole() {
    let store = MemoryStore::new();
    save(&store, |proposal| proposal.put_rules(rules(&[("a", "one"), ("b", "two")]))).await;
    save(&store, |proposal| {
        proposal.replace_rules(rules(&[("a", "three"), ("c", "four")]));
    })
    .await;
    let (now, then) = (store.catalog().await.unwrap(), store.catalog_at(1).await.unwrap());
    let mut one = Proposal::of(Parts::read(&now));
    one.restore_item(Kind::Rule, "a", then.get(Kind::Rule, "a"));
    let edits = one.edits();
    assert_eq!(edits.len(), 1);
    assert_eq!(edits[0].body, then.get(Kind::Rule, "a").map(|item| item.body.clone()));
    let back = save(&store, |proposal| proposal.restore(&now, &then, &[Kind::Rule])).await;
    let bodies = |catalog: &Catalog| {
        catalog.items.iter().map(|item| (item.name.clone(), item.body.clone())).collect::<Vec<_>>()
    };
    assert_eq!(bodies(&back), bodies(&then));
}

#[test]
fn only_a_newer_book_comes_into_force_and_a_refused_one_is_remembered() {
    let book = |revision| Book::compile(&Proposal::default(), revision, &ground()).unwrap();
    let at = Timestamp::from_millis;
    let in_force = InForce::new(book(3), at(1));
    let rules = in_force.rules();
    assert!(in_force.knows(3) && in_force.knows(2) && !in_force.knows(4));
    assert!(!in_force.put(book(2), at(2)), "older");
    let faults = vec![BookFault::of(Kind::Rule, "a", "when", "bad")];
    in_force.refuse(Refused { revision: 5, faults }, Vec::new());
    assert!(in_force.knows(5) && !in_force.knows(6));
    assert!(in_force.put(book(4), at(3)), "good, and older than what is refused");
    assert_eq!(in_force.now().refused.unwrap().words(), "revision 5: rule `a`: when: bad");
    assert!(in_force.put(book(6), at(4)));
    let state = in_force.now();
    assert_eq!((state.revision, state.refused, state.loads, state.refusals), (6, None, 3, 1));
    assert_eq!((state.since, rules.load().revision), (at(4), 6));
}

fn silence(name: &str, change: impl FnOnce(&mut serde_json::Value)) -> Silence {
    let mut silence = json!({
        "name": name, "owner": "ada", "reason": "a new switch",
        "matchers": [{ "field": "host", "operator": "glob", "value": "lab-*" }],
        "start": "2026-11-28T10:00:00Z", "end": "2026-11-28T12:00:00+01:00",
    });
    change(&mut silence);
    serde_json::from_value(silence).unwrap()
}

fn window(name: &str, change: impl FnOnce(&mut serde_json::Value)) -> Maintenance {
    let mut window = json!({
        "name": name, "owner": "ada", "reason": "patches", "start": "2026-11-29T22:00",
        "zone": "Europe/Berlin", "duration_minutes": 120, "rule": "FREQ=WEEKLY;BYDAY=SU",
        "matchers": [{ "field": "site", "value": "fra1" }],
    });
    change(&mut window);
    serde_json::from_value(window).unwrap()
}

#[tokio::test]
async fn silences_and_windows_are_part_of_the_book_and_old_ones_are_forgotten() {
    let store = MemoryStore::new();
    let catalog = save(&store, |proposal| {
        proposal.put_silence(silence("a", |_| {}));
        proposal.put_maintenance(window("a", |_| {}));
    })
    .await;
    let book = Book::read(&catalog, &ground()).unwrap();
    let names: Vec<&str> = book.rulebook.silences.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["a", "maintenance/a"]);
    let end = silence("a", |_| {}).ends().unwrap();
    let same = save(&store, |proposal| proposal.forget_silences(end, "")).await;
    assert!(same.get(Kind::Silence, "a").is_some());
    let later = end.after(std::time::Duration::from_secs(1));
    let after = save(&store, |proposal| proposal.forget_silences(later, "")).await;
    assert!(after.get(Kind::Silence, "a").is_none());
    assert!(after.get(Kind::Maintenance, "a").is_some());
}

#[test]
fn every_fault_of_a_silence_and_a_window_is_told_at_once() {
    let mut proposal = Proposal::default();
    proposal.put_team(Team { name: "net".into(), description: None, email: None });
    proposal.put_silence(silence("a b", |one| {
        one["matchers"] = json!([]);
        one["end"] = "2026-11-28T10:00:00Z".into();
        one["reason"] = " ".into();
        one["team"] = "nett".into();
    }));
    proposal.put_silence(silence("c", |one| {
        one["matchers"] = json!([
            { "field": "hosts", "value": "x" },
            { "field": "host", "operator": "regex", "value": "(" },
            { "field": "labels.rack", "operator": "glob", "value": "[a" },
        ]);
        one["start"] = "yesterday".into();
        one["end"] = "tomorrow".into();
    }));
    proposal.put_maintenance(window("d", |one| {
        one["zone"] = "Berlin".into();
        one["rule"] = "FREQ=HOURLY".into();
        one["duration_minutes"] = 0.into();
        one["except"] = json!(["Christmas"]);
        one["owner"] = "".into();
    }));
    let faults = Book::compile(&proposal, 1, &ground()).unwrap_err();
    let found = places(&faults);
    for place in [
        ("a b", "name"),
        ("a b", "matchers"),
        ("a b", "end"),
        ("a b", "reason"),
        ("a b", "team"),
        ("c", "matchers[0].field"),
        ("c", "matchers[1].value"),
        ("c", "matchers[2].value"),
        ("c", "start"),
        ("c", "end"),
        ("d", "zone"),
        ("d", "rule"),
        ("d", "duration_minutes"),
        ("d", "except"),
        ("d", "owner"),
    ] {
        assert!(found.contains(&place), "{place:?} is not among {found:?}");
    }
}

#[test]
fn a_silence_is_broad_without_a_place_with_a_catch_all_and_when_it_is_long() {
    let limits = ground().silences;
    let broad = |change: fn(&mut serde_json::Value)| {
        let silence = silence("a", change);
        silence.breadth(&silence.plan(&limits).unwrap(), &limits).join("; ")
    };
    assert_eq!(broad(|_| {}), "");
    let why = broad(|one| one["matchers"] = json!([{ "field": "team", "value": "net" }]));
    assert!(why.contains("no host, site or label"), "{why}");
    for (operator, value) in [("glob", "*"), ("glob", "?*"), ("regex", ".*"), ("regex", "")] {
        let mut silence = silence("a", |_| {});
        let matcher = json!({ "field": "host", "operator": operator, "value": value });
        silence.matchers = vec![serde_json::from_value(matcher).unwrap()];
        let why = silence.breadth(&silence.plan(&limits).unwrap(), &limits);
        assert_eq!(why, ["one of its matchers fits everything"], "{operator} {value}");
    }
    let why = broad(|one| one["end"] = "2026-11-29T10:00:01Z".into());
    assert!(why.contains("longer than 24 h"), "{why}");
    assert_eq!(broad(|one| one["end"] = "2026-11-29T10:00:00Z".into()), "");
    let window = window("a", |one| one["duration_minutes"] = 1_441.into());
    assert_eq!(window.breadth(&window.plan().unwrap(), &limits).len(), 1);
}
