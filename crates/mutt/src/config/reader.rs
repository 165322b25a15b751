//! Finds each setting's value: environment before file before default; remembers where it was.
//!
//! From: the file's tree and the environment. To: the sections, which ask for their settings.
//! What nobody asked for is a mistake of its own, with the nearest name that exists.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::kinds::Name;
use super::node::{Node, Value};
use super::problem::{Place, Problems};
use super::value::SettingType;

/// What the names of all override variables begin with.
pub const ENV_PREFIX: &str = "MUTT_";
/// Names with the prefix that are no setting: the path of the file itself.
const ENV_RESERVED: [&str; 5] =
    ["MUTT_CONFIG", "MUTT_URL", "MUTT_API_KEY", "MUTT_API_KEY_FILE", "MUTT_API_CA_FILE"];

/// Reads settings, and collects what is wrong with them.
pub struct Reader<'a> {
    file: PathBuf,
    root: &'a Node,
    environment: &'a BTreeMap<String, String>,
    known: BTreeSet<String>,
    known_env: BTreeSet<String>,
    /// Where each setting that was written is.
    pub places: BTreeMap<String, Place>,
    /// What is wrong so far.
    pub problems: Problems,
}

/// The environment variable that overrides the setting at `path`.
pub fn env_name(path: &str) -> String {
    format!("{ENV_PREFIX}{}", path.replace('.', "__").to_uppercase())
}

/// A section's path and a key, joined.
pub fn join(section: &str, key: &str) -> String {
    if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") }
}

impl<'a> Reader<'a> {
    /// A reader of `file`'s tree and the environment.
    pub fn new(file: &Path, root: &'a Node, environment: &'a BTreeMap<String, String>) -> Self {
        Self {
            file: file.to_owned(),
            root,
            environment,
            known: BTreeSet::new(),
            known_env: BTreeSet::new(),
            places: BTreeMap::new(),
            problems: Problems::default(),
        }
    }

    /// The value of a setting, or its default.
    pub fn get<T: SettingType>(
        &mut self,
        section: &str,
        key: &str,
        default: T,
        range: Option<RangeInclusive<u64>>,
    ) -> T {
        let path = join(section, key);
        let mut value = self.read_file::<T>(&path, range.as_ref());
        if let Some(over) = self.read_environment::<T>(&path, range.as_ref()) {
            value = Some(over);
        }
        if T::SECRET
            && let Some(secret) = self.read_secret_file::<T>(section, key)
        {
            if value.is_some() {
                let place = self.place(&path);
                self.wrong(place, &path, format!("given twice: here and as `{key}_file`"));
            }
            value = Some(secret);
        }
        value.unwrap_or(default)
    }

    /// A setting that must be written.
    pub fn require(&mut self, section: &str, key: &str, expected: &str) {
        let path = join(section, key);
        if !self.places.contains_key(&path) {
            let place = self.place(section);
            self.wrong(place, &path, format!("missing: expected {expected}"));
        }
    }

    /// Each of a list's tables must have a name, and none that of another: metrics, cursors and
    /// deliveries go by them.
    pub fn named(&mut self, section: &str, names: &[Name]) {
        for (index, name) in names.iter().enumerate() {
            let table = join(section, &index.to_string());
            let path = join(&table, "name");
            self.require(&table, "name", "a name, for metrics");
            if self.places.contains_key(&path) && names[..index].contains(name) {
                let place = self.place(&path);
                self.wrong(place, &path, format!("`{name}` is the name of another {section}"));
            }
        }
    }

    /// How many tables a list of tables has, those that only the environment names included.
    pub fn list_len(&mut self, section: &str) -> usize {
        self.known.insert(section.to_owned());
        let mut len = 0;
        if let Some(node) = self.root.at(section) {
            match &node.value {
                Value::List(tables) => len = tables.len(),
                other => {
                    let place = Place::File(self.file.clone(), node.line);
                    let message = format!("expected [[{section}]] tables, found {}", other.kind());
                    self.wrong(place, section, message);
                }
            }
        }
        let named = |index: usize| {
            let prefix = format!("{}__", env_name(&join(section, &index.to_string())));
            self.environment.keys().any(|name| name.starts_with(&prefix))
        };
        while named(len) {
            len += 1;
        }
        len
    }

    /// Where a setting or section was written.
    pub fn place(&self, path: &str) -> Place {
        if let Some(place) = self.places.get(path) {
            return place.clone();
        }
        match self.root.at(path) {
            Some(node) => Place::File(self.file.clone(), node.line),
            None => Place::Unwritten,
        }
    }

    fn wrong(&mut self, place: Place, path: &str, message: String) {
        self.problems.add(place, path, message);
    }

