//! Syslog lines of 300 bytes as network devices and servers write them, for benchmarks.

/// Words that never repeat in order.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 29)) % limit
    }
}

/// One line.
pub fn line(dice: &mut Dice, n: u64) -> Vec<u8> {
    let head = format!(
        "<{}>1 2026-11-28T{:02}:{:02}:{:02}.{:06}Z sw-{}-{:03}.example.net ",
        dice.below(192),
        n / 3_600_000 % 24,
        n / 60_000 % 60,
        n / 1_000 % 60,
        dice.below(1_000_000),
        ["ber", "muc", "fra", "ham"][dice.below(4) as usize],
        dice.below(400),
    );
    let (a, b, c, d) = (dice.below(250), dice.below(250), dice.below(48), dice.below(65_536));
    let body = match dice.below(5) {
        0 => format!("%LINK-3-UPDOWN: Interface GigabitEthernet1/0/{c}, changed state to down"),
        1 => format!(
            "sshd[{d}]: Failed password for invalid user u{a} from 10.{a}.{b}.{c} port {d} ssh2"
        ),
        2 => format!(
            "%ASA-6-302013: Built outbound TCP connection {} for outside:10.{a}.{b}.7/443 \
             (10.{a}.{b}.7/443) to inside:192.168.{b}.{a}/{d} (192.168.{b}.{a}/{d})",
            dice.below(1 << 32)
        ),
        3 => format!(
            "rpd[{d}]: bgp_read_message: peer 172.16.{a}.{b} (External AS {}): NOTIFICATION code 6",
            64_512 + a
        ),
        _ => format!(
            "kernel: [{}.{d:06}] IN=eth{c} OUT= MAC=00:1b:{a:02x}:{b:02x}:{c:02x}:01 \
             SRC=10.{a}.{b}.{c} DST=10.{b}.{a}.9 LEN={d} TTL=64 ID={}",
            dice.below(1 << 20),
            dice.below(1 << 16)
        ),
    };
    let mut line = format!("{head}{body}").into_bytes();
    while line.len() < 300 {
        line.extend(format!(" ref={:x}", dice.below(1 << 24)).bytes());
    }
    line.truncate(300);
    line
}
