//! MIB files become names of OIDs; mib-rs reads them.
//!
//! From: files of a folder, which are the same until MUTT is started again, and of the catalog. To:
//! the rulebook: traps are read, and rules that name OIDs compiled, by one revision's names. A file
//! that is bad or lacks what it imports spoils no other.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use mib_rs::{DiagnosticConfig, Loader, Mib as Tree, ResolverStrictness, Severity};
use mutt_event::Oid;
use mutt_event::trap::{Named, Names};
use serde::{Deserialize, Serialize};

use super::{BookFault, Parts};
use mutt_store::Kind;

/// The largest MIB file, in bytes; the largest there are have about so many.
pub const MIB_BYTES_MAX: usize = 2 << 20;
/// The most that are uploaded.
pub const MIBS_MAX: usize = 500;
/// All that are uploaded together, in bytes: each process reads them all.
const ALL_BYTES_MAX: usize = 32 << 20;
/// So many complaints of a file are told.
const NOTES_MAX: usize = 20;
/// What every MIB stands on, which is in the program.
const FOUNDATION: [&str; 2] = ["SNMPv2-SMI", "RFC1155-SMI"];

/// A MIB file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mib {
    /// What it is called; usually as its module.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Mib {
    /// The modules that it defines.
    pub fn modules(&self) -> Vec<String> {
        let words = self.text.lines().flat_map(|line| {
            let code = line.split("--").next().unwrap_or_default();
            code.split_ascii_whitespace()
        });
        let words: Vec<&str> = words.collect();
        let defined = |pair: &[&str]| {
            pair[1] == "DEFINITIONS" && pair[0].starts_with(|c: char| c.is_ascii_uppercase())
        };
        let found = words.windows(2).filter(|pair| defined(pair));
        found.map(|pair| pair[0].to_owned()).collect()
    }

    /// What is wrong with it for itself: then it names nothing.
    pub fn fault(&self) -> Option<String> {
        if self.text.len() > MIB_BYTES_MAX {
            return Some(format!("it has {} bytes, the limit is {MIB_BYTES_MAX}", self.text.len()));
        }
        if self.modules().is_empty() {
            let message = "no MIB: a line `NAME DEFINITIONS ::= BEGIN` is missing";
            return Some(message.to_owned());
        }
        None
    }
}

/// The MIB files of a folder, and what was read last: to read many takes a second or more.
#[derive(Clone, Debug, Default)]
pub struct MibBase {
    files: Arc<Vec<Mib>>,
    last: Arc<Mutex<Option<Last>>>,
}

/// The names of uploaded files with this hash.
type Last = (u64, Arc<Names>);

/// Names, and what their files' reader has to say of each module.
pub struct MibsRead {
    /// The names.
    pub names: Names,
    /// By module, in words.
    pub notes: BTreeMap<String, Vec<String>>,
}

impl MibBase {
    /// Of a folder's files.
    pub fn new(files: Vec<Mib>) -> Self {
        Self { files: Arc::new(files), last: Arc::default() }
    }

    /// The names of all files; those of the catalog count before those of the folder.
    pub fn names(&self, uploaded: &[Mib]) -> Arc<Names> {
        let mut hash = DefaultHasher::new();
        uploaded.iter().for_each(|mib| (&mib.name, &mib.text).hash(&mut hash));
        let hash = hash.finish();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, names)) = last.as_ref()
            && *known == hash
        {
            return Arc::clone(names);
        }
        let names = Arc::new(self.read(uploaded).names);
        *last = Some((hash, Arc::clone(&names)));
        names
    }

    /// The same, with what the reader has to say.
    pub fn read(&self, uploaded: &[Mib]) -> MibsRead {
        read(uploaded.iter().chain(self.files.iter()))
    }
}

/// Reads files; of two that define one module the first holds.
fn read<'a>(mibs: impl Iterator<Item = &'a Mib>) -> MibsRead {
    let mut modules: BTreeMap<String, &[u8]> = BTreeMap::new();
    for mib in mibs.filter(|mib| mib.fault().is_none()) {
        for module in mib.modules() {
            modules.entry(module).or_insert(mib.text.as_bytes());
        }
    }
    let names: Vec<String> = modules.keys().cloned().collect();
    let source = mib_rs::source::memory_modules(modules);
    let config = DiagnosticConfig { fail_at: Severity::Fatal, ..DiagnosticConfig::default() };
    let loaded = Loader::new()
        .source(source)
        .diagnostic_config(config)
        .resolver_strictness(ResolverStrictness::Permissive)
        .parallelism(1)
        .load();
    match loaded {
        Ok(tree) => MibsRead { names: Names::new(named(&tree)), notes: notes(&tree) },
        Err(why) => {
            let said = |module: String| (module, vec![format!("not read: {why}")]);
            MibsRead { names: Names::default(), notes: names.into_iter().map(said).collect() }
        }
    }
}

