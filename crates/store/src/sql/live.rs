//! What changed lately, and dead letters put back, as SQL. From: the API. To: the readers'
//! connections, and a change inside the writer's savepoint.

use mutt_alert::Alert;
use mutt_event::Timestamp;
use sqlx::AssertSqlSafe;

use super::dialect::Dialect;
use super::groups::{groups, values};
use super::rows::{self, DeliveryRow, text};
use super::wire::Wire;
use super::{SqlStore, history::Where};
use crate::live::{CHANGES_MAX, Changes, DeliveryQuery, Live, Replay, TallySum, overtaken_by};
use crate::{Delivery, DeliveryState, PAGE_ROWS_MAX, StoreError, TallyKind};

/// The most rows in one statement.
const ROWS_MAX: usize = 32;

/// The notice that was delivered last and after the delivery `d`, whose alert is `a`, to the same
/// destination and under the same signature.
fn later(dialect: Dialect) -> String {
    let same = dialect.same_text("la.signature", "a.signature");
    format!(
        "(SELECT ld.notice_id FROM alerts AS la JOIN notices AS ln ON ln.alert_id = la.id \
         JOIN deliveries AS ld ON ld.notice_id = ln.id \
         WHERE {same} AND ld.destination = d.destination AND ld.number > d.number \
         AND ld.state = 'delivered' ORDER BY ld.number DESC LIMIT 1)"
    )
}

/// See [`crate::Database::overtaken`].
pub(super) async fn overtaken(
    store: &SqlStore,
    destination: &str,
) -> Result<Vec<(i64, String)>, StoreError> {
    let later = later(store.dialect);
    let put_back = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT d.number, {later} FROM deliveries AS d JOIN notices AS n ON n.id = d.notice_id \
         JOIN alerts AS a ON a.id = n.alert_id \
         WHERE d.destination = $1 AND d.state = 'waiting' AND d.replays > 0"
    )));
    let rows: Vec<(i64, Option<String>)> =
        store.readers.rows(put_back.bind(destination.to_owned())).await?;
    Ok(rows.into_iter().filter_map(|(number, later)| Some((number, later?))).collect())
}

/// Puts dead letters back; see [`Replay`].
pub(super) async fn replay(
    wire: &mut Wire,
    dialect: Dialect,
    replay: &Replay,
) -> Result<(), StoreError> {
    for asked in groups(&replay.numbers, ROWS_MAX) {
        let back = with_later_dead(wire, dialect, asked).await?;
        for rows in groups(&back, ROWS_MAX) {
            put_back(wire, dialect, rows, replay.at).await?;
        }
    }
    Ok(())
}

/// Those of the numbers that are dead, with all later dead ones of the same signature and
/// destination; each with the notice that has overtaken it.
async fn with_later_dead(
    wire: &mut Wire,
    dialect: Dialect,
    asked: &[i64],
) -> Result<Vec<(i64, Option<String>)>, StoreError> {
    let mut sql = String::from("WITH asked (number) AS (");
    values(&mut sql, asked.len(), &["BIGINT"]);
    let same = dialect.same_text("a.signature", "sa.signature");
    sql.push_str(&format!(
        ") SELECT d.number, {} FROM asked JOIN deliveries AS s ON s.number = asked.number \
         JOIN notices AS sn ON sn.id = s.notice_id JOIN alerts AS sa ON sa.id = sn.alert_id \
         JOIN alerts AS a ON {same} JOIN notices AS n ON n.alert_id = a.id \
         JOIN deliveries AS d ON d.notice_id = n.id \
         WHERE s.state = 'dead' AND d.destination = s.destination AND d.number >= s.number \
         AND d.state = 'dead' ORDER BY d.number",
        later(dialect)
    ));
    let mut query = sqlx::query_as(AssertSqlSafe(sql));
    for number in asked {
        query = query.bind(*number);
    }
    let mut rows: Vec<(i64, Option<String>)> = wire.rows(query).await?;
    rows.dedup_by_key(|(number, _)| *number);
    Ok(rows)
}

async fn put_back(
    wire: &mut Wire,
    dialect: Dialect,
    back: &[(i64, Option<String>)],
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut sql = String::from("WITH back (number, state, answer, done_at, times) AS (");
    values(&mut sql, back.len(), &["BIGINT", "TEXT", "TEXT", "BIGINT", "BIGINT"]);
    sql.push_str(&format!(
        ") UPDATE deliveries SET state = back.state, done_at = back.done_at, \
         answer = COALESCE(back.answer, deliveries.answer), \
         replays = deliveries.replays + back.times, changed_at = {} FROM back \
         WHERE deliveries.number = back.number AND deliveries.state = 'dead'",
        dialect.clock()
    ));
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (number, later) in back {
        let state = match later {
            Some(_) => DeliveryState::Superseded,
            None => DeliveryState::Waiting,
        };
        query = query
            .bind(*number)
            .bind(state.name())
            .bind(later.as_deref().map(|later| text(&overtaken_by(later))))
            .bind(later.as_ref().map(|_| at.as_micros()))
            .bind(i64::from(later.is_none()));
    }
    wire.execute(query).await.map(|_| ())
}

