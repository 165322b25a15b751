//! What the settings of SNMP users need of each other.

use super::wrong;
use crate::config::reader::Reader;
use crate::config::settings::{
    AuthProtocol, PrivProtocol, SecurityLevel, SnmpSettings, SnmpUserSettings,
};

/// msgUserName has so many bytes (RFC 3414 section 2.4).
const USER_BYTES: std::ops::RangeInclusive<usize> = 1..=32;
/// Each is looked for by its name, one after the other.
const USERS_MAX: usize = 256;

/// Reports every mistake.
pub(super) fn verify(settings: &SnmpSettings, reader: &mut Reader<'_>) {
    let users = &settings.user;
    if users.len() > USERS_MAX {
        let message = format!("{} users, and {USERS_MAX} is the most", users.len());
        wrong(reader, "input.snmp.user", message);
    }
    for (index, user) in users.iter().enumerate() {
        for (key, message) in faults(settings, user) {
            wrong(reader, &format!("input.snmp.user.{index}.{key}"), message);
        }
        let same = |other: &&SnmpUserSettings| other.user_name() == user.user_name();
        if let Some(other) = users[..index].iter().find(same)
            && other.name != user.name
        {
            let message = format!("is the user of `{}` already", other.name);
            wrong(reader, &format!("input.snmp.user.{index}.user_name"), message);
        }
    }
}

fn faults(settings: &SnmpSettings, user: &SnmpUserSettings) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    let mut fault = |key, message: &str| faults.push((key, message.to_owned()));
    let (proves, encrypts) = (user.auth != AuthProtocol::None, user.privacy != PrivProtocol::None);
    if user.auth == AuthProtocol::Md5 && !settings.allow_md5 {
        fault("auth", "MD5 is broken: use SHA-256, or set input.snmp.allow_md5 = true");
    }
    if user.privacy == PrivProtocol::Des && !settings.allow_des {
        fault("privacy", "DES is broken: use AES-128, or set input.snmp.allow_des = true");
    }
    if encrypts && !proves {
        fault("privacy", "without auth there is none: set privacy = \"none\", or give auth");
    }
    if proves && user.auth_password.is_none() {
        fault("auth_password", "missing: auth needs it");
    }
    if encrypts && user.privacy_password.is_none() {
        fault("privacy_password", "missing: privacy needs it; or set privacy = \"none\"");
    }
    let most = match (proves, encrypts) {
        (false, _) => SecurityLevel::NoAuthNoPriv,
        (true, false) => SecurityLevel::AuthNoPriv,
        (true, true) => SecurityLevel::AuthPriv,
    };
    if user.level_min as u8 > most as u8 {
        let message = format!(
            "nothing of this user would be taken: with its auth and privacy it can have {} at most",
            most.word()
        );
        fault("level_min", &message);
    }
    if !USER_BYTES.contains(&user.user_name().len()) {
        fault("user_name", "a user's name has 1 to 32 bytes");
    }
    faults
}

impl SnmpUserSettings {
    /// msgUserName.
    pub fn user_name(&self) -> &str {
        self.user_name.as_deref().unwrap_or(self.name.as_str())
    }
}
