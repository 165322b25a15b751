//! Sums of numbers by the hour, as SQL. From: the API. To: the readers' connections.

use std::ops::Range;

use super::{SqlStore, rows};
use crate::sums::{DaySum, NAMES_MAX, Sums};
use crate::{StoreError, TallyKind};

impl Sums for SqlStore {
    async fn first_hour(&self, kind: TallyKind) -> Result<Option<i64>, StoreError> {
        let rows =
            sqlx::query_as("SELECT hour FROM tallies WHERE kind = $1 ORDER BY hour, name LIMIT 1")
                .bind(kind.name());
        let found: Vec<(i64,)> = self.readers.rows(rows).await?;
        Ok(found.first().map(|(hour,)| *hour))
    }

    async fn last_hours(&self, kind: TallyKind) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT name, MAX(hour) FROM tallies WHERE kind = $1 GROUP BY name ORDER BY name",
        )
        .bind(kind.name());
        self.readers.rows(rows).await
    }

    async fn hour_sums(
        &self,
        kind: TallyKind,
        hours: Range<i64>,
    ) -> Result<Vec<(i64, u64)>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT hour, CAST(SUM(value) AS BIGINT) FROM tallies \
             WHERE kind = $1 AND hour >= $2 AND hour < $3 GROUP BY hour ORDER BY hour",
        )
        .bind(kind.name())
        .bind(hours.start)
        .bind(hours.end);
        let found: Vec<(i64, i64)> = self.readers.rows(rows).await?;
        found.into_iter().map(|(hour, sum)| Ok((hour, rows::unsigned(sum)?))).collect()
    }

    async fn day_sums(
        &self,
        kind: TallyKind,
        hours: Range<i64>,
    ) -> Result<Vec<DaySum>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT name, hour / 24, CAST(SUM(value) AS BIGINT) FROM tallies \
             WHERE kind = $1 AND hour >= $2 AND hour < $3 \
             GROUP BY name, hour / 24 ORDER BY name, hour / 24",
        )
        .bind(kind.name())
        .bind(hours.start)
        .bind(hours.end);
        let found: Vec<(String, i64, i64)> = self.readers.rows(rows).await?;
        let sum = |(name, day, sum): (String, i64, i64)| {
            Ok(DaySum { name, day, value: rows::unsigned(sum)? })
        };
        found.into_iter().map(sum).collect()
    }

    async fn name_sums(
        &self,
        kind: TallyKind,
        hours: Range<i64>,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT name, CAST(SUM(value) AS BIGINT) AS sum FROM tallies \
             WHERE kind = $1 AND hour >= $2 AND hour < $3 \
             GROUP BY name ORDER BY sum DESC, name LIMIT $4",
        )
        .bind(kind.name())
        .bind(hours.start)
        .bind(hours.end)
        .bind(i64::from(NAMES_MAX));
        let found: Vec<(String, i64)> = self.readers.rows(rows).await?;
        found.into_iter().map(|(name, sum)| Ok((name, rows::unsigned(sum)?))).collect()
    }
}
