//! The MIB files of a folder. From: `mibs.folder`, once at the start. To: the names of OIDs.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use mutt_event::trap::Names;
use mutt_pipeline::book::{MIB_BYTES_MAX, Mib, MibBase};

use crate::config::settings::MibsSettings;

/// The most files that are read.
const FILES_MAX: usize = 5_000;

/// The names that the settings' folder gives, and those that need none.
///
/// # Errors
/// As [`read`].
pub fn names(settings: &MibsSettings) -> Result<Arc<Names>> {
    match &settings.folder {
        Some(folder) => Ok(read(folder)?.names(&[])),
        None => Ok(Arc::default()),
    }
}

/// Reads all files of the folder, none of those below. What is no MIB is passed over and told, and so is
/// what their reader has to say.
///
/// # Errors
/// The folder cannot be read, or holds too many files.
pub fn read(folder: &Path) -> Result<MibBase> {
    let at = || format!("cannot read {}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(at)? {
        let path = entry.with_context(at)?.path();
        if path.is_file() {
            paths.push(path);
        }
        let folder = folder.display();
        ensure!(paths.len() <= FILES_MAX, "{folder} holds more than {FILES_MAX} files");
    }
    paths.sort();
    let mut mibs = Vec::new();
    for path in paths {
        match file(&path) {
            Ok(mib) => mibs.push(mib),
            Err(why) => {
                tracing::warn!(file = %path.display(), why = format!("{why:#}"), "MIB: not used");
            }
        }
    }
    let (count, base) = (mibs.len(), MibBase::new(mibs));
    let notes = base.read(&[]).notes;
    for (module, said) in notes.iter().filter(|(_, said)| !said.is_empty()) {
        tracing::info!(module, count = said.len(), first = said[0], "MIB: read, with remarks");
    }
    tracing::info!(count, folder = %folder.display(), "MIB files read");
    Ok(base)
}

fn file(path: &Path) -> Result<Mib> {
    let size = std::fs::metadata(path)?.len();
    ensure!(size <= MIB_BYTES_MAX as u64, "it has {size} bytes, the limit is {MIB_BYTES_MAX}");
    // Old files are not UTF-8 in their comments.
    let text = String::from_utf8_lossy(&std::fs::read(path)?).into_owned();
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mib = Mib { name, text };
    match mib.fault() {
        None => Ok(mib),
        Some(fault) => Err(anyhow::anyhow!(fault)),
    }
}
