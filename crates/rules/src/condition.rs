//! A rule's conditions as data: a tree of `all`, `any` and `not` over tests of fields.
//!
//! From: a rule's `when`, `clear` and `sequence`. To: the compiler, and the canonical
//! JSON of the rule.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::field::Field;

/// What must hold of an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// Every one of these; none at all holds always.
    All(Vec<Condition>),
    /// At least one of these; none at all never holds.
    Any(Vec<Condition>),
    /// Not this one.
    Not(Box<Condition>),
    /// A test of one field.
    Test(Test),
}

/// A test of one field. Of a field that the event lacks only `exists = false` holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Test {
    /// The field.
    pub field: Field,
    /// What is asked of it.
    pub operator: Operator,
    /// Whether upper and lower case of ASCII letters differ. Default: they do not.
    pub case: bool,
    /// Where it stands, for faults.
    pub(crate) place: Place,
}

impl Test {
    /// A test that stands in no file.
    pub fn new(field: Field, operator: Operator, case: bool) -> Self {
        Self { field, operator, case, place: Place::default() }
    }
}

/// Where a test stands in its rule and file. Two tests are equal wherever they stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    pub path: String,
    pub line: Option<u32>,
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Place {}

/// What is asked of a field, with the value as its author wrote it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // the language's own names
pub enum Operator {
    Contains(String),
    Equals(String),
    In(Vec<String>),
    StartsWith(String),
    EndsWith(String),
    Glob(String),
    Regex(String),
    OidPrefix(String),
    Cidr(String),
    AtLeast(String),
    AtMost(String),
    /// Both ends belong to it.
    Between(String, String),
    Exists(bool),
}

impl Operator {
    /// The name as rules write it.
    pub fn name(&self) -> &'static str {
        match self {
            Operator::Contains(_) => "contains",
            Operator::Equals(_) => "equals",
            Operator::In(_) => "in",
            Operator::StartsWith(_) => "starts_with",
            Operator::EndsWith(_) => "ends_with",
            Operator::Glob(_) => "glob",
            Operator::Regex(_) => "regex",
            Operator::OidPrefix(_) => "oid_prefix",
            Operator::Cidr(_) => "cidr",
            Operator::AtLeast(_) => "at_least",
            Operator::AtMost(_) => "at_most",
            Operator::Between(..) => "between",
            Operator::Exists(_) => "exists",
        }
    }

    /// The word between field and value in a sentence, and the value.
    pub(crate) fn words(&self) -> (&'static str, String) {
        let quoted = |text: &String| format!("\"{text}\"");
        match self {
            Operator::Contains(text) => ("contains", quoted(text)),
            Operator::Equals(text) => ("is", quoted(text)),
            Operator::In(texts) => {
                ("is one of", texts.iter().map(quoted).collect::<Vec<_>>().join(", "))
            }
            Operator::StartsWith(text) => ("starts with", quoted(text)),
            Operator::EndsWith(text) => ("ends with", quoted(text)),
            Operator::Glob(text) => ("matches pattern", quoted(text)),
            Operator::Regex(text) => ("matches", quoted(text)),
            Operator::OidPrefix(oid) => ("is at or below", oid.clone()),
            Operator::Cidr(net) => ("is in", net.clone()),
            Operator::AtLeast(severity) => ("is at least", severity.clone()),
            Operator::AtMost(severity) => ("is at most", severity.clone()),
            Operator::Between(least, most) => ("is between", format!("{least} and {most}")),
            Operator::Exists(true) => ("is", "there".to_owned()),
            Operator::Exists(false) => ("is", "missing".to_owned()),
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Condition::All(parts) => map.serialize_entry("all", parts)?,
            Condition::Any(parts) => map.serialize_entry("any", parts)?,
            Condition::Not(part) => map.serialize_entry("not", part)?,
            Condition::Test(test) => {
                let path = test.field.path();
                map.serialize_entry(&path[0], &Below { path: &path[1..], test })?;
            }
        }
        map.end()
    }
}

/// A test below the first part of its field's path.
struct Below<'a> {
    path: &'a [String],
    test: &'a Test,
}

impl Serialize for Below<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some((part, path)) = self.path.split_first() {
            map.serialize_entry(part, &Below { path, test: self.test })?;
            return map.end();
        }
        let name = self.test.operator.name();
        match &self.test.operator {
            Operator::In(texts) => map.serialize_entry(name, texts)?,
            Operator::Between(least, most) => map.serialize_entry(name, &[least, most])?,
            Operator::Exists(there) => map.serialize_entry(name, there)?,
            Operator::Contains(text)
            | Operator::Equals(text)
            | Operator::StartsWith(text)
            | Operator::EndsWith(text)
            | Operator::Glob(text)
            | Operator::Regex(text)
            | Operator::OidPrefix(text)
            | Operator::Cidr(text)
            | Operator::AtLeast(text)
            | Operator::AtMost(text) => map.serialize_entry(name, text)?,
        }
        if self.test.case {
            map.serialize_entry("case", &true)?;
        }
        map.end()
    }
}
