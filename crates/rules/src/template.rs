//! Templates for summaries and keys: text with `{host}` and `{captures.ifname}` in it.
//!
//! From: a rule. To: one line of text for an event.

use crate::fault::{did_you_mean, list};
use crate::field::{Field, Seen};

/// A template, read once. `{{` and `}}` are braces.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    Text(String),
    Field(Field),
    Capture(String),
}

/// Values that named groups of regexes captured.
pub(crate) type Captures = Vec<(String, String)>;

impl Template {
    /// Reads a template; `captures` are the names that its rule's regexes capture, if they are
    /// known.
    pub fn parse(text: &str, captures: Option<&[String]>) -> Result<Template, Vec<String>> {
        pieces(text, Part::Text, |found| name(found, captures)).map(Template)
    }

    /// The captures that it names.
    pub fn captures(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Capture(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One line; what the event lacks is empty.
    pub fn render(&self, seen: &Seen<'_, '_>, captures: &Captures) -> String {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Field(field) => {
                    if let Some(value) = field.text(seen) {
                        push_line(&mut out, &String::from_utf8_lossy(&value));
                    }
                }
                Part::Capture(name) => {
                    if let Some((_, value)) = captures.iter().find(|(known, _)| known == name) {
                        push_line(&mut out, value);
                    }
                }
            }
        }
        out
    }
}

/// The pieces of a template: the text between braces, and what `name` makes of what is inside.
fn pieces<P>(
    text: &str,
    plain: impl Fn(String) -> P,
    name: impl Fn(&str) -> Result<P, String>,
) -> Result<Vec<P>, Vec<String>> {
    let mut parts = Vec::new();
    let mut faults = Vec::new();
    let mut between = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        between.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix(brace) {
            between.push_str(brace);
            rest = after;
            continue;
        }
        let end = if brace == "{" { after.find('}') } else { None };
        let Some(end) = end else {
            // What follows cannot be told apart from what was meant to be inside.
            faults.push(format!(
                "a `{brace}` stands alone: write `{brace}{brace}` for the character"
            ));
            return Err(faults);
        };
        if !between.is_empty() {
            parts.push(plain(std::mem::take(&mut between)));
        }
        match name(after[..end].trim()) {
            Ok(part) => parts.push(part),
            Err(message) => faults.push(message),
        }
        rest = &after[end + 1..];
    }
    between.push_str(rest);
    if !between.is_empty() {
        parts.push(plain(between));
    }
    if faults.is_empty() { Ok(parts) } else { Err(faults) }
}

/// One line from a template that tells what did not come: it knows a host and a key, no event.
pub(crate) fn without_event(text: &str, host: &str, key: &str) -> Result<String, Vec<String>> {
    let line = |value: &str| {
        let mut out = String::new();
        push_line(&mut out, value);
        Ok(out)
    };
    let pieces = pieces(
        text,
        |plain| plain,
        |name| match name {
            "host" => line(host),
            "key" => line(key),
            other => Err(format!(
                "`{{{other}}}` is not known where nothing came: there is no event, only {{host}} and \
             {{key}}"
            )),
        },
    );
    pieces.map(|pieces| pieces.concat())
}

fn name(name: &str, captures: Option<&[String]>) -> Result<Part, String> {
    let Some(capture) = name.strip_prefix("captures.") else {
        return Field::from_name(name).map(Part::Field).map_err(|error| {
            format!("{error} What a regex captured is written {{captures.NAME}}.")
        });
    };
    let Some(captures) = captures else { return Ok(Part::Capture(capture.to_owned())) };
    if captures.iter().any(|known| known == capture) {
        return Ok(Part::Capture(capture.to_owned()));
    }
    let known = || captures.iter().map(String::as_str);
    if captures.is_empty() {
        return Err(format!(
            "`{{captures.{capture}}}` is never captured: give a regex of this rule a group (?<{capture}>…)"
        ));
    }
    Err(format!(
        "`{{captures.{capture}}}` is never captured.{} Captures are {}.",
        did_you_mean(capture, known()),
        list(known())
    ))
}

/// Control characters become spaces: a summary is one line.
fn push_line(out: &mut String, text: &str) {
    out.extend(text.chars().map(|character| if character.is_control() { ' ' } else { character }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        vec!["ifname".to_owned()]
    }

    #[test]
    fn reads_fields_captures_and_braces() {
        let template = Template::parse("{{x}} {host} {captures.ifname}!", Some(&names())).unwrap();
        assert_eq!(
            template.0,
            [
                Part::Text("{x} ".into()),
                Part::Field(Field::Host),
                Part::Text(" ".into()),
                Part::Capture("ifname".into()),
                Part::Text("!".into()),
            ]
        );
        assert!(Template::parse("", None).unwrap().is_empty());
    }

    #[test]
    fn says_what_is_wrong() {
        let fault = |text| Template::parse(text, Some(&names())).unwrap_err().join(" ");
        assert!(fault("a {host").contains("stands alone"));
        assert!(fault("a } b").contains("`}}`"));
        assert!(fault("{hots}").contains("Did you mean `host`?"));
        assert!(fault("{captures.ifnam}").contains("Did you mean `ifname`?"));
        assert!(Template::parse("{captures.x}", Some(&[])).unwrap_err()[0].contains("(?<x>"));
        assert!(Template::parse("{captures.x}", None).is_ok(), "it is not known what is captured");
        assert_eq!(Template::parse("{hots} {captures.x} {app", Some(&[])).unwrap_err().len(), 3);
    }
}
