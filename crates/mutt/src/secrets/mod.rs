//! Secrets that settings name: read at the start, and anew while MUTT runs.
//!
//! From: Vault (`mutt-vault`) and files, as the settings name them. To: the [`Live`](mutt_secrets::Live)
//! secrets that connections and requests are made with. What cannot be read anew stays as it was;
//! metrics and /readyz say so. No secret goes into a log, an error or a metric: only settings' names do.

mod keeper;
mod stats;

use std::fmt;

use anyhow::{Context, Result};
use mutt_output::{HttpSettings, client_tls};
use mutt_vault::{Client, ClientSettings, Fault, Role, SecretId, Session};
use thiserror::Error;

pub use keeper::Keeper;
pub use stats::Secrets;

use crate::config::Settings;
use crate::config::kinds::Secret;
use crate::config::settings::VaultSettings;

/// Why a secret could not be read.
#[derive(Debug, Error)]
pub struct SecretError {
    /// The setting's path; empty if it is about none.
    pub setting: String,
    /// What was wrong.
    pub cause: Cause,
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.setting.as_str() {
            "" => self.cause.fmt(f),
            setting => write!(f, "{setting}: {}", self.cause),
        }
    }
}

/// What was wrong with a secret's source.
#[derive(Debug, Error)]
pub enum Cause {
    /// Vault's part.
    #[error("vault: {0}")]
    Vault(#[from] Fault),
    /// The file's.
    #[error("{0}")]
    File(String),
    /// The secret is there, and not what the setting needs.
    #[error("{0}")]
    Unfit(String),
}

impl SecretError {
    /// The reason as a metric's label.
    pub fn reason(&self) -> &'static str {
        match &self.cause {
            Cause::Vault(fault) => fault.reason(),
            Cause::File(_) => "file",
            Cause::Unfit(_) => "unfit",
        }
    }

    /// Whether it may be over by itself.
    pub fn passes(&self) -> bool {
        matches!(&self.cause, Cause::Vault(fault) if fault.passes())
    }
}

/// Reads all secrets once, for a command that ends soon.
///
/// # Errors
/// One cannot be read.
pub async fn read_once(settings: &Settings) -> Result<()> {
    if let Some(mut keeper) = Keeper::new(settings)? {
        keeper.read_all().await?;
    }
    Ok(())
}

/// The session with Vault, if the settings name one; it has not logged in yet.
fn session(vault: &VaultSettings) -> Result<Option<Session<Client>>> {
    let Some(address) = &vault.address else { return Ok(None) };
    let http = HttpSettings { ca_file: vault.ca_file.clone(), ..HttpSettings::default() };
    let settings = ClientSettings {
        address: address.url().clone(),
        approle_mount: vault.approle_mount.clone(),
        namespace: vault.namespace.clone(),
        timeout: std::time::Duration::from_millis(vault.timeout_ms),
    };
    let client = Client::new(settings, client_tls(&http).context("vault")?);
    let client = client.map_err(anyhow::Error::msg).context("vault")?;
    let live = |secret: &Option<Secret>| secret.as_ref().map(Secret::live).unwrap_or_default();
    let secret_id = match &vault.wrapped_secret_id {
        Some(wrapped) => SecretId::Wrapped(wrapped.live()),
        None => SecretId::Given(live(&vault.secret_id)),
    };
    Ok(Some(Session::new(client, Role { role_id: live(&vault.role_id), secret_id })))
}
