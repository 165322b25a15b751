//! `mutt drill`: a marked message goes the whole way, and each step is printed as it is done.
//!
//! From: the API, which makes the drill and knows its steps. To: MUTT's own door, or the one that
//! `--to` names; and standard output.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use mutt_event::{Flags, Input, Kind, Timestamp};
use mutt_output::{
    AnyChannel, Channel, Http, HttpSettings, Method, Outgoing, OutputStats, RelpChannel,
    RelpSettings, Request, ReqwestHttp, TcpChannel, TcpSettings, UdpChannel, UdpSettings,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use super::{Client, Remote, block_on};

/// How often its steps are asked for.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How long a door may take to have the message.
const SENT_WITHIN: Duration = Duration::from_secs(10);
/// The longest wait until every process knows of the drill.
const KNOWN_WITHIN: Duration = Duration::from_secs(10);

/// A drill.
#[derive(Args)]
pub struct Drill {
    /// The door that the message is sent to: tcp://HOST:PORT, udp://…, relp://… or http://…; without
    /// it MUTT sends to its own, if the process that is asked has one. A door of HTTP with keys is
    /// given one by MUTT_INGEST_KEY.
    #[arg(long)]
    to: Option<Door>,
    /// How long it may take to arrive everywhere: `60s`.
    #[arg(long = "for", default_value = "60s", value_parser = crate::demo::duration)]
    time: Duration,
    /// Print the API's JSON at the end, not each step.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    remote: Remote,
}

/// How a door is spoken to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Speaks {
    Tcp,
    Udp,
    Relp,
    Http,
}

/// A door of MUTT.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Door {
    speaks: Speaks,
    address: String,
}

impl FromStr for Door {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad =
            || format!("`{text}` is no door: write tcp://HOST:PORT, udp://…, relp://… or http://…");
        let (scheme, address) = text.split_once("://").ok_or_else(bad)?;
        let speaks = match scheme {
            "tcp" => Speaks::Tcp,
            "udp" => Speaks::Udp,
            "relp" => Speaks::Relp,
            "http" => Speaks::Http,
            _ => return Err(bad()),
        };
        let port = address.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
        match port {
            Some(Ok(_)) => Ok(Self { speaks, address: address.to_owned() }),
            _ => Err(bad()),
        }
    }
}

/// Makes a drill and follows it.
///
/// # Errors
/// With what is wrong and what to do; also if it did not arrive everywhere in time.
pub fn run(args: &Drill) -> Result<()> {
    block_on(drill(args))
}

async fn drill(args: &Drill) -> Result<()> {
    let client = Client::new(&args.remote)?;
    let wanted = json!({ "send": args.to.is_none() });
    let made = client.post("/drills", &wanted).await?.json()?;
    let id = made["id"].as_str().context("the answer has no id: is this MUTT's API?")?;
    match &args.to {
        Some(door) => {
            wait_until(made["send_from"].as_str()).await;
            let message = made["message"].as_str().unwrap_or_default();
            let sending = timeout(SENT_WITHIN, send(door, message)).await;
            sending.with_context(|| format!("{} took too long", door.address))??;
        }
        None if made["sent"].is_null() => bail!(
            "the MUTT that was asked takes no syslog itself: name a door by --to, such as \
             --to tcp://HOST:PORT"
        ),
        None => {}
    }
    let path = format!("/drills/{id}");
    let until = Instant::now() + args.time;
    let mut said = BTreeSet::new();
    loop {
        let now = client.get(&path, "application/json").await?.json()?;
        if !args.json {
            say(&now, &mut said);
        }
        let has_arrived = now["drill"]["state"] == "arrived";
        if args.json && (has_arrived || Instant::now() >= until) {
            println!("{now:#}");
        }
        if has_arrived {
            return Ok(());
        }
        if Instant::now() >= until {
            bail!("{}", missing(&now, args.time));
        }
        sleep(ASK_EVERY).await;
    }
}

/// Waits until a time in RFC 3339, if that is soon.
async fn wait_until(time: Option<&str>) {
    let Some(at) = time.and_then(|time| time.parse::<jiff::Timestamp>().ok()) else { return };
    let left = Duration::try_from(at.duration_since(jiff::Timestamp::now())).unwrap_or_default();
    sleep(left.min(KNOWN_WITHIN)).await;
}

/// Prints the steps that are done and were not printed yet.
fn say(now: &Value, said: &mut BTreeSet<String>) {
    for step in now["steps"].as_array().into_iter().flatten() {
        let line = line(step);
        if step["state"] != "waiting" && said.insert(line.clone()) {
            println!("{line}");
        }
    }
}

