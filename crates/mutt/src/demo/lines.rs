//! What each vendor's devices say, in their published formats: noise and incidents.

use jiff::fmt::strtime;
use mutt_event::Timestamp;
use rand::Rng;
use rand::rngs::SmallRng;
use serde_json::json;

use super::traffic::{Device, Vendor};

/// Something that breaks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Incident {
    /// An interface goes down; told by syslog and by trap.
    Link,
    /// A BGP neighbour goes down.
    Bgp,
    /// A power supply fails.
    Power,
    /// A pool member of a load balancer goes down.
    Pool,
    /// A firewall's partner is lost.
    HighAvailability,
    /// An application cannot reach its database.
    Application,
}

impl Incident {
    /// What can break at a device of this vendor.
    pub fn of(vendor: Vendor) -> &'static [Incident] {
        match vendor {
            Vendor::Ios => &[Incident::Link, Incident::Bgp, Incident::Power],
            Vendor::Eos | Vendor::Junos => &[Incident::Link, Incident::Bgp],
            Vendor::Asa | Vendor::PanOs => &[Incident::HighAvailability],
            Vendor::F5 => &[Incident::Pool],
            Vendor::App => &[Incident::Application],
        }
    }
}

fn format(time: Timestamp, pattern: &str) -> String {
    jiff::Timestamp::from_microsecond(time.as_micros())
        .ok()
        .and_then(|time| strtime::format(pattern, time).ok())
        .unwrap_or_default()
}

/// A line in the layout of its vendor; `mnemonic` is Cisco's `FAC-SEV-NAME`, Junos's tag or
/// F5's and PAN-OS's own head.
fn line(
    device: &Device,
    pri: u16,
    mnemonic: &str,
    text: &str,
    now: Timestamp,
    seq: u64,
) -> Vec<u8> {
    let host = &device.host;
    let bsd = format(now, "%b %e %H:%M:%S");
    match device.vendor {
        Vendor::Ios => {
            let time = format(now, "%b %e %H:%M:%S%.3f");
            format!("<{pri}>{seq}: {host}: {time}: %{mnemonic}: {text}")
        }
        Vendor::Asa => format!("<{pri}>{bsd} {host} : %ASA-{mnemonic}: {text}"),
        Vendor::Junos => {
            let time = format(now, "%Y-%m-%dT%H:%M:%S%.3fZ");
            format!("<{pri}>1 {time} {host} {text}")
        }
        Vendor::Eos => format!("<{pri}>{bsd} {host} Ebra: %{mnemonic}: {text}"),
        Vendor::F5 => format!("<{pri}>{bsd} {host} notice mcpd[7242]: {mnemonic}: {text}"),
        Vendor::PanOs => {
            let time = format(now, "%Y/%m/%d %H:%M:%S");
            format!("<{pri}>{bsd} {host} 1,{time},012801000001,{mnemonic},0,2305,{time},,{text}")
        }
        Vendor::App => {
            let message = json!({
                "timestamp": format(now, "%Y-%m-%dT%H:%M:%SZ"), "hostname": host,
                "message": text, "syslog_severity": pri & 7, "source": mnemonic,
                "correlation_id": format!("{host}-{seq}"),
            });
            message.to_string()
        }
    }
    .into_bytes()
}

fn address(rng: &mut SmallRng) -> String {
    let net = rng.random_range(0..64u8);
    format!("198.51.{}.{}", 100 + net % 4, rng.random_range(1..255u8))
}

