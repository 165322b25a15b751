//! Where a secret is, as settings write it: `vault:MOUNT/PATH#FIELD`.

use std::fmt;
use std::str::FromStr;

/// What a reference looks like, in words.
const EXPECTED: &str =
    "expected vault:MOUNT/PATH#FIELD, such as vault:secret/mutt#moogsoft_api_key";

/// A secret of a KV engine of version 2: its mount and its path there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SecretPath {
    /// Where the engine is mounted.
    pub mount: String,
    /// The path below.
    pub path: String,
}

/// One field of a secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SecretPlace {
    /// The secret.
    pub at: SecretPath,
    /// The field's name.
    pub field: String,
}

impl SecretPlace {
    /// What a reference begins with.
    pub const SCHEME: &'static str = "vault:";
}

impl FromStr for SecretPlace {
    type Err = String;

    /// The mount is what stands before the first `/`, or before `//` where it has several parts.
    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix(Self::SCHEME).ok_or(EXPECTED)?;
        let (at, field) = rest.split_once('#').ok_or(EXPECTED)?;
        let (mount, path) = at.split_once("//").or_else(|| at.split_once('/')).ok_or(EXPECTED)?;
        let fits = |path: &str| {
            let mut parts = path.split('/');
            parts.all(|part| !part.is_empty() && part != "." && part != "..")
        };
        if !fits(mount) || !fits(path) || field.is_empty() {
            return Err(EXPECTED.to_owned());
        }
        let at = SecretPath { mount: mount.to_owned(), path: path.to_owned() };
        Ok(Self { at, field: field.to_owned() })
    }
}

impl fmt::Display for SecretPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let apart = if self.mount.contains('/') { "//" } else { "/" };
        write!(f, "{}{apart}{}", self.mount, self.path)
    }
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}#{}", Self::SCHEME, self.at, self.field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_path_and_field() {
        for (text, mount, path, field) in [
            ("vault:secret/mutt#key", "secret", "mutt", "key"),
            ("vault:secret/team/mutt#a b", "secret", "team/mutt", "a b"),
            ("vault:kv/prod//mutt#key#1", "kv/prod", "mutt", "key#1"),
        ] {
            let place: SecretPlace = text.parse().unwrap();
            let at = SecretPath { mount: mount.to_owned(), path: path.to_owned() };
            assert_eq!(place, SecretPlace { at, field: field.to_owned() });
            assert_eq!(place.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_place_is_said() {
        for text in [
            "secret/mutt#key",
            "vault:",
            "vault:secret",
            "vault:secret#key",
            "vault:secret/mutt",
            "vault:secret/mutt#",
            "vault:/mutt#key",
            "vault:secret/#key",
            "vault:secret/../sys#key",
            "vault:secret/a//b/#key",
        ] {
            let fault = text.parse::<SecretPlace>().unwrap_err();
            assert!(fault.contains("vault:MOUNT/PATH#FIELD"), "{text}");
        }
    }
}
