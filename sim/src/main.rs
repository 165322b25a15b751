//! `mutt-sim --seed 7` plays one story, `mutt-sim --seeds 1000` a thousand.

use std::process::ExitCode;

use clap::Parser;
use mutt_sim::Bug;

/// Plays stories of senders, crashes and failing destinations, and checks MUTT's promises.
#[derive(Parser)]
#[command(name = "mutt-sim", version)]
struct Arguments {
    /// Play this one story.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Play the stories 0 to N-1.
    #[arg(long, value_name = "N", default_value_t = 100)]
    seeds: u64,
    /// Plant a bug first: acknowledge-before-sync, cursor-apart or confirm-on-send.
    #[arg(long)]
    bug: Option<Bug>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seeds = match arguments.seed {
        Some(seed) => seed..seed.saturating_add(1),
        None => 0..arguments.seeds,
    };
    let (mut stored, mut crashes, mut failures) = (0, 0, 0);
    for seed in seeds.clone() {
        match mutt_sim::run(seed, arguments.bug) {
            Ok(summary) => {
                stored += summary.stored;
                crashes += summary.crashes;
            }
            Err(failure) => {
                failures += 1;
                println!("{failure}\n");
            }
        }
    }
    let stories = seeds.end - seeds.start;
    println!("{stories} stories, {stored} messages, {crashes} crashes: {failures} failed");
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
