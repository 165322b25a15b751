//! Which environment a host belongs to, and why.
//!
//! From: the operator's list of development hosts. To: the inventory, which asks it where no
//! entry of its own names an environment.

use std::collections::HashSet;

use crate::glob::{Globs, is_pattern};
use crate::{Environment, Fault, Located, Why};

/// The development hosts; every other host is production.
#[derive(Debug, Default)]
pub struct Environments {
    names: HashSet<String>,
    patterns: Vec<String>,
    globs: Globs,
}

impl Environments {
    /// From names and patterns (`*` any text, `?` one character, `[a-z]` one of these) of
    /// development hosts; case of ASCII letters does not matter.
    ///
    /// # Errors
    /// Every pattern that cannot be read.
    pub fn new(dev: &[String]) -> Result<Self, Vec<Fault>> {
        let (patterns, names): (Vec<_>, Vec<_>) =
            dev.iter().cloned().partition(|host| is_pattern(host));
        let globs = Globs::new(&patterns)?;
        let names = names.into_iter().map(|name| name.to_ascii_lowercase()).collect();
        Ok(Self { names, patterns, globs })
    }

    /// Where a host belongs.
    pub fn of(&self, host: &str) -> Located<'_> {
        let dev = |why| Located::only(Environment::Dev, why);
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
            None => Located::only(Environment::Prod, Why::NoPattern),
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
