//! What is wrong with the catalog, or a draft of it: which item, where in it, what to do.

use std::fmt;

use mutt_rules::Fault;
use mutt_store::Kind;
use serde::Serialize;

/// A mistake in one item, or between items.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct BookFault {
    /// The kind of the item.
    pub kind: Kind,
    /// Its name; none: the fault is of all of that kind together.
    pub name: Option<String>,
    /// The place in it, such as `when.any[1].message.regex`; empty: the whole.
    pub path: String,
    /// The line in what was sent, from 1, where its format tells it.
    pub line: Option<u32>,
    /// What is wrong and what to do, in a sentence.
    pub message: String,
}

impl BookFault {
    /// A fault of an item.
    pub fn of(kind: Kind, name: &str, path: &str, message: impl Into<String>) -> Self {
        Self {
            kind,
            name: Some(name.to_owned()),
            path: path.to_owned(),
            line: None,
            message: message.into(),
        }
    }
}

/// A rule's.
impl From<Fault> for BookFault {
    fn from(fault: Fault) -> Self {
        let Fault { rule, path, line, message, .. } = fault;
        Self { kind: Kind::Rule, name: rule, path, line, message }
    }
}

impl fmt::Display for BookFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        match &self.name {
            Some(name) => write!(f, "{} `{name}`: ", self.kind.name())?,
            None => write!(f, "{}s: ", self.kind.name())?,
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}
