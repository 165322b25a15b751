//! `mutt silence` and `mutt maintenance`: of which alerts nobody is told for a while.

use std::fmt::Write;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Client, Remote, block_on, escaped, show};

/// Silences.
#[derive(Subcommand)]
pub enum SilenceCommand {
    /// Silences, which of them hold, and when they end.
    List(List),
    /// Silence alerts from now on, or from a time on.
    Add(Silence),
    /// End a silence at once: what it hid and is still open is told.
    End(End),
    /// What a silence would have hidden in the last seven days; nothing is saved.
    Preview(Silence),
}

/// Maintenance windows.
#[derive(Subcommand)]
pub enum MaintenanceCommand {
    /// Maintenance windows, which of them hold, and when the next begins.
    List(List),
    /// Add a maintenance window.
    Add(Window),
    /// End a window at once, and for ever: what it hid and is still open is told.
    End(End),
    /// What a window would have hidden in the last seven days, had it held; nothing is saved.
    Preview(Window),
}

/// Whom to ask.
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    remote: Remote,
}

/// What ends.
#[derive(Args)]
pub struct End {
    /// Its name.
    name: String,
    #[command(flatten)]
    remote: Remote,
}

/// What is hidden, and why.
#[derive(Args)]
struct What {
    /// Its name.
    name: String,
    /// What an alert has to be; several have to be so together. FIELD=TEXT, with * and ? as a
    /// pattern, or FIELD~REGEX; FIELD is host, site, labels.NAME, rule, team, severity,
    /// environment, key or summary.
    #[arg(long = "match", value_name = "MATCHER", required = true)]
    matchers: Vec<String>,
    /// Why.
    #[arg(long)]
    reason: String,
    /// Whose it is; without it: the key's name.
    #[arg(long, default_value = "")]
    owner: String,
    #[command(flatten)]
    remote: Remote,
}

/// A silence.
#[derive(Args)]
pub struct Silence {
    #[command(flatten)]
    what: What,
    /// How long, such as 90m or 2h.
    #[arg(
        long = "for",
        value_name = "TIME",
        conflicts_with = "end",
        required_unless_present = "end"
    )]
    lasts: Option<SignedDuration>,
    /// From when on, such as 2026-11-29T22:00:00Z; without it: from now on.
    #[arg(long)]
    start: Option<Timestamp>,
    /// Until when.
    #[arg(long)]
    end: Option<Timestamp>,
    /// The team that is reminded before it ends.
    #[arg(long)]
    team: Option<String>,
}

/// A maintenance window.
#[derive(Args)]
pub struct Window {
    #[command(flatten)]
    what: What,
    /// When it begins first, a local time such as 2026-11-29T22:00.
    #[arg(long)]
    start: String,
    /// The time zone.
    #[arg(long, default_value = "UTC")]
    zone: String,
    /// How long it lasts, such as 90m or 2h.
    #[arg(long = "for", value_name = "TIME")]
    lasts: SignedDuration,
    /// On which days (RFC 5545), such as FREQ=WEEKLY;BYDAY=SU; without it: once.
    #[arg(long)]
    rule: Option<String>,
    /// A day on which it is not, such as 2026-12-27; may be repeated.
    #[arg(long)]
    except: Vec<String>,
}

/// Does what was asked with silences.
///
/// # Errors
/// With what is wrong and what to do.
pub fn run(command: &SilenceCommand) -> Result<()> {
    let path = "/silences";
    match command {
        SilenceCommand::List(args) => block_on(list(&args.remote, path, "silence")),
        SilenceCommand::Add(args) => block_on(add(&args.what, path, args.body()?)),
        SilenceCommand::End(args) => block_on(end(args, path)),
        SilenceCommand::Preview(args) => block_on(preview(&args.what, path, args.body()?)),
    }
}

/// Does what was asked with maintenance windows.
///
/// # Errors
/// With what is wrong and what to do.
pub fn run_maintenance(command: &MaintenanceCommand) -> Result<()> {
    let path = "/maintenance";
    match command {
        MaintenanceCommand::List(args) => block_on(list(&args.remote, path, "window")),
        MaintenanceCommand::Add(args) => block_on(add(&args.what, path, args.body()?)),
        MaintenanceCommand::End(args) => block_on(end(args, path)),
        MaintenanceCommand::Preview(args) => block_on(preview(&args.what, path, args.body()?)),
    }
}

impl Silence {
    fn body(&self) -> Result<Value> {
        let start = self.start.unwrap_or_else(Timestamp::now);
        let end = match (self.end, self.lasts) {
            (Some(end), _) => end,
            (None, Some(lasts)) => start.checked_add(lasts).context("--for")?,
            (None, None) => bail!("say how long: --for 2h, or --end"),
        };
        let mut body = self.what.body()?;
        body["start"] = start.to_string().into();
        body["end"] = end.to_string().into();
        if let Some(team) = &self.team {
            body["team"] = team.as_str().into();
        }
        Ok(body)
    }
}

impl Window {
    fn body(&self) -> Result<Value> {
        let mut body = self.what.body()?;
        body["start"] = self.start.as_str().into();
        body["zone"] = self.zone.as_str().into();
        body["duration_minutes"] = self.lasts.as_mins().into();
        body["except"] = json!(self.except);
        if let Some(rule) = &self.rule {
            body["rule"] = rule.as_str().into();
        }
        Ok(body)
    }
}

impl What {
    fn body(&self) -> Result<Value> {
        let matchers =
            self.matchers.iter().map(|text| matcher(text)).collect::<Result<Vec<_>>>()?;
        Ok(json!({
            "name": self.name, "matchers": matchers, "reason": self.reason, "owner": self.owner,
        }))
    }
}