fn line(step: &Value) -> String {
    let text = |key: &str| step[key].as_str().unwrap_or_default();
    let at = if step["at"].is_null() { "-" } else { text("at") };
    format!("{at:<28} {:<9} {:<16} {}", text("step"), text("name"), text("words"))
}

/// What has not been done in time.
fn missing(now: &Value, time: Duration) -> String {
    let steps = now["steps"].as_array();
    let open = steps.into_iter().flatten().filter(|step| step["state"] != "done");
    let mut lines: Vec<String> = open.map(|step| format!("  {}", line(step))).collect();
    let is_told = |step: &Value| step["step"] == "told";
    if !now["steps"].as_array().is_some_and(|steps| steps.iter().any(is_told)) {
        lines.push("  no destination was told: there is none, or `observe` is on".to_owned());
    }
    format!(
        "the drill did not arrive everywhere within {} s:\n{}",
        time.as_secs(),
        lines.join("\n")
    )
}

async fn send(door: &Door, message: &str) -> Result<()> {
    let (stats, to) = (OutputStats::default(), door.address.clone());
    let stats = stats.channel("drill");
    let mut channel = match door.speaks {
        Speaks::Tcp => AnyChannel::Tcp(TcpChannel::new(TcpSettings::new(to), stats)),
        Speaks::Udp => AnyChannel::Udp(UdpChannel::new(UdpSettings::new(to), stats)),
        Speaks::Relp => AnyChannel::Relp(RelpChannel::new(RelpSettings::new(to), stats)),
        Speaks::Http => return post(door, message).await,
    };
    let outgoing = Outgoing {
        kind: Kind::Syslog,
        input: Input::SyslogTcp,
        flags: Flags::default(),
        received: Timestamp::ZERO,
        host: "",
        peer: None,
        raw: message.as_bytes(),
    };
    channel.open().await.with_context(|| door.address.clone())?;
    let all = [outgoing];
    let mut sent = 0;
    while sent == 0 {
        sent = channel.send(&all).await.with_context(|| door.address.clone())?;
        if sent == 0 {
            channel.wait(Duration::from_millis(10)).await;
        }
    }
    while channel.confirmed().await.with_context(|| door.address.clone())? == 0 {
        channel.wait(Duration::from_millis(10)).await;
    }
    channel.close().await;
    Ok(())
}

/// As a JSON object, as programs send.
async fn post(door: &Door, message: &str) -> Result<()> {
    let words = message.split_once(" - - - ").map_or(message, |(_, words)| words);
    let object = json!({
        "hostname": mutt_alert::DRILL_APP, "source": mutt_alert::DRILL_APP, "message": words,
        "syslog_severity": 4,
    });
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned().into())];
    if let Ok(key) = std::env::var("MUTT_INGEST_KEY") {
        headers.push(("X-API-KEY".to_owned(), key.into()));
    }
    let request = Request {
        method: Method::Post,
        url: format!("http://{}/api/v2/ingest", door.address),
        headers,
        body: object.to_string().into_bytes(),
        timeout: SENT_WITHIN,
    };
    let response = ReqwestHttp::new(&HttpSettings::default())?.send(request).await;
    let response = response.with_context(|| door.address.clone())?;
    if !(200..300).contains(&response.status) {
        bail!("{} answered {}: {}", door.address, response.status, response.body);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_is_a_scheme_a_host_and_a_port() {
        let door = |text: &str| text.parse::<Door>();
        assert_eq!(door("relp://[::1]:2514").unwrap().speaks, Speaks::Relp);
        assert_eq!(door("tcp://mutt.example.net:601").unwrap().address, "mutt.example.net:601");
        for bad in ["mutt:514", "tcp://mutt", "ftp://mutt:21", "udp://mutt:99999", ""] {
            assert!(door(bad).unwrap_err().contains("tcp://HOST:PORT"), "{bad}");
        }
    }

    #[test]
    fn what_is_missing_is_said_with_each_step_that_waits() {
        let now = json!({ "steps": [
            { "step": "stored", "name": null, "state": "done", "at": "t", "words": "stored" },
            { "step": "archived", "name": "archive/syslog", "state": "waiting", "at": null,
              "words": "waits for the archive" },
        ]});
        let said = missing(&now, Duration::from_secs(60));
        assert!(
            said.contains("waits for the archive") && said.contains("no destination"),
            "{said}"
        );
        assert!(!said.contains("stored "), "{said}");
    }
}
