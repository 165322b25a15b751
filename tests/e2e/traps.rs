//! Traps of a real snmptrap: whose they are, what ends them, and what is not sent on.

use mutt_output::standin::{Door, Told};

use crate::common::mutt::Mutt;
use crate::common::receivers::Receivers;
use crate::common::{folder, tools, wait};

const RULES: &str = r#"
[[rules]]
id = "link-down"
priority = 10
team = "net"
handling = "page_and_ticket"
severity = "major"
key = "{varbind.1.3.6.1.2.1.2.2.1.1}"
when.trap_oid.equals = "1.3.6.1.6.3.1.1.5.3"
clear.trap_oid.equals = "1.3.6.1.6.3.1.1.5.4"

[[rules]]
id = "cisco-config"
priority = 20
team = "net"
handling = "email_only"
when.trap_oid.oid_prefix = "1.3.6.1.4.1.9.9.43"
"#;

const LINK_DOWN: &str = "1.3.6.1.6.3.1.1.5.3";
const LINK_UP: &str = "1.3.6.1.6.3.1.1.5.4";
const IF_INDEX_3: [&str; 3] = ["1.3.6.1.2.1.2.2.1.1.3", "i", "3"];
const IF_INDEX_30: [&str; 3] = ["1.3.6.1.2.1.2.2.1.1.30", "i", "30"];
const TRAP_ADDRESS: &str = "1.3.6.1.6.3.18.1.3.0";
/// NetIM's own traps stand below OPNET's number.
const NETIM: &str = "1.3.6.1.4.1.21359.2.1.491.0.2";

struct Way {
    receivers: Receivers,
    mutt: Mutt,
    folder: tempfile::TempDir,
}

impl Way {
    fn start(root: &str) -> Self {
        let folder = folder();
        let receivers = Receivers::start();
        let more = format!("{root}\n{}", receivers.config(Door::Tcp));
        let mut mutt = Mutt::configured(folder.path(), RULES, &more);
        mutt.start();
        Self { receivers, mutt, folder }
    }

    /// Runs snmptrap with the version's arguments; answers whether it was content.
    fn snmptrap(&self, version: &[&str], args: &[&str]) -> bool {
        let agent = self.mutt.doors.snmp.to_string();
        let mut command = tools::snmptrap(self.folder.path());
        let output = command.args(version).arg(agent).args(args).output().expect("snmptrap");
        output.status.success()
    }

    fn v2c(&self, args: &[&str]) {
        assert!(self.snmptrap(&["-v2c", "-c", "public"], args), "{args:?}");
    }

    fn v1(&self, args: &[&str]) {
        assert!(self.snmptrap(&["-v1", "-c", "public"], args), "{args:?}");
    }

    fn told(&self, count: usize) -> Vec<Told> {
        wait::until(&format!("{count} notices at Moogsoft"), || {
            let told = self.receivers.moogsoft.told();
            if told.len() >= count { Ok(told) } else { Err(format!("{told:?}")) }
        })
    }

    fn refused(&self, reason: &str) -> f64 {
        let labels = ["input=\"snmp\"", &format!("reason=\"{reason}\"")];
        self.mutt.metric("mutt_input_refused_total", &labels)
    }

    fn of_trap_archive(&self, outcome: &str) -> f64 {
        let labels = ["reader=\"archive/trap\"", &format!("outcome=\"{outcome}\"")];
        self.mutt.metric("mutt_ledger_messages_total", &labels)
    }
}

fn stages(told: &[Told]) -> Vec<(&str, &str, u8)> {
    told.iter().map(|told| (told.signature.as_str(), told.kind.as_str(), told.severity)).collect()
}

#[test]
fn v2c_link_down_is_the_proxied_devices_and_link_up_clears_it() {
    let way = Way::start("");
    let address = [TRAP_ADDRESS, "a", "192.0.2.9"];
    way.v2c(&[&["777", LINK_DOWN], &IF_INDEX_3[..], &address].concat());
    way.v2c(&[&["778", LINK_DOWN], &IF_INDEX_30[..], &address].concat());
    way.v2c(&[&["779", LINK_DOWN], &IF_INDEX_3[..], &address].concat());
    way.v2c(&[&["780", LINK_UP], &IF_INDEX_3[..], &address].concat());
    let told = way.told(3);
    let expected = [
        ("192.0.2.9::link-down::3", "open", 4),
        ("192.0.2.9::link-down::30", "open", 4),
        ("192.0.2.9::link-down::3", "clear", 0),
    ];
    assert_eq!(stages(&told), expected);
    assert_eq!(told[0].source, "192.0.2.9");
}

