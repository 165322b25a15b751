//! What stands beside the matcher: one text of each rule, looked for as scripts do it.
//!
//! From: the benchmark's corpus. To: its table.

use std::fmt::Write;
use std::process::{Command, Stdio};

use mutt_event::Event;
use regex::bytes::{Regex, RegexBuilder, RegexSetBuilder};

use super::{best, cpu, fail, phrase};

/// How many events, so that a pass takes some tenths of a second.
fn few(count: usize, events: usize) -> usize {
    (2_000_000 / count.max(1)).clamp(200, events)
}

/// One regex for each rule, tried in order.
pub fn plain_loop(count: usize, events: &[Event<'_>]) -> f64 {
    let regex = |n| {
        RegexBuilder::new(&regex::escape(&phrase(n)))
            .unicode(false)
            .case_insensitive(true)
            .build()
            .unwrap_or_else(|error| fail(&error.to_string()))
    };
    let regexes: Vec<Regex> = (0..count).map(regex).collect();
    let some = &events[..few(count, events.len())];
    let mut hits = 0usize;
    best(some.len(), || {
        let is_hit =
            |event: &&Event<'_>| regexes.iter().any(|regex| regex.is_match(&event.message));
        hits += some.iter().filter(is_hit).count();
    })
}

/// All regexes in one set, which tells all that match.
pub fn regex_set(count: usize, events: &[Event<'_>]) -> String {
    let set = RegexSetBuilder::new((0..count).map(|n| regex::escape(&phrase(n))))
        .unicode(false)
        .case_insensitive(true)
        .size_limit(1 << 30)
        .build();
    let Ok(set) = set else { return "too large".to_owned() };
    let some = &events[..few(count, events.len())];
    let mut hits = 0usize;
    let rate = best(some.len(), || {
        hits += some.iter().filter(|event| set.matches(&event.message).matched_any()).count();
    });
    format!("{rate:.0}")
}

/// Whether SEC can be run here.
pub fn has_sec() -> bool {
    let mut sec = Command::new("sec");
    sec.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    sec.status().is_ok_and(|status| status.success())
}

/// SEC with a rule for each text, over lines in a file; its start is not counted.
pub fn sec(has_sec: bool, count: usize, raws: &[Vec<u8>]) -> String {
    if !has_sec {
        return "skipped".to_owned();
    }
    let folder = std::env::temp_dir().join(format!("mutt-bench-sec-{}", std::process::id()));
    let told = run_sec(&folder, count, &raws[..few(count, raws.len())]);
    // Nothing of value is in the folder; a rest of it does no harm.
    let _ = std::fs::remove_dir_all(&folder);
    told.unwrap_or_else(|error| format!("failed: {error}"))
}

fn run_sec(folder: &std::path::Path, count: usize, raws: &[Vec<u8>]) -> std::io::Result<String> {
    std::fs::create_dir_all(folder)?;
    let mut rules = String::new();
    for n in 0..count {
        let text = regex::escape(&phrase(n));
        // Writing to a String cannot fail.
        let _ = writeln!(
            rules,
            "type=Single\nptype=RegExp\npattern=(?i){text}\ndesc=r{n}\naction=none\n"
        );
    }
    let (conf, lines, empty) = (folder.join("conf"), folder.join("lines"), folder.join("empty"));
    std::fs::write(&conf, rules)?;
    std::fs::write(&lines, raws.join(&b'\n'))?;
    std::fs::write(&empty, "")?;
    let seconds = |input: &std::path::Path| {
        let begin = cpu::children();
        let mut command = Command::new("sec");
        command.arg(format!("--conf={}", conf.display()));
        command.arg(format!("--input={}", input.display())).args(["--fromstart", "--notail"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        std::io::Result::Ok(cpu::children().saturating_sub(begin).as_secs_f64())
    };
    let start = seconds(&empty)?;
    Ok(format!("{:.0}", raws.len() as f64 / (seconds(&lines)? - start).max(1e-6)))
}
