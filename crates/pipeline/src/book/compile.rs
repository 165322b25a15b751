//! All that was decided, checked and compiled as one: whole, or every fault at once.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use mutt_alert::{Silences, StormLimits};
use mutt_event::Parser;
use mutt_rules::{Environments, Fault, Inventory, InventoryEntry, Limits, Warning};
use mutt_store::{Catalog, Kind};

use super::{
    Access, BookFault, MibBase, Parts, Proposal, RunSettings, SilenceLimits, Team, drills, mibs,
};
use crate::{Rulebook, scenario_faults};

/// What a book is compiled on: the settings file's values, and how messages are read.
#[derive(Clone)]
pub struct Ground {
    /// What a rule set may cost.
    pub limits: Limits,
    /// Reads the examples of rules, as it reads live messages.
    pub parser: Arc<Parser>,
    /// Development hosts, unless the catalog names others.
    pub development: Vec<String>,
    /// The log's level, unless the catalog names another.
    pub log_level: String,
    /// Whether nobody is told, unless the catalog says otherwise.
    pub observe: bool,
    /// How many alerts a minute are told one by one.
    pub storms: StormLimits,
    /// What silences may be.
    pub silences: SilenceLimits,
    /// MIB files that are no items of the catalog.
    pub mibs: MibBase,
    /// Says what is wrong with a level of the log.
    pub check_log_level: fn(&str) -> Result<(), String>,
}

/// A revision of the catalog, ready to be used. It never changes.
#[derive(Debug)]
pub struct Book {
    /// The catalog's revision.
    pub revision: u64,
    /// What the judge goes by.
    pub rulebook: Arc<Rulebook>,
    /// Teams by name.
    pub teams: BTreeMap<String, Team>,
    /// The run-time settings in force, each with a value.
    pub settings: RunSettings,
    /// Keys of the API.
    pub keys: Arc<Vec<Access>>,
    /// Not wrong, but perhaps not meant.
    pub warnings: Vec<Warning>,
}

impl Book {
    /// Compiles a catalog.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(catalog: &Catalog, ground: &Ground) -> Result<Book, Vec<BookFault>> {
        Book::compile(&Proposal::of(Parts::read(catalog)), catalog.revision, ground)
    }

    /// Compiles what somebody proposes; it would be of this revision.
    ///
    /// # Errors
    /// Every fault.
    pub fn compile(
        proposal: &Proposal,
        revision: u64,
        ground: &Ground,
    ) -> Result<Book, Vec<BookFault>> {
        let parts = proposal.parts();
        let mut faults: Vec<BookFault> =
            parts.unread.iter().flat_map(|item| item.faults.clone()).collect();
        let settings = parts.settings.over(ground);
        let inventory = inventory(parts, &settings, ground, &mut faults);
        team_faults(proposal, &mut faults);
        let silences = silences(parts, ground, &mut faults);
        mibs::faults(parts, &mut faults);
        let names = ground.mibs.names(&parts.mibs);
        let parser = ground.parser.with_names(Arc::clone(&names));
        // A rule whose examples do not hold does something else than its author meant.
        let compiled = proposal.draft().named(&names).check(&ground.limits, &parser);
        if let (Ok((rules, _)), Some(inventory)) = (&compiled, &inventory) {
            let found = scenario_faults(rules, inventory, &ground.limits, &parser);
            faults.extend(found.into_iter().map(BookFault::from));
        }
        match (compiled, inventory) {
            (Ok((rules, warnings)), Some(inventory)) if faults.is_empty() => {
                let observe = settings.observe.unwrap_or(ground.observe);
                Ok(Book {
                    revision,
                    rulebook: Arc::new(Rulebook {
                        observe,
                        revision,
                        storms: ground.storms,
                        silences: Arc::new(silences),
                        drills: drills::drills(&parts.drills),
                        names,
                        ..Rulebook::new(rules, inventory)
                    }),
                    teams: parts.teams.iter().map(|t| (t.name.clone(), t.clone())).collect(),
                    settings,
                    keys: Arc::new(parts.keys.clone()),
                    warnings,
                })
            }
            (compiled, _) => {
                let found = compiled.err().unwrap_or_default();
                faults.extend(found.into_iter().map(BookFault::from));
                Err(faults)
            }
        }
    }

    /// The best that can be had of a catalog with faults: without the items that have one. It is
    /// of no revision, so its number is 0.
    pub fn without_faulty(catalog: &Catalog, ground: &Ground) -> Option<Book> {
        let mut parts = Parts::read(catalog);
        parts.unread.clear();
        let compile = |parts: &Parts| Book::compile(&Proposal::of(parts.clone()), 0, ground);
        let faults = match compile(&parts) {
            Ok(book) => return Some(book),
            Err(faults) => faults,
        };
        let bad = |kind: Kind, name: &str| {
            faults.iter().any(|fault| fault.kind == kind && fault.name.as_deref() == Some(name))
        };
        parts.rules.retain(|rule| !bad(Kind::Rule, &rule.id));
        parts.hosts.retain(|host| !bad(Kind::Host, &host.host));
        parts.teams.retain(|team| !bad(Kind::Team, &team.name));
        parts.silences.retain(|one| !bad(Kind::Silence, &one.name));
        parts.maintenance.retain(|one| !bad(Kind::Maintenance, &one.name));
        parts.mibs.retain(|one| !bad(Kind::Mib, &one.name));
        compile(&parts).ok()
    }
}

