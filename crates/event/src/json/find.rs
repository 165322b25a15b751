//! A value deep in a JSON object, by a dotted path.
//!
//! From: the raw bytes; nothing but the path's own members is decoded. To: rules that test it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Name, string};

/// The value at a dotted path such as `device.ports.0.name`, as text: a string's own text, or
/// the JSON of a number, `true`, `false`, an object or a list. A number names an item of a list,
/// from 0. A member may have dots in its name: the rest of the path is tried as one name first.
/// Of a repeated member the last counts. `None`: it is not there, or null.
pub fn find<'a>(raw: &'a [u8], path: &str) -> Option<Cow<'a, str>> {
    let value = descend(serde_json::from_slice(raw).ok()?, path)?;
    match value.get() {
        "null" => None,
        json if json.starts_with('"') => string(value),
        json => Some(Cow::Borrowed(json)),
    }
}

fn descend<'a>(value: &'a RawValue, path: &str) -> Option<&'a RawValue> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let json = value.get();
    let part = if json.starts_with('{') {
        let mut reader = serde_json::Deserializer::from_str(json);
        let (whole, part) = Members { path, first }.deserialize(&mut reader).ok()?;
        if whole.is_some() {
            return whole;
        }
        part?
    } else if json.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
        items.get(first.parse::<usize>().ok()?).copied()?
    } else {
        return None;
    };
    if rest.is_empty() { Some(part) } else { descend(part, rest) }
}

/// The members of an object whose names are the whole path, and its first part.
struct Members<'p> {
    path: &'p str,
    first: &'p str,
}

type Found<'de> = (Option<&'de RawValue>, Option<&'de RawValue>);

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = Found<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Found<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<'de>, A::Error> {
        let (mut whole, mut part) = (None, None);
        while let Some(Name(name)) = map.next_key()? {
            if name == self.path {
                whole = Some(map.next_value()?);
            } else if name == self.first {
                part = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok((whole, part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: &[u8] =
        br#"{ "a": {"b": [1, {"c": "x\ty"}], "n": null, "e": ""}, "log.level": "warn",
        "log": {"level": "no"}, "t": true, "f": -1.50, "a2": "p", "a2": "q" }"#;

    fn at(path: &str) -> Option<String> {
        find(OBJECT, path).map(Cow::into_owned)
    }

    #[test]
    fn follows_members_items_and_names_with_dots() {
        for (path, value) in [
            ("a.b.0", "1"),
            ("a.b.1.c", "x\ty"),
            ("a.e", ""),
            ("log.level", "warn"),
            ("t", "true"),
            ("f", "-1.50"),
            ("a2", "q"),
            ("a.b", r#"[1, {"c": "x\ty"}]"#),
        ] {
            assert_eq!(at(path).as_deref(), Some(value), "{path}");
        }
    }

    #[test]
    fn what_is_not_there_is_none() {
        for path in ["", "b", "a.n", "a.b.2", "a.b.x", "t.x", "a.b.0.c", "a..b", "log.level.x"] {
            assert_eq!(at(path), None, "{path}");
        }
        assert_eq!(find(b"[1]", "x"), None);
        assert_eq!(find(b"not json", "x"), None);
        assert_eq!(find(b"", "x"), None);
    }

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(find(br#"{"a":{"b":"c"}}"#, "a.b"), Some(Cow::Borrowed("c"))));
    }
}
