//! The two things that a newcomer starts: the demo, and the benchmark.

use std::process::Command;

use crate::common::mutt::Mutt;

fn output(command: &mut Command) -> String {
    let output = command.output().expect("mutt");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn the_demo_shows_alerts_and_why_and_ends_with_a_summary_in_which_nothing_is_missing() {
    let text = output(Mutt::command().args(["demo", "--for", "8s", "--seed", "7"]));
    assert!(text.contains("metrics: http://127.0.0.1:"), "{text}");
    assert!(text.contains("because rule "), "{text}");
    let summary = text.split("Summary").nth(1).expect("a summary");
    let number = |before: &str| -> u64 {
        let head = summary.split(before).next().expect(before);
        head.rsplit([' ', '\n']).find_map(|word| word.parse().ok()).expect(before)
    };
    let sent = number(" messages sent");
    assert!(sent >= 2_000, "{summary}");
    assert_eq!(number(" stored"), sent, "{summary}");
    assert_eq!(number(" passed on to NetIM"), sent, "{summary}");
    assert_eq!(number(" received there"), sent, "{summary}");
    assert!(summary.contains("lost: 0"), "{summary}");
}

#[test]
fn the_benchmark_prints_its_figures() {
    let text = output(Mutt::command().args([
        "bench",
        "--messages",
        "20000",
        "--rules",
        "50",
        "--rate",
        "1000",
        "--latency-time",
        "1s",
    ]));
    for figure in ["CPU-seconds per million", "MiB resident at most", "sent to webhook p50"] {
        assert!(text.contains(figure), "{text}");
    }
}