fn inventory(
    parts: &Parts,
    settings: &RunSettings,
    ground: &Ground,
    faults: &mut Vec<BookFault>,
) -> Option<Inventory> {
    let setting = |name: &str, message: String| BookFault::of(Kind::Setting, name, "", message);
    if let Some(Err(why)) = settings.log_level.as_deref().map(ground.check_log_level) {
        faults.push(setting("log.level", why));
    }
    let development = settings.development.as_deref().unwrap_or(&ground.development);
    let environments = Environments::new(development)
        .map_err(|found| {
            let name = "environment.development";
            faults.extend(found.into_iter().map(|fault| setting(name, fault.message)));
        })
        .ok()?;
    Inventory::new(parts.hosts.clone(), environments)
        .map_err(|found| {
            faults.extend(found.into_iter().map(|fault| host_fault(&parts.hosts, fault)));
        })
        .ok()
}

fn silences(parts: &Parts, ground: &Ground, faults: &mut Vec<BookFault>) -> Silences {
    let silences = parts.silences.iter().map(|one| one.plan(&ground.silences));
    let windows = parts.maintenance.iter().map(|one| one.plan());
    let mut plans = Vec::new();
    for plan in silences.chain(windows) {
        match plan {
            Ok(plan) => plans.push(plan),
            Err(found) => faults.extend(found),
        }
    }
    Silences::new(plans)
}

/// The inventory says `hosts[INDEX]`; people know the host's name.
fn host_fault(hosts: &[InventoryEntry], fault: Fault) -> BookFault {
    let rest = fault.path.strip_prefix("hosts[").and_then(|rest| rest.split_once(']'));
    let name = rest.and_then(|(index, _)| hosts.get(index.parse::<usize>().ok()?));
    BookFault {
        kind: Kind::Host,
        name: name.map(|entry| entry.host.clone()),
        path: rest.map_or(fault.path.clone(), |(_, path)| path.trim_matches('.').to_owned()),
        line: fault.line,
        message: fault.message,
    }
}

/// Once there is a list of teams, a name that it lacks is a slip: nobody would be told.
fn team_faults(proposal: &Proposal, faults: &mut Vec<BookFault>) {
    let parts = proposal.parts();
    for team in &parts.teams {
        let found = team.faults().into_iter();
        faults.extend(found.map(|(path, text)| BookFault::of(Kind::Team, &team.name, path, text)));
    }
    if parts.teams.is_empty() {
        return;
    }
    let known: HashSet<&str> = parts.teams.iter().map(|team| team.name.as_str()).collect();
    let unknown = |team: &str| !team.is_empty() && !known.contains(team);
    let message = |team: &str| {
        format!("team `{team}` is not in the list of teams: add it there, or name one of them")
    };
    for rule in proposal.rules().filter(|rule| unknown(&rule.team)) {
        faults.push(rule.fault("team", message(&rule.team)).into());
    }
    for silence in &parts.silences {
        if let Some(team) = silence.team.as_deref().filter(|team| unknown(team)) {
            faults.push(BookFault::of(Kind::Silence, &silence.name, "team", message(team)));
        }
    }
    for host in &parts.hosts {
        if let Some(team) = host.team.as_deref().filter(|team| unknown(team)) {
            faults.push(BookFault::of(Kind::Host, &host.host, "team", message(team)));
        }
    }
}
