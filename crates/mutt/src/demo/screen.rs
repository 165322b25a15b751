//! The demo's face: one picture, drawn anew on a terminal, or lines where there is none.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail};
use mutt_alert::{Alert, AlertState};
use mutt_store::Outcome;

use super::Demo;
use super::figures::Figures;

/// How often a line is printed where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// How many of the latest alerts are shown.
const ALERTS_SHOWN: usize = 6;
/// The width that fits every terminal.
const COLUMNS: usize = 100;

/// How to get in.
pub struct WaysIn<'w> {
    /// A key of the API.
    pub key: &'w str,
    /// Who signs in to the pages has this.
    pub password: &'w str,
}

/// Where the demo is shown.
pub struct Screen {
    terminal: bool,
    head: String,
    metrics: String,
    /// Where its pages are, and how to sign in.
    pages: String,
    /// How to ask its API, as the environment of `mutt explain` and the like.
    api: [String; 2],
    next_line: Duration,
    last_alert: Option<String>,
}

impl Screen {
    /// A screen for this demo, whose metrics are at `admin`, and whose pages and API at `api`.
    pub fn new(demo: &Demo, admin: SocketAddr, api: SocketAddr, ways_in: &WaysIn<'_>) -> Self {
        let WaysIn { key, password } = ways_in;
        let end = match demo.time {
            Some(time) => format!("ends after {} s", time.as_secs()),
            None => "Ctrl-C ends it".to_owned(),
        };
        Self {
            terminal: io::stdout().is_terminal(),
            head: format!("seed {}, {} messages/s, {end}", demo.seed, demo.rate),
            metrics: format!("http://{admin}/metrics  (also /ledger, /readyz?verbose)"),
            pages: format!(
                "http://{api}  sign in as `{user}`, password {password}",
                user = super::USER
            ),
            api: [format!("export MUTT_URL=http://{api}"), format!("export MUTT_API_KEY={key}")],
            next_line: Duration::ZERO,
            last_alert: None,
        }
    }

    /// Shows the figures `elapsed` after the start.
    pub fn show(&mut self, figures: &Figures, elapsed: Duration) {
        let text = if self.terminal {
            // Home, the picture, and away with what is left of a longer one.
            format!("\x1b[H{}\x1b[J", self.picture(figures, elapsed).replace('\n', "\x1b[K\n"))
        } else {
            self.lines(figures, elapsed)
        };
        print(&text);
    }

    /// Says how it ended.
    ///
    /// # Errors
    /// When something did not arrive.
    pub fn summary(&self, figures: &Figures) -> Result<()> {
        let sent = figures.sent_in_all();
        let told = figures.notices_delivered;
        print(&format!(
            "\nSummary\n\
             \x20 {sent} messages sent, {stored} stored, {archived} passed on to NetIM, {at_netim} received there\n\
             \x20 {shouting} of them Critical or worse: what severity alone would have paged for\n\
             \x20 {alerts} alerts ({open} open, {cleared} cleared); {told} notices told to Moogsoft\n\
             \x20 lost: {lost}\n",
            stored = figures.stored,
            archived = figures.archived(),
            at_netim = figures.at_netim,
            shouting = figures.shouting,
            alerts = figures.alerts.len(),
            open = figures.alerts_in(AlertState::Open),
            cleared = figures.alerts_in(AlertState::Cleared),
            lost = figures.archive.done.get(Outcome::Lost),
        ));
        if figures.at_moogsoft < told {
            bail!("{told} notices delivered, but Moogsoft has {}", figures.at_moogsoft);
        }
        Ok(())
    }

