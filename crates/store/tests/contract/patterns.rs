//! Patterns in a database: what is kept is what the judge holds; how they are found, and what people
//! decide of them.

use crate::values::*;
use mutt_patterns::{Account, Pattern, PatternDecided, PatternId, State};
use mutt_store::{
    AuditEntry, Change, Database, History, Keep, PatternChange, PatternQuery, PatternSort,
    last_hour,
};

contract! {
    patterns_are_replaced_and_go
    one_that_went_and_came_again_is_as_it_is_now
    patterns_are_found_by_each_of_their_parts
    patterns_come_in_each_order_page_by_page
    an_alias_leads_to_the_pattern
    what_was_counted_is_one_row
    decisions_over_patterns_wait_until_they_are_done
    pruning_leaves_patterns_alone
}

fn ids(patterns: &[Pattern]) -> Vec<PatternId> {
    patterns.iter().map(|pattern| pattern.id).collect()
}

async fn all<B: Database>(store: &B) -> Vec<Pattern> {
    store.patterns().await.unwrap()
}

fn gone(gone: Vec<PatternId>) -> PatternChange {
    PatternChange { gone, ..PatternChange::default() }
}

async fn patterns_are_replaced_and_go<B: Database>(store: B) {
    let many: Vec<Pattern> =
        (0..75).map(|n| pattern(&format!("app{n}"), "it is it's \"here\"", "r1", n, 1)).collect();
    store.commit(kept(many.clone())).await.unwrap();
    let later = Pattern { count: 9, state: State::Handled, ..many[3].clone() };
    let rest: Vec<PatternId> = many[4..].iter().map(|pattern| pattern.id).collect();
    let patterns = PatternChange { kept: vec![later.clone()], ..gone(rest) };
    store.commit(Change { patterns, ..Change::default() }).await.unwrap();
    let mut expected = vec![many[0].clone(), many[1].clone(), many[2].clone(), later];
    expected.sort_by_key(|pattern| pattern.id);
    assert_eq!(all(&store).await, expected);
}

async fn one_that_went_and_came_again_is_as_it_is_now<B: Database>(store: B) {
    let old = pattern("app", "all is well", "r1", 1, 50);
    store.commit(kept(vec![old.clone()])).await.unwrap();
    let new = pattern("app", "all is well", "r2", 90, 1);
    assert_eq!(new.id, old.id);
    let patterns = PatternChange { kept: vec![new.clone()], ..gone(vec![old.id]) };
    store.commit(Change { patterns, ..Change::default() }).await.unwrap();
    assert_eq!(all(&store).await, [new]);
}

async fn patterns_are_found_by_each_of_their_parts<B: Database + History>(store: B) {
    let mut fan = pattern("ENV-4-FAN", "FAN 3 Failed 100%_sure", "core-1", 1, 3);
    fan.state = State::Ignored { reason: "it's known".to_owned() };
    let link = pattern("sshd", "link of port down", "Edge.7", 2, 2);
    store.commit(kept(vec![fan.clone(), link.clone()])).await.unwrap();
    let all = || PatternQuery { limit: 9, ..PatternQuery::default() };
    let name = |name: &str| Some(name.to_owned());
    let text = |text: &str| PatternQuery { text: name(text), ..all() };
    let (fan, link) = (fan.id, link.id);
    for (query, expected) in [
        (all(), vec![fan, link]),
        (PatternQuery { states: vec!["open", "handled"], ..all() }, vec![link]),
        (PatternQuery { states: vec!["ignored"], ..all() }, vec![fan]),
        (PatternQuery { key: name("sshd"), ..all() }, vec![link]),
        (PatternQuery { host: name("core-1"), ..all() }, vec![fan]),
        (PatternQuery { host: name("core"), ..all() }, vec![]),
        (PatternQuery { host: name("edge.7"), ..all() }, vec![link]),
        (PatternQuery { team: name("network"), ..all() }, vec![fan, link]),
        (PatternQuery { team: name("net"), ..all() }, vec![]),
        (text("fan 3 fail"), vec![fan]),
        (text("100%_S"), vec![fan]),
        (text("1%s"), vec![]),
        (text("SSHD"), vec![link]),
        (text("OF PORT"), vec![link]),
    ] {
        let found = store.found_patterns(&query).await.unwrap();
        assert_eq!(ids(&found), expected, "{query:?}");
    }
}

