//! Secrets in the settings: written there, or named: `vault:MOUNT/PATH#FIELD`, `file:/PATH`,
//! `env:NAME`. What a name stands for may change while MUTT runs.
//!
//! From: the settings. To: whoever needs one, as a [`Live`]; and to `secrets`, which reads anew what
//! is named. A secret itself is never printed, its name may be.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use mutt_secrets::{ExposeSecret, Live, SecretString, zeroize::Zeroizing};
use mutt_vault::SecretPlace;

use super::node::Value;
use super::value::{SettingType, quoted, wrong};

const FILE: &str = "file:";
const ENVIRONMENT: &str = "env:";
/// A larger file holds no secrets, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where a secret comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The settings themselves.
    Written,
    /// A file with this one secret.
    File(PathBuf),
    /// A variable of the environment.
    Environment(String),
    /// A field of a secret in Vault.
    Vault(SecretPlace),
}

/// A text that is never printed, and may become another one.
#[derive(Clone)]
pub struct Secret {
    origin: Origin,
    live: Live,
}

impl Secret {
    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// As it is from now on, for whoever holds it.
    pub fn live(&self) -> Live {
        self.live.clone()
    }

    /// As it is now; empty until Vault has given it.
    pub fn text(&self) -> SecretString {
        self.live.get().unwrap_or_default()
    }

    fn known(origin: Origin, text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("an empty secret".to_owned());
        }
        Ok(Self { origin, live: Live::new(text.into()) })
    }
}

/// A secret's file, without the end of its line.
///
/// # Errors
/// It cannot be read, or holds no text; in words.
pub fn read_file(path: &Path) -> Result<Zeroizing<String>, String> {
    let cannot = |why: String| format!("cannot read {}: {why}", path.display());
    let mut text = Zeroizing::new(String::new());
    let file = File::open(path).map_err(|error| cannot(error.to_string()))?;
    file.take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| cannot(error.to_string()))?;
    let length = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(length);
    if text.is_empty() { Err(cannot("it is empty".to_owned())) } else { Ok(text) }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.origin {
            Origin::Written => f.write_str("Secret(…)"),
            ref named => write!(f, "Secret({named:?}, …)"),
        }
    }
}

/// A secret of a setting, and what its text must be.
#[derive(Clone, Debug)]
pub struct Held {
    /// The secret.
    pub secret: Secret,
    /// Says what is wrong with a text, without a word of it.
    pub check: fn(&str) -> Result<(), String>,
}

impl SettingType for Secret {
    const SECRET: bool = true;
    fn expected() -> String {
        "a string (a secret)".to_owned()
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Self::from_text(text),
            other => Err(wrong::<Self>(other)),
        }
    }
    fn from_text(text: &str) -> Result<Self, String> {
        if text.starts_with(SecretPlace::SCHEME) {
            return Ok(Self { origin: Origin::Vault(text.parse()?), live: Live::default() });
        }
        if let Some(path) = text.strip_prefix(FILE) {
            return Self::from_path(Path::new(path));
        }
        if let Some(name) = text.strip_prefix(ENVIRONMENT) {
            let value = std::env::var(name)
                .map(Zeroizing::new)
                .map_err(|_| format!("no text in the environment's variable {name}"))?;
            return Self::known(Origin::Environment(name.to_owned()), &value);
        }
        Self::from_line(text)
    }
    fn from_line(text: &str) -> Result<Self, String> {
        Self::known(Origin::Written, text)
    }
    fn from_path(path: &Path) -> Result<Self, String> {
        Self::known(Origin::File(path.to_owned()), &read_file(path)?)
    }
    fn to_toml(&self) -> Option<String> {
        Some(match &self.origin {
            Origin::Written => quoted(self.text().expose_secret()),
            Origin::File(path) => quoted(&format!("{FILE}{}", path.display())),
            Origin::Environment(name) => quoted(&format!("{ENVIRONMENT}{name}")),
            Origin::Vault(place) => quoted(&place.to_string()),
        })
    }
    fn secrets(&self, out: &mut Vec<Held>) {
        out.push(Held { secret: self.clone(), check: |_| Ok(()) });
    }
}

/// Whether a setting's value, as TOML, names its secret and holds none.
pub fn names_only(value: &str) -> bool {
    let text = value.trim_start_matches(['"', '\'']);
    [SecretPlace::SCHEME, FILE, ENVIRONMENT].iter().any(|scheme| text.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(secret: &Secret) -> String {
        secret.text().expose_secret().to_owned()
    }

    #[test]
    fn a_secret_is_written_or_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "env:HOME\r\n").unwrap();
        let named = format!("file:{}", path.display());
        for (written, value) in [("s3cret", "s3cret"), (named.as_str(), "env:HOME")] {
            let secret = Secret::from_text(written).unwrap();
            assert_eq!(text(&secret), value, "what a file holds names nothing");
            assert_eq!(secret.to_toml().unwrap(), format!("\"{written}\""));
            assert!(!format!("{secret:?}").contains(value));
        }
        let home = Secret::from_text("env:HOME").unwrap();
        assert_eq!(text(&home), std::env::var("HOME").unwrap());
        let far = Secret::from_text("vault:secret/mutt#key").unwrap();
        assert_eq!(
            (text(&far), far.to_toml().unwrap()),
            (String::new(), "\"vault:secret/mutt#key\"".into())
        );
        assert!(names_only("\"vault:secret/mutt#key\"") && !names_only("\"s3cret\""));
    }

    #[test]
    fn what_is_wrong_with_a_name_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty");
        std::fs::write(&empty, "\n").unwrap();
        for (written, words) in [
            ("", "an empty secret"),
            ("vault:secret/mutt", "vault:MOUNT/PATH#FIELD"),
            ("file:/nonexistent/key", "cannot read /nonexistent/key: "),
            ("file:", "cannot read"),
            (&format!("file:{}", empty.display()), "it is empty"),
            ("env:NO_SUCH_VARIABLE", "variable NO_SUCH_VARIABLE"),
        ] {
            let fault = Secret::from_text(written).unwrap_err();
            assert!(fault.contains(words), "{written}: {fault}");
        }
    }
}
