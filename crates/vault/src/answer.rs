//! What Vault answers, as far as MUTT reads it. Secrets go from the body straight into their boxes,
//! which are wiped.

use std::collections::BTreeMap;
use std::fmt;

use mutt_secrets::SecretString;
use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

/// The fields of a secret.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Fields(BTreeMap<String, Field>);

impl Fields {
    /// A field's text; an `Err` for one that is no text. None: there is no such field.
    pub fn get(&self, name: &str) -> Option<Result<&SecretString, ()>> {
        self.0.get(name).map(|field| field.0.as_ref().ok_or(()))
    }

    /// The names of all fields.
    pub fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

/// A field that is a text, or something else.
#[derive(Clone, Debug)]
struct Field(Option<SecretString>);

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(deserializer.deserialize_any(Text).unwrap_or_default()))
    }
}

/// Reads any value; all but texts become none.
struct Text;

impl<'de> Visitor<'de> for Text {
    type Value = Option<SecretString>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok((!text.is_empty()).then(|| SecretString::from(text)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        while all.next_element::<serde::de::IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
        use serde::de::IgnoredAny;
        while all.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// `{"auth": …}` of a login or a renewal.
#[derive(Deserialize)]
pub(crate) struct WithAuth {
    pub auth: Auth,
}

#[derive(Deserialize)]
pub(crate) struct Auth {
    #[serde(deserialize_with = "secret")]
    pub client_token: SecretString,
    /// In seconds; 0: without an end.
    #[serde(default)]
    pub lease_duration: u64,
    #[serde(default)]
    pub renewable: bool,
}

/// `{"data": {"data": …}}` of KV version 2; a deleted version has none.
#[derive(Deserialize)]
pub(crate) struct WithSecret {
    pub data: Versioned,
}

#[derive(Deserialize)]
pub(crate) struct Versioned {
    pub data: Option<Fields>,
}

/// `{"data": {"secret_id": …}}` of an unwrapping.
#[derive(Deserialize)]
pub(crate) struct WithSecretId {
    pub data: Unwrapped,
}

#[derive(Deserialize)]
pub(crate) struct Unwrapped {
    #[serde(deserialize_with = "secret")]
    pub secret_id: SecretString,
}

/// `{"errors": […]}`.
#[derive(Default, Deserialize)]
pub(crate) struct Errors {
    #[serde(default)]
    pub errors: Vec<String>,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    let text = deserializer.deserialize_any(Text)?;
    text.ok_or_else(|| serde::de::Error::custom("no text"))
}

#[cfg(test)]
mod tests {
    use mutt_secrets::ExposeSecret;

    use super::*;

    #[test]
    fn fields_are_texts_or_nothing() {
        let text = r#"{"data":{"data":{"a":"k1","b":7,"c":null,"d":["x"],"e":{"f":"g"},"h":""},
                       "metadata":{"version":3}}}"#;
        let fields = serde_json::from_str::<WithSecret>(text).unwrap().data.data.unwrap();
        assert_eq!(fields.get("a").unwrap().unwrap().expose_secret(), "k1");
        for other in ["b", "c", "d", "e", "h"] {
            assert!(fields.get(other).unwrap().is_err(), "{other}");
        }
        assert!(fields.get("z").is_none());
        assert_eq!(fields.names(), ["a", "b", "c", "d", "e", "h"]);
        assert!(!format!("{fields:?}").contains("k1"));
    }

    #[test]
    fn a_login_and_a_deleted_secret() {
        let text = r#"{"auth":{"client_token":"s.1","lease_duration":5,"renewable":true}}"#;
        let auth = serde_json::from_str::<WithAuth>(text).unwrap().auth;
        assert_eq!((auth.client_token.expose_secret(), auth.lease_duration), ("s.1", 5));
        assert!(serde_json::from_str::<WithAuth>(r#"{"auth":{"client_token":7}}"#).is_err());
        let deleted = r#"{"data":{"data":null,"metadata":{}}}"#;
        assert!(serde_json::from_str::<WithSecret>(deleted).unwrap().data.data.is_none());
    }
}
