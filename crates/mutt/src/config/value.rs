//! The types that a setting can have: how each is read from TOML and from the environment,
//! and how it is written.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;

use super::node::Value;
use super::secret::{self, Held};

/// A setting's type.
pub trait SettingType: Clone {
    /// Whether it must never be shown; it may then come from a file named by `<key>_file`.
    const SECRET: bool = false;
    /// What to write, in words: "expected …".
    fn expected() -> String;
    /// From the file.
    ///
    /// # Errors
    /// What is wrong, in words.
    fn from_toml(value: &Value) -> Result<Self, String>;
    /// From an environment variable.
    ///
    /// # Errors
    /// What is wrong, in words.
    fn from_text(text: &str) -> Result<Self, String>;
    /// As TOML; none if it is not set.
    fn to_toml(&self) -> Option<String>;
    /// Its size, if a range can hold it.
    fn number(&self) -> Option<u64> {
        None
    }
    /// From a line of a secret's file, which names nothing.
    ///
    /// # Errors
    /// What is wrong, in words.
    fn from_line(text: &str) -> Result<Self, String> {
        Self::from_text(text)
    }
    /// From a secret's file: one line, unless the type knows better.
    ///
    /// # Errors
    /// What is wrong, in words.
    fn from_path(path: &Path) -> Result<Self, String> {
        Self::from_line(&secret::read_file(path)?)
    }
    /// Adds the secrets that it holds.
    fn secrets(&self, _out: &mut Vec<Held>) {}
}

/// A setting's number as a size in memory.
pub fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Text as TOML writes it.
pub fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// What to say of a value of another type.
pub fn wrong<T: SettingType>(value: &Value) -> String {
    format!("expected {}, found {}", T::expected(), value.kind())
}

impl SettingType for bool {
    fn expected() -> String {
        "true or false".to_owned()
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        match value {
            Value::Bool(yes) => Ok(*yes),
            other => Err(wrong::<Self>(other)),
        }
    }
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("expected true or false, found `{text}`"))
    }
    fn to_toml(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// A number with `_` between thousands, as TOML allows.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    if digits.len() < 5 {
        return digits;
    }
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

impl SettingType for u64 {
    fn expected() -> String {
        "an integer".to_owned()
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        match value {
            Value::Integer(number) => {
                u64::try_from(*number).map_err(|_| format!("{number} is out of range"))
            }
            other => Err(wrong::<Self>(other)),
        }
    }
    fn from_text(text: &str) -> Result<Self, String> {
        text.replace('_', "").parse().map_err(|_| format!("expected an integer, found `{text}`"))
    }
    fn to_toml(&self) -> Option<String> {
        Some(grouped(*self))
    }
    fn number(&self) -> Option<u64> {
        Some(*self)
    }
}

/// Types that are read from one string by `FromStr`.
macro_rules! from_str_setting {
    ($type:ty, $expected:literal) => {
        impl $crate::config::value::SettingType for $type {
            fn expected() -> String {
                $expected.to_owned()
            }
            fn from_toml(value: &$crate::config::node::Value) -> Result<Self, String> {
                match value {
                    $crate::config::node::Value::Text(text) => Self::from_text(text),
                    other => Err($crate::config::value::wrong::<Self>(other)),
                }
            }
            fn from_text(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| format!("expected {}, found `{text}`", $expected))
            }
            fn to_toml(&self) -> Option<String> {
                Some($crate::config::value::quoted(&self.to_string()))
            }
        }
    };
}

pub(crate) use from_str_setting;

from_str_setting!(SocketAddr, "an address and port such as \"0.0.0.0:514\" or \"[::]:514\"");
from_str_setting!(IpNet, "a network such as \"10.0.0.0/8\" or an address such as \"10.1.2.3/32\"");

impl SettingType for String {
    fn expected() -> String {
        "a string".to_owned()
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Ok(text.clone()),
            other => Err(wrong::<Self>(other)),
        }
    }
    fn from_text(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
    fn to_toml(&self) -> Option<String> {
        Some(quoted(self))
    }
}

impl SettingType for PathBuf {
    fn expected() -> String {
        "a path".to_owned()
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Self::from_text(text),
            other => Err(wrong::<Self>(other)),
        }
    }
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("an empty path".to_owned()) } else { Ok(PathBuf::from(text)) }
    }
    fn to_toml(&self) -> Option<String> {
        Some(quoted(&self.to_string_lossy()))
    }
}

