//! Rules that quiet others, checked beside each other.
//!
//! From: all rules of a set as far as they could be read. To: faults: parents that are missing or
//! have no alerts, and circles.

use std::collections::HashMap;

use crate::draft::Sketch;
use crate::fault::did_you_mean;
use crate::{Fault, Rule};

/// The most missing rules for which a similar name is looked for among all.
const HINTS_MAX: usize = 100;
/// The most rules of a circle that are named.
const NAMED_MAX: usize = 10;

/// Everything that is wrong with `suppressed_by`; `whole`: no rule is missing here.
pub(crate) fn check_parents(sketches: &[Sketch], whole: bool) -> Vec<Fault> {
    let is_whole = whole && !sketches.iter().any(|sketch| sketch.is_doubtful("id"));
    let places: HashMap<&str, usize> = sketches
        .iter()
        .enumerate()
        .rev()
        .map(|(place, sketch)| (sketch.rule.id.as_str(), place))
        .collect();
    let mut faults = Vec::new();
    let mut parents = Vec::with_capacity(sketches.len());
    for (place, sketch) in sketches.iter().enumerate() {
        let rule = &sketch.rule;
        let mut found = Vec::new();
        for (index, parent) in rule.suppressed_by.iter().enumerate() {
            let path = format!("suppressed_by[{index}].rule");
            if sketch.is_doubtful(&path) {
                continue;
            }
            match places.get(parent.rule.as_str()) {
                Some(parent) if *parent == place => {}
                Some(parent) => {
                    faults.extend(no_alerts(&sketches[*parent]).map(|said| rule.fault(path, said)));
                    found.push(*parent);
                }
                None if is_whole => {
                    let known = Some(&places).filter(|_| faults.len() < HINTS_MAX);
                    faults.push(rule.fault(path, no_rule(&parent.rule, known)));
                }
                None => {}
            }
        }
        parents.push(found);
    }
    let rules: Vec<&Rule> = sketches.iter().map(|sketch| &sketch.rule).collect();
    faults.extend(circles(&parents).iter().map(|circle| circular(&rules, circle)));
    faults
}

/// `known`: the ids that there are, if a similar one is looked for.
fn no_rule(id: &str, known: Option<&HashMap<&str, usize>>) -> String {
    let hint = did_you_mean(id, known.into_iter().flat_map(|known| known.keys().copied()));
    format!("no rule is called `{id}`.{hint} Name a rule of this set.")
}

/// What to say of a parent that never quiets anything.
fn no_alerts(parent: &Sketch) -> Option<String> {
    let rule = &parent.rule;
    let why = match (rule.continues, rule.handling.suppresses()) {
        (true, _) => "only labels",
        (_, true) => "suppresses",
        _ => return None,
    };
    Some(format!("rule {} {why}, so no alert of it quiets another: name another rule", rule.id))
}

fn circular(rules: &[&Rule], circle: &[usize]) -> Fault {
    let mut names: Vec<&str> =
        circle.iter().take(NAMED_MAX).map(|place| rules[*place].id.as_str()).collect();
    names.push(if circle.len() > NAMED_MAX { "…" } else { rules[circle[0]].id.as_str() });
    let message = format!(
        "rules quiet each other in a circle, so none could be told: {}; take one of them out",
        names.join(" by ")
    );
    rules[circle[0]].fault("suppressed_by", message)
}

/// How far the search for circles is with a rule.
#[derive(Clone, Copy)]
enum Reached {
    Not,
    /// It is on the path, at this place.
    At(usize),
    Done,
}

/// Circles among rules by their parents: at least one of each knot.
fn circles(parents: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut reached = vec![Reached::Not; parents.len()];
    let mut found = Vec::new();
    // Rules from child to parent, each with how many of its parents were looked at.
    let mut path: Vec<(usize, usize)> = Vec::new();
    for start in 0..parents.len() {
        if matches!(reached[start], Reached::Not) {
            reached[start] = Reached::At(0);
            path.push((start, 0));
        }
        while let Some((rule, looked)) = path.last_mut() {
            let Some(parent) = parents[*rule].get(*looked) else {
                reached[*rule] = Reached::Done;
                path.pop();
                continue;
            };
            *looked += 1;
            match reached[*parent] {
                Reached::Not => {
                    reached[*parent] = Reached::At(path.len());
                    path.push((*parent, 0));
                }
                Reached::At(place) => {
                    found.push(path[place..].iter().map(|(rule, _)| *rule).collect());
                }
                Reached::Done => {}
            }
        }
    }
    found
}
