//! The command line: reads it and calls what it asks for.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use mutt::config::{self, Settings, render};

/// The exit code for wrong settings.
const WRONG_SETTINGS: u8 = 2;

/// MUTT: every network message kept and archived, the few that matter sent on as alerts.
#[derive(Parser)]
#[command(version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run: take messages, archive them, send alerts, until SIGTERM.
    Run(ConfigFile),
    /// Say every mistake in the settings and the rules at once; exit 2 if there is one.
    Check(ConfigFile),
    /// Show settings.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Print a commented example with every setting and its default.
    Example,
    /// Print the settings that hold: defaults, file and environment together.
    Show {
        #[command(flatten)]
        file: ConfigFile,
        /// Leave secrets out.
        #[arg(long)]
        redacted: bool,
    },
}

#[derive(Args)]
struct ConfigFile {
    /// The settings file; without it the defaults and the environment hold.
    #[arg(long, env = "MUTT_CONFIG")]
    config: Option<PathBuf>,
}

impl ConfigFile {
    fn load(&self) -> Result<Settings, ExitCode> {
        config::load(self.config.as_deref(), &config::environment()).map_err(|problems| {
            eprintln!("{problems}");
            ExitCode::from(WRONG_SETTINGS)
        })
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) | Err(code) => code,
    }
}

fn run(command: Command) -> Result<ExitCode, ExitCode> {
    match command {
        Command::Run(file) => return Ok(mutt::run::run(file.load()?)),
        Command::Check(file) => {
            file.load()?;
            println!("no mistakes");
        }
        Command::Config(ConfigCommand::Example) => print!("{}", render::example()),
        Command::Config(ConfigCommand::Show { file, redacted }) => {
            print!("{}", render::show(&file.load()?, redacted));
        }
    }
    Ok(ExitCode::SUCCESS)
}
