//! What a destination is sent for a notice, for people to look at: rendered by the adapter that the
//! deliverer sends by, without what lets us in. From: the API. To: people.

use mutt_event::Timestamp;
use mutt_output::Adapter;
use mutt_store::Delivery;
use serde_json::Value;

/// A destination, as far as it can be shown what it is sent.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Its name.
    pub name: String,
    /// Its language.
    pub adapter: Adapter,
    /// A notice that is sent so long after its cause is marked late.
    pub late_after: std::time::Duration,
}

/// What a destination is sent for one notice, alone in its request.
#[derive(Clone, PartialEq, Debug)]
pub struct Payload {
    /// Its language: `moogsoft_webhook` or `moogsoft_cloud`.
    pub adapter: &'static str,
    /// The body; neither the URL nor a header, where secrets stand.
    pub body: Value,
}

impl Receiver {
    /// What it is sent for this delivery; of one that is done: as of when it was done.
    pub fn payload(&self, delivery: &Delivery, now: Timestamp) -> Payload {
        let mut notice = delivery.notice.clone();
        let at = delivery.done_at.unwrap_or(now);
        notice.late = at.since(notice.received) > self.late_after;
        let request = self.adapter.render_with(&[&notice], None);
        // An adapter makes JSON; anything else is shown as text.
        let body = serde_json::from_slice(&request.body)
            .unwrap_or_else(|_| String::from_utf8_lossy(&request.body).into_owned().into());
        Payload { adapter: self.adapter.name(), body }
    }
}
