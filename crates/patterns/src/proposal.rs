//! A pattern becomes the regex and key of a rule to be. From: a [`Pattern`]. To: whoever writes
//! the rule.
//!
//! What varies is looked at in the samples, with a regex that asks nothing of it; then the regex
//! asks as much as all samples have. It is tried on them, and asks for less until it fits.

mod value;

use regex::bytes::{Regex, RegexBuilder};

use crate::mask::{Masked, Piece};
use crate::{Pattern, PatternId, Sample, form, shape, words};
use value::Kind;

/// What varies in a proposal's messages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capture {
    /// The group's name in the regex.
    pub name: String,
    /// What the samples have there.
    pub values: Vec<String>,
}

/// The parts of a rule that would own a pattern's messages.
#[derive(Clone, PartialEq, Debug)]
pub struct Proposal {
    /// The pattern.
    pub pattern: PatternId,
    /// The pattern's key: what `mnemonic` or `app` equals; may be empty.
    pub key: String,
    /// A regex for `message`, in the syntax of the crate `regex` without Unicode classes.
    pub regex: String,
    /// The regex's groups, in order.
    pub captures: Vec<Capture>,
    /// A template for the rule's key: what tells one alert from another on a host. Empty if
    /// nothing in the message does.
    pub key_template: String,
    /// The pattern's samples.
    pub samples: Vec<Sample>,
}

/// One part of a message.
enum Part {
    Literal(String),
    Mark(u8),
    Value(usize),
    Gap,
}

struct Shape {
    /// Each part, and whether a blank stands before it.
    parts: Vec<(Part, bool)>,
    /// The word before each value; empty if it says nothing.
    hints: Vec<String>,
    has_words: bool,
}

/// How much the regex asks of what is between the words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Care {
    /// One blank, one mark.
    Exact,
    /// One or more.
    Rows,
    /// Whatever there is.
    Any,
}

/// Proposes the parts of a rule for a pattern's messages; the regex fits all its samples.
pub fn propose(pattern: &Pattern) -> Proposal {
    let shape = Shape::new(pattern);
    let unasked = vec![Kind::Any; shape.hints.len()];
    let numbered: Vec<String> = (0..shape.hints.len()).map(|at| format!("v{at}")).collect();
    let any = shape.regex(&numbered, &unasked, Care::Any);
    let values = values_of(&any, shape.hints.len(), &pattern.samples);
    let kinds: Vec<Kind> = values.iter().map(|values| Kind::of(values)).collect();
    let names = value::names(&kinds, &shape.hints);
    let plain: Vec<Kind> = kinds.iter().map(|kind| kind.without_shape()).collect();
    let attempts = [
        (&kinds, Care::Exact),
        (&plain, Care::Exact),
        (&kinds, Care::Rows),
        (&plain, Care::Rows),
        (&unasked, Care::Rows),
    ];
    let regex = attempts
        .into_iter()
        .map(|(kinds, care)| shape.regex(&names, kinds, care))
        .find(|regex| fits(regex, &pattern.samples))
        .unwrap_or_else(|| shape.regex(&names, &unasked, Care::Any));
    Proposal {
        pattern: pattern.id,
        key: pattern.key.clone(),
        regex,
        key_template: value::key_template(&kinds, &names, &values),
        captures: names
            .into_iter()
            .zip(values)
            .map(|(name, values)| Capture { name, values })
            .collect(),
        samples: pattern.samples.clone(),
    }
}

impl Shape {
    fn new(pattern: &Pattern) -> Self {
        let mut masked = Masked::default();
        let text = match form::read(&pattern.form, &mut masked) {
            Some(_) => &pattern.form,
            None => {
                masked.read("", pattern.template.as_bytes(), usize::MAX, 127);
                &pattern.template
            }
        };
        let mut shape = Self { parts: Vec::new(), hints: Vec::new(), has_words: false };
        let mut hint = String::new();
        for token in &masked.tokens {
            let part = match token.piece {
                Piece::Word { start, end } => {
                    let word = text.get(start as usize..end as usize).unwrap_or_default();
                    hint = word.to_owned();
                    shape.has_words = true;
                    Part::Literal(escaped(word))
                }
                Piece::Mark(byte) => {
                    if !matches!(byte, b'=' | b':' | b'(' | b'[' | b'"' | b'\'' | b'<') {
                        hint.clear();
                    }
                    Part::Mark(byte)
                }
                Piece::Wild => {
                    shape.hints.push(std::mem::take(&mut hint));
                    Part::Value(shape.hints.len() - 1)
                }
                Piece::Gap => Part::Gap,
            };
            shape.parts.push((part, token.spaced));
        }
        shape
    }