async fn patterns_come_in_each_order_page_by_page<B: Database + History>(store: B) {
    const HOUR: i64 = 3_600;
    // The first hour's, the second's and the third's.
    let made =
        [("a", 0, 9), ("b", HOUR, 3), ("c", 2 * HOUR, 5), ("d", 2 * HOUR - 1, 4), ("e", 5, 5)];
    let patterns: Vec<Pattern> = made
        .iter()
        .map(|(key, seconds, times)| pattern(key, "all is well", "r1", *seconds, *times))
        .collect();
    store.commit(kept(patterns.clone())).await.unwrap();
    let last: Vec<u64> = patterns.iter().map(|pattern| last_hour(pattern, 2)).collect();
    assert_eq!(last, [0, 3, 5, 4, 0]);
    for sort in
        [PatternSort::Count, PatternSort::FirstSeen, PatternSort::LastSeen, PatternSort::LastHour]
    {
        let mut query = PatternQuery { limit: 2, sort, hour: 2, ..PatternQuery::default() };
        let mut expected = patterns.clone();
        expected.sort_by_key(|pattern| std::cmp::Reverse((query.sorted_by(pattern), pattern.id)));
        let mut found = Vec::new();
        loop {
            let page = store.found_patterns(&query).await.unwrap();
            let Some(last) = page.last() else { break };
            query.before = Some((query.sorted_by(last), last.id));
            found.extend(page);
        }
        assert_eq!(ids(&found), ids(&expected), "{sort:?}");
    }
}

async fn an_alias_leads_to_the_pattern<B: Database + History>(store: B) {
    let other = pattern("app", "other", "r1", 1, 1);
    let alias = pattern("app", "alias", "r1", 1, 1);
    let mut one = pattern("app", "one", "r1", 1, 1);
    one.aliases = vec![other.id, alias.id];
    store.commit(kept(vec![one.clone(), other.clone()])).await.unwrap();
    assert_eq!(store.pattern(one.id).await.unwrap(), Some(one.clone()));
    assert_eq!(store.pattern(alias.id).await.unwrap(), Some(one));
    // Its own id counts first: it began anew.
    assert_eq!(store.pattern(other.id).await.unwrap(), Some(other));
    assert_eq!(store.pattern(pattern("x", "y", "r1", 1, 1).id).await.unwrap(), None);
}

async fn what_was_counted_is_one_row<B: Database>(store: B) {
    assert_eq!(store.mining().await.unwrap(), Account::default());
    for observed in [5, 8] {
        let account = Account { began: Some(at(1)), observed, ..Account::default() };
        let patterns = PatternChange { account: Some(account), ..PatternChange::default() };
        store.commit(Change { patterns, ..Change::default() }).await.unwrap();
        store.commit(Change::default()).await.unwrap();
        assert_eq!(store.mining().await.unwrap(), account);
    }
}

async fn decisions_over_patterns_wait_until_they_are_done<B: Database + History>(store: B) {
    let id = pattern("app", "all is well", "r1", 1, 1).id;
    let decided = |who: &str| PatternDecided {
        pattern: id,
        state: State::Ignored { reason: "it's noise".to_owned() },
        who: who.to_owned(),
        at: at(5),
    };
    for who in ["ann", "bob", "eve"] {
        store.decide_pattern(decided(who), AuditEntry::default()).await.unwrap();
    }
    let found = store.pattern_decisions(2).await.unwrap();
    let who: Vec<_> = found.iter().map(|(_, decided)| decided.clone()).collect();
    assert_eq!(who, [decided("ann"), decided("bob")]);
    let patterns = PatternChange { decided: vec![found[0].0], ..PatternChange::default() };
    store.commit(Change { patterns, ..Change::default() }).await.unwrap();
    assert_eq!(store.pattern_decisions(9).await.unwrap()[0].1, decided("bob"));
    assert_eq!(store.decisions(9).await.unwrap(), []);
}

async fn pruning_leaves_patterns_alone<B: Database>(store: B) {
    let old = pattern("app", "all is well", "r1", 1, 1);
    store.commit(kept(vec![old.clone()])).await.unwrap();
    store.prune(Keep::since(at(1_000_000))).await.unwrap();
    assert_eq!(all(&store).await, [old]);
}
