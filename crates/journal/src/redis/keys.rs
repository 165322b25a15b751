//! The names of the journal's keys, and where a Redis Cluster keeps them.

use uuid::Uuid;

/// Slots of a Redis Cluster.
const SLOTS: u16 = 16_384;

/// The keys of one lane; one hash tag, so that they share a slot.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    /// The stream.
    pub events: String,
    /// The hash that says what comes next.
    pub state: String,
    /// Their slot in a cluster.
    pub slot: u16,
}

impl Keys {
    pub fn new(prefix: &str, partition: u16) -> Self {
        let events = format!("{prefix}:{{{partition}}}:events");
        let slot = slot(&events);
        Self { events, state: format!("{prefix}:{{{partition}}}:state"), slot }
    }

    /// Where a writer's last round is remembered.
    pub fn writer(prefix: &str, partition: u16, writer: Uuid) -> String {
        format!("{prefix}:{{{partition}}}:writer:{writer}")
    }
}

/// The key of the journal itself.
pub(super) fn journal(prefix: &str) -> String {
    format!("{prefix}:journal")
}

/// The slot of a key: of its hash tag if it has one.
pub(super) fn slot(key: &str) -> u16 {
    let tag = key
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'))
        .map_or(key, |(tag, _)| if tag.is_empty() { key } else { tag });
    crc16(tag.as_bytes()) % SLOTS
}

/// CRC-16/XMODEM, as the cluster's specification asks for.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            (crc << 1) ^ if crc & 0x8000 == 0 { 0 } else { 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(slot("foo"), 12_182);
        assert_eq!(slot("mutt:{3}:events"), slot("3"));
        assert_eq!(slot("a{}b"), crc16(b"a{}b") % SLOTS);
    }

    #[test]
    fn the_keys_of_a_lane_share_a_slot() {
        let keys = Keys::new("mutt", 3);
        assert_eq!((&*keys.events, &*keys.state), ("mutt:{3}:events", "mutt:{3}:state"));
        assert_eq!(slot(&keys.state), keys.slot);
        assert_eq!(slot(&Keys::writer("mutt", 3, Uuid::nil())), keys.slot);
    }
}
