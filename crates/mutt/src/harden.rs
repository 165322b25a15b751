//! Keeps the process's memory, and the secrets in it, out of core dumps and from debuggers.
//!
//! From: the first line of `main`. To: the kernel. /proc/PID then belongs to root; what anybody may
//! read there (stat, status) stays readable.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// No core dumps of this process, whatever the system's limits are.
///
/// # Errors
/// What the kernel says.
pub fn no_core_dumps() -> io::Result<()> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // Programs that it starts have the limit, too.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    Ok(())
}
