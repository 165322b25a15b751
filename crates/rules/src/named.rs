//! Names of OIDs in rules: `trap_oid.equals = "IF-MIB::linkDown"` becomes what the MIBs say that it is.
//!
//! From: rules as people wrote them. To: rules that are compiled; those that are stored keep the name.

use mutt_event::Oid;
use mutt_event::trap::Names;

use crate::condition::{Condition, Operator};
use crate::field::Field;
use crate::{Draft, Rule};

/// Stands for an OID that only a MIB can tell, where none is at hand.
const SOME_OID: &str = "0.0";

impl Draft {
    /// The same rules with numbers in place of the names that are known; a name that is not stays, and
    /// is a fault when the draft is compiled.
    #[must_use]
    pub fn named(mut self, names: &Names) -> Self {
        let known = |text: &str| names.oid(text).map(|oid| oid.to_string());
        for rule in self.rules_mut() {
            replace(rule, &known);
        }
        self
    }
}

/// The rule with some number for each name of an OID: for checks of all else.
pub(crate) fn with_any_names(rule: &Rule) -> Rule {
    let mut rule = rule.clone();
    replace(&mut rule, &|text| text.contains("::").then(|| SOME_OID.to_owned()));
    rule
}

fn replace(rule: &mut Rule, known: &dyn Fn(&str) -> Option<String>) {
    let beside = rule.sequence.iter_mut().flat_map(|sequence| {
        [Some(&mut sequence.then), sequence.with.as_mut(), sequence.without.as_mut()]
    });
    let all = [Some(&mut rule.when), rule.clear.as_mut()];
    for condition in all.into_iter().chain(beside).flatten() {
        in_condition(condition, known);
    }
}

fn in_condition(condition: &mut Condition, known: &dyn Fn(&str) -> Option<String>) {
    match condition {
        Condition::All(list) | Condition::Any(list) => {
            list.iter_mut().for_each(|one| in_condition(one, known));
        }
        Condition::Not(one) => in_condition(one, known),
        Condition::Test(test) if test.field == Field::TrapOid => {
            let texts = match &mut test.operator {
                Operator::Equals(text) | Operator::OidPrefix(text) => std::slice::from_mut(text),
                Operator::In(texts) => texts.as_mut_slice(),
                _ => return,
            };
            for text in texts.iter_mut().filter(|text| text.parse::<Oid>().is_err()) {
                if let Some(oid) = known(text) {
                    *text = oid;
                }
            }
        }
        Condition::Test(_) => {}
    }
}
