//! Patterns with `*`, `?` and `[a-z]`, matched against a whole value.
//!
//! From: people. To: a regular expression of the same meaning, or many patterns tried together.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::Fault;

/// One step of a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    /// `*`
    Any,
    /// `?`
    One,
    Byte(u8),
    /// `[…]`, or `[!…]` if it is negated.
    Class(bool, Vec<(u8, u8)>),
}

/// Several patterns, tried together; the first that fits counts. Case does not matter.
///
/// A value is looked up by its beginnings and its ends, so a pattern costs only where its own
/// beginning or end is there. Asking allocates nothing for a value in lower case.
#[derive(Debug, Default)]
pub(crate) struct Globs {
    patterns: Vec<Vec<Part>>,
    starts: Buckets,
    ends: Buckets,
}

/// Patterns by the text that they begin or end with.
#[derive(Debug, Default)]
struct Buckets {
    by_text: HashMap<Vec<u8>, Vec<usize>>,
    /// Lengths that texts have, ascending.
    lengths: Vec<usize>,
}

impl Globs {
    pub fn new(patterns: &[String]) -> Result<Self, Vec<Fault>> {
        let mut globs = Self::default();
        let mut faults = Vec::new();
        for pattern in patterns {
            let parts = parse(&pattern.to_ascii_lowercase()).unwrap_or_else(|message| {
                faults.push(Fault::at("", message));
                Vec::new()
            });
            let start = plain(parts.iter());
            let mut end = plain(parts.iter().rev());
            end.reverse();
            let index = globs.patterns.len();
            // The longer text is the rarer one.
            if start.len() >= end.len() {
                globs.starts.add(start, index);
            } else {
                globs.ends.add(end, index);
            }
            globs.patterns.push(parts);
        }
        if faults.is_empty() { Ok(globs) } else { Err(faults) }
    }

    /// The place of the first pattern that fits.
    pub fn first_match(&self, value: &[u8]) -> Option<usize> {
        let value = if value.iter().any(u8::is_ascii_uppercase) {
            Cow::Owned(value.to_ascii_lowercase())
        } else {
            Cow::Borrowed(value)
        };
        let starts = self
            .starts
            .lengths
            .iter()
            .filter_map(|length| self.starts.by_text.get(value.get(..*length)?));
        let ends = self.ends.lengths.iter().filter_map(|length| {
            self.ends.by_text.get(value.get(value.len().checked_sub(*length)?..)?)
        });
        let first = |bucket: &Vec<usize>| {
            bucket.iter().copied().find(|index| fits(&self.patterns[*index], &value))
        };
        starts.chain(ends).filter_map(first).min()
    }
}

impl Buckets {
    fn add(&mut self, text: Vec<u8>, index: usize) {
        if let Err(place) = self.lengths.binary_search(&text.len()) {
            self.lengths.insert(place, text.len());
        }
        self.by_text.entry(text).or_default().push(index);
    }
}

/// The bytes before the first wildcard.
fn plain<'a>(parts: impl Iterator<Item = &'a Part>) -> Vec<u8> {
    let byte = |part: &Part| if let Part::Byte(byte) = part { Some(*byte) } else { None };
    parts.map_while(byte).collect()
}

/// Does the pattern fit the whole value? Both are in lower case.
fn fits(parts: &[Part], value: &[u8]) -> bool {
    let (mut at_part, mut at_byte) = (0, 0);
    // Where to go on if what follows the last `*` does not fit: it takes one byte more.
    let mut back: Option<(usize, usize)> = None;
    while at_part < parts.len() || at_byte < value.len() {
        match (parts.get(at_part), value.get(at_byte)) {
            (Some(Part::Any), _) => {
                at_part += 1;
                back = Some((at_part, at_byte));
            }
            (Some(part), Some(byte)) if part.fits(*byte) => {
                at_part += 1;
                at_byte += 1;
            }
            _ => match back {
                Some((part, byte)) if byte < value.len() => {
                    back = Some((part, byte + 1));
                    (at_part, at_byte) = (part, byte + 1);
                }
                _ => return false,
            },
        }
    }
    true
}

impl Part {
    fn fits(&self, byte: u8) -> bool {
        match self {
            Part::Any => false,
            Part::One => true,
            Part::Byte(own) => *own == byte,
            Part::Class(negated, ranges) => {
                let has = |byte: u8| ranges.iter().any(|(from, to)| (*from..=*to).contains(&byte));
                (has(byte) || has(byte.to_ascii_uppercase())) != *negated
            }
        }
    }
}

/// Whether it has a wildcard.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// How many of a pattern's characters are no wildcard: of two patterns the one with more counts.
pub(crate) fn telling(pattern: &str) -> usize {
    let mut in_class = false;
    pattern
        .chars()
        .filter(|character| {
            let plain = !in_class && !matches!(character, '*' | '?' | '[');
            in_class = (in_class || *character == '[') && *character != ']';
            plain
        })
        .count()
}

