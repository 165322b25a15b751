//! One test, ready to be asked of events.
//!
//! From: a [`Test`] as written. To: yes or no for an event.

use std::net::IpAddr;

use ipnet::IpNet;
use memchr::memchr2_iter;
use mutt_event::trap::Names;
use mutt_event::{Event, Input, Oid, SecurityLevel, Severity};

use super::pattern::Pattern;
use crate::condition::{Operator, Test};
use crate::fault::{did_you_mean, list};
use crate::field::{FACILITIES, Field, Seen, Sort, peer};
use crate::number::Number;
use crate::{Environment, Limits};

/// What is asked, with values parsed. Needles are in lower case where case does not matter.
#[derive(Debug)]
pub(crate) enum Check {
    Contains(Vec<u8>),
    Equals(Vec<Vec<u8>>),
    StartsWith(Vec<u8>),
    EndsWith(Vec<u8>),
    /// A regex, or a glob as one.
    Regex(Pattern),
    OidPrefix(Oid),
    OidIn(Vec<Oid>),
    Cidr(IpNet),
    AddressIn(Vec<IpAddr>),
    /// A bit for each severity that fits.
    Severities(u8),
    /// A number from this one to that one.
    Number(Option<Number>, Option<Number>),
    Exists(bool),
}

impl Check {
    /// Reads a test's value.
    pub fn new(test: &Test, limits: &Limits) -> Result<Check, String> {
        let sort = test.field.sort();
        let operator = &test.operator;
        if test.case && sort != Sort::Text {
            return Err(format!("`case` means nothing for {}: leave it out", test.field.name()));
        }
        match (operator, sort) {
            (Operator::Exists(there), _) => Ok(Check::Exists(*there)),
            (Operator::Cidr(net), Sort::Address) => cidr(net),
            (Operator::Cidr(net), Sort::Text) if test.field == Field::Host => cidr(net),
            (_, Sort::Text) => text(test, limits),
            (Operator::Equals(word), Sort::Word) => words(&test.field, std::slice::from_ref(word)),
            (Operator::In(list), Sort::Word) => words(&test.field, list),
            (Operator::Equals(word), Sort::Severity) => Ok(Check::Severities(bit(word)?)),
            (Operator::In(words), Sort::Severity) => {
                words.iter().try_fold(0, |bits, word| Ok(bits | bit(word)?)).map(Check::Severities)
            }
            // A lower number is worse: "at least error" is error and all lower numbers.
            (Operator::AtLeast(word), Sort::Severity) => {
                Ok(Check::Severities(bit(word)? | (bit(word)? - 1)))
            }
            (Operator::AtMost(word), Sort::Severity) => Ok(Check::Severities(!(bit(word)? - 1))),
            (Operator::OidPrefix(text), Sort::Oid) => oid(text).map(Check::OidPrefix),
            (Operator::Equals(text), Sort::Oid) => Ok(Check::OidIn(vec![oid(text)?])),
            (Operator::In(texts), Sort::Oid) => {
                texts.iter().map(|text| oid(text)).collect::<Result<_, _>>().map(Check::OidIn)
            }
            (Operator::Equals(text), Sort::Address) => Ok(Check::AddressIn(vec![address(text)?])),
            (Operator::In(texts), Sort::Address) => texts
                .iter()
                .map(|text| address(text))
                .collect::<Result<_, _>>()
                .map(Check::AddressIn),
            _ => Err(not_here(test)),
        }
    }

    /// Does it hold? A field that is missing fits nothing but `exists = false`.
    pub fn holds(&self, test: &Test, seen: &Seen<'_, '_>) -> bool {
        let event = seen.event;
        match self {
            Check::Severities(bits) => {
                event.severity.is_some_and(|severity| bits & (1 << severity.number()) != 0)
            }
            Check::OidPrefix(prefix) => event.trap_oid().is_some_and(|oid| oid.starts_with(prefix)),
            Check::OidIn(oids) => event.trap_oid().is_some_and(|oid| oids.contains(oid)),
            Check::Cidr(net) => {
                tested_address(&test.field, event).is_some_and(|ip| net.contains(&ip))
            }
            Check::AddressIn(ips) => {
                tested_address(&test.field, event).is_some_and(|ip| ips.contains(&ip))
            }
            _ => match test.field.text(seen) {
                Some(value) => self.fits_text(&value, test.case),
                None => matches!(self, Check::Exists(false)),
            },
        }
    }

    /// Does it hold of this text?
    pub fn fits_text(&self, value: &[u8], case: bool) -> bool {
        let same = |a: &[u8], b: &[u8]| if case { a == b } else { a.eq_ignore_ascii_case(b) };
        match self {
            Check::Contains(needle) if case => memchr::memmem::find(value, needle).is_some(),
            Check::Contains(needle) => contains_ignoring_case(value, needle),
            Check::Equals(texts) => texts.iter().any(|text| same(value, text)),
            Check::StartsWith(text) => {
                value.get(..text.len()).is_some_and(|start| same(start, text))
            }
            Check::EndsWith(text) => {
                value.len().checked_sub(text.len()).is_some_and(|from| same(&value[from..], text))
            }
            Check::Regex(regex) => regex.is_match(value),
            Check::Number(least, most) => Number::read(value).is_some_and(|number| {
                least.is_none_or(|least| least <= number) && most.is_none_or(|most| number <= most)
            }),
            Check::Exists(there) => *there,
            _ => false,
        }
    }

