//! The rules of the story, in revisions that differ in rules, inventory and limits.
//!
//! From: texts, compiled once a process. To: the judge, as rulebooks; `oracle/says.rs` knows what
//! they mean too, in its own slow words.

use std::sync::{Arc, OnceLock};

use mutt_alert::reference::Hidden;
use mutt_alert::{Holds, Silences, StormLimits};
use mutt_event::Timestamp;
use mutt_pipeline::Rulebook;
use mutt_rules::{Environments, Format, Inventory, RuleSet, parse_rules, read_inventory};

/// Revisions are 1 to this.
pub const REVISIONS: u64 = 4;

/// The rules of every revision; `@` stands where revisions differ.
const RULES: &str = r#"
[[rules]]
id = "link"
priority = 10
when.message.contains = "LINKDOWN"
clear.message.contains = "LINKUP"
reopen_within = "0s"
handling = { prod = "page_only", dev = "log_only" }
team = "noc"

[[rules]]
id = "auth"
priority = 20
when.message.regex = 'AUTHFAIL k=(?<k>\d)'
@auth
handling = "log_only"
close_after = "20s"

[[rules]]
id = "fan"
priority = 30
when.message.contains = "FANFAIL"
handling = "@fan"
team = "field"
close_after = "30s"

[[rules]]
id = "noise"
priority = 40
when.message.contains = "NOISE"
handling = "suppress"

[[rules]]
id = "login"
priority = 50
when.message.regex = 'LOGINFAIL k=(?<k>\d)'
key = "{captures.k}"
across_hosts = true
count = { at_least = 2, within = "20s", distinct = "{host}" }
close_after = "15s"
handling = "ticket_only"
team = "security"

[[rules]]
id = "bgp"
priority = 70
when.message.regex = 'BGPDOWN k=(?<k>\d)'
clear.message.regex = 'BGPUP k=(?<k>\d)'
key = "{captures.k}"
hold_for = "3s"
early_clear = "2s"
reopen_within = "8s"
handling = { prod = "page_only", dev = "log_only" }
team = "noc"

[[rules]]
id = "beat"
priority = 80
when.message.contains = "HEARTBEAT"
absent = { for = "20s", expect = { hosts = ["core1", "@expected"] } }
handling = "page_only"
team = "noc"

[[rules]]
id = "config"
priority = 90
when.message.contains = "CONFIG"
sequence = { within = "10s", then.message.contains = "RELOAD", without.message.contains = "SAVED" }
close_after = "20s"
handling = "ticket_only"
team = "noc"

[[rules]]
id = "flap"
priority = 100
when.message.contains = "PORTDOWN"
clear.message.contains = "PORTOK"
flapping = { suppress_above = 2, release_below = 1, half_life = "3s" }
reopen_within = "5s"
handling = "page_and_ticket"
team = "noc"

[[rules]]
id = "power"
priority = 110
when.message.contains = "POWERLOST"
clear.message.contains = "POWERBACK"
handling = "page_only"
team = "facility"

[[rules]]
id = "host"
priority = 120
when.message.contains = "HOSTDOWN"
clear.message.contains = "HOSTOK"
suppressed_by = [{ rule = "power", same = "site" }]
hold_for = "1s"
handling = "page_and_ticket"
team = "noc"

[[rules]]
id = "duplex"
priority = 130
when.message.regex = 'DUPLEX k=(?<k>\d)'
key = "{captures.k}"
storm_per_minute = 2
close_after = "10s"
handling = "ticket_only"
team = "noc"
"#;

/// Not in revision 3.
const CRC: &str = r#"
[[rules]]
id = "crc"
priority = 60
when.message.contains = "CRCERROR"
clear.message.contains = "CRCFINE"
count = { at_least = 2, within = "10s" }
reopen_within = "10s"
handling = "page_and_ticket"
team = "noc"
"#;

/// The hosts of every revision.
const HOSTS: &str = r#"
[[hosts]]
host = "core1"
site = "a"

[[hosts]]
host = "core2"
site = "a"

[[hosts]]
host = "lab-1"
site = "a"

[[hosts]]
host = "edge1"
site = "b"
environment = "@edge"
"#;

