//! YAML in block style from canonical JSON, keys in its order.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value whose members keep their order.
enum Tree {
    Table(Vec<(String, Tree)>),
    List(Vec<Tree>),
    Text(String),
    /// A number, true or false: the same in YAML.
    Plain(String),
}

/// The same value in YAML. `None`: the text is no JSON.
pub(super) fn from_json(json: &str) -> Option<String> {
    let tree: Tree = serde_json::from_str(json).ok()?;
    let mut out = String::new();
    write(&tree, 0, &mut out);
    Some(out)
}

/// Writes a value that begins at the cursor; what follows in further lines is indented.
fn write(tree: &Tree, depth: usize, out: &mut String) {
    match tree {
        Tree::Table(entries) if entries.is_empty() => out.push_str("{}\n"),
        Tree::List(items) if items.is_empty() => out.push_str("[]\n"),
        Tree::Table(entries) => {
            for (number, (key, value)) in entries.iter().enumerate() {
                if number > 0 {
                    indent(depth, out);
                }
                out.push_str(&scalar(key));
                out.push(':');
                below(value, depth, out);
            }
        }
        Tree::List(items) => {
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    indent(depth, out);
                }
                out.push_str("- ");
                write(item, depth + 1, out);
            }
        }
        Tree::Text(text) => {
            out.push_str(&scalar(text));
            out.push('\n');
        }
        Tree::Plain(text) => {
            out.push_str(text);
            out.push('\n');
        }
    }
}

/// A value behind its key.
fn below(value: &Tree, depth: usize, out: &mut String) {
    let has_lines = match value {
        Tree::Table(entries) => !entries.is_empty(),
        Tree::List(items) => !items.is_empty(),
        _ => false,
    };
    if has_lines {
        out.push('\n');
        indent(depth + 1, out);
    } else {
        out.push(' ');
    }
    write(value, depth + 1, out);
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// Text, plain where nobody could take it for something else, else in quotes.
fn scalar(text: &str) -> String {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    const OTHERS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let plain = text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && text.bytes().all(is_word)
        && !OTHERS.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        return text.to_owned();
    }
    let needs_escapes = |character: char| {
        character.is_control()
            || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}')
            || ('\u{fff0}'..='\u{ffff}').contains(&character)
    };
    if !text.contains(needs_escapes) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            other if needs_escapes(other) => out.push_str(&format!("\\u{:04x}", other as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Build)
    }
}

struct Build;

impl<'de> Visitor<'de> for Build {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Table(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Plain(value.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Plain(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Plain(number.to_string()))
    }
}
