//! SNMP version 3: users from the settings, and MUTT's own engine from the database.
//!
//! From: settings, and a database that is asked once, at the start. To: the SNMP input.

use anyhow::{Context, Result, anyhow};
use mutt_event::SecurityLevel;
use mutt_input::{AuthProtocol, Engine, PrivProtocol, SnmpUser, Usm};
use mutt_store::SqlStore;

use super::wait;
use crate::config::Settings;
use crate::config::kinds::engine_id;
use crate::config::settings::{self, SnmpSettings, SnmpUserSettings};

/// A new engine's id begins so: the form of RFC 3411 section 5, the enterprise number for examples,
/// since MUTT has none of its own (RFC 5612), and "octets".
const ENGINE_ID_HEAD: &str = "80007ed905";

/// The checks of SNMP version 3. With users MUTT is an engine, of the database `store` or, where a
/// process needs none otherwise, of one that is asked now and closed again.
///
/// # Errors
/// The database does not answer, or holds what is no engine; the system gives no random numbers.
pub async fn usm(settings: &Settings, store: Option<&SqlStore>) -> Result<Usm> {
    let snmp = &settings.input.snmp;
    let is_engine = snmp.enabled && !snmp.user.is_empty();
    let engine = match (is_engine, store) {
        (false, _) => None,
        (true, Some(store)) => Some(engine(snmp, store).await?),
        (true, None) => {
            let store = wait::database(settings).await?;
            let engine = engine(snmp, &store).await;
            store.close().await;
            Some(engine?)
        }
    };
    let users = snmp.user.iter().map(user).collect();
    Usm::new(users, engine).map_err(|why| anyhow!("input.snmp: {why}"))
}

/// The engine of this database; it makes one if there is none.
async fn engine(settings: &SnmpSettings, store: &SqlStore) -> Result<Engine> {
    let given = settings.engine_id.as_ref().map(ToString::to_string);
    let keep = given.is_some();
    let drawn = || format!("{ENGINE_ID_HEAD}{:024x}", rand::random::<u128>() >> 32);
    let found = store.snmp_engine(&given.unwrap_or_else(drawn), keep).await.context("database")?;
    let id = engine_id(&found.engine).filter(|id| Engine::fits_as_id(id));
    let id = id.with_context(|| format!("database: `{}` is no SNMP engine's id", found.engine))?;
    let (engine, boots) = (found.engine, found.boots);
    tracing::info!(engine, boots, "SNMP version 3: informs are sent to this engine");
    Ok(Engine::new(id, boots, found.age))
}

fn user(from: &SnmpUserSettings) -> SnmpUser {
    let auth = auth(from.auth).zip(from.auth_password.as_ref().map(|password| password.live()));
    let privacy =
        privacy(from.privacy).zip(from.privacy_password.as_ref().map(|password| password.live()));
    let level_min = match from.level_min {
        settings::SecurityLevel::NoAuthNoPriv => SecurityLevel::NoAuthNoPriv,
        settings::SecurityLevel::AuthNoPriv => SecurityLevel::AuthNoPriv,
        settings::SecurityLevel::AuthPriv => SecurityLevel::AuthPriv,
    };
    SnmpUser { name: from.user_name().to_owned(), auth, privacy, level_min }
}

fn auth(from: settings::AuthProtocol) -> Option<AuthProtocol> {
    Some(match from {
        settings::AuthProtocol::None => return None,
        settings::AuthProtocol::Md5 => AuthProtocol::Md5,
        settings::AuthProtocol::Sha1 => AuthProtocol::Sha1,
        settings::AuthProtocol::Sha224 => AuthProtocol::Sha224,
        settings::AuthProtocol::Sha256 => AuthProtocol::Sha256,
        settings::AuthProtocol::Sha384 => AuthProtocol::Sha384,
        settings::AuthProtocol::Sha512 => AuthProtocol::Sha512,
    })
}

fn privacy(from: settings::PrivProtocol) -> Option<PrivProtocol> {
    Some(match from {
        settings::PrivProtocol::None => return None,
        settings::PrivProtocol::Des => PrivProtocol::Des,
        settings::PrivProtocol::Aes128 => PrivProtocol::Aes128,
        settings::PrivProtocol::Aes256 => PrivProtocol::Aes256Blumenthal,
        settings::PrivProtocol::Aes256Cisco => PrivProtocol::Aes256Reeder,
    })
}
