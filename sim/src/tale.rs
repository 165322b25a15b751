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
}

impl Trouble {
    /// All of them.
    pub const ALL: [Trouble; 11] = [
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

/// One story; the same is played the same way always.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tale {
    /// All chance comes of it.
    pub seed: u64,
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
        Self { seed, actions: ACTIONS, without: BTreeSet::new(), bug: None }
    }

    /// The same with a planted bug.
    #[must_use]
    pub fn with_bug(self, bug: Option<Bug>) -> Self {
        Self { bug, ..self }
    }

    /// Whether such trouble may come.
    pub fn has(&self, trouble: Trouble) -> bool {
        !self.without.contains(&trouble)
    }
}

/// The command that plays it again.
impl fmt::Display for Tale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mutt-sim --seed {}", self.seed)?;
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
