//! Grafana's dashboard: what no Grafana is needed for.

use std::collections::HashSet;
use std::fs;

use serde_json::Value;

use crate::common::{folder, tools};
use crate::files::{run, text};

/// All panels that are no row.
fn panels(dashboard: &Value) -> Vec<&Value> {
    let panels = dashboard["panels"].as_array().expect("panels");
    panels.iter().filter(|panel| panel["type"] != "row").collect()
}

fn queries(panel: &Value) -> Vec<&str> {
    let targets = panel["targets"].as_array().expect("targets");
    targets.iter().map(|target| target["expr"].as_str().expect("a query")).collect()
}

#[test]
fn the_dashboard_shows_what_it_is_for() {
    let dashboard: Value = serde_json::from_str(&text("grafana/mutt.json")).expect("JSON");
    let titles: HashSet<&str> = dashboard["panels"]
        .as_array()
        .expect("panels")
        .iter()
        .map(|panel| panel["title"].as_str().expect("a title"))
        .collect();
    for title in ["Noise filtered", "Queue age", "Losses", "Inputs", "Archive lag", "Deliveries"] {
        assert!(titles.contains(title), "{title} is not among {titles:?}");
    }
    let ids: HashSet<String> = panels(&dashboard).iter().map(|p| p["id"].to_string()).collect();
    assert_eq!(ids.len(), panels(&dashboard).len(), "an id is given twice");
}

#[test]
fn every_query_of_the_dashboard_is_one_that_prometheus_reads() {
    let dashboard: Value = serde_json::from_str(&text("grafana/mutt.json")).expect("JSON");
    // promtool reads queries as rules.
    let mut rules = "groups: [{name: dashboard, rules: [\n".to_owned();
    for panel in panels(&dashboard) {
        for (number, query) in queries(panel).into_iter().enumerate() {
            let query = query.replace("$__rate_interval", "1m").replace("$__range", "1h");
            let name = format!("panel:{}_{number}", panel["id"]);
            rules += &format!("{{record: '{name}', expr: {}}},\n", Value::from(query));
        }
    }
    let folder = folder();
    let file = folder.path().join("dashboard.yml");
    fs::write(&file, rules + "]}]\n").expect("rules");
    run(tools::promtool().args(["check", "rules"]).arg(file));
}
