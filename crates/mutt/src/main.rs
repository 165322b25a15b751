//! The command line: reads it and calls what it asks for.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use mutt::audit::AuditCommand;
use mutt::cert::{self, CertCommand};
use mutt::client::alert::AlertCommand;
use mutt::client::backtest::BacktestArgs;
use mutt::client::drill::Drill;
use mutt::client::explain::Explain;
use mutt::client::inventory::InventoryCommand;
use mutt::client::patterns::PatternsCommand;
use mutt::client::rules::RulesCommand;
use mutt::client::silence::{MaintenanceCommand, SilenceCommand};
use mutt::config::{self, Settings, notes, render};
use mutt::keys::KeyCommand;
use mutt::run::Role;
use mutt::users::UserCommand;
use mutt::{audit, backup, client, healthcheck, journal_tool, keys, mib_files, rule_files, users};

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
    /// Of several processes over a journal in Redis: take messages, until SIGTERM.
    Ingest(ConfigFile),
    /// Of several processes over a journal in Redis: archive messages and send alerts, until SIGTERM.
    Forward(ConfigFile),
    /// Of several processes over a journal in Redis: serve the pages and the API, until SIGTERM.
    Web(ConfigFile),
    /// Say every mistake in the settings and the rules at once; exit 2 if there is one.
    Check(ConfigFile),
    /// Show settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// The alerts of a running MUTT, and what people do with them. Without a subcommand: of several
    /// processes over a journal in Redis, judge messages and make alerts, until SIGTERM.
    #[command(args_conflicts_with_subcommands = true)]
    Alert {
        #[command(flatten)]
        file: ConfigFile,
        #[command(subcommand)]
        command: Option<AlertCommand>,
    },
    /// The rules of a running MUTT as a folder of files.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// What a running MUTT knows of hosts, from and to a file.
    #[command(subcommand)]
    Inventory(InventoryCommand),
    /// Silences of a running MUTT: of which alerts nobody is told for a while.
    #[command(subcommand)]
    Silence(SilenceCommand),
    /// Maintenance windows of a running MUTT: silences that come again.
    #[command(subcommand)]
    Maintenance(MaintenanceCommand),
    /// What no rule of a running MUTT wants, and what people make of it.
    #[command(subcommand)]
    Patterns(PatternsCommand),
    /// Ask a running MUTT why a message came out as it did.
    Explain(Explain),
    /// Send a marked message the whole way through a running MUTT, and show its arrival.
    Drill(Drill),
    /// Try rules on a running MUTT's recent past, beside the rules in force.
    Backtest(BacktestArgs),
    /// Keys of the API, in the database itself.
    Key {
        #[command(flatten)]
        file: ConfigFile,
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// People who may sign in, in the database itself.
    User {
        #[command(flatten)]
        file: ConfigFile,
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Who did what and when, in the database itself.
    Audit {
        #[command(flatten)]
        file: ConfigFile,
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Write the whole database to a new file, while MUTT may run.
    Backup {
        #[command(flatten)]
        file: ConfigFile,
        /// The file to write.
        to: PathBuf,
    },
    /// Fill an empty database with a backup: beside its journal MUTT goes on from there.
    Restore {
        #[command(flatten)]
        file: ConfigFile,
        /// The file to read.
        from: PathBuf,
    },
    /// Certificates for a trial of TLS.
    #[command(subcommand)]
    Cert(CertCommand),
    /// Look into a journal; it may be damaged, or in use.
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Show it all on this machine: MUTT, a network's traffic, a NetIM and a Moogsoft to look at.
    Demo(DemoArgs),
    /// Measure throughput, CPU time, memory and latency of this build on this machine.
    Bench(BenchArgs),
    /// Ask a running MUTT whether it is ready; exit 1 if not.
    Healthcheck(ConfigFile),
    /// Print what describes the API: OpenAPI 3.1, as `/api/v1/openapi.json` serves it.
    Openapi,
}

#[derive(Args)]
struct BenchArgs {
    /// Messages of a throughput run.
    #[arg(long, default_value_t = 5_000_000)]
    messages: u64,
    /// Rules in force.
    #[arg(long, default_value_t = 1_000)]
    rules: u32,
    /// Messages a second of the latency run.
    #[arg(long, default_value_t = 10_000)]
    rate: u32,
    /// How long the latency run is: `20s`.
    #[arg(long, default_value = "20s", value_parser = mutt::demo::duration)]
    latency_time: std::time::Duration,
}

#[derive(Args)]
struct DemoArgs {
    /// End after this long, with a summary: `60s`, `5m`; without it Ctrl-C ends it.
    #[arg(long = "for", value_parser = mutt::demo::duration)]
    time: Option<std::time::Duration>,
    /// Messages a second.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    rate: u32,
    /// What the traffic is made from: the same seed, the same traffic.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Subcommand)]
enum JournalCommand {
    /// Say what each segment holds; exit 1 if something cannot be read.
    Inspect {
        /// The journal's folder, as journal.folder has it.
        folder: PathBuf,
    },
    /// Write every message that can be read; exit 1 if one cannot.
    Export {
        /// The journal's folder, as journal.folder has it.
        folder: PathBuf,
        /// The first position to write.
        #[arg(long, default_value_t = 1)]
        from: u64,
        /// How to write it.
        #[arg(long, value_enum, default_value = "json")]
        format: journal_tool::Format,
        /// Where to write it; without it to standard output.
        #[arg(long)]
        output: Option<PathBuf>,
    },
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
    #[arg(long, env = "MUTT_CONFIG", global = true)]
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
    if let Err(error) = mutt::harden::no_core_dumps() {
        eprintln!("core dumps stay on, and would hold secrets: {error}");
    }
    match run(Cli::parse().command) {
        Ok(code) | Err(code) => code,
    }
}

fn run(command: Command) -> Result<ExitCode, ExitCode> {
    match command {
        Command::Run(file) => return Ok(mutt::run::run(file.load()?, Role::All)),
        Command::Ingest(file) => return Ok(mutt::run::run(file.load()?, Role::Ingest)),
        Command::Forward(file) => return Ok(mutt::run::run(file.load()?, Role::Forward)),
        Command::Web(file) => return Ok(mutt::run::run(file.load()?, Role::Web)),
        Command::Alert { file, command: None } => {
            return Ok(mutt::run::run(file.load()?, Role::Alert));
        }
        Command::Check(file) => {
            let settings = file.load()?;
            let limits = rule_files::limits(&settings.rules);
            let names = mib_files::names(&settings.mibs).unwrap_or_default();
            let loaded = rule_files::load(&settings.rules.seed_files, &limits, names);
            let warnings = loaded.map(|loaded| loaded.warnings).unwrap_or_default();
            let warnings = warnings.iter().map(ToString::to_string);
            for note in notes::of(&settings).into_iter().chain(warnings) {
                print(&format!("note: {note}\n"));
            }
            print("no mistakes\n");
        }
        Command::Config(ConfigCommand::Example) => print(&render::example()),
        Command::Openapi => print(&format!("{}\n", mutt_api::document())),
        Command::Config(ConfigCommand::Show { file, redacted }) => {
            print(&render::show(&file.load()?, redacted));
        }
        Command::Alert { command: Some(command), .. } => {
            return Ok(answer(client::alert::run(&command).map(|()| true)));
        }
        Command::Rules(command) => return Ok(answer(client::rules::run(&command))),
        Command::Inventory(command) => {
            return Ok(answer(client::inventory::run(&command).map(|()| true)));
        }
        Command::Silence(command) => {
            return Ok(answer(client::silence::run(&command).map(|()| true)));
        }
        Command::Maintenance(command) => {
            return Ok(answer(client::silence::run_maintenance(&command).map(|()| true)));
        }
        Command::Patterns(command) => {
            return Ok(answer(client::patterns::run(&command).map(|()| true)));
        }
        Command::Drill(args) => return Ok(answer(client::drill::run(&args).map(|()| true))),
        Command::Explain(args) => return Ok(answer(client::explain::run(&args).map(|()| true))),
        Command::Backtest(args) => return Ok(answer(client::backtest::run(&args).map(|()| true))),
        Command::Key { file, command } => {
            return Ok(answer(keys::run(&file.load()?, &command).map(|()| true)));
        }
        Command::User { file, command } => {
            return Ok(answer(users::run(&file.load()?, &command).map(|()| true)));
        }
        Command::Audit { file, command } => {
            return Ok(answer(audit::run(&file.load()?, &command)));
        }
        Command::Backup { file, to } => {
            return Ok(answer(backup::backup(&file.load()?, &to).map(|()| true)));
        }
        Command::Restore { file, from } => {
            return Ok(answer(backup::restore(&file.load()?, &from).map(|()| true)));
        }
        Command::Cert(command) => {
            return Ok(answer(cert::run(&command).map(|said| {
                print(&said);
                true
            })));
        }
        Command::Journal(command) => return Ok(answer(journal(command))),
        Command::Bench(args) => {
            let BenchArgs { messages, rules, rate, latency_time } = args;
            let bench = mutt::bench::Bench { messages, rules, rate, latency_time };
            return Ok(answer(mutt::bench::run(&bench).map(|()| true)));
        }
        Command::Demo(args) => {
            let demo = mutt::demo::Demo { time: args.time, rate: args.rate, seed: args.seed };
            return Ok(answer(mutt::demo::run(&demo).map(|()| true)));
        }
        Command::Healthcheck(file) => {
            let settings = file.load()?;
            return Ok(answer(healthcheck::ask(&settings.admin).map(|()| true)));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn journal(command: JournalCommand) -> anyhow::Result<bool> {
    let mut out = BufWriter::new(io::stdout().lock());
    match command {
        JournalCommand::Inspect { folder } => {
            let whole = journal_tool::inspect(&folder, &mut out)?;
            out.flush()?;
            Ok(whole)
        }
        JournalCommand::Export { folder, from, format, output: Some(file) } => {
            let mut out = BufWriter::new(File::create(file)?);
            journal_tool::export(&folder, from, format, &mut out)
        }
        JournalCommand::Export { folder, from, format, output: None } => {
            journal_tool::export(&folder, from, format, &mut out)
        }
    }
}

fn answer(result: anyhow::Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn print(text: &str) {
    // Whoever reads may have read enough (`| head`): that is no fault.
    let _ = io::stdout().lock().write_all(text.as_bytes());
}
