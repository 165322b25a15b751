//! Vault or OpenBao.

use std::path::PathBuf;

use crate::config::kinds::{Secret, Url};
use crate::config::section::section;

section! {
    /// Vault or OpenBao: with it any secret below may be a field of one there, by AppRole and KV
    /// version 2, written "vault:MOUNT/PATH#FIELD"; see docs/secrets.md.
    VaultSettings {
        /// Where it is; unset: there is none.
        address: Option<Url> = None, like "\"https://vault.example.net:8200\"";
        /// The role's id.
        role_id: Option<Secret> = None, like "\"00000000-0000-0000-0000-000000000000\"";
        /// The secret id that proves it; best from a file: secret_id_file.
        secret_id: Option<Secret> = None, like "\"00000000-0000-0000-0000-000000000000\"";
        /// Instead of it a token that wraps one, which opens once.
        wrapped_secret_id: Option<Secret> = None, like "\"s.wrapping-token\"";
        /// Where AppRole is mounted.
        approle_mount: String = "approle".to_owned();
        /// The namespace of the role and the secrets; unset: the root.
        namespace: Option<String> = None, like "\"network\"";
        /// A file with the certificates (PEM) that Vault's is checked against, beside the system's
        /// own.
        ca_file: Option<PathBuf> = None, like "\"/etc/mutt/vault-ca.pem\"";
        /// An answer must come within this, in milliseconds.
        timeout_ms: u64 = 5_000, in 100..=60_000;
        /// How often secrets are read anew, those in files too, in milliseconds.
        refresh_ms: u64 = 60_000, in 100..=86_400_000;
        /// The first wait after a failure, in milliseconds; it doubles, with jitter.
        retry_first_ms: u64 = 1_000, in 10..=600_000;
        /// The longest wait, in milliseconds.
        retry_max_ms: u64 = 60_000, in 10..=3_600_000;
    }
}
