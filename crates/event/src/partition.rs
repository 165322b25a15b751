//! Which partition a device's messages go to.

/// The partition of a device: FNV-1a (64 bits) of its name, modulo `partitions`.
///
/// Journals on disk depend on it: it never changes. `partitions` 0 counts as 1.
pub fn partition_of(host: &str, partitions: u16) -> u16 {
    let hash = host.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    (hash % u64::from(partitions.max(1))) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails if the function ever changes: then messages of one device would be in two partitions.
    #[test]
    fn never_changes() {
        assert_eq!(partition_of("", 16), (0xcbf2_9ce4_8422_2325_u64 % 16) as u16);
        // FNV-1a 64 of "a" is af63dc4c8601ec8c, of "foobar" 85944171f73967e8 (the authors' vectors).
        assert_eq!(partition_of("a", u16::MAX), (0xaf63_dc4c_8601_ec8c_u64 % 65_535) as u16);
        assert_eq!(partition_of("foobar", 16), (0x8594_4171_f739_67e8_u64 % 16) as u16);
        assert_eq!(partition_of("foobar", 0), 0);
    }
}
