//! Settings that may change at run time. From: the catalog; where it names none, the settings file
//! holds. To: the judge and the log.

use mutt_store::Kind;
use serde_json::Value;

use super::{BookFault, Ground};

/// What a run-time setting is, for people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SettingInfo {
    /// Its name: the path that it has in the settings file.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What a value looks like.
    pub expected: &'static str,
    /// What its numbers count; none: it is no number.
    pub unit: Option<&'static str>,
    /// The least number, or the fewest items of a list.
    pub least: Option<u64>,
    /// The largest number, or the most items of a list.
    pub most: Option<u64>,
}

/// The most development hosts that a setting names; the inventory takes more.
const DEVELOPMENT_MAX: usize = 10_000;

/// All settings that may change at run time.
pub const SETTINGS: [SettingInfo; 3] = [
    SettingInfo {
        name: "environment.development",
        about: "Development hosts: names, or patterns with * and ?. All others are production, \
                unless the inventory says otherwise.",
        expected: "a list of texts",
        unit: None,
        least: Some(0),
        most: Some(DEVELOPMENT_MAX as u64),
    },
    SettingInfo {
        name: "log.level",
        about: "What MUTT says of itself: error, warn, info, debug or trace, or by module.",
        expected: "a text such as \"info\" or \"info,mutt_input=debug\"",
        unit: None,
        least: None,
        most: None,
    },
    SettingInfo {
        name: "observe",
        about: "Judge and archive all, but send nothing to any destination.",
        expected: "true or false",
        unit: None,
        least: None,
        most: None,
    },
];

/// Values that the catalog names; none: the settings file's holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RunSettings {
    /// See [`SETTINGS`].
    pub development: Option<Vec<String>>,
    /// See [`SETTINGS`].
    pub log_level: Option<String>,
    /// See [`SETTINGS`].
    pub observe: Option<bool>,
}

impl RunSettings {
    /// Takes a value over.
    ///
    /// # Errors
    /// An unknown name, or a value of another sort.
    pub fn set(&mut self, name: &str, value: &Value) -> Result<(), BookFault> {
        let fault = |message: String| BookFault::of(Kind::Setting, name, "", message);
        let Some(info) = SETTINGS.iter().find(|info| info.name == name) else {
            let names = SETTINGS.map(|info| info.name).join(", ");
            return Err(fault(format!("is not known: settings are {names}")));
        };
        let wrong = || fault(format!("is {value}: expected {}", info.expected));
        match name {
            "observe" => self.observe = Some(value.as_bool().ok_or_else(wrong)?),
            "log.level" => self.log_level = Some(value.as_str().ok_or_else(wrong)?.to_owned()),
            _ => {
                let list = value.as_array().ok_or_else(wrong)?;
                if list.len() > DEVELOPMENT_MAX {
                    return Err(fault(format!(
                        "has {} items: at most {DEVELOPMENT_MAX}; the inventory takes more",
                        list.len()
                    )));
                }
                let texts = list.iter().map(|host| host.as_str().map(str::to_owned));
                self.development = Some(texts.collect::<Option<_>>().ok_or_else(wrong)?);
            }
        }
        Ok(())
    }

    /// Forgets a value, so that the settings file's holds.
    pub fn unset(&mut self, name: &str) {
        match name {
            "observe" => self.observe = None,
            "log.level" => self.log_level = None,
            "environment.development" => self.development = None,
            _ => {}
        }
    }

    /// A value that the catalog names.
    pub fn get(&self, name: &str) -> Option<Value> {
        match name {
            "observe" => self.observe.map(Value::from),
            "log.level" => self.log_level.clone().map(Value::from),
            "environment.development" => self.development.clone().map(Value::from),
            _ => None,
        }
    }

    /// A setting's value where the catalog names none.
    pub fn default_of(name: &str, ground: &Ground) -> Option<Value> {
        Self::default().over(ground).get(name)
    }

    /// The values in force.
    pub(crate) fn over(&self, ground: &Ground) -> RunSettings {
        RunSettings {
            development: Some(
                self.development.clone().unwrap_or_else(|| ground.development.clone()),
            ),
            log_level: Some(self.log_level.clone().unwrap_or_else(|| ground.log_level.clone())),
            observe: Some(self.observe.unwrap_or(ground.observe)),
        }
    }
}
