//! Notices as Moogsoft wants them: two products, two adapters, one face.
//!
//! From: the deliverer, with notices in order. To: a [`Request`] for an [`crate::Http`]; and from
//! its result an [`Answer`].

mod cloud;
mod limits;
mod webhook;

pub use cloud::CloudSettings;
pub use webhook::WebhookSettings;

use mutt_alert::Notice;

use crate::{Answer, HttpError, Request, Response, classify};

/// A destination's own language.
#[derive(Clone, Debug)]
pub enum Adapter {
    /// On-prem Moogsoft: Webhook LAM or REST LAM.
    MoogsoftWebhook(WebhookSettings),
    /// Moogsoft Cloud: the events API.
    MoogsoftCloud(CloudSettings),
}

impl Adapter {
    /// The name as configuration has it.
    pub fn name(&self) -> &'static str {
        match self {
            Adapter::MoogsoftWebhook(_) => "moogsoft_webhook",
            Adapter::MoogsoftCloud(_) => "moogsoft_cloud",
        }
    }

    /// The most notices in one request.
    pub fn batch_max(&self) -> usize {
        match self {
            Adapter::MoogsoftWebhook(settings) => settings.batch_max.max(1),
            Adapter::MoogsoftCloud(settings) => settings.batch_max.max(1),
        }
    }

    /// One request with these notices, in this order.
    pub fn render(&self, notices: &[&Notice]) -> Request {
        match self {
            Adapter::MoogsoftWebhook(settings) => webhook::render(settings, notices),
            Adapter::MoogsoftCloud(settings) => cloud::render(settings, notices),
        }
    }

    /// What the result means for these notices.
    pub fn classify(&self, result: &Result<Response, HttpError>) -> Answer {
        match (self, result) {
            (Adapter::MoogsoftWebhook(_), Ok(response)) => webhook::classify(response),
            _ => classify(result),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