/// `host=core-*`, `summary~fan [0-9]`.
fn matcher(text: &str) -> Result<Value> {
    let place = text.find(['=', '~']).filter(|place| *place > 0);
    let place =
        place.with_context(|| format!("--match {text}: write FIELD=TEXT or FIELD~REGEX"))?;
    let (field, value) = (&text[..place], &text[place + 1..]);
    let operator = match (&text[place..=place], value.contains(['*', '?', '['])) {
        ("~", _) => "regex",
        (_, true) => "glob",
        (_, false) => "equals",
    };
    Ok(json!({ "field": field, "operator": operator, "value": value }))
}

async fn list(remote: &Remote, path: &str, key: &str) -> Result<()> {
    let client = Client::new(remote)?;
    let mut after = String::new();
    loop {
        let page = client.get(&format!("{path}?limit=1000{after}"), "application/json").await?;
        let page = page.json()?;
        for item in page["items"].as_array().into_iter().flatten() {
            print!("{}", line(&item[key], &item["now"]));
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={}", escaped(next)),
            None => return Ok(()),
        }
    }
}

/// Name, how it stands, what it is about, whose it is and why.
fn line(item: &Value, now: &Value) -> String {
    let text = |key: &str| item[key].as_str().unwrap_or_default();
    let seconds = |key: &str| now[key].as_i64().map(SignedDuration::from_secs);
    let stands = match (seconds("ends_in_seconds"), seconds("begins_in_seconds")) {
        (Some(ends), _) => format!("holds, ends in {ends:#}"),
        (None, Some(begins)) => format!("begins in {begins:#}"),
        (None, None) => "is over".to_owned(),
    };
    let matchers = item["matchers"].as_array().into_iter().flatten().map(|matcher| {
        let text = |key: &str| matcher[key].as_str().unwrap_or_default();
        let sign = if text("operator") == "regex" { '~' } else { '=' };
        format!("{}{sign}{}", text("field"), text("value"))
    });
    let matchers = matchers.collect::<Vec<_>>().join(" ");
    format!("{}  {stands}  {matchers}  {}: {}\n", text("name"), text("owner"), text("reason"))
}

async fn add(what: &What, path: &str, body: Value) -> Result<()> {
    let client = Client::new(&what.remote)?;
    let path = format!("{path}/{}?why={}", escaped(&what.name), escaped(&what.reason));
    let answer = client.put_new(&path, &body).await?;
    print!("{}", show::saved(&answer.json()?));
    Ok(())
}

async fn end(args: &End, path: &str) -> Result<()> {
    let client = Client::new(&args.remote)?;
    let answer = client.remove(&format!("{path}/{}", escaped(&args.name))).await?;
    print!("{}", show::saved(&answer.json()?));
    Ok(())
}

async fn preview(what: &What, path: &str, body: Value) -> Result<()> {
    let client = Client::new(&what.remote)?;
    let answer = client.post(&format!("{path}/preview"), &body).await?;
    print!("{}", previewed(&answer.json()?));
    Ok(())
}

/// Numbers, then who has the most, then some of them.
fn previewed(preview: &Value) -> String {
    let mut out = format!(
        "since {}: {} alerts with {} notices would have been hidden; {} that are open would be \
         quiet now\n",
        preview["since"].as_str().unwrap_or_default(),
        preview["alerts"],
        preview["notices"],
        preview["open_alerts"]
    );
    // Writing into a String cannot fail.
    if preview["truncated"].as_bool().unwrap_or_default() {
        let _ = writeln!(out, "there are more alerts than were looked at");
    }
    for why in preview["broad"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "only an admin may save it: {}", why.as_str().unwrap_or_default());
    }
    for what in ["rules", "hosts"] {
        for one in preview[what].as_array().into_iter().flatten() {
            let name = one["name"].as_str().unwrap_or_default();
            let (alerts, notices) = (&one["alerts"], &one["notices"]);
            let _ = writeln!(out, "{}: {name}: {alerts} alerts, {notices} notices", &what[..4]);
        }
    }
    for sample in preview["samples"].as_array().into_iter().flatten() {
        let text = |key: &str| sample[key].as_str().unwrap_or_default();
        let (first, host, summary) = (text("first_seen"), text("host"), text("summary"));
        let _ = writeln!(out, "{first} {} {host}: {summary}", text("severity"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_texts_patterns_or_regexes() {
        let read = |text: &str| {
            let read = matcher(text).unwrap();
            ["field", "operator", "value"].map(|key| read[key].as_str().unwrap().to_owned())
        };
        assert_eq!(read("host=core-1"), ["host", "equals", "core-1"]);
        assert_eq!(read("host=core-*"), ["host", "glob", "core-*"]);
        assert_eq!(read("summary~a=b*"), ["summary", "regex", "a=b*"]);
        assert_eq!(read("labels.rack=r~7"), ["labels.rack", "equals", "r~7"]);
        assert!(matcher("host").is_err() && matcher("=x").is_err());
    }

    #[test]
    fn a_line_says_how_it_stands() {
        let item = json!({
            "name": "s", "owner": "ada", "reason": "a new switch",
            "matchers": [{ "field": "host", "operator": "glob", "value": "lab-*" }],
        });
        let now = json!({ "active": true, "ends_in_seconds": 5_400, "begins_in_seconds": null });
        assert_eq!(line(&item, &now), "s  holds, ends in 1h 30m  host=lab-*  ada: a new switch\n");
        assert!(line(&item, &json!({})).contains("is over"));
    }
}
