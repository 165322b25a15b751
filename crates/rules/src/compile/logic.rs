//! What follows from conditions alone, whatever the event: one implies another, or two can
//! never both hold.
//!
//! From: compiled conditions. To: warnings about rules that stand in each other's way. A yes is
//! proven; a no may be a case that is not looked at.

use super::check::Check;
use super::tree::{Node, TestNode};
use crate::condition::Operator;

/// The most steps for one question: conditions that nest in each other could take very many.
const STEPS_MAX: u32 = 2_000;

/// Does `b` hold of every event that `a` holds of?
pub(crate) fn implies(a: &Node, b: &Node) -> bool {
    Prover { steps_left: STEPS_MAX }.implies(a, b)
}

/// Is there no event that both hold of?
pub(crate) fn excludes(a: &Node, b: &Node) -> bool {
    Prover { steps_left: STEPS_MAX }.excludes(a, b)
}

struct Prover {
    steps_left: u32,
}

impl Prover {
    fn step(&mut self) -> bool {
        self.steps_left = self.steps_left.saturating_sub(1);
        self.steps_left > 0
    }

    fn implies(&mut self, a: &Node, b: &Node) -> bool {
        if !self.step() {
            return false;
        }
        match (a, b) {
            (_, Node::All(parts)) => parts.iter().all(|part| self.implies(a, part)),
            (Node::Any(branches), _) => branches.iter().all(|branch| self.implies(branch, b)),
            _ => {
                let by_part =
                    matches!(a, Node::All(parts) if parts.iter().any(|part| self.implies(part, b)));
                by_part
                    || match b {
                        Node::Any(branches) => branches.iter().any(|part| self.implies(a, part)),
                        Node::Not(b) => self.excludes(a, b),
                        Node::Test(b) => matches!(a, Node::Test(a) if test_implies(a, b)),
                        Node::All(_) => false,
                    }
            }
        }
    }

    fn excludes(&mut self, a: &Node, b: &Node) -> bool {
        if !self.step() {
            return false;
        }
        match (a, b) {
            (Node::Any(branches), other) | (other, Node::Any(branches)) => {
                branches.iter().all(|branch| self.excludes(branch, other))
            }
            (Node::All(parts), other) | (other, Node::All(parts))
                if parts.iter().any(|part| self.excludes(part, other)) =>
            {
                true
            }
            (Node::Not(a), b) if self.implies(b, a) => true,
            (a, Node::Not(b)) => self.implies(a, b),
            (Node::Test(a), Node::Test(b)) => test_excludes(a, b),
            _ => false,
        }
    }
}

fn test_implies(a: &TestNode, b: &TestNode) -> bool {
    if a.test.field != b.test.field {
        return false;
    }
    if a.test.operator == b.test.operator && a.test.case == b.test.case {
        return true;
    }
    // Each test but this one holds only of a field that is there.
    let there = !matches!(a.check, Check::Exists(false));
    match (&a.check, &b.check) {
        (_, Check::Exists(true)) => there,
        (Check::Severities(a), Check::Severities(b)) => a & !b == 0,
        (Check::OidPrefix(a), Check::OidPrefix(b)) => a.starts_with(b),
        (Check::OidIn(oids), Check::OidPrefix(b)) => oids.iter().all(|oid| oid.starts_with(b)),
        (Check::OidIn(a), Check::OidIn(b)) => a.iter().all(|oid| b.contains(oid)),
        (Check::Cidr(a), Check::Cidr(b)) => b.contains(a),
        (Check::AddressIn(ips), Check::Cidr(b)) => ips.iter().all(|ip| b.contains(ip)),
        (Check::AddressIn(a), Check::AddressIn(b)) => a.iter().all(|ip| b.contains(ip)),
        (Check::Number(a_least, a_most), Check::Number(b_least, b_most)) => {
            b_least.is_none_or(|b| a_least.is_some_and(|a| b <= a))
                && b_most.is_none_or(|b| a_most.is_some_and(|a| a <= b))
        }
        _ => text_implies(a, b),
    }
}