    /// How dear it is beside the others, for the order in which they are tried.
    pub fn cost(&self) -> u32 {
        match self {
            Check::Severities(_) | Check::Exists(_) => 1,
            Check::OidPrefix(_) | Check::OidIn(_) => 2,
            Check::Equals(_) | Check::StartsWith(_) | Check::EndsWith(_) => 3,
            Check::Cidr(_) | Check::AddressIn(_) | Check::Number(..) => 5,
            Check::Contains(_) => 10,
            Check::Regex(_) => 50,
        }
    }
}

/// A needle in lower case, anywhere in a value, whatever the case of ASCII letters.
fn contains_ignoring_case(value: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return true };
    let Some(last_start) = value.len().checked_sub(needle.len()) else { return false };
    memchr2_iter(*first, first.to_ascii_uppercase(), &value[..=last_start])
        .any(|at| value[at..at + needle.len()].eq_ignore_ascii_case(needle))
}

fn tested_address(field: &Field, event: &Event<'_>) -> Option<IpAddr> {
    match field {
        Field::Host => event.host.parse::<IpAddr>().ok().map(|ip| ip.to_canonical()),
        _ => peer(event),
    }
}

/// The operators of text.
fn text(test: &Test, limits: &Limits) -> Result<Check, String> {
    let fold = |text: &String| {
        if test.case { text.as_bytes().to_vec() } else { text.to_ascii_lowercase().into_bytes() }
    };
    let regex = |pattern: &str| Pattern::new(pattern, test.case, limits.regex_bytes_max);
    Ok(match &test.operator {
        Operator::Contains(text) => Check::Contains(fold(text)),
        Operator::Equals(text) => Check::Equals(vec![fold(text)]),
        Operator::In(texts) => Check::Equals(texts.iter().map(fold).collect()),
        Operator::StartsWith(text) => Check::StartsWith(fold(text)),
        Operator::EndsWith(text) => Check::EndsWith(fold(text)),
        Operator::Glob(pattern) => Check::Regex(regex(&crate::glob::to_regex(pattern)?)?),
        Operator::Regex(pattern) => Check::Regex(regex(pattern)?),
        Operator::AtLeast(least) => Check::Number(Some(number(least)?), None),
        Operator::AtMost(most) => Check::Number(None, Some(number(most)?)),
        Operator::Between(least, most) => {
            let (from, to) = (number(least)?, number(most)?);
            if from > to {
                return Err(format!("{least} is more than {most}: write the smaller number first"));
            }
            Check::Number(Some(from), Some(to))
        }
        _ => return Err(not_here(test)),
    })
}

fn number(text: &str) -> Result<Number, String> {
    Number::read(text.as_bytes()).ok_or_else(|| {
        format!("`{text}` is no number: write one like 90, or \"2.5\" in quotes, without a unit")
    })
}

/// The operator does not go with the field.
fn not_here(test: &Test) -> String {
    const TEXT: [&str; 12] = [
        "contains",
        "equals",
        "in",
        "starts_with",
        "ends_with",
        "glob",
        "regex",
        "at_least",
        "at_most",
        "between",
        "exists",
        "cidr",
    ];
    let choices: &[&str] = match test.field.sort() {
        Sort::Text if test.field == Field::Host => &TEXT,
        Sort::Text => &TEXT[..TEXT.len() - 1],
        Sort::Word => &["equals", "in", "exists"],
        Sort::Severity => &["equals", "in", "at_least", "at_most", "exists"],
        Sort::Oid => &["equals", "in", "oid_prefix", "exists"],
        Sort::Address => &["equals", "in", "cidr", "exists"],
    };
    format!(
        "`{}` cannot be asked of {}: use {}",
        test.operator.name(),
        test.field.name(),
        list(choices.iter().copied())
    )
}

fn words(field: &Field, values: &[String]) -> Result<Check, String> {
    let known: Vec<&str> = match field {
        Field::Facility => FACILITIES.to_vec(),
        Field::Input => Input::ALL.map(Input::name).to_vec(),
        Field::SnmpLevel => SecurityLevel::ALL.map(SecurityLevel::name).to_vec(),
        _ => vec![Environment::Prod.name(), Environment::Dev.name()],
    };
    for value in values {
        if !known.contains(&value.as_str()) {
            return Err(format!(
                "no {} is called `{value}`.{} They are {}.",
                field.name(),
                did_you_mean(value, known.iter().copied()),
                list(known.iter().copied())
            ));
        }
    }
    Ok(Check::Equals(values.iter().map(|value| value.as_bytes().to_vec()).collect()))
}

/// The bit of a severity by name.
fn bit(word: &str) -> Result<u8, String> {
    let names = Severity::ALL.map(Severity::name);
    match Severity::ALL.into_iter().find(|severity| severity.name() == word) {
        Some(severity) => Ok(1 << severity.number()),
        None => Err(format!(
            "no severity is called `{word}`.{} They are {}.",
            did_you_mean(word, names),
            list(names)
        )),
    }
}

fn oid(text: &str) -> Result<Oid, String> {
    let known = || Names::default().oid(text);
    text.parse().ok().or_else(known).ok_or_else(|| {
        format!(
            "`{text}` is no OID, and no MIB names it: write numbers like 1.3.6.1.4.1.9, or upload the \
             MIB and write MODULE::name, like IF-MIB::linkDown"
        )
    })
}

fn address(text: &str) -> Result<IpAddr, String> {
    text.parse::<IpAddr>()
        .map(|ip| ip.to_canonical())
        .map_err(|_| format!("`{text}` is no IP address: write one like 192.0.2.1 or 2001:db8::1"))
}

fn cidr(text: &str) -> Result<Check, String> {
    text.parse().map(Check::Cidr).map_err(|_| {
        format!("`{text}` is no network: write an address and the length of its prefix, like 10.1.0.0/16")
    })
}
