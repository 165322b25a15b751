//! Notices as Moogsoft wants them: two products, two adapters, one face.
//!
//! From: the deliverer, with notices in order. To: a [`Request`] for an [`crate::Http`]; and from
//! its result an [`Answer`].

mod cloud;
mod limits;
mod webhook;

pub use cloud::CloudSettings;
pub use webhook::WebhookSettings;

use mutt_alert::{Alert, Notice};
use mutt_secrets::{Passwords, SecretString};

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

    /// Its key or its user's passwords; none: it asks for no authentication.
    pub fn passwords(&self) -> Option<&Passwords> {
        match self {
            Adapter::MoogsoftWebhook(settings) => Some(&settings.login.as_ref()?.1),
            Adapter::MoogsoftCloud(settings) => Some(&settings.api_key),
        }
    }

    /// One request with these notices, in this order, and the likeliest password.
    pub fn render(&self, notices: &[&Notice]) -> Request {
        let likeliest =
            self.passwords().and_then(|passwords| passwords.candidates().into_iter().next());
        self.render_with(notices, likeliest.as_ref())
    }

    /// The same with this password.
    pub fn render_with(&self, notices: &[&Notice], password: Option<&SecretString>) -> Request {
        match self {
            Adapter::MoogsoftWebhook(settings) => webhook::render(settings, notices, password),
            Adapter::MoogsoftCloud(settings) => cloud::render(settings, notices, password),
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

/// One line for a person: what it is, and that it flaps.
fn description(alert: &Alert) -> String {
    let summary = limits::or(&alert.summary, &alert.rule.id);
    match &alert.flapping {
        None => summary.to_owned(),
        Some(flap) => format!("flapping ({} changes): {summary}", flap.changes),
    }
}

#[cfg(test)]
pub(crate) mod tests;
