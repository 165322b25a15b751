//! An HTTP sender that repeats a batch under the same Idempotency-Key until it is accepted.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use super::Progress;
use crate::common::mutt::post;
use crate::load;

/// Messages in a batch.
const BATCH: u64 = 40;
/// About 3,000 messages a second and thread.
const PACE: Duration = Duration::from_millis(10);

/// Sends until it is enough and all is accepted.
pub fn run(target: SocketAddr, progress: &Progress) {
    loop {
        let numbers = progress.take(BATCH, PACE);
        if numbers.is_empty() {
            return;
        }
        let headers =
            format!("Content-Type: text/plain\r\nIdempotency-Key: batch-{}\r\n", numbers.start);
        let body: Vec<String> = numbers.map(load::line).collect();
        let body = body.join("\n");
        while !accepted(target, &headers, body.as_bytes()) {
            progress.repeat(BATCH);
            thread::sleep(Duration::from_millis(5));
        }
        progress.acknowledge(BATCH);
    }
}

fn accepted(target: SocketAddr, headers: &str, body: &[u8]) -> bool {
    match post(target, "/api/v2/ingest", headers, body) {
        Ok((202, _)) => true,
        Ok((503, _)) | Err(_) => false,
        Ok((status, answer)) => panic!("{status}: {answer}"),
    }
}
