//! Answers of the API as text for a person at a terminal.

use std::fmt::Write;

use serde_json::Value;

/// A text of an answer; empty if there is none.
pub fn plain(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The path of a list with what it is asked for; the state `all` asks for any.
pub fn filtered(mut path: String, state: &str, rest: &[(&str, &Option<String>)]) -> String {
    let state = Some(state).filter(|state| *state != "all");
    let rest = rest.iter().map(|(name, value)| (*name, value.as_deref()));
    for (name, value) in std::iter::once(("state", state)).chain(rest) {
        if let Some(value) = value {
            // Writing into a String cannot fail.
            let _ = write!(path, "&{name}={}", super::escaped(value));
        }
    }
    path
}

/// Prints a page's items and how many they are.
pub fn page(answer: &Value, what: &str, line: impl Fn(&Value) -> String) {
    let items = answer["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().for_each(|item| print!("{}", line(item)));
    let more = if answer["next"].is_null() { "" } else { ", and there are more" };
    println!("{} {what}{more}", items.len());
}

/// A problem with all its faults, one a line.
pub fn problem(problem: &Value) -> String {
    let text = |key: &str| problem[key].as_str().unwrap_or_default();
    let mut out = format!("{}: {}", text("title"), text("detail"));
    for fault in problem["errors"].as_array().into_iter().flatten() {
        // Writing into a String cannot fail.
        let _ = write!(out, "\n  {}", fault_line(fault));
    }
    out
}

/// `rule NAME: line 3: when.message.regex: what is wrong`.
pub fn fault_line(fault: &Value) -> String {
    let mut out = fault["kind"].as_str().unwrap_or_default().to_owned();
    for (key, before) in [("name", " "), ("path", ": ")] {
        if let Some(text) = fault[key].as_str().filter(|text| !text.is_empty()) {
            out.push_str(before);
            out.push_str(text);
        }
    }
    if let Some(line) = fault["line"].as_u64() {
        let _ = write!(out, " (line {line})");
    }
    let _ = write!(out, ": {}", fault["message"].as_str().unwrap_or_default());
    out
}

/// What was changed, or would be: a line for each item, and one below it for each part.
pub fn saved(saved: &Value) -> String {
    let mut out = String::new();
    let none = Vec::new();
    let changes = saved["changes"].as_array().unwrap_or(&none);
    let mut counts = [("added", 0), ("changed", 0), ("removed", 0)];
    for change in changes {
        let text = |key: &str| change[key].as_str().unwrap_or_default();
        let (action, sign) = match text("action") {
            "added" => (0, '+'),
            "removed" => (2, '-'),
            _ => (1, '~'),
        };
        counts[action].1 += 1;
        let _ = writeln!(out, "{sign} {} {}", text("kind"), text("name"));
        for part in change["parts"].as_array().into_iter().flatten() {
            let side = |key: &str| part.get(key).map_or("(none)".to_owned(), Value::to_string);
            let path = part["path"].as_str().unwrap_or_default();
            let _ = writeln!(out, "    {path}: {} -> {}", side("before"), side("after"));
        }
    }
    for warning in saved["warnings"].as_array().into_iter().flatten() {
        let _ = writeln!(out, "note: {}", fault_line(warning));
    }
    let counts: Vec<String> = counts.iter().map(|(what, n)| format!("{n} {what}")).collect();
    let dry = saved["dry_run"].as_bool().unwrap_or_default();
    let what = match (dry, changes.is_empty()) {
        (_, true) => "nothing differs",
        (true, _) => "would be changed (dry run)",
        (false, _) => "changed",
    };
    let _ = writeln!(out, "{what}: {}; revision {}", counts.join(", "), saved["revision"]);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_is_a_line_and_its_parts_are_below_it() {
        let text = saved(&json!({
            "revision": 7, "dry_run": true,
            "changes": [
                {"kind": "rule", "name": "a", "action": "added"},
                {"kind": "rule", "name": "b", "action": "changed",
                 "parts": [{"path": "team", "before": "net"}]},
            ],
            "warnings": [{"kind": "rule", "name": "a", "path": "when", "message": "no anchor"}],
        }));
        assert_eq!(
            text,
            "+ rule a\n~ rule b\n    team: \"net\" -> (none)\nnote: rule a: when: no anchor\n\
             would be changed (dry run): 1 added, 1 changed, 0 removed; revision 7\n"
        );
    }
}
