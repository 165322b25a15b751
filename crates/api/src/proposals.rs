//! A rule proposed for a pattern. From: the pattern, and its samples as the journal has them. To:
//! whoever asked: a rule as the rules' API takes it, its faults if it has any, and a backtest.
//!
//! An example that does not come out as a match is left out, and that is said: most often another
//! rule owns that message by now.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use mutt_event::{Event, Kind};
use mutt_journal::{Clock, SystemClock};
use mutt_patterns::{Pattern, Sample};
use mutt_pipeline::book::{Book, BookFault, Proposal};
use mutt_rules::{Draft, Format};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::backtests::{self, NewBacktest};
use crate::explain::stored;
use crate::problem::{Fault, Problem};
use crate::schema::RuleSchema;
use crate::site::{Latest, Site, blocking};

/// Behind the rules of packs.
const PRIORITY: u32 = 1_000;

/// How far a backtest looks back unless asked otherwise.
const HOURS_DEFAULT: u32 = 24;

/// The farthest, in hours.
const HOURS_MAX: u32 = 8_760;

/// The longest part of a key in a rule's id.
const SLUG_MAX: usize = 40;

/// What a proposed rule shall have.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProposal {
    /// The rule's id; without it one is made of the pattern's key and id.
    id: Option<String>,
    /// Its priority; default 1,000.
    priority: Option<u32>,
    /// Who is responsible; default the team with the most of the pattern's messages.
    team: Option<String>,
    /// What shall happen; default `ticket_only`, or `log_only` without a team.
    handling: Option<String>,
    /// How many hours the backtest looks back, 1 to 8,760; default 24.
    #[schema(minimum = 1, maximum = 8760)]
    hours: Option<u32>,
}

/// A rule for a pattern; nothing is saved.
#[derive(Serialize, ToSchema)]
pub struct RuleProposal {
    /// The pattern's id.
    pattern: String,
    /// The rule, as /rules takes it.
    #[schema(value_type = RuleSchema)]
    rule: Value,
    /// What varies: the regex's captures, with what the samples have there.
    captures: BTreeMap<String, Vec<String>>,
    /// What to know of it.
    notes: Vec<String>,
    /// What is wrong with the rule; empty: it can be saved.
    faults: Vec<Fault>,
    /// The backtest of it that was begun, beside the rules in force; none: `notes` says why.
    backtest: Option<backtests::View>,
}

/// Proposes a rule, and begins its backtest.
pub async fn propose(
    site: &Arc<Site>,
    caller: &Caller,
    pattern: Pattern,
    wanted: NewProposal,
) -> Result<RuleProposal, Problem> {
    let hours = wanted.hours.unwrap_or(HOURS_DEFAULT);
    if !(1..=HOURS_MAX).contains(&hours) {
        let text = format!("is {hours}: it is 1 to {HOURS_MAX}");
        return Err(Problem::invalid(vec![Fault::of_request("hours", text)]));
    }
    let latest = site.latest().await?;
    let build = {
        let site = Arc::clone(site);
        move || build(&site, &latest, &pattern, &wanted)
    };
    let mut proposal = blocking(build).await?;
    if !proposal.faults.is_empty() {
        proposal.notes.push("no backtest: the rule has faults".to_owned());
        return Ok(proposal);
    }
    let from = SystemClock.now().before(Duration::from_secs(u64::from(hours) * 3_600));
    let wanted = NewBacktest::beside(vec![proposal.rule.clone()], from);
    match backtests::launch(site, caller.name.clone(), wanted).await {
        Ok(view) => proposal.backtest = Some(view),
        Err(problem) => proposal.notes.push(format!("no backtest: {}", problem.detail)),
    }
    Ok(proposal)
}

fn build(site: &Site, latest: &Latest, pattern: &Pattern, wanted: &NewProposal) -> RuleProposal {
    let parts = mutt_patterns::propose(pattern);
    let drawn: Vec<Drawn> = pattern.samples.iter().map(|one| draw(site, pattern, one)).collect();
    let mut notes = Vec::new();
    let mut rule = json!({
        "id": wanted.id.clone().unwrap_or_else(|| id_of(pattern)),
        "priority": wanted.priority.unwrap_or(PRIORITY),
        "when": when(pattern, &parts.regex, &drawn),
        "note": format!("Proposed from pattern {}: {}", pattern.id, pattern.template),
    });
    let team = wanted.team.as_deref().or_else(|| pattern.team());
    if let Some(team) = team {
        rule["team"] = team.into();
    } else if wanted.handling.is_none() {
        notes.push("no team is known of its hosts: name one to tell somebody".to_owned());
    }
    let handling = if team.is_some() { "ticket_only" } else { "log_only" };
    rule["handling"] = wanted.handling.as_deref().unwrap_or(handling).into();
    if !parts.key_template.is_empty() {
        rule["key"] = parts.key_template.clone().into();
    }
    let (examples, faults) = check(site, latest, &rule, &drawn, &mut notes);
    rule["examples"] = examples.into();
    RuleProposal {
        pattern: pattern.id.to_string(),
        rule,
        captures: parts.captures.into_iter().map(|one| (one.name, one.values)).collect(),
        notes,
        faults: faults.into_iter().map(Fault::from).collect(),
        backtest: None,
    }
}

