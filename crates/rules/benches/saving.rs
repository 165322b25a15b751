//! What a save costs: stored rules are read, the whole set is compiled and its examples are
//! judged; and what an inventory costs: `cargo bench -p mutt-rules --bench saving`. Times are on the
//! processor, of the best of five runs.

mod cpu;

use std::time::Duration;

use mutt_event::{Parser, ParserConfig};
use mutt_rules::{
    Environments, Format, Inventory, InventoryEntry, Rule, RuleSet, inventory_from_csv,
    inventory_to_csv, parse_rules,
};

const RULES: usize = 10_000;
const HOSTS: usize = 100_000;
const WORDS: [&str; 8] = ["pool", "tunnel", "session", "peer", "module", "sensor", "queue", "fan"];

/// Rules as people write them, each with a clear and two examples.
fn rules() -> String {
    let rule = |n: usize| {
        let (word, unit) = (WORDS[n % WORDS.len()], n / WORDS.len());
        format!(
            "[[rules]]\nid = \"r{n:05}\"\npriority = {}\nteam = \"t\"\nhandling = \"ticket_only\"\n\
             when.message.regex = '{word} failed on unit {unit}\\b.*(?<id>\\d+)'\n\
             clear.message.regex = '{word} is well on unit {unit}\\b.*(?<id>\\d+)'\n\
             key = \"{{captures.id}}\"\nsummary = \"{{host}}: {word} {{captures.id}} failed\"\n\
             examples = [\n\
             {{ expect = \"match\", message = \"<187>Nov 23 12:00:01 r1 agent[7]: {word} failed on unit {unit}, port 3\" }},\n\
             {{ expect = \"clear\", message = \"<187>Nov 23 12:00:01 r1 agent[7]: {word} is well on unit {unit}, port 3\" }},\n\
             ]\n\n",
            n % 1_000
        )
    };
    (0..RULES).map(rule).collect()
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(1)
}

/// Mostly names; one in a hundred is a pattern, one in a hundred a network.
fn hosts() -> Vec<InventoryEntry> {
    let entry = |n: usize| {
        let host = match n % 100 {
            0 => format!("site{n}-*"),
            1 => format!("10.{}.{}.0/24", n / 25_600, n / 100 % 256),
            _ => format!("rtr{n:06}.example.net"),
        };
        let labels = [("rack".to_owned(), format!("rack {}", n % 50))].into();
        let site = Some(format!("site {}", n % 300));
        InventoryEntry { host, site, labels, ..InventoryEntry::default() }
    };
    (0..HOSTS).map(entry).collect()
}

fn inventory() {
    let entries = hosts();
    let table = inventory_to_csv(&entries);
    println!("{HOSTS} hosts, 1,000 patterns and 1,000 networks among them; the best of five");
    best("read from CSV", || inventory_from_csv(&table));
    let new = || {
        Inventory::new(entries.clone(), Environments::default())
            .unwrap_or_else(|faults| fail(&faults[0].to_string()))
    };
    best("Inventory::new, with a copy of the entries", new);
    let inventory = new();
    let names: Vec<String> = (0..HOSTS).map(|n| format!("rtr{n:06}.example.net")).collect();
    let peer = "10.1.2.3".parse().ok();
    best("100,000 times locate", || {
        names.iter().filter(|name| inventory.locate(name, peer).site().is_some()).count()
    });
}

/// The best of several runs.
fn best<T>(what: &str, mut act: impl FnMut() -> T) {
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let begin = cpu::own();
        let made = act();
        fastest = fastest.min(cpu::own().saturating_sub(begin));
        drop(made);
    }
    println!("{what:<46} {:>9.1} ms", fastest.as_secs_f64() * 1e3);
}

fn main() {
    let text = rules();
    let rules = parse_rules(&text, Format::Toml).unwrap_or_else(|f| fail(&f[0].to_string()));
    let stored: Vec<String> = rules.iter().map(Rule::canonical_json).collect();
    println!("{RULES} rules, each with a clear and two examples; the best of five");
    best("read from canonical JSON", || {
        stored.iter().filter_map(|json| Rule::from_canonical_json(json).ok()).count()
    });
    best("read from TOML, each checked", || parse_rules(&text, Format::Toml));
    best("RuleSet::compile", || RuleSet::compile(rules.clone()));
    let (set, _) = RuleSet::compile(rules).unwrap_or_else(|f| fail(&f[0].to_string()));
    let parser = Parser::new(ParserConfig::default());
    if let Some(fault) = set.check_examples(&parser).first() {
        fail(&fault.to_string());
    }
    best("check_examples", || set.check_examples(&parser));
    best("check_clashes", || set.check_clashes(&parser));
    inventory();
}