/// What judging goes by in a revision.
///
/// # Errors
/// What the compiler says of the rules.
pub fn book(revision: u64) -> Result<Arc<Rulebook>, String> {
    static BOOKS: OnceLock<Result<Vec<Arc<Rulebook>>, String>> = OnceLock::new();
    let books = BOOKS.get_or_init(|| (1..=REVISIONS).map(|n| compile(n).map(Arc::new)).collect());
    let books = books.as_ref().map_err(Clone::clone)?;
    let book = usize::try_from(revision).ok().and_then(|n| books.get(n.checked_sub(1)?));
    book.cloned().ok_or_else(|| format!("there is no revision {revision}"))
}

/// The same with silences.
///
/// # Errors
/// As [`book`].
pub fn with_silences(revision: u64, hidden: &[Hidden]) -> Result<Arc<Rulebook>, String> {
    if hidden.is_empty() {
        return book(revision);
    }
    let plans = hidden.iter().map(Hidden::plan).collect::<Result<_, _>>()?;
    let silences = Arc::new(Silences::new(plans));
    Ok(Arc::new(Rulebook { silences, ..compile(revision)? }))
}

/// A silence of a rule's alerts; its name says what it hides.
pub fn hidden(
    number: u64,
    rule: &str,
    host: Option<&str>,
    holds: (Timestamp, Timestamp),
) -> Hidden {
    Hidden {
        name: format!("{number}:{rule}:{}", host.unwrap_or_default()),
        rule_id: rule.to_owned(),
        host: host.map(str::to_owned),
        start: holds.0,
        end: holds.1,
    }
}

/// What the silences of a book hide, by their names.
pub fn hidden_in(book: &Rulebook) -> Vec<Hidden> {
    let of = |plan: &mutt_alert::SilencePlan| {
        let mut parts = plan.name.splitn(3, ':').skip(1);
        let (rule, host) = (parts.next()?, parts.next()?);
        let Holds::Once { start, end } = plan.holds else { return None };
        let host = (!host.is_empty()).then(|| host.to_owned());
        Some(Hidden { name: plan.name.clone(), rule_id: rule.to_owned(), host, start, end })
    };
    book.silences.iter().filter_map(of).collect()
}

/// The rules of one revision with the hosts and limits of another: what nobody may judge by.
///
/// # Errors
/// As [`book`].
pub fn half_loaded(rules: u64, rest: u64, hidden: &[Hidden]) -> Result<Arc<Rulebook>, String> {
    let whole = with_silences(rest, hidden)?;
    let storms = whole.storms;
    Ok(Arc::new(Rulebook {
        revision: rules,
        storms,
        silences: Arc::clone(&whole.silences),
        ..Rulebook::new(rules_of(rules)?, hosts_of(rest)?)
    }))
}

fn compile(revision: u64) -> Result<Rulebook, String> {
    let team_per_minute = if revision == 2 { 4 } else { 0 };
    let storms = StormLimits { team_per_minute, ..StormLimits::default() };
    let book = Rulebook::new(rules_of(revision)?, hosts_of(revision)?);
    Ok(Rulebook { revision, storms, ..book })
}

fn rules_of(revision: u64) -> Result<RuleSet, String> {
    let text = RULES
        .replace("@auth", if revision == 3 { "key = \"{captures.k}\"" } else { "" })
        .replace("@fan", if revision == 2 { "log_only" } else { "ticket_only" })
        .replace("@expected", if revision == 4 { "edge1" } else { "core2" });
    let text = if revision == 3 { text } else { text + CRC };
    let rules = parse_rules(&text, Format::Toml).map_err(|faults| words(&faults))?;
    RuleSet::compile(rules).map(|(rules, _)| rules).map_err(|faults| words(&faults))
}

fn hosts_of(revision: u64) -> Result<Inventory, String> {
    let text = HOSTS.replace("@edge", if revision == 2 { "dev" } else { "prod" });
    let hosts = read_inventory(&text, Format::Toml).map_err(|faults| words(&faults))?;
    let lab = Environments::new(&["lab-*".to_owned()]).map_err(|faults| words(&faults))?;
    Inventory::new(hosts, lab).map_err(|faults| words(&faults))
}

fn words(faults: &[mutt_rules::Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
