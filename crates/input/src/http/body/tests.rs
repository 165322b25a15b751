//! Tests of the bodies: FACTS of omhttp's formats, places of faults, exact slices.

use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits { message_bytes_max: 200, messages_max: 4 };

fn read(content: Content, body: &str) -> Result<Vec<(Kind, String)>, Fault> {
    let items = messages(content, body.as_bytes(), LIMITS)?;
    let text = |item: &Item<'_>| String::from_utf8(item.raw.to_vec()).unwrap();
    Ok(items.iter().map(|item| (item.kind, text(item))).collect())
}

fn json(body: &str) -> Vec<String> {
    let items = read(Content::Json, body).unwrap();
    assert!(items.iter().all(|(kind, _)| *kind == Kind::Json), "{items:?}");
    items.into_iter().map(|(_, text)| text).collect()
}

/// What is wrong, its index, line and column.
fn fault(body: &str) -> (String, usize, usize, usize) {
    let fault = read(Content::Json, body).unwrap_err();
    (fault.error, fault.index.unwrap(), fault.line.unwrap(), fault.column.unwrap())
}

const A: &str = r#"{"message":"a", "hostname":"r1"}"#;
const B: &str = "{ \"message\" :\n\"b\\n\" }";

#[test]
fn one_object_an_array_and_lines_of_objects() {
    assert_eq!(json(A), [A]);
    assert_eq!(json(&format!(" [ {A} ,\n{B}]\n")), [A, B]);
    assert_eq!(json(&format!("{A}\n{B}\n\n{A}")), [A, B, A]);
    assert_eq!(json(&format!("[{A}]\n[{B}]")), [A, B]);
}

#[test]
fn the_envelopes_of_omhttp() {
    let kafka = format!(r#"{{"records":[{{"value":{A}}},{{"key":"k","value":{A}}}]}}"#);
    assert_eq!(json(&kafka), [A, A]);
    let loki =
        r#"{"streams":[{"stream":{"host":"r1"},"values":[["1","<13>a"],["2","<13>b\tc",{}]]}]}"#;
    let want = ["<13>a", "<13>b\tc"].map(|line| (Kind::Syslog, line.to_owned()));
    assert_eq!(read(Content::Json, loki).unwrap(), want);
    let strings = r#"{"records":[{"value":"<13>a"}]}"#;
    assert_eq!(read(Content::Json, strings).unwrap(), [(Kind::Syslog, "<13>a".to_owned())]);
}

#[test]
fn the_old_body_with_all_its_fields() {
    let old = r#"{"timestamp":"2026-11-23T12:00:00Z","message":"m","hostname":"h","source":"s","syslog_severity":3,"trap_oid":"1.3","correlation_id":"c-\u0031","other":[1]}"#;
    let items = messages(Content::Json, old.as_bytes(), LIMITS).unwrap();
    assert_eq!(items[0].correlation_id.as_deref(), Some("c-1"));
    assert_eq!(&*items[0].raw, old.as_bytes());
    json(r#"{"timestamp":1795608000.5,"message":"m","hostname":null,"syslog_severity":"Error"}"#);
    json(r#"{"timestamp":-1,"raw":"<13>a","syslog_severity":"7"}"#);
    json(r#"{"message":"m","syslog_severity":"err"}"#);
}

#[test]
fn text_is_lines() {
    let long = "x".repeat(201);
    let items = messages(Content::Text, b"<1>a\r\n\n<2>\xffb\n", LIMITS).unwrap();
    let raws: Vec<&[u8]> = items.iter().map(|item| &*item.raw).collect();
    assert_eq!(raws, [&b"<1>a"[..], b"<2>\xffb"]);
    let items = messages(Content::Text, long.as_bytes(), LIMITS).unwrap();
    assert_eq!((items[0].raw.len(), items[0].truncated), (200, true));
}

#[test]
fn a_fault_says_where() {
    let (error, index, line, column) = fault(&format!("{A}\n{{\"message\": 5}}\n{A}"));
    assert_eq!(error, "invalid type: integer `5`, expected a string");
    assert_eq!((index, line, column), (1, 2, 13));
    let (error, index, line, column) = fault(&format!("[{A},\n {{\n\"hostname\": \"h\"}}]"));
    assert_eq!(error, "a message needs `message` (or `raw`), a string");
    assert_eq!((index, line, column), (1, 2, 2));
    let (_, index, line, column) =
        fault("[{\"message\":\"a\"},{\"message\":\"b\",\n\"hostname\":[]}]");
    assert_eq!((index, line, column), (1, 2, 11));
    assert_eq!(fault("{\"message\":\"a\"").1, 0);
    let (error, index, line, _) = fault(&format!("{A}\n{A}\n{{\"message\":}}"));
    assert_eq!((error.as_str(), index, line), ("expected value", 2, 3));
    assert!(fault("<189>a").0.contains("text/plain"));
    assert!(fault(r#"{"message":"m","syslog_severity":8}"#).0.contains("0 to 7"));
    assert!(fault(r#"{"message":"m","syslog_severity":"bad"}"#).0.contains("0 to 7"));
    assert!(fault(r#"{"message":"m","timestamp":{}}"#).0.contains("a time"));
    assert!(fault(r#"{"streams":[{"values":[["1"]]}]}"#).0.contains("[time, line]"));
    assert_eq!(fault(r#"[5]"#).2, 1);
}

#[test]
fn bytes_that_are_no_utf_8_have_a_place() {
    let fault = messages(Content::Json, b"{\"message\":\n\"\xff\"}", LIMITS).unwrap_err();
    assert_eq!((fault.line, fault.column), (Some(2), Some(2)));
}

#[test]
fn limits_hold() {
    let five = [A; 5].join("\n");
    assert!(read(Content::Json, &five).unwrap_err().too_large);
    assert!(read(Content::Text, "a\nb\nc\nd\ne").unwrap_err().too_large);
    let long = format!(r#"[{A},{{"message":"{}"}}]"#, "x".repeat(200));
    let fault = read(Content::Json, &long).unwrap_err();
    assert_eq!((fault.too_large, fault.index), (true, Some(1)));
    for empty in ["", "[]", " \n", r#"{"records":[]}"#] {
        assert!(!read(Content::Json, empty).unwrap_err().too_large);
    }
}

#[test]
fn content_types() {
    assert_eq!(Content::of(None), Some(Content::Json));
    assert_eq!(Content::of(Some("Application/JSON; charset=utf-8")), Some(Content::Json));
    assert_eq!(Content::of(Some("application/x-ndjson")), Some(Content::Json));
    assert_eq!(Content::of(Some("text/plain;charset=ascii")), Some(Content::Text));
    assert_eq!(Content::of(Some("application/x-www-form-urlencoded")), None);
}

proptest! {
    #[test]
    fn every_object_keeps_its_bytes(texts in prop::collection::vec(".{0,20}", 1..4), array: bool) {
        let objects: Vec<String> =
            texts.iter().map(|text| serde_json::json!({"message": text}).to_string()).collect();
        let body = if array { format!("[{}]", objects.join(", ")) } else { objects.join("\n") };
        prop_assert_eq!(json(&body), objects);
    }

    #[test]
    fn no_bytes_make_it_panic(
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            "([{}\\[\\]\":,0-9\n]|\"message\"|\"records\"|\"value\"|\"streams\"|\"values\"|:|\"a\"){0,20}"
                .prop_map(String::into_bytes),
        ],
    ) {
        let _ = messages(Content::Json, &body, LIMITS);
        let _ = messages(Content::Text, &body, LIMITS);
    }
}
