//! How long it takes from a message's last byte sent to its alert at the webhook.

use std::io::Write;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::server::Webhook;
use super::{Bench, Mutt, PATIENCE, message, rules};

/// One message in so many is an alert of its own.
const ALERTING: u64 = 100;

/// Sends at a steady rate and prints how late alerts arrive.
pub fn run(bench: &Bench) -> Result<()> {
    let webhook = Webhook::start()?;
    let destination = format!(
        "[[destination]]\nname = \"webhook\"\nkind = \"moogsoft_webhook\"\nurl = \"{}\"\n\
         rate_per_s = 100000\n",
        webhook.url
    );
    // One rule more, whose alerts differ by message.
    let each = "[[rules]]\nid = \"each\"\npriority = 90000\nteam = \"bench\"\nhandling = \"page_only\"\n\
                severity = \"major\"\nsummary = \"{message}\"\nkey = \"{captures.n}\"\n\
                when.message.regex = 'probe (?<n>\\d+) '\n";
    let mutt = Mutt::start(&(rules(bench.rules) + each), &destination)?;
    let mut stream = mutt.connect()?;
    stream.set_nodelay(true)?;
    let expected = send(&mut stream, bench)?;
    let start = Instant::now();
    while webhook.delays().len() < expected {
        if start.elapsed() > PATIENCE {
            bail!("{} of {expected} alerts arrived within {PATIENCE:?}", webhook.delays().len());
        }
        sleep(Duration::from_millis(5));
    }
    let mut delays = webhook.delays();
    delays.sort_unstable();
    let at = |share: f64| delays[((delays.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{:>6} rules: {} messages/s, {} alerts: sent to webhook p50 {:.1} ms, p99 {:.1} ms, at most {:.1} ms",
        bench.rules,
        bench.rate,
        delays.len(),
        at(0.5),
        at(0.99),
        at(1.0),
    );
    Ok(())
}

/// Sends in beats of a millisecond; answers how many alerts must come.
fn send(stream: &mut std::net::TcpStream, bench: &Bench) -> Result<usize> {
    let (start, mut number, mut expected) = (Instant::now(), 0u64, 0);
    while start.elapsed() < bench.latency_time {
        let due = (start.elapsed().as_secs_f64() * f64::from(bench.rate)) as u64;
        let mut bytes = Vec::new();
        while number < due {
            number += 1;
            let probe = number.is_multiple_of(ALERTING);
            expected += usize::from(probe);
            let what = match probe {
                true => format!("probe {number} sent {} us", super::server::now_us()),
                false => format!("counter {number} is within its limits"),
            };
            bytes.extend(message(number, &what));
        }
        stream.write_all(&bytes)?;
        sleep(Duration::from_millis(1));
    }
    Ok(expected)
}
