//! What goes wrong in a story, and what people do meanwhile. From: chance, as far as the tale has
//! such trouble. To: disk, database, receivers, destination, rules, clocks and workers.

use std::time::Duration;

use mutt_alert::{Decided, Decision};
use mutt_journal::{Clock, Disk};
use mutt_store::{Change, Database, Urgency};

use super::{World, now};
use crate::crew::Crew;
use crate::node::Journal;
use crate::tale::{Form, Trouble};
use crate::{Bug, rules};

/// What a segment begins with, in bytes, at most.
const SEGMENT_HEAD: usize = 512;

/// The rules whose alerts are silenced, and whether these are over several hosts. Not those of
/// who is missed: they may begin while no judge knows what is hidden.
const SILENCED: [(&str, bool); 10] = [
    ("link", false),
    ("crc", false),
    ("fan", false),
    ("login", true),
    ("bgp", false),
    ("config", false),
    ("flap", false),
    ("power", false),
    ("host", false),
    ("duplex", false),
];

impl World {
    /// One trouble, by its place among a thousand.
    pub(super) fn suffer(&mut self, which: u64) -> Result<(), String> {
        if self.flips && self.dice.chance(10) {
            return self.bit_flips();
        }
        let of_lanes = if self.tale.form == Form::Lanes { self.dice.below(100) } else { 100 };
        let trouble = match which {
            _ if of_lanes < 15 => Trouble::Redis,
            _ if of_lanes < 30 => Trouble::Moves,
            ..945 => Trouble::Receivers,
            945..967 => Trouble::Crashes,
            967..973 => Trouble::Rules,
            973..977 => Trouble::Silences,
            977..983 => Trouble::Decisions,
            983..990 => Trouble::Stalls,
            990..994 => Trouble::Destination,
            994..997 => Trouble::Clocks,
            _ => Trouble::Disk,
        };
        if !self.may(trouble) {
            return Ok(());
        }
        match trouble {
            Trouble::Receivers => self.receivers_suffer(which),
            Trouble::Crashes if which < 953 => self.crash(false)?,
            Trouble::Crashes if which < 961 => self.crash(true)?,
            Trouble::Crashes => self.crew_begins_anew()?,
            Trouble::Rules => self.rules_change()?,
            Trouble::Silences => self.silences_change()?,
            Trouble::Decisions => self.somebody_decides()?,
            Trouble::Stalls => self.crew_stalls(),
            Trouble::Destination => self.destination_goes_away(),
            Trouble::Clocks => self.clock_jumps(),
            Trouble::Redis => self.redis_suffers(),
            Trouble::Moves => self.worker_moves()?,
            Trouble::Disk | Trouble::Flips | Trouble::Database => self.disk_is_full(),
        }
        Ok(())
    }

    fn receivers_suffer(&mut self, which: u64) {
        match which {
            ..925 => {
                self.tell("a relp sender reconnects");
                self.summary.network_faults += 1;
                self.senders.break_one();
            }
            925..935 => {
                self.tell("NetIM is killed");
                self.summary.network_faults += 1;
                self.ground.syslog.kill();
            }
            _ => self.ground.syslog.start(),
        }
    }

    /// The workers of one process end, well or not, and begin anew.
    fn crew_begins_anew(&mut self) -> Result<(), String> {
        let which = self.any_crew(50);
        let well = self.dice.chance(50);
        let time = self.ground.clock.now();
        let crew = &mut self.node.crews[which];
        let name = crew.name;
        if well && !crew.is_asleep(time) {
            for place in &mut crew.places {
                // What they could not end is as after a crash.
                let _ = place.worker.stop(time)?;
            }
        }
        self.tell(format!("the workers of {name} end{}", if well { " well" } else { "" }));
        self.summary.restarts += 1;
        self.node.crews[which] = match &self.node.journal {
            Journal::Log(_, handle) => Crew::of_log(&self.ground, handle, name, self.node.up_since),
            Journal::Lanes(_) => Crew::of_lanes(&self.ground, name, self.node.up_since),
        };
        Ok(())
    }

    /// One of the crews; of two the second in `percent` of all cases.
    fn any_crew(&mut self, percent: u64) -> usize {
        match self.node.crews.len() {
            2 => usize::from(self.dice.chance(percent)),
            crews => self.dice.below(crews as u64) as usize,
        }
    }

    fn rules_change(&mut self) -> Result<(), String> {
        self.loads_the_rest()?;
        let revision = 1 + self.dice.below(rules::REVISIONS);
        let before = self.ground.rules.load().revision;
        if revision == before {
            return Ok(());
        }
        self.tell(format!("rules {revision}"));
        self.summary.rule_changes += 1;
        let book = match self.tale.bug {
            Some(Bug::HalfLoadedRules) => {
                self.half_loaded = Some(revision);
                rules::half_loaded(revision, before, &self.hidden)?
            }
            _ => rules::with_silences(revision, &self.hidden)?,
        };
        self.ground.rules.store(book);
        Ok(())
    }

