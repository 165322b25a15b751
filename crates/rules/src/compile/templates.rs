//! A rule's templates, read once.
//!
//! From: a rule, and the names that its `when` captures. To: the texts of its alerts.

use crate::draft::Sketch;
use crate::template::{Template, without_event};
use crate::{Fault, Rule};

/// All templates of a rule.
#[derive(Debug)]
pub(crate) struct Templates {
    /// None: the event's message.
    pub summary: Option<Template>,
    pub key: Template,
    /// What of counted events has to differ.
    pub distinct: Option<Template>,
    /// What flaps.
    pub object: Option<Template>,
    pub labels: Vec<(String, Template)>,
}

impl Templates {
    /// Reads them all and tells everything that is wrong with them; none if the key is at fault.
    pub fn new(
        sketch: &Sketch,
        names: Option<&[String]>,
        faults: &mut Vec<Fault>,
    ) -> Option<Templates> {
        let rule = &sketch.rule;
        let mut read = |path: &str, text: &str| {
            Template::parse(text, names)
                .map_err(|found| {
                    faults.extend(found.into_iter().map(|message| Fault::at(path, message)));
                })
                .ok()
        };
        let with_event = rule.absent.is_none() && !sketch.is_doubtful("absent");
        let summary = rule.summary.as_ref().filter(|_| with_event);
        let summary = summary.and_then(|text| read("summary", text));
        let key = read("key", &rule.key);
        let distinct = rule.count.as_ref().map(|count| count.distinct.as_str());
        let distinct = written(distinct).and_then(|text| read("count.distinct", text));
        let object = rule.flapping.as_ref().map(|flapping| flapping.object.as_str());
        let object = written(object).and_then(|text| read("flapping.object", text));
        let label = |(name, text): (&String, &String)| {
            Some((name.clone(), read(&format!("labels.{name}"), text)?))
        };
        let labels = rule.labels.iter().filter_map(label).collect();
        check_absent_summary(rule, faults);
        Some(Templates { summary, key: key?, distinct, object, labels })
    }
}

fn written(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// What did not come has no event to tell of.
fn check_absent_summary(rule: &Rule, faults: &mut Vec<Fault>) {
    let summary = rule.summary.as_ref().filter(|_| rule.absent.is_some());
    let found = summary.and_then(|text| without_event(text, "", "").err()).unwrap_or_default();
    faults.extend(found.into_iter().map(|message| Fault::at("summary", message)));
}
