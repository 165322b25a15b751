//! `count`, `sequence`, `flapping` and `suppressed_by`: settings of rules over several events.

use super::Reader;
use crate::source::{Node, Value};
use crate::{Condition, Count, Flapping, Parent, Same, Sequence};

impl Reader {
    /// `count`: how many within what time.
    pub(super) fn count(&mut self, node: Node) -> Option<Count> {
        let mut parts = self.parts("count", node, &["at_least", "within", "distinct"])?;
        let at_least = self.needed(&mut parts, "at_least", "how many events", Reader::number);
        let within = self.needed(&mut parts, "within", "in what time they come", Reader::time);
        let distinct = self.given(&mut parts, "distinct", Reader::text);
        Some(Count {
            at_least: at_least.unwrap_or_default(),
            within: within.unwrap_or_default(),
            distinct: distinct.unwrap_or_default(),
        })
    }

    /// `sequence`: what follows.
    pub(super) fn sequence(&mut self, node: Node) -> Option<Sequence> {
        let condition = |reader: &mut Reader, path: &str, node| Some(reader.condition(path, node));
        let mut parts = self.parts("sequence", node, &["then", "within", "with", "without"])?;
        let then = self.needed(&mut parts, "then", "a condition, what has to follow", condition);
        let within = self.needed(&mut parts, "within", "how long after the first", Reader::time);
        Some(Sequence {
            then: then.unwrap_or(Condition::All(Vec::new())),
            within: within.unwrap_or_default(),
            with: self.given(&mut parts, "with", condition),
            without: self.given(&mut parts, "without", condition),
        })
    }

    /// `flapping`: `true`, or what is otherwise than usual.
    pub(super) fn flapping(&mut self, node: Node) -> Option<Flapping> {
        let usual = Flapping::default();
        if let Value::Bool(is_damped) = node.value {
            return is_damped.then_some(usual);
        }
        let keys = ["suppress_above", "release_below", "half_life", "object"];
        let mut parts = self.parts("flapping", node, &keys)?;
        let above = self.given(&mut parts, "suppress_above", Reader::number);
        let below = self.given(&mut parts, "release_below", Reader::number);
        let half_life = self.given(&mut parts, "half_life", Reader::time);
        let object = self.given(&mut parts, "object", Reader::text);
        Some(Flapping {
            suppress_above: above.unwrap_or(usual.suppress_above),
            release_below: below.unwrap_or(usual.release_below),
            half_life: half_life.unwrap_or(usual.half_life),
            object: object.unwrap_or(usual.object),
        })
    }

    /// `suppressed_by`: rules, and what they have in common with this one.
    pub(super) fn parents(&mut self, node: Node) -> Vec<Parent> {
        let Value::List(items) = node.value else {
            let message = format!(
                "is {}: expected a list such as [{{ rule = \"site-power\", same = \"site\" }}]",
                node.value.sort()
            );
            self.fault("suppressed_by", node.line, message);
            return Vec::new();
        };
        let read = |(index, item): (usize, Node)| {
            let path = format!("suppressed_by[{index}]");
            self.mark(&path, item.line);
            self.parent(&path, item)
        };
        items.into_iter().enumerate().map(read).collect()
    }

    /// One at fault comes back too, so that the others keep their numbers.
    fn parent(&mut self, path: &str, node: Node) -> Parent {
        let mut parent = Parent { rule: String::new(), same: Same::Host };
        let Some(mut parts) = self.parts(path, node, &["rule", "same"]) else { return parent };
        let rule = self.needed(&mut parts, "rule", "the id of the rule that quiets", Reader::text);
        parent.rule = rule.unwrap_or_default();
        let what = "host, site, upstream or labels.NAME";
        if let Some(same) = self.needed(&mut parts, "same", what, Reader::same) {
            parent.same = same;
        }
        parent
    }

    fn same(&mut self, path: &str, node: Node) -> Option<Same> {
        let line = node.line;
        let text = self.text(path, node)?;
        text.parse().map_err(|message: String| self.fault(path, line, message)).ok()
    }
}
