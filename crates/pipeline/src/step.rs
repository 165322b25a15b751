//! What a step of a worker answers to the one that drives it.

use mutt_event::Timestamp;
use mutt_journal::ReadError;
use mutt_store::StoreError;
use thiserror::Error;

/// What came of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// Something was done; step again at once.
    Progress,
    /// Nothing to do now.
    Idle {
        /// When there is something to do even if nothing new arrives; none: only if it does.
        wake_at: Option<Timestamp>,
    },
}

impl Step {
    /// Idle until `wake_at` at the latest.
    pub(crate) fn idle(wake_at: Timestamp) -> Self {
        Step::Idle { wake_at: Some(wake_at) }
    }
}

/// A worker cannot go on as it is: drop it and open it anew. Nothing of its last step is true.
#[derive(Debug, Error)]
pub enum StepError {
    /// Another worker has taken over its cursors, or its lease.
    #[error("{0}")]
    Fenced(StoreError),
    /// The database refused for good.
    #[error("{0}")]
    Store(StoreError),
    /// The journal cannot be read.
    #[error("journal: {0}")]
    Journal(#[from] ReadError),
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Fenced { .. } | StoreError::Superseded { .. } => StepError::Fenced(error),
            error => StepError::Store(error),
        }
    }
}

/// Whether the same change may be tried again.
pub(crate) fn passes(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable(_) | StoreError::Full(_))
}
