//! Drills: a marked message goes the whole way, and its arrival is shown step by step.
//!
//! From: people and `mutt drill`. To: the catalog, where the drill's id stands, so that every judge
//! knows its message; and to MUTT's own door, if this process has one.
//!
//! An id is random and good for ten minutes. A message with the marker and no such id is a message
//! like any other.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use mutt_alert::{DRILL_APP, drill_words};
use mutt_event::Timestamp;
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::{DrillItem, Role};
use mutt_store::Database;
use rand::RngCore as _;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::drill_view::{self, DrillDetail, DrillPage};
use crate::problem::Problem;
use crate::request::{Body, EditQuery, Name};
use crate::site::Site;

/// How long a drill's message is known as such.
const OPEN_FOR: Duration = Duration::from_secs(600);
/// How many drills are kept.
const KEPT_MAX: usize = 50;
/// How many may be open at a time.
const OPEN_MAX: usize = 5;
/// Other processes know of a drill after this: they look at the catalog twice a second.
const KNOWN_AFTER: Duration = Duration::from_secs(3);
/// How long MUTT's own door may take.
const DOOR_WITHIN: Duration = Duration::from_secs(5);
/// The doors that a drill is sent to, the best first.
const OWN_DOORS: [&str; 2] = ["syslog_tcp", "syslog_udp"];

/// How drills are made.
#[derive(Clone, Debug, Default)]
pub struct DrillParts {
    /// Who is told.
    pub team: String,
    /// The inputs of this process and where they listen.
    pub doors: Vec<(String, SocketAddr)>,
}

/// The paths of drills.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get))
}

/// How a drill shall be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDrill {
    /// Whether this process sends its message, if it has a door for syslog; else whoever asks does.
    #[serde(default = "yes")]
    send: bool,
}

fn yes() -> bool {
    true
}

/// An input of this process.
#[derive(Clone, Serialize, ToSchema)]
struct DrillDoor {
    /// The input.
    input: String,
    /// Where it listens.
    address: String,
}

/// A drill that was made.
#[derive(Serialize, ToSchema)]
struct MadeDrill {
    /// Its id.
    id: String,
    /// The syslog message that has to be sent, as it is.
    message: String,
    /// Not to be sent before, in RFC 3339: then every process knows of it.
    send_from: String,
    /// Stored by then, in RFC 3339, it is the drill's; later it is a message like any other.
    until: String,
    /// The door that this process sent it to; null: it was not sent.
    sent: Option<DrillDoor>,
    /// The inputs of this process.
    doors: Vec<DrillDoor>,
}

/// The message of a drill.
fn line(id: &str, now: Timestamp) -> String {
    // user.warning
    format!("<12>1 {now} {DRILL_APP} {DRILL_APP} - - - {}", drill_words(id))
}

fn new_id() -> String {
    let mut bytes = [0_u8; 16];
    rand::rng().fill_bytes(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes a drill: a message that goes the whole way, to show that it is open. Its alert pages, and
/// is over after ten seconds.
#[utoipa::path(post, path = "/drills", tag = "drills", request_body = NewDrill,
    responses((status = 201, description = "The drill, and what has to be sent", body = MadeDrill,
               headers(("Location" = String)))))]
async fn create(
    State(site): State<Arc<Site>>,
    caller: Caller,
    body: Body,
) -> Result<Response, Problem> {
    caller.must(Role::Operator)?;
    let wanted = if body.0.is_empty() { NewDrill { send: true } } else { body.json()? };
    // An id of a message tells its time to the millisecond.
    let now = Timestamp::from_millis(SystemClock.now().as_millis());
    let drill = DrillItem {
        id: new_id(),
        who: caller.name.clone(),
        team: site.drills.team.clone(),
        made_at: now,
        until: now.after(OPEN_FOR),
    };
    let query = EditQuery { why: Some("a drill".to_owned()), dry_run: false };
    site.edit(&caller, &query, |latest, proposal| {
        let open = latest.parts.drills.iter().filter(|one| one.until > now).count();
        if open >= OPEN_MAX {
            return Err(Problem::too_many(format!(
                "{open} drills are open, which is the limit: each is for ten minutes"
            )));
        }
        proposal.put_drill(drill.clone(), KEPT_MAX);
        Ok(())
    })
    .await?;
    let message = line(&drill.id, now);
    let door = own_door(&site.drills.doors).filter(|_| wanted.send);
    if let Some((input, address)) = &door {
        send(input, *address, &message).await?;
    }
    let made = MadeDrill {
        message,
        // A process with doors is the one that judges, too.
        send_from: match site.drills.doors.is_empty() {
            true => now.after(KNOWN_AFTER).to_string(),
            false => now.to_string(),
        },
        until: drill.until.to_string(),
        sent: door.map(view),
        doors: site.drills.doors.iter().cloned().map(view).collect(),
        id: drill.id,
    };
    let location = format!("/api/v1/drills/{}", made.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(made)).into_response())
}

