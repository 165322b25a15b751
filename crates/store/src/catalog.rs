//! What people decide: rules, hosts, teams, settings, keys and silences, each an [`Item`] with a
//! name and a JSON body, and every change of them a [`Revision`] that is kept.
//!
//! From: whoever edits. To: every worker, which looks at [`CatalogStore::head`] and reads the whole
//! when it moved. What a body means is not known here.

use std::collections::HashSet;
use std::future::Future;

use mutt_event::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AuditEntry, StoreError, content_digest};

/// The most items that one edit may change.
pub const EDIT_ITEMS_MAX: usize = 200_000;

/// The longest name of an item, in bytes.
pub const NAME_BYTES_MAX: usize = 1_000;

/// What an item is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A rule; its name is the rule's id.
    Rule,
    /// An entry of the inventory; its name is the host's name, pattern or network.
    Host,
    /// A team.
    Team,
    /// A setting that may change at run time.
    Setting,
    /// A key of the API; its body holds a digest, never the key.
    Key,
    /// A silence.
    Silence,
    /// A maintenance window.
    Maintenance,
    /// A MIB file.
    Mib,
    /// A person who may sign in; the body holds a slow hash, never the password.
    User,
    /// A drill: a test of the whole way, by its id.
    Drill,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 10] = [
        Kind::Rule,
        Kind::Host,
        Kind::Team,
        Kind::Setting,
        Kind::Key,
        Kind::Silence,
        Kind::Maintenance,
        Kind::Mib,
        Kind::User,
        Kind::Drill,
    ];

    /// The name in the database and the API.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Rule => "rule",
            Kind::Host => "host",
            Kind::Team => "team",
            Kind::Setting => "setting",
            Kind::Key => "key",
            Kind::Silence => "silence",
            Kind::Maintenance => "maintenance",
            Kind::Mib => "mib",
            Kind::User => "user",
            Kind::Drill => "drill",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One thing that people decided, as it is at some revision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Unique among its kind.
    pub name: String,
    /// JSON.
    pub body: String,
    /// The revision that made it what it is.
    pub revision: u64,
}

/// All items at a revision, by kind and name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Catalog {
    /// The number of the last revision that it holds; 0 before the first.
    pub revision: u64,
    /// The items, in the order of [`Kind`], then by the bytes of their names.
    pub items: Vec<Item>,
}

impl Catalog {
    /// The items of one kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.kind == kind)
    }

    /// One item.
    pub fn get(&self, kind: Kind, name: &str) -> Option<&Item> {
        let key = |item: &Item| (item.kind, item.name.as_str()).cmp(&(kind, name));
        self.items.binary_search_by(key).ok().map(|index| &self.items[index])
    }
}

/// A new body for an item, or its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ItemEdit {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The new body, JSON; none: the item is deleted.
    pub body: Option<String>,
}

/// What somebody wants changed, wholly or not at all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// The revision that the editor saw: refused if it is no longer the last.
    pub base: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// The address that they ask from; empty: none, such as at a terminal.
    pub from: String,
    /// Why, in the editor's words; may be empty.
    pub why: String,
    /// The items, each at most once.
    pub items: Vec<ItemEdit>,
}

impl Edit {
    /// What the audit says of it, once it is revision `number`.
    pub(crate) fn audit(&self, number: u64, changes: &[ItemChange]) -> AuditEntry {
        let item = match changes {
            [one] => format!("{} {}", one.kind.name(), one.name),
            many => format!("{} items", many.len()),
        };
        AuditEntry {
            at: self.at,
            who: self.who.clone(),
            from: self.from.clone(),
            what: "change".to_owned(),
            item,
            done: true,
            why: self.why.clone(),
            revision: Some(number),
            content: Some(content_digest(changes)),
            before: None,
            after: None,
        }
    }

    /// Refuses an edit that not every database takes.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        let mut seen = HashSet::with_capacity(self.items.len());
        let fault = |item: &ItemEdit, text: &str| {
            let (kind, name) = (item.kind.name(), &item.name);
            Err(StoreError::Unfit(format!("{kind} `{name}` {text}")))
        };
        for item in &self.items {
            if !seen.insert((item.kind, &item.name)) {
                return fault(item, "stands in one edit twice");
            }
            if item.name.len() > NAME_BYTES_MAX {
                return fault(item, &format!("has a name of over {NAME_BYTES_MAX} bytes"));
            }
            // PostgreSQL has none in a text.
            if item.name.contains('\0') || item.body.as_ref().is_some_and(|b| b.contains('\0')) {
                return fault(item, "holds a NUL");
            }
        }
        if self.who.contains('\0') || self.why.contains('\0') {
            return Err(StoreError::Unfit("who or why holds a NUL".to_owned()));
        }
        if self.items.len() > EDIT_ITEMS_MAX {
            let items = self.items.len();
            return Err(StoreError::Unfit(format!(
                "{items} items in one edit, the limit is {EDIT_ITEMS_MAX}"
            )));
        }
        Ok(())
    }
}

/// A change of the catalog. Numbers are dense, from 1.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Revision {
    /// Its number.
    pub number: u64,
    /// When it was made.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// Why.
    pub why: String,
    /// How many items it changed.
    pub changes: u64,
}

/// What a revision did to one item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ItemChange {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// The body before; none: it was made here.
    pub before: Option<String>,
    /// The body after; none: it was deleted here.
    pub after: Option<String>,
}

/// Which revisions are wanted; newest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RevisionQuery {
    /// Only those below this number.
    pub below: Option<u64>,
    /// Only those that changed an item of this kind.
    pub kind: Option<Kind>,
    /// Only those that changed an item of this name.
    pub name: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// The part of the database that people write.
pub trait CatalogStore: Clone + Send + Sync + 'static {
    /// The number of the last revision; 0 before the first.
    fn head(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// All items as they are now, of one moment.
    fn catalog(&self) -> impl Future<Output = Result<Catalog, StoreError>> + Send;

    /// All items as they were when revision `number` was the last; 0 gives the empty catalog.
    ///
    /// # Errors
    /// [`StoreError::NoRevision`] if there is none of that number.
    fn catalog_at(&self, number: u64) -> impl Future<Output = Result<Catalog, StoreError>> + Send;

    /// Makes an edit true and answers the number of the last revision. Items that are so already
    /// are left out; where nothing is left, no revision is made.
    ///
    /// # Errors
    /// [`StoreError::Outdated`] if `base` is not the last revision: read again, check again;
    /// [`StoreError::Unfit`] for an item twice, a name over its limit, a NUL.
    fn edit(&self, edit: Edit) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Revisions, newest first.
    fn revisions(
        &self,
        query: RevisionQuery,
    ) -> impl Future<Output = Result<Vec<Revision>, StoreError>> + Send;

    /// One revision and what it changed, by kind and name; none if there is none of that number.
    fn revision(
        &self,
        number: u64,
    ) -> impl Future<Output = Result<Option<(Revision, Vec<ItemChange>)>, StoreError>> + Send;
}
