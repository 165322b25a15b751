//! `mutt backtest`: what rules would have done, beside the rules in force.

use std::fmt::Write;
use std::fs;
use std::io::{IsTerminal, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::Timestamp;
use mutt_rules::{Format, export_rules};
use serde_json::{Value, json};

use super::{Client, Remote, block_on, rules};

/// How often it is asked how far it is.
const ASK_EVERY: Duration = Duration::from_millis(300);
/// The most samples that are printed.
const SAMPLES_SHOWN: usize = 10;

/// The draft, and what it is tried on.
#[derive(Args)]
pub struct BacktestArgs {
    /// A folder of rule files, or one file.
    draft: PathBuf,
    /// Rules in force that the draft does not name stay; without it the draft is the whole set.
    #[arg(long)]
    keep: bool,
    /// How many hours to look back into the journal.
    #[arg(long, default_value_t = 24)]
    hours: u32,
    /// A file of syslog messages, one a line, instead of the journal.
    #[arg(long)]
    file: Option<PathBuf>,
    /// Print the API's JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Starts it, follows it to its end (Ctrl-C cancels it), and prints what it found.
///
/// # Errors
/// With what is wrong and what to do.
pub fn run(args: &BacktestArgs) -> Result<()> {
    block_on(async {
        let client = Client::new(&args.remote)?;
        let started = client.post("/backtests", &wanted(args)?).await?.json()?;
        let path = format!("/backtests/{}", started["id"].as_str().unwrap_or_default());
        let view = tokio::select! {
            view = ended(&client, &path) => view?,
            _ = tokio::signal::ctrl_c() => {
                client.delete(&path).await?;
                bail!("cancelled");
            }
        };
        if view["status"] != "finished" {
            bail!("the backtest {}: {}", view["status"], view["error"]);
        }
        match args.json {
            true => println!("{view:#}"),
            false => print!("{}", text(&view["report"])),
        }
        Ok(())
    })
}

fn wanted(args: &BacktestArgs) -> Result<Value> {
    let (rules, _) = rules::read(&args.draft)?;
    let file: Value = serde_json::from_str(&export_rules(&rules, Format::Json))?;
    let mut wanted = json!({ "rules": file["rules"], "keep": args.keep });
    match &args.file {
        Some(file) => {
            let bytes = fs::read(file).with_context(|| format!("{}", file.display()))?;
            wanted["text"] = String::from_utf8_lossy(&bytes).into();
        }
        None => {
            let back = jiff::Span::new().hours(args.hours);
            wanted["from"] = Timestamp::now().checked_sub(back)?.to_string().into();
        }
    }
    Ok(wanted)
}

async fn ended(client: &Client, path: &str) -> Result<Value> {
    let shows = std::io::stderr().is_terminal();
    loop {
        let view = client.get(path, "application/json").await?.json()?;
        if view["status"] != "running" {
            if shows {
                eprintln!();
            }
            return Ok(view);
        }
        if shows {
            let share = |key: &str| view["progress"][key].as_f64().unwrap_or_default();
            eprint!("\r{:3.0} %", share("done") * 100.0 / share("total").max(1.0));
            let _ = std::io::stderr().flush(); // nobody misses a progress that is not shown
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// The report for a person.
fn text(report: &Value) -> String {
    let mut out = String::new();
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    // Writing into a String cannot fail.
    let _ = writeln!(
        out,
        "{} messages judged; {} repeats of their senders and {} unreadable left out",
        report["events"], report["repeated"], report["unreadable"]
    );
    let _ = writeln!(out, "{:<24} {:>12} {:>12}", "", "in force", "draft");
    for (name, key) in [("alerts opened", "opened"), ("alerts cleared", "cleared")] {
        let (live, draft) = (&report["live"][key], &report["draft"][key]);
        let _ = writeln!(out, "{name:<24} {:>12} {:>12}", number(live), number(draft));
    }
    for handling in ["page_and_ticket", "page_only", "ticket_only", "email_only"] {
        let of = |set: &str| number(&report[set]["notices"][handling]);
        let name = format!("notices, {handling}");
        let _ = writeln!(out, "{name:<24} {:>12} {:>12}", of("live"), of("draft"));
    }
    for what in ["alerts", "pages"] {
        let (same, gained, lost) =
            (&report[what]["same"], &report[what]["gained"], &report[what]["lost"]);
        let _ = writeln!(out, "{what}: {same} same, {gained} gained, {lost} lost");
    }
    let all = &report["all"];
    let _ = writeln!(
        out,
        "messages: {} same, {} changed, {} gained, {} lost; clears: {} gained, {} lost",
        all["same"],
        all["changed"],
        all["gained"],
        all["lost"],
        all["clears_gained"],
        all["clears_lost"]
    );
    groups(&mut out, "by rule", &report["by_rule"]);
    groups(&mut out, "by team", &report["by_team"]);
    alerts(&mut out, report);
    samples(&mut out, report);
    out
}

/// Rules or teams of which something differs.
fn groups(out: &mut String, title: &str, groups: &Value) {
    let differs = |tally: &&Value| {
        ["changed", "gained", "lost", "clears_gained", "clears_lost"]
            .iter()
            .any(|key| tally[*key] != 0)
    };
    let rows = groups["of"].as_object().into_iter().flatten();
    let rows: Vec<_> = rows.filter(|(_, tally)| differs(tally)).collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "{title:<32} {:>10} {:>10} {:>8} {:>8} {:>8}",
        "in force", "draft", "changed", "gained", "lost"
    );
    for (name, tally) in rows {
        let cell = |key: &str| tally[key].as_u64().unwrap_or_default();
        let _ = writeln!(
            out,
            "  {name:<30} {:>10} {:>10} {:>8} {:>8} {:>8}",
            cell("live"),
            cell("draft"),
            cell("changed"),
            cell("gained"),
            cell("lost")
        );
    }
}

/// Alerts in which the sets differ: how often they opened and paged, in force and by the draft.
fn alerts(out: &mut String, report: &Value) {
    let samples = report["alert_samples"].as_array().map(Vec::as_slice).unwrap_or_default();
    for sample in samples.iter().take(SAMPLES_SHOWN) {
        let text = |key: &str| sample[key].as_str().unwrap_or_default();
        let _ = writeln!(
            out,
            "alert {}: {} -> {} alerts, {} -> {} pages  {}",
            text("signature"),
            sample["live_alerts"],
            sample["draft_alerts"],
            sample["live_pages"],
            sample["draft_pages"],
            text("summary")
        );
    }
}

fn samples(out: &mut String, report: &Value) {
    let samples = report["samples"].as_array().map(Vec::as_slice).unwrap_or_default();
    for sample in samples.iter().take(SAMPLES_SHOWN) {
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let place = match sample["message_id"].as_str() {
            Some(id) => id.to_owned(),
            None => format!("line {}: {}", sample["line"], text(&sample["text"])),
        };
        let _ = writeln!(
            out,
            "{:<12} {}: {} -> {}  {place}",
            text(&sample["difference"]),
            text(&sample["host"]),
            text(&sample["live"]["rule"]),
            text(&sample["draft"]["rule"]),
        );
    }
    if samples.len() > SAMPLES_SHOWN {
        let _ = writeln!(out, "and {} samples more: --json", samples.len() - SAMPLES_SHOWN);
    }
}
