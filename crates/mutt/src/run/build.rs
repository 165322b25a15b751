//! Settings, turned into what the crates take.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jiff::tz::TimeZone;
use mutt_alert::StormLimits;
use mutt_event::{Hosts, HostsConfig, Parser, ParserConfig};
use mutt_pipeline::book::{Ground, SilenceLimits};
use mutt_rules::Handling;
use mutt_secrets::{Passwords, Place};

use crate::config::Settings;
use crate::config::kinds::Secret;
use crate::config::settings::{AlertsSettings, HostsSettings, OwnHandling, TimeSettings};
use crate::{mib_files, rule_files, telemetry};

/// A setting in milliseconds.
pub fn ms(number: u64) -> Duration {
    Duration::from_millis(number)
}

/// What books are compiled on.
///
/// # Errors
/// If a zone or a network is none.
pub fn ground(settings: &Settings) -> Result<Ground> {
    let folder = settings.mibs.folder.as_deref();
    Ok(Ground {
        limits: rule_files::limits(&settings.rules),
        parser: Arc::new(parser(&settings.time)?),
        development: settings.environment.development.clone(),
        log_level: settings.log.level.clone(),
        observe: settings.observe,
        storms: storms(&settings.alerts),
        silences: silences(&settings.alerts),
        mibs: folder.map(mib_files::read).transpose().context("mibs.folder")?.unwrap_or_default(),
        check_log_level: telemetry::check_level,
    })
}

fn storms(settings: &AlertsSettings) -> StormLimits {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    StormLimits {
        rule_per_minute: small(settings.storm_rule_per_minute),
        team_per_minute: small(settings.storm_team_per_minute),
        total_per_minute: small(settings.storm_total_per_minute),
    }
}

fn silences(settings: &AlertsSettings) -> SilenceLimits {
    SilenceLimits {
        longest: Duration::from_secs(settings.silence_hours_max * 3_600),
        remind_before: Duration::from_secs(settings.silence_reminder_minutes * 60),
    }
}

/// The passwords of one account, that in force first; `name` is what the log calls them.
pub fn passwords(name: impl Into<String>, all: [&Option<Secret>; 2]) -> Passwords {
    let given = all.into_iter().flatten();
    Passwords::new(name, given.map(|secret| Place::of(secret.live())))
}

/// How a message's device is found.
pub fn hosts(settings: &HostsSettings) -> Hosts {
    Hosts::new(HostsConfig {
        aliases: settings.aliases.clone(),
        trusted_relays: settings.trusted_relays.clone(),
        never: settings.own_names.clone(),
    })
}

/// How fields are read.
///
/// # Errors
/// If a zone or a network is none.
pub fn parser(settings: &TimeSettings) -> Result<Parser> {
    let zone = |name: &str| TimeZone::get(name).with_context(|| format!("time zone `{name}`"));
    let mut config = ParserConfig { zone: zone(&settings.zone)?, ..ParserConfig::default() };
    for (network, name) in &settings.zones {
        let parsed = network.parse().with_context(|| format!("time.zones: `{network}`"))?;
        config.zones.push((parsed, zone(name)?));
    }
    for (host, name) in &settings.host_zones {
        config.host_zones.insert(host.clone(), zone(name)?);
    }
    Ok(Parser::new(config))
}

/// What MUTT's own alerts ask for.
pub fn handling(own: OwnHandling) -> Handling {
    match own {
        OwnHandling::PageAndTicket => Handling::PageAndTicket,
        OwnHandling::PageOnly => Handling::PageOnly,
        OwnHandling::TicketOnly => Handling::TicketOnly,
        OwnHandling::EmailOnly => Handling::EmailOnly,
        OwnHandling::LogOnly => Handling::LogOnly,
    }
}
