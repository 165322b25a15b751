//! SNMP object identifiers: dotted text, and prefixes that end at a dot.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The enterprise of NetIM's own traps.
const NETIM: &[u32] = &[1, 3, 6, 1, 4, 1, 21359];

/// An object identifier: a list of numbers. Orders as MIBs do, number by number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Oid(Vec<u32>);

/// The text is no OID.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not an OID: expected numbers below 2^32 with dots between, like 1.3.6.1.4.1.9")]
pub struct OidError(String);

impl Oid {
    /// The most numbers that an OID has in SNMP (RFC 2578 section 3.5).
    pub const ARCS_MAX: usize = 128;

    /// From its numbers.
    pub fn new(arcs: impl Into<Vec<u32>>) -> Self {
        Self(arcs.into())
    }

    /// Its numbers.
    pub fn arcs(&self) -> &[u32] {
        &self.0
    }

    /// Is `prefix` the same OID, or one that this stands below? `1.3.6.1.4.1.9` is no prefix
    /// of `1.3.6.1.4.1.99`.
    pub fn starts_with(&self, prefix: &Oid) -> bool {
        self.0.starts_with(&prefix.0)
    }

    /// Is it NetIM's own (below 1.3.6.1.4.1.21359, OPNET)? Such a trap sent back to NetIM would go
    /// round.
    pub fn is_netim_own(&self) -> bool {
        self.0.starts_with(NETIM)
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, arc) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(".")?;
            }
            write!(f, "{arc}")?;
        }
        Ok(())
    }
}

/// Dotted numbers; one leading dot is allowed, as Net-SNMP writes it.
impl FromStr for Oid {
    type Err = OidError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || OidError(text.to_owned());
        let digits = text.strip_prefix('.').unwrap_or(text);
        let arcs: Vec<u32> = digits
            .split('.')
            .map(
                |arc| {
                    if arc.starts_with('+') { Err(bad()) } else { arc.parse().map_err(|_| bad()) }
                },
            )
            .collect::<Result<_, _>>()?;
        if arcs.len() > Self::ARCS_MAX { Err(bad()) } else { Ok(Self(arcs)) }
    }
}

impl From<Oid> for String {
    fn from(oid: Oid) -> Self {
        oid.to_string()
    }
}

impl TryFrom<String> for Oid {
    type Error = OidError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn oid(text: &str) -> Oid {
        text.parse().unwrap()
    }

    proptest! {
        #[test]
        fn survives_its_text(arcs in proptest::collection::vec(any::<u32>(), 1..20)) {
            let oid = Oid::new(arcs);
            prop_assert_eq!(&oid.to_string().parse::<Oid>().unwrap(), &oid);
            prop_assert_eq!(&format!(".{oid}").parse::<Oid>().unwrap(), &oid);
        }
    }

    #[test]
    fn a_prefix_ends_at_a_dot() {
        assert!(oid("1.3.6.1.4.1.9.9").starts_with(&oid("1.3.6.1.4.1.9")));
        assert!(oid("1.3.6.1.4.1.9").starts_with(&oid("1.3.6.1.4.1.9")));
        assert!(!oid("1.3.6.1.4.1.99").starts_with(&oid("1.3.6.1.4.1.9")));
        assert!(!oid("1.3.6.1.4.1").starts_with(&oid("1.3.6.1.4.1.9")));
    }

    #[test]
    fn knows_netims_own() {
        assert!(oid("1.3.6.1.4.1.21359.2.1.491.0.2").is_netim_own());
        assert!(!oid("1.3.6.1.4.1.213590.2").is_netim_own());
    }

    #[test]
    fn refuses_what_is_no_oid() {
        for text in
            ["", ".", "1..3", "1.3.", "a", "1.-3", "1.+3", "1.4294967296", "IF-MIB::linkDown"]
        {
            assert!(text.parse::<Oid>().is_err(), "{text}");
        }
    }
}