impl<T: SettingType> SettingType for Option<T> {
    const SECRET: bool = T::SECRET;
    fn expected() -> String {
        T::expected()
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        T::from_toml(value).map(Some)
    }
    fn from_text(text: &str) -> Result<Self, String> {
        // An empty variable unsets: the only way to do so from outside.
        if text.is_empty() { Ok(None) } else { T::from_text(text).map(Some) }
    }
    fn to_toml(&self) -> Option<String> {
        self.as_ref().and_then(T::to_toml)
    }
    fn number(&self) -> Option<u64> {
        self.as_ref().and_then(T::number)
    }
    fn from_line(text: &str) -> Result<Self, String> {
        T::from_line(text).map(Some)
    }
    fn from_path(path: &Path) -> Result<Self, String> {
        T::from_path(path).map(Some)
    }
    fn secrets(&self, out: &mut Vec<Held>) {
        self.iter().for_each(|one| one.secrets(out));
    }
}

impl<T: SettingType> SettingType for Vec<T> {
    const SECRET: bool = T::SECRET;
    fn expected() -> String {
        format!("a list, each {}", T::expected())
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        let Value::List(nodes) = value else { return Err(wrong::<Self>(value)) };
        let mut faults = Vec::new();
        let mut list = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            match T::from_toml(&node.value) {
                Ok(item) => list.push(item),
                Err(fault) => faults.push(format!("item {}: {fault}", index + 1)),
            }
        }
        if faults.is_empty() { Ok(list) } else { Err(faults.join("; ")) }
    }
    fn from_text(text: &str) -> Result<Self, String> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(T::from_text).collect()
    }
    fn to_toml(&self) -> Option<String> {
        let items: Vec<String> = self.iter().filter_map(T::to_toml).collect();
        Some(format!("[{}]", items.join(", ")))
    }
    fn from_path(path: &Path) -> Result<Self, String> {
        let text = secret::read_file(path)?;
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(T::from_line).collect()
    }
    fn secrets(&self, out: &mut Vec<Held>) {
        self.iter().for_each(|one| one.secrets(out));
    }
}

impl SettingType for BTreeMap<String, String> {
    fn expected() -> String {
        "a table of strings".to_owned()
    }
    fn from_toml(value: &Value) -> Result<Self, String> {
        let Value::Table(entries) = value else { return Err(wrong::<Self>(value)) };
        let entry = |(key, node): &(String, super::node::Node)| match &node.value {
            Value::Text(text) => Ok((key.clone(), text.clone())),
            other => Err(format!(
                "`{key}` (line {}): expected a string, found {}",
                node.line,
                other.kind()
            )),
        };
        entries.iter().map(entry).collect()
    }
    fn from_text(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (key, value) = pair
                    .split_once('=')
                    .ok_or_else(|| format!("expected `key=value` pairs, found `{pair}`"))?;
                Ok((key.trim().to_owned(), value.trim().to_owned()))
            })
            .collect()
    }
    fn to_toml(&self) -> Option<String> {
        let pairs: Vec<String> = self
            .iter()
            .map(|(key, value)| format!("{} = {}", quoted(key), quoted(value)))
            .collect();
        Some(if pairs.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", pairs.join(", ")) })
    }
}

/// Declares a setting that is one of a few words: the enum, its words and its [`SettingType`].
macro_rules! choice {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// The word as the file has it.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl $crate::config::value::SettingType for $name {
            fn expected() -> String {
                format!("one of {}", [$(concat!("\"", $word, "\"")),+].join(", "))
            }
            fn from_toml(value: &$crate::config::node::Value) -> Result<Self, String> {
                match value {
                    $crate::config::node::Value::Text(text) => Self::from_text(text),
                    other => Err(format!("expected {}, found {}", Self::expected(), other.kind())),
                }
            }
            fn from_text(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok($name::$variant),)+
                    other => Err(format!("expected {}, found `{other}`", Self::expected())),
                }
            }
            fn to_toml(&self) -> Option<String> {
                Some($crate::config::value::quoted(self.word()))
            }
        }
    };
}
pub(crate) use choice;