/// The pattern as a regular expression over bytes without Unicode.
///
/// # Errors
/// A pattern that cannot be read.
pub fn to_regex(pattern: &str) -> Result<String, String> {
    let mut regex = String::from("(?s)^");
    for part in parse(pattern)? {
        match part {
            Part::Any => regex.push_str(".*"),
            Part::One => regex.push('.'),
            Part::Byte(byte) => push_byte(&mut regex, byte),
            Part::Class(negated, ranges) => {
                regex.push_str(if negated { "[^" } else { "[" });
                for (from, to) in ranges {
                    push_byte(&mut regex, from);
                    regex.push('-');
                    push_byte(&mut regex, to);
                }
                regex.push(']');
            }
        }
    }
    regex.push('$');
    Ok(regex)
}

fn push_byte(regex: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric() {
        regex.push(char::from(byte));
    } else {
        regex.push_str(&format!("\\x{byte:02x}"));
    }
}

fn parse(pattern: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(byte) = rest.bytes().next() {
        if byte == b'[' {
            let class = &rest[1..];
            let end = class.char_indices().skip(1).find(|(_, c)| *c == ']').map(|(at, _)| at);
            let Some(end) = end else {
                return Err(format!(
                    "pattern `{pattern}` has a `[` without its `]`: close it, or write `?`"
                ));
            };
            parts.push(class_of(&class[..end], pattern)?);
            rest = &class[end + 1..];
            continue;
        }
        let character = rest.chars().next().map_or(1, char::len_utf8);
        match byte {
            b'*' => parts.push(Part::Any),
            b'?' => parts.push(Part::One),
            _ => parts.extend(rest[..character].bytes().map(Part::Byte)),
        }
        rest = &rest[character..];
    }
    Ok(parts)
}

/// `[abc]`, `[a-z]`, `[!0-9]`.
fn class_of(class: &str, pattern: &str) -> Result<Part, String> {
    let (negated, members) = match class.strip_prefix('!') {
        Some(members) => (true, members),
        None => (false, class),
    };
    if members.is_empty() || !members.is_ascii() {
        return Err(format!(
            "pattern `{pattern}`: between `[` and `]` only ASCII characters can stand"
        ));
    }
    let mut ranges = Vec::new();
    let mut rest = members.as_bytes();
    while let [from, more @ ..] = rest {
        let to = if let [b'-', to, ..] = more { to } else { from };
        if from > to {
            let (from, to) = (char::from(*from), char::from(*to));
            return Err(format!("pattern `{pattern}`: {from}-{to} runs backwards: turn it round"));
        }
        rest = if let [b'-', _, after @ ..] = more { after } else { more };
        ranges.push((*from, *to));
    }
    Ok(Part::Class(negated, ranges))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fits_one(pattern: &str, value: &str) -> bool {
        Globs::new(&[pattern.to_owned()]).unwrap().first_match(value.as_bytes()).is_some()
    }

    #[test]
    fn matches_whole_values() {
        assert!(fits_one("lab-*", "LAB-1"));
        assert!(!fits_one("lab-*", "mylab-1"));
        assert!(fits_one("r?", "r1"));
        assert!(!fits_one("r?", "r12"));
        assert!(fits_one("r[0-9].x", "r4.x"));
        assert!(!fits_one("r[0-9].x", "r4yx"));
        assert!(fits_one("r[!0-9]", "ra"));
        assert!(!fits_one("r[!0-9]", "r1"));
        assert!(fits_one("a[-_]b", "a-b"));
        assert!(fits_one("a[.^]b", "a^b"));
        assert!(fits_one("*", "a\nb"));
    }

    #[test]
    fn the_first_of_several_counts() {
        let globs = Globs::new(&["x*".to_owned(), "*y".to_owned(), "xy".to_owned()]).unwrap();
        assert_eq!(globs.first_match(b"xy"), Some(0));
        assert_eq!(globs.first_match(b"ay"), Some(1));
        assert_eq!(globs.first_match(b"ab"), None);
    }

    #[test]
    fn says_what_is_wrong() {
        assert!(to_regex("a[bc").unwrap_err().contains("without its `]`"));
        assert!(to_regex("a[z-a]").unwrap_err().contains("backwards"));
        assert!(to_regex("a[é]").unwrap_err().contains("ASCII"));
    }

    proptest! {
        #[test]
        fn patterns_fit_what_their_regexes_match(
            pattern in "([aB.*?-]|\\[!?[aB9-]{1,2}\\]|é){0,8}",
            value in "[abB.é-]{0,8}",
        ) {
            let Ok(regex) = to_regex(&pattern) else { return Ok(()) };
            let built = regex::bytes::RegexBuilder::new(&regex);
            let regex = { built }.unicode(false).case_insensitive(true).build().unwrap();
            prop_assert_eq!(fits_one(&pattern, &value), regex.is_match(value.as_bytes()));
        }

        #[test]
        fn many_patterns_say_the_first_that_fits(
            patterns in prop::collection::vec("[ab*?]{0,4}", 0..20),
            value in "[ab]{0,6}",
        ) {
            let globs = Globs::new(&patterns).unwrap();
            let first = patterns.iter().position(|pattern| fits_one(pattern, &value));
            prop_assert_eq!(globs.first_match(value.as_bytes()), first);
        }
    }
}