    fn picture(&self, figures: &Figures, elapsed: Duration) -> String {
        let mut out = String::new();
        let mut row = |name: &str, text: String| {
            let _ = writeln!(out, "{name:<10}{}", cut(&text, COLUMNS - 10));
        };
        let seconds = elapsed.as_secs();
        row("MUTT", format!("{:02}:{:02}   {}", seconds / 60, seconds % 60, self.head));
        row("", String::new());
        let doors = figures.sent.iter().map(|(door, n)| format!("{} {n}", door.to_lowercase()));
        let doors: Vec<String> = doors.collect();
        row("in", format!("{} messages: {}", figures.sent_in_all(), doors.join(", ")));
        row("journal", format!("{} stored, {} KiB", figures.stored, figures.journal_bytes / 1_024));
        row("NetIM", archive(figures));
        row("judged", judged(figures));
        row("Moogsoft", moogsoft(figures));
        row("severity", format!("alone would have paged {} times", figures.shouting));
        row("pages", self.pages.clone());
        row("metrics", self.metrics.clone());
        row("api", self.api[0].clone());
        row("", self.api[1].clone());
        row("", String::new());
        for alert in figures.alerts.iter().take(ALERTS_SHOWN) {
            row(state(alert), told(alert));
            row("", format!("because {}", alert.reason));
        }
        out
    }

    fn lines(&mut self, figures: &Figures, elapsed: Duration) -> String {
        let mut out = String::new();
        let known = self.last_alert.clone();
        let new = figures.alerts.iter().take_while(|alert| Some(&alert.id) != known.as_ref());
        for alert in new.collect::<Vec<_>>().into_iter().rev() {
            let _ =
                writeln!(out, "  {} {}\n    because {}", state(alert), told(alert), alert.reason);
            self.last_alert = Some(alert.id.clone());
        }
        if self.next_line.is_zero() {
            let _ = writeln!(out, "MUTT demo: {}\nmetrics: {}", self.head, self.metrics);
            let _ = writeln!(out, "pages: {}", self.pages);
            let _ = writeln!(out, "api: {}; {}", self.api[0], self.api[1]);
        }
        if elapsed >= self.next_line {
            self.next_line = elapsed + LINE_EVERY;
            let _ = writeln!(
                out,
                "{:>4} s  in {}\n        NetIM: {}\n        judged: {}\n        Moogsoft: {}",
                elapsed.as_secs(),
                figures.sent_in_all(),
                archive(figures),
                judged(figures),
                moogsoft(figures),
            );
        }
        out
    }
}

fn archive(figures: &Figures) -> String {
    let done = &figures.archive.done;
    format!(
        "{} archived, {} traps sent (unconfirmed), {} waiting",
        done.get(Outcome::Archived),
        done.get(Outcome::Unconfirmed),
        figures.archive.waiting,
    )
}

fn judged(figures: &Figures) -> String {
    let done = &figures.judged.done;
    format!(
        "{} alerting, {} known noise, {} logged only, {} that no rule knows",
        done.get(Outcome::Alerting),
        done.get(Outcome::Suppressed),
        done.get(Outcome::Logged),
        done.get(Outcome::Unhandled),
    )
}

fn moogsoft(figures: &Figures) -> String {
    format!(
        "{} notices told, {} waiting; {} alerts open, {} cleared",
        figures.at_moogsoft,
        figures.notices_waiting,
        figures.alerts_in(AlertState::Open),
        figures.alerts_in(AlertState::Cleared),
    )
}

fn state(alert: &Alert) -> &'static str {
    match alert.state {
        AlertState::Open | AlertState::Acknowledged => "open",
        AlertState::Cleared => "cleared",
        AlertState::Closed => "closed",
    }
}

fn told(alert: &Alert) -> String {
    format!(
        "{} {}: {} ({}, {}, {} events)",
        alert.severity.name(),
        alert.host,
        alert.summary,
        alert.team,
        alert.handling,
        alert.count,
    )
}

fn cut(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    text.chars().take(columns - 1).chain(['…']).collect()
}

fn print(text: &str) {
    let mut out = io::stdout().lock();
    // Whoever looked may be gone (a closed pipe): the demo ends by itself all the same.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
