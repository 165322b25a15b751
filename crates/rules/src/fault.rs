//! What is wrong with a rule, where, and what to do about it.
//!
//! From: reading and compiling rules. To: whoever wrote them.

use std::fmt;

use thiserror::Error;

/// A mistake in a rule, or in the file that it stands in. The rule set is refused.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub struct Fault {
    /// The file, if the caller named it.
    pub file: Option<String>,
    /// The rule's id, if one could be read.
    pub rule: Option<String>,
    /// The place inside the rule, such as `when.any[1].message.regex`; empty: the whole.
    pub path: String,
    /// The line in the file, from 1, where the format tells it.
    pub line: Option<u32>,
    /// What is wrong and what to do, in a sentence.
    pub message: String,
}

impl Fault {
    /// A fault at a place whose rule and line are filled in by the caller.
    pub(crate) fn at(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: None, rule: None, path: path.into(), line: None, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{file}:{line}: ")?,
            (Some(file), None) => write!(f, "{file}: ")?,
            (None, Some(line)) => write!(f, "line {line}: ")?,
            (None, None) => {}
        }
        if let Some(rule) = &self.rule {
            write!(f, "rule {rule}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// Something about a rule that works, but that its author should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Warning(pub Fault);

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Words with commas between, for a sentence that names the choices.
pub(crate) fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(", ")
}

/// Whether a path is a part's own, or leads to something inside of it.
pub(crate) fn is_within(path: &str, part: &str) -> bool {
    path.strip_prefix(part)
        .is_some_and(|rest| part.is_empty() || rest.is_empty() || rest.starts_with(['.', '[']))
}

/// ` Did you mean X?`, if one of `known` is close to `word`; else nothing.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, known).map(|known| format!(" Did you mean `{known}`?")).unwrap_or_default()
}

/// The one of `known` that is close to `word`.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let limit = (word.len() / 2).clamp(1, 3);
    known
        .into_iter()
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance over bytes: how many edits make one word the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_nearest_word_or_none() {
        let known = ["message", "mnemonic", "severity"];
        assert_eq!(did_you_mean("mesage", known), " Did you mean `message`?");
        assert_eq!(did_you_mean("Severty", known), " Did you mean `severity`?");
        assert_eq!(did_you_mean("colour", known), "");
    }

    #[test]
    fn says_where_and_what() {
        let fault = Fault {
            rule: Some("r1".into()),
            line: Some(7),
            ..Fault::at("when.message.regex", "bad")
        };
        assert_eq!(fault.to_string(), "line 7: rule r1: when.message.regex: bad");
        let fault = Fault { file: Some("a.toml".into()), ..fault };
        assert_eq!(fault.to_string(), "a.toml:7: rule r1: when.message.regex: bad");
    }
}
