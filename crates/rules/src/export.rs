//! Rules as files again: JSON, YAML or TOML that reads back as the same rules.
//!
//! From: rules as data. To: people and version control. Comments and the order of keys as
//! written are lost; the canonical order stays.

mod yaml;

use serde::Serialize;

use crate::{Format, Rule};

#[derive(Serialize)]
struct File<'a> {
    rules: &'a [Rule],
}

/// A rule file with these rules. [`crate::parse_rules`] reads equal rules from it.
pub fn export_rules(rules: &[Rule], format: Format) -> String {
    let file = File { rules };
    // Maps with text keys and no fractions always serialise; an empty text would show in tests.
    match format {
        Format::Json => {
            let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
            text.push('\n');
            text
        }
        Format::Toml if rules.is_empty() => "rules = []\n".to_owned(),
        Format::Toml => toml::to_string(&file).unwrap_or_default(),
        Format::Yaml => serde_json::to_string(&file)
            .ok()
            .and_then(|json| yaml::from_json(&json))
            .unwrap_or_default(),
    }
}
