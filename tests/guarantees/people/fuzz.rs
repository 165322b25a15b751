//! Schemathesis makes requests of the OpenAPI document, right ones and wrong ones, and holds every
//! answer of a live API against it.

use std::time::{Duration, Instant};

use super::started;
use crate::common::api::ADMIN_KEY;
use crate::common::tools;

/// What every answer has to be: no 5xx, and as the document says.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";

#[test]
fn no_input_of_an_openapi_fuzzer_gets_a_5xx_or_an_answer_outside_its_schema() {
    let (folder, mut mutt) = started("", "");
    let base = format!("http://{}/api/v1", mutt.doors.api);
    let since = Instant::now();
    let done = tools::schemathesis()
        .args(["run", &format!("{base}/openapi.json"), "--url", &base])
        .args(["--header", &format!("X-API-KEY: {ADMIN_KEY}")])
        // It has no end; what it tells is tested over a real stream.
        .args(["--exclude-path", "/live"])
        .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", "5", "--seed", "1", "--generation-deterministic"])
        .args(["--workers", "1", "--request-timeout", "20", "--no-color"])
        .current_dir(folder.path())
        .output()
        .expect("schemathesis");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("generated"), "it asked nothing: {said}");
    assert!(since.elapsed() < Duration::from_secs(240), "{:?}", since.elapsed());
    // It is still there, and well.
    mutt.wait_ready();
    mutt.api().get("/status").expect(200);
}
