//! A provider of OpenID Connect.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::config::kinds::Secret;
use crate::config::section::section;

section! {
    /// People may sign in at a provider of OpenID Connect; see docs/security.md. Register
    /// api.public_url + "/api/v1/session/oidc/callback" there.
    OidcSettings {
        /// The provider's issuer, letter by letter as it names itself; unset: there is none.
        issuer: Option<String> = None, like "\"https://login.example.net/realms/net\"";
        /// MUTT's id there.
        client_id: String = "mutt".to_owned();
        /// MUTT's secret there.
        client_secret: Option<Secret> = None, like "\"a-long-random-text\"";
        /// Scopes that are asked for beside openid.
        scopes: Vec<String> = vec!["profile".to_owned(), "email".to_owned()];
        /// The claim of the ID token that lists a person's groups.
        groups_claim: String = "groups".to_owned();
        /// What members of a group may do: viewer, operator, author or admin; of several the most.
        /// Who is in none of them is refused.
        roles: BTreeMap<String, String> = BTreeMap::new(), like "{ \"noc\" = \"operator\", \"net-ops\" = \"admin\" }";
        /// The team whose alerts, silences and rules members of a group may change; none here: all.
        teams: BTreeMap<String, String> = BTreeMap::new(), like "{ \"noc-fra\" = \"net\" }";
        /// A file with the certificates (PEM) that the provider's is checked against, beside the
        /// system's own.
        ca_file: Option<PathBuf> = None, like "\"/etc/mutt/oidc-ca.pem\"";
    }
}
