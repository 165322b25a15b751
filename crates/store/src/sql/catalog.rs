//! The catalog as SQL. From: people's edits, inside the writer's savepoint. To: the tables of items
//! and revisions, and from them to every worker.

use std::collections::HashMap;

use mutt_event::Timestamp;
use sqlx::AssertSqlSafe;

use super::groups::{groups, values};
use super::people;
use super::rows::{stored, unsigned};
use super::wire::Wire;
use super::writer::{self, Work};
use crate::catalog::{
    Catalog, CatalogStore, Edit, Item, ItemChange, ItemEdit, Kind, Revision, RevisionQuery,
};
use crate::{SqlStore, StoreError, Urgency};

/// The most items in one statement.
const ITEMS_MAX: usize = 256;

const HEAD: &str = "SELECT COALESCE(MAX(number), 0) FROM revisions";

type RevisionRow = (i64, i64, String, String, i64);
type ChangeRow = (String, String, Option<String>, Option<String>);

/// Executes an edit; see [`CatalogStore::edit`].
pub(super) async fn apply(wire: &mut Wire, edit: &Edit) -> Result<u64, StoreError> {
    edit.check()?;
    let last = head(wire.rows(sqlx::query_as(HEAD)).await?)?;
    if edit.base != last {
        return Err(StoreError::Outdated { base: edit.base, head: last });
    }
    let mut changes = Vec::new();
    for items in groups(&edit.items, ITEMS_MAX) {
        find_changes(wire, items, &mut changes).await?;
    }
    if changes.is_empty() {
        return Ok(last);
    }
    let number = stored(last + 1)?;
    // Whoever else made this revision meanwhile was first. Nobody did: then none came since `last`
    // was read, so what was read after it is of that revision.
    if !write_revision(wire, edit, number, changes.len()).await? {
        writer::undo(wire).await?;
        let last = head(wire.rows(sqlx::query_as(HEAD)).await?)?;
        return Err(StoreError::Outdated { base: edit.base, head: last });
    }
    for changes in groups(&changes, ITEMS_MAX) {
        write_changes(wire, number, changes).await?;
    }
    let made: Vec<&ItemChange> = changes.iter().filter(|one| one.after.is_some()).collect();
    for made in groups(&made, ITEMS_MAX) {
        write_items(wire, number, made).await?;
    }
    if made.len() < changes.len() {
        delete_items(wire, number).await?;
    }
    people::append(wire, &[edit.audit(last + 1, &changes)]).await?;
    Ok(last + 1)
}

/// Adds what differs from the items as they are.
///
/// The inner SELECT is looked up in its index, row by row, whatever a database knows of the sizes
/// of its tables: by lists of names PostgreSQL took two minutes for 50,000 items, before it knew.
async fn find_changes(
    wire: &mut Wire,
    items: &[ItemEdit],
    changes: &mut Vec<ItemChange>,
) -> Result<(), StoreError> {
    let mut sql = String::from("WITH wanted (kind, name) AS (");
    values(&mut sql, items.len(), &["TEXT", "TEXT"]);
    sql.push_str(
        ") SELECT kind, name, (SELECT body FROM items WHERE items.kind = wanted.kind \
         AND items.name = wanted.name) FROM wanted",
    );
    let mut query = sqlx::query_as(AssertSqlSafe(sql));
    for item in items {
        query = query.bind(item.kind.name()).bind(&item.name);
    }
    let mut found = HashMap::new();
    for (kind, name, body) in wire.rows::<(String, String, Option<String>)>(query).await? {
        found.insert((known(&kind)?, name), body);
    }
    for item in items {
        let before = found.remove(&(item.kind, item.name.clone())).flatten();
        if before != item.body {
            let (kind, name, after) = (item.kind, item.name.clone(), item.body.clone());
            changes.push(ItemChange { kind, name, before, after });
        }
    }
    Ok(())
}

/// Whether nobody was first.
async fn write_revision(
    wire: &mut Wire,
    edit: &Edit,
    number: i64,
    changes: usize,
) -> Result<bool, StoreError> {
    let query = sqlx::query(
        "INSERT INTO revisions (number, at, who, why, changes) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (number) DO NOTHING",
    )
    .bind(number)
    .bind(edit.at.as_micros())
    .bind(&edit.who)
    .bind(&edit.why)
    .bind(stored(changes as u64)?);
    Ok(wire.execute(query).await? == 1)
}

async fn write_changes(
    wire: &mut Wire,
    number: i64,
    changes: &[ItemChange],
) -> Result<(), StoreError> {
    let mut sql = String::from("INSERT INTO revision_items (revision, kind, name, before, after) ");
    values(&mut sql, changes.len(), &["BIGINT", "TEXT", "TEXT", "TEXT", "TEXT"]);
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for change in changes {
        query = query
            .bind(number)
            .bind(change.kind.name())
            .bind(&change.name)
            .bind(&change.before)
            .bind(&change.after);
    }
    wire.execute(query).await.map(|_| ())
}

