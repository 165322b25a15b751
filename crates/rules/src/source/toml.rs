//! TOML, with lines from the crate's spans.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{DEPTH_MAX, LineStarts, Node, Value, fault};
use crate::Fault;

pub(super) fn parse(text: &str) -> Result<Node, Vec<Fault>> {
    let lines = LineStarts::of(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors
            .iter()
            .map(|error| {
                let line = error.span().map(|span| lines.line(span.start));
                fault(line, format!("not TOML: {}", error.message()))
            })
            .collect());
    }
    let line = lines.line(table.span().start);
    let value = read_table(table.into_inner(), &lines, 0).map_err(|fault| vec![fault])?;
    Ok(Node { line: Some(line), value })
}

fn read_table(table: DeTable<'_>, lines: &LineStarts, depth: usize) -> Result<Value, Fault> {
    let mut entries = Vec::with_capacity(table.len());
    for (key, value) in table {
        // A table's own span is its header's or its first brace's; its key is where people look.
        let line = lines.line(key.span().start);
        let mut node = read(value, lines, depth + 1)?;
        if matches!(node.value, Value::Table(_)) {
            node.line = Some(line);
        }
        entries.push((key.into_inner().into_owned(), node));
    }
    Ok(Value::Table(entries))
}

fn read(value: Spanned<DeValue<'_>>, lines: &LineStarts, depth: usize) -> Result<Node, Fault> {
    let line = Some(lines.line(value.span().start));
    if depth > DEPTH_MAX {
        return Err(fault(line, format!("nested deeper than {DEPTH_MAX}: make it flatter")));
    }
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Value::Other("a number out of range"), Value::Integer),
        DeValue::Float(_) => Value::Other("a fraction"),
        DeValue::Boolean(value) => Value::Bool(value),
        DeValue::Datetime(_) => Value::Other("a date"),
        DeValue::Array(items) => Value::List(
            items.into_iter().map(|item| read(item, lines, depth + 1)).collect::<Result<_, _>>()?,
        ),
        DeValue::Table(table) => read_table(table, lines, depth)?,
    };
    Ok(Node { line, value })
}
