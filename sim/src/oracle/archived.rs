//! What reached NetIM. From: what its receivers have read. To: held to the journal.

use std::collections::{BTreeMap, HashSet};

use super::InJournal;

/// Every stored message is in its archive as often as it is stored at least, byte for byte, and
/// each partition in order.
pub(super) fn archived(
    archive: &[Vec<u8>],
    journal: &[InJournal],
    traps: bool,
) -> Result<(), String> {
    let mine = || journal.iter().filter(|message| message.is_trap == traps);
    let mut times: BTreeMap<&[u8], i64> = BTreeMap::new();
    for raw in archive {
        *times.entry(raw).or_default() += 1;
    }
    for message in mine() {
        let left = times.entry(message.raw.as_bytes()).or_default();
        *left -= 1;
        if *left < 0 {
            return Err(format!("`{}` is stored and did not reach the archive", message.raw));
        }
    }
    let partitions: BTreeMap<&[u8], u16> =
        mine().map(|message| (message.raw.as_bytes(), message.partition)).collect();
    let mut arrived: BTreeMap<u16, Vec<&[u8]>> = BTreeMap::new();
    let mut known = HashSet::new();
    for raw in archive.iter().map(Vec::as_slice).filter(|raw| known.insert(*raw)) {
        let Some(partition) = partitions.get(raw) else {
            let raw = String::from_utf8_lossy(raw);
            return Err(format!("the archive has `{raw}`, which is not in the journal"));
        };
        arrived.entry(*partition).or_default().push(raw);
    }
    for (partition, arrived) in arrived {
        let first = mine().filter(|message| message.partition == partition && !message.repeated);
        if !first.map(|message| message.raw.as_bytes()).eq(arrived) {
            return Err(format!("the archive has partition {partition} in another order"));
        }
    }
    Ok(())
}
