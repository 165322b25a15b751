//! Which environment a host belongs to, and why.
//!
//! From: the operator's list of development hosts. To: rules, which have a handling for each.

use std::collections::HashSet;
use std::fmt;

use crate::glob::Globs;
use crate::{Environment, Fault};

/// The development hosts; every other host is production.
#[derive(Debug, Default)]
pub struct Environments {
    names: HashSet<String>,
    patterns: Vec<String>,
    globs: Globs,
}

/// A host's environment, with the reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Located<'a> {
    /// Where the host belongs.
    pub environment: Environment,
    /// Why.
    pub why: Why<'a>,
}

/// Why a host belongs to its environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why<'a> {
    /// It stands in the list of development hosts.
    Named,
    /// It matches this pattern of development hosts.
    Pattern(&'a str),
    /// No name and no pattern of development hosts fits.
    NoPattern,
    /// The caller said so.
    Given,
}

impl Environments {
    /// From names and patterns (`*` any text, `?` one character, `[a-z]` one of these) of
    /// development hosts; case of ASCII letters does not matter.
    ///
    /// # Errors
    /// Every pattern that cannot be read.
    pub fn new(dev: &[String]) -> Result<Self, Vec<Fault>> {
        let (patterns, names): (Vec<_>, Vec<_>) =
            dev.iter().cloned().partition(|host| host.contains(['*', '?', '[']));
        let globs = Globs::new(&patterns)?;
        let names = names.into_iter().map(|name| name.to_ascii_lowercase()).collect();
        Ok(Self { names, patterns, globs })
    }

    /// Where a host belongs.
    pub fn of(&self, host: &str) -> Located<'_> {
        let dev = |why| Located { environment: Environment::Dev, why };
        if !self.names.is_empty() {
            let named = if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
                self.names.contains(&host.to_ascii_lowercase())
            } else {
                self.names.contains(host)
            };
            if named {
                return dev(Why::Named);
            }
        }
        match self.globs.first_match(host.as_bytes()) {
            Some(index) => dev(Why::Pattern(&self.patterns[index])),
            None => Located { environment: Environment::Prod, why: Why::NoPattern },
        }
    }
}

impl From<Environment> for Located<'static> {
    fn from(environment: Environment) -> Self {
        Located { environment, why: Why::Given }
    }
}

impl fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "environment {}", self.environment.name())?;
        match self.why {
            Why::Named => f.write_str(" since the host is listed as development"),
            Why::Pattern(pattern) => {
                write!(f, " since the host matches the development pattern \"{pattern}\"")
            }
            Why::NoPattern => f.write_str(" since no development pattern matches the host"),
            Why::Given => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environments() -> Environments {
        Environments::new(&["lab-*".into(), "R7.example.net".into(), "t[0-9]?".into()]).unwrap()
    }

    #[test]
    fn knows_names_and_patterns() {
        let environments = environments();
        assert_eq!(environments.of("LAB-sw1").why, Why::Pattern("lab-*"));
        assert_eq!(environments.of("r7.example.net").why, Why::Named);
        assert_eq!(environments.of("r7xexample.net").environment, Environment::Prod);
        assert_eq!(environments.of("t4x").environment, Environment::Dev);
        assert_eq!(environments.of("at4x").environment, Environment::Prod);
    }

    #[test]
    fn says_why() {
        assert_eq!(
            environments().of("core1").to_string(),
            "environment prod since no development pattern matches the host"
        );
    }

    #[test]
    fn refuses_a_bad_pattern() {
        let faults = Environments::new(&["lab-[".into(), "ok".into()]).unwrap_err();
        assert!(faults[0].message.contains("lab-["), "{}", faults[0]);
    }
}
