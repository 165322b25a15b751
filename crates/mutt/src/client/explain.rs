//! `mutt explain`: why a message came out as it did.

use std::fmt::Write;
use std::net::IpAddr;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

use super::{Client, Remote, block_on};

/// The message: one that is stored, or one that is given.
#[derive(Args)]
pub struct Explain {
    /// A syslog message as received; or a stored message's id, as alerts carry it.
    message: String,
    /// The device; without it found in the message, as for one that is received.
    #[arg(long)]
    host: Option<String>,
    /// The address that it came from.
    #[arg(long)]
    peer: Option<IpAddr>,
    /// The message is a JSON object, as `POST /api/v2/ingest` takes it.
    #[arg(long)]
    json_message: bool,
    /// Print the API's JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Asks and prints.
///
/// # Errors
/// With what is wrong and what to do.
pub fn run(args: &Explain) -> Result<()> {
    block_on(async {
        let client = Client::new(&args.remote)?;
        let answer = client.post("/explain", &question(args)?).await?.json()?;
        match args.json {
            true => println!("{answer:#}"),
            false => print!("{}", text(&answer)),
        }
        Ok(())
    })
}

fn question(args: &Explain) -> Result<Value> {
    if args.message.parse::<mutt_event::MessageId>().is_ok() {
        return Ok(json!({ "id": args.message }));
    }
    let mut question = json!({ "host": args.host, "peer": args.peer });
    if args.json_message {
        let object: Value = serde_json::from_str(&args.message).context("the message")?;
        question["json"] = object;
    } else {
        question["message"] = Value::from(args.message.as_str());
    }
    Ok(question)
}

/// The answer for a person.
fn text(answer: &Value) -> String {
    let (message, why) = (&answer["message"], &answer["explanation"]);
    let mut out = String::new();
    // Writing into a String cannot fail.
    for key in ["id", "host", "severity", "app", "mnemonic", "msgid", "trap_oid", "message"] {
        if let Some(text) = message[key].as_str() {
            let _ = writeln!(out, "{key:<12} {text}");
        }
    }
    let plain = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (environment, from) = (plain(&why["environment"]), plain(&why["environment_from"]));
    let _ = writeln!(out, "environment  {environment}, since {from}");
    let labels = why["labels"].as_object().into_iter().flatten();
    let named = labels.map(|(name, origin)| (format!("labels.{name}"), origin));
    let known = [("site".to_owned(), &why["site"]), ("team".to_owned(), &why["team"])];
    for (name, origin) in known.into_iter().chain(named) {
        if origin.is_object() {
            let (value, from) = (plain(&origin["value"]), plain(&origin["from"]));
            let _ = writeln!(out, "{name:<12} {value}, since {from}");
        }
    }
    match &why["owner"] {
        Value::Null => out.push_str("no rule owns it\n"),
        owner => {
            let _ = writeln!(out, "owned by     {}", matched(owner));
        }
    }
    for (key, word) in [
        ("clears", "clears"),
        ("stages", "sequence of"),
        ("lost", "lost to it"),
        ("continues", "labelled by"),
        ("shadows", "shadow"),
    ] {
        for rule in why[key].as_array().into_iter().flatten() {
            let _ = writeln!(out, "{word:<12} {}", matched(rule));
        }
    }
    for became in answer["became"].as_array().into_iter().flatten() {
        let _ =
            writeln!(out, "became       {}: {}", plain(&became["rule"]), plain(&became["words"]));
        for quiet in became["quiet"].as_array().into_iter().flatten() {
            let _ = writeln!(out, "             quiet: {}", plain(quiet));
        }
    }
    for near in why["near"].as_array().into_iter().flatten() {
        let _ = writeln!(
            out,
            "near miss    {} (priority {}): {} of {} tests hold",
            plain(&near["rule"]),
            near["priority"],
            near["held"],
            near["tests"]
        );
        for failed in near["failed"].as_array().into_iter().flatten() {
            let actual =
                failed["actual"].as_str().map_or("nothing".to_owned(), |t| format!("{t:?}"));
            let _ =
                writeln!(out, "             failed: {}; found {actual}", plain(&failed["test"]));
        }
    }
    out
}

fn matched(rule: &Value) -> String {
    let text = |key: &str| rule[key].as_str().unwrap_or_default();
    let mut out = format!("{} (priority {})", text("rule"), rule["priority"]);
    let _ = write!(out, ": {}, {}", text("handling"), text("severity"));
    for (name, key) in [("team", "team"), ("key", "key")] {
        if !text(key).is_empty() {
            let _ = write!(out, ", {name} {}", text(key));
        }
    }
    let _ = write!(out, "\n             since {}", text("reason"));
    for sentence in rule["correlation"].as_array().into_iter().flatten() {
        let _ = write!(out, "\n             {}", sentence.as_str().unwrap_or_default());
    }
    out
}
