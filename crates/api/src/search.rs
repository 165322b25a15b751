//! Stored messages, found: newest first, by host, input, time and words.
//!
//! From: a request. To: a thread of its own with the lowest priority, which reads the journal
//! backwards within a budget and moves no cursor. Few of them run at a time.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use mutt_event::{Envelope, Input, Kind, Parser, Timestamp};
use mutt_pipeline::Rulebook;
use mutt_rules::Scratch;
use regex::bytes::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Caller;
use crate::backwards::{Backwards, Budget, End, Stored};
use crate::page;
use crate::problem::Problem;
use crate::request::{PageQuery, Query, time};
use crate::site::Site;

/// How many searches run at a time.
pub const RUNNING_MAX: usize = 2;
/// The most messages that one request looks at,
const MESSAGES_MAX: u64 = 200_000;
/// the most bytes of the journal that it reads,
const BYTES_MAX: u64 = 64 << 20;
/// and how long it looks.
const LOOKS_FOR: Duration = Duration::from_secs(5);
/// The longest words that are looked for, in bytes.
const WORDS_BYTES_MAX: usize = 1_000;
/// How much memory a regular expression may take, in bytes.
const REGEX_BYTES_MAX: usize = 1 << 20;
/// How much of a message's text is shown, in bytes.
const TEXT_BYTES_MAX: usize = 300;
/// The nicest that a thread can be: it runs when nobody else wants to.
const NICE: i32 = 19;

/// The path of the search.
pub fn router() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Which messages are wanted; all that is said must hold.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// The device's one name, in any case of letters.
    host: Option<String>,
    /// A text in the message as received, or in a trap's words, in any case of ASCII letters.
    text: Option<String>,
    /// A regular expression that matches somewhere in them, in any case of ASCII letters.
    regex: Option<String>,
    /// The door it came through: syslog_udp, syslog_tcp, syslog_tls, relp, http, snmp, redis_list.
    input: Option<String>,
    /// Stored at this time or later, in RFC 3339.
    since: Option<String>,
    /// Stored before this time, in RFC 3339.
    until: Option<String>,
    /// At most so many, 1 to 1,000; default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Those behind this cursor: `next` of the answer before.
    after: Option<String>,
}

/// Stored messages, the newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundMessages {
    /// The messages.
    pub items: Vec<FoundMessage>,
    /// How many messages were looked at.
    looked_at: u64,
    /// Whether it ended by its limits (200,000 messages, 64 MiB, 5 s) before it found so many or
    /// came to the journal's start: `next` goes on.
    truncated: bool,
    /// The cursor of the next answer, for `after`; none: there is nothing more.
    next: Option<String>,
}

/// A stored message in short.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundMessage {
    /// Its id: see /messages/{id}.
    pub id: String,
    /// When it was stored, in RFC 3339.
    pub appended: String,
    /// When MUTT received it, in RFC 3339.
    pub received: String,
    /// `syslog`, `trap` or `json`.
    pub kind: &'static str,
    /// The door it came through.
    pub input: &'static str,
    /// The address it came from.
    pub peer: Option<String>,
    /// The device's one name.
    pub host: String,
    /// The syslog severity's name.
    pub severity: Option<&'static str>,
    /// Its first 300 bytes as received, or a trap's in words.
    pub text: String,
    /// What becomes of it by the rules in force: alerting, logged, suppressed, unhandled or
    /// unauthenticated.
    pub outcome: &'static str,
    /// The rule that owns it, by the rules in force.
    pub rule: Option<String>,
}

/// Finds stored messages, the newest first. Two searches run at a time; a third is told to try again.
#[utoipa::path(get, path = "/messages", tag = "messages", params(SearchQuery), responses(
    (status = 200, description = "Messages, and where to go on", body = FoundMessages),
))]
async fn list(
    State(site): State<Arc<Site>>,
    _: Caller,
    Query(query): Query<SearchQuery>,
) -> Result<Json<FoundMessages>, Problem> {
    let page = PageQuery { limit: query.limit, after: query.after.clone() };
    let limit = page.limit()?;
    let from: Option<Vec<(u16, u64)>> = page.after.as_deref().map(page::decode).transpose()?;
    let wanted = Wanted::read(&query)?;
    search(&site, wanted, limit, from).await.map(Json)
}

/// What is looked for.
#[derive(Default)]
pub(crate) struct Wanted {
    pub host: Option<String>,
    pub text: Option<Regex>,
    pub regex: Option<Regex>,
    pub input: Option<Input>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// A regular expression over bytes, in any case of ASCII letters.
fn regex(name: &str, pattern: &str) -> Result<Regex, Problem> {
    let built = RegexBuilder::new(pattern)
        .case_insensitive(true)
        .unicode(false)
        .size_limit(REGEX_BYTES_MAX)
        .dfa_size_limit(REGEX_BYTES_MAX)
        .build();
    built.map_err(|error| Problem::unreadable(format!("{name}: {error}")))
}

/// A text as it is, in any case of ASCII letters.
pub(crate) fn words(text: &str) -> Result<Regex, Problem> {
    regex("text", &regex::escape(text))
}

impl Wanted {
    fn read(query: &SearchQuery) -> Result<Self, Problem> {
        let short = |name: &str, text: &Option<String>| match text {
            Some(text) if text.len() > WORDS_BYTES_MAX => {
                Err(Problem::unreadable(format!("{name} is longer than {WORDS_BYTES_MAX} bytes")))
            }
            _ => Ok(()),
        };
        short("text", &query.text)?;
        short("regex", &query.regex)?;
        let at = |name: &str, text: &Option<String>| {
            text.as_deref().map(|text| time(name, text)).transpose()
        };
        let given = |text: &'_ Option<String>| text.clone().filter(|text| !text.is_empty());
        Ok(Self {
            host: given(&query.host).map(|host| host.to_ascii_lowercase()),
            text: given(&query.text).map(|text| words(&text)).transpose()?,
            regex: given(&query.regex).map(|pattern| regex("regex", &pattern)).transpose()?,
            input: query.input.as_deref().map(input_of).transpose()?,
            since: at("since", &query.since)?,
            until: at("until", &query.until)?,
        })
    }

