//! The admin endpoint while a process waits for its secrets, its database or its journal: alive, not
//! ready, and why.
//!
//! From: who waits. To: probes, and whoever looks why nothing comes in.

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use mutt_api::ListenConfig;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::health::{Check, verbose};
use super::{bind, livez};

/// The endpoint. Its address is free again once it is dropped and its task has ended.
pub struct Waiting {
    why: watch::Sender<String>,
    serving: JoinHandle<()>,
    stop: DropGuard,
}

impl Waiting {
    /// Listens, and says `why` there is no `what` yet.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub async fn begin(config: ListenConfig, what: &'static str, why: String) -> Result<Self> {
        let listener = bind(config).await?;
        let (why, said) = watch::channel(why);
        let router = Router::new().route("/livez", get(livez)).fallback(not_ready);
        let router = router.with_state((what, said));
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let serving = tokio::spawn(async move { listener.serve(router, &stopped).await });
        Ok(Self { why, serving, stop: stop.drop_guard() })
    }

    /// Says this from now on.
    pub fn says(&self, why: String) {
        self.why.send_replace(why);
    }

    /// Ends, so that another can listen there.
    pub async fn end(self) {
        drop(self.stop);
        if self.serving.await.is_err() {
            tracing::error!("admin: the page of the start did not end well");
        }
    }
}

type Said = (&'static str, watch::Receiver<String>);

async fn not_ready(State((what, why)): State<Said>) -> impl IntoResponse {
    let check = |name: &str, wrong: String| Check {
        name: name.to_owned(),
        wrong: Some(wrong),
        needed: true,
        note: None,
    };
    let why = why.borrow().clone();
    let inputs = format!("none listens before the {what} can be had");
    let checks = [check("inputs", inputs), check(what, why)];
    (StatusCode::SERVICE_UNAVAILABLE, verbose(&checks))
}
