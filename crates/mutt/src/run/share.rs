//! How many of the lanes' workers a process takes: its share, so that partitions spread evenly.
//!
//! From: the leases by which processes of a kind show that they live. To: each worker of a lane,
//! which takes no lease above the share, and gives one back, one at a time, when another process
//! has come.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mutt_event::Timestamp;
use mutt_pipeline::Tenancy;
use mutt_store::{Lease, Leases, SqlStore, StoreError};
use tokio_util::sync::CancellationToken;

/// How long after a worker was given up the next one is.
const GIVE_UP_EVERY: Duration = Duration::from_millis(500);

/// How many workers this process may have.
#[derive(Debug, Default)]
pub struct Share(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    most: usize,
    /// The workers that hold their lease, or are about to ask for it.
    held: BTreeSet<String>,
    gave_up: Option<Instant>,
}

/// What a worker does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// It works, or asks for its lease.
    Work,
    /// It asks for nothing: the share is taken.
    Rest,
    /// It gives its lease back.
    GiveUp,
}

impl Share {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets how many it may be.
    fn set(&self, most: usize) {
        self.state().most = most;
    }

    /// What a worker does next, by whether it holds its lease.
    pub fn turn(&self, worker: &str, holds: bool) -> Turn {
        let mut state = self.state();
        if !holds {
            if !state.held.contains(worker) && state.held.len() >= state.most {
                return Turn::Rest;
            }
            state.held.insert(worker.to_owned());
            return Turn::Work;
        }
        let rested = state.gave_up.is_none_or(|at| at.elapsed() >= GIVE_UP_EVERY);
        if state.held.len() > state.most && rested {
            state.gave_up = Some(Instant::now());
            state.held.remove(worker);
            return Turn::GiveUp;
        }
        Turn::Work
    }

    /// Says whether a worker holds its lease after its turn.
    pub fn after(&self, worker: &str, holds: bool) {
        if !holds {
            self.state().held.remove(worker);
        }
    }
}

/// Shows that this process lives, and divides `workers` by those that do, until `stop`.
pub async fn divide(
    store: SqlStore,
    mut tenancy: Tenancy<SqlStore>,
    (kind, ttl): (String, Duration),
    (workers, share): (usize, std::sync::Arc<Share>),
    stop: CancellationToken,
) {
    let mut renewed = None;
    while !stop.is_cancelled() {
        match look(&store, &mut tenancy, (&kind, ttl), &mut renewed).await {
            Ok(Some((place, members))) => {
                let more = usize::from(place < workers % members);
                share.set(workers / members + more);
            }
            Ok(None) => {}
            // As it was: whoever has the database's answer has the leases.
            Err(error) => tracing::debug!(%error, kind, "members are not known"),
        }
        tokio::select! {
            () = tokio::time::sleep(ttl / 5) => {}
            () = stop.cancelled() => {}
        }
    }
    if let Err(error) = tenancy.leave().await {
        tracing::debug!(%error, "the membership ends by itself");
    }
}

/// The place of this process among the members of its kind, and how many there are.
async fn look(
    store: &SqlStore,
    tenancy: &mut Tenancy<SqlStore>,
    (kind, ttl): (&str, Duration),
    renewed: &mut Option<(Timestamp, Instant)>,
) -> Result<Option<(usize, usize)>, StoreError> {
    tenancy.keep().await?;
    let Some(mine) = tenancy.tenure().map(|tenure| tenure.lease().name.clone()) else {
        return Ok(None);
    };
    let leases = store.leases().await?;
    let Some(own) = leases.iter().find(|lease| lease.name == mine) else { return Ok(None) };
    // The database's time is that of our renewal and what has passed since.
    let at = match *renewed {
        Some((until, at)) if until == own.until => at,
        _ => renewed.insert((own.until, Instant::now())).1,
    };
    Ok(place(&leases, &mine, kind, own.until.before(ttl).after(at.elapsed())))
}

fn place(leases: &[Lease], mine: &str, kind: &str, now: Timestamp) -> Option<(usize, usize)> {
    let is_member = |lease: &&Lease| lease.name.starts_with(kind) && lease.until > now;
    let mut members: Vec<&str> =
        leases.iter().filter(is_member).map(|lease| lease.name.as_str()).collect();
    members.sort_unstable();
    let place = members.iter().position(|member| *member == mine)?;
    Some((place, members.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(name: &str, until_ms: i64) -> Lease {
        let until = Timestamp::from_millis(until_ms);
        Lease { name: name.to_owned(), holder: String::new(), epoch: 1, until }
    }

    #[test]
    fn members_that_live_have_a_place_each() {
        let now = Timestamp::from_millis(900);
        let leases = [
            lease("judge/0", 1_000),
            lease("member/alert/a", 990),
            lease("member/alert/b", 1_000),
            lease("member/alert/dead", 890),
            lease("member/forward/c", 1_000),
        ];
        let place = |mine: &str| place(&leases, mine, "member/alert/", now);
        assert_eq!(place("member/alert/a"), Some((0, 2)));
        assert_eq!(place("member/alert/b"), Some((1, 2)));
        assert_eq!(place("member/alert/gone"), None);
    }

    #[test]
    fn no_more_than_the_share_is_taken_and_one_at_a_time_given_up() {
        let share = Share::default();
        assert_eq!(share.turn("a", false), Turn::Rest);
        share.set(2);
        for worker in ["a", "b"] {
            assert_eq!(share.turn(worker, false), Turn::Work);
            share.after(worker, true);
        }
        assert_eq!(share.turn("c", false), Turn::Rest);
        // What it asked for and did not get, another may.
        share.after("b", false);
        assert_eq!(share.turn("c", false), Turn::Work);
        share.set(0);
        assert_eq!(share.turn("a", true), Turn::GiveUp);
        assert_eq!(share.turn("c", true), Turn::Work, "not at once");
    }
}
