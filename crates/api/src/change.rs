//! What a change does, part by part, for whoever looks before it is made or long after.

use mutt_store::Kind;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What is done to an item.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
}

/// A change of one item.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct Change {
    /// `rule`, `host`, `team`, `setting`, `key`, `user`, `silence` or `maintenance`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What is done to it.
    pub action: Action,
    /// The parts of a changed item that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
}

/// A part that differs.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct Part {
    /// Its place, such as `when.message.regex`.
    pub path: String,
    /// What it was; missing: it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What it is; missing: it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl Change {
    /// From the bodies before and after; none: they are the same.
    pub fn of(kind: Kind, name: &str, before: Option<&str>, after: Option<&str>) -> Option<Self> {
        let action = match (before, after) {
            (None, None) => return None,
            (None, Some(_)) => Action::Added,
            (Some(_), None) => Action::Removed,
            (Some(before), Some(after)) if before == after => return None,
            (Some(_), Some(_)) => Action::Changed,
        };
        let mut parts = Vec::new();
        if action == Action::Changed {
            let shown = |body: Option<&str>| body.and_then(|body| shown(kind, body));
            let (old, new) = (shown(before), shown(after));
            differ("", old.as_ref(), new.as_ref(), &mut parts);
            // That a secret is another is told, and no more.
            if let Some(secret) = secret(kind)
                && member_of(before, secret) != member_of(after, secret)
            {
                parts.push(Part { path: secret.to_owned(), before: None, after: None });
            }
        }
        Some(Self { kind: kind.name(), name: name.to_owned(), action, parts })
    }
}

/// A body as JSON, for people: without a key's digest and a password's hash.
pub fn shown(kind: Kind, body: &str) -> Option<Value> {
    let mut value = value(body)?;
    if let (Some(secret), Some(object)) = (secret(kind), value.as_object_mut()) {
        object.remove(secret);
    }
    Some(value)
}

/// The member of a body that nobody is shown.
fn secret(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Key => Some("digest"),
        Kind::User => Some("password"),
        _ => None,
    }
}

fn member_of(body: Option<&str>, name: &str) -> Option<Value> {
    value(body?)?.get(name).cloned()
}

fn value(body: &str) -> Option<Value> {
    serde_json::from_str(body).ok()
}

fn differ(path: &str, before: Option<&Value>, after: Option<&Value>, parts: &mut Vec<Part>) {
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            for (key, value) in old {
                differ(&member(path, key), Some(value), new.get(key), parts);
            }
            for (key, value) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
                differ(&member(path, key), None, Some(value), parts);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => differ_in_list(path, old, new, parts),
        _ if before == after => {}
        _ => parts.push(Part {
            path: path.to_owned(),
            before: before.cloned(),
            after: after.cloned(),
        }),
    }
}

/// What both begin and end with is left out, so that an item put in between is the only change.
fn differ_in_list(path: &str, old: &[Value], new: &[Value], parts: &mut Vec<Part>) {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[start..], &new[start..]);
    let same = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[..old.len() - same], &new[..new.len() - same]);
    for index in 0..old.len().max(new.len()) {
        let path = format!("{path}[{}]", start + index);
        differ(&path, old.get(index), new.get(index), parts);
    }
}

fn member(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_parts_that_differ() {
        let before = r#"{"id":"a","when":{"any":[{"x":1},{"y":2}]},"team":"net"}"#;
        let after = r#"{"id":"a","when":{"any":[{"x":1},{"y":3},{"z":4}]},"note":"n"}"#;
        let change = Change::of(Kind::Rule, "a", Some(before), Some(after)).unwrap();
        let parts: Vec<String> = change
            .parts
            .iter()
            .map(|part| format!("{} {:?} {:?}", part.path, part.before, part.after))
            .collect();
        assert_eq!(
            parts,
            [
                "team Some(String(\"net\")) None",
                "when.any[1].y Some(Number(2)) Some(Number(3))",
                "when.any[2] None Some(Object {\"z\": Number(4)})",
                "note None Some(String(\"n\"))",
            ]
        );
        assert_eq!(Change::of(Kind::Rule, "a", Some(before), Some(before)), None);
        let (before, after) = (r#"{"any":[1,2,3]}"#, r#"{"any":[1,9,2,3]}"#);
        let change = Change::of(Kind::Rule, "a", Some(before), Some(after)).unwrap();
        let part = Part { path: "any[1]".to_owned(), before: None, after: Some(9.into()) };
        assert_eq!(change.parts, [part], "an item put in between");
    }

    #[test]
    fn a_keys_digest_is_never_shown() {
        let body = r#"{"name":"a","digest":"00"}"#;
        assert_eq!(shown(Kind::Key, body).unwrap().to_string(), r#"{"name":"a"}"#);
        let other = r#"{"name":"a","digest":"11"}"#;
        let change = Change::of(Kind::Key, "a", Some(body), Some(other)).unwrap();
        let digest = Part { path: "digest".to_owned(), before: None, after: None };
        assert_eq!((change.action, change.parts), (Action::Changed, vec![digest]));
    }

    #[test]
    fn a_passwords_hash_is_never_shown() {
        let body = |role: &str, hash: &str| {
            format!(r#"{{"name":"a","role":"{role}","password":"$argon2id${hash}"}}"#)
        };
        let (before, after) = (body("viewer", "one"), body("admin", "two"));
        let change = Change::of(Kind::User, "a", Some(&before), Some(&after)).unwrap();
        let text = serde_json::to_string(&change).unwrap();
        assert!(text.contains("admin") && text.contains("password"), "{text}");
        assert!(!text.contains("argon2id"), "{text}");
        assert!(!shown(Kind::User, &before).unwrap().to_string().contains("argon2id"));
    }
}
