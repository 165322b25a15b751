//! Rule files and folders of them: for a first start, for `mutt rules`, and for `mutt check`.
//!
//! From: files in TOML, YAML or JSON. To: rules, each with the file that it stands in; or all that
//! is wrong with them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mutt_event::trap::Names;
use mutt_event::{Parser, ParserConfig};
use mutt_pipeline::scenario_faults;
use mutt_rules::{Draft, Fault, Format, Inventory, Limits, Rule, RuleSet, Warning};

use crate::config::settings::RulesSettings;
use crate::config::value::size;

/// The name of the file that each rule stands in, by the rule's id.
pub type Places = BTreeMap<String, String>;

/// Reads all files; each rule for itself is checked.
///
/// # Errors
/// Every fault of every file.
pub fn read_all(files: &[PathBuf]) -> Result<(Vec<Rule>, Places), Vec<Fault>> {
    let (all, places, mut faults) = drafts(files);
    match all.into_rules(&Limits::default()) {
        Ok(rules) if faults.is_empty() => Ok((rules, places)),
        read => {
            faults.extend(read.err().unwrap_or_default());
            Err(faults)
        }
    }
}

/// A set that is good, and what its author should know.
#[derive(Debug)]
pub struct Loaded {
    /// The compiled rules of all files.
    pub rules: RuleSet,
    /// Not wrong, but perhaps not meant.
    pub warnings: Vec<Warning>,
}

/// Reads and compiles all files by these names of OIDs, judges their examples and plays their
/// scenarios; no file makes the empty set.
///
/// # Errors
/// Every fault of every file.
pub fn load(files: &[PathBuf], limits: &Limits, names: Arc<Names>) -> Result<Loaded, Vec<Fault>> {
    let (all, _, mut faults) = drafts(files);
    let all = all.named(&names);
    let parser = Parser::new(ParserConfig::default()).with_names(names);
    let checked = all.check(limits, &parser);
    if let Ok((rules, _)) = &checked {
        faults.extend(scenario_faults(rules, &Inventory::default(), limits, &parser));
    }
    match checked {
        Ok((rules, warnings)) if faults.is_empty() => Ok(Loaded { rules, warnings }),
        checked => {
            faults.extend(checked.err().unwrap_or_default());
            Err(faults)
        }
    }
}

/// What a set may cost, by the settings.
pub fn limits(settings: &RulesSettings) -> Limits {
    Limits {
        rules_max: size(settings.rules_max),
        regex_bytes_max: size(settings.regex_bytes_max),
        unanchored_max: size(settings.unanchored_max),
        summary_bytes_max: size(settings.summary_bytes_max),
        key_bytes_max: size(settings.key_bytes_max),
        ..Limits::default()
    }
}

/// All rule files in a folder and those below it, by path; or the one file that is named.
///
/// # Errors
/// If it cannot be read.
pub fn in_folder(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if format_of(&path).is_some() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The rules of all files as far as they can be read, and the files that cannot.
fn drafts(files: &[PathBuf]) -> (Draft, Places, Vec<Fault>) {
    let (mut all, mut places, mut faults) = (Draft::default(), Places::new(), Vec::new());
    for file in files {
        match draft(file) {
            Ok(draft) => {
                let name = file.display().to_string();
                places.extend(draft.rules().map(|rule| (rule.id.clone(), name.clone())));
                all = all.join(draft);
            }
            Err(fault) => faults.push(fault),
        }
    }
    (all, places, faults)
}

/// A file's rules, as far as they can be read.
fn draft(file: &Path) -> Result<Draft, Fault> {
    let name = file.display().to_string();
    let fault = |message: String| Fault {
        file: Some(name.clone()),
        rule: None,
        path: String::new(),
        line: None,
        message,
    };
    let ending = || fault("a rules file ends in .toml, .yaml, .yml or .json".to_owned());
    let format = format_of(file).ok_or_else(ending)?;
    let text =
        std::fs::read_to_string(file).map_err(|error| fault(format!("cannot be read: {error}")))?;
    Ok(Draft::read(&text, format).of_file(&name))
}

fn format_of(file: &Path) -> Option<Format> {
    Format::of_file(file.file_name()?.to_str()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(file: &Path, id: &str, example: &str) {
        let text = format!(
            "[[rules]]\nid = \"{id}\"\npriority = 1\nteam = \"dc\"\nhandling = \"page_only\"\n\
             when.message.contains = \"fan failed\"\nsummary = \"fan\"\n\
             examples = [{{ expect = \"match\", message = \"<13>{example}\" }}]\n"
        );
        std::fs::write(file, text).unwrap();
    }

    #[test]
    fn a_rule_whose_example_fails_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rules.toml");
        let files = [file.clone()];
        write(&file, "fan", "fan failed");
        assert_eq!(load(&files, &Limits::default(), Arc::default()).unwrap().rules.len(), 1);
        write(&file, "fan", "fan is well");
        let faults = load(&files, &Limits::default(), Arc::default()).unwrap_err();
        assert_eq!((faults.len(), faults[0].rule.as_deref()), (1, Some("fan")));
        assert_eq!(faults[0].file.as_deref(), file.to_str());
        assert!(faults[0].line.is_some(), "{}", faults[0]);
    }

    #[test]
    fn a_folder_gives_its_rule_files_by_path_and_an_id_stands_in_one_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.toml"), folder.path().join("sub/b.toml"));
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::fs::write(folder.path().join("README.md"), "not a rule file").unwrap();
        write(&a, "fan", "fan failed");
        write(&b, "fan", "fan failed");
        let files = in_folder(folder.path()).unwrap();
        assert_eq!(files, [a, b.clone()]);
        let faults = read_all(&files).unwrap_err();
        assert_eq!((faults.len(), faults[0].file.as_deref()), (1, b.to_str()));
        assert!(faults[0].message.contains("a.toml"), "{}", faults[0]);
    }

    #[test]
    fn a_file_that_is_missing_is_told_with_the_faults_of_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let (gone, bad) = (folder.path().join("gone.toml"), folder.path().join("bad.toml"));
        write(&bad, "fan", "fan is well");
        let faults = load(&[gone, bad], &Limits::default(), Arc::default()).unwrap_err();
        assert_eq!(faults.len(), 2, "{faults:?}");
    }
}
