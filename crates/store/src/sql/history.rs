//! What people ask of alerts, as SQL. From: the API. To: the readers' connections.

use std::fmt::Write as _;

use mutt_alert::{Alert, Moment};
use mutt_event::Timestamp;
use mutt_patterns::{Pattern, PatternId};
use sqlx::AssertSqlSafe;

use super::live::DELIVERY;
use super::wire::{Readers, Row};
use super::{SqlStore, patterns, rows};
use crate::history::{AlertQuery, History, PAGE_ROWS_MAX, Tally, TallyKind};
use crate::{Delivery, PatternQuery, StoreError};

/// A condition's value.
enum Value {
    Text(String),
    Number(i64),
}

/// The conditions of a query, and their values in order.
pub(super) struct Where {
    sql: String,
    values: Vec<Value>,
}

impl Where {
    /// `sql` has `?` where the value belongs.
    fn and(&mut self, sql: &str, value: Value) {
        self.values.push(value);
        let place = format!("${}", self.values.len());
        // Writing into a String cannot fail.
        let _ = write!(self.sql, " AND {}", sql.replacen('?', &place, 1));
    }

    pub(super) fn text(&mut self, sql: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.and(sql, Value::Text(rows::text(value)));
        }
    }

    pub(super) fn number(&mut self, sql: &str, value: Option<i64>) {
        if let Some(value) = value {
            self.and(sql, Value::Number(value));
        }
    }

    /// All rows whose column has one of these names, which are the program's own; none: all rows.
    pub(super) fn one_of(column: &str, names: &[&'static str]) -> Self {
        let mut all = Where { sql: "TRUE".to_owned(), values: Vec::new() };
        if !names.is_empty() {
            let names = names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
            let _ = write!(all.sql, " AND {column} IN ({names})");
        }
        all
    }

    /// The column holds this text, in any case of letters; it is kept in lower case.
    pub(super) fn holds(&mut self, column: &str, text: Option<&str>) {
        let sql = format!("{column} LIKE ? ESCAPE '\\'");
        self.text(&sql, text.map(like).as_ref());
    }

    /// Behind a row, in the falling order of a number and the id.
    pub(super) fn behind(&mut self, by: &str, before: Option<(i64, String)>) {
        let Some((number, id)) = before else { return };
        self.and(&format!("{by} <= ?"), Value::Number(number));
        self.and(&format!("({by} < ?"), Value::Number(number));
        self.values.push(Value::Text(id));
        let _ = write!(self.sql, " OR id < ${})", self.values.len());
    }

    /// The bodies of the rows of a table.
    pub(super) async fn bodies(
        self,
        readers: &Readers,
        table: &str,
        order: &str,
        limit: u32,
    ) -> Result<Vec<(String,)>, StoreError> {
        self.rows(readers, &format!("SELECT body FROM {table}"), order, limit).await
    }

    /// The rows of a query that has no condition yet.
    pub(super) async fn rows<R: Row>(
        self,
        readers: &Readers,
        select: &str,
        order: &str,
        limit: u32,
    ) -> Result<Vec<R>, StoreError> {
        let Where { sql, values } = self;
        let limits = values.len() + 1;
        let sql = format!("{select} WHERE {sql} ORDER BY {order} LIMIT ${limits}");
        let mut rows = sqlx::query_as(AssertSqlSafe(sql));
        for value in values {
            rows = match value {
                Value::Text(text) => rows.bind(text),
                Value::Number(number) => rows.bind(number),
            };
        }
        readers.rows(rows.bind(i64::from(limit))).await
    }

    fn of(query: &AlertQuery) -> Self {
        let states: Vec<_> = query.states.iter().map(|state| state.name()).collect();
        let mut all = Where::one_of("state", &states);
        all.text("host = ?", query.host.as_ref());
        all.text("rule_id = ?", query.rule.as_ref());
        all.text("team = ?", query.team.as_ref());
        all.text("signature = ?", query.signature.as_ref());
        all.holds("words", query.text.as_deref());
        all.text("cause = ?", query.cause.map(|cause| cause.to_string()).as_ref());
        all.number("severity >= ?", query.severity.map(|severity| i64::from(severity.number())));
        all.number("last_seen >= ?", query.since.map(Timestamp::as_micros));
        all.number("first_seen < ?", query.until.map(Timestamp::as_micros));
        let before = query.before.as_ref();
        all.behind("first_seen", before.map(|(began, id)| (began.as_micros(), id.clone())));
        all
    }
}

/// What holds the text anywhere, its signs of a pattern as they are.
fn like(text: &str) -> String {
    let mut like = String::from("%");
    for letter in text.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '\\') {
            like.push('\\');
        }
        like.push(letter);
    }
    like.push('%');
    like
}

impl History for SqlStore {
    async fn alerts(&self, query: &AlertQuery) -> Result<Vec<Alert>, StoreError> {
        let limit = query.limit.min(PAGE_ROWS_MAX);
        let order = "first_seen DESC, id DESC";
        rows::alerts(Where::of(query).bodies(&self.readers, "alerts", order, limit).await?)
    }

    async fn alert(&self, id: &str) -> Result<Option<Alert>, StoreError> {
        let rows = sqlx::query_as("SELECT body FROM alerts WHERE id = $1").bind(id.to_owned());
        Ok(rows::alerts(self.readers.rows(rows).await?)?.pop())
    }

    async fn moments(
        &self,
        alert_id: &str,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Moment)>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT number, at, body FROM moments WHERE alert_id = $1 AND number > $2 \
             ORDER BY number LIMIT $3",
        )
        .bind(alert_id.to_owned())
        .bind(after)
        .bind(i64::from(limit.min(PAGE_ROWS_MAX)));
        let found: Vec<(i64, i64, String)> = self.readers.rows(rows).await?;
        let moment = |(number, at, body): (i64, i64, String)| {
            let at = Timestamp::from_micros(at);
            let what = rows::value(&body)?;
            Ok((number, Moment { alert_id: alert_id.to_owned(), at, what }))
        };
        found.into_iter().map(moment).collect()
    }

    async fn deliveries(&self, alert_id: &str, limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let rows = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT {DELIVERY} FROM deliveries JOIN notices ON id = notice_id \
             WHERE alert_id = $1 ORDER BY number LIMIT $2"
        )))
        .bind(alert_id.to_owned())
        .bind(i64::from(limit.min(PAGE_ROWS_MAX)));
        rows::deliveries(self.readers.rows(rows).await?)
    }

    async fn tallies(
        &self,
        kind: TallyKind,
        from: i64,
        until: i64,
    ) -> Result<Vec<Tally>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT hour, name, value FROM tallies WHERE kind = $1 AND hour >= $2 AND hour < $3 \
             ORDER BY hour, name",
        )
        .bind(kind.name())
        .bind(from)
        .bind(until);
        let found: Vec<(i64, String, i64)> = self.readers.rows(rows).await?;
        let tally = |(hour, name, value): (i64, String, i64)| {
            Ok(Tally { hour, kind, name, value: rows::unsigned(value)? })
        };
        found.into_iter().map(tally).collect()
    }

    async fn found_patterns(&self, query: &PatternQuery) -> Result<Vec<Pattern>, StoreError> {
        patterns::find(&self.readers, query).await
    }

    async fn pattern(&self, id: PatternId) -> Result<Option<Pattern>, StoreError> {
        patterns::one(&self.readers, id).await
    }
}
