//! The configuration file as a tree in which each value knows its line.
//!
//! From: the text of `mutt.toml`. To: the [`Reader`](super::reader::Reader).

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Place, Problems};

/// A value of the file and the line that it begins on.
#[derive(Clone, Debug)]
pub struct Node {
    /// From 1.
    pub line: u32,
    /// The value.
    pub value: Value,
}

/// What a TOML value can be, as far as settings know them.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // TOML's own names
pub enum Value {
    Text(String),
    Integer(i128),
    Bool(bool),
    List(Vec<Node>),
    Table(Vec<(String, Node)>),
    /// A float or a date: no setting takes one. Holds TOML's name for it.
    Other(&'static str),
}

impl Value {
    /// The name of its type in messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Text(_) => "a string",
            Value::Integer(_) => "an integer",
            Value::Bool(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Other(name) => name,
        }
    }
}

impl Node {
    /// An empty table: the file that sets nothing.
    pub fn empty() -> Self {
        Self { line: 0, value: Value::Table(Vec::new()) }
    }

    /// The child of a table or, by its number, of a list.
    pub fn child(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, n)| n),
            Value::List(nodes) => nodes.get(key.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// The node at a path of keys joined by dots.
    pub fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').filter(|key| !key.is_empty()).try_fold(self, |node, key| node.child(key))
    }
}

/// Reads TOML; what is not TOML is reported with its line, and the rest is read all the same.
pub fn parse(text: &str, path: &Path, problems: &mut Problems) -> Node {
    let lines = Lines::new(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = error.span().map_or(0, |span| lines.of(span.start));
        problems.add(
            Place::File(path.to_owned(), line),
            "",
            format!("not TOML: {}", error.message()),
        );
    }
    Node { line: 1, value: from_table(table.get_ref(), &lines) }
}

fn from_table(table: &DeTable<'_>, lines: &Lines) -> Value {
    let mut entries: Vec<(String, Node)> = table
        .iter()
        .map(|(key, value)| {
            let mut node = from_value(value, lines);
            // A table's own span begins at its first entry; its key is what a person looks for.
            node.line = lines.of(key.span().start);
            (key.get_ref().to_string(), node)
        })
        .collect();
    entries.sort_by_key(|(_, node)| node.line);
    Value::Table(entries)
}

fn from_value(value: &Spanned<DeValue<'_>>, lines: &Lines) -> Node {
    let line = lines.of(value.span().start);
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Other("a very large integer"), Value::Integer),
        DeValue::Boolean(yes) => Value::Bool(*yes),
        DeValue::Array(nodes) => {
            Value::List(nodes.iter().map(|node| from_value(node, lines)).collect())
        }
        DeValue::Table(table) => from_table(table, lines),
        DeValue::Float(_) => Value::Other("a number with a fraction"),
        DeValue::Datetime(_) => Value::Other("a date"),
    };
    Node { line, value }
}

/// Where each line of a text begins.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect(),
        )
    }

    /// The line, from 1, of a byte's offset.
    fn of(&self, offset: usize) -> u32 {
        u32::try_from(self.0.partition_point(|newline| *newline < offset)).unwrap_or(u32::MAX - 1)
            + 1
    }
}
