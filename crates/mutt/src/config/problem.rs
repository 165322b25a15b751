//! Mistakes in the settings: each says what is wrong, where, and what to write instead.

use std::fmt;
use std::path::PathBuf;

/// Where a setting was written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// A line of a file, from 1; 0 means the file as a whole.
    File(PathBuf, u32),
    /// An environment variable.
    Environment(String),
    /// Nowhere: the default holds, or it is missing.
    Unwritten,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(path, 0) => write!(f, "{}", path.display()),
            Place::File(path, line) => write!(f, "{}:{line}", path.display()),
            Place::Environment(name) => write!(f, "environment {name}"),
            Place::Unwritten => f.write_str("settings"),
        }
    }
}

/// One mistake.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// The setting's path, such as `journal.partitions`; empty if it is not about one.
    pub setting: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.setting.is_empty() {
            write!(f, "{}: {}", self.place, self.message)
        } else {
            write!(f, "{}: {}: {}", self.place, self.setting, self.message)
        }
    }
}

/// All mistakes, ordered by place.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Adds one.
    pub fn add(&mut self, place: Place, setting: impl Into<String>, message: impl Into<String>) {
        self.0.push(Problem { place, setting: setting.into(), message: message.into() });
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.0 {
            writeln!(f, "{problem}")?;
        }
        match self.0.len() {
            1 => f.write_str("1 mistake"),
            n => write!(f, "{n} mistakes"),
        }
    }
}

impl std::error::Error for Problems {}
