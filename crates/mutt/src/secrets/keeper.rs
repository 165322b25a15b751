//! Reads secrets, and reads them again: now and then, when a server refused one, and whenever
//! Vault's token has to be renewed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use mutt_secrets::ExposeSecret;
use mutt_vault::{Backoff, Client, Fault, SecretPath, Session};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::stats::Secrets;
use super::{Cause, SecretError, session};
use crate::config::Settings;
use crate::config::secret::{Held, Origin, read_file};

/// Between two looks that a refused secret asks for.
const DOUBTS_APART: Duration = Duration::from_secs(1);

/// One secret, and whose it is.
struct Kept {
    setting: String,
    held: Held,
}

/// See the [module](self).
pub struct Keeper {
    files: Vec<(PathBuf, Kept)>,
    in_vault: BTreeMap<SecretPath, Vec<(String, Kept)>>,
    session: Option<Session<Client>>,
    refresh: Duration,
    backoff: Backoff,
    doubted: Arc<Notify>,
    shown: Secrets,
    /// All were read once: what is another one from then on is told.
    begun: bool,
}

impl Keeper {
    /// One for all secrets that are named; none: all are written, and there is no Vault.
    ///
    /// # Errors
    /// No client can be made, such as for a bad CA file.
    pub fn new(settings: &Settings) -> Result<Option<Self>> {
        let vault = &settings.vault;
        let (mut files, mut in_vault) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
        let doubted = Arc::new(Notify::new());
        for (setting, held) in settings.secrets() {
            let origin = held.secret.origin().clone();
            if !matches!(origin, Origin::File(_) | Origin::Vault(_)) {
                continue;
            }
            let wake = Arc::clone(&doubted);
            held.secret.live().on_doubt(move || wake.notify_one());
            let kept = Kept { setting, held };
            match origin {
                Origin::File(path) => files.push((path, kept)),
                Origin::Vault(place) => {
                    in_vault.entry(place.at).or_default().push((place.field, kept));
                }
                Origin::Written | Origin::Environment(_) => {}
            }
        }
        if files.is_empty() && in_vault.is_empty() {
            return Ok(None);
        }
        let session = if in_vault.is_empty() { None } else { session(vault)? };
        let ms = Duration::from_millis;
        Ok(Some(Self {
            shown: Secrets::new(session.is_some()),
            files,
            in_vault,
            session,
            refresh: ms(vault.refresh_ms),
            backoff: Backoff::new(ms(vault.retry_first_ms), ms(vault.retry_max_ms)),
            doubted,
            begun: false,
        }))
    }

    /// What is shown of it.
    pub fn secrets(&self) -> Secrets {
        self.shown.clone()
    }

    /// How long to wait after a failure.
    pub fn pause(&mut self) -> Duration {
        self.backoff.failed(rand::random())
    }

    /// Reads all secrets; those that cannot be read stay as they were.
    ///
    /// # Errors
    /// What stands in the way of Vault's, or the first that could not be read.
    pub async fn read_all(&mut self) -> Result<(), SecretError> {
        // First, since what opens Vault may be a file that was replaced.
        let of_files = self.read_files().await;
        let of_vault = match self.keep().await {
            Ok(()) => self.read_vault().await,
            away => away,
        };
        let read = self.tell(of_vault.and(of_files));
        if read.is_ok() {
            self.begun = true;
            self.backoff.worked();
        }
        read
    }

    /// Shows how it went.
    fn tell(&self, done: Result<(), SecretError>) -> Result<(), SecretError> {
        if let Err(error) = &done {
            self.shown.failed(error.reason());
        }
        if let Some(session) = &self.session {
            self.shown.tally(session.tally());
        }
        let answers = !matches!(&done, Err(error) if matches!(error.cause, Cause::Vault(_)));
        self.shown.well(done.as_ref().err().map(ToString::to_string), answers);
        done
    }

    async fn read_files(&mut self) -> Result<(), SecretError> {
        let mut first = Ok(());
        for (path, kept) in &self.files {
            // What opened Vault once may be gone by now: a login says so when it is missed.
            let optional = kept.setting.starts_with("vault.");
            let read = match read_aside(path).await {
                Ok(text) => kept.take(&text, &self.shown, self.begun),
                Err(_) if optional => Ok(()),
                Err(why) => Err(kept.wrong(Cause::File(why))),
            };
            first = first.and(read);
        }
        first
    }