/// All that has a name but what every MIB stands on: `enterprises.9.9` says less than numbers.
fn named(tree: &Tree) -> Vec<Named> {
    let mut named = Vec::new();
    for node in tree.nodes() {
        let Some(module) = node.module() else { continue };
        if node.name().is_empty() || module.is_base() || FOUNDATION.contains(&module.name()) {
            continue;
        }
        named.push(Named {
            oid: Oid::new(node.oid().to_vec()),
            module: module.name().to_owned(),
            name: node.name().to_owned(),
        });
    }
    named
}

fn notes(tree: &Tree) -> BTreeMap<String, Vec<String>> {
    let mut notes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for found in tree.diagnostics() {
        let of = notes.entry(found.module.clone().unwrap_or_default()).or_default();
        if of.len() < NOTES_MAX {
            of.push(found.message.clone());
        }
    }
    notes
}

/// What is wrong with the catalog's files.
pub(super) fn faults(parts: &Parts, faults: &mut Vec<BookFault>) {
    let of = |mib: &Mib, message: String| BookFault::of(Kind::Mib, &mib.name, "", message);
    faults.extend(parts.mibs.iter().filter_map(|mib| Some(of(mib, mib.fault()?))));
    let bytes: usize = parts.mibs.iter().map(|mib| mib.text.len()).sum();
    let Some(last) = parts.mibs.last() else { return };
    if parts.mibs.len() > MIBS_MAX || bytes > ALL_BYTES_MAX {
        let count = parts.mibs.len();
        let message = format!(
            "{count} MIB files of {bytes} bytes together; {MIBS_MAX} of {ALL_BYTES_MAX} is the most: \
             put those that seldom change into the folder mibs.folder"
        );
        faults.push(of(last, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACME: &str = "ACME-MIB DEFINITIONS ::= BEGIN\n\
        IMPORTS MODULE-IDENTITY, NOTIFICATION-TYPE, OBJECT-TYPE, enterprises FROM SNMPv2-SMI;\n\
        acme MODULE-IDENTITY LAST-UPDATED \"202601010000Z\" ORGANIZATION \"Acme\" \
        CONTACT-INFO \"-\" DESCRIPTION \"-\" ::= { enterprises 32473 }\n\
        acmePort OBJECT-TYPE SYNTAX INTEGER MAX-ACCESS read-only STATUS current \
        DESCRIPTION \"-\" ::= { acme 1 }\n\
        acmeFanFailed NOTIFICATION-TYPE OBJECTS { acmePort } STATUS current \
        DESCRIPTION \"-\" ::= { acme 0 7 }\nEND\n";

    fn mib(name: &str, text: &str) -> Mib {
        Mib { name: name.to_owned(), text: text.to_owned() }
    }

    fn text(names: &Names, oid: &str) -> String {
        names.text(&oid.parse().unwrap())
    }

    #[test]
    fn a_files_names_are_known_and_a_bad_one_spoils_no_other() {
        let bad =
            mib("BAD-MIB", "BAD-MIB DEFINITIONS ::= BEGIN\nIMPORTS nothing FROM NO-MIB;\n}{ ");
        let base = MibBase::new(vec![bad, mib("NO", "not a MIB at all")]);
        let read = base.read(&[mib("ACME-MIB", ACME)]);
        assert_eq!(text(&read.names, "1.3.6.1.4.1.32473.0.7"), "ACME-MIB::acmeFanFailed");
        assert_eq!(text(&read.names, "1.3.6.1.4.1.32473.1.5"), "ACME-MIB::acmePort.5");
        assert_eq!(text(&read.names, "1.3.6.1.6.3.1.1.5.3"), "IF-MIB::linkDown", "without a file");
        assert!(read.notes.contains_key("BAD-MIB"), "{:?}", read.notes);
        assert_eq!(read.names.oid("acmeFanFailed"), "1.3.6.1.4.1.32473.0.7".parse().ok());
    }

    #[test]
    fn what_is_no_mib_is_said() {
        let no_mib = mib("X", "hello").fault();
        assert!(no_mib.is_some_and(|fault| fault.contains("DEFINITIONS ::= BEGIN")));
        assert!(mib("X", &"-".repeat(MIB_BYTES_MAX + 1)).fault().is_some());
        assert_eq!(mib("ACME-MIB", ACME).fault(), None);
    }

    #[test]
    fn the_catalogs_files_count_before_the_folders_and_are_read_once() {
        let base = MibBase::new(vec![mib("ACME-MIB", ACME)]);
        let newer = ACME.replace("acmeFanFailed", "acmeFanBroken");
        let uploaded = [mib("ACME-MIB", &newer)];
        let names = base.names(&uploaded);
        assert_eq!(text(&names, "1.3.6.1.4.1.32473.0.7"), "ACME-MIB::acmeFanBroken");
        assert!(Arc::ptr_eq(&names, &base.names(&uploaded)));
        assert_eq!(text(&base.names(&[]), "1.3.6.1.4.1.32473.0.7"), "ACME-MIB::acmeFanFailed");
    }
}
