//! The admin endpoint while a process waits for its secrets, its database or its journal: alive, not
//! ready, and why.
//!
//! From: who waits. To: probes, and whoever looks why nothing comes in.

use std::net::SocketAddr;

use anyhow::Result;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::health::{Check, verbose};
use super::{listen, livez};

/// The endpoint. Its address is free again once it is dropped and its task has ended.
pub struct Waiting {
    why: watch::Sender<String>,
    serving: JoinHandle<()>,
}

impl Waiting {
    /// Listens, and says `why` there is no `what` yet.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub async fn begin(address: SocketAddr, what: &'static str, why: String) -> Result<Self> {
        let listener = listen(address).await?;
        let (why, said) = watch::channel(why);
        let router = Router::new().route("/livez", get(livez)).fallback(not_ready);
        let router = router.with_state((what, said));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "admin: ended");
            }
        });
        Ok(Self { why, serving })
    }

    /// Says this from now on.
    pub fn says(&self, why: String) {
        self.why.send_replace(why);
    }

    /// Ends, so that another can listen there.
    pub async fn end(mut self) {
        self.serving.abort();
        // That it was aborted is what was asked for.
        let _ = (&mut self.serving).await;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.serving.abort();
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
