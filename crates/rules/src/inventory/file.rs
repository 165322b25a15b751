//! The inventory from a file: TOML, YAML or JSON with one list, `hosts`.
//!
//! From: text. To: entries, or every fault with its line.

use super::InventoryEntry;
use std::collections::HashSet;

use super::check::{InventoryLimits, Places, check_entries};
use crate::{Fault, Format};

/// Reads a file with one list, `hosts`, and checks it within the default limits.
///
/// # Errors
/// Every fault at once, in the order of the file.
pub fn read_inventory(text: &str, format: Format) -> Result<Vec<InventoryEntry>, Vec<Fault>> {
    let found = crate::read::hosts(crate::source::parse(text, format)?);
    let (entries, lines): (Vec<_>, Vec<_>) = found.entries.into_iter().unzip();
    let mut faults = found.faults;
    let checked = check_entries(&entries, &InventoryLimits::default(), &Places::List(lines));
    // What could not be read is empty here, and told already.
    let paths = faults.iter().map(|fault| fault.path.clone());
    let told: HashSet<String> = paths.chain(found.meant).collect();
    faults.extend(checked.into_iter().filter(|fault| !told.contains(&fault.path)));
    if faults.is_empty() {
        return Ok(entries);
    }
    faults.sort_by_key(|fault| fault.line);
    Err(faults)
}
