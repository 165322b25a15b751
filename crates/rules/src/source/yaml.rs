//! YAML 1.2, core schema, from the parser's events. Anchors, aliases and tags are refused: a
//! rule is read where it stands.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::{DEPTH_MAX, Node, Value, fault};
use crate::Fault;

pub(super) fn parse(text: &str) -> Result<Node, Vec<Fault>> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            vec![fault(line_at(error.marker().line()), format!("not YAML: {}", error.info()))]
        })?;
        builder.take(event, span).map_err(|fault| vec![fault])?;
    }
    match builder.root {
        Some(root) => Ok(root),
        None => Ok(Node { line: None, value: Value::Table(Vec::new()) }),
    }
}

fn line_at(line: usize) -> Option<u32> {
    u32::try_from(line).ok().filter(|line| *line > 0)
}

/// A list or table that is not yet at its end.
enum Open {
    List(Option<u32>, Vec<Node>),
    Table(Option<u32>, Vec<(String, Node)>, Option<(String, Option<u32>)>),
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Fault> {
        let line = line_at(span.start.line());
        match event {
            Event::Scalar(text, style, 0, None) => {
                self.put(Node { line, value: scalar(&text, style) })
            }
            Event::SequenceStart(0, None) => self.begin(line, Open::List(line, Vec::new())),
            Event::MappingStart(0, None) => self.begin(line, Open::Table(line, Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => {
                let node = match self.open.pop() {
                    Some(Open::List(line, items)) => Node { line, value: Value::List(items) },
                    Some(Open::Table(line, entries, _)) => {
                        Node { line, value: Value::Table(entries) }
                    }
                    None => return Err(fault(line, "not YAML: an end without its beginning")),
                };
                self.put(node)
            }
            Event::Alias(_)
            | Event::Scalar(..)
            | Event::SequenceStart(..)
            | Event::MappingStart(..) => Err(fault(
                line,
                "anchors (&), aliases (*) and tags (!) are not read in rule files: write it out",
            )),
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(fault(line, "a second document: put all rules into one `rules` list"))
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, line: Option<u32>, open: Open) -> Result<(), Fault> {
        if self.open.len() >= DEPTH_MAX {
            return Err(fault(line, format!("nested deeper than {DEPTH_MAX}: make it flatter")));
        }
        self.open.push(open);
        Ok(())
    }

    fn put(&mut self, mut node: Node) -> Result<(), Fault> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Table(_, entries, pending)) => match pending.take() {
                None => {
                    let Value::Text(key) = node.value else {
                        return Err(fault(
                            node.line,
                            format!(
                                "a key is {}: keys are text, put it in quotes",
                                node.value.sort()
                            ),
                        ));
                    };
                    if entries.iter().any(|(known, _)| *known == key) {
                        return Err(fault(node.line, format!("`{key}` stands here twice")));
                    }
                    *pending = Some((key, node.line));
                }
                Some((key, line)) => {
                    if matches!(node.value, Value::Table(_)) {
                        node.line = line;
                    }
                    entries.push((key, node));
                }
            },
        }
        Ok(())
    }
}

/// A plain scalar's type by YAML 1.2's core schema; anything in quotes is text.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Other("nothing"),
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => {
            let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
            if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
                Value::Text(text.to_owned())
            } else if let Ok(number) = text.parse() {
                Value::Integer(number)
            } else if text.parse::<f64>().is_ok() {
                Value::Other("a fraction")
            } else {
                Value::Text(text.to_owned())
            }
        }
    }
}
