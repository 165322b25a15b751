//! The catalog's items as values, and a proposal: these values with somebody's changes.

use std::collections::{BTreeMap, BTreeSet};

use mutt_event::Timestamp;
use mutt_rules::{Draft, InventoryEntry, Rule};
use mutt_store::{Catalog, Item, ItemEdit, Kind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{
    Access, BookFault, DrillItem, Maintenance, Mib, RunSettings, SETTINGS, Silence, Team, User,
};

/// All that people decided, as values.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Parts {
    /// Rules.
    pub rules: Vec<Rule>,
    /// The inventory.
    pub hosts: Vec<InventoryEntry>,
    /// Teams.
    pub teams: Vec<Team>,
    /// Run-time settings.
    pub settings: RunSettings,
    /// Keys of the API.
    pub keys: Vec<Access>,
    /// People who may sign in.
    pub users: Vec<User>,
    /// Silences, also those that are over.
    pub silences: Vec<Silence>,
    /// Maintenance windows.
    pub maintenance: Vec<Maintenance>,
    /// MIB files.
    pub mibs: Vec<Mib>,
    /// Drills, also those that are over, the oldest first.
    pub drills: Vec<DrillItem>,
    /// Items that this program cannot read; they refuse the set until somebody replaces them.
    pub unread: Vec<Unread>,
}

/// An item that cannot be read.
#[derive(Clone, PartialEq, Debug)]
pub struct Unread {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Why.
    pub faults: Vec<BookFault>,
}

impl Parts {
    /// Reads all items; what cannot be read is kept apart with its faults.
    pub fn read(catalog: &Catalog) -> Self {
        let mut parts = Self::default();
        for item in &catalog.items {
            if let Err(faults) = parts.read_item(item) {
                let (kind, name) = (item.kind, item.name.clone());
                parts.unread.push(Unread { kind, name, faults });
            }
        }
        parts
    }

    fn read_item(&mut self, item: &Item) -> Result<(), Vec<BookFault>> {
        match item.kind {
            Kind::Rule => {
                let rule = Rule::from_canonical_json(&item.body);
                let faults = |found: Vec<mutt_rules::Fault>| {
                    found
                        .into_iter()
                        .map(|fault| BookFault {
                            name: Some(item.name.clone()),
                            ..BookFault::from(fault)
                        })
                        .collect::<Vec<_>>()
                };
                self.rules.push(rule.map_err(faults)?);
            }
            Kind::Host => self.hosts.push(json(item)?),
            Kind::Team => self.teams.push(json(item)?),
            Kind::Key => self.keys.push(json(item)?),
            Kind::User => self.users.push(json(item)?),
            Kind::Silence => self.silences.push(json(item)?),
            Kind::Maintenance => self.maintenance.push(json(item)?),
            Kind::Mib => self.mibs.push(json(item)?),
            Kind::Drill => self.drills.push(json(item)?),
            Kind::Setting => {
                let value = json(item)?;
                self.settings.set(&item.name, &value).map_err(|fault| vec![fault])?;
            }
        }
        Ok(())
    }

    /// Those of `wanted` that are there, as they are stored.
    fn items<'a>(
        &'a self,
        wanted: &'a BTreeSet<(Kind, String)>,
    ) -> impl Iterator<Item = (Kind, &'a str, String)> {
        let body = |one: &'a Rule| -> Stored<'a> { (Kind::Rule, &one.id, one.canonical_json()) };
        let is = move |kind: Kind, name: &str| wanted.contains(&(kind, name.to_owned()));
        let rules = self.rules.iter().filter(move |one| is(Kind::Rule, &one.id)).map(body);
        let hosts = self.hosts.iter().filter(move |one| is(Kind::Host, &one.host));
        let hosts = hosts.map(|one| (Kind::Host, &*one.host, text(one)));
        let teams = self.teams.iter().filter(move |one| is(Kind::Team, &one.name));
        let teams = teams.map(|one| (Kind::Team, &*one.name, text(one)));
        let keys = self.keys.iter().filter(move |one| is(Kind::Key, &one.name));
        let keys = keys.map(|one| (Kind::Key, &*one.name, text(one)));
        let users = self.users.iter().filter(move |one| is(Kind::User, &one.name));
        let users = users.map(|one| (Kind::User, &*one.name, text(one)));
        let silences = self.silences.iter().filter(move |one| is(Kind::Silence, &one.name));
        let silences = silences.map(|one| (Kind::Silence, &*one.name, text(one)));
        let windows = self.maintenance.iter().filter(move |one| is(Kind::Maintenance, &one.name));
        let windows = windows.map(|one| (Kind::Maintenance, &*one.name, text(one)));
        let mibs = self.mibs.iter().filter(move |one| is(Kind::Mib, &one.name));
        let mibs = mibs.map(|one| (Kind::Mib, &*one.name, text(one)));
        let drills = self.drills.iter().filter(move |one| is(Kind::Drill, &one.id));
        let drills = drills.map(|one| (Kind::Drill, &*one.id, text(one)));
        let settings = SETTINGS.iter().filter(move |info| is(Kind::Setting, info.name));
        let settings = settings.filter_map(|info| {
            Some((Kind::Setting, info.name, self.settings.get(info.name)?.to_string()))
        });
        let people = keys.chain(users);
        rules
            .chain(hosts)
            .chain(teams)
            .chain(people)
            .chain(settings)
            .chain(silences)
            .chain(windows)
            .chain(mibs)
            .chain(drills)
    }
}

