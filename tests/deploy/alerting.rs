//! Prometheus' rules, and that what they and the dashboard ask for is what MUTT shows.

use std::collections::BTreeSet;
use std::fs;

use mutt_output::standin::Door;

use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;
use crate::common::{folder, ports, send, tools, wait};
use crate::files::{path, run, text, yaml};

const RULE: &str = r#"
[[rules]]
id = "link"
priority = 10
handling = "page_and_ticket"
team = "noc"
severity = "major"
when.message.contains = "link"
clear.message.contains = "never"
key = "{host}"
"#;

/// All names in a text that begin as MUTT's metrics do.
pub fn metrics_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':');
    words.filter(|word| word.starts_with("mutt_")).map(str::to_owned).collect()
}

/// The names of the samples that `/metrics` declares, of a MUTT with each kind of input and output.
fn declared() -> BTreeSet<String> {
    let folder = folder();
    let receivers = Receivers::start();
    let password = folder.path().join("password");
    fs::write(&password, "of a Redis that nobody runs\n").expect("a password's file");
    let more = format!(
        "[heartbeat]\nurl = \"{url}\"\n{config}\n\
         [[input.redis_list]]\nname = \"syslog\"\nurl = \"redis://{nobody}\"\nlist = \"syslog\"\n\
         password_file = {password:?}\n",
        url = receivers.moogsoft.webhook_url(),
        config = receivers.config(Door::Relp),
        nobody = ports::free(),
    );
    let mut mutt = Mutt::configured(folder.path(), RULE, &more);
    mutt.start();
    // Families appear with their first sample: a notice that is taken, a message that is refused.
    send::datagrams(mutt.doors.udp, &["<187>Nov 23 12:00:00 core-1 link down", ""]);
    let seen = |name: &str| mutt.metric(name, &[]) > 0.0;
    wait::until_true("a notice", || seen("mutt_output_delivered_total"));
    wait::until_true("a refusal", || seen("mutt_input_refused_total"));
    let page = ["kind=\"open\"", "handling=\"page_and_ticket\""];
    let made = ("mutt_alerts_opened_total", "mutt_notices_total");
    assert_eq!((mutt.metric(made.0, &[]), mutt.metric(made.1, &page)), (1.0, 1.0));
    let (status, page) = mutt.get("/metrics");
    assert_eq!(status, 200);
    let mut names = BTreeSet::new();
    for line in page.lines() {
        let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|l| l.split_once(' '))
        else {
            continue;
        };
        let endings: &[&str] = match kind {
            "counter" => &["_total"],
            "histogram" => &["_bucket", "_sum", "_count"],
            "info" => &["_info"],
            _ => &[""],
        };
        assert!(page.contains(&format!("# HELP {name} ")), "{name} has no HELP");
        names.extend(endings.iter().map(|ending| format!("{name}{ending}")));
    }
    names
}

#[test]
fn promtool_finds_no_mistake_in_the_rules() {
    run(tools::promtool()
        .args(["check", "rules", "--lint=all", "--lint-fatal"])
        .arg(path("prometheus/mutt.rules.yml")));
}

#[test]
fn each_alert_fires_when_it_should_and_none_while_all_is_well() {
    let tests = "prometheus/mutt.rules.test.yml";
    run(tools::promtool().current_dir(path("prometheus")).args(["test", "rules"]).arg(path(tests)));
    let (rules, tests) = (text("prometheus/mutt.rules.yml"), text(tests));
    let alerts: Vec<&str> =
        rules.lines().filter_map(|l| l.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() > 20, "{alerts:?}");
    for alert in alerts {
        let fires = format!("alertname=\"{alert}\"");
        assert!(tests.contains(&fires), "no test in which {alert} fires");
    }
}

#[test]
fn each_alert_says_how_urgent_it_is_what_is_wrong_and_what_to_do() {
    let rules = yaml(&text("prometheus/mutt.rules.yml"));
    for rule in rules["groups"][0]["rules"].as_array().expect("rules") {
        let urgent = rule["labels"]["severity"].as_str().expect("a severity");
        assert!(["page", "warning"].contains(&urgent), "{rule}");
        for said in ["summary", "do"] {
            assert!(rule["annotations"][said].as_str().is_some_and(|s| s.len() > 10), "{rule}");
        }
    }
}

#[test]
fn every_metric_of_rules_adapter_and_dashboard_is_one_that_mutt_shows() {
    let declared = declared();
    let own = ["mutt_judge_queue_age_seconds", "mutt_archive_queue_age_seconds"]; // adapter's names
    let files = ["prometheus/mutt.rules.yml", "prometheus/adapter.yml", "grafana/mutt.json"];
    for file in files {
        let named = metrics_in(&fs::read_to_string(path(file)).expect(file));
        assert!(!named.is_empty(), "{file} names no metric");
        let missing: Vec<_> =
            named.iter().filter(|n| !declared.contains(*n) && !own.contains(&n.as_str())).collect();
        assert!(missing.is_empty(), "{file}: {missing:?}, of {declared:#?}");
    }
}
