//! JSON. Its crate tells a line only for text that is no JSON.

use super::{Node, Value, fault};
use crate::Fault;

pub(super) fn parse(text: &str) -> Result<Node, Vec<Fault>> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| {
        let line = u32::try_from(error.line()).ok().filter(|line| *line > 0);
        vec![fault(line, format!("not JSON: {error}"))]
    })?;
    Ok(read(value))
}

/// serde_json bounds the nesting itself.
fn read(value: serde_json::Value) -> Node {
    let value = match value {
        serde_json::Value::Null => Value::Other("nothing"),
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => {
            number.as_i64().map_or(Value::Other("a fraction"), Value::Integer)
        }
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Array(items) => Value::List(items.into_iter().map(read).collect()),
        serde_json::Value::Object(entries) => {
            Value::Table(entries.into_iter().map(|(key, value)| (key, read(value))).collect())
        }
    };
    Node { line: None, value }
}
