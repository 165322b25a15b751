//! SNMP traps and informs, and who may send them with version 3.

use std::net::SocketAddr;

use ipnet::IpNet;

use super::input::local;
use crate::config::kinds::{EngineId, Name, Secret, SnmpPassword};
use crate::config::section::section;
use crate::config::value::choice;

choice! {
    /// How a user proves who it is.
    AuthProtocol {
        /// Nothing is proved.
        None = "none",
        /// HMAC-MD5-96: only with allow_md5.
        Md5 = "MD5",
        /// HMAC-SHA-96.
        Sha1 = "SHA",
        /// RFC 7860.
        Sha224 = "SHA-224",
        /// RFC 7860.
        Sha256 = "SHA-256",
        /// RFC 7860.
        Sha384 = "SHA-384",
        /// RFC 7860.
        Sha512 = "SHA-512",
    }
}

choice! {
    /// How a user encrypts.
    PrivProtocol {
        /// Nothing is encrypted.
        None = "none",
        /// DES-CBC: only with allow_des.
        Des = "DES",
        /// RFC 3826.
        Aes128 = "AES-128",
        /// Keys as Net-SNMP makes them (Blumenthal).
        Aes256 = "AES-256",
        /// Keys as Cisco makes them (Reeder).
        Aes256Cisco = "AES-256-Cisco",
    }
}

choice! {
    /// How much messages are protected.
    SecurityLevel {
        /// They may not be protected at all.
        NoAuthNoPriv = "noAuthNoPriv",
        /// They are authentic.
        AuthNoPriv = "authNoPriv",
        /// They are authentic and encrypted.
        AuthPriv = "authPriv",
    }
}

section! {
    /// SNMP traps and informs, v1, v2c and v3, over UDP. An inform is answered once it is on disk. What
    /// fails the checks of v3 is archived and not judged.
    SnmpSettings {
        /// Whether it listens.
        enabled: bool = true;
        /// Where it listens. In production "0.0.0.0:162".
        listen: SocketAddr = local(5162);
        /// Communities of v1 and v2c that are taken; empty: all.
        communities: Vec<Secret> = Vec::new(), like "[\"public\"]";
        /// A longer datagram is cut to this many bytes, marked and counted.
        message_bytes_max: u64 = 65_535, in 480..=65_535;
        /// How many sockets share the port (SO_REUSEPORT), each with its own reader.
        sockets: u64 = 1, in 1..=64;
        /// The kernel's receive buffer of each socket, in bytes; net.core.rmem_max limits it.
        receive_buffer_bytes: u64 = 4_194_304, in 4_096..=1_073_741_824;
        /// Networks that may send; others are counted and dropped. Empty: all, which is warned of where
        /// it can be reached from outside, since a datagram's sender is whoever it says.
        allowed_sources: Vec<IpNet> = Vec::new(), like "[\"10.0.0.0/8\"]";
        /// v3: MUTT's own engine id, in hexadecimal, the same for all processes; unset: one that is
        /// drawn once and kept in the database.
        engine_id: Option<EngineId> = None, like "\"80007ed905012345678a\"";
        /// v3: whether users may have MD5, which is broken.
        allow_md5: bool = false;
        /// v3: whether users may have DES, which is broken.
        allow_des: bool = false;
    }
    tables { user: Vec<SnmpUserSettings> }
}

section! {
    /// MIB files, by which OIDs have names in traps and rules. Others are uploaded by the API; standard
    /// traps have names without any.
    MibsSettings {
        /// A folder with MIB files, read at the start; unset: none. All processes need the same.
        folder: Option<std::path::PathBuf> = None, like "\"/etc/mutt/mibs\"";
    }
}

section! {
    /// A user of SNMP v3. Take the # away from what it needs; repeat it for another user.
    SnmpUserSettings {
        /// Its name.
        name: Name = Name::literal("unnamed"), like "\"mutt\"";
        /// Its name in SNMP (msgUserName), where that has other characters; unset: name.
        user_name: Option<String> = None, like "\"mutt@site-1\"";
        /// "none", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512", or "MD5" with allow_md5.
        auth: AuthProtocol = AuthProtocol::Sha256;
        /// The password for it, 8 characters or more.
        auth_password: Option<SnmpPassword> = None, like "\"a-long-secret\"";
        /// "none", "AES-128", "AES-256" (keys as Net-SNMP makes them), "AES-256-Cisco", or "DES" with
        /// allow_des.
        privacy: PrivProtocol = PrivProtocol::Aes128;
        /// The password for it, 8 characters or more.
        privacy_password: Option<SnmpPassword> = None, like "\"another-long-secret\"";
        /// What protects less is not judged: "noAuthNoPriv", "authNoPriv" or "authPriv".
        level_min: SecurityLevel = SecurityLevel::AuthPriv;
    }
}
