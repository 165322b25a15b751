//! What docs/promises.md publishes has a test of the name that it gives.

use std::fs;
use std::path::Path;

fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).expect("a folder of tests") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, text);
        } else {
            text.push_str(&fs::read_to_string(&path).expect("a source"));
        }
    }
}

#[test]
fn every_published_promise_has_a_test_of_its_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut tests = String::new();
    sources(&root.join("tests"), &mut tests);
    let published = fs::read_to_string(root.join("docs/promises.md")).expect("the promises");
    let names: Vec<&str> = published
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|name| name.trim_end_matches('…'))
        .filter(|name| {
            name.contains('_') && !name.contains([' ', '/', '-']) && *name != "drop_oldest"
        })
        .collect();
    assert!(names.len() > 30, "{names:?}");
    let missing: Vec<&&str> =
        names.iter().filter(|name| !tests.contains(&format!("fn {name}"))).collect();
    assert!(missing.is_empty(), "no test bears these names: {missing:?}");
}
