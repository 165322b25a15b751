//! The rules files as one compiled set, or all that is wrong with them.
//!
//! From: the paths in the settings. To: `mutt check`, and the judge at the start and on a change.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use mutt_event::{Parser, ParserConfig};
use mutt_rules::{Draft, Fault, Format, Limits, RuleSet};

use crate::config::settings::RulesSettings;
use crate::config::value::size;

/// What is wrong in a rules file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileFault {
    /// The file; empty if the fault is between files.
    pub file: PathBuf,
    /// The line, from 1, where it is known.
    pub line: Option<u32>,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file.display(), self.message),
            None => write!(f, "{}: {}", self.file.display(), self.message),
        }
    }
}

/// A set that is good, and what its author should know.
#[derive(Debug)]
pub struct Loaded {
    /// The compiled rules of all files.
    pub rules: RuleSet,
    /// Not wrong, but perhaps not meant.
    pub warnings: Vec<String>,
}

/// Reads and compiles all files; no file makes the empty set.
///
/// # Errors
/// Every fault of every file.
pub fn load(settings: &RulesSettings) -> Result<Loaded, Vec<FileFault>> {
    let mut draft = Draft::default();
    let mut faults = Vec::new();
    for file in &settings.files {
        match read(file) {
            Ok(read) => draft = draft.join(read),
            Err(fault) => faults.push(fault),
        }
    }
    let parser = Parser::new(ParserConfig::default());
    let checked = draft.check(&limits(settings), &parser);
    // A fault of all rules together is told with the first file.
    let first = settings.files.first().cloned().unwrap_or_default();
    match checked {
        Ok((rules, warnings)) if faults.is_empty() => {
            let warnings = warnings.iter().map(|warning| warning.0.to_string()).collect();
            Ok(Loaded { rules, warnings })
        }
        checked => {
            let found = checked.err().unwrap_or_default();
            faults.extend(found.iter().map(|fault| from_fault(&first, fault)));
            Err(faults)
        }
    }
}

fn limits(settings: &RulesSettings) -> Limits {
    Limits {
        rules_max: size(settings.rules_max),
        regex_bytes_max: size(settings.regex_bytes_max),
        unanchored_max: size(settings.unanchored_max),
        summary_bytes_max: size(settings.summary_bytes_max),
        key_bytes_max: size(settings.key_bytes_max),
        ..Limits::default()
    }
}

/// When each file was last changed; another value means that the set must be read again.
pub fn changed_at(files: &[PathBuf]) -> Vec<Option<(SystemTime, u64)>> {
    files
        .iter()
        .map(|file| {
            let meta = std::fs::metadata(file).ok()?;
            Some((meta.modified().ok()?, meta.len()))
        })
        .collect()
}

fn read(file: &Path) -> Result<Draft, FileFault> {
    let fault = |message: String| FileFault { file: file.to_owned(), line: None, message };
    let format = format_of(file)
        .ok_or_else(|| fault("a rules file ends in .toml, .yaml, .yml or .json".to_owned()))?;
    let text =
        std::fs::read_to_string(file).map_err(|error| fault(format!("cannot be read: {error}")))?;
    Ok(Draft::read(&text, format).of_file(&file.to_string_lossy()))
}

fn format_of(file: &Path) -> Option<Format> {
    match file.extension()?.to_str()? {
        "toml" => Some(Format::Toml),
        "yaml" | "yml" => Some(Format::Yaml),
        "json" => Some(Format::Json),
        _ => None,
    }
}

fn from_fault(first: &Path, fault: &Fault) -> FileFault {
    let file = fault.file.as_ref().map_or_else(|| first.to_owned(), PathBuf::from);
    FileFault { file, line: fault.line, message: fault_text(fault) }
}

fn fault_text(fault: &Fault) -> String {
    let mut text = String::new();
    if let Some(rule) = &fault.rule {
        text.push_str(&format!("rule `{rule}`: "));
    }
    if !fault.path.is_empty() {
        text.push_str(&format!("{}: ", fault.path));
    }
    text.push_str(&fault.message);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn a_rule_whose_example_fails_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rules.toml");
        let rule = |example: &str| {
            format!(
                "[[rules]]\nid = \"fan\"\npriority = 1\nteam = \"dc\"\nhandling = \"page_only\"\n\
                 when.message.contains = \"fan failed\"\nsummary = \"fan\"\n\
                 examples = [{{ expect = \"match\", message = \"<13>{example}\" }}]\n"
            )
        };
        let mut settings = config::load(None, &Default::default()).unwrap().rules.clone();
        settings.files = vec![file.clone()];
        std::fs::write(&file, rule("fan failed")).unwrap();
        assert_eq!(load(&settings).unwrap().rules.len(), 1);
        std::fs::write(&file, rule("fan is well")).unwrap();
        let faults = load(&settings).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert!(faults[0].message.contains("rule `fan`"), "{}", faults[0]);
        assert_eq!((&faults[0].file, faults[0].line.is_some()), (&file, true));
    }
}
