//! `mutt-sim --seed 7` plays one story, `mutt-sim --seeds 1000` a thousand, `mutt-sim --minutes 10`
//! as many as fit. From: the command line. To: a record, or the shortest story that fails.

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use mutt_sim::{ACTIONS, Bug, Form, Summary, Tale, Trouble, play, shorten};

/// Plays stories of senders, crashes and failing destinations, and checks MUTT's promises.
#[derive(Parser)]
#[command(name = "mutt-sim", version)]
struct Arguments {
    /// Play this one story.
    #[arg(long, conflicts_with_all = ["seeds", "minutes"])]
    seed: Option<u64>,
    /// Play so many stories.
    #[arg(long, value_name = "N", default_value_t = 100)]
    seeds: u64,
    /// Play for so long.
    #[arg(long, value_name = "M", conflicts_with = "seeds")]
    minutes: Option<u64>,
    /// Begin with this seed.
    #[arg(long, value_name = "N", default_value_t = 0)]
    from: u64,
    /// How much is done in a story.
    #[arg(long, value_name = "N", default_value_t = ACTIONS)]
    actions: u32,
    /// How the journal is kept: log or lanes. By turns unless it is said.
    #[arg(long)]
    form: Option<Form>,
    /// What does not happen: crashes, database, disk, flips, receivers, destination, rules, silences,
    /// decisions, stalls, clocks, redis, moves.
    #[arg(long, value_delimiter = ',')]
    without: Vec<Trouble>,
    /// Plant a bug first, by its name.
    #[arg(long)]
    bug: Option<Bug>,
    /// Show a story that fails as it is, and look for no shorter one.
    #[arg(long)]
    whole: bool,
}

impl Arguments {
    fn tale(&self, seed: u64) -> Tale {
        let without: BTreeSet<Trouble> = self.without.iter().copied().collect();
        let form = self.form.unwrap_or(Form::of(seed));
        Tale { seed, form, actions: self.actions, without, bug: self.bug }
    }

    fn is_over(&self, played: u64, since: Instant) -> bool {
        match (self.seed, self.minutes) {
            (Some(_), _) => played > 0,
            (None, Some(minutes)) => since.elapsed() >= Duration::from_secs(60 * minutes),
            (None, None) => played >= self.seeds,
        }
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let first = arguments.seed.unwrap_or(arguments.from);
    let (mut all, mut failures, mut played) = (Summary::default(), 0, 0);
    let (began, mut shown) = (Instant::now(), Instant::now());
    while !arguments.is_over(played, began) {
        let tale = arguments.tale(first.saturating_add(played));
        played += 1;
        match play(&tale) {
            Ok(summary) => all += summary,
            Err(failure) => {
                failures += 1;
                let failure = if arguments.whole { failure } else { shorten(failure) };
                println!("{failure}\n");
            }
        }
        if std::io::stderr().is_terminal() && shown.elapsed() >= Duration::from_secs(1) {
            shown = Instant::now();
            eprint!("\r{played} stories, seed {}, {failures} failed", tale.seed);
            let _ = std::io::stderr().flush();
        }
    }
    println!("{all}\n{failures} failed of {played}, in {} s", began.elapsed().as_secs());
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
