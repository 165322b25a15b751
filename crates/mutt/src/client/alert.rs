//! `mutt alert`: the alerts of a running MUTT, and what people do with them.

use std::fmt::Write;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::show::{filtered, page, plain};
use super::{Client, Remote, block_on, escaped};

/// What is done.
#[derive(Subcommand)]
pub enum AlertCommand {
    /// List alerts, the newest first.
    List(List),
    /// Show one: its time line, samples of its events, what was sent of it.
    Show(One),
    /// Say that it is known.
    Ack(One),
    /// Say that you work on it.
    Take(One),
    /// Close it, though nothing says that it is over.
    Close(Said),
    /// Say something about it.
    Comment(Said),
    /// Link its ticket in another system.
    Ticket(Said),
}

/// Which alerts.
#[derive(Args)]
pub struct List {
    /// open, acknowledged, cleared, closed, separated by commas; or all.
    #[arg(long, default_value = "open,acknowledged")]
    state: String,
    /// The device.
    #[arg(long)]
    host: Option<String>,
    /// The rule.
    #[arg(long)]
    rule: Option<String>,
    /// The team.
    #[arg(long)]
    team: Option<String>,
    /// A text in summary, key, host or first message.
    #[arg(long)]
    text: Option<String>,
    /// How many at most.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Print the API's JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Which alert.
#[derive(Args)]
pub struct One {
    /// Its id.
    id: String,
    #[command(flatten)]
    remote: Remote,
}

/// Which alert, and what is said.
#[derive(Args)]
pub struct Said {
    /// Its id.
    id: String,
    /// Why, what, or the ticket's number.
    text: String,
    #[command(flatten)]
    remote: Remote,
}

/// Does what was asked.
///
/// # Errors
/// With what is wrong and what to do.
pub fn run(command: &AlertCommand) -> Result<()> {
    let (one, decision) = match command {
        AlertCommand::List(args) => return block_on(list(args)),
        AlertCommand::Show(one) => return block_on(show(one)),
        AlertCommand::Ack(one) => ((&one.id, &one.remote), json!({ "do": "acknowledge" })),
        AlertCommand::Take(one) => ((&one.id, &one.remote), json!({ "do": "take" })),
        AlertCommand::Close(said) => {
            ((&said.id, &said.remote), json!({ "do": "close", "why": said.text }))
        }
        AlertCommand::Comment(said) => {
            ((&said.id, &said.remote), json!({ "do": "comment", "text": said.text }))
        }
        AlertCommand::Ticket(said) => {
            ((&said.id, &said.remote), json!({ "do": "ticket", "ticket": said.text }))
        }
    };
    block_on(async {
        let client = Client::new(one.1)?;
        let path = format!("/alerts/{}/decisions", escaped(one.0));
        let alert = client.post(&path, &decision).await?.json()?;
        print!("{}", line(&alert));
        Ok(())
    })
}

async fn list(args: &List) -> Result<()> {
    let path = format!("/alerts?limit={}", args.limit);
    let rest =
        [("host", &args.host), ("rule", &args.rule), ("team", &args.team), ("text", &args.text)];
    let path = filtered(path, &args.state, &rest);
    let answer = Client::new(&args.remote)?.get(&path, "application/json").await?.json()?;
    if args.json {
        println!("{answer:#}");
        return Ok(());
    }
    page(&answer, "alerts", line);
    Ok(())
}

async fn show(one: &One) -> Result<()> {
    let client = Client::new(&one.remote)?;
    let path = format!("/alerts/{}", escaped(&one.id));
    let answer = client.get(&path, "application/json").await?.json()?;
    print!("{}", detail(&answer));
    Ok(())
}

/// One alert in two lines.
fn line(alert: &Value) -> String {
    let quiet: Vec<&str> = alert["quiet"].as_array().into_iter().flatten().map(plain).collect();
    let quiet = match quiet.is_empty() {
        true => String::new(),
        false => format!(" [quiet: {}]", quiet.join("; ")),
    };
    format!(
        "{} {} {} {}: {} ({}, {} events){quiet}\n    {}\n",
        plain(&alert["first_seen"]),
        plain(&alert["state"]),
        plain(&alert["severity"]),
        plain(&alert["host"]),
        plain(&alert["summary"]),
        plain(&alert["team"]),
        alert["count"],
        plain(&alert["id"]),
    )
}

fn detail(answer: &Value) -> String {
    let alert = &answer["alert"];
    let mut out = line(alert);
    // Writing into a String cannot fail.
    let _ = writeln!(out, "since        {}", plain(&alert["reason"]));
    for (name, key) in [("runbook", "runbook"), ("ticket", "ticket"), ("taken by", "taken_by")] {
        if let Some(text) = alert[key].as_str() {
            let _ = writeln!(out, "{name:<12} {text}");
        }
    }
    if let Some(ended) = alert["ended"].as_str() {
        let _ = writeln!(out, "ended        {ended}, since {}", plain(&alert["ended_since"]));
    }
    for moment in answer["moments"].as_array().into_iter().flatten() {
        let mut rest = moment["moment"].clone();
        let what = plain(&rest["what"]).to_owned();
        rest.as_object_mut().map(|rest| rest.remove("what"));
        let _ = writeln!(out, "{} {what} {rest}", plain(&moment["at"]));
    }
    for delivery in answer["deliveries"].as_array().into_iter().flatten() {
        let _ = writeln!(
            out,
            "{} {} to {}: {} ({} tries) {}",
            plain(&delivery["made"]),
            plain(&delivery["kind"]),
            plain(&delivery["destination"]),
            plain(&delivery["state"]),
            delivery["attempts"],
            plain(&delivery["answer"]),
        );
    }
    out
}
