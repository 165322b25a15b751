//! The API, on a listener of its own. From: settings and what runs. To: people and programs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use mutt_api::{
    Api, Cookies, Decisions, DrillParts, Limits, ListenConfig, OidcSettings, ServerConfig,
    SessionLimits, SiteParts,
};
use mutt_event::Hosts;
use mutt_journal::AnyLane;
use mutt_output::{HttpSettings, client_tls};
use mutt_pipeline::book::{Ground, InForce, Role};
use mutt_store::SqlStore;
use mutt_tls::Tls;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::build::ms;
use super::{deliver, judge, report, tls};
use crate::admin::Journal;
use crate::config::Settings;
use crate::config::doors::Door;
use crate::config::kinds::Secret;
use crate::config::settings::ApiSettings;
use crate::config::value::size;
use crate::users;

/// A provider of OpenID Connect answers within this.
const PROVIDER_WITHIN: Duration = Duration::from_secs(10);

/// What the API works with.
pub struct Parts {
    /// The journal.
    pub lanes: Vec<AnyLane>,
    /// The database.
    pub store: SqlStore,
    /// The book in force.
    pub in_force: Arc<InForce>,
    /// What books are compiled on.
    pub ground: Ground,
    /// How a message's device is found.
    pub hosts: Hosts,
    /// Called after a change.
    pub changed: Arc<Notify>,
    /// Tells the judge what people decide.
    pub decisions: Decisions,
    /// Where this process listens.
    pub doors: Arc<[Door]>,
    /// The readers that the ledger shows.
    pub readers: Vec<String>,
    /// The journal, to say how it is.
    pub journal: Journal,
}

/// Starts it until `stop`, as one of `tasks`.
///
/// # Errors
/// If its address cannot be listened on, or its files of TLS cannot be used.
pub async fn start(
    settings: &Settings,
    parts: Parts,
    tls: &Tls,
    tasks: &TaskTracker,
    stop: CancellationToken,
) -> Result<()> {
    let backtest = mutt_pipeline::backtest::Settings {
        repeats: judge::repeats(&settings.judge),
        ..Default::default()
    };
    let mines = settings.patterns.enabled;
    let oidc = provider(settings)?;
    let team = settings.watch.team.clone();
    let destinations = settings.destinations.iter().map(deliver::receiver).collect();
    let settings = &settings.api;
    if !settings.enabled {
        return Ok(());
    }
    let config = ServerConfig {
        listen: ListenConfig {
            listen: settings.listen,
            connections_max: size(settings.connections_max),
            head: ms(settings.head_ms),
            tls: tls::acceptor(tls, "api", &settings.tls, true)?,
        },
        request: ms(settings.request_ms),
    };
    let limits = Limits {
        body_bytes_max: size(settings.body_bytes_max),
        backtests_max: size(settings.backtests_max),
        backtests_kept: size(settings.backtests_kept),
    };
    let has_provider = oidc.is_some();
    let Parts {
        lanes,
        store,
        in_force,
        ground,
        hosts,
        changed,
        decisions,
        doors,
        readers,
        journal,
    } = parts;
    let site = SiteParts {
        store: store.clone(),
        in_force,
        ground,
        lanes,
        hosts,
        changed,
        decisions,
        mines,
        admin_key: settings.admin_key.as_ref().map(Secret::text),
        limits,
        backtest,
        cookies: Cookies { secure: is_over_tls(settings) },
        sessions: SessionLimits {
            idle: Duration::from_secs(settings.session_idle_minutes * 60),
            absolute: Duration::from_secs(settings.session_hours * 3_600),
        },
        oidc,
        drills: DrillParts { team, doors: inputs_of(&doors) },
        destinations,
        readers,
        journal: Arc::new(move || report::journal(&journal)),
    };
    if settings.admin_key.is_none() && !has_provider {
        users::first_start(&store).await?;
    }
    let api = Api::bind(config, site).await?;
    tracing::info!(address = %api.address()?, "api: /api/v1");
    tasks.spawn(api.serve(stop));
    Ok(())
}

/// Where people sign in elsewhere, and who asks there.
fn provider(settings: &Settings) -> Result<Option<(OidcSettings, reqwest::Client)>> {
    let oidc = &settings.oidc;
    let (Some(issuer), Some(public)) = (&oidc.issuer, &settings.api.public_url) else {
        return Ok(None);
    };
    let role = |(group, role): (&String, &String)| Some((group.clone(), Role::from_name(role)?));
    let wanted = OidcSettings {
        issuer: issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret: oidc.client_secret.as_ref().map(Secret::text).unwrap_or_default(),
        redirect_url: format!(
            "{}/api/v1/session/oidc/callback",
            public.to_string().trim_end_matches('/')
        ),
        scopes: oidc.scopes.clone(),
        groups_claim: oidc.groups_claim.clone(),
        roles: oidc.roles.iter().filter_map(role).collect(),
        teams: oidc.teams.clone(),
    };
    let tls = HttpSettings { ca_file: oidc.ca_file.clone(), ..HttpSettings::default() };
    let http = reqwest::Client::builder()
        .tls_backend_preconfigured(client_tls(&tls)?)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(tls.connect_timeout)
        .timeout(PROVIDER_WITHIN)
        .no_proxy()
        .build()
        .context("oidc: HTTP client")?;
    Ok(Some((wanted, http)))
}

/// The inputs among this process's doors.
fn inputs_of(doors: &[Door]) -> Vec<(String, SocketAddr)> {
    let inputs = doors.iter().filter_map(|door| Some((door.name.strip_prefix("input.")?, door)));
    inputs.map(|(name, door)| (name.to_owned(), door.listen)).collect()
}

/// Whether browsers reach it over TLS, its own or that of something before it.
fn is_over_tls(settings: &ApiSettings) -> bool {
    let own = settings.tls.certificate.is_some();
    own || settings.public_url.as_ref().is_some_and(|url| url.url().scheme() == "https")
}
