//! Time on the processor, which other load of the machine does not lengthen much.

use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::time::{ClockId, clock_gettime};

/// Of this thread; zero where the system does not tell.
pub fn own() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from).unwrap_or_default()
}

/// Of all child processes that ended.
#[allow(dead_code)] // each benchmark uses some of it
pub fn children() -> Duration {
    let time = |time: TimeVal| {
        let micros = time.tv_sec().saturating_mul(1_000_000).saturating_add(time.tv_usec());
        Duration::from_micros(u64::try_from(micros).unwrap_or_default())
    };
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN);
    usage.map(|usage| time(usage.user_time()) + time(usage.system_time())).unwrap_or_default()
}