    /// Somebody silences a rule's alerts for a while, or takes that back.
    fn silences_change(&mut self) -> Result<(), String> {
        self.loads_the_rest()?;
        if !self.hidden.is_empty() && self.dice.chance(40) {
            let which = self.dice.below(self.hidden.len() as u64) as usize;
            let gone = self.hidden.remove(which);
            self.tell(format!("silence {} is taken away", gone.name));
        } else {
            let (rule, is_over_hosts) = *self.dice.pick(&SILENCED);
            let host = *self.dice.pick(&["core1", "core2", "edge1"]);
            let host = (!is_over_hosts && self.dice.chance(50)).then_some(host);
            let ms = |ms: u64| Duration::from_millis(ms);
            let start = self.ground.clock.now().after(ms(self.dice.below(5_000)));
            let end = start.after(ms(500 + self.dice.below(60_000)));
            let hidden = rules::hidden(self.summary.silences, rule, host, (start, end));
            self.tell(format!("silence {} from {start} to {end}", hidden.name));
            self.hidden.push(hidden);
        }
        self.summary.silences += 1;
        let revision = self.ground.rules.load().revision;
        self.ground.rules.store(rules::with_silences(revision, &self.hidden)?);
        Ok(())
    }

    /// Of a planted bug: what was left out of a revision comes too.
    pub(super) fn loads_the_rest(&mut self) -> Result<(), String> {
        if let Some(revision) = self.half_loaded.take() {
            self.ground.rules.store(rules::with_silences(revision, &self.hidden)?);
        }
        Ok(())
    }

    fn somebody_decides(&mut self) -> Result<(), String> {
        let store = self.ground.store.truth();
        let open = now(store.open_alerts())?.map_err(|error| error.to_string())?;
        if open.is_empty() {
            return Ok(());
        }
        let alert = self.dice.pick(&open);
        let decision = match self.dice.below(5) {
            0 => Decision::Take,
            1 => Decision::Comment { text: "seen".to_owned() },
            2 | 3 => Decision::Close { why: "done".to_owned() },
            _ => Decision::Acknowledge,
        };
        let story = format!("somebody decides about {}: {decision:?}", alert.signature);
        let decided = Decided {
            alert_id: alert.id.clone(),
            signature: alert.signature.clone(),
            who: "ada".to_owned(),
            at: self.ground.clock.now(),
            decision,
        };
        self.about.insert(alert.id.clone(), alert.first_seen);
        let decide = vec![decided];
        let change = Change { urgency: Urgency::Person, decide, ..Change::default() };
        now(store.commit(change))?.map_err(|error| error.to_string())?;
        self.summary.decisions += 1;
        self.tell(story);
        Ok(())
    }

    fn crew_stalls(&mut self) {
        let which = self.any_crew(30);
        let time = self.ground.clock.now();
        let until = time.after(Duration::from_millis(1_000 + self.dice.below(29_000)));
        let crew = &mut self.node.crews[which];
        crew.sleeps(time, until);
        let story = format!("{} stands still until {until}", crew.name);
        self.summary.stalls += 1;
        self.tell(story);
    }

    fn destination_goes_away(&mut self) {
        let away = Duration::from_millis(5_000 + self.dice.below(120_000));
        let until = self.ground.clock.now().after(away);
        self.tell(format!("Moogsoft is away until {until}"));
        self.ground.moogsoft.goes_away(until);
    }

    fn clock_jumps(&mut self) {
        let seconds = self.dice.below(60) as i64;
        let forward = self.jumps_forward && self.dice.chance(50);
        let seconds = if forward { seconds } else { -seconds };
        self.tell(format!("the database's clock jumps by {seconds} s"));
        self.summary.clock_jumps += 1;
        self.ground.skew.jump(seconds, self.ground.clock.now());
    }

    /// Nothing more can be created on the disk, or there is room again.
    fn disk_is_full(&mut self) {
        let is_full = self.dice.chance(50);
        self.tell(if is_full { "the disk is full" } else { "the disk has room" });
        self.summary.disk_faults += u64::from(is_full);
        self.ground.disk.inner.set_capacity(is_full.then_some(0));
    }

    /// A bit of some record flips, on disk and in memory; never of what a segment begins with.
    fn bit_flips(&mut self) -> Result<(), String> {
        if self.tale.form == Form::Lanes {
            self.bit_flips_in_redis();
            return Ok(());
        }
        let disk = &self.ground.disk.inner;
        let mut files = disk.list().map_err(|error| error.to_string())?;
        files.retain(|name| disk.bytes_of(name).is_some_and(|bytes| bytes.len() > SEGMENT_HEAD));
        if files.is_empty() {
            return Ok(());
        }
        let name = self.dice.pick(&files).clone();
        let bytes = disk.bytes_of(&name).unwrap_or_default();
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap_or_default();
        let at = SEGMENT_HEAD + self.dice.below(used.saturating_sub(SEGMENT_HEAD) as u64) as usize;
        self.ground.disk.inner.flip_bit(&name, at, self.dice.below(8) as u8);
        self.summary.disk_faults += 1;
        self.tell(format!("a bit flips in {name} at {at}"));
        Ok(())
    }

    /// What may befall a write.
    pub(super) fn disk_suffers(&mut self) {
        if self.torn && self.dice.chance(3) {
            self.summary.disk_faults += 1;
            self.ground.disk.inner.fail_syncs(1);
        }
        if self.dice.chance(1) {
            self.summary.disk_faults += 1;
            let taken = self.dice.below(2_000) as usize;
            self.ground.disk.inner.fill_in_next_write(taken);
        }
    }
}