fn text_implies(a: &TestNode, b: &TestNode) -> bool {
    // A value known only without its case tells nothing about a test that minds it.
    if b.test.case && !a.test.case {
        return false;
    }
    let needle =
        |text: &Vec<u8>| if b.test.case { text.clone() } else { text.to_ascii_lowercase() };
    match (&a.check, &b.check) {
        (Check::Equals(_), Check::Regex(_))
            if !a.test.case && !matches!(b.test.operator, Operator::Glob(_)) =>
        {
            // A regex may switch the case on inside: only the very text would tell.
            false
        }
        (Check::Equals(texts), Check::Cidr(_) | Check::AddressIn(_)) => texts.is_empty(),
        (Check::Equals(texts), _) => texts.iter().all(|text| b.check.fits_text(text, b.test.case)),
        (Check::Contains(a) | Check::StartsWith(a) | Check::EndsWith(a), Check::Contains(b)) => {
            memchr::memmem::find(&needle(a), b).is_some()
        }
        (Check::StartsWith(a), Check::StartsWith(b)) => needle(a).starts_with(b),
        (Check::EndsWith(a), Check::EndsWith(b)) => needle(a).ends_with(b),
        (Check::Regex(_), Check::Contains(text)) if !b.test.case => {
            a.literals().is_some_and(|literals| {
                literals.iter().all(|literal| memchr::memmem::find(literal, text).is_some())
            })
        }
        _ => false,
    }
}

fn test_excludes(a: &TestNode, b: &TestNode) -> bool {
    if a.test.field != b.test.field {
        return false;
    }
    one_way_excludes(a, b) || one_way_excludes(b, a)
}

fn one_way_excludes(a: &TestNode, b: &TestNode) -> bool {
    let lower = |text: &Vec<u8>| text.to_ascii_lowercase();
    match (&a.check, &b.check) {
        (Check::Exists(false), Check::Exists(false)) => false,
        (Check::Exists(false), _) => true,
        (Check::Severities(a), Check::Severities(b)) => a & b == 0,
        (Check::OidIn(oids), Check::OidPrefix(b)) => !oids.iter().any(|oid| oid.starts_with(b)),
        (Check::OidIn(a), Check::OidIn(b)) => !a.iter().any(|oid| b.contains(oid)),
        (Check::OidPrefix(a), Check::OidPrefix(b)) => !a.starts_with(b) && !b.starts_with(a),
        (Check::Cidr(a), Check::Cidr(b)) => !a.contains(b) && !b.contains(a),
        (Check::AddressIn(ips), Check::Cidr(b)) => !ips.iter().any(|ip| b.contains(ip)),
        (Check::AddressIn(a), Check::AddressIn(b)) => !a.iter().any(|ip| b.contains(ip)),
        (Check::Number(_, Some(most)), Check::Number(Some(least), _)) => most < least,
        (Check::Equals(a), Check::Equals(b)) => {
            !a.iter().any(|a| b.iter().any(|b| a.eq_ignore_ascii_case(b)))
        }
        // Compared without case: what differs so differs with case too.
        (Check::Equals(texts), Check::Contains(_) | Check::StartsWith(_) | Check::EndsWith(_)) => {
            let loose = match &b.check {
                Check::Contains(text) => Check::Contains(lower(text)),
                Check::StartsWith(text) => Check::StartsWith(lower(text)),
                Check::EndsWith(text) => Check::EndsWith(lower(text)),
                _ => return false,
            };
            !texts.iter().any(|text| loose.fits_text(text, false))
        }
        (Check::StartsWith(a), Check::StartsWith(b)) => {
            let (a, b) = (lower(a), lower(b));
            !a.starts_with(&b) && !b.starts_with(&a)
        }
        (Check::EndsWith(a), Check::EndsWith(b)) => {
            let (a, b) = (lower(a), lower(b));
            !a.ends_with(&b) && !b.ends_with(&a)
        }
        _ => false,
    }
}
