//! A condition, ready to be asked of events.
//!
//! From: a [`Condition`] as data. To: yes or no, and the captures and words of what held.

use std::sync::OnceLock;

use super::anchor::literal_rate;
use super::check::Check;
use super::literal::{Literals, required};
use crate::condition::{Condition, Test};
use crate::field::Seen;
use crate::template::Captures;
use crate::{Fault, Limits};

/// A condition's tree, cheap parts first.
#[derive(Debug)]
pub(crate) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test(Box<TestNode>),
}

/// A test as written, and as it is asked.
#[derive(Debug)]
pub(crate) struct TestNode {
    pub test: Test,
    pub check: Check,
    /// Found when they are first asked for.
    literals: OnceLock<Option<Literals>>,
}

impl Node {
    /// Compiles a condition; every fault is added to `faults`.
    pub fn new(
        condition: &Condition,
        depth: usize,
        limits: &Limits,
        faults: &mut Vec<Fault>,
    ) -> Option<Node> {
        if depth > limits.depth_max {
            let message =
                format!("nested deeper than {}, the limit: make it flatter", limits.depth_max);
            faults.push(Fault::at("", message));
            return None;
        }
        let mut below = |parts: &[Condition]| -> Option<Vec<Node>> {
            let nodes: Vec<Node> = parts
                .iter()
                .filter_map(|part| Node::new(part, depth + 1, limits, faults))
                .collect();
            (nodes.len() == parts.len()).then_some(nodes)
        };
        Some(match condition {
            Condition::All(parts) => {
                let mut nodes = below(parts)?;
                nodes.sort_by_key(Node::cost);
                Node::All(nodes)
            }
            // In the order written: captures come from the first branch that holds.
            Condition::Any(parts) => Node::Any(below(parts)?),
            Condition::Not(part) => {
                Node::Not(Box::new(Node::new(part, depth + 1, limits, faults)?))
            }
            Condition::Test(test) => match Check::new(test, limits) {
                Ok(check) => Node::Test(Box::new(TestNode {
                    test: test.clone(),
                    check,
                    literals: OnceLock::new(),
                })),
                Err(message) => {
                    let place = &test.place;
                    faults
                        .push(Fault { line: place.line, ..Fault::at(place.path.clone(), message) });
                    return None;
                }
            },
        })
    }

    fn cost(&self) -> u32 {
        match self {
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().map(Node::cost).sum(),
            Node::Not(node) => node.cost(),
            Node::Test(node) => node.check.cost(),
        }
    }

    /// Does it hold?
    pub fn holds(&self, seen: &Seen<'_, '_>) -> bool {
        match self {
            Node::All(nodes) => nodes.iter().all(|node| node.holds(seen)),
            Node::Any(nodes) => nodes.iter().any(|node| node.holds(seen)),
            Node::Not(node) => !node.holds(seen),
            Node::Test(node) => node.check.holds(&node.test, seen),
        }
    }

    /// The names that it may capture. What is under `not` captures nothing.
    pub fn capture_names(&self, names: &mut Vec<String>) {
        match self {
            Node::All(nodes) | Node::Any(nodes) => {
                nodes.iter().for_each(|node| node.capture_names(names));
            }
            Node::Not(_) => {}
            Node::Test(node) => {
                if let Check::Regex(regex) = &node.check {
                    for name in regex.names() {
                        if !names.iter().any(|known| known == name) {
                            names.push(name.to_owned());
                        }
                    }
                }
            }
        }
    }

    /// For an event that it holds of: what its regexes captured. The first of a name counts.
    pub fn capture(&self, seen: &Seen<'_, '_>, into: &mut Captures) {
        match self {
            Node::All(nodes) => nodes.iter().for_each(|node| node.capture(seen, into)),
            Node::Any(nodes) => {
                if let Some(node) = nodes.iter().find(|node| node.holds(seen)) {
                    node.capture(seen, into);
                }
            }
            Node::Not(_) => {}
            Node::Test(node) => node.capture(seen, into),
        }
    }

    /// For an event that it holds of: the tests that made it hold, in words.
    pub fn words(&self, seen: &Seen<'_, '_>) -> String {
        let parts =
            |nodes: &[Node]| -> Vec<String> { nodes.iter().map(|node| node.words(seen)).collect() };
        match self {
            Node::All(nodes) => parts(nodes).join(" and "),
            Node::Any(nodes) => nodes
                .iter()
                .find(|node| node.holds(seen))
                .map(|node| node.words(seen))
                .unwrap_or_default(),
            Node::Not(_) => self.all_words(),
            Node::Test(node) => node.words(),
        }
    }

    /// All of it in words, whatever holds.
    pub fn all_words(&self) -> String {
        let join = |nodes: &[Node], word: &str| {
            nodes.iter().map(Node::all_words).collect::<Vec<_>>().join(word)
        };
        match self {
            Node::All(nodes) => join(nodes, " and "),
            Node::Any(nodes) => format!("({})", join(nodes, " or ")),
            Node::Not(node) => match **node {
                Node::Any(_) => format!("not {}", node.all_words()),
                _ => format!("not ({})", node.all_words()),
            },
            Node::Test(node) => node.words(),
        }
    }
}

impl TestNode {
    /// Of a regex or glob: texts in lower case of which each match contains one, if that is so.
    pub fn literals(&self) -> Option<&Literals> {
        let Check::Regex(regex) = &self.check else { return None };
        let rate = |set: &Literals| set.iter().map(|text| literal_rate(text)).sum();
        self.literals.get_or_init(|| required(regex.text(), &rate)).as_ref()
    }

    pub fn words(&self) -> String {
        let (word, value) = self.test.operator.words();
        format!("{} {word} {value}", self.test.field.name())
    }

    fn capture(&self, seen: &Seen<'_, '_>, into: &mut Captures) {
        let Check::Regex(regex) = &self.check else { return };
        if regex.names().next().is_none() {
            return;
        }
        let Some(value) = self.test.field.text(seen) else { return };
        for (name, text) in regex.captures(&value) {
            if !into.iter().any(|(known, _)| known == name) {
                into.push((name.to_owned(), String::from_utf8_lossy(text).into_owned()));
            }
        }
    }
}