/// `pattern-`, the key, and the beginning of the id.
fn id_of(pattern: &Pattern) -> String {
    let mut id = String::from("pattern-");
    for letter in pattern.key.chars().take(SLUG_MAX) {
        let fits = letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        id.push(if fits { letter.to_ascii_lowercase() } else { '-' });
    }
    // Writing into a String cannot fail.
    let _ = write!(id, "-{}", &pattern.id.as_uuid().simple().to_string()[..8]);
    id
}

/// A sample as an example, and the field that its key is from.
struct Drawn {
    example: Value,
    field: Option<&'static str>,
}

/// As the journal has it; if it is trimmed, as its text allows.
fn draw(site: &Site, pattern: &Pattern, sample: &Sample) -> Drawn {
    let whole = stored(site, &sample.id.to_string(), |event| {
        let example = match (event.kind, &event.trap) {
            (Kind::Syslog, _) => json!({ "message": String::from_utf8_lossy(event.raw) }),
            (_, Some(_)) => json!({ "trap": trap(event) }),
            _ => json!({ "message": line(pattern, sample) }),
        };
        Drawn { example, field: field(pattern, event) }
    });
    let mut drawn = whole.unwrap_or_else(|_| Drawn {
        example: json!({ "message": line(pattern, sample) }),
        field: guessed(pattern, sample),
    });
    drawn.example["host"] = sample.host.clone().into();
    drawn.example["expect"] = "match".into();
    drawn
}

fn trap(event: &Event<'_>) -> Value {
    let varbinds = event.trap.iter().flat_map(|trap| &trap.varbinds);
    let varbinds: BTreeMap<String, String> =
        varbinds.map(|one| (one.oid.to_string(), one.value.text().into_owned())).collect();
    json!({ "oid": event.trap_oid().map(ToString::to_string), "varbinds": varbinds })
}

fn field(pattern: &Pattern, event: &Event<'_>) -> Option<&'static str> {
    let is = |value: Option<&[u8]>| value == Some(pattern.key.as_bytes());
    if is(event.mnemonic.as_deref()) {
        Some("mnemonic")
    } else if event.trap_oid().is_some_and(|oid| oid.to_string() == pattern.key) {
        Some("trap_oid")
    } else {
        is(event.app.as_deref()).then_some("app")
    }
}

/// The key's field by the sample's text alone: Cisco's and their like's texts begin with it.
fn guessed(pattern: &Pattern, sample: &Sample) -> Option<&'static str> {
    let rest = sample.text.strip_prefix('%')?.strip_prefix(&pattern.key)?;
    rest.starts_with(':').then_some("mnemonic")
}

/// A syslog message with a sample's text, as a device might send it.
fn line(pattern: &Pattern, sample: &Sample) -> String {
    if guessed(pattern, sample).is_some() {
        return format!("<189>{}", sample.text);
    }
    let tag = if pattern.key.is_empty() { String::new() } else { format!("{}: ", pattern.key) };
    format!("<13>Jan  1 00:00:00 {} {tag}{}", sample.host, sample.text)
}

/// The key's field, if all samples that tell it agree, and the regex.
fn when(pattern: &Pattern, regex: &str, drawn: &[Drawn]) -> Value {
    let mut when = json!({ "message": { "regex": regex } });
    let first = drawn.iter().find_map(|one| one.field);
    let agree = drawn.iter().all(|one| one.field.is_none() || one.field == first);
    if let Some(field) = first.filter(|_| agree && !pattern.key.is_empty()) {
        when[field] = json!({ "equals": pattern.key });
    }
    when
}

/// The examples that come out as a match among all rules, and what is wrong with the rule.
fn check(
    site: &Site,
    latest: &Latest,
    rule: &Value,
    drawn: &[Drawn],
    notes: &mut Vec<String>,
) -> (Vec<Value>, Vec<BookFault>) {
    let mut examples: Vec<Value> = drawn.iter().map(|one| one.example.clone()).collect();
    loop {
        let mut tried = rule.clone();
        tried["examples"] = examples.clone().into();
        let file = json!({ "rules": [tried] }).to_string();
        let mut proposal = Proposal::of(latest.parts.clone());
        proposal.put_rules(Draft::read(&file, Format::Json));
        let Err(faults) = Book::compile(&proposal, 0, &site.ground) else {
            return (examples, Vec::new());
        };
        // Examples of other rules that it would take are its faults.
        let bad = |fault: &BookFault| {
            fault.name.as_deref().filter(|name| rule["id"] == *name)?;
            let place = fault.path.strip_prefix("examples[")?.split_once(']')?;
            place.0.parse::<usize>().ok().filter(|index| *index < examples.len())
        };
        let mut left_out: Vec<usize> = faults.iter().filter_map(bad).collect();
        left_out.sort_unstable();
        left_out.dedup();
        if left_out.is_empty() {
            return (examples, faults);
        }
        let of_example = faults.iter().filter(|fault| bad(fault).is_some());
        notes.extend(of_example.map(|fault| format!("an example is left out: {}", fault.message)));
        left_out.into_iter().rev().for_each(|index| {
            examples.remove(index);
        });
    }
}
