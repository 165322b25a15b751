//! How far a drill is: its steps, made of what is stored. From: the drill, the journal, cursors, its
//! alert, deliveries. To: people.
//!
//! Nothing is written down for it: a drill is known as long as its alert and its deliveries are.

use std::sync::Arc;

use mutt_alert::{Alert, DRILL_APP, DRILL_RULE, NoticeKind};
use mutt_event::{Kind, Timestamp};
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::DrillItem;
use mutt_store::{AlertQuery, Cursor, Database, Delivery, DeliveryState, History, PAGE_ROWS_MAX};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::search::{self, Wanted};
use crate::site::Site;
use crate::way::{self, StepState, WayStep};

/// How a drill stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrillState {
    /// It is on its way.
    UnderWay,
    /// It is archived, and each destination was told of its alert and of its end.
    Arrived,
    /// Its time is over, and not all have it, or it is not known any more.
    Incomplete,
}

/// A drill in short.
#[derive(Clone, Serialize, ToSchema)]
pub struct DrillView {
    /// Its id.
    pub id: String,
    /// Who asked for it.
    pub who: String,
    /// Who is told.
    pub team: String,
    /// When it was made, in RFC 3339.
    pub made: String,
    /// A message that is stored then or later is none of it, in RFC 3339.
    pub until: String,
    /// How it stands.
    pub state: DrillState,
    /// When the last destination was told, in RFC 3339; null: it did not arrive everywhere.
    pub arrived: Option<String>,
    /// Its alert.
    pub alert_id: Option<String>,
}

/// The last drills.
#[derive(Serialize, ToSchema)]
pub struct DrillPage {
    /// The newest first.
    items: Vec<DrillView>,
    /// The last one that arrived everywhere, of those that are known; null: none.
    last_arrived: Option<DrillView>,
}

/// A drill with each step of its way.
#[derive(Serialize, ToSchema)]
pub struct DrillDetail {
    /// The drill.
    drill: DrillView,
    /// Its steps: `made`, then those of its message's way; `closed`: the end of its alert.
    steps: Vec<WayStep>,
}

impl DrillPage {
    /// Of these, the newest first.
    pub fn of(items: Vec<DrillView>) -> Self {
        let arrived = |one: &&DrillView| one.state == DrillState::Arrived;
        Self { last_arrived: items.iter().find(arrived).cloned(), items }
    }
}

/// What a drill caused.
struct Caused {
    alert: Alert,
    deliveries: Vec<Delivery>,
}

async fn caused(site: &Site, drill: &DrillItem) -> Result<Option<Caused>, Problem> {
    let query = AlertQuery {
        rule: Some(DRILL_RULE.to_owned()),
        text: Some(drill.id.clone()),
        limit: PAGE_ROWS_MAX,
        ..AlertQuery::default()
    };
    let alerts = site.store.alerts(&query).await?;
    // The first one: its message may have been sent again.
    let Some(alert) = alerts.into_iter().rev().find(|alert| alert.key == drill.id) else {
        return Ok(None);
    };
    let deliveries = site.store.deliveries(&alert.id, PAGE_ROWS_MAX).await?;
    Ok(Some(Caused { alert, deliveries }))
}

/// When the last destination had all of it; none: not all have it.
fn arrived(caused: &Caused, archived: &[WayStep]) -> Option<Timestamp> {
    let waits = |step: &WayStep| !matches!(step.state, StepState::Done | StepState::Nothing);
    if caused.alert.state.is_open() || archived.iter().any(waits) {
        return None;
    }
    let of = |kind| caused.deliveries.iter().filter(move |one| one.notice.kind == kind);
    let all = of(NoticeKind::Open).chain(of(NoticeKind::Clear));
    let is_told = of(NoticeKind::Open).next().is_some() && of(NoticeKind::Clear).next().is_some();
    let times: Option<Vec<Timestamp>> =
        all.map(|one| one.done_at.filter(|_| one.state == DeliveryState::Delivered)).collect();
    times.filter(|_| is_told)?.into_iter().max()
}

