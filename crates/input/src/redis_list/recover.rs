//! The lists of dead workers: whoever is alive moves them back to where the source is read.
//!
//! From: the set of workers, each with a sign of life that ends by itself. To: the source.
//!
//! Two that do this at once take turns, element by element, since a move is one step. A worker
//! that was taken for dead and was not finds its list touched, and takes nothing out of it that it
//! has not stored. A worker is forgotten by a transaction that Redis refuses if it has shown a
//! sign of life or has moved something in since: it shows one before it moves anything.

use redis::pipe;

use super::keys::is_name;
use super::session::Session;
use super::trouble::Trouble;

/// So many workers are looked at each time, picked at random.
const WORKERS: usize = 64;
/// Elements moved in one round trip.
const MOVES: usize = 100;

impl Session<'_> {
    /// Looks at registered workers.
    pub(super) async fn recover(&mut self) -> Result<(), Trouble> {
        let mut commands = pipe();
        commands.cmd("UNWATCH");
        commands.cmd("SRANDMEMBER").arg(&self.worker.keys.workers).arg(WORKERS);
        let mut answers = self.ask(&commands).await?;
        answers.skip(1)?;
        for name in answers.list()? {
            let Ok(name) = String::from_utf8(name) else { continue };
            // Whatever else is in the set, no worker of MUTT's wrote it.
            if is_name(&name) && name != self.worker.name {
                self.look_at(&name).await?;
            }
        }
        Ok(())
    }

    /// If the worker is dead, moves its list back and forgets it.
    async fn look_at(&mut self, name: &str) -> Result<(), Trouble> {
        let (alive, list) = (self.worker.keys.alive(name), self.worker.keys.taken_by(name));
        let mut recovered = 0;
        loop {
            let mut commands = pipe();
            commands.cmd("UNWATCH").cmd("WATCH").arg(&alive).arg(&list);
            commands.cmd("EXISTS").arg(&alive).cmd("LLEN").arg(&list);
            let mut answers = self.ask(&commands).await?;
            answers.skip(2)?;
            let (lives, len) = (answers.count()? > 0, answers.count()?);
            if lives {
                return Ok(());
            }
            if len == 0 {
                return self.forget(name, recovered).await;
            }
            recovered += self.put_back(&list, len.min(MOVES)).await?;
        }
    }

    async fn put_back(&mut self, list: &str, count: usize) -> Result<u64, Trouble> {
        let mut commands = pipe();
        self.sign_of_life(&mut commands);
        for _ in 0..count {
            self.worker.putting_back(&mut commands, list);
        }
        let mut answers = self.ask(&commands).await?;
        self.check_sign(&mut answers)?;
        let mut moved = 0;
        for _ in 0..count {
            moved += u64::from(answers.bytes()?.is_some());
        }
        self.worker.recovered.inc_by(moved);
        Ok(moved)
    }

    /// The worker and its list are watched. If that is refused, it is looked at again next time.
    async fn forget(&mut self, name: &str, recovered: u64) -> Result<(), Trouble> {
        let mut commands = pipe();
        commands.cmd("MULTI").cmd("SREM").arg(&self.worker.keys.workers).arg(name).cmd("EXEC");
        let mut answers = self.ask(&commands).await?;
        answers.skip(2)?;
        if answers.executed()? {
            tracing::info!(input = %self.worker.config.name, worker = name, recovered,
                "a worker is gone: what it had taken and not stored is back in the list");
        }
        Ok(())
    }
}
