//! Why a message came out as it did: of one that is stored, by its id, or of one that is pasted.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use mutt_alert::DRILL_LASTS;
use mutt_event::{Envelope, Event, Flags, Input, Kind, MessageId, Oid, Timestamp};
use mutt_journal::{Lane, LaneReader, Position, ReadBatch, Record};
use mutt_rules::{Explanation, Match, Matched, TrapExample, trap_datagram};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::became::{Became, became};
use crate::message::MessageView;
use crate::problem::{Fault, Problem};
use crate::request::{Body, Name};
use crate::site::{Site, blocking};

/// The paths of messages and their explanations.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(message)).routes(routes!(explain))
}

/// The message to be explained: one of `id`, `message`, `json` and `trap`.
#[derive(Deserialize, ToSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The id of a stored message: an alert's correlation id.
    pub id: Option<String>,
    /// A syslog message as received.
    pub message: Option<String>,
    /// A JSON object as `POST /api/v2/ingest` takes it.
    pub json: Option<Value>,
    /// A trap.
    pub trap: Option<TrapQuestion>,
    /// The device; without it found in the message, as for one that is received.
    pub host: Option<String>,
    /// The address that it came from.
    #[schema(value_type = Option<String>)]
    pub peer: Option<IpAddr>,
}

/// A trap.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrapQuestion {
    /// snmpTrapOID.
    oid: String,
    /// Variables by OID; a whole number is an integer, all else text.
    #[serde(default)]
    varbinds: BTreeMap<String, Value>,
}

impl TrapQuestion {
    /// The datagram, if all names are OIDs.
    fn datagram(&self) -> Result<Vec<u8>, Problem> {
        for name in std::iter::once(&self.oid).chain(self.varbinds.keys()) {
            if let Err(error) = name.parse::<Oid>() {
                return Err(Problem::invalid(vec![Fault::of_request("trap", error.to_string())]));
            }
        }
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let varbinds = self.varbinds.iter().map(|(oid, value)| (oid.clone(), text(value)));
        Ok(trap_datagram(&TrapExample { oid: self.oid.clone(), varbinds: varbinds.collect() }))
    }
}

/// A message, and why it comes out as it does.
#[derive(Serialize, ToSchema)]
pub struct Answer {
    /// The message and its fields.
    pub message: MessageView,
    /// Who wins, who lost, what was nearly so; by the rules in force.
    pub explanation: Explanation,
    /// What became of a stored message: the alert that it opened, repeated or ended, and why
    /// nobody was told, or why there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub became: Vec<Became>,
}

/// Explains a message by the rules in force.
#[utoipa::path(post, path = "/explain", tag = "messages", request_body = Question,
    responses((status = 200, description = "Why it comes out so", body = Answer)))]
async fn explain(
    State(site): State<Arc<Site>>,
    _: Caller,
    body: Body,
) -> Result<Json<Answer>, Problem> {
    let question: Question = body.json()?;
    let on = Arc::clone(&site);
    let answer = move || match &question.id {
        Some(id) if question.is_only_id() => stored(&on, id, |event| {
            let answer = why(&on, event, true);
            (answer, Some(event.id))
        }),
        Some(_) => Err(Problem::unreadable("`id` stands alone: the message is stored with it")),
        None => pasted(&on, &question).map(|answer| (answer, None)),
    };
    let (mut answer, id) = blocking(answer).await??;
    if let Some(id) = id {
        answer.became = became(&site, id, &answer.explanation).await?;
    }
    Ok(Json(answer))
}

impl Question {
    fn is_only_id(&self) -> bool {
        self.message.is_none()
            && self.json.is_none()
            && self.trap.is_none()
            && self.host.is_none()
            && self.peer.is_none()
    }
}

/// A stored message and the fields that rules see.
#[utoipa::path(get, path = "/messages/{id}", tag = "messages",
    params(("id" = String, Path, description = "The message's id: an alert's correlation id")),
    responses((status = 200, description = "The message", body = MessageView)))]
async fn message(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(id): Name,
) -> Result<Json<MessageView>, Problem> {
    let find = move || stored(&site, &id, |event| MessageView::of(event, true));
    blocking(find).await?.map(Json)
}