fn view(drill: &DrillItem, caused: Option<&Caused>, archived: &[WayStep]) -> DrillView {
    let arrived = caused.and_then(|caused| arrived(caused, archived));
    let state = match arrived {
        Some(_) => DrillState::Arrived,
        None if SystemClock.now() < drill.until => DrillState::UnderWay,
        None => DrillState::Incomplete,
    };
    DrillView {
        id: drill.id.clone(),
        who: drill.who.clone(),
        team: drill.team.clone(),
        made: drill.made_at.to_string(),
        until: drill.until.to_string(),
        state,
        arrived: arrived.as_ref().map(Timestamp::to_string),
        alert_id: caused.map(|caused| caused.alert.id.clone()),
    }
}

/// A drill in short.
pub async fn brief(
    site: &Site,
    cursors: &[Cursor],
    drill: &DrillItem,
) -> Result<DrillView, Problem> {
    let caused = caused(site, drill).await?;
    let archived = caused.as_ref().map(|one| way::archived(cursors, one.alert.cause, Kind::Syslog));
    Ok(view(drill, caused.as_ref(), &archived.unwrap_or_default()))
}

/// A drill with each step of its way.
pub async fn detail(site: &Arc<Site>, drill: &DrillItem) -> Result<DrillDetail, Problem> {
    let caused = caused(site, drill).await?;
    let cursors = site.store.cursors().await?;
    let made = WayStep::new("made", StepState::Done, format!("made by {}", drill.who));
    let mut steps = vec![made.at(drill.made_at)];
    let archived =
        caused.as_ref().map(|one| way::archived(&cursors, one.alert.cause, Kind::Syslog));
    let drill_now = view(drill, caused.as_ref(), &archived.unwrap_or_default());
    match &caused {
        Some(Caused { alert, deliveries }) => {
            match way::of_message(site, alert.cause.to_string()).await {
                Ok(way) => steps.extend(way.steps),
                // The journal does not keep it any more; what it caused is known all the same.
                Err(problem) if problem.status == 404 => {
                    let words = format!("opened alert {}; {}", alert.id, problem.detail);
                    let opened = WayStep::new("alert", StepState::Done, words);
                    steps.push(opened.at(alert.first_seen));
                    steps.extend(deliveries.iter().map(way::told));
                }
                Err(problem) => return Err(problem),
            }
            steps.push(closed(alert));
        }
        None => steps.extend(on_its_way(site, drill).await?),
    }
    Ok(DrillDetail { drill: drill_now, steps })
}

fn closed(alert: &Alert) -> WayStep {
    match alert.ended_at {
        Some(at) => WayStep::new("closed", StepState::Done, "its alert is over").at(at),
        None => WayStep::new("closed", StepState::Waiting, "its alert is open"),
    }
}

/// The steps of a drill without an alert: perhaps its message is stored.
async fn on_its_way(site: &Arc<Site>, drill: &DrillItem) -> Result<Vec<WayStep>, Problem> {
    let wanted = Wanted {
        text: Some(search::words(&drill.id)?),
        regex: Some(search::words(DRILL_APP)?),
        since: Some(drill.made_at),
        until: Some(drill.until),
        ..Wanted::default()
    };
    match search::search(site, wanted, 1, None).await {
        Ok(found) => match found.items.first() {
            Some(message) => Ok(way::of_message(site, message.id.clone()).await?.steps),
            None => {
                let words = "its message is not stored: it was not sent, or not received";
                Ok(vec![WayStep::new("stored", StepState::Waiting, words)])
            }
        },
        Err(problem) if problem.status == 503 => {
            let words = format!("not looked for in the journal: {}", problem.detail);
            Ok(vec![WayStep::new("stored", StepState::Waiting, words)])
        }
        Err(problem) => Err(problem),
    }
}
