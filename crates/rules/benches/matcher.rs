//! Events judged per second, one core, over a generated corpus: `cargo bench -p mutt-rules`.
//!
//! The corpus is seeded and mixed (Cisco, Junos, Linux, firewalls, traps), about 150 bytes a
//! message; about 3 in 100 messages belong to a rule. Rules are anchored by literals, mnemonics
//! and OIDs; 1 in 600 has no anchor. 1 event in 20 is a trap. Beside it stand, over one text of
//! each rule and the same lines, what scripts do: the plain loop of regexes, one `RegexSet`, and
//! SEC, the Simple Event Correlator, where it is installed. `-- 10000` runs that count alone;
//! only then the memory is exact. All times are times on the processor: of the best pass, so
//! that other load counts little.

#[path = "matcher/beside.rs"]
mod beside;
mod cpu;

use std::time::{Duration, Instant};

use mutt_event::trap::{Trap, Value, VarBind, Version};
use mutt_event::{Envelope, Event, Flags, Input, Kind, MessageId, Parser, ParserConfig, Timestamp};
use mutt_rules::{Environment, Format, RuleSet, Scratch, parse_rules};

const MESSAGES: usize = 50_000;
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
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// The text that rule `n` looks for.
fn phrase(n: usize) -> String {
    let (a, b, c) =
        (n % WORDS.len(), (n / WORDS.len()) % VERBS.len(), n / (WORDS.len() * VERBS.len()));
    format!("{} {} on unit {c}", WORDS[a], VERBS[b])
}

fn rules(count: usize) -> String {
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

fn message(random: &mut Random, rule_count: usize) -> Vec<u8> {
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

fn events<'a>(raws: &'a [Vec<u8>]) -> Vec<Event<'a>> {
    let parser = Parser::new(ParserConfig::default());
    let parse = |(position, raw): (u64, &'a Vec<u8>)| {
        let envelope = Envelope {
            input: Input::SyslogTcp,
            kind: Kind::Syslog,
            flags: Flags::default(),
            received: Timestamp::ZERO,
            session: 0,
            peer: None,
            host: "core-rtr-01",
            dedup: None,
            raw,
        };
        parser.parse(MessageId { appended: Timestamp::ZERO, partition: 0, position }, &envelope)
    };
    (0..).zip(raws).map(parse).collect()
}

/// Makes every twentieth event a trap; 1 in 3 of them has an OID that a rule may want.
fn add_traps(events: &mut [Event<'_>], random: &mut Random) {
    for event in events.iter_mut().step_by(20) {
        let enterprise = random.below(150);
        let oid = format!("1.3.6.1.4.1.{enterprise}.{}.0.1", random.below(40));
        let (Ok(trap_oid), Ok(varbind)) = (oid.parse(), "1.3.6.1.2.1.2.2.1.1.7".parse()) else {
            fail("bad OID")
        };
        event.kind = Kind::Trap;
        event.severity = None;
        event.app = None;
        event.mnemonic = None;
        event.message = format!("{oid} ifIndex.7=7").into_bytes().into();
        event.trap = Some(Box::new(Trap {
            version: Version::V2c,
            community: b"public",
            inform: false,
            trap_oid,
            enterprise: None,
            agent_addr: None,
            trap_address: None,
            uptime_ticks: None,
            request_id: None,
            complete: true,
            varbinds: vec![VarBind { oid: varbind, value: Value::Integer(7) }],
        }));
    }
}

/// Runs whole passes until a second is over; events a second of the best pass.
fn best(events: usize, mut pass: impl FnMut()) -> f64 {
    pass();
    let start = Instant::now();
    let mut fastest = Duration::MAX;
    while start.elapsed() < Duration::from_secs(2) {
        let begin = cpu::own();
        pass();
        fastest = fastest.min(cpu::own().saturating_sub(begin));
    }
    events as f64 / fastest.as_secs_f64()
}

/// Memory of this process that is in RAM, in KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(1)
}

fn main() {
    println!(
        "{:>7} {:>12} {:>11} {:>7} {:>11} {:>9} {:>12} {:>12} {:>12}",
        "rules",
        "events/s",
        "candidates",
        "hits",
        "compile",
        "memory",
        "plain loop/s",
        "RegexSet/s",
        "SEC/s"
    );
    let has_sec = beside::has_sec();
    let asked: Vec<usize> = std::env::args().filter_map(|count| count.parse().ok()).collect();
    for count in if asked.is_empty() { vec![10, 100, 1_000, 10_000] } else { asked } {
        row(count, has_sec);
    }
    if !has_sec {
        println!("SKIPPED: sec is not installed: apt-get install sec");
    }
}

/// Measures with so many rules.
fn row(count: usize, has_sec: bool) {
    let mut random = Random(42);
    let raws: Vec<Vec<u8>> = (0..MESSAGES).map(|_| message(&mut random, count)).collect();
    let mut events = events(&raws);
    add_traps(&mut events, &mut random);
    let before = resident_kib();
    let parsed = parse_rules(&rules(count), Format::Toml)
        .unwrap_or_else(|faults| fail(&faults[0].to_string()));
    let begin = cpu::own();
    let (set, _) = RuleSet::compile(parsed).unwrap_or_else(|faults| fail(&faults[0].to_string()));
    let compile = cpu::own().saturating_sub(begin);
    let memory = resident_kib().saturating_sub(before);
    let mut scratch = Scratch::default();
    let (mut candidates, mut hits, mut judged) = (0usize, 0usize, 0usize);
    let rate = best(events.len(), || {
        for event in &events {
            let verdict = set.judge(event, Environment::Prod, &mut scratch);
            hits += usize::from(!verdict.is_nothing());
            candidates += scratch.candidates();
            judged += 1;
        }
    });
    println!(
        "{count:>7} {:>10.2} M {:>11.3} {:>5.1} % {:>8.0} ms {:>5} MiB {:>12.0} {:>12} {:>12}",
        rate / 1e6,
        candidates as f64 / judged as f64,
        100.0 * hits as f64 / judged as f64,
        compile.as_secs_f64() * 1e3,
        memory / 1024,
        beside::plain_loop(count, &events),
        beside::regex_set(count, &events),
        beside::sec(has_sec, count, &raws),
    );
}