    fn read_file<T: SettingType>(
        &mut self,
        path: &str,
        range: Option<&RangeInclusive<u64>>,
    ) -> Option<T> {
        self.known.insert(path.to_owned());
        let node = self.root.at(path)?;
        let place = Place::File(self.file.clone(), node.line);
        self.places.insert(path.to_owned(), place.clone());
        let value = T::from_toml(&node.value);
        self.accept(place, path, value, range)
    }

    fn read_environment<T: SettingType>(
        &mut self,
        path: &str,
        range: Option<&RangeInclusive<u64>>,
    ) -> Option<T> {
        let name = env_name(path);
        self.known_env.insert(name.clone());
        let text = self.environment.get(&name)?;
        let place = Place::Environment(name);
        self.places.insert(path.to_owned(), place.clone());
        let value = T::from_text(text);
        self.accept(place, path, value, range)
    }

    fn read_secret_file<T: SettingType>(&mut self, section: &str, key: &str) -> Option<T> {
        let key = format!("{key}_file");
        let file: Option<PathBuf> = self.get(section, &key, None, None);
        let file = file?;
        let path = join(section, &key);
        let place = self.place(&path);
        let value = T::from_path(&file);
        // The setting itself counts as written, here.
        self.places.entry(join(section, key.trim_end_matches("_file"))).or_insert(place.clone());
        self.accept(place, &path, value, None)
    }

    fn accept<T: SettingType>(
        &mut self,
        place: Place,
        path: &str,
        value: Result<T, String>,
        range: Option<&RangeInclusive<u64>>,
    ) -> Option<T> {
        let value = match value {
            Ok(value) => value,
            Err(message) => {
                self.wrong(place, path, message);
                return None;
            }
        };
        if let (Some(range), Some(number)) = (range, value.number())
            && !range.contains(&number)
        {
            let message = format!("{number} is out of range: {} to {}", range.start(), range.end());
            self.wrong(place, path, message);
            return None;
        }
        Some(value)
    }

    /// Reports what is written but is no setting.
    pub fn report_unknown(&mut self) {
        let mut unknown = Vec::new();
        self.find_unknown(self.root, "", &mut unknown);
        for (path, line) in unknown {
            let message = match nearest(&path, self.known.iter().map(String::as_str)) {
                Some(near) => format!("no such setting; did you mean `{near}`?"),
                None => "no such setting; `mutt config example` lists all".to_owned(),
            };
            self.wrong(Place::File(self.file.clone(), line), &path, message);
        }
        let stray: Vec<String> = self
            .environment
            .keys()
            .filter(|name| name.starts_with(ENV_PREFIX) && !self.known_env.contains(*name))
            .filter(|name| !ENV_RESERVED.contains(&name.as_str()) && !is_service_link(name))
            .cloned()
            .collect();
        for name in stray {
            let message = match nearest(&name, self.known_env.iter().map(String::as_str)) {
                Some(near) => format!("names no setting; did you mean {near}?"),
                None => "names no setting; `mutt config example` lists all".to_owned(),
            };
            self.wrong(Place::Environment(name), "", message);
        }
    }

    fn find_unknown(&self, node: &Node, path: &str, unknown: &mut Vec<(String, u32)>) {
        let children: Vec<(String, &Node)> = match &node.value {
            Value::Table(entries) => {
                entries.iter().map(|(key, node)| (join(path, key), node)).collect()
            }
            Value::List(nodes) => nodes
                .iter()
                .enumerate()
                .map(|(i, node)| (join(path, &i.to_string()), node))
                .collect(),
            _ => Vec::new(),
        };
        for (path, child) in children {
            let below = format!("{path}.");
            let is_section = self.known.iter().any(|known| known.starts_with(&below));
            if is_section {
                if !matches!(child.value, Value::Table(_) | Value::List(_)) {
                    unknown.push((path, child.line)); // a value where a table belongs
                } else {
                    self.find_unknown(child, &path, unknown);
                }
            } else if !self.known.contains(&path) {
                unknown.push((path, child.line));
            }
        }
    }
}

/// The variables that Kubernetes sets for a service named `mutt`: nobody's mistake.
fn is_service_link(name: &str) -> bool {
    let rest = &name[ENV_PREFIX.len()..];
    !rest.contains("__")
        && (rest.starts_with("SERVICE_") || rest == "PORT" || rest.starts_with("PORT_"))
}

/// The existing name that is most like `wrong`, if one is near enough to be meant.
fn nearest<'n>(wrong: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let distance = |name: &str| strsim::damerau_levenshtein(wrong, name);
    let last = wrong.rsplit('.').next().unwrap_or(wrong);
    names
        .map(|name| {
            // The same key in another section is meant more often than any likeness of letters.
            let same_key = wrong.contains('.') && name.rsplit('.').next() == Some(last);
            (if same_key { 1 } else { distance(name) }, name)
        })
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, name)| name)
}
