//! Words that masking and widening know. From: nothing. To: [`crate::mask`] and the shelf.

/// Words that tell a state, lower case and sorted: none becomes a wildcard, since what they tell
/// apart is what a rule is for.
const GUARDS: &[&str] = &[
    "abnormal",
    "accept",
    "accepted",
    "activated",
    "active",
    "added",
    "alive",
    "allowed",
    "asserted",
    "attached",
    "available",
    "backup",
    "blocked",
    "blocking",
    "built",
    "clear",
    "cleared",
    "close",
    "closed",
    "connected",
    "created",
    "critical",
    "deactivated",
    "dead",
    "deassert",
    "deasserted",
    "degraded",
    "delete",
    "deleted",
    "denied",
    "deny",
    "destroyed",
    "detached",
    "disable",
    "disabled",
    "disconnected",
    "down",
    "drop",
    "dropped",
    "enable",
    "enabled",
    "entered",
    "error",
    "established",
    "exited",
    "expired",
    "fail",
    "failed",
    "failure",
    "false",
    "finished",
    "forwarding",
    "full",
    "get",
    "head",
    "healthy",
    "idle",
    "inactive",
    "init",
    "inserted",
    "installed",
    "invalid",
    "joined",
    "learning",
    "left",
    "listening",
    "loaded",
    "locked",
    "lost",
    "master",
    "missing",
    "no",
    "normal",
    "not",
    "off",
    "offline",
    "ok",
    "on",
    "online",
    "open",
    "opened",
    "passed",
    "paused",
    "permit",
    "permitted",
    "post",
    "pressed",
    "primary",
    "put",
    "reachable",
    "ready",
    "received",
    "recovered",
    "refused",
    "registered",
    "rejected",
    "released",
    "removed",
    "reset",
    "restored",
    "resumed",
    "running",
    "secondary",
    "sent",
    "shutdown",
    "slave",
    "standby",
    "started",
    "starting",
    "stopped",
    "stopping",
    "succeeded",
    "success",
    "successful",
    "successfully",
    "suspended",
    "synchronized",
    "teardown",
    "terminated",
    "terminating",
    "timeout",
    "true",
    "unavailable",
    "unblocked",
    "unhealthy",
    "uninstalled",
    "unknown",
    "unlocked",
    "unreachable",
    "unregistered",
    "unsynchronized",
    "up",
    "valid",
    "warning",
    "withdrawn",
    "yes",
];

/// Names with a digit that are words all the same, lower case and sorted.
const NAMES: &[&str] = &[
    "802.1q", "802.1x", "802.3ad", "bgp4", "eui64", "ikev1", "ikev2", "ipv4", "ipv6", "isakmpv2",
    "l2", "l2tp", "l2vpn", "l3", "l3vpn", "layer2", "layer3", "md5", "ospfv2", "ospfv3", "rfc1918",
    "sha1", "sha256", "snmpv1", "snmpv2", "snmpv2c", "snmpv3", "ssh2", "sshv1", "sshv2", "vrrpv2",
    "vrrpv3",
];

/// Words before the name of someone or something, of which two are seen soon.
const NAMED: &[&str] = &[
    "account",
    "client",
    "domain",
    "host",
    "hostname",
    "neighbor",
    "neighbour",
    "peer",
    "server",
    "user",
    "username",
    "vrf",
];

/// Whether the word tells a state, in whatever case.
pub(crate) fn is_guard(word: &[u8]) -> bool {
    is_one_of(word, GUARDS, 16)
}

/// Whether the word is a name although it has a digit, in whatever case.
pub(crate) fn is_name(word: &[u8]) -> bool {
    is_one_of(word, NAMES, 8)
}

/// Whether the word is a unit or a time zone and so belongs to the number before it: `512 KB` and
/// `2 GB` are the same, and `10:00:00 CET` is one time.
#[rustfmt::skip]
pub(crate) fn belongs_to_number(word: &[u8]) -> bool {
    matches!(
        word,
        b"B" | b"GB" | b"GiB" | b"K" | b"KB" | b"KiB" | b"MB" | b"MiB" | b"TB" | b"TiB" | b"kB"
            | b"ms" | b"ns" | b"s" | b"us"
            | b"AM" | b"BST" | b"CDT" | b"CEST" | b"CET" | b"CST" | b"EDT" | b"EEST" | b"EET"
            | b"EST" | b"GMT" | b"IST" | b"JST" | b"MDT" | b"MSK" | b"MST" | b"PDT" | b"PM"
            | b"PST" | b"UTC" | b"WET"
    )
}

/// Whether the word is a day or a month, which before a number belongs to it.
#[rustfmt::skip]
pub(crate) fn is_date(word: &[u8]) -> bool {
    matches!(
        word,
        b"Jan" | b"Feb" | b"Mar" | b"Apr" | b"May" | b"Jun" | b"Jul" | b"Aug" | b"Sep" | b"Oct"
            | b"Nov" | b"Dec" | b"Mon" | b"Tue" | b"Wed" | b"Thu" | b"Fri" | b"Sat" | b"Sun"
    )
}

/// Whether a name stands behind the word.
pub(crate) fn names_something(word: &[u8]) -> bool {
    NAMED.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
}

fn is_one_of(word: &[u8], sorted: &[&str], longest: usize) -> bool {
    let mut lower = [0; 16];
    let Some(lower) = lower.get_mut(..word.len().min(longest)) else { return false };
    if lower.len() < word.len() {
        return false;
    }
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    sorted.binary_search_by(|name| name.as_bytes().cmp(lower)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_that_are_searched_are_sorted() {
        assert!(GUARDS.is_sorted());
        assert!(NAMES.is_sorted());
    }

    #[test]
    fn case_does_not_count_for_states() {
        assert!(is_guard(b"Down") && is_guard(b"UP") && is_guard(b"successfully"));
        assert!(!is_guard(b"downtown") && !is_guard(b"") && !is_guard(&[b'a'; 99]));
    }
}
