//! Events a second on one core: `cargo bench -p mutt-patterns --bench throughput`.
//!
//! Mixed network syslog of about 180 bytes, made from a seed: numbers, addresses and interface
//! names differ in each message, and of 1 in 50 a word does. `known`: all patterns are there;
//! `learning`: the miner begins with nothing; `uncached`: no masked text is remembered;
//! `strangers`: each message begins a pattern and another makes room.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use mutt_event::{MessageId, Severity, Timestamp};
use mutt_patterns::{Limits, Miner, Seen};

const MESSAGES: usize = 50_000;

/// `#` is a number, `@` an address, `%` an interface, `^` hexadecimal, `$` a word.
const KINDS: [(&str, &str); 12] = [
    (
        "LINK-3-UPDOWN",
        "Interface %, changed state to down, reported by line card # in slot # of chassis # after # retries, carrier transitions # since last clear of counters",
    ),
    (
        "LINEPROTO-5-UPDOWN",
        "Line protocol on Interface %, changed state to up, keepalive # s, last input 00:00:#, last output 00:00:#, output hang never, queue #/#/#/#",
    ),
    (
        "SEC-6-IPACCESSLOGP",
        "list # denied tcp @(#) -> @(#), # packets; log-input interface % source mac ^.^.^ rule # of policy edge-in, session ^",
    ),
    (
        "BGP-5-ADJCHANGE",
        "neighbor @ vpn vrf blue Down BGP Notification sent, hold time expired; local AS # remote AS #, uptime #d#h, prefixes # of # received on %",
    ),
    (
        "ASA-6-302013",
        "Built outbound TCP connection # for outside:@/# (@/#) to inside:@/# (@/#), idle 0:00:#, flags ^, user none, zone trust to untrust",
    ),
    (
        "sshd",
        "Failed password for invalid user $ from @ port # ssh2: client protocol 2.0, key exchange curve25519, session ^ attempt # of # within # s",
    ),
    (
        "rpd",
        "bgp_hold_timeout:#: NOTIFICATION sent to @ (External AS #): code 4 (Hold Timer Expired Error), Reason: holdtime expired for @ (External AS #), socket buffer sndcc: #",
    ),
    (
        "kernel",
        "DROP IN=eth# OUT= MAC=00:00:5e:00:53:# SRC=@ DST=@ LEN=# TTL=# ID=# PROTO=TCP SPT=# DPT=# WINDOW=# SYN URGP=# MARK=0x^",
    ),
    (
        "SNMP_TRAP_LINK_DOWN",
        "ifIndex #, ifAdminStatus up(1), ifOperStatus down(2), ifName %, ifAlias uplink to core, speed # Mbps, last change # s ago, flaps # today",
    ),
    (
        "dhcpd",
        "DHCPACK on @ to 00:00:5e:00:53:# via % relay @ lease-duration # offered-duration # uid ^ agent circuit vlan# remote ^, pool # of # in use",
    ),
    (
        "SW_MATM-4-MACFLAP_NOTIF",
        "Host ^.^.^ in vlan # is flapping between port % and port %, # moves in # s, learning is disabled on both ports for # s by policy",
    ),
    (
        "collector",
        "poll of @ done in # ms: # OIDs, # timeouts, # retries, queue # of #, next in # s, worker #, shard #, memory # MB, cpu #%",
    ),
];

/// splitmix64: the same corpus everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }

    fn word(&mut self) -> String {
        (0..6).map(|_| char::from(b'g' + self.below(16) as u8)).collect()
    }

    fn fill(&mut self, kind: &str) -> String {
        let mut text = String::new();
        for letter in kind.chars() {
            match letter {
                '#' => text.push_str(&self.below(65_536).to_string()),
                '@' => text.push_str(&format!("192.0.2.{}", self.below(256))),
                '%' => text.push_str(&format!("Gi{}/0/{}", self.below(9), self.below(48))),
                '^' => text.push_str(&format!("{:04x}", self.below(65_536))),
                '$' if self.below(4) == 0 => text.push_str(&self.word()),
                '$' => text.push_str("oracle"),
                _ => text.push(letter),
            }
        }
        text
    }
}

fn messages() -> Vec<(&'static str, String, String)> {
    let mut random = Random(42);
    let message = |_| {
        let (key, kind) = KINDS[random.below(KINDS.len() as u64) as usize];
        (key, format!("rtr{:03}", random.below(400)), random.fill(kind))
    };
    (0..MESSAGES).map(message).collect()
}

fn feed(miner: &mut Miner, messages: &[(&'static str, String, String)]) {
    for (position, (key, host, text)) in (0..).zip(messages) {
        // 20 µs apart: 50,000 events a second of journal time.
        let at = Timestamp::from_micros(1_795_608_000_000_000 + position * 20);
        miner.observe(&Seen {
            key: key.as_bytes(),
            host,
            text: text.as_bytes(),
            severity: Some(Severity::Warning),
            team: Some("network"),
            at,
            id: MessageId { appended: at, partition: 0, position: position as u64 },
        });
    }
    divan::black_box(miner.take_changes());
    divan::black_box(miner.take_triggers());
}

fn run(bencher: Bencher<'_, '_>, limits: Limits, knows: bool) {
    let messages = messages();
    let bytes: usize = messages.iter().map(|(.., text)| text.len()).sum();
    let mut known = Miner::new(limits);
    feed(&mut known, &messages);
    let bencher = bencher.counter(ItemsCount::new(MESSAGES)).counter(BytesCount::new(bytes));
    if knows {
        bencher.bench_local(|| feed(&mut known, &messages));
    } else {
        bencher.with_inputs(|| Miner::new(limits)).bench_local_refs(|new| feed(new, &messages));
    }
}

#[divan::bench]
fn known(bencher: Bencher<'_, '_>) {
    run(bencher, unsampled(), true);
}

#[divan::bench]
fn learning(bencher: Bencher<'_, '_>) {
    run(bencher, unsampled(), false);
}

#[divan::bench]
fn uncached(bencher: Bencher<'_, '_>) {
    run(bencher, Limits { cache_max: 1, ..unsampled() }, true);
}

/// The worst that can come: of the words of each message no two were seen before.
#[divan::bench(sample_count = 5)]
fn strangers(bencher: Bencher<'_, '_>) {
    let mut random = Random(7);
    let mut stranger = |_| {
        let words: Vec<String> = (0..20).map(|_| random.word()).collect();
        ("app", "r1".to_owned(), words.join(" "))
    };
    let messages: Vec<_> = (0..MESSAGES / 10).map(&mut stranger).collect();
    let mut miner = Miner::new(unsampled());
    feed(&mut miner, &messages);
    bencher.counter(ItemsCount::new(messages.len())).bench_local(|| feed(&mut miner, &messages));
}

/// Each event is counted, so that the rate is of work done.
fn unsampled() -> Limits {
    Limits { events_per_second_max: u64::MAX, ..Limits::default() }
}

fn main() {
    divan::main();
}
