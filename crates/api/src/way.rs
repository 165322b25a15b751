//! One message's way, step by step with times: received, stored, archived, judged, what became of it,
//! who was told when. From: what is stored: the message, cursors, alerts, deliveries. To: people who
//! ask where it is.
//!
//! Only what is written down is told. A cursor says that a message is behind it, not since when.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use mutt_alert::{Moment, What};
use mutt_event::{Kind, MessageId, Timestamp};
use mutt_pipeline::{ARCHIVE_SYSLOG, ARCHIVE_TRAP, CORRELATE, JUDGE};
use mutt_store::{Cursor, Database, Delivery, DeliveryState, History, PAGE_ROWS_MAX};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::became::{Became, became};
use crate::explain::{stored, why};
use crate::problem::Problem;
use crate::request::Name;
use crate::site::{Site, blocking};

/// The path of a message's way.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(way))
}

/// A message's way.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageWay {
    /// The message's id.
    pub id: String,
    /// Its host.
    pub host: String,
    /// The steps, in their order.
    pub steps: Vec<WayStep>,
}

/// How a step stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepState {
    /// It is done.
    Done,
    /// It will be done.
    Waiting,
    /// It failed for good.
    Failed,
    /// It is not to be done.
    Nothing,
}

/// A step of a message's way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub(crate) struct WayStep {
    /// `received`, `stored`, `archived`, `judged`, `alert` or `told`.
    pub step: &'static str,
    /// Of whom: the archive's reader, the rule, the destination.
    pub name: Option<String>,
    /// How it stands.
    pub state: StepState,
    /// When it was done, in RFC 3339; null: not yet, or nobody wrote down when.
    pub at: Option<String>,
    /// The same in words.
    pub words: String,
    /// The alert that it is about.
    pub alert_id: Option<String>,
    /// The notice that it is about.
    pub notice_id: Option<String>,
}

impl WayStep {
    pub fn new(step: &'static str, state: StepState, words: impl Into<String>) -> Self {
        let words = words.into();
        Self { step, name: None, state, at: None, words, alert_id: None, notice_id: None }
    }

    pub fn at(self, at: Timestamp) -> Self {
        Self { at: Some(at.to_string()), ..self }
    }

    pub fn of(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }
}

/// The way of a stored message: received, stored, archived, judged, its alert, and who was told when.
#[utoipa::path(get, path = "/messages/{id}/way", tag = "messages",
    params(("id" = String, Path, description = "The message's id: an alert's correlation id")),
    responses((status = 200, description = "The steps of its way", body = MessageWay)))]
async fn way(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(id): Name,
) -> Result<Json<MessageWay>, Problem> {
    of_message(&site, id).await.map(Json)
}

/// What is known of a message from the journal alone.
struct Seen {
    id: MessageId,
    host: String,
    kind: Kind,
    is_accepted: bool,
    steps: Vec<WayStep>,
    answer: crate::explain::Answer,
}

/// The way of a stored message.
pub(crate) async fn of_message(site: &Arc<Site>, id: String) -> Result<MessageWay, Problem> {
    let on = Arc::clone(site);
    let seen = blocking(move || {
        stored(&on, &id, |event| {
            let received = format!(
                "received by {}{}",
                event.input.name(),
                event.peer.map(|peer| format!(" from {peer}")).unwrap_or_default()
            );
            let stored = format!(
                "stored in the journal, partition {}, position {}",
                event.id.partition, event.id.position
            );
            Seen {
                id: event.id,
                host: event.host.to_owned(),
                kind: event.kind,
                is_accepted: event.usm.is_none_or(|usm| usm.is_accepted()),
                steps: vec![
                    WayStep::new("received", StepState::Done, received)
                        .of(event.input.name())
                        .at(event.received),
                    WayStep::new("stored", StepState::Done, stored).at(event.id.appended),
                ],
                answer: why(&on, event, true),
            }
        })
    })
    .await??;
    let cursors = site.store.cursors().await?;
    let mut steps = seen.steps;
    steps.extend(archived(&cursors, seen.id, seen.kind));
    let explanation = &seen.answer.explanation;
    let outcome = match (&explanation.owner, seen.is_accepted) {
        (_, false) => "not judged: it failed the checks of SNMP version 3".to_owned(),
        (Some(owner), _) => format!("rule {} owns it, by the rules in force", owner.rule),
        (None, _) if !explanation.clears.is_empty() => {
            "no rule owns it; it clears, by the rules in force".to_owned()
        }
        (None, _) => "no rule owns it, by the rules in force".to_owned(),
    };
    let is_wanted = explanation.owner.is_some() || !explanation.clears.is_empty();
    let judged = judged(&cursors, seen.id, is_wanted, outcome);
    let is_judged = judged.state == StepState::Done;
    let rule = explanation.owner.as_ref().map(|owner| owner.rule.clone());
    steps.push(WayStep { name: rule, ..judged });
    if is_judged && seen.is_accepted {
        for one in became(site, seen.id, explanation).await? {
            steps.extend(of_alert(site, seen.id, &one).await?);
        }
    }
    Ok(MessageWay { id: seen.id.to_string(), host: seen.host, steps })
}

