//! How a rule's events become alerts, in words.
//!
//! From: the settings of a rule over several events. To: people who ask why.

use crate::duration::text;
use crate::fault::list;
use crate::plan::{clock, day_name};
use crate::{Absent, Between, Count, Expected, Flapping, Parent, Rule, Same, Sequence};

/// One sentence for each setting that the rule has.
pub(crate) fn sentences(rule: &Rule) -> Vec<String> {
    let across = rule.across_hosts.then(|| "one alert for each key over all hosts".to_owned());
    let held = rule.hold_for.map(|time| format!("told only if not cleared within {}", text(time)));
    let early = rule.early_clear.map(|time| {
        format!("ended too by a clear that comes at most {} before its problem", text(time))
    });
    let reopened = rule.reopen_within.map(|time| match time.is_zero() {
        true => "an ended alert is never opened again".to_owned(),
        false => format!("an ended alert that is back within {} is opened again", text(time)),
    });
    let storm = rule
        .storm_per_minute
        .map(|most| format!("at most {most} alerts a minute are told one by one"));
    [
        across,
        rule.count.as_ref().map(count),
        rule.sequence.as_ref().map(sequence),
        rule.absent.as_ref().map(absent),
        held,
        early,
        rule.flapping.as_ref().map(flapping),
    ]
    .into_iter()
    .flatten()
    .chain(rule.suppressed_by.iter().map(parent))
    .chain(reopened)
    .chain(storm)
    .collect()
}

fn count(count: &Count) -> String {
    let different = match count.distinct.as_str() {
        "" => String::new(),
        distinct => format!(" with different {distinct}"),
    };
    let (least, time) = (count.at_least, text(count.within));
    format!("told once at least {least} events{different} come within {time}")
}

fn sequence(sequence: &Sequence) -> String {
    let with = sequence.with.as_ref().map(|_| " and `with` comes between");
    let without = sequence.without.as_ref().map(|_| " and `without` does not come between");
    format!(
        "told once `then` follows within {}{}{}",
        text(sequence.within),
        with.unwrap_or_default(),
        without.unwrap_or_default()
    )
}

fn absent(absent: &Absent) -> String {
    let between = absent.between.as_ref().map(between).unwrap_or_default();
    let expected = expected(&absent.expect);
    match absent.after {
        Some(time) => format!("told if nothing comes for {}{between}{expected}", text(time)),
        None => format!("told if nothing comes{between}{expected}"),
    }
}

fn between(between: &Between) -> String {
    let days = match between.days.as_slice() {
        [] => String::new(),
        days => format!(" on {}", list(days.iter().filter_map(|day| day_name(*day)))),
    };
    let (from, to) = (clock(between.from), clock(between.to));
    format!(" between {from} and {to} in {}{days}", between.zone)
}

fn expected(expected: &Expected) -> String {
    if expected.is_nobody() {
        return String::new();
    }
    let count = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{count} {what}s")),
    };
    let known = expected.inventory.iter().map(|(name, value)| format!("{name} {value}"));
    let known: Vec<String> = known.collect();
    let known = (!known.is_empty()).then(|| format!("all hosts of {}", known.join(" and ")));
    let parts = [count(expected.hosts.len(), "host"), known, count(expected.keys.len(), "key")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("; expected from the start: {}", parts.join(", "))
}

fn flapping(flapping: &Flapping) -> String {
    let object = match flapping.object.as_str() {
        "" => "it".to_owned(),
        object => object.to_owned(),
    };
    format!(
        "told once as flapping while {object} comes and goes: above {} of its begins and ends, \
         until below {}, halved every {}",
        flapping.suppress_above,
        flapping.release_below,
        text(flapping.half_life)
    )
}

fn parent(parent: &Parent) -> String {
    let rule = &parent.rule;
    match &parent.same {
        Same::Upstream => format!("quiet while an alert of rule {rule} is open for its upstream"),
        same => format!("quiet while an alert of rule {rule} with the same {same} is open"),
    }
}
