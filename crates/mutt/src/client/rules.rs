//! `mutt rules`: the rule set as a folder of files, applied, exported and tested.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Subcommand};
use mutt_rules::{Format, Limits, Rule, coverage, export_rules, parse_rules};
use serde_json::{Value, json};

use super::{Client, Refused, Remote, block_on, escaped, show};
use crate::rule_files::{self, Places};

/// The rule set and its files.
#[derive(Subcommand)]
pub enum RulesCommand {
    /// Make the rules of a running MUTT those of a folder, wholly or not at all.
    Apply(Apply),
    /// Write the rules of a running MUTT into a folder, one YAML file for each.
    Export(Export),
    /// Judge the examples of all rules of a folder and play their scenarios, without a running
    /// MUTT; exit 1 if one fails.
    /// Without a folder those of a running MUTT.
    Test(Test),
}

/// What is applied, and how.
#[derive(Args)]
pub struct Apply {
    /// A folder of rule files (.toml, .yaml, .json), with those below it; or one file.
    folder: PathBuf,
    /// Show the difference, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Rules that the folder does not name stay; without it they are removed.
    #[arg(long)]
    keep: bool,
    /// Why: kept with the revision.
    #[arg(long, default_value = "mutt rules apply")]
    why: String,
    #[command(flatten)]
    remote: Remote,
}

/// Where to.
#[derive(Args)]
pub struct Export {
    /// The folder; it is made if it is missing.
    folder: PathBuf,
    /// Remove rule files there that no rule of the set belongs to; without it such a file is an
    /// error, since it would come back with the next apply.
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    remote: Remote,
}

/// What is tested.
#[derive(Args)]
pub struct Test {
    /// A folder of rule files, or one file.
    folder: Option<PathBuf>,
    /// Every rule must have an example: exit 1 if one has none.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    remote: Remote,
}

/// Does what was asked; answers whether all is well.
///
/// # Errors
/// With what is wrong and what to do.
pub fn run(command: &RulesCommand) -> Result<bool> {
    match command {
        RulesCommand::Apply(args) => block_on(apply(args)).map(|()| true),
        RulesCommand::Export(args) => block_on(export(args)).map(|()| true),
        RulesCommand::Test(args) => match &args.folder {
            Some(folder) => Ok(test_files(folder, args.all)?),
            None => block_on(test_remote(args)),
        },
    }
}

/// The rules of a folder, as one file.
pub(super) fn read(folder: &Path) -> Result<(Vec<Rule>, Places)> {
    let files = rule_files::in_folder(folder).with_context(|| format!("{}", folder.display()))?;
    ensure!(!files.is_empty(), "{} holds no rule file (.toml, .yaml, .json)", folder.display());
    rule_files::read_all(&files).map_err(|faults| anyhow::anyhow!("{}", lines(&faults)))
}

fn lines<T: ToString>(faults: &[T]) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

async fn apply(args: &Apply) -> Result<()> {
    let (rules, places) = read(&args.folder)?;
    ensure!(
        !rules.is_empty() || args.keep,
        "{} names no rule: that would remove all rules",
        args.folder.display()
    );
    let client = Client::new(&args.remote)?;
    let body = export_rules(&rules, Format::Json);
    let path = |dry_run: bool| {
        let why = escaped(&args.why);
        format!("/rules?dry_run={dry_run}&keep={}&why={why}", args.keep)
    };
    let put = async |dry_run: bool, etag: &str| {
        let answer = client.put(&path(dry_run), "application/json", etag, body.clone()).await;
        answer.map_err(|error| with_files(error, &places))
    };
    let trial = put(true, "*").await?;
    if args.dry_run {
        print!("{}", show::saved(&trial.json()?));
        return Ok(());
    }
    // What was shown is what is done: if somebody changes a rule in between, it is refused.
    let done = put(false, &trial.etag()).await?;
    print!("{}", show::saved(&done.json()?));
    Ok(())
}

