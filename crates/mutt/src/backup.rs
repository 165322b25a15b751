//! `mutt backup` and `mutt restore`: the whole database, in one compressed file.
//!
//! From: the database that the settings name, while MUTT runs. To: a file that only its owner may
//! read, since it holds the digests of keys; and back, into an empty database of either kind.

use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use mutt_journal::{Clock, SystemClock};
use mutt_store::{Copied, restore_backup, write_backup};
use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

use crate::config::Settings;
use crate::run::{store_options, store_place};

/// zstd's own default: a backup is written once and kept for long.
const LEVEL: i32 = 3;

/// Writes a backup of the database to a new file.
///
/// # Errors
/// If the file is there already or cannot be written, or the database cannot be read.
pub fn backup(settings: &Settings, file: &Path) -> Result<()> {
    ensure!(!file.exists(), "{} is there already: remove it, or name another file", file.display());
    // Under another name until it is whole.
    let part = part_of(file)?;
    let made = write(settings, &part);
    let copied = match made {
        Ok(copied) => copied,
        Err(error) => {
            let _ = fs::remove_file(&part);
            return Err(error);
        }
    };
    fs::rename(&part, file).with_context(|| format!("cannot make {}", file.display()))?;
    println!("{}: {} rows of {} tables", file.display(), copied.rows, copied.tables);
    Ok(())
}

fn write(settings: &Settings, part: &Path) -> Result<Copied> {
    let cannot = || format!("cannot write {}", part.display());
    let mut options = OpenOptions::new();
    let opened = options.write(true).create(true).truncate(true).mode(0o600).open(part);
    let mut encoder = Encoder::new(BufWriter::new(opened.with_context(cannot)?), LEVEL)?;
    encoder.include_checksum(true)?;
    let copied = crate::client::block_on(async {
        crate::secrets::read_once(settings).await?;
        let place = store_place(&settings.database);
        let options = store_options(&settings.database);
        Ok(write_backup(place, &options, SystemClock.now(), &mut encoder).await?)
    })?;
    let mut written = encoder.finish().with_context(cannot)?;
    written.flush().with_context(cannot)?;
    written.get_ref().sync_all().with_context(cannot)?;
    Ok(copied)
}

fn part_of(file: &Path) -> Result<PathBuf> {
    let Some(name) = file.file_name() else { bail!("{} names no file", file.display()) };
    let mut name = name.to_owned();
    name.push(".part");
    Ok(file.with_file_name(name))
}

/// Fills the database that the settings name, which must be empty, with what a backup holds.
///
/// # Errors
/// If the file is no whole backup of this version, or the database is not empty; then nothing is
/// restored.
pub fn restore(settings: &Settings, file: &Path) -> Result<()> {
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let decoder = Decoder::new(opened).context("not a backup")?;
    if let Some(folder) = folder_of(settings) {
        fs::create_dir_all(folder)
            .with_context(|| format!("database.path: cannot make {}", folder.display()))?;
    }
    let copied = crate::client::block_on(async {
        crate::secrets::read_once(settings).await?;
        let place = store_place(&settings.database);
        let options = store_options(&settings.database);
        Ok(restore_backup(place, &options, &mut BufReader::new(decoder)).await?)
    });
    let copied = copied.with_context(|| file.display().to_string())?;
    println!("{} rows of {} tables restored", copied.rows, copied.tables);
    Ok(())
}

fn folder_of(settings: &Settings) -> Option<&Path> {
    let file = settings.database.url.is_none().then_some(settings.database.path.as_path())?;
    file.parent().filter(|folder| *folder != Path::new(""))
}
