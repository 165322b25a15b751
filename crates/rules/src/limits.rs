//! What a rule set may cost at most.

/// The limits of a rule set; more is a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The most rules in a set.
    pub rules_max: usize,
    /// The most memory that one compiled regular expression may take, in bytes.
    pub regex_bytes_max: usize,
    /// The most conditions without an anchor, which are tried on every event.
    pub unanchored_max: usize,
    /// The most conditions nested in each other.
    pub depth_max: usize,
    /// The longest summary, in bytes; a longer one is cut.
    pub summary_bytes_max: usize,
    /// The longest key, in bytes; a longer one is cut and ends in a hash of the whole.
    pub key_bytes_max: usize,
    /// The most labels of one rule.
    pub labels_max: usize,
    /// The longest value of a label, in bytes; a longer one is cut.
    pub label_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rules_max: 50_000,
            regex_bytes_max: 256 * 1024,
            unanchored_max: 64,
            depth_max: 16,
            summary_bytes_max: 512,
            key_bytes_max: 256,
            labels_max: 32,
            label_bytes_max: 256,
        }
    }
}