/// A line that nobody has to act on; some of them shout.
pub fn noise(device: &Device, now: Timestamp, seq: u64, rng: &mut SmallRng) -> Vec<u8> {
    let (a, b) = (address(rng), address(rng));
    let port = rng.random_range(1_024..65_000u16);
    let dice = rng.random_range(0..10u8);
    let (pri, mnemonic, text) = match (device.vendor, dice) {
        (Vendor::Ios, 0) => {
            (189, "SYS-5-CONFIG_I", format!("Configured from console by admin on vty0 ({a})"))
        }
        (Vendor::Ios, 1) => (
            186,
            "PLATFORM-2-PF_WARN",
            "Environmental polling took longer than expected".to_owned(),
        ),
        (Vendor::Ios, 2) => (
            189,
            "SEC_LOGIN-5-LOGIN_SUCCESS",
            format!("Login Success [user: ops] [Source: {a}] [localport: 22]"),
        ),
        (Vendor::Ios, _) => (
            190,
            "SEC-6-IPACCESSLOGP",
            format!("list 101 denied tcp {a}({port}) -> {b}(445), 1 packet"),
        ),
        (Vendor::Asa, 0..=3) => (
            162,
            "2-106001",
            format!(
                "Inbound TCP connection denied from {a}/{port} to {b}/23 flags SYN on interface outside"
            ),
        ),
        (Vendor::Asa, 4) => (
            161,
            "1-106021",
            format!("Deny TCP reverse path check from {a} to {b} on interface inside"),
        ),
        (Vendor::Asa, _) => (
            166,
            "6-302013",
            format!(
                "Built outbound TCP connection {seq} for outside:{a}/443 ({a}/443) to inside:{b}/{port} ({b}/{port})"
            ),
        ),
        (Vendor::Junos, 0..=2) => (
            38,
            "",
            format!(
                "sshd {port} SSHD_LOGIN_FAILED [junos@2636.1.1.1.2.29 username=\"root\" source-address=\"{a}\"] Login failed for user 'root' from host '{a}'"
            ),
        ),
        (Vendor::Junos, _) => (
            14,
            "",
            format!(
                "mgd {port} UI_CMDLINE_READ_LINE [junos@2636.1.1.1.2.29 username=\"ops\" command=\"show interfaces terse\"] User 'ops', command 'show interfaces terse'"
            ),
        ),
        (Vendor::Eos, 0..=1) => {
            (189, "SYS-5-CONFIG_I", format!("Configured from console by admin on vty4 ({a})"))
        }
        (Vendor::Eos, _) => (190, "SECURITY-6-SSH_LOGIN", format!("User ops logged in from {a}")),
        (Vendor::F5, _) => (
            134,
            "01220001:6",
            format!("TCL rule /Common/log <HTTP_REQUEST> - {a}:{port} GET /health"),
        ),
        (Vendor::PanOs, 0) => (
            10,
            "THREAT,url",
            format!("{a},{b},,,allow-web,,,web-browsing,vsys1,critical,block-url"),
        ),
        (Vendor::PanOs, _) => (
            14,
            "TRAFFIC,end",
            format!(
                "{a},{b},0.0.0.0,0.0.0.0,allow-web,,,ssl,vsys1,trust,untrust,{port},443,tcp,allow"
            ),
        ),
        (Vendor::App, _) => (14, "billing", format!("request {port} served in {dice} ms for {a}")),
    };
    line(device, pri, mnemonic, &text, now, seq)
}

/// What an incident says when it begins, and when it is over.
pub fn incident(
    device: &Device,
    incident: Incident,
    over: bool,
    detail: u16,
    now: Timestamp,
    seq: u64,
) -> Vec<u8> {
    let state = if over { "up" } else { "down" };
    let peer = format!("203.0.113.{detail}");
    let interface = format!("GigabitEthernet0/{detail}");
    let (pri, mnemonic, text) = match (device.vendor, incident) {
        (Vendor::Ios, Incident::Link) => {
            (187, "LINK-3-UPDOWN", format!("Interface {interface}, changed state to {state}"))
        }
        (Vendor::Eos, Incident::Link) => (
            188,
            "LINEPROTO-5-UPDOWN",
            format!("Line protocol on Interface Ethernet{detail}, changed state to {state}"),
        ),
        (Vendor::Junos, Incident::Link) => {
            let tag = if over { "SNMP_TRAP_LINK_UP" } else { "SNMP_TRAP_LINK_DOWN" };
            let oper = if over { 1 } else { 2 };
            (
                28,
                "",
                format!(
                    "mib2d 4321 {tag} [junos@2636.1.1.1.2.29 snmp-interface-index=\"{detail}\" admin-status=\"up(1)\" operational-status=\"{state}({oper})\" interface-name=\"ge-0/0/{detail}\"] ifIndex {detail}, ifAdminStatus up(1), ifOperStatus {state}({oper}), ifName ge-0/0/{detail}"
                ),
            )
        }
        (Vendor::Junos, _) => {
            let (from, to) =
                if over { ("OpenConfirm", "Established") } else { ("Established", "Idle") };
            (
                28,
                "",
                format!(
                    "rpd 2112 RPD_BGP_NEIGHBOR_STATE_CHANGED [junos@2636.1.1.1.2.29 peer-name=\"{peer}\" old-state=\"{from}\" new-state=\"{to}\"] BGP peer {peer} (External AS 64512) changed state from {from} to {to} (event HoldTime)"
                ),
            )
        }
        (_, Incident::Bgp) => (
            189,
            "BGP-5-ADJCHANGE",
            format!("neighbor {peer} {}", if over { "Up" } else { "Down BGP Notification sent" }),
        ),
        (_, Incident::Power) if over => (
            189,
            "PLATFORM-5-PS_OK",
            format!("Power supply {} is operating normally", detail % 2 + 1),
        ),
        (_, Incident::Power) => (
            186,
            "PLATFORM-2-PS_FAIL",
            format!("Power supply {} failed or shut down", detail % 2 + 1),
        ),
        (Vendor::Asa, _) if over => (
            163,
            "1-104002",
            "(Primary) Switching to STANDBY - Other unit reports healthy".to_owned(),
        ),
        (Vendor::Asa, _) => (
            161,
            "1-104001",
            "(Secondary) Switching to ACTIVE - HELLO not heard from mate.".to_owned(),
        ),
        (Vendor::PanOs, _) => {
            let (level, from, to) = if over {
                ("high", "Non-Functional", "Passive")
            } else {
                ("critical", "Active", "Non-Functional")
            };
            let event = format!(
                "state-change,,0,0,ha,{level},\"HA Group 1: Moved from state {from} to state {to}\""
            );
            (12, "SYSTEM,ha", event)
        }
        (Vendor::F5, _) => (
            133,
            if over { "01070727:5" } else { "01070638:5" },
            format!(
                "Pool /Common/web_pool member /Common/10.1.1.{detail}:443 monitor status {state}. [ /Common/https: {state} ]"
            ),
        ),
        (_, _) => (
            11,
            "billing",
            if over {
                "database connection restored".to_owned()
            } else {
                "database connection lost: timeout after 5000 ms".to_owned()
            },
        ),
    };
    line(device, pri, mnemonic, &text, now, seq)
}

