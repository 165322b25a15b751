//! Every answer of the API that a test gets is held against the OpenAPI document.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::api::Answer;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(&mutt_api::document()).expect("the OpenAPI document is JSON")
});

/// Fails the test if the document does not know such an answer.
pub fn check(method: &str, path: &str, answer: &Answer) {
    let path = path.split('?').next().unwrap_or(path);
    let Some((template, item)) = path_item(path) else {
        assert!(
            [404, 401].contains(&answer.status) || path == "/openapi.json",
            "{path} is not documented"
        );
        return;
    };
    let Some(operation) = item.get(method.to_ascii_lowercase()) else {
        assert_eq!(answer.status, 405, "{method} {template} is not documented");
        return;
    };
    let responses = &operation["responses"];
    let status = answer.status.to_string();
    let response = match (responses.get(&status), answer.status) {
        (Some(response), _) => response,
        (None, 400..) => &responses["default"],
        (None, _) => panic!("{method} {template} is not documented to answer {status}"),
    };
    if answer.status == 204 {
        assert_eq!(answer.text, "", "{method} {template}");
        return;
    }
    let kind = answer.headers.get("content-type").map_or("", String::as_str);
    let media = kind.split(';').next().unwrap_or_default();
    let content = &response["content"][media];
    assert!(content.is_object(), "{method} {template} {status}: `{kind}` is not documented");
    if media.ends_with("json") {
        check_body(&format!("{method} {template} {status}"), &content["schema"], &answer.json());
    }
}

fn check_body(what: &str, schema: &Value, body: &Value) {
    let mut whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": DOCUMENT["components"],
    });
    for (key, value) in schema.as_object().expect("a schema") {
        whole[key] = value.clone();
    }
    let validator = jsonschema::validator_for(&whole).unwrap_or_else(|e| panic!("{what}: {e}"));
    let brief = |text: String| text.chars().take(300).collect::<String>();
    let faults: Vec<String> = validator
        .iter_errors(body)
        .map(|fault| format!("{}: {}", fault.instance_path(), brief(fault.to_string())))
        .collect();
    assert!(faults.is_empty(), "{what} is not as documented: {faults:#?}");
}

/// The documented path that fits, with what it can be asked.
fn path_item(path: &str) -> Option<(&'static String, &'static Value)> {
    let fits = |template: &str| {
        let (wanted, given) = (template.split('/'), path.split('/'));
        wanted.clone().count() == given.clone().count()
            && wanted.zip(given).all(|(wanted, given)| wanted == given || wanted.starts_with('{'))
    };
    let paths = DOCUMENT["paths"].as_object().expect("paths").iter();
    // A path that is written out counts before one with a parameter.
    paths.filter(|(template, _)| fits(template)).min_by_key(|(template, _)| template.contains('{'))
}
