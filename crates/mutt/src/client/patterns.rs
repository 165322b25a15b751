//! `mutt patterns`: what no rule of a running MUTT wants, and what people make of it.

use std::fmt::Write;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use mutt_rules::{Format, export_rules, parse_rules};
use serde_json::{Value, json};

use super::show::{self, filtered, plain};
use super::{Client, Remote, block_on, escaped};

/// What is done.
#[derive(Subcommand)]
pub enum PatternsCommand {
    /// List patterns, those with the most messages first.
    List(List),
    /// Show one: its hours, its hosts, samples of its messages.
    Show(One),
    /// Say that a rule handles it.
    Handle(One),
    /// Say that it needs no rule.
    Ignore(Ignore),
    /// Ask to be told of it again.
    Reopen(One),
    /// Propose a rule for it, as a rule file (YAML) on standard output; nothing is saved.
    Rule(Rule),
}

/// Which patterns.
#[derive(Args)]
pub struct List {
    /// open, handled, ignored, separated by commas; or all.
    #[arg(long, default_value = "open")]
    state: String,
    /// The mnemonic, the trap's OID, or the program.
    #[arg(long)]
    key: Option<String>,
    /// A device.
    #[arg(long)]
    host: Option<String>,
    /// A team.
    #[arg(long)]
    team: Option<String>,
    /// A text in key, template or first message.
    #[arg(long)]
    text: Option<String>,
    /// count, last_hour, last_seen or first_seen.
    #[arg(long, default_value = "count")]
    sort: String,
    /// How many at most.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Print the API's JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Which pattern.
#[derive(Args)]
pub struct One {
    /// Its id.
    id: String,
    #[command(flatten)]
    remote: Remote,
}

/// Which pattern, and why.
#[derive(Args)]
pub struct Ignore {
    /// Its id.
    id: String,
    /// Why.
    reason: String,
    #[command(flatten)]
    remote: Remote,
}

/// Which pattern, and what its rule shall have.
#[derive(Args)]
pub struct Rule {
    /// Its id.
    id: String,
    /// Who is responsible; without it the team with the most of the pattern's messages.
    #[arg(long)]
    team: Option<String>,
    /// What shall happen: page_and_ticket, page_only, ticket_only, email_only, log_only, suppress.
    #[arg(long)]
    handling: Option<String>,
    /// How many hours the backtest looks back.
    #[arg(long, default_value_t = 24)]
    hours: u32,
    /// Print the API's JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Does what was asked.
///
/// # Errors
/// With what is wrong and what to do.
pub fn run(command: &PatternsCommand) -> Result<()> {
    let set = |id: &str, remote: &Remote, state: Value| {
        let path = format!("/patterns/{}/state", escaped(id));
        block_on(async {
            let client = Client::new(remote)?;
            let answer = client.put(&path, "application/json", "*", state.to_string()).await?;
            print!("{}", line(&answer.json()?));
            Ok(())
        })
    };
    match command {
        PatternsCommand::List(args) => block_on(list(args)),
        PatternsCommand::Show(one) => block_on(show_one(one)),
        PatternsCommand::Handle(one) => set(&one.id, &one.remote, json!({ "state": "handled" })),
        PatternsCommand::Reopen(one) => set(&one.id, &one.remote, json!({ "state": "open" })),
        PatternsCommand::Ignore(args) => {
            let state = json!({ "state": "ignored", "reason": args.reason });
            set(&args.id, &args.remote, state)
        }
        PatternsCommand::Rule(args) => block_on(rule(args)),
    }
}

async fn list(args: &List) -> Result<()> {
    let path = format!("/patterns?limit={}&sort={}", args.limit, escaped(&args.sort));
    let rest =
        [("key", &args.key), ("host", &args.host), ("team", &args.team), ("text", &args.text)];
    let path = filtered(path, &args.state, &rest);
    let answer = Client::new(&args.remote)?.get(&path, "application/json").await?.json()?;
    if args.json {
        println!("{answer:#}");
        return Ok(());
    }
    show::page(&answer, "patterns", line);
    if answer["mining"]["sampling"] == true {
        println!("too many messages come at the moment: some are counted for several");
    }
    Ok(())
}

async fn show_one(one: &One) -> Result<()> {
    let path = format!("/patterns/{}", escaped(&one.id));
    let answer = Client::new(&one.remote)?.get(&path, "application/json").await?.json()?;
    print!("{}", detail(&answer));
    Ok(())
}

/// The rule goes to standard output, all else to standard error: so it can go into a file.
async fn rule(args: &Rule) -> Result<()> {
    let mut wanted = json!({ "hours": args.hours });
    for (name, value) in [("team", &args.team), ("handling", &args.handling)] {
        if let Some(value) = value {
            wanted[name] = value.as_str().into();
        }
    }
    let path = format!("/patterns/{}/rule", escaped(&args.id));
    let answer = Client::new(&args.remote)?.post(&path, &wanted).await?.json()?;
    if args.json {
        println!("{answer:#}");
        return Ok(());
    }
    let file = json!({ "rules": [answer["rule"]] });
    print!("{}", yaml(&file.to_string()).unwrap_or(format!("{file:#}\n")));
    for note in answer["notes"].as_array().into_iter().flatten() {
        eprintln!("note: {}", plain(note));
    }
    for fault in answer["faults"].as_array().into_iter().flatten() {
        eprintln!("fault: {}", show::fault_line(fault));
    }
    if let Some(id) = answer["backtest"]["id"].as_str() {
        eprintln!("its backtest: /api/v1/backtests/{id}");
    }
    Ok(())
}

fn yaml(file: &str) -> Result<String> {
    let rules = parse_rules(file, Format::Json).ok().context("it has faults")?;
    Ok(export_rules(&rules, Format::Yaml))
}

/// One pattern in two lines.
fn line(pattern: &Value) -> String {
    let reason = match pattern["reason"].as_str() {
        Some(reason) => format!(" [{reason}]"),
        None => String::new(),
    };
    format!(
        "{:>8} ({} last hour) {} {}: {}{reason}\n    {} {} hosts, last {}\n",
        pattern["count"],
        pattern["last_hour"],
        plain(&pattern["state"]),
        plain(&pattern["key"]),
        plain(&pattern["template"]).escape_debug(),
        plain(&pattern["id"]),
        pattern["hosts"],
        plain(&pattern["last_seen"]),
    )
}

fn detail(answer: &Value) -> String {
    let pattern = &answer["pattern"];
    let mut out = line(pattern);
    // Writing into a String cannot fail.
    let _ = writeln!(out, "first {}", plain(&pattern["first_seen"]));
    for (title, part) in [("hosts", "hosts"), ("teams", "teams")] {
        let names = answer[part]["names"].as_object().into_iter().flatten();
        let names: Vec<String> = names.map(|(name, count)| format!("{name} {count}")).collect();
        let others = answer[part]["others"].as_u64().filter(|others| *others > 0);
        let others = others.map(|others| format!(", others {others}")).unwrap_or_default();
        let _ = writeln!(out, "{title} {}{others}", names.join(", "));
    }
    for hour in answer["hours"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "{} {:>8}", plain(&hour["start"]), hour["count"]);
    }
    for sample in answer["samples"].as_array().into_iter().flatten() {
        let text = plain(&sample["text"]).escape_debug();
        let _ = writeln!(
            out,
            "{} {} {}: {text}",
            plain(&sample["at"]),
            plain(&sample["id"]),
            plain(&sample["host"])
        );
    }
    for alias in answer["aliases"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "also {}", plain(alias));
    }
    out
}