#[cfg(test)]
mod tests {
    use mutt_event::{Envelope, Event, Input, Kind, MessageId, Parser, ParserConfig};
    use mutt_rules::{Environment, Format, RuleSet, Scratch, Verdict, parse_rules};
    use rand::SeedableRng;

    use super::*;

    fn device(vendor: Vendor) -> Device {
        Device { host: "dev1-ams".to_owned(), vendor, address: [192, 0, 2, 1] }
    }

    fn rules() -> RuleSet {
        RuleSet::compile(parse_rules(&super::super::rules(), Format::Toml).unwrap()).unwrap().0
    }

    fn judge(rules: &RuleSet, vendor: Vendor, raw: &[u8], read: impl FnOnce(&Event<'_>, &Verdict)) {
        let received = Timestamp::from_millis(1_795_000_000_000);
        let envelope = Envelope {
            input: Input::SyslogTcp,
            kind: if vendor == Vendor::App { Kind::Json } else { Kind::Syslog },
            flags: mutt_event::Flags::default(),
            received,
            session: 0,
            peer: None,
            host: "dev1-ams",
            dedup: None,
            usm: None,
            raw,
        };
        let id = MessageId { appended: received, partition: 0, position: 1 };
        let event = Parser::new(ParserConfig::default()).parse(id, &envelope);
        let verdict = rules.judge(&event, Environment::Prod, &mut Scratch::default());
        read(&event, &verdict);
    }

    const VENDORS: [Vendor; 7] = [
        Vendor::Ios,
        Vendor::Asa,
        Vendor::Junos,
        Vendor::Eos,
        Vendor::F5,
        Vendor::PanOs,
        Vendor::App,
    ];

    #[test]
    fn each_incident_is_told_and_most_are_cleared() {
        let now = Timestamp::from_millis(1_795_000_000_000);
        let rules = rules();
        for vendor in VENDORS {
            for kind in Incident::of(vendor) {
                let line = |over| incident(&device(vendor), *kind, over, 7, now, 99);
                judge(&rules, vendor, &line(false), |event, verdict| {
                    let owner = verdict.owner.as_ref();
                    assert!(owner.is_some_and(|owner| owner.handling.tells()), "{event:?}");
                });
                let for_good = vendor == Vendor::Asa;
                judge(&rules, vendor, &line(true), |event, verdict| {
                    assert_eq!(verdict.clears.is_empty(), for_good, "{event:?}");
                });
            }
        }
    }

    #[test]
    fn no_noise_is_told() {
        let now = Timestamp::from_millis(1_795_000_000_000);
        let mut rng = SmallRng::seed_from_u64(3);
        let rules = rules();
        for vendor in VENDORS {
            for seq in 0..40 {
                let line = noise(&device(vendor), now, seq, &mut rng);
                judge(&rules, vendor, &line, |event, verdict| {
                    let told = verdict.owner.as_ref().is_some_and(|owner| owner.handling.tells());
                    assert!(!told, "{event:?}");
                });
            }
        }
    }
}
