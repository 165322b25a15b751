//! A real disk that is full, by MUTT's own doing or by a stranger's file: nothing accepted is lost,
//! readers go on, and intake goes on by itself once they have made room.

use std::fs;
use std::process::Command;

use mutt_output::standin::Door;

use crate::common::mutt::{Mutt, get};
use crate::common::receivers::Receivers;
use crate::common::tmpfs::Tmpfs;
use crate::common::{folder, wait};

/// The journal and the database share the disk: 8 MiB are the database's ballast, and the journal
/// leaves more than that free.
const SETTINGS: &str = "journal.segment_bytes = 1048576\njournal.reserve_bytes = 9437184\n\
                        journal.keep_behind_ms = 0\ninput.http.room_ms = 500\n";
const DISK_MEBIBYTES: u64 = 36;

struct Way {
    // Dropped in this order: MUTT, then the disk that it is on.
    mutt: Mutt,
    disk: Tmpfs,
    receivers: Receivers,
    folder: tempfile::TempDir,
    accepted: Vec<Vec<u8>>,
}

impl Way {
    /// MUTT on a small disk; NetIM is down.
    fn start() -> Self {
        let folder = folder();
        let data = folder.path().join("disk");
        fs::create_dir(&data).expect("a folder");
        let disk = Tmpfs::mount(&data, DISK_MEBIBYTES);
        let receivers = Receivers::start();
        receivers.stop_netim();
        let more = format!("{SETTINGS}{}", receivers.config(Door::Relp));
        let mutt = Mutt::configured(folder.path(), "", &more);
        let mut way = Self { mutt, disk, receivers, folder, accepted: Vec::new() };
        way.run();
        way
    }

    fn run(&mut self) {
        let data = self.folder.path().join("disk");
        let mut command = self.disk.command();
        command.env("MUTT_JOURNAL__FOLDER", data.join("journal"));
        command.env("MUTT_DATABASE__PATH", data.join("mutt.db"));
        self.mutt.start_with(&mut command);
        self.mutt.wait_ready();
    }

    /// Posts a batch of some 200 kB; answers the status, and Retry-After if there is one.
    fn post(&mut self) -> (u16, String) {
        let first = self.accepted.len();
        let batch: Vec<Vec<u8>> = (first..first + 200)
            .map(|n| format!("<189>Nov 23 12:00:00 host{} app: {n:06} {:x<960}", n % 40, ""))
            .map(String::into_bytes)
            .collect();
        let file = self.folder.path().join("batch");
        fs::write(&file, batch.join(&b'\n')).expect("a batch");
        let output = Command::new("curl")
            .args(["-sS", "--max-time", "30", "-o", "/dev/null"])
            .args(["-w", "%{http_code} %header{retry-after}"])
            .args(["-H", "Content-Type: text/plain", "--data-binary"])
            .arg(format!("@{}", file.display()))
            .arg(format!("http://{}/api/v2/ingest", self.mutt.doors.http))
            .output()
            .expect("curl");
        let answer = String::from_utf8(output.stdout).expect("UTF-8");
        let (status, after) = answer.split_once(' ').expect("a status");
        let status = status.parse().expect("a status");
        if status == 202 {
            self.accepted.extend(batch);
        }
        (status, after.to_owned())
    }

    /// Posts until there is no room.
    fn fill(&mut self) {
        for _ in 0..1_000 {
            match self.post() {
                (202, _) => {}
                (503, after) => {
                    assert_eq!(after, "5", "Retry-After");
                    return;
                }
                other => panic!("{other:?}"),
            }
        }
        panic!("the disk of {DISK_MEBIBYTES} MiB is never full");
    }

    fn ready(&self) -> (u16, String) {
        get(self.mutt.doors.admin, "/readyz?verbose").expect("/readyz")
    }

    /// Waits until intake goes on by itself, and all that was ever accepted is at NetIM.
    fn goes_on(&mut self) {
        let before = self.accepted.len();
        wait::until("a batch to be taken again", || match self.post() {
            (202, _) => Ok(()),
            other => Err(format!("{other:?}")),
        });
        assert!(self.accepted.len() > before);
        wait::until("every accepted message at NetIM", || {
            let found = self.receivers.netim.messages(Door::Relp);
            let found: std::collections::HashSet<_> = found.iter().collect();
            let missing = self.accepted.iter().filter(|m| !found.contains(m)).count();
            if missing == 0 { Ok(()) } else { Err(format!("{missing} missing")) }
        });
        wait::until("all cursors at the end", || {
            let ledger = self.mutt.ledger();
            let readers = ledger["readers"].as_array().expect("readers").clone();
            let done = readers.iter().all(|reader| reader["all"]["waiting"] == 0);
            if done && ledger["balanced"] == true { Ok(()) } else { Err(ledger.to_string()) }
        });
        assert_eq!(self.mutt.metric("mutt_journal_lost_positions_total", &[]), 0.0);
        let (status, ready) = self.ready();
        assert_eq!(status, 200, "{ready}");
    }
}

#[test]
fn a_full_journal_says_503_and_goes_on_once_netim_is_back() {
    let mut way = Way::start();
    way.fill();
    let (status, ready) = way.ready();
    assert!(status == 503 && ready.contains("[-]journal_room failed"), "{status}: {ready}");
    assert_eq!(way.mutt.metric("mutt_journal_full", &[]), 1.0);
    wait::until_true("the operator to be told", || {
        let told = way.receivers.moogsoft.told();
        told.iter().any(|told| told.signature.contains("mutt/journal-almost-full"))
    });
    let refused = ["input=\"http\"", "reason=\"journal_full\""];
    assert!(way.mutt.metric("mutt_input_refused_total", &refused) >= 200.0);
    way.receivers.start_netim();
    way.goes_on();
    assert!(way.mutt.metric("mutt_journal_segments_trimmed_total", &[]) >= 1.0);
    wait::until_true("the operator to be told that it is over", || {
        let open = way.receivers.moogsoft.open();
        open.keys().all(|signature| !signature.contains("mutt/journal"))
    });
}

#[test]
fn acks_and_trims_work_on_a_disk_without_a_byte_left() {
    let mut way = Way::start();
    way.fill();
    assert!(way.disk.fill("foreign") > 0, "the reserve was free");
    way.receivers.start_netim();
    way.goes_on();
    assert!(way.mutt.metric("mutt_journal_segments_trimmed_total", &[]) >= 1.0);
}

#[test]
fn killed_on_a_disk_without_a_byte_left_it_starts_and_goes_on() {
    let mut way = Way::start();
    way.fill();
    way.disk.fill("foreign");
    way.mutt.kill();
    way.receivers.start_netim();
    way.run();
    way.goes_on();
}

#[test]
fn a_strangers_file_that_goes_away_leaves_nothing_behind() {
    let mut way = Way::start();
    way.receivers.start_netim();
    assert_eq!(way.post().0, 202);
    way.disk.fill("foreign");
    way.fill();
    way.disk.remove("foreign");
    way.goes_on();
}
