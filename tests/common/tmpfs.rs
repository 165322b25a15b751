//! A small real disk: a tmpfs in a mount namespace of its own, so that it needs no root and is
//! gone with the processes that use it.
//!
//! A holder keeps the namespace; MUTT joins it by nsenter, and the test reaches the files through
//! the holder's /proc/PID/root. As root a mount namespace is enough; others get a user namespace
//! too, in which they may mount.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::child::Running;
use super::{mutt::Mutt, wait};

/// A mounted tmpfs.
pub struct Tmpfs {
    holder: Running,
    folder: PathBuf,
}

impl Tmpfs {
    /// Mounts one of `mebibytes` over `folder`, which is empty.
    pub fn mount(folder: &Path, mebibytes: u64) -> Self {
        let mounted = folder.with_extension("mounted");
        let script =
            "mount -t tmpfs -o size=\"$1\" tmpfs \"$2\" && touch \"$3\" && exec sleep 3600";
        let mut command = Command::new("unshare");
        command.arg("--mount");
        if !is_root() {
            command.args(["--user", "--map-root-user"]);
        }
        command.args(["sh", "-c", script, "sh", &format!("{mebibytes}m")]).args([folder, &mounted]);
        let beside = folder.parent().expect("a folder around it");
        let mut holder = Running::start("tmpfs", &mut command, beside);
        wait::until_true("the tmpfs to be mounted", || {
            if let Some(status) = holder.ended() {
                panic!("no tmpfs ({status}): {}", holder.output());
            }
            mounted.exists()
        });
        Self { holder, folder: folder.to_owned() }
    }

    /// A MUTT that will see it.
    pub fn command(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.holder.pid().to_string(), "--mount"]);
        if !is_root() {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg("--").arg(Mutt::command().get_program());
        command
    }

    /// The folder with what is on it, as the test sees it.
    pub fn path(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.pid()));
        root.join(self.folder.strip_prefix("/").expect("a whole path"))
    }

    /// Writes a file until nothing more goes on the disk, to the last byte.
    pub fn fill(&self, name: &str) -> u64 {
        let mut file = File::create(self.path().join(name)).expect("a file on the tmpfs");
        let mut written = 0;
        for size in [1 << 16, 1 << 12, 1] {
            let bytes = vec![b'#'; size];
            while let Ok(count @ 1..) = file.write(&bytes) {
                written += count as u64;
            }
        }
        written
    }

    /// Removes a file.
    pub fn remove(&self, name: &str) {
        fs::remove_file(self.path().join(name)).expect("the file removed");
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id(1)");
    output.stdout.starts_with(b"0\n")
}
