//! Grouping accuracy over labelled messages. To: the test and the benchmark of it.

use std::collections::HashMap;

use mutt_event::{MessageId, Timestamp};
use mutt_patterns::{Limits, Miner, PatternId, Seen};

/// Our own labelled messages: invented network syslog.
pub const CORPUS: &str = include_str!("../corpus/network.tsv");

/// A message and what kind of message it is.
pub type Labelled = (String, String);

/// The corpus as label and message.
pub fn corpus() -> Vec<Labelled> {
    let lines = CORPUS.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once('\t'))
        .map(|(label, text)| (label.to_owned(), text.to_owned()))
        .collect()
}

/// A group that is not as it should be: its label, how many messages, the templates they got.
pub type Wrong = (String, usize, Vec<String>);

/// The share of messages whose group has all messages of their kind and no other: the grouping
/// accuracy of LogHub's benchmark (Zhu et al. 2019). Without keys, and with the default limits.
///
/// A message belongs to the pattern that its pattern has become one with by the end.
pub fn accuracy(messages: &[Labelled]) -> (f64, Vec<Wrong>) {
    let mut miner = Miner::new(Limits::default());
    let ids: Vec<PatternId> =
        messages.iter().filter_map(|(_, text)| see(&mut miner, text)).collect();
    assert_eq!(ids.len(), messages.len(), "a message was not counted");
    let found = |id: &PatternId| miner.get(*id).map(|pattern| (pattern.id, &pattern.template));
    let mut groups: HashMap<PatternId, usize> = HashMap::new();
    let mut kinds: HashMap<&str, HashMap<PatternId, (usize, &String)>> = HashMap::new();
    for ((label, _), (id, template)) in messages.iter().zip(ids.iter().filter_map(found)) {
        *groups.entry(id).or_default() += 1;
        kinds.entry(label).or_default().entry(id).or_insert((0, template)).0 += 1;
    }
    let (mut right, mut wrong) = (0, Vec::new());
    for (label, parts) in kinds {
        let count: usize = parts.values().map(|(count, _)| count).sum();
        if parts.keys().all(|id| groups.get(id) == Some(&count)) {
            right += count;
        } else {
            let templates = parts.into_values().map(|(_, template)| template.clone());
            wrong.push((label.to_owned(), count, templates.collect()));
        }
    }
    wrong.sort();
    (right as f64 / messages.len().max(1) as f64, wrong)
}

fn see(miner: &mut Miner, text: &str) -> Option<PatternId> {
    let at = Timestamp::ZERO;
    miner.observe(&Seen {
        key: b"",
        host: "r1",
        text: text.as_bytes(),
        severity: None,
        team: None,
        at,
        id: MessageId { appended: at, partition: 0, position: 0 },
    })
}