/// Kind, name and body.
type Stored<'a> = (Kind, &'a str, String);

fn json<T: DeserializeOwned>(item: &Item) -> Result<T, Vec<BookFault>> {
    serde_json::from_str(&item.body).map_err(|error| {
        vec![BookFault::of(item.kind, &item.name, "", format!("cannot be read: {error}"))]
    })
}

fn text<T: Serialize>(value: &T) -> String {
    // Values with text keys always serialise; an empty text would show in tests.
    serde_json::to_string(value).unwrap_or_default()
}

/// Somebody's changes upon all that was decided before.
#[derive(Clone, Debug, Default)]
pub struct Proposal {
    parts: Parts,
    /// Rules that are new or others; they may have faults.
    rules: Draft,
    touched: BTreeSet<(Kind, String)>,
}

impl Proposal {
    /// A proposal without a change yet.
    pub fn of(parts: Parts) -> Self {
        Self { parts, rules: Draft::default(), touched: BTreeSet::new() }
    }

    /// All that stays, and all that is new but rules.
    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// All rules: those that stay, and those that are proposed.
    pub(super) fn draft(&self) -> Draft {
        Draft::from(self.parts.rules.clone()).join(self.rules.clone())
    }

    /// All rules as far as they could be read.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.parts.rules.iter().chain(self.rules.rules())
    }

    /// Adds rules, each in the place of the one with its id.
    pub fn put_rules(&mut self, draft: Draft) {
        let ids: BTreeSet<&str> = draft.rules().map(|rule| rule.id.as_str()).collect();
        let parts = &mut self.parts;
        parts.rules.retain(|rule| !ids.contains(rule.id.as_str()));
        parts.unread.retain(|one| one.kind != Kind::Rule || !ids.contains(one.name.as_str()));
        self.touched.extend(ids.into_iter().map(|id| (Kind::Rule, id.to_owned())));
        self.rules = std::mem::take(&mut self.rules).join(draft);
    }

    /// Puts these in the place of all rules.
    pub fn replace_rules(&mut self, draft: Draft) {
        let gone = self.parts.rules.drain(..).map(|rule| (Kind::Rule, rule.id));
        self.touched.extend(gone);
        self.forget_unread(Kind::Rule);
        self.put_rules(draft);
    }

    /// Adds an entry of the inventory, or replaces the one of that host.
    pub fn put_host(&mut self, host: InventoryEntry) {
        self.put_hosts(vec![host]);
    }

    /// Adds entries of the inventory, each in the place of the one of that host.
    pub fn put_hosts(&mut self, hosts: Vec<InventoryEntry>) {
        let names: BTreeSet<&str> = hosts.iter().map(|host| host.host.as_str()).collect();
        let parts = &mut self.parts;
        parts.hosts.retain(|host| !names.contains(host.host.as_str()));
        parts.unread.retain(|one| one.kind != Kind::Host || !names.contains(one.name.as_str()));
        self.touched.extend(names.into_iter().map(|name| (Kind::Host, name.to_owned())));
        self.parts.hosts.extend(hosts);
    }

    /// Puts a whole inventory in the place of the one before.
    pub fn replace_hosts(&mut self, hosts: Vec<InventoryEntry>) {
        let gone = self.parts.hosts.drain(..).map(|host| (Kind::Host, host.host));
        self.touched.extend(gone);
        self.forget_unread(Kind::Host);
        self.put_hosts(hosts);
    }

    /// Adds a team, or replaces the one of that name.
    pub fn put_team(&mut self, team: Team) {
        self.remove(Kind::Team, &team.name);
        self.parts.teams.push(team);
    }

    /// Adds a key, or replaces the one of that name.
    pub fn put_key(&mut self, key: Access) {
        self.remove(Kind::Key, &key.name);
        self.parts.keys.push(key);
    }

    /// Adds a person, or replaces the one of that name.
    pub fn put_user(&mut self, user: User) {
        self.remove(Kind::User, &user.name);
        self.parts.users.push(user);
    }

    /// Adds a silence, or replaces the one of that name.
    pub fn put_silence(&mut self, silence: Silence) {
        self.remove(Kind::Silence, &silence.name);
        self.parts.silences.push(silence);
    }

    /// Adds a maintenance window, or replaces the one of that name.
    pub fn put_maintenance(&mut self, window: Maintenance) {
        self.remove(Kind::Maintenance, &window.name);
        self.parts.maintenance.push(window);
    }

    /// Adds a MIB file, or replaces the one of that name.
    pub fn put_mib(&mut self, mib: Mib) {
        self.remove(Kind::Mib, &mib.name);
        self.parts.mibs.push(mib);
    }

    /// Adds a drill; the oldest make room.
    pub fn put_drill(&mut self, drill: DrillItem, most: usize) {
        self.remove(Kind::Drill, &drill.id);
        self.parts.drills.push(drill);
        self.parts
            .drills
            .sort_by(|one, other| (one.made_at, &one.id).cmp(&(other.made_at, &other.id)));
        let over = self.parts.drills.len().saturating_sub(most);
        let oldest = self.parts.drills[..over].iter().map(|one| one.id.clone());
        for id in oldest.collect::<Vec<_>>() {
            self.remove(Kind::Drill, &id);
        }
    }

    /// Takes away silences that were over before `then`, but not the one of this name.
    pub fn forget_silences(&mut self, then: Timestamp, but: &str) {
        let is_old = |one: &&Silence| one.name != but && one.ends().is_some_and(|end| end < then);
        let old = self.parts.silences.iter().filter(is_old);
        for name in old.map(|one| one.name.clone()).collect::<Vec<_>>() {
            self.remove(Kind::Silence, &name);
        }
    }

    /// Sets a run-time setting.
    ///
    /// # Errors
    /// See [`RunSettings::set`].
    pub fn set(&mut self, name: &str, value: &serde_json::Value) -> Result<(), BookFault> {
        self.remove(Kind::Setting, name);
        self.parts.settings.set(name, value)
    }

    /// Takes an item away; answers whether it was there.
    pub fn remove(&mut self, kind: Kind, name: &str) -> bool {
        self.touched.insert((kind, name.to_owned()));
        let parts = &mut self.parts;
        let was_unread = take(&mut parts.unread, |one| one.kind == kind && one.name == name);
        let was_there = match kind {
            Kind::Rule => take(&mut parts.rules, |rule| rule.id == name),
            Kind::Host => take(&mut parts.hosts, |host| host.host == name),
            Kind::Team => take(&mut parts.teams, |team| team.name == name),
            Kind::Key => take(&mut parts.keys, |key| key.name == name),
            Kind::User => take(&mut parts.users, |user| user.name == name),
            Kind::Silence => take(&mut parts.silences, |one| one.name == name),
            Kind::Maintenance => take(&mut parts.maintenance, |one| one.name == name),
            Kind::Mib => take(&mut parts.mibs, |one| one.name == name),
            Kind::Drill => take(&mut parts.drills, |one| one.id == name),
            Kind::Setting => {
                let was_set = parts.settings.get(name).is_some();
                parts.settings.unset(name);
                was_set
            }
        };
        was_there || was_unread
    }

    /// Brings every item of `kinds` to what it was in `then`.
    pub fn restore(&mut self, now: &Catalog, then: &Catalog, kinds: &[Kind]) {
        let items = |catalog: &'_ Catalog| {
            let wanted = catalog.items.iter().filter(|item| kinds.contains(&item.kind));
            wanted
                .map(|item| ((item.kind, item.name.clone()), item.body.clone()))
                .collect::<BTreeMap<_, _>>()
        };
        let (before, after) = (items(now), items(then));
        let differs = |key: &&(Kind, String)| before.get(*key) != after.get(*key);
        let keys: BTreeSet<&(Kind, String)> =
            before.keys().chain(after.keys()).filter(differs).collect();
        for (kind, name) in keys {
            self.restore_item(*kind, name, then.get(*kind, name));
        }
    }

    /// Brings one item to what it was; none: it was not there.
    pub fn restore_item(&mut self, kind: Kind, name: &str, then: Option<&Item>) {
        self.remove(kind, name);
        if let Some(item) = then
            && let Err(faults) = self.parts.read_item(item)
        {
            self.parts.unread.push(Unread { kind, name: name.to_owned(), faults });
        }
    }

    /// What is to be written: every item that was touched, as it would be.
    pub fn edits(&self) -> Vec<ItemEdit> {
        let gone = self.touched.iter().map(|(kind, name)| ((*kind, name.as_str()), None));
        let mut bodies: BTreeMap<(Kind, &str), Option<String>> = gone.collect();
        let rules = self.rules.rules().map(|one| (Kind::Rule, &*one.id, one.canonical_json()));
        for (kind, name, body) in self.parts.items(&self.touched).chain(rules) {
            bodies.insert((kind, name), Some(body));
        }
        let edit = |((kind, name), body): ((Kind, &str), Option<String>)| ItemEdit {
            kind,
            name: name.to_owned(),
            body,
        };
        bodies.into_iter().map(edit).collect()
    }

    fn forget_unread(&mut self, kind: Kind) {
        let unread = self.parts.unread.extract_if(.., |item| item.kind == kind);
        self.touched.extend(unread.map(|item| (kind, item.name)));
    }
}

/// Takes what fits out of a list; answers whether there was any.
fn take<T>(list: &mut Vec<T>, fits: impl Fn(&T) -> bool) -> bool {
    let before = list.len();
    list.retain(|one| !fits(one));
    list.len() < before
}