/// The cursor of a reader for a message's partition.
fn cursor<'c>(cursors: &'c [Cursor], reader: &str, id: MessageId) -> Option<&'c Cursor> {
    cursors.iter().find(|cursor| cursor.reader == reader && cursor.partition == id.partition)
}

/// Whether each archive's reader has it.
pub(crate) fn archived(cursors: &[Cursor], id: MessageId, kind: Kind) -> Vec<WayStep> {
    let wanted = if kind == Kind::Trap { ARCHIVE_TRAP } else { ARCHIVE_SYSLOG };
    let step = |state, words: String| WayStep::new("archived", state, words).of(wanted);
    let found = match cursor(cursors, wanted, id) {
        None => step(StepState::Nothing, "no archive of such messages ever ran".to_owned()),
        Some(cursor) if cursor.position > id.position => {
            step(StepState::Done, "the archive's reader is past it; when is not kept".to_owned())
        }
        Some(cursor) => {
            let before = id.position - cursor.position;
            step(
                StepState::Waiting,
                format!("waits for the archive, behind {before} others at most"),
            )
        }
    };
    vec![found]
}

/// Whether it is judged; `is_wanted`: a rule wants it, so that it matters to correlation.
fn judged(cursors: &[Cursor], id: MessageId, is_wanted: bool, outcome: String) -> WayStep {
    let step = |state, words: String| WayStep::new("judged", state, words);
    match cursor(cursors, JUDGE, id) {
        Some(judge) if judge.position > id.position => {
            // With judges of partitions a correlator does the rest.
            let behind = cursor(cursors, CORRELATE, id).filter(|_| is_wanted);
            match behind.filter(|correlator| correlator.position <= id.position) {
                Some(_) => step(StepState::Waiting, format!("{outcome}; it waits for correlation")),
                None => step(StepState::Done, format!("{outcome}; when it was judged is not kept")),
            }
        }
        Some(judge) => {
            let before = id.position - judge.position;
            step(StepState::Waiting, format!("waits for the judge, behind {before} others at most"))
        }
        None => step(StepState::Waiting, "waits for the judge, which has not run yet".to_owned()),
    }
}

/// What became of it by one rule, and who was told.
async fn of_alert(site: &Site, id: MessageId, became: &Became) -> Result<Vec<WayStep>, Problem> {
    let state = if became.alert_id.is_some() { StepState::Done } else { StepState::Nothing };
    let mut words = became.words.clone();
    if !became.quiet.is_empty() {
        words = format!("{words}; nobody was told then: {}", became.quiet.join(", "));
    }
    let mut step = WayStep::new("alert", state, words).of(&became.rule);
    step.alert_id.clone_from(&became.alert_id);
    let Some(alert_id) = &became.alert_id else { return Ok(vec![step]) };
    let moments = site.store.moments(alert_id, 0, PAGE_ROWS_MAX).await?;
    let moments: Vec<Moment> = moments.into_iter().map(|(_, moment)| moment).collect();
    step.at = moments.iter().find(|moment| is_of(moment, id)).map(|moment| moment.at.to_string());
    let mut steps = vec![step];
    let deliveries = site.store.deliveries(alert_id, PAGE_ROWS_MAX).await?;
    // Notices of other messages of the same alert are not its way.
    let own = deliveries.iter().filter(|one| one.notice.cause.as_uuid() == id.as_uuid());
    steps.extend(own.map(told));
    Ok(steps)
}

/// Whether a moment is about this message.
fn is_of(moment: &Moment, id: MessageId) -> bool {
    let is = |other: &MessageId| other.as_uuid() == id.as_uuid();
    match &moment.what {
        What::Event { id, .. } | What::ClearEvent { id, .. } => is(id),
        What::MadeUpOf { ids } => ids.iter().any(is),
        _ => false,
    }
}

/// A notice for a destination.
pub(crate) fn told(delivery: &Delivery) -> WayStep {
    let made = &delivery.notice.at;
    let kind = delivery.notice.kind.name();
    let to = format!("notice `{kind}`, made {made}");
    let answer = delivery.answer.as_deref().unwrap_or("none yet");
    let (state, words) = match delivery.state {
        DeliveryState::Delivered => (StepState::Done, format!("{to}: delivered")),
        DeliveryState::Waiting => {
            let tried = delivery.attempts;
            (StepState::Waiting, format!("{to}: waits, tried {tried} times, last answer: {answer}"))
        }
        DeliveryState::Dead => (StepState::Failed, format!("{to}: refused for good: {answer}")),
        DeliveryState::Superseded => {
            (StepState::Nothing, format!("{to}: never sent: a later notice says all of it"))
        }
    };
    WayStep {
        alert_id: Some(delivery.notice.alert.id.clone()),
        notice_id: Some(delivery.notice.id.clone()),
        at: delivery.done_at.as_ref().map(Timestamp::to_string),
        ..WayStep::new("told", state, words).of(&delivery.destination)
    }
}
