//! What people decide is written down, and done by the judge. From: handlers that wrote a decision.
//! To: the answer's status, once the judge took it away, or after a while.

use std::time::Duration;

use axum::http::StatusCode;
use mutt_store::StoreError;

use crate::problem::Problem;

/// How long a decision is waited for before it is called accepted, not done.
const DONE_WITHIN: Duration = Duration::from_secs(3);

/// How often it is looked whether a decision is done.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits for the judge as long as `waits` says that the decision is there: 200 once it is done,
/// 202 if that takes too long.
pub async fn status<F>(waits: impl Fn() -> F) -> Result<StatusCode, Problem>
where
    F: Future<Output = Result<bool, StoreError>>,
{
    let looks = DONE_WITHIN.as_millis() / LOOK_EVERY.as_millis();
    for _ in 0..looks {
        if !waits().await? {
            return Ok(StatusCode::OK);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(StatusCode::ACCEPTED)
}
