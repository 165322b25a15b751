//! From: one seed. To: a verdict on MUTT's promises.
//!
//! The real journal, judge, archivers and deliverer run on one thread over a simulated disk,
//! network, clock and a database in memory. Senders send, the receiver and Moogsoft are slow and
//! fail, the database loses answers, MUTT is killed or the power fails; then all is well again,
//! the rest drains, and the [oracles](oracle) compare what came out with a simple slow reference.
//!
//! The same seed is the same story, so a failure can be looked at until it is understood.

mod dice;
mod faults;
mod messages;
mod net;
mod node;
pub mod oracle;
mod senders;
mod world;

pub use faults::Bug;
pub use world::{Failure, Summary};

/// Plays one story, with a planted bug if one is asked for.
///
/// # Errors
/// What promise was broken, and the end of the story.
pub fn run(seed: u64, bug: Option<Bug>) -> Result<Summary, Box<Failure>> {
    world::World::new(seed, bug).and_then(world::World::play).map_err(|failed| {
        Box::new(Failure { seed, bug, broken: failed.broken, story: failed.story })
    })
}
