//! A program that LPUSHes to a Redis list: what Redis has answered is acknowledged.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::{Client, RedisResult, cmd};

use super::Progress;
use crate::load;

/// The list.
pub const LIST: &str = "syslog";
/// Held while it pushes. Whoever kills Redis holds it too, so that no push is cut off and it is known
/// of each whether it was done.
pub static PUSHING: Mutex<()> = Mutex::new(());

const BATCH: u64 = 200;
/// Up to 20,000 messages a second.
const PACE: Duration = Duration::from_millis(10);

/// Pushes until it is enough.
pub fn run(target: SocketAddr, progress: &Progress) {
    loop {
        let numbers = progress.take(BATCH, PACE);
        if numbers.is_empty() {
            return;
        }
        let _pushing = PUSHING.lock().unwrap_or_else(PoisonError::into_inner);
        push(target, numbers.map(load::line)).expect("LPUSH");
        progress.acknowledge(BATCH);
    }
}

/// LPUSH of all, as one command.
pub fn push(target: SocketAddr, lines: impl Iterator<Item = String>) -> RedisResult<()> {
    let mut connection = Client::open(format!("redis://{target}"))?.get_connection()?;
    cmd("LPUSH").arg(LIST).arg(lines.collect::<Vec<_>>()).query(&mut connection)
}
