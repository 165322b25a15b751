//! From: one seed. To: a verdict on MUTT's promises.
//!
//! The real journal, judges, archivers and deliverers run on one thread over a simulated disk or
//! Redis, network, clock and a database in memory. Senders send, people decide, rules change, the
//! receiver and Moogsoft are slow and fail, the database loses answers, workers stand still, MUTT
//! is killed or the power fails; then all is well again, the rest drains, and the
//! oracles compare what came out with a simple slow reference.
//!
//! The same seed is the same story, so a failure can be looked at until it is understood.

mod bug;
mod crew;
mod dice;
mod disk;
mod messages;
mod net;
mod node;
mod oracle;
mod redis;
mod rules;
mod senders;
mod shrink;
mod store;
mod summary;
mod tale;
mod trail;
mod world;

pub use bug::Bug;
pub use shrink::shorten;
pub use summary::Summary;
pub use tale::{ACTIONS, Form, Tale, Trouble};
pub use world::Failure;

/// Plays one story.
///
/// # Errors
/// What promise was broken, and the end of the story.
pub fn play(tale: &Tale) -> Result<Summary, Box<Failure>> {
    world::World::new(tale.clone()).and_then(world::World::play).map_err(|failed| {
        Box::new(Failure { tale: tale.clone(), broken: failed.broken, story: failed.story })
    })
}
