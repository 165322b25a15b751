//! What deploy/README.md publishes has a test of the name that it gives.

use std::fs;
use std::path::Path;

use crate::files::text;

#[test]
fn every_sentence_of_the_readme_with_a_tests_name_has_that_test() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/deploy");
    let mut sources = String::new();
    for entry in fs::read_dir(tests).expect("the tests") {
        sources += &fs::read_to_string(entry.expect("an entry").path()).expect("a source");
    }
    let readme = text("README.md");
    let names: Vec<&str> = readme
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| name.matches('_').count() > 2 && !name.contains([' ', '/', '.', '\n']))
        .collect();
    assert!(names.len() > 20, "{names:?}");
    let missing: Vec<_> =
        names.iter().filter(|name| !sources.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "no test bears these names: {missing:?}");
}
