//! Rows in groups, each group one statement. From: a change of any size. To: few texts of SQL,
//! which a connection prepares once.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::hash::Hash;

/// Groups of at most `most` rows, whose sizes are powers of two, so that few texts of SQL have to
/// be prepared.
pub(super) fn groups<T>(rows: &[T], most: usize) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = (1 << rest.len().checked_ilog2()?).min(most);
        let (group, others) = rest.split_at(size);
        rest = others;
        Some(group)
    })
}

/// Runs of rows with different keys: PostgreSQL changes no row twice in one statement, and of two
/// new values for one row the later has to win.
pub(super) fn runs<'a, T, K: Hash + Eq>(
    rows: &'a [T],
    key: impl Fn(&'a T) -> K,
) -> impl Iterator<Item = &'a [T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let mut seen = HashSet::new();
        let size = rest.iter().take_while(|row| seen.insert(key(row))).count();
        let (run, others) = rest.split_at(size);
        rest = others;
        (size > 0).then_some(run)
    })
}

/// `VALUES (CAST($1 AS …), …), …`: the types are for databases that ask for them.
pub(super) fn values(sql: &mut String, rows: usize, types: &[&str]) {
    sql.push_str("VALUES ");
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for (column, name) in types.iter().enumerate() {
            let comma = if column == 0 { "" } else { ", " };
            // Writing into a String cannot fail.
            let _ = write!(sql, "{comma}CAST(${} AS {name})", row * types.len() + column + 1);
        }
        sql.push(')');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_powers_of_two_and_keep_the_order() {
        let rows: Vec<u8> = (0..75).collect();
        let sizes: Vec<usize> = groups(&rows, 32).map(<[u8]>::len).collect();
        assert_eq!(sizes, [32, 32, 8, 2, 1]);
        assert_eq!(groups(&rows, 32).flatten().copied().collect::<Vec<u8>>(), rows);
        assert_eq!(groups::<u8>(&[], 32).count(), 0);
    }

    #[test]
    fn no_key_stands_in_a_run_twice() {
        let rows = [1, 2, 1, 1, 3, 2];
        let runs: Vec<&[i32]> = runs(&rows, |row| *row).collect();
        assert_eq!(runs, [&[1, 2][..], &[1], &[1, 3, 2]]);
    }
}
