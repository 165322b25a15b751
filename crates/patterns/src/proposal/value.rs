//! What a value is, by what the samples have: its regex, its name, and whether it is a key.

use std::net::IpAddr;

use super::says_what;

/// What all values of a place are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// IPv4 or IPv6 addresses.
    Address,
    /// MAC addresses.
    Mac,
    /// Whole numbers.
    Number,
    /// Names of interfaces: a word and a number, as in `Gi1/0/3`.
    Interface,
    /// Text without blanks.
    Word,
    /// The same, or nothing.
    MaybeWord,
    /// Text.
    Text,
    /// Anything or nothing.
    Any,
}

impl Kind {
    /// The narrowest that all values are.
    pub fn of(values: &[String]) -> Self {
        let all = |is: fn(&str) -> bool| values.iter().all(|value| is(value));
        match values {
            [] => Kind::Any,
            _ if all(is_number) => Kind::Number,
            _ if all(|value| value.parse::<IpAddr>().is_ok()) => Kind::Address,
            _ if all(is_mac) => Kind::Mac,
            _ if all(is_interface) => Kind::Interface,
            _ if all(|value| !value.is_empty() && !value.contains(is_blank)) => Kind::Word,
            _ if all(|value| !value.contains(is_blank)) => Kind::MaybeWord,
            _ if all(|value| !value.is_empty() && !value.contains('\n')) => Kind::Text,
            _ => Kind::Any,
        }
    }

    /// The same, asking nothing of the characters but that none is blank.
    pub fn without_shape(self) -> Self {
        match self {
            Kind::MaybeWord | Kind::Text | Kind::Any => self,
            _ => Kind::Word,
        }
    }

    /// The regex of such a value before the mark `next`.
    pub fn regex(self, next: Option<u8>, is_last: bool) -> String {
        match self {
            Kind::Address => "[0-9A-Fa-f.:]+".to_owned(),
            Kind::Mac => "[0-9A-Fa-f.:-]+".to_owned(),
            Kind::Number => r"\d+".to_owned(),
            Kind::Interface | Kind::Word => format!("{}+", unlike(next)),
            Kind::MaybeWord => format!("{}*", unlike(next)),
            Kind::Text if is_last => ".+".to_owned(),
            Kind::Text => ".+?".to_owned(),
            Kind::Any if is_last => "(?s:.*)".to_owned(),
            Kind::Any => "(?s:.*?)".to_owned(),
        }
    }
}

/// The class of what is no blank and not the mark behind the value.
fn unlike(next: Option<u8>) -> String {
    match next {
        Some(mark @ (b',' | b';' | b'"' | b')' | b'>' | b'|' | b'\'' | b'(')) => {
            format!(r"[^\s{}]", char::from(mark))
        }
        Some(b']') => r"[^\s\]]".to_owned(),
        _ => r"\S".to_owned(),
    }
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control()
}

fn is_number(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_mac(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_hexdigit).count();
    let parts = value.bytes().filter(|byte| b":.-".contains(byte)).count();
    digits == 12 && digits + parts == value.len() && matches!(parts, 2 | 5)
}

fn is_interface(value: &str) -> bool {
    let letters =
        value.bytes().take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'-').count();
    let rest = &value[letters..];
    let is_place = |byte: u8| byte.is_ascii_digit() || b"/.:".contains(&byte);
    (2..24).contains(&letters)
        && rest.starts_with(|first: char| first.is_ascii_digit())
        && rest.bytes().all(is_place)
}

/// A name for each value, each another one.
pub(super) fn names(kinds: &[Kind], hints: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(kinds.len());
    for (kind, hint) in kinds.iter().zip(hints) {
        let name = match kind {
            Kind::Address => "ip".to_owned(),
            Kind::Mac => "mac".to_owned(),
            Kind::Interface => "interface".to_owned(),
            _ if says_what(hint) => hint.to_ascii_lowercase(),
            Kind::Number => "number".to_owned(),
            _ => "value".to_owned(),
        };
        let unused = |name: &String| !names.contains(name);
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        names.extend(std::iter::once(name.clone()).chain(numbered).find(unused));
    }
    names
}

/// What tells one alert from another: the first interface, else the first address, MAC address or
/// name. What begins with a digit or a sign is mostly a measure.
pub(super) fn key_template(kinds: &[Kind], names: &[String], values: &[Vec<String>]) -> String {
    let is_name = |value: &String| value.starts_with(|first: char| first.is_alphabetic());
    let is_one = |at: usize, wanted: Kind| {
        kinds[at] == wanted && (wanted != Kind::Word || values[at].iter().all(is_name))
    };
    [Kind::Interface, Kind::Address, Kind::Mac, Kind::Word]
        .into_iter()
        .find_map(|wanted| (0..kinds.len()).find(|at| is_one(*at, wanted)))
        .map(|at| format!("{{captures.{}}}", names[at]))
        .unwrap_or_default()
}
