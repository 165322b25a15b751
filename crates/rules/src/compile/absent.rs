//! What is wrong with `absent`: times, zone, and who is expected.
//!
//! From: the setting as far as it could be read. To: faults.

use std::time::Duration;

use super::correlation::Checks;
use crate::fault::{did_you_mean, list};
use crate::glob::is_pattern;
use crate::inventory::check_label;
use crate::{Absent, Between, Environment, Expected, Fault};

/// What hosts of the inventory may have in common.
const KNOWN: [&str; 4] = ["site", "team", "environment", "labels.NAME"];

pub(super) fn check_absent(checks: &mut Checks<'_>, absent: &Absent) {
    let is_known = |part| !checks.sketch.is_doubtful(part);
    let has_time = absent.after.is_some() || absent.between.is_some();
    if !has_time && is_known("absent.for") && is_known("absent.between") {
        let message = "says not when it is too long: give it `for`, `between` or both";
        checks.faults.push(Fault::at("absent", message));
    }
    if let Some(time) = absent.after {
        checks.time("absent.for", time, Duration::from_secs(1), checks.limits.absent_max);
    }
    if let Some(between) = &absent.between {
        check_between(checks, between);
        check_length(checks, absent.after, between);
    }
    check_expected(checks, &absent.expect);
}

fn check_between(checks: &mut Checks<'_>, between: &Between) {
    if between.from == between.to && !checks.sketch.is_doubtful("absent.between.from") {
        checks.fault("absent.between.to", "is the same as `from`: no time is between them");
    }
    if !checks.sketch.is_doubtful("absent.between.zone")
        && jiff::tz::TimeZone::get(&between.zone).is_err()
    {
        let names: Vec<_> = jiff::tz::db().available().collect();
        let zone = &between.zone;
        let hint = did_you_mean(zone, names.iter().map(|name| name.as_str()));
        let message =
            format!("no time zone is called `{zone}`.{hint} Write one like Europe/Berlin.");
        checks.fault("absent.between.zone", message);
    }
}

/// A silence that is longer than the times in which it counts is never told.
fn check_length(checks: &mut Checks<'_>, after: Option<Duration>, between: &Between) {
    const DAY_MINUTES: u16 = 24 * 60;
    let minutes = (between.to + DAY_MINUTES - between.from) % DAY_MINUTES;
    let most = Duration::from_secs(u64::from(minutes) * 60);
    let is_known = !checks.sketch.is_doubtful("absent.between");
    if is_known && !most.is_zero() && after.is_some_and(|after| after > most) {
        let most = crate::duration::text(most);
        checks.fault("absent.for", format!("is longer than `between`, which lasts {most}"));
    }
}

fn check_expected(checks: &mut Checks<'_>, expected: &Expected) {
    let count = expected.hosts.len() + expected.keys.len();
    let most = checks.limits.expected_max;
    if count > most {
        checks.fault("absent.expect", format!("{count} hosts and keys, the limit is {most}"));
    }
    let (pairs, most) =
        (expected.hosts.len() * expected.keys.len(), checks.limits.expectations_max);
    if pairs > most {
        let message = format!("each host with each key are {pairs}, the limit is {most}");
        checks.fault("absent.expect", message);
    }
    for (index, host) in expected.hosts.iter().enumerate() {
        if is_pattern(host) || host.contains('/') {
            let message = format!("`{host}` is no host's name: name each host, or use `inventory`");
            checks.fault(&format!("absent.expect.hosts[{index}]"), message);
        }
    }
    for (name, value) in &expected.inventory {
        if let Err(message) = check_known(name, value) {
            checks.fault(&format!("absent.expect.inventory.{name}"), message);
        }
    }
    check_who(checks, expected);
}

/// Whether hosts and keys are such as events of the rule may have.
fn check_who(checks: &mut Checks<'_>, expected: &Expected) {
    let (rule, sketch) = (&checks.sketch.rule, checks.sketch);
    if expected.is_nobody() || sketch.is_doubtful("absent.expect") || sketch.is_doubtful("key") {
        return;
    }
    let names_hosts = !expected.hosts.is_empty() || !expected.inventory.is_empty();
    if rule.across_hosts && names_hosts {
        let message = "a rule with `across_hosts` expects no host: name only `keys`";
        checks.fault("absent.expect", message);
    }
    if !rule.across_hosts && !names_hosts && !sketch.is_doubtful("across_hosts") {
        checks.fault("absent.expect", "names no hosts: give it `hosts` or `inventory`");
    }
    if rule.key.is_empty() && !expected.keys.is_empty() {
        let message =
            "the rule has no `key`, so nothing that comes has one of these: leave them out";
        checks.fault("absent.expect.keys", message);
    }
    if !rule.key.is_empty() && expected.keys.is_empty() {
        let message = "the rule has a `key`: name the keys that are expected in `keys`";
        checks.fault("absent.expect", message);
    }
}

fn check_known(name: &str, value: &str) -> Result<(), String> {
    if let Some(label) = name.strip_prefix("labels.") {
        return check_label(label);
    }
    let environments = [Environment::Prod, Environment::Dev].map(Environment::name);
    match name {
        "site" | "team" => Ok(()),
        "environment" if environments.contains(&value) => Ok(()),
        "environment" => Err(format!("`{value}` is no environment: it is prod or dev")),
        other => Err(format!(
            "unknown part `{other}`.{} It is one of {}.",
            did_you_mean(other, KNOWN),
            list(KNOWN)
        )),
    }
}
