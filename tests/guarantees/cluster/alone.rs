//! One process over the journal of many: it must make the alerts that they made.

use mutt_output::standin::Door;

use super::fleet::{Cluster, rules};
use crate::common::folder;
use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;
use crate::load::{self, Sent};
use crate::world::settled;

/// All that is so of the alerts of rules, and of what was to be told of them.
const ALERTS: &str =
    "SELECT concat_ws(' ', id, state, count, first_seen, last_seen, ended_at, body)
     FROM alerts WHERE rule_id NOT LIKE 'mutt/%' ORDER BY id";
const NOTICES: &str = "SELECT concat_ws(' ', notices.id, alert_id, kind, made_at)
     FROM notices JOIN alerts ON alerts.id = alert_id
     WHERE rule_id NOT LIKE 'mutt/%' ORDER BY notices.id";

/// Runs all four jobs in one process over the same journal and an empty database, and compares.
pub fn makes_the_same_alerts(cluster: &Cluster, sent: &Sent) {
    cluster.database.create("alone");
    let (folder, receivers) = (folder(), Receivers::start());
    let config = format!(
        "{}{}{}",
        cluster.journal.config(),
        cluster.database.config("alone"),
        receivers.config(Door::Relp)
    );
    let mut mutt = Mutt::configured(folder.path(), &rules(), &config);
    mutt.start();
    load::none_missing(&receivers, Door::Relp, sent.clone());
    load::each_alarm_is_told_once(&receivers.moogsoft, sent.clone(), 0);
    settled(&mutt);
    assert!(mutt.stop().success());
    for what in [ALERTS, NOTICES] {
        let [many, one] = ["cluster", "alone"].map(|name| cluster.database.ask(name, what));
        assert!(many.len() as u64 >= sent.alarms(), "{} of {}", many.len(), sent.alarms());
        assert_eq!(many.len(), one.len());
        for (many, one) in many.iter().zip(&one) {
            assert_eq!(many, one);
        }
    }
}
