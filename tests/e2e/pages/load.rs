//! The pages where there is a lot: 10,000 open alerts, and 20,000 changes of them while somebody
//! looks.

use serde_json::json;

use super::World;
use crate::common::{send, wait};

/// Open alerts.
const ALERTS: usize = 10_000;
/// How many changes of them come while somebody looks.
const CHANGES: usize = 20_000;
const RULE: &str = r#"
[[rules]]
id = "port-down"
priority = 10
team = "network"
handling = "ticket_only"
severity = "minor"
when.message.contains = "port down"
summary = "{host}: {message}"
"#;

#[test]
fn the_pages_stay_small_and_smooth_under_ten_thousand_alerts_and_twenty_thousand_changes() {
    let world = World::start(RULE, "");
    let message = |n: usize| format!("<187>Nov 28 12:00:00 sw-{n} port: port down");
    let messages: Vec<String> = (0..ALERTS).map(message).collect();
    send::lines(world.mutt.doors.tcp, &messages);
    wait::until_none_left("all alerts to be open", || {
        let open =
            world.mutt.try_metric("mutt_alerts_opened_total", &[]).unwrap_or_default() as usize;
        if open >= ALERTS { Ok(()) } else { Err((ALERTS - open, format!("{open} are open"))) }
    });
    // The script sends the same again while it looks, and holds what it measures to its bounds.
    world.play("load.mjs", &json!({ "alerts": ALERTS, "changes": CHANGES }));
}
