//! A worker that works only while it holds its lease, and stands by while another does.
//!
//! From: whoever drives a worker, a runtime or the simulator. To: the worker inside, which is
//! opened once the lease is held, dropped once it is lost, and not stepped past its deadline.

use std::future::Future;

use mutt_event::Timestamp;
use mutt_journal::Lane;
use mutt_output::Http;
use mutt_store::{Database, Leases};

use crate::tenancy::{Seat, Tenancy, Tenure};
use crate::{Correlation, Deliverer, Judge, LaneJudge, Mine, Step, StepError};

/// What all workers have in common.
pub trait Worker {
    /// Does what there is to do now, one batch at most.
    ///
    /// # Errors
    /// See [`StepError`].
    fn step(&mut self, now: Timestamp) -> impl Future<Output = Result<Step, StepError>>;

    /// Ends well: what is done becomes true, and connections are closed.
    ///
    /// # Errors
    /// See [`StepError`].
    fn stop(&mut self, now: Timestamp) -> impl Future<Output = Result<(), StepError>>;
}

/// Those whose own `step` and `stop` are all of it.
macro_rules! worker {
    ($name:ident<$($of:ident: $is:ident),+>) => {
        impl<$($of: $is),+> Worker for $name<$($of),+> {
            async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
                $name::step(self, now).await
            }

            async fn stop(&mut self, now: Timestamp) -> Result<(), StepError> {
                $name::stop(self, now).await
            }
        }
    };
}

worker!(Judge<L: Lane, B: Database>);
worker!(LaneJudge<L: Lane, B: Database>);
worker!(Mine<L: Lane, B: Database>);
worker!(Correlation<B: Database>);

impl<B: Database, H: Http> Worker for Deliverer<B, H> {
    async fn step(&mut self, now: Timestamp) -> Result<Step, StepError> {
        Deliverer::step(self, now).await
    }

    async fn stop(&mut self, _: Timestamp) -> Result<(), StepError> {
        // What a step has sent it has written down; there is nothing left to end.
        Ok(())
    }
}

/// A worker under a lease; see the [module](self). `open` makes it, each time that the lease was
/// taken.
pub struct Leased<B, W, O> {
    tenancy: Tenancy<B>,
    open: O,
    worker: Option<W>,
    seat: Option<Seat>,
}

impl<B, W, O, F, E> Leased<B, W, O>
where
    B: Leases,
    W: Worker,
    O: FnMut(Tenure) -> F,
    F: Future<Output = Result<W, E>>,
    E: From<StepError>,
{
    /// Takes nothing and opens nothing yet.
    pub fn new(tenancy: Tenancy<B>, open: O) -> Self {
        Self { tenancy, open, worker: None, seat: None }
    }

    /// How it stands to its lease; none: it has not asked yet, or had to begin anew.
    pub fn seat(&self) -> Option<&Seat> {
        self.seat.as_ref()
    }

    /// Takes or renews the lease when it is time, opens the worker when it is newly held, and
    /// steps it; otherwise says when to look again.
    ///
    /// # Errors
    /// The worker's, of opening or stepping it, or the database's. It is gone then with all that it
    /// had begun: the next step takes the lease anew and opens another.
    pub async fn step(&mut self, now: Timestamp) -> Result<Step, E> {
        let stepped = self.try_step(now).await;
        if stepped.is_err() {
            self.drop_worker();
        }
        stepped
    }

    /// Ends the worker well, and gives the lease back.
    ///
    /// # Errors
    /// The worker's. The lease is given back all the same, or ends by itself.
    pub async fn stop(&mut self, now: Timestamp) -> Result<(), E> {
        let stopped = match &mut self.worker {
            Some(worker) => worker.stop(now).await,
            None => Ok(()),
        };
        if let Err(error) = self.tenancy.leave().await {
            tracing::warn!(%error, "a lease was not given back: it ends by itself");
        }
        self.drop_worker();
        Ok(stopped?)
    }

    async fn try_step(&mut self, now: Timestamp) -> Result<Step, E> {
        let seat = self.tenancy.keep().await.map_err(StepError::from)?;
        let held = matches!(seat, Seat::Held { .. });
        if seat == Seat::Lost {
            self.worker = None;
        }
        if self.seat.as_ref() != Some(&seat) {
            self.seat = Some(seat);
        }
        if !held {
            return Ok(Step::idle(now.after(self.tenancy.asks_in())));
        }
        if let Some(worker) = &mut self.worker {
            return Ok(match worker.step(now).await? {
                Step::Progress => Step::Progress,
                Step::Idle { wake_at } => {
                    let asks_at = now.after(self.tenancy.asks_in());
                    Step::idle(wake_at.map_or(asks_at, |at| at.min(asks_at)))
                }
            });
        }
        if let Some(tenure) = self.tenancy.tenure().cloned() {
            self.worker = Some((self.open)(tenure).await?);
        }
        // Opening may take longer than a lease lasts: it is looked at again before the first step.
        Ok(Step::Progress)
    }

    fn drop_worker(&mut self) {
        self.worker = None;
        self.seat = None;
        self.tenancy.forget();
    }
}