/// Says in which file a faulty rule stands.
fn with_files(error: anyhow::Error, places: &Places) -> anyhow::Error {
    let Some(Refused(problem)) = error.downcast_ref::<Refused>() else { return error };
    let mut problem = problem.clone();
    for fault in problem["errors"].as_array_mut().into_iter().flatten() {
        if let Some(file) = fault["name"].as_str().and_then(|name| places.get(name)) {
            let name = format!("{} ({})", fault["name"].as_str().unwrap_or_default(), file);
            fault["name"] = Value::from(name);
        }
    }
    Refused(problem).into()
}

async fn export(args: &Export) -> Result<()> {
    let client = Client::new(&args.remote)?;
    let answer = client.get("/rules/export", "application/json").await?;
    let rules = parse_rules(&answer.body, Format::Json)
        .map_err(|faults| anyhow::anyhow!("{}", lines(&faults)))?;
    write(&args.folder, &rules, args.prune)?;
    println!("{} rules in {}", rules.len(), args.folder.display());
    Ok(())
}

/// Writes one file for each rule, named by its id.
fn write(folder: &Path, rules: &[Rule], prune: bool) -> Result<()> {
    let at = |path: &Path| format!("{}", path.display());
    fs::create_dir_all(folder).with_context(|| at(folder))?;
    let files: BTreeSet<PathBuf> =
        rules.iter().map(|rule| folder.join(format!("{}.yaml", rule.id))).collect();
    let there = rule_files::in_folder(folder).with_context(|| at(folder))?;
    let stale: Vec<PathBuf> = there.into_iter().filter(|file| !files.contains(file)).collect();
    if !stale.is_empty() && !prune {
        let names: Vec<String> = stale.iter().map(|file| at(file)).collect();
        bail!(
            "these rule files belong to no rule of the set: {}; remove them, or say --prune",
            names.join(", ")
        );
    }
    for rule in rules {
        let file = folder.join(format!("{}.yaml", rule.id));
        let text = export_rules(std::slice::from_ref(rule), Format::Yaml);
        fs::write(&file, text).with_context(|| at(&file))?;
    }
    for file in stale {
        fs::remove_file(&file).with_context(|| at(&file))?;
    }
    Ok(())
}

fn test_files(folder: &Path, all: bool) -> Result<bool> {
    let files = rule_files::in_folder(folder).with_context(|| format!("{}", folder.display()))?;
    ensure!(!files.is_empty(), "{} holds no rule file (.toml, .yaml, .json)", folder.display());
    match rule_files::load(&files, &Limits::default(), Arc::default()) {
        Ok(loaded) => {
            loaded.warnings.iter().for_each(|warning| println!("note: {warning}"));
            let coverage = coverage(loaded.rules.rules());
            println!("{coverage}");
            let whole = coverage.without.is_empty();
            Ok(whole || !all)
        }
        Err(faults) => {
            println!("{}", lines(&faults));
            println!("{} faults", faults.len());
            Ok(false)
        }
    }
}

async fn test_remote(args: &Test) -> Result<bool> {
    let client = Client::new(&args.remote)?;
    let tested = client.ask("/rules/test").await?.json()?;
    let list = |key: &str| tested[key].as_array().cloned().unwrap_or_default();
    for fault in list("faults") {
        println!("{}", show::fault_line(&fault));
    }
    for warning in list("warnings") {
        println!("note: {}", show::fault_line(&warning));
    }
    let coverage = &tested["coverage"];
    let without = coverage["without"].as_array().cloned().unwrap_or_default();
    println!(
        "{} rules, {} examples, {} scenarios, {} rules without any example: {}",
        coverage["rules"],
        coverage["examples"],
        coverage["scenarios"],
        without.len(),
        json!(without)
    );
    let passed = tested["passed"].as_bool().unwrap_or_default();
    Ok(passed && (without.is_empty() || !args.all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_stale_files_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[[rules]]\nid = \"a.b\"\npriority = 1\nhandling = \"log_only\"\n\
                    when.message.contains = \"fan\"\n";
        let rules = parse_rules(text, Format::Toml).unwrap();
        write(folder.path(), &rules, false).unwrap();
        assert_eq!(read(folder.path()).unwrap().0, rules);
        let refused = write(folder.path(), &[], false).unwrap_err().to_string();
        assert!(refused.contains("a.b.yaml") && refused.contains("--prune"), "{refused}");
        write(folder.path(), &[], true).unwrap();
        assert!(read(folder.path()).is_err());
    }
}
