//! Settings as text: the commented example, and what holds now.

use std::fmt::Write;

use super::reader::env_name;
use super::secret::names_only;
use super::section::{Entry, Section, Setting};
use super::settings::{Destination, RedisListSettings, Settings, SnmpUserSettings};
use super::value::grouped;

const WIDTH: usize = 96;

/// The commented example: every setting with its default.
pub fn example() -> String {
    let mut out = String::from(
        "# MUTT's settings. Made by `mutt config example`; `mutt check` finds mistakes.\n#\n",
    );
    write_entries(&mut out, &Settings::default().entries(), Style::Example);
    write_sample::<SnmpUserSettings>(&mut out, "input.snmp.user.0");
    write_sample::<RedisListSettings>(&mut out, "input.redis_list.0");
    write_sample::<Destination>(&mut out, "destination.0");
    out
}

/// A table of which there may be several, and is none, behind `#`.
fn write_sample<T: Section>(out: &mut String, path: &str) {
    let mut sample = Vec::new();
    T::defaults().entries(path, &mut sample);
    for entry in &mut sample {
        if let Entry::Setting(setting) = entry
            && setting.sample.is_some()
        {
            setting.value = None; // what must be given has no default worth showing
        }
    }
    let mut text = String::new();
    write_entries(&mut text, &sample, Style::Example);
    for line in text.lines() {
        let mark = if line.is_empty() || line.starts_with('#') { "" } else { "# " };
        let _ = writeln!(out, "{mark}{line}");
    }
}

/// What holds now. With `redacted`, secrets are left out.
pub fn show(settings: &Settings, redacted: bool) -> String {
    let mut out = String::new();
    write_entries(&mut out, &settings.entries(), Style::Show { redacted });
    out.trim_start().to_owned()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Example,
    Show { redacted: bool },
}

fn write_entries(out: &mut String, entries: &[Entry], style: Style) {
    for (index, entry) in entries.iter().enumerate() {
        // A section that only holds others needs no head of its own.
        let bare = matches!(entry, Entry::Section { path, .. } if !path.is_empty())
            && !matches!(entries.get(index + 1), Some(Entry::Setting(_)));
        if !bare {
            write_entry(out, entry, style);
        }
    }
}

fn write_entry(out: &mut String, entry: &Entry, style: Style) {
    match entry {
        Entry::Section { path, about } => {
            if !path.is_empty() {
                out.push('\n');
            }
            if style == Style::Example {
                about.iter().for_each(|line| comment(out, line));
            }
            let list =
                path.strip_suffix(|c: char| c.is_ascii_digit()).map(|p| p.trim_end_matches('.'));
            let _ = match (path.as_str(), list) {
                ("", _) => Ok(()),
                (_, Some(list)) => writeln!(out, "[[{list}]]"),
                (path, None) => writeln!(out, "[{}]", in_list(path)),
            };
        }
        Entry::Setting(setting) => match style {
            Style::Example => write_example(out, setting),
            Style::Show { redacted } => {
                let shown = if redacted && setting.secret {
                    redact(setting)
                } else {
                    setting.value.clone()
                };
                if let Some(value) = shown {
                    let _ = writeln!(out, "{} = {value}", setting.key);
                }
            }
        },
    }
}

/// A table inside one of a list belongs to the last of that list: TOML gives it no number.
fn in_list(path: &str) -> String {
    let names = path.split('.').filter(|part| part.parse::<usize>().is_err());
    names.collect::<Vec<_>>().join(".")
}

fn write_example(out: &mut String, setting: &Setting) {
    out.push('\n');
    setting.about.iter().for_each(|line| comment(out, line));
    let mut facts = Vec::new();
    if let Some((least, most)) = setting.range {
        facts.push(format!("{} to {}", grouped(least), grouped(most)));
    }
    facts.push(env_name(&setting.path));
    comment(out, &format!("({})", facts.join("; ")));
    let _ = match (&setting.value, setting.sample) {
        (Some(value), None) => writeln!(out, "{} = {value}", setting.key),
        // Where a list or a table is empty, or nothing set, the sample shows the form.
        (Some(value), Some(sample)) => {
            writeln!(out, "{} = {value}\n# {} = {sample}", setting.key, setting.key)
        }
        (None, sample) => writeln!(out, "# {} = {}", setting.key, sample.unwrap_or("\"\"")),
    };
}

fn redact(setting: &Setting) -> Option<String> {
    let value = setting.value.as_deref()?;
    Some(match value {
        "[]" => "[]".to_owned(),
        // Where a secret is tells nothing of it.
        value if names_only(value) => value.to_owned(),
        value if value.starts_with('[') => "[\"(secret)\"]".to_owned(),
        _ => "\"(secret)\"".to_owned(),
    })
}

fn comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > WIDTH {
            let _ = writeln!(out, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "{line}");
}
