//! What a story is to be like. From: the command line, tests, and whoever looks for a shorter one.
//! To: the world.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::Bug;

/// How much is done in a story unless it is said otherwise.
pub const ACTIONS: u32 = 400;

/// What may go wrong or change in a story, each of which can be left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Trouble {
    /// MUTT is killed, the power fails, one set of workers starts again.
    Crashes,
    /// The database refuses, or a connection to it is lost.
    Database,
    /// Writes are torn, syncs fail, the disk is full.
    Disk,
    /// Bits of what is stored flip.
    Flips,
    /// NetIM is slow, away or killed.
    Receivers,
    /// Moogsoft is slow, fails, lies or is away.
    Destination,
    /// The rules in force change.
    Rules,
    /// People silence alerts, and take that back.
    Silences,
    /// People decide about alerts.
    Decisions,
    /// A set of workers stands still and comes back.
    Stalls,
    /// The database's clock jumps.
    Clocks,
    /// Redis is killed, away, or out of memory; connections to it break.
    Redis,
    /// A worker is given to another process.
    Moves,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Trouble; 13] = [
        Trouble::Crashes,
        Trouble::Database,
        Trouble::Disk,
        Trouble::Flips,
        Trouble::Receivers,
        Trouble::Destination,
        Trouble::Rules,
        Trouble::Silences,
        Trouble::Decisions,
        Trouble::Stalls,
        Trouble::Clocks,
        Trouble::Redis,
        Trouble::Moves,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Trouble::Crashes => "crashes",
            Trouble::Database => "database",
            Trouble::Disk => "disk",
            Trouble::Flips => "flips",
            Trouble::Receivers => "receivers",
            Trouble::Destination => "destination",
            Trouble::Rules => "rules",
            Trouble::Silences => "silences",
            Trouble::Decisions => "decisions",
            Trouble::Stalls => "stalls",
            Trouble::Clocks => "clocks",
            Trouble::Redis => "redis",
            Trouble::Moves => "moves",
        }
    }
}

impl FromStr for Trouble {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Trouble::ALL.into_iter().find(|trouble| trouble.name() == name);
        found.ok_or_else(|| {
            format!("no such trouble; there are: {}", Trouble::ALL.map(Trouble::name).join(", "))
        })
    }
}

/// How the journal is kept, and so which workers there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// In one log of all partitions, with one judge.
    Log,
    /// In Redis, with a lane for each partition: a judge and archivers for each, one correlator,
    /// one miner.
    Lanes,
}

impl Form {
    /// What a seed's story has unless it is said otherwise: by turns.
    pub fn of(seed: u64) -> Self {
        if seed.is_multiple_of(2) { Form::Log } else { Form::Lanes }
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Form::Log => "log",
            Form::Lanes => "lanes",
        }
    }
}

impl FromStr for Form {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = [Form::Log, Form::Lanes].into_iter().find(|form| form.name() == name);
        found.ok_or_else(|| "no such form; there are: log, lanes".to_owned())
    }
}

/// One story; the same is played the same way always.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tale {
    /// All chance comes of it.
    pub seed: u64,
    /// How the journal is kept.
    pub form: Form,
    /// How much is done before all is well again.
    pub actions: u32,
    /// What does not happen.
    pub without: BTreeSet<Trouble>,
    /// A bug that is planted.
    pub bug: Option<Bug>,
}

impl Tale {
    /// The whole story of a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, form: Form::of(seed), actions: ACTIONS, without: BTreeSet::new(), bug: None }
    }

    /// The same with a planted bug.
    #[must_use]
    pub fn with_bug(self, bug: Option<Bug>) -> Self {
        Self { bug, ..self }
    }

    /// The same with its journal kept so.
    #[must_use]
    pub fn in_form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    /// Whether such trouble may come.
    pub fn has(&self, trouble: Trouble) -> bool {
        let is_of_form = match trouble {
            Trouble::Disk => self.form == Form::Log,
            Trouble::Redis | Trouble::Moves => self.form == Form::Lanes,
            _ => true,
        };
        is_of_form && !self.without.contains(&trouble)
    }
}

/// The command that plays it again.
impl fmt::Display for Tale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mutt-sim --seed {}", self.seed)?;
        if self.form != Form::of(self.seed) {
            write!(f, " --form {}", self.form.name())?;
        }
        if self.actions != ACTIONS {
            write!(f, " --actions {}", self.actions)?;
        }
        if !self.without.is_empty() {
            let names: Vec<&str> = self.without.iter().map(|trouble| trouble.name()).collect();
            write!(f, " --without {}", names.join(","))?;
        }
        self.bug.map_or(Ok(()), |bug| write!(f, " --bug {bug}"))
    }
}