    /// Whether a message is one of these; only traps have words that are not in their bytes.
    fn wants(&self, envelope: &Envelope<'_>, words: impl FnOnce() -> Vec<u8>) -> bool {
        if self.host.as_deref().is_some_and(|host| !envelope.host.eq_ignore_ascii_case(host))
            || self.input.is_some_and(|input| input != envelope.input)
        {
            return false;
        }
        let all = || self.text.iter().chain(&self.regex);
        if all().all(|wanted| wanted.is_match(envelope.raw)) {
            return true;
        }
        if envelope.kind != Kind::Trap {
            return false;
        }
        let words = words();
        all().all(|wanted| wanted.is_match(&words))
    }
}

fn input_of(name: &str) -> Result<Input, Problem> {
    let found = Input::ALL.into_iter().find(|input| input.name() == name);
    found.ok_or_else(|| {
        let names = Input::ALL.map(Input::name).join(", ");
        Problem::unreadable(format!("input is `{name}`: it is one of {names}"))
    })
}

/// Looks for messages on a thread of its own.
pub(crate) async fn search(
    site: &Arc<Site>,
    wanted: Wanted,
    limit: usize,
    from: Option<Vec<(u16, u64)>>,
) -> Result<FoundMessages, Problem> {
    let permit = Arc::clone(&site.searches).try_acquire_owned().map_err(|_| {
        Problem::unavailable(format!(
            "{RUNNING_MAX} searches run already: try again in a few seconds"
        ))
    })?;
    let (answer, found) = oneshot::channel();
    let site = Arc::clone(site);
    thread::Builder::new()
        .name("search".to_owned())
        .spawn(move || {
            // A thread that cannot be made nicer works all the same.
            let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
            let result = look(&site, &wanted, limit, from.as_deref());
            drop(permit);
            // Whoever asked may be gone.
            let _ = answer.send(result);
        })
        .map_err(|error| Problem::unavailable(format!("no thread for it: {error}")))?;
    found.await.map_err(|_| Problem::internal("the search ended by itself"))?
}

fn look(
    site: &Site,
    wanted: &Wanted,
    limit: usize,
    from: Option<&[(u16, u64)]>,
) -> Result<FoundMessages, Problem> {
    let rulebook = Arc::clone(&site.in_force.book().rulebook);
    let parser = &site.ground.parser;
    let budget =
        Budget { messages: MESSAGES_MAX, bytes: BYTES_MAX, until: Instant::now() + LOOKS_FOR };
    let unavailable = |error: mutt_journal::ReadError| Problem::unavailable(error.to_string());
    let times = (wanted.since, wanted.until);
    let mut back = Backwards::new(&site.lanes, times, from, budget).map_err(unavailable)?;
    let (found, end) = back
        .take(limit, |id, envelope| {
            wanted.wants(envelope, || {
                parser.parse_by(&rulebook.names, id, envelope).message.into_owned()
            })
        })
        .map_err(unavailable)?;
    let mut scratch = Scratch::default();
    let items = found.iter().filter_map(|stored| brief(parser, &rulebook, stored, &mut scratch));
    Ok(FoundMessages {
        items: items.collect(),
        looked_at: back.looked_at,
        truncated: end == End::Budget,
        next: (end != End::Start).then(|| page::encode(&back.places())),
    })
}

/// A stored message in short; none: it cannot be read.
fn brief(
    parser: &Parser,
    rulebook: &Rulebook,
    stored: &Stored,
    scratch: &mut Scratch,
) -> Option<FoundMessage> {
    let envelope = Envelope::decode(&stored.payload).ok()?;
    let event = parser.parse_by(&rulebook.names, stored.id, &envelope);
    let (outcome, rule) = match envelope.usm.is_some_and(|usm| !usm.is_accepted()) {
        true => (mutt_store::Outcome::Unauthenticated, None),
        false => rulebook.outcome(&event, scratch),
    };
    let text: &[u8] = if event.kind == Kind::Trap { &event.message } else { event.raw };
    Some(FoundMessage {
        id: stored.id.to_string(),
        appended: stored.id.appended.to_string(),
        received: event.received.to_string(),
        kind: crate::message::kind(event.kind),
        input: event.input.name(),
        peer: event.peer.map(|peer| peer.to_string()),
        host: event.host.to_owned(),
        severity: event.severity.map(mutt_event::Severity::name),
        text: cut(text),
        outcome: outcome.name(),
        rule,
    })
}

/// The begin of a text; what is no UTF-8 is replaced.
fn cut(text: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(&text[..text.len().min(TEXT_BYTES_MAX)]).into_owned();
    text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    text
}