#[test]
fn v1_link_down_is_the_agents_and_link_up_clears_it() {
    let way = Way::start("");
    let agent = ["1.3.6.1.4.1.9.1.1", "192.0.2.7"];
    // Generic traps 2 and 3 are linkDown and linkUp (RFC 3584 section 3.1).
    way.v1(&[&agent[..], &["2", "0", "777"], &IF_INDEX_3].concat());
    way.v1(&[&agent[..], &["3", "0", "778"], &IF_INDEX_3].concat());
    // Enterprise-specific: the OID is enterprise.0.specific.
    way.v1(&["1.3.6.1.4.1.9.9.43.2", "192.0.2.8", "6", "1", "779"]);
    let told = way.told(3);
    let expected =
        [("192.0.2.7::link-down::3", "open", 4), ("192.0.2.7::link-down::3", "clear", 0)];
    assert_eq!(stages(&told)[..2], expected);
    assert_eq!((told[2].source.as_str(), told[2].kind.as_str()), ("192.0.2.8", "open"));
}

#[test]
fn v1_and_v2c_of_one_device_are_one_alert() {
    let way = Way::start("");
    way.v1(&[&["1.3.6.1.4.1.9.1.1", "192.0.2.7", "2", "0", "777"], &IF_INDEX_3[..]].concat());
    let address = [TRAP_ADDRESS, "a", "192.0.2.7"];
    way.v2c(&[&["778", LINK_UP], &IF_INDEX_3[..], &address].concat());
    let expected =
        [("192.0.2.7::link-down::3", "open", 4), ("192.0.2.7::link-down::3", "clear", 0)];
    assert_eq!(stages(&way.told(2)), expected);
}

#[test]
fn netims_own_traps_are_not_sent_back_to_it() {
    let way = Way::start("");
    way.v2c(&["1", NETIM, "1.3.6.1.4.1.21359.1", "s", "device down"]);
    way.v1(&["1.3.6.1.4.1.21359.2.1", "192.0.2.1", "6", "491", "2"]);
    // Its number is a whole part of the OID, not the beginning of a longer one.
    way.v2c(&["3", "1.3.6.1.4.1.213590.1"]);
    let address = [TRAP_ADDRESS, "a", "192.0.2.9"];
    way.v2c(&[&["4", LINK_DOWN], &IF_INDEX_3[..], &address].concat());
    let archived = way.receivers.archived(Door::Trap, 2);
    assert_eq!(archived.len(), 2, "those after NetIM's own are there, and they are not");
    wait::until_true("the ledger to show them", || {
        way.of_trap_archive("withheld") == 2.0 && way.of_trap_archive("unconfirmed") == 2.0
    });
    assert_eq!(way.mutt.ledger()["balanced"], true);
    assert_eq!(stages(&way.told(1)), [("192.0.2.9::link-down::3", "open", 4)]);
}

#[test]
fn only_known_communities_are_taken() {
    let way = Way::start("input.snmp.communities = [\"s3cret\", \"other\"]");
    let address = [TRAP_ADDRESS, "a", "192.0.2.9"];
    let trap = [&["777", LINK_DOWN], &IF_INDEX_3[..], &address].concat();
    assert!(way.snmptrap(&["-v2c", "-c", "public"], &trap), "a trap is never answered");
    let inform = ["-Ci", "-r", "0", "-t", "1"];
    let with = |community: &str| {
        way.snmptrap(&[&["-v2c"], &inform[..], &["-c", community]].concat(), &trap)
    };
    assert!(!with("S3CRET"), "an inform that is refused is not answered");
    wait::until_true("both refusals to be counted", || way.refused("community") == 2.0);
    assert!(with("s3cret"), "an inform that is taken is answered");
    assert!(way.snmptrap(&["-v1", "-c", "other"], &["", "192.0.2.7", "2", "0", "1"]));
    assert_eq!(way.receivers.archived(Door::Trap, 2).len(), 2);
    let labels = ["input=\"snmp\""];
    assert_eq!(way.mutt.metric("mutt_input_received_total", &labels), 4.0);
    assert_eq!(way.mutt.metric("mutt_input_stored_total", &labels), 2.0);
}
