//! Patterns with `*`, `?` and `[a-z]`, matched against a whole value.
//!
//! From: people. To: a regular expression of the same meaning.

use regex::bytes::{RegexSet, RegexSetBuilder};

use crate::Fault;

/// Several patterns, tried together; the first that fits counts. Case does not matter.
#[derive(Debug, Default)]
pub(crate) struct Globs(Option<RegexSet>);

impl Globs {
    pub fn new(patterns: &[String]) -> Result<Self, Vec<Fault>> {
        if patterns.is_empty() {
            return Ok(Self(None));
        }
        let mut faults = Vec::new();
        let mut regexes = Vec::new();
        for pattern in patterns {
            match to_regex(pattern) {
                Ok(regex) => regexes.push(regex),
                Err(message) => faults.push(Fault::at("", message)),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let set = RegexSetBuilder::new(&regexes).unicode(false).case_insensitive(true).build();
        set.map(|set| Self(Some(set))).map_err(|error| {
            vec![Fault::at("", format!("the patterns together are too large: {error}"))]
        })
    }

    /// The place of the first pattern that fits.
    pub fn first_match(&self, value: &[u8]) -> Option<usize> {
        let set = self.0.as_ref()?;
        if !set.is_match(value) {
            return None;
        }
        set.matches(value).iter().next()
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
pub(crate) fn to_regex(pattern: &str) -> Result<String, String> {
    let mut regex = String::from("(?s)^");
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        match character {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '[' => {
                let class = rest.as_str();
                let end = class.char_indices().skip(1).find(|(_, c)| *c == ']').map(|(at, _)| at);
                let Some(end) = end else {
                    return Err(format!(
                        "pattern `{pattern}` has a `[` without its `]`: close it, or write `?`"
                    ));
                };
                push_class(&mut regex, &class[..end], pattern)?;
                rest = class[end + 1..].chars();
            }
            other => regex.push_str(&regex_syntax::escape(other.encode_utf8(&mut [0; 4]))),
        }
    }
    regex.push('$');
    Ok(regex)
}

/// `[abc]`, `[a-z]`, `[!0-9]`.
fn push_class(regex: &mut String, class: &str, pattern: &str) -> Result<(), String> {
    let (negated, members) = match class.strip_prefix('!') {
        Some(members) => (true, members),
        None => (false, class),
    };
    if members.is_empty() || !members.is_ascii() {
        return Err(format!(
            "pattern `{pattern}`: between `[` and `]` only ASCII characters can stand"
        ));
    }
    regex.push_str(if negated { "[^" } else { "[" });
    for (index, character) in members.char_indices() {
        let is_range = character == '-' && index > 0 && index + 1 < members.len();
        if !is_range && !character.is_ascii_alphanumeric() {
            regex.push('\\');
        }
        regex.push(character);
    }
    regex.push(']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, value: &str) -> bool {
        Globs::new(&[pattern.to_owned()]).unwrap().first_match(value.as_bytes()).is_some()
    }

    #[test]
    fn matches_whole_values() {
        assert!(fits("lab-*", "LAB-1"));
        assert!(!fits("lab-*", "mylab-1"));
        assert!(fits("r?", "r1"));
        assert!(!fits("r?", "r12"));
        assert!(fits("r[0-9].x", "r4.x"));
        assert!(!fits("r[0-9].x", "r4yx"));
        assert!(fits("r[!0-9]", "ra"));
        assert!(!fits("r[!0-9]", "r1"));
        assert!(fits("a[-_]b", "a-b"));
        assert!(fits("a[.^]b", "a^b"));
        assert!(fits("*", "a\nb"));
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
        assert!(to_regex("a[é]").unwrap_err().contains("ASCII"));
    }
}
