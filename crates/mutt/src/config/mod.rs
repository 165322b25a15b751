//! Settings: from `mutt.toml`, the environment and defaults. To: everything that is built from them.
//!
//! Every mistake is found at once, with its place; nothing starts while there is one.

pub mod doors;
pub mod kinds;
pub mod node;
pub mod notes;
pub mod problem;
pub mod reader;
pub mod redis_url;
pub mod render;
pub mod secret;
pub mod section;
pub mod settings;
pub mod value;
mod verify;

use std::collections::BTreeMap;
use std::path::Path;

pub use problem::{Place, Problem, Problems};
pub use settings::Settings;

use node::Node;
use reader::{ENV_PREFIX, Reader};

/// The environment variables that may be settings.
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name.starts_with(ENV_PREFIX))
        .collect()
}

/// Reads and checks all settings. With no file the defaults and the environment hold.
///
/// # Errors
/// All mistakes: in the file, in the environment, and in the files that the settings name.
pub fn load(
    file: Option<&Path>,
    environment: &BTreeMap<String, String>,
) -> Result<Settings, Problems> {
    let mut problems = Problems::default();
    let path = file.unwrap_or(Path::new("mutt.toml"));
    let root = match file.map(std::fs::read_to_string) {
        None => Node::empty(),
        Some(Ok(text)) => node::parse(&text, path, &mut problems),
        Some(Err(error)) => {
            problems.add(Place::File(path.to_owned(), 0), "", format!("cannot be read: {error}"));
            Node::empty()
        }
    };
    let mut reader = Reader::new(path, &root, environment);
    let settings = Settings::read(&mut reader);
    reader.report_unknown();
    verify::verify(&settings, &mut reader);
    problems.0.append(&mut reader.problems.0);
    if problems.0.is_empty() {
        return Ok(settings);
    }
    problems.0.sort();
    problems.0.dedup();
    Err(problems)
}
