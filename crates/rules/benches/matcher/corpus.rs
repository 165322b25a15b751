//! A corpus from a seed: rules of all kinds, and mixed syslog that some of them want.
//!
//! To: this benchmark, and the backtest's in crates/pipeline.

const WORDS: [&str; 24] = [
    "pool",
    "tunnel",
    "session",
    "peer",
    "module",
    "sensor",
    "license",
    "certificate",
    "replication",
    "cluster",
    "backup",
    "volume",
    "queue",
    "policy",
    "gateway",
    "profile",
    "controller",
    "adapter",
    "license",
    "inventory",
    "snapshot",
    "firmware",
    "transceiver",
    "synchronisation",
];
const VERBS: [&str; 8] =
    ["failed", "expired", "lost", "rejected", "exceeded", "degraded", "stopped", "timed out"];

/// splitmix64: the same corpus everywhere.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// The text that rule `n` looks for.
pub fn phrase(n: usize) -> String {
    let (a, b, c) =
        (n % WORDS.len(), (n / WORDS.len()) % VERBS.len(), n / (WORDS.len() * VERBS.len()));
    format!("{} {} on unit {c}", WORDS[a], VERBS[b])
}

/// A rule file of so many rules.
pub fn rules(count: usize) -> String {
    let mut text = String::new();
    for n in 0..count {
        let when = match n % 10 {
            _ if n % 600 == 599 => {
                format!(r"when.message.regex = '\b\d+ [a-z]{{2,9}} {}\d+$'", n % 7)
            }
            0..=3 => format!("when.message.contains = \"{}\"", phrase(n)),
            4..=6 => format!(r"when.message.regex = '{}\b.*(?<id>\d+)'", phrase(n)),
            7 => format!(
                "when.mnemonic.equals = \"FEATURE{n}-3-FAILED\"\nwhen.message.contains = \"failed\""
            ),
            8 => format!("when.trap_oid.oid_prefix = \"1.3.6.1.4.1.{}.{}\"", n % 50, n / 50),
            _ => format!(
                "when.any = [{{ message.contains = \"{}\" }}, {{ message.regex = 'code {n}\\d* (fatal|major)' }}]\nwhen.severity.at_least = \"notice\"",
                phrase(n)
            ),
        };
        text.push_str(&format!(
            "[[rules]]\nid = \"r{n:05}\"\npriority = {}\nteam = \"t\"\nhandling = \"ticket_only\"\n{when}\n\n",
            n % 1000
        ));
    }
    text
}

/// A message; 3 in 100 have the text that one of so many rules looks for.
pub fn message(random: &mut Random, rule_count: usize) -> Vec<u8> {
    let (a, b, c, d) =
        (random.below(200), random.below(48), random.below(250), random.below(60_000));
    let host = format!("rtr{a:03}");
    let text = match random.below(100) {
        0..=2 => {
            let phrase = phrase(random.below(rule_count));
            format!(
                "<187>Nov 23 12:00:01 {host} agent[{d}]: {phrase}: id {c}, see the manual of the unit for what to do next and call the desk"
            )
        }
        3..=27 => format!(
            "<189>{d}: {host}: *Nov 23 12:00:01.{c:03}: %LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet1/0/{b}, changed state to {}",
            random.pick(&["up", "down"])
        ),
        28..=47 => format!(
            "<166>Nov 23 2026 12:00:01 {host}: %ASA-6-302013: Built outbound TCP connection {d} for outside:203.0.113.{c}/443 (203.0.113.{c}/443) to inside:10.1.{b}.{c}/{d} (192.0.2.1/{d})"
        ),
        48..=62 => format!(
            "<28>Nov 23 12:00:01 {host} mib2d[{d}]: SNMP_TRAP_LINK_DOWN: ifIndex {d}, ifAdminStatus up(1), ifOperStatus down(2), ifName ge-0/0/{b}"
        ),
        63..=77 => format!(
            "<38>Nov 23 12:00:01 {host} sshd[{d}]: Accepted publickey for admin from 10.1.{b}.{c} port {d} ssh2: RSA SHA256:Xb{d}Qz{c}mmPq{b}"
        ),
        78..=92 => format!(
            "<30>Nov 23 12:00:01 {host} systemd[1]: session-{d}.scope: Deactivated successfully, consumed {c}ms of CPU time on unit {b} of the slice"
        ),
        _ => format!(
            "<134>1 2026-11-23T12:00:01Z {host} proxy {d} - - GET /inventory/module/{c} 200 {d} backup-{b} \"policy gateway peer session\""
        ),
    };
    text.into_bytes()
}