/// Does something with a stored message.
pub(crate) fn stored<T>(
    site: &Site,
    id: &str,
    act: impl FnOnce(&Event<'_>) -> T,
) -> Result<T, Problem> {
    let id: MessageId = id
        .parse()
        .map_err(|error: mutt_event::MessageIdError| Problem::unreadable(error.to_string()))?;
    let mut batch = ReadBatch::default();
    let position = Position(id.position);
    let lane = site.lanes.iter().find(|lane| lane.partitions().contains(&id.partition));
    if let Some(lane) = lane {
        let read = lane.reader(position).read(1, &mut batch);
        read.map_err(|error| Problem::unavailable(error.to_string()))?;
    }
    // An id tells the append time to the millisecond.
    let is_it = |record: &Record<'_>| record.id().as_uuid() == id.as_uuid();
    let record = batch.records().next().filter(is_it);
    let record = record.ok_or_else(|| {
        Problem::not_found(format!(
            "message {id} is not in this journal: it was trimmed (journal.retain_hours), or it \
             belongs to another journal"
        ))
    })?;
    let envelope = Envelope::decode(record.payload)
        .map_err(|error| Problem::internal(format!("message {id}: {error}")))?;
    let names = Arc::clone(&site.in_force.book().rulebook.names);
    Ok(act(&site.ground.parser.parse_by(&names, id, &envelope)))
}

/// Explains a message that is not stored, read as if it had just come.
fn pasted(site: &Site, question: &Question) -> Result<Answer, Problem> {
    let given = [question.message.is_some(), question.json.is_some(), question.trap.is_some()];
    if given.iter().filter(|given| **given).count() != 1 {
        let message = "give one of `id`, `message`, `json` and `trap`";
        return Err(Problem::invalid(vec![Fault::of_request("", message)]));
    }
    let (input, kind, raw) = match (&question.message, &question.trap) {
        (Some(message), _) => (Input::SyslogTcp, Kind::Syslog, message.clone().into_bytes()),
        (None, Some(trap)) => (Input::Snmp, Kind::Trap, trap.datagram()?),
        (None, None) => {
            let json = question.json.as_ref().map(ToString::to_string).unwrap_or_default();
            (Input::Http, Kind::Json, json.into_bytes())
        }
    };
    let host = match &question.host {
        Some(host) => host.to_ascii_lowercase(),
        None => site.hosts.find(kind, &raw, question.peer).into_owned(),
    };
    let envelope = Envelope {
        input,
        kind,
        flags: Flags::default(),
        received: Timestamp::ZERO,
        session: 0,
        peer: question.peer.map(|peer| SocketAddr::new(peer, 0)),
        host: &host,
        dedup: None,
        usm: None,
        raw: &raw,
    };
    let id = MessageId { appended: Timestamp::ZERO, partition: 0, position: 0 };
    let names = Arc::clone(&site.in_force.book().rulebook.names);
    Ok(why(site, &site.ground.parser.parse_by(&names, id, &envelope), false))
}

pub(crate) fn why(site: &Site, event: &Event<'_>, stored: bool) -> Answer {
    let book = site.in_force.book();
    let peer = event.peer.map(|peer| peer.ip());
    let located = book.rulebook.inventory.locate(event.host, peer);
    let mut explanation = book.rulebook.rules.explain(event, located);
    if let Some(drill) = book.rulebook.drill(event).filter(|_| stored) {
        explanation.lost.splice(0..0, explanation.owner.take());
        explanation.owner = Some(of_drill(drill));
        explanation.clears.clear();
        explanation.stages.clear();
    }
    Answer { message: MessageView::of(event, stored), explanation, became: Vec::new() }
}

/// A drill's message is no rule's, though one may want it.
fn of_drill(drill: Match) -> Matched {
    Matched {
        rule: drill.rule_id,
        revision: drill.revision,
        priority: 0,
        reason: drill.reason,
        key: drill.key,
        handling: drill.handling,
        severity: drill.severity,
        team: drill.team,
        summary: drill.summary,
        labels: drill.labels,
        correlation: vec![format!("its alert is over after {} s", DRILL_LASTS.as_secs())],
    }
}
