//! Rule files of every format become one tree of values with lines.
//!
//! From: TOML, YAML or JSON text. To: the reader of rules.

mod json;
mod toml;
mod yaml;

use crate::{Fault, Format};

/// A value, and the line where it stands, if the format tells it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Node {
    pub line: Option<u32>,
    pub value: Value,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Value {
    /// Keys in the order written, each once.
    Table(Vec<(String, Node)>),
    List(Vec<Node>),
    Text(String),
    Integer(i64),
    Bool(bool),
    /// Something that rules have no use for, by name: a float, a date, nothing.
    Other(&'static str),
}

impl Value {
    /// What it is, for a sentence.
    pub fn sort(&self) -> &'static str {
        match self {
            Value::Table(_) => "a table",
            Value::List(_) => "a list",
            Value::Text(_) => "text",
            Value::Integer(_) => "a whole number",
            Value::Bool(_) => "true or false",
            Value::Other(sort) => sort,
        }
    }
}

/// How deep values may nest: rules need far less, and reading recurses.
const DEPTH_MAX: usize = 64;

/// Reads a file.
pub(crate) fn parse(text: &str, format: Format) -> Result<Node, Vec<Fault>> {
    match format {
        Format::Toml => toml::parse(text),
        Format::Yaml => yaml::parse(text),
        Format::Json => json::parse(text),
    }
}

fn fault(line: Option<u32>, message: impl Into<String>) -> Fault {
    Fault { line, ..Fault::at("", message) }
}

/// Where each line begins, to turn a byte's place into a line.
pub(crate) struct LineStarts(Vec<usize>);

impl LineStarts {
    pub fn of(text: &str) -> Self {
        let after = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self(std::iter::once(0).chain(after).collect())
    }

    pub fn line(&self, at: usize) -> u32 {
        u32::try_from(self.0.partition_point(|start| *start <= at)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything but the lines.
    fn plain(node: &Node) -> String {
        match &node.value {
            Value::Table(entries) => {
                let mut entries: Vec<_> =
                    entries.iter().map(|(key, node)| format!("{key}={}", plain(node))).collect();
                entries.sort();
                format!("{{{}}}", entries.join(","))
            }
            Value::List(items) => {
                format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(","))
            }
            value => format!("{value:?}"),
        }
    }

    #[test]
    fn all_formats_give_the_same_tree() {
        let toml = "[[rules]]\nid = 'a'\npriority = 10\nwhen.any = [{ message.contains = \"x\" }]\nok = true\n";
        let yaml = "rules:\n  - id: a\n    priority: 10\n    when: { any: [ { message: { contains: x } } ] }\n    ok: true\n";
        let json = r#"{"rules":[{"id":"a","priority":10,"when":{"any":[{"message":{"contains":"x"}}]},"ok":true}]}"#;
        let toml = plain(&parse(toml, Format::Toml).unwrap());
        assert_eq!(toml, plain(&parse(yaml, Format::Yaml).unwrap()));
        assert_eq!(toml, plain(&parse(json, Format::Json).unwrap()));
    }

    #[test]
    fn broken_files_are_faults_with_lines() {
        let toml = parse("a = 1\nb = = 2\n", Format::Toml).unwrap_err();
        assert_eq!(toml[0].line, Some(2), "{toml:?}");
        let yaml = parse("a: 1\nb: [1, 2\nc: 3\n", Format::Yaml).unwrap_err();
        assert!(yaml[0].line.is_some(), "{yaml:?}");
        let json = parse("{\"a\": 1,\n \"b\": }", Format::Json).unwrap_err();
        assert_eq!(json[0].line, Some(2), "{json:?}");
    }

    #[test]
    fn deep_nesting_is_a_fault() {
        let deep = format!("a: {}1{}", "[".repeat(100), "]".repeat(100));
        assert!(parse(&deep, Format::Yaml).is_err());
    }

    #[test]
    fn yaml_keys_twice_and_aliases_are_faults() {
        let twice = parse("a: 1\nb: 2\na: 3\n", Format::Yaml).unwrap_err();
        assert_eq!((twice[0].line, twice[0].message.contains("twice")), (Some(3), true));
        let alias = parse("a: &x 1\nb: *x\n", Format::Yaml).unwrap_err();
        assert!(alias[0].message.contains("alias"), "{alias:?}");
    }

    #[test]
    fn yaml_scalars_have_the_core_schema() {
        let node = parse("[a, 'true', true, 10, '10', ~, 1.5, 1.3.6.1]", Format::Yaml).unwrap();
        let Value::List(items) = node.value else { panic!("no list") };
        let values: Vec<Value> = items.into_iter().map(|item| item.value).collect();
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(
            values,
            [
                text("a"),
                text("true"),
                Value::Bool(true),
                Value::Integer(10),
                text("10"),
                Value::Other("nothing"),
                Value::Other("a fraction"),
                text("1.3.6.1"),
            ]
        );
    }
}