    async fn read_vault(&mut self) -> Result<(), SecretError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let mut first = Ok(());
        for (at, all) in &self.in_vault {
            let now = Instant::now();
            let fields = match session.read(at, now).await {
                Ok(fields) => fields,
                Err(fault) => {
                    let away = fault.passes();
                    let error = all.first().map(|(_, kept)| kept.wrong(fault.into()));
                    first = first.and(error.map_or(Ok(()), Err));
                    // The others would wait as long for the same answer.
                    if away {
                        break;
                    }
                    continue;
                }
            };
            for (field, kept) in all {
                let place = || format!("vault:{at}#{field}");
                let read = match fields.get(field) {
                    Some(Ok(text)) => kept.take(text.expose_secret(), &self.shown, self.begun),
                    None if kept.is_next() => {
                        kept.is_gone(&self.shown);
                        Ok(())
                    }
                    Some(Err(())) => Err(kept.wrong(Fault::NoText(place()).into())),
                    None => {
                        let names = fields.names().join(", ");
                        Err(kept.wrong(Fault::NoField(place(), names).into()))
                    }
                };
                first = first.and(read);
            }
        }
        first
    }

    /// Keeps the token alive.
    async fn keep(&mut self) -> Result<(), SecretError> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let kept = session.keep(Instant::now()).await;
        kept.map_err(|fault| SecretError { setting: String::new(), cause: fault.into() })
    }

    /// Goes on until `stop`. All were read before.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut read_at = Instant::now() + self.refresh;
        let mut retry_at = None;
        let mut well = true;
        loop {
            let due = self.session.as_ref().and_then(Session::due).unwrap_or(read_at);
            let wake_at = retry_at.unwrap_or_else(|| read_at.min(due));
            let doubted = tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep_until(wake_at.into()) => false,
                () = self.doubted.notified() => true,
            };
            let reads = doubted || retry_at.is_some() || Instant::now() >= read_at;
            let done = if reads {
                let read = self.read_all().await;
                read_at = Instant::now() + self.refresh;
                read
            } else {
                let kept = self.keep().await;
                self.tell(kept)
            };
            retry_at = done.is_err().then(|| Instant::now() + self.pause());
            match done {
                Err(why) if well => tracing::warn!(%why, "secrets: those that are known stay"),
                Ok(()) if !well => tracing::info!("secrets: read again"),
                _ => {}
            }
            well = retry_at.is_none();
            if doubted && !rest(DOUBTS_APART, &stop).await {
                return;
            }
        }
    }
}

impl Kept {
    fn wrong(&self, cause: Cause) -> SecretError {
        SecretError { setting: self.setting.clone(), cause }
    }

    /// Whether it is one that is to replace another: most of the time there is none.
    fn is_next(&self) -> bool {
        self.setting.ends_with("_next")
    }

    /// What it is now; one that is `told` is news.
    fn take(&self, text: &str, shown: &Secrets, told: bool) -> Result<(), SecretError> {
        (self.held.check)(text).map_err(|why| self.wrong(Cause::Unfit(why)))?;
        let changed = self.held.secret.live().set(text.into());
        shown.read(&self.setting);
        if changed && told {
            tracing::info!(setting = self.setting, "secrets: another one");
            shown.changed();
        }
        Ok(())
    }

    /// There is none now.
    fn is_gone(&self, shown: &Secrets) {
        if self.held.secret.live().clear() {
            tracing::info!(setting = self.setting, "secrets: gone");
            shown.changed();
        }
    }
}

/// Reads a file where a disk that hangs holds up nobody else.
async fn read_aside(path: &Path) -> Result<mutt_secrets::zeroize::Zeroizing<String>, String> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || read_file(&path)).await;
    read.unwrap_or_else(|error| Err(error.to_string()))
}

/// Sleeps; answers whether to go on.
async fn rest(most: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = tokio::time::sleep(most) => true,
        () = stop.cancelled() => false,
    }
}
