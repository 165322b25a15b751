//! The catalog in memory: every revision with what it changed, and the items as they are now.

use std::collections::BTreeMap;

use crate::catalog::{
    Catalog, CatalogStore, Edit, Item, ItemChange, Kind, Revision, RevisionQuery,
};
use crate::{AuditEntry, MemoryStore, StoreError};

/// The tables of the catalog.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    items: BTreeMap<(Kind, String), (String, u64)>,
    revisions: Vec<(Revision, Vec<ItemChange>)>,
}

impl Shelf {
    fn head(&self) -> u64 {
        self.revisions.len() as u64
    }

    /// Answers the last revision, and what the audit says of the edit.
    fn edit(&mut self, edit: Edit) -> Result<(u64, Option<AuditEntry>), StoreError> {
        edit.check()?;
        let head = self.head();
        if edit.base != head {
            return Err(StoreError::Outdated { base: edit.base, head });
        }
        let mut changes = Vec::new();
        for item in edit.items.clone() {
            let before = self.items.get(&(item.kind, item.name.clone()));
            let before = before.map(|(body, _)| body.clone());
            if before != item.body {
                let (kind, name) = (item.kind, item.name);
                changes.push(ItemChange { kind, name, before, after: item.body });
            }
        }
        if changes.is_empty() {
            return Ok((head, None));
        }
        let number = head + 1;
        changes.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        for change in &changes {
            let key = (change.kind, change.name.clone());
            match &change.after {
                Some(body) => self.items.insert(key, (body.clone(), number)),
                None => self.items.remove(&key),
            };
        }
        let audit = edit.audit(number, &changes);
        let Edit { at, who, why, .. } = edit;
        let revision = Revision { number, at, who, why, changes: changes.len() as u64 };
        self.revisions.push((revision, changes));
        Ok((number, Some(audit)))
    }

    fn at(&self, number: u64) -> Result<Catalog, StoreError> {
        let wanted = usize::try_from(number).ok().and_then(|n| self.revisions.get(..n));
        let wanted = wanted.ok_or(StoreError::NoRevision(number))?;
        let mut items = BTreeMap::new();
        for (revision, changes) in wanted {
            for change in changes {
                let key = (change.kind, change.name.clone());
                match &change.after {
                    Some(body) => items.insert(key, (body.clone(), revision.number)),
                    None => items.remove(&key),
                };
            }
        }
        Ok(catalog(number, &items))
    }
}

fn catalog(revision: u64, items: &BTreeMap<(Kind, String), (String, u64)>) -> Catalog {
    let item = |((kind, name), (body, revision)): (&(Kind, String), &(String, u64))| Item {
        kind: *kind,
        name: name.clone(),
        body: body.clone(),
        revision: *revision,
    };
    Catalog { revision, items: items.iter().map(item).collect() }
}

fn wanted(query: &RevisionQuery, revision: &Revision, changes: &[ItemChange]) -> bool {
    query.below.is_none_or(|below| revision.number < below)
        && changes.iter().any(|change| {
            query.kind.is_none_or(|kind| change.kind == kind)
                && query.name.as_ref().is_none_or(|name| change.name == *name)
        })
}

impl CatalogStore for MemoryStore {
    async fn head(&self) -> Result<u64, StoreError> {
        Ok(self.tables().shelf.head())
    }

    async fn catalog(&self) -> Result<Catalog, StoreError> {
        let tables = self.tables();
        Ok(catalog(tables.shelf.head(), &tables.shelf.items))
    }

    async fn catalog_at(&self, number: u64) -> Result<Catalog, StoreError> {
        self.tables().shelf.at(number)
    }

    async fn edit(&self, edit: Edit) -> Result<u64, StoreError> {
        let mut tables = self.tables();
        let (head, audit) = tables.shelf.edit(edit)?;
        tables.people.append(audit.into_iter().collect());
        Ok(head)
    }

    async fn revisions(&self, query: RevisionQuery) -> Result<Vec<Revision>, StoreError> {
        let tables = self.tables();
        let newest = tables.shelf.revisions.iter().rev();
        let found = newest.filter(|(revision, changes)| wanted(&query, revision, changes));
        Ok(found.take(query.limit as usize).map(|(revision, _)| revision.clone()).collect())
    }

    async fn revision(
        &self,
        number: u64,
    ) -> Result<Option<(Revision, Vec<ItemChange>)>, StoreError> {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        Ok(index.and_then(|index| self.tables().shelf.revisions.get(index).cloned()))
    }
}
