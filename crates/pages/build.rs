//! Builds the web interface of `ui/` and puts its files where the crate embeds them.
//!
//! From: `ui/`, by npm, or a folder that was built elsewhere (`MUTT_UI_DIST`). To: `$OUT_DIR/ui`,
//! each file beside itself compressed. Without npm a page says how to get the pages; a fault in the
//! pages themselves ends the build.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What the built files depend on, in `ui/`; never what npm and Vite write there.
const SOURCES: [&str; 9] = [
    "src",
    "public",
    "scripts",
    "index.html",
    "openapi.json",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
];

const NOTICE: &str = include_str!("src/notice.html");

fn main() -> Result<()> {
    let from = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let out = from("OUT_DIR").ok_or("no OUT_DIR")?.join("ui");
    let ui = from("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?.join("../../ui");
    println!("cargo:rerun-if-env-changed=MUTT_UI_DIST");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/notice.html");
    for source in SOURCES {
        println!("cargo:rerun-if-changed={}", ui.join(source).display());
    }
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    match from("MUTT_UI_DIST") {
        Some(dist) => copy(&dist, &out).map_err(|error| {
            format!(
                "MUTT_UI_DIST={}: {error}: it is a folder that `npm run build` made",
                dist.display()
            )
        })?,
        None => match install(&ui) {
            Ok(()) => build(&ui, &out)?,
            Err(why) => notice(&out, &why.to_string())?,
        },
    }
    compress(&out)
}

/// Brings what the pages are built with, unless it is there as the lock file has it.
fn install(ui: &Path) -> Result<()> {
    let npm = |arguments: &[&str]| Command::new("npm").args(arguments).current_dir(ui).output();
    npm(&["--version"]).map_err(|_| "Node and npm were not found")?;
    let node = Command::new("node").arg("--version").output().map_err(|_| "Node was not found")?;
    let version = String::from_utf8_lossy(&node.stdout).trim().to_owned();
    if !is_late_enough(&version) {
        return Err(format!("Node {version} is too old: 20.19 or later is needed").into());
    }
    let (lock, stamp) =
        (fs::read(ui.join("package-lock.json"))?, ui.join("node_modules/.installed"));
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let done = npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
    if !done.status.success() {
        return Err(format!("npm ci failed: {}", String::from_utf8_lossy(&done.stderr)).into());
    }
    Ok(fs::write(stamp, lock)?)
}

/// Whether Vite runs on it: 20.19 or later.
fn is_late_enough(version: &str) -> bool {
    let mut parts =
        version.trim_start_matches('v').split('.').map(|part| part.parse().unwrap_or(0));
    let version: (u32, u32) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    version >= (20, 19)
}

fn build(ui: &Path, out: &Path) -> Result<()> {
    let done = Command::new("npm")
        .args(["run", "--silent", "build"])
        .current_dir(ui)
        .env("MUTT_UI_OUT", out)
        .output()?;
    if done.status.success() {
        return Ok(());
    }
    let said = [done.stdout, done.stderr].concat();
    Err(format!("the pages in ui/ do not build:\n{}", String::from_utf8_lossy(&said)).into())
}

fn notice(out: &Path, why: &str) -> Result<()> {
    let line = why.lines().next().unwrap_or_default();
    println!("cargo:warning=built without the web interface: {line}");
    let shown = line.replace('&', "&amp;").replace('<', "&lt;");
    Ok(fs::write(out.join("index.html"), NOTICE.replace("{why}", &shown))?)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// The page itself is not compressed: it is another one each time.
fn compress(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            compress(&path)?;
        } else if !path.ends_with("index.html") {
            let mut packed = GzEncoder::new(Vec::new(), Compression::best());
            packed.write_all(&fs::read(&path)?)?;
            fs::write(format!("{}.gz", path.display()), packed.finish()?)?;
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