async fn write_items(wire: &mut Wire, number: i64, made: &[&ItemChange]) -> Result<(), StoreError> {
    let mut sql = String::from("INSERT INTO items (kind, name, revision, body) ");
    values(&mut sql, made.len(), &["TEXT", "TEXT", "BIGINT", "TEXT"]);
    sql.push_str(
        " ON CONFLICT (kind, name) DO UPDATE SET revision = excluded.revision, \
         body = excluded.body",
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for item in made {
        query = query.bind(item.kind.name()).bind(&item.name).bind(number).bind(&item.after);
    }
    wire.execute(query).await.map(|_| ())
}

/// What the revision ended, by its own rows, which are written already.
async fn delete_items(wire: &mut Wire, number: i64) -> Result<(), StoreError> {
    let query = sqlx::query(
        "DELETE FROM items WHERE (kind, name) IN \
         (SELECT kind, name FROM revision_items WHERE revision = $1 AND after IS NULL)",
    );
    wire.execute(query.bind(number)).await.map(|_| ())
}

fn head(rows: Vec<(i64,)>) -> Result<u64, StoreError> {
    rows.first().map_or(Ok(0), |(number,)| unsigned(*number))
}

fn known(name: &str) -> Result<Kind, StoreError> {
    Kind::from_name(name).ok_or_else(|| StoreError::Damaged(format!("unknown kind `{name}`")))
}

fn revision((number, at, who, why, changes): RevisionRow) -> Result<Revision, StoreError> {
    let (number, changes) = (unsigned(number)?, unsigned(changes)?);
    Ok(Revision { number, at: Timestamp::from_micros(at), who, why, changes })
}

/// In the order that is promised, whatever order the database gave.
fn catalog(revision: u64, mut items: Vec<Item>) -> Catalog {
    items.sort_unstable_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    Catalog { revision, items }
}

impl CatalogStore for SqlStore {
    async fn head(&self) -> Result<u64, StoreError> {
        head(self.readers.rows(sqlx::query_as(HEAD)).await?)
    }

    /// One statement, so that the revision and the items are of one moment in every database.
    async fn catalog(&self) -> Result<Catalog, StoreError> {
        type Row = (i64, Option<String>, Option<String>, Option<i64>, Option<String>);
        let query = sqlx::query_as(
            "SELECT last.number, kind, name, revision, body \
             FROM (SELECT COALESCE(MAX(number), 0) AS number FROM revisions) AS last \
             LEFT JOIN items ON 1 = 1",
        );
        let rows: Vec<Row> = self.readers.rows(query).await?;
        let last = rows.first().map_or(Ok(0), |row| unsigned(row.0))?;
        let mut items = Vec::with_capacity(rows.len());
        for row in rows {
            if let (_, Some(kind), Some(name), Some(revision), Some(body)) = row {
                let (kind, revision) = (known(&kind)?, unsigned(revision)?);
                items.push(Item { kind, name, body, revision });
            }
        }
        Ok(catalog(last, items))
    }

    async fn catalog_at(&self, number: u64) -> Result<Catalog, StoreError> {
        // What a revision did never changes, so these two need not be of one moment.
        if number > self.head().await? {
            return Err(StoreError::NoRevision(number));
        }
        let query = sqlx::query_as(
            "SELECT now.kind, now.name, now.revision, now.after FROM \
             (SELECT kind, name, MAX(revision) AS revision FROM revision_items \
              WHERE revision <= $1 GROUP BY kind, name) AS last \
             JOIN revision_items AS now ON now.revision = last.revision \
             AND now.kind = last.kind AND now.name = last.name WHERE now.after IS NOT NULL",
        );
        let rows: Vec<(String, String, i64, String)> =
            self.readers.rows(query.bind(stored(number)?)).await?;
        let item = |(kind, name, revision, body): (String, _, _, _)| {
            Ok(Item { kind: known(&kind)?, name, body, revision: unsigned(revision)? })
        };
        Ok(catalog(number, rows.into_iter().map(item).collect::<Result<_, StoreError>>()?))
    }

    async fn edit(&self, edit: Edit) -> Result<u64, StoreError> {
        Ok(self.ask(Urgency::Person, Work::Edit(Box::new(edit))).await?.head)
    }

    async fn revisions(&self, query: RevisionQuery) -> Result<Vec<Revision>, StoreError> {
        let mut sql =
            String::from("SELECT number, at, who, why, changes FROM revisions WHERE number < $1");
        if query.kind.is_some() || query.name.is_some() {
            // Always by kind, which is how the index begins.
            let kinds = query.kind.map_or(Kind::ALL.to_vec(), |kind| vec![kind]);
            let kinds: Vec<String> = kinds.iter().map(|k| format!("'{}'", k.name())).collect();
            sql += " AND number IN (SELECT revision FROM revision_items WHERE kind IN (";
            sql += &kinds.join(", ");
            sql += if query.name.is_some() { ") AND name = $3)" } else { "))" };
        }
        sql += " ORDER BY number DESC LIMIT $2";
        let below = query.below.map_or(i64::MAX, |below| i64::try_from(below).unwrap_or(i64::MAX));
        let mut asked = sqlx::query_as(AssertSqlSafe(sql)).bind(below).bind(i64::from(query.limit));
        if let Some(name) = &query.name {
            asked = asked.bind(name);
        }
        self.readers.rows(asked).await?.into_iter().map(revision).collect()
    }

    async fn revision(
        &self,
        number: u64,
    ) -> Result<Option<(Revision, Vec<ItemChange>)>, StoreError> {
        let Ok(number) = i64::try_from(number) else { return Ok(None) };
        let found =
            sqlx::query_as("SELECT number, at, who, why, changes FROM revisions WHERE number = $1");
        let found: Vec<RevisionRow> = self.readers.rows(found.bind(number)).await?;
        let Some(found) = found.into_iter().next() else { return Ok(None) };
        let changes = sqlx::query_as(
            "SELECT kind, name, before, after FROM revision_items WHERE revision = $1",
        );
        let rows: Vec<ChangeRow> = self.readers.rows(changes.bind(number)).await?;
        let change = |(kind, name, before, after): ChangeRow| {
            Ok(ItemChange { kind: known(&kind)?, name, before, after })
        };
        let mut changes: Vec<ItemChange> =
            rows.into_iter().map(change).collect::<Result<_, StoreError>>()?;
        changes.sort_unstable_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        Ok(Some((revision(found)?, changes)))
    }
}