impl Live for SqlStore {
    async fn changes(&self, since: Option<Timestamp>) -> Result<Changes, StoreError> {
        let clock = sqlx::query_as(AssertSqlSafe(format!("SELECT {}", self.dialect.clock())));
        let clock: Vec<(i64,)> = self.readers.rows(clock).await?;
        let now = Timestamp::from_micros(clock.first().map_or(0, |(now,)| *now));
        let Some(since) = since else { return Ok(Changes { now, ..Changes::default() }) };
        let alerts = sqlx::query_as(
            "SELECT changed_at, body FROM alerts WHERE changed_at >= $1 ORDER BY changed_at LIMIT $2",
        );
        let alerts = alerts.bind(since.as_micros()).bind(i64::from(CHANGES_MAX));
        let alerts: Vec<(i64, String)> = self.readers.rows(alerts).await?;
        let deliveries = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT changed_at, {DELIVERY} FROM deliveries JOIN notices ON id = notice_id \
             WHERE changed_at >= $1 ORDER BY changed_at LIMIT $2"
        )));
        let deliveries = deliveries.bind(since.as_micros()).bind(i64::from(CHANGES_MAX));
        let deliveries: Vec<ChangedDelivery> = self.readers.rows(deliveries).await?;
        let alert = |(at, body): (i64, String)| {
            Ok::<(Timestamp, Alert), StoreError>((Timestamp::from_micros(at), rows::value(&body)?))
        };
        Ok(Changes {
            now,
            alerts: alerts.into_iter().map(alert).collect::<Result<_, _>>()?,
            deliveries: deliveries.into_iter().map(changed).collect::<Result<_, _>>()?,
        })
    }

    async fn found_deliveries(&self, query: &DeliveryQuery) -> Result<Vec<Delivery>, StoreError> {
        let states: Vec<&str> = query.state.iter().map(|state| state.name()).collect();
        let mut all = Where::one_of("state", &states);
        all.text("destination = ?", query.destination.as_ref());
        all.text("alert_id = ?", query.alert.as_ref());
        all.number("number < ?", query.before);
        let from = format!("SELECT {DELIVERY} FROM deliveries JOIN notices ON id = notice_id");
        let limit = query.limit.min(PAGE_ROWS_MAX);
        let order = if query.oldest_first { "number" } else { "number DESC" };
        let rows: Vec<DeliveryRow> = all.rows(&self.readers, &from, order, limit).await?;
        rows::deliveries(rows)
    }

    async fn delivery(&self, number: i64) -> Result<Option<Delivery>, StoreError> {
        let row = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT {DELIVERY} FROM deliveries JOIN notices ON id = notice_id WHERE number = $1"
        )));
        Ok(rows::deliveries(self.readers.rows(row.bind(number)).await?)?.pop())
    }

    async fn tally_sums(&self, kind: TallyKind) -> Result<Vec<TallySum>, StoreError> {
        let sums = sqlx::query_as(
            "SELECT name, MIN(hour), MAX(hour), CAST(SUM(value) AS BIGINT) FROM tallies \
             WHERE kind = $1 GROUP BY name ORDER BY name",
        );
        let rows: Vec<(String, i64, i64, i64)> = self.readers.rows(sums.bind(kind.name())).await?;
        let sum = |(name, first, last, value): (String, i64, i64, i64)| {
            Ok(TallySum { name, first, last, value: rows::unsigned(value)? })
        };
        rows.into_iter().map(sum).collect()
    }
}

/// The columns of a delivery, as [`rows::deliveries`] reads them.
pub(super) const DELIVERY: &str =
    "number, destination, state, attempts, answer, done_at, replays, body";

type ChangedDelivery = (i64, i64, String, String, i64, Option<String>, Option<i64>, i64, String);

fn changed(row: ChangedDelivery) -> Result<(Timestamp, Delivery), StoreError> {
    let (at, number, destination, state, attempts, answer, done_at, replays, body) = row;
    let row = (number, destination, state, attempts, answer, done_at, replays, body);
    Ok((Timestamp::from_micros(at), rows::delivery(row)?))
}