fn view((input, address): (String, SocketAddr)) -> DrillDoor {
    DrillDoor { input, address: address.to_string() }
}

/// MUTT's own door for syslog, over loopback where it listens everywhere.
fn own_door(doors: &[(String, SocketAddr)]) -> Option<(String, SocketAddr)> {
    let named = |name: &str| doors.iter().find(|(input, _)| input == name);
    let (input, mut address) = OWN_DOORS.iter().find_map(|name| named(name)).cloned()?;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Some((input, address))
}

/// Sends a drill's message to a door of this process.
async fn send(input: &str, to: SocketAddr, message: &str) -> Result<(), Problem> {
    let sending = async {
        if input == "syslog_tcp" {
            let mut stream = TcpStream::connect(to).await?;
            stream.write_all(format!("{message}\n").as_bytes()).await?;
            return stream.shutdown().await;
        }
        let any: SocketAddr =
            if to.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
        let socket = UdpSocket::bind(any).await?;
        socket.send_to(message.as_bytes(), to).await.map(|_| ())
    };
    let unavailable = |why: String| {
        Problem::unavailable(format!("the drill could not be sent to {input} at {to}: {why}"))
    };
    match timeout(DOOR_WITHIN, sending).await {
        Ok(sent) => sent.map_err(|error| unavailable(error.to_string())),
        Err(_) => Err(unavailable(format!("no answer within {} s", DOOR_WITHIN.as_secs()))),
    }
}

/// The last drills, the newest first, and the last one that arrived everywhere.
#[utoipa::path(get, path = "/drills", tag = "drills", responses(
    (status = 200, description = "Up to 50 drills", body = DrillPage),
))]
async fn list(State(site): State<Arc<Site>>, _: Caller) -> Result<Json<DrillPage>, Problem> {
    let latest = site.latest().await?;
    let cursors = site.store.cursors().await?;
    let mut drills: Vec<_> = latest.parts.drills.iter().collect();
    drills.sort_by_key(|drill| std::cmp::Reverse(drill.made_at));
    let mut views = Vec::with_capacity(drills.len());
    for drill in drills {
        views.push(drill_view::brief(&site, &cursors, drill).await?);
    }
    Ok(Json(DrillPage::of(views)))
}

/// One drill with each step of its way.
#[utoipa::path(get, path = "/drills/{id}", tag = "drills",
    params(("id" = String, Path, description = "The drill's id")),
    responses((status = 200, description = "The drill", body = DrillDetail)))]
async fn get(
    State(site): State<Arc<Site>>,
    _: Caller,
    Name(id): Name,
) -> Result<Json<DrillDetail>, Problem> {
    let latest = site.latest().await?;
    let drill = latest.parts.drills.iter().find(|drill| drill.id == id);
    let drill = drill.ok_or_else(|| Problem::not_found(format!("there is no drill `{id}`")))?;
    drill_view::detail(&site, drill).await.map(Json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_is_sent_to_the_own_door_over_loopback() {
        let door = |name: &str, address: &str| (name.to_owned(), address.parse().unwrap());
        let doors = [door("syslog_udp", "0.0.0.0:514"), door("syslog_tcp", "10.0.0.1:514")];
        assert_eq!(own_door(&doors), Some(door("syslog_tcp", "10.0.0.1:514")));
        assert_eq!(own_door(&doors[..1]), Some(door("syslog_udp", "127.0.0.1:514")));
        assert_eq!(own_door(&[door("relp", "127.0.0.1:2514")]), None);
    }

    #[test]
    fn an_id_is_one_word_of_letters_and_digits() {
        let (one, other) = (new_id(), new_id());
        assert_ne!(one, other);
        assert!(one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let line = line(&one, Timestamp::ZERO);
        assert!(line.starts_with("<12>1 1970-01-01T00:00:00") && line.contains(&one), "{line}");
    }
}
