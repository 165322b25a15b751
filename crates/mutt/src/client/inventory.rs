//! `mutt inventory`: what is known of hosts, from and to a file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};

use super::{Client, Remote, block_on, escaped, show};

/// The inventory and its file.
#[derive(Subcommand)]
pub enum InventoryCommand {
    /// Make the inventory of a running MUTT that of a file (.csv, .yaml, .toml, .json), wholly or
    /// not at all.
    Apply(Apply),
    /// Write the inventory of a running MUTT into a CSV file.
    Export(Export),
}

/// What is applied, and how.
#[derive(Args)]
pub struct Apply {
    /// The file. CSV has a header: host,environment,site,team,labels.NAME,...
    file: PathBuf,
    /// Show the difference, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Entries that the file does not name stay; without it they are removed.
    #[arg(long)]
    keep: bool,
    /// Why: kept with the revision.
    #[arg(long, default_value = "mutt inventory apply")]
    why: String,
    #[command(flatten)]
    remote: Remote,
}

/// Where to.
#[derive(Args)]
pub struct Export {
    /// The CSV file.
    file: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

/// Does what was asked.
///
/// # Errors
/// With what is wrong and what to do.
pub fn run(command: &InventoryCommand) -> Result<()> {
    match command {
        InventoryCommand::Apply(args) => block_on(apply(args)),
        InventoryCommand::Export(args) => block_on(export(args)),
    }
}

fn media_of(file: &Path) -> Result<&'static str> {
    Ok(match file.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => "text/csv",
        Some("yaml" | "yml") => "application/yaml",
        Some("toml") => "application/toml",
        Some("json") => "application/json",
        _ => bail!("{}: an inventory ends in .csv, .yaml, .toml or .json", file.display()),
    })
}

async fn apply(args: &Apply) -> Result<()> {
    let media = media_of(&args.file)?;
    let text =
        fs::read_to_string(&args.file).with_context(|| format!("{}", args.file.display()))?;
    let client = Client::new(&args.remote)?;
    let path = |dry_run: bool| {
        let why = escaped(&args.why);
        format!("/inventory?dry_run={dry_run}&keep={}&why={why}", args.keep)
    };
    let mut answer = client.put(&path(true), media, "*", text.clone()).await?;
    if !args.dry_run {
        // What was checked is what is done: a change in between is refused.
        answer = client.put(&path(false), media, &answer.etag(), text).await?;
    }
    print!("{}", show::saved(&answer.json()?));
    Ok(())
}

async fn export(args: &Export) -> Result<()> {
    let client = Client::new(&args.remote)?;
    let answer = client.get("/inventory", "text/csv").await?;
    fs::write(&args.file, &answer.body).with_context(|| format!("{}", args.file.display()))?;
    // A header, and an entry a line at least.
    println!("{} lines in {}", answer.body.lines().count(), args.file.display());
    Ok(())
}
