//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};

/// How long a condition may take before the test fails; far above what it takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks `probe` until it answers; fails the test with `what` and the last thing seen if it never does.
pub fn until<T>(what: &str, mut probe: impl FnMut() -> Result<T, String>) -> T {
    let start = Instant::now();
    loop {
        match probe() {
            Ok(answer) => return answer,
            Err(seen) if start.elapsed() > PATIENCE => panic!("waited for {what}; last: {seen}"),
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// The same for what comes little by little: the patience begins anew whenever fewer are left, as
/// `probe` counts them.
pub fn until_none_left<T>(what: &str, mut probe: impl FnMut() -> Result<T, (usize, String)>) -> T {
    let (mut fewest, mut since) = (usize::MAX, Instant::now());
    loop {
        match probe() {
            Ok(answer) => return answer,
            Err((left, _)) if left < fewest => (fewest, since) = (left, Instant::now()),
            Err((_, seen)) if since.elapsed() > PATIENCE => {
                panic!("waited for {what}; last: {seen}")
            }
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Waits until `probe` is true.
pub fn until_true(what: &str, mut probe: impl FnMut() -> bool) {
    until(what, || if probe() { Ok(()) } else { Err("not yet".to_owned()) });
}
