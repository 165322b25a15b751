//! `scenarios`: what comes over a time, and what is told then.

use std::time::Duration;

use super::Reader;
use crate::source::{Node, Value};
use crate::{
    SCENARIO_EVENTS_MAX, SCENARIO_MAX, Scenario, ScenarioEvent, ScenarioKind, ScenarioNotice,
    scenario,
};

/// How many scenarios a rule has at most.
const SCENARIOS_MAX: usize = 100;

impl Reader {
    pub(super) fn scenarios(&mut self, node: Node) -> Vec<Scenario> {
        let line = node.line;
        let scenarios = self.list("scenarios", node, Reader::scenario);
        if scenarios.len() > SCENARIOS_MAX {
            self.fault("scenarios", line, format!("has more than {SCENARIOS_MAX}"));
        }
        scenarios
    }

    /// A list of tables; one that cannot be read is left out.
    fn list<T>(
        &mut self,
        path: &str,
        node: Node,
        mut read: impl FnMut(&mut Self, &str, Node) -> Option<T>,
    ) -> Vec<T> {
        let Value::List(items) = node.value else {
            let message = format!("is {}: expected a list of tables", node.value.sort());
            self.fault(path, node.line, message);
            return Vec::new();
        };
        let mut found = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let path = format!("{path}[{index}]");
            self.mark(&path, item.line);
            found.extend(read(self, &path, item));
        }
        found
    }

    fn scenario(&mut self, path: &str, node: Node) -> Option<Scenario> {
        let line = node.line;
        let mut parts = self.parts(path, node, &["name", "start", "events", "until", "told"])?;
        let name = self.needed(&mut parts, "name", "what it shows", Reader::text);
        let start = self.given(&mut parts, "start", Reader::start);
        let events = self.needed(&mut parts, "events", "what comes", |reader, path, node| {
            Some(reader.list(path, node, Reader::scenario_event))
        });
        let until = self.given(&mut parts, "until", Reader::time);
        let what = "the notices, or [] for none";
        let told = self.needed(&mut parts, "told", what, |reader, path, node| {
            Some(reader.list(path, node, Reader::scenario_notice))
        });
        let scenario = Scenario { name: name?, start, events: events?, until, told: told? };
        if let Err(message) = check(&scenario) {
            self.fault(path, line, message);
        }
        Some(scenario)
    }

    fn start(&mut self, path: &str, node: Node) -> Option<String> {
        let line = node.line;
        let text = self.text(path, node)?;
        if scenario::read_start(&text).is_none() {
            let message = format!("`{text}` is no time: write 2026-01-05T02:00:00Z");
            self.fault(path, line, message);
            return None;
        }
        Some(text)
    }

    fn scenario_event(&mut self, path: &str, node: Node) -> Option<ScenarioEvent> {
        let line = node.line;
        let mut parts = self.parts(path, node, &["at", "message", "trap", "host"])?;
        let at = self.needed(&mut parts, "at", "how long after the begin", Reader::time);
        let message = self.given(&mut parts, "message", Reader::text);
        let trap = self.given(&mut parts, "trap", Reader::trap);
        let host = self.given(&mut parts, "host", Reader::text);
        if message.is_some() == trap.is_some() {
            self.fault(path, line, "needs either `message`, a line as received, or `trap`");
        }
        Some(ScenarioEvent { at: at?, message: message.unwrap_or_default(), trap, host })
    }

    fn scenario_notice(&mut self, path: &str, node: Node) -> Option<ScenarioNotice> {
        let mut parts = self.parts(path, node, &["at", "kind", "host", "key"])?;
        let at = self.needed(&mut parts, "at", "how long after the begin", Reader::time);
        let what = "open, worse, update or clear";
        let kind = self.needed(&mut parts, "kind", what, |reader, path, node| {
            let word = reader.one_of(path, node, &ScenarioKind::ALL.map(ScenarioKind::name));
            ScenarioKind::ALL.into_iter().find(|kind| Some(kind.name()) == word)
        });
        let host = self.given(&mut parts, "host", Reader::text);
        let key = self.given(&mut parts, "key", Reader::text);
        Some(ScenarioNotice { at: at?, kind: kind?, host, key })
    }
}

fn check(scenario: &Scenario) -> Result<(), String> {
    let times = || scenario.events.iter().map(|event| event.at);
    let last = times().next_back().unwrap_or_default();
    if scenario.events.len() > SCENARIO_EVENTS_MAX {
        return Err(format!("has more than {SCENARIO_EVENTS_MAX} events"));
    }
    if !times().is_sorted() {
        return Err("its events are not in the order of their times".to_owned());
    }
    if scenario.lasts() < last {
        return Err("ends before its last event: set `until` later".to_owned());
    }
    if scenario.lasts() > SCENARIO_MAX {
        let days = SCENARIO_MAX.as_secs() / Duration::from_secs(86_400).as_secs();
        return Err(format!("lasts longer than {days} days"));
    }
    Ok(())
}
