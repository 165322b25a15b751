//! What secrets and Vault need of each other.

use super::wrong;
use crate::config::reader::Reader;
use crate::config::secret::Origin;
use crate::config::settings::{Settings, VaultSettings};

/// Reports every mistake.
pub(super) fn verify(settings: &Settings, reader: &mut Reader<'_>) {
    let vault = &settings.vault;
    for (path, held) in settings.secrets() {
        if !matches!(held.secret.origin(), Origin::Vault(_)) {
            continue;
        }
        if path.starts_with("vault.") {
            wrong(reader, &path, "cannot be in Vault itself: it opens Vault");
        } else if vault.address.is_none() {
            wrong(reader, &path, "names a secret in Vault, and vault.address is not set");
        }
    }
    next_ones(settings, reader);
    of_vault(vault, reader);
}

/// A next password is that of an account which has one.
fn next_ones(settings: &Settings, reader: &mut Reader<'_>) {
    let mut alone = |table: &str, key: &str, first: bool, next: bool| {
        if next && !first {
            let message = format!("replaces {key}, which is not given");
            wrong(reader, &format!("{table}.{key}_next"), message);
        }
    };
    for (index, to) in settings.destinations.iter().enumerate() {
        let table = format!("destination.{index}");
        alone(&table, "password", to.password.is_some(), to.password_next.is_some());
        alone(&table, "api_key", to.api_key.is_some(), to.api_key_next.is_some());
    }
    for (index, from) in settings.input.redis_list.iter().enumerate() {
        let table = format!("input.redis_list.{index}");
        alone(&table, "password", from.password.is_some(), from.password_next.is_some());
    }
    let redis = &settings.redis_journal;
    alone("redis_journal", "password", redis.password.is_some(), redis.password_next.is_some());
    // A server's URL may hold the first one.
    let database = &settings.database;
    alone("database", "password", database.url.is_some(), database.password_next.is_some());
}

fn of_vault(vault: &VaultSettings, reader: &mut Reader<'_>) {
    let ids = [&vault.secret_id, &vault.wrapped_secret_id];
    let given = ids.iter().filter(|id| id.is_some()).count();
    if vault.address.is_none() {
        if given > 0 || vault.role_id.is_some() {
            wrong(reader, "vault.address", "missing: a role is given, and no Vault to log in to");
        }
        return;
    }
    if vault.role_id.is_none() {
        wrong(reader, "vault.role_id", "missing: MUTT logs in by AppRole");
    }
    match given {
        1 => {}
        0 => wrong(reader, "vault.secret_id", "missing: give it or wrapped_secret_id"),
        _ => wrong(reader, "vault.wrapped_secret_id", "given beside secret_id: leave one out"),
    }
    let parts = |text: &str| text.split('/').all(|part| !part.is_empty() && part != "..");
    if !parts(&vault.approle_mount) {
        wrong(reader, "vault.approle_mount", "expected a path such as \"approle\"");
    }
    if vault.namespace.as_ref().is_some_and(|name| !name.bytes().all(|b| b.is_ascii_graphic())) {
        wrong(reader, "vault.namespace", "expected a path such as \"network\"");
    }
    if vault.retry_first_ms > vault.retry_max_ms {
        wrong(reader, "vault.retry_first_ms", "longer than retry_max_ms");
    }
    if let Some(file) = &vault.ca_file
        && let Err(error) = std::fs::read(file)
    {
        wrong(reader, "vault.ca_file", format!("cannot read {}: {error}", file.display()));
    }
}