    fn regex(&self, names: &[String], kinds: &[Kind], care: Care) -> String {
        let mut regex = String::new();
        // Without a word it would fit anything that has such a value somewhere.
        if !self.has_words {
            regex.push('^');
            regex.push_str(care.blanks());
        }
        for (at, (part, spaced)) in self.parts.iter().enumerate() {
            if *spaced {
                regex.push_str(care.blank());
            }
            match part {
                Part::Literal(escaped) => regex.push_str(escaped),
                Part::Mark(byte) => care.mark(*byte, &mut regex),
                Part::Value(value) => {
                    let next = match self.parts.get(at + 1) {
                        Some((Part::Mark(byte), false)) => Some(*byte),
                        _ => None,
                    };
                    let is_last = at + 1 == self.parts.len();
                    let asked = kinds[*value].regex(next, is_last);
                    regex.push_str(&format!("(?<{}>{asked})", names[*value]));
                }
                Part::Gap => (),
            }
        }
        if !self.has_words {
            regex.push_str(care.blanks());
            regex.push('$');
        }
        regex
    }
}

impl Care {
    fn blank(self) -> &'static str {
        match self {
            Care::Exact => " ",
            Care::Rows => r"\s+",
            Care::Any => r"[\x00-\x20\x7f]*",
        }
    }

    /// The same where there may be none.
    fn blanks(self) -> &'static str {
        match self {
            Care::Exact | Care::Rows => r"\s*",
            Care::Any => self.blank(),
        }
    }

    fn mark(self, byte: u8, regex: &mut String) {
        let is_end = matches!(byte, b'.' | b'!' | b'?');
        if self == Care::Any && is_end {
            return regex.push_str("[.!?]+");
        }
        regex.push_str(&escaped(char::from(byte).encode_utf8(&mut [0; 4])));
        if self != Care::Exact && (is_end || shape::is_filler(byte)) {
            regex.push('+');
        }
    }
}

/// The text as a regex has it. Unlike the crate's own this leaves alone what means something in
/// classes only, such as `-`: people shall read it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"\.+*?()|[]{}^$".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

/// The regex as a rule would have it.
fn compile(regex: &str) -> Option<Regex> {
    RegexBuilder::new(regex).unicode(false).build().ok()
}

fn fits(regex: &str, samples: &[Sample]) -> bool {
    compile(regex)
        .is_some_and(|regex| samples.iter().all(|sample| regex.is_match(sample.text.as_bytes())))
}

/// What the samples have at each of `count` groups, each value once.
fn values_of(regex: &str, count: usize, samples: &[Sample]) -> Vec<Vec<String>> {
    let mut values = vec![Vec::new(); count];
    let Some(regex) = compile(regex) else { return values };
    for found in samples.iter().filter_map(|sample| regex.captures(sample.text.as_bytes())) {
        for (value, found) in values.iter_mut().zip(found.iter().skip(1)) {
            let text = found.map_or(&b""[..], |found| found.as_bytes());
            let text = String::from_utf8_lossy(text).into_owned();
            if !value.contains(&text) {
                value.push(text);
            }
        }
    }
    values
}

/// Whether a word before a value says what the value is.
fn says_what(hint: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    const SAY_NOTHING: [&str; 20] = [
        "a", "an", "and", "as", "at", "by", "for", "from", "has", "in", "into", "is", "of", "or",
        "the", "than", "to", "was", "with", "v",
    ];
    hint.len() <= 24
        && hint.starts_with(|first: char| first.is_ascii_alphabetic())
        && hint.bytes().all(is_name)
        && !SAY_NOTHING.contains(&hint.to_ascii_lowercase().as_str())
        && !words::is_guard(hint.as_bytes())
}

#[cfg(test)]
#[path = "proposal_tests.rs"]
mod tests;
