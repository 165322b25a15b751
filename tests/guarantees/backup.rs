//! A backup made under load, restored beside the journal that has gone on since: nothing is
//! missing, nothing counted twice, and each alert is told under the id that it had.

use std::fs;
use std::path::Path;
use std::process::Output;

use mutt_output::standin::Door;

use crate::common::folder;
use crate::common::mutt::Mutt;
use crate::common::postgres::{Server, execute};
use crate::kills::nothing_is_missing;
use crate::load;
use crate::senders::{Sender, relp};
use crate::world::World;

/// What was told since the backup is told again, under the same ids.
const AGAIN: usize = usize::MAX;

fn run(mutt: &Mutt, command: &str, file: &Path) -> Output {
    let mut asked = Mutt::command();
    asked.arg(command).arg(file).arg("--config").arg(mutt.config());
    asked.output().expect("the command runs")
}

fn done(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn lose_the_database(world: &mut World) {
    world.mutt.kill();
    for entry in fs::read_dir(world.folder()).expect("its folder").flatten() {
        if entry.file_name().to_string_lossy().starts_with("mutt.db") {
            fs::remove_file(entry.path()).expect("a file of the database");
        }
    }
}

#[test]
fn a_backup_restored_beside_a_newer_journal_goes_on_from_its_older_cursors() {
    let mut world = World::start(load::RULES, Door::Relp, "");
    let sender = Sender::start(world.mutt.doors.relp, 1, relp::run);
    sender.wait_for(2_000);
    let file = world.folder().join("mutt.backup");
    assert!(done(&run(&world.mutt, "backup", &file)).contains("rows of 22 tables"));
    sender.wait_for(2_000);
    lose_the_database(&mut world);
    assert!(done(&run(&world.mutt, "restore", &file)).contains("restored"));
    world.mutt.start();
    sender.wait_for(1_000);
    nothing_is_missing(&world, Door::Relp, sender.finish(), AGAIN);
}

#[test]
fn a_backup_of_a_file_can_be_restored_to_postgresql() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    let server = runtime.block_on(async {
        let server = Server::start().await;
        execute(&server.url("postgres"), "CREATE DATABASE mutt").await;
        server
    });
    let mut world = World::start(load::RULES, Door::Relp, "");
    let sender = Sender::start(world.mutt.doors.relp, 1, relp::run);
    sender.wait_for(2_000);
    let file = world.folder().join("mutt.backup");
    done(&run(&world.mutt, "backup", &file));
    sender.wait_for(1_000);
    world.mutt.kill();
    let database = format!("[database]\nurl = \"{}\"\n", server.url("mutt"));
    world.mutt.write(&format!("{database}{}", world.receivers.config(Door::Relp)));
    done(&run(&world.mutt, "restore", &file));
    world.mutt.start();
    sender.wait_for(1_000);
    nothing_is_missing(&world, Door::Relp, sender.finish(), AGAIN);
}

#[test]
fn a_backup_is_for_its_owner_alone_and_a_restore_mixes_with_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let mut mutt = Mutt::configured(folder.path(), load::RULES, "");
    let file = folder.path().join("mutt.backup");
    assert!(refused(&run(&mutt, "backup", &file)).contains("mutt.db"));
    assert!(!file.exists());
    mutt.start();
    done(&run(&mutt, "backup", &file));
    let mode = fs::metadata(&file).expect("the backup").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(refused(&run(&mutt, "backup", &file)).contains("is there already"));
    assert!(refused(&run(&mutt, "restore", &file)).contains("the database is not empty"));
    // One that was damaged on its way.
    let mut bytes = fs::read(&file).expect("the backup");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let bad = folder.path().join("bad.backup");
    fs::write(&bad, bytes).expect("a damaged one");
    mutt.stop();
    fs::remove_file(folder.path().join("mutt.db")).expect("the database");
    refused(&run(&mutt, "restore", &bad));
    done(&run(&mutt, "restore", &file));
    mutt.start();
}
